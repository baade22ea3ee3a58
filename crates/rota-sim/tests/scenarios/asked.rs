//! What a person asks while a job waits or runs.

use rota_sim::page::page;

#[test]
fn a_held_job_starts_when_it_is_released() {
    page(
        "
        node n0 H100x1
        A vision hold
        B vision runs=2h
        3h release A
        ",
        "
        n0.0 |BB.A.|
        ",
    );
}

#[test]
fn a_held_job_keeps_its_place_in_the_order() {
    page(
        "
        node n0 H100x1
        A vision hold
        B vision runs=2h
        C vision
        1h release A
        ",
        "
        n0.0 |BBAC.|
        ",
    );
}

#[test]
fn a_held_job_that_nobody_releases_waits() {
    page(
        "
        node n0 H100x1
        A vision hold
        B vision
        ",
        "
        n0.0 |B.|
        A is held
        ",
    );
}

#[test]
fn a_waiting_job_that_is_cancelled_never_starts() {
    page(
        "
        node n0 H100x1
        A vision runs=2h
        B vision
        1h cancel B
        ",
        "
        n0.0 |AA.|
        B cancelled
        ",
    );
}

#[test]
fn cancelling_a_running_job_frees_its_gpus() {
    page(
        "
        node n0 H100x1
        A vision runs=9h
        B vision
        2h cancel A
        ",
        "
        n0.0 |AAB.|
        A cancelled
        ",
    );
}

#[test]
fn a_suspended_job_can_be_cancelled() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B language runs=4h
        3h cancel A
        ",
        "
        n0.0 |AABBBB.|
        A cancelled
        ",
    );
}

#[test]
fn a_suspended_job_that_is_held_does_not_resume() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B language runs=2h
        3h hold A
        6h release A
        ",
        "
        n0.0 |AABB..AA.|
        ",
    );
}

#[test]
fn asking_for_fewer_gpus_may_start_a_job_at_once() {
    page(
        "
        node n0 H100x2
        A vision runs=4h turns=never
        B vision gpus=2 runs=2h
        1h change B gpus=1
        ",
        "
        n0.0 |AAAA.|
        n0.1 |.BB..|
        ",
    );
}

#[test]
fn asking_for_less_time_may_let_a_job_backfill() {
    page(
        "
        node n0 H100x2
        A vision runs=4h time=4h turns=never
        B vision gpus=2 runs=2h time=2h turns=never
        C vision runs=2h turns=never
        1h change C time=2h
        ",
        "
        n0.0 |AAAABB.|
        n0.1 |.CC.BB.|
        ",
    );
}

#[test]
fn another_model_may_be_free() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        A vision gpu=H100 runs=3h turns=never
        B vision gpu=H100
        1h change B gpu=A100
        ",
        "
        n0.0 |AAA.|
        n1.0 |.B..|
        ",
    );
}

#[test]
fn a_running_job_cannot_be_changed() {
    page(
        "
        node n0 H100x1
        A vision runs=2h
        1h change A time=1h
        ",
        "
        n0.0 |AA.|
        refused: not-waiting
        ",
    );
}
