//! Plain tables: one line a row, as wide as the terminal, in columns as wide as what they show (Hangul counts double).

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A column: its heading, and how far it may shrink on a narrow terminal.
pub struct Column {
    pub head: String,
    pub least: usize,
    pub right: bool,
}

impl Column {
    /// A column that keeps its width.
    pub fn new(head: String) -> Column {
        Column { head, least: usize::MAX, right: false }
    }

    /// A column of numbers.
    pub fn right(head: String) -> Column {
        Column { head, least: usize::MAX, right: true }
    }

    /// A column that may be cut.
    pub fn shrinks(head: String, least: usize) -> Column {
        Column { head, least, right: false }
    }
}

/// The table; no line is wider than `width`.
pub fn render(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> String {
    let mut widths: Vec<usize> = columns.iter().map(|c| c.head.width()).collect();
    for row in rows {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = (*most).max(measure(cell));
        }
    }
    if let Some(width) = width {
        shrink(columns, &mut widths, width);
    }
    let mut out = String::with_capacity((rows.len() + 1) * 100);
    let heads: Vec<String> = columns.iter().map(|c| c.head.clone()).collect();
    for row in std::iter::once(&heads).chain(rows) {
        let from = out.len();
        line(columns, &widths, row, &mut out);
        if let Some(width) = width.filter(|w| measure(&out[from..]) > *w) {
            let cut = fit(&out[from..], width);
            out.truncate(from);
            out.push_str(&cut);
        }
        out.push('\n');
    }
    out
}

fn line(columns: &[Column], widths: &[usize], row: &[String], out: &mut String) {
    for (i, (cell, width)) in row.iter().zip(widths).enumerate() {
        if i > 0 {
            out.push_str("  ");
        }
        let used = measure(cell);
        let pad = width.saturating_sub(used);
        let right = columns.get(i).is_some_and(|c| c.right);
        if right {
            out.extend(std::iter::repeat_n(' ', pad));
        }
        if used > *width { out.push_str(&fit(cell, *width)) } else { out.push_str(cell) }
        if !right && i + 1 < row.len() {
            out.extend(std::iter::repeat_n(' ', pad));
        }
    }
    out.truncate(out.trim_end_matches(' ').len());
}

/// Takes from the widest column that may shrink until all fit or none can give more.
fn shrink(columns: &[Column], widths: &mut [usize], width: usize) {
    let gaps = 2 * columns.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > width {
        let widest = (0..widths.len())
            .filter(|i| columns.get(*i).is_some_and(|c| widths[*i] > c.least))
            .max_by_key(|i| widths[*i]);
        let Some(i) = widest else { return };
        widths[i] -= 1;
    }
}

/// Columns that a text takes.
pub fn measure(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text, cut to `width` columns with a sign that it was.
pub fn fit(text: &str, width: usize) -> String {
    if measure(text) <= width {
        return text.into();
    }
    let (mut out, mut used) = (String::new(), 1);
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn columns() -> Vec<Column> {
        vec![
            Column::new("ID".into()),
            Column::shrinks("이름".into(), 6),
            Column::shrinks("PERSON".into(), 6),
            Column::right("GPUs".into()),
        ]
    }

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 4]| cells.map(String::from).to_vec();
        vec![
            row(["12_[3-99]", "대규모언어모델학습-실험-하나", "김하늘 (vision)", "8"]),
            row(["13", "train", "lee (nlp)", "16"]),
        ]
    }

    #[test]
    fn hangul_counts_double_and_no_line_is_too_wide() {
        for width in [80, 40, 10] {
            let text = render(&columns(), &rows(), Some(width));
            assert!(text.lines().all(|l| measure(l) <= width), "{text}");
            assert_eq!(text.lines().count(), 3);
        }
    }

    #[test]
    fn columns_stay_under_their_headings() {
        let text = render(&columns(), &rows(), Some(80));
        let ends: Vec<usize> = text.lines().map(measure).collect();
        assert!(ends.windows(2).all(|w| w[0] == w[1]), "{text}");
    }

    proptest! {
        #[test]
        fn a_cut_text_fits(text in "\\PC{0,30}", width in 1usize..20) {
            prop_assert!(measure(&fit(&text, width)) <= width);
        }
    }
}
