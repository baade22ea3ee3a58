//! Ends with a failure on real GPUs are judged a moment later: a program dies of a bad GPU before anybody has read that the
//! GPU is bad. It is read at once, and until then nobody else is given it.

use super::{Round, Writer};
use rota_core::job::{Job, JobState, Placement};
use rota_core::observation::{Observation, Seen, Sighting};
use rota_core::reconcile::reconcile;
use rota_core::units::{Span, Time};

/// Within this time readers read all that they are asked for.
const MOMENT: Span = Span::seconds(1);

/// Ends that are not judged yet.
#[derive(Default)]
pub(super) struct Late(Vec<(Time, Sighting)>);

impl Late {
    /// When the first is to be judged.
    pub fn next(&self) -> Option<Time> {
        self.0.iter().map(|(due, _)| *due).min()
    }
}

impl Writer {
    /// What was seen, without what is judged later. What is complete is not taken apart: what is missing there is lost.
    pub(super) fn put_off(&mut self, mut seen: Observation, now: Time) -> Observation {
        if seen.complete {
            return seen;
        }
        let (off, kept): (Vec<Sighting>, _) = seen.jobs.into_iter().partition(|sighting| {
            let job = self.cluster.job(sighting.job).filter(|job| job.runs == sighting.run);
            has_failed(&sighting.seen) && job.is_some_and(|job| self.runs_on_real_gpus(job))
        });
        seen.jobs = kept;
        if !off.is_empty() {
            self.gpus.ask();
        }
        self.late.0.extend(off.into_iter().map(|sighting| (now.after(MOMENT), sighting)));
        seen
    }

    /// Judges what was put off long enough.
    pub(super) fn judge_late(&mut self, round: &mut Round) {
        let now = self.clock.now();
        let due = self.late.0.extract_if(.., |(due, _)| *due <= now);
        let jobs: Vec<Sighting> = due.map(|(_, sighting)| sighting).collect();
        for event in reconcile(&self.cluster, &Observation { jobs, ..Observation::default() }, now)
        {
            self.stage(round, now, event);
        }
    }

    fn runs_on_real_gpus(&self, job: &Job) -> bool {
        let (JobState::Starting { placement, .. } | JobState::Running { placement, .. }) =
            &job.state
        else {
            return false;
        };
        let is_real =
            |node| self.cluster.nodes.get(&node).is_some_and(|n| !n.node.uuids.is_empty());
        Placement::parts(placement).any(|part| !part.gpus.is_empty() && is_real(part.node))
    }
}

fn has_failed(seen: &Seen) -> bool {
    matches!(seen, Seen::Exited { code, .. } if *code != Some(0))
}
