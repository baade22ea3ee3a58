//! Which of the jobs on a node make room: as few as must, in the order in which their time is over.

use super::super::Pass;
use super::super::part::Sharing;
use super::{Offer, Victim, Whose, memory_back};
use crate::id::{GpuSet, JobId};
use crate::node::NodeState;
use crate::queue::Shape;
use crate::units::{Mib, Time};

/// What is looked for on a node.
pub(super) struct Wants<'c> {
    pub node: &'c NodeState,
    pub shape: &'c Shape,
    /// The GPUs a suspended job must resume on.
    pub wanted: Option<GpuSet>,
    pub sharing: Sharing,
}

/// What was found so far.
pub(super) struct Gathered {
    pub gpus: GpuSet,
    /// Those of them that were kept for borrowers.
    pub kept: GpuSet,
    pub at: Time,
    pub givers: Vec<Giver>,
}

/// Takes offers in their order until they are enough.
pub(super) fn gather(pass: &mut Pass, wants: &Wants, offers: Vec<Offer>, from: Time) -> Gathered {
    let (c, id) = (pass.c, wants.node.node.id);
    let (gpus, kept) = (GpuSet::default(), GpuSet::default());
    let mut found = Gathered { gpus, kept, at: from, givers: Vec::new() };
    for offer in offers {
        if wants.enough(found.gpus) && wants.host_fits(&found.givers) {
            break;
        }
        let from = offer.at.max(found.at);
        let held = !matches!(offer.whose, Whose::Nobody);
        let to = from.after(wants.shape.length());
        let open = pass.timeline.unplanned((id, offer.gpus), held, (from, to));
        let on_host_only = matches!(offer.whose, Whose::Job(job, ..) if job.spec.gpus == 0);
        if open.is_empty() && !on_host_only {
            continue;
        }
        let leaves = match offer.whose {
            Whose::Job(job, ..) => Some(job.id),
            _ => None,
        };
        let has_left = |job| leaves == Some(job) || gives(&found.givers, job);
        let free = wants.sharing.enough(open, has_left);
        found.gpus = found.gpus.and(free);
        if let Whose::Kept = offer.whose {
            found.kept = found.kept.and(free);
        }
        if let Whose::Job(holder, cause, until) = offer.whose {
            found.at = found.at.max(offer.at);
            let host = (holder.spec.cpus, memory_back(c, holder, cause.recall()));
            let victim = Victim { job: holder.id, cause, until };
            let is_part = wants.node.node.part(holder.spec.gpu_mem).is_some();
            found.givers.push(Giver { victim, gpus: open, is_part, host });
        }
    }
    found
}

impl Wants<'_> {
    pub fn enough(&self, gpus: GpuSet) -> bool {
        match self.wanted {
            Some(wanted) => wanted.without(gpus).is_empty(),
            None => gpus.count() >= self.shape.gpus,
        }
    }

    /// Whether cores and memory of the node suffice once some have left.
    pub fn host_fits(&self, givers: &[Giver]) -> bool {
        let back = givers.iter().fold((0, Mib(0)), |sum: (u32, Mib), giver| {
            (sum.0.saturating_add(giver.host.0), sum.1.plus(giver.host.1))
        });
        let (node, shape) = (self.node, self.shape);
        node.cpus_used.saturating_sub(back.0).saturating_add(shape.cpus) <= node.node.cpus
            && node.mem_used.less(back.1).plus(shape.mem) <= node.node.mem
    }

    /// Who gives none of the chosen GPUs stays, unless its part of the host is needed.
    pub fn needed(&self, mut givers: Vec<Giver>, gpus: GpuSet) -> Vec<Giver> {
        for at in (0..givers.len()).rev() {
            let giver = givers.remove(at);
            let here = giver.gpus.common(gpus);
            let is_needed = match giver.is_part {
                true => self.sharing.enough(here, |job| gives(&givers, job)) != here,
                false => !here.is_empty(),
            };
            if is_needed || !self.host_fits(&givers) {
                givers.insert(at, giver);
            }
        }
        givers
    }
}

/// Whether a job is among those that make room.
fn gives(givers: &[Giver], job: JobId) -> bool {
    givers.iter().any(|giver| giver.victim.job == job)
}

/// Who would make room, and what it gives of the node.
pub(super) struct Giver {
    pub victim: Victim,
    pub gpus: GpuSet,
    /// It shares its GPU: others may have to leave as well.
    pub is_part: bool,
    pub host: (u32, Mib),
}
