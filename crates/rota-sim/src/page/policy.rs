//! Lines of a page about the policy and about bookings.
//!
//! | line | meaning |
//! |---|---|
//! | `pool NAME n0,n1` | with `own`: its own ledger |
//! | `turns POOL 2h` | with `max_wait=` |
//! | `claim WHO,WHO POOL` | with `gpus=` `lend=` `reclaim=` `grace=` `max_time=` `every=` and a time |
//! | `boost WHO 2`, `share WHO 2` | a boost with a time |
//! | `class NAME RANK` | with `max_time=` `pools=` `gpus=` `jobs=` `price=` `idle=20m-30m` `protected` `default` |
//! | `limit WHO` | with `pool=` `class=` `gpus=` `jobs=` `gpus_per_job=` `max_time=` `booked_gpu_days=` |
//! | `budget WHO 12` | GPU-hours, with `per=` (year), `when_spent=` (spare), `stop_at=` |
//! | `idle never_used 30m-1h`, `idle stopped_using never` | how long GPUs may do nothing |
//! | `price MODEL 2.2`, `price NAME 0.5 TIME`, `price booking 1.5` | a model; hours; the factor of bookings |
//!
//! WHO is as in a policy, or `each-person`, `each-grant`, `each-lab`. A time is `from=2h`, `until=5h`,
//! `daily=13:00-16:00` or `weekly=Mon,Tue:13:00-16:00`; a page begins on a Thursday, at midnight.

use super::{Story, number, span_of};
use rota_core::calendar::{Period, Weekly, When};
use rota_core::policy::price::TimePrice;
use rota_core::policy::who::{Scope, Who};
use rota_core::policy::{
    Boost, Budget, Claim, Class, Lend, Limit, Patience, Policy, Pool, Reclaim, Share, Turn,
    WhenSpent,
};
use rota_core::request::{Request, Wish};
use rota_core::units::{Span, Thousandths, Time};

/// Reads a line about the policy; none where it is about something else.
pub(super) fn read(story: &mut Story, words: &[&str]) -> Option<Result<(), String>> {
    let policy = &mut story.policy;
    let read = match words {
        ["pool", name, nodes, fields @ ..] => {
            let nodes = nodes.split(',').map(str::to_owned).collect();
            let own_ledger = fields.contains(&"own");
            let (whole_only, mps) = (fields.contains(&"whole"), fields.contains(&"mps"));
            policy.pools.push(Pool { name: (*name).into(), nodes, own_ledger, whole_only, mps });
            Ok(())
        }
        ["turns", pool, slice, fields @ ..] => {
            turns(pool, slice, fields).map(|t| policy.turns.push(t))
        }
        ["claim", who, pool, fields @ ..] => {
            claim(who, pool, fields).map(|c| policy.claims.push(c))
        }
        ["boost", who, factor, fields @ ..] => {
            boost(who, factor, fields).map(|b| policy.boosts.push(b))
        }
        ["share", whose, share] => who(whose)
            .and_then(|who| Ok(Share { who, share: thousandths(share)?, until: None }))
            .map(|s| policy.shares.push(s)),
        ["class", name, rank, fields @ ..] => {
            class(name, rank, fields).map(|c| policy.classes.push(c))
        }
        ["limit", who, fields @ ..] => limit(who, fields).map(|l| policy.limits.push(l)),
        ["budget", who, hours, fields @ ..] => {
            budget(who, hours, fields).map(|b| policy.budgets.push(b))
        }
        ["idle", kind, value] => patience_of(policy, kind, value),
        ["price", name, factor, fields @ ..] => price(story, name, factor, fields),
        _ => return None,
    };
    Some(read)
}

fn turns(pool: &str, slice: &str, fields: &[&str]) -> Result<Turn, String> {
    let mut turn = Turn { pool: pool.into(), slice: span_of(slice)?, max_wait: None };
    for (name, value) in split(fields) {
        match name {
            "max_wait" => turn.max_wait = Some(span_of(value)?),
            _ => return unknown("turns", name),
        }
    }
    Ok(turn)
}

fn claim(who_list: &str, pool: &str, fields: &[&str]) -> Result<Claim, String> {
    let mut claim = Claim {
        who: who_list.split(',').map(who).collect::<Result<_, _>>()?,
        every: Span::hours(7 * 24),
        pool: pool.into(),
        gpus: None,
        when: When::default(),
        lend: Lend::All,
        reclaim: Reclaim::Suspend,
        grace: Span::minutes(5),
        max_time: None,
        why: String::new(),
        approved_by: String::new(),
    };
    for (name, value) in split(fields) {
        match name {
            "gpus" => claim.gpus = Some(number(value)?),
            "every" => claim.every = span_of(value)?,
            "grace" => claim.grace = span_of(value)?,
            "max_time" => claim.max_time = Some(span_of(value)?),
            "lend" => {
                claim.lend = match value {
                    "no" => Lend::No,
                    "owners" => Lend::Owners,
                    "all" => Lend::All,
                    _ => return Err("lend is no, owners, all".into()),
                }
            }
            "reclaim" => {
                claim.reclaim = match value {
                    "suspend" => Reclaim::Suspend,
                    "requeue" => Reclaim::Requeue,
                    "wait" => Reclaim::Wait,
                    _ => return Err("reclaim is suspend, requeue, wait".into()),
                }
            }
            _ => when(&mut claim.when, name, value)?,
        }
    }
    Ok(claim)
}

fn boost(whose: &str, factor: &str, fields: &[&str]) -> Result<Boost, String> {
    let mut times = When::default();
    for (name, value) in split(fields) {
        when(&mut times, name, value)?;
    }
    let (who, boost) = (who(whose)?, thousandths(factor)?);
    Ok(Boost { who, boost, when: times, why: String::new(), approved_by: String::new() })
}

fn class(name: &str, rank: &str, fields: &[&str]) -> Result<Class, String> {
    let rank = rank.parse().map_err(|_| format!("'{rank}' is no rank"))?;
    let mut class = Class {
        name: name.into(),
        rank,
        pools: Vec::new(),
        max_time: None,
        gpus_per_person: None,
        jobs_per_person: None,
        protected: false,
        idle: None,
        price: 1000,
        default: false,
    };
    for (name, value) in split(fields) {
        match name {
            "max_time" => class.max_time = Some(span_of(value)?),
            "pools" => class.pools = value.split(',').map(str::to_owned).collect(),
            "gpus" => class.gpus_per_person = Some(number(value)?),
            "jobs" => class.jobs_per_person = Some(number(value)?),
            "price" => class.price = thousandths(value)?,
            "protected" => class.protected = true,
            "idle" => class.idle = Some(patience(value)?),
            "default" => class.default = true,
            _ => return unknown("class", name),
        }
    }
    Ok(class)
}

/// `30m-1h`: when people are told, and when others may have what is not used.
fn patience(text: &str) -> Result<Patience, String> {
    let (warn, stop) = text.split_once('-').ok_or("write 30m-1h")?;
    Ok(Patience { warn: span_of(warn)?, stop: span_of(stop)? })
}

fn patience_of(policy: &mut Policy, kind: &str, value: &str) -> Result<(), String> {
    let patience = if value == "never" { None } else { Some(patience(value)?) };
    match kind {
        "never_used" => policy.idle.never_used = patience,
        "stopped_using" => policy.idle.stopped_using = patience,
        "interactive" => policy.idle.interactive = patience,
        _ => return unknown("idle", kind),
    }
    Ok(())
}

fn limit(who: &str, fields: &[&str]) -> Result<Limit, String> {
    let mut limit = Limit {
        who: scope(who)?,
        pool: None,
        class: None,
        gpus: None,
        jobs: None,
        gpus_per_job: None,
        max_time: None,
        booked_gpu_days: None,
    };
    for (name, value) in split(fields) {
        match name {
            "pool" => limit.pool = Some(value.into()),
            "class" => limit.class = Some(value.into()),
            "gpus" => limit.gpus = Some(number(value)?),
            "jobs" => limit.jobs = Some(number(value)?),
            "gpus_per_job" => limit.gpus_per_job = Some(number(value)?),
            "max_time" => limit.max_time = Some(span_of(value)?),
            "booked_gpu_days" => limit.booked_gpu_days = Some(thousandths(value)?),
            _ => return unknown("limit", name),
        }
    }
    Ok(limit)
}

fn budget(who: &str, hours: &str, fields: &[&str]) -> Result<Budget, String> {
    let mut budget = Budget {
        who: scope(who)?,
        gpu_hours: u64::from(thousandths(hours)?),
        per: Period::Year,
        when_spent: WhenSpent::Spare,
        stop_at: None,
    };
    for (name, value) in split(fields) {
        match (name, value) {
            ("per", "year") => budget.per = Period::Year,
            ("per", "month") => budget.per = Period::Month,
            ("per", hours) => {
                let (from, until) = hours.split_once('-').ok_or("write per=0h-48h or year")?;
                let at = |text| Ok::<_, String>(Time(0).after(span_of(text)?));
                budget.per = Period::Between(at(from)?, at(until)?);
            }
            ("when_spent", "spare") => budget.when_spent = WhenSpent::Spare,
            ("when_spent", "stop") => budget.when_spent = WhenSpent::Stop,
            ("when_spent", "show") => budget.when_spent = WhenSpent::Show,
            ("stop_at", part) => budget.stop_at = Some(thousandths(part)?),
            _ => return unknown("budget", name),
        }
    }
    Ok(budget)
}

fn price(story: &mut Story, name: &str, factor: &str, fields: &[&str]) -> Result<(), String> {
    let (prices, factor) = (&mut story.policy.prices, thousandths(factor)?);
    let mut times = When::default();
    for (field, value) in split(fields) {
        when(&mut times, field, value)?;
    }
    match (name, fields) {
        ("booking", _) => prices.booking = factor,
        (model, []) => drop(prices.models.insert(model.into(), factor)),
        _ => prices.times.push(TimePrice { name: name.into(), when: times, factor }),
    }
    Ok(())
}

fn when(when: &mut When, name: &str, value: &str) -> Result<(), String> {
    let at = |text| Ok::<_, String>(Some(Time(0).after(span_of(text)?)));
    match name {
        "from" => when.from = at(value)?,
        "until" => when.until = at(value)?,
        "daily" => when.weekly = Some(weekly([true; 7], value)?),
        "weekly" => {
            let (names, hours) = value.split_once(':').ok_or("write Mon,Tue:13:00-16:00")?;
            let all = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
            let named = |day: &str| names.split(',').any(|name| name == day);
            when.weekly = Some(weekly(all.map(named), hours)?);
        }
        _ => return unknown("time", name),
    }
    Ok(())
}

fn weekly(days: [bool; 7], hours: &str) -> Result<Weekly, String> {
    let (from, to) = hours.split_once('-').ok_or("write 13:00-16:00")?;
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':').ok_or("write 13:00")?;
        Ok::<_, String>(number(hour)? * 60 + number(minute)?)
    };
    Ok(Weekly { days, from: minute(from)?, to: minute(to)? })
}

/// `book WHO gpus=2 from=5h for=3h`, with `pool=` and `gpu=`.
pub(super) fn wish(begins: Time, fields: &[&str]) -> Result<Request, String> {
    let (from, length) = (begins, Span::hours(1));
    let mut wish =
        Wish { gpus: 1, pool: None, models: Vec::new(), from, length, why: String::new() };
    for (name, value) in split(fields) {
        match name {
            "gpus" => wish.gpus = number(value)?,
            "pool" => wish.pool = Some(value.into()),
            "gpu" => wish.models = value.split(',').map(str::to_owned).collect(),
            "from" => wish.from = begins.after(span_of(value)?),
            "for" => wish.length = span_of(value)?,
            _ => return unknown("booking", name),
        }
    }
    Ok(Request::Book(wish))
}

fn split<'a>(fields: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    fields.iter().map(|f| f.split_once('=').unwrap_or((f, "")))
}

fn unknown<T>(what: &str, name: &str) -> Result<T, String> {
    Err(format!("a {what} has no '{name}'"))
}

fn who(text: &str) -> Result<Who, String> {
    Who::parse(text).ok_or_else(|| format!("'{text}' is nobody"))
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(&text.replace('-', " ")).or_else(|| Scope::parse(text)).ok_or("nobody".into())
}

pub(super) fn thousandths(text: &str) -> Result<u32, String> {
    Thousandths::parse(text).map(|t| t.0).ok_or_else(|| format!("'{text}' is no number"))
}
