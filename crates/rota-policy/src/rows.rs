//! Lines of the policy in the words of the file: keys and values as TOML writes them.

use crate::table::Edge;
use crate::words::NIGHT;
use crate::{hosts, moment, when};
use rota_core::calendar::{When, Zone};
use rota_core::policy::price::{Prices, TimePrice};
use rota_core::policy::{
    Boost, Budget, Charge, Claim, Class, Idle, Lend, Limit, Patience, Policy, Pool, Reclaim, Share,
    Turn, WhenSpent,
};
use rota_core::units::{Span, Thousandths};
use std::fmt::Display;

/// The keys of a line.
#[derive(Default)]
pub(crate) struct Keys(pub Vec<(String, String)>);

impl Keys {
    pub fn add(mut self, key: &str, value: impl Display) -> Keys {
        self.0.push((key.to_owned(), value.to_string()));
        self
    }

    pub fn add_some<T>(self, key: &str, value: Option<T>, write: impl FnOnce(T) -> String) -> Keys {
        match value {
            Some(value) => self.add(key, write(value)),
            None => self,
        }
    }

    pub fn add_text(self, key: &str, value: &str) -> Keys {
        if value.is_empty() { self } else { self.add(key, text(value)) }
    }

    pub fn add_when(self, when: &When, zone: &Zone) -> Keys {
        self.add_some("when", when.weekly, |w| text(&when::write(&w)))
            .add_some("from", when.from, |at| date(&moment::write(at, zone, Edge::Start)))
            .add_some("until", when.until, |at| date(&moment::write(at, zone, Edge::End)))
    }

    /// As it stands in the file.
    pub fn line(&self) -> String {
        let pairs = self.0.iter().map(|(key, value)| format!("{key} = {value}"));
        pairs.collect::<Vec<_>>().join(", ")
    }
}

pub(crate) fn pool(pool: &Pool) -> Keys {
    let nodes: Vec<String> = hosts::fold(&pool.nodes).iter().map(|n| text(n)).collect();
    let keys = Keys::default().add("name", text(&pool.name));
    let keys = keys.add("nodes", format!("[{}]", nodes.join(", ")));
    let keys = if pool.own_ledger { keys.add("own_ledger", true) } else { keys };
    let keys = if pool.whole_only { keys.add("whole_only", true) } else { keys };
    if pool.mps { keys.add("mps", true) } else { keys }
}

pub(crate) fn share(share: &Share, zone: &Zone) -> Keys {
    let keys = Keys::default().add("who", text(&share.who.to_string()));
    let keys = keys.add("share", Thousandths(share.share));
    keys.add_some("until", share.until, |at| date(&moment::write(at, zone, Edge::End)))
}

pub(crate) fn claim(claim: &Claim, zone: &Zone) -> Keys {
    let who: Vec<String> = claim.who.iter().map(|w| text(&w.to_string())).collect();
    let keys = match who.as_slice() {
        [who] => Keys::default().add("who", who),
        all => Keys::default()
            .add("rotate", format!("[{}]", all.join(", ")))
            .add("every", time(claim.every)),
    };
    let lend = match claim.lend {
        Lend::No => "false",
        Lend::Owners => "\"owners\"",
        Lend::All => "true",
    };
    let reclaim = match claim.reclaim {
        Reclaim::Suspend => "suspend",
        Reclaim::Requeue => "requeue",
        Reclaim::Wait => "wait",
    };
    keys.add("pool", text(&claim.pool))
        .add("gpus", claim.gpus.map_or_else(|| "\"all\"".to_owned(), |n| n.to_string()))
        .add_when(&claim.when, zone)
        .add("lend", lend)
        .add("reclaim", text(reclaim))
        .add("grace", time(claim.grace))
        .add_some("max_time", claim.max_time, time)
        .add_text("why", &claim.why)
        .add_text("approved_by", &claim.approved_by)
}

pub(crate) fn boost(boost: &Boost, zone: &Zone) -> Keys {
    Keys::default()
        .add("who", text(&boost.who.to_string()))
        .add("boost", Thousandths(boost.boost))
        .add_when(&boost.when, zone)
        .add_text("why", &boost.why)
        .add_text("approved_by", &boost.approved_by)
}

pub(crate) fn class(class: &Class) -> Keys {
    let pools: Vec<String> = class.pools.iter().map(|name| text(name)).collect();
    let pools = Some(pools).filter(|all| !all.is_empty());
    let keys = Keys::default()
        .add("name", text(&class.name))
        .add("rank", class.rank)
        .add_some("pools", pools, |all| format!("[{}]", all.join(", ")))
        .add_some("max_time", class.max_time, time)
        .add_some("gpus_per_person", class.gpus_per_person, |n| n.to_string())
        .add_some("jobs_per_person", class.jobs_per_person, |n| n.to_string())
        .add_some("price", Some(class.price).filter(|p| *p != 1000), |p| {
            Thousandths(p).to_string()
        });
    let keys = if class.protected { keys.add("protected", true) } else { keys };
    let keys = keys.add_some("idle", class.idle, patience);
    if class.default { keys.add("default", true) } else { keys }
}

pub(crate) fn limit(limit: &Limit) -> Keys {
    let count = |n: u32| n.to_string();
    Keys::default()
        .add("who", text(&limit.who.to_string()))
        .add_some("pool", limit.pool.as_deref(), text)
        .add_some("class", limit.class.as_deref(), text)
        .add_some("gpus", limit.gpus, count)
        .add_some("jobs", limit.jobs, count)
        .add_some("gpus_per_job", limit.gpus_per_job, count)
        .add_some("max_time", limit.max_time, time)
        .add_some("booked_gpu_days", limit.booked_gpu_days, |n| Thousandths(n).to_string())
}

pub(crate) fn budget(budget: &Budget, zone: &Zone) -> Keys {
    let spent = match budget.when_spent {
        WhenSpent::Spare => "spare",
        WhenSpent::Stop => "stop",
        WhenSpent::Show => "show",
    };
    Keys::default()
        .add("who", text(&budget.who.to_string()))
        .add("gpu_hours", large(budget.gpu_hours))
        .add("per", text(&moment::write_period(budget.per, zone)))
        .add("when_spent", text(spent))
        .add_some("stop_at", budget.stop_at, |n| Thousandths(n).to_string())
}

/// A text as TOML writes it.
pub(crate) fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            c if c.is_control() => out += &format!("\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

/// A key: bare where it may be.
pub(crate) fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { text(name) }
}

/// A day stands without quotes.
fn date(moment: &str) -> String {
    if moment.len() == 10 { moment.to_owned() } else { text(moment) }
}

/// A length of time in all its units.
pub(crate) fn time(span: Span) -> String {
    let s = span.0 / 1000;
    let parts = [(s / 86400, 'd'), (s / 3600 % 24, 'h'), (s / 60 % 60, 'm'), (s % 60, 's')];
    let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}"));
    text(&parts.collect::<String>())
}

fn large(thousandths: u64) -> String {
    let part = format!("{:03}", thousandths % 1000);
    match part.trim_end_matches('0') {
        "" => (thousandths / 1000).to_string(),
        part => format!("{}.{part}", thousandths / 1000),
    }
}

/// `charge` and what else stands before the nine words.
pub(crate) fn head(policy: &Policy) -> Keys {
    let charge = match policy.charge {
        Charge::Allocated => "allocated",
        Charge::Used => "used",
    };
    let zone = if policy.zone.name.is_empty() { "UTC" } else { &policy.zone.name };
    Keys::default()
        .add("site", text(&policy.site))
        .add("unit", text(&policy.unit))
        .add("zone", text(zone))
        .add("memory", time(policy.half_life))
        .add("charge", text(charge))
        .add("reserved", policy.reserved)
}

/// Prices by model and time of day.
pub(crate) fn prices(prices: &Prices, zone: &Zone) -> Keys {
    let mut keys = Keys::default();
    for (model, price) in &prices.models {
        keys = keys.add(&key(model), Thousandths(*price));
    }
    if prices.booking != Prices::default().booking {
        keys = keys.add("booking", Thousandths(prices.booking));
    }
    for time in &prices.times {
        keys = keys.add(&key(&time.name), time_price(time, zone));
    }
    keys
}

/// How fast models are.
pub(crate) fn speeds(prices: &Prices) -> Keys {
    let add =
        |keys: Keys, (model, speed): (&String, &u32)| keys.add(&key(model), Thousandths(*speed));
    prices.speeds.iter().fold(Keys::default(), add)
}

fn time_price(time: &TimePrice, zone: &Zone) -> String {
    let factor = Thousandths(time.factor);
    let night = When { weekly: Some(NIGHT), ..When::default() };
    if time.name == "night" && time.when == night {
        return factor.to_string();
    }
    let keys = Keys::default().add("factor", factor).add_when(&time.when, zone);
    format!("{{ {} }}", keys.line())
}

/// The turn of every pool that has no line.
pub(crate) fn default_turn(policy: &Policy) -> Keys {
    Keys::default().add("slice", time(policy.turn))
}

pub(crate) fn turn(turn: &Turn) -> Keys {
    Keys::default().add("pool", text(&turn.pool)).add("slice", time(turn.slice)).add_some(
        "max_wait",
        turn.max_wait,
        time,
    )
}

pub(crate) fn idle(idle: &Idle) -> Keys {
    let or_never = |p: Option<Patience>| p.map_or_else(|| text("never"), patience);
    Keys::default()
        .add("never_used", or_never(idle.never_used))
        .add("stopped_using", or_never(idle.stopped_using))
        .add("interactive", or_never(idle.interactive))
        .add_some("sm_below", Some(idle.sm_below).filter(|below| *below > 0), |below| {
            Thousandths(below).to_string()
        })
}

fn patience(p: Patience) -> String {
    format!("{{ warn = {}, stop = {} }}", time(p.warn), time(p.stop))
}
