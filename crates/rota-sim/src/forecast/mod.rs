//! When waiting jobs will start, and jobs will end: the real `plan`, played ahead on many paths.
//!
//! In: the state, a moment, what the log says of the past. Out: for each job a window in which it starts and ends. Pure,
//! and the same for the same input: paths have numbers, and each path and job its own dice, so that two forecasts of
//! different choices differ by the choice and not by luck.

mod arrivals;
pub mod calibrate;
pub mod history;
mod kin;
pub mod options;
mod path;
mod patience;
mod runtime;
pub mod score;

use arrivals::Arrivals;
use history::History;
use path::{Ahead, Lived, Prospect};
use patience::Patience;
use rota_core::cluster::Cluster;
use rota_core::forecast::Band;
use rota_core::id::JobId;
use rota_core::job::{Job, TurnMode};
use rota_core::units::{Span, Time};
use runtime::Runtimes;
use std::collections::{BTreeMap, BTreeSet};

/// Paths of a forecast of so many jobs: fewer where each takes long.
pub fn paths_for(jobs: usize) -> u32 {
    let jobs = u32::try_from(jobs).unwrap_or(u32::MAX);
    (MANY_PATHS / jobs.max(1)).clamp(FEWEST_PATHS, MOST_PATHS)
}

/// Jobs times paths that take about two seconds.
const MANY_PATHS: u32 = 12_000;
const MOST_PATHS: u32 = 32;
const FEWEST_PATHS: u32 = 12;

/// What is expected of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// When it starts next; none for a job that runs, or where nothing says.
    pub start: Option<Band>,
    /// When it ends.
    pub finish: Option<Band>,
}

/// What is known of how long a program runs, besides what others did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It says itself that it will run so much longer.
    Left(Span),
    /// It takes so many thousandths of what those like it take.
    Thousandths(u32),
}

/// How paths are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Jobs that are alike run long or short together, and others come.
    Together,
    /// Each running time for itself, and nobody comes: what a forecast is compared with.
    Apart,
}

/// What is known at a moment, and how much is to be asked of it.
pub struct Question<'a> {
    /// The state.
    pub cluster: &'a Cluster,
    /// The moment.
    pub now: Time,
    /// What the log says.
    pub history: &'a History,
    /// What else is known of how long programs run.
    pub told: &'a BTreeMap<JobId, Told>,
    /// How many paths.
    pub paths: u32,
    /// How they are drawn.
    pub method: Method,
}

/// Whether so few jobs have run that any forecast would be a guess.
pub fn is_a_guess(history: &History) -> bool {
    let begun = history.jobs.iter().filter_map(|job| job.life.ran());
    begun.take(runtime::ENOUGH).count() < runtime::ENOUGH
}

/// What is expected of these jobs; of none but jobs that have not ended.
pub fn forecast(question: &Question, jobs: &BTreeSet<JobId>) -> BTreeMap<JobId, Expected> {
    let Question { cluster, now, history, told, paths, method } = *question;
    let runtimes = Runtimes::new(history.jobs.iter(), &cluster.policy, now);
    let up = cluster.nodes.values().filter(|node| node.up);
    let gpus = up.map(|node| node.node.gpus).sum();
    let patience = Patience::new(history, now);
    let prospect =
        |job: &Job| Prospect::new((cluster, history, now), job, told.get(&job.id).copied());
    let prospects: Vec<Prospect> = cluster.jobs.values().map(|job| prospect(job)).collect();
    let runtimes = runtimes.for_all(prospects.iter().map(|prospect| &prospect.kin));
    let zone = &cluster.policy.zone;
    let arrivals = Arrivals::new((history, &patience), zone, now, (gpus, &runtimes));
    let ahead = Ahead {
        cluster,
        now,
        method,
        runtimes: &runtimes,
        arrivals: &arrivals,
        patience: &patience,
        in_turns: cluster.jobs.values().any(|job| cluster.mode(job) != TurnMode::Never),
        switch: history.switch(),
        prospects,
        awaited: jobs.iter().copied().filter(|job| cluster.jobs.contains_key(job)).collect(),
    };
    let mut lives: BTreeMap<JobId, Vec<Lived>> = BTreeMap::new();
    for path in 0..paths {
        for (job, lived) in ahead.walk(u64::from(path).wrapping_mul(0x2545_f491_4f6c_dd1d)) {
            lives.entry(job).or_default().push(lived);
        }
    }
    let paths = usize::try_from(paths).unwrap_or(usize::MAX);
    let expected = |lives: &Vec<Lived>| {
        // What is expected of a job is expected if it is left in the queue.
        let stayed = paths - lives.iter().filter(|lived| lived.has_left).count();
        Expected {
            start: Band::of(lives.iter().filter_map(|lived| lived.start).collect(), stayed),
            finish: Band::of(lives.iter().filter_map(|lived| lived.finish).collect(), stayed),
        }
    };
    lives.iter().map(|(job, lives)| (*job, expected(lives))).collect()
}
