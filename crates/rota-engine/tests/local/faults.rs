//! Whatever fails, and in whatever order: each job is running, suspended or gone; nothing is restored without room; a
//! suspend that fails leaves the job running.

use super::bench::Bench;
use super::gpus::{GPU, go, gpus, run, state};
use fake_gpu::State;
use rota_core::job::Stop;
use rota_core::observation::{Seen, Sighting};
use rota_core::units::{Span, Time};
use rota_engine::local::What;

/// What may go wrong in a suspend.
const THERE: [&str; 8] = [
    "",
    "lock 600 1",
    "lock crash 1",
    "checkpoint 999 1",
    "checkpoint crash 1",
    "state crash 1",
    "checkpoint 304 1\nrestore 304 2",
    "checkpoint 999 1\nunlock crash 1",
];
/// What may go wrong on the way back.
const BACK: [&str; 6] =
    ["", "restore 304 1", "restore crash 1", "unlock 999 1", "unlock crash 2", "state crash 1"];

/// A die that rolls the same every time.
struct Die(u64);

impl Die {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits fit") % sides
    }
}

/// A job as the test believes it to be.
struct Known {
    number: u64,
    pid: u32,
    turn: u32,
    suspended: bool,
    /// When it was last answered: in one turn it may be asked again, and an answer may be heard twice.
    answered: Time,
}

fn suspend(b: &Bench, job: &mut Known) {
    b.stop(job.number, job.turn, Stop::Suspend, Span::ZERO);
    let answer = |seen: &Seen| matches!(seen, Seen::Suspended | Seen::SuspendFailed { .. });
    let is_new = |s: &Sighting| s.turn == job.turn && s.at > job.answered;
    let sighting = b.wait(job.number, |s| is_new(s) && answer(&s.seen));
    (job.suspended, job.answered) = (sighting.seen == Seen::Suspended, sighting.at);
}

fn resume(b: &Bench, job: &mut Known) {
    job.turn += 1;
    b.deed(job.number, job.turn, What::Resume);
    b.wait(job.number, |s| s.turn == job.turn && s.seen == Seen::Running);
    job.suspended = false;
}

fn check(b: &Bench, jobs: &[Known], step: &str) {
    let used: u64 = gpus(b).on(0).iter().map(|p| p.mib).sum();
    assert!(used <= GPU.1, "{step}: more memory is used than there is");
    for job in jobs {
        let wanted = if job.suspended { State::Checkpointed } else { State::Running };
        assert_eq!(state(b, job.pid), wanted, "{step}: job {}", job.number);
        assert_eq!(fake_gpu::is_still(job.pid), job.suspended, "{step}: job {}", job.number);
    }
    let calls = std::fs::read_to_string(gpus(b).path().join("calls")).unwrap_or_default();
    let without_room = |line: &str| line.starts_with("restore ") && line.ends_with(" 2");
    assert!(!calls.lines().any(without_room), "{step}: a restore ran out of memory");
}

fn play(seed: u64) {
    let b = super::gpus::bench();
    let mut die = Die(seed);
    let mut jobs: Vec<Known> = Vec::new();
    for number in 1..=3 {
        let pid = run(&b, number, 1200);
        let mut job = Known { number, pid, turn: 1, suspended: false, answered: Time(0) };
        suspend(&b, &mut job);
        assert!(job.suspended);
        jobs.push(job);
    }
    for step in 0..20 {
        let at = die.roll(jobs.len());
        let running = jobs.iter().position(|job| !job.suspended);
        let faults = match running {
            Some(_) => THERE[die.roll(THERE.len())],
            None => BACK[die.roll(BACK.len())],
        };
        let step = format!("seed {seed}, step {step}, faults {faults:?}");
        // Shown where the test fails.
        eprintln!("{step}");
        gpus(&b).set_faults(faults).expect("faults can be set");
        match running {
            Some(running) => suspend(&b, &mut jobs[running]),
            None => resume(&b, &mut jobs[at]),
        }
        gpus(&b).set_faults("").expect("faults can be set");
        check(&b, &jobs, &step);
    }
    // The one that runs makes room first.
    jobs.sort_by_key(|job| job.suspended);
    for mut job in jobs {
        if job.suspended {
            resume(&b, &mut job);
        }
        go(&b, job.number);
        assert_eq!(b.end(job.number), super::bench::exited(5));
    }
}

#[test]
fn whatever_fails_each_job_is_running_or_suspended_and_ends_well() {
    (1..=4).for_each(play);
}
