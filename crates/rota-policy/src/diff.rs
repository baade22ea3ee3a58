//! What a policy would change, and for whom, before it is set.

mod effect;

use crate::rows::{self, Keys};
use rota_core::cluster::Cluster;
use rota_core::policy::Policy;
use rota_core::policy::verify::{MOST_POOLS, Word};
use rota_core::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// What each lab is entitled to, where it changes.
    pub entitled: Vec<Entitled>,
    /// How long nobody waits longer than, where it changes.
    pub waits: Vec<Wait>,
    /// Lines of the policy, in its own words.
    pub lines: Vec<LineChange>,
}

impl Diff {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.entitled.is_empty() && self.waits.is_empty() && self.lines.is_empty()
    }
}

/// Part of a pool's GPUs at their price that a lab is entitled to: its claims, and its share of what nobody claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitled {
    /// Pool; empty: the nodes in no pool.
    pub pool: String,
    /// Lab.
    pub lab: String,
    /// In thousandths; of a new pool, that of its nodes.
    pub before: u32,
    /// In thousandths.
    pub after: u32,
}

/// The longest wait for a turn in a pool as things are, and what is promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// Pool.
    pub pool: String,
    /// The bound before; none where the pool has no turn of its own, or nothing fits.
    pub bound_before: Option<Span>,
    /// The bound after.
    pub bound_after: Option<Span>,
    /// The promise before.
    pub promise_before: Option<Span>,
    /// The promise after.
    pub promise_after: Option<Span>,
}

/// A line that comes, goes, or says something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChange {
    /// Its word.
    pub word: Word,
    /// What it is about, as the file says it: `lab/kim`, `each person, h100`, `short`.
    pub about: String,
    /// The key that changes; empty: the whole line comes or goes.
    pub key: String,
    /// Value, or line, before; none: it comes.
    pub before: Option<String>,
    /// Value, or line, after; none: it goes.
    pub after: Option<String>,
    /// Running jobs that pass it; they are kept until their turn ends.
    pub jobs: u32,
}

/// What `new` would change for the people and jobs of a cluster.
pub fn diff(c: &Cluster, new: &Policy, now: Time) -> Diff {
    // Nobody can set that many, and they have no numbers.
    if new.pools.len() > MOST_POOLS {
        return Diff::default();
    }
    let after = c.under(new);
    Diff {
        entitled: effect::entitled(c, &after, now),
        waits: effect::waits(c, &after),
        lines: lines(&c.policy, new).into_iter().map(|line| effect::count(&after, line)).collect(),
    }
}

/// A line of a policy: its word, and what it is about.
type Id = (Word, String);

/// What changes in the lines, with the place of a limit or class in the new policy.
fn lines(old: &Policy, new: &Policy) -> Vec<(LineChange, Option<usize>)> {
    let (before, after) = (all(old), all(new));
    let mut ids: Vec<&Id> = before.keys().chain(after.keys()).collect();
    ids.sort();
    ids.dedup();
    let mut changes = Vec::new();
    for id in ids {
        let place = after.get(id).map(|(place, _)| *place);
        let (a, b) = (before.get(id).map(|(_, k)| k), after.get(id).map(|(_, k)| k));
        changes.extend(of_line(id, a, b).into_iter().map(|change| (change, place)));
    }
    changes
}

fn of_line((word, about): &Id, before: Option<&Keys>, after: Option<&Keys>) -> Vec<LineChange> {
    // Lines that name the same place more than once are told apart by an invisible number.
    let about = about.split('\0').next().unwrap_or_default().to_owned();
    let change = |key: &str, before: Option<String>, after: Option<String>| LineChange {
        word: *word,
        about: about.clone(),
        key: key.to_owned(),
        before,
        after,
        jobs: 0,
    };
    let (Some(a), Some(b)) = (before, after) else {
        return vec![change("", before.map(Keys::line), after.map(Keys::line))];
    };
    let get = |keys: &Keys, key: &str| {
        keys.0.iter().find(|(k, _)| k == key).map(|(_, value)| value.trim_matches('"').to_owned())
    };
    let mut keys: Vec<&str> = a.0.iter().chain(&b.0).map(|(key, _)| key.as_str()).collect();
    let mut seen = Vec::new();
    keys.retain(|key| {
        !seen.contains(key) && {
            seen.push(*key);
            true
        }
    });
    let changed = keys.into_iter().map(|key| (key, get(a, key), get(b, key)));
    changed.filter(|(_, a, b)| a != b).map(|(key, a, b)| change(key, a, b)).collect()
}

fn all(policy: &Policy) -> BTreeMap<Id, (usize, Keys)> {
    let mut all: BTreeMap<Id, (usize, Keys)> = BTreeMap::new();
    let mut add = |word: Word, at: usize, about: String, keys: Keys| {
        let mut id = (word, about.clone());
        let mut again = 1;
        while all.contains_key(&id) {
            again += 1;
            id.1 = format!("{about}\0{again}");
        }
        all.insert(id, (at, keys));
    };
    let zone = &policy.zone;
    add(Word::Policy, 0, String::new(), rows::head(policy));
    for (at, pool) in policy.pools.iter().enumerate() {
        add(Word::Pool, at, pool.name.clone(), rows::pool(pool));
    }
    for (at, share) in policy.shares.iter().enumerate() {
        add(Word::Share, at, share.who.to_string(), rows::share(share, zone));
    }
    for (at, claim) in policy.claims.iter().enumerate() {
        let who: Vec<String> = claim.who.iter().map(ToString::to_string).collect();
        add(
            Word::Claim,
            at,
            format!("{}, {}", who.join(", "), claim.pool),
            rows::claim(claim, zone),
        );
    }
    for (at, boost) in policy.boosts.iter().enumerate() {
        add(Word::Boost, at, boost.who.to_string(), rows::boost(boost, zone));
    }
    for (at, class) in policy.classes.iter().enumerate() {
        add(Word::Class, at, class.name.clone(), rows::class(class));
    }
    for (at, limit) in policy.limits.iter().enumerate() {
        let of = [Some(limit.who.to_string()), limit.pool.clone(), limit.class.clone()];
        let of: Vec<String> = of.into_iter().flatten().collect();
        add(Word::Limit, at, of.join(", "), rows::limit(limit));
    }
    for (at, budget) in policy.budgets.iter().enumerate() {
        add(Word::Budget, at, budget.who.to_string(), rows::budget(budget, zone));
    }
    add(Word::Price, 0, String::new(), rows::prices(&policy.prices, zone));
    add(Word::Price, 0, "speed".into(), rows::speeds(&policy.prices));
    add(Word::Turn, 0, String::new(), rows::default_turn(policy));
    for (at, turn) in policy.turns.iter().enumerate() {
        add(Word::Turn, at, turn.pool.clone(), rows::turn(turn));
    }
    add(Word::Idle, 0, String::new(), rows::idle(&policy.idle));
    all
}
