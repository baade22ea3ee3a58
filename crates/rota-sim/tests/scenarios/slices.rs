//! Slices of GPUs: instances that the driver keeps apart.

use rota_sim::page::page;

#[test]
fn a_part_takes_the_smallest_slice_that_is_large_enough_and_nobody_is_beside_it() {
    page(
        "
        node n0 H100-3g.40gbx1
        node n1 H100-1g.10gbx2 price=314
        A kim part=8G time=2h runs=2h
        B lee part=2G time=2h runs=2h
        C park part=20G time=1h runs=1h
        D choi part=4G time=1h runs=1h
        ",
        "
        n0.0 |CD..|
        n1.0 |AA..|
        n1.1 |BB..|
        ",
    );
}

#[test]
fn who_asks_for_a_gpu_means_a_whole_one() {
    page(
        "
        node n0 H100-1g.10gbx4 price=314
        node n1 H100x1 price=2200
        A kim time=2h runs=2h
        B lee time=1h runs=1h
        C park gpu=H100-1g.10gb time=1h runs=1h
        D choi gpus=2 gpu=H100-1g.10gb time=1h runs=1h
        E jung gpus=2 time=1h runs=1h
        ",
        "
        n0.0 |C...|
        n0.1 |....|
        n0.2 |....|
        n0.3 |....|
        n1.0 |AAB.|
        refused: only-slices
        refused: too-many-gpus
        ",
    );
}

#[test]
fn what_runs_on_a_slice_is_not_suspended_and_is_queued_again_where_it_asks_for_that() {
    page(
        "
        turn 1h
        node n0 H100-1g.10gbx1
        A kim part=8G turns=suspend runs=3h
        B lee part=8G turns=requeue runs=2h keeps
        C park part=8G time=1h runs=1h at=3h30m
        ",
        "
        n0.0 |AAABCB.|
        ",
    );
}

#[test]
fn a_part_shares_a_cheaper_gpu_rather_than_take_a_slice() {
    page(
        "
        node n0 A10x1 price=300
        node n1 H100-1g.10gbx1 price=314
        A kim part=8G time=2h runs=2h
        B lee part=8G time=2h runs=2h
        C park part=9G time=1h runs=1h
        ",
        "
        n0.0 |AA..|
        n0.0 |BB..|
        n1.0 |C...|
        ",
    );
}

#[test]
fn a_pool_that_refuses_parts_still_gives_slices_for_them() {
    page(
        "
        node n0 H100-1g.10gbx1
        pool small n0 whole
        A kim part=8G time=1h runs=1h
        B lee part=12G time=1h runs=1h
        ",
        "
        n0.0 |A...|
        refused: too-much-gpu-memory
        ",
    );
}

#[test]
fn who_asks_for_memory_of_a_model_may_have_it_as_a_slice_of_that_model() {
    page(
        "
        node n0 H100-1g.10gbx1
        node n1 A100-1g.10gbx1
        node n2 H100x1
        A kim part=8G gpu=H100 time=2h runs=2h
        B lee part=8G gpu=H100 time=2h runs=2h
        C park gpu=H100 time=1h runs=1h
        ",
        "
        n0.0 |AA..|
        n1.0 |....|
        n2.0 |BBC.|
        ",
    );
}

#[test]
fn a_limit_counts_a_slice_by_its_fraction_so_that_seven_sevenths_are_one_gpu() {
    let jobs: String =
        ('A'..='H').map(|id| format!("{id} kim part=8G time=1h runs=1h\n")).collect();
    page(
        &format!("node n0 H100-1g.10gbx8\nlimit each-person gpus=1\n{jobs}"),
        "
        n0.0 |AH.|
        n0.1 |B..|
        n0.2 |C..|
        n0.3 |D..|
        n0.4 |E..|
        n0.5 |F..|
        n0.6 |G..|
        n0.7 |...|
        ",
    );
}

#[test]
fn who_names_a_slice_counts_its_fraction_under_a_limit_on_each_job_and_on_all() {
    page(
        "
        node n0 A30-2g.12gbx3
        limit each-person gpus=1
        A kim gpu=A30-2g.12gb time=1h runs=1h
        B kim gpu=A30-2g.12gb time=1h runs=1h
        C kim gpu=A30-2g.12gb time=1h runs=1h
        ",
        "
        n0.0 |AC.|
        n0.1 |B..|
        n0.2 |...|
        ",
    );
}
