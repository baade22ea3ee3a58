//! Not before: a job that asked to start no earlier than some time lines up when that time has come. Until then it is in no
//! order of turns, nothing is planned for it, and it gains no age.

use super::Pass;
use crate::decision::Decision;

/// Lines up the jobs whose time has come. They are visited as soon as that is a fact.
pub(super) fn line_up(pass: &mut Pass) {
    let due = pass.c.timers.iter().take_while(|(at, _)| *at <= pass.now);
    let jobs = due.filter_map(|(_, id)| pass.c.job(*id)).filter(|job| job.not_before.is_some());
    let come: Vec<Decision> = jobs.map(|job| Decision::LineUp { job: job.id }).collect();
    if !come.is_empty() {
        pass.plan.decisions.extend(come);
        pass.wake_at(pass.now);
    }
}
