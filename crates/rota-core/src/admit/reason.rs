//! Reasons in a person's words, which others read.

/// The longest reason, in bytes.
pub(super) const LONGEST: usize = 300;

/// A reason, if it is one line of a decent length.
pub(super) fn reason(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_good = !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
    is_good.then_some(text)
}
