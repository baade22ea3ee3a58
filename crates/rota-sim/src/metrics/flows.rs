//! What labs hold and want, moment by moment: in each ledger at price, in each room in GPUs.
//!
//! Rank 0 is left out: what runs as spare is nobody's part. A job that waits wants the cheapest room of a ledger that it
//! accepts; it counts in every ledger and room that it accepts until it runs in one.

use super::facet::{Facet, Flow};
use super::maxmin::{Wish, divide_by_right};
use super::room::Room;
use super::walk::{Step, Watch};
use rota_core::cluster::Cluster;
use rota_core::id::{JobId, LabId};
use rota_core::plan::fairshare::Weights;
use rota_core::policy::who::Who;
use rota_core::policy::{Claim, PoolId};
use rota_core::report::Stretch;
use rota_core::units::Time;
use std::collections::BTreeMap;

/// What a lab had, and its part, in the moments in which labs competed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Price × milliseconds that it held.
    pub delivered: u128,
    /// Price × milliseconds of its part.
    pub entitled: u128,
}

/// One ledger: what labs do in it now, and what came of it.
#[derive(Default)]
struct Ledger {
    labs: BTreeMap<LabId, Flow>,
    rights: BTreeMap<LabId, u64>,
    /// What passes each millisecond: lab, held, entitled; empty where nobody competes. None: to be found out.
    now: Option<Vec<(LabId, u64, u64)>>,
    sums: BTreeMap<LabId, Sum>,
}

/// One room: which labs work in it, and what their parts of it are from when on.
#[derive(Default)]
struct Place {
    labs: BTreeMap<LabId, Flow>,
    rights: BTreeMap<LabId, u64>,
    gpus: u64,
    most: u64,
    is_old: bool,
    parts: BTreeMap<LabId, Vec<(Time, u64)>>,
}

/// All of it.
pub struct Flows {
    from: Time,
    facets: BTreeMap<JobId, Facet>,
    ledgers: BTreeMap<String, Ledger>,
    rooms: BTreeMap<Room, Place>,
    weights: BTreeMap<LabId, u64>,
    /// How many people are known: a claim may be that of a new one.
    people: usize,
    ended: usize,
}

impl Flows {
    /// For a period.
    pub fn new(period: Stretch) -> Flows {
        let (facets, ledgers, rooms) = Default::default();
        let weights = BTreeMap::new();
        Flows { from: period.from, facets, ledgers, rooms, weights, people: 0, ended: 0 }
    }

    /// What each lab had in each ledger while labs competed.
    pub fn sums(&self) -> impl Iterator<Item = (&str, LabId, Sum)> {
        self.ledgers.iter().flat_map(|(pool, ledger)| {
            ledger.sums.iter().map(move |(lab, sum)| (pool.as_str(), *lab, *sum))
        })
    }

    /// A lab's part of a room from when on: thousandths of a GPU.
    pub fn part(&self, room: &Room, lab: LabId) -> &[(Time, u64)] {
        let place = self.rooms.get(room);
        place.and_then(|p| p.parts.get(&lab)).map_or(&[], Vec::as_slice)
    }

    /// The most GPUs that a room had.
    pub fn gpus(&self, room: &Room) -> u64 {
        self.rooms.get(room).map_or(0, |place| place.most)
    }

    /// Jobs that held or wanted GPUs in the period.
    pub fn jobs(&self) -> usize {
        self.ended + self.facets.len()
    }

    fn add(&mut self, facet: &Facet, sign: Sign) {
        for (pool, flow) in &facet.ledgers {
            let ledger = at_key(&mut self.ledgers, pool);
            ledger.now = None;
            sign.change(&mut ledger.labs, facet.lab, *flow);
        }
        for (room, flow) in &facet.rooms {
            let place = self.rooms.entry(room.clone()).or_default();
            let before = place.labs.len();
            sign.change(&mut place.labs, facet.lab, *flow);
            place.is_old |= place.labs.len() != before;
        }
    }

    fn weigh(&mut self, c: &Cluster, at: Time) {
        let weights = Weights::at(c, at);
        let of = |name: &str| u64::try_from(weights.of(|| Who::Lab(name.into())));
        let labs = (0u32..).map(LabId).zip(&c.accounts.labs);
        self.weights = labs.map(|(id, lab)| (id, of(&lab.name).unwrap_or(u64::MAX))).collect();
    }

    /// What claims give to labs now.
    fn give_rights(&mut self, c: &Cluster, at: Time) {
        self.people = c.accounts.people.len();
        self.ledgers.values_mut().for_each(|l| (l.rights, l.now) = Default::default());
        for place in self.rooms.values_mut() {
            (place.rights, place.gpus, place.is_old) = (BTreeMap::new(), 0, true);
        }
        for node in c.nodes.values().filter(|n| n.up) {
            let room = Room::named(c, &(node.pool, node.node.model.clone()));
            let ledger = at_key(&mut self.ledgers, ledger_of(c, node.pool));
            let place = self.rooms.entry(room).or_default();
            place.gpus += node.node.thousandths();
            place.most = place.most.max(place.gpus);
            for (id, gpus) in &node.pins {
                let lab = c.claim(*id).and_then(|claim| lab_of_holder(c, claim, at));
                let Some(lab) = lab else { continue };
                let count = u64::from(gpus.count());
                *ledger.rights.entry(lab).or_default() += count * u64::from(node.price);
                *place.rights.entry(lab).or_default() += count * u64::from(node.node.fraction());
            }
        }
    }
}

/// The name of the pool in whose ledger use in a pool counts.
pub fn ledger_of(c: &Cluster, pool: PoolId) -> &str {
    c.policy.pool_name(c.policy.ledger_of(pool))
}

/// The lab that holds a claim at a moment.
fn lab_of_holder(c: &Cluster, claim: &Claim, at: Time) -> Option<LabId> {
    let (who, ..) = claim.holder(&c.policy.zone, at)?;
    let named = |name: &String| c.accounts.labs.iter().position(|l| l.name == *name);
    match who {
        Who::Lab(lab) | Who::Grant(lab, _) => {
            named(lab).and_then(|at| u32::try_from(at).ok()).map(LabId)
        }
        Who::Person(name) => {
            let person = c.accounts.people.iter().find(|p| p.name == *name)?;
            Some(c.accounts.grant(person.grant).lab)
        }
        Who::Everyone | Who::Nobody => None,
    }
}

fn at_key<'m, T: Default>(map: &'m mut BTreeMap<String, T>, key: &str) -> &'m mut T {
    if !map.contains_key(key) {
        map.insert(key.to_owned(), T::default());
    }
    map.get_mut(key).expect("just added")
}

#[derive(Clone, Copy)]
enum Sign {
    More,
    Less,
}

impl Sign {
    fn change(self, labs: &mut BTreeMap<LabId, Flow>, lab: LabId, by: Flow) {
        let flow = labs.entry(lab).or_default();
        let change = |value: u64, by: u64| match self {
            Sign::More => value + by,
            Sign::Less => value.saturating_sub(by),
        };
        (flow.held, flow.wanted) = (change(flow.held, by.held), change(flow.wanted, by.wanted));
        if *flow == Flow::default() {
            labs.remove(&lab);
        }
    }
}

impl Ledger {
    /// What each lab holds and what its part of all that is held would be; nothing where nobody competes.
    fn divided(&self, weights: &BTreeMap<LabId, u64>) -> Vec<(LabId, u64, u64)> {
        let waits = self.labs.values().any(|f| f.wanted > 0);
        if self.labs.len() < 2 || !waits {
            return Vec::new();
        }
        let all = self.labs.values().map(|f| f.held).sum();
        let wish = |(lab, flow): (&LabId, &Flow)| {
            let weight = weights.get(lab).copied().unwrap_or(1000);
            let right = self.rights.get(lab).copied().unwrap_or(0);
            (right, Wish { weight, most: flow.held + flow.wanted })
        };
        let wishes: Vec<_> = self.labs.iter().map(wish).collect();
        let parts = divide_by_right(all, &wishes);
        self.labs.iter().zip(parts).map(|((lab, flow), part)| (*lab, flow.held, part)).collect()
    }
}

impl Place {
    /// Notes the parts of the labs that work here.
    fn divide(&mut self, weights: &BTreeMap<LabId, u64>, at: Time) {
        let wish = |lab: &LabId| {
            let weight = weights.get(lab).copied().unwrap_or(1000);
            (self.rights.get(lab).copied().unwrap_or(0), Wish { weight, most: u64::MAX })
        };
        let wishes: Vec<_> = self.labs.keys().map(wish).collect();
        for (lab, part) in self.labs.keys().zip(divide_by_right(self.gpus, &wishes)) {
            let parts = self.parts.entry(*lab).or_default();
            if parts.last().is_none_or(|(_, before)| *before != part) {
                parts.push((at, part));
            }
        }
        self.is_old = false;
    }
}

impl Watch for Flows {
    fn pass(&mut self, c: &Cluster, from: Time, to: Time) {
        let (factor, _) = c.policy.prices.factor(&c.policy.zone, from);
        let span = u128::from(to.since(from).0) * u128::from(factor) / 1000;
        for ledger in self.ledgers.values_mut() {
            if ledger.now.is_none() {
                ledger.now = Some(ledger.divided(&self.weights));
            }
            for (lab, held, part) in ledger.now.iter().flatten() {
                let sum = ledger.sums.entry(*lab).or_default();
                sum.delivered += u128::from(*held) * span;
                sum.entitled += u128::from(*part) * span;
            }
        }
        for place in self.rooms.values_mut().filter(|p| p.is_old) {
            place.divide(&self.weights, from);
        }
    }

    fn job(&mut self, step: &Step) {
        if step.goes_on() {
            return;
        }
        let after = step.after.and_then(|job| Facet::of(step.c, job));
        if self.facets.get(&step.id) == after.as_ref() {
            return;
        }
        if let Some(before) = self.facets.remove(&step.id) {
            self.ended += usize::from(step.after.is_none() && step.at > self.from);
            self.add(&before, Sign::Less);
        }
        if let Some(facet) = after {
            if self.people != step.c.accounts.people.len() {
                self.weigh(step.c, step.at);
                self.give_rights(step.c, step.at);
            }
            self.add(&facet, Sign::More);
            self.facets.insert(step.id, facet);
        }
    }

    fn all(&mut self, c: &Cluster, at: Time) {
        self.weigh(c, at);
        for (_, facet) in std::mem::take(&mut self.facets) {
            self.add(&facet, Sign::Less);
        }
        self.give_rights(c, at);
        let jobs = c.jobs.iter().filter_map(|(id, job)| Some((*id, Facet::of(c, job)?)));
        for (id, facet) in jobs.collect::<Vec<_>>() {
            self.add(&facet, Sign::More);
            self.facets.insert(id, facet);
        }
    }
}
