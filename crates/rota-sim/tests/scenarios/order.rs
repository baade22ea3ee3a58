//! The order of turns: who is owed most is next.

use rota_sim::page::page;

#[test]
fn labs_are_equal_however_many_jobs_they_queue() {
    page(
        "
        node n0 H100x1
        A vision
        B vision
        C vision
        D language
        ",
        "
        n0.0 |ADBC.|
        ",
    );
}

#[test]
fn people_of_a_lab_are_equal_however_many_jobs_they_queue() {
    page(
        "
        node n0 H100x1
        A vision/mina
        B vision/mina
        C vision/mina
        D vision/dan
        ",
        "
        n0.0 |ADBC.|
        ",
    );
}

#[test]
fn labs_come_before_people() {
    page(
        "
        node n0 H100x1
        A vision/mina
        B vision/dan
        C language/jun
        ",
        "
        n0.0 |ACB.|
        ",
    );
}

#[test]
fn of_one_persons_jobs_the_oldest_is_first() {
    page(
        "
        node n0 H100x1
        A vision at=2h
        B vision at=2h
        C vision at=3h
        ",
        "
        n0.0 |..ABC.|
        ",
    );
}

#[test]
fn who_used_less_is_next_not_who_came_first() {
    page(
        "
        node n0 H100x1
        A vision runs=3h turns=never
        B language turns=never
        C vision at=3h
        D language at=3h
        ",
        "
        n0.0 |AAABDC.|
        ",
    );
}

#[test]
fn a_cheaper_gpu_counts_less() {
    page(
        "
        node n0 H100x1
        node n1 V100x1 price=100
        A vision gpu=H100 runs=2h
        B language gpu=V100 runs=2h
        C vision gpu=H100 at=1h
        D language gpu=H100 at=1h turns=never
        ",
        "
        n0.0 |AADC.|
        n1.0 |BB...|
        ",
    );
}

#[test]
fn a_lab_with_three_shares_gets_three_turns_of_four() {
    page(
        "
        node n0 H100x1
        shares vision 3
        A vision
        B vision
        C vision
        D language
        E language
        ",
        "
        n0.0 |ADBCE.|
        ",
    );
}

#[test]
fn an_array_does_not_keep_others_out() {
    page(
        "
        node n0 H100x1
        A vision array=0-4
        B language at=1h
        ",
        "
        n0.0 |ABAAAA.|
        ",
    );
}

#[test]
fn what_is_held_counts_as_used() {
    page(
        "
        node n0 H100x2
        A vision
        B vision
        C language
        ",
        "
        n0.0 |AB.|
        n0.1 |C..|
        ",
    );
}

#[test]
fn old_use_weighs_less_than_new_use() {
    page(
        "
        node n0 H100x1
        A vision runs=4h
        B language runs=4h at=10h turns=never
        C language at=12h turns=never
        D vision at=12h turns=never
        ",
        "
        n0.0 |AAAA......BBBBDC.|
        ",
    );
}
