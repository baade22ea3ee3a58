//! Names of pools, classes and nodes.

use super::{Finding, Severity, Word};
use crate::cluster::Cluster;
use crate::policy::{Policy, matches};
use std::collections::BTreeMap;

pub(super) fn verify(policy: &Policy) -> Vec<Finding> {
    let pools: Vec<&str> = policy.pools.iter().map(|p| p.name.as_str()).collect();
    let classes: Vec<&str> = policy.classes.iter().map(|c| c.name.as_str()).collect();
    let mut all = twice(Word::Pool, "pool", &pools);
    all.extend(twice(Word::Class, "class", &classes));
    let pool =
        |word, at, name: &str| unknown("policy-unknown-pool", "pool", (word, at), name, &pools);
    let class =
        |word, at, name: &str| unknown("policy-unknown-class", "class", (word, at), name, &classes);
    for (at, claim) in policy.claims.iter().enumerate() {
        all.extend(pool(Word::Claim, at, &claim.pool));
    }
    for (at, one) in policy.classes.iter().enumerate() {
        let unknown = one.pools.iter().filter_map(|name| pool(Word::Class, at, name));
        all.extend(unknown.map(|finding| Finding { key: "pools".into(), ..finding }));
    }
    for (at, limit) in policy.limits.iter().enumerate() {
        all.extend(limit.pool.iter().filter_map(|name| pool(Word::Limit, at, name)));
        all.extend(limit.class.iter().filter_map(|name| class(Word::Limit, at, name)));
    }
    for (at, turn) in policy.turns.iter().enumerate() {
        all.extend(pool(Word::Turn, at, &turn.pool));
        if policy.turns.iter().take(at).any(|t| t.pool == turn.pool) {
            all.push(again((Word::Turn, at), "pool", "turn", &turn.pool));
        }
    }
    all
}

pub(super) fn too_many_pools() -> Finding {
    let most = super::MOST_POOLS;
    let message = format!("a policy has at most {most} pools");
    let args = [("most", most.to_string())];
    let line = (Word::Pool, most, "");
    Finding::new(Severity::Error, line, "policy-too-many-pools", args, message)
}

fn unknown(
    code: &'static str,
    what: &'static str,
    (word, at): (Word, usize),
    name: &str,
    known: &[&str],
) -> Option<Finding> {
    // An empty name was not read at all, and that has been said.
    if name.is_empty() || known.contains(&name) {
        return None;
    }
    let list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let message = format!("no {what} is called '{}'; this policy has {list}", name.escape_debug());
    let args = [("name", name.to_owned()), ("known", list)];
    Some(Finding::new(Severity::Error, (word, at, what), code, args, message))
}

fn twice(word: Word, what: &'static str, names: &[&str]) -> Vec<Finding> {
    let named = names.iter().enumerate().filter(|(_, name)| !name.is_empty());
    let again = named.filter(|(at, name)| names[..*at].contains(name));
    again.map(|(at, name)| self::again((word, at), "name", what, name)).collect()
}

fn again((word, at): (Word, usize), key: &'static str, what: &str, name: &str) -> Finding {
    let message = format!("a {what} '{}' was named before; keep one of them", name.escape_debug());
    let args = [("what", what.to_owned()), ("name", name.to_owned())];
    Finding::new(Severity::Error, (word, at, key), "policy-named-twice", args, message)
}

/// Each node is in one pool, and each pool has nodes.
pub(super) fn nodes(policy: &Policy, site: Option<&Cluster>) -> Vec<Finding> {
    let mut all = Vec::new();
    // Whole names by the pool that has them, so that long lists take no time.
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, pool) in policy.pools.iter().enumerate() {
        let shared = pool.nodes.iter().find_map(|name| {
            let same = known.get(name.as_str()).copied();
            let other = || policy.pools[..at].iter().position(|p| overlaps(&p.nodes, name));
            same.or_else(other).filter(|first| *first != at).map(|first| (name, first))
        });
        if let Some((node, first)) = shared {
            all.push(in_two_pools(policy, at, first, node));
        }
        known.extend(pool.nodes.iter().map(|name| (name.as_str(), at)));
        all.extend(site.and_then(|c| without_nodes(policy, c, at)));
    }
    all
}

/// Whether a pattern among these, or the name itself as a pattern, is about the same nodes.
fn overlaps(patterns: &[String], name: &str) -> bool {
    let open = |p: &&String| p.ends_with('*') || name.ends_with('*');
    let plain = |p: &str| p.trim_end_matches('*').to_owned();
    patterns.iter().filter(open).any(|p| matches(p, &plain(name)) || matches(name, &plain(p)))
}

fn in_two_pools(policy: &Policy, at: usize, first: usize, node: &str) -> Finding {
    let (this, other) = (&policy.pools[at].name, &policy.pools[first].name);
    let args = [("node", node.to_owned()), ("pool", this.clone()), ("other", other.clone())];
    let message = format!(
        "node '{}' is in pool '{other}' already; a node is in one pool: take it out of one of them",
        node.escape_debug()
    );
    Finding::new(
        Severity::Error,
        (Word::Pool, at, "nodes"),
        "policy-node-in-two-pools",
        args,
        message,
    )
}

fn without_nodes(policy: &Policy, c: &Cluster, at: usize) -> Option<Finding> {
    let pool = &policy.pools[at];
    let is_here = |node: &str| pool.nodes.iter().any(|pattern| matches(pattern, node));
    if c.nodes.values().any(|n| is_here(&n.node.name)) {
        return None;
    }
    let nodes: Vec<&str> = c.nodes.values().map(|n| n.node.name.as_str()).take(12).collect();
    let known = nodes.join(", ");
    let name = pool.nodes.first().cloned().unwrap_or_default();
    let args = [("pool", pool.name.clone()), ("name", name), ("known", known.clone())];
    let message =
        format!("no node here is in pool '{}'; nodes here are {known}", pool.name.escape_debug());
    Some(Finding::new(
        Severity::Warning,
        (Word::Pool, at, "nodes"),
        "policy-pool-without-nodes",
        args,
        message,
    ))
}
