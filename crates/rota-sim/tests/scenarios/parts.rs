//! Parts of GPUs: jobs that share one, by the memory they ask for.

use rota_sim::page::page;

#[test]
fn parts_share_a_gpu_as_long_as_their_memory_fits() {
    page(
        "
        node n0 A100x1
        A kim  part=40G time=2h runs=2h
        B lee  part=20G time=2h runs=2h
        C park part=20G time=2h runs=2h
        D choi part=20G time=1h runs=1h
        ",
        "
        n0.0 |AAD.|
        n0.0 |BB..|
        n0.0 |CC..|
        ",
    );
}

#[test]
fn nobody_is_beside_a_job_that_asked_for_whole_gpus() {
    page(
        "
        node n0 A100x2
        A kim  time=2h runs=2h
        B lee  part=20G time=3h runs=3h
        C park part=20G time=1h runs=1h
        D choi time=2h runs=2h
        ",
        "
        n0.0 |AADD.|
        n0.1 |BBB..|
        n0.1 |C....|
        ",
    );
}

#[test]
fn a_part_goes_beside_others_so_that_a_whole_gpu_stays_free() {
    page(
        "
        node n0 A100x2
        A kim  part=20G time=3h runs=3h
        B lee  part=20G at=10m time=3h runs=3h
        C park at=20m time=2h runs=2h
        ",
        "
        n0.0 |AAA.|
        n0.0 |BBB.|
        n0.1 |CC..|
        ",
    );
}

#[test]
fn a_part_goes_where_the_usual_requests_lose_least() {
    // Half and half fill a GPU; a quarter beside the half would leave a quarter that nobody asks for.
    page(
        "
        node n0 A100x2
        A kim  part=40G time=3h runs=3h
        B lee  part=60G time=3h runs=3h
        C park part=20G at=10m time=3h runs=3h
        D choi part=40G at=20m time=2h runs=2h
        ",
        "
        n0.0 |AAA.|
        n0.0 |DD..|
        n0.1 |BBB.|
        n0.1 |CCC.|
        ",
    );
}

#[test]
fn who_wants_the_whole_gpu_waits_until_all_on_it_have_had_their_turn() {
    page(
        "
        node n0 A100x1
        turn 2h
        A kim  part=40G time=9h runs=4h turns=requeue keeps
        B lee  part=40G at=1h time=9h runs=3h turns=requeue keeps
        C park at=1h time=1h runs=1h
        ",
        "
        n0.0 |AAACA...|
        n0.0 |.BB.B...|
        ",
    );
}

#[test]
fn for_a_part_only_as_many_make_room_as_must() {
    page(
        "
        node n0 A100x1
        turn 2h
        A kim  part=40G time=9h runs=4h turns=requeue keeps
        B lee  part=40G time=9h runs=4h turns=requeue keeps
        C park part=20G at=1h time=1h runs=1h
        ",
        "
        n0.0 |AAAA...|
        n0.0 |BBCBB..|
        ",
    );
}

#[test]
fn beside_a_part_for_which_room_is_made_others_go_where_the_memory_is_enough_for_both() {
    page(
        "
        node n0 A6000x1
        columns 30m
        turn 2h
        A kim  part=40G time=9h runs=3h switch=30m
        B lee  part=40G at=1h time=9h runs=1h
        C park part=6G  at=2h time=2h runs=2h
        D choi part=6G  at=2h time=1h runs=1h
        ",
        "
        n0.0 |AAAAABBDD.|
        n0.0 |....CCCCAA|
        ",
    );
}

#[test]
fn a_suspended_part_goes_on_on_its_gpu_once_its_memory_is_free_there() {
    page(
        "
        node n0 A100x1
        turn 2h
        A kim  part=60G time=9h runs=4h
        B lee  part=60G time=9h runs=2h
        ",
        "
        n0.0 |AABBAA.|
        ",
    );
}

#[test]
fn a_part_joins_no_gpu_that_is_kept_for_somebody() {
    page(
        "
        node n0 A100x1
        turn 2h
        A kim  part=40G time=9h runs=4h turns=requeue keeps switch=30m grace=1h
        B lee  at=1h time=2h runs=2h
        C park part=20G at=130m time=1h runs=1h
        columns 30m
        ",
        "
        n0.0 |AAAAABBBBAAAA...|
        n0.0 |.........CC.....|
        ",
    );
}

#[test]
fn a_pool_may_have_whole_gpus_only() {
    page(
        "
        node n0 H100x1
        node n1 A100x1
        pool h100 n0 whole
        A kim part=20G time=1h runs=1h
        B lee part=70G time=1h runs=1h
        C lee pool=h100 part=20G
        ",
        "
        n0.0 |...|
        n1.0 |AB.|
        refused: no-parts-here
        ",
    );
}

#[test]
fn parts_count_as_their_fraction_under_limits() {
    page(
        "
        node n0 A100x2
        limit each-person gpus=1
        A kim part=40G time=2h runs=2h
        B kim part=20G time=2h runs=2h
        C kim part=40G time=2h runs=2h
        D lee part=20G time=2h runs=2h
        ",
        "
        n0.0 |AACC.|
        n0.0 |BB...|
        n0.0 |DD...|
        n0.1 |.....|
        ",
    );
}

#[test]
fn a_part_is_no_larger_than_any_gpu_and_of_one_gpu() {
    page(
        "
        node n0 A100x2
        A kim part=81G
        B kim part=20G gpus=2
        ",
        "
        n0.0 |..|
        n0.1 |..|
        refused: too-much-gpu-memory
        refused: part-of-many
        ",
    );
}

#[test]
fn a_job_that_stays_over_its_part_is_told_first_and_then_stopped_and_others_go_on() {
    page(
        "
        columns 10m
        node n0 A100x1
        A kim part=10G time=1h runs=1h
        B lee part=20G time=1h runs=1h
        10m uses n0:0 A 12G
        10m5s uses n0:0 A 13G
        20m uses n0:0 A 13G
        30m uses n0:0 B 20G
        40m uses n0:0 B 20G
        ",
        "
        n0.0 |AA....|
        n0.0 |BBBBBB|
        A used 13G of 10G
        ",
    );
}

#[test]
fn a_job_that_is_back_within_its_part_in_time_stays_and_is_told_anew_the_next_time() {
    page(
        "
        columns 10m
        node n0 A100x1
        A kim part=10G time=1h runs=1h
        10m uses n0:0 A 12G
        10m8s uses n0:0 A 9G
        20m uses n0:0 A 11G
        20m5s uses n0:0 A 11G
        20m9s uses n0:0 A 10G
        ",
        "
        n0.0 |AAAAAA|
        ",
    );
}

#[test]
fn a_job_that_would_start_over_is_not_queued_again_for_what_it_used() {
    page(
        "
        columns 10m
        node n0 A100x1
        A kim part=10G time=1h runs=1h turns=requeue retries=3 keeps
        10m uses n0:0 A 12G
        20m uses n0:0 A 12G
        ",
        "
        n0.0 |AA....|
        A used 12G of 10G
        ",
    );
}

#[test]
fn what_a_suspended_or_a_whole_job_uses_is_not_looked_at() {
    page(
        "
        node n0 A100x1
        A kim time=2h runs=2h
        B lee part=10G time=2h runs=2h at=30m
        30m uses n0:0 A 90G
        31m uses n0:0 A 90G
        1h uses n0:0 B 12G
        90m uses n0:0 B 12G
        ",
        "
        n0.0 |AABB..|
        ",
    );
}

#[test]
fn through_mps_nobody_is_beside_another_persons_part() {
    page(
        "
        node n0 A100x2
        pool small n0 mps
        A kim  part=40G time=2h runs=2h
        B kim  part=20G time=2h runs=2h
        C lee  part=20G time=1h runs=1h
        D park part=10G time=1h runs=1h
        ",
        "
        n0.0 |AA..|
        n0.0 |BB..|
        n0.1 |CD..|
        ",
    );
}

#[test]
fn through_mps_one_persons_parts_are_together_whoever_they_work_for() {
    page(
        "
        node n0 A100x2
        pool small n0 mps
        A kim/mina part=40G time=2h runs=2h
        B lee/mina part=20G time=2h runs=2h
        C lee/dan  part=20G time=1h runs=1h
        ",
        "
        n0.0 |AA..|
        n0.0 |BB..|
        n0.1 |C...|
        ",
    );
}

#[test]
fn a_part_of_another_waits_until_all_of_a_person_have_left_a_gpu_that_goes_through_mps() {
    page(
        "
        node n0 A100x1
        pool small n0 mps
        turn 2h
        A kim part=10G time=9h runs=3h turns=requeue keeps
        B kim part=10G time=9h runs=3h turns=requeue keeps
        C lee part=10G at=1h time=1h runs=1h
        ",
        "
        n0.0 |AACA..|
        n0.0 |BB.B..|
        ",
    );
}

#[test]
fn what_goes_through_mps_is_not_suspended() {
    page(
        "
        node n0 A100x1
        pool small n0 mps
        turn 1h
        A kim part=40G time=9h runs=3h
        B lee part=40G at=30m time=1h runs=1h
        columns 30m
        ",
        "
        n0.0 |AAAAAABB..|
        ",
    );
}

#[test]
fn more_of_one_person_start_beside_their_parts_while_another_waits_for_the_gpu() {
    page(
        "
        node n0 A100x1
        pool small n0 mps
        A kim part=20G time=3h runs=3h
        B lee part=20G time=1h runs=1h
        C kim part=20G at=1h time=1h runs=1h
        D kim part=60G at=1h time=1h runs=1h
        ",
        "
        n0.0 |AAAB..|
        n0.0 |.CD...|
        ",
    );
}
