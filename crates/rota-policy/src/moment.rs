//! Dates, moments and periods in the local time of the policy.

use crate::table::Edge;
use jiff::civil;
use rota_core::calendar::{Period, Zone, days};
use rota_core::units::Time;

const DAY: i64 = 24 * 3_600_000;

/// Reads `2026-12-31`, which is all of that day, `2026-12-31 18:00`, or a moment with its offset from UTC.
pub(crate) fn read(text: &str, zone: &Zone, edge: Edge) -> Option<Time> {
    let text = text.trim();
    if text.len() == 10 {
        let date: civil::Date = text.parse().ok()?;
        let next = i64::from(edge == Edge::End);
        return on_day(&date).map(|day| zone.day(day + next));
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return u64::try_from(moment.as_millisecond()).ok().map(Time);
    }
    let local: civil::DateTime = text.parse().ok()?;
    let (time, day) = (local.time(), on_day(&local.date())?);
    let seconds =
        (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    Some(zone.moment(day * DAY + seconds * 1000 + i64::from(time.millisecond())))
}

/// Days since 1970-01-01, for dates that people plan with.
fn on_day(date: &civil::Date) -> Option<i64> {
    let (month, day) = (u32::try_from(date.month()).ok()?, u32::try_from(date.day()).ok()?);
    (1971..=9000).contains(&date.year()).then(|| days(i64::from(date.year()), month, day))
}

/// Writes what [`read`] reads as the same moment.
pub(crate) fn write(at: Time, zone: &Zone, edge: Edge) -> String {
    let (day, minute) = zone.day_and_minute(at);
    let local = zone.local(at);
    let unix = civil::date(1970, 1, 1);
    let date = |day: i64| unix.checked_add(jiff::Span::new().try_days(day).ok()?).ok();
    let last = day - i64::from(edge == Edge::End);
    let text = match (minute, date(last), date(day)) {
        (0, Some(date), _) if local % DAY == 0 => date.to_string(),
        (_, _, Some(date)) if local % 60_000 == 0 => {
            format!("{date} {:02}:{:02}", minute / 60, minute % 60)
        }
        _ => String::new(),
    };
    if read(&text, zone, edge) == Some(at) {
        return text;
    }
    // Odd milliseconds, or an hour that there was twice.
    let moment = i64::try_from(at.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.map_or_else(String::new, |moment| moment.to_string())
}

/// Reads `month`, `quarter`, `year`, `2026`, `2026-03`, `2026-03-01..2027-02-28`.
pub(crate) fn period(text: &str, zone: &Zone) -> Option<Period> {
    match text {
        "month" => return Some(Period::Month),
        "quarter" => return Some(Period::Quarter),
        "year" => return Some(Period::Year),
        _ => {}
    }
    let plain = text.len() <= 7 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let (from, until) = match text.split_once("..") {
        Some((from, until)) => (read(from, zone, Edge::Start)?, read(until, zone, Edge::End)?),
        None if plain && text.len() == 4 => {
            let year: i64 = text.parse().ok().filter(|y| (1971..=9000).contains(y))?;
            (zone.day(days(year, 1, 1)), zone.day(days(year + 1, 1, 1)))
        }
        None if plain && text.len() == 7 => {
            let first: civil::Date = format!("{text}-01").parse().ok()?;
            let next = first.checked_add(jiff::Span::new().months(1)).ok()?;
            (zone.day(on_day(&first)?), zone.day(on_day(&next)?))
        }
        None => return None,
    };
    (from < until).then_some(Period::Between(from, until))
}

/// Writes what [`period`] reads.
pub(crate) fn write_period(period: Period, zone: &Zone) -> String {
    match period {
        Period::Month => "month".into(),
        Period::Quarter => "quarter".into(),
        Period::Year => "year".into(),
        Period::Between(from, until) => {
            let (first, last) = (write(from, zone, Edge::Start), write(until, zone, Edge::End));
            let year = first.get(..4).unwrap_or_default();
            if first == format!("{year}-01-01") && last == format!("{year}-12-31") {
                return year.to_owned();
            }
            format!("{first}..{last}")
        }
    }
}
