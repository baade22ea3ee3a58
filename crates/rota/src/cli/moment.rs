//! Moments as people and scripts write them, in local time as all that is shown: `22:00`, `tomorrow 9:00`, `2026-05-03T09:00`, `now+2h`.

use crate::fault::{Fault, usage};
use jiff::civil::{Date, DateTime, Time as Clock};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use rota_core::units::{Span, Time};

/// The moment of `--begin`.
pub fn begin(text: Option<&str>) -> Result<Option<Time>, Fault> {
    text.map(|text| moment(text, &Zoned::now()).ok_or_else(|| usage!("bad-begin", value = text)))
        .transpose()
}

/// `22:00` is the next one; a day alone begins at midnight; `now`, and `now+` a time, in Slurm's words or ours.
pub fn moment(text: &str, now: &Zoned) -> Option<Time> {
    if let Some(rest) = text.strip_prefix("now") {
        let from = time(now)?;
        return match rest.strip_prefix('+') {
            Some(later) => Some(from.after(length(later)?)),
            None => rest.is_empty().then_some(from),
        };
    }
    let zone: TimeZone = now.time_zone().clone();
    let at = |at: DateTime| at.to_zoned(zone.clone()).ok();
    let found = match text.split_once([' ', 'T']) {
        Some((day, clock)) => at(self::day(day, now)?.to_datetime(self::clock(clock)?))?,
        None => match self::clock(text) {
            None => at(self::day(text, now)?.to_datetime(Clock::midnight()))?,
            Some(clock) => {
                let today = at(now.date().to_datetime(clock))?;
                let is_past = today.timestamp() < now.timestamp();
                if is_past { today.checked_add(1.day()).ok()? } else { today }
            }
        },
    };
    time(&found)
}

fn day(text: &str, now: &Zoned) -> Option<Date> {
    match text {
        "today" => Some(now.date()),
        "tomorrow" => now.date().tomorrow().ok(),
        date => Date::strptime("%Y-%m-%d", date).ok(),
    }
}

fn clock(text: &str) -> Option<Clock> {
    match text {
        "midnight" => Some(Clock::midnight()),
        "noon" => Clock::new(12, 0, 0, 0).ok(),
        _ => Clock::strptime("%H:%M", text).or_else(|_| Clock::strptime("%H:%M:%S", text)).ok(),
    }
}

/// Slurm's `60` (seconds), `30minutes`, `1hour`, `2days`, `1week`; or a time as for a walltime.
fn length(text: &str) -> Option<Span> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let count = || number.parse::<u64>().ok().filter(|count| *count < 1 << 30);
    match unit.trim_end_matches('s') {
        "" | "second" => Some(Span::seconds(count()?)),
        "minute" => Some(Span::minutes(count()?)),
        "hour" => Some(Span::hours(count()?)),
        "day" => Some(Span::hours(24 * count()?)),
        "week" => Some(Span::hours(7 * 24 * count()?)),
        _ => Span::parse(text).ok(),
    }
}

fn time(at: &Zoned) -> Option<Time> {
    u64::try_from(at.timestamp().as_millisecond()).ok().map(Time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Zoned {
        "2026-11-25T14:00[Asia/Seoul]".parse().expect("a moment")
    }

    /// Hours from Wednesday 14:00 to a moment, and minutes more.
    fn away(text: &str) -> Option<(u64, u64)> {
        let minutes = moment(text, &now())?.since(time(&now())?).0 / 60_000;
        Some((minutes / 60, minutes % 60))
    }

    #[test]
    fn a_time_that_is_past_today_is_meant_tomorrow() {
        assert_eq!(away("15:00"), Some((1, 0)));
        assert_eq!(away("13:00"), Some((23, 0)));
        assert_eq!(away("midnight"), Some((10, 0)));
        assert_eq!(away("noon"), Some((22, 0)));
    }

    #[test]
    fn a_day_may_have_a_time() {
        assert_eq!(away("tomorrow"), Some((10, 0)));
        assert_eq!(away("tomorrow 9:00"), Some((19, 0)));
        assert_eq!(away("2026-11-27"), Some((34, 0)));
        assert_eq!(away("2026-11-27 13:00"), Some((47, 0)));
        assert_eq!(away("2026-11-27T13:30:00"), Some((47, 30)));
    }

    #[test]
    fn times_from_now_are_in_the_words_of_slurm_or_ours() {
        assert_eq!(away("now"), Some((0, 0)));
        assert_eq!(away("now+120"), Some((0, 2)));
        assert_eq!(away("now+1hour"), Some((1, 0)));
        assert_eq!(away("now+2days"), Some((48, 0)));
        assert_eq!(away("now+90m"), Some((1, 30)));
        assert_eq!(away("now+1d12h"), Some((36, 0)));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in ["", "soon", "25:00", "2026-13-01 10:00", "now+", "now+x", "now-1h", "9"] {
            assert_eq!(moment(text, &now()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = (moment(&text, &now()), moment(&format!("now+{text}"), &now()));
        }
    }
}
