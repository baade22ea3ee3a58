//! Finish-time fairness: time in the system ÷ time alone on the entitled part.
//!
//! Alone: the lab has its part of the room (pool and GPU model) to itself, by weight among the labs that work there at
//! the moment, and runs its own jobs in the order of their arrival. A job that asks for more GPUs than the part runs as
//! much slower: 4 GPUs for 3 h on a part of 2 GPUs take 6 h. Two labs of equal weight on one GPU, each with a job of 4 h,
//! that take turns of 2 h and end after 6 h and 8 h: on half a GPU the first would have ended after 8 h, so its rho is
//! 6 ÷ 8 = 0.75; the second on half a GPU, from 6 h on on all of it, after 7 h, so its rho is 8 ÷ 7 = 1.14.
//!
//! What is measured as running time is taken as it is, whichever GPU of the room it was. Jobs that have not ended, were
//! cancelled or lost are left out, as is the time that a job was held or waited for another job.

use super::flows::Flows;
use super::lives::Life;
use super::number::{Rank, percentile, ratio};
use super::room::Room;
use rota_core::id::{JobId, LabId};
use rota_core::report::{Measure, Target, Unit};
use rota_core::units::Time;
use std::collections::{BTreeMap, VecDeque};

/// The measures.
pub fn measures(ended: &[Life], flows: &Flows) -> [Measure; 3] {
    let all = rhos(ended, flows);
    let rho = |name, rank, most| {
        let value = percentile(&all, rank);
        Measure::new(name, Unit::Ratio, value, Some(Target::AtMost(most))).from_jobs(all.len())
    };
    [
        rho("rho-p50", Rank::P50, 1100),
        rho("rho-p95", Rank::P95, 2000),
        rho("rho-max", Rank::Max, 4000),
    ]
}

/// Of every job, in thousandths.
fn rhos(ended: &[Life], flows: &Flows) -> Vec<u64> {
    let mut of_lab: BTreeMap<(&Room, LabId), Vec<&Life>> = BTreeMap::new();
    for life in ended {
        of_lab.entry((&life.room, life.lab)).or_default().push(life);
    }
    let mut all = Vec::new();
    for ((room, lab), mut lives) in of_lab {
        lives.sort_by_key(|life| (life.arrived, life.id));
        let ends = alone(&lives, flows.part(room, lab));
        let rho = |life: &&Life| {
            let alone = ends.get(&life.id)?.since(life.arrived).0.max(1);
            ratio(u128::from(life.ended.since(life.arrived).0), u128::from(alone), 1000)
        };
        all.extend(lives.iter().filter_map(rho));
    }
    all
}

/// A job with what is left of it: thousandths of a GPU × milliseconds.
struct Left<'a> {
    life: &'a Life,
    work: u128,
}

/// When each job would end if its lab had its part to itself. The first has what it asks for, the next what is left.
fn alone(lives: &[&Life], part: &[(Time, u64)]) -> BTreeMap<JobId, Time> {
    let mut ends = BTreeMap::new();
    let Some(first) = lives.first() else { return ends };
    let mut now = first.arrived;
    let mut coming: VecDeque<&Life> = lives.iter().copied().collect();
    let mut here: VecDeque<Left> = VecDeque::new();
    while !(coming.is_empty() && here.is_empty()) {
        while let Some(life) = coming.pop_front_if(|life| life.arrived <= now) {
            let work = u128::from(life.gpus) * 1000 * u128::from(life.needed.0);
            here.push_back(Left { life, work });
        }
        let (gpus, changes) = part_at(part, now);
        let rates = rates(&here, gpus);
        let done =
            here.iter().zip(&rates).map(|(left, rate)| now_plus(now, left.work, *rate)).min();
        let next = coming.front().map(|life| life.arrived);
        let Some(to) = [done, next, changes].into_iter().flatten().filter(|t| *t > now).min()
        else {
            return ends;
        };
        if to == Time::FAR {
            return ends;
        }
        let span = u128::from(to.since(now).0);
        now = to;
        // Only who has a rate can end; from behind, so that places stay right.
        for (at, rate) in rates.into_iter().enumerate().rev() {
            let Some(left) = here.get_mut(at) else { continue };
            left.work = left.work.saturating_sub(u128::from(rate) * span);
            if left.work == 0 {
                ends.insert(left.life.id, now);
                here.remove(at);
            }
        }
    }
    ends
}

/// What each of the first jobs gets of a part.
fn rates(here: &VecDeque<Left>, mut gpus: u64) -> Vec<u64> {
    let takes = |left: &Left| {
        let rate = (u64::from(left.life.gpus) * 1000).min(gpus);
        gpus -= rate;
        Some(rate).filter(|rate| *rate > 0)
    };
    here.iter().map_while(takes).collect()
}

/// When so much work is done; never at no rate.
fn now_plus(now: Time, work: u128, rate: u64) -> Time {
    let span = work.checked_div(u128::from(rate)).map(|whole| {
        let more = u128::from(whole * u128::from(rate) < work);
        u64::try_from(whole + more).unwrap_or(u64::MAX)
    });
    span.map_or(Time::FAR, |span| Time(now.0.saturating_add(span)))
}

/// The part at a moment, at least a hundredth of a GPU, and when it changes next. Before it is known it is as at first.
fn part_at(part: &[(Time, u64)], at: Time) -> (u64, Option<Time>) {
    let next = part.partition_point(|(from, _)| *from <= at);
    let known = part.get(next.saturating_sub(1)).map_or(1000, |(_, gpus)| *gpus);
    (known.max(10), part.get(next).map(|(from, _)| *from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::lives::test_life;
    use rota_core::units::Span;

    fn end_alone(lives: &[Life], part: &[(Time, u64)]) -> Vec<u64> {
        let refs: Vec<&Life> = lives.iter().collect();
        alone(&refs, part).values().map(|end| end.0 / Span::hours(1).0).collect()
    }

    #[test]
    fn a_job_wider_than_the_part_runs_as_much_slower() {
        assert_eq!(end_alone(&[test_life(1, 4, 0, 3)], &[(Time(0), 2000)]), [6]);
    }

    #[test]
    fn a_labs_own_jobs_wait_for_each_other_also_alone() {
        let lives = [test_life(1, 2, 0, 3), test_life(2, 2, 0, 3), test_life(3, 2, 1, 3)];
        assert_eq!(end_alone(&lives, &[(Time(0), 4000)]), [3, 3, 6]);
    }

    #[test]
    fn a_part_that_grows_helps_from_then_on() {
        let part = [(Time(0), 1000), (Time(Span::hours(2).0), 2000)];
        assert_eq!(end_alone(&[test_life(1, 2, 0, 3)], &part), [4]);
    }
}
