//! Policies that give each job a fraction of the time on each model, realised round by round as Gavel does.
//!
//! Priority on a model = fraction ÷ part of the model's time received since fractions were last computed.

use super::engine::{Policy, ROUND, Round};
use super::trace::MODELS;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// How the fractions are computed: jobs of a round → one row a job.
pub type Fractions = fn(&Round) -> Vec<[f64; MODELS]>;

/// New fractions are taken up at most this often, in seconds.
const RESET: f64 = 1920.0;

/// In which order the models are given out in a round.
pub enum Order {
    /// V100 first: the policy knows speeds.
    Fastest,
    /// Shuffled for each round: the policy does not.
    Shuffled(Pcg64),
}

impl Order {
    /// Shuffled, from a seed.
    pub fn shuffled(seed: u64) -> Order {
        Order::Shuffled(Pcg64::seed_from_u64(seed))
    }

    fn next(&mut self) -> [usize; MODELS] {
        let mut models = [0, 1, 2];
        if let Order::Shuffled(rng) = self {
            for at in (1..MODELS).rev() {
                models.swap(at, (rng.next_u64() % (at as u64 + 1)) as usize);
            }
        }
        models
    }
}

/// Realises fractions.
pub struct Shares {
    fractions: Fractions,
    order: Order,
    known: Vec<usize>,
    rows: Vec<Row>,
    pending: bool,
    reset: Option<f64>,
}

#[derive(Clone, Copy)]
struct Row {
    fraction: [f64; MODELS],
    received: [f64; MODELS],
    deficit: [f64; MODELS],
}

impl Row {
    const NEW: Row = Row { fraction: [0.0; 3], received: [ROUND / 2.0; 3], deficit: [0.0; 3] };
}

impl Shares {
    /// A policy that computes its fractions this way.
    pub fn new(fractions: Fractions, order: Order) -> Shares {
        let (known, rows) = (Vec::new(), Vec::new());
        Shares { fractions, order, known, rows, pending: true, reset: None }
    }

    /// Takes up jobs that came and went, and new fractions when it is time.
    fn refresh(&mut self, round: &Round) {
        if self.known != round.active {
            let find = |id| self.known.binary_search(id).map_or(Row::NEW, |at| self.rows[at]);
            self.rows = round.active.iter().map(find).collect();
            self.known = round.active.to_vec();
            self.pending = true;
        }
        let since = self.reset.map(|at| round.now - at);
        if !self.pending || since.is_some_and(|since| since < RESET) {
            return;
        }
        let fresh = (self.fractions)(round);
        for (row, fraction) in self.rows.iter_mut().zip(fresh) {
            for m in 0..MODELS {
                let owed = row.fraction[m] * since.unwrap_or(0.0);
                row.deficit[m] += owed - (row.received[m] - ROUND / 2.0);
            }
            (row.fraction, row.received) = (fraction, Row::NEW.received);
        }
        (self.pending, self.reset) = (false, Some(round.now));
    }
}

impl Policy for Shares {
    fn choose(&mut self, round: &Round) -> Vec<(usize, usize)> {
        self.refresh(round);
        let mut taken = vec![false; self.rows.len()];
        let mut chosen = Vec::new();
        for m in self.order.next() {
            let fits = |at: &usize| {
                self.rows[*at].fraction[m] > 0.0 && round.jobs[round.active[*at]].rate[m] > 0.0
            };
            let mut queue: Vec<usize> = (0..self.rows.len()).filter(fits).collect();
            let key = |at: usize| {
                let row = &self.rows[at];
                (row.fraction[m] / row.received[m], row.deficit[m], row.fraction[m])
            };
            queue
                .sort_by(|a, b| key(*b).partial_cmp(&key(*a)).unwrap_or(std::cmp::Ordering::Equal));
            let mut free = round.gpus[m];
            for at in queue {
                let gpus = round.jobs[round.active[at]].gpus;
                if !taken[at] && gpus <= free {
                    taken[at] = true;
                    free -= gpus;
                    self.rows[at].received[m] += ROUND;
                    chosen.push((round.active[at], m));
                }
            }
        }
        chosen
    }
}

/// Each job by itself on its part of every model: x = N ÷ (n · gang), scaled so that no row is above 1.
pub fn isolated(round: &Round) -> Vec<[f64; MODELS]> {
    let n = round.active.len() as f64;
    let gang = |id: &usize| round.jobs[*id].gpus;
    let least = round.active.iter().map(gang).min().unwrap_or(1);
    round.active.iter().map(|id| entitlement((gang(id), least), n, round.gpus)).collect()
}

/// The row of a job of `gang` GPUs among `n`, the smallest of which has `least`. Rows of one GPU are whole.
pub fn entitlement((gang, least): (u32, u32), n: f64, gpus: [u32; MODELS]) -> [f64; MODELS] {
    let all: f64 = gpus.iter().map(|count| f64::from(*count)).sum();
    let largest = all / (n * f64::from(least));
    gpus.map(|count| f64::from(count) / (n * f64::from(gang)) / largest)
}

/// Least attained service as Gavel does it, blind to speeds: max-min of GPU time. Each job gets `level` GPUs' time, or
/// its whole gang if that is less; the level uses up all GPUs. Every model is split in the same way.
pub fn equal_time(round: &Round) -> Vec<[f64; MODELS]> {
    let all: f64 = round.gpus.iter().map(|count| f64::from(*count)).sum();
    let gangs: Vec<f64> = round.active.iter().map(|id| f64::from(round.jobs[*id].gpus)).collect();
    let mut rising = gangs.clone();
    rising.sort_by(f64::total_cmp);
    let (mut left, mut above, mut level) = (all, rising.len() as f64, 0.0);
    for gang in rising {
        level = left / above;
        if gang > level {
            break;
        }
        (left, above, level) = (left - gang, above - 1.0, gang);
    }
    let row = |gang: &f64| round.gpus.map(|count| gang.min(level) / gang * f64::from(count) / all);
    gangs.iter().map(row).collect()
}
