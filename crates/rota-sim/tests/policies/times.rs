//! Rights for a time: a week, a deadline.

use super::site;
use rota_sim::page::page_under;

#[test]
fn on_monday_empire_ai_hands_over_to_the_next_university() {
    page_under(
        &site("empire-ai"),
        "
        begins 2026-05-03
        picture 18h
        node node01 H100x8
        A uni-b gpus=8 runs=6h at=20h turns=requeue
        B uni-c gpus=8 runs=4h at=21h turns=requeue
        ",
        "
        node01.0-7 |..AAAABBBBAAAAAA.|
        ",
    );
}

#[test]
fn who_is_preempted_at_empire_ai_leaves_within_a_few_minutes() {
    page_under(
        &site("empire-ai"),
        "
        begins 2026-05-03
        columns 1m
        picture 1436m
        node node01 H100x8
        A uni-a gpus=8 runs=30h turns=requeue grace=10m switch=20m
        B uni-c gpus=8 runs=3m at=21h turns=requeue
        ",
        "
        node01.0-7 |AAAAAAAAABBBAAAA|
        ",
    );
}

#[test]
fn on_the_other_nodes_of_empire_ai_nobody_is_preempted() {
    page_under(
        &site("empire-ai"),
        "
        begins 2026-05-03
        picture 22h
        node node07 H100x8
        A uni-b gpus=8 runs=4h at=22h turns=requeue
        B uni-c gpus=8 runs=2h at=23h turns=requeue
        ",
        "
        node07.0-7 |AAAABB.|
        ",
    );
}

#[test]
fn the_board_of_daic_gives_a_group_its_gpus_before_the_deadline() {
    let policy = site("daic");
    let given: Vec<&str> = policy.claims.iter().map(|c| c.approved_by.as_str()).collect();
    assert_eq!(given, ["", "user board"]);
    page_under(
        &policy,
        "
        begins 2027-01-19
        columns 2h
        node gpu01 A100x2
        A c gpus=2 runs=40h turns=requeue keeps
        B b gpus=2 runs=10h at=20h
        ",
        "
        gpu01.0-1 |AAAAAAAAAAAABBBBBAAAAAAAA.|
        ",
    );
}

#[test]
fn an_exception_at_riverside_gives_gpus_for_two_weeks_and_not_longer() {
    page_under(
        &site("uc-riverside"),
        "
        begins 2027-05-14
        node gpu01 A100x2
        A bob gpus=2 runs=20h time=20h turns=requeue keeps
        B ana gpus=2 runs=2h time=2h at=1h
        C eve gpus=2 runs=4h time=4h at=20h turns=requeue keeps
        D ana gpus=2 runs=1h time=1h at=25h
        ",
        "
        gpu01.0-1 |ABBAAAAAAAAAAAAAAAAAAACCCCD.|
        ",
    );
}
