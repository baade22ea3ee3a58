//! Who is entitled to what, what they used, and what they are owed, as people read it: the tree lab > grant > person in
//! each ledger.
//!
//! owed = share × delivered − used, among siblings: what the parent used is what they divide. A lab with 2 of 3 shares
//! that used 90 of 150 GPU-hours is owed 2/3 × 150 − 90 = 10.

use crate::account::Grant;
use crate::cluster::Cluster;
use crate::id::{GrantId, LabId, PersonId};
use crate::ledger::{Decay, Ledgers};
use crate::plan::fairshare::Weights;
use crate::plan::place::accepts;
use crate::policy::PoolId;
use crate::policy::who::Who;
use crate::queue::Shape;
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What [`shares`] says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares {
    /// What a GPU-hour at price is called here.
    pub unit: String,
    /// The common ledger, then those of pools, in the order of the policy.
    pub ledgers: Vec<LedgerShares>,
}

/// One ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerShares {
    /// The pool; empty: the common ledger.
    pub pool: String,
    /// What all used, decayed: thousandths of a GPU-hour at price.
    pub delivered: u64,
    /// Labs, those that are owed most first.
    pub labs: Vec<Branch>,
}

/// A lab, a grant or a person among its siblings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Its name; empty: work on no grant.
    pub name: String,
    /// Weight, in thousandths, with what boosts it now.
    pub weight: u64,
    /// Its part among its siblings, in thousandths of a percent.
    pub share: u64,
    /// Its part of the whole ledger, in thousandths of a percent.
    pub entitled: u64,
    /// What it used, decayed, up to now: thousandths of a GPU-hour at price.
    pub used: u64,
    /// What it is owed (negative: it had more than its share): thousandths of a GPU-hour at price.
    pub owed: i64,
    /// What it holds now: thousandths of a GPU at price.
    pub holds: u64,
    /// Its jobs that could start if there were room here.
    pub waiting: u64,
    /// Grants of a lab, people of a grant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<Branch>,
}

/// A whole, in thousandths of a percent.
pub const WHOLE: u64 = 100_000;

/// The tree in every ledger; of siblings those with any use, a line about their share, or a waiting job.
pub fn shares(c: &Cluster, now: Time) -> Shares {
    let own = (1u16..).take(c.policy.pools.len()).map(PoolId);
    let own = own.filter(|pool| c.policy.ledger_of(*pool) == *pool);
    let common = std::iter::once(PoolId(0)).filter(|_| is_in_use(c));
    let ledgers = common.chain(own).map(|ledger| Tree::new(c, now, ledger).grown()).collect();
    Shares { unit: c.policy.unit.clone(), ledgers }
}

/// Whether anything counts in the common ledger.
fn is_in_use(c: &Cluster) -> bool {
    let in_common = |pool: PoolId| c.policy.ledger_of(pool) == PoolId(0);
    c.nodes.is_empty() || c.nodes.values().any(|n| in_common(n.pool))
}

struct Tree<'c> {
    c: &'c Cluster,
    now: Time,
    pool: &'c str,
    decay: Decay<'c>,
    weights: Weights<'c>,
    waiting: BTreeMap<PersonId, u64>,
}

impl<'c> Tree<'c> {
    fn new(c: &'c Cluster, now: Time, ledger: PoolId) -> Tree<'c> {
        let here = |shape: &Shape| {
            c.rooms.keys().any(|key| c.policy.ledger_of(key.0) == ledger && accepts(c, shape, key))
        };
        let count = |jobs: usize| u64::try_from(jobs).unwrap_or(u64::MAX);
        let waiting = c.queue.iter().map(|(person, waiting)| {
            let jobs =
                waiting.buckets.iter().filter(|(shape, _)| here(shape)).map(|(_, jobs)| jobs.len());
            (*person, count(jobs.sum()))
        });
        Tree {
            c,
            now,
            pool: c.policy.pool_name(ledger),
            decay: Decay::new(&c.policy, c.accounts.origin),
            weights: Weights::at(c, now),
            waiting: waiting.filter(|(_, jobs)| *jobs > 0).collect(),
        }
    }

    fn grown(&self) -> LedgerShares {
        let accounts = &self.c.accounts;
        let known = (0u32..).zip(&accounts.labs).map(|(at, lab)| {
            let below = self.grants(LabId(at), &lab.name);
            self.branch(Who::Lab(lab.name.clone()), Some(&lab.ledgers), Inner::Below(below))
        });
        let is_new = |lab: &String| accounts.labs.iter().all(|l| l.name != *lab);
        let named: BTreeSet<&String> = self.named(|who| match who {
            Who::Lab(lab) | Who::Grant(lab, _) => Some(lab).filter(|lab| is_new(lab)),
            _ => None,
        });
        let new = named.into_iter().map(|lab| {
            let grants = self.named(|who| match who {
                Who::Grant(of, grant) if of == lab => Some(grant),
                _ => None,
            });
            let grant = |g: &String| Who::Grant(lab.clone(), g.clone());
            let below = grants.into_iter().filter_map(|g| self.branch(grant(g), None, NONE));
            self.branch(Who::Lab(lab.clone()), None, Inner::Below(below.collect()))
        });
        let labs: Vec<Branch> = known.chain(new).flatten().collect();
        let delivered = labs.iter().map(|lab| lab.used).sum();
        LedgerShares {
            pool: self.pool.to_owned(),
            delivered,
            labs: divided(labs, delivered, WHOLE),
        }
    }

    /// Grants of a lab: those that are known, and those that only the policy names.
    fn grants(&self, id: LabId, lab: &str) -> Vec<Branch> {
        let known: Vec<(GrantId, &Grant)> = (0u32..)
            .map(GrantId)
            .zip(&self.c.accounts.grants)
            .filter(|(_, grant)| grant.lab == id)
            .collect();
        let new = self.named(|who| match who {
            Who::Grant(of, grant) if of == lab => {
                Some(grant).filter(|name| known.iter().all(|(_, g)| g.name != **name))
            }
            _ => None,
        });
        let who = |grant: &String| Who::Grant(lab.to_owned(), grant.clone());
        let of_known = known.iter().filter_map(|(id, grant)| {
            let people = (0u32..).zip(&self.c.accounts.people).filter(|(_, p)| p.grant == *id);
            let below = people.filter_map(|(at, person)| {
                let waiting = self.waiting.get(&PersonId(at)).copied().unwrap_or(0);
                let who = Who::Person(person.name.clone());
                self.branch(who, Some(&person.ledgers), Inner::Waiting(waiting))
            });
            self.branch(who(&grant.name), Some(&grant.ledgers), Inner::Below(below.collect()))
        });
        of_known.chain(new.into_iter().filter_map(|g| self.branch(who(g), None, NONE))).collect()
    }

    /// Names that lines about shares bring in.
    fn named<'s>(&'s self, name: impl Fn(&'s Who) -> Option<&'s String>) -> BTreeSet<&'s String> {
        let lines = self.c.policy.shares.iter().map(|line| &line.who);
        lines.filter(|who| self.weights.is_named(who)).filter_map(name).collect()
    }

    /// One place in the tree, if it counts; not yet compared with its siblings.
    fn branch(&self, who: Who, ledgers: Option<&Ledgers>, inner: Inner) -> Option<Branch> {
        let ledger = ledgers.and_then(|all| all.get(self.pool));
        let used = ledger.map_or(0, |l| l.used_at(self.now, self.decay));
        let weight = self.weights.of(|| who.clone());
        let is_named = self.weights.is_named(&who);
        let (Who::Lab(name) | Who::Grant(_, name) | Who::Person(name)) = who else { return None };
        let (waiting, below) = match inner {
            Inner::Waiting(jobs) => (jobs, Vec::new()),
            Inner::Below(below) => (below.iter().map(|b| b.waiting).sum(), below),
        };
        let branch = Branch {
            name,
            weight: u64::try_from(weight).unwrap_or(u64::MAX),
            used: thousandths_of_an_hour(used),
            holds: ledger.map_or(0, |l| l.rate),
            waiting,
            below,
            ..Branch::default()
        };
        let works = branch.used > 0 || branch.holds > 0 || branch.waiting > 0;
        (works || is_named || !branch.below.is_empty()).then_some(branch)
    }
}

/// What is known of the inside of a place in the tree.
enum Inner {
    /// A person: so many jobs wait.
    Waiting(u64),
    /// What is below.
    Below(Vec<Branch>),
}

/// Nothing below, and nothing waits.
const NONE: Inner = Inner::Waiting(0);

/// Siblings with their parts of what all of them had, who is owed most first.
fn divided(mut all: Vec<Branch>, delivered: u64, whole: u64) -> Vec<Branch> {
    let weights: u128 = all.iter().map(|b| u128::from(b.weight)).sum();
    let part = |of: u64, weight: u64| {
        let part = u128::from(of) * u128::from(weight) / weights.max(1);
        u64::try_from(part).unwrap_or(u64::MAX)
    };
    for branch in &mut all {
        branch.share = part(WHOLE, branch.weight);
        branch.entitled = part(whole, branch.weight);
        let due = part(delivered, branch.weight).cast_signed();
        branch.owed = due.saturating_sub(branch.used.cast_signed());
        let below = std::mem::take(&mut branch.below);
        branch.below = divided(below, branch.used, branch.entitled);
    }
    all.sort_by(|a, b| (b.owed, &a.name).cmp(&(a.owed, &b.name)));
    all
}

/// Price × milliseconds as thousandths of a GPU-hour at price.
pub fn thousandths_of_an_hour(price_time: u128) -> u64 {
    u64::try_from(price_time / 3_600_000).unwrap_or(u64::MAX)
}
