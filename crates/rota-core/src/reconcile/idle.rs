//! Sightings of how jobs use their GPUs into facts.

use crate::cluster::Cluster;
use crate::event::Event;
use crate::idle::{Unused, UseSighting};
use crate::job::{Job, JobState};

/// Facts that follow from what was seen of the use of GPUs: only what is new.
pub fn uses(c: &Cluster, seen: &[UseSighting]) -> Vec<Event> {
    seen.iter().filter_map(|sighting| fact(c.job(sighting.job)?, sighting)).collect()
}

fn fact(job: &Job, seen: &UseSighting) -> Option<Event> {
    if !matches!(job.state, JobState::Running { .. }) || job.runs != seen.run {
        return None;
    }
    let (id, turn, known) = (job.id, job.turns_begun, job.idling);
    let same = |a: &Unused, b: &Unused| (a.gpus, a.empty) == (b.gpus, b.empty);
    match (seen.unused, known.unused) {
        (Some(now), Some(before)) if same(&now, &before) => None,
        (Some(Unused { gpus, since, empty }), _) => {
            Some(Event::WentIdle { job: id, turn, gpus, since, empty })
        }
        (None, None) if known.worked => None,
        (None, _) => Some(Event::WentBusy { job: id, turn }),
    }
}
