//! Nobody with work waits longer for a turn than `max_wait`: a grant that has nearly waited so long goes before all but
//! holders of claims, and whoever's turn is over makes room for it.

use super::budget::{Standing, standing};
use super::place::accepts;
use crate::cluster::{Cluster, RoomKey};
use crate::id::{GrantId, PersonId};
use crate::node::NodeState;
use crate::policy::promise::Bound;
use crate::policy::{PoolId, Turn};
use crate::queue::Shape;
use crate::units::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// A grant that waits for a turn in a pool that promises one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wait {
    /// When the promise would be broken.
    pub deadline: Time,
    /// From when on it goes before others: so many turns earlier as all those need whose promises are as near.
    pub urgent: Time,
    /// The pool.
    pub pool: PoolId,
    /// The grant.
    pub grant: GrantId,
    /// Since when: its oldest job was submitted, or its last turn ended.
    pub since: Time,
    /// How many kinds of GPUs of the pool it cannot use.
    pub not_for_it: usize,
}

/// How long a job may take to leave at the end of its turn.
pub const GRACE: Span = Span::minutes(5);

fn promises(c: &Cluster) -> impl Iterator<Item = (PoolId, &Turn, Span)> {
    c.policy.turns.iter().filter_map(|turn| {
        let pool = c.policy.pool_named(&turn.pool)?;
        Some((pool, turn, turn.max_wait?))
    })
}

/// The kinds of GPUs of a pool on which a grant's jobs may have their turn.
type Rooms<'c> = BTreeSet<&'c RoomKey>;

/// Who waits, and for which GPUs.
struct Waiter<'c> {
    wait: Wait,
    rooms: Rooms<'c>,
}

/// Everyone who waits for a turn that was promised, the most urgent first.
pub fn waits(c: &Cluster, now: Time) -> Vec<Wait> {
    let mut all = Vec::new();
    for (pool, turn, max_wait) in promises(c) {
        let terms = terms(c, pool);
        let kinds = rooms_of(c, terms).count();
        let mut waiters = Vec::new();
        for (grant, (submitted, rooms)) in waiting(c, terms, now) {
            let ledger = c.policy.pool_name(c.policy.ledger_of(pool));
            let ledger = c.accounts.grant(grant).ledgers.get(ledger);
            if ledger.is_some_and(|l| l.rate > 0) || is_next(c, grant, pool) {
                continue;
            }
            let since = ledger.map_or(submitted, |l| l.settled.max(submitted));
            let deadline = since.after(max_wait);
            let not_for_it = kinds.saturating_sub(rooms.len());
            let wait = Wait { deadline, urgent: deadline, pool, grant, since, not_for_it };
            waiters.push(Waiter { wait, rooms });
        }
        hurry(c, terms, turn.slice.plus(GRACE), &mut waiters);
        all.extend(waiters.into_iter().map(|waiter| waiter.wait));
    }
    all.sort();
    all
}

/// Grants with jobs that have the promise of a pool: since when the oldest of these waits, and where any may go.
fn waiting(c: &Cluster, terms: Terms, now: Time) -> BTreeMap<GrantId, (Time, Rooms<'_>)> {
    let mut all: BTreeMap<GrantId, (Time, Rooms)> = BTreeMap::new();
    for (person, waiting) in &c.queue {
        if standing(c, *person, now) != Standing::Good {
            continue;
        }
        for (shape, jobs) in &waiting.buckets {
            let rooms: Rooms = promised_rooms(c, shape, terms).collect();
            let Some((first, _)) = jobs.first().filter(|_| !rooms.is_empty()) else { continue };
            let grant = c.accounts.person(*person).grant;
            let known = all.entry(grant).or_insert((*first, Rooms::new()));
            known.0 = known.0.min(*first);
            known.1.extend(rooms);
        }
    }
    all
}

/// Whether room is already being made for a grant in a pool.
fn is_next(c: &Cluster, grant: GrantId, pool: PoolId) -> bool {
    let mut kept = c.kept.iter().filter_map(|(id, place)| Some((c.job(*id)?, place)));
    kept.any(|(job, place)| {
        let here = c.nodes.get(&place.node).is_some_and(|node| node.pool == pool);
        here && c.accounts.person(job.owner).grant == grant
    })
}

/// Says from when on each must be asked for a turn: before its promise breaks, or those after it are, whichever is first.
/// Those who may use but some models of the pool are counted first, among themselves: what they need is known to the others.
fn hurry(c: &Cluster, terms: Terms, turn: Span, waiters: &mut [Waiter]) {
    let before = |at: Time| Time(at.0.saturating_sub(turn.0));
    for Waiter { wait, .. } in waiters.iter_mut() {
        wait.urgent = before(wait.deadline);
    }
    let mut kinds: Vec<Rooms> = waiters.iter().map(|waiter| waiter.rooms.clone()).collect();
    kinds.push(rooms_of(c, terms).collect());
    kinds.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    kinds.dedup();
    for rooms in kinds {
        let at_once = at_once_in(c, terms, &rooms);
        let within = waiters.iter_mut().filter(|waiter| waiter.rooms.is_subset(&rooms));
        let mut line: Vec<&mut Wait> = within.map(|waiter| &mut waiter.wait).collect();
        line.sort_by_key(|wait| (wait.urgent, wait.deadline, wait.grant));
        // Backwards from the last: so many have a turn at once, and before them as many others.
        for at in (0..line.len()).rev() {
            let next = at.checked_add(at_once).and_then(|next| line.get(next));
            let urgent = next.map_or(Time::FAR, |next| before(next.urgent));
            if let Some(wait) = line.get_mut(at) {
                wait.urgent = wait.urgent.min(urgent);
            }
        }
    }
    for Waiter { wait, .. } in waiters {
        wait.urgent = wait.urgent.max(wait.since);
    }
}

/// How many of the largest jobs that may use nothing but these GPUs run on them at one time; one, if none does.
fn at_once_in(c: &Cluster, terms: Terms, rooms: &Rooms) -> usize {
    let is_in =
        |n: &NodeState| rooms.iter().any(|(pool, model)| *pool == n.pool && *model == n.node.model);
    let largest = counted(c, terms.pool).filter(|n| is_in(n)).map(most_of).max().unwrap_or(0);
    let fit = counted(c, terms.pool).filter(|n| is_in(n)).map(|n| gpus_of(n, Counted::Fit));
    let at_once = gangs(&fit.collect::<Vec<u32>>(), terms.gang.min(largest));
    usize::try_from(at_once.max(1)).unwrap_or(usize::MAX)
}

/// Which jobs have the promise of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The pool.
    pub pool: PoolId,
    /// GPUs of the largest job that has it.
    pub gang: u32,
    /// The bound is about whole GPUs: what nothing but a slice can take is promised nothing beside them.
    pub of_whole: bool,
}

/// The terms of a pool.
pub fn terms(c: &Cluster, pool: PoolId) -> Terms {
    Terms { pool, gang: gang(c, pool), of_whole: has_whole(c, pool) }
}

/// Whether jobs of a shape have the promise of a pool.
pub fn is_promised(c: &Cluster, shape: &Shape, terms: Terms) -> bool {
    promised_rooms(c, shape, terms).next().is_some()
}

/// The GPUs of a pool on which jobs of a shape have its promise.
fn promised_rooms<'c>(
    c: &'c Cluster,
    shape: &Shape,
    terms: Terms,
) -> impl Iterator<Item = &'c RoomKey> {
    let spare = c.policy.class(shape.class.as_deref()).rank == 0;
    let may = !spare && shape.gpus > 0 && shape.all_gpus() <= terms.gang;
    rooms_of(c, terms).filter(move |key| may && accepts(c, shape, key))
}

/// The GPUs that the bound of a pool is about.
fn rooms_of(c: &Cluster, Terms { pool, of_whole, .. }: Terms) -> impl Iterator<Item = &RoomKey> {
    let is_about = move |key: &&RoomKey| key.0 == pool && !(of_whole && c.sliced.contains_key(key));
    c.rooms.keys().filter(is_about)
}

/// GPUs of the largest job that has the promise of a pool.
pub fn gang(c: &Cluster, pool: PoolId) -> u32 {
    let largest = || counted(c, pool).map(most_of).max();
    let limit = c.policy.gang_limit(c.policy.pool_name(pool));
    limit.into_iter().chain(largest()).min().unwrap_or(0)
}

/// Which GPUs of a pool are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// All of its nodes: what a policy can promise.
    All,
    /// Those that take jobs now: not drained, without outsiders, on nodes that are up.
    Fit,
}

/// The bound in a pool for so many grants.
pub fn bound(c: &Cluster, pool: PoolId, grants: u32, counted: Counted) -> Bound {
    let gang = gang(c, pool);
    let (gpus, slice) = (gpus_of_nodes(c, pool, counted).sum(), c.policy.turn_in(pool));
    let at_once = at_once(c, pool, gang, counted);
    Bound { grants, gang, gpus, at_once, slice, grace: GRACE }
}

/// How many of the largest jobs with a promise run at one time.
fn at_once(c: &Cluster, pool: PoolId, gang: u32, counted: Counted) -> u32 {
    gangs(&gpus_of_nodes(c, pool, counted).collect::<Vec<u32>>(), gang)
}

/// How many jobs of so many GPUs run at one time on nodes with these.
fn gangs(nodes: &[u32], gang: u32) -> u32 {
    let largest = nodes.iter().copied().max().unwrap_or(0);
    if gang <= largest {
        return nodes.iter().map(|gpus| gpus.checked_div(gang).unwrap_or(0)).sum();
    }
    // Gangs have whole nodes.
    let whole = u32::try_from(nodes.iter().filter(|gpus| **gpus == largest).count());
    whole.unwrap_or(u32::MAX).checked_div(gang.div_ceil(largest.max(1))).unwrap_or(0)
}

/// The nodes of a pool that a bound is about: those with whole GPUs, or all of one that has slices only.
fn counted(c: &Cluster, pool: PoolId) -> impl Iterator<Item = &NodeState> {
    let of_whole = has_whole(c, pool);
    nodes(c, pool).filter(move |n| !of_whole || n.node.slice.is_none())
}

fn has_whole(c: &Cluster, pool: PoolId) -> bool {
    nodes(c, pool).any(|n| n.node.gpus > 0 && n.node.slice.is_none())
}

/// Whether a pool has both whole GPUs, which its bound is about, and slices.
pub fn is_mixed(c: &Cluster, pool: PoolId) -> bool {
    has_whole(c, pool) && nodes(c, pool).any(|n| n.node.gpus > 0 && n.node.slice.is_some())
}

fn nodes(c: &Cluster, pool: PoolId) -> impl Iterator<Item = &NodeState> {
    c.nodes.values().map(AsRef::as_ref).filter(move |n| n.pool == pool)
}

/// GPUs that a job has of a node at most: one of slices.
fn most_of(state: &NodeState) -> u32 {
    if state.node.slice.is_some() { state.node.gpus.min(1) } else { state.node.gpus }
}

fn gpus_of_nodes(c: &Cluster, pool: PoolId, which: Counted) -> impl Iterator<Item = u32> {
    counted(c, pool).map(move |node| gpus_of(node, which))
}

fn gpus_of(state: &NodeState, which: Counted) -> u32 {
    match which {
        Counted::All => state.node.gpus,
        Counted::Fit if state.up => state.node.gpus.saturating_sub(state.closed.count()),
        Counted::Fit => 0,
    }
}

/// The bound of each pool with turns as things are: with the grants that hold or want GPUs there now.
pub fn bounds(c: &Cluster) -> Vec<(PoolId, Bound, Option<Span>)> {
    let pools = c.policy.turns.iter().filter_map(|t| Some((c.policy.pool_named(&t.pool)?, t)));
    pools
        .map(|(pool, turn)| {
            let grants = with_work(c, pool).len();
            let grants = u32::try_from(grants).unwrap_or(u32::MAX);
            let bound = bound(c, pool, grants, Counted::Fit);
            (pool, bound, turn.max_wait)
        })
        .collect()
}

/// Grants that hold or want GPUs of a pool.
pub(crate) fn with_work(c: &Cluster, pool: PoolId) -> BTreeSet<GrantId> {
    let grant = |person: &PersonId| c.accounts.person(*person).grant;
    let terms = terms(c, pool);
    let wants = c
        .queue
        .iter()
        .filter(|(_, waiting)| waiting.buckets.keys().any(|shape| is_promised(c, shape, terms)));
    let holds = c.holding.iter().filter(|(_, held)| held.keys().any(|(at, _)| *at == pool));
    wants.map(|(p, _)| grant(p)).chain(holds.map(|(p, _)| grant(p))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::id::{JobId, NodeId};
    use crate::job::JobSpec;
    use crate::node::Node;
    use crate::slice::kind;
    use crate::units::Mib;

    /// The bound for three grants on nodes of these models and numbers of GPUs.
    fn bound_of(nodes: &[(&str, u32)]) -> Bound {
        bound(&site(nodes), PoolId(0), 3, Counted::All)
    }

    fn site(nodes: &[(&str, u32)]) -> Cluster {
        let mut c = Cluster::default();
        for (id, (model, gpus)) in (0..).zip(nodes) {
            let kind = kind(model);
            let gpu_mem = crate::gpu::memory_of(&kind.model);
            let (id, model, slice) = (NodeId(id), Some(kind.model), kind.slice);
            let node = Node { id, model, slice, gpus: *gpus, gpu_mem, ..Node::default() };
            c.apply(Time(0), &Event::NodeAdded { node });
        }
        c
    }

    #[test]
    fn beside_whole_gpus_who_names_a_slice_is_promised_nothing() {
        let promised = |nodes: &[(&str, u32)], spec: JobSpec| {
            let mut c = site(nodes);
            let (lab, person) = ("kim".to_owned(), "mina".to_owned());
            let (grant, pending) = (String::new(), Vec::new());
            let (number, tasks, held, broken) = (1, None, false, None);
            let submitted =
                Event::Submitted { number, tasks, lab, grant, person, spec, held, pending, broken };
            c.apply(Time(0), &submitted);
            let shape = Shape::of(c.job(JobId::single(1)).expect("it waits"));
            is_promised(&c, &shape, terms(&c, PoolId(0)))
        };
        let any = || JobSpec { gpus: 1, ..JobSpec::default() };
        let slice = || JobSpec { models: vec!["H100-1g.10gb".into()], ..any() };
        let part = || JobSpec { gpu_mem: Some(Mib(9 * 1024)), ..any() };
        let mixed = [("h100", 4), ("h100-1g.10gb", 28)];
        assert!(promised(&mixed, any()) && promised(&mixed, part()));
        assert!(!promised(&mixed, slice()) && promised(&mixed[1..], slice()));
    }

    #[test]
    fn a_bound_is_about_whole_gpus_and_of_slices_only_where_there_is_nothing_else() {
        let counted = |bound: Bound| (bound.gang, bound.gpus, bound.at_once);
        assert_eq!(counted(bound_of(&[("h100", 4), ("h100-1g.10gb", 28)])), (4, 4, 1));
        assert_eq!(counted(bound_of(&[("h100-1g.10gb", 7), ("h100-3g.40gb", 2)])), (1, 9, 9));
    }
}
