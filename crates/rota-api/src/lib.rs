//! What the command line and the server say to each other: JSON over HTTP/1.1 on a Unix socket.
//!
//! | call | body → answer |
//! |---|---|
//! | `GET /v1/server` | → [`ServerInfo`] |
//! | `POST /v1/jobs` | [`Submit`] → [`Submitted`] |
//! | `GET /v1/jobs?ended=N&why=N&why_of=12,13_0` | → [`JobList`]: all jobs that have not ended, and the last N that have; with a reason for the first N that wait, and for these |
//! | `GET /v1/jobs/{id}?unless=SEQ` | → [`JobDetail`]; with `unless`, waits until its `seq` differs (at most 30 s) |
//! | `GET /v1/changed?unless=SEQ` | → [`Changed`]; with `unless`, waits until its `seq` differs (at most 30 s) |
//! | `POST /v1/jobs/{id}/cancel`, `/hold`, `/release` | → [`Done`]; `{id}` is `12` (whole array too) or `12_3` |
//! | `PATCH /v1/jobs/{id}` | [`Change`] → [`Done`] |
//! | `POST /v1/jobs/{id}/pin`, `/unpin` | [`Pinned`], nothing → [`Done`]: GPUs stay with it even while it does not use them |
//! | `POST /v1/jobs/{id}/signal` | [`SendSignal`] → [`Done`] |
//! | `POST /v1/adopt` | [`Adopt`] → [`Submitted`] |
//! | `GET /v1/jobs/{id}/why` | → [`Why`] |
//! | `POST /v1/quote` | [`AskQuote`] → [`Quoted`]: nothing is queued |
//! | `POST /v1/options` | [`AskQuote`] → [`Options`]: nothing is queued |
//! | `GET /v1/bookings` | → [`Bookings`] |
//! | `POST /v1/bookings` | [`Book`] → [`BookingRow`] |
//! | `POST /v1/bookings/{number}/unbook` | → [`Unbooked`] |
//! | `GET /v1/gpus` | → [`Inventory`] |
//! | `GET /v1/gpus/past?last=` | → [`GpuPast`]: the last so many milliseconds |
//! | `POST /v1/drain`, `/v1/resume` | [`Drained`] → [`DrainDone`]: GPUs take no new job, or take jobs again; admins only |
//! | `GET /v1/summary` | → [`Summary`] |
//! | `GET /v1/score?from=\|last=` | → [`Score`]: how often forecasts were right |
//! | `GET /v1/shares` | → [`Shares`]: who is entitled to what, used what, and is owed what |
//! | `GET /v1/fairness?from=\|last=&until=` | → [`Fairness`] of a period (milliseconds): from a moment, or the last so many |
//! | `GET /v1/ledger?from=\|last=&until=` | → [`Lending`]: what owners lent, and what they had in return |
//! | `GET /v1/past?from=\|last=&until=` | → [`Past`]: jobs of a period, nodes and policy, to be played again |
//! | `GET /v1/policy` | → [`PolicyInForce`] |
//! | `POST /v1/policy/check` | [`Policy`] → [`PolicyChecked`]: what is wrong with it here, and what it would change |
//! | `PUT /v1/policy` | [`Policy`] → [`Done`]: sets it; admins only |
//! | `POST /v1/down` | → [`Done`]: the server stops, jobs go on |
//!
//! Errors are [`Problem`] with a 4xx or 5xx status.

mod booking;
mod gpus;
mod notice;
mod policy;
mod problem;
mod progress;
mod queue;
mod report;
mod why;

pub use booking::{AskQuote, Book, BookingRow, Bookings, Options, Quoted, Unbooked};
pub use gpus::{
    Card, DrainDone, Drained, GpuPast, GpuRow, GpuSeries, GpuStep, GpuUse, Inventory, JobGpus,
    NodeRow, Reading,
};
pub use notice::{About, IdleGpus, Notice};
pub use policy::{PolicyChecked, PolicyInForce};
pub use problem::{CODES, Problem};
pub use progress::Progress;
pub use queue::{Changed, JobList, JobRow, State};
pub use report::{Fairness, Lending, Past, PoolTurn, Score, Shares};
pub use rota_progress::{Epoch, Scope, Source, Steps};
pub use why::{PlannedFrom, Sooner, Why};

use rota_core::decision::Blocker;
use rota_core::job::{Dependency, JobSpec, Suspending, TurnMode};
use rota_core::launch::Launch;
use rota_core::units::{GpuTime, Mib, Span, Time};
use serde::{Deserialize, Serialize};

/// Who serves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerInfo {
    /// Version of the program.
    pub version: String,
    /// Process id.
    pub pid: u32,
    /// `private` (one user) or `system` (everyone on the machine).
    pub mode: Mode,
    /// GPUs are simulated: say so on every screen.
    pub simulated: bool,
    /// When it started.
    pub started: Time,
    /// Who the kernel says is asking.
    pub you: String,
    /// Whether the asker may act on everyone's jobs.
    pub admin: bool,
    /// Folder of the store.
    pub store: String,
    /// How long a job may hold a GPU before others get their turn.
    pub turn: Span,
    /// Whether programs that use its GPUs can be suspended.
    pub suspends: Suspends,
}

/// Whether programs that use GPUs can be suspended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suspends {
    /// GPUs are simulated: all can.
    Simulated,
    /// Through the driver of this version, where a job asks for it; whether a program bears it is seen when it is tried.
    Driver(String),
    /// None can, for this driver is too old.
    Old(String),
    /// There is no driver that could.
    Never,
}

/// Whom a server serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Its own user only.
    Private,
    /// Everyone on the machine.
    System,
}

/// A job or an array to be queued.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// What it asks for.
    pub spec: JobSpec,
    /// What to run. `user` is ignored: the kernel says who you are.
    pub launch: Launch,
    /// Task numbers of an array; none: a single job.
    #[serde(default)]
    pub tasks: Option<Vec<u32>>,
    /// Queue it held.
    #[serde(default)]
    pub hold: bool,
    /// Whom it is accounted to.
    #[serde(default)]
    pub account: Account,
}

/// Whom a job is accounted to; what is absent is as the kernel says, and no grant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Lab: a Unix group of which the asker is a member.
    #[serde(default)]
    pub lab: Option<String>,
    /// A grant of the lab that the policy names.
    #[serde(default)]
    pub grant: Option<String>,
    /// Admins of a simulated campus: another person.
    #[serde(default)]
    pub person: Option<String>,
}

/// A process started by hand that the queue should know about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// The process; must be the asker's own.
    pub pid: u32,
    /// GPUs of this machine that it uses, by index.
    pub gpus: Vec<u32>,
    /// Time after which it is stopped; none: no limit.
    #[serde(default)]
    pub limit: Option<Span>,
    /// Name for people.
    #[serde(default)]
    pub name: Option<String>,
}

/// The durable answer to a submit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Submitted {
    /// The job's number.
    pub number: u64,
    /// How many tasks; 1 for a single job.
    pub tasks: u32,
}

/// Done, and durable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Done {
    /// How many jobs it touched.
    pub jobs: u32,
}

/// New values for a waiting job; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// GPUs, on each node.
    #[serde(default)]
    pub gpus: Option<u32>,
    /// Memory of the one GPU that it may share.
    #[serde(default)]
    pub gpu_mem: Option<Mib>,
    /// Nodes.
    #[serde(default)]
    pub nodes: Option<u32>,
    /// Acceptable GPU models.
    #[serde(default)]
    pub models: Option<Vec<String>>,
    /// CPU cores.
    #[serde(default)]
    pub cpus: Option<u32>,
    /// Memory.
    #[serde(default)]
    pub mem: Option<Mib>,
    /// Walltime.
    #[serde(default)]
    pub limit: Option<Span>,
    /// How it makes room.
    #[serde(default)]
    pub turns: Option<TurnMode>,
    /// Dependencies.
    #[serde(default)]
    pub after: Option<Vec<Dependency>>,
    /// When it may start at the earliest; what is past means at once.
    #[serde(default)]
    pub begin: Option<Time>,
    /// Pool; empty: any.
    #[serde(default)]
    pub pool: Option<String>,
    /// Class.
    #[serde(default)]
    pub class: Option<String>,
    /// How many tasks of the array may run at one time.
    #[serde(default)]
    pub at_most: Option<u32>,
}

/// A reason to leave GPUs to a job even while it does not use them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinned {
    /// Why, for everyone to read.
    pub why: String,
}

/// A signal for a running job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendSignal {
    /// Signal number.
    pub signal: i32,
}

/// All about one job, for its owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobDetail {
    /// Grows with every change of this job.
    pub seq: u64,
    /// The line of the queue.
    pub row: JobRow,
    /// What it asks for.
    pub spec: JobSpec,
    /// Why it waits.
    pub blockers: Vec<Blocker>,
    /// GPU indexes it holds.
    pub gpu_indexes: Vec<u32>,
    /// Program and arguments; only for its owner and admins.
    pub argv: Vec<String>,
    /// Working directory; only for its owner and admins.
    pub cwd: String,
    /// Log files with patterns filled in, absolute; only for its owner and admins.
    pub stdout: String,
    /// See `stdout`.
    pub stderr: String,
    /// Process id of the program while it runs.
    #[serde(default)]
    pub pid: Option<u32>,
    /// MPS holds each of its processes to its part of a GPU.
    #[serde(default)]
    pub mps: bool,
    /// Its processes that are on GPUs and do not go through MPS all the same: nothing holds them to its part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside_mps: Vec<u32>,
    /// GPU time so far.
    pub used: GpuTime,
    /// What it made of its GPUs; none where nothing was read.
    #[serde(default)]
    pub gpu_use: Option<JobGpus>,
    /// How many jobs are ahead in the order of turns.
    pub ahead: u32,
    /// What was learnt about suspending it; none where it does not ask for that, or has ended.
    #[serde(default)]
    pub suspending: Option<Suspending>,
    /// The longest time that making room, or going on, has taken it.
    #[serde(default)]
    pub switch_cost: Span,
    /// What happened to it, oldest first.
    pub history: Vec<Happened>,
}

/// Something that happened to a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Happened {
    /// When.
    pub at: Time,
    /// What: the kind of the event, such as `start-decided`.
    pub kind: String,
    /// More about it: turn, run, reason, outcome.
    #[serde(default)]
    pub args: Vec<(String, String)>,
}

/// What was done, in total.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Jobs that ended.
    pub jobs: u64,
    /// Of these, with exit code 0.
    pub completed: u64,
    /// Turns begun.
    pub turns: u64,
    /// Longest time from submit to first start.
    pub longest_wait: Span,
    /// GPU time per lab, by name.
    pub gpu_time: Vec<(String, GpuTime)>,
    /// GPU time of runs that were thrown away: requeued without a checkpoint, or lost.
    pub lost: GpuTime,
}
