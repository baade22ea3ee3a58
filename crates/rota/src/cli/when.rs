//! When jobs start and end, as far as anyone can say: in windows of whole five minutes, or not at all.

use crate::show;
use crate::text::tr;
use rota_api::{JobRow, State};
use rota_core::forecast::Band;
use rota_core::units::Time;

/// When a job that waits starts: not before its time, or as [`start_window`] has it.
pub fn start(job: &JobRow, now: Time) -> String {
    let begin = job.begin.filter(|begin| *begin > now && job.state == State::Waiting);
    begin.map_or_else(|| start_window(job, now), |at| tr!("from", when = show::minute(at)))
}

/// A window, or the promise where nothing can be said yet.
pub fn start_window(job: &JobRow, now: Time) -> String {
    if !matches!(job.state, State::Waiting | State::Suspended) {
        return String::new();
    }
    match job.forecast {
        Some(forecast) if !forecast.is_guess => {
            forecast.start.map_or_else(String::new, |band| window(band, now))
        }
        Some(_) => promised(job).unwrap_or_else(|| tr!("not-predictable")),
        None if job.beyond.is_some() => promised(job).unwrap_or_else(|| tr!("not-forecast")),
        None => String::new(),
    }
}

/// The promise of its turn.
pub fn promised(job: &JobRow) -> Option<String> {
    job.promised.map(|at| tr!("promised-by", when = show::minute(at)))
}

/// That a job has no window because there are too many, in these words.
pub fn beyond(job: &JobRow, words: &str) -> Option<String> {
    let waits = matches!(job.state, State::Waiting | State::Suspended);
    let most = job.beyond.filter(|_| waits)?;
    let most = format!("{},{:03}", most / 1000, most % 1000);
    Some(tr!(words, most = most))
}

/// When a job ends: a window, or what it says of itself until there is one.
pub fn end(job: &JobRow, now: Time) -> String {
    let known = job.forecast.filter(|forecast| !forecast.is_guess).and_then(|f| f.finish);
    let says = || Some(now.after(job.progress.as_ref()?.left?));
    match known.filter(|band| band.is_predictable(now)) {
        Some(band) => window(band, now),
        None => says().map_or_else(String::new, |at| tr!("about", when = show::minute(at))),
    }
}

/// `14:20–15:10`, with the day where it is not today: one of ten is earlier, one of ten later.
pub fn window(band: Band, now: Time) -> String {
    let seen = Band { p90: band.p90.max(now), ..band }.seen();
    let (first, last) = (seen.p10, seen.p90);
    if first <= now {
        tr!("soon-by", when = show::minute(last))
    } else {
        show::between(first, last)
    }
}
