//! Leaving GPUs to a job while it does not use them: for a reason that everyone can read.

use super::reason::{LONGEST, reason};
use super::{own, reject};
use crate::cluster::Cluster;
use crate::event::Event;
use crate::id::JobId;
use crate::request::{Asker, Rejection};

pub(super) fn pin(
    c: &Cluster,
    asker: &Asker,
    id: JobId,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let Some(text) = reason(why) else {
        let message = format!(
            "say why in one line of at most {LONGEST} bytes; everyone can read it: --why \"demo at 15:00\""
        );
        return Err(reject("pin-without-why", [("most", LONGEST.to_string())], message));
    };
    let (why, by) = (text.to_owned(), asker.person.clone());
    let jobs = own(c, asker, id)?.into_iter();
    Ok(jobs.map(|j| Event::Pinned { job: j.id, why: why.clone(), by: by.clone() }).collect())
}

pub(super) fn unpin(c: &Cluster, asker: &Asker, id: JobId) -> Result<Vec<Event>, Rejection> {
    let pinned = own(c, asker, id)?.into_iter().filter(|j| j.pin.is_some());
    let by = &asker.person;
    let events: Vec<Event> =
        pinned.map(|j| Event::Unpinned { job: j.id, by: by.clone() }).collect();
    if events.is_empty() {
        let message = format!("job {id} is not pinned; 'rota show {id}' says what it is");
        return Err(reject("not-pinned", [("job", id.to_string())], message));
    }
    Ok(events)
}
