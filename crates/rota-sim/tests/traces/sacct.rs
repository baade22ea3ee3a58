//! Slurm's accounting, of several versions and with several sets of columns.

use super::{of, said};
use rota_sim::trace::Format;

#[test]
fn steps_and_what_never_ran_are_left_out_and_arrays_are_jobs() {
    let text = "JobID|User|Account|Partition|QOS|JobName|State|Submit|Start|End|Elapsed|Timelimit|NNodes|AllocTRES
        7|ann|vision|gpu|short|train|COMPLETED|1970-01-01T09:00:00|1970-01-01T09:01:00|1970-01-01T10:01:00|01:00:00|02:00:00|1|billing=8,cpu=8,gres/gpu:a100=2,gres/gpu=2,mem=64G,node=1
        7.batch|||||batch|COMPLETED|1970-01-01T09:01:00|1970-01-01T09:01:00|1970-01-01T10:01:00|01:00:00||1|cpu=8,gres/gpu=2,node=1
        7.extern|||||extern|COMPLETED|1970-01-01T09:01:00|1970-01-01T09:01:00|1970-01-01T10:01:00|01:00:00||1|cpu=8,node=1
        12_3|ann|vision|gpu|normal|sweep|TIMEOUT|1970-01-01T09:02:00|1970-01-01T09:03:00|1970-01-02T09:03:00|1-00:00:00|1-00:00:00|2|cpu=8,gres/gpu=16,gres/gpumem=40G,gres/gpuutil=30,node=2
        12_[4-9%2]|ann|vision|gpu|normal|sweep|PENDING|1970-01-01T09:02:00|Unknown|Unknown|00:00:00|1-00:00:00|1|
        13|bo|vision|gpu|normal|x|CANCELLED by 1001|1970-01-01T09:02:00|None|1970-01-01T09:04:00|00:00:00|UNLIMITED|1|
        14|bo|vision|gpu|normal|x|CANCELLED by 1001|1970-01-01T09:02:00|1970-01-01T09:03:00|1970-01-01T09:04:00|00:01:00|UNLIMITED|1|cpu=8,gres/gpu=1,node=1
        15|bo|vision|cpu|normal|x|OUT_OF_MEMORY|1970-01-01T09:02:00|1970-01-01T09:03:00|1970-01-01T09:04:00|00:01:00|Partition_Limit|1|cpu=8,node=1";
    let wanted = [
        "7 at=0 2xa100 1n ann/vision train short gpu limit=2h runs=1h completed",
        "12_3 at=120 16 2n ann/vision sweep normal gpu limit=1d runs=1d timeout",
        "14 at=120 1 1n bo/vision x normal gpu runs=1m cancelled",
        "left out: 2 never-ran, lines [6, 7]",
        "left out: 2 step, lines [3, 4]",
        "left out: 1 no-gpu, lines [9]",
    ];
    assert_eq!(said(&of(Format::Sacct, text)), wanted);
}

#[test]
fn several_lines_of_a_requeued_job_are_one_job() {
    let text = "JobID|State|Submit|Start|End|Elapsed|AllocTRES
        5|REQUEUED|1970-01-01T09:00:00|1970-01-01T09:01:00|1970-01-01T09:11:00|00:10:00|gres/gpu=1
        5|NODE_FAIL|1970-01-01T09:11:00|1970-01-01T09:12:00|1970-01-01T09:17:00|00:05:00|gres/gpu=1
        5|COMPLETED|1970-01-01T09:17:00|1970-01-01T09:20:00|1970-01-01T09:21:00|00:01:00|gres/gpu=1
        6|RUNNING|1970-01-01T09:00:30|1970-01-01T09:01:00|Unknown|00:30:00|gres/gpu=1
        6|COMPLETED|1970-01-01T09:00:30|1970-01-01T09:01:00|1970-01-01T10:01:00|01:00:00|gres/gpu=1";
    let wanted = [
        "5 at=0 1 / runs=16m completed",
        "6 at=30 1 / runs=1h completed",
        "left out: 1 twice, lines [6]",
    ];
    assert_eq!(said(&of(Format::Sacct, text)), wanted);
}

#[test]
fn a_number_that_is_used_again_is_another_job() {
    let text = "JobID|State|Submit|Start|ElapsedRaw|AllocTRES
        5|COMPLETED|1970-01-01T09:00:00|1970-01-01T09:01:00|60|gres/gpu=1
        5|COMPLETED|1971-01-01T09:00:00|1971-01-01T09:01:00|60|gres/gpu=1";
    assert_eq!(said(&of(Format::Sacct, text)).len(), 2);
}

#[test]
fn older_versions_count_gpus_on_each_node() {
    let text = "JobID|State|Submit|Start|ElapsedRaw|NNodes|ReqGRES|TimelimitRaw|
        5|COMPLETED|1970-01-01T09:00:00|1970-01-01T09:01:00|60|2|gpu:v100:4(IDX:0-3)|30|
        6|COMPLETED|1970-01-01T09:00:00|1970-01-01T09:01:00|60|1|craynetwork:1,gpu:2|30|";
    let wanted = [
        "5 at=0 8xv100 2n / limit=30m runs=1m completed",
        "6 at=0 2 1n / limit=30m runs=1m completed",
    ];
    assert_eq!(said(&of(Format::Sacct, text)), wanted);
}

#[test]
fn without_a_heading_only_the_usual_eighteen_columns_are_known() {
    let line = "9|9|ok|ann|vision|COMPLETED|0:0|0:0|None|1970-01-01T09:00:00|1970-01-01T09:00:00|1970-01-01T09:00:05|1970-01-01T09:01:05|00:01:00|00:00:00|a1|cpu=1,gres/gpu:a100=1,gres/gpu=1,node=1|";
    assert_eq!(
        said(&of(Format::Sacct, line)),
        ["9 at=0 1xa100 1n ann/vision ok runs=1m completed"]
    );
    let short = "9|COMPLETED|1970-01-01T09:00:00\n";
    let read = rota_sim::trace::read(Format::Sacct, &mut short.as_bytes(), &super::seoul());
    assert_eq!(said(&read.expect("bytes")), ["left out: 1 no-heading, lines [1]"]);
}

/// Real output of two versions, where the folder with it is there.
#[test]
fn what_two_versions_of_slurm_really_print_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/tools/slurm/fixtures");
    for version in ["22.05.8", "24.11.5"] {
        let Ok(text) = std::fs::read_to_string(format!("{folder}/{version}/sacct.txt")) else {
            eprintln!("skipped: {folder}/{version} is not there");
            continue;
        };
        let trace = of(Format::Sacct, &text);
        let names: Vec<&str> = trace.jobs.iter().map(|j| j.name.as_str()).collect();
        assert_eq!(
            names,
            ["rota-run", "rota-two", "rota-sus", "rota-req", "rota-arr"],
            "{version}"
        );
        let words: Vec<&str> = trace.reasons().iter().map(|r| r.why.word()).collect();
        assert!(words.iter().all(|w| ["never-ran", "no-gpu"].contains(w)), "{version}: {words:?}");
    }
}

#[test]
fn a_slice_by_the_name_that_slurm_gives_it_is_the_slice_of_an_inventory() {
    let trace = of(
        Format::Sacct,
        "JobID|State|Submit|Start|Elapsed|AllocTRES
         1|COMPLETED|2026-03-01T00:00:00|2026-03-01T00:00:00|01:00:00|gres/gpu:nvidia_a100_1g.5gb=1,gres/gpu=1",
    );
    let slice = rota_core::slice::kind("a100-1g.5gb");
    let node = rota_core::node::Node {
        model: Some(slice.model.clone()),
        gpus: 7,
        slice: slice.slice,
        ..Default::default()
    };
    let site = rota_sim::compare::Site {
        policy: Default::default(),
        nodes: vec![node],
        switch: Default::default(),
        turns: rota_core::job::TurnMode::Never,
    };
    let fitted = rota_sim::compare::fit(&site, &trace.jobs);
    assert_eq!((fitted.too_large, fitted.other_model), (0, 0));
    assert_eq!(fitted.submissions[0].spec.models, [slice.model]);
}
