//! The price of fairness: mean time from arrival to end against an oracle that knows every running time.
//!
//! The oracle replays the jobs that ended in the period on as many GPUs of their rooms, shortest remaining time first,
//! at any moment, at no cost, anywhere: no schedule of a real machine is that good. It is fair to nobody.

use super::flows::Flows;
use super::lives::Life;
use super::number::ratio;
use super::room::Room;
use rota_core::id::JobId;
use rota_core::report::{Measure, Target, Unit};
use rota_core::units::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

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

/// A job with what is left of it.
type Left = (Span, JobId);

/// The sum of the times from arrival to end, in milliseconds.
fn oracle(lives: &[&Life], gpus: u64) -> u128 {
    let widest = lives.iter().map(|l| u64::from(l.gpus)).max().unwrap_or(0);
    let gpus = gpus.max(widest);
    let by_id: BTreeMap<JobId, &Life> = lives.iter().map(|l| (l.id, *l)).collect();
    let mut coming: Vec<&Life> = lives.to_vec();
    coming.sort_by_key(|l| std::cmp::Reverse((l.arrived, l.id)));
    let (mut waiting, mut running) = (BTreeSet::<Left>::new(), BTreeSet::<Left>::new());
    let mut now = coming.last().map_or(Time(0), |l| l.arrived);
    let mut took = 0;
    loop {
        while let Some(life) = coming.pop_if(|l| l.arrived <= now) {
            waiting.insert((life.needed, life.id));
        }
        choose(&mut waiting, &mut running, gpus, &by_id);
        let done = running.first().map(|(left, _)| now.after(*left));
        let next = coming.last().map(|l| l.arrived);
        let Some(to) = [done, next].into_iter().flatten().min() else { return took };
        let span = to.since(now);
        now = to;
        let left = std::mem::take(&mut running).into_iter();
        for (left, id) in left.map(|(left, id)| (Span(left.0.saturating_sub(span.0)), id)) {
            match by_id.get(&id).filter(|_| left == Span::ZERO) {
                Some(life) => took += u128::from(now.since(life.arrived).0),
                None => {
                    running.insert((left, id));
                }
            }
        }
    }
}

/// Who runs now: the shortest that fit.
fn choose(
    waiting: &mut BTreeSet<Left>,
    running: &mut BTreeSet<Left>,
    gpus: u64,
    by_id: &BTreeMap<JobId, &Life>,
) {
    let (mut free, mut passed, mut chosen) = (gpus, 0, Vec::new());
    let mut order = merged(waiting.iter(), running.iter());
    while free > 0
        && passed < PASSED
        && let Some(left) = order.next()
    {
        let wants = by_id.get(&left.1).map_or(0, |l| u64::from(l.gpus));
        if wants <= free {
            free -= wants;
            chosen.push(*left);
        } else {
            passed += 1;
        }
    }
    drop(order);
    waiting.extend(std::mem::take(running));
    for left in chosen {
        waiting.remove(&left);
        running.insert(left);
    }
}

/// Both, the smallest first.
fn merged<'a>(
    a: impl Iterator<Item = &'a Left>,
    b: impl Iterator<Item = &'a Left>,
) -> impl Iterator<Item = &'a Left> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(x), Some(y)) if y < x => b.next(),
        (Some(_), _) => a.next(),
        _ => b.next(),
    })
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
