//! Who of those that wait may have the turn of another now, and from when on somebody may.

use super::super::order::{Asked, Last, Level, array_is_full};
use super::super::{Pass, budget, holder, turn};
use crate::id::{LabId, PersonId};
use crate::policy::PoolId;
use crate::queue::{Shape, Waiting};
use crate::units::{Span, Time};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who may take turns now.
#[derive(Clone)]
pub(in crate::plan) struct Takes<'c> {
    /// Anybody: jobs run that leave for whoever waits.
    anybody: bool,
    /// People who are owed the turn of another, each with what they wait for.
    owed: Vec<(PersonId, &'c Arc<Shape>)>,
    /// Whose turns are over.
    over: Over,
    /// When the next turn of others is.
    next: Time,
}

/// Jobs whose turn is over and which are alike to other labs: the lab, the ledger, what they hold, and their rank; with
/// whose they are.
type Over = BTreeMap<(LabId, PoolId, u64, u8), BTreeSet<PersonId>>;

impl<'c> Takes<'c> {
    const ANYBODY: Takes<'static> =
        Takes { anybody: true, owed: Vec::new(), over: BTreeMap::new(), next: Time::FAR };

    /// Looks at the jobs that run.
    pub fn now(pass: &mut Pass<'c>) -> Takes<'c> {
        let (c, now) = (pass.c, pass.now);
        let poor = |person| budget::standing(c, person, now) != budget::Standing::Good;
        if !c.policy.budgets.is_empty() && c.holding.keys().any(|person| poor(*person)) {
            return Takes::ANYBODY;
        }
        let (mut over, mut next) = (Over::new(), Time::FAR);
        for node in c.nodes.values() {
            if node.gives > now {
                next = next.min(node.gives);
                continue;
            }
            let lane = pass.ledger_of(node.pool);
            for holder in holder::on(pass, node).iter() {
                if holder.idles {
                    return Takes::ANYBODY;
                }
                let Some(end) = holder.over else { continue };
                if holder.rank == 0 {
                    return Takes::ANYBODY;
                }
                if end > now {
                    next = next.min(end);
                    continue;
                }
                let alike = (holder.lab, lane, holder.job.rate, holder.rank);
                over.entry(alike).or_default().insert(holder.job.owner);
            }
        }
        let owed = owed(pass, &over, next).0;
        Takes { anybody: false, owed, over, next }
    }

    /// Whether others may make room for any of them.
    pub fn find_room(&mut self, pass: &mut Pass<'c>) -> bool {
        // Whoever finds no room now finds none later in the pass.
        while self.owed.last().is_some_and(|(person, shape)| !has_room(pass, *person, shape)) {
            self.owed.pop();
        }
        self.anybody || !self.owed.is_empty()
    }

    /// Nobody may take a turn before. What people are given in this pass can only move that away.
    pub fn not_before(&self, pass: &Pass<'c>) -> Time {
        owed(pass, &self.over, self.next).1
    }
}

/// Who is owed any of these turns now, with what they wait for, and when somebody will be owed one next.
fn owed<'c>(
    pass: &Pass<'c>,
    over: &Over,
    mut next: Time,
) -> (Vec<(PersonId, &'c Arc<Shape>)>, Time) {
    let (c, now) = (pass.c, pass.now);
    let mut owed = Vec::new();
    for (person, waiting) in &c.queue {
        let lab = c.accounts.grant_of(*person).lab;
        for rank in ranks(pass, waiting) {
            let mut is_owed = false;
            for ((theirs, lane, rate, rank_of_theirs), owners) in over {
                // To another lab they are all alike.
                let asked = if *theirs == lab { owners.len() } else { 1 };
                for owner in owners.iter().take(asked) {
                    let both = (*person, *owner);
                    let at = match rank.cmp(rank_of_theirs) {
                        Ordering::Less => None,
                        Ordering::Greater => Some(now),
                        Ordering::Equal => {
                            let owed = pass.fair.may_take_from(both, (*lane, *rate), (now, next));
                            owed.map(|owed| owed.from)
                        }
                    };
                    is_owed |= at.is_some_and(|at| at <= now);
                    next = at.filter(|at| *at > now).map_or(next, |at| next.min(at));
                }
            }
            let shapes =
                waiting.buckets.keys().filter(|shape| is_owed && rank_of(pass, shape) == rank);
            owed.extend(shapes.map(|shape| (*person, shape)));
        }
    }
    (owed, next)
}

/// The ranks of what a person waits for.
fn ranks(pass: &Pass, waiting: &Waiting) -> BTreeSet<u8> {
    let shapes = waiting.buckets.keys();
    let all = if pass.c.policy.classes.is_empty() { 1 } else { usize::MAX };
    shapes.take(all).map(|shape| rank_of(pass, shape)).collect()
}

fn rank_of(pass: &Pass, shape: &Shape) -> u8 {
    pass.c.policy.class(shape.class.as_deref()).rank
}

/// Whether others may make room now for a person's jobs of a shape.
fn has_room(pass: &mut Pass, person: PersonId, shape: &Arc<Shape>) -> bool {
    let (rank, soon) = (rank_of(pass, shape), pass.now.after(Span(1)));
    let level = Level::Order(PoolId(0), Last::Yes);
    let asked = Asked { person, shape, rank, level };
    !array_is_full(pass, shape) && turn::room_for(pass, &asked, soon).is_some()
}
