//! One process per job. It outlives the server, does what the server says, and writes the record of the end itself.
//!
//! In: datagrams on `<run>.ctl`, ends of children. Out: `<run>.json`. Invariant: the state file says that the program
//! ended only when none of its processes is left.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{Pid, setsid};
use rota_core::job::Stop;
use rustix::process::WaitOptions;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use super::claim::{WRITE_AGAIN, claim, default_child_signal, detach, here, refuse};
use super::confine::confine;
use super::freeze::Freezer;
use super::record::{Kind, Process, Record, RunId, State, now};
use super::turn::Waking;
use super::wire::{Order, Work};
use super::{Deed, What, mps, notice, pts, session, tree};
use crate::gpu::suspend::empty_before_kill;
use crate::gpu::{Helper, Pids};
use program::{Program, is_readable, other_end};

mod program;

/// How long what a program leaves behind has between SIGTERM and SIGKILL.
const LEFTOVER_GRACE: Duration = Duration::from_secs(2);
/// How soon to look again whether a killed process is gone, where the kernel does not say.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
pub(super) struct Supervisor {
    pub(super) id: RunId,
    pub(super) record: Record,
    program: Program,
    /// Open until exec.
    startup: Option<File>,
    children: SignalFd,
    control: UnixDatagram,
    /// The terminal of its person, where it runs on one.
    terminal: Option<pts::Watched>,
    pub(super) freezer: Freezer,
    /// Who calls the driver; none where the program uses no GPU of a driver.
    pub(super) helper: Option<Helper>,
    pub(super) helpers: Pids,
    /// Who called the driver for a supervisor that was killed.
    pub(super) former_helper: Option<Process>,
    /// The program is on its way back to the GPU.
    pub(super) waking: Option<Waking>,
    /// How the program ended, while others of its tree may be left.
    pub(super) ended: Option<State>,
    /// A stop was asked or the program ended: the tree must go.
    pub(super) kill_at: Option<Instant>,
    stopping: bool,
    /// Nothing of the tree is left.
    childless: bool,
    /// The record is not on disk yet.
    unsaved: bool,
}

/// The life of a supervisor, in a fresh child of the spawner.
pub(crate) fn main(order: &Order) {
    let Some(me) = Process::now(Pid::this().as_raw()) else { return };
    // It leads no group yet, so this cannot fail.
    let _ = setsid();
    if !claim(&me, order.id) {
        return;
    }
    detach();
    let mut children = SigSet::empty();
    children.add(Signal::SIGCHLD);
    let outcome = Supervisor::begin(order, me, &children).map(Supervisor::run);
    if let Err(e) = outcome {
        mps::leave(order.id);
        refuse(order, &format!("its supervisor cannot work: {e}"));
    }
}

impl Supervisor {
    fn begin(order: &Order, me: Process, signals: &SigSet) -> io::Result<Supervisor> {
        let id = order.id;
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(signals), None)?;
        default_child_signal()?;
        let children =
            SignalFd::with_flags(signals, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        // A killed predecessor leaves its socket.
        let _ = std::fs::remove_file(id.file(Kind::Control));
        let control = UnixDatagram::bind(id.file(Kind::Control))?;
        control.set_nonblocking(true)?;
        let record = Record::new(me, order.turn);
        let mut this = Supervisor {
            id,
            record,
            program: Program::Child,
            startup: None,
            children,
            control,
            terminal: None,
            freezer: Freezer::new(here(), id),
            helper: None,
            helpers: Pids::default(),
            former_helper: None,
            waking: None,
            ended: None,
            kill_at: None,
            stopping: false,
            childless: false,
            unsaved: false,
        };
        match &order.work {
            Work::Start(start) => {
                if !start.simulated && !start.gpus.is_empty() {
                    this.use_driver();
                }
                // Without MPS it is watched like any other.
                let _ = mps::join(order.id, start);
                let user = Some(&start.launch.user).filter(|_| start.switch_user);
                this.terminal = pts::Watched::of(start.launch.terminal, user);
                let group = confine(this.freezer.group.as_ref(), start);
                let forked = session::launch(order, start, group)?;
                this.record.program = Process::now(forked.pid.as_raw());
                this.startup = Some(forked.startup);
            }
            Work::Adopt { pid } => this.adopt(Process::now(*pid), false),
            Work::TakeOver { program } => {
                if let Some(last) = Record::read(here(), id) {
                    this.former_helper = last.helper.clone();
                    this.record = Record { supervisor: this.record.supervisor, ..last };
                }
                if this.record.driver {
                    this.use_driver();
                }
                this.adopt(Some(program.clone()), true);
                this.take_up();
            }
        }
        Ok(this)
    }

    fn use_driver(&mut self) {
        self.record.driver = true;
        self.helper = Some(Helper::new(Pids::clone(&self.helpers)));
    }

    /// Finishes what a killed supervisor was doing.
    fn take_up(&mut self) {
        match self.record.state.clone() {
            State::Suspending { held } => {
                let why = "its supervisor was killed while it suspended the program".into();
                self.wake(held, State::SuspendFailed { why, lasting: false });
            }
            State::Resuming { held, .. } => self.wake(held, State::Running),
            _ => {}
        }
    }

    fn run(mut self) {
        while !self.record.state.is_end() || self.unsaved {
            self.wait();
            self.read_startup();
            self.collect();
            self.obey();
            self.be_on_time();
        }
        self.freezer.remove();
        // A leftover socket only says that nobody listens.
        let _ = std::fs::remove_file(self.id.file(Kind::Control));
    }

    fn wait(&self) {
        let again = (self.unsaved).then_some(WRITE_AGAIN);
        let look = self.ended.is_some().then_some(LOOK_AGAIN);
        let kill = self.kill_at.map(|at| at.saturating_duration_since(Instant::now()));
        let wake = self.waking.as_ref().map(|w| w.at.saturating_duration_since(Instant::now()));
        let most = [again, look, kill, wake].into_iter().flatten().min();
        let timeout = most
            .map_or(PollTimeout::NONE, |t| PollTimeout::try_from(t).unwrap_or(PollTimeout::MAX));
        let mut fds = vec![
            PollFd::new(self.children.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.control.as_fd(), PollFlags::POLLIN),
        ];
        fds.extend(self.startup.as_ref().map(|f| PollFd::new(f.as_fd(), PollFlags::POLLIN)));
        let terminal = self.terminal.as_ref().and_then(pts::Watched::end);
        fds.extend(terminal.map(|end| PollFd::new(end, PollFlags::empty())));
        if let Program::Other { end: Some(end), .. } = &self.program {
            fds.push(PollFd::new(end.as_fd(), PollFlags::POLLIN));
        }
        // An interrupted wait only means an earlier look.
        let _ = poll(&mut fds, timeout);
    }

    /// Whether exec has happened.
    fn read_startup(&mut self) {
        let Some(file) = &mut self.startup else { return };
        let mut why = String::new();
        match file.read_to_string(&mut why) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock && why.is_empty() => {}
            _ if why.is_empty() => {
                self.startup = None;
                self.save(State::Running);
            }
            _ => {
                self.startup = None;
                self.ended = Some(State::NotStarted { why });
            }
        }
    }

    /// Takes note of what has ended.
    fn collect(&mut self) {
        // Only the wake-up matters; what ended is asked below.
        while let Ok(Some(_)) = self.children.read_signal() {}
        match &mut self.program {
            Program::Child => self.reap(),
            Program::Other { end, is_ours, .. } => {
                let state = other_end(*is_ours);
                let over = end.as_ref().is_some_and(is_readable);
                if over {
                    *end = None;
                    self.program_ended(state);
                }
            }
        }
        if self.ended.is_some() && self.members().is_empty() && !self.record.state.is_end() {
            mps::leave(self.id);
            self.save(self.ended.clone().expect("just looked at"));
        }
    }

    fn reap(&mut self) {
        let main = self.record.program.as_ref().map(|p| p.pid);
        let mut over = None;
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if main.is_none_or(|m| m == pid.as_raw_nonzero().get()) => {
                    over = Some(State::Exited {
                        code: status.exit_status(),
                        signal: status.terminating_signal(),
                    });
                }
                Ok(Some((pid, _))) => {
                    self.helpers.borrow_mut().remove(&pid.as_raw_nonzero().get());
                }
                // All orphans of the tree become children: without children there is no tree.
                Err(rustix::io::Errno::CHILD) => break self.childless = true,
                Ok(None) | Err(_) => break,
            }
        }
        if let Some(state) = over {
            self.read_startup();
            self.program_ended(state);
        }
    }

    /// What is left behind must go too: it would keep GPUs.
    fn program_ended(&mut self, state: State) {
        let state = self.ended.take().unwrap_or(state);
        self.ended = Some(state);
        // Whoever reads the other end sees that nobody writes any more.
        self.terminal = None;
        let left = self.members();
        if left.is_empty() {
            return;
        }
        // Refusals show as processes that are still there.
        let _ = tree::signal(&left, nix::libc::SIGTERM);
        self.freezer.thaw(&|| self.members());
        let soon = Instant::now() + LEFTOVER_GRACE;
        self.kill_at = Some(self.kill_at.map_or(soon, |at| at.min(soon)));
    }

    /// Reads the deeds.
    fn obey(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok(length) = self.control.recv(&mut buffer) {
            let deed = buffer.get(..length).and_then(|b| serde_json::from_slice::<Deed>(b).ok());
            if let Some(deed) = deed.filter(|_| self.ended.is_none() && !self.record.state.is_end())
            {
                self.carry_out(deed);
            }
        }
    }

    fn carry_out(&mut self, deed: Deed) {
        if deed.turn < self.record.turn {
            self.save(self.record.state.clone());
            return;
        }
        let held = match &self.record.state {
            State::Suspended { held } => Some(held.clone()),
            _ => None,
        };
        match deed.what {
            What::Stop { how: Stop::Suspend, .. } | What::Resume if self.waking.is_some() => {}
            What::Stop { how: Stop::Suspend, .. } if held.is_some() || self.stopping => {
                self.save(self.record.state.clone());
            }
            What::Stop { how: Stop::Suspend, .. } => {
                self.record.turn = deed.turn;
                self.suspend();
            }
            What::Stop { grace, .. } => self.stop(deed.turn, Duration::from_millis(grace.0)),
            What::Resume if held.is_some() && deed.turn > self.record.turn => {
                self.record.turn = deed.turn;
                let held = held.unwrap_or_default();
                self.save(State::Resuming { held: held.clone(), why: String::new() });
                self.wake(held, State::Running);
            }
            What::Signal { signal }
                if held.is_some() && [nix::libc::SIGCONT, nix::libc::SIGSTOP].contains(&signal) => {
            }
            What::Signal { signal } => {
                // A process that may not be signalled (setuid) is not ours to report: the others got theirs.
                let _ = tree::signal(&self.members(), signal);
            }
            What::Tell { text } => {
                self.record.program.iter().for_each(|program| notice::tell(program, text.clone()))
            }
            What::Resume | What::Start(_) | What::Adopt { .. } => {
                self.save(self.record.state.clone())
            }
        }
    }

    /// SIGTERM to all, and SIGKILL after the grace. Shells that people type into heed only the end of their terminal.
    fn stop(&mut self, turn: u32, grace: Duration) {
        let at = Instant::now() + grace;
        self.waking = None;
        self.kill_at = Some(self.kill_at.map_or(at, |before| before.min(at)));
        self.record.turn = turn;
        if !self.stopping {
            self.stopping = true;
            // Refusals show as processes that are still there when the grace is over.
            let _ = tree::signal(&self.members(), nix::libc::SIGTERM);
            if self.terminal.is_some() {
                let _ = tree::signal(&self.members(), nix::libc::SIGHUP);
            }
            self.freezer.thaw(&|| self.members());
        }
    }

    /// What is frozen does not hear that its terminal is gone, and nobody would ever wake it.
    fn leave_with_terminal(&mut self) {
        self.terminal.iter_mut().for_each(pts::Watched::look);
        let is_gone = matches!(self.terminal, Some(pts::Watched::Gone));
        if is_gone && matches!(self.record.state, State::Suspended { .. }) && !self.stopping {
            self.stop(self.record.turn, LEFTOVER_GRACE);
        }
    }

    /// What has become due.
    fn be_on_time(&mut self) {
        self.go_on_waking();
        self.leave_with_terminal();
        if self.kill_at.is_some_and(|at| at <= Instant::now()) {
            if std::mem::take(&mut self.record.restored) {
                self.with_driver(|_, tree, helper| empty_before_kill(tree, helper));
            }
            self.freezer.kill();
            // Those that refuse or are being born are met at the next look.
            let _ = tree::signal(&self.members(), nix::libc::SIGKILL);
            self.kill_at = Some(Instant::now() + LOOK_AGAIN);
        }
        if self.unsaved {
            self.write();
        }
    }

    pub(super) fn save(&mut self, state: State) {
        self.record.state = state;
        self.record.at = now();
        self.write();
    }

    fn write(&mut self) {
        let written = self.record.write(here(), self.id);
        // Where the folder is gone, nobody will ever ask; anything else, a full disk say, passes.
        self.unsaved = written.is_err_and(|why| why.kind() != io::ErrorKind::NotFound);
    }
}
