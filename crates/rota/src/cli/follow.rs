//! Following a job: what it writes comes here, signals from here go there, and its exit code is ours.

use super::{Global, when};
use crate::client::Client;
use crate::fault::{Fault, failed};
use crate::show;
use crate::text::tr;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::signal::{SigSet, Signal};
use rota_api::{Done, JobDetail, SendSignal, State};
use rota_core::job::Outcome;
use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};

/// What can happen while a job is followed.
pub(super) enum News {
    /// Its state may have changed.
    Detail(Box<JobDetail>),
    /// A log may have grown.
    Grown,
    /// A signal came for us.
    Signal(Signal),
    /// Its person typed on its terminal.
    Typed(Vec<u8>),
    /// The server cannot be asked any more.
    Broken(Fault),
}

/// A file that grows, and where we are in it.
struct Tail {
    path: PathBuf,
    file: Option<File>,
}

impl Tail {
    fn of(path: &str) -> Tail {
        Tail { path: path.into(), file: None }
    }

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

/// What the job writes, and where it has a file of its own, its standard error.
struct Output {
    out: Tail,
    err: Option<Tail>,
}

impl Output {
    fn pass_on(&mut self) -> std::io::Result<()> {
        self.out.pass_on(std::io::stdout().lock())?;
        self.err.iter_mut().try_for_each(|err| err.pass_on(std::io::stderr().lock()))
    }
}

/// Until the job ends, or whoever follows it leaves. With `signals`, its exit code is ours.
pub fn follow(
    global: &Global,
    mut client: Client,
    job: &str,
    signals: Option<SigSet>,
) -> Result<ExitCode, Fault> {
    let first: JobDetail = client.get(&format!("/v1/jobs/{job}"))?;
    if first.spec.interactive {
        return Err(failed!("output-on-terminal", job = job));
    }
    if first.stdout.is_empty() {
        return Err(failed!("output-not-yours", job = job));
    }
    let err = (first.stderr != first.stdout).then(|| Tail::of(&first.stderr));
    let mut output = Output { out: Tail::of(&first.stdout), err };
    let (news, coming) = channel();
    watch_logs(&[&first.stdout, &first.stderr], news.clone())?;
    ask_on(global.clone(), job.to_owned(), first.seq, news.clone());
    let owns = signals.is_some();
    if let Some(set) = signals {
        pass_signals(set, news);
    }
    let (mut said, mut asked) = (String::new(), false);
    let mut next = Some(News::Detail(Box::new(first)));
    while let Some(happened) = next.take().or_else(|| coming.recv().ok()) {
        output.pass_on()?;
        match happened {
            News::Grown | News::Typed(_) => {}
            News::Broken(fault) => return Err(fault),
            News::Detail(detail) if detail.row.state.is_final() => {
                // What was written after the last look, now that nobody writes any more.
                output.pass_on()?;
                return Ok(if owns { ended(&detail) } else { ExitCode::SUCCESS });
            }
            News::Detail(detail) => tell_wait(&detail, &mut said),
            News::Signal(Signal::SIGTSTP) => {
                eprintln!("\nrota: {}", tr!("detached", job = job));
                return Ok(ExitCode::SUCCESS);
            }
            News::Signal(Signal::SIGINT) if std::io::stdin().is_terminal() && !asked => {
                asked = true;
                eprintln!("\nrota: {}", tr!("ask-cancel", job = job));
            }
            News::Signal(signal) => pass_signal(global, job, signal)?,
        }
    }
    Ok(ExitCode::FAILURE)
}

/// On a connection of its own: the server may have been restarted since.
pub(super) fn pass_signal(global: &Global, job: &str, signal: Signal) -> Result<(), Fault> {
    let mut client = global.client()?;
    let done: Result<Done, Fault> = if signal == Signal::SIGINT {
        client.post(&format!("/v1/jobs/{job}/cancel"), &())
    } else {
        let body = SendSignal { signal: signal as i32 };
        client.post(&format!("/v1/jobs/{job}/signal"), &body)
    };
    match done {
        // It ended at the same moment; its end is on its way here.
        Err(Fault::Refused(problem)) if problem.code == "already-ended" => Ok(()),
        other => other.map(drop),
    }
}

/// How long it waits, where a person looks.
fn tell_wait(detail: &JobDetail, said: &mut String) {
    let waits = matches!(detail.row.state, State::Waiting | State::Suspended);
    if !waits || !std::io::stderr().is_terminal() {
        return;
    }
    let line = wait(detail);
    if line != *said {
        eprintln!("rota: {line}");
        *said = line;
    }
}

/// How many are ahead of a job that waits, and when it starts.
pub(super) fn wait(detail: &JobDetail) -> String {
    let made = detail.row.forecast.map(|forecast| forecast.made);
    let window = made.map_or_else(String::new, |made| when::start(&detail.row, made));
    let when = if window.is_empty() { tr!("not-known") } else { window };
    tr!("waits-start", job = detail.row.id, ahead = detail.ahead, when = when)
}

pub(super) fn ended(detail: &JobDetail) -> ExitCode {
    let Some(outcome) = &detail.row.outcome else { return ExitCode::FAILURE };
    if !matches!(outcome, Outcome::Exited { .. }) {
        eprintln!("rota: {}", tr!("job-ended", job = detail.row.id, how = show::outcome(outcome)));
    }
    ExitCode::from(u8::try_from(outcome.exit_code() & 0xff).unwrap_or(1))
}

pub(super) fn pass_signals(set: SigSet, news: Sender<News>) {
    std::thread::spawn(move || {
        while let Ok(signal) = set.wait() {
            if news.send(News::Signal(signal)).is_err() {
                return;
            }
        }
    });
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
pub(super) fn ask_on(global: Global, job: String, mut seq: u64, news: Sender<News>) {
    std::thread::spawn(move || {
        let mut failures = 0u32;
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
                Err(fault) if failures < 60 && fault.can_pass() => {
                    failures += 1;
                    std::thread::sleep(std::time::Duration::from_millis(50 << failures.min(5)));
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
