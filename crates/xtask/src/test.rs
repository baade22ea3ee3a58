//! Everything that must hold before a change is taken: formatting, lints, examples in documents, tests.
//!
//! The tests come last, so that the last lines are the summary of the tests. What a machine lacks is skipped and said
//! loudly; with `CI=true` nothing is skipped.

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// Runs all steps; stops at the first that fails, with its exit code.
pub fn test() -> ExitCode {
    if !runs("cc", &["--version"]) {
        eprintln!("== no C compiler: install one (Debian: apt-get install gcc)");
        return ExitCode::FAILURE;
    }
    let mut steps: Vec<(&str, Vec<&str>)> = Vec::new();
    let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    for (name, tool, arguments) in [
        ("formatting", "fmt", ["fmt", "--all", "--check"].as_slice()),
        ("lints", "clippy", lints.as_slice()),
    ] {
        if has(tool) {
            steps.push((name, arguments.to_vec()));
        } else if let Err(code) = skip(name, &format!("rustup component add {tool}")) {
            return code;
        }
    }
    steps.push(("examples in documents", vec!["test", "--workspace", "--doc", "--quiet"]));
    if nextest_is_there() {
        steps.push(("tests", vec!["nextest", "run", "--workspace"]));
    } else {
        if let Err(code) = skip("cargo-nextest", "cargo install --locked cargo-nextest") {
            return code;
        }
        steps.push(("tests", vec!["test", "--workspace", "--bins", "--lib", "--tests"]));
    }
    for (name, arguments) in steps {
        if let Err(code) = step(name, &arguments) {
            return code;
        }
    }
    ExitCode::SUCCESS
}

fn step(name: &str, arguments: &[&str]) -> Result<(), ExitCode> {
    println!("== {name}");
    let begun = Instant::now();
    let status = Command::new("cargo").args(arguments).status();
    let seconds = begun.elapsed().as_secs_f64();
    if status.as_ref().is_ok_and(std::process::ExitStatus::success) {
        if name != "tests" {
            println!("== {name}: {seconds:.1} s");
        }
        return Ok(());
    }
    eprintln!("== {name} failed after {seconds:.1} s: cargo {}", arguments.join(" "));
    let code = status.ok().and_then(|s| s.code()).and_then(|c| u8::try_from(c).ok()).unwrap_or(1);
    Err(ExitCode::from(code.max(1)))
}

/// Says what is left out; with `CI=true` that is a failure.
fn skip(what: &str, remedy: &str) -> Result<(), ExitCode> {
    if std::env::var("CI").is_ok_and(|v| v == "true") {
        eprintln!("== {what} cannot be left out with CI=true: {remedy}");
        return Err(ExitCode::FAILURE);
    }
    println!("== SKIPPED: {what} is not installed here ({remedy})");
    Ok(())
}

fn nextest_is_there() -> bool {
    if has("nextest") {
        return true;
    }
    println!("== installing cargo-nextest");
    let install = ["install", "--locked", "--quiet", "cargo-nextest"];
    let installed = Command::new("cargo").args(install).status();
    installed.is_ok_and(|s| s.success()) && has("nextest")
}

fn has(tool: &str) -> bool {
    runs("cargo", &[tool, "--version"])
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|s| s.success())
}
