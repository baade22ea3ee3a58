//! Lines that cannot be meant, or that surprise.

use super::{Finding, Severity, Word};
use crate::calendar::Period;
use crate::policy::{Budget, Charge, Idle, Patience, Policy};
use crate::units::{Span, Thousandths, Time};

/// Below this, switching takes a part of every turn that people notice.
const SHORT_TURN: Span = Span::minutes(15);

pub(super) fn verify(policy: &Policy, now: Time) -> Vec<Finding> {
    let mut all: Vec<Finding> = charge(policy).into_iter().collect();
    all.extend((0..policy.boosts.len()).filter_map(|at| boost(policy, at)));
    all.extend(policy.budgets.iter().enumerate().filter_map(|(at, b)| budget(at, b)));
    let turns = policy.turns.iter().enumerate().filter(|(_, turn)| turn.slice < SHORT_TURN);
    all.extend(turns.map(|(at, turn)| {
        let slice = turn.slice.to_string();
        let message =
            format!("with turns of {slice} much time goes into switching; 1h or more is usual");
        let args = [("slice", slice)];
        Finding::new(
            Severity::Warning,
            (Word::Turn, at, "slice"),
            "policy-turn-short",
            args,
            message,
        )
    }));
    all.extend(mps(policy));
    all.extend(idle(policy));
    all.extend(barely(policy));
    all.extend(over(policy, now));
    all
}

/// Where nobody shares a GPU there is nothing to limit.
fn mps(policy: &Policy) -> Vec<Finding> {
    let pools = policy.pools.iter().enumerate();
    let idle = pools.filter(|(_, pool)| pool.mps && pool.whole_only);
    idle.map(|(at, pool)| {
        let name = pool.name.clone();
        let message = format!("nobody shares a GPU in pool '{name}', so mps does nothing there");
        let line = (Word::Pool, at, "mps");
        Finding::new(Severity::Warning, line, "policy-mps-whole", [("pool", name)], message)
    })
    .collect()
}

/// Nobody is told after the fact.
fn idle(policy: &Policy) -> Vec<Finding> {
    let Idle { never_used, stopped_using, interactive, .. } = policy.idle;
    let general = [
        ("never_used", never_used),
        ("stopped_using", stopped_using),
        ("interactive", interactive),
    ];
    let general = general.map(|(key, patience)| ((Word::Idle, 0, key), patience));
    let classes = policy.classes.iter().enumerate();
    let classes = classes.map(|(at, class)| ((Word::Class, at, "idle"), class.idle));
    let late = |patience: &Patience| patience.warn >= patience.stop;
    let wrong =
        general.into_iter().chain(classes).filter_map(|(line, p)| Some((line, p.filter(late)?)));
    wrong
        .map(|(line, Patience { warn, stop })| {
            let (warn, stop) = (warn.to_string(), stop.to_string());
            let message = format!(
                "people are told after {warn}, and others may have the GPUs after {stop}: tell them earlier"
            );
            let args = [("warn", warn), ("stop", stop)];
            Finding::new(Severity::Error, line, "policy-told-too-late", args, message)
        })
        .collect()
}

/// Half of a GPU at work is no waste.
fn barely(policy: &Policy) -> Option<Finding> {
    let below = policy.idle.sm_below;
    let message = format!(
        "sm_below = {} takes GPUs from jobs that use them well; 0.01 finds those that use next to nothing",
        Thousandths(below)
    );
    let (line, args) = ((Word::Idle, 0, "sm_below"), [("below", Thousandths(below).to_string())]);
    (below > 500).then(|| Finding::new(Severity::Error, line, "policy-sm-below", args, message))
}

fn charge(policy: &Policy) -> Option<Finding> {
    let message = "charge = \"used\" needs measured GPU use, which this engine does not have yet; write \"allocated\"";
    let finding = || {
        Finding::new(
            Severity::Error,
            (Word::Policy, 0, "charge"),
            "policy-charge-used",
            [],
            message,
        )
    };
    (policy.charge == Charge::Used).then(finding)
}

/// A deadline ends, has a reason, and someone said yes: anyone can read that, so that nobody asks for more than they need.
fn boost(policy: &Policy, at: usize) -> Option<Finding> {
    let boost = policy.boosts.get(at)?;
    let missing = [
        ("until", boost.when.until.is_none()),
        ("why", boost.why.is_empty()),
        ("approved_by", boost.approved_by.is_empty()),
    ];
    let missing = missing.iter().filter(|(_, missing)| *missing).map(|(key, _)| *key);
    let missing = missing.collect::<Vec<_>>().join(", ");
    if missing.is_empty() {
        return None;
    }
    let who = boost.who.to_string();
    let message = format!("the boost of {who} says no {missing}; others will ask");
    let args = [("who", who), ("keys", missing)];
    let line = (Word::Boost, at, "boost");
    Some(Finding::new(Severity::Warning, line, "policy-boost-unexplained", args, message))
}

fn budget(at: usize, budget: &Budget) -> Option<Finding> {
    let stop = budget.stop_at.filter(|stop| *stop < 1000)?;
    let percent = (stop / 10).to_string();
    let message = format!(
        "stop_at is a part of the purse at which even spare use ends, and it ends before the purse is spent ({percent} %); write 1 or more"
    );
    let args = [("percent", percent)];
    Some(Finding::new(
        Severity::Error,
        (Word::Budget, at, "stop_at"),
        "policy-stops-too-early",
        args,
        message,
    ))
}

/// Lines whose time is over.
fn over(policy: &Policy, now: Time) -> Vec<Finding> {
    let past = |until: Option<Time>| until.is_some_and(|until| until <= now);
    let shares = policy.shares.iter().map(|s| (Word::Share, s.until));
    let claims = policy.claims.iter().map(|c| (Word::Claim, c.when.until));
    let boosts = policy.boosts.iter().map(|b| (Word::Boost, b.when.until));
    let budgets = policy.budgets.iter().map(|b| match b.per {
        Period::Between(_, until) => (Word::Budget, Some(until)),
        _ => (Word::Budget, None),
    });
    let all = shares
        .enumerate()
        .chain(claims.enumerate())
        .chain(boosts.enumerate())
        .chain(budgets.enumerate());
    all.filter(|(_, (_, until))| past(*until))
        .map(|(at, (word, _))| {
            let key = if word == Word::Budget { "per" } else { "until" };
            let message = "this line is over and does nothing any more; take it out";
            Finding::new(Severity::Warning, (word, at, key), "policy-is-over", [], message)
        })
        .collect()
}
