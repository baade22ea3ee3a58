//! `--buy` and `--need`: what money buys, and how many nodes are needed.

use super::rows::{names, percent};
use super::source::Source;
use super::{Outcome, WhatifArgs, one};
use crate::cli::chart::Page;
use crate::cli::replay::restless;
use crate::cli::replay::table::{hours, thousandths};
use crate::fault::{Fault, failed, usage};
use crate::nodes_file::{self, Listed};
use crate::show;
use crate::text::{Lang, lang, tr};
use indicatif::ProgressBar;
use rota_core::id::GpuSet;
use rota_core::units::Span;
use rota_sim::whatif::Report;
use rota_sim::whatif::buy::{Money, Offer, Purchase, purchases};
use rota_sim::whatif::change::Nodes;
use rota_sim::whatif::need::{Goal, Need, need};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// How many purchases are shown; JSON and the file have all.
const SHOWN: usize = 10;

/// How wide the name of a purchase is at most.
const NAME: usize = 26;

/// What came of it.
#[derive(Default)]
pub struct Answers {
    money: Option<Money>,
    bought: Vec<Bought>,
    goal: Option<Goal>,
    needs: Vec<(Need, Option<Money>)>,
    /// Offers in another currency.
    apart: Vec<String>,
}

/// A purchase and what it makes of the jobs.
struct Bought {
    purchase: Purchase,
    /// Milliseconds of waiting that it saves.
    saved: i64,
    report: Report,
}

/// `1xH100x8 + 2xL40Sx8`
fn named(purchase: &Purchase) -> String {
    purchase.nodes.iter().map(Nodes::to_string).collect::<Vec<_>>().join(" + ")
}

/// Plays what was asked for.
pub fn answers(
    args: &WhatifArgs,
    source: &Source,
    base: &[Report],
    bar: &ProgressBar,
) -> Result<Answers, Fault> {
    let offers = args.prices.as_deref().map(prices).transpose()?.unwrap_or_default();
    let mut answers = Answers::default();
    let Some(base) = base.first() else { return Ok(answers) };
    if let Some(text) = &args.buy {
        let money = Money::parse(text).ok_or_else(|| usage!("whatif-bad-money", text = text))?;
        for purchase in purchases(&money, &offers) {
            let mut site = source.site.clone();
            for change in purchase.changes() {
                change.apply(&mut site).map_err(|bad| super::fault(&bad))?;
            }
            let report = one(source, &site, (bar, &named(&purchase)))?;
            answers.bought.push(Bought { purchase, saved: base.saved_by(&report), report });
        }
        let apart = offers.iter().filter(|offer| offer.price.currency != money.currency);
        answers.apart = apart.map(|o| format!("{}x{}", o.model, o.gpus)).collect();
        if answers.bought.is_empty() {
            return Err(failed!("whatif-buys-nothing", money = shown(&money)));
        }
        answers.bought.sort_by_key(|b| (-b.saved, b.report.shortage, b.purchase.price));
        answers.money = Some(money);
    }
    if args.need {
        let goal =
            Goal::parse(&args.goal).ok_or_else(|| usage!("whatif-bad-goal", text = args.goal))?;
        let load = |site: &_| source.load(site);
        for (model, gpus, price) in kinds(source, &offers) {
            bar.set_position(0);
            bar.set_message(format!("{model}x{gpus}"));
            let found = need(&source.site, (&model, gpus), (goal, base), &load, &mut || bar.inc(1));
            answers.needs.push((found.map_err(restless)?, price));
        }
        answers.goal = Some(goal);
    }
    Ok(answers)
}

/// Kinds of nodes to look at: those with a price, else those of the site.
fn kinds(source: &Source, offers: &[Offer]) -> Vec<(String, u32, Option<Money>)> {
    if offers.is_empty() {
        let nodes = source.site.nodes.iter().filter(|node| node.gpus > 0);
        let kinds: BTreeSet<(String, u32)> =
            nodes.filter_map(|node| Some((node.model.clone()?, node.gpus))).collect();
        return kinds.into_iter().map(|(model, gpus)| (model, gpus, None)).collect();
    }
    let offer = |o: &Offer| (o.model.clone(), o.gpus, Some(o.price.clone()));
    offers.iter().map(offer).collect()
}

/// What nodes cost: of each `model`, `gpus`, `price`, and where wanted `currency`.
fn prices(path: &Path) -> Result<Vec<Offer>, Fault> {
    let offer = |line: &Listed| {
        let (model, gpus) = (line.needed("model")?, line.count("gpus", GpuSet::MOST)?);
        let Nodes { model, gpus, .. } =
            Nodes::parse(&format!("1x{model}x{gpus}")).map_err(|_| line.bad("model"))?;
        let price =
            format!("{} {}", line.needed("price")?, line.get("currency").unwrap_or_default());
        Ok(Offer { model, gpus, price: Money::parse(&price).ok_or_else(|| line.bad("price"))? })
    };
    let offers = nodes_file::read(path)?;
    if offers.is_empty() {
        return Err(failed!("nodes-none", path = path.display()));
    }
    offers.iter().map(offer).collect()
}

/// Money as people write it: `960M KRW`, in Korean `9.6억 KRW`.
fn shown(money: &Money) -> String {
    let units = [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "K")];
    let won = [(1_000_000_000_000, "조"), (100_000_000, "억"), (10_000, "만")];
    let is_won = lang() == Lang::Ko && money.currency == "KRW";
    let found =
        if is_won { won } else { units }.into_iter().find(|(scale, _)| money.amount >= *scale);
    let (scale, unit) = found.unwrap_or((1, ""));
    let number = thousandths(
        u64::try_from(u128::from(money.amount) * 1000 / u128::from(scale)).unwrap_or(u64::MAX),
        2,
    );
    let number = number.trim_end_matches('0').trim_end_matches('.');
    format!("{number}{unit} {}", money.currency).trim_end().to_owned()
}

impl Answers {
    fn price(&self, amount: u64) -> String {
        let currency = self.money.as_ref().map_or_else(String::new, |m| m.currency.clone());
        shown(&Money { amount, currency })
    }

    fn bought_rows(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let header = [
            "whatif-buy",
            "whatif-price",
            "whatif-saved",
            "whatif-per-million",
            "whatif-p95-short",
            "whatif-shortage-short",
        ];
        let row = |b: &Bought| {
            let per_million = i128::from(b.saved) * 1_000_000 / i128::from(b.purchase.price.max(1));
            let per_million = i64::try_from(per_million).unwrap_or(i64::MAX);
            vec![
                show::shorten(&named(&b.purchase), NAME),
                self.price(b.purchase.price),
                signed_hours(b.saved),
                signed_hours(per_million),
                hours(b.report.waits.p95),
                percent(b.report.shortage),
            ]
        };
        (
            header.map(super::table::column).to_vec(),
            self.bought.iter().take(SHOWN).map(row).collect(),
        )
    }

    fn need_rows(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let header = [
            "whatif-kind",
            "whatif-nodes",
            "whatif-price",
            "whatif-p95-short",
            "whatif-shortage-short",
        ];
        let row = |(need, price): &(Need, Option<Money>)| {
            let count = need.nodes.count;
            let number =
                if need.is_met { count.to_string() } else { tr!("whatif-not-with", count = count) };
            let price = price.as_ref().filter(|_| need.is_met).map(|price| {
                let amount = price.amount.saturating_mul(u64::from(count));
                shown(&Money { amount: amount.max(u64::from(count > 0)), ..price.clone() })
            });
            vec![
                format!("{}x{}", need.nodes.model, need.nodes.gpus),
                number,
                price.filter(|_| count > 0).unwrap_or_else(|| "-".to_owned()),
                hours(need.report.waits.p95),
                percent(need.report.shortage),
            ]
        };
        (header.map(super::table::column).to_vec(), self.needs.iter().map(row).collect())
    }

    /// Every purchase that was played, by name.
    pub fn played(&self) -> impl Iterator<Item = (String, &Report)> {
        let needs =
            self.needs.iter().map(|(need, _)| (format!("need {}", need.nodes), &need.report));
        self.bought.iter().map(|b| (format!("buy {}", named(&b.purchase)), &b.report)).chain(needs)
    }

    /// Purchases for programs, the best first.
    pub fn purchases_json(&self) -> Vec<Value> {
        let currency = self.money.as_ref().map(|m| m.currency.as_str());
        let one = |b: &Bought| json!({ "nodes": named(&b.purchase), "price": b.purchase.price, "currency": currency, "saved_ms": b.saved, "report": b.report });
        self.bought.iter().map(one).collect()
    }

    /// Needs for programs.
    pub fn needs_json(&self) -> Vec<Value> {
        let goal = self.goal.map(|goal| goal.to_string());
        let one = |(need, price): &(Need, Option<Money>)| {
            json!({
                "model": need.nodes.model,
                "gpus": need.nodes.gpus,
                "nodes": need.nodes.count,
                "goal": goal,
                "is_met": need.is_met,
                "price_each": price.as_ref().map(|p| p.amount),
                "currency": price.as_ref().map(|p| p.currency.as_str()),
                "report": need.report,
            })
        };
        self.needs.iter().map(one).collect()
    }
}

/// Hours that may be fewer than none.
fn signed_hours(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    format!("{sign}{}", hours(Span(millis.unsigned_abs())))
}

impl Outcome {
    /// The site as it is.
    pub fn base(&self) -> &Report {
        &self.reports[0]
    }
}

/// Bought models that no job took, though they are there: nobody asked for them.
fn unused(outcome: &Outcome) -> Vec<String> {
    let all = outcome.money.bought.iter().flat_map(|b| {
        let ran = names(&|r: &Report| &r.models, std::slice::from_ref(&b.report));
        let models = b.purchase.nodes.iter().map(|nodes| nodes.model.clone());
        models.filter(move |model| !ran.iter().any(|(name, _)| name == model))
    });
    all.collect::<BTreeSet<String>>().into_iter().collect()
}

/// Title, heading and rows of what was asked for.
fn tables(outcome: &Outcome) -> Vec<(String, Vec<String>, Vec<Vec<String>>)> {
    let answers = &outcome.money;
    let mut all = Vec::new();
    if let Some(money) = &answers.money {
        let (header, rows) = answers.bought_rows();
        let title = tr!("whatif-buys", money = shown(money), played = answers.bought.len());
        all.push((title, header, rows));
    }
    if let Some(goal) = answers.goal {
        let (header, rows) = answers.need_rows();
        all.push((tr!("whatif-needs", goal = goal), header, rows));
    }
    all
}

/// As text.
pub fn text(outcome: &Outcome) -> String {
    let table = |(title, header, rows): (String, Vec<String>, Vec<Vec<String>>)| {
        show::wrapped("", &title) + &show::table(&header, rows, None) + "\n"
    };
    tables(outcome).into_iter().map(table).collect()
}

/// What must be known to read it.
pub fn notes(outcome: &Outcome) -> Vec<String> {
    let mut notes = Vec::new();
    let unused = unused(outcome);
    if !unused.is_empty() {
        notes.push(tr!("whatif-unused", models = unused.join(", ")));
    }
    let Answers { money, apart, .. } = &outcome.money;
    if let Some(money) = money.as_ref().filter(|_| !apart.is_empty()) {
        let (currency, offers) = (&money.currency, apart.join(", "));
        notes.push(tr!("whatif-other-currency", currency = currency, offers = offers));
    }
    notes
}

/// On a page.
pub fn page(page: &mut Page, outcome: &Outcome) {
    for (title, header, rows) in tables(outcome) {
        page.heading(&title);
        page.table(&header, &rows);
    }
}
