//! Which job a fact is about.

use super::Event;
use crate::id::JobId;

impl Event {
    /// The job, or the number of the array, that it is about.
    pub fn about(&self) -> Option<JobId> {
        match self {
            Event::PolicySet { .. }
            | Event::Booked { .. }
            | Event::BookingBegun { .. }
            | Event::BookingEnded { .. }
            | Event::Unbooked { .. }
            | Event::NodeAdded { .. }
            | Event::NodeReturned { .. }
            | Event::NodeLost { .. }
            | Event::GpuDrained { .. }
            | Event::GpuResumed { .. }
            | Event::OutsiderSeen { .. }
            | Event::OutsiderGone { .. } => None,
            Event::Submitted { number, .. } | Event::Adopted { number, .. } => {
                Some(JobId::single(*number))
            }
            Event::Held { job, .. }
            | Event::Released { job, .. }
            | Event::LinedUp { job }
            | Event::Changed { job, .. }
            | Event::CancelAsked { job, .. }
            | Event::RoomKept { job, .. }
            | Event::StartDecided { job, .. }
            | Event::Started { job, .. }
            | Event::StopDecided { job, .. }
            | Event::Suspended { job, .. }
            | Event::SuspendFailed { job, .. }
            | Event::Requeued { job, .. }
            | Event::Warned { job, .. }
            | Event::WentIdle { job, .. }
            | Event::WentBusy { job, .. }
            | Event::PersonReturned { job }
            | Event::IdleWarned { job, .. }
            | Event::Pinned { job, .. }
            | Event::Unpinned { job, .. }
            | Event::PartExceeded { job, .. }
            | Event::PartKept { job, .. }
            | Event::Ended { job, .. } => Some(*job),
        }
    }
}
