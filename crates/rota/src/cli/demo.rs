//! The first thing a newcomer runs: a simulated campus, real programs of three labs, turns, and what came of it.

use super::options::JobOptions;
use super::queue;
use super::submit::{What, prepare, send};
use crate::client::Client;
use crate::fault::Fault;
use crate::text::{safe, tr};
use crate::{show, start};
use rota_api::{Done, JobList, Summary};
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Longest time before the demo gives up.
const LONGEST: Duration = Duration::from_secs(85);

/// Lab and person.
type Owner = (&'static str, &'static str);

/// Owner, job name, GPUs, model, steps of a quarter second, copies.
const WORK: [(Owner, &str, u32, &str, u32, u32); 9] = [
    (("vision", "mina"), "segment", 8, "H100", 40, 2),
    (("language", "jun"), "pretrain", 8, "H100", 40, 2),
    (("robotics", "sora"), "grasp", 4, "H100", 24, 4),
    (("vision", "mina"), "detect", 2, "A100,V100", 16, 6),
    (("language", "jun"), "finetune", 4, "A100,H100", 20, 3),
    (("language", "hana"), "tokenize", 0, "", 8, 6),
    (("robotics", "sora"), "simulate", 1, "RTX3090", 12, 6),
    (("vision", "dan"), "sweep", 1, "V100,RTX3090", 10, 6),
    (("robotics", "yul"), "evaluate", 2, "", 10, 3),
];

/// Runs the demo.
pub fn demo() -> Result<ExitCode, Fault> {
    let folder = std::env::temp_dir().join(format!("rota-demo-{}", std::process::id()));
    crate::places::make(&folder)?;
    let socket = folder.join("s");
    let shown = play(&folder, &socket);
    let stopped = Client::to(&socket).and_then(|mut c| c.post::<Done>("/v1/down", &()));
    if stopped.is_ok()
        && let Ok(lock) = std::fs::File::open(folder.join("store/lock"))
    {
        // Whoever has the lock after the server knows that it has left nothing behind.
        drop(nix::fcntl::Flock::lock(lock, nix::fcntl::FlockArg::LockExclusive));
    }
    drop(std::fs::remove_dir_all(&folder));
    shown
}

fn play(folder: &Path, socket: &Path) -> Result<ExitCode, Fault> {
    let more = ["--simulate", "campus", "--turn", "4s"].map(str::to_owned);
    start::background(socket, &folder.join("store"), &more)?;
    let mut client = Client::to(socket)?;
    let begun = Instant::now();
    let mut submitted = 0u64;
    for ((lab, person), name, gpus, models, steps, copies) in WORK {
        for _ in 0..copies {
            let options = JobOptions {
                name: Some(name.into()),
                gpus: Some(gpus),
                gpu: Some(models.to_owned()).filter(|m| !m.is_empty()),
                time: Some("5m".into()),
                output: Some(format!("{}/%j.log", folder.display())),
                account: Some(lab.into()),
                person: Some(person.into()),
                ..JobOptions::default()
            };
            let program = format!(
                "i=0; while [ $i -lt {steps} ]; do i=$((i+1)); echo ROTA_PROGRESS $i/{steps}; sleep 0.25; done"
            );
            let argv = vec!["/bin/sh".into(), "-c".into(), program];
            let what = What { argv, text: None, accept: Some("1") };
            let job = prepare(&mut client, &options, what, None)?;
            send(&mut client, &job)?;
            submitted += 1;
        }
    }
    watch(&mut client, submitted, begun)?;
    let summary: Summary = client.get("/v1/summary")?;
    tell(&summary, begun.elapsed())?;
    Ok(if summary.jobs == submitted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows the queue until it is empty: live on a terminal, else a line for each change.
fn watch(client: &mut Client, submitted: u64, begun: Instant) -> Result<(), Fault> {
    let screen = std::io::stdout().is_terminal();
    let mut last = 0;
    loop {
        let list: JobList = client.get("/v1/jobs")?;
        let left = list.jobs.len();
        let running = list.jobs.iter().filter(|j| j.node.is_some()).count();
        let line = tr!("demo-left", left = left, all = submitted, running = running);
        if screen {
            let text = queue::text(&list, false);
            let rows = terminal_rows().saturating_sub(3).max(5);
            let lines: Vec<&str> = text.lines().take(rows).collect();
            show::print(&format!("\x1b[H\x1b[J{}\n\n{line}\n", lines.join("\n")))?;
        } else if left != last {
            show::line(&line)?;
            last = left;
        }
        if left == 0 || begun.elapsed() > LONGEST {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn terminal_rows() -> usize {
    terminal_size::terminal_size().map_or(40, |(_, rows)| usize::from(rows.0))
}

fn tell(s: &Summary, took: Duration) -> Result<(), Fault> {
    let mut out = vec![
        String::new(),
        tr!("demo-done", jobs = s.jobs, seconds = took.as_secs(), ok = s.completed),
        tr!("demo-turns", turns = s.turns),
        tr!("demo-longest-wait", time = show::span(s.longest_wait)),
    ];
    for (lab, time) in &s.gpu_time {
        let lab = format!("{:<10}", safe(lab));
        out.push(tr!("demo-gpu-hours", lab = lab, hours = format!("{:.3}", hours(time.0))));
    }
    out.push(tr!("demo-lost", hours = format!("{:.3}", hours(s.lost.0))));
    out.extend([String::new(), tr!("demo-next"), tr!("demo-next-run"), tr!("demo-next-up")]);
    Ok(show::line(&out.join("\n"))?)
}

fn hours(milliseconds: u64) -> f64 {
    Duration::from_millis(milliseconds).as_secs_f64() / 3600.0
}
