//! Classes: kinds of job, and which goes first.

use rota_sim::page::page;

#[test]
fn the_higher_class_goes_first() {
    page(
        "
        node n0 H100x1
        class short 2
        class normal 1 default
        A kim runs=1h
        B kim runs=1h
        C lee class=short runs=1h
        ",
        "
        n0.0 |CAB.|
        ",
    );
}

#[test]
fn a_higher_class_waits_for_the_end_of_a_turn_too() {
    page(
        "
        node n0 H100x1
        class short 2
        class normal 1 default
        A kim runs=4h
        B lee class=short runs=1h at=1h
        ",
        "
        n0.0 |AABAA.|
        ",
    );
}

#[test]
fn a_lower_class_takes_no_turn_of_a_higher_one() {
    page(
        "
        node n0 H100x1
        class short 2
        class normal 1 default
        A kim class=short runs=4h
        B lee runs=1h at=1h
        ",
        "
        n0.0 |AAAAB.|
        ",
    );
}

#[test]
fn a_protected_job_is_not_stopped_for_others() {
    page(
        "
        node n0 H100x1
        class safe 1 protected
        class normal 1 default
        A kim class=safe runs=4h
        B lee runs=1h at=1h
        ",
        "
        n0.0 |AAAAB.|
        ",
    );
}

#[test]
fn a_protected_job_borrows_nothing_that_must_come_back() {
    page(
        "
        node n0 H100x1
        class safe 1 protected
        pool lee n0
        claim lab/lee lee
        A kim class=safe runs=1h
        ",
        "
        n0.0 |..|
        A waits
        ",
    );
}

#[test]
fn spare_gives_way_at_once_to_all_who_are_not_spare() {
    page(
        "
        node n0 H100x1
        turn 10h
        class spare 0
        class normal 1 default
        A kim class=spare runs=4h
        B lee runs=1h at=1h
        C kim runs=1h at=3h
        ",
        "
        n0.0 |ABACAA.|
        ",
    );
}

#[test]
fn spare_takes_turns_with_spare() {
    page(
        "
        node n0 H100x1
        class spare 0
        class normal 1 default
        A kim class=spare runs=4h
        B lee class=spare runs=2h at=1h
        ",
        "
        n0.0 |AABBAA.|
        ",
    );
}

#[test]
fn a_job_without_walltime_has_that_of_its_class() {
    page(
        "
        node n0 H100x1
        class short 2 max_time=3h
        A kim class=short runs=5h
        ",
        "
        n0.0 |AAA.|
        A timeout
        ",
    );
}

#[test]
fn a_class_takes_no_longer_job_than_it_is_for() {
    page(
        "
        node n0 H100x1
        class short 2 max_time=3h
        A kim class=short time=4h
        B kim class=shrt
        ",
        "
        n0.0 |...|
        refused: too-long
        refused: unknown-class
        ",
    );
}

#[test]
fn a_person_holds_so_many_gpus_in_a_class_and_others_hold_theirs() {
    page(
        "
        node n0 H100x3
        class interactive 3 gpus=1
        class normal 1 default
        A kim/mina class=interactive runs=1h
        B kim/mina class=interactive runs=1h
        C kim/dan class=interactive runs=1h
        ",
        "
        n0.0 |AB.|
        n0.1 |C..|
        n0.2 |...|
        ",
    );
}

#[test]
fn a_cheap_class_costs_less_of_the_share() {
    page(
        "
        node n0 H100x1
        class spare 0 price=0.1
        class normal 1 default
        A kim class=spare runs=4h
        B lee runs=1h at=4h
        C kim runs=1h at=5h
        D lee runs=1h at=5h
        ",
        "
        n0.0 |AAAABCD.|
        ",
    );
}

#[test]
fn jobs_of_a_class_run_only_in_its_pools() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        pool h100 n0
        pool a100 n1
        class short 2 pools=h100
        class normal 1 pools=a100 default
        A kim class=short runs=1h
        B kim class=short runs=1h
        C lee runs=2h
        D lee runs=1h
        ",
        "
        n0.0 |AB..|
        n1.0 |CCD.|
        ",
    );
}

#[test]
fn a_spare_job_is_a_holders_while_the_claim_of_its_people_lasts_and_gives_way_before_and_after() {
    page(
        "
        node n0 H100x1
        pool p n0
        turn 4h
        class spare 0
        class normal 1 default
        claim lab/kim p daily=03:00-05:00
        A kim class=spare runs=8h
        B lee runs=4h at=1h
        ",
        "
        n0.0 |ABBAABBAAAAA.|
        ",
    );
}
