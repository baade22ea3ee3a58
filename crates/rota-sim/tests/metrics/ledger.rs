//! The lender's ledger and the owner's regret, worked out by hand.

use crate::log::{Log, hours, measure, minutes, period, value};
use rota_core::calendar::When;
use rota_core::decision::Reason;
use rota_core::id::JobId;
use rota_core::job::Stop;
use rota_core::policy::who::Who;
use rota_core::policy::{Claim, Lend, Policy, Pool, Reclaim};
use rota_core::report::Owner;
use rota_core::units::Span;

/// Lab lee owns two of the four GPUs.
fn owned(when: When) -> Policy {
    let pool =
        Pool { name: "all".into(), nodes: vec!["n*".into()], own_ledger: false, ..Pool::default() };
    let claim = Claim {
        who: vec![Who::Lab("lee".into())],
        every: Span::hours(7 * 24),
        pool: "all".into(),
        gpus: Some(2),
        when,
        lend: Lend::All,
        reclaim: Reclaim::Suspend,
        grace: Span::minutes(5),
        max_time: None,
        why: String::new(),
        approved_by: String::new(),
    };
    Policy { pools: vec![pool], claims: vec![claim], ..Policy::default() }
}

/// kim borrows both GPUs of lee from 0 h; lee asks for one at 4 h and has it 10 minutes later.
fn recalled() -> Log {
    let reason = Reason::Reclaimed { for_job: JobId::single(2) };
    Log::new(owned(When::default()), 4)
        .submit(hours(0), 1, "kim", 2)
        .start(hours(0), 1, 1, &[0, 1])
        .submit(hours(4), 2, "lee", 1)
        .stop(minutes(250), 1, 1, Stop::Suspend, reason)
        .start(minutes(250), 2, 1, &[0])
        .submit(hours(5), 3, "lee", 2)
        .start(hours(5), 3, 1, &[2, 3])
        .end(hours(6), 2)
        .end(hours(7), 3)
}

fn owner(log: &Log, from: u64, until: u64) -> Owner {
    log.lending(period(from, until)).owners.into_iter().next().expect("an owner")
}

#[test]
fn what_others_ran_on_claimed_gpus_is_lent_and_what_its_people_ran_elsewhere_is_in_return() {
    let lee = owner(&recalled(), 0, 8);
    assert_eq!(lee.who, "lab/lee");
    // Two GPUs for 4 h and 10 min.
    assert_eq!(lee.lent, 8333);
    assert_eq!((lee.borrowed, lee.unclaimed), (0, 4000));
    // One GPU from 4:10 to 6:00.
    assert_eq!(lee.own, 1833);
}

#[test]
fn a_recall_lasts_from_the_holders_wish_until_the_gpus_are_free() {
    let lee = owner(&recalled(), 0, 8);
    let claim = lee.claims.first().expect("a claim");
    assert_eq!((claim.recalls, claim.recall_max), (1, Some(Span::minutes(10))));
    assert_eq!(claim.recall_p95, None, "one recall says nothing of 95 in 100");
    assert_eq!(claim.grace, Span::minutes(5));
}

#[test]
fn regret_is_the_wait_that_borrowers_caused() {
    let report = recalled().fairness(period(0, 8));
    assert_eq!(value(&report, "regret-max"), Some(Span::minutes(10).0));
    assert_eq!(measure(&report, "regret-max").ok, Some(false));
}

#[test]
fn a_holder_who_waits_for_their_own_people_regrets_nothing() {
    let log = Log::new(owned(When::default()), 4)
        .submit(hours(0), 1, "lee", 2)
        .start(hours(0), 1, 1, &[0, 1])
        .submit(hours(0), 2, "kim", 2)
        .start(hours(0), 2, 1, &[2, 3])
        .submit(hours(1), 3, "lee", 2)
        .end(hours(3), 1)
        .start(hours(3), 3, 1, &[0, 1]);
    let report = log.fairness(period(0, 8));
    assert_eq!(value(&report, "regret-max"), Some(0));
    assert_eq!(measure(&report, "regret-max").jobs, 2);
}

#[test]
fn a_period_is_the_sum_of_its_parts() {
    let log = recalled();
    let (whole, parts) = (owner(&log, 0, 8), [owner(&log, 0, 5), owner(&log, 5, 8)]);
    let sum = |of: fn(&Owner) -> u64| parts.iter().map(of).sum::<u64>();
    assert_eq!(sum(|o| o.lent), whole.lent);
    assert_eq!(sum(|o| o.unclaimed), whole.unclaimed);
    assert_eq!(sum(|o| o.claims[0].recalls), whole.claims[0].recalls);
}

#[test]
fn who_does_not_come_within_fifteen_minutes_is_a_no_show() {
    let when = When { from: Some(hours(2)), until: Some(hours(4)), weekly: None };
    let came = Log::new(owned(when.clone()), 4).submit(minutes(130), 1, "lee", 1);
    assert_eq!(owner(&came, 0, 8).claims[0].no_shows, 0);
    let not = Log::new(owned(when), 4).submit(minutes(150), 1, "lee", 1);
    assert_eq!(owner(&not, 0, 8).claims[0].no_shows, 1);
}
