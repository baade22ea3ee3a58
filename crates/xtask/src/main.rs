//! The project's own chores: `cargo xtask test`.

use std::process::{Command, ExitCode};
use std::time::Instant;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some("test") => test(),
        _ => {
            eprintln!("usage: cargo xtask test");
            ExitCode::from(2)
        }
    }
}

/// Formatting, lints, examples in documents, then all tests; stops at the first failure.
fn test() -> ExitCode {
    let mut steps: Vec<(&str, &[&str])> = vec![
        ("formatting", &["fmt", "--all", "--check"]),
        ("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        ("examples in documents", &["test", "--workspace", "--doc", "--quiet"]),
    ];
    if works(&["nextest", "--version"]) {
        steps.push(("tests", &["nextest", "run", "--workspace"]));
    } else {
        println!("cargo-nextest is not installed: using cargo test");
        steps.push(("tests", &["test", "--workspace", "--bins", "--lib", "--tests"]));
    }
    for (name, arguments) in steps {
        println!("== {name}");
        let begun = Instant::now();
        let status = Command::new("cargo").args(arguments).status();
        if !status.is_ok_and(|s| s.success()) {
            eprintln!("== {name} failed: cargo {}", arguments.join(" "));
            return ExitCode::FAILURE;
        }
        if name != "tests" {
            println!("== {name}: {} s", begun.elapsed().as_secs());
        }
    }
    ExitCode::SUCCESS
}

fn works(arguments: &[&str]) -> bool {
    Command::new("cargo").args(arguments).output().is_ok_and(|o| o.status.success())
}
