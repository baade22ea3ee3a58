//! Days and hours: `Tue,Thu 13:00-16:00`, `daily 22:00-08:00`, `Mon-Fri`, `weekend`.

use rota_core::calendar::Weekly;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const KOREAN: [&str; 7] = ["월", "화", "수", "목", "금", "토", "일"];

/// Reads days, hours, or both.
///
/// ```
/// use rota_policy::when::{read, write};
/// let night = read("daily 22:00-08:00").unwrap();
/// assert_eq!((night.days, night.from, night.to), ([true; 7], 22 * 60, 8 * 60));
/// assert_eq!(write(&read("Mon-Fri 09:00-18:00").unwrap()), "Mon-Fri 09:00-18:00");
/// assert!(read("Tue 25:00-26:00").is_none());
/// ```
pub fn read(text: &str) -> Option<Weekly> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let (days, (from, to)) = match parts.as_slice() {
        [hours] if hours.contains(':') => ([true; 7], read_hours(hours)?),
        [days] => (read_days(days)?, (0, 0)),
        [days, hours] => (read_days(days)?, read_hours(hours)?),
        _ => return None,
    };
    Some(Weekly { days, from, to })
}

fn read_days(text: &str) -> Option<[bool; 7]> {
    let mut days = [false; 7];
    for part in text.split(',') {
        let (from, to) = match part.to_ascii_lowercase().as_str() {
            "daily" | "매일" => (0, 6),
            "weekdays" | "평일" => (0, 4),
            "weekend" | "주말" => (5, 6),
            _ => {
                let (from, to) = part.split_once('-').unwrap_or((part, part));
                (day(from)?, day(to)?)
            }
        };
        // Fri-Mon goes on over Sunday.
        let length = (to + 7 - from) % 7;
        (0..=length).for_each(|n| days[(from + n) % 7] = true);
    }
    Some(days)
}

fn day(text: &str) -> Option<usize> {
    let english = DAYS.iter().position(|d| {
        let full = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        text.eq_ignore_ascii_case(d)
            || full.iter().any(|f| f.starts_with(d) && text.eq_ignore_ascii_case(f))
    });
    english
        .or_else(|| KOREAN.iter().position(|d| text == *d || text.strip_suffix("요일") == Some(d)))
}

/// Minutes of the day: `24:00` is the end of it.
fn read_hours(text: &str) -> Option<(u32, u32)> {
    let (from, to) = text.split_once('-')?;
    let minute = |t: &str| {
        let (hour, minute) = t.split_once(':')?;
        let number =
            |t: &str| t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse().ok()).flatten();
        let (hour, minute): (u32, u32) = (number(hour)?, number(minute)?);
        (minute < 60 && hour * 60 + minute <= 24 * 60 && hour <= 24).then_some(hour * 60 + minute)
    };
    let (from, to) = (minute(from)?, minute(to)? % (24 * 60));
    (from < 24 * 60).then_some((from, to))
}

/// Writes what [`read`] reads.
pub fn write(weekly: &Weekly) -> String {
    let days = write_days(&weekly.days);
    if (weekly.from, weekly.to) == (0, 0) {
        return days;
    }
    let hour = |m: u32| format!("{:02}:{:02}", m / 60, m % 60);
    format!("{days} {}-{}", hour(weekly.from), hour(weekly.to))
}

fn write_days(days: &[bool; 7]) -> String {
    if days == &[true; 7] {
        return "daily".into();
    }
    let (mut parts, mut at) = (Vec::new(), 0);
    while at < 7 {
        let length = days[at..].iter().take_while(|on| **on).count();
        match length {
            0 => {}
            1 => parts.push(DAYS[at].to_owned()),
            2 => parts.push(format!("{},{}", DAYS[at], DAYS[at + 1])),
            _ => parts.push(format!("{}-{}", DAYS[at], DAYS[at + length - 1])),
        }
        at += length.max(1);
    }
    parts.join(",")
}
