//! How else a job could be asked for, and when it would start and end then: other models, fewer GPUs or a part of one, the
//! class with the lowest price, later at a lower price. Each choice is admitted and played ahead like any job, on the same paths with the same dice: what differs
//! between two is the choice, and not luck.

use super::history::History;
use super::{Expected, Method, Question, Told, forecast, is_a_guess, paths_for};
use rota_core::cluster::Cluster;
use rota_core::forecast::{Band, Choice, Forecast, Offered};
use rota_core::id::JobId;
use rota_core::job::JobSpec;
use rota_core::part::enough;
use rota_core::quote::quote;
use rota_core::request::{Asker, Rejection, Request};
use rota_core::units::{Mib, Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// More choices than so many are no help.
const MOST: usize = 5;

/// Nobody is offered to wait longer for a lower price.
const LATER: Span = Span::hours(7 * 24);

/// Choices that the policy admits, as it was asked for first, then by when they are expected to end; later for less is the
/// last. Where there are too many, of each kind that brings something the first stays, then those that end first. `used`: the
/// most memory of a GPU that jobs like it used.
///
/// # Errors
/// As the job as it was asked for is refused.
pub fn options(
    (c, history, now): (&Cluster, &History, Time),
    asker: &Asker,
    (spec, used): (&JobSpec, Option<Mib>),
    told: &BTreeMap<JobId, Told>,
) -> Result<Vec<Offered>, Rejection> {
    let expect = |choice: Choice| expected((c, history, now), asker, (choice, spec), told);
    let as_asked = expect(Choice::AsAsked)?;
    let cheaper = |choice: Choice| expect(choice).ok().filter(|one| one.cost < as_asked.cost);
    let later = later(c, now, &as_asked).and_then(cheaper);
    let whole = (spec.gpus, spec.nodes, spec.gpu_mem) == (1, 1, None);
    let part = used.filter(|_| whole).map(|used| Choice::Part { gpu_mem: enough(used) });
    let part = part.and_then(cheaper);
    let choices = choices(c, spec).into_iter().filter_map(|choice| expect(choice).ok());
    let mut others: Vec<Offered> = part.into_iter().chain(choices).collect();
    others.sort_by_key(|offered| middle(offered.forecast.finish));
    others.extend(later);
    let others = few(&as_asked, others);
    Ok(std::iter::once(as_asked).chain(others).collect())
}

fn middle(band: Option<Band>) -> Time {
    band.map_or(Time::FAR, |band| band.p50)
}

/// As many as help, in their order: of each kind that brings something the first, then those that come first.
fn few(as_asked: &Offered, others: Vec<Offered>) -> Vec<Offered> {
    let mut kinds = Vec::new();
    let mut is_first = |offered: &Offered| {
        let kind = std::mem::discriminant(&offered.choice);
        let is_new = brings(as_asked, offered) && !kinds.contains(&kind);
        kinds.extend(is_new.then_some(kind));
        is_new
    };
    let firsts: Vec<bool> = others.iter().map(&mut is_first).collect();
    let mut places: Vec<usize> = (0..others.len()).collect();
    places.sort_by_key(|at| !firsts[*at]);
    let kept: BTreeSet<usize> = places.into_iter().take(MOST - 1).collect();
    let all = others.into_iter().enumerate();
    all.filter(|(at, _)| kept.contains(at)).map(|(_, offered)| offered).collect()
}

/// Whether it is expected to start or end sooner, or to cost less.
fn brings(asked: &Offered, other: &Offered) -> bool {
    middle(other.forecast.start) < middle(asked.forecast.start)
        || middle(other.forecast.finish) < middle(asked.forecast.finish)
        || other.cost < asked.cost
}

/// The next hours with a lower price than where it is expected to start as asked.
fn later(c: &Cluster, now: Time, as_asked: &Offered) -> Option<Choice> {
    let start = starts(now, &as_asked.spec, as_asked.forecast.start);
    let factor = c.policy.prices.factor(&c.policy.zone, start).0;
    let from = as_asked.spec.begin.unwrap_or(now).max(now);
    let stretch = (from, from.after(LATER));
    let (begin, price) = c.policy.prices.next_below(&c.policy.zone, factor, stretch)?;
    Some(Choice::Later { begin, price: price.to_owned() })
}

/// In the middle of the window; where nothing says, as soon as it wants to.
fn starts(now: Time, spec: &JobSpec, start: Option<Band>) -> Time {
    let soonest = spec.begin.unwrap_or(now).max(now);
    start.map_or(soonest, |band| if band.p50 < Time::FAR { band.p50 } else { soonest })
}

fn choices(c: &Cluster, spec: &JobSpec) -> Vec<Choice> {
    let mut choices = Vec::new();
    let models: BTreeSet<&String> =
        c.rooms.keys().filter_map(|(_, model)| model.as_ref()).collect();
    let is_only = |model: &String| spec.models.len() == 1 && spec.models.contains(model);
    if spec.gpus > 0 && models.len() > 1 {
        let others = models.into_iter().filter(|model| !is_only(model));
        choices.extend(others.map(|model| Choice::Model { model: model.clone() }));
    }
    if spec.gpu_mem.is_some() {
        choices.push(Choice::Whole);
    }
    if spec.gpus > 1 {
        choices.push(Choice::Gpus { gpus: spec.gpus / 2 });
    }
    let own = c.policy.class(spec.class.as_deref()).price;
    let cheapest = c.policy.classes.iter().min_by_key(|class| class.price);
    let cheaper = cheapest.filter(|class| class.price < own);
    choices.extend(cheaper.map(|class| Choice::Class { class: class.name.clone() }));
    choices
}

/// What would be asked for, and how much longer it would take, in thousandths.
fn asked(choice: &Choice, spec: &JobSpec) -> (JobSpec, u32) {
    let spec = spec.clone();
    match choice {
        Choice::AsAsked => (spec, 1000),
        Choice::Model { model } => (JobSpec { models: vec![model.clone()], ..spec }, 1000),
        Choice::Whole => (JobSpec { gpu_mem: None, ..spec }, 1000),
        Choice::Part { gpu_mem } => (JobSpec { gpu_mem: Some(*gpu_mem), ..spec }, 1000),
        Choice::Later { begin, .. } => (JobSpec { begin: Some(*begin), ..spec }, 1000),
        Choice::Class { class } => (JobSpec { class: Some(class.clone()), ..spec }, 1000),
        Choice::Gpus { gpus } => {
            let longer = spec.gpus.saturating_mul(1000) / (*gpus).max(1);
            let limit = |limit: Span| Span(limit.0.saturating_mul(u64::from(longer)) / 1000);
            (JobSpec { gpus: *gpus, limit: spec.limit.map(limit), ..spec }, longer)
        }
    }
}

fn expected(
    (c, history, now): (&Cluster, &History, Time),
    asker: &Asker,
    (choice, spec): (Choice, &JobSpec),
    told: &BTreeMap<JobId, Told>,
) -> Result<Offered, Rejection> {
    let (spec, longer) = asked(&choice, spec);
    let an_hour = quote(c, asker, &spec, 1, now)?.offers.iter().map(|o| o.an_hour).min();
    let ended = BTreeMap::new();
    let alone = JobSpec { after: Vec::new(), ..spec.clone() };
    let request = Request::Submit { spec: alone, tasks: None, held: false, ended };
    let mut cluster = c.clone();
    let job = JobId::single(cluster.next_number.max(1));
    let facts = rota_core::admit::admit(c, asker, &request, now)?;
    facts.iter().for_each(|fact| cluster.apply(now, fact));
    let mut told = told.clone();
    if longer != 1000 {
        told.insert(job, Told::Thousandths(longer));
    }
    let paths = paths_for(cluster.jobs.len()) / 2;
    let method = Method::Together;
    let question = Question { cluster: &cluster, now, history, told: &told, paths, method };
    let found = forecast(&question, &BTreeSet::from([job])).remove(&job);
    let Expected { start, finish } = found.unwrap_or(Expected { start: None, finish: None });
    let runs = match (start, finish) {
        (Some(start), Some(finish)) if finish.p50 < Time::FAR => finish.p50.since(start.p50),
        _ => spec.limit.unwrap_or(c.policy.turn),
    };
    let (prices, zone) = (&c.policy.prices, &c.policy.zone);
    let cost = prices.cost(zone, an_hour.unwrap_or(0), starts(now, &spec, start), runs) / 3_600_000;
    let is_guess = is_a_guess(history);
    let forecast = Forecast { made: now, start, finish, is_guess };
    Ok(Offered { choice, spec, forecast, cost: u64::try_from(cost).unwrap_or(u64::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offered((kind, start, runs, cost): (u8, u64, u64, u64)) -> Offered {
        let choice = match kind {
            0 => Choice::Model { model: "H100".into() },
            1 => Choice::Gpus { gpus: 1 },
            2 => Choice::Class { class: "spare".into() },
            _ => Choice::Later { begin: Time(0), price: "night".into() },
        };
        let band = |at: u64| Some(Band { p10: Time(at), p50: Time(at), p90: Time(at) });
        let (start, finish) = (band(start), band(start + runs));
        let forecast = Forecast { made: Time(0), start, finish, is_guess: false };
        Offered { choice, spec: JobSpec::default(), forecast, cost }
    }

    fn kind(offered: &Offered) -> std::mem::Discriminant<Choice> {
        std::mem::discriminant(&offered.choice)
    }

    proptest! {
        #[test]
        fn no_kind_that_starts_sooner_is_crowded_out_by_a_second_of_another(
            asked in (Just(9u8), 0u64..9, 1u64..9, 0u64..9),
            others in proptest::collection::vec((0u8..4, 0u64..9, 1u64..9, 0u64..9), 0..12),
        ) {
            let (asked, mut others) = (offered(asked), others.into_iter().map(offered).collect::<Vec<_>>());
            others.sort_by_key(|one| middle(one.forecast.finish));
            let kept = few(&asked, others.clone());
            let is_there = |one: &Offered| kept.iter().any(|other| kind(other) == kind(one));
            let sooner = |one: &&Offered| middle(one.forecast.start) < middle(asked.forecast.start);
            prop_assert!(others.iter().filter(sooner).all(is_there));
            prop_assert_eq!(kept.len(), others.len().min(MOST - 1));
            prop_assert!(kept.is_sorted_by_key(|one| middle(one.forecast.finish)));
        }
    }
}
