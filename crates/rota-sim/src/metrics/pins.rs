//! Claimed GPUs at a moment: whose, and who uses them.

use super::walk::Step;
use rota_core::cluster::{ClaimId, Cluster};
use rota_core::id::{GpuSet, PersonId};
use rota_core::node::NodeState;
use rota_core::policy::who::Who;
use rota_core::units::Time;

/// A claim that someone holds now.
pub struct Held<'c> {
    /// Which.
    pub id: ClaimId,
    /// Whose.
    pub who: &'c Who,
    /// Since when this stretch of it is theirs.
    pub since: Time,
}

/// Claims, with their holders at a moment; not maintenance.
pub fn held(c: &Cluster, at: Time) -> Vec<Held<'_>> {
    let policy = (0u16..).zip(&c.policy.claims).map(|(at, claim)| (ClaimId::Policy(at), claim));
    let booked = c.bookings.iter().map(|(number, b)| (ClaimId::Booking(*number), &b.claim));
    let all = policy.chain(booked).filter(|(_, claim)| !claim.is_maintenance());
    all.filter_map(|(id, claim)| {
        let (who, since, _) = claim.holder(&c.policy.zone, at)?;
        Some(Held { id, who, since })
    })
    .collect()
}

/// Whether anyone can hold a claim.
pub fn is_any(c: &Cluster) -> bool {
    !c.policy.claims.is_empty() || !c.bookings.is_empty()
}

/// The GPUs of a node that a claim is about.
pub fn on_node(node: &NodeState, id: ClaimId) -> GpuSet {
    let pins = node.pins.iter().filter(|(pin, _)| *pin == id);
    pins.fold(GpuSet::default(), |all, (_, gpus)| all.and(*gpus))
}

/// GPUs of a node that are held by people that a claim is for, and by others.
pub fn users(c: &Cluster, node: &NodeState, who: &Who) -> (GpuSet, GpuSet) {
    let (mut own, mut others) = (GpuSet::default(), GpuSet::default());
    for job in node.holders.iter().filter_map(|id| c.job(*id)) {
        let Some(here) = job.holds().and_then(|p| p.on(node.node.id)) else { continue };
        if includes(c, who, job.owner) { own = own.and(here) } else { others = others.and(here) }
    }
    (own, others)
}

/// Whether a person is among those that a claim is for.
pub fn includes(c: &Cluster, who: &Who, person: PersonId) -> bool {
    who.includes(c.accounts.account(person))
}

/// The claims that a step may have changed: those about nodes that its job left or took, and those of its owner.
pub fn touched<'c>(step: &Step<'c>) -> Vec<Held<'c>> {
    let c = step.c;
    let job = step.after.or(step.before);
    let places = [step.before, step.after].map(|job| job.and_then(|j| j.placement()));
    let is_here = |id: ClaimId| {
        let parts = places.iter().flatten().flat_map(|place| place.parts());
        parts.filter_map(|part| c.nodes.get(&part.node)).any(|node| !on_node(node, id).is_empty())
    };
    let mut all = held(c, step.at);
    all.retain(|h| is_here(h.id) || job.is_some_and(|j| includes(c, h.who, j.owner)));
    all
}
