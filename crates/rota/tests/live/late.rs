//! A server that hangs with its socket open.

use crate::place::{Place, error_of, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};

fn started(place: &Place, words: &[&str]) -> (Child, BufReader<impl Read + use<>>) {
    let mut command = place.rota(words);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let said = BufReader::new(child.stderr.take().expect("a pipe"));
    (child, said)
}

fn line(said: &mut impl BufRead) -> String {
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    line
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a pid"))
}

#[test]
fn whoever_asks_is_told_that_the_server_hangs_and_has_the_answer_when_it_goes_on() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    place.signal(Signal::SIGSTOP);
    let (queue, mut said) = started(&place, &["queue", "--lang", "ko"]);
    assert!(line(&mut said).contains("서버가 몇 초째 응답하지 않습니다"));
    place.signal(Signal::SIGCONT);
    let output = queue.wait_with_output().expect("it ends");
    assert!(output.status.success());
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("대기하거나 실행 중인 작업이 없습니다"),
        "{output:?}"
    );
}

#[test]
fn doctor_does_not_wait_for_a_server_that_hangs_and_says_what_to_do() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    place.signal(Signal::SIGSTOP);
    let said = place.out(&["doctor"]);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let remedy = format!("'kill -9 {}' ends it, 'rota up' starts it again", place.pid());
    assert!(said.contains("does not answer") && said.contains(&remedy), "{said}");
    place.signal(Signal::SIGCONT);
}

#[test]
fn ctrl_c_ends_whoever_waits_for_a_server_that_hangs() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    place.signal(Signal::SIGSTOP);
    for words in [&["queue"][..], &["run", "--", "true"], &["logs", "-f", "1"]] {
        let (mut child, mut said) = started(&place, words);
        assert!(line(&mut said).contains("has not answered for some seconds"), "{words:?}");
        // Also in the moment before it can be heard.
        until("the end", || {
            kill(pid(&child), Signal::SIGINT).expect("a signal");
            child.try_wait().expect("its state").is_some()
        });
        let status = child.wait().expect("gone");
        assert_eq!(status.signal(), Some(2), "{words:?}");
    }
    place.signal(Signal::SIGCONT);
}

#[test]
fn whoever_runs_a_job_sees_its_output_while_the_server_hangs_and_may_leave_it() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    let work = "echo begun; read -r line < go; echo done";
    place.out(&["submit", "--", "mkfifo", "go"]);
    until("the pipe", || place.path().join("go").exists());
    let (mut run, mut said) = started(&place, &["run", "--", "sh", "-c", work]);
    let mut out = BufReader::new(run.stdout.take().expect("a pipe"));
    assert_eq!(line(&mut out), "begun\n");
    place.signal(Signal::SIGSTOP);
    std::fs::write(place.path().join("go"), "on\n").expect("written");
    assert_eq!(line(&mut out), "done\n");
    kill(pid(&run), Signal::SIGTERM).expect("a signal");
    assert!(line(&mut said).contains("job 2 does not need it and goes on"));
    assert!(line(&mut said).contains("Ctrl-Z leaves the job alone"));
    kill(pid(&run), Signal::SIGTSTP).expect("a signal");
    assert!(run.wait().expect("it ends").success());
    place.signal(Signal::SIGCONT);
    until("its end", || place.out(&["show", "2"]).contains("exit code 0"));
    let left = place.says(&["attach", "2"]);
    assert!(left.status.success(), "{}", error_of(&left));
}
