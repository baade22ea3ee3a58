//! Purses: what happens when they are spent, and where they stop.

use super::{site, spent};
use rota_sim::page::page_under;

#[test]
fn a_project_of_reedbush_that_spent_its_tokens_runs_only_on_what_nobody_wants() {
    page_under(
        &site("reedbush"),
        "
        begins 2026-05-01
        node rb01 P100x1
        A a runs=6h
        B b runs=2h at=1h
        ",
        "
        rb01.0 |AAAABBAA.|
        ",
    );
}

#[test]
fn a_project_of_jean_zay_is_below_all_past_its_hours_and_blocked_past_125_percent() {
    page_under(
        &site("jean-zay"),
        "
        begins 2026-05-01
        node jz01 V100x1
        A a/dossier-1/ana runs=8h
        B a/dossier-1/ana runs=2h at=8h
        C b runs=1h at=8h
        D a/dossier-1/ana runs=1h at=9h
        ",
        "
        jz01.0 |AAAAAAAACBB..|
        D waits
        ",
    );
}

#[test]
fn a_project_of_it4i_goes_on_in_the_free_queue_until_150_percent() {
    page_under(
        &site("it4i"),
        "
        begins 2026-05-01
        node acn01 A100x1
        A a runs=4h
        B a runs=2h at=4h
        C a runs=1h at=5h
        ",
        "
        acn01.0 |AAAABB..|
        C waits
        ",
    );
}

#[test]
fn the_preemptible_queue_of_it4i_costs_nothing_and_gives_way() {
    let world = page_under(
        &site("it4i"),
        "
        begins 2026-05-01
        node acn01 A100x1
        A a class=preemptible runs=9h
        B a runs=2h at=1h
        ",
        "
        acn01.0 |ABBAAAAAAAA.|
        ",
    );
    assert_eq!(spent(&world, "a", ""), 200);
}

#[test]
fn level_1_of_cambridge_goes_first_until_the_quarter_is_used_up_and_again_in_the_next() {
    page_under(
        &site("csd3"),
        "
        begins 2026-06-29
        columns 2h
        node gpu01 A100x4
        A a/sl1/ana class=sl1 gpus=4 runs=40h
        B b gpus=4 runs=10h at=1h
        C b gpus=4 runs=12h at=36h
        D b gpus=4 runs=6h at=40h
        ",
        "
        gpu01.0-3 |AAAAAAAAAAAABBBBBACCCCCCAAAAAAADDD.|
        ",
    );
}

#[test]
fn a_project_of_csc_pays_by_model_until_its_billing_units_are_gone() {
    let world = page_under(
        &site("csc"),
        "
        begins 2026-05-01
        columns 15m
        node gh01 GH200x4
        A project-a gpus=4 runs=1h
        B project-a runs=1h at=1h
        C project-a runs=1h at=2h
        D project-b class=test runs=1h at=3h
        ",
        "
        gh01.0 |AAAABBBB....D.|
        gh01.1-3 |AAAA..........|
        C waits
        D timeout
        ",
    );
    assert_eq!(spent(&world, "project-a", ""), 100_000);
}

#[test]
fn half_a_module_of_lumi_costs_half_an_hour_and_one_development_job_runs_at_a_time() {
    let world = page_under(
        &site("lumi"),
        "
        begins 2026-05-01
        node nid01 MI250X-GCDx8
        A project-a/ana gpus=2 runs=2h
        B project-a/bob class=dev runs=5h
        C project-a/bob class=dev runs=1h
        ",
        "
        nid01.0 |AA.C.|
        nid01.1 |AA...|
        nid01.2 |BBB..|
        nid01.3-7 |.....|
        B timeout
        ",
    );
    assert_eq!(spent(&world, "project-a", ""), 200 + 150 + 50);
}

#[test]
fn the_allowance_of_savio_ends_and_the_condo_goes_on() {
    page_under(
        &site("savio"),
        "
        begins 2026-06-01
        picture 1000h
        node savio01 dearestx8
        node condo-a01 dearestx1
        A a/fca/ana pool=savio gpus=8 runs=1003h
        B a/fca/ana runs=1h at=1003h
        C a/bob pool=condo-a runs=2h at=1003h
        ",
        "
        savio01.0-7 |AAA....|
        condo-a01.0 |...CC..|
        B waits
        ",
    );
}

#[test]
fn low_priority_of_savio_gives_way_to_the_normal_queue() {
    page_under(
        &site("savio"),
        "
        begins 2026-06-01
        node savio01 cheapestx1
        A b class=lowprio runs=3h turns=requeue
        B a/fca/ana runs=2h at=1h
        ",
        "
        savio01.0 |ABBAAA.|
        ",
    );
}
