//! GPUs that are held and not used, and messages to people, in sentences.

use crate::show;
use crate::text::{Lang, safe, speaking, tr};
use rota_api::{About, GpuUse, IdleGpus, JobRow, Notice};
use rota_core::id::JobId;
use rota_core::idle::Pin;
use rota_core::job::Stop;
use rota_core::part;
use rota_core::units::Time;

/// A message in the language of its person.
pub fn notice(notice: &Notice) -> String {
    let lang = if notice.lang.starts_with("ko") { Lang::Ko } else { Lang::En };
    speaking(lang, || format!("rota: {}", sentence(notice)))
}

fn sentence(notice: &Notice) -> String {
    let (job, name) = (&notice.job, safe(&notice.name));
    match &notice.about {
        About::Idle { gpus, since, empty, until } => {
            let since = show::minute(*since);
            let first = tr!("notice-idle", job = job, name = name, gpus = gpus, since = since);
            let empty = empty.then(|| tr!("notice-idle-empty"));
            let until = until.map(|at| {
                tr!("notice-idle-until", job = job, gpus = gpus, until = show::minute(at))
            });
            let typing = notice.at_terminal.then(|| tr!("notice-idle-typing"));
            [Some(first), empty, until, typing].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        About::IdleTaken { how, since, for_job } => {
            let since = show::minute(*since);
            let key = match (how, notice.at_terminal) {
                (Stop::Suspend, false) => "notice-idle-suspended",
                (Stop::Suspend, true) => "notice-idle-suspended-terminal",
                (_, false) => "notice-idle-queued",
                (_, true) => "notice-idle-queued-terminal",
            };
            tr!(key, job = job, name = name, since = since, next = for_job)
        }
        About::PartExceeded { used, part, patience } => {
            let (used, seconds) = (part::shown(*used), patience.0 / 1000);
            tr!("notice-part-exceeded", used = used, part = part, seconds = seconds)
        }
        About::PartTaken { used, part } => {
            tr!("notice-part-taken", used = part::shown(*used), part = part)
        }
    }
}

/// `2 GPUs since 13:02, no program there; for others from 14:02`.
pub fn idle(idle: &IdleGpus) -> String {
    let mut text = tr!("idle-gpus", gpus = idle.gpus, since = show::minute(idle.since));
    if idle.empty {
        text.push_str(&tr!("idle-empty"));
    }
    if let Some(until) = idle.until {
        text.push_str(&tr!("idle-until", gpus = idle.gpus, until = show::minute(until)));
    }
    text
}

/// A public reason, whose, and since when.
pub fn pin(pin: &Pin) -> String {
    tr!("pinned-by", why = safe(&pin.why), by = safe(&pin.by), since = show::minute(pin.since))
}

/// The state of a job in the queue: a running one that uses none of its GPUs is idle.
pub fn state(job: &JobRow) -> String {
    match (&job.idle, &job.pin) {
        (Some(idle), None) if idle.gpus >= job.gpus => tr!("state-idle"),
        (Some(idle), Some(_)) if idle.gpus >= job.gpus => tr!("state-idle-pinned"),
        _ => show::state(job.state),
    }
}

/// What everyone may read of the jobs on some GPUs: which use nothing, and which are pinned, and why.
pub fn notes<'u>(gpus: impl Iterator<Item = &'u GpuUse>) -> Vec<String> {
    let jobs = gpus.flat_map(|first| std::iter::once(first).chain(&first.with));
    let mut known: Vec<&str> = Vec::new();
    let mut notes = Vec::new();
    for using in jobs {
        if known.contains(&using.job.as_str()) {
            continue;
        }
        known.push(&using.job);
        let (job, who) = (&using.job, safe(&using.person));
        let idles =
            using.idle.map(|gpus| tr!("note-idle", job = job, who = who, what = idle(&gpus)));
        let pinned =
            using.pin.as_ref().map(|p| tr!("note-pinned", job = job, who = who, what = pin(p)));
        notes.extend(idles.into_iter().chain(pinned));
    }
    notes
}

/// GPUs that a waiting job could have if they were not held by jobs that do not use them.
pub fn blocker(
    (gpus, job, person): (u32, &JobId, &str),
    until: Option<Time>,
    pinned: &str,
) -> String {
    let what = tr!("blocker-idle", gpus = gpus, job = job, who = safe(person));
    let then = match (until, pinned) {
        (Some(at), _) => tr!("blocker-idle-until", until = show::minute(at)),
        (None, "") => String::new(),
        (None, why) => tr!("blocker-idle-pinned", why = safe(why)),
    };
    what + &then
}

/// A moment that came as a number of milliseconds; a word stays as it is.
pub fn moment(text: &str) -> String {
    text.parse().map_or_else(|_| safe(text), |at| show::minute(Time(at)))
}
