//! Claims: whose GPUs are at what time, who borrows them, and how they come back.

use rota_sim::page::page;

#[test]
fn the_owner_takes_back_what_was_lent_at_once_and_no_work_is_lost() {
    page(
        "
        node n0 H100x1
        pool lee n0
        claim lab/lee lee
        A kim runs=4h
        B lee runs=2h at=1h
        ",
        "
        n0.0 |ABBAAA.|
        ",
    );
}

#[test]
fn a_claim_that_takes_back_by_requeue_lends_to_jobs_that_can_be_requeued() {
    page(
        "
        node n0 H100x1
        pool lee n0
        claim lab/lee lee reclaim=requeue
        A kim runs=4h turns=requeue
        B kim runs=1h turns=suspend
        C lee runs=2h at=1h
        ",
        "
        n0.0 |ACCAAAA.|
        B waits
        ",
    );
}

#[test]
fn an_owner_who_agreed_to_wait_waits_until_the_borrower_has_ended() {
    page(
        "
        node n0 H100x1
        pool lee n0
        claim lab/lee lee reclaim=wait
        A kim runs=4h turns=never
        B lee runs=2h at=1h
        ",
        "
        n0.0 |AAAABB.|
        ",
    );
}

#[test]
fn who_can_never_give_way_borrows_nothing_that_must_come_back() {
    page(
        "
        node n0 H100x1
        pool lee n0
        claim lab/lee lee
        A kim runs=2h turns=never
        B kim runs=2h
        ",
        "
        n0.0 |BB.|
        A waits
        ",
    );
}

#[test]
fn borrowers_ask_for_no_longer_walltime_than_the_owner_lends_for() {
    page(
        "
        node n0 H100x1
        pool lee n0
        claim lab/lee lee max_time=1h
        A kim runs=1h time=2h
        B kim runs=1h time=1h
        C kim runs=1h
        ",
        "
        n0.0 |B..|
        A waits
        C waits
        ",
    );
}

#[test]
fn where_only_owners_borrow_nobody_else_does() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        pool lee n0
        pool park n1
        claim lab/lee lee lend=owners
        claim lab/park park
        A kim gpu=H100 runs=1h
        B park gpu=H100 runs=2h
        ",
        "
        n0.0 |BB..|
        n1.0 |....|
        A waits
        ",
    );
}

#[test]
fn what_is_not_lent_stands_empty() {
    page(
        "
        node n0 H100x1
        pool lee n0
        claim lab/lee lee lend=no
        A kim runs=1h
        B lee runs=1h at=1h
        ",
        "
        n0.0 |.B.|
        A waits
        ",
    );
}

#[test]
fn a_job_on_its_own_claim_takes_no_turns_with_others() {
    page(
        "
        node n0 H100x1
        pool lee n0
        claim lab/lee lee
        A lee runs=5h
        B kim runs=2h at=1h
        ",
        "
        n0.0 |AAAAABB.|
        ",
    );
}

#[test]
fn a_class_has_its_gpus_in_its_hours_and_lends_them_when_it_is_done() {
    page(
        "
        node n0 H100x1
        turn 10h
        pool room n0
        claim class/cs room daily=02:00-06:00
        A kim runs=5h
        B cs runs=1h at=2h
        ",
        "
        n0.0 |AABAAA.|
        ",
    );
}

#[test]
fn before_a_class_only_what_ends_in_time_starts() {
    page(
        "
        node n0 H100x1
        pool room n0
        claim class/cs room daily=02:00-04:00
        A kim runs=3h time=3h turns=never
        B kim runs=2h time=2h turns=never
        C cs runs=2h at=2h
        ",
        "
        n0.0 |BBCCAAA.|
        ",
    );
}

#[test]
fn a_start_is_planned_where_the_claims_of_that_hour_leave_room() {
    page(
        "
        node n0 H100x2
        node n1 H100x2
        pool room n0
        claim class/cs room daily=02:00-08:00
        A park gpus=2 runs=2h time=2h turns=never pool=room
        B choi runs=5h time=5h turns=never
        C kim gpus=2 runs=3h time=3h turns=never
        D lee runs=8h time=8h turns=never at=1h
        E lee runs=4h time=4h turns=never at=1h
        F cs gpus=2 runs=6h at=2h
        ",
        "
        n0.0 |AAFFFFFF........|
        n0.1 |AAFFFFFF........|
        n1.0 |BBBBBCCCDDDDDDDD|
        n1.1 |.EEEECCC........|
        ",
    );
}

#[test]
fn a_class_that_does_not_come_is_not_waited_for_longer_than_a_quarter_of_an_hour() {
    page(
        "
        node n0 H100x1
        pool room n0
        claim class/cs room daily=02:00-08:00
        A kim runs=3h time=3h turns=never
        B kim runs=2h time=2h turns=never
        ",
        "
        n0.0 |BBAAA.|
        ",
    );
}

#[test]
fn on_monday_a_rotating_claim_goes_to_the_next_lab() {
    page(
        "
        node n0 H100x1
        turn 100h
        picture 94h
        pool p n0
        claim lab/kim,lab/lee p
        A lee at=90h runs=10h
        B kim at=91h runs=4h
        ",
        "
        n0.0 |AABBBBAAAA.|
        ",
    );
}

#[test]
fn a_claim_on_some_gpus_leaves_the_others_to_everyone() {
    page(
        "
        node n0 H100x2
        pool p n0
        claim lab/lee p gpus=1 lend=no
        A kim runs=1h
        B kim runs=1h
        C lee runs=2h
        ",
        "
        n0.0 |CC.|
        n0.1 |AB.|
        ",
    );
}

#[test]
fn nobody_returns_before_the_one_for_whom_room_was_made_has_started() {
    page(
        "
        node n0 H100x2
        pool lee n0
        claim lab/lee lee
        A kim runs=3h switch=40m
        B kim runs=3h
        C lee gpus=2 runs=2h at=1h
        ",
        "
        n0.0 |AACCAA.|
        n0.1 |B.CCBB.|
        ",
    );
}

#[test]
fn maintenance_finds_the_nodes_empty() {
    page(
        "
        node n0 H100x1
        pool p n0
        claim nobody p from=2h until=4h lend=no
        A kim runs=3h time=3h
        B kim runs=2h time=2h
        ",
        "
        n0.0 |BB..AAA.|
        ",
    );
}

#[test]
fn a_holder_of_a_claim_goes_before_higher_classes() {
    page(
        "
        node n0 H100x1
        class short 2
        class normal 1 default
        pool lee n0
        claim lab/lee lee
        A kim class=short runs=1h
        B lee runs=1h
        ",
        "
        n0.0 |BA.|
        ",
    );
}

#[test]
fn an_owner_who_waits_is_passed_by_no_new_borrower_however_little_that_one_used() {
    page(
        "
        node n0 H100x2
        turn 20h
        pool lee n0
        claim lab/lee lee reclaim=wait max_time=4h
        A lee gpus=2 runs=10h time=10h
        B kim runs=4h time=4h at=10h
        C lee gpus=2 runs=2h time=2h at=11h
        D park runs=4h time=4h at=11h
        E choi runs=4h time=4h at=13h
        ",
        "
        n0.0 |AAAAAAAAAABBBBCCDDDD.|
        n0.1 |AAAAAAAAAA....CCEEEE.|
        ",
    );
}
