//! A trace on the nodes of a site: under its policy by the real `plan`, and under the policies of [`crate::baseline`].

mod fit;
mod score;

pub use fit::{Fitted, fit};
pub use score::{Score, Waits, score, waits};

use crate::baseline::{Baseline, Costs, Ran, Work, play};
use crate::outcome::Outcomes;
use crate::replay::{Replay, Switch};
use rota_core::event::Event;
use rota_core::job::TurnMode;
use rota_core::node::Node;
use rota_core::policy::Policy;
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// Where a trace is replayed.
#[derive(Clone, Debug)]
pub struct Site {
    /// What is decided by.
    pub policy: Policy,
    /// Nodes with GPUs.
    pub nodes: Vec<Node>,
    /// What starting and leaving take.
    pub switch: Switch,
    /// How jobs make room when their turn is over; those that are queued again go on from their own checkpoint.
    pub turns: TurnMode,
}

/// A policy of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The site's, by the real `plan`.
    Rota,
    /// First in, first out.
    Fifo,
    /// EASY backfill by walltimes.
    Easy,
    /// EASY backfill by true runtimes: an oracle.
    EasyOracle,
    /// Least attained service.
    Las,
    /// Shortest remaining time first: an oracle.
    Srtf,
}

impl Row {
    /// All of them.
    pub const ALL: [Row; 6] =
        [Row::Rota, Row::Fifo, Row::Easy, Row::EasyOracle, Row::Las, Row::Srtf];

    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Row::Rota => "rota",
            Row::Fifo => "fifo",
            Row::Easy => "easy",
            Row::EasyOracle => "easy-oracle",
            Row::Las => "las",
            Row::Srtf => "srtf-oracle",
        }
    }

    /// Whether it knows how long jobs will run, which no site does.
    pub fn is_oracle(self) -> bool {
        matches!(self, Row::EasyOracle | Row::Srtf)
    }
}

/// What became of a trace.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Of each job; none where it was refused, or never ended.
    pub ran: Vec<Option<Ran>>,
    /// Jobs that the site's policy refused at submit, by the code of the refusal.
    pub refused: BTreeMap<&'static str, usize>,
}

impl From<Vec<Option<Ran>>> for Played {
    fn from(ran: Vec<Option<Ran>>) -> Played {
        Played { ran, refused: BTreeMap::new() }
    }
}

/// What becomes of each job under a policy. `ended` hears of each job that ended under the site's.
pub fn run(
    row: Row,
    site: &Site,
    fitted: &Fitted,
    ended: &mut dyn FnMut(),
) -> Result<Played, String> {
    let Switch { start, leave } = site.switch;
    let machines = fitted.machines.as_slice();
    let baseline = match row {
        Row::Rota => return rota(site, fitted, ended),
        Row::Fifo => Baseline::Fifo,
        Row::Easy | Row::EasyOracle => Baseline::Easy,
        Row::Las => Baseline::Las,
        Row::Srtf => Baseline::Srtf,
    };
    // Whoever ends leaves at once, in all rows; it takes time to make room.
    let teardown = if matches!(row, Row::Las | Row::Srtf) { leave } else { Span::ZERO };
    let costs = Costs { alone: start, together: start, teardown };
    if row != Row::EasyOracle {
        return Ok(play(baseline, machines, &fitted.work, &costs).into());
    }
    let known = fitted.work.iter().map(|w| Work { expected: w.runtime, ..*w });
    let known: Vec<Work> = known.collect();
    Ok(play(baseline, machines, &known, &costs).into())
}

fn rota(site: &Site, fitted: &Fitted, ended: &mut dyn FnMut()) -> Result<Played, String> {
    let policy = Box::new(site.policy.clone());
    let mut facts = vec![Event::PolicySet { policy, by: String::new() }];
    facts.extend(site.nodes.iter().map(|node| Event::NodeAdded { node: node.clone() }));
    let mut outcomes = Outcomes::new(site);
    let mut listener = |at: Time, fact: &Event| {
        if outcomes.see(at, fact) {
            ended();
        }
    };
    let mut replay = Replay::new(&facts, site.switch, &mut listener);
    replay.play(&fitted.submissions);
    if let Some(at) = replay.restless.first() {
        return Err(format!("the plan does not come to rest at {} ms", at.0));
    }
    let codes = std::mem::take(&mut replay.refused);
    let refused: Vec<usize> = codes.iter().map(|(index, _)| *index).collect();
    let mut submitted = outcomes.lives.into_values();
    let ran = (0..fitted.submissions.len()).map(|index| {
        let is_refused = refused.binary_search(&index).is_ok();
        if is_refused { None } else { submitted.next() }?.ran()
    });
    let mut played = Played::from(ran.collect::<Vec<_>>());
    codes.iter().for_each(|(_, code)| *played.refused.entry(code).or_default() += 1);
    Ok(played)
}
