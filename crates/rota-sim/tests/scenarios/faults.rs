//! Nodes that are lost, and what becomes of their jobs.

use rota_sim::page::page;

#[test]
fn a_job_of_a_lost_node_is_lost() {
    page(
        "
        node n0 H100x1
        A vision runs=3h
        1h down n0
        2h up n0
        ",
        "
        n0.0 |A...|
        A lost
        ",
    );
}

#[test]
fn a_job_that_may_be_retried_starts_anew_when_the_node_returns() {
    page(
        "
        node n0 H100x1
        A vision runs=3h retries=1
        1h down n0
        2h up n0
        ",
        "
        n0.0 |A.AAA.|
        ",
    );
}

#[test]
fn a_job_that_may_be_retried_starts_on_another_node() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        A vision runs=3h retries=1
        1h down n0
        ",
        "
        n0.0 |A....|
        n1.0 |.AAA.|
        ",
    );
}

#[test]
fn retries_are_counted() {
    page(
        "
        node n0 H100x1
        A vision runs=3h retries=1
        1h down n0
        2h up n0
        3h down n0
        4h up n0
        ",
        "
        n0.0 |A.A..|
        A lost
        ",
    );
}

#[test]
fn who_waits_is_not_touched() {
    page(
        "
        node n0 H100x1
        A vision runs=1h
        B vision runs=1h at=1h
        1h down n0
        3h up n0
        ",
        "
        n0.0 |A..B.|
        ",
    );
}

#[test]
fn a_suspended_job_is_lost_with_its_node() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B language runs=4h
        3h down n0
        5h up n0
        ",
        "
        n0.0 |AAB...|
        A lost
        B lost
        ",
    );
}

#[test]
fn jobs_on_other_nodes_go_on() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        A vision runs=3h
        B vision runs=3h
        1h down n0
        ",
        "
        n0.0 |A...|
        n1.0 |BBB.|
        A lost
        ",
    );
}

#[test]
fn a_node_that_is_lost_and_back_at_once_is_used_again() {
    page(
        "
        node n0 H100x1
        A vision runs=3h
        B vision runs=1h
        1h down n0
        1h up n0
        ",
        "
        n0.0 |AB..|
        A lost
        ",
    );
}
