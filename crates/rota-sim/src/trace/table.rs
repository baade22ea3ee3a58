//! Rows under a heading that names the columns, in whatever order.

use super::moment::{moment, seconds};
use super::{Trace, TraceJob, Why};
use rota_core::calendar::Zone;
use rota_core::units::{Span, Time};
use std::io::{BufRead, Read};

/// The longest line, in bytes.
const LONGEST: u64 = 1 << 20;

/// Lines of bytes that may not all be text: what is not is replaced.
pub(super) struct Lines<'r> {
    input: &'r mut dyn BufRead,
    number: u64,
    bytes: Vec<u8>,
}

impl<'r> Lines<'r> {
    pub fn new(input: &'r mut dyn BufRead) -> Lines<'r> {
        Lines { input, number: 0, bytes: Vec::new() }
    }

    /// Number and text of the next line that is not blank; too long ones are passed over.
    pub fn next(&mut self) -> std::io::Result<Option<(u64, Result<String, Why>)>> {
        loop {
            self.bytes.clear();
            let mut part = (&mut *self.input).take(LONGEST);
            if part.read_until(b'\n', &mut self.bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if !self.bytes.ends_with(b"\n") && self.bytes.len() as u64 >= LONGEST {
                skip_line(self.input)?;
                return Ok(Some((self.number, Err(Why::TooLong))));
            }
            let text = String::from_utf8_lossy(&self.bytes);
            let text = text.trim_end_matches(['\r', '\n']).trim_start_matches('\u{feff}');
            if !text.trim().is_empty() {
                return Ok(Some((self.number, Ok(text.to_owned()))));
            }
        }
    }
}

fn skip_line(input: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let known = input.fill_buf()?;
        let (len, end) = match known.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (known.len(), known.is_empty()),
        };
        input.consume(len);
        if end {
            return Ok(());
        }
    }
}

/// A row and the names of its columns.
pub(super) struct Row<'t> {
    names: &'t [String],
    fields: Vec<String>,
}

impl<'t> Row<'t> {
    pub fn new(names: &'t [String], fields: Vec<String>) -> Row<'t> {
        Row { names, fields }
    }

    /// The first of these columns that is there and says something.
    pub fn text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let at = self.names.iter().position(|n| n.eq_ignore_ascii_case(name))?;
            let field = self.fields.get(at)?.trim();
            let says = !matches!(field, "" | "None" | "Unknown" | "NULL" | "null" | "nan" | "NaN");
            says.then_some(field)
        })
    }

    /// The same as owned text; empty where there is none.
    pub fn word(&self, names: &[&str]) -> String {
        self.text(names).unwrap_or_default().to_owned()
    }

    /// A column that must be there.
    pub fn needed(&self, field: &'static str, names: &[&str]) -> Result<&str, Why> {
        self.text(names).ok_or(Why::Missing(field))
    }

    /// A whole number; a fraction of zero may follow.
    pub fn count(&self, field: &'static str, names: &[&str]) -> Result<u32, Why> {
        let text = self.needed(field, names)?;
        let whole = text.split_once('.').filter(|(_, part)| part.bytes().all(|b| b == b'0'));
        whole.map_or(text, |(n, _)| n).parse().map_err(|_| Why::Unreadable(field))
    }

    /// A moment that must be there.
    pub fn moment(&self, field: &'static str, names: &[&str], zone: &Zone) -> Result<Time, Why> {
        moment(self.needed(field, names)?, zone).ok_or(Why::Unreadable(field))
    }

    /// A length of time in seconds, if it is there.
    pub fn seconds(&self, field: &'static str, names: &[&str]) -> Result<Option<Span>, Why> {
        let read = |text| seconds(text).ok_or(Why::Unreadable(field));
        self.text(names).map(read).transpose()
    }
}

/// Fields between commas; in quotes, commas belong to the field and two quotes are one.
pub fn fields(line: &str) -> Vec<String> {
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    all.push(field);
    all
}

/// Reads all rows of comma-separated values under a heading.
pub(super) fn read(
    input: &mut dyn BufRead,
    job: &dyn Fn(&Row) -> Result<TraceJob, Why>,
) -> std::io::Result<Trace> {
    let (mut trace, mut lines) = (Trace::default(), Lines::new(input));
    let mut names: Option<Vec<String>> = None;
    while let Some((number, line)) = lines.next()? {
        let Ok(line) = line else {
            trace.left_out.push((number, Why::TooLong));
            continue;
        };
        let found = fields(&line);
        let Some(names) = &names else {
            names = Some(found.into_iter().map(|name| name.trim().to_owned()).collect());
            continue;
        };
        let same = found.len() == names.len();
        let read = if same { job(&Row::new(names, found)) } else { Err(Why::Fields) };
        trace.keep(number, read);
    }
    Ok(trace)
}
