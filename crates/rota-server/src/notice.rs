//! What people are told while their jobs run.

use rota_api::{About, Notice};
use rota_core::cluster::Cluster;
use rota_core::decision::Reason;
use rota_core::event::Event;
use rota_core::job::Job;
use rota_core::launch::Launch;
use rota_core::part::PATIENCE;

/// What a fact means to the person of a job; none where they are told nothing. `c`: the state after it.
pub fn of(c: &Cluster, job: &Job, event: &Event, launch: &Launch) -> Option<Notice> {
    Some(Notice {
        job: job.id.to_string(),
        name: job.spec.name.clone(),
        person: c.accounts.person(job.owner).name.clone(),
        lab: c.accounts.lab_of(job.owner).name.clone(),
        lang: language(launch),
        at_terminal: job.spec.interactive,
        about: about(job, event)?,
    })
}

/// Whether anybody is told of it.
pub fn is_told(event: &Event) -> bool {
    match event {
        Event::IdleWarned { .. } | Event::PartExceeded { .. } => true,
        Event::StopDecided { reason, .. } => {
            matches!(reason, Reason::Idle { .. } | Reason::PartExceeded { .. })
        }
        _ => false,
    }
}

fn about(job: &Job, event: &Event) -> Option<About> {
    match event {
        Event::IdleWarned { gpus, until, .. } => {
            let unused = job.idling.unused?;
            // Who sits at a terminal knows whether a program of theirs is there.
            let (since, empty) = (unused.since, unused.empty && !job.spec.interactive);
            Some(About::Idle { gpus: *gpus, since, empty, until: *until })
        }
        Event::StopDecided { how, reason: Reason::Idle { for_job }, .. } => {
            let (how, since) = (*how, job.idling.unused?.since);
            Some(About::IdleTaken { how, since, for_job: for_job.to_string() })
        }
        Event::PartExceeded { used, part, .. } => {
            Some(About::PartExceeded { used: *used, part: *part, patience: PATIENCE })
        }
        Event::StopDecided { reason: Reason::PartExceeded { used, part }, .. } => {
            Some(About::PartTaken { used: *used, part: *part })
        }
        _ => None,
    }
}

/// As programs read it: the first of these variables that says something.
fn language(launch: &Launch) -> String {
    let said = |name: &str| launch.env.get(name).filter(|value| !value.is_empty()).cloned();
    ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(said).unwrap_or_default()
}
