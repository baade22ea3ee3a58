//! Jobs that share a GPU.

use crate::look::{facts, moments, played, seeds};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::job::{Job, Stop};
use rota_core::part::PATIENCE;
use rota_core::units::Mib;
use rota_sim::workload::Mix;
use std::collections::BTreeMap;

/// Who is on each GPU: how much memory each asked for, none where it asked for whole GPUs.
fn on_gpus(c: &Cluster) -> BTreeMap<(NodeId, u32), Vec<Option<Mib>>> {
    let mut all: BTreeMap<(NodeId, u32), Vec<Option<Mib>>> = BTreeMap::new();
    for job in c.jobs.values() {
        for part in job.holds().into_iter().flat_map(|place| place.parts()) {
            for gpu in part.gpus.iter() {
                all.entry((part.node, gpu)).or_default().push(job.spec.gpu_mem);
            }
        }
    }
    all
}

#[test]
fn who_shares_a_gpu_asked_for_a_part_and_all_parts_together_are_at_most_its_memory() {
    let (mut together, mut slices) = (0u32, 0u32);
    for seed in seeds(200) {
        let (_, world) = played(seed, &Mix::ALL);
        facts(&world, |c, now, _| {
            for ((node, gpu), holders) in on_gpus(c) {
                let of = c.nodes[&node].node.gpu_mem;
                let is_slice = c.nodes[&node].node.slice.is_some();
                slices += u32::from(is_slice && holders.iter().any(Option::is_some));
                if holders.len() > 1 {
                    together += 1;
                    assert!(!is_slice, "seed {seed} at {}: two are on a slice", now.0);
                    let sum: Option<u64> = holders.iter().map(|mem| mem.map(|mem| mem.0)).sum();
                    let all = format!("seed {seed} at {}: GPU {gpu} of {of}: {holders:?}", now.0);
                    assert!(sum.is_some_and(|sum| sum <= of.0), "{all}");
                }
            }
        });
    }
    assert!(together > 1000, "GPUs were shared at {together} moments only: nothing was tested");
    assert!(slices > 100, "slices were given at {slices} moments only: nothing was tested");
}

#[test]
fn nobody_shares_a_gpu_in_a_pool_that_has_whole_ones_only() {
    let mut refused = 0u32;
    for seed in seeds(200) {
        let (_, world) = played(seed, &Mix::ALL);
        moments(&world, |c, now, _| {
            for job in c.jobs.values().filter(|job| job.spec.gpu_mem.is_some()) {
                let Some(node) = job.holds().and_then(|place| c.nodes.get(&place.node)) else {
                    continue;
                };
                let pool = c.policy.pool(node.pool);
                let whole_only = pool.is_some_and(|pool| pool.whole_only);
                assert!(
                    !whole_only || node.node.slice.is_some(),
                    "seed {seed}: {} at {}",
                    job.id,
                    now.0
                );
            }
            refused += u32::from(c.policy.pools.iter().any(|pool| pool.whole_only));
        });
    }
    assert!(refused > 0, "no pool had whole GPUs only: nothing was tested");
}

#[test]
fn a_part_is_charged_the_fraction_of_the_gpu_that_its_memory_is() {
    for seed in seeds(100) {
        let (_, world) = played(seed, &Mix::ALL);
        moments(&world, |c, now, _| {
            let parts = c.jobs.values().filter(|job| job.spec.gpu_mem.is_some());
            for job in parts.filter(|job| job.holds().is_some()) {
                let (least, most) = bounds(c, job);
                let said = format!("seed {seed}: {} at {}: {}", job.id, now.0, job.rate);
                assert!((least..=most).contains(&job.rate), "{said}, not {least} to {most}");
            }
        });
    }
}

/// What a part may cost for a millisecond: its GPU's part, unless that is booked and paid, and its cores.
fn bounds(c: &Cluster, job: &Job) -> (u64, u64) {
    let node = job.holds().and_then(|place| c.nodes.get(&place.node)).expect("it holds a GPU");
    let part = job.spec.gpu_mem.expect("it is a part");
    let fraction = match node.node.slice {
        Some(_) => 1000,
        None => (part.0 * 1000).div_ceil(node.node.gpu_mem.0),
    };
    let gpu = u64::from(node.price) * fraction;
    let class = u64::from(c.policy.class(job.spec.class.as_deref()).price);
    let with_cores = |gpu: u64| (gpu + u64::from(job.spec.cpus)) * class / 1000;
    let all = with_cores(gpu.div_ceil(1000));
    (if c.bookings.is_empty() { all } else { with_cores(0) }, all)
}

#[test]
fn nobody_is_stopped_for_what_they_use_before_they_were_told_and_had_their_time() {
    let mut stopped = 0u32;
    for seed in seeds(200) {
        let (_, world) = played(seed, &Mix::ALL);
        facts(&world, |c, now, fact| {
            let Event::StopDecided { job, how: Stop::PartExceeded, .. } = fact else { return };
            let job = c.job(*job).expect("it is there");
            let since = job.excess.expect("it was told").since;
            assert!(now.since(since) >= PATIENCE, "seed {seed}: {} at {}", job.id, now.0);
            assert!(job.spec.gpu_mem.is_some() && !c.is_on_slice(job), "seed {seed}: {}", job.id);
            stopped += 1;
        });
    }
    assert!(stopped > 20, "{stopped} were stopped: nothing was tested");
}

#[test]
fn what_is_on_a_slice_is_never_suspended() {
    let mut there = 0u32;
    for seed in seeds(100) {
        let (_, world) = played(seed, &Mix::ALL);
        facts(&world, |c, now, fact| {
            if let Event::StopDecided { job, how: Stop::Suspend, .. } = fact {
                let job = c.job(*job).expect("it is there");
                assert!(!c.is_on_slice(job), "seed {seed}: {} at {}", job.id, now.0);
            }
            there += u32::from(
                matches!(fact, Event::Started { job, .. } if c.job(*job).is_some_and(|job| c.is_on_slice(job))),
            );
        });
    }
    assert!(there > 50, "{there} ran on slices: nothing was tested");
}

#[test]
fn through_mps_nobody_is_beside_another_and_nothing_is_suspended() {
    let mut together = 0u32;
    for seed in seeds(200) {
        let (_, world) = played(seed, &Mix::ALL);
        facts(&world, |c, now, fact| {
            if let Event::StopDecided { job, how: Stop::Suspend, .. } = fact {
                let job = c.job(*job).expect("it is there");
                assert!(!c.is_through_mps(job), "seed {seed}: {} at {}", job.id, now.0);
            }
            for job in c.jobs.values().filter(|job| c.is_through_mps(job)) {
                for part in job.holds().into_iter().flat_map(|place| place.parts()) {
                    let here = c.nodes[&part.node].holders.iter().filter_map(|id| c.job(*id));
                    let on = |gpu| here.clone().filter(move |other| other.is_on(part.node, gpu));
                    let login = |job: &Job| c.accounts.person(job.owner).name.clone();
                    let logins = || part.gpus.iter().flat_map(on).map(login);
                    together += u32::from(logins().count() > 1);
                    let own = logins().all(|name| name == login(job));
                    assert!(own, "seed {seed}: {} at {}", job.id, now.0);
                }
            }
        });
    }
    assert!(together > 100, "jobs were together at {together} moments only: nothing was tested");
}
