//! Workloads of Gavel's generator, made anew from its description in a seed and a rate.

use super::trace::{Kind, Work, Workload};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// A uniform number in 0..1.
fn uniform(rng: &mut Pcg64) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// `jobs` jobs, `rate` an hour on average, on 36 GPUs of each model. The middle is measured: the queue fills before it
/// and does not run empty after it.
pub fn generate(kinds: &[Kind], seed: u64, rate: f64, jobs: usize) -> Workload {
    let mut rng = Pcg64::seed_from_u64(seed);
    let mut arrival = 0.0;
    let mut made = Vec::with_capacity(jobs);
    for _ in 0..jobs {
        let r = uniform(&mut rng);
        let gpus = match r {
            r if r > 0.95 => 8,
            r if r > 0.8 => 4,
            r if r >= 0.7 => 2,
            _ => 1,
        };
        let long = uniform(&mut rng) < 0.2;
        let u = uniform(&mut rng);
        let seconds = 60.0 * 10f64.powf(if long { 3.0 + u } else { 1.5 + 1.5 * u });
        let fitting: Vec<&Kind> = kinds.iter().filter(|k| k.gpus == gpus).collect();
        let chosen = (uniform(&mut rng) * fitting.len() as f64) as usize;
        if let Some(kind) = fitting.get(chosen.min(fitting.len().saturating_sub(1))) {
            let steps = (seconds * kind.rate[0]).max(1.0) as u64;
            made.push(Work { arrival, gpus, steps, rate: kind.rate });
        }
        arrival -= (1.0 - uniform(&mut rng)).ln() * 3600.0 / rate;
    }
    let measured = made.len() / 4..made.len() * 3 / 4;
    Workload { jobs: made, measured, gpus: [36; 3] }
}
