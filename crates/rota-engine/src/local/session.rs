//! From fork to exec: the child becomes the submitter, goes where they were, and turns into the program.
//!
//! Everything that touches files happens after the privileges are dropped. A failure is a sentence in the pipe that
//! exec would have closed.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction, sigprocmask};
use nix::unistd::{
    ForkResult, Gid, Pid, Uid, execve, fork, getppid, setgroups, setresgid, setresuid, setsid,
};
use rota_core::launch::{Launch, User};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::Start;
use super::cgroup::Group;
use super::record::{Kind, Process, RunId};
use super::wire::Order;
use crate::gpu::Card;

/// The program as it was forked: exec has happened when the pipe is at its end and empty.
pub(crate) struct Forked {
    pub pid: Pid,
    pub startup: File,
}

/// Forks the program of `order`, in its control group where it has one.
#[expect(unsafe_code, reason = "fork has no safe form")]
pub(crate) fn launch(
    order: &Order,
    start: &Start,
    group: Option<&Group>,
) -> std::io::Result<Forked> {
    let (read, write) =
        nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC | nix::fcntl::OFlag::O_NONBLOCK)?;
    let parent = Pid::this();
    // SAFETY: a supervisor has one thread, so the child may use all of the library.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok(Forked { pid: child, startup: File::from(read) }),
        ForkResult::Child => {
            let run = || become_program(order, start, (group, parent));
            let why = match std::panic::catch_unwind(run) {
                Ok(Err(why)) => why,
                Ok(Ok(never)) => match never {},
                Err(_) => "a defect in preparing the program; please report it".to_string(),
            };
            // With nobody at the other end there is nobody to tell.
            let _ = File::from(write).write_all(why.as_bytes());
            std::process::exit(127)
        }
    }
}

fn become_program(
    order: &Order,
    start: &Start,
    (group, parent): (Option<&Group>, Pid),
) -> Result<std::convert::Infallible, String> {
    let words = |what: &str, e: nix::Error| format!("{what}: {}", e.desc());
    default_signals().map_err(|e| words("cannot reset signals", e))?;
    setsid().map_err(|e| words("cannot make a session", e))?;
    note_program(order.id, parent)?;
    if let Some(group) = group {
        group.join(0).map_err(|e| {
            format!("the control group {} cannot be entered: {e}", group.path().display())
        })?;
    }
    let mps = super::mps::folder_of(Path::new("."), order.id);
    let launch = &*start.launch;
    let script = launch.script.as_deref().map(script_file).transpose()?;
    if start.switch_user {
        become_user(&launch.user)?;
    }
    limit(&launch.ulimits);
    let mode = nix::sys::stat::Mode::from_bits_truncate(launch.umask);
    nix::sys::stat::umask(mode);
    std::env::set_current_dir(&launch.cwd).map_err(|e| {
        format!("the working directory {} cannot be entered: {e}; create it again or submit from another one", launch.cwd)
    })?;
    if let Some(folder) = super::checkpoint_dir(launch, order.id.job, &start.name)
        && start.keeps_checkpoint
    {
        // Where it cannot be made, the program meets that when it writes, and can say more.
        let _ = std::fs::create_dir_all(folder);
    }
    let environment = environment(order, start, mps.as_deref());
    let (program, arguments) = match &script {
        Some(file) => interpreter(launch, file, &environment)?,
        None => (
            find(launch.argv.first().map_or("", String::as_str), &environment)?,
            launch.argv.clone(),
        ),
    };
    redirect(order.id, start)?;
    let argv = arguments.iter().map(|a| c_string(a)).collect::<Result<Vec<_>, _>>()?;
    let envp = environment
        .iter()
        .map(|(k, v)| c_string(&format!("{k}={v}")))
        .collect::<Result<Vec<_>, _>>()?;
    let path = CString::new(program.as_os_str().as_bytes()).map_err(|e| e.to_string())?;
    match execve(&path, &argv, &envp) {
        Ok(never) => Ok(never),
        Err(e) => Err(exec_failure(&program, e)),
    }
}

fn exec_failure(program: &Path, e: nix::Error) -> String {
    let next = match e {
        nix::Error::ENOEXEC => "it is neither a binary of this machine nor a script with a #! line",
        nix::Error::ENOENT => "its interpreter (the #! line, or the loader) does not exist",
        nix::Error::E2BIG => {
            "arguments and environment are together too large; submit with a smaller environment"
        }
        nix::Error::EACCES => "permission was denied; check chmod +x and the mount options",
        _ => "check the program by hand",
    };
    format!("'{}' cannot be run: {}: {next}", program.display(), e.desc())
}

/// Written by the child itself before anything runs: whoever finds the supervisor dead, finds the program here.
fn note_program(id: RunId, parent: Pid) -> Result<(), String> {
    let me = Process::now(Pid::this().as_raw())
        .ok_or("cannot read /proc/self/stat; is /proc mounted?")?;
    me.note(Path::new("."), id, Kind::Program)
        .map_err(|e| format!("cannot write the record of the program: {e}"))?;
    if getppid() == parent { Ok(()) } else { Err("the supervisor was killed".into()) }
}

#[expect(unsafe_code, reason = "signal dispositions have no safe form")]
pub(crate) fn default_signals() -> nix::Result<()> {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    for signal in Signal::iterator().filter(|s| !matches!(s, Signal::SIGKILL | Signal::SIGSTOP)) {
        // SAFETY: the default disposition runs no code of ours.
        unsafe { sigaction(signal, &default) }?;
    }
    sigprocmask(nix::sys::signal::SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)
}

pub(crate) fn become_user(user: &User) -> Result<(), String> {
    let words =
        |e: nix::Error| format!("cannot become user {} ({}): {}", user.name, user.uid, e.desc());
    let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    let groups: Vec<Gid> = user.groups.iter().copied().map(Gid::from_raw).collect();
    setgroups(&groups).map_err(words)?;
    setresgid(gid, gid, gid).map_err(words)?;
    setresuid(uid, uid, uid).map_err(words)
}

/// As far as the user may: a limit above the server's own hard limit becomes that one.
fn limit(limits: &[(String, u64, u64)]) {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    for (name, soft, hard) in limits {
        let resource = match name.as_str() {
            "AS" => Resource::RLIMIT_AS,
            "CORE" => Resource::RLIMIT_CORE,
            "CPU" => Resource::RLIMIT_CPU,
            "DATA" => Resource::RLIMIT_DATA,
            "FSIZE" => Resource::RLIMIT_FSIZE,
            "MEMLOCK" => Resource::RLIMIT_MEMLOCK,
            "NOFILE" => Resource::RLIMIT_NOFILE,
            "NPROC" => Resource::RLIMIT_NPROC,
            "STACK" => Resource::RLIMIT_STACK,
            _ => continue,
        };
        if setrlimit(resource, *soft, *hard).is_err()
            && let Ok((_, most)) = getrlimit(resource)
        {
            // Nothing lower was asked for, so what is in force is the closest.
            let _ = setrlimit(resource, (*soft).min(most), (*hard).min(most));
        }
    }
}

/// The environment of the program: as at submit, then what Rota adds.
fn environment(order: &Order, start: &Start, mps: Option<&Path>) -> BTreeMap<String, String> {
    let (launch, job) = (&start.launch, order.id.job);
    let mut all = launch.env.clone();
    let mut set = |name: &str, value: String| all.insert(name.to_string(), value);
    if start.switch_user {
        let user = &launch.user;
        let known = [
            ("HOME", &user.home),
            ("USER", &user.name),
            ("LOGNAME", &user.name),
            ("SHELL", &user.shell),
        ];
        for (name, value) in known.into_iter().filter(|(_, v)| !v.is_empty()) {
            set(name, value.clone());
        }
    }
    for (name, value) in job.task.and_then(|t| launch.sweep.get(&t)).into_iter().flatten() {
        set(name, value.clone());
    }
    set("ROTA_JOB_ID", job.to_string());
    set("SLURM_JOB_ID", job.number.to_string());
    if let Some(task) = job.task {
        for array in ["ROTA_ARRAY_ID", "SLURM_ARRAY_JOB_ID"] {
            set(array, job.number.to_string());
        }
        for name in ["ROTA_TASK_ID", "SLURM_ARRAY_TASK_ID"] {
            set(name, task.to_string());
        }
    }
    set("ROTA_RESTART", order.id.run.saturating_sub(1).to_string());
    set("ROTA_TURN", order.turn.to_string());
    set("ROTA_NODE", start.node.clone());
    set("ROTA_CPUS", start.cpus.to_string());
    if let Some(mem) = start.gpu_mem {
        set("ROTA_GPU_MEM", mem.0.to_string());
    }
    let limited = mps.zip(start.gpu_mem).map(|(at, part)| super::mps::environment(at, part));
    for (name, value) in limited.into_iter().flatten() {
        set(name, value);
    }
    for (name, value) in Card::environment(&start.gpus) {
        set(name, value);
    }
    if let Some(path) = super::progress_file(launch, job, &start.name) {
        set("ROTA_PROGRESS_FILE", path.display().to_string());
    }
    if let Some(path) = super::checkpoint_dir(launch, job, &start.name) {
        set("ROTA_CHECKPOINT_DIR", path.display().to_string());
    }
    if start.simulated {
        set("ROTA_SIMULATED_GPUS", "1".into());
    }
    all.entry("OMP_NUM_THREADS".into()).or_insert_with(|| start.cpus.to_string());
    all
}

/// Where the shell would find it.
fn find(name: &str, environment: &BTreeMap<String, String>) -> Result<PathBuf, String> {
    if name.is_empty() {
        return Err("no program was given; write one after the options".into());
    }
    if name.contains('/') {
        let path = PathBuf::from(name);
        return match access(&path) {
            Access::Runs => Ok(path),
            Access::Denied => {
                Err(format!("'{name}' may not be run: permission denied; try chmod +x {name}"))
            }
            Access::Missing => Err(format!(
                "program '{name}' does not exist; check the path and the working directory"
            )),
        };
    }
    let path = environment.get("PATH").map_or("/usr/local/bin:/usr/bin:/bin", String::as_str);
    let mut denied = None;
    for folder in path.split(':') {
        let candidate = Path::new(if folder.is_empty() { "." } else { folder }).join(name);
        match access(&candidate) {
            Access::Runs => return Ok(candidate),
            Access::Denied => denied = denied.or(Some(candidate)),
            Access::Missing => {}
        }
    }
    match denied {
        Some(path) => Err(format!(
            "'{}' may not be run: permission denied; try chmod +x on it",
            path.display()
        )),
        None => Err(format!(
            "program '{name}' not found in PATH ({path}); give its full path, or fix PATH and submit again"
        )),
    }
}

enum Access {
    Runs,
    Denied,
    Missing,
}

fn access(path: &Path) -> Access {
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() => {
            match nix::unistd::access(path, nix::unistd::AccessFlags::X_OK) {
                Ok(()) => Access::Runs,
                Err(_) => Access::Denied,
            }
        }
        Ok(_) => Access::Denied,
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => Access::Denied,
        Err(_) => Access::Missing,
    }
}

/// The text in memory, under a descriptor that the interpreter inherits: no file that others could read or that is left.
fn script_file(text: &str) -> Result<OwnedFd, String> {
    let words = |e: std::io::Error| format!("cannot keep the script in memory: {e}");
    let fd = nix::sys::memfd::memfd_create(c"rota-script", nix::sys::memfd::MFdFlags::empty());
    let mut file = File::from(fd.map_err(|e| words(e.into()))?);
    file.write_all(text.as_bytes()).map_err(words)?;
    Ok(file.into())
}

/// What the kernel would make of the script's `#!` line.
fn interpreter(
    launch: &Launch,
    script: &OwnedFd,
    environment: &BTreeMap<String, String>,
) -> Result<(PathBuf, Vec<String>), String> {
    let first = launch.script.as_deref().and_then(|s| s.lines().next()).unwrap_or_default();
    let line =
        first.strip_prefix("#!").map(str::trim).filter(|l| !l.is_empty()).unwrap_or("/bin/sh");
    let (program, option) = line.split_once([' ', '\t']).map_or((line, ""), |(p, o)| (p, o.trim()));
    let path = find(program, environment)
        .map_err(|why| format!("the interpreter of the script: {why}"))?;
    let mut arguments = vec![program.to_string()];
    arguments.extend((!option.is_empty()).then(|| option.to_string()));
    arguments.push(format!("/dev/fd/{}", script.as_fd().as_raw_fd()));
    arguments.extend(launch.argv.iter().skip(1).cloned());
    Ok((path, arguments))
}

/// Standard input, output and error.
fn redirect(id: RunId, start: &Start) -> Result<(), String> {
    let launch = &start.launch;
    if let Some(number) = launch.terminal {
        return super::pts::take(number);
    }
    let name = |pattern: &str| fill_pattern(pattern, id.job, &start.name, &launch.user.name);
    let input = launch.stdin.as_deref().filter(|s| !s.is_empty()).map_or("/dev/null".into(), name);
    let input = File::open(&input).map_err(|e| format!("the input {input} cannot be read: {e}"))?;
    let output = open_output(&name(&launch.stdout))?;
    let error = match launch.stderr.as_deref().filter(|s| !s.is_empty()) {
        Some(pattern) => open_output(&name(pattern))?,
        None => output.try_clone().map_err(|e| e.to_string())?,
    };
    let words = |e: nix::Error| format!("cannot redirect: {}", e.desc());
    nix::unistd::dup2_stdin(&input).map_err(words)?;
    nix::unistd::dup2_stdout(&output).map_err(words)?;
    nix::unistd::dup2_stderr(&error).map_err(words)
}

/// Opens a log, as the person whose job it is; a folder that is not there yet is made.
fn open_output(path: &str) -> Result<File, String> {
    let path = if path.is_empty() { "/dev/null" } else { path };
    let open = || OpenOptions::new().append(true).create(true).open(path);
    let opened = match (open(), Path::new(path).parent()) {
        (Err(e), Some(folder)) if e.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder).and_then(|()| open())
        }
        (opened, _) => opened,
    };
    opened.map_err(|e| {
        format!("the output file {path} cannot be written: {e}; check that its folder is yours, or name another")
    })
}

fn c_string(text: &str) -> Result<CString, String> {
    CString::new(text)
        .map_err(|_| format!("{text:.40?} holds a zero byte, which no program can be given"))
}

/// Fills `%j` (job), `%A` (array), `%a` (task), `%x` (name), `%u` (user), `%%`; anything else stays as it is.
///
/// ```
/// use rota_core::id::JobId;
/// let path = rota_engine::local::fill_pattern("%x-%j.log", JobId::single(7), "a/b", "mina");
/// assert_eq!(path, "a_b-7.log");
/// ```
pub fn fill_pattern(pattern: &str, job: rota_core::id::JobId, name: &str, user: &str) -> String {
    let (mut filled, mut rest) = (String::new(), pattern.chars());
    while let Some(c) = rest.next() {
        if c != '%' {
            filled.push(c);
            continue;
        }
        match rest.next() {
            Some('j') => filled.push_str(&job.to_string()),
            Some('A') => filled.push_str(&job.number.to_string()),
            Some('a') => filled.push_str(&job.task.unwrap_or(0).to_string()),
            Some('x') => filled.push_str(&name.replace('/', "_")),
            Some('u') => filled.push_str(&user.replace('/', "_")),
            Some('%') => filled.push('%'),
            other => filled.extend(['%'].into_iter().chain(other)),
        }
    }
    filled
}
