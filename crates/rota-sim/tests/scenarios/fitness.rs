//! GPUs that take no new job: drained ones, bad ones, and those with outsiders on them.

use rota_sim::page::page;

#[test]
fn what_runs_on_a_drained_gpu_goes_on_and_nothing_follows_it() {
    page(
        "
        node n0 H100x2
        A vision runs=3h
        B vision runs=2h at=1h
        C vision runs=1h at=1h
        1h drain n0:0
        ",
        "
        n0.0 |AAA...|
        n0.1 |.BBC..|
        ",
    );
}

#[test]
fn a_drained_node_takes_jobs_again_when_it_is_resumed() {
    page(
        "
        node n0 H100x2
        0h drain n0
        A vision runs=1h
        B vision runs=1h
        2h resume n0:1
        4h resume n0
        C vision gpus=2 runs=1h at=4h
        ",
        "
        n0.0 |....C.|
        n0.1 |..ABC.|
        ",
    );
}

#[test]
fn a_job_of_a_gpu_that_is_lost_starts_over_elsewhere_and_its_node_takes_no_more() {
    page(
        "
        node n0 H100x2
        node n1 H100x2
        A vision runs=3h
        B vision runs=3h
        C vision runs=2h at=2h
        1h lost n0:0
        ",
        "
        n0.0 |A.....|
        n0.1 |BBB...|
        n1.0 |.AAA..|
        n1.1 |..CC..|
        ",
    );
}

#[test]
fn an_error_that_ends_programs_sends_the_job_elsewhere_and_never_a_second_one_there() {
    page(
        "
        node n0 H100x1
        node n1 H100x1
        A vision runs=3h keeps
        B vision runs=2h
        C vision runs=2h at=2h
        1h xid n0:0 79
        ",
        "
        n0.0 |A.......|
        n1.0 |BBAACC..|
        ",
    );
}

#[test]
fn an_error_that_a_reset_mends_lets_the_job_end_first() {
    page(
        "
        node n0 H100x2
        A vision runs=3h
        B vision runs=2h at=3h
        C vision runs=1h at=3h
        1h xid n0:0 63
        ",
        "
        n0.0 |AAA....|
        n0.1 |...BBC.|
        ",
    );
}

#[test]
fn a_suspended_job_waits_for_its_own_gpu_until_it_is_resumed() {
    page(
        "
        node n0 H100x1
        A vision runs=3h
        B language runs=2h at=1h
        3h drain n0:0
        6h resume n0:0
        ",
        "
        n0.0 |AABB..A.|
        ",
    );
}

#[test]
fn a_suspended_job_of_a_lost_gpu_starts_over() {
    page(
        "
        node n0 H100x1
        A vision runs=3h
        B language runs=2h at=1h time=2h
        2h30m lost n0:0
        4h resume n0:0
        ",
        "
        n0.0 |AA..BBAAA.|
        ",
    );
}

#[test]
fn an_outsider_makes_a_gpu_busy_until_it_is_gone() {
    page(
        "
        node n0 H100x2
        0h outsider n0:0
        A vision gpus=2 runs=1h
        B vision runs=2h
        2h gone n0:0
        ",
        "
        n0.0 |..A.|
        n0.1 |BBA.|
        ",
    );
}

#[test]
fn an_outsider_beside_a_job_keeps_the_gpu_when_the_job_has_ended() {
    page(
        "
        node n0 H100x1
        A vision runs=2h
        B vision runs=1h
        1h outsider n0:0
        4h gone n0:0
        ",
        "
        n0.0 |AA..B.|
        ",
    );
}

#[test]
fn nobody_is_stopped_for_a_gpu_that_nobody_may_have_afterwards() {
    page(
        "
        node n0 H100x1
        A vision runs=6h
        B language runs=1h at=1h
        1h drain n0:0
        8h resume n0:0
        ",
        "
        n0.0 |AAAAAA..B.|
        ",
    );
}

#[test]
fn an_owner_has_other_gpus_of_the_pool_while_one_is_drained() {
    page(
        "
        node n0 H100x3
        pool p n0
        claim lab/lee p gpus=2 lend=no
        0h drain n0:0
        A lee gpus=2 runs=2h at=1h
        B kim runs=1h at=1h
        ",
        "
        n0.0 |....|
        n0.1 |.AA.|
        n0.2 |.AA.|
        B waits
        ",
    );
}
