//! GPUs held and not used ([`crate::idle`]): people are told in time. Who waits takes them as they take turns
//! ([`super::turn`]).

use super::{Pass, claim};
use crate::cluster::Cluster;
use crate::decision::Decision;
use crate::job::Job;
use crate::units::Time;

/// From when on others may have what a job does not use: never what its people own.
pub fn until(c: &Cluster, now: Time, job: &Job) -> Option<Time> {
    c.idle_until(job).filter(|_| !claim::is_on_own(c, now, job))
}

/// Tells the people of jobs whose GPUs do nothing, and wakes when others may have them.
pub(super) fn tell(pass: &mut Pass) {
    let c = pass.c;
    for job in c.idle.iter().filter_map(|id| c.job(*id)) {
        let until = until(c, pass.now, job);
        match c.tells_idle(job) {
            Some(at) if at <= pass.now => {
                pass.plan.decisions.push(Decision::WarnIdle { job: job.id, until });
            }
            Some(at) => pass.wake_at(at),
            None => {}
        }
        if let Some(at) = until.filter(|at| *at > pass.now) {
            pass.wake_at(at);
        }
    }
}
