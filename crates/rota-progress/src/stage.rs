//! States of bars put together: a stage is a bar from its first to its newest state, until it begins anew.

use crate::bar::Bar;
use crate::{Pace, keras, rich, text::Line, tqdm};

/// The shortest stretch between two states of a bar from which its speed is taken, in seconds.
const SHORTEST: f64 = 5.0;

/// A bar while it grows.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its first state in sight.
    pub first: Bar,
    /// Its newest state.
    pub last: Bar,
    /// How many states of any bars were before its newest.
    pub at: usize,
}

impl Stage {
    /// Speed lately, in fractions of this bar.
    pub fn recent(&self) -> Option<Pace> {
        let between = self.first.elapsed.zip(self.last.elapsed).map(|(a, b)| b - a);
        let grown = self.last.fraction() - self.first.fraction();
        match between.filter(|over| *over >= SHORTEST && grown > 0.0) {
            Some(over) => Some(Pace { per_second: grown / over, over }),
            None => self.last.rate.map(|r| Pace { per_second: r / self.last.total, over: 0.0 }),
        }
    }

    fn goes_on_as(&self, bar: &Bar) -> bool {
        let same = self.last.is_like(bar) && self.last.epoch == bar.epoch;
        // Processes that share an output each draw the bar: a little less is no new beginning.
        let goes_back = match self.last.elapsed.zip(bar.elapsed) {
            Some((before, now)) => now < before - 1.0 || bar.done < self.last.done / 2.0,
            None => bar.done < self.last.done,
        };
        let is_same_size = (self.last.total - bar.total).abs() < f64::EPSILON * bar.total;
        same && is_same_size && !goes_back
    }
}

/// All states of bars in a text. A line with nothing but an epoch counts for the bars that follow.
pub fn bars(lines: &[Line]) -> Vec<Bar> {
    let (mut found, mut epoch) = (Vec::new(), None);
    for line in lines {
        if let Some(named) = keras::header(&line.text) {
            epoch = Some(named);
            continue;
        }
        let bar = tqdm::parse(line).or_else(|| rich::parse(line)).or_else(|| keras::parse(line));
        found.extend(bar.map(|bar| Bar { epoch: bar.epoch.or(epoch), ..bar }));
    }
    found
}

/// Stages of those bars that are asked for, in the order of their beginnings.
pub fn stages(bars: &[Bar], wanted: impl Fn(&Bar) -> bool) -> Vec<Stage> {
    let mut found: Vec<Stage> = Vec::new();
    for (at, bar) in bars.iter().enumerate().filter(|(_, bar)| wanted(bar)) {
        // Lately begun ones first: two bars may take turns in one output.
        match found.iter_mut().rev().take(4).find(|stage| stage.goes_on_as(bar)) {
            Some(stage) => (stage.last, stage.at) = (bar.clone(), at),
            None => found.push(Stage { first: bar.clone(), last: bar.clone(), at }),
        }
    }
    found
}
