//! Single values, and what was meant by those that cannot be read.

use crate::near::nearest;
use rota_core::policy::who::Who;
use rota_core::units::Span;
use toml::de::DeValue;

/// What other programs call a key.
pub(crate) fn other_word(key: &str, known: &[&'static str]) -> Option<&'static str> {
    let ours = match key.to_ascii_lowercase().as_str() {
        "weight" | "shares" | "fairshare" => "share",
        "priority" => "rank",
        "walltime" | "time" | "timelimit" => "max_time",
        "half_life" | "decay" => "memory",
        "timezone" | "tz" => "zone",
        "lab" | "group" | "user" | "account" | "person" => "who",
        "partition" | "queue" => "pool",
        "length" | "quantum" | "timeslice" => "slice",
        "hosts" | "machines" => "nodes",
        "hours" => "gpu_hours",
        "reason" => "why",
        _ => return None,
    };
    known.contains(&ours).then_some(ours)
}

/// `4 hours` → `4h`.
pub(crate) fn meant_time(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text[number.len()..].trim();
    let unit = ["seconds", "minutes", "hours", "days", "weeks"]
        .iter()
        .find(|u| !unit.is_empty() && u.starts_with(unit) || *unit == u[..u.len() - 1])?;
    let meant = format!("{number}{}", &unit[..1]);
    Span::parse(&meant).ok().map(|_| format!("\"{meant}\""))
}

/// `kim` → `lab/kim`, `labs/kim` → `lab/kim`, `each users` → `each person`.
pub(crate) fn meant_who(text: &str, words: &[&str]) -> Option<String> {
    let quoted = |t: &str| Some(format!("\"{t}\""));
    let level = text.strip_prefix("each ").filter(|_| words.len() > 2);
    match level.map(|level| level.trim_end_matches('s')) {
        Some("user" | "people" | "member" | "person" | "student") => return quoted("each person"),
        Some("group" | "team" | "lab") => return quoted("each lab"),
        Some("project" | "grant") => return quoted("each grant"),
        _ => {}
    }
    if let Some(word) = nearest(text, words.iter().copied()) {
        return quoted(word);
    }
    let meant = match text.split_once('/') {
        None => format!("lab/{text}"),
        Some((kind, rest)) => format!("{}/{rest}", nearest(kind, ["lab", "class", "person"])?),
    };
    Who::parse(&meant).filter(|_| !text.contains(' ')).and_then(|_| quoted(&meant))
}

/// A whole number.
pub(crate) fn whole(value: &DeValue) -> Option<u32> {
    let number = value.as_integer().filter(|n| n.radix() == 10)?;
    number.as_str().trim_start_matches('+').parse().ok()
}

/// A number as it is written.
pub(crate) fn number<'v>(value: &'v DeValue) -> Option<&'v str> {
    let text = match value {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        _ => return None,
    };
    Some(text.trim_start_matches('+'))
}

pub(crate) fn large(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str| {
        (!t.is_empty() && t.len() <= 12 && t.bytes().all(|b| b.is_ascii_digit())).then_some(())
    };
    digits(whole).and(digits(part))?;
    let scale = [1000, 100, 10, 1].get(part.len())?;
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(part.parse::<u64>().ok()? * scale)
}
