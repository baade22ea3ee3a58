//! Running jobs as those see them who wait for their turn: what is the same for whoever asks, worked out once a pass.

use super::turn::verdict::Seat;
use super::{Pass, budget, claim, idle};
use crate::id::{GpuSet, LabId};
use crate::job::{Job, JobState, TurnMode};
use crate::node::NodeState;
use crate::units::Time;
use std::cell::OnceCell;
use std::rc::Rc;

/// A job that runs on a node.
pub(super) struct Holder<'c> {
    /// The job.
    pub job: &'c Job,
    /// Its GPUs there that take jobs.
    pub gpus: GpuSet,
    /// The lab that is served.
    pub lab: LabId,
    /// Rank of its class; 0 if it runs as spare.
    pub rank: u8,
    /// When its turn is over, now if it was before; none: it makes no room in turns.
    pub over: Option<Time>,
    /// Where it is found from when on another lab may have its turn.
    pub among_labs: OnceCell<Seat>,
    /// Where it is found from when on others of its lab may have it.
    pub among_own: OnceCell<Seat>,
    /// It has not used its GPUs for so long that whoever waits may have them.
    pub idles: bool,
}

/// The jobs that run on a node.
pub(super) fn on<'c>(pass: &mut Pass<'c>, node: &'c NodeState) -> Rc<[Holder<'c>]> {
    let number = node.node.id.0 as usize;
    if let Some(Some(known)) = pass.holders.get(number) {
        return known.clone();
    }
    let jobs = node.holders.iter().filter_map(|id| pass.c.job(*id));
    let all: Rc<[Holder]> = jobs.filter_map(|job| holder(pass, node, job)).collect();
    if pass.holders.len() <= number {
        pass.holders.resize(number + 1, None);
    }
    if let Some(known) = pass.holders.get_mut(number) {
        *known = Some(all.clone());
    }
    all
}

fn holder<'c>(pass: &Pass<'c>, node: &NodeState, job: &'c Job) -> Option<Holder<'c>> {
    let (c, now) = (pass.c, pass.now);
    let JobState::Running { placement, .. } = &job.state else { return None };
    let stays = c.mode(job) == TurnMode::Never || claim::is_on_own(c, now, job);
    let over = c.turn_over(job, node.pool).max(now);
    let poor = budget::standing(c, job.owner, now) != budget::Standing::Good;
    Some(Holder {
        job,
        // What nobody may have afterwards is no room.
        gpus: placement.on(node.node.id).unwrap_or_default().without(node.closed),
        lab: c.accounts.grant_of(job.owner).lab,
        among_labs: OnceCell::new(),
        among_own: OnceCell::new(),
        rank: if poor { 0 } else { c.policy.class(job.spec.class.as_deref()).rank },
        over: Some(over).filter(|_| !stays),
        idles: idle::until(c, now, job).is_some_and(|at| at <= now),
    })
}
