//! The policies to compare with, on stories small enough to do by hand; and EASY against a slow twin that scans the line.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::units::{Span, Time};
use rota_sim::baseline::{Baseline, Costs, Machine, Ran, Work, play};

fn work(at: u64, gpus: u32, hours: u64, limit: u64) -> Work {
    let (runtime, expected) = (Span::hours(hours), Span::hours(limit));
    Work { submitted: Time(Span::hours(at).0), gpus, model: None, runtime, expected }
}

/// Start, end and number of starts of each, in hours.
fn hours(policy: Baseline, gpus: &[u32], jobs: &[Work]) -> Vec<(u64, u64, u32)> {
    let nodes: Vec<Machine> = gpus.iter().map(|gpus| Machine { gpus: *gpus, model: 0 }).collect();
    let of = |ran: Option<Ran>| {
        let ran = ran.expect("every job fits");
        let hour = |at: Time| at.0 / Span::hours(1).0;
        (hour(ran.started), hour(ran.ended), ran.starts)
    };
    play(policy, &nodes, jobs, &Costs::default()).into_iter().map(of).collect()
}

#[test]
fn first_in_first_out_lets_nobody_pass() {
    let jobs = [work(0, 1, 4, 4), work(0, 2, 2, 2), work(0, 1, 1, 1)];
    assert_eq!(hours(Baseline::Fifo, &[2], &jobs), [(0, 4, 1), (4, 6, 1), (6, 7, 1)]);
}

#[test]
fn a_job_backfills_only_when_its_walltime_cannot_delay_the_first_in_line() {
    let jobs = [work(0, 1, 4, 4), work(0, 2, 2, 2), work(0, 1, 2, 4), work(0, 1, 1, 6)];
    let wanted = [(0, 4, 1), (4, 6, 1), (0, 2, 1), (6, 7, 1)];
    assert_eq!(hours(Baseline::Easy, &[2], &jobs), wanted);
}

#[test]
fn a_job_that_fits_beside_the_first_in_line_may_be_long() {
    let jobs = [work(0, 2, 4, 4), work(0, 2, 2, 2), work(0, 1, 9, 9)];
    assert_eq!(hours(Baseline::Easy, &[3], &jobs), [(0, 4, 1), (4, 6, 1), (0, 9, 1)]);
}

#[test]
fn least_attained_service_takes_gpus_from_whoever_had_an_hour() {
    let jobs = [work(0, 1, 5, 9), work(2, 1, 1, 9)];
    assert_eq!(hours(Baseline::Las, &[1], &jobs), [(0, 6, 2), (2, 3, 1)]);
}

#[test]
fn shortest_remaining_time_first_stops_whoever_has_most_left() {
    let jobs = [work(0, 2, 9, 9), work(0, 1, 8, 9), work(1, 1, 1, 9)];
    assert_eq!(hours(Baseline::Srtf, &[2, 1], &jobs), [(0, 10, 2), (0, 8, 1), (1, 2, 1)]);
}

#[test]
fn what_fits_nowhere_stands_in_nobodys_way() {
    let jobs = [work(0, 5, 1, 1), work(0, 1, 1, 1)];
    for policy in [Baseline::Fifo, Baseline::Easy, Baseline::Las, Baseline::Srtf] {
        let nodes = [Machine { gpus: 4, model: 0 }];
        let ran = play(policy, &nodes, &jobs, &Costs::default());
        assert!(ran[0].is_none() && ran[1].is_some(), "{policy:?}");
    }
}

#[test]
fn starts_and_teardowns_hold_the_gpus() {
    let costs = Costs { alone: Span::seconds(2), together: Span::seconds(4), teardown: Span(2500) };
    let jobs = [work(0, 1, 1, 1), work(0, 1, 1, 1), work(0, 1, 1, 1)];
    let nodes = [Machine { gpus: 2, model: 0 }];
    let ran = play(Baseline::Fifo, &nodes, &jobs, &costs);
    let started: Vec<u64> = ran.iter().flatten().map(|r| r.started.0).collect();
    let free = 4000 + Span::hours(1).0 + 2500;
    assert_eq!(started, [4000, 4000, free + 2000]);
}

/// EASY on one node, without any index: when each job starts, in seconds.
fn slow_easy(gpus: u32, jobs: &[Work]) -> Vec<Time> {
    let mut started = vec![None; jobs.len()];
    let mut running: Vec<(Time, Time, u32)> = Vec::new();
    let mut free = gpus;
    let mut now = Time(0);
    loop {
        let arrivals = jobs.iter().map(|j| j.submitted).filter(|at| *at > now);
        let next = arrivals.chain(running.iter().map(|(end, ..)| *end)).min();
        let Some(next) = next else { return started.into_iter().flatten().collect() };
        now = next;
        free += running.iter().filter(|(end, ..)| *end <= now).map(|(.., back)| back).sum::<u32>();
        running.retain(|(end, ..)| *end > now);
        let mut line: Vec<usize> = (0..jobs.len())
            .filter(|i| started[*i].is_none() && jobs[*i].submitted <= now)
            .collect();
        let mut start = |i: usize, free: &mut u32, running: &mut Vec<(Time, Time, u32)>| {
            *free -= jobs[i].gpus;
            running.push((now.after(jobs[i].runtime), now.after(jobs[i].expected), jobs[i].gpus));
            started[i] = Some(now);
        };
        while line.first().is_some_and(|i| jobs[*i].gpus <= free) {
            start(line.remove(0), &mut free, &mut running);
        }
        let Some(head) = line.first().map(|i| jobs[*i].gpus) else { continue };
        let mut ends = running.clone();
        ends.sort_by_key(|(_, expected, _)| *expected);
        let (mut sum, mut shadow) = (free, Time::FAR);
        for (_, expected, back) in ends {
            sum += back;
            if sum >= head {
                shadow = expected.max(now);
                break;
            }
        }
        let mut beside = sum - head;
        for i in line.into_iter().skip(1) {
            let over = now.after(jobs[i].expected) <= shadow;
            if jobs[i].gpus <= free && (over || jobs[i].gpus <= beside) {
                beside -= if over { 0 } else { jobs[i].gpus };
                start(i, &mut free, &mut running);
            }
        }
    }
}

#[test]
fn easy_with_indexes_decides_as_easy_that_scans_the_line() {
    for seed in 0..400 {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut dice = |most: u32| u64::from(random.next_u32() % most);
        let gpus = 1 + u32::try_from(dice(8)).expect("small");
        let mut at = Time(0);
        let jobs: Vec<Work> = (0..60)
            .map(|_| {
                at = at.after(Span::minutes(1 + dice(50)));
                let runtime = Span::minutes(1 + dice(300));
                let gpus = 1 + u32::try_from(dice(gpus)).expect("small");
                let expected = Span(runtime.0 + Span::minutes(dice(300)).0);
                Work { submitted: at, gpus, model: None, runtime, expected }
            })
            .collect();
        let nodes = [Machine { gpus, model: 0 }];
        let ran = play(Baseline::Easy, &nodes, &jobs, &Costs::default());
        let started: Vec<Time> = ran.iter().flatten().map(|r| r.started).collect();
        assert_eq!(started, slow_easy(gpus, &jobs), "seed {seed}");
    }
}
