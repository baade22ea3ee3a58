//! Lightning's bar in the style of rich: `Epoch 3/9 ━━━━━━╺━━━ 450/1000 0:01:23 • 0:01:41 33.10it/s v_num: 0`. It counts
//! epochs from 0, up to the last number.

use crate::Source;
use crate::bar::{Bar, Counts, describe};
use crate::number;
use crate::text::Line;

/// The state of a bar that a line shows.
pub fn parse(line: &Line) -> Option<Bar> {
    let drawn = ['━', '╸', '╺'];
    let start = line.text.find(drawn)?;
    let (name, rest) = line.text.split_at_checked(start)?;
    let words: Vec<&str> = rest.trim_start_matches(drawn).split_whitespace().take(5).collect();
    let [count, elapsed, dot, _, rate @ ..] = words.as_slice() else { return None };
    if *dot != "•" {
        return None;
    }
    let (done, total) = number::ratio(count)?;
    let (name, epoch) = describe(name);
    let rate = rate.first().and_then(|r| number::plain(r.strip_suffix("it/s")?));
    Some(Bar {
        source: Source::Lightning,
        name,
        epoch,
        depth: line.depth,
        done,
        total,
        counts: Counts::Steps,
        elapsed: number::clock(elapsed),
        rate: rate.filter(|r| *r > 0.0),
    })
}
