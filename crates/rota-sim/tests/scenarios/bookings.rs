//! Bookings: people pay for GPUs at a time of their own.

use rota_sim::page::page;

#[test]
fn who_booked_has_the_gpus_at_their_time() {
    page(
        "
        node n0 H100x1
        turn 10h
        0h book kim from=2h for=2h
        A lee runs=6h
        B kim runs=2h at=2h
        ",
        "
        n0.0 |AABBAAAA.|
        ",
    );
}

#[test]
fn a_booking_lends_its_gpus_until_its_owner_comes() {
    page(
        "
        node n0 H100x1
        turn 10h
        0h book kim from=1h for=5h
        A lee runs=5h
        B kim runs=1h at=3h
        ",
        "
        n0.0 |AAABAA.|
        ",
    );
}

#[test]
fn what_is_done_when_a_booking_is_over_is_a_job_like_others() {
    page(
        "
        node n0 H100x1
        0h book kim from=0h for=2h
        A kim runs=6h
        B lee runs=2h
        ",
        "
        n0.0 |AABBAAAA.|
        ",
    );
}

#[test]
fn a_job_that_never_makes_room_starts_only_where_it_ends_before_the_booking() {
    page(
        "
        node n0 H100x1
        0h book kim from=2h for=2h
        A lee runs=3h time=3h turns=never
        B lee runs=1h time=2h turns=never
        C kim runs=2h at=2h
        ",
        "
        n0.0 |B.CCAAA.|
        ",
    );
}

#[test]
fn nobody_waits_for_a_person_who_does_not_come_for_more_than_a_quarter_of_an_hour() {
    page(
        "
        node n0 H100x1
        0h book kim from=1h for=5h
        A lee runs=3h time=3h turns=never
        ",
        "
        n0.0 |.AAA.|
        ",
    );
}

#[test]
fn a_booking_is_paid_at_once_and_refused_where_the_purse_has_not_enough() {
    page(
        "
        node n0 H100x4
        budget lab/kim 10
        0h book kim gpus=2 from=2h for=3h
        0h book kim gpus=1 from=2h for=1h
        ",
        "
        n0.0 |.|
        n0.1 |.|
        n0.2 |.|
        n0.3 |.|
        refused: booking-budget
        ",
    );
}

#[test]
fn a_booking_given_back_before_it_begins_is_paid_back() {
    page(
        "
        node n0 H100x4
        budget lab/kim 10
        0h book kim gpus=2 from=2h for=3h
        1h unbook 1
        1h book kim gpus=2 from=2h for=3h
        ",
        "
        n0.0 |.|
        n0.1 |.|
        n0.2 |.|
        n0.3 |.|
        ",
    );
}

#[test]
fn a_booking_given_back_once_it_has_begun_is_not_paid_back() {
    page(
        "
        node n0 H100x4
        budget lab/kim 10
        0h book kim gpus=2 from=2h for=3h
        3h unbook 1
        3h book kim gpus=2 from=4h for=3h
        ",
        "
        n0.0 |.|
        n0.1 |.|
        n0.2 |.|
        n0.3 |.|
        refused: booking-budget
        ",
    );
}

#[test]
fn on_their_booking_people_pay_no_gpu_twice() {
    page(
        "
        node n0 H100x1
        budget lab/kim 3.2 when_spent=stop per=0h-9000h
        0h book kim from=0h for=2h
        A kim runs=2h
        B kim runs=1h at=3h
        ",
        "
        n0.0 |AA.B.|
        ",
    );
}

#[test]
fn beyond_its_booking_a_job_pays_as_usual() {
    page(
        "
        node n0 H100x1
        budget lab/kim 3.2 when_spent=stop per=0h-9000h
        0h book kim from=0h for=2h
        A kim runs=4h
        B kim runs=1h at=4h
        ",
        "
        n0.0 |AAAA..|
        B waits
        ",
    );
}

#[test]
fn a_job_that_runs_when_its_booking_begins_pays_no_more_from_then_on() {
    page(
        "
        node n0 H100x1
        budget lab/kim 4.2 when_spent=stop per=0h-9000h
        0h book kim from=1h for=2h
        A kim runs=3h
        B kim runs=1h at=4h
        ",
        "
        n0.0 |AAA.B.|
        ",
    );
}

#[test]
fn two_bookings_never_share_a_gpu() {
    page(
        "
        node n0 H100x2
        0h book kim from=2h for=2h
        0h book lee from=3h for=2h
        0h book park from=3h for=2h
        0h book park from=5h for=1h
        ",
        "
        n0.0 |.|
        n0.1 |.|
        refused: booked-out
        ",
    );
}

#[test]
fn what_others_claim_then_cannot_be_booked() {
    page(
        "
        node n0 H100x1
        pool room n0
        claim class/cs room daily=02:00-04:00
        0h book kim from=3h for=2h
        0h book kim from=4h for=2h
        ",
        "
        n0.0 |.|
        refused: booked-out
        ",
    );
}

#[test]
fn what_a_job_holds_that_never_makes_room_cannot_be_booked() {
    page(
        "
        node n0 H100x1
        A lee runs=2h time=4h turns=never
        1h book kim from=3h for=1h
        1h book kim from=4h for=1h
        ",
        "
        n0.0 |AA.|
        refused: booked-out
        ",
    );
}

#[test]
fn a_booking_with_which_a_promise_might_be_broken_is_refused() {
    // Whoever wants both GPUs waits for what is booked.
    page(
        "
        node n0 H100x2
        pool p n0 own
        turns p 2h max_wait=6h
        0h book kim from=1h for=5h
        0h book kim from=1h for=3h
        0h book kim from=4h for=2h
        0h book lee from=20h for=3h
        A kim runs=3h at=1h
        B park gpus=2 runs=2h at=1h
        ",
        "
        n0.0 |.AAABB.|
        n0.1 |....BB.|
        refused: booking-breaks-promise
        refused: booking-breaks-promise
        ",
    );
    // Beside it there is a node for whoever wants one.
    page(
        "
        node n0 H100x2
        node n1 H100x2
        pool p n0,n1 own
        turns p 2h max_wait=6h
        0h book kim from=1h for=20h
        0h book lee gpus=2 from=1h for=20h
        ",
        "
        n0.0 |.|
        n0.1 |.|
        n1.0 |.|
        n1.1 |.|
        refused: booking-breaks-promise
        ",
    );
}

#[test]
fn a_booking_begins_soon_and_is_not_endless() {
    page(
        "
        node n0 H100x1
        2h book kim from=1h for=1h
        2h book kim from=700h for=1h
        2h book kim from=3h for=25h
        2h book kim from=3h for=5m
        2h book kim gpus=1 pool=nowhere from=3h for=1h
        2h book kim gpus=1 gpu=H10 from=3h for=1h
        ",
        "
        n0.0 |.|
        refused: booking-past
        refused: booking-too-far
        refused: booking-length
        refused: booking-length
        refused: unknown-pool
        refused: unknown-model
        ",
    );
}

#[test]
fn one_booking_ending_moves_no_other() {
    page(
        "
        node n0 H100x2
        turn 20h
        0h book kim from=0h for=2h
        0h book lee from=1h for=4h
        A kim runs=1h
        B park runs=6h
        C lee runs=4h at=1h
        ",
        "
        n0.0 |A..........|
        n0.1 |BCCCCBBBBB.|
        ",
    );
}
