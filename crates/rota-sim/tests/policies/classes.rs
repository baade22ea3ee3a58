//! Kinds of job: which goes first, how long it may be, and where.

use super::site;
use rota_core::units::Span;
use rota_sim::page::page_under;

#[test]
fn the_second_unkillable_job_of_a_person_at_mila_waits_and_a_long_job_is_killed_for_it() {
    page_under(
        &site("mila"),
        "
        node gpu01 A100x2
        A ana class=unkillable runs=3h
        B ana class=unkillable runs=1h
        C bob class=long runs=3h turns=requeue
        D eve class=unkillable runs=2h at=1h
        ",
        "
        gpu01.0 |AAAB...|
        gpu01.1 |CDDCCC.|
        ",
    );
}

#[test]
fn the_fifth_h100_of_a_person_at_mila_waits_and_only_short_jobs_have_any() {
    page_under(
        &site("mila"),
        "
        node h100-01 H100x8
        node gpu01 A100x1
        A ana class=short-unkillable gpu=H100 gpus=4 runs=2h
        B ana class=short-unkillable gpu=H100 runs=9h
        C bob class=main runs=2h
        D bob class=main runs=1h
        ",
        "
        h100-01.0 |AABBB..|
        h100-01.1-3 |AA.....|
        h100-01.4-7 |.......|
        gpu01.0 |CCD....|
        B timeout
        ",
    );
}

#[test]
fn besteffort_at_luxembourg_gives_way_to_a_ladder_of_four() {
    page_under(
        &site("ulhpc"),
        "
        node iris-169 V100x1
        A ana class=besteffort runs=3h turns=requeue
        B ana class=low runs=1h at=1h
        C ana runs=1h at=1h
        D ana class=high runs=1h at=1h
        E ana class=urgent runs=1h at=1h
        ",
        "
        iris-169.0 |AEDCBAAA.|
        ",
    );
}

#[test]
fn two_long_jobs_in_all_hold_an_h100_at_luxembourg() {
    page_under(
        &site("ulhpc"),
        "
        node hopper-01 H100x4
        A ana class=hopper-long runs=3h
        B bob class=hopper-long runs=2h
        C eve class=hopper-long runs=1h
        ",
        "
        hopper-01.0 |AAA.|
        hopper-01.1 |BBC.|
        hopper-01.2-3 |....|
        ",
    );
}

#[test]
fn a_class_of_princeton_is_as_long_as_its_jobs_may_be() {
    page_under(
        &site("princeton"),
        "
        node della01 A100x2
        A ana class=up-to-1h runs=3h
        B bob class=up-to-24h runs=3h
        ",
        "
        della01.0 |A...|
        della01.1 |BBB.|
        A timeout
        ",
    );
}

#[test]
fn princeton_remembers_use_for_30_days_and_takes_back_what_was_never_used() {
    let policy = site("princeton");
    assert_eq!(policy.half_life, Span::hours(30 * 24));
    assert_eq!(policy.idle.never_used.map(|p| p.stop), Some(Span::hours(2)));
}

#[test]
fn one_interactive_gpu_of_a_person_at_epfl_stops_training_at_once() {
    page_under(
        &site("epfl-mlo"),
        "
        node rcp01 A100x2
        A ana gpus=2 runs=4h
        B bob class=interactive runs=2h at=1h
        C bob class=interactive runs=1h at=1h
        ",
        "
        rcp01.0 |ABBCAAA.|
        rcp01.1 |A...AAA.|
        ",
    );
}

#[test]
fn a_gpu_job_of_delftblue_ends_after_48_hours() {
    page_under(
        &site("delftblue"),
        "
        columns 12h
        node gpu01 A100x1
        A ana runs=60h
        B bob runs=12h at=1h
        ",
        "
        gpu01.0 |AAAAB.|
        A timeout
        ",
    );
}

#[test]
fn the_high_rank_of_squid_goes_first() {
    page_under(
        &site("squid"),
        "
        node sq01 A100x1
        A ana class=share runs=1h
        B bob class=high runs=1h
        ",
        "
        sq01.0 |BA.|
        ",
    );
}
