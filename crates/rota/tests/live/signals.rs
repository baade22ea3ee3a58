//! Signals, and servers that come and go.

use crate::place::{Place, error_of, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).expect("a process id"));
    kill(pid, signal).expect("signalled");
}

#[test]
fn sigterm_stops_the_server_and_leaves_no_socket() {
    let mut place = Place::new();
    place.serve(&[]);
    send(place.pid(), Signal::SIGTERM);
    place.ends();
    assert!(!place.path().join("s").exists());
    let said = error_of(&place.says(&["queue"]));
    assert!(said.contains("rota up"), "{said}");
}

#[test]
fn a_server_that_run_started_can_be_stopped_by_sigterm() {
    let place = Place::new();
    let mut run = place.rota(&["run", "--", "true"]);
    run.env_remove("ROTA_SOCKET").stdin(Stdio::null());
    assert!(run.status().expect("rota runs").success());
    let socket = place.path().join("rota/rota.sock");
    let mut ask = place.rota(&["doctor", "--json"]);
    let said = ask.env_remove("ROTA_SOCKET").output().expect("rota runs").stdout;
    let said = String::from_utf8(said).expect("text");
    let pid = said.split("process ").nth(1).and_then(|t| t.split(',').next());
    let pid: u32 = pid.and_then(|p| p.parse().ok()).expect("the process of the server");
    let session = nix::unistd::getsid(Some(Pid::from_raw(pid.cast_signed()))).expect("a session");
    assert_eq!(session.as_raw().cast_unsigned(), pid, "it leads a session of its own");
    send(pid, Signal::SIGTERM);
    until("the socket to go", || !socket.exists());
}

#[test]
fn a_program_whose_output_nobody_reads_any_more_ends_and_one_that_is_only_looked_at_goes_on() {
    let mut place = Place::new();
    place.serve(&[]);
    let says = ["sh", "-c", "trap 'exit 9' TERM; while echo more; do sleep 0.05; done"];
    let leave = |arguments: &[&str]| {
        let mut command = place.rota(arguments);
        let mut run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("rota");
        let mut line = String::new();
        let out = run.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a line");
        assert_eq!(line, "more\n");
        error_of(&run.wait_with_output().expect("it ends"))
    };
    let said = leave(&[&["run", "--"], &says[..]].concat());
    assert!(said.contains("nobody reads the output of job 1"), "{said}");
    until("its end", || place.out(&["show", "1"]).contains("cancelled"));
    // What rota says goes into the same pipe, which nobody reads either.
    let rota = place.rota(&[]);
    let mut piped = Command::new("sh");
    piped.args(["-c", "{ \"$0\" run -- yes 2>&1; echo $? > code; } | head -1"]);
    piped.arg(rota.get_program()).current_dir(place.path());
    piped.envs(rota.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert_eq!(piped.output().expect("a shell").stdout, b"y\n");
    let code = std::fs::read_to_string(place.path().join("code")).expect("a code");
    assert_eq!(code, "0\n", "and does not panic");
    until("its end", || place.out(&["show", "2"]).contains("cancelled"));
    place.out(&[&["submit", "--"], &says[..]].concat());
    until("its output", || place.says(&["logs", "3"]).stdout.starts_with(b"more"));
    for looks in [&["attach", "3"][..], &["logs", "--follow", "3"]] {
        assert_eq!(leave(looks), "");
        assert!(place.out(&["show", "3"]).contains("job 3: running"));
    }
}

#[test]
fn of_many_first_submits_one_starts_the_server_and_all_are_taken() {
    let place = Place::new();
    let submit = |n: u32| {
        let mut command = place.rota(&["submit", "--hold", "--name", &n.to_string(), "--", "true"]);
        command.env_remove("ROTA_SOCKET").stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("rota runs")
    };
    let all: Vec<_> = (0..12).map(submit).collect();
    for one in all {
        let output = one.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", error_of(&output));
    }
    let mut queue = place.rota(&["queue", "--json"]);
    let said = queue.env_remove("ROTA_SOCKET").output().expect("rota runs").stdout;
    assert_eq!(String::from_utf8_lossy(&said).matches("\"held\"").count(), 12);
    let down = place.rota(&["down"]).env_remove("ROTA_SOCKET").status();
    assert!(down.expect("rota runs").success());
}

#[test]
fn a_named_socket_where_nobody_answers_starts_nothing() {
    let place = Place::new();
    let said = error_of(&place.says(&["run", "--", "true"]));
    assert!(said.contains("no server answers"), "{said}");
    assert!(!place.path().join("rota").exists());
}

#[test]
fn run_passes_signals_to_every_process_of_the_job() {
    let mut place = Place::new();
    place.serve(&[]);
    let inner = "trap 'echo inner; exit' USR1; echo ready; while :; do sleep 0.05; done";
    let outer = format!("trap 'echo outer' USR1; sh -c \"{inner}\"; wait; exit 5");
    let mut run = place.rota(&["run", "--", "sh", "-c", &outer]);
    let mut run = run.stdout(Stdio::piped()).spawn().expect("rota runs");
    let mut lines = BufReader::new(run.stdout.take().expect("a pipe")).lines();
    let mut next = || lines.next().and_then(Result::ok).unwrap_or_default();
    assert_eq!(next(), "ready");
    send(run.id(), Signal::SIGUSR1);
    let mut said = [next(), next()];
    said.sort();
    assert_eq!(said, ["inner", "outer"]);
    assert_eq!(run.wait().expect("it ends").code(), Some(5));
}

#[test]
fn a_killed_supervisor_is_replaced_and_the_job_can_still_be_ended() {
    let mut place = Place::new();
    place.serve(&[]);
    place.out(&["submit", "--output", "log", "--", "sh", "-c", "echo $PPID $$; exec sleep 1000"]);
    let log = place.path().join("log");
    let told = || std::fs::read_to_string(&log).unwrap_or_default();
    until("the job to run", || told().ends_with('\n'));
    let told = told();
    let pids: Vec<u32> = told.split_whitespace().filter_map(|p| p.parse().ok()).collect();
    let [supervisor, program] = pids[..] else { panic!("{told}") };
    send(supervisor, Signal::SIGKILL);
    let running = || place.out(&["show", "1"]).contains(&format!("process     {program}"));
    assert!(running(), "the program goes on");
    place.out(&["cancel", "1"]);
    assert_eq!(place.says(&["run", "--after", "notok:1", "--", "true"]).status.code(), Some(0));
    // It may be a zombie until the first process takes note; a zombie runs nothing.
    let stat = std::fs::read_to_string(format!("/proc/{program}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    assert!(place.out(&["show", "1"]).contains("cancelled by"));
}

#[test]
fn a_server_whose_socket_was_removed_makes_another() {
    let mut place = Place::new();
    place.serve(&[]);
    place.out(&["submit", "--hold", "--", "true"]);
    std::fs::remove_file(place.path().join("s")).expect("removed");
    until("the socket to return", || place.says(&["queue"]).status.success());
    assert!(place.out(&["queue"]).contains("held"));
}
