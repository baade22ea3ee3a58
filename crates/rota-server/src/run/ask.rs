//! What requests need besides the state: how jobs ended that are no longer in it, and signals.

use super::{Round, Writer};
use crate::store::EndedJob;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::JobState;
use rota_core::request::{Asker, Rejection, Request};
use rota_engine::local::{Deed, What};

impl Writer {
    /// Tells a request how the numbers it depends on ended, if they are no longer in the cluster.
    pub(super) fn know_ended(&self, round: &Round, request: &mut Request) {
        let (after, ended) = match request {
            Request::Submit { spec, ended, .. } => (spec.after.as_slice(), ended),
            Request::Change { change, ended, .. } => {
                (change.after.as_deref().unwrap_or_default(), ended)
            }
            _ => return,
        };
        let gone = after.iter().map(|d| d.number);
        for number in gone.filter(|n| !self.cluster.batches.contains_key(n)) {
            let before = EndedJob::all_ok(self.store.db(), number).ok().flatten();
            let rows = round.staged.iter().filter_map(|s| s.ended.as_ref());
            let in_this_round =
                rows.filter(|row| row.id.number == number).map(|row| row.outcome.is_ok());
            if let Some(ok) = before.into_iter().chain(in_this_round).reduce(|a, b| a && b) {
                ended.insert(number, ok);
            }
        }
    }

    pub(super) fn signal(
        &self,
        round: &mut Round,
        asker: &Asker,
        id: JobId,
        signal: i32,
    ) -> Result<Vec<Event>, Rejection> {
        let jobs = rota_core::admit::own(&self.cluster, asker, id)?;
        // One that starts may run already, before anybody has seen it: the engine keeps the signal until it does.
        let is_there = |state: &JobState| {
            matches!(state, JobState::Starting { .. } | JobState::Running { .. })
        };
        for job in jobs.iter().filter(|job| is_there(&job.state)) {
            let (run, turn) = (job.runs, job.turns_begun);
            round.signals.push(Deed { job: job.id, run, turn, what: What::Signal { signal } });
        }
        Ok(Vec::new())
    }
}
