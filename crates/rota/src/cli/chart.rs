//! One page for a browser: no script, nothing from elsewhere, light and dark, on paper too. Names are always escaped.
//!
//! Labels are text of the page and only bars and lines are drawn, so that a narrow screen keeps its letters.

use std::fmt::Write;

const STYLE: &str = include_str!("chart.css");

/// How many colours there are.
const COLOURS: usize = 8;

/// A page in the making.
pub struct Page {
    title: String,
    body: String,
}

/// Bars of one name, one for each series.
pub struct Bars {
    /// What they are about.
    pub name: String,
    /// Their lengths, in any unit, and what is written beside each.
    pub values: Vec<(u64, String)>,
}

/// A line over time.
pub struct Line {
    /// Its values at equal distances.
    pub values: Vec<u64>,
}

/// What is written around lines.
pub struct Axes {
    /// At the top of the scale.
    pub top: String,
    /// At the bottom of the scale.
    pub bottom: String,
    /// Below, from left to right.
    pub below: Vec<String>,
}

/// Text that cannot be taken for a mark.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::text::safe(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            plain => out.push(plain),
        }
    }
    out
}

impl Page {
    /// An empty page.
    pub fn new(title: &str) -> Page {
        let body = format!("<h1>{}</h1>\n", escape(title));
        Page { title: escape(title), body }
    }

    /// A paragraph.
    pub fn text(&mut self, text: &str) {
        let _ = writeln!(self.body, "<p>{}</p>", escape(text));
    }

    /// A heading.
    pub fn heading(&mut self, text: &str) {
        let _ = writeln!(self.body, "<h2>{}</h2>", escape(text));
    }

    /// Which colour is which series.
    pub fn legend(&mut self, series: &[String]) {
        let one = |(at, name): (usize, &String)| {
            format!("<li><i class=\"k{}\"></i>{}</li>", at % COLOURS, escape(name))
        };
        let all: String = series.iter().enumerate().map(one).collect();
        let _ = writeln!(self.body, "<ul class=\"legend\">{all}</ul>");
    }

    /// Rows of cells; the first of each is its name.
    pub fn table(&mut self, header: &[String], rows: &[Vec<String>]) {
        let cells = |cells: &[String], first: &str| {
            let one = |(at, cell): (usize, &String)| {
                let mark = if at == 0 { first } else { "td" };
                format!("<{mark}>{}</{mark}>", escape(cell))
            };
            cells.iter().enumerate().map(one).collect::<String>()
        };
        let head: String = header.iter().map(|cell| format!("<th>{}</th>", escape(cell))).collect();
        let rows: String =
            rows.iter().map(|row| format!("<tr>{}</tr>\n", cells(row, "th"))).collect();
        let _ = writeln!(
            self.body,
            "<div class=\"wide\"><table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></div>"
        );
    }

    /// Bars, all on one scale.
    pub fn bars(&mut self, groups: &[Bars]) {
        let most = groups.iter().flat_map(|g| &g.values).map(|(value, _)| *value).max();
        let most = u128::from(most.unwrap_or(0).max(1));
        self.body.push_str("<div class=\"bars\">\n");
        for group in groups {
            let _ = write!(self.body, "<div class=\"name\">{}</div><div>", escape(&group.name));
            for (at, (value, said)) in group.values.iter().enumerate() {
                let width = u128::from(*value) * 1000 / most;
                let _ = write!(
                    self.body,
                    "<div class=\"bar\"><svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
                     <rect class=\"k{}\" width=\"{width}\" height=\"10\"/></svg><span>{}</span></div>",
                    at % COLOURS,
                    escape(said)
                );
            }
            self.body.push_str("</div>\n");
        }
        self.body.push_str("</div>\n");
    }

    /// Lines over time, from zero to `most`.
    pub fn lines(&mut self, most: u64, lines: &[Line], axes: &Axes) {
        let most = u128::from(most.max(1));
        let mut drawn = String::new();
        for (at, line) in lines.iter().enumerate() {
            let last = line.values.len().saturating_sub(1).max(1);
            let points = line.values.iter().enumerate().map(|(x, value)| {
                let y = 300 - (u128::from(*value) * 300 / most).min(300);
                format!("{},{y} ", x * 1000 / last)
            });
            let points: String = points.collect();
            let _ = write!(
                drawn,
                "<polyline class=\"l{}\" points=\"{}\"/>",
                at % COLOURS,
                points.trim_end()
            );
        }
        let below: String =
            axes.below.iter().map(|text| format!("<span>{}</span>", escape(text))).collect();
        let _ = writeln!(
            self.body,
            "<div class=\"plot\"><div class=\"scale\"><span>{}</span><span>{}</span></div>\
             <svg viewBox=\"0 0 1000 300\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <path class=\"grid\" d=\"M0 0H1000M0 75H1000M0 150H1000M0 225H1000M0 300H1000\"/>{drawn}</svg>\
             <div class=\"below\">{below}</div></div>",
            escape(&axes.top),
            escape(&axes.bottom)
        );
    }

    /// The whole page, in a language.
    pub fn finish(self, lang: &str) -> String {
        let Page { title, body } = self;
        document(lang, &title, "", &body)
    }
}

/// A whole document: its language, its title, what else belongs to its head, and what is on it; all of it escaped.
pub fn document(lang: &str, title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>{head}</head>\n<body><main>\n{body}</main></body></html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_marks_and_nothing_comes_from_elsewhere() {
        let evil = "<script>alert('x')</script> & \"lab\"".to_owned();
        let mut page = Page::new(&evil);
        page.text(&evil);
        page.legend(std::slice::from_ref(&evil));
        page.table(std::slice::from_ref(&evil), &[vec![evil.clone()]]);
        page.bars(&[Bars { name: evil.clone(), values: vec![(3, evil.clone())] }]);
        let axes = Axes { top: evil.clone(), bottom: evil.clone(), below: vec![evil] };
        page.lines(3, &[Line { values: vec![1, 2, 3] }], &axes);
        let text = page.finish("en");
        assert!(!text.contains("<script") && text.contains("&lt;script&gt;"), "{text}");
        for outside in ["http:", "https:", "src=", "href=", "url(", "@import"] {
            assert!(!text.contains(outside), "{outside}");
        }
    }
}
