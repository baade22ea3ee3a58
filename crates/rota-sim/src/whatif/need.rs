//! How many more nodes of a kind are needed so that waits are short enough: the smallest number, by bisection.
//!
//! It supposes that more nodes never lengthen that wait. Under a policy with turns that is so but for small differences;
//! the number that is answered has been played, and so has the one before it.

use super::change::{Change, Nodes};
use super::load::Load;
use super::report::{Report, Restless, play};
use crate::compare::{Site, Waits};
use rota_core::units::Span;

/// More nodes than that are not looked for.
pub const MOST: u32 = 64;

/// Which wait is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The mean.
    Mean,
    /// Half waited no longer.
    P50,
    /// Nine of ten.
    P90,
    /// 95 of 100.
    P95,
    /// 99 of 100.
    P99,
    /// The longest.
    Max,
}

/// What is to be reached: a wait below a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Which.
    pub wait: Wait,
    /// It must be shorter than that.
    pub below: Span,
}

impl Wait {
    /// All, with their words.
    pub const ALL: [(&'static str, Wait); 6] = [
        ("mean", Wait::Mean),
        ("p50", Wait::P50),
        ("p90", Wait::P90),
        ("p95", Wait::P95),
        ("p99", Wait::P99),
        ("max", Wait::Max),
    ];

    /// It, of these.
    pub fn of(self, waits: &Waits) -> Span {
        match self {
            Wait::Mean => waits.mean,
            Wait::P50 => waits.p50,
            Wait::P90 => waits.p90,
            Wait::P95 => waits.p95,
            Wait::P99 => waits.p99,
            Wait::Max => waits.max,
        }
    }
}

impl Goal {
    /// Reads `p95<4h`.
    ///
    /// ```
    /// use rota_core::units::Span;
    /// use rota_sim::whatif::need::{Goal, Wait};
    /// assert_eq!(Goal::parse("p95 < 4h"), Some(Goal { wait: Wait::P95, below: Span::hours(4) }));
    /// assert_eq!(Goal::parse("p96<4h"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Goal> {
        let (word, time) = text.split_once('<')?;
        let (_, wait) = Wait::ALL.into_iter().find(|(known, _)| *known == word.trim())?;
        Some(Goal { wait, below: Span::parse(time.trim()).ok()? })
    }

    /// Whether it is reached.
    pub fn is_met(&self, report: &Report) -> bool {
        self.wait.of(&report.waits) < self.below
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word =
            Wait::ALL.iter().find(|(_, wait)| *wait == self.wait).map_or("", |(word, _)| word);
        write!(f, "{word}<{}", self.below)
    }
}

/// How many of a kind.
#[derive(Clone, Debug)]
pub struct Need {
    /// The kind; `count` is how many more are needed, or [`MOST`] where even that is too few.
    pub nodes: Nodes,
    /// Whether the goal is reached with them.
    pub is_met: bool,
    /// What comes of them.
    pub report: Report,
}

/// The smallest number of nodes of a kind with which the goal is reached. `load` makes the jobs fit a site; `base` is what
/// comes of the site as it is.
///
/// # Errors
/// Where the plan does not come to rest.
pub fn need(
    site: &Site,
    (model, gpus): (&str, u32),
    (goal, base): (Goal, &Report),
    load: &dyn Fn(&Site) -> Load,
    ended: &mut dyn FnMut(),
) -> Result<Need, Restless> {
    let kind = |count: u32| Nodes { count, model: model.to_owned(), gpus };
    if goal.is_met(base) {
        return Ok(Need { nodes: kind(0), is_met: true, report: base.clone() });
    }
    let mut with = |count: u32| {
        let mut site = site.clone();
        // Adding nodes is always possible.
        drop(Change::Add(kind(count)).apply(&mut site));
        play(&site, &load(&site), ended)
    };
    let (mut few, mut many) = (0, 1);
    let mut report = with(many)?;
    while !goal.is_met(&report) {
        if many >= MOST {
            return Ok(Need { nodes: kind(many), is_met: false, report });
        }
        (few, many) = (many, (many * 2).min(MOST));
        report = with(many)?;
    }
    while many - few > 1 {
        let middle = few + (many - few) / 2;
        let tried = with(middle)?;
        if goal.is_met(&tried) {
            (many, report) = (middle, tried);
        } else {
            few = middle;
        }
    }
    Ok(Need { nodes: kind(many), is_met: true, report })
}
