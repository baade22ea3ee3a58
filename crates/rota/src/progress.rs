//! How far a running job is, as people see it.

use crate::show;
use crate::text::tr;
use rota_api::{Progress, Scope, Source};
use rota_core::units::Time;

/// Above this the time left is said to the minute.
const FINE: u64 = 10 * 60_000;

/// For a cell of a table: `[##---] 45%`, and of a part of the job which part it is.
pub fn short(progress: &Progress) -> String {
    let percent = percent(progress);
    match (progress.scope, progress.epoch) {
        (Scope::Job, _) => format!("{} {percent}", bar(progress, 5)),
        (Scope::Part, Some(epoch)) => {
            tr!("progress-short-epoch", epoch = epoch.number, percent = percent)
        }
        (Scope::Part, None) => tr!("progress-short-part", percent = percent),
    }
}

/// What it did, and when it will end: two facts about a job, each with its name.
pub fn facts(progress: &Progress, now: Time) -> [(String, String); 2] {
    let done = format!("{} {}", bar(progress, 20), done(progress));
    [(tr!("show-progress"), done), (tr!("show-left"), left(progress, now))]
}

/// What it did: `45%, 450/1000, epoch 3/6 (tqdm)`.
pub fn done(progress: &Progress) -> String {
    let mut done = vec![percent(progress)];
    done.extend(progress.steps.map(|s| format!("{}/{}", s.done, s.total)));
    done.extend(progress.epoch.map(|e| match e.last {
        Some(last) => tr!("progress-epoch-of", epoch = e.number, last = last),
        None => tr!("progress-epoch", epoch = e.number),
    }));
    format!("{} ({})", done.join(", "), source(progress.source))
}

/// When it will end, or why nobody knows.
pub fn left(progress: &Progress, now: Time) -> String {
    match (progress.left, progress.scope) {
        (Some(left), _) => {
            let text = if left.0 > FINE { show::rounded(left) } else { show::span(left) };
            tr!("progress-left", left = text, end = show::minute(now.after(left)))
        }
        (None, Scope::Job) => tr!("not-known"),
        (None, Scope::Part) => tr!("progress-parts"),
    }
}

/// The same in a terminal of any language: no character of it is wide in some of them.
fn bar(progress: &Progress, cells: usize) -> String {
    let done = (0..cells).filter(|at| share(*at + 1, cells) <= progress.fraction).count();
    format!("[{}{}]", "#".repeat(done), "-".repeat(cells - done))
}

/// Whole percent; 100 only where nothing is left.
pub fn percent(progress: &Progress) -> String {
    let whole = (1..=100).filter(|p| share(*p, 100) <= progress.fraction).count();
    format!("{whole}%")
}

fn share(part: usize, all: usize) -> f64 {
    let float = |n: usize| u32::try_from(n).map_or(1.0, f64::from);
    float(part) / float(all)
}

/// As programs are called in every language.
fn source(source: Source) -> &'static str {
    match source {
        Source::File => "ROTA_PROGRESS_FILE",
        Source::Line => "ROTA_PROGRESS",
        Source::Trainer => "Trainer",
        Source::Lightning => "Lightning",
        Source::Keras => "Keras",
        Source::Tqdm => "tqdm",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(fraction: f64, scope: Scope) -> Progress {
        let (steps, epoch, left) = (None, None, None);
        let (source, written_at) = (Source::Tqdm, Time(0));
        Progress { fraction, scope, steps, epoch, source, written_at, left }
    }

    #[test]
    fn a_bar_is_full_only_where_nothing_is_left() {
        assert_eq!(short(&at(0.0, Scope::Job)), "[-----] 0%");
        assert_eq!(short(&at(0.45, Scope::Job)), "[##---] 45%");
        assert_eq!(short(&at(0.999, Scope::Job)), "[####-] 99%");
        assert_eq!(short(&at(1.0, Scope::Job)), "[#####] 100%");
    }

    #[test]
    fn a_part_of_a_job_has_no_bar_in_the_queue() {
        assert_eq!(short(&at(0.45, Scope::Part)), "part: 45%");
    }
}
