//! Jobs that wait for other jobs.

use rota_sim::page::page;

#[test]
fn ok_waits_for_exit_code_zero() {
    page(
        "
        node n0 H100x2
        A vision runs=2h
        B vision after=ok:A
        ",
        "
        n0.0 |AAB.|
        n0.1 |....|
        ",
    );
}

#[test]
fn any_takes_every_end() {
    page(
        "
        node n0 H100x1
        A vision exit=1
        B vision after=any:A
        ",
        "
        n0.0 |AB.|
        A exit 1
        ",
    );
}

#[test]
fn notok_waits_for_a_failure() {
    page(
        "
        node n0 H100x1
        A vision exit=1
        B vision after=notok:A
        ",
        "
        n0.0 |AB.|
        A exit 1
        ",
    );
}

#[test]
fn what_can_never_start_is_ended() {
    page(
        "
        node n0 H100x1
        A vision exit=1
        B vision after=ok:A
        ",
        "
        n0.0 |A..|
        A exit 1
        B dependency failed
        ",
    );
}

#[test]
fn a_broken_chain_ends_link_by_link() {
    page(
        "
        node n0 H100x1
        A vision exit=1
        B vision after=ok:A
        C vision after=ok:B
        D vision after=any:C
        ",
        "
        n0.0 |AD.|
        A exit 1
        B dependency failed
        C dependency failed
        ",
    );
}

#[test]
fn a_dependency_on_an_array_waits_for_all_its_tasks() {
    page(
        "
        node n0 H100x1
        A vision array=0-2
        B vision after=ok:A
        ",
        "
        n0.0 |AAAB.|
        ",
    );
}

#[test]
fn who_waits_for_a_dependency_keeps_no_gpus() {
    page(
        "
        node n0 H100x2
        A vision runs=2h
        B vision gpus=2 runs=2h after=ok:A
        C vision runs=4h turns=never
        ",
        "
        n0.0 |AA..BB.|
        n0.1 |CCCCBB.|
        ",
    );
}

#[test]
fn a_dependency_may_have_ended_long_ago() {
    page(
        "
        node n0 H100x1
        A vision
        B vision after=ok:A at=5h
        ",
        "
        n0.0 |A....B.|
        ",
    );
}

#[test]
fn a_dependency_that_never_was_is_refused() {
    page(
        "
        node n0 H100x1
        A vision after=ok:Z
        ",
        "
        n0.0 |..|
        refused: dependency-missing
        ",
    );
}

#[test]
fn nobody_may_come_to_wait_for_themselves() {
    page(
        "
        node n0 H100x1
        A vision runs=2h
        B vision after=ok:A
        C vision after=ok:B
        1h change B after=ok:C
        ",
        "
        n0.0 |AABC.|
        refused: dependency-cycle
        ",
    );
}

#[test]
fn all_of_several_dependencies_must_hold() {
    page(
        "
        node n0 H100x2
        A vision runs=1h
        B vision runs=3h
        C vision after=ok:A,ok:B
        ",
        "
        n0.0 |A..C.|
        n0.1 |BBB..|
        ",
    );
}
