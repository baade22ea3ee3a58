//! What must make no difference: the size of weights, the week, names.

use crate::look::seeds;
use rota_core::event::Event;
use rota_core::policy::Share;
use rota_core::policy::who::{Scope, Who};
use rota_core::units::{Span, Time};
use rota_sim::run::{Arrival, World};
use rota_sim::workload::{May, Mix, Workload};

/// What was decided and what came of it, without the names of people: those are in what was asked.
fn story(world: &World, back: Span) -> Vec<(Time, Event)> {
    let told = |fact: &Event| {
        !matches!(
            fact,
            Event::PolicySet { .. }
                | Event::NodeAdded { .. }
                | Event::Submitted { .. }
                | Event::Held { .. }
                | Event::Released { .. }
                | Event::CancelAsked { .. }
                | Event::Pinned { .. }
                | Event::Unpinned { .. }
                | Event::Ended { outcome: rota_core::job::Outcome::Cancelled { .. }, .. }
        )
    };
    let facts = world.log.iter().filter(|(_, fact)| told(fact));
    let earlier = |at: Time| Time(at.0.saturating_sub(back.0));
    let moved = |fact: &Event| {
        let mut fact = fact.clone();
        match &mut fact {
            Event::WentIdle { since: at, .. } | Event::IdleWarned { until: Some(at), .. } => {
                *at = earlier(*at);
            }
            _ => {}
        }
        fact
    };
    facts.map(|(at, fact)| (earlier(*at), moved(fact))).collect()
}

/// Compares the stories of two worlds.
fn same(seed: u64, one: &[(Time, Event)], other: &[(Time, Event)]) {
    let apart = one.iter().zip(other).position(|(a, b)| a != b);
    if let Some(at) = apart {
        panic!("seed {seed}: {:?} became {:?}", one[at], other[at]);
    }
    assert_eq!(one.len(), other.len(), "seed {seed}");
}

/// A line for everyone, so that no weight is left out.
fn with_all_shares(mut workload: Workload) -> Workload {
    let named = |who: &Who, shares: &[Share]| shares.iter().any(|s| s.who == *who);
    for member in workload.members.clone() {
        let places = [
            Who::Lab(member.lab.clone()),
            Who::Grant(member.lab.clone(), member.grant.clone()),
            Who::Person(member.person.clone()),
        ];
        for who in places {
            if !named(&who, &workload.policy.shares) {
                workload.policy.shares.push(Share { who, share: 1000, until: None });
            }
        }
    }
    workload
}

#[test]
fn all_weights_times_the_same_number_change_nothing() {
    let mix = Mix { dates: May::No, ..Mix::ALL };
    for seed in seeds(60) {
        let workload = with_all_shares(Workload::of(seed, &mix));
        let before = story(&workload.play(None), Span::ZERO);
        for times in [2, 7, 1000] {
            let mut scaled = workload.clone();
            scaled.policy.shares.iter_mut().for_each(|line| line.share *= times);
            same(seed, &before, &story(&scaled.play(None), Span::ZERO));
        }
    }
}

/// Dates in a policy are about certain days; a rotation is the same again only after a whole round.
#[test]
fn whole_weeks_later_all_happens_the_same() {
    let mix = Mix { dates: May::No, ..Mix::ALL };
    for seed in seeds(60) {
        let workload = Workload::of(seed, &mix);
        let weeks = Span::hours(12 * 7 * 24);
        let mut later = workload.clone();
        later.arrivals.iter_mut().for_each(|(at, _)| *at = at.after(weeks));
        later.until = later.until.after(weeks);
        same(seed, &story(&workload.play(None), Span::ZERO), &story(&later.play(None), weeks));
    }
}

/// Names backwards, so that their order is another one.
fn renamed(name: &str) -> String {
    if name.is_empty() {
        String::new()
    } else {
        format!("{}x", name.chars().rev().collect::<String>())
    }
}

fn rename(who: &Who) -> Who {
    match who {
        Who::Nobody => Who::Nobody,
        Who::Everyone => Who::Everyone,
        Who::Lab(lab) => Who::Lab(renamed(lab)),
        Who::Grant(lab, grant) => Who::Grant(renamed(lab), renamed(grant)),
        Who::Person(person) => Who::Person(renamed(person)),
    }
}

fn rename_scope(scope: &mut Scope) {
    if let Scope::One(who) = scope {
        *who = rename(who);
    }
}

/// Ties are broken by the number of a node and of a job, never by a name, so names may come in any order.
#[test]
fn names_of_labs_grants_people_pools_and_nodes_make_no_difference() {
    for seed in seeds(60) {
        let workload = Workload::of(seed, &Mix::ALL);
        let mut other = workload.clone();
        let policy = &mut other.policy;
        policy.shares.iter_mut().for_each(|line| line.who = rename(&line.who));
        policy.boosts.iter_mut().for_each(|line| line.who = rename(&line.who));
        policy.limits.iter_mut().for_each(|line| rename_scope(&mut line.who));
        policy.budgets.iter_mut().for_each(|line| rename_scope(&mut line.who));
        for claim in &mut policy.claims {
            claim.who.iter_mut().for_each(|who| *who = rename(who));
            claim.pool = renamed(&claim.pool);
        }
        for pool in &mut policy.pools {
            pool.name = renamed(&pool.name);
            pool.nodes.iter_mut().for_each(|node| *node = renamed(node));
        }
        policy.turns.iter_mut().for_each(|turn| turn.pool = renamed(&turn.pool));
        for limit in &mut policy.limits {
            limit.pool = limit.pool.as_deref().map(renamed);
        }
        other.nodes.iter_mut().for_each(|node| node.name = renamed(&node.name));
        for (_, arrival) in &mut other.arrivals {
            let Arrival::Ask(asker, request, _) = arrival else { continue };
            asker.lab = renamed(&asker.lab);
            asker.grant = renamed(&asker.grant);
            asker.person = renamed(&asker.person);
            if let rota_core::request::Request::Submit { spec, .. } = request.as_mut() {
                spec.pool = spec.pool.as_deref().map(renamed);
            }
        }
        let told = |workload: &Workload| {
            let mut story = story(&workload.play(None), Span::ZERO);
            // Why a job is lost names its node.
            story.retain(|(_, fact)| !matches!(fact, Event::Requeued { lost: Some(_), .. }));
            story.retain(|(_, fact)| {
                let Event::Ended { outcome, .. } = fact else { return true };
                !matches!(outcome, rota_core::job::Outcome::Lost { .. })
            });
            story
        };
        same(seed, &told(&workload), &told(&other));
    }
}
