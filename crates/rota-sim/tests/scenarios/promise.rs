//! Shares, boosts, ledgers, turns, and the promise.

use rota_sim::page::page;

#[test]
fn the_promise_goes_before_shares() {
    page(
        "
        node n0 H100x1
        pool p n0 own
        turns p 2h max_wait=6h
        share lab/kim 100
        A kim runs=9h
        B lee runs=2h
        ",
        "
        n0.0 |AAAABBAAAAA.|
        ",
    );
}

#[test]
fn a_drained_gpu_keeps_no_promise_so_others_are_asked_for_turns_earlier() {
    page(
        "
        node n0 H100x2
        pool p n0 own
        turns p 2h max_wait=8h
        share lab/kim 100
        0h drain n0:1
        A kim runs=9h
        B lee runs=2h
        C park runs=2h
        D choi runs=2h
        ",
        "
        n0.0 |AABBCCDDAAAAAAA|
        n0.1 |...............|
        ",
    );
}

#[test]
fn who_may_use_one_model_of_a_pool_alone_is_asked_for_turns_as_early_as_its_few_gpus_need() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        node n2 A100x1
        node n3 A100x1
        pool p n* own
        turns p 2h max_wait=8h
        share lab/kim 100
        A kim gpu=H100 runs=9h
        B lee gpu=H100 runs=2h
        C park gpu=H100 runs=2h
        D choi gpu=H100 runs=2h
        ",
        "
        n0.0 |AABBCCDDAAAAAAA|
        n1.0 |...............|
        n2.0 |...............|
        n3.0 |...............|
        ",
    );
}

#[test]
fn who_has_gpus_of_its_own_model_to_wait_for_is_not_hurried_by_those_who_wait_for_another() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        pool p n0,n1 own
        turns p 2h max_wait=8h
        share lab/kim 100
        A kim gpu=H100 runs=9h
        B kim gpu=A100 runs=9h
        C choi gpu=A100 runs=2h at=10m
        D lee gpu=H100 runs=2h at=20m
        E park gpu=H100 runs=2h at=30m
        ",
        "
        n0.0 |AAAADDEEAAAAA.|
        n1.0 |BBBBBBCCBBB...|
        ",
    );
}

#[test]
fn without_a_promise_a_small_share_waits_long() {
    page(
        "
        node n0 H100x1
        pool p n0 own
        turns p 2h
        share lab/kim 100
        A kim runs=9h
        B lee runs=2h
        ",
        "
        n0.0 |AAAAAAAAABB.|
        ",
    );
}

#[test]
fn a_claim_goes_before_the_promise() {
    page(
        "
        node n0 H100x1
        pool p n0 own
        claim lab/kim p
        turns p 2h max_wait=6h
        A kim runs=9h
        B lee runs=2h
        ",
        "
        n0.0 |AAAAAAAAABB.|
        ",
    );
}

#[test]
fn many_grants_of_one_lab_gain_nothing_on_another_lab() {
    page(
        "
        node n0 H100x1
        pool p n0 own
        turns p 2h
        share lab/kim/a 1
        share lab/kim/b 1
        A kim/a/mina runs=4h
        B kim/b/mina runs=4h
        C lee runs=4h
        ",
        "
        n0.0 |AACCBBCCAABB.|
        ",
    );
}

#[test]
fn a_boosted_lab_has_more_turns_while_it_is_boosted() {
    page(
        "
        node n0 H100x1
        boost lab/lee 3
        A kim array=0-3 runs=1h
        B lee array=0-7 runs=1h
        ",
        "
        n0.0 |ABBBABBBABBA.|
        ",
    );
}

#[test]
fn use_in_a_scarce_pool_counts_there_alone() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        pool h100 n0 own
        A kim gpu=A100 runs=8h
        B lee gpu=H100 runs=4h
        C lee gpu=H100 runs=1h at=4h
        D kim gpu=H100 runs=1h at=4h
        ",
        "
        n0.0 |BBBBDC...|
        n1.0 |AAAAAAAA.|
        ",
    );
}

#[test]
fn without_a_ledger_of_its_own_a_pool_shares_the_common_one() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        pool h100 n0
        A kim gpu=A100 runs=8h
        B lee gpu=H100 runs=4h
        C kim gpu=H100 runs=1h at=4h
        D lee gpu=H100 runs=1h at=4h
        ",
        "
        n0.0 |BBBBDC...|
        n1.0 |AAAAAAAA.|
        ",
    );
}

#[test]
fn a_turn_is_at_least_twenty_times_as_long_as_a_switch_costs() {
    page(
        "
        node n0 H100x1
        A kim runs=8h switch=12m
        B lee runs=8h
        ",
        "
        n0.0 |AABBAAAABBBBAABB|
        ",
    );
}

#[test]
fn where_waits_are_bounded_who_makes_no_room_stays_no_longer_than_a_turn() {
    page(
        "
        node n0 H100x1
        pool p n0 own
        turns p 2h max_wait=6h
        A kim runs=2h time=2h turns=never
        B lee runs=1h
        C kim runs=3h turns=never
        D kim runs=3h time=3h turns=never
        ",
        "
        n0.0 |AAB.|
        refused: makes-no-room
        refused: makes-no-room
        ",
    );
}
