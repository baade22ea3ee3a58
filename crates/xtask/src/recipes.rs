//! `cargo xtask recipes PYTHON`: the recipes of `docs/guide/recipes`, each trained alone and in turns with others on a
//! simulated GPU of a real server; their loss curves must be the same, bit by bit.
//!
//! `PYTHON` is an interpreter with torch, torchdata, lightning, transformers and accelerate (`pip install` of these; the
//! CPU is enough).

use crate::bench::Failure;
use crate::bench::place::{self, Place, said, wait_for};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

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
    let program = place::build()?;
    println!("{:20} {:>6} {:>6} {:>5}", "recipe", "steps", "runs", "same");
    let mut wrong = Vec::new();
    for recipe in RECIPES {
        let script = std::path::absolute(Path::new("docs/guide/recipes").join(recipe))?;
        let training = Training { python, script };
        let mut place = Place::new(&program, &["--simulate", "h100*1", "--turn", "1s"])?;
        let alone = training.alone(place.path())?;
        let (in_turns, runs) = training.in_turns(&mut place)?;
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
        said(command.arg(&self.script).current_dir(&folder).env("STEPS", STEPS))?;
        Ok(std::fs::read_to_string(folder.join("loss.txt"))?)
    }

    /// The loss curve, and how often the program was started.
    fn in_turns(&self, place: &mut Place) -> Result<(String, usize), Failure> {
        place.up()?;
        let asked = |lab: &str, verb: &str, words: &[&str]| {
            let whose = [verb, "--account", lab, "--person", lab, "--gpus", "1"];
            let mut command = place.rota(&[&whose[..], words].concat());
            said(command.env("STEPS", STEPS).env("PAUSE", PAUSE))
        };
        let script = self.script.display().to_string();
        asked("vision", "submit", &["--turns", "requeue", "--", self.python, &script])?;
        let curve = || std::fs::read_to_string(place.path().join("loss.txt")).unwrap_or_default();
        for _ in 0..TURNS {
            let before = curve().lines().count();
            let goes_on = || curve().lines().count() >= before + STRIDE;
            wait_for("the training to go on", PATIENCE, goes_on)?;
            asked("language", "run", &["--turns", "never", "--time", "1m", "--", "true"])?;
        }
        said(&mut place.rota(&["attach", "1"]))?;
        let shown = said(&mut place.rota(&["show", "1", "--json"]))?;
        Ok((curve(), shown.matches("\"kind\": \"start-decided\"").count()))
    }
}
