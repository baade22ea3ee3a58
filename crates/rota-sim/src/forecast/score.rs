//! How often forecasts were right: over all, by lab, by how long the wait was said to be, by week; and of all that was said
//! until it happened, by how long before that, or by how far ahead it was said to be. Windows count as people see them.

use super::calibrate::Said;
use rota_core::forecast::{Band, GRAIN, Group, Hits};
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// Lengths that are told apart.
const LENGTHS: [Span; 4] = [Span::minutes(30), Span::hours(2), Span::hours(8), Span::hours(24)];

/// How long before that is told apart.
const BEFORE: [Span; 4] = [Span::hours(1), Span::hours(4), Span::hours(24), Span::hours(7 * 24)];

/// How far ahead is told apart.
const AHEAD: [Span; 3] = [Span::hours(1), Span::hours(6), Span::hours(24)];

const WEEK: u64 = Span::hours(7 * 24).0;

/// 1970-01-05 was a Monday.
const MONDAY: u64 = Span::hours(4 * 24).0;

/// Of those that have happened.
pub fn hits<'s>(said: impl Iterator<Item = &'s Said>) -> Vec<Hits> {
    let mut groups = Groups::default();
    for said in said {
        let Some(happened) = said.happened else { continue };
        for group in [Group::All, Group::Lab(said.lab.clone()), length(said), week(said.at)] {
            groups.add(group, said.at, said.shown, happened);
        }
    }
    groups.hits()
}

/// Of windows that were said at a moment, and when it happened, by how long before that they were said.
pub fn by_distance(said: impl Iterator<Item = (Time, Band, Time)>) -> Vec<Hits> {
    let mut groups = Groups::default();
    for (at, shown, happened) in said {
        let before = BEFORE.into_iter().find(|most| happened.since(at) < *most);
        groups.add(before.map_or(Group::LongBefore, Group::Before), at, shown, happened);
    }
    groups.hits()
}

/// The same by how far ahead their middle was: that is known when they are said, so it chooses no outcomes.
pub fn by_lead(said: impl Iterator<Item = (Time, Band, Time)>) -> Vec<Hits> {
    let mut groups = Groups::default();
    for (at, shown, happened) in said {
        let lead = shown.p50.since(at);
        let from = AHEAD.into_iter().rfind(|least| *least <= lead).unwrap_or(Span::ZERO);
        let until = AHEAD.into_iter().find(|most| lead < *most);
        for group in [Group::All, Group::Ahead { from, until }] {
            groups.add(group, at, shown, happened);
        }
    }
    groups.hits()
}

fn length(said: &Said) -> Group {
    let away = said.shown.p50.since(said.at);
    let longer = LENGTHS.into_iter().find(|most| away < *most);
    longer.map_or(Group::Longer, Group::Within)
}

fn week(at: Time) -> Group {
    let since = at.0.saturating_sub(MONDAY);
    Group::Week(Time(since / WEEK * WEEK + MONDAY))
}

/// Hits of each group, and how wide its windows were.
#[derive(Default)]
struct Groups(BTreeMap<Group, (Hits, Vec<u64>)>);

impl Groups {
    fn add(&mut self, group: Group, at: Time, shown: Band, happened: Time) {
        let shown = shown.seen();
        let (hits, widths) = self.0.entry(group).or_default();
        hits.forecasts += 1;
        hits.before_p90 += u64::from(happened <= shown.p90);
        hits.within += u64::from(shown.p10 <= happened && happened <= shown.p90);
        widths.push(width(at, shown));
    }

    fn hits(self) -> Vec<Hits> {
        let of = |(group, (hits, mut widths)): (Group, (Hits, Vec<u64>))| {
            widths.sort_unstable();
            let width = widths.get(widths.len() / 2).copied().unwrap_or(0);
            Hits { group, width, ..hits }
        };
        self.0.into_iter().map(of).collect()
    }
}

/// Late end over early end, in thousandths.
fn width(at: Time, shown: Band) -> u64 {
    let away = |end: Time| end.since(at).plus(GRAIN).0.max(1);
    u64::try_from(u128::from(away(shown.p90)) * 1000 / u128::from(away(shown.p10)))
        .unwrap_or(u64::MAX)
}
