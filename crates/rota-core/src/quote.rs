//! What a job will cost, before it is submitted.

use crate::admit::{admit, allowed};
use crate::cluster::{Cluster, RoomKey};
use crate::id::JobId;
use crate::job::JobSpec;
use crate::node::NodeState;
use crate::part::WHOLE;
use crate::plan::place::accepts;
use crate::plan::start_of;
use crate::policy::who::Account;
use crate::purse::{Filled, purses};
use crate::queue::Shape;
use crate::request::{Asker, Rejection, Request};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a job will cost where it may go. Costs are reference GPUs × milliseconds: an A100-80GB for an hour is 3,600,000.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Where it may go, cheap ones first.
    pub offers: Vec<Offer>,
    /// The purses that pay.
    pub purses: Vec<Filled>,
}

/// What it costs on one model in one pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The pool; empty: the nodes in no pool.
    pub pool: String,
    /// The model; none: nodes without GPUs.
    pub model: Option<String>,
    /// For an hour, without factors of time.
    pub an_hour: u64,
    /// What it is counted for: its walltime, or one turn.
    pub length: Counted,
    /// All of it, with the factors of its time.
    pub cost: u64,
    /// When it is planned to start; none: no known time.
    pub start: Option<Time>,
}

/// How long a job is taken to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "span")]
pub enum Counted {
    /// Its walltime.
    Walltime(Span),
    /// It has none: one turn.
    Turn(Span),
}

impl Counted {
    /// How long.
    pub fn span(self) -> Span {
        match self {
            Counted::Walltime(span) | Counted::Turn(span) => span,
        }
    }
}

/// Plans the job, or the first task of an array, in each place as if it were submitted now. Tasks multiply the cost.
pub fn quote(
    c: &Cluster,
    asker: &Asker,
    spec: &JobSpec,
    tasks: u32,
    now: Time,
) -> Result<Quote, Rejection> {
    let account = Account { lab: &asker.lab, grant: &asker.grant, person: &asker.person };
    crate::allow::names(c, account, spec)?;
    let spec = JobSpec { after: Vec::new(), ..allowed(c, now, account, spec)? };
    admit(c, asker, &submit(&spec), now)?;
    let shape = Shape::wanted(&spec);
    let rooms = c.rooms.keys().filter(|key| accepts(c, &shape, key));
    let mut offers: Vec<Offer> =
        rooms.filter_map(|key| offer(c, asker, &spec, (key, tasks), now)).collect();
    offers.sort_by_key(|offer| (offer.cost, offer.start.unwrap_or(Time::FAR)));
    Ok(Quote { offers, purses: purses(c, account, now) })
}

fn submit(spec: &JobSpec) -> Request {
    Request::Submit { spec: spec.clone(), tasks: None, held: false, ended: BTreeMap::new() }
}

fn offer(
    c: &Cluster,
    asker: &Asker,
    spec: &JobSpec,
    (key, tasks): (&RoomKey, u32),
    now: Time,
) -> Option<Offer> {
    let (room, (pool, model)) = (c.rooms.get(key)?, key);
    let name = c.policy.pool_name(*pool);
    let here = JobSpec {
        models: model.iter().cloned().collect(),
        pool: Some(name.to_owned()).filter(|name| !name.is_empty()),
        ..spec.clone()
    };
    let facts = admit(c, asker, &submit(&here), now).ok()?;
    let mut with = c.clone();
    let number = with.next_number.max(1);
    facts.iter().for_each(|fact| with.apply(now, fact));
    let start = start_of(&with, now, JobId::single(number));
    // Who asks for memory of a model may have it elsewhere, as a slice: that is another offer.
    let is_here = |node: &NodeState| node.pool == *pool && node.node.model == *model;
    let start = start.filter(|s| c.nodes.get(&s.placement.node).is_some_and(|node| is_here(node)));
    let start = start.map(|start| start.at);
    // What asked to wait is planned when its time comes, and not before; until then that time is all that is known.
    let start = start.or(spec.begin.filter(|begin| *begin > now)).filter(|at| *at < Time::FAR);
    let length = match spec.limit {
        Some(limit) => Counted::Walltime(limit),
        None => Counted::Turn(c.policy.turn_in(*pool)),
    };
    let shape = Shape::wanted(&here);
    let gpus = match spec.gpu_mem {
        Some(_) => c.thousandths_at(&shape, key, room),
        None => spec.gpus.saturating_mul(WHOLE),
    };
    let rate = c.rate_of(gpus, room.price, spec.cpus, spec.class.as_deref());
    let rate = rate * u64::from(spec.nodes.max(1));
    let prices = &c.policy.prices;
    let cost = prices.cost(&c.policy.zone, rate, start.unwrap_or(now), length.span());
    let reference = |sum: u128| u64::try_from(sum / 1000).unwrap_or(u64::MAX);
    Some(Offer {
        pool: name.to_owned(),
        model: model.clone(),
        an_hour: reference(u128::from(rate) * 3_600_000),
        length,
        cost: reference(cost * u128::from(tasks)),
        start,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::fitness::Fault;
    use crate::id::NodeId;
    use crate::node::Node;
    use crate::slice::kind;
    use crate::units::Mib;

    #[test]
    fn what_starts_on_a_slice_is_not_said_of_the_whole_gpu_of_that_model() {
        let mut c = Cluster::default();
        for (id, name) in (0..).zip(["h100", "h100-1g.10gb"]) {
            let kind = kind(name);
            let (model, slice, gpu_mem) = (Some(kind.model), kind.slice, kind.memory);
            let (id, gpus, cpus, mem) = (NodeId(id), 1, 8, Mib(1024));
            let node = Node { id, model, slice, gpu_mem, gpus, cpus, mem, ..Node::default() };
            c.apply(Time(0), &Event::NodeAdded { node });
        }
        let why = Fault::Said { text: "fan".into() };
        let by = "admin".to_owned();
        c.apply(Time(0), &Event::GpuDrained { node: NodeId(0), gpu: 0, why, by });
        let asker =
            Asker { person: "mina".into(), lab: "kim".into(), grant: String::new(), admin: false };
        let gpu_mem = Some(Mib(9 * 1024));
        let models = vec!["H100".to_owned()];
        let spec = JobSpec { gpus: 1, cpus: 1, gpu_mem, models, ..JobSpec::default() };
        let quote = quote(&c, &asker, &spec, 1, Time(5)).expect("it may be asked for");
        let said = |model: &str| {
            let offer = quote.offers.iter().find(|offer| offer.model.as_deref() == Some(model));
            offer.expect("it is offered").start
        };
        assert_eq!((said("H100"), said("H100-1g.10gb")), (None, Some(Time(5))));
    }
}
