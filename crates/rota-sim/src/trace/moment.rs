//! Moments and lengths of time, as traces write them.

use rota_core::calendar::{Zone, days};
use rota_core::units::{Span, Time};

/// Seconds with a fraction, `2026-03-01 00:18:22`, the same with `T`, and with `Z` or an offset such as `+08:00`.
pub(super) fn moment(text: &str, zone: &Zone) -> Option<Time> {
    if let Some(millis) = millis(text) {
        return Some(Time(millis));
    }
    let (date, rest) = text.split_at_checked(10)?;
    let clock = rest.strip_prefix(['T', ' '])?;
    let mut parts = date.split('-').map(number);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let end = clock.find(['Z', '+', '-', ' ']).unwrap_or(clock.len());
    let (clock, offset) = clock.split_at(end);
    let days = days(i64::from(year), month, day);
    let local =
        days.checked_mul(86_400_000)?.checked_add(i64::try_from(time_of_day(clock)?).ok()?)?;
    match offset.trim() {
        "" => Some(zone.moment(local)),
        "Z" | "UTC" => u64::try_from(local).ok().map(Time),
        offset => u64::try_from(local - minutes_east(offset)? * 60_000).ok().map(Time),
    }
}

/// `00:18:22` or `00:18:22.5`, in milliseconds.
fn time_of_day(clock: &str) -> Option<u64> {
    let mut parts = clock.split(':');
    let (hour, minute, second) = (number(parts.next()?)?, number(parts.next()?)?, parts.next()?);
    let sound = hour < 24 && minute < 60 && parts.next().is_none();
    let second = millis(second).filter(|ms| *ms <= 60_999)?;
    sound.then(|| u64::from(hour) * 3_600_000 + u64::from(minute) * 60_000 + second)
}

/// `+08:00`, `+0800`, `-05`.
fn minutes_east(offset: &str) -> Option<i64> {
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { number(minutes)? };
    Some(sign * i64::from(number(hours)? * 60 + minutes))
}

fn number(text: &str) -> Option<u32> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Seconds with a fraction, in milliseconds.
pub(super) fn millis(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let plain = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(part) || whole.len() > 12 {
        return None;
    }
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<u64>().ok()? * 1000 + part.parse::<u64>().ok()?)
}

/// A length of time in seconds.
pub(super) fn seconds(text: &str) -> Option<Span> {
    millis(text).map(Span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_and_without_a_zone() {
        let seoul = Zone { name: "Asia/Seoul".into(), offsets: vec![(Time(0), 540)] };
        let at = |text: &str| moment(text, &seoul).map(|t| t.0 / 1000);
        assert_eq!(at("1970-01-02 09:00:00"), Some(86_400));
        assert_eq!(at("1970-01-02T00:00:00Z"), Some(86_400));
        assert_eq!(at("1970-01-02 08:00:00+08:00"), Some(86_400));
        assert_eq!(at("1970-01-01 19:00:00-05"), Some(86_400));
        assert_eq!(at("86400.75"), Some(86_400));
        for bad in
            ["", "None", "1970-13-01 00:00:00", "1970-01-01 25:00:00", "12:00", "한국어로 쓴 시각"]
        {
            assert_eq!(at(bad), None, "{bad}");
        }
    }
}
