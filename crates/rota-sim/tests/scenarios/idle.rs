//! GPUs that are held and not used: people are told after half an hour; after an hour whoever waits may have them.

use rota_core::decision::Reason;
use rota_core::event::Event;
use rota_core::job::Stop;
use rota_core::policy::Policy;
use rota_core::units::{Span, Time};
use rota_sim::page::{page, page_under};

#[test]
fn who_uses_nothing_for_an_hour_leaves_to_who_waits_and_loses_no_work() {
    page(
        "
        node n0 H100x1
        turn 12h
        A vision runs=5h
        B speech runs=2h at=30m
        1h idle A
        ",
        "
        n0.0 |AABBAAA|
        ",
    );
}

#[test]
fn while_nobody_waits_nothing_is_taken() {
    page(
        "
        node n0 H100x1
        turn 12h
        A vision runs=6h
        B speech runs=1h at=4h
        0h idle A
        ",
        "
        n0.0 |AAAABAA|
        ",
    );
}

#[test]
fn who_works_again_in_time_keeps_its_gpus() {
    page(
        "
        node n0 H100x1
        turn 12h
        A vision runs=5h
        B speech runs=1h at=30m
        1h idle A
        1h50m busy A
        3h idle A
        3h50m busy A
        ",
        "
        n0.0 |AAAAAB|
        ",
    );
}

#[test]
fn what_cannot_be_suspended_is_queued_again_after_twice_as_long() {
    page(
        "
        node n0 H100x2
        turn 24h
        A vision runs=6h turns=requeue keeps
        B vision runs=6h turns=never keeps
        C speech gpus=2 runs=1h at=30m
        0h idle A
        0h idle B
        ",
        "
        n0.0 |AACAAAA|
        n0.1 |BBCBBBB|
        ",
    );
}

#[test]
fn some_gpus_at_work_keep_all_of_a_job() {
    page(
        "
        node n0 H100x2
        turn 24h
        A vision gpus=2 runs=4h
        B speech runs=1h at=30m
        0h idle A gpus=1
        ",
        "
        n0.0 |AAAAB|
        n0.1 |AAAA.|
        ",
    );
}

#[test]
fn a_public_reason_keeps_what_is_not_used_until_it_is_taken_back() {
    page(
        "
        node n0 H100x1
        turn 24h
        A vision runs=6h
        B speech runs=1h at=30m
        0h idle A
        0h pin A
        4h unpin A
        ",
        "
        n0.0 |AAAABAA|
        ",
    );
}

#[test]
fn whoever_waits_has_it_even_who_is_owed_less_and_those_of_a_lower_class() {
    page(
        "
        node n0 H100x2
        turn 24h
        class low 1 default
        class high 2
        A vision class=high runs=5h
        B speech runs=5h
        C speech runs=1h at=30m
        1h idle A
        ",
        "
        n0.0 |AACAAA|
        n0.1 |BBBBB.|
        ",
    );
}

#[test]
fn who_uses_nothing_leaves_before_those_whose_turn_is_over() {
    page(
        "
        node n0 H100x2
        turn 1h
        A vision runs=4h
        B vision runs=4h
        C speech runs=1h at=3h
        1h idle B
        ",
        "
        n0.0 |AAAA.|
        n0.1 |BBBCB|
        ",
    );
}

#[test]
fn on_its_own_a_lab_may_leave_gpus_unused_and_so_may_protected_classes() {
    page(
        "
        node own H100x1
        node n0 H100x1
        pool mine own
        pool rest n0
        turn 24h
        claim lab/vision mine gpus=1
        class normal 1 default
        class serve 1 protected pools=rest
        A vision pool=mine runs=4h
        B speech class=serve runs=4h time=4h
        C audio runs=1h at=30m
        0h idle A
        0h idle B
        ",
        "
        own.0 |AAAAC|
        n0.0 |BBBB.|
        ",
    );
}

#[test]
fn each_class_has_its_own_patience_and_a_policy_may_have_none() {
    page(
        "
        node n0 H100x2
        turn 24h
        idle never_used never
        class batch 1 default
        class notebook 1 idle=1h-2h
        A vision runs=4h
        B vision class=notebook runs=4h
        C speech runs=1h at=30m
        0h idle A
        0h idle B
        ",
        "
        n0.0 |AAAA.|
        n0.1 |BBCBB|
        ",
    );
}

#[test]
fn at_a_terminal_patience_is_shorter_and_the_job_stands_in_line_again_when_its_person_types() {
    page(
        "
        node n0 H100x1
        turn 12h
        columns 30m
        A vision terminal runs=2h30m
        B speech runs=30m at=10m
        1h idle A
        3h types A
        ",
        "
        n0.0 |AAAB..AA|
        ",
    );
}

#[test]
fn who_types_in_time_keeps_the_terminal_and_while_nobody_waits_so_does_who_does_not() {
    page(
        "
        node n0 H100x1
        turn 12h
        columns 30m
        A vision terminal runs=4h
        B speech runs=30m at=2h
        0h idle A
        1h40m types A
        ",
        "
        n0.0 |AAAAAAAAB|
        ",
    );
}

#[test]
fn who_types_while_others_have_their_turn_waits_for_its_own_as_all_do() {
    page(
        "
        node n0 H100x1
        turn 2h
        columns 30m
        A vision terminal runs=1h30m
        B speech runs=3h at=10m
        0h idle A
        1h types A
        ",
        "
        n0.0 |ABBBBAABB|
        ",
    );
}

#[test]
fn a_terminal_that_cannot_be_suspended_starts_over_when_its_person_types() {
    page(
        "
        node n0 H100x1
        turn 12h
        columns 30m
        A vision terminal runs=2h turns=never
        B speech runs=30m at=10m
        0h idle A
        2h types A
        ",
        "
        n0.0 |AAB.AAAA|
        ",
    );
}

#[test]
fn a_policy_may_leave_terminals_alone() {
    page(
        "
        node n0 H100x1
        turn 24h
        idle interactive never
        A vision terminal runs=4h
        B speech runs=1h at=30m
        0h idle A
        ",
        "
        n0.0 |AAAAB|
        ",
    );
}

/// What was decided about idle jobs, and when in minutes.
fn told(log: &[(Time, Event)]) -> Vec<(u64, String)> {
    let facts = log.iter().filter_map(|(at, event)| {
        let text = match event {
            Event::IdleWarned { job, gpus, until, .. } => {
                let until = until.map_or("never".into(), |at| (at.0 / 60_000).to_string());
                format!("{job} is told of {gpus}, until {until}")
            }
            Event::StopDecided { job, how, reason: Reason::Idle { for_job }, .. } => {
                let how = if *how == Stop::Suspend { "suspended" } else { "queued" };
                format!("{job} is {how} for {for_job}")
            }
            _ => return None,
        };
        Some((at.0 / 60_000, text))
    });
    facts.collect()
}

#[test]
fn people_are_told_once_before_anything_is_taken_and_again_when_it_is_more() {
    let policy = Policy { turn: Span::hours(24), ..Policy::default() };
    let world = page_under(
        &policy,
        "
        node n0 H100x2
        A vision gpus=2 runs=5h
        B speech runs=1h at=10m
        0h idle A gpus=1
        40m idle A
        ",
        "
        n0.0 |AABAAA|
        n0.1 |AA.AAA|
        ",
    );
    let wanted = [
        (30, "1 is told of 1, until never".to_owned()),
        (70, "1 is told of 2, until 100".to_owned()),
        (100, "1 is suspended for 2".to_owned()),
    ];
    assert_eq!(told(&world.log), wanted);
}
