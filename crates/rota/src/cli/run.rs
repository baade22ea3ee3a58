//! Running a job as if it ran here: its output, its signals, its exit code.

use super::Global;
use super::jobs::path;
use super::submit::{RunArgs, send};
use crate::client::Client;
use crate::fault::Fault;
use crate::{places, show};
use clap::Args;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::signal::{SigSet, Signal};
use rota_api::{Done, JobDetail, SendSignal, State};
use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};

/// What can happen while a job is followed.
enum News {
    /// Its state may have changed.
    Detail(Box<JobDetail>),
    /// A log may have grown.
    Grown,
    /// A signal came for us.
    Signal(Signal),
    /// The server cannot be asked any more.
    Broken(Fault),
}

const PASSED: [Signal; 4] = [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR1, Signal::SIGUSR2];

/// `rota run`
pub fn run(global: &Global, args: RunArgs) -> Result<ExitCode, Fault> {
    let logs = places::state().join("logs");
    places::make(&logs)?;
    let base = logs.display();
    let patterns = (format!("{base}/%j.out"), format!("{base}/%j.err"));
    let mut signals = SigSet::empty();
    PASSED.into_iter().chain([Signal::SIGINT, Signal::SIGTSTP]).for_each(|s| signals.add(s));
    if !args.detach {
        signals.thread_block().map_err(|e| Fault::Output(e.into()))?;
    }
    let mut client = Client::connect_or_start(global.socket.as_deref())?;
    let done = send(&mut client, &args.options, args.command, None, Some(patterns))?;
    if args.detach || done.tasks > 1 {
        println!("submitted job {}; 'rota attach {}' follows it", done.number, done.number);
        return Ok(ExitCode::SUCCESS);
    }
    follow(global, &done.number.to_string(), Some(signals))
}

/// `rota attach`
pub fn attach(global: &Global, job: &str) -> Result<ExitCode, Fault> {
    let mut signals = SigSet::empty();
    [Signal::SIGINT, Signal::SIGTSTP].into_iter().for_each(|s| signals.add(s));
    signals.thread_block().map_err(|e| Fault::Output(e.into()))?;
    follow(global, &path(job)?, Some(signals))
}

/// `rota logs`
#[derive(Args)]
pub struct LogsArgs {
    job: String,
    /// Until the job ends
    #[arg(short, long)]
    follow: bool,
    /// Standard error, where it has a file of its own
    #[arg(long)]
    stderr: bool,
}

/// The output of a job.
pub fn logs(global: &Global, args: &LogsArgs) -> Result<ExitCode, Fault> {
    let job = path(&args.job)?;
    if args.follow {
        follow(global, &job, None)?;
        return Ok(ExitCode::SUCCESS);
    }
    let detail: JobDetail = global.client()?.get(&format!("/v1/jobs/{job}"))?;
    let file = if args.stderr { &detail.stderr } else { &detail.stdout };
    if file.is_empty() {
        return Err(Fault::usage(format!("the output of job {job} is its owner's alone")));
    }
    let mut log =
        File::open(file).map_err(|why| Fault::File { what: "read", path: file.into(), why })?;
    std::io::copy(&mut log, &mut std::io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

/// A file that grows, and where we are in it.
struct Tail {
    path: PathBuf,
    file: Option<File>,
}

impl Tail {
    fn pass_on(&mut self, mut to: impl Write) -> std::io::Result<()> {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut buffer = [0u8; 65536];
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                return to.flush();
            }
            to.write_all(buffer.get(..n).unwrap_or_default())?;
        }
    }
}

fn follow(global: &Global, job: &str, signals: Option<SigSet>) -> Result<ExitCode, Fault> {
    let mut client = global.client()?;
    let first: JobDetail = client.get(&format!("/v1/jobs/{job}"))?;
    if first.stdout.is_empty() {
        return Err(Fault::usage(format!("the output of job {job} is its owner's alone")));
    }
    let mut out = Tail { path: first.stdout.clone().into(), file: None };
    let mut err = (first.stderr != first.stdout)
        .then(|| Tail { path: first.stderr.clone().into(), file: None });
    let (news, coming) = channel();
    watch_logs(&[&first.stdout, &first.stderr], news.clone())?;
    ask_on(global.clone(), job.to_owned(), first.seq, news.clone());
    let owns = signals.is_some();
    if let Some(set) = signals {
        std::thread::spawn(move || {
            while let Ok(signal) = set.wait() {
                if news.send(News::Signal(signal)).is_err() {
                    return;
                }
            }
        });
    }
    let (mut said, mut asked) = (String::new(), false);
    let mut next = Some(News::Detail(Box::new(first)));
    loop {
        let Some(happened) = next.take().or_else(|| coming.recv().ok()) else {
            return Ok(ExitCode::FAILURE);
        };
        out.pass_on(std::io::stdout().lock())?;
        if let Some(err) = &mut err {
            err.pass_on(std::io::stderr().lock())?;
        }
        match happened {
            News::Grown => {}
            News::Broken(fault) => return Err(fault),
            News::Detail(detail) if detail.row.state.is_final() => {
                // What was written after the last look, now that nobody writes any more.
                out.pass_on(std::io::stdout().lock())?;
                if let Some(err) = &mut err {
                    err.pass_on(std::io::stderr().lock())?;
                }
                return Ok(if owns { ended(&detail) } else { ExitCode::SUCCESS });
            }
            News::Detail(detail) => tell_wait(&detail, &mut said),
            News::Signal(Signal::SIGTSTP) => {
                eprintln!("rota: job {job} goes on; 'rota attach {job}' returns to it");
                return Ok(ExitCode::SUCCESS);
            }
            News::Signal(Signal::SIGINT) if std::io::stdin().is_terminal() && !asked => {
                asked = true;
                eprintln!(
                    "rota: cancel job {job}? Ctrl-C again cancels it, Ctrl-Z leaves it running"
                );
            }
            News::Signal(Signal::SIGINT) => {
                let _: Done = client.post(&format!("/v1/jobs/{job}/cancel"), &())?;
            }
            News::Signal(signal) => {
                let signal = SendSignal { signal: signal as i32 };
                let _: Done = client.post(&format!("/v1/jobs/{job}/signal"), &signal)?;
            }
        }
    }
}

/// How long it waits, where a person looks.
fn tell_wait(detail: &JobDetail, said: &mut String) {
    let waits = matches!(detail.row.state, State::Waiting | State::Suspended);
    if !waits || !std::io::stderr().is_terminal() {
        return;
    }
    let when = detail.row.planned.map_or("not known yet".into(), show::clock);
    let line = format!(
        "rota: job {} waits: {} ahead, start {when} (planned)",
        detail.row.id, detail.ahead
    );
    if line != *said {
        eprintln!("{line}");
        *said = line;
    }
}

fn ended(detail: &JobDetail) -> ExitCode {
    let Some(outcome) = &detail.row.outcome else { return ExitCode::FAILURE };
    if let rota_core::job::Outcome::NotStarted { why } | rota_core::job::Outcome::Lost { why } =
        outcome
    {
        eprintln!("rota: job {}: {}", detail.row.id, show::safe(why));
    }
    ExitCode::from(u8::try_from(outcome.exit_code() & 0xff).unwrap_or(1))
}

/// Says when a log grows.
fn watch_logs(files: &[&str], news: Sender<News>) -> Result<(), Fault> {
    let broken = |e: nix::errno::Errno| Fault::Output(e.into());
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC).map_err(broken)?;
    for folder in files.iter().filter_map(|f| Path::new(f).parent()) {
        // A folder that is not there yet cannot grow a log; the end of the job reads it all.
        let _ = inotify.add_watch(folder, AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_CREATE);
    }
    std::thread::spawn(
        move || while inotify.read_events().is_ok() && news.send(News::Grown).is_ok() {},
    );
    Ok(())
}

/// Asks for the job again and again; each answer comes when something has changed. A server that was restarted is found
/// again; the job did not notice.
fn ask_on(global: Global, job: String, mut seq: u64, news: Sender<News>) {
    std::thread::spawn(move || {
        let mut failures = 0;
        let mut client = None;
        loop {
            let connected = match client.take() {
                Some(client) => Ok(client),
                None => Client::connect_or_start(global.socket.as_deref()),
            };
            let answer = connected.and_then(|mut c| {
                let detail: JobDetail = c.get(&format!("/v1/jobs/{job}?unless={seq}"))?;
                client = Some(c);
                Ok(detail)
            });
            let told = match answer {
                Ok(detail) => {
                    (failures, seq) = (0, detail.seq);
                    news.send(News::Detail(Box::new(detail)))
                }
                Err(Fault::Talk { .. } | Fault::NoServer(_)) if failures < 5 => {
                    failures += 1;
                    Ok(())
                }
                Err(fault) => news.send(News::Broken(fault)),
            };
            if told.is_err() {
                return;
            }
        }
    });
}
