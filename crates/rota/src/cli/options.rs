//! What a job asks for: the options that `run`, `submit` and script lines share.

use crate::array::Array;
use crate::client::Client;
use crate::ctx::Ctx;
use crate::error::Error;
use crate::sweep::Sweep;
use crate::terms::{self, After, Limit};
use crate::{launch, snapshot};
use clap::Args;
use rota_api::{ServerInfo, Submit};
use rota_core::job::{JobSpec, TurnMode, Warning};
use rota_core::units::{Mib, Span};
use std::path::PathBuf;

/// Everything can be absent: what was not said is decided last.
#[derive(Args, Clone, Debug, Default)]
pub struct JobOptions {
    /// Whole GPUs, all on one node
    #[arg(long, value_name = "N")]
    pub gpus: Option<u32>,
    /// Acceptable GPU models, best first; one GPU unless --gpus says more
    #[arg(long, value_name = "MODEL,…", value_delimiter = ',')]
    pub gpu: Vec<String>,
    /// Memory, such as 40G
    #[arg(long, value_name = "SIZE", value_parser = Mib::parse)]
    pub mem: Option<Mib>,
    /// Memory for each CPU core
    #[arg(long, hide = true, value_parser = Mib::parse)]
    pub mem_per_cpu: Option<Mib>,
    /// CPU cores
    #[arg(long, value_name = "N")]
    pub cpus: Option<u32>,
    /// Walltime: longest running time, such as 4h or 1-12:00:00; none: no limit
    #[arg(long, value_name = "TIME")]
    pub time: Option<Limit>,
    /// Name for people
    #[arg(long)]
    pub name: Option<String>,
    /// Tasks of an array, such as 0-99%8 or 1,3,5-9:2
    #[arg(long, value_name = "TASKS")]
    pub array: Option<Array>,
    /// Start only after other jobs ended, such as ok:12,any:13,notok:14
    #[arg(long, value_name = "KIND:ID,…")]
    pub after: Option<After>,
    /// File for standard output; %j job, %A array, %a task, %x name, %u user
    #[arg(long, value_name = "FILE")]
    pub output: Option<String>,
    /// File for standard error
    #[arg(long, value_name = "FILE")]
    pub error: Option<String>,
    /// File to read as standard input
    #[arg(long, value_name = "FILE")]
    pub stdin: Option<String>,
    /// Folder to run in
    #[arg(long, value_name = "FOLDER")]
    pub chdir: Option<PathBuf>,
    /// How it makes room when its turn ends: suspend, requeue or never
    #[arg(long, value_name = "HOW", value_parser = terms::turns)]
    pub turns: Option<TurnMode>,
    /// Signal some time before the walltime, such as USR1@120
    #[arg(long, value_name = "SIGNAL@TIME", value_parser = terms::warning)]
    pub signal: Option<Warning>,
    /// Time between SIGTERM and SIGKILL
    #[arg(long, value_name = "TIME", value_parser = terms::grace)]
    pub grace: Option<Span>,
    /// How often to start again after its node was lost
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// Queue it held
    #[arg(long)]
    pub hold: bool,
    /// Run a copy of the tracked files as they are now
    #[arg(long)]
    pub snapshot: bool,
    /// One task for each combination, such as "lr=1e-3,1e-4 seed=1-3"
    #[arg(long, value_name = "NAME=VALUES …")]
    pub sweep: Vec<String>,
    #[arg(long, hide = true, value_name = "LAB/PERSON", value_parser = terms::account)]
    pub account: Option<(String, String)>,
}

/// What to run.
pub struct Program {
    pub argv: Vec<String>,
    pub script: Option<String>,
}

impl JobOptions {
    /// These where they say something, else `other`.
    pub fn over(self, other: JobOptions) -> JobOptions {
        let list = |a: Vec<String>, b| if a.is_empty() { b } else { a };
        JobOptions {
            gpus: self.gpus.or(other.gpus),
            gpu: list(self.gpu, other.gpu),
            mem: self.mem.or(other.mem),
            mem_per_cpu: self.mem_per_cpu.or(other.mem_per_cpu),
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
            sweep: list(self.sweep, other.sweep),
            account: self.account.or(other.account),
        }
    }

    fn spec(&self) -> JobSpec {
        let usual = JobSpec::default();
        let cpus = self.cpus.unwrap_or(usual.cpus);
        let each = self.mem_per_cpu.map(|m| Mib(m.0.saturating_mul(cpus.into())));
        JobSpec {
            name: self.name.clone().unwrap_or_default(),
            gpus: terms::gpus(self.gpus, &self.gpu),
            models: self.gpu.clone(),
            cpus,
            mem: self.mem.or(each).unwrap_or(usual.mem),
            limit: self.time.and_then(|t| t.0),
            turns: self.turns.unwrap_or(TurnMode::Suspend),
            after: self.after.clone().map(|a| a.0).unwrap_or_default(),
            at_most: self.array.as_ref().and_then(|a| a.at_most),
            retries: self.retries.unwrap_or(usual.retries),
            warning: self.signal.clone(),
            grace: self.grace.unwrap_or(usual.grace),
        }
    }

    /// The whole submit, but for the log files where none are named.
    pub fn submit(self, ctx: &Ctx, program: Program) -> Result<Submit, Error> {
        let spec = self.spec();
        let mut cwd = launch::directory(self.chdir.as_deref())?;
        if self.snapshot {
            cwd = snapshot::take(&cwd)?;
        }
        let mut launch = launch::capture(ctx, &cwd)?;
        let mut tasks = self.array.map(|a| a.tasks);
        launch.argv = program.argv;
        launch.script = program.script;
        launch.stdin = self.stdin;
        launch.stdout = self.output.unwrap_or_default();
        launch.stderr = self.error;
        let mut submit =
            Submit { spec, launch, tasks: None, hold: self.hold, account: self.account };
        if submit.spec.name.is_empty() {
            submit.spec.name = terms::default_name(&submit);
        }
        if !self.sweep.is_empty() {
            if tasks.is_some() {
                return Err(Error::usage("sweep-and-array", []));
            }
            let sweep = Sweep::parse(&self.sweep)
                .map_err(|why| Error::usage("sweep-bad", [("why", why)]))?;
            submit.launch.sweep = sweep.tasks();
            tasks = Some(submit.launch.sweep.keys().copied().collect());
            if submit.launch.script.is_none() {
                submit.launch.argv = sweep.command(submit.launch.argv);
            }
        }
        submit.tasks = tasks;
        Ok(submit)
    }
}

/// Jobs without GPUs, and simulated ones, can be suspended. On real GPUs that is the person's choice.
pub async fn settle_turns(client: &mut Client, submit: &mut Submit, asked: bool) -> Result<(), Error> {
    if submit.spec.gpus > 0 && !asked {
        let server: ServerInfo = client.get("/v1/server").await?;
        submit.spec.turns = if server.simulated { TurnMode::Suspend } else { TurnMode::Never };
    }
    Ok(())
}
