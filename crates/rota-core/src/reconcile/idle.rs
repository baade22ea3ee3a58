//! Sightings of how jobs use their GPUs into facts.

use crate::cluster::Cluster;
use crate::event::Event;
use crate::idle::{Unused, UseSeen, UseSighting};
use crate::job::{Job, JobState};

/// Facts that follow from what was seen of the use of GPUs: only what is new.
pub fn uses(c: &Cluster, seen: &[UseSighting]) -> Vec<Event> {
    seen.iter().filter_map(|sighting| fact(c.job(sighting.job)?, sighting)).collect()
}

fn fact(job: &Job, sighting: &UseSighting) -> Option<Event> {
    let (id, turn, known) = (job.id, job.turns_begun, job.idling);
    if known.away && sighting.seen == UseSeen::Typed {
        return Some(Event::PersonReturned { job: id });
    }
    if !matches!(job.state, JobState::Running { .. }) || job.runs != sighting.run {
        return None;
    }
    let same = |a: &Unused, b: &Unused| (a.gpus, a.empty) == (b.gpus, b.empty);
    match (sighting.seen, known.unused) {
        (UseSeen::Unused(now), Some(before)) if same(&now, &before) => None,
        (UseSeen::Unused(Unused { gpus, since, empty }), _) => {
            Some(Event::WentIdle { job: id, turn, gpus, since, empty })
        }
        (UseSeen::Typed, None) => None,
        (UseSeen::Typed, Some(_)) => Some(Event::PersonReturned { job: id }),
        (UseSeen::Works, None) if known.worked => None,
        (UseSeen::Works, _) => Some(Event::WentBusy { job: id, turn }),
    }
}
