//! Gavel's engine: rounds of 360 s, each of which lasts until its last job is done with it.
//!
//! At the start of a round arrivals are admitted and the policy chooses who runs on which model. A job does what fits
//! into the round; GPUs of a job that ends early stay idle until the next round. A job that starts or moves loses the
//! switch cost.

use super::trace::{MODELS, Work, Workload};

/// Seconds of a round.
pub const ROUND: f64 = 360.0;

/// What is known of a job while the engine runs.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Steps done.
    pub done: u64,
    /// The model it ran on in the last round.
    pub held: Option<usize>,
    /// When it started there.
    pub since: f64,
    /// How often it started or moved.
    pub starts: u32,
    /// When it ended.
    pub end: Option<f64>,
}

/// What a policy sees at the start of a round.
pub struct Round<'r> {
    /// Seconds since the trace began.
    pub now: f64,
    /// All jobs, those that have not arrived too: only those of `active` may be looked at.
    pub jobs: &'r [Work],
    /// Beside `jobs`.
    pub states: &'r [State],
    /// Jobs that have arrived and not ended, by arrival.
    pub active: &'r [usize],
    /// GPUs of each model.
    pub gpus: [u32; MODELS],
}

/// Chooses who runs in a round.
pub trait Policy {
    /// Pairs of job and model.
    fn choose(&mut self, round: &Round) -> Vec<(usize, usize)>;
}

/// What became of the jobs.
pub struct Outcome {
    /// Beside the jobs.
    pub states: Vec<State>,
    /// Rounds in which something ran.
    pub rounds: u64,
    /// Rounds in which a job started or moved.
    pub moving: u64,
}

/// Runs a workload until all measured jobs have ended.
pub fn run(work: &Workload, switch_cost: f64, policy: &mut dyn Policy) -> Outcome {
    let jobs = &work.jobs;
    let mut states = vec![State::default(); jobs.len()];
    let (mut active, mut next, mut now) = (Vec::new(), 0, 0.0);
    let (mut rounds, mut moving, mut left) = (0, 0, work.measured.len());
    while left > 0 {
        while jobs.get(next).is_some_and(|job| job.arrival <= now) {
            active.push(next);
            next += 1;
        }
        let gpus = work.gpus;
        let chosen = policy.choose(&Round { now, jobs, states: &states, active: &active, gpus });
        check(jobs, &chosen, gpus);
        if chosen.is_empty() {
            let Some(job) = jobs.get(next) else { break };
            now = job.arrival;
            continue;
        }
        let mut holds = vec![None; active.len()];
        for (job, model) in &chosen {
            let at = active.binary_search(job).expect("a policy chooses active jobs");
            holds[at] = Some(*model);
        }
        let (mut end, mut moved) = (now, false);
        for (at, id) in active.iter().enumerate() {
            let state = &mut states[*id];
            let Some(model) = holds[at] else {
                state.held = None;
                continue;
            };
            let fresh = state.held != Some(model);
            if fresh {
                (state.held, state.since) = (Some(model), now);
                state.starts += 1;
                moved = true;
            }
            let lost = if fresh { switch_cost } else { 0.0 };
            end = step(&jobs[*id], state, (now, model, lost)).max(end);
        }
        active.retain(|id| states[*id].end.is_none());
        left = work.measured.clone().filter(|id| states[*id].end.is_none()).count();
        (rounds, moving, now) = (rounds + 1, moving + u64::from(moved), end.max(now + 1.0));
    }
    Outcome { states, rounds, moving }
}

/// One job's part of a round; returns when it is done with it.
fn step(job: &Work, state: &mut State, (now, model, lost): (f64, usize, f64)) -> f64 {
    let rate = job.rate[model];
    let fits = (rate * (ROUND - lost)).max(0.0) as u64;
    let steps = fits.min(job.steps - state.done);
    state.done += steps;
    let end = now + lost + steps as f64 / rate;
    if state.done == job.steps {
        state.end = Some(end);
    }
    end
}

/// A policy that promises GPUs twice measures nothing.
fn check(jobs: &[Work], chosen: &[(usize, usize)], gpus: [u32; MODELS]) {
    let mut used = [0; MODELS];
    for (job, model) in chosen {
        assert!(jobs[*job].rate[*model] > 0.0, "job {job} cannot run on model {model}");
        used[*model] += jobs[*job].gpus;
    }
    assert!((0..MODELS).all(|m| used[m] <= gpus[m]), "more GPUs were given than there are");
}
