//! What is wrong with a policy file, where, and what was probably meant.

use rota_core::policy::verify::Severity;
use serde::Serialize;
use std::borrow::Cow;
use std::ops::Range;

/// Something wrong at a place of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Whether the file can be applied nevertheless.
    pub severity: Severity,
    /// Line, from 1; 0 where it is about no line.
    pub line: usize,
    /// Character of the line, from 1.
    pub column: usize,
    /// Characters that it is about, on that line.
    pub width: usize,
    /// The key of the text in every language.
    pub code: Cow<'static, str>,
    /// Values for the text.
    pub args: Vec<(Cow<'static, str>, String)>,
    /// The text in English.
    pub message: String,
    /// What was probably meant.
    pub meant: Option<String>,
}

impl Fault {
    /// Whether it keeps the file from being applied.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// What is said of a fault.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub code: Cow<'static, str>,
    pub args: Vec<(Cow<'static, str>, String)>,
    pub message: String,
    pub meant: Option<String>,
}

impl Said {
    pub fn new<const N: usize>(
        code: &'static str,
        args: [(&'static str, String); N],
        message: impl Into<String>,
    ) -> Said {
        let args = args.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Said { code: code.into(), args, message: message.into(), meant: None }
    }

    pub fn meant(self, meant: Option<impl Into<String>>) -> Said {
        Said { meant: meant.map(Into::into), ..self }
    }
}

/// The faults found so far.
pub(crate) struct Faults<'t> {
    text: &'t str,
    all: Vec<Fault>,
}

impl<'t> Faults<'t> {
    pub fn new(text: &'t str) -> Faults<'t> {
        Faults { text, all: Vec::new() }
    }

    pub fn error(&mut self, at: &Range<usize>, said: Said) {
        self.add(Severity::Error, Some(at), said);
    }

    pub fn add(&mut self, severity: Severity, at: Option<&Range<usize>>, said: Said) {
        let (line, column, width) = at.map_or((0, 0, 0), |at| place(self.text, at));
        let Said { code, args, message, meant } = said;
        self.all.push(Fault { severity, line, column, width, code, args, message, meant });
    }

    /// What stands at a place, short enough to repeat.
    pub fn source(&self, at: &Range<usize>) -> String {
        let text = self.text.get(at.clone()).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let short: String = line.chars().take(40).collect();
        if short.len() < text.len() { format!("{short}…") } else { short }
    }

    pub fn has_errors(&self) -> bool {
        self.all.iter().any(Fault::is_error)
    }

    /// All of them, in the order of the file; those about no line last.
    pub fn in_order(mut self) -> Vec<Fault> {
        self.all.sort_by_key(|f| (f.line == 0, f.line, f.column));
        self.all
    }
}

/// Line, column and width of a place, in characters; the width ends with the line.
fn place(text: &str, at: &Range<usize>) -> (usize, usize, usize) {
    let start = (0..=at.start.min(text.len())).rev().find(|i| text.is_char_boundary(*i));
    let (before, after) = text.split_at(start.unwrap_or(0));
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    let line = before.matches('\n').count() + 1;
    let column = before[line_start..].chars().count() + 1;
    let length = at.end.saturating_sub(before.len());
    let rest = after.split(['\n', '\r']).next().unwrap_or_default();
    let width = rest.char_indices().take_while(|(i, _)| *i < length).count();
    (line, column, width.max(1))
}
