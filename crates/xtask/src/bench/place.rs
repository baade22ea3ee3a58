//! A place of its own for one measurement: a folder, and a private server in it that can be killed.

use super::Failure;
use super::wire::Wire;
use rota_api::{JobList, ServerInfo, Submit, Submitted};
use rota_core::job::JobSpec;
use rota_core::launch::Launch;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The program, built for release.
pub fn build() -> Result<PathBuf, Failure> {
    let status =
        Command::new("cargo").args(["build", "--release", "--quiet", "-p", "rota"]).status()?;
    if !status.success() {
        return Err("cargo build --release -p rota failed".into());
    }
    Ok(std::path::absolute("target/release/rota")?)
}

/// A folder with a server.
pub struct Place {
    folder: tempfile::TempDir,
    program: PathBuf,
    options: Vec<String>,
    pid: Option<u32>,
}

impl Place {
    /// A place whose server will get these options.
    pub fn new(program: &Path, options: &[&str]) -> Result<Place, Failure> {
        let folder = tempfile::Builder::new().prefix("rota-bench-").tempdir()?;
        let options = options.iter().map(|o| (*o).to_owned()).collect();
        Ok(Place { folder, program: program.to_owned(), options, pid: None })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the store.
    pub fn store(&self) -> PathBuf {
        self.path().join("rota")
    }

    /// The program with arguments, in this place.
    pub fn rota(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(self.path()).env("ROTA_SOCKET", self.path().join("s"));
        command.env("XDG_STATE_HOME", self.path()).env("XDG_RUNTIME_DIR", self.path());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Starts the server, and returns how long it took until it answered.
    pub fn up(&mut self) -> Result<Duration, Failure> {
        let store = self.store().display().to_string();
        let mut words = vec!["up", "--store", &store];
        words.extend(self.options.iter().map(String::as_str));
        let begun = Instant::now();
        // Its messages go to a file: a pipe would stay open as long as the server lives.
        let said = std::fs::File::create(self.path().join("up.err"))?;
        if !self.rota(&words).stderr(said).status()?.success() {
            let said = std::fs::read_to_string(self.path().join("up.err"))?;
            return Err(format!("rota up: {said}").into());
        }
        let info: ServerInfo = self.wire()?.get("/v1/server")?;
        self.pid = Some(info.pid);
        Ok(begun.elapsed())
    }

    /// Ends the server as an accident would.
    pub fn kill(&mut self) -> Result<(), Failure> {
        let pid = self.pid.take().ok_or("no server to kill")?;
        Command::new("kill").args(["-9", &pid.to_string()]).status()?;
        wait_for("the killed server to be gone", Duration::from_secs(10), || !lives(pid))
    }

    /// Ends the server in order.
    pub fn down(&mut self) -> Result<(), Failure> {
        let pid = self.pid.take().ok_or("no server to stop")?;
        self.rota(&["down"]).stderr(Stdio::null()).status()?;
        wait_for("the server to stop", Duration::from_secs(60), || !lives(pid))
    }

    /// A connection to the server.
    pub fn wire(&self) -> Result<Wire, Failure> {
        Wire::open(&self.path().join("s"))
    }

    /// Waits until no job is left.
    pub fn wait_until_empty(&self, longest: Duration) -> Result<(), Failure> {
        let begun = Instant::now();
        loop {
            let list: JobList = self.wire()?.get("/v1/jobs")?;
            if list.jobs.is_empty() {
                return Ok(());
            }
            if begun.elapsed() > longest {
                let first = list.jobs.first().map(|j| format!("{} {:?}", j.id, j.state));
                return Err(format!("{} jobs never ended: {first:?} …", list.jobs.len()).into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Memory of the server that is not shared with a file, in bytes.
    pub fn memory(&self) -> Result<f64, Failure> {
        let pid = self.pid.ok_or("no server")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find(|l| l.starts_with("RssAnon:")).ok_or("no RssAnon")?;
        let kib: f64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
        Ok(kib * 1024.0)
    }

    /// A job that runs `argv` here and writes to `log`.
    pub fn job(&self, argv: &[&str], log: &str) -> Submit {
        let env = ["PATH"].into_iter().filter_map(|n| Some((n.to_owned(), std::env::var(n).ok()?)));
        let launch = Launch {
            argv: argv.iter().map(|a| (*a).to_owned()).collect(),
            env: env.collect(),
            cwd: self.path().display().to_string(),
            umask: 0o022,
            stdout: log.into(),
            ..Launch::default()
        };
        let spec = JobSpec { name: "bench".into(), ..JobSpec::default() };
        Submit { spec, launch, tasks: None, hold: false, account: rota_api::Account::default() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.pid.is_some() {
            drop(self.rota(&["cancel", "1"]).stderr(Stdio::null()).status());
            drop(self.down());
        }
        // Records that are kept in memory, where jobs were left.
        if let Ok(records) = std::fs::read_link(self.store().join("records")) {
            drop(std::fs::remove_dir_all(records));
        }
    }
}

/// What a command says; what it complains of where it fails.
pub fn said(command: &mut Command) -> Result<String, Failure> {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}

/// Queues a job; returns its number.
pub fn submit(wire: &mut Wire, job: &Submit) -> Result<u64, Failure> {
    let done: Submitted = wire.post("/v1/jobs", job)?;
    Ok(done.number)
}

/// Looks again and again, at most so long.
pub fn wait_for(
    what: &str,
    longest: Duration,
    mut done: impl FnMut() -> bool,
) -> Result<(), Failure> {
    let begun = Instant::now();
    while !done() {
        if begun.elapsed() > longest {
            return Err(format!("waited {} s for {what}", longest.as_secs()).into());
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    Ok(())
}

/// Whether any thread of a process is left. The first one can be a zombie while others still hold files.
fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let zombie =
        stat.rsplit(") ").next().is_none_or(|rest| rest.is_empty() || rest.starts_with('Z'));
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count);
    threads > 1 || !zombie
}
