//! `cargo xtask gpu-check PYTHON [--steps N] [--gib G] [--turn T]`: two trainings take turns on one GPU of this machine under a
//! real server, through the driver; their loss curves must be those of a training alone, bit by bit. Needs root, for two people,
//! and an interpreter with torch. Prints the GPU, the driver, the seconds of each suspend and resume, and what turns cost.

use crate::bench::Failure;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Two accounts that every Debian has: people do not take turns with themselves.
const PEOPLE: [u32; 2] = [1, 5];
const PATIENCE: Duration = Duration::from_secs(3600);

/// What is asked for.
struct Check<'a> {
    python: &'a str,
    steps: &'a str,
    gib: &'a str,
    turn: &'a str,
    place: tempfile::TempDir,
    script: PathBuf,
    rota: PathBuf,
}

/// Runs the check.
pub fn check(words: &[&str]) -> Result<(), Failure> {
    let [python, options @ ..] = words else {
        return Err("usage: cargo xtask gpu-check PYTHON [--steps N] [--gib G] [--turn T]".into());
    };
    let status =
        Command::new("cargo").args(["build", "--release", "--quiet", "-p", "rota"]).status()?;
    if !status.success() {
        return Err("cargo build --release -p rota failed".into());
    }
    let option = |name: &str, usual| {
        let at = options.iter().position(|word| *word == name);
        at.and_then(|at| options.get(at + 1).copied()).unwrap_or(usual)
    };
    let here = std::env::current_dir()?;
    let check = Check {
        python,
        steps: option("--steps", "100000"),
        gib: option("--gib", "1"),
        turn: option("--turn", "10s"),
        place: tempfile::tempdir()?,
        script: here.join("crates/xtask/src/gpu_check/train.py"),
        rota: here.join("target/release/rota"),
    };
    check.run()
}

impl Check<'_> {
    fn run(&self) -> Result<(), Failure> {
        std::fs::set_permissions(self.place.path(), std::fs::Permissions::from_mode(0o777))?;
        let server = self.serve()?;
        let begun = Instant::now();
        let alone = self.path("alone");
        self.submit(PEOPLE[0], &alone)?;
        self.ends(1)?;
        let solo = begun.elapsed();
        let begun = Instant::now();
        for uid in PEOPLE {
            self.submit(uid, &self.path(&format!("person-{uid}")))?;
        }
        let switches: Vec<Switch> =
            [self.ends(2)?, self.ends(3)?].iter().flat_map(Switch::of).collect();
        let both = begun.elapsed();
        drop(server);
        let wanted = std::fs::read_to_string(&alone)?;
        let same = |uid: &u32| -> std::io::Result<bool> {
            Ok(std::fs::read_to_string(self.path(&format!("person-{uid}")))? == wanted)
        };
        let same = same(&PEOPLE[0])? && same(&PEOPLE[1])?;
        print(&switches, (solo, both), self.gib.parse().unwrap_or(0.0), same);
        match same && !switches.is_empty() {
            true => Ok(()),
            false if switches.is_empty() => {
                Err("nothing was suspended: ask for more --steps or a shorter --turn".into())
            }
            false => Err("turns changed what was computed".into()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.rota);
        command.args(words).current_dir(self.place.path()).stdin(Stdio::null());
        command.env("ROTA_SOCKET", self.path("s"));
        command
    }

    fn serve(&self) -> Result<Server, Failure> {
        let store = self.path("store").display().to_string();
        let words = ["serve", "--system", "--store", &store, "--turn", self.turn];
        let mut child = self.command(&words).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("a server without output")?;
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)?;
        print!("{}", self.says(&["gpus"])?);
        Ok(Server(child))
    }

    fn says(&self, words: &[&str]) -> Result<String, Failure> {
        text(&mut self.command(words))
    }

    fn submit(&self, uid: u32, curve: &Path) -> Result<(), Failure> {
        let script = self.script.display().to_string();
        let words = ["submit", "--gpus", "1", "--turns", "suspend", "--output", "/dev/null", "--"];
        let mut command = self.command(&[&words[..], &[self.python, &script]].concat());
        command.uid(uid).gid(uid).env("STEPS", self.steps).env("GIB", self.gib).env("CURVE", curve);
        text(&mut command).map(drop)
    }

    /// What the server says of a job that has ended well.
    fn ends(&self, job: u32) -> Result<Value, Failure> {
        let begun = Instant::now();
        loop {
            let shown: Value =
                serde_json::from_str(&self.says(&["show", &job.to_string(), "--json"])?)?;
            match shown["row"]["state"].as_str() {
                Some("completed") => return Ok(shown),
                Some("failed" | "cancelled" | "timeout") => {
                    return Err(
                        format!("training {job} failed: {}", shown["row"]["outcome"]).into()
                    );
                }
                _ if begun.elapsed() > PATIENCE => {
                    return Err(format!("training {job} does not end").into());
                }
                _ => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }
}

fn text(command: &mut Command) -> Result<String, Failure> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}

/// A server that ends with the check.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One suspend or resume, in milliseconds.
#[derive(Debug, PartialEq, Eq)]
enum Switch {
    There(u64),
    Back(u64),
}

impl Switch {
    /// Of a job's history: from the decision until it was done.
    fn of(job: &Value) -> Vec<Switch> {
        let history = job["history"].as_array().map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for (before, after) in history.iter().zip(history.iter().skip(1)) {
            let took =
                after["at"].as_u64().zip(before["at"].as_u64()).map(|(b, a)| b.saturating_sub(a));
            let kinds = (before["kind"].as_str(), after["kind"].as_str());
            let resumes = || before["args"].to_string().contains("resume");
            match (kinds, took) {
                ((Some("stop-decided"), Some("suspended")), Some(ms)) => {
                    found.push(Switch::There(ms))
                }
                ((Some("start-decided"), Some("started")), Some(ms)) if resumes() => {
                    found.push(Switch::Back(ms))
                }
                _ => {}
            }
        }
        found
    }
}

fn print(switches: &[Switch], (solo, both): (Duration, Duration), gib: f64, same: bool) {
    let gb = gib * 1.073_741_824;
    let line = |what: &str, mut all: Vec<u64>| {
        all.sort_unstable();
        let middle = all.get(all.len() / 2).copied().unwrap_or(0);
        let seconds = Duration::from_millis(middle).as_secs_f64();
        let speed = if middle == 0 { 0.0 } else { gb / seconds };
        let most = Duration::from_millis(all.last().copied().unwrap_or(0)).as_secs_f64();
        println!(
            "{what:8} {:>4} times, median {seconds:.2} s, longest {most:.2} s, {speed:.1} GB/s",
            all.len()
        );
    };
    let there =
        switches.iter().filter_map(|s| if let Switch::There(ms) = s { Some(*ms) } else { None });
    let back =
        switches.iter().filter_map(|s| if let Switch::Back(ms) = s { Some(*ms) } else { None });
    line("suspend", there.collect());
    line("resume", back.collect());
    let (solo, both) = (solo.as_secs_f64(), both.as_secs_f64());
    println!(
        "alone {solo:.1} s, two in turns {both:.1} s: {:.1} % more than one after the other",
        100.0 * (both / (2.0 * solo) - 1.0)
    );
    println!("loss curves as alone, bit by bit: {}", if same { "yes" } else { "NO" });
}
