//! Where a job runs.

use rota_sim::page::page;

#[test]
fn a_gang_waits_until_its_gpus_are_free_together() {
    page(
        "
        node n0 H100x2
        A vision runs=1h time=1h turns=never
        B vision runs=3h time=3h turns=never
        C vision gpus=2 runs=2h time=2h turns=never
        ",
        "
        n0.0 |A..CC.|
        n0.1 |BBBCC.|
        ",
    );
}

#[test]
fn a_gang_never_spans_nodes() {
    page(
        "
        node n0 H100x2
        node n1 H100x2
        A vision runs=2h time=2h turns=never
        B vision gpus=2 runs=2h time=2h turns=never
        C vision gpus=2 runs=2h time=2h turns=never
        ",
        "
        n0.0 |AACC.|
        n0.1 |..CC.|
        n1.0 |BB...|
        n1.1 |BB...|
        ",
    );
}

#[test]
fn a_job_goes_where_the_least_is_left_free() {
    page(
        "
        node n0 H100x3
        node n1 H100x3
        A vision gpus=2
        B vision
        C vision gpus=3
        ",
        "
        n0.0 |A.|
        n0.1 |A.|
        n0.2 |B.|
        n1.0 |C.|
        n1.1 |C.|
        n1.2 |C.|
        ",
    );
}

#[test]
fn of_several_models_the_first_that_is_free_is_taken() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        A vision gpu=H100,A100
        B vision gpu=H100,A100
        ",
        "
        n0.0 |A.|
        n1.0 |B.|
        ",
    );
}

#[test]
fn without_a_wish_the_cheapest_gpu_is_taken() {
    page(
        "
        node n0 H100x1 price=3000
        node n1 V100x1 price=300
        A vision
        B vision gpu=H100
        ",
        "
        n0.0 |B.|
        n1.0 |A.|
        ",
    );
}

#[test]
fn a_model_that_nobody_has_is_refused() {
    page(
        "
        node n0 H100x1
        A vision gpu=V9000
        ",
        "
        n0.0 |..|
        refused: unknown-model
        ",
    );
}

#[test]
fn more_gpus_than_a_node_has_are_refused() {
    page(
        "
        node n0 H100x2
        node n1 H100x2
        A vision gpus=3
        ",
        "
        n0.0 |..|
        n0.1 |..|
        n1.0 |..|
        n1.1 |..|
        refused: too-many-gpus
        ",
    );
}

#[test]
fn more_cores_than_a_fitting_node_has_are_refused() {
    page(
        "
        node n0 H100x1 cpus=8
        node n1 A100x1 cpus=64
        A vision gpu=H100 cpus=9
        ",
        "
        n0.0 |..|
        n1.0 |..|
        refused: too-many-cpus
        ",
    );
}

#[test]
fn a_free_gpu_without_free_cores_beside_it_is_no_room() {
    page(
        "
        node n0 H100x2 cpus=8
        A vision cpus=7 runs=2h turns=never
        B vision cpus=2 turns=never
        C vision cpus=1 turns=never
        ",
        "
        n0.0 |AAB.|
        n0.1 |C...|
        ",
    );
}
