//! Limits: never more than.

use rota_sim::page::page;

#[test]
fn a_person_holds_at_most_so_many_gpus() {
    page(
        "
        node n0 H100x3
        limit each-person gpus=2
        A kim/mina gpus=2 runs=1h
        B kim/mina runs=1h
        C kim/dan runs=1h
        ",
        "
        n0.0 |AB.|
        n0.1 |A..|
        n0.2 |C..|
        ",
    );
}

#[test]
fn the_third_h100_waits_while_other_gpus_are_free_to_all() {
    page(
        "
        node n0 H100x4
        node n1 A100x2
        pool h100 n0
        limit each-person pool=h100 gpus=2
        A kim gpu=H100 gpus=2 runs=2h
        B kim gpu=H100 runs=1h
        C kim gpu=A100 gpus=2 runs=1h
        ",
        "
        n0.0 |AAB.|
        n0.1 |AA..|
        n0.2 |....|
        n0.3 |....|
        n1.0 |C...|
        n1.1 |C...|
        ",
    );
}

#[test]
fn a_lab_holds_at_most_so_many_gpus_whoever_it_is() {
    page(
        "
        node n0 H100x2
        limit each-lab gpus=1
        A kim/mina runs=1h
        B kim/dan runs=1h
        C lee runs=2h
        ",
        "
        n0.0 |AB.|
        n0.1 |CC.|
        ",
    );
}

#[test]
fn one_lab_can_have_a_limit_of_its_own() {
    page(
        "
        node n0 H100x2
        limit lab/kim gpus=1
        A kim runs=1h
        B kim runs=1h
        C lee runs=1h
        D lee runs=1h
        ",
        "
        n0.0 |AB.|
        n0.1 |CD.|
        ",
    );
}

#[test]
fn a_person_runs_at_most_so_many_jobs() {
    page(
        "
        node n0 H100x4
        limit each-person jobs=2
        A kim runs=2h
        B kim runs=1h
        C kim runs=1h
        ",
        "
        n0.0 |AA.|
        n0.1 |BC.|
        n0.2 |...|
        n0.3 |...|
        ",
    );
}

#[test]
fn a_limit_of_a_class_leaves_other_classes_alone() {
    page(
        "
        node n0 H100x2
        class big 1
        class normal 1 default
        limit each-lab class=big gpus=1
        A kim class=big runs=1h
        B kim class=big runs=1h
        C kim runs=2h
        ",
        "
        n0.0 |AB.|
        n0.1 |CC.|
        ",
    );
}

#[test]
fn booked_gpu_days_make_a_long_walltime_costly() {
    page(
        "
        node n0 H100x2
        limit each-person booked_gpu_days=0.5
        A kim runs=8h time=8h
        B kim runs=2h time=8h
        ",
        "
        n0.0 |AAAAAAAA.|
        n0.1 |....BB...|
        ",
    );
}

#[test]
fn a_short_walltime_books_little() {
    page(
        "
        node n0 H100x2
        limit each-person booked_gpu_days=0.5
        A kim runs=8h time=8h
        B kim runs=2h time=4h
        ",
        "
        n0.0 |AAAAAAAA.|
        n0.1 |BB.......|
        ",
    );
}

#[test]
fn what_stays_beyond_its_walltime_gives_nothing_back() {
    // B has booked 8h less what it ran, C wants 8h: together 12h at 4h, whatever A, which takes 6h to leave, overruns.
    page(
        "
        node n0 H100x3
        limit each-person booked_gpu_days=0.5
        A kim runs=20h time=2h switch=6h grace=6h
        B kim runs=8h time=8h
        C kim runs=1h time=8h
        ",
        "
        n0.0 |AAAAAAAA.|
        n0.1 |BBBBBBBB.|
        n0.2 |....C....|
        A timeout
        ",
    );
}

#[test]
fn a_job_larger_than_jobs_may_be_is_refused() {
    page(
        "
        node n0 H100x4
        limit each-person gpus_per_job=2
        A kim gpus=3
        ",
        "
        n0.0 |..|
        n0.1 |..|
        n0.2 |..|
        n0.3 |..|
        refused: beyond-limit
        ",
    );
}

#[test]
fn who_waits_for_a_limit_holds_up_nobody() {
    page(
        "
        node n0 H100x2
        limit each-person gpus=1
        A kim runs=3h
        B kim runs=1h
        C lee runs=2h at=1h
        ",
        "
        n0.0 |AAAB.|
        n0.1 |.CC..|
        ",
    );
}

#[test]
fn a_job_for_which_room_is_made_counts_under_a_limit() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        pool lee n0
        claim lab/lee lee
        limit each-lab gpus=1
        A kim pool=lee runs=3h switch=10m
        B lee runs=2h at=1h
        C lee runs=1h at=1h
        ",
        "
        n0.0 |ABBCAA.|
        n1.0 |.......|
        ",
    );
}
