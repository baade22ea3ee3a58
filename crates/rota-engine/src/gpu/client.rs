//! The other end of the helper: questions with deadlines. A helper past its deadline is left alone, never killed: the
//! driver works inside the program, and ending the caller could leave both in pieces.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::cuda::State;
use super::helper::{Answer, Ask, Memory};

/// Shortens every deadline, in milliseconds: for tests with a driver that hangs.
const SHORTER: &str = "ROTA_GPU_PATIENCE_MS";
/// How long a question that changes nothing may take; the first one opens the driver's libraries.
const LOOK: Duration = Duration::from_secs(20);
/// How long a program may take to end the calls it is in.
const LOCK: Duration = Duration::from_secs(10);
/// How long a copy may take whatever its size.
const COPY: Duration = Duration::from_secs(30);
/// The slowest copy that is still believed to go on.
const SLOWEST: u64 = 1 << 30;

/// Why a call did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    #[error("the driver said: {}", super::driver::result(*.0))]
    Refused(i32),
    #[error("the driver did not answer within {} s", .0.as_secs())]
    Hung(Duration),
    #[error("the driver brought down the process that called it")]
    Crashed,
    #[error("{0}")]
    Unavailable(String),
}

/// Pids of helpers: below the supervisor, and not of its job.
pub(crate) type Pids = Rc<RefCell<BTreeSet<i32>>>;

/// The helper of one job, started at its first question.
#[derive(Debug)]
pub(crate) struct Helper {
    live: Option<Live>,
    /// Those that were left alone in a call.
    pub left: Vec<i32>,
    pids: Pids,
    longest: Duration,
}

#[derive(Debug)]
struct Live {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
}

impl Helper {
    /// `pids` is kept up to date by the helper and by whoever reaps.
    pub fn new(pids: Pids) -> Helper {
        let shorter = std::env::var(SHORTER).ok().and_then(|text| text.parse().ok());
        let longest = shorter.map_or(Duration::MAX, Duration::from_millis);
        Helper { live: None, left: Vec::new(), pids, longest }
    }

    pub fn memory(&mut self) -> Result<Memory, CallError> {
        match self.ask(Ask::Memory, LOOK)? {
            Answer::Memory(memory) => Ok(memory),
            _ => Err(CallError::Crashed),
        }
    }

    /// Where a process is; none where it uses no GPU.
    pub fn state(&mut self, pid: i32) -> Result<Option<State>, CallError> {
        match self.ask(Ask::State { pid }, LOOK) {
            Ok(Answer::State(state)) => Ok(Some(state)),
            Err(CallError::Refused(_)) => Ok(None),
            Err(e) => Err(e),
            Ok(_) => Err(CallError::Crashed),
        }
    }

    pub fn lock(&mut self, pid: i32) -> Result<(), CallError> {
        let patience_ms = u32::try_from(LOCK.as_millis()).unwrap_or(u32::MAX);
        self.ask(Ask::Lock { pid, patience_ms }, LOCK + LOOK).map(drop)
    }

    pub fn checkpoint(&mut self, pid: i32, bytes: u64) -> Result<(), CallError> {
        self.ask(Ask::Checkpoint { pid }, copying(bytes)).map(drop)
    }

    pub fn restore(&mut self, pid: i32, bytes: u64) -> Result<(), CallError> {
        self.ask(Ask::Restore { pid }, copying(bytes)).map(drop)
    }

    pub fn unlock(&mut self, pid: i32) -> Result<(), CallError> {
        self.ask(Ask::Unlock { pid }, LOOK).map(drop)
    }

    fn ask(&mut self, ask: Ask, patience: Duration) -> Result<Answer, CallError> {
        let patience = patience.min(self.longest);
        let live = match &mut self.live {
            Some(live) => live,
            none => {
                let live = Live::start()
                    .map_err(|e| CallError::Unavailable(format!("the helper cannot start: {e}")))?;
                self.pids.borrow_mut().extend(i32::try_from(live.child.id()));
                none.insert(live)
            }
        };
        match live.exchange(ask, patience) {
            Ok(Some(Answer::Refused(code))) => Err(CallError::Refused(code)),
            Ok(Some(Answer::Unavailable(why))) => Err(CallError::Unavailable(why)),
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => {
                // Left alone: it ends when the driver lets it.
                let left = self.live.take().and_then(|live| i32::try_from(live.child.id()).ok());
                self.left.extend(left);
                Err(CallError::Hung(patience))
            }
            Err(_) => {
                // Only a zombie is left, which the supervisor reaps.
                self.live = None;
                Err(CallError::Crashed)
            }
        }
    }
}

impl Live {
    fn start() -> io::Result<Live> {
        let mut command = Command::new("/proc/self/exe");
        command.arg(super::HELPER).env_remove("CUDA_VISIBLE_DEVICES");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
        Ok(Live { to: to.ok_or_else(missing)?, from: from.ok_or_else(missing)?, child })
    }

    /// The answer; none past the deadline.
    fn exchange(&mut self, ask: Ask, patience: Duration) -> io::Result<Option<Answer>> {
        let until = Instant::now() + patience;
        let mut line = serde_json::to_vec(&ask)?;
        line.push(b'\n');
        self.to.write_all(&line)?;
        let (mut read, mut part) = (Vec::new(), [0; 4096]);
        while !read.ends_with(b"\n") {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let mut fds = [PollFd::new(self.from.as_fd(), PollFlags::POLLIN)];
            if poll(&mut fds, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)).unwrap_or(0)
                == 0
            {
                continue;
            }
            match self.from.read(&mut part)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => read.extend(part.get(..length).unwrap_or_default()),
            }
        }
        Ok(Some(serde_json::from_slice(&read)?))
    }
}

fn copying(bytes: u64) -> Duration {
    COPY + Duration::from_secs(bytes / SLOWEST)
}
