//! Parts of GPUs, and whole ones, put where they leave the least that the usual requests cannot use.
//!
//! Three questions decide, in this order; where all leave several places, the first is taken:
//!
//! 1. Does it take the room of a gang while that is scarce ([`Usual::see`], [`Usual::spoils`])? Of what is free on all nodes,
//!    the gangs of each size have their usual share: that many nodes with enough whole GPUs are kept for them as long as
//!    there is room elsewhere. While there are more such nodes, they are like any other.
//! 2. What is the hole worth that is cut into, and what is left of it ([`prices`])? Half a GPU saves half a GPU if two of the
//!    usual parts fill one; a fifth is worth nothing if no usual part is that small.
//! 3. What would be left over in the end if the usual requests were offered to this node, now and afterwards? So many whole
//!    GPUs stay without a use for want of cores or memory, or because gangs need a whole node. It is tried, with
//!    [`OFFERS`] × [`LENGTH`] requests in their usual proportion, larger ones as often as their GPUs count.
//!
//! Only the distribution of past requests is known. One worked number: parts of ⅓ and ⅔ are usual. A part of ⅓ in a hole of
//! ⅔ costs ⅔ − ⅓ = ⅓; in a hole of ½, which is worth ⅓ as well, it costs ⅓ too, and leaves less; a hole of ½ is chosen.
//!
//! ```
//! use rota_core::plan::pack::{Request, Space, Usual};
//! let part = |part| Request { gpus: 1, part, cpus: 1, mem: 1, kinds: u64::MAX };
//! let mut usual = Usual::new(&[(part(333), 10), (part(666), 10)]);
//! let space = Space { free: vec![666, 500, 1000], cpus: 64, mem: 64, kind: 0 };
//! let best = usual.best(&space, &part(333)).expect("there is room");
//! assert_eq!(best.gpu, Some(1));
//! ```
//!
//! The expected part of a node that a usual request cannot use is the measure of FGD (Weng et al., ATC 2023), which looks one
//! request ahead. Prices of holes are the duals of the cutting-stock problem. Measured by `cargo xtask bench fgd`.

mod prices;

use std::collections::BTreeMap;

/// Thousandths of a GPU.
pub const WHOLE: u32 = 1000;

/// So many times a node is filled with usual requests.
const OFFERS: usize = 12;
/// So many usual requests are offered to a node each time.
const LENGTH: usize = 80;
/// Losses of less than so many thousandths of a GPU are the same: then nodes in use are filled before others.
const COARSE: i64 = 100;

/// What is asked for on one node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// GPUs.
    pub gpus: u32,
    /// How much of each, in thousandths: less than all only of one GPU.
    pub part: u32,
    /// CPU, in any unit.
    pub cpus: u64,
    /// Host memory, in any unit.
    pub mem: u64,
    /// The kinds of node that it may go to: bit by bit.
    pub kinds: u64,
}

/// What is free on a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Space {
    /// Thousandths of each GPU.
    pub free: Vec<u32>,
    /// CPU.
    pub cpus: u64,
    /// Host memory.
    pub mem: u64,
    /// Its kind, from 0 to 63.
    pub kind: u32,
}

/// What a place costs: less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// What the hole loses in worth, in hundredths of a GPU.
    pub hole: u32,
    /// What the node loses for the usual requests, coarsely.
    pub lost: i64,
}

/// A place on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What it costs.
    pub cost: Cost,
    /// The GPU that is shared; none: whole ones.
    pub gpu: Option<usize>,
}

/// What is free on all nodes together.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// Thousandths of GPUs.
    free: u64,
    /// How many nodes there are by their number of whole free GPUs.
    nodes: BTreeMap<u64, u64>,
}

/// The usual requests.
#[derive(Clone, Debug)]
pub struct Usual {
    requests: Vec<Request>,
    /// GPUs that were asked for by gangs, by their size, and by all, in thousandths.
    gangs: BTreeMap<u32, u128>,
    total: u128,
    /// Sizes of gangs that whole nodes are kept for.
    scarce: Vec<u32>,
    offers: Vec<Vec<usize>>,
    /// The smallest part and the fewest cores that are usual.
    least: (u32, u64),
    worth: prices::Worth,
    /// What is left over of spaces that were tried.
    known: BTreeMap<Space, i64>,
}

impl Space {
    /// Whether the request fits.
    pub fn takes(&self, request: &Request) -> bool {
        let wide =
            self.free.iter().filter(|free| **free >= request.part).take(to_usize(request.gpus));
        self.accepts(request) && wide.count() == to_usize(request.gpus)
    }

    fn accepts(&self, request: &Request) -> bool {
        let (cpus, mem) = (request.cpus <= self.cpus, request.mem <= self.mem);
        cpus && mem && (request.gpus == 0 || request.kinds >> self.kind.min(63) & 1 == 1)
    }

    /// What is left once a request is there; `gpu` is the one that is shared.
    pub fn without(&self, request: &Request, gpu: Option<usize>) -> Space {
        let mut left = self.clone();
        left.give(request, gpu);
        left
    }

    fn give(&mut self, request: &Request, gpu: Option<usize>) {
        self.cpus = self.cpus.saturating_sub(request.cpus);
        self.mem = self.mem.saturating_sub(request.mem);
        let part = request.part;
        match gpu {
            Some(gpu) => {
                self.free.iter_mut().skip(gpu).take(1).for_each(|f| *f = f.saturating_sub(part))
            }
            None => {
                let wide = self.free.iter_mut().filter(|free| **free >= part);
                wide.take(to_usize(request.gpus))
                    .for_each(|free| *free = free.saturating_sub(part));
            }
        }
    }

    fn total(&self) -> i64 {
        self.free.iter().map(|free| i64::from(*free)).sum()
    }
}

impl Stock {
    /// A node's free GPUs, in thousandths, are among them from now on.
    pub fn add(&mut self, free: impl Iterator<Item = u32>) {
        let (all, whole) = tally(free);
        self.free += all;
        *self.nodes.entry(whole).or_default() += 1;
    }

    /// A node's free GPUs were these until now.
    pub fn remove(&mut self, free: impl Iterator<Item = u32>) {
        let (all, whole) = tally(free);
        self.free = self.free.saturating_sub(all);
        if let Some(nodes) = self.nodes.get_mut(&whole) {
            *nodes = nodes.saturating_sub(1);
        }
    }

    /// Gangs of a size that there is room for.
    fn room(&self, gang: u32) -> u64 {
        self.nodes.iter().map(|(whole, nodes)| whole / u64::from(gang.max(1)) * nodes).sum()
    }
}

impl Request {
    fn is_part(&self) -> bool {
        self.gpus == 1 && self.part < WHOLE
    }

    fn total(&self) -> i64 {
        i64::from(self.gpus) * i64::from(self.part)
    }
}

impl Usual {
    /// From past requests and how many there were of each.
    pub fn new(past: &[(Request, u64)]) -> Usual {
        let asked = past.iter().filter(|(request, count)| request.gpus > 0 && *count > 0);
        let (requests, counts): (Vec<Request>, Vec<u64>) = asked.cloned().unzip();
        let parts = requests.iter().zip(&counts).filter(|(request, _)| request.is_part());
        let worth = prices::Worth::new(parts.map(|(request, count)| (request.part, *count)));
        let offers = offers(&requests, &counts);
        let (mut gangs, mut total) = (BTreeMap::new(), 0);
        for (request, count) in requests.iter().zip(&counts) {
            let asked = u128::from(request.gpus) * u128::from(request.part) * u128::from(*count);
            total += asked;
            if request.gpus > 1 {
                *gangs.entry(request.gpus).or_default() += asked;
            }
        }
        let part = requests.iter().map(|request| request.part).min().unwrap_or(WHOLE);
        let cpus = requests.iter().map(|request| request.cpus).min().unwrap_or(0);
        let (scarce, known) = (Vec::new(), BTreeMap::new());
        Usual { requests, gangs, total, scarce, offers, least: (part, cpus), worth, known }
    }

    /// From now on, nodes are kept for gangs of the sizes that there is less room for than their share of what is free.
    ///
    /// If a tenth of the GPUs is asked for by gangs of 8 and 800 GPUs are free, ten nodes with 8 free ones are just enough.
    pub fn see(&mut self, stock: &Stock) {
        let is_scarce = |(gang, asked): &(&u32, &u128)| {
            let room = u128::from(stock.room(**gang)) * u128::from(**gang) * u128::from(WHOLE);
            room * self.total < u128::from(stock.free) * **asked
        };
        self.scarce = self.gangs.iter().filter(is_scarce).map(|(gang, _)| *gang).collect();
    }

    /// GPUs of a node that scarce gangs cannot have any more once a request is there; what a gang takes itself is not counted.
    ///
    /// ```
    /// use rota_core::plan::pack::{Request, Stock, Usual};
    /// let pair = Request { gpus: 2, part: 1000, cpus: 1, mem: 1, kinds: u64::MAX };
    /// let half = Request { gpus: 1, part: 500, ..pair.clone() };
    /// let mut usual = Usual::new(&[(pair, 3), (half.clone(), 1)]);
    /// let mut stock = Stock::default();
    /// stock.add([1000, 1000, 500].into_iter());
    /// usual.see(&stock);
    /// assert_eq!(usual.spoils(&[1000, 1000, 500], &half, Some(2)), 0);
    /// assert_eq!(usual.spoils(&[1000, 1000, 500], &half, Some(0)), 2);
    /// assert_eq!(usual.spoils(&[1000, 1000, 1000], &half, Some(0)), 0);
    /// ```
    pub fn spoils(&self, free: &[u32], request: &Request, gpu: Option<usize>) -> u32 {
        if self.scarce.is_empty() || request.gpus == 0 {
            return 0;
        }
        let opened = match gpu {
            Some(gpu) => u64::from(free.get(gpu) == Some(&WHOLE)),
            None => u64::from(request.gpus),
        };
        let (_, before) = tally(free.iter().copied());
        let after = before.saturating_sub(opened);
        let lost = |gang: &u32| {
            let size = u64::from((*gang).max(1));
            let own = u64::from(request.gpus >= *gang);
            (before / size - after / size).saturating_sub(own) * size
        };
        u32::try_from(self.scarce.iter().map(lost).sum::<u64>()).unwrap_or(u32::MAX)
    }

    /// The best place for a request on a node; none, if it does not fit.
    pub fn best(&mut self, space: &Space, request: &Request) -> Option<Place> {
        if !space.takes(request) {
            return None;
        }
        let before = self.left_over(space);
        let mut best: Option<Place> = None;
        for gpu in choices(space, request) {
            let after = self.left_over(&space.without(request, gpu));
            let hole = gpu
                .and_then(|gpu| space.free.get(gpu))
                .map(|free| self.worth.lost(*free, request.part));
            let lost = (after + request.total() - before).div_euclid(COARSE);
            let place = Place { cost: Cost { hole: hole.unwrap_or(0), lost }, gpu };
            let tighter = |than: &Place| {
                let free = |place: &Place| place.gpu.and_then(|gpu| space.free.get(gpu));
                (place.cost, free(&place)) < (than.cost, free(than))
            };
            if best.as_ref().is_none_or(tighter) {
                best = Some(place);
            }
        }
        best
    }

    /// Thousandths that the usual requests leave over on a node, on average.
    fn left_over(&mut self, space: &Space) -> i64 {
        let mut key = space.clone();
        key.free.sort_unstable();
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let left: i64 = self.offers.iter().map(|offers| self.fill(key.clone(), offers)).sum();
        let mean = left / i64::try_from(OFFERS).unwrap_or(1);
        self.known.insert(key, mean);
        mean
    }

    fn fill(&self, mut space: Space, offers: &[usize]) -> i64 {
        for request in offers.iter().filter_map(|at| self.requests.get(*at)) {
            if !space.accepts(request) {
                continue;
            }
            if !request.is_part() {
                if !space.takes(request) {
                    continue;
                }
                space.give(request, None);
            } else {
                let wide = |(_, free): &(usize, &u32)| **free >= request.part;
                let holes = space.free.iter().enumerate().filter(wide);
                let cheapest =
                    holes.min_by_key(|(_, free)| (self.worth.lost(**free, request.part), **free));
                let Some(gpu) = cheapest.map(|(gpu, _)| gpu) else { continue };
                space.give(request, Some(gpu));
            }
            if self.is_full(&space) {
                break;
            }
        }
        space.total()
    }

    /// Whether no usual request fits.
    fn is_full(&self, space: &Space) -> bool {
        let (part, cpus) = self.least;
        space.cpus < cpus || space.free.iter().all(|free| *free < part)
    }
}

/// Thousandths of GPUs that are free, and how many GPUs are wholly free.
fn tally(free: impl Iterator<Item = u32>) -> (u64, u64) {
    free.fold((0, 0), |(all, whole), free| {
        (all + u64::from(free), whole + u64::from(free == WHOLE))
    })
}

/// GPUs that a part could go to, one of those that have the same left; for whole GPUs there is nothing to choose.
fn choices(space: &Space, request: &Request) -> Vec<Option<usize>> {
    if !request.is_part() {
        return vec![None];
    }
    let mut all: Vec<Option<usize>> = Vec::new();
    for (gpu, free) in space.free.iter().enumerate().filter(|(_, free)| **free >= request.part) {
        let same = |at: &Option<usize>| at.and_then(|at| space.free.get(at)) == Some(free);
        if !all.iter().any(same) {
            all.push(Some(gpu));
        }
    }
    all
}

/// Requests in their usual proportion, by GPUs: evenly spread, so that each stretch is like the whole.
fn offers(requests: &[Request], counts: &[u64]) -> Vec<Vec<usize>> {
    /// 2^64 ÷ the golden ratio: multiples of it are spread most evenly.
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut sums: Vec<u128> = Vec::new();
    let mut total = 0u128;
    for (request, count) in requests.iter().zip(counts) {
        total += u128::from(*count) * u128::from(request.gpus);
        sums.push(total);
    }
    let pick = |at: u64| {
        let share = (u128::from(at.wrapping_mul(GOLDEN)) * total) >> 64;
        sums.partition_point(|sum| *sum <= share)
    };
    let all: Vec<usize> = (1u64..).take(OFFERS * LENGTH).map(pick).collect();
    all.chunks(LENGTH).map(<[usize]>::to_vec).collect()
}

fn to_usize(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
