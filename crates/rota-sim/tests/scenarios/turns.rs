//! Turns: who makes room for whom, and when.

use rota_sim::page::page;

#[test]
fn two_labs_take_turns_and_lose_no_work() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B language runs=4h
        ",
        "
        n0.0 |AABBAABB.|
        ",
    );
}

#[test]
fn people_of_one_lab_take_turns_too() {
    page(
        "
        node n0 H100x1
        A vision/mina runs=4h
        B vision/dan runs=4h
        ",
        "
        n0.0 |AABBAABB.|
        ",
    );
}

#[test]
fn people_do_not_take_turns_with_themselves() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B vision runs=4h
        ",
        "
        n0.0 |AAAABBBB.|
        ",
    );
}

#[test]
fn three_labs_take_turns_in_order() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B language runs=4h
        C robotics runs=4h
        ",
        "
        n0.0 |AABBCCAABBCC.|
        ",
    );
}

#[test]
fn nobody_makes_room_while_nobody_waits() {
    page(
        "
        node n0 H100x1
        A vision runs=7h
        ",
        "
        n0.0 |AAAAAAA.|
        ",
    );
}

#[test]
fn who_comes_in_the_middle_of_a_turn_waits_for_its_end() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B language runs=4h at=1h
        ",
        "
        n0.0 |AABBAABB.|
        ",
    );
}

#[test]
fn who_comes_after_the_end_of_a_turn_gets_theirs_at_once() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B language runs=2h at=3h
        ",
        "
        n0.0 |AAABBA.|
        ",
    );
}

#[test]
fn a_job_that_never_makes_room_runs_to_its_end() {
    page(
        "
        node n0 H100x1
        A vision runs=4h turns=never
        B language runs=2h
        ",
        "
        n0.0 |AAAABB.|
        ",
    );
}

#[test]
fn a_requeued_job_goes_on_from_its_checkpoint() {
    page(
        "
        node n0 H100x1
        A vision runs=4h turns=requeue keeps
        B language runs=4h turns=requeue keeps
        ",
        "
        n0.0 |AABBAABB.|
        ",
    );
}

#[test]
fn a_requeued_job_without_a_checkpoint_starts_anew() {
    page(
        "
        node n0 H100x1
        A vision runs=4h turns=requeue
        B language runs=2h turns=never
        ",
        "
        n0.0 |AABBAAAA.|
        ",
    );
}

#[test]
fn a_gang_takes_the_turns_of_two() {
    page(
        "
        node n0 H100x2
        A vision/mina runs=4h
        B vision/dan runs=4h
        C language gpus=2 runs=2h at=1h
        ",
        "
        n0.0 |AACCAA.|
        n0.1 |BBCCBB.|
        ",
    );
}

#[test]
fn a_gang_waits_for_the_later_of_two_turns() {
    page(
        "
        node n0 H100x2
        A vision/mina runs=4h
        B vision/dan runs=4h at=1h
        C language gpus=2 runs=2h at=2h
        ",
        "
        n0.0 |AAACCA..|
        n0.1 |.BBCCBB.|
        ",
    );
}

#[test]
fn of_two_holders_the_one_whose_turn_ends_first_makes_room() {
    page(
        "
        node n0 H100x2
        A vision/mina runs=4h
        B vision/dan runs=3h at=1h
        C language runs=2h at=2h
        ",
        "
        n0.0 |AACCAA.|
        n0.1 |.BBB...|
        ",
    );
}

#[test]
fn what_is_freed_goes_to_who_it_was_freed_for() {
    page(
        "
        node n0 H100x2
        A vision/mina runs=3h time=3h turns=never
        B vision/dan runs=4h
        C language gpus=2 runs=2h at=1h
        ",
        "
        n0.0 |AAACC..|
        n0.1 |BBBCCB.|
        ",
    );
}

#[test]
fn a_suspended_job_resumes_on_its_own_gpus_only() {
    page(
        "
        node n0 H100x2
        A vision runs=4h
        B robotics runs=3h turns=never
        C language runs=3h
        ",
        "
        n0.0 |AACCAAC.|
        n0.1 |BBB.....|
        ",
    );
}

#[test]
fn a_requeued_job_may_go_on_elsewhere() {
    page(
        "
        node n0 H100x2
        A vision runs=4h turns=requeue keeps
        B robotics runs=3h turns=never
        C language runs=3h
        ",
        "
        n0.0 |AACCC.|
        n0.1 |BBBAA.|
        ",
    );
}

#[test]
fn a_suspended_job_keeps_its_memory_so_a_large_one_waits() {
    page(
        "
        node n0 H100x1 mem=100G
        A vision runs=4h mem=60G
        B language runs=1h mem=60G
        ",
        "
        n0.0 |AAAAB.|
        ",
    );
}

#[test]
fn a_requeued_job_gives_its_memory_back() {
    page(
        "
        node n0 H100x1 mem=100G
        A vision runs=3h mem=60G turns=requeue keeps
        B language runs=1h mem=60G
        ",
        "
        n0.0 |AABA.|
        ",
    );
}

#[test]
fn a_job_that_cannot_be_suspended_goes_on_and_is_not_asked_again() {
    page(
        "
        node n0 H100x1
        A vision runs=5h unfreezable
        B language runs=1h
        ",
        "
        n0.0 |AAAAAB.|
        ",
    );
}

#[test]
fn a_suspend_that_fails_in_passing_is_tried_again_after_a_rest() {
    page(
        "
        node n0 H100x1
        columns 1m
        turn 5m
        A vision runs=12m refuses=2
        B language runs=5m
        ",
        "
        n0.0 |AAAAAAAAAABBBBBAA.|
        ",
    );
}

#[test]
fn after_three_failures_a_job_is_not_asked_again() {
    page(
        "
        node n0 H100x1
        columns 1m
        turn 5m
        A vision runs=20m refuses=3
        B language runs=5m
        ",
        "
        n0.0 |AAAAAAAAAAAAAAAAAAAABBBBB.|
        ",
    );
}

#[test]
fn a_longer_turn_changes_hands_less_often() {
    page(
        "
        node n0 H100x1
        turn 3h
        A vision runs=6h
        B language runs=6h
        ",
        "
        n0.0 |AAABBBAAABBB.|
        ",
    );
}

#[test]
fn a_lab_that_used_more_takes_no_turn_from_one_that_used_less() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B language runs=3h at=4h
        C vision runs=1h at=4h
        ",
        "
        n0.0 |AAAABBBC.|
        ",
    );
}

#[test]
fn turns_are_between_jobs_that_fit_the_same_gpus() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        A vision gpu=H100 runs=4h
        B vision gpu=A100 runs=4h turns=never
        C language gpu=H100 runs=2h
        ",
        "
        n0.0 |AACCAA.|
        n1.0 |BBBB...|
        ",
    );
}
