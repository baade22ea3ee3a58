//! Measurements that anyone can repeat: `cargo xtask bench NAME`. Each prints a short table, writes a CSV file, and closes
//! with a line `RESULT name=value` for each figure.

mod campus;
mod centre;
mod easy;
mod fgd;
mod forecast;
mod gavel;
mod kill;
mod live;
mod path;
pub(crate) mod place;
mod plan;
mod report;
mod scale;
mod traces;
mod wire;

use std::process::ExitCode;

/// Why a measurement could not be made.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs one.
pub fn bench(name: &str, more: &[&str]) -> ExitCode {
    let done = match (name, more) {
        ("plan", []) => plan::run(),
        ("kill", []) => kill::run(),
        ("live", []) => live::run(),
        ("path", only) => path::run(only),
        ("gavel", options) => gavel::run(options),
        ("fgd", options) => fgd::run(options),
        ("forecast", options) => forecast::run(options),
        ("easy", []) => easy::run(),
        ("scale", []) => scale::run_all(None),
        ("scale", [jobs]) => jobs.parse().map_err(Into::into).and_then(|n| scale::run_all(Some(n))),
        _ => {
            Err("the benches are: plan, path, kill, live, gavel, fgd, easy, forecast, scale [JOBS]"
                .into())
        }
    };
    self::done(&format!("bench {name}"), done)
}

/// Says what went wrong, if anything did.
pub fn done(what: &str, done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{what}: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Hidden: writes the wall clock in nanoseconds to a file and ends. The smallest program that says when it began.
pub fn now(path: &str) -> ExitCode {
    match std::fs::write(path, report::wall_ns().to_string()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
