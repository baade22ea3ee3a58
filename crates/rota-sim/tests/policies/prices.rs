//! What things cost.

use super::{site, spent};
use rota_core::units::{Span, Time};
use rota_sim::page::page_under;

#[test]
fn jumping_the_queue_of_abci_costs_half_as_much_again() {
    let world = page_under(
        &site("abci"),
        "
        begins 2026-05-01
        node a01 A100x1
        A a runs=1h
        B b runs=1h
        C a class=ahead runs=1h
        ",
        "
        a01.0 |CBA.|
        ",
    );
    assert_eq!(spent(&world, "a", ""), 50 + 75);
}

#[test]
fn a_reservation_of_abci_is_paid_whole_at_half_as_much_again() {
    let world = page_under(
        &site("abci"),
        "
        begins 2026-05-01
        node v01 V100x4
        0h book a gpus=1 from=1h for=2h
        0h book a gpus=4 from=5h for=4h
        A b gpus=3 runs=5h
        B b runs=3h
        C a runs=1h at=1h
        ",
        "
        v01.0 |ACAAAA.|
        v01.1-2 |A.AAAA.|
        v01.3 |BBB....|
        refused: booking-budget
        ",
    );
    assert_eq!(spent(&world, "a", ""), 90);
}

#[test]
fn a_reservation_of_tsubame_costs_a_quarter_more() {
    assert_eq!(site("tsubame4").prices.booking, 1250);
}

#[test]
fn rank_and_season_of_squid_multiply() {
    let policy = site("squid");
    let rate = |class: &str| u64::from(policy.class(Some(class)).price);
    assert_eq!([rate("high"), rate("normal"), rate("share")], [2290, 1830, 1380]);
    let hour = Span::hours(1);
    let at = |year: i64, month| policy.zone.day(rota_core::calendar::days(year, month, 15));
    let cost = |at: Time| policy.prices.cost(&policy.zone, rate("normal"), at, hour);
    assert_eq!(cost(at(2027, 1)), 1830 * u128::from(hour.0));
    assert_eq!(cost(at(2027, 5)), 1464 * u128::from(hour.0));
}

#[test]
fn prices_are_the_sites_own() {
    let price = |name: &str, model: &str| site(name).prices.of(Some(model), 0);
    let csc = ["V100", "A100", "A100-1of7", "GH200"].map(|model| price("csc", model));
    assert_eq!(csc, [60_000, 100_000, 15_000, 200_000]);
    assert_eq!((price("savio", "cheapest"), price("savio", "dearest")), (7300, 37_400));
    assert_eq!((price("abci", "V100"), price("abci", "A100")), (300, 500));
    assert_eq!(price("ulhpc", "V100"), 1250);
    assert_eq!(price("drac", "A100-40"), 4000);
}
