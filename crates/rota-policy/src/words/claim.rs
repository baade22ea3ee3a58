//! 3: rights to GPUs, and boosts.

use crate::fault::Said;
use crate::table::{Edge, Row};
use crate::value::whole;
use rota_core::calendar::When;
use rota_core::policy::verify::Word;
use rota_core::policy::who::Who;
use rota_core::policy::{Boost, Claim, Lend, Reclaim};
use rota_core::units::Span;
use toml::de::DeValue;

/// A line of this word.
pub(super) enum Right {
    Claim(Claim),
    Boost(Boost),
}

pub(super) fn read(row: &mut Row, claims: &mut usize, boosts: &mut usize) -> Right {
    if row.has("boost") {
        row.note(Word::Boost, *boosts);
        *boosts += 1;
        return Right::Boost(boost(row));
    }
    row.note(Word::Claim, *claims);
    *claims += 1;
    Right::Claim(claim(row))
}

fn boost(row: &mut Row) -> Boost {
    row.need("who", "who = \"lab/park\"");
    Boost {
        who: row.who("who").unwrap_or(Who::Nobody),
        boost: row.decimal("boost").unwrap_or(1000),
        when: when(row),
        why: row.text("why").unwrap_or_default(),
        approved_by: row.text("approved_by").unwrap_or_default(),
    }
}

fn claim(row: &mut Row) -> Claim {
    let who = holders(row);
    row.need("pool", "pool = \"h100\"");
    if who != [Who::Nobody] {
        row.need("gpus", "gpus = 8, or gpus = \"all\"");
    }
    let reclaims =
        [("suspend", Reclaim::Suspend), ("requeue", Reclaim::Requeue), ("wait", Reclaim::Wait)];
    let every = if row.has("rotate") { row.span("every") } else { None };
    Claim {
        pool: row.text("pool").unwrap_or_default(),
        gpus: gpus(row),
        every: every.filter(|_| who.len() > 1).unwrap_or(Span::hours(7 * 24)),
        // Nobody is there to lend during maintenance.
        lend: lend(row).unwrap_or(if who == [Who::Nobody] { Lend::No } else { Lend::All }),
        who,
        when: when(row),
        reclaim: row.choice("reclaim", &reclaims).unwrap_or(Reclaim::Suspend),
        grace: row.span("grace").unwrap_or(Span::minutes(5)),
        max_time: row.span("max_time"),
        why: row.text("why").unwrap_or_default(),
        approved_by: row.text("approved_by").unwrap_or_default(),
    }
}

/// Whose it is, or who take turns with it.
fn holders(row: &mut Row) -> Vec<Who> {
    if !row.has("rotate") {
        row.need("who", "who = \"lab/lee\"");
        return vec![row.who("who").unwrap_or(Who::Everyone)];
    }
    if let Some(value) = row.value("who") {
        let message = "a claim is of one ('who') or rotates ('rotate'); leave one of them out";
        row.reader.faults.error(&value.span(), Said::new("policy-who-and-rotate", [], message));
    }
    let all = row.list("rotate").iter().filter_map(|value| row.who_of("rotate", value));
    all.collect()
}

/// How many GPUs; none: all.
fn gpus(row: &mut Row) -> Option<u32> {
    let value = row.value("gpus")?;
    match value.get_ref() {
        DeValue::String(text) if text.as_ref() == "all" => None,
        other if whole(other).is_some() => whole(other),
        _ => {
            row.wrong("gpus", &value.span(), ("policy-bad-gpus", "a number of GPUs or \"all\""));
            None
        }
    }
}

fn lend(row: &mut Row) -> Option<Lend> {
    let value = row.value("lend")?;
    match value.get_ref() {
        DeValue::Boolean(true) => Some(Lend::All),
        DeValue::Boolean(false) => Some(Lend::No),
        DeValue::String(text) if text.as_ref() == "owners" => Some(Lend::Owners),
        _ => {
            row.wrong("lend", &value.span(), ("policy-bad-lend", "true, false or \"owners\""));
            None
        }
    }
}

/// Dates and hours of the week.
fn when(row: &mut Row) -> When {
    let when = When {
        from: row.moment("from", Edge::Start),
        until: row.moment("until", Edge::End),
        weekly: row.weekly("when"),
    };
    if let (Some(from), Some(until)) = (when.from, when.until)
        && from >= until
    {
        let at = row.value("until").map_or(row.at.clone(), toml::Spanned::span);
        let message = "it ends before it begins; 'until' must come after 'from'";
        row.reader.faults.error(&at, Said::new("policy-ends-before-it-begins", [], message));
    }
    when
}
