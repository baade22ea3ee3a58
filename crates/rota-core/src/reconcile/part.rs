//! Memory that a job uses of the GPU it shares, against what it asked for. Nothing in the driver keeps it from taking more:
//! it is told first, and stopped if it still does after [`PATIENCE`]. Who is back within its part in time stays.

use crate::decision::Reason;
use crate::event::Event;
use crate::job::{Job, JobState, Stop};
use crate::part::{LEAVE, PATIENCE};
use crate::units::{Mib, Time};

/// What follows from what a job uses now; nothing while it is leaving.
pub(super) fn judge(job: &Job, used: Mib, now: Time) -> Option<Event> {
    let part = job.spec.gpu_mem.filter(|_| matches!(job.state, JobState::Running { .. }))?;
    let (id, turn) = (job.id, job.turns_begun);
    match job.excess {
        None if used > part => Some(Event::PartExceeded { job: id, turn, used, part }),
        Some(_) if used <= part => Some(Event::PartKept { job: id, turn }),
        Some(excess) if now.since(excess.since) >= PATIENCE => {
            let reason = Reason::PartExceeded { used, part };
            let grace = Some(LEAVE).filter(|most| *most < job.spec.grace);
            Some(Event::StopDecided { job: id, turn, how: Stop::PartExceeded, grace, reason })
        }
        _ => None,
    }
}
