//! The walltime: how long a job may run.

use rota_sim::page::page;

#[test]
fn a_walltime_ends_a_job() {
    page(
        "
        node n0 H100x1
        A vision time=3h runs=9h
        ",
        "
        n0.0 |AAA..|
        A timeout
        ",
    );
}

#[test]
fn what_a_walltime_frees_goes_to_the_next() {
    page(
        "
        node n0 H100x1
        A vision time=2h runs=9h
        B vision runs=2h
        ",
        "
        n0.0 |AABB.|
        A timeout
        ",
    );
}

#[test]
fn suspended_time_is_not_running_time() {
    page(
        "
        node n0 H100x1
        A vision time=3h runs=9h
        B language runs=2h
        ",
        "
        n0.0 |AABBA.|
        A timeout
        ",
    );
}

#[test]
fn a_new_run_has_its_whole_walltime() {
    page(
        "
        node n0 H100x1
        A vision time=3h runs=9h turns=requeue keeps
        B language runs=2h turns=never
        ",
        "
        n0.0 |AABBAAA.|
        A timeout
        ",
    );
}

#[test]
fn a_job_that_ends_in_time_is_left_alone() {
    page(
        "
        node n0 H100x1
        A vision time=3h runs=3h
        ",
        "
        n0.0 |AAA.|
        ",
    );
}

#[test]
fn each_task_has_a_walltime_of_its_own() {
    page(
        "
        node n0 H100x1
        A vision array=0-1 time=2h runs=9h
        ",
        "
        n0.0 |AAAA.|
        A timeout
        ",
    );
}

#[test]
fn a_change_of_walltime_counts_from_the_start() {
    page(
        "
        node n0 H100x1
        A vision time=2h runs=2h turns=never
        B vision time=9h runs=9h
        1h change B time=2h
        ",
        "
        n0.0 |AABB.|
        B timeout
        ",
    );
}
