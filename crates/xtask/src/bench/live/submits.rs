//! How fast jobs are taken: acknowledged only when they are on the disk.

use super::super::place::{Place, submit};
use super::super::report::Times;
use super::{Failure, Figures};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long each rate is measured.
const SPAN: Duration = Duration::from_secs(2);

/// 4 KiB appended and made durable, again and again: one at a time is the disk's own limit.
fn fsyncs(folder: &Path) -> Result<Vec<Duration>, Failure> {
    let mut file = File::create(folder.join("fsync"))?;
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < SPAN {
        let one = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(one.elapsed());
    }
    Ok(times)
}

fn per_second(count: usize, taken: Duration) -> f64 {
    count as f64 / taken.as_secs_f64()
}

/// Acknowledged submits a second from 1, 8 and 64 clients, as a ratio to the disk's fsyncs a second.
pub fn rates(place: &mut Place, figures: &mut Figures) -> Result<(), Failure> {
    for clients in [1, 8, 64] {
        let before = fsyncs(place.path())?;
        let taken: Duration = before.iter().sum();
        let raw = per_second(before.len(), taken);
        let submits = submits_per_second(place, clients)?;
        let beside = format!("{submits:.0} submits/s, {raw:.0} fsync/s");
        figures.add(&format!("submit_per_fsync_{clients}"), submits / raw, beside);
    }
    Ok(())
}

fn submits_per_second(place: &Place, clients: usize) -> Result<f64, Failure> {
    let mut job = place.job(&["true"], "log");
    job.hold = true;
    let begun = Instant::now();
    let counts: Result<Vec<usize>, Failure> = std::thread::scope(|scope| {
        let client = || -> Result<usize, Failure> {
            let mut wire = place.wire()?;
            let mut count = 0;
            while begun.elapsed() < SPAN {
                submit(&mut wire, &job)?;
                count += 1;
            }
            Ok(count)
        };
        let threads: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
        threads.into_iter().map(|t| t.join().map_err(|_| "a client failed")?).collect()
    });
    Ok(per_second(counts?.iter().sum(), begun.elapsed()))
}

/// One `rota submit` as a person types it, from its start to its end.
pub fn whole_process(place: &mut Place, figures: &mut Figures) -> Result<(), Failure> {
    let mut times = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        if !place.rota(&["submit", "--hold", "--", "true"]).status()?.success() {
            return Err("rota submit failed".into());
        }
        times.push(begun.elapsed());
    }
    let (times, disk) = (Times::of(times), Times::of(fsyncs(place.path())?));
    let beside = format!("one fsync p50 {:.2} ms, p99 {:.2} ms", disk.ms(50), disk.ms(99));
    figures.add("submit_p50_ms", times.ms(50), beside.clone());
    figures.add("submit_p99_ms", times.ms(99), beside);
    Ok(())
}
