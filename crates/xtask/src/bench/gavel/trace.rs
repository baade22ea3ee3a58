//! Workloads: jobs with a gang size, an amount of work, and a speed on each GPU model.

use super::super::Failure;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// GPU models, fastest first as a rule: V100, P100, K80.
pub const MODELS: usize = 3;

/// One job as it was submitted.
#[derive(Clone, Debug)]
pub struct Work {
    /// Seconds since the trace began.
    pub arrival: f64,
    /// GPUs of the gang.
    pub gpus: u32,
    /// Steps until it ends.
    pub steps: u64,
    /// Steps a second of the whole gang by model; 0 = does not fit.
    pub rate: [f64; MODELS],
}

impl Work {
    /// Steps a second on its best model.
    pub fn best(&self) -> f64 {
        self.rate.iter().copied().fold(0.0, f64::max)
    }
}

/// Jobs by arrival, and the GPUs they share.
#[derive(Clone, Debug)]
pub struct Workload {
    /// All jobs.
    pub jobs: Vec<Work>,
    /// Those whose figures count; the others are there to fill the queue.
    pub measured: Range<usize>,
    /// GPUs of each model.
    pub gpus: [u32; MODELS],
}

/// The folder of traces, if it is there.
pub fn folder() -> Result<PathBuf, Failure> {
    let folder = std::env::var_os("ROTA_TRACES").map_or("../shared/traces".into(), PathBuf::from);
    if folder.join("gavel_throughputs.csv").is_file() {
        return Ok(folder);
    }
    let shown = folder.display();
    let wanted =
        "set ROTA_TRACES to a folder with gavel_throughputs.csv and the gavel_*.csv traces";
    Err(format!("no traces in {shown}: {wanted}").into())
}

/// Reads a trace; all its jobs are measured.
pub fn read(path: &Path, gpus: [u32; MODELS]) -> Result<Workload, Failure> {
    let rows = rows(path)?;
    let columns = ["arrival_s", "num_gpus", "total_steps", "tput_v100", "tput_p100", "tput_k80"];
    let at = positions(path, &rows, &columns)?;
    let mut jobs = Vec::new();
    for (line, row) in rows.iter().enumerate().skip(1) {
        let cell = |n: usize| at.get(n).and_then(|at| row.get(*at)).map_or("", String::as_str);
        let number = |n: usize| -> Result<f64, String> {
            let wrong = |_| format!("{}:{}: {} is no number", path.display(), line + 1, columns[n]);
            cell(n).parse().map_err(wrong)
        };
        let rate = [number(3)?, number(4)?, number(5)?];
        let (gpus, steps) = (number(1)? as u32, number(2)? as u64);
        jobs.push(Work { arrival: number(0)?, gpus, steps, rate });
    }
    jobs.sort_by(|a, b| a.arrival.total_cmp(&b.arrival));
    let fits =
        |job: &Work| (0..MODELS).any(|m| job.rate[m] > 0.0 && job.gpus > 0 && job.gpus <= gpus[m]);
    if let Some(at) = jobs.iter().position(|job| !fits(job)) {
        return Err(format!("{}: job {at} fits no GPU model", path.display()).into());
    }
    let measured = 0..jobs.len();
    Ok(Workload { jobs, measured, gpus })
}

/// A kind of job of the generator.
#[derive(Clone, Debug)]
pub struct Kind {
    /// GPUs of the gang.
    pub gpus: u32,
    /// Steps a second by model.
    pub rate: [f64; MODELS],
}

/// Reads the kinds of job that there are.
pub fn kinds(folder: &Path) -> Result<Vec<Kind>, Failure> {
    let path = folder.join("gavel_throughputs.csv");
    let rows = rows(&path)?;
    let at = positions(&path, &rows, &["num_gpus", "v100", "p100", "k80"])?;
    let mut kinds = Vec::new();
    for row in rows.iter().skip(1) {
        let cell = |n: usize| at.get(n).and_then(|at| row.get(*at)).map_or("", String::as_str);
        let rate = [cell(1).parse()?, cell(2).parse()?, cell(3).parse()?];
        kinds.push(Kind { gpus: cell(0).parse()?, rate });
    }
    Ok(kinds)
}

fn rows(path: &Path) -> Result<Vec<Vec<String>>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

fn positions(path: &Path, rows: &[Vec<String>], names: &[&str]) -> Result<Vec<usize>, Failure> {
    let head = rows.first().ok_or_else(|| format!("{}: empty", path.display()))?;
    let find = |name: &&str| {
        head.iter()
            .position(|c| c == name)
            .ok_or_else(|| format!("{}: no column {name}", path.display()).into())
    };
    names.iter().map(find).collect()
}
