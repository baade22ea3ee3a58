//! A random policy.

use super::{Member, Mix, monday};
use crate::dice::Dice;
use rota_core::calendar::{Period, Weekly, When};
use rota_core::node::Node;
use rota_core::policy::price::{Prices, TimePrice};
use rota_core::policy::who::{Scope, Who};
use rota_core::policy::{
    Boost, Budget, Claim, Class, Lend, Limit, Policy, Pool, Reclaim, Share, Turn, WhenSpent,
};
use rota_core::units::{Span, Time};

/// Rules for these machines and people.
pub fn policy(dice: &mut Dice, mix: &Mix, nodes: &[Node], members: &[Member]) -> Policy {
    let pools = pools(dice, mix, nodes);
    let mut policy = Policy {
        half_life: Span::hours(*dice.one_of(&[24, 7 * 24, 14 * 24])),
        turn: dice.minutes(60, 300),
        shares: shares(dice, mix, members),
        turns: turns(dice, &pools),
        pools,
        ..Policy::default()
    };
    if mix.classes.happens() && dice.once_in(2) {
        policy.classes = classes(dice);
    }
    if mix.claims.happens() && !policy.pools.is_empty() {
        let many = dice.below(4);
        policy.claims = (0..many).map(|_| claim(dice, &policy.pools, members)).collect();
    }
    if mix.limits.happens() {
        let many = dice.below(3);
        policy.limits = (0..many).map(|_| limit(dice, &policy, members)).collect();
    }
    if mix.dates.happens() {
        let many = dice.below(2);
        policy.boosts = (0..many).map(|_| boost(dice, members)).collect();
        let many = dice.below(3);
        policy.budgets = (0..many).map(|_| budget(dice, members)).collect();
    }
    if mix.prices.happens() && dice.once_in(2) {
        let night = Weekly { days: [true; 7], from: 22 * 60, to: 8 * 60 };
        let when = When { weekly: Some(night), ..When::default() };
        let times = vec![TimePrice { name: "night".into(), when, factor: 700 }];
        policy.prices = Prices { times, ..Prices::default() };
    }
    policy
}

/// Some nodes are in pools, the rest is in none.
fn pools(dice: &mut Dice, mix: &Mix, nodes: &[Node]) -> Vec<Pool> {
    let mut pools: Vec<Pool> = (0..dice.below(3))
        .map(|at| {
            let own_ledger = dice.once_in(2);
            let whole_only = mix.parts.happens() && dice.once_in(6);
            let mps = mix.parts.happens() && !whole_only && dice.once_in(4);
            Pool { name: format!("pool{at}"), nodes: vec![], own_ledger, whole_only, mps }
        })
        .collect();
    for node in nodes {
        let most = u32::try_from(pools.len()).unwrap_or(0);
        if let Some(pool) = pools.get_mut(dice.below(most + 1) as usize) {
            pool.nodes.push(node.name.clone());
        }
    }
    pools.retain(|pool| !pool.nodes.is_empty());
    pools
}

fn shares(dice: &mut Dice, mix: &Mix, members: &[Member]) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for _ in 0..dice.below(5) {
        let (who, share) = (someone(dice, members), dice.from_to(1, 4) * 1000);
        let ends = mix.dates.happens() && dice.once_in(4);
        let until = ends.then(|| some_day(dice));
        if !shares.iter().any(|s| s.who == who) {
            shares.push(Share { who, share, until });
        }
    }
    // A grant is known by a line about it.
    for member in members.iter().filter(|m| !m.grant.is_empty()) {
        let who = Who::Grant(member.lab.clone(), member.grant.clone());
        if !shares.iter().any(|s| s.who == who) {
            shares.push(Share { who, share: 1000, until: None });
        }
    }
    shares
}

/// A lab, a grant or a person.
fn someone(dice: &mut Dice, members: &[Member]) -> Who {
    let member = dice.one_of(members);
    match dice.below(3) {
        0 => Who::Lab(member.lab.clone()),
        1 => Who::Grant(member.lab.clone(), member.grant.clone()),
        _ => Who::Person(member.person.clone()),
    }
}

fn some_day(dice: &mut Dice) -> Time {
    monday().after(dice.minutes(0, 14 * 24 * 60))
}

fn turns(dice: &mut Dice, pools: &[Pool]) -> Vec<Turn> {
    let mut turns = Vec::new();
    for pool in pools {
        if dice.once_in(2) {
            let slice = dice.minutes(60, 240);
            let max_wait = dice.once_in(2).then(|| dice.minutes(600, 3000));
            turns.push(Turn { pool: pool.name.clone(), slice, max_wait });
        }
    }
    turns
}

fn classes(dice: &mut Dice) -> Vec<Class> {
    let class = |name: &str, rank, price| Class {
        name: name.into(),
        rank,
        pools: Vec::new(),
        max_time: None,
        gpus_per_person: None,
        jobs_per_person: None,
        protected: false,
        idle: None,
        price,
        default: name == "normal",
    };
    let jobs_per_person = dice.once_in(2).then(|| dice.from_to(1, 3));
    let gpus_per_person = dice.once_in(2).then(|| dice.from_to(2, 6));
    let protected = dice.once_in(2);
    vec![
        Class { jobs_per_person, ..class("interactive", 3, 1000) },
        Class { protected, gpus_per_person, ..class("short", 2, 1000) },
        class("normal", 1, 1000),
        class("spare", 0, 100),
    ]
}

fn claim(dice: &mut Dice, pools: &[Pool], members: &[Member]) -> Claim {
    let weekly = Weekly {
        days: std::array::from_fn(|_| dice.once_in(2)),
        from: dice.below(24 * 60),
        to: dice.below(24 * 60),
    };
    let when = When { weekly: dice.once_in(3).then_some(weekly), ..When::default() };
    let who = match dice.below(8) {
        0 => vec![Who::Nobody],
        1 | 2 => {
            let mut labs: Vec<Who> = members.iter().map(|m| Who::Lab(m.lab.clone())).collect();
            labs.dedup();
            labs
        }
        _ => vec![someone(dice, members)],
    };
    let bound = who == [Who::Nobody];
    Claim {
        when: if bound { When { weekly: Some(weekly), ..When::default() } } else { when },
        who,
        every: Span::hours(*dice.one_of(&[24, 7 * 24])),
        pool: dice.one_of(pools).name.clone(),
        gpus: dice.once_in(2).then(|| dice.from_to(1, 4)),
        lend: if bound { Lend::No } else { *dice.one_of(&[Lend::No, Lend::Owners, Lend::All]) },
        reclaim: *dice.one_of(&[Reclaim::Suspend, Reclaim::Requeue, Reclaim::Wait]),
        grace: dice.minutes(1, 10),
        max_time: dice.once_in(5).then(|| dice.minutes(60, 240)),
        why: String::new(),
        approved_by: String::new(),
    }
}

fn limit(dice: &mut Dice, policy: &Policy, members: &[Member]) -> Limit {
    let who = match dice.below(4) {
        0 => Scope::EachPerson,
        1 => Scope::EachGrant,
        2 => Scope::EachLab,
        _ => Scope::One(someone(dice, members)),
    };
    let pool = policy.pools.first().filter(|_| dice.once_in(2));
    let class = policy.classes.first().filter(|_| dice.once_in(3));
    let mut limit = Limit {
        who,
        pool: pool.map(|p| p.name.clone()),
        class: class.map(|c| c.name.clone()),
        gpus: None,
        jobs: None,
        gpus_per_job: None,
        max_time: None,
        booked_gpu_days: None,
    };
    match dice.below(5) {
        0 => limit.jobs = Some(dice.from_to(1, 3)),
        1 => limit.gpus_per_job = Some(dice.from_to(1, 3)),
        2 => limit.max_time = Some(dice.minutes(120, 480)),
        3 => limit.booked_gpu_days = Some(dice.from_to(300, 2000)),
        _ => limit.gpus = Some(dice.from_to(1, 6)),
    }
    limit
}

fn boost(dice: &mut Dice, members: &[Member]) -> Boost {
    let from = some_day(dice);
    let until = Some(from.after(dice.minutes(600, 6000)));
    let when = When { from: Some(from), until, weekly: None };
    let (why, approved_by) = (String::new(), String::new());
    Boost { who: someone(dice, members), boost: 2000, when, why, approved_by }
}

fn budget(dice: &mut Dice, members: &[Member]) -> Budget {
    let who = match dice.below(3) {
        0 => Scope::EachGrant,
        1 => Scope::EachPerson,
        _ => Scope::One(someone(dice, members)),
    };
    let from = some_day(dice);
    Budget {
        who,
        gpu_hours: u64::from(dice.from_to(2, 40)) * 1000,
        per: match dice.below(3) {
            0 => Period::Between(from, from.after(dice.minutes(3000, 10_000))),
            1 => Period::Year,
            _ => Period::Month,
        },
        when_spent: *dice.one_of(&[WhenSpent::Spare, WhenSpent::Stop, WhenSpent::Show]),
        stop_at: dice.once_in(2).then_some(1250),
    }
}
