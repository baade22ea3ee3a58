//! `cargo xtask recipes PYTHON`: the recipes of `docs/guide/recipes`, each trained alone and in turns with others on a
//! simulated GPU of a real server; their loss curves must be the same, bit by bit.
//!
//! `PYTHON` is an interpreter with torch, torchdata, lightning, transformers and accelerate (`pip install` of these; the
//! CPU is enough).

use crate::bench::Failure;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RECIPES: [&str; 3] = ["pytorch.py", "lightning_loop.py", "trainer.py"];
/// Steps of a training, and how long each takes in turns.
const STEPS: &str = "240";
const PAUSE: &str = "0.1";
/// How often others get a turn.
const TURNS: usize = 3;
/// Steps in each turn before others ask.
const STRIDE: usize = 20;
/// More than a training takes.
const PATIENCE: Duration = Duration::from_secs(240);

/// Trains each; prints whether turns changed anything.
pub fn recipes(python: &str) -> Result<(), Failure> {
    let status = Command::new("cargo").args(["build", "--quiet", "-p", "rota"]).status()?;
    if !status.success() {
        return Err("cargo build -p rota failed".into());
    }
    let here = std::env::current_dir()?;
    println!("{:20} {:>6} {:>6} {:>5}", "recipe", "steps", "runs", "same");
    let mut wrong = Vec::new();
    for recipe in RECIPES {
        let place = Place { folder: tempfile::tempdir()?, rota: here.join("target/debug/rota") };
        let training = Training { python, script: here.join("docs/guide/recipes").join(recipe) };
        let alone = training.alone(place.folder.path())?;
        let (in_turns, runs) = training.in_turns(&place)?;
        let same = alone == in_turns && runs > TURNS;
        let steps = in_turns.lines().count();
        println!("{recipe:20} {steps:>6} {runs:>6} {:>5}", if same { "yes" } else { "NO" });
        wrong.extend((!same).then_some(recipe));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("turns changed {}", wrong.join(", ")).into())
    }
}

struct Training<'a> {
    python: &'a str,
    script: PathBuf,
}

impl Training<'_> {
    fn alone(&self, place: &Path) -> Result<String, Failure> {
        let folder = place.join("alone");
        std::fs::create_dir(&folder)?;
        let mut command = Command::new(self.python);
        command.arg(&self.script).current_dir(&folder).env("STEPS", STEPS);
        let output = command.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(std::fs::read_to_string(folder.join("loss.txt"))?)
    }

    /// The loss curve, and how often the program was started.
    fn in_turns(&self, place: &Place) -> Result<(String, usize), Failure> {
        let _server = place.serve()?;
        let folder = place.folder.path().join("turns");
        std::fs::create_dir(&folder)?;
        let script = self.script.display().to_string();
        let options = ["submit", "--account", "vision", "--person", "vision", "--gpus", "1"];
        let words = [&options[..], &["--turns", "requeue", "--", self.python, &script]].concat();
        place.rota(&folder, &words)?;
        let curve = || std::fs::read_to_string(folder.join("loss.txt")).unwrap_or_default();
        for _ in 0..TURNS {
            let before = curve().lines().count();
            let begun = Instant::now();
            while curve().lines().count() < before + STRIDE {
                if begun.elapsed() > PATIENCE {
                    let said =
                        std::fs::read_to_string(folder.join("rota-1.out")).unwrap_or_default();
                    return Err(format!("the training does not go on: {said}").into());
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            let other = ["run", "--account", "language", "--person", "language", "--gpus", "1"];
            place.rota(
                &folder,
                &[&other[..], &["--turns", "never", "--time", "1m", "--", "true"]].concat(),
            )?;
        }
        let begun = Instant::now();
        loop {
            let shown = place.rota(&folder, &["show", "1", "--json"])?;
            if shown.contains("\"state\": \"completed\"") {
                let runs = shown.matches("\"kind\": \"start-decided\"").count();
                return Ok((curve(), runs));
            }
            if begun.elapsed() > PATIENCE {
                return Err("the training does not end".into());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// A folder with a server in it.
struct Place {
    folder: tempfile::TempDir,
    rota: PathBuf,
}

/// A server that ends with the measurement.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Place {
    fn command(&self, folder: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(&self.rota);
        command.args(words).current_dir(folder).env("ROTA_SOCKET", self.folder.path().join("s"));
        command.env("STEPS", STEPS).env("PAUSE", PAUSE).stdin(Stdio::null());
        command
    }

    fn serve(&self) -> Result<Server, Failure> {
        let store = self.folder.path().join("store").display().to_string();
        let words = ["serve", "--store", &store, "--simulate", "h100*1", "--turn", "1s"];
        let mut child = self.command(self.folder.path(), &words).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("a server without output")?;
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)?;
        Ok(Server(child))
    }

    fn rota(&self, folder: &Path, words: &[&str]) -> Result<String, Failure> {
        let output = self.command(folder, words).output()?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
        }
    }
}
