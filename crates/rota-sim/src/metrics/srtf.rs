//! The price of fairness: mean time from arrival to end against an oracle that knows every running time.
//!
//! The oracle replays the jobs that ended in the period on as many GPUs of their rooms, shortest remaining time first,
//! at any moment, at no cost, anywhere: no schedule of a real machine is that good. It is fair to nobody.

use super::flows::Flows;
use super::lives::Life;
use super::number::ratio;
use super::room::Room;
use rota_core::report::{Measure, Target, Unit};
use rota_core::units::{Span, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// How many jobs that do not fit the oracle looks past for one that does.
const PASSED: usize = 64;

/// The measure.
pub fn measure(ended: &[Life], flows: &Flows) -> Measure {
    let mut rooms: BTreeMap<&Room, Vec<&Life>> = BTreeMap::new();
    for life in ended {
        rooms.entry(&life.room).or_default().push(life);
    }
    let took: u128 = ended.iter().map(|l| u128::from(l.ended.since(l.arrived).0)).sum();
    let best: u128 = rooms.iter().map(|(room, lives)| oracle(lives, flows.gpus(room) / 1000)).sum();
    let value = ratio(took, best, 1000).filter(|_| ended.len() > 1);
    let target = Some(Target::AtMost(1300));
    Measure::new("price-of-fairness", Unit::Ratio, value, target).from_jobs(ended.len())
}

/// The sum of the times from arrival to end, in milliseconds.
fn oracle(lives: &[&Life], gpus: u64) -> u128 {
    let widest = lives.iter().map(|l| u64::from(l.gpus)).max().unwrap_or(0);
    let mut coming: Vec<usize> = (0..lives.len()).collect();
    coming.sort_by_key(|at| lives.get(*at).map(|l| Reverse((l.arrived, l.needed, l.id))));
    let (waiting, running) = Default::default();
    let mut oracle = Oracle { lives, now: Time(0), free: gpus.max(widest), waiting, running };
    let mut took = 0;
    loop {
        let done = oracle.running.first().map(|(end, _)| *end);
        let next = coming.last().and_then(|at| lives.get(*at)).map(|l| l.arrived);
        let Some(now) = [done, next].into_iter().flatten().min() else { return took };
        oracle.now = now;
        while let Some((_, at)) = ended(&mut oracle.running, now) {
            let life = lives.get(at);
            oracle.free += life.map_or(0, |l| u64::from(l.gpus));
            took += life.map_or(0, |l| u128::from(now.since(l.arrived).0));
        }
        while let Some(at) = coming.pop_if(|at| lives.get(*at).is_some_and(|l| l.arrived <= now)) {
            oracle.waiting.insert((lives.get(at).map_or(Span::ZERO, |l| l.needed), at));
        }
        oracle.fill();
    }
}

/// The first, if it has ended.
fn ended(running: &mut BTreeSet<(Time, usize)>, now: Time) -> Option<(Time, usize)> {
    running.first().filter(|(end, _)| *end <= now)?;
    running.pop_first()
}

/// The replay at a moment. Jobs are numbers in `lives`.
struct Oracle<'a> {
    lives: &'a [&'a Life],
    now: Time,
    free: u64,
    /// By what is left of them.
    waiting: BTreeSet<(Span, usize)>,
    /// By when they end.
    running: BTreeSet<(Time, usize)>,
}

impl Oracle<'_> {
    fn gpus(&self, at: usize) -> u64 {
        self.lives.get(at).map_or(0, |l| u64::from(l.gpus))
    }

    /// Starts what fits, the shortest first; for the very first, those with more left make room.
    fn fill(&mut self) {
        let (mut passed, mut after) = (0, None);
        while passed < PASSED && (self.free > 0 || passed == 0) {
            let mut rest = match after {
                None => self.waiting.range(..),
                Some(last) => self.waiting.range((Bound::Excluded(last), Bound::Unbounded)),
            };
            let Some((left, at)) = rest.next().copied() else { return };
            let gpus = self.gpus(at);
            if gpus > self.free && passed == 0 {
                self.make_room(gpus, left);
            }
            if gpus <= self.free {
                self.waiting.remove(&(left, at));
                self.free -= gpus;
                self.running.insert((self.now.after(left), at));
            } else {
                passed += 1;
                after = Some((left, at));
            }
        }
    }

    /// Interrupts those with most left, if they have more left than `left` and are enough for `gpus`.
    fn make_room(&mut self, gpus: u64, left: Span) {
        let end = self.now.after(left);
        let longer = self.running.iter().rev().take_while(|(other, _)| *other > end);
        let (mut free, mut victims) = (self.free, Vec::new());
        for (other, at) in longer {
            if free >= gpus {
                break;
            }
            free += self.gpus(*at);
            victims.push((*other, *at));
        }
        if free < gpus {
            return;
        }
        self.free = free;
        for (end, at) in victims {
            self.running.remove(&(end, at));
            self.waiting.insert((end.since(self.now), at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::lives::test_life;

    fn hours(lives: &[Life], gpus: u64) -> u128 {
        let refs: Vec<&Life> = lives.iter().collect();
        oracle(&refs, gpus) / u128::from(Span::hours(1).0)
    }

    #[test]
    fn the_oracle_runs_the_shortest_first() {
        // The job of 1 h ends at 1 h, that of 4 h at 5 h.
        assert_eq!(hours(&[test_life(1, 1, 0, 4), test_life(2, 1, 0, 1)], 1), 6);
    }

    #[test]
    fn the_oracle_interrupts_for_what_is_shorter_than_the_rest() {
        // At 1 h, 3 h are left of the first: the second takes 1 h, and the first ends at 5 h.
        assert_eq!(hours(&[test_life(1, 1, 0, 4), test_life(2, 1, 1, 1)], 1), 5 + 1);
    }

    #[test]
    fn the_oracle_uses_what_a_wide_job_cannot() {
        // Shortest first: the narrow jobs of 1 h; the wide one of 2 h beside none of them.
        let lives = [test_life(1, 2, 0, 2), test_life(2, 1, 0, 1), test_life(3, 1, 0, 3)];
        // 2 and then 1 end at 1 h and 3 h; 3 runs beside 2, is interrupted, and ends at 5 h.
        assert_eq!(hours(&lives, 2), 1 + 3 + 5);
    }
}
