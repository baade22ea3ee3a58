//! Jobs to play: those of the site's own past, or of a trace.

use crate::compare::{Site, fit};
use crate::replay::{Booking, Submission};
use crate::trace::TraceJob;
use rota_core::past::{Past, PastBooking, PastJob};
use rota_core::report::Stretch;
use rota_core::request::{Asker, Wish};
use rota_core::slice::kind;
use rota_core::units::{Span, Time};

/// Jobs, and the period in which what is done with them is measured.
#[derive(Clone, Debug)]
pub struct Load {
    /// The period.
    pub period: Stretch,
    /// As people submit them, in the order of submission.
    pub submissions: Vec<Submission>,
    /// Bookings that people make meanwhile.
    pub bookings: Vec<Booking>,
    /// Which job each is, the same in every scenario.
    pub numbers: Vec<usize>,
    /// Jobs of a trace that are larger than what the site has.
    pub too_large: usize,
}

/// Whether jobs also take models that they did not ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Widen {
    /// Only what they asked for.
    #[default]
    AsAsked,
    /// Also any model that is as fast as one they asked for, and has as much memory.
    AnyAsGood,
}

impl Load {
    /// The site's own past.
    pub fn of_past(site: &Site, past: &Past, widen: Widen) -> Load {
        let submissions = past.jobs.iter().map(|job| again(site, job, widen));
        let bookings = past.bookings.iter().map(book_again).collect();
        let numbers = (0..past.jobs.len()).collect();
        let (period, submissions) = (past.period, submissions.collect());
        Load { period, submissions, bookings, numbers, too_large: 0 }
    }

    /// A trace. Its period lasts until its last job would have ended, had none waited.
    pub fn of_trace(site: &Site, jobs: &[TraceJob], widen: Widen) -> Load {
        let mut fitted = fit(site, jobs);
        for submission in &mut fitted.submissions {
            accept_more(site, submission, widen);
        }
        let from = jobs.first().map_or(Time(0), |job| job.submitted);
        let ends = jobs.iter().map(|job| job.submitted.after(job.runtime));
        let until = ends.max().unwrap_or(from);
        let (submissions, numbers) = (fitted.submissions, fitted.numbers);
        let period = Stretch { from, until };
        let (bookings, too_large) = (Vec::new(), fitted.too_large);
        Load { period, submissions, bookings, numbers, too_large }
    }
}

/// A job of the past, as it would be submitted again.
fn again(site: &Site, job: &PastJob, widen: Widen) -> Submission {
    let (person, lab, grant) = (job.person.clone(), job.lab.clone(), job.grant.clone());
    let asker = Asker { person, lab, grant, admin: false };
    let (spec, measured_on) = (job.spec.clone(), job.model.clone());
    let (at, runs) = (job.submitted, job.runs);
    let mut submission =
        Submission { at, asker, spec, runs, measured_on, keeps: true, leaves: None };
    accept_more(site, &mut submission, widen);
    let longest = longest(site, &submission);
    let limit = &mut submission.spec.limit;
    // It was not stopped at its walltime then; on a slower model it would be, for no reason of this scenario's.
    *limit = limit.map(|limit| limit.max(longest));
    submission
}

/// A booking of the past, as it would be made again.
fn book_again(booking: &PastBooking) -> Booking {
    let (person, lab, grant) = (booking.person.clone(), booking.lab.clone(), booking.grant.clone());
    let wish = Wish {
        gpus: booking.gpus,
        pool: Some(booking.pool.clone()).filter(|pool| !pool.is_empty()),
        models: booking.models.clone(),
        from: booking.from,
        length: booking.length,
        why: String::new(),
    };
    let asker = Asker { person, lab, grant, admin: false };
    Booking { at: booking.made, asker, wish, back: booking.back }
}

/// How long it may take where it is slowest, with what starting and leaving take.
fn longest(site: &Site, submission: &Submission) -> Span {
    let spec = &submission.spec;
    let own = |name: &str| spec.speeds.iter().find(|(m, _)| m == name).map(|(_, speed)| *speed);
    let speed =
        |name: &str| u64::from(own(name).unwrap_or_else(|| site.policy.prices.speed(name)).max(1));
    let accepted = site.nodes.iter().filter(|node| node.is_asked(&spec.models, spec.gpu_mem));
    let slowest = accepted.filter_map(|node| node.model.as_deref()).map(speed).min();
    let measured = submission.measured_on.as_deref().map(speed);
    let factor = measured.zip(slowest).filter(|(measured, slowest)| measured > slowest);
    let runs = factor.map_or(submission.runs, |(measured, slowest)| {
        Span(submission.runs.0.saturating_mul(measured).div_ceil(slowest))
    });
    runs.plus(site.switch.start).plus(site.switch.leave)
}

/// Adds the models of the site that are as good as one that the job asks for.
fn accept_more(site: &Site, submission: &mut Submission, widen: Widen) {
    let models = &mut submission.spec.models;
    if widen == Widen::AsAsked || models.is_empty() {
        return;
    }
    let memory = |name: &str| kind(name).memory;
    let speed = |name: &str| site.policy.prices.speed(name);
    let asked = models.clone();
    let as_good = |name: &str| {
        asked.iter().any(|asked| speed(name) >= speed(asked) && memory(name) >= memory(asked))
    };
    for name in site.nodes.iter().filter_map(|node| node.model.as_ref()) {
        if !models.contains(name) && as_good(name) {
            models.push(name.clone());
        }
    }
}
