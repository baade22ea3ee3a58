//! The only clock. It follows CLOCK_BOOTTIME and drifts towards the wall clock by at most 1 part in 20, so that a wall
//! clock that jumps an hour ends no turn and no walltime early, and time never goes back.

use nix::time::{ClockId, clock_gettime};
use rota_core::units::Time;

/// A clock that never jumps.
#[derive(Debug)]
pub struct Clock {
    boot: String,
    at: u64,
    ticked: u64,
}

impl Clock {
    /// Goes on from what [`Clock::mark`] gave in this boot, or from the wall clock, never before `last`.
    pub fn resume(mark: Option<&str>, last: Time) -> Clock {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let (boot, ticked) = (boot.trim().to_owned(), millis(ClockId::CLOCK_BOOTTIME));
        let mut parts = mark.unwrap_or_default().split(' ');
        let known = (parts.next(), parts.next(), parts.next());
        let at = match known {
            (Some(before), Some(at), Some(then)) if before == boot => {
                at.parse().unwrap_or(0) + ticked.saturating_sub(then.parse().unwrap_or(ticked))
            }
            _ => millis(ClockId::CLOCK_REALTIME),
        };
        Clock { boot, at: at.max(last.0), ticked }
    }

    /// Now.
    pub fn now(&mut self) -> Time {
        self.tick(millis(ClockId::CLOCK_BOOTTIME), millis(ClockId::CLOCK_REALTIME))
    }

    fn tick(&mut self, ticked: u64, wall: u64) -> Time {
        let passed = ticked.saturating_sub(self.ticked);
        self.ticked = self.ticked.max(ticked);
        self.at += passed;
        let most = passed / 20;
        if wall > self.at {
            self.at += most.min(wall - self.at);
        } else {
            self.at -= most.min(self.at - wall);
        }
        Time(self.at)
    }

    /// What to keep for [`Clock::resume`].
    pub fn mark(&self) -> String {
        format!("{} {} {}", self.boot, self.at, self.ticked)
    }
}

fn millis(clock: ClockId) -> u64 {
    let Ok(now) = clock_gettime(clock) else { return 0 };
    let (seconds, nanos) = (u64::try_from(now.tv_sec()), u64::try_from(now.tv_nsec()));
    seconds.unwrap_or(0) * 1000 + nanos.unwrap_or(0) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use rota_core::units::Span;

    /// Ten minutes by steps of a second, with a wall clock that is so far off from the start.
    fn ten_minutes(off: i64) -> u64 {
        let start = Span::hours(1000).0;
        let mut clock = Clock { boot: String::new(), at: start, ticked: 0 };
        let mut last = start;
        for ticked in (1000..=600_000).step_by(1000) {
            let wall = (start + ticked).saturating_add_signed(off);
            let now = clock.tick(ticked, wall).0;
            assert!(now >= last, "time never goes back");
            last = now;
        }
        last - start
    }

    #[test]
    fn a_wall_clock_that_jumps_an_hour_ends_no_turn_early_or_late() {
        let hour = Span::hours(1).0.cast_signed();
        assert_eq!(ten_minutes(0), 600_000);
        for off in [hour, -hour] {
            let passed = ten_minutes(off);
            assert!(passed.abs_diff(600_000) <= 30_000, "{passed} instead of 600000");
        }
    }

    #[test]
    fn a_small_error_of_the_wall_clock_is_followed() {
        assert_eq!(ten_minutes(5000), 605_000);
        assert_eq!(ten_minutes(-5000), 595_000);
    }

    #[test]
    fn a_restart_in_the_same_boot_goes_on_and_never_before_the_last_event() {
        let mut clock = Clock::resume(None, Time(0));
        let before = clock.now();
        let far = Time(before.0 + 1_000_000_000);
        assert!(Clock::resume(Some(&clock.mark()), far).now() >= far);
        let again = Clock::resume(Some(&clock.mark()), Time(0)).now();
        assert!(again >= before && again.since(before) < Span::minutes(10));
        assert!(Clock::resume(Some("damaged"), Time(0)).now().0 > 0);
    }
}
