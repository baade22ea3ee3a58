//! How often forecasts were right: over all, by lab, by how long the wait was said to be, by week.

use super::calibrate::Said;
use rota_core::forecast::{GRAIN, Group, Hits};
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// Lengths that are told apart.
const LENGTHS: [Span; 4] = [Span::minutes(30), Span::hours(2), Span::hours(8), Span::hours(24)];

const WEEK: u64 = Span::hours(7 * 24).0;

/// 1970-01-05 was a Monday.
const MONDAY: u64 = Span::hours(4 * 24).0;

/// Of those that have happened.
pub fn hits<'s>(said: impl Iterator<Item = &'s Said>) -> Vec<Hits> {
    let mut groups: BTreeMap<Group, Vec<&Said>> = BTreeMap::new();
    for said in said.filter(|said| said.happened.is_some()) {
        for group in [Group::All, Group::Lab(said.lab.clone()), length(said), week(said.at)] {
            groups.entry(group).or_default().push(said);
        }
    }
    groups.into_iter().map(|(group, said)| of(group, &said)).collect()
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

fn of(group: Group, said: &[&Said]) -> Hits {
    let count = |is: &dyn Fn(Time, &Said) -> bool| {
        let hit = |said: &&&Said| said.happened.is_some_and(|at| is(at, said));
        u64::try_from(said.iter().filter(hit).count()).unwrap_or(u64::MAX)
    };
    let mut widths: Vec<u64> = said.iter().map(|said| width(said)).collect();
    widths.sort_unstable();
    Hits {
        group,
        forecasts: u64::try_from(said.len()).unwrap_or(u64::MAX),
        before_p90: count(&|at, said| at <= said.shown.p90),
        within: count(&|at, said| said.shown.p10 <= at && at <= said.shown.p90),
        width: widths.get(widths.len() / 2).copied().unwrap_or(0),
    }
}

/// Late end over early end, in thousandths.
fn width(said: &Said) -> u64 {
    let away = |at: Time| at.since(said.at).plus(GRAIN).0.max(1);
    u64::try_from(u128::from(away(said.shown.p90)) * 1000 / u128::from(away(said.shown.p10)))
        .unwrap_or(u64::MAX)
}
