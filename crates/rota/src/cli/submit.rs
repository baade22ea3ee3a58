//! What is typed → what is sent: the command or script as it would run here and now.

use super::Global;
use super::choose::choose;
use super::options::JobOptions;
use super::{moment, snapshot, sweep};
use crate::client::{Client, How, PATIENCE, Server, say_late};
use crate::fault::{Fault, usage};
use crate::script;
use crate::show;
use crate::text::tr;
use clap::Args;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::stat::{Mode, umask};
use rota_api::{ServerInfo, Submit, Submitted, Suspends};
use rota_core::job::JobSpec;
use rota_core::launch::Launch;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `rota run`
#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub options: JobOptions,
    /// Take this choice of 'rota options' without asking: best, or its number
    #[arg(long, value_name = "best|N")]
    pub accept: Option<String>,
    /// Print the job's number and leave
    #[arg(long)]
    pub detach: bool,
    /// The command
    #[arg(last = true, required = true)]
    pub command: Vec<String>,
}

/// `rota submit`
#[derive(Args)]
pub struct SubmitArgs {
    #[command(flatten)]
    options: JobOptions,
    /// Take this choice of 'rota options' without asking: best, or its number
    #[arg(long, value_name = "best|N")]
    accept: Option<String>,
    /// A script and its arguments; or, after `--`, a command
    #[arg(trailing_var_arg = true, value_name = "SCRIPT [ARGS] | -- COMMAND")]
    words: Vec<String>,
}

/// Queues a command or a script.
pub fn submit(global: &Global, args: SubmitArgs) -> Result<ExitCode, Fault> {
    if args.words.is_empty() {
        return Err(usage!("nothing-to-submit"));
    }
    let (options, text) = with_script(args.options, &args.words)?;
    let argv = args.words;
    let mut client = Client::connect_or_start(global.socket.as_deref())?;
    let what = What { argv, text, accept: args.accept.as_deref() };
    let job = prepare(&mut client, &options, what, None)?;
    client.when_late(PATIENCE, say_late_submit);
    let done = send(&mut client, &job)?;
    tell(global, &done, &job.spec)?;
    Ok(ExitCode::SUCCESS)
}

/// The options, with those of the script that the words name, and its text.
pub fn with_script(
    options: JobOptions,
    words: &[String],
) -> Result<(JobOptions, Option<String>), Fault> {
    let Some(path) = words.first().filter(|_| !is_command(words)) else {
        return Ok((options, None));
    };
    let bytes = std::fs::read(path).map_err(|why| match why.kind() {
        std::io::ErrorKind::NotFound if !path.contains('/') => {
            usage!("script-missing", path = path)
        }
        _ => Fault::file("error-read", Path::new(path), &why),
    })?;
    let read = String::from_utf8(bytes).map_err(|_| usage!("script-not-text", path = path))?;
    Ok((options.or(script::options(path, &read)?), Some(read)))
}

/// The number of a job that was queued, and from when on it may start where it asked not to before.
pub fn tell(global: &Global, done: &Submitted, spec: &JobSpec) -> Result<(), Fault> {
    if global.json {
        return Ok(show::line(&serde_json::to_string(done).unwrap_or_default())?);
    }
    let text = match done.tasks {
        1 => tr!("submitted", job = done.number),
        tasks => tr!("submitted-array", job = done.number, tasks = tasks),
    };
    let later = spec.begin.filter(|at| *at > show::now());
    let begin = later.map(|at| tr!("submitted-begin", when = show::minute(at)));
    Ok(show::line(&[text, begin.unwrap_or_default()].concat())?)
}

/// Whether the words were typed after `--`.
fn is_command(words: &[String]) -> bool {
    let typed: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let before = typed.len().checked_sub(words.len() + 1).and_then(|at| typed.get(at));
    before.is_some_and(|word| word == "--")
}

/// What is to be run.
pub struct What<'a> {
    /// The command.
    pub argv: Vec<String>,
    /// The text of the script that it names.
    pub text: Option<String>,
    /// Which choice to take without asking.
    pub accept: Option<&'a str>,
}

/// A job as it will be sent. `logs`: where standard output and error go unless the options say so.
pub fn prepare(
    client: &mut Client,
    options: &JobOptions,
    What { argv, text, accept }: What,
    logs: Option<(String, String)>,
) -> Result<Submit, Fault> {
    let (tasks, sweep) = options.tasks()?;
    let name = argv
        .first()
        .map(|a| Path::new(a).file_name().unwrap_or_default().to_string_lossy().into_owned());
    let name: String =
        name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(100).collect();
    let wants_gpu = options.gpus.is_some_and(|n| n > 0) || options.gpu.is_some();
    let suspends = match wants_gpu {
        true => client.get::<ServerInfo>("/v1/server")?.suspends,
        false => Suspends::Simulated,
    };
    let begin = moment::begin(options.begin.as_deref())?;
    let spec = JobSpec { begin, ..options.spec(&name, &suspends)? };
    let spec = choose(client, spec, options, accept)?;
    let pattern = if tasks.is_some() { "rota-%A_%a.out" } else { "rota-%j.out" };
    let (default_out, default_err) = match logs {
        Some((out, err)) => (out, Some(err)),
        None => (pattern.to_owned(), None),
    };
    let stderr =
        options.error.clone().or(if options.output.is_some() { None } else { default_err });
    let cwd = folder(options)?;
    let run_in = if options.snapshot { snapshot::take(&cwd)? } else { cwd.clone() };
    // What goes in and comes out stays where it was asked for, also beside a copy of the code.
    let output = |file: &str| {
        let path = cwd.join(file);
        if path.is_dir() {
            Err(usage!("output-is-folder", path = path.display()))
        } else {
            text_of(path)
        }
    };
    let launch = Launch {
        argv: sweep::fill_in(argv, &sweep),
        script: text,
        env: environment(),
        cwd: text_of(run_in)?,
        umask: current_umask(),
        ulimits: ulimits(),
        terminal: None,
        stdin: options.stdin.as_deref().map(|file| text_of(cwd.join(file))).transpose()?,
        stdout: output(options.output.as_deref().unwrap_or(&default_out))?,
        stderr: stderr.as_deref().map(output).transpose()?,
        sweep,
        user: Default::default(),
    };
    let (account, hold) = (options.charged(), options.hold);
    Ok(Submit { spec, launch, tasks, hold, account })
}

/// Queues it.
pub fn send(client: &mut Client, job: &Submit) -> Result<Submitted, Fault> {
    client.post("/v1/jobs", job)
}

/// Said while a job is queued and the server does not answer: giving up does not take it back.
pub fn say_late_submit(server: &Server, how: How) {
    say_late(server, how);
    if how == How::Late {
        show::aside(&tr!("server-late-submit"));
    }
}

fn environment() -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => drop(env.insert(name, value)),
            (Ok(name), Err(_)) => show::aside(&tr!("variable-left-out", name = name)),
            _ => {}
        }
    }
    env
}

/// Where the job is to work.
fn folder(options: &JobOptions) -> Result<PathBuf, Fault> {
    let here =
        std::env::current_dir().map_err(|why| Fault::file("error-read", Path::new("."), &why))?;
    let cwd = options.chdir.as_ref().map_or(here.clone(), |dir| here.join(dir));
    if cwd.is_dir() { Ok(cwd) } else { Err(usage!("no-folder", path = cwd.display())) }
}

fn text_of(path: PathBuf) -> Result<String, Fault> {
    path.into_os_string().into_string().map_err(|_| usage!("folder-not-utf8"))
}

fn current_umask() -> u32 {
    let mask = umask(Mode::empty());
    umask(mask);
    mask.bits()
}

fn ulimits() -> Vec<(String, u64, u64)> {
    let all = [
        ("NOFILE", Resource::RLIMIT_NOFILE),
        ("CORE", Resource::RLIMIT_CORE),
        ("STACK", Resource::RLIMIT_STACK),
        ("AS", Resource::RLIMIT_AS),
        ("NPROC", Resource::RLIMIT_NPROC),
        ("MEMLOCK", Resource::RLIMIT_MEMLOCK),
        ("FSIZE", Resource::RLIMIT_FSIZE),
        ("CPU", Resource::RLIMIT_CPU),
    ];
    let read = |(name, which): (&str, Resource)| {
        getrlimit(which).ok().map(|(s, h)| (name.to_owned(), s, h))
    };
    all.into_iter().filter_map(read).collect()
}
