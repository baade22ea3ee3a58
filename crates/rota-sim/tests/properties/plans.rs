//! A plan depends on the state and the moment alone, and says honestly when to ask again.

use crate::look::{moments, played, seeds};
use rota_core::cluster::Cluster;
use rota_core::decision::Plan;
use rota_core::plan::{decide, outlook, plan};
use rota_core::units::{Span, Time};
use rota_sim::dice::Dice;
use rota_sim::workload::Mix;

#[test]
fn the_same_state_and_moment_give_the_same_plan() {
    for seed in seeds(60) {
        let (_, world) = played(seed, &Mix::ALL);
        moments(&world, |c, now, _| {
            assert_eq!(plan(c, now), plan(c, now), "seed {seed}");
            assert_eq!(outlook(c, now), outlook(c, now), "seed {seed}");
        });
    }
}

/// A second, in which rounded moments may differ.
const SECOND: u64 = 1000;

#[test]
fn until_it_wakes_a_plan_decides_nothing_unless_something_happens() {
    decides_nothing_until_it_wakes(plan);
}

#[test]
fn until_decisions_alone_wake_a_plan_decides_nothing_unless_something_happens() {
    decides_nothing_until_it_wakes(decide);
}

fn decides_nothing_until_it_wakes(planner: fn(&Cluster, Time) -> Plan) {
    for seed in seeds(200) {
        let (workload, world) = played(seed, &Mix::ALL);
        let mut dice = Dice::new(seed);
        moments(&world, |c, now, next| {
            let mut at = now;
            for _ in 0..4 {
                let said = plan(c, at);
                assert!(said.decisions.is_empty(), "seed {seed}: not at rest at {}", at.0);
                let wake = planner(c, at).wake_at.unwrap_or(Time::FAR);
                assert!(wake > at, "seed {seed}: wakes at {}, which is not later", at.0);
                let until = wake.min(next.unwrap_or(wake)).min(Time(at.0 + (1 << 31)));
                let between = until.0.saturating_sub(at.0).saturating_sub(SECOND);
                for _ in 0..2 {
                    let share = u64::from(dice.below(1000));
                    let moment = Time(at.0 + between * share / 1000);
                    let found = plan(c, moment).decisions;
                    assert!(
                        found.is_empty(),
                        "seed {seed}: asked at {}, it wakes at {}, but at {} it says {found:?}",
                        at.0,
                        wake.0,
                        moment.0
                    );
                }
                if wake.after(Span(SECOND)) >= next.unwrap_or(workload.until) {
                    break;
                }
                at = wake;
            }
        });
    }
}
