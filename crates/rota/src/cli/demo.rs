//! The first thing a newcomer runs: a simulated campus, real programs of three labs, turns, and what came of it.

use super::jobs::queue_text;
use super::options::JobOptions;
use super::submit::send;
use crate::client::{self, Client};
use crate::fault::Fault;
use crate::show;
use rota_api::{Done, JobList, Summary};
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Longest time before the demo gives up.
const LONGEST: Duration = Duration::from_secs(85);

/// lab/person, job name, GPUs, model, steps of a quarter second, copies.
const WORK: [(&str, &str, u32, &str, u32, u32); 9] = [
    ("vision/mina", "segment", 8, "H100", 40, 2),
    ("language/jun", "pretrain", 8, "H100", 40, 2),
    ("robotics/sora", "grasp", 4, "H100", 24, 4),
    ("vision/mina", "detect", 2, "A100,V100", 16, 6),
    ("language/jun", "finetune", 4, "A100,H100", 20, 3),
    ("language/hana", "tokenize", 0, "", 8, 6),
    ("robotics/sora", "simulate", 1, "RTX3090", 12, 6),
    ("vision/dan", "sweep", 1, "V100,RTX3090", 10, 6),
    ("robotics/yul", "evaluate", 2, "", 10, 3),
];

/// Runs the demo.
pub fn demo() -> Result<ExitCode, Fault> {
    let folder = std::env::temp_dir().join(format!("rota-demo-{}", std::process::id()));
    crate::places::make(&folder)?;
    let socket = folder.join("s");
    let shown = play(&folder, &socket);
    let stopped = Client::to(&socket).and_then(|mut c| c.post::<Done>("/v1/down", &()));
    drop(stopped);
    drop(std::fs::remove_dir_all(&folder));
    shown
}

fn play(folder: &Path, socket: &Path) -> Result<ExitCode, Fault> {
    let more = ["--simulate", "campus", "--turn", "4s"].map(str::to_owned);
    client::start(socket, &folder.join("store"), &more)?;
    let mut client = Client::to(socket)?;
    let begun = Instant::now();
    let mut submitted = 0;
    for (account, name, gpus, models, steps, copies) in WORK {
        for _ in 0..copies {
            let options = JobOptions {
                name: Some(name.into()),
                gpus: Some(gpus),
                gpu: Some(models.to_owned()).filter(|m| !m.is_empty()),
                time: Some("5m".into()),
                output: Some(format!("{}/%j.log", folder.display())),
                account: Some(account.into()),
                ..JobOptions::default()
            };
            let program = format!(
                "i=0; while [ $i -lt {steps} ]; do i=$((i+1)); echo step $i; sleep 0.25; done"
            );
            send(&mut client, &options, vec!["/bin/sh".into(), "-c".into(), program], None, None)?;
            submitted += 1;
        }
    }
    let screen = std::io::stdout().is_terminal();
    let mut last = 0;
    loop {
        let list: JobList = client.get("/v1/jobs")?;
        let left = list.jobs.len();
        if screen {
            let text = queue_text(&list, false);
            let lines: Vec<&str> = text.lines().take(40).collect();
            show::print(&format!(
                "\x1b[2J\x1b[H{}\n\n{left} of {submitted} jobs left\n",
                lines.join("\n")
            ))?;
        } else if left != last {
            let running = list.jobs.iter().filter(|j| j.node.is_some()).count();
            println!("SIMULATED  {left} of {submitted} jobs left, {running} on nodes");
            last = left;
        }
        if left == 0 || begun.elapsed() > LONGEST {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    let summary: Summary = client.get("/v1/summary")?;
    tell(&summary, begun.elapsed())?;
    Ok(if summary.jobs == u64::from(submitted as u32) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(s: &Summary, took: Duration) -> Result<(), Fault> {
    let mut out = format!(
        "\nSIMULATED GPUs, real programs: {} jobs in {} s, {} with exit code 0\n",
        s.jobs,
        took.as_secs(),
        s.completed
    );
    out.push_str(&format!("turns begun   {}\nlongest wait  {}\n", s.turns, s.longest_wait));
    for (lab, time) in &s.gpu_time {
        out.push_str(&format!("GPU-hours     {:<10} {:.3}\n", show::safe(lab), hours(time.0)));
    }
    out.push_str(&format!("lost work     {:.3} GPU-hours\n", hours(s.lost.0)));
    out.push_str(
        "\nTo start for real:\n  rota run -- python train.py      (starts a server of your own)\n",
    );
    out.push_str("  sudo rota up --system            (serves everyone on this machine)\n");
    show::print(&out)?;
    Ok(())
}

fn hours(milliseconds: u64) -> f64 {
    std::time::Duration::from_millis(milliseconds).as_secs_f64() / 3600.0
}
