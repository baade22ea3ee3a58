//! Which of the bars in an output is the job's, and what it says of the whole.
//!
//! Bars below another are parts of it. A bar of epoch `e` of `n` at `p` is `(e − 1 + p) / n` of the job: at 450/1000 of
//! epoch 3 of 10 that is 0.245. A bar that began again after it was full says nothing of the whole.

use crate::bar::{Bar, Counts};
use crate::number;
use crate::stage::{Stage, bars, stages};
use crate::text::Line;
use crate::trainer;
use crate::{Began, Epoch, Pace, Reading, Scope, Source, Speed};

/// The shortest time after which the average speed of a bar says something, in seconds.
const SHORTEST: f64 = 10.0;

/// What the bars in sight say.
pub fn of_lines(lines: &[Line]) -> Option<Reading> {
    let all = bars(lines);
    let by_trainer = lines.iter().any(trainer::is_log);
    let mut top = stages(&all, |bar| bar.depth == 0 && !bar.is_check());
    if top.is_empty() {
        top = stages(&all, |bar| bar.depth == 0);
    }
    let Some(stage) = choose(&top) else {
        // Whatever is above it is out of sight.
        let below = stages(&all, |_| true);
        return below.last().map(|stage| reading(stage, Scope::Part, &below));
    };
    let scope = scope(stage, &top);
    let below = inner(&all, stage);
    let mut found = match below {
        Some(inner) if !by_trainer => nested(stage, &inner, scope),
        _ => reading(stage, scope, &top),
    };
    if by_trainer && found.source == Source::Tqdm {
        found.source = Source::Trainer;
    }
    Some(found)
}

/// The line in a text that says what the bars after it belong to: an epoch, or a bar above others.
pub fn frame(lines: &[Line]) -> Option<&Line> {
    let frames = |line: &&Line| {
        let alone = std::slice::from_ref(*line);
        crate::keras::header(&line.text).is_some()
            || bars(alone)
                .iter()
                .any(|b| b.depth == 0 && !b.is_check() && (b.source != Source::Keras))
    };
    lines.iter().rev().find(frames)
}

/// Whether there are bars, and what they belong to is out of sight.
pub fn lacks_frame(lines: &[Line]) -> bool {
    frame(lines).is_none() && !bars(lines).is_empty()
}

/// The newest epoch of a known number goes before all else, and in it the bar that began first: what follows is a check.
fn choose(stages: &[Stage]) -> Option<&Stage> {
    let numbered = |s: &&Stage| s.last.epoch.is_some_and(|e| e.last.is_some());
    let Some(newest) = stages.iter().rev().find(numbered) else { return stages.last() };
    let before = stages.iter().take_while(|s| !std::ptr::eq(*s, newest));
    let others = before.collect::<Vec<_>>();
    let same = others.into_iter().rev().take_while(|s| s.last.epoch == newest.last.epoch);
    same.filter(|s| s.last.source == newest.last.source).last().or(Some(newest))
}

fn scope(stage: &Stage, all: &[Stage]) -> Scope {
    let before = || all.iter().filter(|other| other.at < stage.at);
    let is_part = match stage.last.epoch {
        Some(Epoch { number, last: Some(_) }) => {
            before().any(|s| s.last.epoch.is_some_and(|e| e.last.is_some() && e.number > number))
        }
        Some(Epoch { last: None, .. }) => true,
        None if stage.last.source == Source::Keras => true,
        None if stage.last.is_preparation() => true,
        None => before().any(|other| {
            let again = other.last.is_like(&stage.last);
            let longer = other.last.elapsed > stage.last.elapsed;
            other.last.is_full() && (again || longer)
        }),
    };
    if is_part { Scope::Part } else { Scope::Job }
}

/// The newest state of the first bar that was drawn below the newest state of another.
fn inner(all: &[Bar], outer: &Stage) -> Option<Stage> {
    let after = all.get(outer.at + 1..).unwrap_or_default();
    let first = after.iter().find(|bar| bar.depth > outer.last.depth && !bar.is_check())?;
    stages(after, |bar| bar.is_like(first)).pop()
}

/// How a bar is a part of the whole: `before` of `parts` parts are done.
#[derive(Clone, Copy)]
struct Whole {
    before: f64,
    parts: f64,
}

impl Whole {
    const ALONE: Whole = Whole { before: 0.0, parts: 1.0 };

    fn of(stage: &Stage, all: &[Stage]) -> Whole {
        let Some(Epoch { number, last: Some(last) }) = stage.last.epoch else {
            return Whole::ALONE;
        };
        let is_zero = |e: &Epoch| e.number == 0;
        let from_zero = all.iter().filter_map(|s| s.last.epoch.as_ref()).any(is_zero);
        let (before, parts) = match (stage.last.source, from_zero) {
            // Its last epoch has the number `last`, its first 0.
            (Source::Lightning, _) => (number, last.saturating_add(1)),
            (_, true) => (number, last.max(number.saturating_add(1))),
            (_, false) => (number.saturating_sub(1), last),
        };
        Whole { before: float(before), parts: float(parts.max(1)) }
    }

    fn fraction(self, part: f64) -> f64 {
        ((self.before + part) / self.parts).clamp(0.0, 1.0)
    }

    fn pace(self, pace: Option<Pace>) -> Option<Pace> {
        let whole = pace.map(|p| Pace { per_second: p.per_second / self.parts, ..p });
        whole.filter(|p| p.per_second.is_finite() && p.per_second > 0.0)
    }
}

/// Epochs and steps are far below 2^53.
fn float(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn reading(stage: &Stage, scope: Scope, all: &[Stage]) -> Reading {
    let (bar, whole) = (&stage.last, Whole::of(stage, all));
    // Of epochs that are counted, the first in sight is where the job began.
    let last = |s: &Stage| s.last.epoch.and_then(|e| e.last);
    let first = all.iter().find(|s| last(s) == last(stage) && last(s).is_some()).unwrap_or(stage);
    let is_alone = whole.parts <= 1.0 && bar.epoch.is_none();
    let average = bar
        .elapsed
        .filter(|e| is_alone && *e >= SHORTEST)
        .map(|over| Pace { per_second: bar.fraction() / over, over });
    Reading {
        source: bar.source,
        scope,
        fraction: whole.fraction(bar.fraction()),
        steps: steps(bar),
        epoch: bar.epoch,
        speed: Speed {
            average: Whole::ALONE.pace(average),
            recent: whole.pace(stage.recent()),
            began: Began::Earliest(Whole::of(first, all).fraction(first.first.fraction())),
        },
    }
}

/// A bar below another: a part of the step that the outer bar is at.
fn nested(outer: &Stage, inner: &Stage, scope: Scope) -> Reading {
    let bar = &outer.last;
    let whole = Whole { before: bar.done, parts: bar.total };
    let fraction = whole.fraction(inner.last.fraction());
    let over = bar.elapsed.zip(inner.last.elapsed).map(|(outer, inner)| outer + inner);
    let average =
        over.filter(|o| *o >= SHORTEST).map(|over| Pace { per_second: fraction / over, over });
    let counts_epochs = bar.name.to_lowercase().contains("epoch");
    let at = number::steps(bar.done, bar.total).filter(|_| counts_epochs && bar.done < bar.total);
    let epoch = at.map(|at| Epoch { number: at.done + 1, last: Some(at.total) });
    Reading {
        source: bar.source,
        scope,
        fraction,
        steps: steps(if counts_epochs { &inner.last } else { bar }),
        epoch: epoch.or(bar.epoch),
        speed: Speed {
            average: Whole::ALONE.pace(average),
            recent: whole.pace(inner.recent()),
            began: Began::Unknown,
        },
    }
}

fn steps(bar: &Bar) -> Option<crate::Steps> {
    number::steps(bar.done, bar.total).filter(|_| bar.counts == Counts::Steps)
}
