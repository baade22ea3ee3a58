//! The end and the beginning of a turn, for a program that is kept: frozen where it uses no GPU of a driver, else suspended
//! and brought back through the driver.
//!
//! Each step is in the record before it is done, so whoever takes over from a killed supervisor finishes the way back.

use std::time::{Duration, Instant};

use super::claim::here;
use super::record::{Process, State};
use super::supervisor::Supervisor;
use crate::gpu::Helper;
use crate::gpu::suspend::{self, Delay, Failure, Held, Tree};

/// How soon the way back is tried again.
const AGAIN: Duration = Duration::from_millis(300);
/// How often it may fail for other reasons than a lack of room.
const TRIES: u32 = 60;

/// A program on its way back.
#[derive(Debug)]
pub(super) struct Waking {
    held: Vec<Held>,
    /// What it will be.
    then: State,
    failures: u32,
    /// When to try again.
    pub at: Instant,
}

impl Supervisor {
    /// Asks the driver about the program; none where it uses no GPU of a driver.
    pub(super) fn with_driver<R>(
        &mut self,
        ask: impl FnOnce(&Supervisor, &Tree, &mut Helper) -> R,
    ) -> Option<R> {
        let mut helper = self.helper.take()?;
        let members = || self.members();
        let answer = ask(self, &Tree { members: &members, freezer: &self.freezer }, &mut helper);
        self.record.hung.extend(helper.left.drain(..).filter_map(Process::now));
        self.helper = Some(helper);
        Some(answer)
    }

    /// Freezes or suspends the program; on failure it runs on.
    pub(super) fn suspend(&mut self) {
        let mut noted: Vec<Held> = Vec::new();
        let result = self.with_driver(|this, tree, helper| {
            let mut record = this.record.clone();
            suspend::suspend(tree, helper, &mut |held| {
                noted = held.to_vec();
                record.state = State::Suspending { held: noted.clone() };
                record.helper = this.helper_process();
                // On a full disk only the knowledge of how far it came is lost.
                let _ = record.write(here(), this.id);
            })
        });
        let result = result.unwrap_or_else(|| {
            let frozen = self.freezer.freeze(&|| self.members());
            frozen.map(|()| Vec::new()).map_err(|why| Failure { why, lasting: true })
        });
        match result {
            Ok(held) => self.save(State::Suspended { held }),
            Err(failure) => {
                let then = State::SuspendFailed { why: failure.why, lasting: failure.lasting };
                match noted.is_empty() {
                    // Nothing was done yet.
                    true => self.save(then),
                    false => self.wake(noted, then),
                }
            }
        }
    }

    /// Begins to bring the program back.
    pub(super) fn wake(&mut self, held: Vec<Held>, then: State) {
        self.waking = Some(Waking { held, then, failures: 0, at: Instant::now() });
        self.go_on_waking();
    }

    /// Tries to bring the program back, if it is time.
    pub(super) fn go_on_waking(&mut self) {
        let due = self.waking.take_if(|waking| waking.at <= Instant::now());
        let Some(mut waking) = due.filter(|_| self.ended.is_none()) else { return };
        if self.former_helper.as_ref().is_some_and(Process::lives) {
            // What a killed supervisor began is still under way.
            waking.at = Instant::now() + AGAIN;
            self.waking = Some(waking);
            return;
        }
        let back =
            self.with_driver(|_, tree, helper| suspend::bring_back(tree, helper, &waking.held));
        let Some(result) = back else {
            self.freezer.thaw(&|| self.members());
            return self.save(waking.then);
        };
        let why = match result {
            Ok(()) => {
                self.record.restored = true;
                return self.save(waking.then);
            }
            Err(Delay::Never { why }) => return self.give_up(why),
            Err(Delay::Again { why }) if waking.failures >= TRIES => return self.give_up(why),
            Err(Delay::Again { why }) => {
                waking.failures += 1;
                why
            }
            Err(Delay::NoRoom { why }) => why,
        };
        self.record.helper = self.helper_process();
        let state = State::Resuming { held: waking.held.clone(), why };
        if self.record.state != state && waking.then == State::Running {
            self.save(state);
        }
        waking.at = Instant::now() + AGAIN;
        self.waking = Some(waking);
    }

    /// The helper as whoever takes over finds it.
    fn helper_process(&self) -> Option<Process> {
        self.helpers.borrow().last().copied().and_then(Process::now)
    }

    /// Nothing brings it back: it must go, so that it can start over.
    fn give_up(&mut self, why: String) {
        self.ended = Some(State::Unrestorable { why });
        self.kill_at = Some(Instant::now());
    }
}
