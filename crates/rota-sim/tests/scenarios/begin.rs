//! Jobs that ask to start no earlier than some time.

use rota_sim::page::page;

#[test]
fn a_job_does_not_start_before_the_time_it_asked_for() {
    page(
        "
        node n0 H100x1
        A vision begin=3h
        ",
        "
        n0.0 |...A.|
        ",
    );
}

#[test]
fn nothing_is_kept_for_a_job_whose_time_has_not_come() {
    page(
        "
        node n0 H100x2
        A vision gpus=2 begin=2h turns=never
        B vision runs=3h time=3h turns=never
        C vision at=1h runs=4h time=4h turns=never
        ",
        "
        n0.0 |BBB..A|
        n0.1 |.CCCCA|
        ",
    );
}

#[test]
fn age_counts_from_the_time_that_a_job_asked_for() {
    page(
        "
        node n0 H100x1
        A vision begin=2h
        B vision runs=4h turns=never
        C vision at=1h
        ",
        "
        n0.0 |BBBBCA|
        ",
    );
}

#[test]
fn a_promise_counts_from_the_time_that_a_job_asked_for() {
    page(
        "
        node n0 H100x1
        pool p n0 own
        turns p 2h max_wait=6h
        share lab/kim 100
        A kim runs=12h
        B lee runs=2h begin=4h
        ",
        "
        n0.0 |AAAAAAAABBAAAA|
        ",
    );
}

#[test]
fn a_time_that_is_past_changes_nothing() {
    page(
        "
        node n0 H100x1
        A vision runs=2h
        B vision at=1h begin=0h
        ",
        "
        n0.0 |AAB.|
        ",
    );
}

#[test]
fn a_job_that_no_longer_wants_to_wait_starts_at_once_and_has_no_age_from_before() {
    page(
        "
        node n0 H100x1
        A vision begin=90h
        B vision runs=4h turns=never
        C vision at=1h
        2h change A begin=0h
        ",
        "
        n0.0 |BBBBCA|
        ",
    );
}

#[test]
fn a_waiting_job_can_be_put_off() {
    page(
        "
        node n0 H100x1
        A vision runs=2h
        B vision
        1h change B begin=4h
        ",
        "
        n0.0 |AA..B|
        ",
    );
}

#[test]
fn whatever_else_a_job_waits_for_is_waited_for_as_well() {
    page(
        "
        node n0 H100x1
        A vision runs=3h
        B vision begin=2h hold
        C vision begin=2h after=ok:A
        D vision begin=5h after=ok:A
        4h release B
        ",
        "
        n0.0 |AAACBD|
        ",
    );
}

#[test]
fn all_tasks_of_an_array_wait_for_the_time() {
    page(
        "
        node n0 H100x2
        A vision array=0-2 begin=1h
        ",
        "
        n0.0 |.AA|
        n0.1 |.A.|
        ",
    );
}

#[test]
fn more_than_a_year_is_too_far() {
    page(
        "
        node n0 H100x1
        A vision begin=9000h
        ",
        "
        n0.0 |..|
        refused: begin-too-far
        ",
    );
}
