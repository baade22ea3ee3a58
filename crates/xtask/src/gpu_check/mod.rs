//! `cargo xtask gpu-check PYTHON [--steps N] [--gib G] [--turn T]`: two trainings take turns on one GPU of this machine under a
//! real server, through the driver; their loss curves must be those of a training alone, bit by bit. Needs root, for two people,
//! and an interpreter with torch. Prints the GPU, the driver, the seconds of each suspend and resume, and what turns cost.

use crate::bench::Failure;
use crate::bench::place::{self, Place, said};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Two accounts that every Debian has: people do not take turns with themselves.
const PEOPLE: [u32; 2] = [1, 5];
/// Who trains alone: somebody else, so that neither of the two is owed more for it.
const ALONE: u32 = 2;

/// What is asked for.
struct Check<'a> {
    python: &'a str,
    steps: &'a str,
    gib: &'a str,
    script: PathBuf,
    place: Place,
}

/// Runs the check.
pub fn check(words: &[&str]) -> Result<(), Failure> {
    let [python, options @ ..] = words else {
        return Err("usage: cargo xtask gpu-check PYTHON [--steps N] [--gib G] [--turn T]".into());
    };
    let option = |name: &str, usual| {
        let at = options.iter().position(|word| *word == name);
        at.and_then(|at| options.get(at + 1).copied()).unwrap_or(usual)
    };
    let mut place = Place::new(&place::build()?, &["--system", "--turn", option("--turn", "10s")])?;
    // Two people work in it.
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o777))?;
    place.up()?;
    print!("{}", said(&mut place.rota(&["gpus"]))?);
    let script = std::path::absolute("crates/xtask/src/gpu_check/train.py")?;
    let (steps, gib) = (option("--steps", "100000"), option("--gib", "1"));
    Check { python, steps, gib, script, place }.run()
}

impl Check<'_> {
    fn run(&self) -> Result<(), Failure> {
        let begun = Instant::now();
        let alone = self.path("alone");
        self.submit(ALONE, &alone)?;
        self.ends("1")?;
        let solo = begun.elapsed();
        let begun = Instant::now();
        for uid in PEOPLE {
            self.submit(uid, &self.path(&format!("person-{uid}")))?;
        }
        let switches: Vec<Switch> =
            [self.ends("2")?, self.ends("3")?].iter().flat_map(Switch::of).collect();
        let both = begun.elapsed();
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

    fn submit(&self, uid: u32, curve: &Path) -> Result<(), Failure> {
        let script = self.script.display().to_string();
        let words = ["submit", "--gpus", "1", "--turns", "suspend", "--output", "/dev/null", "--"];
        let mut command = self.place.rota(&[&words[..], &[self.python, &script]].concat());
        command.uid(uid).gid(uid).env("STEPS", self.steps).env("GIB", self.gib).env("CURVE", curve);
        said(&mut command).map(drop)
    }

    /// Waits for its end; what the server says of it where it ended well.
    fn ends(&self, job: &str) -> Result<Value, Failure> {
        said(&mut self.place.rota(&["attach", job]))?;
        Ok(serde_json::from_str(&said(&mut self.place.rota(&["show", job, "--json"]))?)?)
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
