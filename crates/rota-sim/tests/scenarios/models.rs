//! Several GPU models: which one a job gets.

use rota_sim::page::page;

#[test]
fn a_job_that_accepts_several_models_goes_where_it_is_done_best() {
    page(
        "
        node n0 H100x1 price=2200
        node n1 A100x1 price=1000
        A kim gpu=A100,H100 time=4h runs=1h
        ",
        "
        n0.0 |A.|
        n1.0 |..|
        ",
    );
}

#[test]
fn its_own_speeds_decide_where_a_job_is_done_best() {
    page(
        "
        node n0 H100x1 price=2200
        node n1 A100x1 price=1000
        A kim gpu=A100,H100 speed=H100:1,A100:1 time=4h runs=1h
        ",
        "
        n0.0 |..|
        n1.0 |A.|
        ",
    );
}

#[test]
fn who_wishes_nothing_gets_the_cheapest() {
    page(
        "
        node n0 H100x1 price=2200
        node n1 A100x1 price=1000
        A kim runs=1h
        ",
        "
        n0.0 |..|
        n1.0 |A.|
        ",
    );
}

#[test]
fn the_site_sets_the_price_of_a_model() {
    page(
        "
        node n0 H100x1 price=2200
        node n1 A100x1 price=1000
        price A100 3
        A kim runs=1h
        ",
        "
        n0.0 |A.|
        n1.0 |..|
        ",
    );
}

#[test]
fn nobody_waits_for_a_better_model_while_another_is_free() {
    page(
        "
        node n0 H100x1 price=2200
        node n1 A100x1 price=1000
        A kim gpu=H100 time=2h runs=2h turns=never
        B kim gpu=A100 time=1h runs=1h turns=never
        C kim gpu=H100,A100 time=9h runs=2h
        ",
        "
        n0.0 |AA..|
        n1.0 |BCC.|
        ",
    );
}
