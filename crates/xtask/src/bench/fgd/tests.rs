//! The engine against answers by hand, and the derived workloads.

use super::engine::{Rule, fits, run, with};
use super::load::{Kind, arrivals};
use super::trace::{Node, Pod, WHOLE};
use super::{options, peers, rota};

fn node(gpus: usize, cores: u64) -> Node {
    Node { free: vec![WHOLE; gpus], cpus: cores, mem: 1000, model: "T4".into() }
}

fn pod(gpus: u32, milli: u32, cpus: u64) -> Pod {
    Pod { gpus, milli, cpus, mem: 1, models: Vec::new() }
}

#[test]
fn a_part_fits_on_one_gpu_with_enough_left_and_whole_gpus_only_where_they_are_free() {
    let half = pod(1, 500, 1);
    let used = with(&node(2, 8), &half, Some(0));
    assert_eq!(used.free, [500, 1000]);
    assert!(fits(&used, &half));
    assert!(!fits(&used, &pod(2, WHOLE, 1)));
    assert!(fits(&used, &pod(1, WHOLE, 7)) && !fits(&used, &pod(1, WHOLE, 8)));
}

#[test]
fn a_pod_that_fits_nowhere_is_not_tried_again() {
    let come = [pod(1, WHOLE, 1), pod(2, WHOLE, 1), pod(1, WHOLE, 1)];
    let outcome = run(&[node(2, 8)], &come, &mut peers::BestFit);
    assert_eq!((outcome.given, outcome.all), (2000, 2000));
}

#[test]
fn parts_that_fill_a_gpu_together_come_together() {
    // Two of 0.4 fit beside each other too, but then no GPU is left for the second part of 0.6.
    let come = [pod(1, 400, 1), pod(1, 600, 1), pod(1, 400, 1), pod(1, 600, 1)];
    let nodes = [node(1, 8), node(1, 8)];
    let mut rule = rota::Rota::new(&come, &nodes);
    assert_eq!(run(&nodes, &come, &mut rule).given, 2000);
}

#[test]
fn a_small_part_takes_the_hole_that_nothing_else_fits_in() {
    let usual: Vec<Pod> =
        [vec![pod(1, 800, 1); 9], vec![pod(1, 500, 1); 9], vec![pod(1, 150, 1)]].concat();
    let nodes = [node(2, 8)];
    let mut rule = rota::Rota::new(&usual, &nodes);
    let used = with(&with(&nodes[0], &pod(1, 500, 1), Some(0)), &pod(1, 800, 1), Some(1));
    let (_, gpu) = rule.score(&used, &pod(1, 150, 1), &Default::default());
    assert_eq!(gpu, Some(1));
}

#[test]
fn the_last_node_with_room_for_a_gang_is_kept_while_there_is_room_elsewhere() {
    let usual = [vec![pod(2, WHOLE, 1); 3], vec![pod(1, WHOLE, 1)]].concat();
    // A gang's node comes first by name.
    let mut nodes = [node(2, 8), node(2, 8)];
    nodes[1].free[0] = 0;
    let mut rule = rota::Rota::new(&usual, &nodes);
    assert_eq!(rule.spoils(&nodes[0], &usual[3], None), 2);
    assert_eq!(run(&nodes, &[pod(1, WHOLE, 1), pod(2, WHOLE, 1)], &mut rule).given, 3000);
    // Gangs are not usual: there is nothing to keep.
    let rule = rota::Rota::new(&usual[3..], &nodes);
    assert_eq!(rule.spoils(&nodes[0], &usual[3], None), 0);
}

#[test]
fn held_out_workloads_have_more_of_what_they_say() {
    let trace = [pod(1, 500, 1), pod(2, WHOLE, 1), pod(1, WHOLE, 1)];
    let nodes = [node(2, 8)];
    assert_eq!(Kind::Shared.pods(&trace, &nodes).len(), 5);
    assert_eq!(Kind::Gangs.pods(&trace, &nodes).len(), 12);
    let many: Vec<Pod> = trace.iter().cycle().take(150).cloned().collect();
    let constrained = Kind::Models.pods(&many, &nodes);
    let picky = constrained.iter().filter(|pod| !pod.models.is_empty()).count();
    assert!((50..100).contains(&picky), "{picky}");
}

#[test]
fn pods_come_once_each_and_then_again_until_they_ask_for_130_percent() {
    let trace: Vec<Pod> = (1..=4).map(|cpus| pod(1, WHOLE, cpus)).collect();
    let nodes = [node(4, 8), node(4, 8)];
    let come = arrivals(&trace, &nodes, 7);
    assert_eq!(come.len(), 11);
    let mut first: Vec<Pod> = come[..4].to_vec();
    first.sort();
    assert_eq!(first, trace);
}

#[test]
fn options_that_do_not_exist_are_refused() {
    assert!(options::read(&["--seed", "3"]).is_err());
    assert!(options::read(&["--seeds", "0"]).is_err());
    assert_eq!(options::read(&["--seeds", "3"]).map(|o| o.seeds).ok(), Some(3));
}
