//! Local days, weeks, months and years. The core has no time zone library: offsets from UTC are given to it.

use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// 1970-01-05 was a Monday.
const FIRST_MONDAY: i64 = 4;

/// Offsets from UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Its name, such as `Asia/Seoul`; empty: UTC.
    pub name: String,
    /// From each moment on, minutes east of UTC; the first also holds before it.
    pub offsets: Vec<(Time, i32)>,
}

impl Zone {
    fn offset(&self, at: Time) -> i64 {
        let next = self.offsets.partition_point(|(from, _)| *from <= at);
        let known = self.offsets.get(next.saturating_sub(1));
        known.map_or(0, |(_, minutes)| i64::from(*minutes) * MINUTE)
    }

    /// Local milliseconds since 1970-01-01 00:00 local time.
    pub fn local(&self, at: Time) -> i64 {
        i64::try_from(at.0).unwrap_or(i64::MAX / 2).saturating_add(self.offset(at))
    }

    /// The moment of a local time in milliseconds; where clocks were set, one of those that it may mean.
    pub fn moment(&self, local: i64) -> Time {
        let utc = |offset: i64| Time(u64::try_from(local.saturating_sub(offset)).unwrap_or(0));
        utc(self.offset(utc(self.offset(utc(0)))))
    }

    /// Days since 1970-01-01, and the minute of that day.
    pub fn day_and_minute(&self, at: Time) -> (i64, u32) {
        let local = self.local(at);
        let minute = local.rem_euclid(DAY) / MINUTE;
        (local.div_euclid(DAY), u32::try_from(minute).unwrap_or(0))
    }

    /// The start of a local day.
    pub fn day(&self, day: i64) -> Time {
        self.moment(day.saturating_mul(DAY))
    }
}

/// Days since 1970-01-01 of a date.
///
/// ```
/// use rota_core::calendar::days;
/// assert_eq!(days(1970, 1, 1), 0);
/// assert_eq!(days(2026, 12, 31), 20818);
/// ```
pub fn days(year: i64, month: u32, day: u32) -> i64 {
    // Years begin in March, so that the leap day is the last.
    let (year, month) =
        if month <= 2 { (year - 1, i64::from(month) + 9) } else { (year, i64::from(month) - 3) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year and month of a day.
///
/// ```
/// use rota_core::calendar::year_and_month;
/// assert_eq!(year_and_month(20818), (2026, 12));
/// ```
pub fn year_and_month(day: i64) -> (i64, u32) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = u32::try_from((5 * of_year + 2) / 153).unwrap_or(0);
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month)
}

/// Some hours of some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekly {
    /// Monday is the first of seven.
    pub days: [bool; 7],
    /// Minute of the day at which it begins.
    pub from: u32,
    /// Minute of the day at which it ends; of the next day, if not after `from`.
    pub to: u32,
}

/// When something holds: always, or only between two moments, or only in some hours of the week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// Not before.
    #[serde(default)]
    pub from: Option<Time>,
    /// Not from then on.
    #[serde(default)]
    pub until: Option<Time>,
    /// Only then.
    #[serde(default)]
    pub weekly: Option<Weekly>,
}

impl When {
    /// Whether it is not bound to any time.
    pub fn is_always(&self) -> bool {
        *self == When::default()
    }

    /// The stretch that holds at `at`, or the next one: from, until. None if there is none any more.
    pub fn stretch(&self, zone: &Zone, at: Time) -> Option<(Time, Time)> {
        let (first, last) = (self.from.unwrap_or(Time(0)), self.until.unwrap_or(Time::FAR));
        let at = at.max(first);
        let Some(weekly) = self.weekly else { return (at < last).then_some((first, last)) };
        let (today, _) = zone.day_and_minute(at);
        let wanted = |day: i64| {
            let weekday = (day - FIRST_MONDAY).rem_euclid(7);
            usize::try_from(weekday).is_ok_and(|w| weekly.days[w])
        };
        (today - 1..today + 8).filter(|day| wanted(*day)).find_map(|day| {
            let minute = |m: u32| zone.moment(day * DAY + i64::from(m) * MINUTE);
            let longer = if weekly.to <= weekly.from { 24 * 60 } else { 0 };
            let from = minute(weekly.from).max(first);
            let to = minute(weekly.to + longer).min(last);
            (from < to && to > at).then_some((from, to))
        })
    }

    /// The stretch that holds at `at`.
    pub fn now(&self, zone: &Zone, at: Time) -> Option<(Time, Time)> {
        self.stretch(zone, at).filter(|(from, _)| *from <= at)
    }

    /// The next moment after `at` at which it begins or ends to hold.
    pub fn next_change(&self, zone: &Zone, at: Time) -> Option<Time> {
        let (from, to) = self.stretch(zone, at)?;
        Some(if from > at { from } else { to }).filter(|t| *t < Time::FAR)
    }
}

impl When {
    /// Whether both can hold at one time; hours of the week are compared, whatever the dates.
    pub fn meets(&self, other: &When) -> bool {
        let ends = |a: &When| a.until.unwrap_or(Time::FAR);
        let begins = |a: &When| a.from.unwrap_or(Time(0));
        if begins(self) >= ends(other) || begins(other) >= ends(self) {
            return false;
        }
        let (Some(a), Some(b)) = (self.weekly, other.weekly) else { return true };
        let week = 7 * 24 * 60;
        let near = |x: (u32, u32), y: (u32, u32)| {
            [0, week].iter().any(|w| x.0 < y.1 + w && y.0 + w < x.1)
                || (y.0 < x.1 + week && x.0 + week < y.1)
        };
        a.stretches().into_iter().any(|x| b.stretches().into_iter().any(|y| near(x, y)))
    }
}

impl Weekly {
    /// Minutes of the week: from, to. The last may go beyond Sunday.
    fn stretches(&self) -> Vec<(u32, u32)> {
        let to = if self.to <= self.from { self.to + 24 * 60 } else { self.to };
        let days = (0u32..).zip(self.days).filter(|(_, on)| *on);
        days.map(|(day, _)| (day * 24 * 60 + self.from, day * 24 * 60 + to)).collect()
    }
}

/// A period that comes again, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// From the first day of each month.
    Month,
    /// From January, April, July, October.
    Quarter,
    /// From January.
    Year,
    /// From one moment to another.
    Between(Time, Time),
}

impl Period {
    /// The period around `at`: from, until. Outside of [`Period::Between`], none.
    ///
    /// ```
    /// use rota_core::calendar::{Period, Zone, days};
    /// let utc = Zone::default();
    /// let (from, until) = Period::Quarter.around(&utc, utc.day(days(2026, 11, 24))).unwrap();
    /// assert_eq!((from, until), (utc.day(days(2026, 10, 1)), utc.day(days(2027, 1, 1))));
    /// ```
    pub fn around(self, zone: &Zone, at: Time) -> Option<(Time, Time)> {
        let months = match self {
            Period::Between(from, until) => {
                return (from <= at && at < until).then_some((from, until));
            }
            Period::Month => 1,
            Period::Quarter => 3,
            Period::Year => 12,
        };
        let (year, month) = year_and_month(zone.day_and_minute(at).0);
        let first = (month - 1) / months * months + 1;
        let next = if first + months > 12 { (year + 1, 1) } else { (year, first + months) };
        Some((zone.day(days(year, first, 1)), zone.day(days(next.0, next.1, 1))))
    }
}

/// Which of several is on in a rotation: each for `every`, counted from Monday 1970-01-05 local time, and until when.
///
/// ```
/// use rota_core::calendar::{Zone, days, whose_turn};
/// use rota_core::units::Span;
/// let utc = Zone::default();
/// let (week, monday) = (Span::hours(7 * 24), |d| utc.day(days(2026, 11, d)));
/// let (who, until) = whose_turn(&utc, week, 3, monday(24));
/// assert_eq!(until, monday(30));
/// assert_eq!(whose_turn(&utc, week, 3, monday(30)).0, (who + 1) % 3);
/// ```
pub fn whose_turn(zone: &Zone, every: Span, of: usize, at: Time) -> (usize, Time) {
    let every = i64::try_from(every.0).unwrap_or(i64::MAX).max(MINUTE);
    let since = zone.local(at) - FIRST_MONDAY * DAY;
    let round = since.div_euclid(every);
    let who = usize::try_from(round.rem_euclid(i64::try_from(of.max(1)).unwrap_or(1)));
    (who.unwrap_or(0), zone.moment((round + 1) * every + FIRST_MONDAY * DAY))
}
