//! Arrays: jobs that were submitted together.

use rota_sim::page::page;

#[test]
fn the_tasks_of_an_array_run_side_by_side() {
    page(
        "
        node n0 H100x3
        A vision array=0-2
        ",
        "
        n0.0 |A.|
        n0.1 |A.|
        n0.2 |A.|
        ",
    );
}

#[test]
fn no_more_tasks_run_than_the_array_allows() {
    page(
        "
        node n0 H100x3
        A vision array=0-3%2
        ",
        "
        n0.0 |AA.|
        n0.1 |AA.|
        n0.2 |...|
        ",
    );
}

#[test]
fn a_full_array_does_not_hold_up_the_jobs_behind_it() {
    page(
        "
        node n0 H100x2
        A vision array=0-2%1 turns=never
        B vision
        ",
        "
        n0.0 |AAA.|
        n0.1 |B...|
        ",
    );
}

#[test]
fn the_tasks_of_one_array_take_no_turns_with_each_other() {
    page(
        "
        node n0 H100x1
        A vision array=0-1 runs=3h
        ",
        "
        n0.0 |AAAAAA.|
        ",
    );
}

#[test]
fn cancelling_an_array_ends_all_its_tasks() {
    page(
        "
        node n0 H100x2
        A vision array=0-3 runs=5h
        1h cancel A
        ",
        "
        n0.0 |A.|
        n0.1 |A.|
        A cancelled
        ",
    );
}

#[test]
fn a_held_array_starts_when_it_is_released() {
    page(
        "
        node n0 H100x2
        A vision array=0-1 hold
        2h release A
        ",
        "
        n0.0 |..A.|
        n0.1 |..A.|
        ",
    );
}
