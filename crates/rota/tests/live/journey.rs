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
    for (lab, person) in [("vision", "a"), ("language", "b")] {
        place.out(&[
            "submit",
            "--gpus",
            "2",
            "--account",
            lab,
            "--person",
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
fn what_a_job_of_another_store_wrote_is_not_the_output_of_one_with_its_number() {
    let mut first = Place::new();
    first.serve(&[]);
    first.out(&["run", "--", "echo", "of the first"]);
    let mut second = Place::new();
    second.serve(&[]);
    let run = second.rota(&["run", "--", "echo", "of the second"]);
    let output = { run }.env("XDG_STATE_HOME", first.path()).output().expect("rota runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "of the second\n");
}

#[test]
fn output_that_goes_into_no_file_keeps_nobody_who_looks_and_the_exit_code_is_there_all_the_same() {
    let mut place = Place::new();
    place.serve(&[]);
    let pipe = place.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    // Both ends, so that the program may write.
    let mut both = std::fs::File::options();
    let held = both.read(true).write(true).open(&pipe).expect("both ends");
    let ended = place.says(&["run", "--output", "pipe", "--", "sh", "-c", "echo said; exit 3"]);
    assert_eq!(ended.status.code(), Some(3), "{}", error_of(&ended));
    let said = error_of(&place.says(&["logs", "1"]));
    assert!(said.contains("no file that can be read again"), "{said}");
    let folder = place.says(&["submit", "--output", ".", "--", "true"]);
    assert!(error_of(&folder).contains("is a folder"), "{}", error_of(&folder));
    drop(held);
}

#[test]
fn held_tasks_of_an_array_are_one_line() {
    let mut place = Place::new();
    place.serve(&[]);
    place.out(&["submit", "--hold", "--array", "0-5", "--", "true"]);
    let (queue, all) = (place.out(&["queue"]), place.out(&["queue", "--expand"]));
    assert!(queue.contains("1_0 +5") && !queue.contains("1_1"), "{queue}");
    assert!(all.contains("1_5"), "{all}");
}

#[test]
fn what_a_change_cannot_do_is_refused() {
    let mut place = Place::new();
    place.serve(&[]);
    place.out(&["submit", "--hold", "--", "true"]);
    for options in [&["--retries", "3"][..], &["--output", "x"], &["--sweep", "a=1,2"], &[]] {
        let refused = place.says(&[&["change", "1"], options].concat());
        assert_eq!(refused.status.code(), Some(2), "{options:?}");
        let said = error_of(&refused);
        assert!(said.contains(options.first().unwrap_or(&"nothing to change")), "{said}");
    }
    assert!(!place.out(&["show", "1"]).contains("changed"), "nothing was");
    place.out(&["cancel", "1"]);
    let logs = error_of(&place.says(&["logs", "1"]));
    assert!(logs.contains("never ran") && logs.contains("cancelled"), "{logs}");
    let twice = place.says(&["submit", "--sweep", "a=1 a=2", "--", "true"]);
    assert!(error_of(&twice).contains("'a' twice"), "{}", error_of(&twice));
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

#[test]
fn what_runs_is_the_code_at_submit_and_its_output_stays_beside_it() {
    let mut place = Place::new();
    place.serve(&[]);
    let work = place.path().join("code");
    std::fs::create_dir(&work).expect("a folder");
    std::fs::write(work.join("이 프로그램.sh"), "echo at submit").expect("a file");
    let git = |words: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(&work).args(words).output().expect("git runs")
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    let script = [
        "submit",
        "--snapshot",
        "--hold",
        "--chdir",
        "code",
        "--output",
        "logs/%j",
        "--",
        "sh",
        "이 프로그램.sh",
    ];
    place.out(&script);
    std::fs::write(work.join("이 프로그램.sh"), "echo edited later").expect("a file");
    place.out(&["release", "1"]);
    assert!(place.says(&["run", "--after", "ok:1", "--", "true"]).status.success());
    assert_eq!(std::fs::read_to_string(work.join("logs/1")).expect("a log"), "at submit\n");
}

#[test]
fn a_sweep_fills_in_its_own_names_only() {
    let mut place = Place::new();
    place.serve(&[]);
    let words =
        ["--output", "s-%a", "--", "echo", "--lr={lr}", "{\"a\": \"$HOME `id`\"}", "{seed}"];
    place.out(&[&["submit", "--sweep", "lr=1e-3,1e-4 seed=1-2"][..], &words].concat());
    assert!(place.says(&["run", "--after", "ok:1", "--", "true"]).status.success());
    let said =
        |n: u32| std::fs::read_to_string(place.path().join(format!("s-{n}"))).expect("a log");
    assert_eq!(said(0), "--lr=1e-3 {\"a\": \"$HOME `id`\"} 1\n");
    assert_eq!(said(3), "--lr=1e-4 {\"a\": \"$HOME `id`\"} 2\n");
}

#[test]
fn a_script_is_warned_before_its_walltime_and_ended_at_it() {
    let mut place = Place::new();
    place.serve(&[]);
    let script = "#!/bin/sh\n#SBATCH -t 00:00:02 --signal=B:USR1@1\ntrap 'echo warned' USR1\nwhile :; do sleep 0.05; done\n";
    std::fs::write(place.path().join("job.sh"), script).expect("a script");
    place.out(&["submit", "--output", "log", "job.sh"]);
    assert_eq!(place.says(&["attach", "1"]).status.code(), Some(124));
    let log = std::fs::read_to_string(place.path().join("log")).expect("a log");
    assert_eq!(log.matches("warned\n").count(), 1, "{log}");
}

#[test]
fn a_process_started_by_hand_is_brought_in_and_its_gpus_are_taken() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*2"]);
    let mut program = std::process::Command::new("sleep").arg("1000").spawn().expect("a process");
    let pid = program.id().to_string();
    place.out(&["adopt", &pid, "--gpus", "1"]);
    assert!(place.out(&["gpus"]).contains(". 1"), "{}", place.out(&["gpus"]));
    let taken = error_of(&place.says(&["adopt", &pid, "--gpus", "1"]));
    assert!(taken.contains("held by job 1"), "{taken}");
    for looks in ["logs", "attach"] {
        let said = error_of(&place.says(&[looks, "1"]));
        assert!(said.contains("started without Rota"), "{said}");
    }
    place.out(&["cancel", "1"]);
    assert!(!program.wait().expect("it ends").success());
    assert!(place.says(&["run", "--after", "any:1", "--", "true"]).status.success());
}
