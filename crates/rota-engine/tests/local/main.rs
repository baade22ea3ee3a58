//! What a person's job may rely on, one sentence each, with real processes.

mod bench;
mod confined;
mod faults;
mod gpus;
mod mps;

use bench::{Bench, exited, kill, lives, signaled, start, stat};
use rota_core::id::JobId;
use rota_core::job::Stop;
use rota_core::launch::{Launch, User};
use rota_core::observation::Seen;
use rota_core::units::Span;
use rota_engine::local::What;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;

#[test]
fn exit_codes_and_signals_are_kept() {
    let b = Bench::new();
    b.start(1, b.shell("exit 7"));
    assert_eq!(b.end(1), exited(7));
    b.start(2, b.shell("kill -9 $$"));
    assert_eq!(b.end(2), signaled(9));
    b.start(3, b.shell("kill -40 $$"));
    assert_eq!(b.end(3), signaled(40));
}

#[test]
fn a_second_start_of_the_same_run_does_nothing_and_is_answered() {
    let b = Bench::new();
    b.start(1, b.shell("echo once"));
    assert_eq!(b.end(1), exited(0));
    b.start(1, b.shell("echo twice"));
    assert_eq!(b.end(1), exited(0));
    assert_eq!(b.output(), "once\n");
}

#[test]
fn suspend_stops_the_whole_tree_and_resume_continues_it() {
    let b = Bench::new();
    let gate = b.fifo("gate");
    b.start(1, b.shell("(read x < gate; exit 5) & wait $!"));
    b.running(1);
    b.stop(1, 1, Stop::Suspend, Span::ZERO);
    assert_eq!(b.wait(1, |s| s.seen == Seen::Suspended).turn, 1);
    let mut open =
        std::fs::File::options().read(true).write(true).open(gate).expect("the fifo opens");
    open.write_all(b"go\n").expect("the fifo takes it");
    b.stop(1, 1, Stop::Suspend, Span::ZERO);
    assert_eq!(b.wait(1, |_| true).seen, Seen::Suspended);
    b.deed(1, 2, What::Resume);
    let next = b.wait(1, |s| s.seen != Seen::Suspended);
    assert_eq!(next.turn, 2);
    // It may end before anybody looked at it running.
    let end = if next.seen == Seen::Running { b.end(1) } else { next.seen };
    assert_eq!(end, exited(5));
}

#[test]
fn a_late_suspend_of_an_earlier_turn_is_ignored() {
    let b = Bench::new();
    b.start(1, b.shell("sleep 1000"));
    b.running(1);
    b.stop(1, 1, Stop::Suspend, Span::ZERO);
    b.wait(1, |s| s.seen == Seen::Suspended);
    b.deed(1, 2, What::Resume);
    b.running(1);
    b.stop(1, 1, Stop::Suspend, Span::ZERO);
    assert_eq!(b.wait(1, |_| true).seen, Seen::Running);
    b.stop(1, 2, Stop::Cancel, Span::ZERO);
    b.end(1);
}

#[test]
fn stop_sends_term_and_after_the_grace_kill_even_to_what_left_the_session() {
    let b = Bench::new();
    let ready = b.fifo("ready");
    let deaf = "trap '' TERM; setsid sh -c 'trap \"\" TERM; echo $$ > ready; while :; do sleep 1000; done' & while :; do wait; done";
    b.start(1, b.shell(deaf));
    let mut line = String::new();
    let file = std::fs::File::open(ready).expect("the fifo opens");
    BufReader::new(file).read_line(&mut line).expect("the grandchild writes");
    b.stop(1, 1, Stop::Cancel, Span(200));
    assert_eq!(b.end(1), signaled(9));
    assert!(!lives(line.trim().parse().expect("a pid")));
}

#[test]
fn a_suspended_job_can_end_well_when_it_is_cancelled() {
    let b = Bench::new();
    let ready = b.fifo("ready");
    b.start(
        1,
        b.shell("trap 'exit 3' TERM; echo x > ready; while :; do sleep 1000 & wait $!; done"),
    );
    std::fs::read(ready).expect("the job says it is ready");
    b.running(1);
    b.stop(1, 1, Stop::Suspend, Span::ZERO);
    b.wait(1, |s| s.seen == Seen::Suspended);
    b.stop(1, 1, Stop::Cancel, Span::seconds(50));
    assert_eq!(b.end(1), exited(3));
}

#[test]
fn children_that_a_program_leaves_behind_are_ended_before_its_end_is_told() {
    let b = Bench::new();
    b.start(1, b.shell("setsid sleep 1000 & echo $!; exit 4"));
    assert_eq!(b.end(1), exited(4));
    assert!(!lives(b.output().trim().parse().expect("a pid")));
}

#[test]
fn a_signal_reaches_the_program() {
    let b = Bench::new();
    let ready = b.fifo("ready");
    b.start(
        1,
        b.shell("trap 'exit 9' USR1; echo x > ready; while :; do sleep 1000 & wait $!; done"),
    );
    std::fs::read(ready).expect("the job says it is ready");
    b.running(1);
    b.deed(1, 1, What::Signal { signal: 10 });
    assert_eq!(b.end(1), exited(9));
}

#[test]
fn a_stop_of_what_never_ran_is_answered() {
    let b = Bench::new();
    b.stop(1, 1, Stop::Cancel, Span::ZERO);
    assert!(matches!(b.end(1), Seen::Gone { .. }));
}

#[test]
fn a_stop_right_behind_the_start_is_not_lost() {
    let b = Bench::new();
    b.start(1, b.shell("sleep 1000"));
    b.stop(1, 1, Stop::Cancel, Span::ZERO);
    assert!(matches!(b.end(1), Seen::Exited { signal: Some(9 | 15), .. }));
}

#[test]
fn when_a_supervisor_is_killed_the_job_goes_on_and_obeys_and_its_end_is_told() {
    let b = Bench::new();
    b.start(1, b.shell("sleep 1000"));
    b.running(1);
    let program = b.engine().pid_of(JobId::single(1), 1).expect("it has a program");
    kill(stat(program, 1).and_then(|p| p.parse().ok()).expect("it has a parent"));
    b.running(1);
    b.stop(1, 1, Stop::Suspend, Span::ZERO);
    b.wait(1, |s| s.seen == Seen::Suspended);
    assert!(lives(program));
    b.stop(1, 1, Stop::Cancel, Span::ZERO);
    assert!(matches!(b.end(1), Seen::Gone { .. }));
    assert!(!lives(program));
}

#[test]
fn what_cannot_start_says_why_and_what_to_do() {
    let b = Bench::new();
    let why = |job: u64, change: &dyn Fn(&mut Launch)| {
        let mut start = b.shell("true");
        let mut launch = (*start.launch).clone();
        change(&mut launch);
        start.launch = launch.into();
        b.start(job, start);
        match b.end(job) {
            Seen::NotStarted { why } => why,
            other => panic!("{other:?}"),
        }
    };
    let cwd = why(1, &|l| l.cwd = "/vanished/place".into());
    assert!(
        cwd.contains("working directory /vanished/place") && cwd.contains("submit from another"),
        "{cwd}"
    );
    let missing = why(2, &|l| l.argv = vec!["no-such-program".into()]);
    assert!(missing.contains("'no-such-program' not found in PATH"), "{missing}");
    let denied = why(3, &|l| l.argv = vec!["/etc/passwd".into()]);
    assert!(denied.contains("permission denied"), "{denied}");
    let output = why(4, &|l| l.stdout = "/dev/null/folder/out".into());
    assert!(output.contains("/dev/null/folder/out cannot be written"), "{output}");
}

#[test]
fn an_environment_of_a_megabyte_arrives_whole() {
    let b = Bench::new();
    let mut start = b.shell("env | wc -c");
    let mut launch = (*start.launch).clone();
    launch.env.extend((0..100).map(|n| (format!("BIG{n}"), "x".repeat(10_000))));
    start.launch = launch.into();
    b.start(1, start);
    assert_eq!(b.end(1), exited(0));
    assert!(b.output().trim().parse::<u64>().expect("a number") > 1_000_000);
}

#[test]
fn a_job_knows_its_number_its_gpus_and_its_node() {
    let b = Bench::new();
    b.start(1, b.shell("echo $ROTA_JOB_ID $CUDA_VISIBLE_DEVICES $ROTA_NODE $OMP_NUM_THREADS $ROTA_RESTART $ROTA_TURN $ROTA_SIMULATED_GPUS"));
    assert_eq!(b.end(1), exited(0));
    assert_eq!(b.output(), "1 0,2 h1 4 0 1 1\n");
}

#[test]
fn a_script_runs_with_its_interpreter_and_arguments() {
    let b = Bench::new();
    for (job, text) in [(1, "#!/bin/sh -e\necho \"$1-$2\"\n"), (2, "echo \"$1-$2\"\n")] {
        let mut start = b.shell("");
        let mut launch = (*start.launch).clone();
        launch.script = Some(text.into());
        launch.argv = ["train.sh", "a b", "c"].map(String::from).to_vec();
        start.launch = launch.into();
        b.start(job, start);
        assert_eq!(b.end(job), exited(0));
    }
    assert_eq!(b.output(), "a b-c\na b-c\n");
}

#[test]
fn after_the_server_was_restarted_running_and_ended_jobs_are_found() {
    let mut b = Bench::new();
    b.start(1, b.shell("sleep 1000"));
    b.start(2, b.shell("exit 6"));
    assert_eq!(b.end(2), exited(6));
    b.start(3, b.shell("sleep 0.01; exit 8"));
    b.reopen();
    let seen = b.engine().observe().expect("the records can be read");
    assert!(seen.complete);
    let of = |job| seen.jobs.iter().find(|s| s.job == JobId::single(job)).map(|s| s.seen.clone());
    assert_eq!((of(1), of(2)), (Some(Seen::Running), Some(exited(6))));
    if of(3) == Some(Seen::Running) {
        assert_eq!(b.end(3), exited(8));
    }
    b.stop(1, 1, Stop::Cancel, Span::ZERO);
    b.end(1);
    b.engine().forget(JobId::single(1), 1);
    let seen = b.engine().observe().expect("the records can be read");
    assert!(!seen.jobs.iter().any(|s| s.job == JobId::single(1)));
}

#[test]
fn a_job_becomes_its_user_and_its_files_are_theirs() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let b = Bench::new();
    std::fs::set_permissions(b.folder.path(), PermissionsExt::from_mode(0o777))
        .expect("it is ours");
    let user = User {
        name: "nobody".into(),
        uid: 65534,
        gid: 65534,
        groups: vec![65534],
        home: "/".into(),
        ..User::default()
    };
    let text = b.shell("id -u; id -g; id -G; echo $USER");
    let script = Some("id -u\n".to_string());
    for (job, script) in [(1, None), (2, script)] {
        let launch = Launch { user: user.clone(), script, ..(*text.launch).clone() };
        let mut become_nobody = start(launch);
        become_nobody.switch_user = true;
        b.start(job, become_nobody);
        assert_eq!(b.end(job), exited(0));
    }
    assert_eq!(b.output(), "65534\n65534\n65534\nnobody\n65534\n");
    let owner =
        std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(b.path("out")).expect("it exists"));
    assert_eq!(owner, 65534);
}

#[test]
fn output_files_are_named_after_job_and_person_in_any_script() {
    let b = Bench::new();
    let mut start = b.shell("echo out; echo err >&2");
    let launch = Launch {
        stdout: "%x-%j 100%%.log".into(),
        stderr: Some("%u.err".into()),
        ..(*start.launch).clone()
    };
    start.launch = launch.into();
    start.name = "학습 1/2".into();
    b.start(1, start);
    assert_eq!(b.end(1), exited(0));
    assert_eq!(
        std::fs::read_to_string(b.path("학습 1_2-1 100%.log")).expect("it was written"),
        "out\n"
    );
    assert_eq!(std::fs::read_to_string(b.path("mina.err")).expect("it was written"), "err\n");
}

#[test]
fn when_the_spawner_is_killed_another_takes_its_place() {
    let b = Bench::new();
    b.start(1, b.shell("sleep 1000"));
    b.running(1);
    let me = std::process::id();
    let children =
        std::fs::read_dir(format!("/proc/{me}/task")).expect("we have threads").flatten();
    let lists = children.filter_map(|t| std::fs::read_to_string(t.path().join("children")).ok());
    let all: Vec<u32> = lists
        .flat_map(|l| l.split_whitespace().filter_map(|p| p.parse().ok()).collect::<Vec<_>>())
        .collect();
    for pid in all.into_iter().filter(|p| is_spawner_of(*p, &b)) {
        kill(pid);
    }
    for job in 2..20 {
        b.start(job, b.shell("exit 2"));
    }
    for job in 2..20 {
        let seen = b.engine().observe().expect("the records can be read");
        let of = seen.jobs.iter().find(|s| s.job == JobId::single(job)).map(|s| s.seen.clone());
        assert!(matches!(of, Some(Seen::Running | Seen::Exited { .. })), "{of:?}");
    }
    b.stop(1, 1, Stop::Cancel, Span::ZERO);
    assert!(matches!(b.wait(1, |s| s.seen != Seen::Running).seen, Seen::Exited { .. }));
}

fn is_spawner_of(pid: u32, b: &Bench) -> bool {
    let runs = b.path("runs").canonicalize().expect("it exists");
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == runs)
}

#[test]
fn an_adopted_process_is_watched_to_its_end() {
    let b = Bench::new();
    let mut child = std::process::Command::new("sleep").arg("1000").spawn().expect("sleep exists");
    b.deed(1, 1, What::Adopt { pid: child.id() });
    b.running(1);
    assert_eq!(b.engine().pid_of(JobId::single(1), 1), Some(child.id()));
    b.stop(1, 1, Stop::Suspend, Span::ZERO);
    b.wait(1, |s| s.seen == Seen::Suspended);
    b.stop(1, 1, Stop::Cancel, Span::seconds(50));
    assert_eq!(b.end(1), Seen::Exited { code: None, signal: None });
    child.wait().expect("it is ours");
}
