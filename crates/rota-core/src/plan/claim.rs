//! Rights: whose a claimed GPU is at a moment, who may borrow it, and how it comes back. A holder's jobs go first on what
//! they claim, and whoever borrowed it leaves.

use super::Pass;
use super::order::{Asked, Last, Level};
use super::place::{self, Found};
use crate::cluster::{ClaimId, Cluster, RoomKey};
use crate::id::{GpuSet, NodeId, PersonId};
use crate::job::{Job, Part, Placement, Stop, TurnMode};
use crate::node::NodeState;
use crate::policy::rights::{NO_SHOW, Right};
use crate::policy::{Claim, PoolId, Reclaim};
use crate::units::{Span, Time};
use std::collections::BTreeSet;

/// The GPUs of a node that a job may use from one moment to another; only its own claims where it asks for those.
pub(crate) fn usable(
    c: &Cluster,
    now: Time,
    asked: &Asked,
    node: &NodeState,
    (from, to): (Time, Time),
) -> GpuSet {
    let all = GpuSet::first(node.node.gpus);
    let (mut own, mut not) = (GpuSet::default(), GpuSet::default());
    for (id, gpus) in &node.pins {
        let Some(claim) = c.claim(*id) else { continue };
        match right(c, now, asked, (*id, claim), (from, to)) {
            Right::None => not = not.and(*gpus),
            Right::Own => own = own.and(*gpus),
            Right::Borrow | Right::Free => {}
        }
    }
    if asked.level == Level::Claim { own.without(not) } else { all.without(not) }
}

fn right(
    c: &Cluster,
    now: Time,
    asked: &Asked,
    (id, claim): (ClaimId, &Claim),
    (from, to): (Time, Time),
) -> Right {
    let (zone, account) = (&c.policy.zone, c.accounts.account(asked.person));
    let (mut own, mut borrows, mut at) = (false, false, from);
    // The terms are the same in every later stretch: one round of holders tells all.
    for _ in 0..=claim.who.len() + 1 {
        let Some((begins, _)) = claim.when.stretch(zone, at) else { break };
        let begins = begins.max(at);
        if begins >= to {
            break;
        }
        let Some((who, since, until)) = claim.holder(zone, begins) else { break };
        if who.includes(account) {
            own |= begins <= from;
        } else if !is_missed(c, (id, claim), since, now) {
            let has_claim = c.policy.has_claim(account);
            if !claim.lends_to(has_claim, c.shape_mode(asked.shape), asked.shape.limit) {
                return Right::None;
            }
            borrows = true;
        }
        at = until;
    }
    match (own, borrows) {
        (true, _) => Right::Own,
        (_, true) => Right::Borrow,
        _ => Right::Free,
    }
}

/// Whether the holder of a stretch that began at `since` has not come: no job of theirs has begun there, and none waits.
pub fn is_missed(c: &Cluster, (id, claim): (ClaimId, &Claim), since: Time, now: Time) -> bool {
    if !claim.can_be_missed() || now < since.after(NO_SHOW) {
        return false;
    }
    let shown = c.shown.get(&id).is_some_and(|at| *at >= since);
    let holder = claim.holder(&c.policy.zone, since);
    let theirs = |person: &PersonId| {
        holder.is_some_and(|(who, ..)| who.includes(c.accounts.account(*person)))
    };
    let held_here = |node: &NodeState| {
        let pins = node.pins.iter().filter(|(pin, _)| *pin == id);
        let gpus = pins.fold(GpuSet::default(), |all, (_, g)| all.and(*g));
        let jobs = node.holders.iter().filter_map(|j| c.job(*j));
        jobs.filter(|j| theirs(&j.owner))
            .filter_map(|j| j.holds()?.on(node.node.id))
            .any(|here| !here.common(gpus).is_empty())
    };
    !shown && !c.queue.keys().any(theirs) && !c.nodes.values().map(AsRef::as_ref).any(held_here)
}

/// Whose claim keeps a job off GPUs of a node between two moments, and until when.
pub(crate) fn keeper(
    c: &Cluster,
    now: Time,
    asked: &Asked,
    node: &NodeState,
    (from, to): (Time, Time),
) -> Option<(String, Option<Time>)> {
    node.pins.iter().find_map(|(id, _)| {
        let claim = c.claim(*id)?;
        if right(c, now, asked, (*id, claim), (from, to)) != Right::None {
            return None;
        }
        let (begins, _) = claim.when.stretch(&c.policy.zone, from)?;
        let (who, _, until) = claim.holder(&c.policy.zone, begins.max(from))?;
        Some((who.to_string(), Some(until).filter(|at| *at < Time::FAR)))
    })
}

/// What a borrower must do when the holder comes.
pub(crate) struct Recall {
    /// What becomes of it.
    pub how: Stop,
    /// How long it may take.
    pub grace: Span,
}

/// How a job makes room for the holder of a claim on its GPUs, if it must.
pub(crate) fn recall(c: &Cluster, now: Time, holder: PersonId, borrower: &Job) -> Option<Recall> {
    let (theirs, ours) = (c.accounts.account(borrower.owner), c.accounts.account(holder));
    let mut pins = borrower.holds()?.parts().flat_map(|part| {
        let pins = c.nodes.get(&part.node).map_or(&[][..], |node| &node.pins);
        pins.iter().filter(move |(_, gpus)| !gpus.common(part.gpus).is_empty())
    });
    let claim = pins.find_map(|(id, _)| {
        let claim = c.claim(*id)?;
        let (who, ..) = claim.holder(&c.policy.zone, now)?;
        (who.includes(ours) && !who.includes(theirs)).then_some(claim)
    })?;
    let how = match (claim.reclaim, c.mode(borrower)) {
        (Reclaim::Wait, _) => return None,
        _ if c.stays(borrower) => return None,
        (Reclaim::Suspend, TurnMode::Suspend) => Stop::Suspend,
        _ => Stop::Requeue,
    };
    Some(Recall { how, grace: claim.grace.min(borrower.spec.grace) })
}

/// Whether somebody else claims a GPU of a placement now.
pub(crate) fn is_borrowed(c: &Cluster, now: Time, by: PersonId, place: &Placement) -> bool {
    let account = c.accounts.account(by);
    lenders(c, by, place).any(|claim| {
        let holder = claim.holder(&c.policy.zone, now);
        holder.is_some_and(|(who, ..)| !who.includes(account))
    })
}

/// Claims of others about GPUs of a placement.
fn lenders<'c>(
    c: &'c Cluster,
    by: PersonId,
    place: &'c Placement,
) -> impl Iterator<Item = &'c Claim> {
    let account = c.accounts.account(by);
    let pins = place.parts().flat_map(|part| {
        let pins = c.nodes.get(&part.node).map_or(&[][..], |node| &node.pins);
        pins.iter().filter(move |(_, gpus)| !gpus.common(part.gpus).is_empty())
    });
    pins.filter_map(|(id, _)| c.claim(*id)).filter(move |claim| {
        !claim.is_maintenance() && !matches!(claim.who.as_slice(), [who] if who.includes(account))
    })
}

/// The GPUs of a node that are kept for jobs that would borrow them.
pub(crate) fn kept_for_borrowers(c: &Cluster, now: Time, node: NodeId) -> GpuSet {
    let here = c.kept.iter().filter_map(|(id, place)| Some((c.job(*id)?, place, place.on(node)?)));
    here.filter(|(job, place, _)| is_borrowed(c, now, job.owner, place))
        .fold(GpuSet::default(), |all, (.., gpus)| all.and(gpus))
}

/// How long a job may take to leave what it borrows, whatever it is stopped for, where that is shorter than it asked for.
pub(crate) fn grace(c: &Cluster, now: Time, job: &Job) -> Option<Span> {
    let zone = &c.policy.zone;
    let soon = now.after(job.spec.grace);
    let claimed = |claim: &&Claim| [now, soon].iter().any(|at| claim.holder(zone, *at).is_some());
    let graces = lenders(c, job.owner, job.holds()?).filter(claimed).map(|claim| claim.grace);
    graces.min().filter(|grace| *grace < job.spec.grace)
}

/// Where and when a holder who agreed to wait for borrowers has what they claim, so that no new borrower delays them;
/// none, if they start sooner elsewhere.
pub(super) fn when_borrowers_end(pass: &mut Pass, asked: &Asked) -> Option<Found> {
    let (c, now) = (pass.c, pass.now);
    let account = c.accounts.account(asked.person);
    let waits = |claim: &Claim| {
        let holder = claim.holder(&c.policy.zone, now);
        claim.reclaim == Reclaim::Wait && holder.is_some_and(|(who, ..)| who.includes(account))
    };
    if !c.policy.claims.iter().any(waits) {
        return None;
    }
    let found = place::later(pass, asked)?;
    let anywhere = Asked { level: Level::Order(PoolId(0), Last::Yes), ..*asked };
    let sooner = place::now(pass, &anywhere).is_some()
        || place::later(pass, &anywhere).is_some_and(|other| other.at < found.at);
    (!sooner).then_some(found)
}

/// Whether a job runs on GPUs that its own people claim now: nobody takes turns with it there.
pub(crate) fn is_on_own(c: &Cluster, now: Time, job: &Job) -> bool {
    let Some(place) = job.holds() else { return false };
    let account = c.accounts.account(job.owner);
    let is_own = |part: Part| {
        let pins = c.nodes.get(&part.node).map_or(&[][..], |node| &node.pins);
        let own = pins.iter().filter(|(id, _)| {
            let holder = c.claim(*id).and_then(|claim| claim.holder(&c.policy.zone, now));
            holder.is_some_and(|(who, ..)| who.includes(account))
        });
        let own = own.fold(GpuSet::default(), |all, (_, gpus)| all.and(*gpus));
        !part.gpus.is_empty() && part.gpus.without(own).is_empty()
    };
    place.parts().all(is_own)
}

/// Whether a person holds a claim in one of these pools now.
pub(crate) fn holds_in(
    c: &Cluster,
    now: Time,
    person: PersonId,
    rooms: &BTreeSet<&RoomKey>,
) -> bool {
    let account = c.accounts.account(person);
    let claims = c.policy.claims.iter().chain(c.bookings.values().map(|b| &b.claim));
    let here = claims.filter(|cl| {
        c.policy.pool_named(&cl.pool).is_some_and(|pool| rooms.iter().any(|room| room.0 == pool))
    });
    let mut holders = here.filter_map(|claim| claim.holder(&c.policy.zone, now));
    holders.any(|(who, ..)| who.includes(account))
}

/// People with waiting jobs who hold a claim now.
pub(crate) fn holders(c: &Cluster, now: Time) -> Vec<PersonId> {
    let policy = c.policy.claims.iter();
    let claims: Vec<&Claim> = policy.chain(c.bookings.values().map(|b| &b.claim)).collect();
    let who: Vec<_> = claims.iter().filter_map(|cl| cl.holder(&c.policy.zone, now)).collect();
    let holds = |person: &&PersonId| {
        let account = c.accounts.account(**person);
        who.iter().any(|(who, ..)| who.includes(account))
    };
    if who.is_empty() { Vec::new() } else { c.queue.keys().filter(holds).copied().collect() }
}

/// The next moment at which a claim changes hands, or is released because nobody came.
pub fn next_change(c: &Cluster, now: Time) -> Option<Time> {
    let policy = c.policy.claims.iter();
    let all = policy.chain(c.bookings.values().map(|b| &b.claim));
    let zone = &c.policy.zone;
    let moments = all.flat_map(|claim| {
        let no_show = claim.holder(zone, now).filter(|_| claim.can_be_missed());
        let no_show = no_show.map(|(_, since, _)| since.after(NO_SHOW)).filter(|at| *at > now);
        [claim.next_change(zone, now), no_show]
    });
    moments.flatten().min()
}
