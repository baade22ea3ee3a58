//! Rights and rooms that were found wrong in random worlds, each as a page.

use rota_sim::page::page;

#[test]
fn who_asks_for_more_than_they_claim_takes_turns_like_anyone() {
    page(
        "
        node n0 H100x2
        pool p n0
        claim lab/kim p gpus=1 lend=all reclaim=requeue
        claim lab/lee p gpus=1 lend=all reclaim=requeue
        A kim runs=3h gpus=2 turns=requeue keeps
        B lee runs=2h gpus=2 turns=requeue keeps
        ",
        "
        n0.0 |AABBA.|
        n0.1 |AABBA.|
        ",
    );
}

#[test]
fn what_could_not_be_suspended_is_queued_again_when_its_owner_comes() {
    page(
        "
        node n0 H100x1
        pool p n0
        claim lab/kim p lend=all reclaim=suspend
        A lee runs=4h unfreezable
        B kim at=1h runs=1h
        ",
        "
        n0.0 |ABAAAA.|
        ",
    );
}

#[test]
fn room_that_was_to_be_made_on_a_lost_node_is_found_elsewhere() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        A kim runs=4h switch=2h
        B park runs=3h turns=never
        C lee at=1h runs=2h
        3h down n0
        ",
        "
        n0.0 |AAA....|
        n1.0 |BBBCC..|
        A lost
        ",
    );
}

#[test]
fn room_that_is_being_made_counts_under_a_limit() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        limit each-person jobs=1
        A kim runs=4h switch=1h
        B park runs=3h turns=never
        C lee runs=2h
        D lee runs=1h
        ",
        "
        n0.0 |AAACCDAA.|
        n1.0 |BBB......|
        ",
    );
}

#[test]
fn two_budgets_of_one_grant_are_two_purses() {
    page(
        "
        node n0 H100x1 price=1000
        price H100 1
        budget lab/kim 2 per=month when_spent=stop
        budget lab/kim 4 per=year when_spent=stop
        A kim runs=1h
        B kim runs=1h at=1h
        C kim runs=1h at=2h
        ",
        "
        n0.0 |AB...|
        ",
    );
}

#[test]
fn who_has_no_gpu_does_not_stop_where_its_cores_are_not_needed() {
    page(
        "
        node n0 H100x1 cpus=8
        A kim runs=4h time=4h gpus=0
        B kim runs=4h time=4h
        C lee at=1h runs=1h time=1h
        ",
        "
        n0.0 |BBCBB.|
        ",
    );
}

#[test]
fn an_owner_asks_what_could_not_be_suspended_again_while_others_still_leave() {
    page(
        "
        node n0 H100x2
        pool p n0
        claim lab/kim p lend=all reclaim=suspend grace=2h
        A lee runs=4h turns=requeue keeps switch=1h grace=2h
        B park runs=4h unfreezable switch=1h grace=2h
        C kim at=1h runs=1h gpus=2
        ",
        "
        n0.0 |AACAAA..|
        n0.1 |BBCBBBB.|
        ",
    );
}
