//! The nine words, a file for each that has more than a few keys.

mod budget;
mod claim;
mod class;
mod limit;
mod pool;
mod price;
mod share;
mod turn;

pub(crate) use price::{NIGHT, canonical};

use crate::fault::Said;
use crate::table::{Row, tables};
use crate::zone;
use rota_core::policy::verify::Word;
use rota_core::policy::{Charge, Idle, Patience, Policy};
use toml::de::DeValue;

/// All of a file.
pub(crate) fn policy(mut root: Row) -> Policy {
    root.note(Word::Policy, 0);
    let default = Policy::default();
    read_zone(&mut root);
    let charges = [("allocated", Charge::Allocated), ("used", Charge::Used)];
    let mut policy = Policy {
        site: root.text("site").unwrap_or_default(),
        unit: root.text("unit").unwrap_or(default.unit),
        zone: root.reader.zone.clone(),
        half_life: root.span("memory").unwrap_or(default.half_life),
        charge: root.choice("charge", &charges).unwrap_or_default(),
        reserved: root.count("reserved").unwrap_or(default.reserved),
        turn: default.turn,
        pools: rows(&mut root, "pool", pool::read),
        shares: rows(&mut root, "share", share::read),
        claims: Vec::new(),
        boosts: Vec::new(),
        classes: rows(&mut root, "class", class::read),
        limits: rows(&mut root, "limit", limit::read),
        budgets: rows(&mut root, "budget", budget::read),
        prices: price::read(&mut root),
        turns: Vec::new(),
        idle: idle(&mut root),
    };
    let (mut claims, mut boosts) = (0, 0);
    let rights = rows(&mut root, "claim", |row, _| claim::read(row, &mut claims, &mut boosts));
    for right in rights {
        match right {
            claim::Right::Claim(claim) => policy.claims.push(claim),
            claim::Right::Boost(boost) => policy.boosts.push(boost),
        }
    }
    let mut promises = 0;
    for turn in rows(&mut root, "turn", |row, _| turn::read(row, &mut promises)) {
        match turn {
            turn::Read::Default(slice) => policy.turn = slice,
            turn::Read::Pool(turn) => policy.turns.push(turn),
        }
    }
    root.finish();
    policy
}

fn read_zone(root: &mut Row) {
    let Some(name) = root.text("zone") else { return };
    match zone::named(&name) {
        Some(found) => root.reader.zone = found,
        None => {
            let at = root.value("zone").map_or(0..0, toml::Spanned::span);
            let meant = zone::nearest(&name).map(|n| format!("\"{n}\""));
            root.wrong_meant(
                "zone",
                &at,
                ("policy-bad-zone", "a time zone, such as \"Asia/Seoul\""),
                meant,
            );
        }
    }
}

/// The lines of a word, each with its place among them.
fn rows<T>(
    root: &mut Row,
    word: &'static str,
    mut read: impl FnMut(&mut Row, usize) -> T,
) -> Vec<T> {
    let Some(value) = root.value(word) else { return Vec::new() };
    let found = match tables(value) {
        Ok(found) => found,
        Err(not) => {
            let message =
                format!("a {word} is a table, such as {word} = [ {{ … }} ] or [[{word}]]");
            for at in not {
                let args = [("word", word.to_owned())];
                root.reader.faults.error(&at, Said::new("policy-no-table", args, message.clone()));
            }
            return Vec::new();
        }
    };
    let each = found.into_iter().enumerate().map(|(number, (table, at))| {
        let mut row = Row::new(&mut *root.reader, table, at, word);
        let made = read(&mut row, number);
        row.finish();
        made
    });
    each.collect()
}

/// The one table of a word.
fn idle(root: &mut Row) -> Idle {
    let Some(value) = root.value("idle") else { return Idle::default() };
    let DeValue::Table(table) = value.get_ref() else {
        root.wrong("idle", &value.span(), ("policy-bad-table", "a table, such as [idle]"));
        return Idle::default();
    };
    let mut row = Row::new(&mut *root.reader, table, value.span(), "idle");
    row.note(Word::Idle, 0);
    let read = Idle {
        never_used: patience_or_never(&mut row, "never_used", Patience::USUAL),
        stopped_using: patience_or_never(&mut row, "stopped_using", Patience::USUAL),
        interactive: patience_or_never(&mut row, "interactive", Patience::AT_A_TERMINAL),
        sm_below: row.decimal("sm_below").unwrap_or(0),
    };
    row.finish();
    read
}

/// What is usual where nothing is said; none for `"never"`.
fn patience_or_never(row: &mut Row, key: &'static str, usual: Patience) -> Option<Patience> {
    let Some(value) = row.value(key) else { return Some(usual) };
    if value.get_ref().as_str() == Some("never") { None } else { patience(row, key) }
}

pub(super) fn patience(row: &mut Row, key: &'static str) -> Option<Patience> {
    let mut inner = row.table(key, "a table, such as { warn = \"30m\", stop = \"1h\" }")?;
    inner.need("warn", "warn = \"30m\"");
    inner.need("stop", "stop = \"1h\"");
    let (warn, stop) = (inner.span("warn"), inner.span("stop"));
    inner.finish();
    Some(Patience { warn: warn?, stop: stop? })
}
