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

/// All choices that the policy admits, as it was asked for first, then by when they are expected to end; later for less is
/// the last. `used`: the most memory of a GPU that jobs like it used.
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
    let mut all = vec![expect(Choice::AsAsked)?];
    let later = all.first().and_then(|as_asked| later(c, now, as_asked));
    let later = later.and_then(|choice| expect(choice).ok());
    let whole = (spec.gpus, spec.nodes, spec.gpu_mem) == (1, 1, None);
    let part = used.filter(|_| whole).map(|used| Choice::Part { gpu_mem: enough(used) });
    let part = part.and_then(|choice| expect(choice).ok());
    let cheaper = |one: &Offered| all.iter().all(|as_asked| one.cost < as_asked.cost);
    let (later, part) = (later.filter(cheaper), part.filter(cheaper));
    all.extend(part);
    all.extend(choices(c, spec).into_iter().filter_map(|choice| expect(choice).ok()));
    let ends = |offered: &Offered| offered.forecast.finish.map_or(Time::FAR, |band| band.p50);
    if let Some((_, others)) = all.split_first_mut() {
        others.sort_by_key(ends);
    }
    all.truncate(MOST - usize::from(later.is_some()));
    all.extend(later);
    Ok(all)
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
