//! A shell, or a command, on GPUs and on this terminal. Here is a pseudo-terminal; the program has its other end. What is
//! typed goes there, what is written comes here, and with this process both are gone.
//!
//! The server is told that somebody types: that counts as use of the GPUs. While the program is suspended, what is typed goes
//! nowhere, and puts it in line again where it had left its GPUs to others.

use super::Global;
use super::follow::{News, SayLate, ask_on, ended, wait};
use super::options::JobOptions;
use super::signals::{Signals, pass, pass_on};
use super::submit::{What, prepare, send};
use crate::client::{Client, How, PATIENCE, Server};
use crate::fault::{Fault, usage};
use crate::show;
use crate::text::tr;
use clap::Args;
use nix::sys::signal::Signal;
use rota_api::{Done, JobDetail, ServerInfo, State, Suspends};
use rota_core::decision::Blocker;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use terminal::{Keys, Pty, Raw};

mod terminal;

/// How often the server is told that somebody types.
const TELL_AGAIN: Duration = Duration::from_secs(2);
/// Ctrl-C, as a terminal passes it on that does nothing by itself.
const INTERRUPT: u8 = 3;

/// `rota shell`
#[derive(Args)]
pub struct ShellArgs {
    #[command(flatten)]
    options: JobOptions,
    /// Take this choice of 'rota options' without asking: best, or its number
    #[arg(long, value_name = "best|N")]
    accept: Option<String>,
    /// The command; otherwise your shell
    #[arg(last = true)]
    command: Vec<String>,
}

/// Queues it, and is its terminal until it ends.
pub fn shell(global: &Global, args: ShellArgs) -> Result<ExitCode, Fault> {
    let files = [&args.options.output, &args.options.error, &args.options.stdin];
    if !args.options.is_single() || files.iter().any(|file| file.is_some()) {
        return Err(usage!("shell-is-one"));
    }
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(usage!("shell-needs-terminal"));
    }
    let mut client = Client::connect_or_start(global.socket.as_deref())?;
    let options = suspended(&mut client, args.options)?;
    let own = || vec![std::env::var("SHELL").unwrap_or_else(|_| "/bin/sh".into())];
    let argv = if args.command.is_empty() { own() } else { args.command };
    let what = What { argv, text: None, accept: args.accept.as_deref() };
    let mut job = prepare(&mut client, &options, what, None)?;
    let pty = Pty::open()?;
    (job.spec.interactive, job.launch.terminal) = (true, Some(pty.number));
    (job.launch.stdout, job.launch.stderr) = (String::new(), None);
    let signals = Signals::of_shell()?;
    let number = send(&mut client, &job)?.number.to_string();
    let first: JobDetail = client.get(&format!("/v1/jobs/{number}"))?;
    let (news, coming) = channel();
    signals.hear(news.clone())?;
    ask_on(global.clone(), number.clone(), first.seq, (news.clone(), say_late));
    let mut session = Session::new(global, number, pty, news);
    session.see(&first)?;
    session.go_on(&coming)
}

/// What is lost with a shell is more than a turn: it is suspended where the driver can, unless the options say otherwise.
fn suspended(client: &mut Client, options: JobOptions) -> Result<JobOptions, Fault> {
    let can = |suspends| matches!(suspends, Suspends::Simulated | Suspends::Driver(_));
    if options.turns.is_none() && can(client.get::<ServerInfo>("/v1/server")?.suspends) {
        return Ok(JobOptions { turns: Some("suspend".into()), ..options });
    }
    Ok(options)
}

struct Session<'g> {
    global: &'g Global,
    job: String,
    pty: Pty,
    news: Sender<News>,
    /// Where what is typed goes; none before the program has begun.
    keys: Option<Keys>,
    raw: Option<Raw>,
    state: State,
    /// How it waits, or did until it began to run again.
    rested: Option<State>,
    /// What was said last of how long it waits.
    said: String,
    /// Ctrl-C was typed while the program did not run.
    asked: bool,
    told: Option<Instant>,
    /// To whoever tells the server that somebody types.
    typing: Sender<()>,
    /// To whoever passes signals on.
    to_job: Sender<Signal>,
    /// The server has not answered for long, and that was said.
    is_alone: bool,
}

impl<'g> Session<'g> {
    fn new(global: &'g Global, job: String, pty: Pty, news: Sender<News>) -> Session<'g> {
        Session {
            typing: tell_of_typing(global.clone(), job.clone()),
            to_job: pass_on(global.clone(), job.clone(), (news.clone(), say_late)),
            global,
            job,
            pty,
            news,
            keys: None,
            raw: None,
            state: State::Starting,
            rested: None,
            said: String::new(),
            asked: false,
            told: None,
            is_alone: false,
        }
    }

    fn go_on(mut self, coming: &Receiver<News>) -> Result<ExitCode, Fault> {
        for happened in coming {
            match happened {
                News::Grown => {}
                // The program needs no server to go on; without this terminal it could not.
                News::Broken(fault) if fault.can_pass() => {
                    if !std::mem::replace(&mut self.is_alone, true) {
                        self.say(&format!("{}. {}", fault.text(), tr!("shell-alone")));
                    }
                    let news = (self.news.clone(), say_late as SayLate);
                    ask_on(self.global.clone(), self.job.clone(), 0, news);
                }
                News::Broken(fault) => return Err(fault),
                News::Detail(detail) if detail.row.state.is_final() => {
                    self.pty.drain()?;
                    drop(self.raw);
                    return Ok(ended(&detail));
                }
                News::Detail(detail) => self.see(&detail)?,
                News::Typed(keys) => self.typed(&keys),
                News::Signal(Signal::SIGWINCH) => self.pty.resize(),
                News::Signal(signal) => return self.leave(signal),
            }
        }
        Ok(ExitCode::FAILURE)
    }

    /// The program loses its terminal and ends; what has not begun, or is on its way, is cancelled.
    fn leave(self, signal: Signal) -> Result<ExitCode, Fault> {
        if self.state != State::Running {
            pass(self.global, &self.job, (Signal::SIGINT, say_late))?;
        }
        Ok(ExitCode::from(128 + u8::try_from(signal as i32).unwrap_or(0)))
    }

    fn see(&mut self, detail: &JobDetail) -> Result<(), Fault> {
        (self.state, self.is_alone) = (detail.row.state, false);
        match self.state {
            State::Running => self.begin(),
            State::Waiting | State::Held | State::Suspended => {
                self.wait(detail);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Says how long it waits, where that is news.
    fn wait(&mut self, detail: &JobDetail) {
        self.keys.iter().for_each(|keys| keys.hold(true));
        let is_news = self.rested.replace(self.state).is_none();
        if is_news && self.state == State::Waiting {
            self.pty.renew();
        }
        let line = if detail.blockers.contains(&Blocker::Away) {
            tr!("shell-away", job = self.job)
        } else if is_news && self.state == State::Suspended {
            format!("{} {}", tr!("shell-suspended"), wait(detail))
        } else {
            wait(detail)
        };
        if line != self.said {
            self.say(&line);
            self.said = line;
        }
    }

    /// The program runs, and has the keyboard.
    fn begin(&mut self) -> Result<(), Fault> {
        // Who reads that it runs may type at once.
        self.keys.iter().for_each(|keys| keys.hold(false));
        match self.rested.take() {
            Some(State::Suspended) => self.say(&tr!("shell-back", job = self.job)),
            Some(_) if self.raw.is_some() => self.say(&tr!("shell-anew", job = self.job)),
            _ => {}
        }
        (self.said, self.asked) = (String::new(), false);
        if self.raw.is_none() {
            self.raw = Some(Raw::begin()?);
        }
        if self.keys.is_none() {
            self.keys = Some(self.pty.relay(self.news.clone())?);
        }
        Ok(())
    }

    fn typed(&mut self, keys: &[u8]) {
        if self.rested.is_some() && keys.contains(&INTERRUPT) {
            if std::mem::replace(&mut self.asked, true) {
                // Who passes it on ends only with us.
                let _ = self.to_job.send(Signal::SIGINT);
                return;
            }
            self.say(&tr!("shell-ask-cancel", job = self.job));
        }
        if self.told.is_none_or(|told| told.elapsed() >= TELL_AGAIN) {
            self.told = Some(Instant::now());
            // So does who tells of it.
            let _ = self.typing.send(());
        }
    }

    /// A line of our own, wherever the program left the cursor.
    fn say(&self, text: &str) {
        let (before, after) = if self.raw.is_some() { ("\r\n", "\r\n") } else { ("", "\n") };
        // Who has closed the window reads no more of it.
        let _ = write!(std::io::stderr(), "{before}rota: {text}{after}");
    }
}

/// Tells the server that somebody types, each time that it is told so. A server that does not answer judges nobody either.
fn tell_of_typing(global: Global, job: String) -> Sender<()> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let call = format!("/v1/jobs/{job}/typed");
        for () in told {
            let Ok(mut client) = global.client() else { continue };
            client.when_late(PATIENCE, |_, _| {});
            // The next key tells it again.
            let _ = client.post::<Done>(&call, &());
        }
    });
    tell
}

/// On a terminal that passes everything on.
fn say_late(server: &Server, how: How, job: &str) {
    if how == How::Late {
        let path = server.path.display();
        let said = tr!("server-late-job", path = path, job = job);
        show::beside(&format!("\r\nrota: {said}\r\n"));
    }
}
