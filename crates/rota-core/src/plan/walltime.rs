//! Walltime: a warning, then an end. And an end for jobs whose dependency can never be satisfied.

use super::{Pass, claim};
use crate::decision::{Decision, Reason};
use crate::job::{JobState, Outcome, Stop};

/// Ends waiting jobs whose dependency ended in a way that can never satisfy them.
pub(super) fn end_what_cannot_start(pass: &mut Pass) {
    for (job, on) in &pass.c.broken {
        let outcome = Outcome::DependencyFailed { on: *on };
        pass.plan.decisions.push(Decision::End { job: *job, outcome });
    }
}

/// Warns where a warning is due, stops where the walltime is over.
pub(super) fn warn_and_stop_at_the_walltime(pass: &mut Pass) {
    let due = pass.c.timers.iter().take_while(|(at, _)| *at <= pass.now);
    for job in due.filter_map(|(_, id)| pass.c.job(*id)) {
        if !matches!(job.state, JobState::Running { .. }) {
            continue;
        }
        let over = job.limit_ends().is_some_and(|end| end <= pass.now);
        match &job.spec.warning {
            Some(warning) if !job.warned && !over => {
                pass.plan.decisions.push(Decision::Warn { job: job.id, signal: warning.signal });
            }
            _ if over => {
                pass.stopping.insert(job.id);
                let grace = claim::grace(pass.c, pass.now, job);
                let (how, reason) = (Stop::Timeout, Reason::Walltime);
                pass.plan.decisions.push(Decision::Stop { job: job.id, how, grace, reason });
            }
            _ => {}
        }
    }
}
