//! Bars of Keras 1, 2 and 3, and its lines of `verbose=2`:
//!
//! ```text
//! Epoch 3/10
//! 450/1000 [============>.................] - ETA: 12s - loss: 0.3412
//! 450/1000 ━━━━━━━━━━━━━━━━━━━━ 12s 22ms/step - loss: 0.3412
//! 1000/1000 - 22s - 22ms/step - loss: 0.3412
//! ```

use crate::bar::{Bar, Counts};
use crate::number;
use crate::text::Line;
use crate::{Epoch, Source};

/// The epoch of a line that says nothing else: `Epoch 3/10`.
pub fn header(text: &str) -> Option<Epoch> {
    let is_alone = text.len() < 60 && text.split_whitespace().count() <= 3;
    if !is_alone || !text.get(..5)?.eq_ignore_ascii_case("epoch") {
        return None;
    }
    crate::bar::epoch(text).filter(|epoch| epoch.last.is_some())
}

/// The state of a bar that a line shows.
pub fn parse(line: &Line) -> Option<Bar> {
    let (count, rest) = line.text.split_once(' ')?;
    let (done, total) = number::ratio(count)?;
    let rest = rest.trim_start();
    let is_drawn = rest.starts_with('━') || rest.starts_with("- ");
    let is_ruled =
        rest.strip_prefix('[').and_then(|r| r.split_once(']')).is_some_and(|(bar, _)| {
            bar.len() >= 5 && bar.bytes().all(|b| matches!(b, b'=' | b'>' | b'.'))
        });
    if !(is_drawn || is_ruled) {
        return None;
    }
    let bar = |rate| Bar {
        source: Source::Keras,
        name: String::new(),
        epoch: None,
        depth: 0,
        done,
        total,
        counts: Counts::Steps,
        elapsed: None,
        rate,
    };
    let words = || rest.split_whitespace();
    let step = words().find_map(|w| {
        let (time, unit) = w.split_once('/')?;
        number::short_time(time).filter(|_| matches!(unit, "step" | "sample"))
    });
    if let Some(step) = step.filter(|s| *s > 0.0) {
        return Some(bar(Some(1.0 / step)));
    }
    if let Some((_, after)) = rest.split_once("ETA: ") {
        let eta = after.split_whitespace().next()?;
        let seconds = number::short_time(eta).or_else(|| number::clock(eta));
        return Some(bar(seconds.filter(|s| *s > 0.0).map(|s| (total - done) / s)));
    }
    // How long it took: of a bar that is full.
    let took = words().find_map(|w| number::short_time(w.trim_end_matches(',')))?;
    Some(bar((took > 0.0).then_some(done / took)))
}
