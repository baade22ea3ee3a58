//! What became of each job, from the facts of a play: when it started, where, and how long it waited in all.

use crate::baseline::Ran;
use crate::compare::Site;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// Pool and model of a node.
type Where = (String, String);

/// A job that was submitted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    /// Its lab.
    pub lab: String,
    /// When it was submitted.
    pub submitted: Time,
    /// Where and when it first ran.
    pub started: Option<(Time, Where)>,
    /// When it ended.
    pub ended: Option<Time>,
    /// How often it was started.
    pub starts: u32,
    /// Where it holds GPUs, and since when.
    holds: Option<(Time, NodeId)>,
    /// How long it held GPUs before.
    held: Span,
}

impl Life {
    /// The time in the system without GPUs, over all its turns; none before it has ended.
    pub fn waited(&self) -> Option<Span> {
        let whole = self.ended?.since(self.submitted);
        Some(Span(whole.0.saturating_sub(self.held.0)))
    }

    /// The same as policies to compare with say it.
    pub fn ran(&self) -> Option<Ran> {
        let (started, _) = self.started.as_ref()?;
        let (ended, held, starts) = (self.ended?, self.held, self.starts);
        Some(Ran { started: *started, ended, held, starts })
    }

    fn leave(&mut self, at: Time) {
        let held = self.holds.take().map_or(Span::ZERO, |(since, _)| at.since(since));
        self.held = self.held.plus(held);
    }
}

/// All of them, in the order of their submission.
pub(crate) struct Outcomes {
    nodes: BTreeMap<NodeId, Where>,
    /// What is known of each.
    pub lives: BTreeMap<JobId, Life>,
}

impl Outcomes {
    pub fn new(site: &Site) -> Outcomes {
        let place = |name: &str| site.policy.pool_name(site.policy.pool_of(name)).to_owned();
        let node = |node: &rota_core::node::Node| {
            (node.id, (place(&node.name), node.model.clone().unwrap_or_default()))
        };
        Outcomes { nodes: site.nodes.iter().map(node).collect(), lives: BTreeMap::new() }
    }

    /// Hears a fact. Returns whether a job ended with it.
    pub fn see(&mut self, at: Time, fact: &Event) -> bool {
        if let Event::Submitted { number, lab, .. } = fact {
            let life = Life { lab: lab.clone(), submitted: at, ..Life::default() };
            self.lives.insert(JobId::single(*number), life);
            return false;
        }
        let Some(life) = fact.about().and_then(|job| self.lives.get_mut(&job)) else {
            return false;
        };
        match fact {
            Event::StartDecided { placement, .. } => life.holds = Some((at, placement.node)),
            Event::Started { .. } => {
                life.starts += 1;
                let place = life.holds.and_then(|(_, node)| self.nodes.get(&node));
                life.started.get_or_insert_with(|| (at, place.cloned().unwrap_or_default()));
            }
            Event::Suspended { .. } | Event::Requeued { .. } => life.leave(at),
            Event::Ended { .. } => {
                life.leave(at);
                life.ended = Some(at);
                return true;
            }
            _ => {}
        }
        false
    }
}
