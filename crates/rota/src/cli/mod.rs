//! The verbs: one file for each group of them.

mod book;
pub mod chart;
mod choose;
mod demo;
mod doctor;
mod fairness;
mod follow;
pub mod gpus;
pub mod jobs;
mod ledger;
mod machine;
mod moment;
pub mod options;
mod period;
mod pin;
mod policy;
pub mod queue;
mod quote;
mod replay;
mod results;
mod run;
pub mod score;
mod serve;
mod shares;
mod shell;
mod signals;
mod snapshot;
pub mod submit;
mod sweep;
mod whatif;
mod when;
pub mod why;

use crate::client::Client;
use crate::fault::Fault;
use crate::text::Lang;
use clap::{Arg, Args, Command, CommandFactory, Parser, Subcommand};
use jobs::Each;
use std::path::PathBuf;
use std::process::ExitCode;

/// Whose turn it is on scarce GPUs
#[derive(Parser)]
#[command(name = "rota", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// Options of every verb.
#[derive(Args, Clone)]
pub struct Global {
    /// Answer in JSON
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// Socket of the server; otherwise ROTA_SOCKET, else the server for everyone, else your own
    #[arg(long, global = true, env = "ROTA_SOCKET", hide_env = true, value_name = "PATH")]
    #[arg(help_heading = "Global options")]
    pub socket: Option<PathBuf>,
    /// Language: en or ko; otherwise that of LANG
    #[arg(long, global = true, hide_possible_values = true)]
    #[arg(help_heading = "Global options")]
    lang: Option<Lang>,
}

impl Global {
    /// A connection to the server that is meant.
    pub fn client(&self) -> Result<Client, Fault> {
        Client::connect(self.socket.as_deref())
    }
}

#[derive(Subcommand)]
enum Verb {
    /// Show what Rota does, on simulated GPUs with real programs, in under 90 seconds
    Demo,
    /// Run a command when its turn comes; its output and exit code are yours
    Run(submit::RunArgs),
    /// A shell, or a command, on this terminal when its turn comes
    Shell(shell::ShellArgs),
    /// Queue a command or a script
    Submit(submit::SubmitArgs),
    /// The queue, in the order of turns
    Queue(queue::QueueArgs),
    /// The queue and the GPUs, live on the whole terminal
    Top,
    /// The same in a browser, for whoever reaches the address; read only
    Page(crate::web::PageArgs),
    /// All about one job
    Show { job: String },
    /// Why a job waits, and what would start it sooner
    Why { job: String },
    /// What a job will cost, before it is submitted
    Quote(quote::QuoteArgs),
    /// Book GPUs for a time, at a price from your budget
    Book(book::BookArgs),
    /// What is booked
    Bookings,
    /// Give a booking back
    Unbook { booking: u64 },
    /// The output of a job
    Logs(run::LogsArgs),
    /// Follow a job that runs, and return its exit code
    Attach { job: String },
    /// End jobs
    Cancel {
        #[arg(required = true)]
        jobs: Vec<String>,
    },
    /// Keep waiting jobs from starting
    Hold {
        #[arg(required = true)]
        jobs: Vec<String>,
    },
    /// Let held jobs start
    Release {
        #[arg(required = true)]
        jobs: Vec<String>,
    },
    /// Leave its GPUs to a job while it does not use them, for a reason that everyone can read
    Pin(pin::PinArgs),
    /// No longer leave them
    Unpin { job: String },
    /// Ask for something else while a job waits
    Change(jobs::ChangeArgs),
    /// Bring in a process that was started by hand
    Adopt(jobs::AdoptArgs),
    /// Nodes and GPUs, and who uses them
    Gpus(gpus::GpusArgs),
    /// Let GPUs take no new job; what is on them goes on
    Drain(gpus::DrainArgs),
    /// Let drained GPUs take jobs again
    Resume(gpus::ResumeArgs),
    /// Who is entitled to what, what they used, and what they are owed
    Shares(shares::SharesArgs),
    /// How fair a period was, measure by measure, with targets
    Fairness(fairness::FairnessArgs),
    /// When a job would start and end, and how else it could be asked for
    Options(quote::QuoteArgs),
    /// How often forecasts of starts and ends were right
    Score(score::ScoreArgs),
    /// What owners lent, and what they had in return
    Ledger(ledger::LedgerArgs),
    /// Who may use what, who goes first, and what happens when it is full
    Policy(policy::PolicyArgs),
    /// What a queue of the past would have been under a policy; needs no server
    Replay(replay::ReplayArgs),
    /// What more GPUs, or other rules, would change: your own past jobs played again
    Whatif(Box<whatif::WhatifArgs>),
    /// Start a server in the background
    Up(serve::UpArgs),
    /// Stop the server; jobs go on
    Down,
    /// What this machine offers, and what will be missing
    Doctor,
    /// Completions for a shell
    Completions { shell: clap_complete::Shell },
    /// The manual page, or one for each verb in a folder
    Man {
        /// Write the pages into this folder
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Install the systemd unit of a server for everyone
    Install {
        /// Only print it
        #[arg(long)]
        print: bool,
    },
    /// Look after the store
    Admin(serve::AdminArgs),
    #[command(hide = true)]
    Serve(serve::ServeArgs),
}

/// The command line; `change` shows no options that it refuses.
pub fn command() -> Command {
    let hide = |arg: Arg| match options::AT_SUBMIT_ONLY.contains(&arg.get_id().as_str()) {
        true => arg.hide(true),
        false => arg,
    };
    Cli::command().mut_subcommand("change", |change| change.mut_args(hide))
}

/// Does what was asked.
pub fn act(cli: Cli) -> Result<ExitCode, Fault> {
    let global = cli.global;
    match cli.verb {
        Verb::Demo => demo::demo(),
        Verb::Run(args) => run::run(&global, args),
        Verb::Shell(args) => shell::shell(&global, args),
        Verb::Submit(args) => submit::submit(&global, args),
        Verb::Queue(args) => queue::queue(&global, &args),
        Verb::Page(args) => crate::web::page(&global, &args),
        Verb::Top => crate::tui::top(&global),
        Verb::Show { job } => jobs::show(&global, &job),
        Verb::Why { job } => why::why(&global, &job),
        Verb::Quote(args) => quote::quote(&global, args),
        Verb::Book(args) => book::book(&global, args),
        Verb::Bookings => book::bookings(&global),
        Verb::Unbook { booking } => book::unbook(&global, booking),
        Verb::Logs(args) => run::logs(&global, &args),
        Verb::Attach { job } => run::attach(&global, &job),
        Verb::Cancel { jobs } => jobs::each(&global, &jobs, Each::Cancel),
        Verb::Hold { jobs } => jobs::each(&global, &jobs, Each::Hold),
        Verb::Release { jobs } => jobs::each(&global, &jobs, Each::Release),
        Verb::Pin(args) => pin::pin(&global, args),
        Verb::Unpin { job } => pin::unpin(&global, &job),
        Verb::Change(args) => jobs::change(&global, args),
        Verb::Adopt(args) => jobs::adopt(&global, args),
        Verb::Gpus(args) => gpus::gpus(&global, &args),
        Verb::Drain(args) => gpus::drain(&global, &args),
        Verb::Resume(args) => gpus::resume(&global, &args),
        Verb::Shares(args) => shares::shares(&global, &args),
        Verb::Options(args) => choose::options(&global, args),
        Verb::Score(args) => score::score(&global, &args),
        Verb::Fairness(args) => fairness::fairness(&global, &args),
        Verb::Ledger(args) => ledger::ledger(&global, &args),
        Verb::Policy(args) => policy::policy(&global, &args),
        Verb::Replay(args) => replay::replay(&global, &args),
        Verb::Whatif(args) => whatif::whatif(&global, &args),
        Verb::Up(args) => serve::up(&global, &args),
        Verb::Down => serve::down(&global),
        Verb::Doctor => doctor::doctor(&global),
        Verb::Completions { shell } => machine::completions(shell),
        Verb::Man { dir } => machine::man(dir.as_deref()),
        Verb::Install { print } => machine::install(print),
        Verb::Admin(args) => serve::admin(&args),
        Verb::Serve(args) => serve::serve(&global, args),
    }
}
