//! Never more than: GPUs, jobs, and GPU-days that are booked.

use super::site;
use rota_sim::page::page_under;

#[test]
fn the_17th_h100_of_a_person_at_yale_waits() {
    page_under(
        &site("yale"),
        "
        node h100-01 H100x8
        node h100-02 H100x8
        node h100-03 H100x8
        A a/ana gpus=8 time=3h runs=3h
        B a/ana gpus=8 time=2h runs=2h
        C a/ana time=1h runs=1h
        D b time=1h runs=1h at=1h
        ",
        "
        h100-01.0-7 |AAA.|
        h100-02.0 |BBC.|
        h100-02.1-7 |BB..|
        h100-03.0 |.D..|
        h100-03.1-7 |....|
        ",
    );
}

#[test]
fn the_21st_h100_of_a_group_at_yale_waits() {
    page_under(
        &site("yale"),
        "
        node h100-01 H100x8
        node h100-02 H100x8
        node h100-03 H100x8
        A a/ana gpus=8 time=3h runs=3h
        B a/bob gpus=8 time=2h runs=2h
        C a/eve gpus=4 time=3h runs=3h
        D a/dan time=1h runs=1h
        ",
        "
        h100-01.0-7 |AAA.|
        h100-02.0-7 |BB..|
        h100-03.0-3 |CCC.|
        h100-03.4 |..D.|
        h100-03.5-7 |....|
        ",
    );
}

#[test]
fn scavenging_at_yale_counts_a_tenth_and_gives_way() {
    page_under(
        &site("yale"),
        "
        node g01 A100x1
        A a class=scavenge runs=9h
        B b runs=2h at=1h
        C a runs=1h at=11h
        D b runs=1h at=11h
        ",
        "
        g01.0 |ABBAAAAAAAACD.|
        ",
    );
}

#[test]
fn the_priority_tier_of_yale_goes_first() {
    page_under(
        &site("yale"),
        "
        node g01 A100x1
        A a runs=1h
        B b class=priority runs=1h
        ",
        "
        g01.0 |BA.|
        ",
    );
}

#[test]
fn yale_warns_and_takes_back_what_is_not_used() {
    use rota_core::policy::Patience;
    use rota_core::units::Span;
    let idle = site("yale").idle;
    let patience =
        |warn, stop| Some(Patience { warn: Span::minutes(warn), stop: Span::minutes(stop) });
    assert_eq!((idle.never_used, idle.stopped_using), (patience(30, 60), patience(60, 120)));
}

#[test]
fn the_seventh_h100_of_a_person_at_nesi_waits() {
    page_under(
        &site("nesi"),
        "
        node h100-01 H100x8
        A ana gpus=6 time=2h runs=2h
        B ana time=1h runs=1h
        C bob class=debug time=1h runs=1h at=1h
        ",
        "
        h100-01.0 |AAB.|
        h100-01.1-5 |AA..|
        h100-01.6 |.C..|
        h100-01.7 |....|
        ",
    );
}

#[test]
fn a_person_at_nesi_has_at_most_14_gpu_days_booked_by_running_jobs() {
    page_under(
        &site("nesi"),
        "
        columns 4h
        node gpu01 A100x4
        A ana gpus=2 time=7d runs=20h
        B ana time=1d runs=4h
        ",
        "
        gpu01.0-1 |AAAAA.|
        gpu01.2 |...B..|
        gpu01.3 |......|
        ",
    );
}

#[test]
fn the_fifth_gpu_of_a_person_at_riverside_waits_and_so_does_the_ninth_of_a_group() {
    page_under(
        &site("uc-riverside"),
        "
        node gpu01 A100x8
        node gpu02 A100x8
        A a/bob gpus=4 time=3h runs=3h
        B a/bob time=1h runs=1h
        C a/eve gpus=4 time=2h runs=2h
        D a/dan time=1h runs=1h
        ",
        "
        gpu01.0 |AAAB.|
        gpu01.1-3 |AAA..|
        gpu01.4 |CCD..|
        gpu01.5-7 |CC...|
        gpu02.0-7 |.....|
        ",
    );
}

#[test]
fn the_eleventh_job_of_a_person_at_yonsei_waits() {
    page_under(
        &site("yonsei"),
        "
        node n1 A100x16
        A a/ana array=0-9 time=2h runs=2h
        B a/ana time=1h runs=1h
        C a/bob time=1h runs=1h at=1h
        ",
        "
        n1.0 |AAB.|
        n1.1-9 |AA..|
        n1.10 |.C..|
        n1.11-15 |....|
        ",
    );
}

#[test]
fn the_51st_gpu_of_an_account_at_yonsei_waits() {
    page_under(
        &site("yonsei"),
        "
        node n1 A100x16
        node n2 A100x16
        node n3 A100x16
        node n4 A100x16
        A a/ana gpus=16 time=3h runs=3h
        B a/bob gpus=16 time=2h runs=2h
        C a/eve gpus=16 time=3h runs=3h
        D a/dan gpus=2 time=3h runs=3h
        E a/joe time=1h runs=1h
        F b time=1h runs=1h at=1h
        ",
        "
        n1.0-15 |AAA.|
        n2.0-15 |BB..|
        n3.0-15 |CCC.|
        n4.0-1 |DDD.|
        n4.2 |.FE.|
        n4.3-15 |....|
        ",
    );
}

#[test]
fn a_person_at_otago_runs_two_jobs_in_each_pool() {
    page_under(
        &site("otago"),
        "
        node a100-01 A100x8
        node h100-01 H100x8
        A ana pool=a100 gpus=2 runs=2h
        B ana pool=a100 gpus=2 runs=1h
        C ana pool=a100 runs=1h
        D ana pool=h100 gpus=2 runs=1h
        ",
        "
        a100-01.0-1 |AA.|
        a100-01.2 |BC.|
        a100-01.3 |B..|
        a100-01.4-7 |...|
        h100-01.0-1 |D..|
        h100-01.2-7 |...|
        ",
    );
}

#[test]
fn a_student_of_a_course_at_michigan_has_one_gpu_and_the_course_five() {
    page_under(
        &site("great-lakes"),
        "
        begins 2026-10-01
        node gl01 V100x8
        A ml101/s1 class=course runs=2h
        B ml101/s1 class=course runs=1h
        C ml101/s2 class=course runs=2h
        D ml101/s3 class=course runs=2h
        E ml101/s4 class=course runs=2h
        F ml101/s5 class=course runs=3h
        G ml101/s6 class=course runs=1h
        ",
        "
        gl01.0 |AAG.|
        gl01.1 |CCB.|
        gl01.2 |DD..|
        gl01.3 |EE..|
        gl01.4 |FFF.|
        gl01.5-7 |....|
        ",
    );
}

#[test]
fn some_gpus_at_michigan_are_for_jobs_of_at_most_an_hour() {
    page_under(
        &site("great-lakes"),
        "
        begins 2026-10-01
        node gl01 V100x1
        node gl09 V100x1
        A a runs=3h time=3h
        B b runs=2h time=2h
        C c runs=1h time=1h
        ",
        "
        gl01.0 |AAABB.|
        gl09.0 |C.....|
        ",
    );
}
