//! What a forecast says, and how often forecasts were right: plain data, made by `rota-sim` from the state and the log.

use crate::job::JobSpec;
use crate::units::{Mib, Span, Time};
use serde::{Deserialize, Serialize};

/// Nobody plans by less: windows are compared, and shown, as if everything took so much longer.
pub const GRAIN: Span = Span::minutes(5);

/// A window. Where an end of it is [`Time::FAR`], nothing says when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// In one of ten cases earlier.
    pub p10: Time,
    /// In half of all cases earlier.
    pub p50: Time,
    /// In one of ten cases later.
    pub p90: Time,
}

impl Band {
    /// Of what happened on so many paths; where it did not happen, it comes after all that did. None if even the earliest
    /// tenth is not known.
    pub fn of(mut outcomes: Vec<Time>, paths: usize) -> Option<Band> {
        outcomes.sort_unstable();
        let at = |tenths: usize| {
            let place = (paths * tenths * 2).saturating_sub(10) / 20;
            outcomes.get(place).copied().unwrap_or(Time::FAR)
        };
        let band = Band { p10: at(1), p50: at(5), p90: at(9) };
        (band.p10 < Time::FAR).then_some(band)
    }

    /// As people see it: from whole five minutes to whole five minutes.
    #[must_use]
    pub fn seen(self) -> Band {
        let p90 = Time(self.p90.0.div_ceil(GRAIN.0).saturating_mul(GRAIN.0));
        Band { p10: Time(self.p10.0 / GRAIN.0 * GRAIN.0), p90, ..self }
    }

    /// Whether it is at once: nobody waits longer than starting takes.
    pub fn is_at_once(&self, now: Time) -> bool {
        self.p90 <= now.after(Span::seconds(10))
    }

    /// Whether it says something at a moment: its late end is at most ten times as far away as its early one.
    pub fn is_predictable(&self, now: Time) -> bool {
        let away = |at: Time| u128::from(at.since(now).plus(GRAIN).0);
        self.p90 < Time::FAR && away(self.p90) <= 10 * away(self.p10)
    }
}

/// What is expected of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// When this was worked out.
    pub made: Time,
    /// When it starts next; none for a job that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Band>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Band>,
    /// So few jobs have run here, or so much may happen, that these windows are no more than a guess.
    pub is_guess: bool,
}

/// How else a job could be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Choice {
    /// As it was asked for.
    AsAsked,
    /// On this model.
    Model {
        /// Which.
        model: String,
    },
    /// With fewer GPUs, and as much more time.
    Gpus {
        /// How many, on each node.
        gpus: u32,
    },
    /// A whole GPU, not a part of one.
    Whole,
    /// A part of a GPU: what jobs like it used at most, and a tenth.
    Part {
        /// Its memory.
        gpu_mem: Mib,
    },
    /// Later, when a price by time is lower.
    Later {
        /// Not before then.
        begin: Time,
        /// Name of the price.
        price: String,
    },
    /// In another class.
    Class {
        /// Which.
        class: String,
    },
}

/// A choice, and what is expected of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// What is different.
    pub choice: Choice,
    /// What would be asked for.
    pub spec: JobSpec,
    /// When it would start and end.
    pub forecast: Forecast,
    /// What it would cost if it started and ended in the middle of its windows, at the prices of that time: reference GPUs ×
    /// milliseconds.
    pub cost: u64,
}

/// Which forecasts are counted together.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by", content = "of")]
pub enum Group {
    /// All of them.
    #[default]
    All,
    /// Those of a lab.
    Lab(String),
    /// Those whose middle was less than so long away, and longer than the next shorter.
    Within(Span),
    /// Those whose middle was longer away than all of these.
    Longer,
    /// Those that were made in the week that begins then.
    Week(Time),
    /// Those that were said less than so long before it happened, and longer than the next shorter.
    Before(Span),
    /// Those that were said longer before it happened than all of these.
    LongBefore,
    /// Those whose middle was at least so long away, and less than so long; none: however long.
    Ahead {
        /// At least.
        from: Span,
        /// Less than.
        until: Option<Span>,
    },
}

/// How often forecasts were right, of those whose outcome is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hits {
    /// Which ones.
    pub group: Group,
    /// How many.
    pub forecasts: u64,
    /// It happened no later than the late end of the window.
    pub before_p90: u64,
    /// It happened within the window.
    pub within: u64,
    /// Half of the windows were no wider than so many thousandths: late end over early end.
    pub width: u64,
}

/// The score of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Of starts, said when jobs were submitted.
    pub start: Vec<Hits>,
    /// Of ends, said when jobs were submitted.
    pub finish: Vec<Hits>,
    /// Of ends, said when jobs had begun to run.
    pub end: Vec<Hits>,
    /// Of starts, every window that was said while a job waited, by how long before the start.
    #[serde(default)]
    pub again: Vec<Hits>,
    /// Of ends, every window that was said while a job waited for its first start, by how far ahead.
    #[serde(default)]
    pub finish_ahead: Vec<Hits>,
    /// Of ends, every window that was said while a job ran, by how far ahead.
    #[serde(default)]
    pub end_ahead: Vec<Hits>,
    /// Forecasts whose outcome is not known yet.
    pub open: u64,
    /// Forecasts of jobs that left before it happened.
    pub left: u64,
}
