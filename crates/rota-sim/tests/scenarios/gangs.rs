//! Gangs: jobs on several nodes, which start, stop and end as one.

use rota_sim::page::page;

#[test]
fn a_gang_starts_on_all_its_nodes_at_one_moment() {
    page(
        "
        node n0 H100x2
        node n1 H100x2
        A vision runs=3h gpus=2
        B vision runs=2h gpus=2 nodes=2
        ",
        "
        n0.0 |AAABB.|
        n0.1 |AAABB.|
        n1.0 |...BB.|
        n1.1 |...BB.|
        ",
    );
}

#[test]
fn a_gang_is_on_nodes_of_one_model() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        node n2 H100x1
        A vision runs=2h nodes=2
        B vision nodes=3
        ",
        "
        n0.0 |AA.|
        n1.0 |...|
        n2.0 |AA.|
        refused: too-many-nodes
        ",
    );
}

#[test]
fn what_fits_in_before_a_gang_runs_meanwhile() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        A vision runs=3h time=3h turns=never
        B vision runs=2h time=2h nodes=2
        C vision runs=3h time=3h
        D vision runs=4h time=4h
        ",
        "
        n0.0 |AAABBDDDD.|
        n1.0 |CCCBB.....|
        ",
    );
}

#[test]
fn those_whose_turn_is_over_make_room_for_a_gang_together() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        A vision runs=4h
        B vision runs=4h
        C language at=1h runs=2h nodes=2
        ",
        "
        n0.0 |AACCAA..|
        n1.0 |BBCCBB..|
        ",
    );
}

#[test]
fn a_gang_is_suspended_and_resumed_as_one() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        A vision runs=4h nodes=2
        B language runs=2h
        ",
        "
        n0.0 |AABBAA.|
        n1.0 |AA..AA.|
        ",
    );
}

#[test]
fn a_gang_that_lost_a_node_is_lost_on_all() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        A vision runs=4h nodes=2 retries=1
        1h down n1
        2h up n1
        ",
        "
        n0.0 |A.AAAA.|
        n1.0 |A.AAAA.|
        ",
    );
}
