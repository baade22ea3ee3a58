//! What a hole in a GPU is worth: the most that usual parts in it would cost elsewhere.
//!
//! The price of a part is the fraction of a GPU that it costs where parts are packed as well as can be: the dual of the
//! cutting-stock problem, found by multiplicative weights. Each round fills one GPU with the dearest parts; parts that are
//! used more often than they are asked for become cheaper, others dearer. That leads close to the exact prices, which are
//! fractions with small denominators: they are found by rounding. If parts of 0.47 are usual, two fill a GPU, and
//! each costs ½. If many parts of 0.81 leave holes that are more than enough for all parts of 0.16, those cost nothing, and
//! go there.

/// Steps of a hundredth in which a GPU is cut.
const STEPS: usize = 100;
/// Thousandths in a step.
const STEP: u32 = 10;
/// Rounds for each usual part until prices stand, and at most.
const ROUNDS: (usize, usize) = (100, 2000);
/// Prices are tried in fractions with denominators up to this.
const DENOMINATORS: u64 = 24;
/// A whole GPU in the unit of weights.
const ONE: u64 = 1 << 32;

/// How many steps a part takes: rounded up, but so many that as many fit into a GPU as do: of thirds three.
fn steps(part: u32) -> usize {
    let fit = STEPS / usize::try_from(STEP * 100 / part.max(1)).unwrap_or(STEPS).max(1);
    usize::try_from(part.div_ceil(STEP)).unwrap_or(STEPS).min(fit).clamp(1, STEPS)
}

/// A usual part.
struct Part {
    /// In steps, rounded up.
    size: usize,
    /// How often it is asked for.
    count: u64,
    weight: u64,
}

impl Part {
    /// The weight of what it takes of a GPU.
    fn full(&self) -> u64 {
        ONE / 100 * u64::try_from(self.size).unwrap_or(1)
    }
}

/// Worth of holes by their size in steps: thousandths of a GPU.
#[derive(Clone, Debug)]
pub(super) struct Worth(Vec<u32>);

impl Worth {
    /// From usual parts, in thousandths, and how many of each.
    pub fn new(parts: impl Iterator<Item = (u32, u64)>) -> Worth {
        let mut counts = vec![0u64; STEPS + 1];
        for (part, count) in parts {
            if let Some(sum) = counts.get_mut(steps(part)) {
                *sum = sum.saturating_add(count.min(1 << 24));
            }
        }
        let asked = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
        let part = |(size, count)| Part { size, count, weight: 0 };
        let mut parts: Vec<Part> = asked.map(part).collect();
        parts.iter_mut().for_each(|part| part.weight = part.full());
        let near = prices(&mut parts);
        round(&mut parts, &near);
        let thousandths =
            |worth: u64| u32::try_from((worth * 1000 + ONE / 2) / ONE).unwrap_or(u32::MAX);
        Worth(dearest(&parts).0.into_iter().map(thousandths).collect())
    }

    /// What a hole loses if a part is cut out of it: hundredths of a GPU, less than one not counted.
    pub fn lost(&self, free: u32, part: u32) -> u32 {
        self.of(free).saturating_sub(self.of(free.saturating_sub(part))) / STEP
    }

    fn of(&self, free: u32) -> u32 {
        let at = usize::try_from(free / STEP).unwrap_or(STEPS).min(STEPS);
        self.0.get(at).copied().unwrap_or(0)
    }
}

/// The prices at which parts, as often as they are asked for, cost the most GPUs.
fn prices(parts: &mut [Part]) -> Vec<u64> {
    let mut best: (u64, Vec<u64>) = (0, parts.iter().map(|part| part.weight).collect());
    let rounds = ROUNDS.1.min(ROUNDS.0 * parts.len());
    let rounds = u64::try_from(rounds).unwrap_or(1);
    for round in 0..rounds {
        let (worth, last) = dearest(parts);
        let whole = worth.last().copied().unwrap_or(0).max(1);
        let cost =
            parts.iter().fold(0u128, |sum, p| sum + u128::from(p.count) * u128::from(p.weight));
        let gpus = u64::try_from(cost * 1000 / u128::from(whole)).unwrap_or(u64::MAX).max(1);
        if gpus > best.0 {
            let price = |p: &Part| u128::from(p.weight) * u128::from(ONE) / u128::from(whole);
            best = (gpus, parts.iter().map(|p| u64::try_from(price(p)).unwrap_or(ONE)).collect());
        }
        let used = used(parts, &last);
        // Steps from 1/5 down to 1/205.
        let slow = 5 + round * 200 / rounds;
        for (part, used) in parts.iter_mut().zip(used) {
            let wanted = part.count.saturating_mul(1_000_000) / gpus;
            let thousandth = part.weight / 1000;
            let more = thousandth * wanted.min(50_000) / slow;
            let less = thousandth * used * 1000 / slow;
            let next = (part.weight + more).saturating_sub(less);
            part.weight = next.clamp(1, ONE);
        }
    }
    best.1
}

/// Sets the best prices among those that were found and the fractions next to them.
///
/// A sum of fractions that fills a GPU costs exactly one: what fits together is not told apart by an error of a hundredth.
fn round(parts: &mut [Part], near: &[u64]) {
    let set = |parts: &mut [Part], prices: &[u64]| {
        parts.iter_mut().zip(prices).for_each(|(part, price)| part.weight = *price);
    };
    set(parts, near);
    let mut best = (value(parts), near.to_vec());
    for of in 1..=DENOMINATORS {
        let next = |price: &u64| (price * of + ONE / 2) / ONE * (ONE / of);
        let prices: Vec<u64> = near.iter().map(next).collect();
        set(parts, &prices);
        let whole = dearest(parts).0.last().copied().unwrap_or(0);
        let value = value(parts);
        if whole <= ONE && value > best.0 {
            best = (value, prices);
        }
    }
    set(parts, &best.1);
}

/// What all parts that are asked for cost; a tenth of what they are larger than they cost is taken off, so that of equally
/// good prices those win that come closest to the room that is taken.
fn value(parts: &[Part]) -> u128 {
    let sum = |of: fn(&Part) -> u64| {
        parts.iter().fold(0u128, |sum, p| sum + u128::from(p.count) * u128::from(of(p)))
    };
    let unpaid = sum(|p| p.full().saturating_sub(p.weight));
    (sum(|p| p.weight) * 10).saturating_sub(unpaid)
}

/// For each size of hole: the most that parts in it weigh, and the last part put there.
fn dearest(parts: &[Part]) -> (Vec<u64>, Vec<Option<usize>>) {
    let (mut worth, mut last) = (vec![0u64; STEPS + 1], vec![None; STEPS + 1]);
    for hole in 1..=STEPS {
        let mut most = (worth[hole - 1], None);
        for (at, part) in parts.iter().enumerate().take_while(|(_, part)| part.size <= hole) {
            let with = worth[hole - part.size] + part.weight;
            if with > most.0 {
                most = (with, Some(at));
            }
        }
        (worth[hole], last[hole]) = most;
    }
    (worth, last)
}

/// How often each part is in the dearest filling of a GPU.
fn used(parts: &[Part], last: &[Option<usize>]) -> Vec<u64> {
    let mut used = vec![0u64; parts.len()];
    let mut hole = STEPS;
    while hole > 0 {
        match last[hole] {
            Some(at) => {
                used[at] += 1;
                hole -= parts[at].size;
            }
            None => hole -= 1,
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use super::Worth;

    #[test]
    fn each_of_the_parts_that_fill_a_gpu_costs_the_same() {
        for (part, fit) in [(333, 3), (125, 8), (250, 4), (142, 7), (500, 2)] {
            let worth = Worth::new([(part, 1)].into_iter());
            for cut in 0..fit {
                let lost = worth.lost(1000 - cut * part, part);
                assert!(lost.abs_diff(100 / fit) <= 1, "{part}, the {cut} before: {lost}");
            }
        }
    }
}
