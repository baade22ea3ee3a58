//! What a job asks for, on the command line and in scripts.

use super::moment;
use super::sweep::{self, Sweep};
use crate::fault::{Fault, usage};
use crate::text::safe;
use clap::Args;
use rota_api::{Account, Suspends};
use rota_core::admit::MOST_TASKS;
use rota_core::job::{Dependency, DependencyKind, JobSpec, TurnMode, Warning};
use rota_core::units::{Mib, Span, Thousandths};
use std::collections::{BTreeMap, BTreeSet};

/// Options of `run`, `submit`, and `#ROTA` lines.
#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct JobOptions {
    /// GPUs, on each of its nodes
    #[arg(long, value_name = "N")]
    pub gpus: Option<u32>,
    /// Share one GPU, with so much of its memory: 10G
    #[arg(long, value_name = "SIZE")]
    pub gpu_mem: Option<String>,
    /// Nodes of one pool that start together; otherwise one
    #[arg(long, value_name = "N")]
    pub nodes: Option<u32>,
    /// Acceptable GPU models: H100,A100; with speeds of your own: H100=2.1,A100=1
    #[arg(long, value_name = "MODELS")]
    pub gpu: Option<String>,
    /// Memory: 40G
    #[arg(long, value_name = "SIZE")]
    pub mem: Option<String>,
    /// Memory for each CPU core
    #[arg(long, conflicts_with = "mem", value_name = "SIZE")]
    pub mem_per_cpu: Option<String>,
    /// CPU cores
    #[arg(long, value_name = "N")]
    pub cpus: Option<u32>,
    /// Walltime: 4h, 90m, 1-12:00:00
    #[arg(long, allow_hyphen_values = true, value_name = "TIME")]
    pub time: Option<String>,
    /// Name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Array: 0-99, 1,3,5-9:2, 0-99%8 (at most 8 at a time)
    #[arg(long, value_name = "TASKS")]
    pub array: Option<String>,
    /// Start after other jobs: ok:12,any:13,notok:14
    #[arg(long, value_name = "JOBS")]
    pub after: Option<String>,
    /// Start no earlier than: 22:00, tomorrow, 2026-05-03T09:00, now+2h
    #[arg(long, value_name = "WHEN")]
    pub begin: Option<String>,
    /// File for standard output; %j job, %A array, %a task, %x name, %u user
    #[arg(long, value_name = "FILE")]
    pub output: Option<String>,
    /// File for standard error
    #[arg(long, value_name = "FILE")]
    pub error: Option<String>,
    /// File for standard input
    #[arg(long, value_name = "FILE")]
    pub stdin: Option<String>,
    /// Working directory
    #[arg(long, value_name = "FOLDER")]
    pub chdir: Option<String>,
    /// How it makes room when its turn is over: suspend, requeue, never
    #[arg(long, value_name = "HOW")]
    pub turns: Option<String>,
    /// Signal before the walltime: USR1@120
    #[arg(long, value_name = "NAME@SECONDS")]
    pub signal: Option<String>,
    /// Time from SIGTERM to SIGKILL
    #[arg(long, value_name = "TIME")]
    pub grace: Option<String>,
    /// Starts after its node or supervisor was lost
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// Queue it held
    #[arg(long)]
    pub hold: bool,
    /// Run a copy of the tracked files of the working directory, as they are now
    #[arg(long)]
    pub snapshot: bool,
    /// An array of all combinations: lr=1e-3,1e-4 seed=1-3 (also as {lr} in the command)
    #[arg(long, num_args = 1, action = clap::ArgAction::Append, value_name = "VALUES")]
    pub sweep: Vec<String>,
    /// Kind of job, of those in the policy: interactive, short
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    /// Only nodes of this pool
    #[arg(long, value_name = "POOL")]
    pub pool: Option<String>,
    /// For another lab or course that you belong to, or a grant of it: LAB, LAB/GRANT
    #[arg(long, value_name = "LAB")]
    pub account: Option<String>,
    /// The grant that pays
    #[arg(long, value_name = "GRANT")]
    pub grant: Option<String>,
    /// Simulated campus only
    #[arg(long, hide = true)]
    pub person: Option<String>,
}

/// What holds from the submit on.
pub const AT_SUBMIT_ONLY: [&str; 13] = [
    "array", "output", "error", "stdin", "chdir", "signal", "grace", "account", "grant", "retries",
    "hold", "snapshot", "sweep",
];

impl JobOptions {
    /// These, and `other` where these say nothing.
    pub fn or(self, other: JobOptions) -> JobOptions {
        JobOptions {
            gpus: self.gpus.or(other.gpus),
            gpu_mem: self.gpu_mem.or(other.gpu_mem),
            nodes: self.nodes.or(other.nodes),
            gpu: self.gpu.or(other.gpu),
            // One says all of it, the other for each core: they do not add up.
            mem_per_cpu: self.mem_per_cpu.or(other.mem_per_cpu.filter(|_| self.mem.is_none())),
            mem: self.mem.or(other.mem),
            cpus: self.cpus.or(other.cpus),
            time: self.time.or(other.time),
            name: self.name.or(other.name),
            array: self.array.or(other.array),
            after: self.after.or(other.after),
            begin: self.begin.or(other.begin),
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
            class: self.class.or(other.class),
            pool: self.pool.or(other.pool),
            account: self.account.or(other.account),
            grant: self.grant.or(other.grant),
            person: self.person.or(other.person),
        }
    }

    /// The first of these that no job is changed by once it is submitted.
    pub fn at_submit_only(&self) -> Option<&'static str> {
        let given = [
            self.array.is_some(),
            self.output.is_some(),
            self.error.is_some(),
            self.stdin.is_some(),
            self.chdir.is_some(),
            self.signal.is_some(),
            self.grace.is_some(),
            self.account.is_some(),
            self.grant.is_some(),
            self.retries.is_some(),
            self.hold,
            self.snapshot,
            !self.sweep.is_empty(),
        ];
        AT_SUBMIT_ONLY.into_iter().zip(given).find_map(|(name, is_given)| is_given.then_some(name))
    }

    /// What the plan will look at, but for when it begins. `suspends`: whether programs that use the server's GPUs can be
    /// suspended.
    pub fn spec(&self, name: &str, suspends: &Suspends) -> Result<JobSpec, Fault> {
        let (models, speeds) =
            self.gpu.as_deref().map(parse_models).transpose()?.unwrap_or_default();
        let gpu_mem = read_size("--gpu-mem", self.gpu_mem.as_deref())?;
        let some = !models.is_empty() || gpu_mem.is_some();
        let gpus = self.gpus.unwrap_or(u32::from(some));
        let cpus = self.cpus.unwrap_or(1);
        Ok(JobSpec {
            name: self.name.clone().unwrap_or_else(|| name.to_owned()),
            gpus,
            nodes: self.nodes.unwrap_or(1),
            gpu_mem,
            models,
            speeds,
            pool: self.pool.clone(),
            class: self.class.clone(),
            cpus,
            mem: self.memory(cpus)?,
            limit: read_span("--time", self.time.as_deref())?,
            interactive: false,
            turns: self.turn_mode(if gpus == 0 { &Suspends::Simulated } else { suspends })?,
            after: self.after.as_deref().map(parse_after).transpose()?.unwrap_or_default(),
            begin: None,
            at_most: self.array.as_deref().map(parse_array).transpose()?.and_then(|a| a.1),
            retries: self.retries.unwrap_or(0),
            warning: self.signal.as_deref().map(parse_signal).transpose()?,
            grace: read_span("--grace", self.grace.as_deref())?.unwrap_or(Span::seconds(30)),
        })
    }

    /// Whether they ask for one job, not for an array.
    pub fn is_single(&self) -> bool {
        self.array.is_none() && self.sweep.is_empty()
    }

    /// Whom it is accounted to.
    pub fn charged(&self) -> Account {
        let (lab, own) = match self.account.as_deref().map(|a| a.split_once('/').unwrap_or((a, "")))
        {
            None => (None, None),
            Some((lab, grant)) => (Some(lab.to_owned()), Some(grant).filter(|g| !g.is_empty())),
        };
        let grant = self.grant.clone().or(own.map(str::to_owned));
        Account { lab, grant, person: self.person.clone() }
    }

    /// Whether every value can be read.
    pub fn check(&self) -> Result<(), Fault> {
        self.spec("", &Suspends::Simulated)?;
        self.tasks()?;
        moment::begin(self.begin.as_deref()).map(drop)
    }

    fn memory(&self, cpus: u32) -> Result<Mib, Fault> {
        let read = |option: &str, text: &str| {
            Mib::parse(text).map_err(|_| usage!("bad-size", option = option, value = text))
        };
        match (&self.mem, &self.mem_per_cpu) {
            (Some(text), _) => read("--mem", text),
            (None, Some(text)) => {
                Ok(Mib(read("--mem-per-cpu", text)?.0.saturating_mul(u64::from(cpus))))
            }
            (None, None) => Ok(Mib::default()),
        }
    }

    fn turn_mode(&self, suspends: &Suspends) -> Result<TurnMode, Fault> {
        match (self.turns.as_deref(), suspends) {
            (Some("suspend"), Suspends::Old(driver)) => {
                Err(usage!("turns-old-driver", driver = safe(driver)))
            }
            (Some("suspend"), Suspends::Never) => Err(usage!("turns-no-driver")),
            (Some("suspend"), _) | (None, Suspends::Simulated) => Ok(TurnMode::Suspend),
            (Some("requeue"), _) => Ok(TurnMode::Requeue),
            (Some("never") | None, _) => Ok(TurnMode::Never),
            (Some(other), _) => Err(usage!("bad-turns", value = other)),
        }
    }

    /// Tasks of the array or the sweep, with the variables of each.
    pub fn tasks(&self) -> Result<(Option<Vec<u32>>, Sweep), Fault> {
        match (&self.array, self.sweep.is_empty()) {
            (Some(_), false) => Err(usage!("array-and-sweep")),
            (Some(array), true) => Ok((Some(parse_array(array)?.0), BTreeMap::new())),
            (None, true) => Ok((None, BTreeMap::new())),
            (None, false) => {
                let all = sweep::parse(&self.sweep)?;
                Ok((Some(all.keys().copied().collect()), all))
            }
        }
    }
}

type Models = (Vec<String>, Vec<(String, u32)>);

/// `H100=2.1,A100`: models, and how fast the job is on some of them, A100 = 1000.
pub fn parse_models(text: &str) -> Result<Models, Fault> {
    let (mut models, mut speeds) = (Vec::new(), Vec::new());
    for part in text.split(',') {
        let (model, speed) = part.split_once('=').map_or((part, None), |(m, s)| (m, Some(s)));
        let model = canonical(model);
        if let Some(speed) = speed {
            let bad = || usage!("bad-speed", value = part);
            let known = Thousandths::parse(speed).filter(|t| t.0 > 0).ok_or_else(bad)?;
            speeds.push((model.clone(), known.0));
        }
        models.push(model);
    }
    Ok((models, speeds))
}

/// A size of an option.
fn read_size(option: &str, text: Option<&str>) -> Result<Option<Mib>, Fault> {
    let read = |t: &str| Mib::parse(t).map_err(|_| usage!("bad-size", option = option, value = t));
    text.map(read).transpose()
}

/// A time of an option.
pub fn read_span(option: &str, text: Option<&str>) -> Result<Option<Span>, Fault> {
    let read = |t: &str| Span::parse(t).map_err(|_| usage!("bad-time", option = option, value = t));
    text.map(read).transpose()
}

/// `h100` as the inventory writes it: `H100`.
fn canonical(model: &str) -> String {
    rota_core::slice::kind(model).model
}

/// `0-99%8`: tasks, and how many at a time.
pub fn parse_array(text: &str) -> Result<(Vec<u32>, Option<u32>), Fault> {
    let bad = || usage!("bad-array", value = text);
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
        if from > to {
            return Err(bad());
        }
        tasks.extend((from..=to).step_by(step).take(MOST_TASKS + 1));
        if tasks.len() > MOST_TASKS {
            return Err(usage!("array-too-large", value = text, most = MOST_TASKS));
        }
    }
    Ok((tasks.into_iter().collect(), most))
}

/// `ok:12,any:13`.
pub fn parse_after(text: &str) -> Result<Vec<Dependency>, Fault> {
    let bad = || usage!("bad-after", value = text);
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
    let bad = || usage!("bad-signal", value = text);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arrays_are_read() {
        assert_eq!(parse_array("1,5-9:2%3").expect("an array"), (vec![1, 5, 7, 9], Some(3)));
        assert!(
            parse_array("5-1").is_err()
                && parse_array("0%0").is_err()
                && parse_array("-1").is_err()
        );
        let said = |text| parse_array(text).map_err(|fault| fault.text());
        assert_eq!(said("0-99999").map(|array| array.0.len()), Ok(100_000));
        assert!(said("0-9999999").is_err_and(|said| said.contains("at most 100000 tasks")));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = (parse_array(&text), parse_after(&text), parse_signal(&text));
            let _ = (Span::parse(&text), Mib::parse(&text));
        }
    }
}
