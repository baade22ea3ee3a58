//! A bar of tqdm: `train:  45%|████▌     | 450/1000 [01:23<01:41,  5.42it/s, loss=0.31]`. Lightning draws the same.

use crate::bar::{Bar, Counts, describe};
use crate::number;
use crate::text::Line;
use crate::{Epoch, Source};

/// The state of a bar that a line shows.
pub fn parse(line: &Line) -> Option<Bar> {
    // A description may hold a percent sign or a bar of its own: the last that makes sense is the bar's.
    let marks: Vec<usize> = line.text.match_indices('%').map(|(at, _)| at).collect();
    marks.into_iter().rev().take(8).find_map(|at| parse_at(line, at))
}

fn parse_at(line: &Line, percent: usize) -> Option<Bar> {
    let (before, after) = line.text.split_at_checked(percent)?;
    let after = after.strip_prefix('%')?;
    let start = before.rfind(|c: char| !c.is_ascii_digit() && c != '.').map_or(0, |at| {
        at + before.get(at..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8)
    });
    let (name, share) = before.split_at_checked(start)?;
    let share = number::plain(share).filter(|p| *p <= 100.0)?;
    let (epoch, name) = named(name);
    let bar = |done, total, counts, clock: Option<Clock>| Bar {
        source: source(&name, epoch),
        name: name.clone(),
        epoch,
        depth: line.depth,
        done,
        total,
        counts,
        elapsed: clock.as_ref().map(|c| c.elapsed),
        rate: clock.and_then(|c| c.rate),
    };
    match counts(after) {
        Some((done, total, clock)) => Some(bar(done, total, Counts::Steps, Some(clock))),
        // A format of one's own without a count; tqdm always draws something between two lines.
        None if after.starts_with('|')
            && after.matches('|').count() >= 2
            && !after.contains('[') =>
        {
            Some(bar(share, 100.0, Counts::Percent, None))
        }
        None => None,
    }
}

fn named(text: &str) -> (Option<Epoch>, String) {
    let (name, epoch) = describe(text);
    (epoch, name)
}

/// Lightning names its bar by the epoch alone, and checks between epochs with names of its own.
fn source(name: &str, epoch: Option<Epoch>) -> Source {
    let is_alone = name == "Epoch" && epoch.is_some_and(|e| e.last.is_none());
    let is_check = name.ends_with("DataLoader") || name == "Sanity Checking";
    if is_alone || is_check { Source::Lightning } else { Source::Tqdm }
}

struct Clock {
    elapsed: f64,
    rate: Option<f64>,
}

/// `450/1000 [01:23<01:41, 5.42it/s]` somewhere after the percent sign.
fn counts(text: &str) -> Option<(f64, f64, Clock)> {
    let ends = text.match_indices(" [").map(|(at, _)| at);
    for at in ends.take(16) {
        let (before, after) = text.split_at_checked(at)?;
        let word = before.rsplit([' ', '|']).next().unwrap_or_default();
        let Some((done, total)) = number::ratio(word) else { continue };
        let Some(clock) = clock(after.trim_start_matches([' ', '['])) else { continue };
        return Some((done, total, clock));
    }
    None
}

/// `01:23<01:41, 5.42it/s, loss=0.31]`
fn clock(text: &str) -> Option<Clock> {
    let (elapsed, rest) = text.split_once('<')?;
    let rate = rest.split([',', ']']).nth(1).and_then(|word| rate(word.trim()));
    Some(Clock { elapsed: number::clock(elapsed)?, rate })
}

/// Steps a second in `5.42it/s`, `1.30s/it`, `9.99MB/s`.
fn rate(text: &str) -> Option<f64> {
    let (what, per) = text.split_once('/')?;
    let end = what.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(what.len());
    let (value, unit) = what.split_at_checked(end)?;
    let value = number::plain(value).filter(|v| *v > 0.0)?;
    if per == "s" {
        let scaled = unit.chars().next().filter(|c| "kMGTP".contains(*c));
        let letter = scaled.map(String::from).unwrap_or_default();
        return number::count(&format!("{value}{letter}"));
    }
    (unit == "s").then_some(1.0 / value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Bar> {
        parse(&Line { text: text.into(), depth: 0, is_ended: true })
    }

    #[test]
    fn speed_is_read_in_steps_a_second_and_in_seconds_a_step() {
        let fast = read(" 45%|████▌     | 450/1000 [01:23<01:41,  5.42it/s]").expect("a bar");
        assert_eq!((fast.done, fast.total, fast.elapsed), (450.0, 1000.0, Some(83.0)));
        assert_eq!(fast.rate, Some(5.42));
        let slow = read("a:  1%|▏  | 1/100 [00:04<06:36,  4.00s/it, loss=1]").expect("a bar");
        assert_eq!((slow.rate, slow.name.as_str()), (Some(0.25), "a"));
        let scaled = read("3%|▎  | 1.20M/45.0M [00:00<00:04, 9.99MB/s]").expect("a bar");
        assert_eq!((scaled.done, scaled.rate), (1.2e6, Some(9.99e6)));
    }

    #[test]
    fn a_bar_without_total_or_cut_short_is_none() {
        for text in ["12it [00:01,  9.04it/s]", " 45%|▍| 450/1000 [01", "45% of the work", "100%"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_format_of_ones_own_still_says_its_percent() {
        let bar = read("30%|███▍      | 00:30").expect("a bar");
        assert_eq!((bar.fraction(), bar.counts), (0.3, Counts::Percent));
        assert_eq!(read("45% 450/1000 [01:23<01:41,  5.42it/s]").expect("a bar").done, 450.0);
    }
}
