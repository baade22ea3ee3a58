//! Writes a policy as a file that reads back the same, with a line for each word that says what it is.

use crate::table::Edge;
use crate::words::NIGHT;
use crate::{hosts, moment, when};
use rota_core::calendar::{When, Zone};
use rota_core::policy::price::{Prices, TimePrice};
use rota_core::policy::{
    Boost, Budget, Charge, Claim, Class, Idle, Lend, Limit, Patience, Policy, Pool, Reclaim, Share,
    WhenSpent,
};
use rota_core::units::{Span, Thousandths};
use std::fmt::Display;

/// The file of a policy.
pub fn write(policy: &Policy) -> String {
    let zone = &policy.zone;
    let mut out = head(policy);
    let list = |word: &str, says: &str, lines: Vec<String>| list(word, says, &lines);
    out += &list("pool", POOL, policy.pools.iter().map(pool).collect());
    out += &list("share", SHARE, policy.shares.iter().map(|s| share(s, zone)).collect());
    let claims = policy.claims.iter().map(|c| claim(c, zone));
    let boosts = policy.boosts.iter().map(|b| boost(b, zone));
    out += &list("claim", CLAIM, claims.chain(boosts).collect());
    out += &list("class", CLASS, policy.classes.iter().map(class).collect());
    out += &list("limit", LIMIT, policy.limits.iter().map(limit).collect());
    out += &list("budget", BUDGET, policy.budgets.iter().map(|b| budget(b, zone)).collect());
    out += &prices(&policy.prices, zone);
    out += &turns(policy);
    out + &idle(&policy.idle)
}

const POOL: &str =
    r#"1 sets of nodes: { name = "h100", nodes = ["h1", "g[01-36]"], own_ledger = true }"#;
const SHARE: &str =
    r#"2 weights in the tree university > lab > grant > person: { who = "lab/kim", share = 2 }"#;
const CLAIM: &str =
    r#"3 rights to GPUs: { who = "lab/lee", pool = "h100", gpus = 8, lend = true }"#;
const CLASS: &str = r#"4 kinds of job: { name = "short", rank = 2, max_time = "3h" }"#;
const LIMIT: &str = r#"5 never more than: { who = "each person", gpus = 4 }"#;
const BUDGET: &str =
    r#"6 purses: { who = "lab/kim/nrf-1", gpu_hours = 12000, per = "2026", stop_at = 1.25 }"#;

/// What stands before the nine words.
fn head(policy: &Policy) -> String {
    let charge = match policy.charge {
        Charge::Allocated => "allocated",
        Charge::Used => "used",
    };
    let mut out = format!("site     = {}\n", text(&policy.site));
    out += &format!("unit     = {}\n", text(&policy.unit));
    let zone = if policy.zone.name.is_empty() { "UTC" } else { &policy.zone.name };
    out += &format!("zone     = {}\n", text(zone));
    out += &format!(
        "memory   = {}     # past use counts half after this long\n",
        time(policy.half_life)
    );
    out += &format!("charge   = \"{charge}\"\n");
    out + &format!(
        "reserved = {}        # waiting jobs whose planned start nobody may delay\n",
        policy.reserved
    )
}

fn list(word: &str, says: &str, lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("  {{ {line} }},\n")).collect();
    format!("\n# {says}\n{word} = [\n{lines}]\n")
}

/// The keys of a line.
#[derive(Default)]
struct Keys(Vec<String>);

impl Keys {
    fn add(mut self, key: &str, value: impl Display) -> Keys {
        self.0.push(format!("{key} = {value}"));
        self
    }

    fn add_some<T>(self, key: &str, value: Option<T>, write: impl FnOnce(T) -> String) -> Keys {
        match value {
            Some(value) => self.add(key, write(value)),
            None => self,
        }
    }

    fn add_text(self, key: &str, value: &str) -> Keys {
        if value.is_empty() { self } else { self.add(key, text(value)) }
    }

    fn add_when(self, when: &When, zone: &Zone) -> Keys {
        self.add_some("when", when.weekly, |w| text(&when::write(&w)))
            .add_some("from", when.from, |at| date(&moment::write(at, zone, Edge::Start)))
            .add_some("until", when.until, |at| date(&moment::write(at, zone, Edge::End)))
    }

    fn line(self) -> String {
        self.0.join(", ")
    }
}

fn pool(pool: &Pool) -> String {
    let nodes: Vec<String> = hosts::fold(&pool.nodes).iter().map(|n| text(n)).collect();
    let keys = Keys::default().add("name", text(&pool.name));
    let keys = keys.add("nodes", format!("[{}]", nodes.join(", ")));
    if pool.own_ledger { keys.add("own_ledger", true).line() } else { keys.line() }
}

fn share(share: &Share, zone: &Zone) -> String {
    let keys = Keys::default().add("who", text(&share.who.to_string()));
    let keys = keys.add("share", Thousandths(share.share));
    keys.add_some("until", share.until, |at| date(&moment::write(at, zone, Edge::End))).line()
}

fn claim(claim: &Claim, zone: &Zone) -> String {
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
        .line()
}

fn boost(boost: &Boost, zone: &Zone) -> String {
    Keys::default()
        .add("who", text(&boost.who.to_string()))
        .add("boost", Thousandths(boost.boost))
        .add_when(&boost.when, zone)
        .add_text("why", &boost.why)
        .add_text("approved_by", &boost.approved_by)
        .line()
}

fn class(class: &Class) -> String {
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
    if class.default { keys.add("default", true).line() } else { keys.line() }
}

fn limit(limit: &Limit) -> String {
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
        .line()
}

fn budget(budget: &Budget, zone: &Zone) -> String {
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
        .line()
}

fn prices(prices: &Prices, zone: &Zone) -> String {
    let mut out = "\n# 7 price of a GPU hour, A100 = 1, a slice by its own name; times of day are factors: night = 0.7\n[price]\n".to_owned();
    for (model, price) in &prices.models {
        out += &format!("{} = {}\n", key(model), Thousandths(*price));
    }
    if prices.booking != Prices::default().booking {
        out += &format!("booking = {}\n", Thousandths(prices.booking));
    }
    for time in &prices.times {
        out += &format!("{} = {}\n", key(&time.name), time_price(time, zone));
    }
    if !prices.speeds.is_empty() {
        out += "\n# how fast models are, A100 = 1, where this site knows better than the table\n[speed]\n";
    }
    for (model, speed) in &prices.speeds {
        out += &format!("{} = {}\n", key(model), Thousandths(*speed));
    }
    out
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

fn turns(policy: &Policy) -> String {
    let mut out = format!(
        "\n# 8 how long a job holds its GPUs before it must let others in: everywhere, and in pools with a promise\n\
         [[turn]]\nslice = {}\n",
        time(policy.turn)
    );
    for turn in &policy.turns {
        out += &format!("[[turn]]\npool = {}\nslice = {}\n", text(&turn.pool), time(turn.slice));
        if let Some(wait) = turn.max_wait {
            out += &format!("max_wait = {}\n", time(wait));
        }
    }
    out
}

fn idle(idle: &Idle) -> String {
    let mut out =
        "\n# 9 GPUs held and not used: never_used = { warn = \"30m\", stop = \"1h\" }\n[idle]\n"
            .to_owned();
    let both = [("never_used", idle.never_used), ("stopped_using", idle.stopped_using)];
    for (key, Patience { warn, stop }) in both.into_iter().filter_map(|(k, p)| Some((k, p?))) {
        out += &format!("{key} = {{ warn = {}, stop = {} }}\n", time(warn), time(stop));
    }
    out
}

/// A text as TOML writes it.
fn text(text: &str) -> String {
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
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { text(name) }
}

/// A day stands without quotes.
fn date(moment: &str) -> String {
    if moment.len() == 10 { moment.to_owned() } else { text(moment) }
}

/// A length of time in all its units.
fn time(span: Span) -> String {
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
