//! NVIDIA's MPS for parts of a GPU: a control daemon for each person on each GPU, begun as that person by the first of their
//! jobs there and ended by the last. It holds each process to the memory of its job's part.
//!
//! Who uses a daemon is said by links beside the records of runs, `12.1.mps`, so that server and supervisors may be killed.
//! Joining and leaving happen under a lock beside the daemon's folder. A program that finds no daemon runs without one, and
//! is watched like any other.

use nix::fcntl::{Flock, FlockArg};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_child_subreaper;
use rota_core::units::Mib;
use rustix::process::{PidfdFlags, pidfd_open};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Start;
use super::claim::here;
use super::look::runs;
use super::record::{Kind, Process, RunId};
use super::session::{become_user, default_signals};

/// The control program, where the environment of the server names no other.
const PROGRAM: &str = "nvidia-cuda-mps-control";
/// What names another.
const VARIABLE: &str = "ROTA_MPS_CONTROL";
/// How the kernel shows the processes of MPS: 15 characters of their names.
pub const COMMAND: &str = "nvidia-cuda-mps";
/// A daemon that does not answer in this time is not used.
const PATIENCE: Duration = Duration::from_secs(10);
/// Its servers have five seconds to end by themselves; nobody is left who uses them.
const QUIT: &str = "quit -t 5\n";
/// Answered at once by a daemon that is there.
const HELLO: &str = "get_server_list\n";
/// Names the folder of a daemon to those who look for one.
const FOLDER: &str = "CUDA_MPS_PIPE_DIRECTORY";
/// Where they look without a name, as NVIDIA's documents say.
const USUAL: &str = "/tmp/nvidia-mps";

/// What is known of the daemon of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Daemon {
    /// None answers.
    Absent,
    /// It did not answer in time.
    Silent,
    /// It answers: the processes that go through each of its servers.
    Serves(BTreeMap<u32, BTreeSet<u32>>),
}

/// Why the control program said nothing.
enum Failure {
    /// It took too long.
    Late,
    /// What went wrong.
    Other(String),
}

impl From<Failure> for String {
    fn from(failure: Failure) -> String {
        match failure {
            Failure::Late => format!("{PROGRAM} does not answer"),
            Failure::Other(why) => why,
        }
    }
}

/// The control program, where this machine has it.
pub fn program() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).map_or_else(|| PathBuf::from(PROGRAM), PathBuf::from);
    if named.components().count() > 1 {
        return Some(named).filter(|path| path.is_file());
    }
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    std::env::split_paths(&path).map(|folder| folder.join(&named)).find(|path| path.is_file())
}

/// What a program needs to find the daemon of a folder, and to be held to its part.
pub(crate) fn environment(folder: &Path, part: Mib) -> [(&'static str, String); 3] {
    let folder = folder.display().to_string();
    [
        (FOLDER, folder.clone()),
        ("CUDA_MPS_LOG_DIRECTORY", folder),
        ("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", format!("0={}M", part.0)),
    ]
}

/// The folder of the daemon that a run uses.
pub(crate) fn folder_of(dir: &Path, id: RunId) -> Option<PathBuf> {
    fs::read_link(dir.join(id.file(Kind::Mps))).ok()
}

/// Takes part in the person's daemon on the GPU; begins it where nobody of theirs is there yet.
pub(crate) fn join(id: RunId, start: &Start) -> Result<(), String> {
    let (Some(folder), [gpu]) = (&start.mps, &start.gpus[..]) else { return Ok(()) };
    let words = |e: io::Error| format!("{} cannot be used: {e}", folder.display());
    let program = program().ok_or_else(|| format!("there is no {PROGRAM}"))?;
    make(folder, start).map_err(words)?;
    let _lock = lock(folder).map_err(words)?;
    let command = || {
        let mut command = control(&program, folder);
        prepare(&mut command, start);
        command
    };
    if ask(command(), HELLO).is_err() {
        let mut begin = command();
        begin.arg("-d").env("CUDA_VISIBLE_DEVICES", gpu.uuid.as_deref().unwrap_or_default());
        // The daemon outlives this run: it must not become a child of its supervisor.
        let _ = set_child_subreaper(false);
        let begun = ask(begin, "");
        let _ = set_child_subreaper(true);
        begun.and_then(|()| ask(command(), HELLO)).map_err(String::from)?;
    }
    symlink(folder, here().join(id.file(Kind::Mps))).map_err(words)
}

/// Ends the daemon of a run that is over, unless others use it.
pub(crate) fn leave(id: RunId) {
    let Some(folder) = folder_of(here(), id) else { return };
    let lock = lock(&folder);
    // It only says that this run is no reason to keep the daemon.
    let _ = fs::remove_file(here().join(id.file(Kind::Mps)));
    if !is_used(&folder)
        && let Some(quit) = program().and_then(|program| as_owner(&program, &folder))
    {
        // One that does not end is found by the next job of the person here, and used again.
        if ask(quit, QUIT).is_ok() {
            let _ = fs::remove_dir_all(&folder);
        }
    }
    drop(lock);
}

/// The processes that go through the daemon of a folder; none where it does not say. It may take its time.
pub fn clients(folder: &Path) -> Option<BTreeSet<u32>> {
    match look(folder, PATIENCE) {
        Daemon::Serves(servers) => Some(servers.into_values().flatten().collect()),
        Daemon::Absent | Daemon::Silent => None,
    }
}

/// Asks the daemon of a folder who goes through it, each time for so long at most.
pub fn look(folder: &Path, patience: Duration) -> Daemon {
    let Some(program) = program() else { return Daemon::Absent };
    let ask = |line: &str| {
        let command = as_owner(&program, folder);
        answer(command.ok_or(Failure::Other(String::new()))?, line, patience)
    };
    let of = |server: u32| Ok((server, ask(&format!("get_client_list {server}\n"))?));
    let servers = ask(HELLO).and_then(|all| all.into_iter().map(of).collect());
    match servers {
        Ok(servers) => Daemon::Serves(servers),
        Err(Failure::Late) => Daemon::Silent,
        Err(Failure::Other(_)) => Daemon::Absent,
    }
}

/// The folder of the daemon that programs find which were not told of one.
pub fn usual() -> PathBuf {
    std::env::var_os(FOLDER).map_or_else(|| USUAL.into(), PathBuf::from)
}

/// The control program as whoever has the folder.
fn as_owner(program: &Path, folder: &Path) -> Option<Command> {
    let owner = fs::symlink_metadata(folder).ok()?;
    let mut command = control(program, folder);
    if nix::unistd::geteuid().is_root() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    Some(command)
}

/// Whether any other run uses the daemon of a folder.
fn is_used(folder: &Path) -> bool {
    let uses = |id: &RunId| {
        let lives = |kind| Process::noted(here(), *id, kind).is_some_and(|p| p.lives());
        folder_of(here(), *id).is_some_and(|of| of == folder)
            && (lives(Kind::Claim) || lives(Kind::Program))
    };
    runs(here()).unwrap_or_default().iter().any(uses)
}

/// The folder is the person's alone, in one that only the server's account may change.
fn make(folder: &Path, start: &Start) -> io::Result<()> {
    let above = folder.parent().ok_or(io::ErrorKind::InvalidInput)?;
    DirBuilder::new().recursive(true).mode(0o755).create(above)?;
    let own = nix::unistd::geteuid().as_raw();
    let user = &start.launch.user;
    let uid = if start.switch_user { user.uid } else { own };
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) if uid != own => std::os::unix::fs::lchown(folder, Some(uid), Some(user.gid)),
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => {
            let known = fs::symlink_metadata(folder)?;
            let is_theirs = known.is_dir() && known.uid() == uid;
            if is_theirs { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
        }
    }
}

fn lock(folder: &Path) -> io::Result<Flock<File>> {
    let file = File::options().create(true).append(true).open(folder.with_extension("lock"))?;
    Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, e)| e.into())
}

fn control(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir("/").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.env(FOLDER, folder).env("CUDA_MPS_LOG_DIRECTORY", folder);
    command
}

/// As the person, and with signals as a program expects them: a server ignores some.
#[expect(unsafe_code, reason = "what a child does before exec has no safe form")]
fn prepare(command: &mut Command, start: &Start) {
    let user = Some(start.launch.user.clone()).filter(|_| start.switch_user);
    let prepared = move || {
        default_signals()?;
        user.as_ref().map_or(Ok(()), become_user).map_err(io::Error::other)
    };
    // SAFETY: a supervisor has one thread, so the child may use all of the library.
    unsafe { command.pre_exec(prepared) };
}

/// Runs the control program with a command on its input, for no longer than [`PATIENCE`].
fn ask(mut command: Command, line: &str) -> Result<(), Failure> {
    // What it leaves in the background holds no pipe of ours.
    run(command.stdout(Stdio::null()), line, PATIENCE).map(drop)
}

/// The same, for what it says: a pid a line.
fn answer(mut command: Command, line: &str, patience: Duration) -> Result<BTreeSet<u32>, Failure> {
    let child = run(command.stdout(Stdio::piped()), line, patience)?;
    let mut said = String::new();
    let read = child.stdout.map(|mut out| out.read_to_string(&mut said));
    read.transpose().map_err(cannot_run)?;
    Ok(said.lines().filter_map(|line| line.trim().parse().ok()).collect())
}

fn run(command: &mut Command, line: &str, patience: Duration) -> Result<Child, Failure> {
    command.stdin(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(cannot_run)?;
    if let Some(mut input) = child.stdin.take() {
        // One that has ended already says so by its exit code.
        let _ = input.write_all(line.as_bytes());
    }
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    let end = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    let most = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
    let is_late = end
        .is_some_and(|end| poll(&mut [PollFd::new(end.as_fd(), PollFlags::POLLIN)], most) == Ok(0));
    if is_late {
        // It was ours, and is asked for nothing more.
        let _ = child.kill();
    }
    let status = child.wait().map_err(cannot_run)?;
    match status.success() {
        true => Ok(child),
        false if is_late => Err(Failure::Late),
        false => Err(Failure::Other(format!("{PROGRAM} ended with {status}"))),
    }
}

fn cannot_run(why: io::Error) -> Failure {
    Failure::Other(format!("{PROGRAM} cannot be run: {why}"))
}
