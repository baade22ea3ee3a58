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
        let ticked = millis(ClockId::CLOCK_BOOTTIME);
        let passed = ticked.saturating_sub(self.ticked);
        let wall = millis(ClockId::CLOCK_REALTIME);
        self.ticked = ticked;
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
