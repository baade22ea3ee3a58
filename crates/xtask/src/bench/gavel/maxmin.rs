//! Gavel's max-min fairness: the fractions whose least served job is served best. Served = speed ÷ speed on an equal part
//! of all models, × gang.
//!
//! The linear programme is solved approximately, by prices: each job buys the cheapest mix of models that serves it at
//! `level`; a model that is overbought gets dearer; the level is searched for that just fits.

use super::engine::Round;
use super::trace::MODELS;

/// Steps of the search for the level, and price changes in each.
const SEARCH: usize = 8;
const PRICES: usize = 40;
/// Everyone's fraction of every model at least: GPUs that the programme leaves over go to whoever is there.
const FLOOR: f64 = 1e-6;

type Row = [f64; MODELS];

/// Fractions of all jobs.
pub fn max_min(round: &Round) -> Vec<Row> {
    let all: f64 = round.gpus.iter().map(|count| f64::from(*count)).sum();
    let gangs: Vec<f64> = round.active.iter().map(|id| f64::from(round.jobs[*id].gpus)).collect();
    let served: Vec<Row> = round
        .active
        .iter()
        .zip(&gangs)
        .map(|(id, gang)| {
            let rate = round.jobs[*id].rate;
            let equal: f64 = (0..MODELS).map(|m| rate[m] * f64::from(round.gpus[m]) / all).sum();
            rate.map(|rate| rate * gang / equal)
        })
        .collect();
    let most = |row: &Row| row.iter().copied().fold(0.0, f64::max);
    let (mut low, mut high) = (0.0, served.iter().map(most).fold(f64::INFINITY, f64::min));
    let mut prices = [1.0; MODELS];
    let mut best = vec![[0.0; MODELS]; gangs.len()];
    for step in 0..SEARCH {
        let level = if step == 0 { high } else { f64::midpoint(low, high) };
        let rows = buy(&served, &gangs, (level, round.gpus), &mut prices);
        let over = bought(&rows, &gangs, round.gpus).into_iter().fold(0.0, f64::max);
        if over > 1.01 {
            high = level;
            continue;
        }
        (low, best) = (level, rows);
        if step == 0 {
            break;
        }
    }
    best.iter().map(|row| row.map(|x| x.max(FLOOR))).collect()
}

/// What all jobs buy at this level, averaged over the later half of the price changes.
fn buy(
    served: &[Row],
    gangs: &[f64],
    (level, gpus): (f64, [u32; MODELS]),
    prices: &mut Row,
) -> Vec<Row> {
    let mut sums = vec![[0.0; MODELS]; served.len()];
    for turn in 0..PRICES {
        let rows: Vec<Row> = served.iter().map(|job| cheapest(job, prices, level)).collect();
        let over = bought(&rows, gangs, gpus);
        for m in 0..MODELS {
            prices[m] *= (0.4 * (over[m] - 1.0).clamp(-1.0, 1.0)).exp();
        }
        if turn >= PRICES / 2 {
            for (sum, row) in sums.iter_mut().zip(&rows) {
                (0..MODELS).for_each(|m| sum[m] += row[m] / (PRICES - PRICES / 2) as f64);
            }
        }
    }
    sums
}

/// GPUs of each model that the rows take, ÷ those there are.
fn bought(rows: &[Row], gangs: &[f64], gpus: [u32; MODELS]) -> Row {
    let mut used = [0.0; MODELS];
    for (row, gang) in rows.iter().zip(gangs) {
        (0..MODELS).for_each(|m| used[m] += row[m] * gang);
    }
    std::array::from_fn(|m| used[m] / f64::from(gpus[m]).max(1e-9))
}

/// The cheapest row, at most 1 in sum, that serves the job at the level: one model, or all the time on two.
fn cheapest(served: &Row, prices: &Row, level: f64) -> Row {
    let (mut best, mut least) = ([0.0; MODELS], f64::INFINITY);
    for a in 0..MODELS {
        for b in 0..MODELS {
            let mut row = [0.0; MODELS];
            if a == b && served[a] >= level * (1.0 - 1e-9) {
                row[a] = (level / served[a]).min(1.0);
            } else if served[a] < level && served[b] > level {
                row[b] = (level - served[a]) / (served[b] - served[a]);
                row[a] = 1.0 - row[b];
            } else {
                continue;
            }
            if (0..MODELS).any(|m| row[m] > 0.0 && served[m] <= 0.0) {
                continue;
            }
            let cost: f64 = (0..MODELS).map(|m| row[m] * prices[m]).sum();
            if cost < least {
                (best, least) = (row, cost);
            }
        }
    }
    best
}
