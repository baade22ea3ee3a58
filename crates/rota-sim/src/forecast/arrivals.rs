//! Who comes next: on each path, for each day to come, a random day of the last four weeks comes again, working days for
//! working days and weekends for weekends, at the same hours, with the jobs' own running times. On the first day come as many
//! of its jobs as the last week says, later as many as one of the last weeks says, another on each path. Far ahead, jobs of one
//! person that ask for the same come as fewer longer ones.

use super::history::{History, Life, Record};
use super::patience::Patience;
use super::runtime::{MEASURE, Runtimes};
use crate::dice::Dice;
use crate::replay::Submission;
use rota_core::calendar::Zone;
use rota_core::job::{JobSpec, TurnMode};
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// The part of all GPUs that arrivals keep busy at most, in the long run.
const SUSTAINED: f64 = 0.85;

/// How often a running time is drawn of each job that has none yet, to know what all bring.
const DRAWS: u32 = 4;

const DAY: Span = Span::hours(24);

/// Days that may come again.
const DAYS: u64 = 28;

/// Nobody tells apart who comes within this part of the time until then: 20 is one twentieth.
const FINE: u64 = 20;

/// Nobody comes after so many.
const FARTHEST: u64 = 60;

/// What is known of arrivals at a moment.
pub struct Arrivals<'h> {
    jobs: Vec<&'h Record>,
    now: Time,
    /// Days of which all is known.
    days: u64,
    /// How busy each of the last weeks was, compared with all of them together, the newest first.
    weeks: Vec<f64>,
    /// At most so many from the second day on: in the long run no more comes than is served.
    ceiling: f64,
    zone: &'h Zone,
    patience: &'h Patience,
}

impl<'h> Arrivals<'h> {
    /// By the last four weeks.
    pub fn new(
        (history, patience): (&'h History, &'h Patience),
        zone: &'h Zone,
        now: Time,
        (gpus, runtimes): (u32, &Runtimes),
    ) -> Arrivals<'h> {
        let since = |job: &Record| now.since(job.submitted);
        let past = history.jobs.iter().filter(|job| job.submitted <= now);
        let jobs: Vec<&Record> = past.filter(|job| since(job).0 <= DAY.0 * DAYS).collect();
        let whole = history.jobs.front().map_or(0, |first| now.since(first.submitted).0 / DAY.0);
        let days = whole.min(DAYS);
        let work = |from: u64, days: u64| -> f64 {
            let within = |job: &&&Record| (from..from + days).contains(&(since(job).0 / DAY.0));
            let of = |job: &&Record| f64::from(job.spec.all_gpus().max(1)) * worth(job, now);
            let sum: f64 = jobs.iter().filter(within).map(of).sum();
            sum / f64::from(u32::try_from(days).unwrap_or(1))
        };
        let weeks = match work(0, days) {
            all if days > 7 && all > 0.0 => {
                (0..days / 7).map(|week| (work(7 * week, 7) / all).clamp(0.5, 2.0)).collect()
            }
            _ => vec![1.0],
        };
        let ceiling =
            SUSTAINED * f64::from(gpus) * 24.0 / offered((&jobs, now), runtimes, days).max(1.0);
        Arrivals { jobs, now, days, weeks, ceiling, zone, patience }
    }

    /// What comes on a path, in order.
    pub fn on<'a>(
        &'a self,
        path: u64,
        runtimes: &'a Runtimes,
    ) -> impl Iterator<Item = Submission> + 'a {
        let days = if self.days == 0 { 0 } else { FARTHEST };
        (0..days).flat_map(move |day| self.day(path, day, runtimes))
    }

    /// A day to come: 0 begins now.
    fn day(&self, path: u64, day: u64, runtimes: &Runtimes) -> Vec<Submission> {
        let mut dice = Dice::new(path ^ day.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let begins = self.now.after(Span(DAY.0 * day));
        let kind = |at: Time| [at, at.after(DAY)].map(|at| is_weekend(self.zone, at));
        let alike = |back: &u64| kind(self.back(*back)) == kind(begins);
        let all: Vec<u64> = (1..=self.days).collect();
        let likest: Vec<u64> = all.iter().copied().filter(alike).collect();
        let back = *dice.one_of(if likest.is_empty() { &all } else { &likest });
        let (from, until) = (self.back(back), self.back(back).after(DAY));
        let factor = if day == 0 { self.weeks[0] } else { self.later(path) };
        let first = self.jobs.partition_point(|job| job.submitted < from);
        let end = self.jobs.partition_point(|job| job.submitted < until);
        let mut coming = Vec::new();
        let mut last: BTreeMap<u64, usize> = BTreeMap::new();
        for job in self.jobs.get(first..end).unwrap_or_default() {
            let at = begins.after(job.submitted.since(from));
            let times = factor + dice.part();
            for _ in 0..if times >= 2.0 { 2 } else { i32::from(times >= 1.0) } {
                let leaves = self.patience.again(job, self.now, &mut dice);
                let next = submission((job, leaves), at, runtimes, path, &mut dice, self.now);
                let last = last.entry(job.kin.source()).or_insert(coming.len());
                if !coming.get_mut(*last).is_some_and(|last| takes_up(last, &next, self.now)) {
                    *last = coming.len();
                    coming.push(next);
                }
            }
        }
        coming
    }

    /// From the second day on, a whole path is as busy as one of the last weeks was.
    fn later(&self, path: u64) -> f64 {
        Dice::new(path ^ 0x5851_f42d_4c95_7f2d).one_of(&self.weeks).min(self.ceiling)
    }

    fn back(&self, days: u64) -> Time {
        Time(self.now.0.saturating_sub(DAY.0 * days))
    }
}

/// Makes one job of two that ask for the same, one after the other, where that makes no difference from here: nobody tells
/// apart what happens within a small part of the time until then.
fn takes_up(before: &mut Submission, next: &Submission, now: Time) -> bool {
    let (one, two) = (&before.spec, &next.spec);
    let is_alike = (one.gpus, one.nodes, one.gpu_mem, one.cpus, one.mem, one.turns)
        == (two.gpus, two.nodes, two.gpu_mem, two.cpus, two.mem, two.turns)
        && (&one.models, &one.pool, &one.class) == (&two.models, &two.pool, &two.class)
        && (&before.measured_on, before.leaves) == (&next.measured_on, next.leaves);
    let runs = before.runs.plus(next.runs);
    let takes = next.at.since(before.at).max(runs);
    if !is_alike || takes.0 > before.at.since(now).0 / FINE {
        return false;
    }
    before.runs = runs;
    before.spec.limit = before.spec.limit.and_then(|limit| Some(limit.plus(next.spec.limit?)));
    true
}

fn is_weekend(zone: &Zone, at: Time) -> bool {
    // 1970-01-01 was a Thursday.
    (zone.day_and_minute(at).0 + 3).rem_euclid(7) >= 5
}

/// GPU hours that a day brings, by running times as paths draw them.
fn offered((jobs, now): (&[&Record], Time), runtimes: &Runtimes, days: u64) -> f64 {
    let mut dice = Dice::new(0);
    let mut work = |job: &&Record| -> f64 {
        let drawn = |shock: u32| runs(job, runtimes, u64::from(shock), &mut dice, now).0;
        let all: f64 = (0..DRAWS).map(drawn).map(hours).sum();
        f64::from(job.spec.all_gpus()) * all / f64::from(DRAWS)
    };
    let days = f64::from(u32::try_from(days.max(1)).unwrap_or(u32::MAX));
    jobs.iter().map(&mut work).sum::<f64>() / days
}

fn hours(span: Span) -> f64 {
    std::time::Duration::from_millis(span.0).as_secs_f64() / 3600.0
}

/// Hours, at most a day: one job that runs for weeks is no sign of a busy week.
fn worth(job: &Record, now: Time) -> f64 {
    let ran = job.life.ran().map_or(Span::hours(1), |ran| ran.until(now));
    hours(ran.min(DAY))
}

fn submission(
    (job, leaves): (&Record, Option<Span>),
    at: Time,
    runtimes: &Runtimes,
    shock: u64,
    dice: &mut Dice,
    now: Time,
) -> Submission {
    let mut spec = JobSpec::clone(&job.spec);
    (spec.after, spec.at_most) = (Vec::new(), None);
    spec.begin = spec.begin.map(|begin| at.after(begin.since(job.submitted)));
    let (runs, model) = runs(job, runtimes, shock, dice, now);
    let keeps = spec.turns == TurnMode::Requeue;
    let measured_on = model.map(str::to_owned);
    Submission { at, asker: (*job.asker).clone(), spec, runs, measured_on, keeps, leaves }
}

/// How long a job of the past runs when it comes again, and on which model.
fn runs<'h>(
    job: &'h Record,
    runtimes: &Runtimes,
    shock: u64,
    dice: &mut Dice,
    now: Time,
) -> (Span, Option<&'h str>) {
    let ran = match &job.life {
        Life::Over(ran) => return (ran.ran, ran.model.as_deref()),
        Life::Runs(ran) | Life::Cut(ran) => ran.until(now),
        Life::Waits | Life::Left(_) => Span::ZERO,
    };
    (runtimes.draw(&job.kin, ran, job.spec.limit, shock, dice), Some(MEASURE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::{Replay, Switch};
    use rota_core::event::Event;
    use rota_core::id::NodeId;
    use rota_core::node::Node;
    use rota_core::policy::Policy;
    use rota_core::request::Asker;
    use std::cell::RefCell;

    /// What came to a node of eight GPUs in four weeks: three jobs a day, each of which runs for twelve days.
    fn far_more_than_is_served() -> (History, Time) {
        let day = |day: u64| Time(1_790_000_000_000).after(Span(DAY.0 * day));
        let submission = |n: u64| Submission {
            at: day(n / 3),
            asker: Asker {
                person: "mina".into(),
                lab: "kim".into(),
                grant: String::new(),
                admin: false,
            },
            spec: JobSpec { gpus: 1, turns: TurnMode::Never, ..JobSpec::default() },
            runs: Span(DAY.0 * 12),
            measured_on: None,
            keeps: true,
            leaves: None,
        };
        let policy = Box::new(Policy::default());
        let node = Node { id: NodeId(1), name: "n1".into(), gpus: 8, cpus: 64, ..Node::default() };
        let facts = [Event::PolicySet { policy, by: String::new() }, Event::NodeAdded { node }];
        let history = RefCell::new(History::default());
        let mut listener = |at: Time, fact: &Event| history.borrow_mut().note(at, fact);
        let mut replay = Replay::new(&facts, Switch::default(), &mut listener);
        let mut next = (0..84).map(submission).peekable();
        while next.peek().is_some() && replay.step(&mut next).is_some() {}
        drop(replay);
        (history.into_inner(), day(28))
    }

    #[test]
    fn in_the_long_run_no_more_comes_than_is_served() {
        let (history, now) = far_more_than_is_served();
        let runtimes = Runtimes::new(history.jobs.iter(), &Policy::default(), now);
        let (patience, zone) = (Patience::new(&history, now), Zone::default());
        let arrivals = Arrivals::new((&history, &patience), &zone, now, (8, &runtimes));
        let work = |from: u64, until: u64| -> f64 {
            let days = |at: Time| at.since(now).0 / DAY.0;
            let paths = (0..32).flat_map(|path| arrivals.on(path, &runtimes));
            let come = paths.filter(|job| (from..until).contains(&days(job.at)));
            come.map(|job| hours(job.runs)).sum::<f64>() / 32.0
        };
        let served = |days: f64| 8.0 * 24.0 * days;
        assert!(work(0, 1) > served(1.0), "the first day is as the last week was");
        let far = work(1, 57) / served(56.0);
        assert!((0.75..0.95).contains(&far), "{far} of what is served");
    }
}
