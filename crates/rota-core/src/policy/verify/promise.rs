//! A promise that cannot be kept is refused, with the numbers.

use super::{Finding, Severity, Word};
use crate::cluster::Cluster;
use crate::id::GpuSet;
use crate::node::NodeState;
use crate::plan::promise::{Counted, GRACE, bound, is_mixed, with_work};
use crate::policy::promise::Bound;
use crate::policy::who::Who;
use crate::policy::{Policy, PoolId, Turn};
use crate::units::{Span, Time};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The longest that anybody waits for a turn beside claims and bookings; none: somebody might wait without end.
pub(crate) fn longest_wait(c: &Cluster, turn: &Turn, now: Time) -> Option<Span> {
    let pool = c.policy.pool_named(&turn.pool).unwrap_or_default();
    let slice = held(&c.policy, turn);
    Bound { slice, ..beside_claims(c, pool, grants(c, pool, now)) }.wait()
}

pub(super) fn verify(policy: &Policy, site: Option<&Cluster>, now: Time) -> Vec<Finding> {
    // Each booking is looked at when it is made.
    let site = site.map(|c| c.with_bookings(|_| false));
    let site = site.as_ref();
    let promised = policy.turns.iter().enumerate().filter_map(|(at, t)| Some((at, t, t.max_wait?)));
    let mut all = Vec::new();
    for (at, turn, max_wait) in promised {
        all.extend(protected(policy, turn));
        all.extend(turn_and_walltimes(policy, at, turn));
        let pool = policy.pool_named(&turn.pool).unwrap_or_default();
        let held = held(policy, turn);
        if max_wait < held.plus(GRACE) {
            all.push(below_a_turn(at, turn, held, max_wait));
        } else if let Some(c) = site.filter(|c| c.nodes.values().any(|n| n.pool == pool)) {
            let bound = Bound { slice: held, ..beside_claims(c, pool, grants(c, pool, now)) };
            let refused = too_long(at, turn, &bound, max_wait);
            let by_model = || by_model(c, (at, turn), (pool, &bound), max_wait);
            all.extend(
                refused.or_else(by_model).or_else(|| suspended(c, (at, turn), &bound, max_wait)),
            );
            all.extend(is_mixed(c, pool).then(|| beside_slices(at, turn)));
        }
    }
    all
}

/// How long a job may hold what another was promised: a turn, or what its class protects.
fn held(policy: &Policy, turn: &Turn) -> Span {
    let protected = policy.classes.iter().filter(|c| c.protected).filter_map(|c| c.max_time);
    protected.max().unwrap_or(Span::ZERO).max(turn.slice)
}

/// Grants that want turns: those of the shares, or those with work there now, whichever are more.
fn grants(c: &Cluster, pool: PoolId, now: Time) -> u32 {
    let holds = c.policy.shares.iter().filter(|s| s.until.is_none_or(|until| now < until));
    let named: BTreeSet<&Who> =
        holds.map(|s| &s.who).filter(|who| matches!(who, Who::Lab(_) | Who::Grant(..))).collect();
    u32::try_from(with_work(c, pool).len().max(named.len())).unwrap_or(u32::MAX)
}

/// The bound on the GPUs that nobody claims: a holder on their own makes room for nobody.
fn beside_claims(c: &Cluster, pool: PoolId, grants: u32) -> Bound {
    let free = unclaimed(c);
    let whole = bound(c, pool, grants, Counted::All);
    let left = bound(&free, pool, grants, Counted::All);
    Bound { gang: whole.gang, ..at_once(&free, pool, left, whole.gang) }
}

/// The nodes with the GPUs that nobody claims.
fn unclaimed(c: &Cluster) -> Cluster {
    let mut free = c.clone();
    for node in free.nodes.values_mut() {
        let claimed =
            node.pins.iter().filter(|(id, _)| c.claim(*id).is_some_and(|cl| !cl.is_maintenance()));
        let claimed = claimed.fold(GpuSet::default(), |all, (_, gpus)| all.and(*gpus));
        let node = Arc::make_mut(node);
        node.node.gpus = node.node.gpus.saturating_sub(claimed.count());
    }
    free
}

/// How many gangs of the whole pool's size fit beside claims.
fn at_once(free: &Cluster, pool: PoolId, left: Bound, gang: u32) -> Bound {
    if left.gang == gang {
        return left;
    }
    let nodes = free.nodes.values().filter(|n| n.pool == pool).map(|n| n.node.gpus);
    Bound { at_once: nodes.map(|gpus| gpus.checked_div(gang).unwrap_or(0)).sum(), ..left }
}

/// Who names a model waits for that alone: it takes longer than was promised if all others name it too.
fn by_model(
    c: &Cluster,
    (at, turn): (usize, &Turn),
    (pool, whole): (PoolId, &Bound),
    max_wait: Span,
) -> Option<Finding> {
    let model = |node: &NodeState| node.node.model.clone().filter(|_| node.pool == pool);
    let models: BTreeSet<String> = c.nodes.values().filter_map(|node| model(node)).collect();
    let of = |name: &String| {
        let mut only = c.clone();
        only.nodes.retain(|_, node| model(node).as_ref() == Some(name));
        let bound = Bound { slice: whole.slice, ..beside_claims(&only, pool, whole.grants) };
        // Where all of a model is claimed, it is its holders' affair.
        let wait = bound.wait().filter(|wait| *wait > max_wait)?;
        Some((wait, bound, name.clone()))
    };
    let (wait, bound, model) =
        models.iter().filter(|_| models.len() > 1).filter_map(of).max_by_key(|(wait, ..)| *wait)?;
    let (pool, wait) = (turn.pool.clone(), wait.to_string());
    let (grants, gpus) = (bound.grants.to_string(), bound.gpus.to_string());
    let promise = max_wait.to_string();
    let message = format!(
        "pool {pool}: if all {grants} grants name {model}, of which it has {gpus}, they wait up to {wait}, longer than max_wait {promise}; {model} in a pool of its own can have a max_wait that is always kept"
    );
    let line = (Word::Turn, at, "max_wait");
    let args = [
        ("pool", pool),
        ("grants", grants),
        ("model", model),
        ("gpus", gpus),
        ("wait", wait),
        ("promise", promise),
    ];
    Some(Finding::new(Severity::Warning, line, "policy-promise-by-model", args, message))
}

/// A suspended job goes on on its own GPUs alone, and of several nodes these may be where more people wait than elsewhere.
fn suspended(
    c: &Cluster,
    (at, turn): (usize, &Turn),
    bound: &Bound,
    max_wait: Span,
) -> Option<Finding> {
    let pool = c.policy.pool_named(&turn.pool)?;
    let nodes = unclaimed(c).nodes.values().filter(|n| n.pool == pool && n.node.gpus > 0).count();
    let always = in_words(bound.wait()?.plus(bound.slice));
    // Where every job ends within its turn, none is suspended.
    let end = longest(&c.policy, turn).is_some_and(|longest| longest <= turn.slice);
    if nodes < 2 || end || max_wait >= always {
        return None;
    }
    let args = [
        ("pool", turn.pool.clone()),
        ("promise", max_wait.to_string()),
        ("slice", bound.slice.to_string()),
        ("wait", always.to_string()),
    ];
    let message = format!(
        "pool {} has several nodes: who is suspended goes on on their own GPUs alone, and may wait up to {} longer than {max_wait}; max_wait = \"{always}\" is always kept",
        turn.pool, bound.slice
    );
    let line = (Word::Turn, at, "max_wait");
    Some(Finding::new(Severity::Warning, line, "policy-promise-suspended", args, message))
}

fn protected(policy: &Policy, turn: &Turn) -> Vec<Finding> {
    let open =
        policy.classes.iter().enumerate().filter(|(_, c)| c.protected && c.max_time.is_none());
    open.map(|(at, class)| {
        let (name, pool) = (class.name.clone(), turn.pool.clone());
        let message = format!(
            "jobs of '{name}' are never stopped and have no max_time, so nobody can be promised a turn in pool '{pool}'; give the class a max_time"
        );
        let args = [("name", name), ("pool", pool)];
        Finding::new(Severity::Error, (Word::Class, at, "protected"), "policy-protected-without-end", args, message)
    })
    .collect()
}

/// The longest that any job may run in a pool; none: without end.
fn longest(policy: &Policy, turn: &Turn) -> Option<Span> {
    let limits = policy
        .limits
        .iter()
        .filter(|l| l.class.is_none() && l.pool.as_deref().is_none_or(|pool| pool == turn.pool));
    let most = limits.filter_map(|l| l.max_time).min();
    let of = |class: Option<Span>| class.into_iter().chain(most).min();
    match policy.classes.as_slice() {
        [] => most,
        classes => classes
            .iter()
            .map(|class| of(class.max_time))
            .try_fold(Span::ZERO, |longest, one| Some(longest.max(one?))),
    }
}

/// Where every job is shorter than a turn, a shorter turn promises more.
fn turn_and_walltimes(policy: &Policy, at: usize, turn: &Turn) -> Option<Finding> {
    let hold = longest(policy, turn).filter(|hold| *hold < turn.slice)?;
    Some(never_ends(at, turn, hold))
}

/// The same, or so little longer that what is written of it says it whole.
fn in_words(span: Span) -> Span {
    let up = |unit: u64| Span(span.0.div_ceil(unit).saturating_mul(unit));
    let is_whole = |span: &Span| Span::parse(&span.to_string()) == Ok(*span);
    [span, up(60_000), up(3_600_000)].into_iter().find(is_whole).unwrap_or(up(24 * 3_600_000))
}

fn never_ends(at: usize, turn: &Turn, hold: Span) -> Finding {
    let (pool, slice, hold) = (turn.pool.clone(), turn.slice.to_string(), hold.to_string());
    let message = format!(
        "no job may run longer than {hold} in pool '{pool}', so a turn of {slice} never ends there; with slice = \"{hold}\" nobody loses anything, and a shorter wait can be promised"
    );
    let args = [("pool", pool), ("hold", hold), ("slice", slice)];
    let line = (Word::Turn, at, "slice");
    Finding::new(Severity::Warning, line, "policy-turn-never-ends", args, message)
}

fn below_a_turn(at: usize, turn: &Turn, held: Span, max_wait: Span) -> Finding {
    let least = in_words(held.plus(GRACE));
    let args = [
        ("pool", turn.pool.clone()),
        ("slice", held.to_string()),
        ("promise", max_wait.to_string()),
        ("least", least.to_string()),
    ];
    let message = format!(
        "pool {}: whoever holds it may do so for {held}, so nobody can be promised a turn within {max_wait}; write max_wait = \"{least}\" or more, or shorter turns",
        turn.pool
    );
    Finding::new(
        Severity::Error,
        (Word::Turn, at, "max_wait"),
        "policy-promise-below-a-turn",
        args,
        message,
    )
}

fn beside_slices(at: usize, turn: &Turn) -> Finding {
    let pool = turn.pool.clone();
    let message = format!(
        "pool {pool} has whole GPUs and slices: max_wait is about the whole ones, and who names a slice is promised nothing; slices in a pool of their own can have a max_wait"
    );
    let line = (Word::Turn, at, "max_wait");
    Finding::new(Severity::Warning, line, "policy-promise-beside-slices", [("pool", pool)], message)
}

fn too_long(at: usize, turn: &Turn, bound: &Bound, max_wait: Span) -> Option<Finding> {
    let line = (Word::Turn, at, "max_wait");
    let pool = turn.pool.clone();
    let Some(wait) = bound.wait() else {
        let gang = bound.gang.to_string();
        let message = format!(
            "pool {pool}: beside its claims no node has {gang} GPUs left, so nobody can be promised a turn there; limit jobs to fewer GPUs (gpus_per_job), or claim fewer"
        );
        let args = [("pool", pool), ("gang", gang)];
        return Some(Finding::new(
            Severity::Error,
            line,
            "policy-promise-without-room",
            args,
            message,
        ));
    };
    if wait <= max_wait {
        return None;
    }
    let wait = in_words(wait);
    let turns = bound.grants.div_ceil(bound.at_once.max(1)).max(1);
    let protected = bound.slice > turn.slice;
    let fits =
        bound.slice_for(max_wait).filter(|_| !protected).map(|s| s.to_string()).unwrap_or_default();
    let Bound { grants, gang, gpus, slice, grace, .. } = *bound;
    let code = if fits.is_empty() {
        "policy-promise-too-short-to-protect"
    } else {
        "policy-promise-too-short"
    };
    let way = if fits.is_empty() {
        format!("max_wait = \"{wait}\" can be kept")
    } else {
        format!("a slice of {fits} would keep it, or max_wait = \"{wait}\"")
    };
    let message = format!(
        "pool {pool}: {grants} grants x {gang} GPUs on {gpus}: {turns} turns of {slice} and {grace} to leave = {wait}, more than max_wait {max_wait}; {way}"
    );
    let args = [
        ("pool", pool),
        ("grants", grants.to_string()),
        ("gang", gang.to_string()),
        ("gpus", gpus.to_string()),
        ("turns", turns.to_string()),
        ("slice", slice.to_string()),
        ("grace", grace.to_string()),
        ("wait", wait.to_string()),
        ("promise", max_wait.to_string()),
        ("fits", fits),
    ];
    Some(Finding::new(Severity::Error, line, code, args, message))
}
