//! Simulated GPUs: a folder of small text files that server, helpers, fake programs and tests read and write.
//!
//! | file | what it says |
//! |---|---|
//! | `gpus` | a line for each GPU: `uuid\|name\|memory in MiB` |
//! | `driver` | the driver's version; 580.159.03 without the file |
//! | `gpu/0` | readings of GPU 0, a line each: `utilization=37`, `sm_thousandths=4` ([`Folder::reading`]) |
//! | `mig/0` | instances of GPU 0, where its readings say `mig=1`: lines as in `gpus` |
//! | `topology` | how GPUs are linked: `0 1 nvlink 4`, `0 1 node`, `0 switch 18` |
//! | `xids` | errors that the driver reports, once each: `GPU XID` |
//! | `procs/PID` | a process that uses a GPU: `GPU MiB STATE`; the GPU by index, or by uuid of it or of its instance |
//! | `busy/PID` | percent of its GPU's cores that a process keeps at work; the driver does not say without the file |
//! | `faults` | a line for each: `CALL RESULT [TIMES]`; RESULT is a number, `hang`, `crash` or `kill` (the target) |
//! | `speed` | MiB copied in a millisecond by suspend and resume; 1000 without the file |
//! | `calls` | what was called, a line each: `CALL PID RESULT`; kept for tests |
//! | `fake-mps-control` | a program in the place of nvidia-cuda-mps-control; the fault `mps hang` is for all that it is asked |
//! | `mps` | what that was asked, a line each: `begin UID GPU`, `quit` |
//!
//! A program uses a simulated GPU by writing its line: `echo "0 4096 0" > "$FAKE_GPU_DIR/procs/$$"`.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The environment variable that names the folder.
pub const VARIABLE: &str = "FAKE_GPU_DIR";

/// A fake library (`fake_nvml`, `fake_cuda`) that was built for the test that asks, beside it.
pub fn library(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its file");
    let path = test.parent().expect("it lies in a folder").join(format!("lib{name}.so"));
    assert!(path.exists(), "{} is built with the tests", path.display());
    path
}

/// In the place of nvidia-cuda-mps-control, as far as it can be told from outside: what it prints and returns, and a daemon
/// of that name, which does nothing. A program goes through it that writes its pid into `clients` beside it.
const MPS_CONTROL: &str = r#"#!/bin/sh
log=$(dirname "$0")/mps
grep -qx "mps hang" "$(dirname "$0")/faults" 2>/dev/null && exec sleep 100000
daemon=$CUDA_MPS_PIPE_DIRECTORY/daemon
lives() { kill -0 "$(cat "$daemon")"; } 2>/dev/null
if [ "$1" = -d ]; then
    lives && { echo "An instance of this daemon is already running" >&2; exit 1; }
    server=$CUDA_MPS_PIPE_DIRECTORY/nvidia-cuda-mps-server
    cp "$(command -v sleep)" "$server"
    setsid "$server" 100000 </dev/null >/dev/null 2>&1 &
    echo $! > "$daemon"
    echo "begin $(id -u) $CUDA_VISIBLE_DEVICES" >> "$log"
    exit 0
fi
lives || { echo "Cannot find MPS control daemon process" >&2; exit 1; }
clients=$CUDA_MPS_PIPE_DIRECTORY/clients
while read -r line; do
    case $line in
    # There is a server from the first client on.
    get_server_list) [ -e "$clients" ] && cat "$daemon" ;;
    "get_client_list $(cat "$daemon")")
        while read -r pid; do kill -0 "$pid" && echo "$pid"; done < "$clients" ;;
    quit*)
        kill "$(cat "$daemon")"
        echo quit >> "$log" ;;
    esac
done 2>/dev/null
exit 0
"#;

/// A simulated GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpu {
    /// As NVML names it.
    pub uuid: String,
    /// Product name.
    pub name: String,
    /// Memory in MiB.
    pub mib: u64,
}

/// A process that uses a simulated GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its pid.
    pub pid: u32,
    /// Index of the GPU.
    pub gpu: usize,
    /// Memory in MiB.
    pub mib: u64,
    /// Where it is.
    pub state: State,
}

/// Where a process is, as the driver counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Runs.
    Running,
    /// Its calls wait; memory is on the GPU.
    Locked,
    /// Memory is in the process; nothing on the GPU.
    Checkpointed,
    /// Cannot be brought back.
    Failed,
}

impl State {
    /// The driver's number.
    pub fn number(self) -> i32 {
        match self {
            State::Running => 0,
            State::Locked => 1,
            State::Checkpointed => 2,
            State::Failed => 3,
        }
    }

    fn of(number: &str) -> Option<State> {
        [State::Running, State::Locked, State::Checkpointed, State::Failed]
            .into_iter()
            .find(|s| s.number().to_string() == number)
    }
}

/// What a call is told to do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Return this.
    Result(i32),
    /// Never return while the fault is there.
    Hang,
    /// End the calling process.
    Crash,
    /// End the target.
    Kill,
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder that the environment names.
    pub fn from_environment() -> Option<Folder> {
        std::env::var_os(VARIABLE).map(|path| Folder(path.into()))
    }

    /// Makes the folder with these GPUs: name and memory in MiB.
    pub fn create(path: &Path, gpus: &[(&str, u64)]) -> io::Result<Folder> {
        fs::create_dir_all(path.join("procs"))?;
        fs::create_dir_all(path.join("gpu"))?;
        fs::create_dir_all(path.join("busy"))?;
        fs::create_dir_all(path.join("mig"))?;
        let uuid = |at: usize| format!("GPU-00000000-0000-0000-0000-{at:012}");
        let line =
            |(at, (name, mib)): (usize, &(&str, u64))| format!("{}|{name}|{mib}\n", uuid(at));
        let text: String = gpus.iter().enumerate().map(line).collect();
        fs::write(path.join("gpus"), text)?;
        let folder = Folder(path.into());
        fs::write(folder.mps_control(), MPS_CONTROL)?;
        fs::set_permissions(folder.mps_control(), fs::Permissions::from_mode(0o755))?;
        Ok(folder)
    }

    /// The program in the place of nvidia-cuda-mps-control.
    pub fn mps_control(&self) -> PathBuf {
        self.0.join("fake-mps-control")
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// All GPUs; none without the file: then there is no driver.
    pub fn gpus(&self) -> Option<Vec<Gpu>> {
        read_gpus(&self.0.join("gpus"))
    }

    /// The driver's version.
    pub fn driver(&self) -> String {
        let text = fs::read_to_string(self.0.join("driver")).unwrap_or_default();
        if text.trim().is_empty() { "580.159.03".into() } else { text.trim().into() }
    }

    /// The driver's main version, such as 580.
    pub fn branch(&self) -> u32 {
        self.driver().split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0)
    }

    /// Living processes that the driver lists, in order of pid: what is checkpointed holds nothing on a GPU.
    pub fn on(&self, gpu: usize) -> Vec<Process> {
        let listed = |p: &Process| p.gpu == gpu && p.state <= State::Locked;
        self.processes().into_iter().filter(listed).collect()
    }

    /// All living processes that use a GPU.
    pub fn processes(&self) -> Vec<Process> {
        let entries = fs::read_dir(self.0.join("procs")).into_iter().flatten().flatten();
        let pids = entries.filter_map(|e| e.file_name().to_str()?.parse().ok());
        let mut all: Vec<Process> = pids.filter_map(|pid| self.process(pid)).collect();
        all.sort_by_key(|p| p.pid);
        all
    }

    /// One living process.
    pub fn process(&self, pid: u32) -> Option<Process> {
        let text = fs::read_to_string(self.0.join("procs").join(pid.to_string())).ok()?;
        let mut words = text.split_whitespace();
        let gpu = self.index(words.next()?)?;
        let (mib, state) = (words.next()?.parse().ok()?, State::of(words.next()?)?);
        lives(pid).then_some(Process { pid, gpu, mib, state })
    }

    /// Percent of its GPU's cores that a process keeps at work.
    pub fn busy(&self, pid: u32) -> Option<u64> {
        let text = fs::read_to_string(self.0.join("busy").join(pid.to_string())).ok()?;
        text.trim().parse().ok()
    }

    /// Writes the line of a process, as a whole.
    pub fn set(&self, process: &Process) -> io::Result<()> {
        let Process { pid, gpu, mib, state } = process;
        let draft = self.0.join(format!(".{pid}"));
        fs::write(&draft, format!("{gpu} {mib} {}\n", state.number()))?;
        fs::rename(draft, self.0.join("procs").join(pid.to_string()))
    }

    /// Memory of a GPU that nobody uses, in MiB.
    pub fn free(&self, gpu: usize) -> u64 {
        let total = self.gpus().and_then(|all| Some(all.get(gpu)?.mib)).unwrap_or(0);
        total.saturating_sub(self.on(gpu).iter().map(|p| p.mib).sum())
    }

    /// Memory that living processes use of an instance, in MiB.
    pub fn used_of(&self, instance: &str) -> u64 {
        let named = |pid: u32| {
            let text = fs::read_to_string(self.0.join("procs").join(pid.to_string())).ok()?;
            text.split_whitespace().next().map(|gpu| gpu == instance)
        };
        let there = self.processes().into_iter().filter(|p| p.state <= State::Locked);
        there.filter(|p| named(p.pid) == Some(true)).map(|p| p.mib).sum()
    }

    /// A reading of a GPU, `None` where nothing was written.
    pub fn reading(&self, gpu: usize, key: &str) -> Option<u64> {
        let text = fs::read_to_string(self.0.join("gpu").join(gpu.to_string())).ok()?;
        let value = |line: &str| line.trim().strip_prefix(key)?.strip_prefix('=')?.parse().ok();
        text.lines().find_map(value)
    }

    /// Instances of a GPU that is split.
    pub fn instances(&self, gpu: usize) -> Vec<Gpu> {
        read_gpus(&self.0.join("mig").join(gpu.to_string())).unwrap_or_default()
    }

    /// Words of each line that says how GPUs are linked.
    pub fn topology(&self) -> Vec<Vec<String>> {
        let text = fs::read_to_string(self.0.join("topology")).unwrap_or_default();
        text.lines().map(|l| l.split_whitespace().map(str::to_owned).collect()).collect()
    }

    /// The next error that the driver reports: GPU and number; it is reported once.
    pub fn take_xid(&self) -> Option<(usize, u64)> {
        let path = self.0.join("xids");
        let text = fs::read_to_string(&path).ok()?;
        let (first, rest) = text.split_once('\n')?;
        let (gpu, xid) = first.trim().split_once(' ')?;
        let draft = self.0.join(".xids");
        fs::write(&draft, rest).and_then(|()| fs::rename(draft, &path)).ok()?;
        Some((gpu.parse().ok()?, xid.parse().ok()?))
    }

    /// What a call is told to do wrong now; a fault with a number of times is used up.
    pub fn fault(&self, call: &str) -> Option<Fault> {
        let path = self.0.join("faults");
        let text = fs::read_to_string(&path).ok()?;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = lines.iter().position(|l| l.split_whitespace().next() == Some(call))?;
        let words: Vec<String> = lines[at].split_whitespace().map(str::to_owned).collect();
        if let Some(times) = words.get(2).and_then(|n| n.parse::<u32>().ok()) {
            match times {
                0 | 1 => drop(lines.remove(at)),
                _ => lines[at] = format!("{} {} {}", words[0], words[1], times - 1),
            }
            fs::write(&path, lines.iter().map(|l| format!("{l}\n")).collect::<String>()).ok()?;
        }
        match words.get(1)?.as_str() {
            "hang" => Some(Fault::Hang),
            "crash" => Some(Fault::Crash),
            "kill" => Some(Fault::Kill),
            number => number.parse().ok().map(Fault::Result),
        }
    }

    /// Replaces the faults.
    pub fn set_faults(&self, lines: &str) -> io::Result<()> {
        let draft = self.0.join(".faults");
        fs::write(&draft, lines)?;
        fs::rename(draft, self.0.join("faults"))
    }

    /// MiB copied in a millisecond.
    pub fn speed(&self) -> u64 {
        let text = fs::read_to_string(self.0.join("speed")).unwrap_or_default();
        text.trim().parse().unwrap_or(1000).max(1)
    }

    /// Notes a call.
    pub fn log(&self, call: &str, pid: i32, result: i32) {
        let line = format!("{call} {pid} {result}\n");
        let file = fs::File::options().append(true).create(true).open(self.0.join("calls"));
        // Nobody but a test reads it.
        let _ = file.and_then(|mut f| f.write_all(line.as_bytes()));
    }

    fn index(&self, gpu: &str) -> Option<usize> {
        let all = self.gpus().unwrap_or_default();
        let by_uuid = || all.iter().position(|g| g.uuid == gpu);
        let has = |at: &usize| self.instances(*at).iter().any(|g| g.uuid == gpu);
        gpu.parse().ok().or_else(by_uuid).or_else(|| (0..all.len()).find(has))
    }
}

fn read_gpus(path: &Path) -> Option<Vec<Gpu>> {
    let text = fs::read_to_string(path).ok()?;
    let gpu = |line: &str| {
        let mut words = line.split('|');
        let (uuid, name) = (words.next()?.to_owned(), words.next()?.to_owned());
        Some(Gpu { uuid, name, mib: words.next()?.trim().parse().ok()? })
    };
    Some(text.lines().filter_map(gpu).collect())
}

fn stat(pid: u32) -> Option<char> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(')')?.1.trim_start().chars().next()
}

/// A zombie does not live.
pub fn lives(pid: u32) -> bool {
    stat(pid).is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// Whether a process is stopped or frozen: the driver's thread in it cannot answer.
pub fn is_still(pid: u32) -> bool {
    let frozen = || {
        let path = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        let group = path.lines().find_map(|l| l.strip_prefix("0::"))?.to_owned();
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let root = mounts.lines().find(|l| l.contains(" - cgroup2 "))?.split(' ').nth(4)?;
        let events = fs::read_to_string(format!("{root}{group}/cgroup.events")).ok()?;
        Some(events.contains("frozen 1"))
    };
    stat(pid).is_some_and(|state| matches!(state, 'T' | 't')) || frozen().unwrap_or(false)
}
