//! The whole journey on the real program: real processes, a real store, a real socket.

use crate::place::{Place, error_of};

#[test]
fn run_returns_output_and_exit_code_of_the_command() {
    let mut place = Place::new();
    place.serve(&[]);
    let output = place.says(&["run", "--", "sh", "-c", "echo to out; echo to err >&2; exit 7"]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "to out\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "to err\n");
    let output = place.says(&["run", "--", "sh", "-c", "kill -9 $$"]);
    assert_eq!(output.status.code(), Some(128 + 9));
}

#[test]
fn every_job_ends_once_though_the_server_is_killed_again_and_again() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*4", "--turn", "1s"]);
    let count = place.path().join("count").display().to_string();
    let work = format!(
        "echo b$ROTA_TASK_ID >> {count}; i=0; while [ $i -lt 4 ]; do i=$((i+1)); sleep 0.2; done; echo e$ROTA_TASK_ID >> {count}; exit $((ROTA_TASK_ID % 2))"
    );
    for person in ["vision/a", "language/b"] {
        place.out(&[
            "submit",
            "--gpus",
            "2",
            "--account",
            person,
            "--array",
            "0-9",
            "--output",
            "log-%A-%a",
            "--",
            "sh",
            "-c",
            &work,
        ]);
    }
    for _ in 0..5 {
        place.out(&["submit", "--", "true"]);
        place.kill();
        place.serve(&["--simulate", "h100*4", "--turn", "1s"]);
    }
    // Waits for both arrays, by a job that depends on them.
    assert_eq!(place.says(&["run", "--after", "any:1,any:2", "--", "true"]).status.code(), Some(0));
    let text = std::fs::read_to_string(&count).expect("the count");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let mut wanted: Vec<String> =
        (0..10).flat_map(|n| [format!("b{n}"), format!("e{n}")]).collect();
    wanted.extend(wanted.clone());
    wanted.sort_unstable();
    assert_eq!(lines, wanted);
    let queue = place.out(&["queue", "--all", "--json"]);
    let count = |state: &str| queue.matches(&format!("\"state\": \"{state}\"")).count();
    assert_eq!((count("completed"), count("failed")), (10 + 5 + 1, 10));
}

#[test]
fn bad_requests_are_refused_with_what_to_do_and_nothing_is_queued() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*8,a100*4"]);
    let cases: [(&[&str], &str); 9] = [
        (&["submit", "--gpus", "9", "--", "true"], "at most 8"),
        (&["submit", "--gpu", "V9000", "--", "true"], "models here: A100, H100"),
        (&["submit", "--time", "0", "--", "true"], "above zero"),
        (&["submit", "--time", "-4h", "--", "true"], "above zero"),
        (&["submit", "--after", "ok:99", "--", "true"], "never submitted"),
        (&["submit", "--name", "two\nlines", "--", "true"], "control characters"),
        (&["submit", "--chdir", "nowhere", "--", "true"], "does not exist"),
        (&["submit", "--array", "5-1", "--", "true"], "--array"),
        (&["submit"], "nothing to submit"),
    ];
    for (arguments, wanted) in cases {
        let output = place.says(arguments);
        let said = error_of(&output);
        assert!(!output.status.success() && said.contains(wanted), "{arguments:?}: {said}");
        let korean = error_of(&place.says(&[&["--lang", "ko"], arguments].concat()));
        let hangul = korean.chars().any(|c| ('가'..='힣').contains(&c));
        assert!(hangul, "{arguments:?}: {korean}");
    }
    assert!(place.out(&["queue", "--all"]).contains("nothing is queued"));
}

#[test]
fn a_megabyte_of_environment_reaches_the_program() {
    let mut place = Place::new();
    place.serve(&[]);
    let mut command = place.rota(&["run", "--", "sh", "-c", "printf %s \"$BIG9\" | wc -c"]);
    for n in 0..10 {
        command.env(format!("BIG{n}"), "x".repeat(100_000));
    }
    let output = command.output().expect("rota runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "100000");
}

#[test]
fn a_job_can_be_held_changed_released_and_cancelled() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    place.out(&["submit", "--hold", "--gpus", "1", "--name", "한글 '이름'", "--", "sleep", "1000"]);
    assert!(place.out(&["why", "1"]).contains("held"));
    place.out(&["change", "1", "--time", "2h"]);
    place.out(&["release", "1"]);
    let shown = place.out(&["show", "1"]);
    assert!(shown.contains("한글 '이름'") && shown.contains("2h"), "{shown}");
    assert!(place.out(&["gpus"]).contains("SIMULATED"));
    place.out(&["cancel", "1"]);
    let after = place.says(&["run", "--after", "any:1", "--", "true"]);
    assert_eq!(after.status.code(), Some(0), "{}", String::from_utf8_lossy(&after.stderr));
    let again = place.says(&["cancel", "1"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("ended already"));
}
