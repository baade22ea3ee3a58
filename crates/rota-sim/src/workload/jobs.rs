//! What people ask for at random.

use super::{Member, Mix, idles};
use crate::dice::Dice;
use crate::run::{Arrival, Behaviour};
use rota_core::id::JobId;
use rota_core::job::{Dependency, DependencyKind, JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::policy::Policy;
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Span, Time};
use std::collections::BTreeMap;

/// Where they ask: rules, machines, people.
type Place<'a> = (&'a Policy, &'a [Node], &'a [Member]);

/// Everything that is asked and happens, from a moment on.
pub fn arrivals(dice: &mut Dice, mix: &Mix, place: Place, begins: Time) -> Vec<(Time, Arrival)> {
    let (mut now, mut all) = (begins, Vec::new());
    let (members, nodes) = (place.2, place.1);
    for number in 1..=dice.from_to(mix.jobs.0, mix.jobs.1) {
        // Often many at once.
        if dice.once_in(2) {
            now = now.after(dice.minutes(0, 180));
        }
        let asker = asker(dice.one_of(members));
        let spec = spec(dice, mix, place, number);
        let asks = mix.asks.happens();
        let tasks = (asks && dice.once_in(5)).then(|| (0..=dice.below(3)).collect());
        let held = asks && dice.once_in(20);
        let request = Request::Submit { spec, tasks, held, ended: BTreeMap::new() };
        all.push((now, Arrival::Ask(asker.clone(), Box::new(request), behaviour(dice, mix))));
        if asks && dice.once_in(5) {
            let id = JobId::single(u64::from(dice.from_to(1, number)));
            let request = match dice.below(3) {
                0 => Request::Cancel(id),
                1 => Request::Hold(id),
                _ => Request::Release(id),
            };
            all.push((now, Arrival::Ask(asker, Box::new(request), Behaviour::default())));
        }
        if mix.losses.happens() && dice.once_in(15) {
            let node = dice.one_of(nodes).id;
            all.push((now, Arrival::Node(node, false)));
            all.push((now.after(dice.minutes(10, 300)), Arrival::Node(node, true)));
        }
    }
    all
}

/// Everyone may do anything: who may is not what these worlds are about.
fn asker(member: &Member) -> Asker {
    let Member { lab, grant, person } = member.clone();
    Asker { person, lab, grant, admin: true }
}

fn spec(dice: &mut Dice, mix: &Mix, (policy, nodes, _): Place, number: u32) -> JobSpec {
    let largest = nodes.iter().map(|n| n.gpus).max().unwrap_or(1);
    let most = if dice.once_in(2) { 1 } else { largest };
    let gpus = if mix.stubborn.happens() && dice.once_in(12) { 0 } else { dice.from_to(1, most) };
    let models = || nodes.iter().filter(|n| n.gpus >= gpus).filter_map(|n| n.model.clone());
    let mut wanted = Vec::new();
    if dice.once_in(3) {
        wanted.extend(models().take(dice.from_to(1, 3) as usize));
        wanted.dedup();
    }
    let turns = match mix.stubborn.happens() {
        true => *dice.one_of(&[TurnMode::Suspend, TurnMode::Requeue, TurnMode::Never]),
        false => *dice.one_of(&[TurnMode::Suspend, TurnMode::Requeue]),
    };
    let class = mix.classes.happens() && !policy.classes.is_empty() && dice.once_in(2);
    let pool = !policy.pools.is_empty() && dice.once_in(4);
    let after = (mix.asks.happens() && number > 1 && dice.once_in(10)).then(|| Dependency {
        kind: *dice.one_of(&[DependencyKind::Ok, DependencyKind::Any, DependencyKind::NotOk]),
        number: u64::from(dice.from_to(1, number - 1)),
    });
    let nodes = if mix.gangs.happens() && gpus > 0 && dice.once_in(8) { 2 } else { 1 };
    let is_part = mix.parts.happens() && gpus == 1 && nodes == 1 && dice.once_in(3);
    // Of an A6000 with 48 GiB, and of larger ones; sometimes all of it.
    let gpu_mem = is_part.then(|| Mib(*dice.one_of(&[6u64, 12, 16, 24, 40, 48]) * 1024));
    JobSpec {
        gpus,
        gpu_mem,
        nodes,
        cpus: dice.from_to(1, 3),
        mem: Mib(u64::from(dice.below(40))),
        models: wanted,
        class: class.then(|| dice.one_of(&policy.classes).name.clone()),
        pool: pool.then(|| dice.one_of(&policy.pools).name.clone()),
        limit: (!dice.once_in(4)).then(|| dice.minutes(30, 900)),
        interactive: mix.idles.happens() && idles::is_interactive(number),
        turns,
        after: after.into_iter().collect(),
        at_most: (mix.asks.happens() && dice.once_in(6)).then_some(1),
        retries: dice.below(2),
        grace: Span::minutes(*dice.one_of(&[0, 1, 5, 20])),
        ..JobSpec::default()
    }
}

fn behaviour(dice: &mut Dice, mix: &Mix) -> Behaviour {
    let slow = dice.once_in(2);
    Behaviour {
        runs: dice.minutes(5, 900),
        code: 0,
        keeps: dice.once_in(2),
        unfreezable: mix.stubborn.happens() && dice.once_in(12),
        refuses: 0,
        leaves_in: if slow { dice.minutes(0, 8) } else { Span::ZERO },
        returns_in: if slow { dice.minutes(0, 4) } else { Span::ZERO },
    }
}
