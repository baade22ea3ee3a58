//! `kill -9` of the server, 50 times, in the middle of 500 real jobs: nothing may be lost, doubled or misreported.
//!
//! Every job appends `begin` and `end` to a file of its own, ends with a known exit code, and writes a known log. A submit
//! that the kill cut off was not acknowledged: it may run or not, but at most once.

use super::Failure;
use super::place::{Place, build, submit};
use super::report::{Table, Times, result};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_api::{JobList, JobRow, Submit};
use rota_core::job::{Dependency, DependencyKind, Outcome, TurnMode};
use std::collections::BTreeMap;
use std::time::Duration;

const KILLS: u64 = 50;
const JOBS: u32 = 500;
/// Tasks of an array.
const TASKS: u32 = 5;
const OPTIONS: [&str; 4] = ["--simulate", "h100*8", "--turn", "1s"];
/// What others lost, measured in November 2026 on 2 cores: 20 jobs, one kill in the middle.
const PEERS: [(&str, &str); 6] = [
    ("task-spooler", "all queued lost"),
    ("pueue 4", "running shown killed though they ended 0; queue left paused"),
    ("HyperQueue", "8 of 8 begun jobs ran again"),
    ("gflow 0.4.18", "14-18 of 20 acknowledged jobs gone"),
    ("gpuq 0.3.1", "18 of 18 waiting lost"),
    ("ray jobs", "list empty"),
];

/// A job and what must come of it.
struct Wanted {
    index: u32,
    /// None if the kill cut the submit off.
    number: Option<u64>,
    tasks: Option<u32>,
    code: i32,
    log: String,
}

/// What must all be zero.
#[derive(Default)]
struct Wrongs {
    lost: u32,
    twice: u32,
    code: u32,
    log: u32,
}

/// Measures.
pub fn run() -> Result<(), Failure> {
    let mut place = Place::new(&build()?, &OPTIONS)?;
    let mut rng = Pcg64::seed_from_u64(2026);
    place.up()?;
    let (mut all, mut restarts): (Vec<Wanted>, Vec<Duration>) = (Vec::new(), Vec::new());
    let mut cut_off = 0;
    for kill in 1..=KILLS {
        let goal = u32::try_from(u64::from(JOBS) * kill / KILLS)?;
        let mut gaps = Vec::new();
        gaps.resize_with(64, || rng.next_u64() % 20);
        cut_off += submit_until_killed(&mut place, &mut rng, &mut all, goal, &gaps)?;
        restarts.push(place.up()?);
    }
    place.wait_until_empty(Duration::from_secs(180))?;
    let list: JobList = place.wire()?.get("/v1/jobs?ended=10000")?;
    let turns: u32 = list.jobs.iter().map(|row| row.turns).sum();
    let resumed = turns.saturating_sub(u32::try_from(list.jobs.len())?);
    let wrong = verify(&place, &all, &list.jobs);
    place.down()?;
    if !place.rota(&["admin", "check"]).status()?.success() {
        return Err("the store is not what its log says: rota admin check".into());
    }
    let restarts = Times::of(restarts);
    println!(
        "{} jobs ended, {KILLS} kills, {cut_off} submits cut off, {resumed} resumes after suspends, \
         restart p50 {:.0} ms, max {:.0} ms",
        list.jobs.len(),
        restarts.ms(50),
        restarts.ms(100)
    );
    let mut table =
        Table::new(&["kill -9 of the server", "lost / run twice / wrong exit code / log damaged"]);
    for (peer, what) in PEERS {
        table.row(&[format!("{peer} (Nov 2026, 20 jobs, 1 kill)"), what.to_owned()]);
    }
    table.row(&[
        format!("Rota (now, {} jobs, {KILLS} kills)", list.jobs.len()),
        format!("{} / {} / {} / {}", wrong.lost, wrong.twice, wrong.code, wrong.log),
    ]);
    table.show("kill")?;
    result("kill.jobs", f64::from(u32::try_from(list.jobs.len())?));
    result("kill.resumes", f64::from(resumed));
    for (name, count) in [
        ("kill.lost", wrong.lost),
        ("kill.run_twice", wrong.twice),
        ("kill.wrong_exit_code", wrong.code),
        ("kill.log_damaged", wrong.log),
    ] {
        result(name, f64::from(count));
    }
    if wrong.lost + wrong.twice + wrong.code + wrong.log > 0 {
        return Err("the server lost, doubled or misreported something".into());
    }
    if resumed == 0 {
        return Err("no job was suspended: this run proves nothing about turns".into());
    }
    Ok(())
}

/// Submits jobs up to `goal` in all, while the server is killed at a random moment. Returns how many submits it cut off.
fn submit_until_killed(
    place: &mut Place,
    rng: &mut Pcg64,
    all: &mut Vec<Wanted>,
    goal: u32,
    gaps: &[u64],
) -> Result<u32, Failure> {
    let mut wire = place.wire()?;
    let delay = Duration::from_millis(20 + rng.next_u64() % 380);
    let (mut cut_off, mut broken) = (0, false);
    let mut jobs = Vec::new();
    let mut next = u32::try_from(all.len())?;
    let known: Vec<(u64, i32)> = all.iter().filter_map(|w| Some((w.number?, w.code))).collect();
    while planned(all, &jobs) < goal {
        jobs.push(job(place, rng, next, &known));
        next += 1;
    }
    std::thread::scope(|scope| -> Result<(), Failure> {
        let killer = scope.spawn(|| {
            std::thread::sleep(delay);
            place.kill()
        });
        for ((job, mut wanted), gap) in jobs.into_iter().zip(gaps.iter().cycle()) {
            if broken {
                break;
            }
            std::thread::sleep(Duration::from_millis(*gap));
            wanted.number = submit(&mut wire, &job).ok();
            broken = wanted.number.is_none();
            cut_off += u32::from(broken);
            all.push(wanted);
        }
        killer.join().map_err(|_| "the killer failed")?
    })?;
    Ok(cut_off)
}

fn planned(all: &[Wanted], jobs: &[(Submit, Wanted)]) -> u32 {
    let tasks = |w: &Wanted| w.tasks.unwrap_or(1);
    let acknowledged = all.iter().filter(|w| w.number.is_some());
    acknowledged.map(tasks).sum::<u32>() + jobs.iter().map(|(_, w)| tasks(w)).sum::<u32>()
}

/// One job of the mix: a sleeper, a writer, an array, a job that takes turns, a dependent.
fn job(place: &Place, rng: &mut Pcg64, index: u32, known: &[(u64, i32)]) -> (Submit, Wanted) {
    let mut below = |n: u64| rng.next_u64() % n;
    let code = if below(5) == 0 { 3 } else { 0 };
    let tenths = 1 + below(19);
    let sleep = format!("sleep {}.{}", tenths / 10, tenths % 10);
    let kind = below(10);
    let (tasks, log) = match kind {
        0 => (Some(TASKS), format!("log-{index}-%a")),
        _ => (None, format!("log-{index}")),
    };
    let (work, written) = match kind {
        0..4 => (sleep, 0),
        4..6 => {
            let lines = 100 + below(3000);
            (format!("write {} ; {sleep} ; write {lines}", lines / 2), lines)
        }
        _ => ("for k in 1 2 3 4 5 6 7 8; do write $k; sleep 0.2; done".to_owned(), 8),
    };
    let text = format!(
        "i=0; write() {{ while [ $i -lt $1 ]; do i=$((i+1)); echo line $i; done; }}; \
         m=mark-{index}-${{ROTA_TASK_ID-}}; echo begin >> $m; {work}; echo end >> $m; exit {code}"
    );
    let mut job = place.job(&["/bin/sh", "-c", &text], &log);
    job.spec.cpus = 3;
    job.tasks = tasks.map(|n| (0..n).collect());
    if kind >= 8 {
        (job.spec.gpus, job.spec.cpus, job.spec.turns) = (2, 1, TurnMode::Suspend);
        job.spec.limit = Some(rota_core::units::Span::hours(1));
        let lab = if below(2) == 0 { "vision" } else { "language" };
        job.account.lab = Some(lab.into());
        job.account.person = Some("grant".into());
    }
    if let (6, false) = (kind, known.is_empty()) {
        let at = below(u64::try_from(known.len()).unwrap_or(1));
        let (number, code) = known[usize::try_from(at).unwrap_or(0)];
        let any = below(3) == 0;
        let kind = match code {
            _ if any => DependencyKind::Any,
            0 => DependencyKind::Ok,
            _ => DependencyKind::NotOk,
        };
        job.spec.after = vec![Dependency { kind, number }];
    }
    let log = (1..=written).map(|n| format!("line {n}\n")).collect();
    (job, Wanted { index, number: None, tasks, code, log })
}

fn verify(place: &Place, all: &[Wanted], rows: &[JobRow]) -> Wrongs {
    let mut wrong = Wrongs::default();
    let mut by_id: BTreeMap<&str, Vec<&JobRow>> = BTreeMap::new();
    rows.iter().for_each(|row| by_id.entry(&row.id).or_default().push(row));
    let read = |name: String| std::fs::read_to_string(place.path().join(name)).unwrap_or_default();
    for wanted in all {
        let tasks: Vec<Option<u32>> =
            wanted.tasks.map_or_else(|| vec![None], |n| (0..n).map(Some).collect());
        for task in tasks {
            let suffix = task.map(|t| t.to_string()).unwrap_or_default();
            let mark = read(format!("mark-{}-{suffix}", wanted.index));
            wrong.twice += u32::from(mark.matches("begin").count() > 1);
            let Some(number) = wanted.number else { continue };
            let id = task.map_or_else(|| number.to_string(), |t| format!("{number}_{t}"));
            let found = by_id.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
            let [row] = found else {
                eprintln!("job {id}: {} rows", found.len());
                wrong.lost += 1;
                continue;
            };
            if mark != "begin\nend\n" {
                eprintln!("job {id}: it wrote {mark:?}, {:?}", row.outcome);
                wrong.lost += u32::from(!mark.contains("end"));
            }
            if row.outcome != Some(Outcome::Exited { code: wanted.code }) {
                eprintln!("job {id}: {:?} instead of exit code {}", row.outcome, wanted.code);
                wrong.code += 1;
            }
            let log = match task {
                Some(t) => format!("log-{}-{t}", wanted.index),
                None => format!("log-{}", wanted.index),
            };
            if read(log) != wanted.log {
                eprintln!("job {id}: its log is damaged");
                wrong.log += 1;
            }
        }
    }
    wrong
}
