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
fn prices_and_speeds_name_slices_in_any_case() {
    let policy = good("price = { \"h100-1G.10gb\" = 0.3 }\nspeed = { \"h100-1g.10gb\" = 0.2 }");
    let slice = "H100-1g.10gb";
    assert_eq!((policy.prices.models[slice], policy.prices.speeds[slice]), (300, 200));
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

#[test]
fn deep_and_long_files_do_not_panic() {
    for text in ["[".repeat(100_000), "a=".repeat(1000), "a={".repeat(50_000), "x".repeat(2 << 20)]
    {
        never_panics(&text);
    }
}

mod written {
    //! Any policy that a file can say is written as a file that says it.

    use super::{good, seoul};
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use rota_core::calendar::{Period, Weekly, When};
    use rota_core::check::check;
    use rota_core::cluster::Cluster;
    use rota_core::event::Event;
    use rota_core::id::{JobId, NodeId};
    use rota_core::job::{JobSpec, TurnMode};
    use rota_core::node::Node;
    use rota_core::plan::plan;
    use rota_core::policy::price::{Prices, TimePrice};
    use rota_core::policy::verify::verify;
    use rota_core::policy::who::{Scope, Who};
    use rota_core::policy::*;
    use rota_core::units::{Mib, Span, Time};
    use rota_policy::diff::diff;
    use rota_policy::write;

    fn name() -> impl Strategy<Value = String> {
        "[a-zA-Z0-9._\"\\\\가-힣-]{1,8}"
    }

    fn span() -> impl Strategy<Value = Span> {
        (1u64..10_000_000).prop_map(Span::seconds)
    }

    fn moment() -> impl Strategy<Value = Time> {
        let second = (100_000_000u64..4_000_000_000).prop_map(|s| Time(s * 1000));
        let day = (10_000i64..30_000).prop_map(|day| seoul().day(day));
        prop_oneof![second, day, (1u64..4_000_000_000_000).prop_map(|ms| Time(ms + 40_000_000_000))]
    }

    fn who() -> impl Strategy<Value = Who> {
        let lab = "[a-z가-힣\" ]{1,6}";
        prop_oneof![
            Just(Who::Everyone),
            lab.prop_map(Who::Lab),
            (lab, lab).prop_map(|(lab, grant)| Who::Grant(lab, grant)),
            lab.prop_map(Who::Person),
        ]
    }

    fn scope() -> impl Strategy<Value = Scope> {
        let each =
            prop_oneof![Just(Scope::EachLab), Just(Scope::EachGrant), Just(Scope::EachPerson)];
        prop_oneof![each, who().prop_map(Scope::One)]
    }

    fn weekly() -> impl Strategy<Value = Weekly> {
        let days = any::<[bool; 7]>().prop_filter("some day", |days| days.contains(&true));
        (days, 0u32..1440, 0u32..1440).prop_map(|(days, from, to)| Weekly { days, from, to })
    }

    fn when() -> impl Strategy<Value = When> {
        (option::of(moment()), option::of(1u64..1_000_000_000_000), option::of(weekly())).prop_map(
            |(from, length, weekly)| {
                let began = from.unwrap_or(Time(50_000_000_000));
                When { from, until: length.map(|l| began.after(Span(l))), weekly }
            },
        )
    }

    fn period() -> impl Strategy<Value = Period> {
        let between = (moment(), 1u64..100_000_000_000)
            .prop_map(|(from, length)| Period::Between(from, from.after(Span(length))));
        prop_oneof![Just(Period::Month), Just(Period::Quarter), Just(Period::Year), between]
    }

    fn claim(pool: String) -> impl Strategy<Value = Claim> {
        let lend = prop_oneof![Just(Lend::No), Just(Lend::Owners), Just(Lend::All)];
        let reclaim =
            prop_oneof![Just(Reclaim::Suspend), Just(Reclaim::Requeue), Just(Reclaim::Wait)];
        let more = (option::of(span()), ".{0,6}", ".{0,6}");
        let right = (vec(who(), 1..4), span(), option::of(0u32..99), when());
        (right, lend, reclaim, span(), more).prop_map(
            move |(
                (who, every, gpus, when),
                lend,
                reclaim,
                grace,
                (max_time, why, approved_by),
            )| {
                let every = if who.len() > 1 { every } else { Span::hours(168) };
                let pool = pool.clone();
                Claim {
                    who,
                    every,
                    pool,
                    gpus,
                    when,
                    lend,
                    reclaim,
                    grace,
                    max_time,
                    why,
                    approved_by,
                }
            },
        )
    }

    fn class() -> impl Strategy<Value = Class> {
        let many = (option::of(span()), option::of(any::<u32>()), option::of(any::<u32>()));
        (name(), any::<u8>(), many, any::<bool>(), any::<u32>(), any::<bool>()).prop_map(
            |(
                name,
                rank,
                (max_time, gpus_per_person, jobs_per_person),
                protected,
                price,
                default,
            )| {
                Class {
                    name,
                    rank,
                    pools: Vec::new(),
                    max_time,
                    gpus_per_person,
                    jobs_per_person,
                    protected,
                    idle: None,
                    price,
                    default,
                }
            },
        )
    }

    fn limit(pool: String) -> impl Strategy<Value = Limit> {
        let count = || option::of(any::<u32>());
        (scope(), any::<bool>(), (any::<u32>(), count(), count(), option::of(span()), count()))
            .prop_map(
                move |(who, in_pool, (gpus, jobs, gpus_per_job, max_time, booked_gpu_days))| {
                    Limit {
                        who,
                        pool: in_pool.then(|| pool.clone()),
                        class: None,
                        gpus: Some(gpus),
                        jobs,
                        gpus_per_job,
                        max_time,
                        booked_gpu_days,
                    }
                },
            )
    }

    fn budget() -> impl Strategy<Value = Budget> {
        let spent =
            prop_oneof![Just(WhenSpent::Spare), Just(WhenSpent::Stop), Just(WhenSpent::Show)];
        (scope(), 0u64..1 << 40, period(), spent, option::of(any::<u32>())).prop_map(
            |(who, gpu_hours, per, when_spent, stop_at)| Budget {
                who,
                gpu_hours,
                per,
                when_spent,
                stop_at,
            },
        )
    }

    fn prices() -> impl Strategy<Value = Prices> {
        let time = ("[a-z]{3,6} [0-9]", when(), any::<u32>());
        let times = vec(time, 0..3).prop_map(|times| {
            let bound = times.into_iter().filter(|(_, when, _)| !when.is_always()).enumerate();
            let named = bound.map(|(n, (name, when, factor))| TimePrice {
                name: format!("{name}{n}"),
                when,
                factor,
            });
            named.collect::<Vec<_>>()
        });
        let models =
            || proptest::collection::btree_map("[A-Z가-힣]{2}[0-9. -]{1,4}x", any::<u32>(), 0..4);
        (models(), models(), times, any::<u32>())
            .prop_map(|(models, speeds, times, booking)| Prices { models, speeds, times, booking })
    }

    prop_compose! {
        fn policy()(
            (site, unit, pool, nodes) in (".{0,9}", ".{0,9}", name(), vec("[a-z]{1,3}[0-9]{0,3}[*]?", 1..9)),
            (half_life, turn, slice, max_wait, reserved) in
                (span(), span(), span(), option::of(span()), any::<u32>()),
            shares in vec((who(), any::<u32>(), option::of(moment())), 0..3),
            boosts in vec((who(), any::<u32>(), when()), 0..3),
            (classes, budgets, prices) in (vec(class(), 0..4), vec(budget(), 0..3), prices()),
            idle in option::of((span(), span())),
        )(
            claims in vec(claim(pool.clone()), 0..3),
            limits in vec(limit(pool.clone()), 0..3),
            head in Just((site, unit, nodes, half_life, turn, slice, max_wait, reserved)),
            rest in Just((shares, boosts, classes, budgets, prices, idle)),
            pool in Just(pool),
        ) -> Policy {
            let (site, unit, nodes, half_life, turn, slice, max_wait, reserved) = head.clone();
            let (shares, boosts, mut classes, budgets, prices, idle) = rest.clone();
            classes.sort_by(|a, b| a.name.cmp(&b.name));
            classes.dedup_by(|a, b| a.name == b.name);
            let bound = classes.iter_mut().filter(|class| class.protected);
            bound.for_each(|class| class.pools.push(pool.clone()));
            let share = |(who, share, until)| Share { who, share, until };
            let boost = |(who, boost, when)| {
                Boost { who, boost, when, why: String::new(), approved_by: "board".into() }
            };
            Policy {
                site, unit, zone: seoul(), half_life, charge: Charge::Allocated, reserved, turn,
                pools: vec![Pool { name: pool.clone(), nodes, own_ledger: reserved % 2 == 0, mps: reserved % 3 == 0, ..Pool::default() }],
                shares: shares.into_iter().map(share).collect(),
                boosts: boosts.into_iter().map(boost).collect(),
                claims, classes, limits, budgets, prices,
                turns: vec![Turn { pool, slice, max_wait }],
                idle: Idle {
                    never_used: idle.map(|(warn, stop)| Patience { warn, stop }),
                    stopped_using: None, sm_below: reserved % 500,
                    interactive: idle.map(|(stop, warn)| Patience { warn, stop }),
                },
            }
        }
    }

    proptest! {
        #[test]
        fn a_policy_reads_back_the_same(policy in policy()) {
            let text = write(&policy);
            prop_assert_eq!(good(&text), policy, "{}", text);
        }

        #[test]
        fn any_policy_can_be_looked_at_and_set_while_jobs_run(a in policy(), b in policy()) {
            let mut c = site();
            let now = Time(1_795_651_200_000);
            for policy in [a, b] {
                verify(&policy, Some(&c), now);
                diff(&c, &policy, now);
                c.apply(now, &Event::PolicySet { policy: Box::new(policy), by: "root".into() });
                prop_assert_eq!(check(&c), []);
                plan(&c, now);
            }
            prop_assert!(c.job(JobId::single(1)).is_some_and(|job| job.holds().is_some()));
        }
    }

    /// Two nodes, a job that runs and one that waits.
    fn site() -> Cluster {
        let mut c = Cluster::default();
        for id in 0..2 {
            let (name, model) = (format!("n{id}"), Some("H100".to_owned()));
            let node = Node {
                id: NodeId(id),
                name,
                model,
                gpus: 4,
                price: 2200,
                cpus: 64,
                mem: Mib(1 << 20),
                ..Node::default()
            };
            c.apply(Time(1), &Event::NodeAdded { node });
        }
        for (number, gpus) in [(1, 4), (2, 4), (3, 1)] {
            let (lab, grant, person) = ("kim".into(), String::new(), "ana".into());
            let spec = JobSpec { gpus, turns: TurnMode::Suspend, ..JobSpec::default() };
            let (tasks, pending, broken, held) = (None, Vec::new(), None, false);
            c.apply(
                Time(1),
                &Event::Submitted {
                    number,
                    tasks,
                    lab,
                    grant,
                    person,
                    spec,
                    held,
                    pending,
                    broken,
                },
            );
        }
        for decision in plan(&c, Time(1)).decisions {
            let fact = decision.event(&c).expect("a known job");
            c.apply(Time(1), &fact);
            if let Event::StartDecided { job, turn, .. } = fact {
                c.apply(Time(2), &Event::Started { job, turn });
            }
        }
        c
    }
}
