//! What is typed → what is sent: the command or script as it would run here and now.

use super::Global;
use super::options::JobOptions;
use crate::client::Client;
use crate::fault::Fault;
use crate::{places, script};
use clap::Args;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::stat::{Mode, umask};
use rota_api::{ServerInfo, Submit, Submitted};
use rota_core::launch::Launch;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// `rota run`
#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub options: JobOptions,
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
    /// A script and its arguments; or, after `--`, a command
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "SCRIPT [ARGS] | -- COMMAND"
    )]
    words: Vec<String>,
}

/// Queues a command or a script.
pub fn submit(global: &Global, args: SubmitArgs) -> Result<ExitCode, Fault> {
    let (mut options, mut text) = (args.options, None);
    let argv = match args.words.first() {
        Some(_) if is_command(&args.words) => args.words,
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|why| Fault::File {
                what: "read",
                path: path.into(),
                why,
            })?;
            let said = format!("{path}: this is no text; submit a program after '--'");
            let read = String::from_utf8(bytes).map_err(|_| Fault::usage(said))?;
            options = options.or(script::options(path, &read)?);
            text = Some(read);
            args.words
        }
        None => {
            return Err(Fault::usage(
                "there is nothing to submit: rota submit SCRIPT, or rota submit -- COMMAND",
            ));
        }
    };
    let mut client = Client::connect_or_start(global.socket.as_deref())?;
    let done = send(&mut client, &options, argv, text, None)?;
    if global.json {
        println!("{}", serde_json::to_string(&done).unwrap_or_default());
    } else if done.tasks > 1 {
        println!("submitted job {} ({} tasks)", done.number, done.tasks);
    } else {
        println!("submitted job {}", done.number);
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether the words were typed after `--`.
fn is_command(words: &[String]) -> bool {
    let typed: Vec<String> = std::env::args().collect();
    let before = typed.len().checked_sub(words.len() + 1).and_then(|at| typed.get(at));
    before.is_some_and(|word| word == "--")
}

/// Sends a job. `logs`: where standard output and error go unless the options say so.
pub fn send(
    client: &mut Client,
    options: &JobOptions,
    argv: Vec<String>,
    text: Option<String>,
    logs: Option<(String, String)>,
) -> Result<Submitted, Fault> {
    let (tasks, sweep) = options.tasks()?;
    let name = argv
        .first()
        .map(|a| Path::new(a).file_name().unwrap_or_default().to_string_lossy().into_owned());
    let name: String =
        name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(100).collect();
    let wants_gpu = options.gpus.is_some_and(|n| n > 0) || options.gpu.is_some();
    let simulated = wants_gpu && client.get::<ServerInfo>("/v1/server")?.simulated;
    let spec = options.spec(&name, simulated)?;
    let pattern = if tasks.is_some() { "rota-%A_%a.out" } else { "rota-%j.out" };
    let (default_out, default_err) = match logs {
        Some((out, err)) => (out, Some(err)),
        None => (pattern.to_owned(), None),
    };
    let stderr =
        options.error.clone().or(if options.output.is_some() { None } else { default_err });
    let launch = Launch {
        argv: if sweep.is_empty() { argv } else { with_placeholders(argv) },
        script: text,
        env: environment(),
        cwd: folder(options)?,
        umask: current_umask(),
        ulimits: ulimits(),
        stdin: options.stdin.clone(),
        stdout: options.output.clone().unwrap_or(default_out),
        stderr,
        sweep,
        user: Default::default(),
    };
    let account = match options.account.as_deref().map(|a| a.split_once('/')) {
        None => None,
        Some(Some((lab, person))) => Some((lab.to_owned(), person.to_owned())),
        Some(None) => return Err(Fault::usage("--account: write LAB/PERSON")),
    };
    client.post("/v1/jobs", &Submit { spec, launch, tasks, hold: options.hold, account })
}

/// `{lr}` in a command is filled in by the task's own shell from its environment, word by word.
fn with_placeholders(argv: Vec<String>) -> Vec<String> {
    if !argv.iter().any(|a| a.contains('{')) {
        return argv;
    }
    let words: Vec<String> = argv.iter().map(|word| quote(word)).collect();
    vec!["/bin/sh".into(), "-c".into(), format!("exec {}", words.join(" "))]
}

/// A word for sh: everything quoted but `{name}`, which becomes the variable.
fn quote(word: &str) -> String {
    let mut out = String::from("\"");
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(&escape(before));
        match after.split_once('}') {
            Some((name, tail))
                if !name.is_empty()
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') =>
            {
                out.push_str(&format!("${{{name}}}"));
                rest = tail;
            }
            _ => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(&escape(rest));
    out.push('"');
    out
}

fn escape(text: &str) -> String {
    text.chars().flat_map(|c| if "\"\\$`".contains(c) { vec!['\\', c] } else { vec![c] }).collect()
}

fn environment() -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => drop(env.insert(name, value)),
            (Ok(name), Err(_)) => {
                eprintln!("rota: the variable {name} is not UTF-8 and is left out")
            }
            _ => {}
        }
    }
    env
}

fn folder(options: &JobOptions) -> Result<String, Fault> {
    let here = std::env::current_dir().map_err(|why| Fault::File {
        what: "find",
        path: ".".into(),
        why,
    })?;
    let mut cwd = options.chdir.as_ref().map_or(here.clone(), |dir| here.join(dir));
    if !cwd.is_dir() {
        return Err(Fault::usage(format!(
            "the working directory {} does not exist",
            cwd.display()
        )));
    }
    if options.snapshot {
        cwd = snapshot(&cwd)?;
    }
    cwd.into_os_string()
        .into_string()
        .map_err(|_| Fault::usage("the path of the working directory is not UTF-8"))
}

/// Copies the tracked files of a folder, as they are now.
fn snapshot(cwd: &Path) -> Result<PathBuf, Fault> {
    let listed = Command::new("git").arg("-C").arg(cwd).args(["ls-files", "-z"]).output();
    let listed = listed.map_err(|why| Fault::File { what: "run", path: "git".into(), why })?;
    if !listed.status.success() {
        return Err(Fault::usage(format!(
            "--snapshot: {} is not in a git repository; nothing is tracked there",
            cwd.display()
        )));
    }
    let base = places::state().join("snapshots");
    places::make(&base)?;
    let stamp = jiff::Timestamp::now().as_millisecond();
    let to = base.join(format!("{stamp}-{}", std::process::id()));
    places::make(&to)?;
    let files = String::from_utf8(listed.stdout)
        .map_err(|_| Fault::usage("--snapshot: a file name is not UTF-8"))?;
    for name in files.split('\0').filter(|n| !n.is_empty()) {
        let (from, into) = (cwd.join(name), to.join(name));
        if !from.is_file() {
            continue;
        }
        if let Some(parent) = into.parent() {
            places::make(parent)?;
        }
        std::fs::copy(&from, &into).map_err(|why| Fault::File { what: "copy", path: from, why })?;
    }
    Ok(to)
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
