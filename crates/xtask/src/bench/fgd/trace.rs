//! Nodes and pods of openb's columns.

use super::super::Failure;
use std::path::Path;

/// Thousandths of a GPU.
pub const WHOLE: u32 = 1000;

/// What a pod asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pod {
    /// GPUs.
    pub gpus: u32,
    /// Thousandths of each: less than all only of one GPU.
    pub milli: u32,
    /// Thousandths of CPU cores.
    pub cpus: u64,
    /// MiB.
    pub mem: u64,
    /// Models that it accepts; none: any.
    pub models: Vec<String>,
}

impl Pod {
    /// Whether it shares a GPU.
    pub fn is_part(&self) -> bool {
        self.gpus == 1 && self.milli < WHOLE
    }

    /// Thousandths of GPUs in all.
    pub fn total(&self) -> u64 {
        u64::from(self.gpus) * u64::from(self.milli)
    }
}

/// A node, and what is free on it.
#[derive(Clone, Debug)]
pub struct Node {
    /// Thousandths of each GPU.
    pub free: Vec<u32>,
    /// Thousandths of CPU cores.
    pub cpus: u64,
    /// MiB.
    pub mem: u64,
    /// Its GPU model.
    pub model: String,
}

impl Node {
    /// Thousandths of GPUs in all.
    pub fn total(&self) -> u64 {
        self.free.iter().map(|free| u64::from(*free)).sum()
    }
}

/// Reads pods, by name: the order in which they are shuffled.
pub fn pods(path: &Path) -> Result<Vec<Pod>, Failure> {
    let rows = rows(path)?;
    let wanted = ["pod_id", "num_gpu", "gpu_milli", "cpu_milli", "memory_mib"];
    let at = columns(path, &rows, &wanted)?;
    let spec = rows.first().and_then(|head| head.iter().position(|name| name == "gpu_spec"));
    let mut pods = Vec::new();
    for (line, row) in rows.iter().enumerate().skip(1) {
        let number = |column: usize| number(path, line, row, at[column]);
        let models = spec.and_then(|at| row.get(at)).map_or("", String::as_str);
        let gpus = u32::try_from(number(1)?)?;
        let milli = u32::try_from(number(2)?)?.min(WHOLE);
        pods.push(Pod {
            gpus,
            milli: if gpus > 1 { WHOLE } else { milli },
            cpus: number(3)?,
            mem: number(4)?,
            models: models.split('|').filter(|m| !m.is_empty()).map(str::to_owned).collect(),
        });
    }
    let names: Vec<&String> = rows.iter().skip(1).filter_map(|row| row.get(at[0])).collect();
    let mut order: Vec<usize> = (0..pods.len()).collect();
    order.sort_by_key(|pod| (names[*pod].len(), names[*pod]));
    Ok(order.into_iter().map(|pod| pods[pod].clone()).collect())
}

/// Reads nodes, by name: where a rule has no opinion, the first is taken.
pub fn nodes(path: &Path) -> Result<Vec<Node>, Failure> {
    let rows = rows(path)?;
    let at = columns(path, &rows, &["sn", "gpu", "cpu_milli", "memory_mib", "model"])?;
    let mut nodes = Vec::new();
    for (line, row) in rows.iter().enumerate().skip(1) {
        let number = |column: usize| number(path, line, row, at[column]);
        let text = |column: usize| row.get(at[column]).cloned().unwrap_or_default();
        let free = vec![WHOLE; usize::try_from(number(1)?)?];
        nodes.push((text(0), Node { free, cpus: number(2)?, mem: number(3)?, model: text(4) }));
    }
    nodes.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(nodes.into_iter().map(|(_, node)| node).collect())
}

fn rows(path: &Path) -> Result<Vec<Vec<String>>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

fn columns(path: &Path, rows: &[Vec<String>], names: &[&str]) -> Result<Vec<usize>, Failure> {
    let head = rows.first().ok_or_else(|| format!("{}: empty", path.display()))?;
    let find = |name: &&str| {
        let at = head.iter().position(|column| column == name);
        at.ok_or_else(|| format!("{}: no column {name}", path.display()).into())
    };
    names.iter().map(find).collect()
}

fn number(path: &Path, line: usize, row: &[String], at: usize) -> Result<u64, Failure> {
    let text = row.get(at).map_or("", String::as_str);
    let wrong = |_| format!("{}:{}: '{text}' is no number", path.display(), line + 1);
    Ok(text.parse().map_err(wrong)?)
}
