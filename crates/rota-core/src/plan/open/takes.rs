//! Whether anybody who waits may have the turn of another now; if nobody, from when on somebody may.

use super::super::order::{Asked, Last, Level, array_is_full};
use super::super::{Pass, budget, holder, turn};
use crate::id::{LabId, PersonId};
use crate::policy::PoolId;
use crate::queue::Waiting;
use crate::units::{Span, Time};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Who may take turns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum Takes {
    /// Perhaps somebody.
    Now,
    /// Nobody before.
    NotBefore(Time),
}

/// Running jobs whose turn is over and which are alike to other labs: the lab, the ledger, what they hold, and their rank.
type Alike = (LabId, PoolId, u64, u8);

/// Whether anybody may take a turn now.
pub(in crate::plan) fn now(pass: &mut Pass) -> Takes {
    let (c, now) = (pass.c, pass.now);
    let poor = |person| budget::standing(c, person, now) != budget::Standing::Good;
    if !c.policy.budgets.is_empty() && c.holding.keys().any(|person| poor(*person)) {
        return Takes::Now;
    }
    let mut next = Time::FAR;
    let mut over: BTreeMap<Alike, BTreeSet<PersonId>> = BTreeMap::new();
    for node in c.nodes.values() {
        if node.gives > now {
            next = next.min(node.gives);
            continue;
        }
        let lane = c.policy.ledger_of(node.pool);
        for holder in holder::on(pass, node).iter() {
            if holder.idles {
                return Takes::Now;
            }
            let Some(end) = holder.over else { continue };
            if holder.rank == 0 {
                return Takes::Now;
            }
            if end > now {
                next = next.min(end);
                continue;
            }
            let alike = (holder.lab, lane, holder.job.rate, holder.rank);
            over.entry(alike).or_default().insert(holder.job.owner);
        }
    }
    let (owed, next) = owed(pass, &over, next);
    if owed.into_iter().any(|person| finds_room(pass, person)) {
        return Takes::Now;
    }
    Takes::NotBefore(next)
}

/// Who is owed the turn of any of these now; if that is nobody, from when on somebody is.
fn owed(
    pass: &Pass,
    over: &BTreeMap<Alike, BTreeSet<PersonId>>,
    mut next: Time,
) -> (Vec<PersonId>, Time) {
    let (c, now) = (pass.c, pass.now);
    let mut owed = Vec::new();
    for (person, waiting) in &c.queue {
        let (lab, rank) = (c.accounts.grant_of(*person).lab, highest_rank(pass, waiting));
        let mut is_owed = false;
        for ((theirs, lane, rate, rank_of_theirs), owners) in over {
            let from = |owner: &PersonId| match rank.cmp(rank_of_theirs) {
                Ordering::Less => None,
                Ordering::Greater => Some(now),
                Ordering::Equal => {
                    pass.fair.may_take_from((*person, *owner), (*lane, *rate), (now, next))
                }
            };
            // To another lab they are all alike.
            let asked = if *theirs == lab { owners.len() } else { 1 };
            let Some(at) = owners.iter().take(asked).filter_map(from).min() else { continue };
            is_owed |= at <= now;
            next = if at > now { next.min(at) } else { next };
        }
        owed.extend(is_owed.then_some(*person));
    }
    (owed, next)
}

fn highest_rank(pass: &Pass, waiting: &Waiting) -> u8 {
    let class = |class: Option<&str>| pass.c.policy.class(class).rank;
    match pass.c.policy.classes.is_empty() {
        true => class(None),
        false => waiting.buckets.keys().map(|s| class(s.class.as_deref())).max().unwrap_or(0),
    }
}

/// Whether others may make room for any job of a person now.
fn finds_room(pass: &mut Pass, person: PersonId) -> bool {
    let c = pass.c;
    let soon = pass.now.after(Span(1));
    c.queue.get(&person).is_some_and(|waiting| {
        waiting.buckets.keys().any(|shape| {
            let rank = c.policy.class(shape.class.as_deref()).rank;
            let level = Level::Order(PoolId(0), Last::Yes);
            let asked = Asked { person, shape, rank, level };
            !array_is_full(pass, shape) && turn::room_for(pass, &asked, soon).is_some()
        })
    })
}
