//! Files are read into policies, written back the same, and never make the reader panic.

use proptest::prelude::*;
use rota_core::calendar::{Period, Zone};
use rota_core::policy::who::Who;
use rota_core::policy::{Lend, Policy, Reclaim};
use rota_core::units::Span;
use rota_policy::{read, write};

const EXAMPLE: &str = include_str!("../../../docs/guide/policy-example.toml");

fn seoul() -> Zone {
    rota_policy::zone::named("Asia/Seoul").expect("a zone")
}

fn good(text: &str) -> Policy {
    read(text, &seoul()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

#[test]
fn the_example_means_what_it_says() {
    let policy = good(EXAMPLE);
    assert_eq!(policy.pools[2].nodes.len(), 36);
    assert_eq!(policy.pools[2].nodes[35], "g36");
    assert!(policy.pools[0].own_ledger && !policy.pools[1].own_ledger);
    assert_eq!(policy.shares[2].who, Who::Grant("kim".into(), "nrf-2026-01".into()));
    let new_year = policy.zone.day(rota_core::calendar::days(2027, 1, 1));
    assert_eq!(policy.shares[2].until, Some(new_year));
    assert_eq!((policy.claims[0].gpus, policy.claims[0].reclaim), (None, Reclaim::Suspend));
    assert_eq!((policy.claims[1].gpus, policy.claims[1].lend), (Some(8), Lend::All));
    assert_eq!(policy.claims[2].who.len(), 3);
    assert_eq!(policy.boosts[0].boost, 2000);
    assert_eq!(policy.classes[3].price, 100);
    assert_eq!(policy.limits[1].booked_gpu_days, Some(28_000));
    assert_eq!(policy.budgets[0].gpu_hours, 12_000_000);
    assert!(matches!(policy.budgets[0].per, Period::Between(_, until) if until == new_year));
    assert_eq!(policy.prices.models["H100"], 2200);
    assert_eq!(policy.prices.times[0].factor, 700);
    assert_eq!(policy.turns[0].max_wait, Some(Span::hours(24)));
    assert_eq!(policy.idle.never_used.map(|p| p.stop), Some(Span::hours(1)));
}

#[test]
fn tables_may_be_written_in_either_way() {
    let long = "[[pool]]\nname = \"a\"\nnodes = [\"n1\"]\n[[turn]]\nslice = \"2h\"\n[[turn]]\npool = \"a\"\nslice = \"1h\"";
    let short = "pool = [{ name = \"a\", nodes = [\"n1\"] }]\nturn = [{ slice = \"2h\" }, { pool = \"a\", slice = \"1h\" }]";
    assert_eq!(good(long), good(short));
    assert_eq!(good(long).turn, Span::hours(2));
}

#[test]
fn the_example_and_the_default_read_back_the_same() {
    for policy in [good(EXAMPLE), Policy { zone: seoul(), ..Policy::default() }, Policy::default()]
    {
        assert_eq!(good(&write(&policy)), policy, "{}", write(&policy));
    }
}

fn never_panics(text: &str) {
    if let Err(faults) = read(text, &Zone::default()) {
        assert!(!faults.is_empty());
        for fault in faults {
            let lines = text.split('\n').count();
            assert!(fault.line <= lines, "{fault:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        never_panics(&text);
    }

    #[test]
    fn no_change_to_the_example_panics(
        at in 0..EXAMPLE.len(), gone in 0..20usize, new in "[\\[\\]{}=\",.#\n0-9a-zé*-]{0,6}"
    ) {
        let start = (0..=at).rev().find(|i| EXAMPLE.is_char_boundary(*i)).unwrap_or(0);
        let end = (start + gone..=EXAMPLE.len()).find(|i| EXAMPLE.is_char_boundary(*i));
        let text = format!("{}{new}{}", &EXAMPLE[..start], &EXAMPLE[end.unwrap_or(EXAMPLE.len())..]);
        never_panics(&text);
    }

    #[test]
    fn words_in_other_places_do_not_panic(words in proptest::collection::vec(0..60usize, 1..40)) {
        let all: Vec<&str> = EXAMPLE.split_inclusive([' ', '\n', ',']).collect();
        let text: String = words.iter().map(|w| all[w * all.len() / 60]).collect();
        never_panics(&text);
    }
}
