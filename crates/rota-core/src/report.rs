//! What reports about a period say: plain data, made by `rota-sim` from the event log. Whole numbers with their units.

use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// A stretch of time: from, and not from `until` on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its first moment.
    pub from: Time,
    /// The moment after its last.
    pub until: Time,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Thousandths of a point of a hundred.
    Points,
    /// Thousandths of a percent.
    Percent,
    /// Thousandths of one.
    Ratio,
    /// Milliseconds.
    Span,
}

/// What a value should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// At most so much.
    AtMost(u64),
    /// At least so much.
    AtLeast(u64),
}

impl Target {
    /// Whether a value is as it should be.
    pub fn is_met(self, value: u64) -> bool {
        match self {
            Target::AtMost(most) => value <= most,
            Target::AtLeast(least) => value >= least,
        }
    }
}

/// Every [`Measure::name`].
pub const MEASURES: [&str; 15] = [
    "share-error-median",
    "share-error-worst",
    "jain",
    "rho-p50",
    "rho-p95",
    "rho-max",
    "wait-p99",
    "wait-max",
    "promise-max",
    "regret-p95",
    "regret-max",
    "lost-kept",
    "lost-requeued",
    "price-of-fairness",
    "shortage",
];

/// One measure of fairness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Which, of [`MEASURES`].
    pub name: String,
    /// Of which pool or GPU model; empty: of all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub of: String,
    /// What the numbers count.
    pub unit: Unit,
    /// The value; none: too little is known.
    pub value: Option<u64>,
    /// What it should be.
    pub target: Option<Target>,
    /// Whether it is; none without a value or a target.
    pub ok: Option<bool>,
    /// How many jobs it rests on.
    pub jobs: u64,
}

impl Measure {
    /// A measure with its verdict.
    pub fn new(name: &str, unit: Unit, value: Option<u64>, target: Option<Target>) -> Measure {
        debug_assert!(MEASURES.contains(&name), "{name} is in no list");
        let ok = value.zip(target).map(|(value, target)| target.is_met(value));
        let (name, of) = (name.to_owned(), String::new());
        Measure { name, of, unit, value, target, ok, jobs: 0 }
    }

    /// The same, resting on so many jobs.
    pub fn from_jobs(self, jobs: usize) -> Measure {
        Measure { jobs: u64::try_from(jobs).unwrap_or(u64::MAX), ..self }
    }

    /// The same, of one pool or model.
    pub fn of(self, of: &str) -> Measure {
        Measure { of: of.to_owned(), ..self }
    }
}

/// What a lab had in a ledger while others waited there too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabPart {
    /// The pool; empty: the common ledger.
    pub pool: String,
    /// The lab.
    pub lab: String,
    /// What it was entitled to: thousandths of a GPU-hour at price.
    pub entitled: u64,
    /// What it had: thousandths of a GPU-hour at price.
    pub delivered: u64,
    /// How far apart these are: thousandths of a point of all that was delivered there then.
    pub error: u64,
}

/// What was wanted of a GPU model, and what of it could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// The model; empty: not known.
    pub model: String,
    /// GPU-hours that were used or waited for, in thousandths.
    pub wanted: u64,
    /// GPU-hours that were waited for, in thousandths.
    pub unmet: u64,
    /// `unmet` of `wanted`, in thousandths of a percent.
    pub rate: u64,
    /// The same hour by hour: its beginning, wanted, unmet.
    pub hours: Vec<(Time, u64, u64)>,
}

/// Fairness in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fairness {
    /// The period.
    pub period: Stretch,
    /// What a GPU-hour at price is called here.
    pub unit: String,
    /// All measures, with their targets.
    pub measures: Vec<Measure>,
    /// What labs had, the farthest from their part first.
    pub labs: Vec<LabPart>,
    /// By GPU model, the scarcest first.
    pub shortage: Vec<Shortage>,
}

/// What owners lent, and what they had in return, in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lending {
    /// The period.
    pub period: Stretch,
    /// Everyone who held a claim in it.
    pub owners: Vec<Owner>,
}

/// Someone who holds claims. Hours are GPU-hours in thousandths, whatever their model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Who, as the policy writes it: `lab/kim`.
    pub who: String,
    /// Hours that others ran on GPUs that these people claimed then.
    pub lent: u64,
    /// Hours that these people ran on what they claimed.
    pub own: u64,
    /// Hours that these people ran on GPUs that others claimed then.
    pub borrowed: u64,
    /// Hours that these people ran on GPUs that nobody claimed then.
    pub unclaimed: u64,
    /// Claim by claim.
    pub claims: Vec<ClaimUse>,
}

/// How a claim was lent and came back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimUse {
    /// Which: `p0` is the first claim of the policy, `b12` booking 12.
    pub claim: String,
    /// The pool.
    pub pool: String,
    /// Hours that others ran on it.
    pub lent: u64,
    /// Hours that its holder ran on it.
    pub own: u64,
    /// How often its holder asked for GPUs back.
    pub recalls: u64,
    /// Time from asking to having them: half of all recalls took no longer; none: too few.
    pub recall_p50: Option<Span>,
    /// The same of 95 in 100.
    pub recall_p95: Option<Span>,
    /// The longest.
    pub recall_max: Option<Span>,
    /// How long a borrower may take.
    pub grace: Span,
    /// How often its holder did not come and lost it for that time.
    pub no_shows: u64,
}
