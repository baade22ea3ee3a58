//! Jobs on several GPUs get those that are near each other.

use rota_sim::page::page;

#[test]
fn two_gpus_are_of_one_group() {
    page(
        "
        node n0 H100x4 groups=2
        A vision runs=4h
        B vision gpus=2 runs=4h
        ",
        "
        n0.0 |AAAA.|
        n0.1 |.....|
        n0.2 |BBBB.|
        n0.3 |BBBB.|
        ",
    );
}

#[test]
fn single_gpus_fill_a_group_that_is_broken_before_they_break_another() {
    page(
        "
        node n0 H100x4 groups=2
        A vision runs=1h
        B vision gpus=2 runs=2h
        C vision runs=2h
        D vision runs=1h at=1h
        E vision gpus=2 runs=1h at=2h
        ",
        "
        n0.0 |ADE.|
        n0.1 |CCE.|
        n0.2 |BB..|
        n0.3 |BB..|
        ",
    );
}

#[test]
fn gpus_on_which_a_suspended_job_is_to_go_on_are_left_to_it_where_others_do() {
    page(
        "
        node n0 H100x2
        A vision runs=4h
        B language gpus=2 runs=3h
        C robots runs=2h at=2h
        ",
        "
        n0.0 |AABBAAB.|
        n0.1 |..BBCCB.|
        ",
    );
    // Nearness counts more, and the group that is broken less.
    page(
        "
        node n0 H100x4 groups=2
        A vision runs=4h
        B language gpus=4 runs=3h
        C robots gpus=2 runs=2h at=2h
        D music runs=2h at=2h
        ",
        "
        n0.0 |AABBAAB.|
        n0.1 |..BBDDB.|
        n0.2 |..BBCCB.|
        n0.3 |..BBCCB.|
        ",
    );
}

#[test]
fn a_job_never_waits_for_nearer_gpus() {
    page(
        "
        node n0 H100x4 groups=2
        A vision runs=1h time=1h
        B vision gpus=2 runs=3h time=3h
        C vision runs=3h time=3h
        D vision gpus=1 runs=1h at=1h
        ",
        "
        n0.0 |AD..|
        n0.1 |CCC.|
        n0.2 |BBB.|
        n0.3 |BBB.|
        ",
    );
    page(
        "
        node n0 H100x4 groups=2
        A vision gpus=2 runs=4h
        B vision gpus=2 runs=1h
        C vision runs=4h at=1h
        D vision runs=2h at=3h
        E vision gpus=2 runs=1h at=4h
        ",
        "
        n0.0 |AAAAE.|
        n0.1 |AAAAE.|
        n0.2 |BCCCC.|
        n0.3 |B..DD.|
        ",
    );
}

#[test]
fn gpus_that_are_all_alike_are_given_in_their_order() {
    page(
        "
        node n0 H100x4
        A vision runs=1h
        B vision gpus=2 runs=1h
        ",
        "
        n0.0 |A.|
        n0.1 |B.|
        n0.2 |B.|
        n0.3 |..|
        ",
    );
}
