//! 7: what a GPU hour costs, by model and time of day; and how fast models are.

use crate::table::{Edge, Row};
use rota_core::calendar::{Weekly, When};
use rota_core::gpu::known_model;
use rota_core::policy::price::{Prices, TimePrice};
use rota_core::policy::verify::Word;
use rota_core::slice::{kind, named};
use std::collections::BTreeMap;
use toml::de::DeValue;

/// 22:00-08:00, which `night = 0.7` means.
pub(crate) const NIGHT: Weekly = Weekly { days: [true; 7], from: 22 * 60, to: 8 * 60 };

pub(super) fn read(root: &mut Row) -> Prices {
    let mut prices = Prices::default();
    if let Some(mut row) = root.table("price", "a table, such as [price]") {
        row.note(Word::Price, 0);
        if row.has("booking") {
            prices.booking = row.decimal("booking").unwrap_or(prices.booking);
        }
        for (key, _, value) in row.rest() {
            match value.get_ref() {
                DeValue::Table(_) => prices.times.extend(time(&mut row, key)),
                _ if key == "night" => {
                    let factor = row.decimal_of(key, value).unwrap_or(1000);
                    let when = When { weekly: Some(NIGHT), ..When::default() };
                    prices.times.push(TimePrice { name: key.into(), when, factor });
                }
                _ => {
                    let price = row.decimal_of(key, value).unwrap_or(1000);
                    prices.models.insert(canonical(key), price);
                }
            }
        }
    }
    prices.speeds = speeds(root);
    prices
}

/// `night = { factor = 0.7, when = "daily 22:00-08:00" }`.
fn time(row: &mut Row, key: &str) -> Option<TimePrice> {
    let (_, _, value) = row.rest().into_iter().find(|(k, ..)| *k == key)?;
    let table = value.get_ref().as_table()?;
    let mut inner = Row::new(&mut *row.reader, table, value.span(), "time");
    inner.need("factor", "factor = 0.7");
    if !inner.has("from") && !inner.has("until") {
        inner.need("when", "when = \"daily 22:00-08:00\"");
    }
    let (factor, weekly) = (inner.decimal("factor"), inner.weekly("when"));
    let when = When {
        from: inner.moment("from", Edge::Start),
        until: inner.moment("until", Edge::End),
        weekly,
    };
    inner.finish();
    Some(TimePrice { name: key.into(), when, factor: factor? })
}

fn speeds(root: &mut Row) -> BTreeMap<String, u32> {
    let Some(mut row) = root.table("speed", "a table, such as [speed]") else {
        return BTreeMap::new();
    };
    let all = row
        .rest()
        .into_iter()
        .filter_map(|(key, _, value)| Some((canonical(key), row.decimal_of(key, value)?)));
    all.collect()
}

/// `rtx 3090` as the inventory writes it: `RTX3090`, `h100-1g.10gb`: `H100-1g.10gb`. Names of models that nobody knows stay.
pub(crate) fn canonical(model: &str) -> String {
    if named(&model.to_ascii_lowercase()).is_some() {
        return kind(model).model;
    }
    let plain = |t: &str| {
        t.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
    };
    let known = known_model(model).filter(|m| plain(m.name) == plain(model));
    known.map_or_else(|| model.to_owned(), |m| m.name.to_owned())
}
