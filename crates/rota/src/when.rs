//! Moments as people say them, in their own time zone: `14:20`, `tomorrow 09:10`, `12-24 09:10`.

use crate::ctx::Ctx;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use rota_core::units::{GpuTime, Time};

/// The clock of this terminal.
pub struct When {
    zone: TimeZone,
    now: Option<Zoned>,
    tomorrow: String,
}

impl When {
    pub fn new(ctx: &Ctx, now: Time) -> When {
        When::at(TimeZone::system(), now, ctx.say("tomorrow", &[]))
    }

    fn at(zone: TimeZone, now: Time, tomorrow: String) -> When {
        let now = zoned(&zone, now);
        When { zone, now, tomorrow }
    }

    /// `14:20` today; `?` where it is not known.
    pub fn say(&self, time: Time) -> String {
        let Some(then) = zoned(&self.zone, time) else { return "?".into() };
        let clock = then.strftime("%H:%M");
        let Some(now) = &self.now else { return then.strftime("%Y-%m-%d %H:%M").to_string() };
        if then.date() == now.date() {
            clock.to_string()
        } else if now.date().tomorrow().is_ok_and(|d| d == then.date()) {
            format!("{} {clock}", self.tomorrow)
        } else if then.year() == now.year() {
            then.strftime("%m-%d %H:%M").to_string()
        } else {
            then.strftime("%Y-%m-%d %H:%M").to_string()
        }
    }
}

fn zoned(zone: &TimeZone, time: Time) -> Option<Zoned> {
    let millis = i64::try_from(time.0).ok()?;
    Timestamp::from_millisecond(millis).ok().map(|t| t.to_zoned(zone.clone()))
}

/// Milliseconds of this machine's clock.
pub fn now() -> Time {
    Time(u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0))
}

/// GPU hours with one decimal.
pub fn gpu_hours(used: GpuTime) -> String {
    let tenths = used.0 / 360_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rota_core::units::Span;

    #[test]
    fn the_nearer_the_moment_the_shorter_its_name() {
        let zone = TimeZone::fixed(jiff::tz::offset(9));
        let noon = Time(1_795_489_200_000); // 2026-11-24 12:00 in Seoul
        let when = When::at(zone, noon, "tomorrow".into());
        assert_eq!(when.say(noon.after(Span::minutes(140))), "14:20");
        assert_eq!(when.say(noon.after(Span::hours(21))), "tomorrow 09:00");
        assert_eq!(when.say(noon.after(Span::hours(48))), "11-26 12:00");
        assert_eq!(when.say(noon.after(Span::hours(24 * 60))), "2027-01-23 12:00");
        assert_eq!(when.say(Time::FAR), "?");
        assert_eq!(gpu_hours(GpuTime::of(2, Span::minutes(45))), "1.5");
    }
}
