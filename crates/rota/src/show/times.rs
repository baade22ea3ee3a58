//! How moments and lengths of time look.

use crate::text::{Lang, lang, tr};
use rota_core::units::{Span, Time};

/// Now: the server is on this machine, and has the same clock.
pub fn now() -> Time {
    Time(u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0))
}

/// A moment in the local time zone: `14:20:05`, or `Dec 24 14:20` on another day.
pub fn clock(at: Time) -> String {
    let Some(then) = zoned(at) else { return tr!("not-known") };
    let now = jiff::Zoned::now();
    if then.date() == now.date() {
        then.strftime("%H:%M:%S").to_string()
    } else {
        on_day(&then, &now)
    }
}

/// Hour and minute, with the day where it is not today.
pub fn minute(at: Time) -> String {
    zoned(at).map_or_else(|| tr!("not-known"), |then| on_day(&then, &jiff::Zoned::now()))
}

/// `14:20–15:10`; each with its day where it is not the same, or today.
pub fn between(first: Time, last: Time) -> String {
    match (zoned(first), zoned(last)) {
        (Some(first), Some(last)) => {
            let now = jiff::Zoned::now();
            format!("{}–{}", on_day(&first, &now), on_day(&last, &first))
        }
        _ => tr!("not-known"),
    }
}

/// A day: `2026-11-23`.
pub fn day(at: Time) -> String {
    zoned(at).map_or_else(|| tr!("not-known"), |then| then.date().to_string())
}

fn zoned(at: Time) -> Option<jiff::Zoned> {
    let millis = i64::try_from(at.0).ok().filter(|_| at != Time::FAR)?;
    let stamp = jiff::Timestamp::from_millisecond(millis).ok()?;
    Some(stamp.to_zoned(jiff::tz::TimeZone::system()))
}

/// Hour and minute, with the day unless it is the day of `known`, and with the year where half a year lies between.
fn on_day(then: &jiff::Zoned, known: &jiff::Zoned) -> String {
    let (then, known) = (then.datetime(), known.datetime());
    let days = then.duration_since(known).as_hours().abs() / 24;
    let format = match lang() {
        _ if then.date() == known.date() => "%H:%M",
        _ if days > 182 => "%Y-%m-%d %H:%M",
        Lang::En => "%b %d %H:%M",
        Lang::Ko => "%-m월 %-d일 %H:%M",
    };
    then.strftime(format).to_string()
}

/// A length of time: `2h30m`, `2시간 30분`.
pub fn span(span: Span) -> String {
    let english = span.to_string();
    if lang() == Lang::En {
        return english;
    }
    let mut out = String::new();
    for c in english.chars() {
        match c {
            'd' => out.push_str("일 "),
            'h' => out.push_str("시간 "),
            'm' => out.push_str("분 "),
            's' => out.push_str("초 "),
            digit => out.push(digit),
        }
    }
    out.trim_end().to_owned()
}

/// A length of time, to the nearest minute.
pub fn rounded(length: Span) -> String {
    span(Span(length.0.saturating_add(30_000) / 60_000 * 60_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::speaking;

    #[test]
    fn a_moment_has_its_day_where_it_is_another_and_its_year_where_that_is_far() {
        let at = |text: &str| -> jiff::Zoned { text.parse().expect("a moment") };
        let now = at("2026-12-20T09:00[Asia/Seoul]");
        for (then, en, ko) in [
            ("2026-12-20T23:59[Asia/Seoul]", "23:59", "23:59"),
            ("2027-01-03T08:05[Asia/Seoul]", "Jan 03 08:05", "1월 3일 08:05"),
            ("2020-01-01T00:00[Asia/Seoul]", "2020-01-01 00:00", "2020-01-01 00:00"),
        ] {
            for (lang, said) in [(Lang::En, en), (Lang::Ko, ko)] {
                assert_eq!(speaking(lang, || on_day(&at(then), &now)), said);
            }
        }
    }
}
