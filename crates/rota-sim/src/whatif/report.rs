//! What a scenario made of the jobs, in numbers.

use super::load::Load;
use crate::compare::{self, Site, Waits, waits};
use crate::metrics::number::{count, ratio};
use crate::metrics::{Kept, fairness_and_promises};
use crate::outcome::{Life, Outcomes};
use crate::replay::Replay;
use rota_core::event::Event;
use rota_core::node::Node;
use rota_core::report::Fairness;
use rota_core::units::{Span, Time};
use serde::Serialize;
use std::collections::BTreeMap;

/// How long the jobs of a lab, or in a pool, waited for their first start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupWaits {
    /// Which; empty: nodes in no pool, or of a model that is not known.
    pub name: String,
    /// How long.
    pub waits: Waits,
}

/// A scenario. Waits are those of all jobs, played until the last has ended; everything else is that of the period.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Nodes.
    pub nodes: u64,
    /// GPUs.
    pub gpus: u64,
    /// Jobs that were submitted.
    pub submitted: u64,
    /// Jobs that ended in the period.
    pub ended: u64,
    /// Jobs that the policy refuses, by the code of the refusal.
    pub refused: BTreeMap<&'static str, u64>,
    /// Bookings that were made.
    pub bookings: u64,
    /// Bookings that are refused, by the code of the refusal.
    pub bookings_refused: BTreeMap<&'static str, u64>,
    /// Jobs of a trace that are larger than what the site has.
    pub too_large: u64,
    /// Jobs that were submitted and never ended: nothing lets them start.
    pub never: u64,
    /// Of all jobs that started.
    pub waits: Waits,
    /// By lab.
    pub labs: Vec<GroupWaits>,
    /// By pool.
    pub pools: Vec<GroupWaits>,
    /// By the model that they ran on.
    pub models: Vec<GroupWaits>,
    /// Waiting in all: the sum over all jobs of the time without GPUs, over all their turns.
    pub waited: Span,
    /// GPUs held, of all GPUs, in thousandths of a percent.
    pub utilisation: u64,
    /// GPU-hours that were used or waited for, in thousandths.
    pub wanted: u64,
    /// GPU-hours that were waited for, in thousandths.
    pub unmet: u64,
    /// `unmet` of `wanted`, in thousandths of a percent.
    pub shortage: u64,
    /// The promise, pool by pool.
    pub promises: Vec<Kept>,
    /// Measures of fairness, what labs had, and the shortage of each model, hour by hour.
    pub fairness: Fairness,
    /// Waiting of each job, by its number in [`Load::numbers`].
    #[serde(skip)]
    pub each: BTreeMap<usize, Span>,
    /// What became of each job, to be set beside what other policies make of it.
    #[serde(skip)]
    pub played: compare::Played,
}

impl Report {
    /// Waiting that another scenario saves beside this one, in milliseconds, over the jobs that ended in both.
    pub fn saved_by(&self, other: &Report) -> i64 {
        let both = self.each.iter().filter_map(|(job, here)| Some((here, other.each.get(job)?)));
        let sum: i128 = both.map(|(here, there)| i128::from(here.0) - i128::from(there.0)).sum();
        i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
    }

    /// A measure of fairness.
    pub fn measure(&self, name: &str) -> Option<u64> {
        self.fairness.measures.iter().find(|m| m.name == name).and_then(|m| m.value)
    }
}

/// The moment at which the plan did not come to rest: a fault of Rota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restless(pub Time);

/// Plays a scenario. `ended` hears of each job that ends.
///
/// # Errors
/// Where the plan does not come to rest.
pub fn play(site: &Site, load: &Load, ended: &mut dyn FnMut()) -> Result<Report, Restless> {
    let policy = Box::new(site.policy.clone());
    let mut facts = vec![Event::PolicySet { policy, by: String::new() }];
    facts.extend(site.nodes.iter().map(|node| Event::NodeAdded { node: node.clone() }));
    let (mut outcomes, mut refused) = (Outcomes::new(site), Vec::new());
    let mut bookings_refused = BTreeMap::new();
    let from = load.period.from;
    let (fairness, promises) = fairness_and_promises(None, load.period, |each| {
        let mut listener = |at: Time, fact: &Event| {
            each(at.max(from), fact);
            if outcomes.see(at, fact) {
                ended();
            }
        };
        let replay = Replay::new(&facts, site.switch, &mut listener);
        let mut replay = replay.with_bookings(&load.bookings);
        replay.play(&load.submissions);
        refused = std::mem::take(&mut replay.refused);
        bookings_refused.clone_from(replay.refused_bookings());
        replay.restless.first().map_or(Ok(()), |at| Err(Restless(*at)))
    })?;
    Ok(report(site, load, Heard { outcomes, refused, bookings_refused, fairness, promises }))
}

/// What was heard of a play.
struct Heard {
    outcomes: Outcomes,
    refused: Vec<(usize, &'static str)>,
    bookings_refused: BTreeMap<&'static str, u64>,
    fairness: Fairness,
    promises: Vec<Kept>,
}

fn report(site: &Site, load: &Load, heard: Heard) -> Report {
    let Heard { outcomes, refused, bookings_refused, fairness, promises } = heard;
    let lives: Vec<Life> = outcomes.lives.into_values().collect();
    let thousandths: u64 = site.nodes.iter().map(Node::thousandths).sum();
    let span = load.period.until.since(load.period.from);
    let sum = |of: fn(&rota_core::report::Shortage) -> u64| fairness.shortage.iter().map(of).sum();
    let (wanted, unmet): (u64, u64) = (sum(|s| s.wanted), sum(|s| s.unmet));
    // Both in thousandths of a GPU-hour, so that in a short period they are only about right.
    let could = u128::from(thousandths) * u128::from(span.0) / 3_600_000;
    let used = u128::from(wanted.saturating_sub(unmet));
    let mut codes: BTreeMap<&'static str, u64> = BTreeMap::new();
    refused.iter().for_each(|(_, code)| *codes.entry(code).or_default() += 1);
    let each = by_submission(load, &refused, &lives);
    let number = |at: &usize| load.numbers.get(*at).copied();
    let ran = (0..load.submissions.len()).map(|at| each.get(&at).and_then(|life| life.ran()));
    let played = compare::Played { ran: ran.collect(), refused: sizes(&codes) };
    let in_period = |life: &&Life| life.ended.is_some_and(|at| at < load.period.until);
    let place = |life: &Life| life.started.as_ref().map(|(_, place)| place.clone());
    Report {
        nodes: count(site.nodes.len()),
        gpus: (thousandths + 500) / 1000,
        submitted: count(load.submissions.len()),
        ended: count(lives.iter().filter(in_period).count()),
        refused: codes,
        bookings: count(load.bookings.len()) - bookings_refused.values().sum::<u64>(),
        bookings_refused,
        too_large: count(load.too_large),
        never: count(lives.iter().filter(|life| life.ended.is_none()).count()),
        waits: waits(lives.iter().filter_map(times).collect()),
        labs: groups(&lives, |life| Some(life.lab.clone())),
        pools: groups(&lives, |life| place(life).map(|(pool, _)| pool)),
        models: groups(&lives, |life| place(life).map(|(_, model)| model)),
        waited: lives.iter().filter_map(Life::waited).fold(Span::ZERO, Span::plus),
        utilisation: ratio(used, could, 100_000).unwrap_or(0).min(100_000),
        wanted,
        unmet,
        shortage: ratio(u128::from(unmet), u128::from(wanted), 100_000).unwrap_or(0),
        promises,
        fairness,
        each: each.iter().filter_map(|(at, life)| Some((number(at)?, life.waited()?))).collect(),
        played,
    }
}

/// The life of each submission; those that were refused have none.
fn by_submission<'l>(
    load: &Load,
    refused: &[(usize, &'static str)],
    lives: &'l [Life],
) -> BTreeMap<usize, &'l Life> {
    let is_refused = |index: &usize| refused.binary_search_by_key(index, |(at, _)| *at).is_ok();
    (0..load.submissions.len()).filter(|index| !is_refused(index)).zip(lives).collect()
}

fn sizes(codes: &BTreeMap<&'static str, u64>) -> BTreeMap<&'static str, usize> {
    codes.iter().map(|(code, n)| (*code, usize::try_from(*n).unwrap_or(usize::MAX))).collect()
}

/// Wait for the first start, and time from submission to end.
fn times(life: &Life) -> Option<(Span, Span)> {
    let (started, _) = life.started.as_ref()?;
    Some((started.since(life.submitted), life.ended?.since(life.submitted)))
}

/// Groups by name.
fn groups(lives: &[Life], name: impl Fn(&Life) -> Option<String>) -> Vec<GroupWaits> {
    let mut all: BTreeMap<String, Vec<(Span, Span)>> = BTreeMap::new();
    for life in lives {
        if let (Some(name), Some(times)) = (name(life), times(life)) {
            all.entry(name).or_default().push(times);
        }
    }
    all.into_iter().map(|(name, times)| GroupWaits { name, waits: waits(times) }).collect()
}
