//! Every state is sound, whatever the policy and whatever fails; and no matter where a server was killed.

use crate::look::{played, seeds};
use rota_core::check::check;
use rota_core::cluster::Cluster;
use rota_sim::workload::{Mix, Workload};

#[test]
fn no_policy_leads_to_a_state_with_a_contradiction() {
    for seed in seeds(200) {
        played(seed, &Mix::ALL);
    }
}

#[test]
fn no_fault_leads_to_a_state_with_a_contradiction() {
    for seed in seeds(200) {
        let world = Workload::of(seed, &Mix::ALL).play(Some(seed));
        assert_eq!(world.wrong, Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn a_snapshot_at_any_fact_and_the_facts_after_it_lead_to_the_same_state() {
    for seed in seeds(6) {
        let world = Workload::of(seed, &Mix::ALL).play(Some(seed));
        let mut cluster = Cluster::default();
        for (at, (now, fact)) in world.log.iter().enumerate() {
            cluster.apply(*now, fact);
            let found = check(&cluster);
            assert!(found.is_empty(), "seed {seed}, after {fact:?}: {found:?}");
            if at % 7 == 0 {
                let kept = serde_json::to_string(&cluster).expect("plain data");
                let mut again: Cluster = serde_json::from_str(&kept).expect("the same data");
                again.reindex();
                world.log.iter().skip(at + 1).for_each(|(now, fact)| again.apply(*now, fact));
                assert!(again == world.cluster, "seed {seed}, snapshot after fact {at}");
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = |seed| {
        let world = Workload::of(seed, &Mix::ALL).play(Some(seed));
        serde_json::to_string(&world.log).expect("plain data")
    };
    for seed in seeds(20) {
        assert_eq!(bytes(seed), bytes(seed));
    }
    assert_ne!(bytes(7), bytes(8));
}
