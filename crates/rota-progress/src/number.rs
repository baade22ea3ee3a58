//! Numbers as programs write them: `450`, `1.2k`, `45.0M`, `01:23`, `1:02:03`, `12ms`.

use crate::Steps;

/// A count with an optional SI letter: `1.2k` is 1200. Never negative, never infinite.
pub fn count(text: &str) -> Option<f64> {
    let text = text.trim();
    let last = text.chars().last()?;
    let scale = match last {
        'k' | 'K' => 1e3,
        'M' => 1e6,
        'G' => 1e9,
        'T' => 1e12,
        'P' => 1e15,
        _ => 1.0,
    };
    let digits = if scale > 1.0 { text.get(..text.len() - 1)? } else { text };
    plain(digits).map(|n| n * scale)
}

/// A number without sign: `450`, `0.45`.
pub fn plain(text: &str) -> Option<f64> {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse::<f64>().ok().filter(|n| is_number && *n < 1e18)
}

/// `450/1000`, where something is to be done and no more is done than that.
pub fn ratio(text: &str) -> Option<(f64, f64)> {
    let (done, total) = text.split_once('/')?;
    let (done, total) = (count(done)?, count(total)?);
    (total > 0.0 && done <= total).then_some((done, total))
}

/// Counts as whole numbers.
pub fn steps(done: f64, total: f64) -> Option<Steps> {
    let whole = |n: f64| format!("{n:.0}").parse::<u64>().ok();
    let steps = Steps { done: whole(done)?, total: whole(total)? };
    (steps.total >= 1 && steps.done <= steps.total).then_some(steps)
}

/// Seconds in `SS`, `MM:SS`, `H:MM:SS` or `D:HH:MM:SS`.
pub fn clock(text: &str) -> Option<f64> {
    let mut sum = 0.0;
    let parts: Vec<&str> = text.trim().split(':').collect();
    let units = [1.0, 60.0, 3600.0, 86400.0];
    for (part, unit) in parts.iter().rev().zip(units) {
        sum += plain(part)? * unit;
    }
    (2..=units.len()).contains(&parts.len()).then_some(sum)
}

/// Seconds in `12s`, `400ms`, `100us`, `3us`.
pub fn short_time(text: &str) -> Option<f64> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at_checked(split)?;
    let scale = match unit {
        "s" => 1.0,
        "ms" => 1e-3,
        "us" | "µs" => 1e-6,
        _ => return None,
    };
    plain(number).map(|n| n * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_programs_write_them() {
        assert_eq!(count("1.20k"), Some(1200.0));
        assert_eq!(count("45.0M"), Some(45e6));
        assert_eq!(ratio("450/1000"), Some((450.0, 1000.0)));
        assert_eq!(ratio("1001/1000"), None);
        assert_eq!(ratio("0/0"), None);
        assert_eq!(clock("01:23"), Some(83.0));
        assert_eq!(clock("111:06:40"), Some(400_000.0));
        assert_eq!(clock("12"), None);
        assert_eq!(short_time("400ms"), Some(0.4));
        assert_eq!(plain("-1"), None);
        assert_eq!(plain("nan"), None);
    }
}
