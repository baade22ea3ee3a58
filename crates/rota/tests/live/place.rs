//! Where a test lives: a folder, and a server in it.

use fake_gpu::Folder;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr;

/// A place of its own for one test; what runs there is stopped at the end.
pub struct Place {
    folder: tempfile::TempDir,
    server: Option<Child>,
    /// Simulated GPUs behind the driver's own interfaces.
    gpus: Option<Folder>,
    /// More for the environment of all that is started.
    environment: Vec<(&'static str, &'static str)>,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        Place { folder, server: None, gpus: None, environment: Vec::new() }
    }

    /// Sets a variable for all that is started from now on.
    pub fn set(&mut self, name: &'static str, value: &'static str) {
        self.environment.push((name, value));
    }

    /// A machine with a driver and these GPUs: name and memory in MiB.
    pub fn with_gpus(gpus: &[(&str, u64)]) -> Place {
        let mut place = Place::new();
        let gpus = Folder::create(&place.path().join("gpus"), gpus).expect("a folder of GPUs");
        place.gpus = Some(gpus);
        place
    }

    /// The GPUs behind the driver.
    pub fn gpus(&self) -> &Folder {
        self.gpus.as_ref().expect("it has GPUs")
    }

    /// Writes a file of the simulated GPUs as a whole.
    pub fn gpu_file(&self, name: &str, text: &str) {
        let folder = self.gpus().path();
        std::fs::write(folder.join(".draft"), text).expect("written");
        std::fs::rename(folder.join(".draft"), folder.join(name)).expect("renamed");
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn rota(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rota"));
        command.args(arguments).current_dir(self.path());
        command.env("ROTA_SOCKET", self.path().join("s")).env("XDG_STATE_HOME", self.path());
        if let Some(gpus) = &self.gpus {
            command.env(fake_gpu::VARIABLE, gpus.path()).env("ROTA_GPU_SAMPLE_MS", "30");
            command.env("ROTA_NVML_LIBRARY", fake_gpu::library("fake_nvml"));
            command.env("ROTA_CUDA_LIBRARY", fake_gpu::library("fake_cuda"));
            command.env("ROTA_MPS_CONTROL", gpus.mps_control());
        }
        command.envs(self.environment.iter().copied());
        command.env("XDG_RUNTIME_DIR", self.path()).env_remove("LANG").env_remove("LC_ALL");
        command
    }

    pub fn says(&self, arguments: &[&str]) -> Output {
        self.rota(arguments).output().expect("rota runs")
    }

    pub fn out(&self, arguments: &[&str]) -> String {
        let output = self.says(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {error}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Starts a server and waits until it answers.
    pub fn serve(&mut self, more: &[&str]) {
        let store = self.path().join("rota");
        std::fs::create_dir_all(&store).expect("a folder");
        let mut command = self.rota(&["serve", "--store"]);
        command.arg(store).args(more).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a server");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        self.server = Some(child);
    }

    /// Process of the server.
    pub fn pid(&self) -> u32 {
        self.server.as_ref().expect("a server").id()
    }

    /// Freezes the server with its socket open, or lets it go on.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).expect("a pid"));
        kill(pid, signal).expect("a signal");
    }

    /// Waits until the server has ended by itself.
    pub fn ends(&mut self) {
        self.server.take().expect("a server").wait().expect("gone");
    }

    /// kill -9 of the server.
    pub fn kill(&mut self) {
        let mut server = self.server.take().expect("a server");
        server.kill().expect("killed");
        server.wait().expect("gone");
    }

    /// Jobs outlive their server: whatever a test left running ends with it.
    fn end_all(&self) {
        let queue = self.says(&["queue", "--json"]).stdout;
        let queue: serde_json::Value = serde_json::from_slice(&queue).unwrap_or_default();
        let jobs = queue["jobs"].as_array().into_iter().flatten();
        let jobs: Vec<&str> = jobs.filter_map(|job| job["id"].as_str()).collect();
        if !jobs.is_empty() {
            drop(self.says(&[&["cancel"], &jobs[..]].concat()));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.server.is_some() {
            // Where a test failed while it was frozen.
            self.signal(Signal::SIGCONT);
        }
        self.end_all();
        drop(self.says(&["down"]));
        if let Some(mut server) = self.server.take() {
            drop(server.wait());
        }
        // Records that are kept in memory, where a server was killed and never came back.
        if let Ok(records) = std::fs::read_link(self.path().join("rota/records")) {
            drop(std::fs::remove_dir_all(records));
        }
    }
}

/// What was said on standard error.
pub fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every line fits a terminal of eighty columns; a Hangul syllable takes two.
pub fn fits(text: &str) {
    for line in text.lines() {
        let width = line.width();
        assert!(width <= 80, "{width} columns: {line}");
    }
}

/// Looks again and again until it is true; what is awaited is a process's doing, which nobody announces.
pub fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_true() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited too long for {what}");
        std::thread::yield_now();
    }
}
