//! Planned starts, and what may run before them.

use rota_sim::page::page;

#[test]
fn a_small_job_backfills_only_if_its_walltime_ends_before_the_planned_start_ahead() {
    page(
        "
        node n0 H100x2
        A vision runs=4h time=4h turns=never
        B vision gpus=2 runs=2h time=2h turns=never
        C vision runs=2h time=4h turns=never
        D vision runs=1h time=6h turns=never
        ",
        "
        n0.0 |AAAABBD.|
        n0.1 |CC..BB..|
        ",
    );
}

#[test]
fn a_job_without_a_walltime_never_backfills() {
    page(
        "
        node n0 H100x2
        A vision runs=4h time=4h turns=never
        B vision gpus=2 runs=2h time=2h turns=never
        C vision runs=1h turns=never
        ",
        "
        n0.0 |AAAABBC.|
        n0.1 |....BB..|
        ",
    );
}

#[test]
fn an_early_end_brings_the_planned_start_forward() {
    page(
        "
        node n0 H100x2
        A vision runs=2h time=4h turns=never
        B vision gpus=2 runs=2h time=2h turns=never
        ",
        "
        n0.0 |AABB.|
        n0.1 |..BB.|
        ",
    );
}

#[test]
fn several_small_jobs_fit_one_after_the_other() {
    page(
        "
        node n0 H100x2
        A vision runs=3h time=3h turns=never
        B vision gpus=2 runs=2h time=2h turns=never
        C vision time=1h turns=never
        D vision time=1h turns=never
        E vision time=1h turns=never
        ",
        "
        n0.0 |AAABB.|
        n0.1 |CDEBB.|
        ",
    );
}

#[test]
fn a_planned_start_is_kept_from_those_behind_not_from_those_owed_more() {
    page(
        "
        node n0 H100x2
        A vision runs=4h time=4h turns=never
        B vision gpus=2 runs=2h time=2h turns=never
        C language runs=6h time=6h turns=never at=1h
        ",
        "
        n0.0 |AAAA...BB.|
        n0.1 |.CCCCCCBB.|
        ",
    );
}

#[test]
fn a_gang_is_not_starved_by_a_stream_of_small_jobs() {
    page(
        "
        node n0 H100x2
        A vision time=2h runs=2h turns=never
        B vision time=3h runs=3h turns=never
        C vision gpus=2 time=1h turns=never
        D vision time=2h runs=2h turns=never
        E vision time=2h runs=2h turns=never
        ",
        "
        n0.0 |AA.CDD.|
        n0.1 |BBBCEE.|
        ",
    );
}

#[test]
fn a_short_job_fills_the_hole_before_a_gang() {
    page(
        "
        node n0 H100x2
        A vision time=2h runs=2h turns=never
        B vision time=3h runs=3h turns=never
        C vision gpus=2 time=1h turns=never
        D vision time=1h turns=never
        ",
        "
        n0.0 |AADC.|
        n0.1 |BBBC.|
        ",
    );
}

#[test]
fn a_job_on_another_node_delays_nobody() {
    page(
        "
        node n0 H100x2
        node n1 A100x1
        A vision gpu=H100 runs=2h time=2h turns=never
        B vision gpus=2 gpu=H100 time=1h turns=never
        C vision gpu=A100 runs=3h turns=never
        ",
        "
        n0.0 |AAB.|
        n0.1 |..B.|
        n1.0 |CCC.|
        ",
    );
}

#[test]
fn a_planned_start_counts_host_memory_too() {
    page(
        "
        node n0 H100x2 mem=100G
        A vision runs=2h time=2h mem=80G turns=never
        B vision runs=1h time=1h mem=50G turns=never
        C vision runs=1h time=1h mem=10G turns=never
        ",
        "
        n0.0 |AAB.|
        n0.1 |C...|
        ",
    );
}
