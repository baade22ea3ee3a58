//! From a free slot to the first instruction of a job, and how many jobs pass through eight slots in a second.

use super::super::place::{Place, submit, wait_for};
use super::super::report::{Times, wall_ns};
use super::{Failure, Figures};
use rota_core::job::{Dependency, DependencyKind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ONE_BY_ONE: u32 = 200;
const MANY: u32 = 10_000;
const SLOTS: u32 = 8;
const LONGEST: Duration = Duration::from_secs(120);

/// This program, which can write the time and end.
fn own() -> Result<String, Failure> {
    Ok(std::env::current_exe()?.display().to_string())
}

/// What `now` wrote, once it is there.
fn written(path: &Path) -> Result<u128, Failure> {
    let read = || std::fs::read_to_string(path).ok().and_then(|t| t.parse::<u128>().ok());
    wait_for(&path.display().to_string(), LONGEST, || read().is_some())?;
    read().ok_or_else(|| "it vanished".into())
}

fn span(from: u128, to: u128) -> Duration {
    Duration::from_nanos(u64::try_from(to.saturating_sub(from)).unwrap_or(u64::MAX))
}

/// Submit → first instruction on an idle machine, and freed slot → first instruction of the next job.
pub fn latency(place: &mut Place, figures: &mut Figures) -> Result<(), Failure> {
    let (own, mut wire) = (own()?, place.wire()?);
    let (mut bare, mut ours, mut acknowledged) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..ONE_BY_ONE {
        let path = place.path().join(format!("bare-{n}"));
        let begun = wall_ns();
        Command::new(&own).arg("now").arg(&path).stdin(Stdio::null()).status()?;
        bare.push(span(begun, written(&path)?));
        let path = place.path().join(format!("job-{n}"));
        let job = place.job(&[&own, "now", &path.display().to_string()], "/dev/null");
        let begun = wall_ns();
        submit(&mut wire, &job)?;
        let answered = wall_ns();
        let started = written(&path)?;
        ours.push(span(begun, started));
        acknowledged.push(span(answered, started));
    }
    let (bare, ours, acknowledged) = (Times::of(bare), Times::of(ours), Times::of(acknowledged));
    let beside = |percent| {
        let (bare, rest) = (bare.ms(percent), acknowledged.ms(percent));
        format!("bare spawn {bare:.2} ms; after the durable answer {rest:.2} ms")
    };
    figures.add("start_p50_ms", ours.ms(50), beside(50));
    figures.add("start_p99_ms", ours.ms(99), beside(99));
    let freed = Times::of(freed_slots(place, &own)?);
    let beside = format!("bare spawn {:.2} ms", bare.ms(50));
    figures.add("next_p50_ms", freed.ms(50), beside.clone());
    figures.add("next_p99_ms", freed.ms(99), beside);
    Ok(())
}

/// Jobs that each need the whole machine and end at once: from the last word of one to the first of the next.
fn freed_slots(place: &Place, own: &str) -> Result<Vec<Duration>, Failure> {
    let mut wire = place.wire()?;
    let mut blocker = place.job(&["sleep", "1"], "/dev/null");
    blocker.spec.cpus = SLOTS;
    submit(&mut wire, &blocker)?;
    let mut paths = Vec::new();
    for n in 0..ONE_BY_ONE {
        let path = place.path().join(format!("next-{n}"));
        let mut job = place.job(&[own, "now", &path.display().to_string()], "/dev/null");
        job.spec.cpus = SLOTS;
        submit(&mut wire, &job)?;
        paths.push(path);
    }
    let times: Result<Vec<u128>, Failure> = paths.iter().map(|p| written(p)).collect();
    let mut times = times?;
    times.sort_unstable();
    Ok(times.windows(2).map(|pair| span(pair[0], pair[1])).collect())
}

/// 10,000 × `true` through eight slots, beside eight threads that do nothing but start and await it.
pub fn throughput(place: &mut Place, figures: &mut Figures) -> Result<(), Failure> {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..SLOTS {
            scope.spawn(|| {
                for _ in 0..MANY / SLOTS {
                    let mut command = Command::new("/bin/true");
                    command.stdin(Stdio::null()).stdout(Stdio::null());
                    // Counted as time, whatever it says.
                    drop(command.status());
                }
            });
        }
    });
    let bare = f64::from(MANY) / begun.elapsed().as_secs_f64();
    let mut wire = place.wire()?;
    let mut array = place.job(&["/bin/true"], "log-%a");
    array.tasks = Some((0..MANY).collect());
    let path = place.path().join("last");
    let mut last = place.job(&[&own()?, "now", &path.display().to_string()], "/dev/null");
    let begun = wall_ns();
    let number = submit(&mut wire, &array)?;
    last.spec.after = vec![Dependency { kind: DependencyKind::Ok, number }];
    submit(&mut wire, &last)?;
    let jobs = f64::from(MANY) / span(begun, written(&path)?).as_secs_f64();
    let beside = format!("{jobs:.0} jobs/s, bare fork-exec-wait {bare:.0}/s");
    figures.add("jobs_vs_forkexec", jobs / bare, beside);
    Ok(())
}
