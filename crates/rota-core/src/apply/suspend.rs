//! Jobs that were suspended, or could not be.

use super::close_turn;
use crate::cluster::Cluster;
use crate::id::JobId;
use crate::job::{Job, JobState};
use crate::units::Time;

impl Cluster {
    pub(super) fn freeze(&mut self, at: Time, id: JobId) {
        self.change(at, id, |j| {
            let asked = match &j.state {
                JobState::Stopping { placement, since, .. } => Some((placement.clone(), *since)),
                // Nobody knows when it began.
                JobState::Running { placement, .. } => Some((placement.clone(), at)),
                _ => None,
            };
            if let Some((placement, since)) = asked {
                j.switch_cost = j.switch_cost.max(at.since(since));
                (j.suspending.works, j.suspending.failures) = (true, 0);
                close_turn(j, at);
                j.idling.rest();
                j.state = JobState::Suspended { placement, since: at };
            }
        });
    }

    /// It could not be suspended. For whom it was to make room, room is to be found another way, or later.
    pub(super) fn run_on(&mut self, at: Time, id: JobId, why: &str, lasting: bool) {
        self.change(at, id, |j| {
            if let JobState::Stopping { placement, began, .. } = &j.state {
                j.state = JobState::Running { placement: placement.clone(), since: *began };
                j.suspending.failed(at, why, lasting);
                j.idling.away = false;
            }
        });
        let held = self.job(id).and_then(Job::holds).cloned();
        held.iter().for_each(|held| self.keep_none(|kept| kept.meets(held)));
    }
}
