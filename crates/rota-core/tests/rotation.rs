//! Rules of rotation: who runs on which model in the next round.

use proptest::prelude::*;
use rota_core::rotation::{Choice, Facts, Held, Knobs, Reason, rotate, worth};
use rota_core::units::Span;

const FAST_AND_SLOW: &[u64] = &[100, 50];

fn new(speeds: &[u64]) -> Facts<'_> {
    let (done, age) = (Span::ZERO, Span::ZERO);
    Facts { gang: 1, speeds, done, left: None, age, held: None }
}

fn after(hours: u64, speeds: &[u64]) -> Facts<'_> {
    let (done, age) = (Span::hours(hours), Span::hours(hours));
    let held = Some(Held { model: 0, since: Span::hours(hours) });
    Facts { done, age, held, ..new(speeds) }
}

fn round(jobs: &[Facts], gpus: &[u32]) -> Vec<(usize, usize, Reason)> {
    let chosen = rotate(jobs, gpus, &Knobs::default());
    chosen.iter().map(|c| (c.job, c.model, c.reason)).collect()
}

#[test]
fn a_new_job_takes_the_gpu_of_one_that_has_run_for_long() {
    let jobs = [after(20, FAST_AND_SLOW), new(FAST_AND_SLOW)];
    assert_eq!(round(&jobs, &[1, 0]), [(1, 0, Reason::Starts)]);
}

#[test]
fn a_job_within_its_turn_stays_whoever_comes() {
    let jobs = [after(20, FAST_AND_SLOW), new(FAST_AND_SLOW)];
    let knobs = Knobs { turn: Span::hours(21), ..Knobs::default() };
    let stays = Choice { job: 0, model: 0, reason: Reason::InTurn };
    assert_eq!(rotate(&jobs, &[1, 0], &knobs), [stays]);
}

#[test]
fn the_fast_model_goes_to_whoever_loses_most_without_it() {
    let jobs = [new(&[100, 90]), new(&[100, 20])];
    assert_eq!(round(&jobs, &[1, 1]), [(0, 1, Reason::Starts), (1, 0, Reason::Starts)]);
}

#[test]
fn units_of_speed_are_each_jobs_own() {
    let jobs = [new(&[100, 90]), new(&[1_000_000, 200_000])];
    let scaled = [new(&[100_000, 90_000]), new(&[10, 2])];
    assert_eq!(round(&jobs, &[1, 1]), round(&scaled, &[1, 1]));
}

#[test]
fn a_job_moves_to_a_faster_model_that_became_free() {
    let on_slow = Held { model: 1, since: Span::hours(2) };
    let jobs = [Facts { held: Some(on_slow), ..after(2, FAST_AND_SLOW) }];
    assert_eq!(round(&jobs, &[1, 1]), [(0, 0, Reason::Moves)]);
}

#[test]
fn a_job_does_not_move_for_a_gain_that_the_move_would_eat_up() {
    let on_slow = Held { model: 1, since: Span::hours(2) };
    let jobs = [Facts { held: Some(on_slow), ..after(2, &[100, 90]) }];
    assert_eq!(round(&jobs, &[1, 1]), [(0, 1, Reason::GoesOn)]);
}

#[test]
fn two_like_jobs_do_not_take_each_others_gpu_back_and_forth() {
    let waiting = Facts { held: None, ..after(5, FAST_AND_SLOW) };
    let jobs = [waiting, after(5, FAST_AND_SLOW)];
    assert_eq!(round(&jobs, &[1, 0]), [(1, 0, Reason::GoesOn)]);
}

#[test]
fn who_waits_long_enough_runs_even_after_much_service() {
    let served = Facts { held: None, ..after(50, FAST_AND_SLOW) };
    let newer = Facts { done: Span::hours(5), age: Span::hours(5), ..after(5, FAST_AND_SLOW) };
    assert_eq!(round(&[served, newer], &[1, 0]), [(1, 0, Reason::GoesOn)]);
    let waited = Facts { age: Span::hours(300), ..served };
    assert_eq!(round(&[waited, newer], &[1, 0]), [(0, 0, Reason::Starts)]);
}

#[test]
fn no_gpu_is_kept_idle_for_a_gang_that_does_not_fit() {
    let gang = Facts { gang: 8, age: Span::hours(100), ..new(FAST_AND_SLOW) };
    let jobs = [gang, new(FAST_AND_SLOW)];
    assert_eq!(round(&jobs, &[4, 0]), [(1, 0, Reason::Starts)]);
}

#[test]
fn a_gang_must_be_worth_as_much_as_those_whose_gpus_it_takes() {
    let gang = Facts { gang: 2, ..new(FAST_AND_SLOW) };
    let single = new(FAST_AND_SLOW);
    assert_eq!(round(&[gang, single, single], &[2, 0]).len(), 2);
    let old = after(100, FAST_AND_SLOW);
    assert_eq!(round(&[gang, old, old], &[2, 0]), [(0, 0, Reason::Starts)]);
}

#[test]
fn a_job_never_runs_where_it_does_not_fit() {
    let jobs = [new(&[0, 50]), new(&[100, 0]), new(&[0, 0])];
    assert_eq!(round(&jobs, &[2, 2]), [(0, 1, Reason::Starts), (1, 0, Reason::Starts)]);
}

#[test]
fn little_that_is_left_counts_like_little_that_is_done() {
    let nearly = Facts { left: Some(Span::hours(1)), ..after(50, FAST_AND_SLOW) };
    let knobs = Knobs::default();
    assert!(worth(&nearly, 0, &knobs) > worth(&after(50, FAST_AND_SLOW), 0, &knobs));
    let much = Facts { left: Some(Span::hours(90)), ..new(FAST_AND_SLOW) };
    assert_eq!(worth(&much, 0, &knobs), worth(&new(FAST_AND_SLOW), 0, &knobs));
}

proptest! {
    #[test]
    fn no_gpu_is_given_twice_none_that_fits_is_left_and_extremes_do_not_overflow(
        rows in prop::collection::vec(
            (1u32..9, prop::array::uniform3(0u64..u64::MAX), any::<u64>(), any::<u64>(), 0usize..4),
            0..24,
        ),
        gpus in prop::array::uniform3(0u32..12),
    ) {
        let jobs: Vec<Facts> = rows.iter().map(|(gang, speeds, done, age, at)| Facts {
            gang: *gang,
            speeds,
            done: Span(*done),
            left: None,
            age: Span(*age),
            held: (*at < 3).then_some(Held { model: *at, since: Span::hours(1) }),
        }).collect();
        let chosen = rotate(&jobs, &gpus, &Knobs::default());
        let mut free = gpus;
        for choice in &chosen {
            free[choice.model] = free[choice.model].checked_sub(jobs[choice.job].gang)
                .expect("no GPU is given twice");
        }
        for (at, job) in jobs.iter().enumerate() {
            let waits = chosen.iter().all(|c| c.job != at);
            let fits = |m: usize| job.speeds[m] > 0 && free[m] >= job.gang;
            prop_assert!(!(waits && (0..3).any(fits)), "job {at} waits beside free GPUs");
        }
    }
}
