//! Nodes that someone bought: who may borrow them, and how they come back.

use super::site;
use rota_sim::page::page_under;

#[test]
fn sherlock_gives_the_owner_the_node_at_once_and_lends_only_to_owners() {
    page_under(
        &site("sherlock"),
        "
        node a01 H100x2
        node b01 H100x1
        A b  class=owners pool=lab-a gpus=2 runs=4h turns=requeue
        B c  class=owners runs=1h turns=requeue
        C a  class=owner gpus=2 runs=2h at=1h
        ",
        "
        a01.0-1 |ACCAAAA.|
        b01.0 |........|
        B waits
        ",
    );
}

#[test]
fn sherlock_stops_a_development_job_after_two_hours_and_a_person_at_16_gpus() {
    page_under(
        &site("sherlock"),
        "
        node gpu01 H100x8
        node gpu02 H100x8
        node gpu03 H100x8
        node dev01 A30x4
        A ana gpus=8 runs=3h
        B ana gpus=8 runs=2h
        C ana runs=1h
        D bob runs=1h
        E ana class=dev runs=5h
        ",
        "
        gpu01.0-7 |AAA.|
        gpu02.0 |D.C.|
        gpu02.1-7 |....|
        gpu03.0-7 |BB..|
        dev01.0 |EE..|
        dev01.1-3 |....|
        E timeout
        ",
    );
}

#[test]
fn hyak_requeues_a_checkpoint_job_after_8_hours_when_another_waits() {
    page_under(
        &site("hyak"),
        "
        node psych01 A40x2
        A bio  class=ckpt gpus=2 runs=20h turns=requeue keeps
        B chem class=ckpt gpus=2 runs=10h turns=requeue keeps at=1h
        ",
        "
        psych01.0-1 |AAAAAAAABBBBBBBBAAAAAAAABBAAAA.|
        ",
    );
}

#[test]
fn hyak_stops_a_checkpoint_job_without_notice_for_the_owner_who_holds_only_what_it_bought() {
    page_under(
        &site("hyak"),
        "
        node psych01 A40x2
        node geo01   A40x3
        A bio   class=ckpt pool=psych gpus=2 runs=4h turns=requeue
        B psych gpus=2 runs=2h at=1h turns=requeue
        C psych runs=1h at=1h turns=requeue
        ",
        "
        psych01.0 |ABBCAAAA.|
        psych01.1 |ABB.AAAA.|
        geo01.0-2 |.........|
        ",
    );
}

#[test]
fn mit_lends_lab_nodes_to_preemptable_jobs_and_a_person_has_two_public_gpus() {
    page_under(
        &site("mit-orcd"),
        "
        node node01 H100x4
        node lab-a01 H100x2
        A b class=preemptable runs=3h turns=requeue
        B b runs=3h
        C b runs=2h
        D b runs=1h
        E a class=lab gpus=2 runs=2h at=1h
        ",
        "
        node01.0 |BBB....|
        node01.1 |CCD....|
        node01.2-3 |.......|
        lab-a01.0 |AEEAAA.|
        lab-a01.1 |.EE....|
        ",
    );
}

#[test]
fn mit_serves_paid_levels_first() {
    page_under(
        &site("mit-orcd"),
        "
        node node01 H100x1
        A b runs=1h
        B b runs=1h
        C c class=paid-2 runs=1h
        ",
        "
        node01.0 |CAB.|
        ",
    );
}

#[test]
fn a_borrower_in_wyoming_leaves_within_five_minutes() {
    let policy = site("wyoming");
    assert_eq!(policy.claims[0].grace, rota_core::units::Span::minutes(5));
    page_under(
        &policy,
        "
        columns 1m
        picture 56m
        node a01 A30x1
        A b runs=4h turns=requeue grace=10m switch=20m
        B a runs=3m at=1h
        ",
        "
        a01.0 |AAAAAAAAABBBAAAA|
        ",
    );
}

#[test]
fn at_aalto_the_project_waits_at_most_four_hours_and_nobody_is_preempted() {
    page_under(
        &site("aalto"),
        "
        node h200-01 H200x1
        A public runs=4h time=4h
        B public runs=5h time=5h
        C project runs=2h time=2h at=1h
        D public runs=1h time=1h at=1h
        ",
        "
        h200-01.0 |AAAACCD.|
        B waits
        ",
    );
}

#[test]
fn at_aalto_no_public_job_starts_while_the_project_waits() {
    page_under(
        &site("aalto"),
        "
        node h200-01 H200x2
        A public runs=3h time=3h
        B project gpus=2 runs=2h time=2h at=1h
        C public runs=4h time=4h at=1h
        D public runs=2h time=2h at=1h
        ",
        "
        h200-01.0 |AAABBCCCC.|
        h200-01.1 |.DDBB.....|
        ",
    );
}

#[test]
fn the_subscriber_of_tsubame_waits_at_most_one_hour() {
    page_under(
        &site("tsubame4"),
        "
        node r5 H100x1
        A b runs=1h time=1h
        B b runs=2h time=2h
        C b runs=1h time=1h
        D a runs=2h time=2h at=10m
        ",
        "
        r5.0 |ADDC.|
        B waits
        ",
    );
}

#[test]
fn at_fsu_backfill_uses_what_owners_leave_idle_for_at_most_four_hours() {
    page_under(
        &site("fsu"),
        "
        columns 30m
        node own01 A40x1
        node edu01 A40x1
        A b class=backfill pool=owner-a runs=9h
        B cs101 class=classroom runs=1h
        C a class=owner runs=1h time=1h at=1h
        ",
        "
        own01.0 |AAAAAAAACC.|
        edu01.0 |B..........|
        A timeout
        B timeout
        ",
    );
}
