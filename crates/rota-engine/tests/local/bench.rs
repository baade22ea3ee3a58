//! A cluster of one machine under test: engine, folders, and sightings through a channel.

use fake_gpu::Folder;
use rota_core::id::JobId;
use rota_core::job::Stop;
use rota_core::launch::{Launch, User};
use rota_core::observation::{Observation, Seen, Sighting};
use rota_core::units::{Mib, Span};
use rota_engine::gpu::Card;
use rota_engine::local::{Deed, LocalEngine, Start, What};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Far longer than anything takes, so that only a defect meets it.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Bench {
    pub folder: tempfile::TempDir,
    pub engine: Option<LocalEngine>,
    /// Simulated GPUs behind the driver's own interfaces.
    pub gpus: Option<Folder>,
    seen: Receiver<Observation>,
}

pub fn spawner() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its file");
    test.parent().and_then(|p| p.parent()).expect("it lies in deps").join("examples/spawner")
}

fn open(folder: &std::path::Path, gpus: Option<&Folder>) -> (LocalEngine, Receiver<Observation>) {
    let (tell, seen) = channel();
    let sight = move |o| drop(tell.send(o));
    let spawner = spawner().display().to_string();
    let args = gpus.map(|gpus| {
        vec![
            format!("{}={}", fake_gpu::VARIABLE, gpus.path().display()),
            format!("ROTA_NVML_LIBRARY={}", fake_gpu::library("fake_nvml").display()),
            format!("ROTA_CUDA_LIBRARY={}", fake_gpu::library("fake_cuda").display()),
            format!("ROTA_MPS_CONTROL={}", gpus.mps_control().display()),
            "ROTA_GPU_PATIENCE_MS=700".into(),
            spawner.clone(),
        ]
    });
    let (program, args) = match &args {
        Some(args) => ("/usr/bin/env", args.iter().map(String::as_str).collect()),
        None => (spawner.as_str(), Vec::new()),
    };
    let engine = LocalEngine::open(&folder.join("runs"), program.as_ref(), &args, sight);
    (engine.expect("the engine opens"), seen)
}

impl Bench {
    pub fn new() -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let (engine, seen) = open(folder.path(), None);
        Bench { folder, engine: Some(engine), gpus: None, seen }
    }

    /// A machine with simulated GPUs behind the driver's interfaces: name and memory in MiB.
    pub fn with_gpus(gpus: &[(&str, u64)]) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let gpus = Folder::create(&folder.path().join("gpus"), gpus).expect("a folder of GPUs");
        let (engine, seen) = open(folder.path(), Some(&gpus));
        Bench { folder, engine: Some(engine), gpus: Some(gpus), seen }
    }

    pub fn engine(&self) -> &LocalEngine {
        self.engine.as_ref().expect("it was opened")
    }

    /// The server ends and another begins.
    pub fn reopen(&mut self) {
        self.engine = None;
        let (engine, seen) = open(self.folder.path(), self.gpus.as_ref());
        (self.engine, self.seen) = (Some(engine), seen);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn fifo(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
        path
    }

    /// `sh -c text` in the folder.
    pub fn shell(&self, text: &str) -> Start {
        let path = std::env::var("PATH").expect("tests have a PATH");
        let launch = Launch {
            argv: ["sh", "-c", text].map(String::from).to_vec(),
            env: [("PATH".to_string(), path)].into(),
            cwd: self.folder.path().to_string_lossy().into_owned(),
            umask: 0o022,
            stdout: "out".into(),
            user: User { name: "mina".into(), ..User::default() },
            ..Launch::default()
        };
        start(launch)
    }

    pub fn deed(&self, job: u64, turn: u32, what: What) {
        let deed = Deed { job: JobId::single(job), run: 1, turn, what };
        self.engine().carry_out(deed).expect("the deed is taken");
    }

    pub fn start(&self, job: u64, start: Start) {
        self.deed(job, 1, What::Start(Box::new(start)));
    }

    pub fn stop(&self, job: u64, turn: u32, how: Stop, grace: Span) {
        self.deed(job, turn, What::Stop { how, grace });
    }

    /// The next sighting of the job that is as wanted.
    pub fn wait(&self, job: u64, wanted: impl Fn(&Sighting) -> bool) -> Sighting {
        loop {
            let seen = self.seen.recv_timeout(PATIENCE).expect("a sighting in time");
            let found = seen.jobs.into_iter().find(|s| s.job == JobId::single(job) && wanted(s));
            if let Some(found) = found {
                return found;
            }
        }
    }

    pub fn running(&self, job: u64) {
        self.wait(job, |s| s.seen == Seen::Running);
    }

    pub fn end(&self, job: u64) -> Seen {
        let over = |s: &Sighting| {
            matches!(s.seen, Seen::Exited { .. } | Seen::NotStarted { .. } | Seen::Gone { .. })
        };
        self.wait(job, over).seen
    }

    pub fn output(&self) -> String {
        std::fs::read_to_string(self.path("out")).expect("the job wrote")
    }
}

pub fn start(launch: Launch) -> Start {
    let launch = Arc::new(launch);
    let (name, node) = ("train".to_string(), "h1".to_string());
    Start {
        launch,
        name,
        gpus: vec![Card::simulated(0), Card::simulated(2)],
        node,
        simulated: true,
        cpus: 4,
        mem: Mib(1024),
        gpu_mem: None,
        mps: None,
        keeps_checkpoint: false,
        switch_user: false,
    }
}

pub fn exited(code: i32) -> Seen {
    Seen::Exited { code: Some(code), signal: None }
}

pub fn signaled(signal: i32) -> Seen {
    Seen::Exited { code: None, signal: Some(signal) }
}

/// Field of `/proc/PID/stat` after the name: 0 state, 1 parent.
pub fn stat(pid: u32, field: usize) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.split(' ').nth(field).map(String::from)
}

pub fn lives(pid: u32) -> bool {
    stat(pid, 0).is_some_and(|s| s != "Z" && s != "X")
}

pub fn kill(pid: u32) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).expect("a pid"));
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("it can be killed");
}
