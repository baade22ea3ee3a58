//! Budgets: purses, and what happens when they are spent.

use rota_sim::page::page;

#[test]
fn a_spent_grant_drops_to_spare() {
    page(
        "
        node n0 H100x1
        turn 10h
        budget lab/kim/nrf 2
        A kim/nrf/mina runs=6h
        B lee runs=2h at=3h
        ",
        "
        n0.0 |AAABBAAA.|
        ",
    );
}

#[test]
fn who_gave_way_in_its_turn_as_spare_takes_turns_again_with_the_other_once_that_is_spare_too() {
    page(
        "
        node n0 H100x1
        turn 3h
        budget lab/kim 4
        budget lab/lee 5
        A kim runs=8h
        B lee runs=8h
        ",
        "
        n0.0 |AAABBBABBBAAABBA.|
        ",
    );
}

#[test]
fn a_grant_with_something_left_is_not_spare() {
    page(
        "
        node n0 H100x1
        turn 10h
        budget lab/kim/nrf 20
        A kim/nrf/mina runs=6h
        B lee runs=2h at=3h
        ",
        "
        n0.0 |AAAAAABB.|
        ",
    );
}

#[test]
fn where_it_stops_nothing_starts_any_more_and_what_runs_goes_on() {
    page(
        "
        node n0 H100x1
        budget lab/kim/nrf 2 when_spent=stop per=0h-9000h
        A kim/nrf/mina runs=3h
        B kim/nrf/mina runs=1h at=3h
        C kim/mina runs=1h at=4h
        ",
        "
        n0.0 |AAA.C.|
        B waits
        ",
    );
}

#[test]
fn spare_use_ends_at_stop_at() {
    page(
        "
        node n0 H100x1
        budget lab/kim/nrf 2 stop_at=1.5 per=0h-9000h
        A kim/nrf/mina runs=2h
        B kim/nrf/mina runs=1h at=2h
        C kim/nrf/mina runs=1h at=3h
        ",
        "
        n0.0 |AAB..|
        C waits
        ",
    );
}

#[test]
fn a_new_month_begins_with_a_full_purse() {
    page(
        "
        node n0 H100x1
        picture 742h
        budget lab/kim/nrf 2 when_spent=stop per=month
        A kim/nrf/mina runs=3h
        B kim/nrf/mina runs=1h at=5h
        ",
        "
        n0.0 |..B.|
        ",
    );
}

#[test]
fn a_grant_outside_of_its_time_pays_for_nothing() {
    page(
        "
        node n0 H100x1
        budget lab/kim/nrf 20 when_spent=stop per=2h-9000h
        A kim/nrf/mina runs=1h
        ",
        "
        n0.0 |..A.|
        ",
    );
}

#[test]
fn a_purse_lasts_longer_at_night() {
    page(
        "
        node n0 H100x1
        price night 0.5 daily=00:00-08:00
        budget lab/kim/nrf 2 when_spent=stop per=0h-9000h
        A kim/nrf/mina runs=3h
        B kim/nrf/mina runs=1h at=3h
        C kim/nrf/mina runs=1h at=5h
        ",
        "
        n0.0 |AAAB..|
        C waits
        ",
    );
}

#[test]
fn one_purse_for_the_lab_is_spent_by_all_of_it() {
    page(
        "
        node n0 H100x1
        share lab/kim/nrf 1
        budget lab/kim 2 when_spent=stop per=0h-9000h
        A kim/nrf/mina runs=1h
        B kim/dan runs=1h
        C kim/mina runs=1h at=2h
        ",
        "
        n0.0 |AB..|
        C waits
        ",
    );
}
