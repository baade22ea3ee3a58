//! What a job asks for, on the command line and in scripts.

use crate::fault::Fault;
use clap::Args;
use rota_core::job::{Dependency, DependencyKind, JobSpec, TurnMode, Warning};
use rota_core::units::{Mib, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The variables of each task of a sweep.
type Sweep = BTreeMap<u32, BTreeMap<String, String>>;

/// Options of `run`, `submit`, and `#ROTA` lines.
#[derive(Args, Clone, Debug, Default)]
pub struct JobOptions {
    /// GPUs, all on one node
    #[arg(long)]
    pub gpus: Option<u32>,
    /// Acceptable GPU models, best first: H100,A100
    #[arg(long)]
    pub gpu: Option<String>,
    /// Memory: 40G
    #[arg(long)]
    pub mem: Option<String>,
    /// CPU cores
    #[arg(long)]
    pub cpus: Option<u32>,
    /// Walltime: 4h, 90m, 1-12:00:00
    #[arg(long, allow_hyphen_values = true)]
    pub time: Option<String>,
    /// Name
    #[arg(long)]
    pub name: Option<String>,
    /// Array: 0-99, 1,3,5-9:2, 0-99%8 (at most 8 at a time)
    #[arg(long)]
    pub array: Option<String>,
    /// Start after other jobs: ok:12,any:13,notok:14
    #[arg(long)]
    pub after: Option<String>,
    /// File for standard output; %j job, %A array, %a task, %x name, %u user
    #[arg(long)]
    pub output: Option<String>,
    /// File for standard error
    #[arg(long)]
    pub error: Option<String>,
    /// File for standard input
    #[arg(long)]
    pub stdin: Option<String>,
    /// Working directory
    #[arg(long)]
    pub chdir: Option<String>,
    /// How it makes room when its turn is over: suspend, requeue, never
    #[arg(long)]
    pub turns: Option<String>,
    /// Signal before the walltime: USR1@120
    #[arg(long)]
    pub signal: Option<String>,
    /// Time from SIGTERM to SIGKILL
    #[arg(long)]
    pub grace: Option<String>,
    /// Starts after its node or supervisor was lost
    #[arg(long)]
    pub retries: Option<u32>,
    /// Queue it held
    #[arg(long)]
    pub hold: bool,
    /// Run a copy of the tracked files of the working directory, as they are now
    #[arg(long)]
    pub snapshot: bool,
    /// An array of all combinations: lr=1e-3,1e-4 seed=1-3 (also as {lr} in the command)
    #[arg(long, num_args = 1, action = clap::ArgAction::Append)]
    pub sweep: Vec<String>,
    /// Simulated campus only: LAB/PERSON
    #[arg(long, hide = true)]
    pub account: Option<String>,
}

impl JobOptions {
    /// These, and `other` where these say nothing.
    pub fn or(self, other: JobOptions) -> JobOptions {
        JobOptions {
            gpus: self.gpus.or(other.gpus),
            gpu: self.gpu.or(other.gpu),
            mem: self.mem.or(other.mem),
            cpus: self.cpus.or(other.cpus),
            time: self.time.or(other.time),
            name: self.name.or(other.name),
            array: self.array.or(other.array),
            after: self.after.or(other.after),
            output: self.output.or(other.output),
            error: self.error.or(other.error),
            stdin: self.stdin.or(other.stdin),
            chdir: self.chdir.or(other.chdir),
            turns: self.turns.or(other.turns),
            signal: self.signal.or(other.signal),
            grace: self.grace.or(other.grace),
            retries: self.retries.or(other.retries),
            hold: self.hold || other.hold,
            snapshot: self.snapshot || other.snapshot,
            sweep: if self.sweep.is_empty() { other.sweep } else { self.sweep },
            account: self.account.or(other.account),
        }
    }

    /// What the plan will look at. `simulated`: GPUs are simulated, so a job can be frozen with them.
    pub fn spec(&self, name: &str, simulated: bool) -> Result<JobSpec, Fault> {
        let models: Vec<String> =
            self.gpu.iter().flat_map(|m| m.split(',')).map(canonical).collect();
        let gpus = self.gpus.unwrap_or(u32::from(!models.is_empty()));
        let span = |text: &Option<String>, option: &str| {
            let read = text.as_deref().map(Span::parse).transpose();
            read.map_err(|e| Fault::usage(format!("{option}: {e}")))
        };
        let mem = self.mem.as_deref().map(Mib::parse).transpose();
        Ok(JobSpec {
            name: self.name.clone().unwrap_or_else(|| name.to_owned()),
            gpus,
            models,
            cpus: self.cpus.unwrap_or(1),
            mem: mem.map_err(|e| Fault::usage(format!("--mem: {e}")))?.unwrap_or_default(),
            limit: span(&self.time, "--time")?,
            turns: self.turn_mode(gpus == 0 || simulated)?,
            after: self.after.as_deref().map(parse_after).transpose()?.unwrap_or_default(),
            at_most: self.array.as_deref().map(parse_array).transpose()?.and_then(|a| a.1),
            retries: self.retries.unwrap_or(0),
            warning: self.signal.as_deref().map(parse_signal).transpose()?,
            grace: span(&self.grace, "--grace")?.unwrap_or(Span::seconds(30)),
        })
    }

    fn turn_mode(&self, can_freeze: bool) -> Result<TurnMode, Fault> {
        match self.turns.as_deref() {
            Some("suspend") if !can_freeze => Err(Fault::usage(
                "--turns suspend: suspending on real GPUs is not there yet; write --turns requeue if the program \
                 continues from its own checkpoint",
            )),
            Some("suspend") => Ok(TurnMode::Suspend),
            None if can_freeze => Ok(TurnMode::Suspend),
            Some("requeue") => Ok(TurnMode::Requeue),
            Some("never") | None => Ok(TurnMode::Never),
            Some(other) => {
                Err(Fault::usage(format!("--turns {other}: write suspend, requeue or never")))
            }
        }
    }

    /// Tasks of the array or the sweep, with the variables of each.
    pub fn tasks(&self) -> Result<(Option<Vec<u32>>, Sweep), Fault> {
        match (&self.array, self.sweep.is_empty()) {
            (Some(_), false) => {
                Err(Fault::usage("--array and --sweep both make arrays; use one of them"))
            }
            (Some(array), true) => Ok((Some(parse_array(array)?.0), BTreeMap::new())),
            (None, true) => Ok((None, BTreeMap::new())),
            (None, false) => {
                let all = parse_sweep(&self.sweep)?;
                Ok((Some(all.keys().copied().collect()), all))
            }
        }
    }
}

/// `h100` as the inventory writes it: `H100`.
fn canonical(model: &str) -> String {
    rota_core::gpu::known_model(model).map_or_else(|| model.to_owned(), |m| m.name.to_owned())
}

/// `0-99%8`: tasks, and how many at a time.
pub fn parse_array(text: &str) -> Result<(Vec<u32>, Option<u32>), Fault> {
    let bad = || {
        Fault::usage(format!("--array '{}': write 0-99, 1,3,5-9:2 or 0-99%8", text.escape_debug()))
    };
    let (list, most) = match text.split_once('%') {
        Some((list, most)) => (list, Some(most.parse().ok().filter(|m| *m > 0).ok_or_else(bad)?)),
        None => (text, None),
    };
    let mut tasks = BTreeSet::new();
    for part in list.split(',') {
        let (range, step) = match part.split_once(':') {
            Some((range, step)) => (range, step.parse().ok().filter(|s| *s > 0).ok_or_else(bad)?),
            None => (part, 1usize),
        };
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let (from, to): (u32, u32) =
            (from.parse().map_err(|_| bad())?, to.parse().map_err(|_| bad())?);
        if from > to || to - from >= 1_000_000 {
            return Err(bad());
        }
        tasks.extend((from..=to).step_by(step));
    }
    Ok((tasks.into_iter().collect(), most))
}

/// `ok:12,any:13`.
pub fn parse_after(text: &str) -> Result<Vec<Dependency>, Fault> {
    let bad = || {
        Fault::usage(format!("--after '{}': write ok:12,any:13 or notok:14", text.escape_debug()))
    };
    let one = |part: &str| {
        let (kind, number) = part.split_once(':').unwrap_or(("ok", part));
        let kind = match kind {
            "ok" => DependencyKind::Ok,
            "any" => DependencyKind::Any,
            "notok" => DependencyKind::NotOk,
            _ => return Err(bad()),
        };
        Ok(Dependency { kind, number: number.parse().map_err(|_| bad())? })
    };
    text.split(',').map(one).collect()
}

/// `USR1@120`.
fn parse_signal(text: &str) -> Result<Warning, Fault> {
    let bad = || {
        Fault::usage(format!(
            "--signal '{}': write USR1@120 (seconds before the walltime)",
            text.escape_debug()
        ))
    };
    let (name, seconds) = text.split_once('@').unwrap_or((text, "60"));
    let signal = match name.parse::<i32>() {
        Ok(number) => number,
        Err(_) => {
            let full = format!("SIG{}", name.trim_start_matches("SIG").to_ascii_uppercase());
            full.parse::<nix::sys::signal::Signal>().map_err(|_| bad())? as i32
        }
    };
    let seconds = seconds.parse::<u64>().ok().filter(|s| *s < 1 << 30).ok_or_else(bad)?;
    Ok(Warning { signal, before: Span::seconds(seconds) })
}

/// `lr=1e-3,1e-4 seed=1-3`: all combinations, numbered from 0; the last variable changes fastest.
pub fn parse_sweep(texts: &[String]) -> Result<Sweep, Fault> {
    let mut all: Vec<BTreeMap<String, String>> = vec![BTreeMap::new()];
    for part in texts.iter().flat_map(|t| t.split_whitespace()) {
        let bad = || {
            Fault::usage(format!("--sweep '{}': write lr=1e-3,1e-4 seed=1-3", part.escape_debug()))
        };
        let (name, values) = part.split_once('=').ok_or_else(bad)?;
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !starts_well || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(bad());
        }
        let values: Vec<String> = values.split(',').flat_map(value_or_range).collect();
        if values.iter().any(String::is_empty)
            || all.len() * values.len() > rota_core::admit::MOST_TASKS
        {
            return Err(bad());
        }
        let with = |one: &BTreeMap<String, String>, value: &String| {
            let mut one = one.clone();
            one.insert(name.to_owned(), value.clone());
            one
        };
        all = all.iter().flat_map(|one| values.iter().map(move |v| with(one, v))).collect();
    }
    Ok((0..).zip(all).collect())
}

fn value_or_range(text: &str) -> Vec<String> {
    let ends = text
        .split_once('-')
        .and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)));
    match ends {
        Some((from, to)) if from <= to && to - from < 100_000 => {
            (from..=to).map(|n| n.to_string()).collect()
        }
        _ => vec![text.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arrays_and_sweeps_are_read() {
        assert_eq!(parse_array("1,5-9:2%3").expect("an array"), (vec![1, 5, 7, 9], Some(3)));
        let sweep = parse_sweep(&["lr=1e-3,1e-4 seed=1-3".into()]).expect("a sweep");
        assert_eq!(
            (sweep.len(), sweep[&5]["lr"].as_str(), sweep[&5]["seed"].as_str()),
            (6, "1e-4", "3")
        );
        assert!(
            parse_array("5-1").is_err()
                && parse_array("0%0").is_err()
                && parse_array("-1").is_err()
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = (parse_array(&text), parse_after(&text), parse_signal(&text), parse_sweep(std::slice::from_ref(&text)));
            let _ = (Span::parse(&text), Mib::parse(&text));
        }
    }
}
