//! Dependencies of what is asked: those that have ended, those to wait for, and none that leads back.

use super::reject;
use crate::apply::satisfied;
use crate::cluster::Cluster;
use crate::id::JobId;
use crate::job::Dependency;
use crate::request::Rejection;
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Pending = (Vec<Dependency>, Option<u64>);

/// Splits dependencies into those that have not ended and one that can never be satisfied.
pub(super) fn dependencies(
    c: &Cluster,
    after: &[Dependency],
    ended: &BTreeMap<u64, bool>,
) -> Result<Pending, Rejection> {
    let (mut pending, mut broken) = (Vec::new(), None);
    for wanted in after {
        if c.batches.contains_key(&wanted.number) {
            pending.push(wanted.clone());
            continue;
        }
        match ended.get(&wanted.number) {
            Some(ok) if satisfied(wanted, *ok) => {}
            Some(_) => broken = Some(wanted.number),
            None => {
                return Err(reject(
                    "dependency-missing",
                    [("number", wanted.number.to_string())],
                    format!(
                        "job {} to wait for was never submitted here; see 'rota queue --all'",
                        wanted.number
                    ),
                ));
            }
        }
    }
    pending.sort();
    pending.dedup();
    Ok((pending, broken))
}

/// No job may come to wait for itself.
pub(super) fn no_cycle(c: &Cluster, number: u64, after: &[Dependency]) -> Result<(), Rejection> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<u64> = after.iter().map(|d| d.number).collect();
    while let Some(at) = next.pop() {
        if at == number {
            return Err(reject(
                "dependency-cycle",
                [("number", number.to_string())],
                format!(
                    "job {number} would come to wait for itself; leave out the dependency that leads back to it"
                ),
            ));
        }
        if seen.insert(at) {
            next.extend(
                c.named(JobId::single(at)).iter().flat_map(|j| j.pending.iter().map(|d| d.number)),
            );
        }
    }
    Ok(())
}
