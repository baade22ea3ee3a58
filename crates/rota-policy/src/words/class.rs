//! 4: kinds of job.

use crate::table::Row;
use rota_core::policy::Class;
use rota_core::policy::verify::Word;

pub(super) fn read(row: &mut Row, at: usize) -> Class {
    row.note(Word::Class, at);
    row.need("name", "name = \"short\"");
    row.need("rank", "rank = 2");
    Class {
        name: row.text("name").unwrap_or_default(),
        rank: rank(row).unwrap_or(1),
        pools: pools(row),
        max_time: row.span("max_time"),
        gpus_per_person: row.count("gpus_per_person"),
        jobs_per_person: row.count("jobs_per_person"),
        protected: row.flag("protected").unwrap_or(false),
        idle: super::patience(row, "idle"),
        price: row.decimal("price").unwrap_or(1000),
        default: row.flag("default").unwrap_or(false),
    }
}

fn rank(row: &mut Row) -> Option<u8> {
    let value = row.value("rank")?;
    let found = crate::value::whole(value.get_ref()).and_then(|rank| u8::try_from(rank).ok());
    if found.is_none() {
        row.wrong(
            "rank",
            &value.span(),
            ("policy-bad-rank", "a number from 0 to 255; higher goes first"),
        );
    }
    found
}

/// Names of pools; none: its jobs run anywhere.
fn pools(row: &mut Row) -> Vec<String> {
    let mut all = Vec::new();
    for value in row.list("pools") {
        match value.get_ref().as_str() {
            Some(name) => all.push(name.to_owned()),
            None => row.wrong("pools", &value.span(), ("policy-bad-text", "text in quotes")),
        }
    }
    all
}
