//! A page of text that is opened over the board: help, the GPUs, or all about a job.

use crate::board::seen::Seen;
use crate::cli::{gpus, jobs};
use crate::sheet;
use crate::text::tr;
use ratatui::layout::Size;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What is open, and its first line that is shown.
pub struct Page {
    /// What.
    pub what: What,
    /// The first line.
    pub top: usize,
}

/// What a page is about.
pub enum What {
    /// The keys.
    Help,
    /// What `rota gpus` says.
    Gpus,
    /// What `rota show` says of a job.
    Job(String),
}

impl What {
    /// Its lines, on a terminal of so many columns; one stays free on each side.
    pub fn lines(&self, seen: &Seen, columns: u16) -> Vec<String> {
        let inner = columns.saturating_sub(2);
        let text = sheet::on_sheet(inner, || self.text(seen));
        text.lines().flat_map(|line| folded(line, usize::from(inner))).collect()
    }

    fn text(&self, seen: &Seen) -> String {
        match self {
            What::Help => tr!("top-help"),
            What::Gpus => gpus::text(&seen.gpus),
            What::Job(line) => match seen.opened.as_ref().filter(|opened| opened.line == *line) {
                Some(opened) => jobs::about(&opened.detail, opened.why.as_ref()),
                None => tr!("top-asking", job = line),
            },
        }
    }
}

/// Lines of a page that are shown: above it are two and a blank, below it the keys.
pub fn room(size: Size) -> usize {
    usize::from(size.height.saturating_sub(4))
}

/// A line on as many as it needs; what goes on begins below its text.
fn folded(line: &str, columns: usize) -> Vec<String> {
    const BELOW: &str = "    ";
    if line.width() <= columns || columns <= 2 * BELOW.len() {
        return vec![line.to_owned()];
    }
    let (mut lines, mut current) = (Vec::new(), String::new());
    let mut used = 0;
    for c in line.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > columns {
            // At a blank, if the second half of the line has one.
            let blank = current.rfind(' ').filter(|at| at * 2 > current.len());
            let rest = blank.map_or_else(String::new, |at| current.split_off(at + 1));
            lines.push(current.trim_end().to_owned());
            current = BELOW.to_owned() + &rest;
            used = current.width();
        }
        current.push(c);
        used += wide;
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn what_is_too_long_goes_on_below_at_a_blank_or_where_it_must() {
        assert_eq!(folded("short", 20), ["short"]);
        assert_eq!(
            folded("command     python train.py", 20),
            ["command     python", "    train.py"]
        );
        assert_eq!(folded("/a/path/without/any/blank", 20), ["/a/path/without/any/", "    blank"]);
        assert_eq!(folded("한글은 두 칸을 차지합니다", 20), ["한글은 두 칸을", "    차지합니다"]);
    }
}
