//! Classes and limits that contradict themselves or each other.

use super::{Finding, Severity, Word};
use crate::policy::{Limit, Policy};
use crate::units::{Span, Thousandths};

pub(super) fn verify(policy: &Policy) -> Vec<Finding> {
    let mut all: Vec<Finding> = defaults(policy).into_iter().collect();
    all.extend(policy.limits.iter().enumerate().flat_map(|(at, limit)| limits(policy, at, limit)));
    let classes = policy.classes.iter().enumerate();
    all.extend(classes.filter_map(|(at, class)| {
        let none = [
            ("gpus_per_person", class.gpus_per_person),
            ("jobs_per_person", class.jobs_per_person),
        ];
        let (key, _) = none.into_iter().find(|(_, most)| *most == Some(0))?;
        Some(nothing_fits(Word::Class, at, key))
    }));
    all
}

fn defaults(policy: &Policy) -> Option<Finding> {
    let mut defaults = policy.classes.iter().enumerate().filter(|(_, class)| class.default);
    let first = defaults.next().map(|(_, class)| class.name.clone());
    let second = defaults.next().map(|(at, class)| (at, class.name.clone()));
    match (first, second) {
        (Some(first), Some((at, name))) => {
            let message = format!("'{first}' and '{name}' are both the default class; one can be");
            let args = [("first", first), ("name", name)];
            Some(Finding::new(
                Severity::Error,
                (Word::Class, at, "default"),
                "policy-two-defaults",
                args,
                message,
            ))
        }
        (None, _) if policy.classes.len() > 1 => {
            let name = policy.class(None).name.clone();
            let message = format!(
                "no class is the default: jobs that name none are '{name}'; write default = true"
            );
            Some(Finding::new(
                Severity::Warning,
                (Word::Class, 0, ""),
                "policy-no-default",
                [("name", name)],
                message,
            ))
        }
        _ => None,
    }
}

fn limits(policy: &Policy, at: usize, limit: &Limit) -> Vec<Finding> {
    let most = [("gpus", limit.gpus), ("jobs", limit.jobs), ("gpus_per_job", limit.gpus_per_job)];
    let nothing = most.into_iter().filter(|(_, most)| *most == Some(0));
    let mut all: Vec<Finding> =
        nothing.map(|(key, _)| nothing_fits(Word::Limit, at, key)).collect();
    all.extend(books_too_little(policy, at, limit));
    all
}

fn nothing_fits(word: Word, at: usize, key: &'static str) -> Finding {
    let message = format!("with {key} = 0 nothing of theirs ever starts");
    let args = [("key", key.to_owned())];
    Finding::new(Severity::Warning, (word, at, key), "policy-nothing-fits", args, message)
}

/// A job that names no walltime has its class's, and on one GPU must be able to book that much.
fn books_too_little(policy: &Policy, at: usize, limit: &Limit) -> Option<Finding> {
    let most = limit.booked_gpu_days?;
    let longest = policy.class(limit.class.as_deref()).max_time?;
    let days = u32::try_from(longest.0 / (Span::hours(24).0 / 1000)).unwrap_or(u32::MAX);
    if days <= most {
        return None;
    }
    let (days, most) = (Thousandths(days).to_string(), Thousandths(most).to_string());
    let message = format!(
        "a job of one GPU that names no walltime books {days} GPU-days and could never start; allow at least {days}"
    );
    let args = [("days", days), ("most", most)];
    Some(Finding::new(
        Severity::Warning,
        (Word::Limit, at, "booked_gpu_days"),
        "policy-books-too-little",
        args,
        message,
    ))
}
