//! What a terminal would have shown, state after state: a carriage return begins a new state of the same line.

/// One state of one line, without colours and cursor movements.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// Lines below the first of a group of bars: the cursor went up so many after writing it.
    pub depth: u32,
    /// It was ended by a line feed or a carriage return; the last of a text may still be written.
    pub is_ended: bool,
}

/// The states in a text, oldest first; blank ones are left out.
pub fn lines(bytes: &[u8]) -> Vec<Line> {
    let text = String::from_utf8_lossy(bytes);
    let (mut found, mut now, mut depth) = (Vec::new(), String::new(), 0);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\r' => {
                keep(&mut found, &mut now, depth, true);
                depth = 0;
            }
            '\u{1b}' => {
                let up = escape(&mut rest);
                // Up after a text: a bar below another. Up before it: the screen is drawn anew.
                if !now.trim().is_empty() {
                    depth = up.max(depth);
                }
            }
            c if c.is_control() && c != '\t' => {}
            c => now.push(c),
        }
    }
    keep(&mut found, &mut now, depth, false);
    found
}

fn keep(found: &mut Vec<Line>, now: &mut String, depth: u32, is_ended: bool) {
    let text = now.trim();
    if !text.is_empty() {
        found.push(Line { text: text.to_owned(), depth, is_ended });
    }
    now.clear();
}

/// Skips an escape sequence; how many lines it goes up.
fn escape(rest: &mut std::str::Chars) -> u32 {
    let mut ahead = rest.clone();
    match ahead.next() {
        Some('[') => {}
        // The title of a window and the like: until a bell, or the end of the text.
        Some(']') => {
            *rest = ahead;
            rest.find(|c| matches!(c, '\u{7}' | '\n' | '\r'));
            return 0;
        }
        Some(_) => {
            *rest = ahead;
            return 0;
        }
        None => return 0,
    }
    let mut number = String::new();
    for c in ahead.by_ref() {
        match c {
            '0'..='9' | ';' | '?' | ':' | ' ' if number.len() < 32 => number.push(c),
            last => {
                *rest = ahead;
                let count = number.parse().unwrap_or(1);
                return if last == 'A' { count } else { 0 };
            }
        }
    }
    *rest = ahead;
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_and_a_bar_below_another_says_how_deep_it_is() {
        let all = lines(b"\r\x1b[32mouter\x1b[0m\n\rinner\x1b[A\n\r\x1b[1Aagain\x08\x08");
        let seen: Vec<(&str, u32)> = all.iter().map(|l| (l.text.as_str(), l.depth)).collect();
        assert_eq!(seen, [("outer", 0), ("inner", 1), ("again", 0)]);
        assert!(!all[2].is_ended);
    }
}
