//! What the board says, on a terminal (`rota top`) and in a browser (`rota page`): the server is asked by [`seen`], and
//! [`gpus`] is the upper part; the lower one is the queue.

pub mod gpus;
pub mod seen;

use crate::idle_text;
use crate::progress;
use crate::show;
use crate::text::tr;
use rota_api::{JobRow, State};
use rota_core::units::Time;
use seen::Seen;

/// What there is in all.
pub fn title(seen: &Seen) -> String {
    let is_on =
        |job: &&JobRow| matches!(job.state, State::Starting | State::Running | State::Stopping);
    let running = seen.list.jobs.iter().filter(is_on).count();
    let free: u32 = seen.gpus.nodes.iter().map(|node| node.free).sum();
    let all: usize = seen.gpus.nodes.iter().map(|node| node.gpus.len()).sum();
    let waiting = seen.list.jobs.len() - running;
    tr!("top-title", free = free, all = all, running = running, waiting = waiting)
}

/// Said while the server does not answer.
pub fn unreachable(seen: &Seen) -> String {
    tr!("top-unreachable", when = show::clock(seen.list.now))
}

/// Said while it hangs.
pub fn late(seen: &Seen) -> String {
    tr!("top-late", when = show::clock(seen.list.now))
}

/// What else there is to say of a job: why it waits, that it does not use its GPUs, or how far it is.
pub fn note(job: &JobRow, now: Time) -> Option<String> {
    let waits = job.blocker.as_ref().map(|b| show::blocker(&job.id, b));
    let idles =
        job.idle.as_ref().map(|idle| format!("{} {}", tr!("show-idle"), idle_text::idle(idle)));
    let far = job.progress.as_ref().map(|progress| {
        let left = format!("{} {}", tr!("show-left"), progress::left(progress, now));
        let known = Some(left).filter(|_| progress.left.is_some());
        known.into_iter().chain([progress::done(progress)]).collect::<Vec<_>>().join("; ")
    });
    waits.or(idles).or(far)
}
