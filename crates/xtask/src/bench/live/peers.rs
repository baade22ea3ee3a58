//! The submit call of what a lab would use instead, where it is installed here.

use super::super::report::Times;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Name, program, and the call that queues `true`.
const PEERS: [(&str, &str, &[&str]); 3] = [
    ("task-spooler", "tsp", &["true"]),
    ("pueue", "pueue", &["add", "--", "true"]),
    ("HyperQueue", "hq", &["submit", "--", "true"]),
];

/// Prints p50 and p99 of each; its own server must be running.
pub fn submit_calls() {
    for (name, program, arguments) in PEERS {
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..100 {
            let begun = Instant::now();
            let mut call = Command::new(program);
            call.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            match call.status() {
                Ok(status) if status.success() => times.push(begun.elapsed()),
                _ => break,
            }
        }
        if times.is_empty() {
            println!("{name}: not installed here, or its server does not run: skipped");
            continue;
        }
        let times = Times::of(times);
        println!("{name}: submit call p50 {:.2} ms, p99 {:.2} ms", times.ms(50), times.ms(99));
    }
}
