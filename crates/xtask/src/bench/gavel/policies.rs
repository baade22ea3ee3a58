//! Policies that order jobs by one key and give each the fastest model that has room.

use super::engine::{Policy, Round};
use super::trace::{MODELS, Work};

/// First in, first out: nobody passes a job that does not fit.
pub struct Fifo;

impl Policy for Fifo {
    fn choose(&mut self, round: &Round) -> Vec<(usize, usize)> {
        let mut free = round.gpus;
        let fits = |job: &usize| fastest(&round.jobs[*job], &mut free).map(|model| (*job, model));
        round.active.iter().map_while(fits).collect()
    }
}

/// Oracle: remaining GPU time first, aged: remaining · gang ÷ (1 + age ÷ `aging`). It knows each job's duration.
pub struct Srsf {
    /// Seconds after which a job counts half; infinite: remaining time alone decides.
    pub aging: f64,
}

impl Policy for Srsf {
    fn choose(&mut self, round: &Round) -> Vec<(usize, usize)> {
        let key = |id: usize| {
            let job = &round.jobs[id];
            let remaining = (job.steps - round.states[id].done) as f64 / job.best();
            remaining * f64::from(job.gpus) / (1.0 + (round.now - job.arrival) / self.aging)
        };
        by_key(round, key)
    }
}

/// Least attained service, in GPU time at full speed, in two levels: under 3 GPU-hours, under 20, above.
pub struct TwoLevels;

impl Policy for TwoLevels {
    fn choose(&mut self, round: &Round) -> Vec<(usize, usize)> {
        let key = |id: usize| {
            let job = &round.jobs[id];
            let attained = round.states[id].done as f64 / job.best() * f64::from(job.gpus);
            [3.0, 20.0].iter().filter(|hours| attained >= **hours * 3600.0).count() as f64
        };
        by_key(round, key)
    }
}

/// Smallest key first; whoever fits nowhere is passed.
fn by_key(round: &Round, key: impl Fn(usize) -> f64) -> Vec<(usize, usize)> {
    let mut queue: Vec<(f64, usize)> = round.active.iter().map(|id| (key(*id), *id)).collect();
    queue.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut free = round.gpus;
    let fits = |(_, job): (f64, usize)| Some((job, fastest(&round.jobs[job], &mut free)?));
    queue.into_iter().filter_map(fits).collect()
}

/// Takes GPUs of the model that is fastest for the job among those with room.
fn fastest(job: &Work, free: &mut [u32; MODELS]) -> Option<usize> {
    let room = (0..MODELS).filter(|m| job.rate[*m] > 0.0 && free[*m] >= job.gpus);
    let model = room.max_by(|a, b| job.rate[*a].total_cmp(&job.rate[*b]).then(b.cmp(a)))?;
    free[model] -= job.gpus;
    Some(model)
}
