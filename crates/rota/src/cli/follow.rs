//! Following a job: what it writes comes here, signals from here go there, and its exit code is ours.

use super::signals::{Signals, pass_on};
use super::{Global, when};
use crate::client::{Client, How, PATIENCE, Server, say_late};
use crate::fault::{Fault, failed};
use crate::show;
use crate::text::tr;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::signal::Signal;
use rota_api::{JobDetail, State};
use rota_core::job::Outcome;
use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

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

/// The server answers after so long even where nothing has changed.
const KEPT_WAITING: Duration = Duration::from_secs(30);

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
        // What goes elsewhere than into a file cannot be read again, and may keep whoever tries.
        if self.file.is_none() && self.path.is_file() {
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

/// Whether there is output to look at, as far as it is known before its file is opened.
pub fn check_output(detail: &JobDetail, job: &str) -> Result<(), Fault> {
    if detail.spec.interactive {
        return Err(failed!("output-on-terminal", job = job));
    }
    if detail.history.iter().any(|happened| happened.kind == "adopted") {
        return Err(failed!("output-elsewhere", job = job));
    }
    if detail.stdout.is_empty() {
        return Err(failed!("output-not-yours", job = job));
    }
    Ok(())
}

/// Until the job ends, or whoever follows it leaves. With `signals`, its exit code is ours.
pub fn follow(
    global: &Global,
    mut client: Client,
    job: &str,
    signals: Option<Signals>,
) -> Result<ExitCode, Fault> {
    if let Some(signals) = signals {
        signals.release_when_late(&mut client, say_late);
    }
    let first: JobDetail = client.get(&format!("/v1/jobs/{job}"))?;
    check_output(&first, job)?;
    let err = (first.stderr != first.stdout).then(|| Tail::of(&first.stderr));
    let mut output = Output { out: Tail::of(&first.stdout), err };
    let (news, coming) = channel();
    let owns = signals.is_some();
    if let Some(signals) = signals {
        signals.hear(news.clone())?;
    }
    let to_job = pass_on(global.clone(), job.to_owned(), (news.clone(), say_late_leave));
    watch_logs(&[&first.stdout, &first.stderr], news.clone())?;
    let late = if owns { say_late_leave } else { say_late_job };
    ask_on(global.clone(), job.to_owned(), first.seq, (news, late));
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
                show::beside("\n");
                show::aside(&tr!("detached", job = job));
                return Ok(ExitCode::SUCCESS);
            }
            News::Signal(Signal::SIGINT) if std::io::stdin().is_terminal() && !asked => {
                asked = true;
                show::beside("\n");
                show::aside(&tr!("ask-cancel", job = job));
            }
            // Who passes it on ends only with us.
            News::Signal(signal) => drop(to_job.send(signal)),
        }
    }
    Ok(ExitCode::FAILURE)
}

/// Says of a job that the server hangs.
pub(super) type SayLate = fn(&Server, How, &str);

/// To whoever looks on.
fn say_late_job(server: &Server, how: How, job: &str) {
    if how == How::VeryLate {
        return say_late(server, how);
    }
    let path = server.path.display();
    show::aside(&tr!("server-late-job", path = path, job = job));
}

/// To whoever may leave with Ctrl-Z.
pub(super) fn say_late_leave(server: &Server, how: How, job: &str) {
    say_late_job(server, how, job);
    if how != How::VeryLate {
        show::aside(&tr!("server-late-leave", job = job));
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
        show::aside(&line);
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
        show::aside(&tr!("job-ended", job = detail.row.id, how = show::outcome(outcome)));
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
pub(super) fn ask_on(
    global: Global,
    job: String,
    mut seq: u64,
    (news, late): (Sender<News>, SayLate),
) {
    std::thread::spawn(move || {
        let mut failures = 0u32;
        let mut client = None;
        loop {
            let connected = match client.take() {
                Some(client) => Ok(client),
                None => Client::connect_or_start(global.socket.as_deref()),
            };
            let answer = connected.and_then(|mut c| {
                let name = job.clone();
                c.when_late(KEPT_WAITING + PATIENCE, move |server, how| late(server, how, &name));
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
                    std::thread::sleep(Duration::from_millis(50 << failures.min(5)));
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
