//! Turns on GPUs with a driver: two programs that do not fit together share one, and neither loses a step.

use super::people::{DAEMON, GAMES, as_user};
use super::place::{Place, error_of, fits, until};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

/// A small GPU: what is suspended must fit into the memory of the machine that tests.
const GPU: (&str, u64) = ("NVIDIA H100 80GB HBM3", 2000);

/// Uses most of the GPU and writes a line for each of its steps.
fn trains(place: &Place, steps: u32, name: &str) -> String {
    let gpus = place.gpus().path().display();
    format!(
        "echo 0 1500 0 > {gpus}/procs/$$; n=0; while [ $n -lt {steps} ]; do n=$((n+1)); echo $n >> {name}; \
         sleep 0.05; done; rm {gpus}/procs/$$"
    )
}

/// A server for everyone on a machine with one GPU; none without root.
fn machine() -> Option<Place> {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: a server for everyone needs root");
        return None;
    }
    let place = Place::with_gpus(&[GPU]);
    for folder in [place.path(), place.gpus().path(), &place.gpus().path().join("procs")] {
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(folder, open).expect("opened");
    }
    Some(place)
}

/// Submits as somebody who is in a lab of their own.
fn submit(place: &Place, uid: u32, program: &str) -> Output {
    let options = ["submit", "--gpus", "1", "--time", "1h", "--turns", "suspend"];
    let words = [&options[..], &["--", "sh", "-c", program]].concat();
    as_user(place, uid, &words).output().expect("rota runs")
}

fn is_over(place: &Place, job: &str) -> bool {
    place.out(&["show", job, "--json"]).contains("\"state\": \"completed\"")
}

#[test]
fn two_labs_take_turns_on_one_gpu_and_lose_no_step() {
    let Some(mut place) = machine() else { return };
    place.serve(&["--system", "--turn", "1s"]);
    for (uid, name) in [(DAEMON, "a"), (GAMES, "b")] {
        let output = submit(&place, uid, &trains(&place, 40, name));
        assert!(output.status.success(), "{}", error_of(&output));
    }
    until("both to end", || is_over(&place, "1") && is_over(&place, "2"));
    let wanted: String = (1..=40).map(|n| format!("{n}\n")).collect();
    for name in ["a", "b"] {
        assert_eq!(std::fs::read_to_string(place.path().join(name)).expect("it wrote"), wanted);
    }
    let history = place.out(&["show", "1"]);
    assert!(history.contains("suspended"), "{history}");
    let calls = std::fs::read_to_string(place.gpus().path().join("calls")).expect("it was called");
    assert!(calls.lines().any(|line| line.starts_with("restore ")));
    assert!(
        calls.lines().all(|line| !line.ends_with(" 2")),
        "no restore ran out of memory: {calls}"
    );
}

#[test]
fn a_server_killed_while_it_suspends_finds_the_job_suspended() {
    let Some(mut place) = machine() else { return };
    // The copy takes a second.
    std::fs::write(place.gpus().path().join("speed"), "1").expect("it can be written");
    place.serve(&["--system", "--turn", "1s"]);
    submit(&place, DAEMON, &trains(&place, 100_000, "a"));
    until("the first to run", || place.path().join("a").exists());
    submit(&place, GAMES, &trains(&place, 3, "b"));
    let called = || std::fs::read_to_string(place.gpus().path().join("calls")).unwrap_or_default();
    until("the lock", || called().contains("lock "));
    place.kill();
    place.serve(&["--system", "--turn", "1s"]);
    until("the second to end", || is_over(&place, "2"));
    let history = place.out(&["show", "1"]);
    assert!(history.contains("suspended") && !history.contains("lost"), "{history}");
    assert!(place.says(&["cancel", "1"]).status.success());
}

#[test]
fn an_old_driver_is_named_at_submit() {
    let Some(mut place) = machine() else { return };
    std::fs::write(place.gpus().path().join("driver"), "535.104.05").expect("it can be written");
    place.serve(&["--system"]);
    let output = submit(&place, DAEMON, "true");
    assert_eq!(output.status.code(), Some(2));
    assert!(error_of(&output).contains("driver 535.104.05 cannot suspend programs"));
}

#[test]
fn show_says_whether_a_job_can_be_suspended_and_why_not() {
    let Some(mut place) = machine() else { return };
    place.gpus().set_faults("checkpoint 801\n").expect("faults can be set");
    place.serve(&["--system", "--turn", "1s"]);
    submit(&place, DAEMON, &trains(&place, 100_000, "a"));
    until("the first to run", || place.path().join("a").exists());
    assert!(place.out(&["show", "1"]).contains("not tried yet"));
    submit(&place, GAMES, &trains(&place, 3, "b"));
    until("the refusal", || {
        place.out(&["show", "1"]).contains("no: the driver said: not supported")
    });
    let mut korean: Command = place.rota(&["show", "1"]);
    let korean = korean.env("LANG", "ko_KR.UTF-8").output().expect("rota runs");
    assert!(String::from_utf8_lossy(&korean.stdout).contains("일시 중단   불가:"));
    assert!(place.says(&["cancel", "1"]).status.success());
}

#[test]
fn a_call_into_the_driver_that_never_comes_back_drains_the_gpu_until_an_admin_resumes_it() {
    let Some(mut place) = machine() else { return };
    place.set("ROTA_GPU_PATIENCE_MS", "300");
    place.gpu_file("faults", "checkpoint hang\n");
    place.serve(&["--system", "--turn", "1s"]);
    submit(&place, DAEMON, &trains(&place, 100_000, "a"));
    until("the first to run", || place.path().join("a").exists());
    submit(&place, GAMES, &trains(&place, 3, "b"));
    until("the drain", || place.out(&["gpus"]).contains("a call into its driver for job 1"));
    let korean = place.out(&["--lang", "ko", "gpus"]);
    fits(&korean);
    assert!(korean.contains("작업 1 때문에 부른 드라이버가"), "{korean}");
    let why = place.out(&["why", "2"]);
    assert!(why.contains("is drained: a call into its driver for job 1"), "{why}");
    assert!(place.out(&["show", "1"]).contains("running"), "it goes on");
    // Lets go of the call that hangs.
    place.gpu_file("faults", "");
    place.out(&["cancel", "1"]);
    until("its end", || place.out(&["show", "1", "--json"]).contains("\"state\": \"cancelled\""));
    assert!(!is_over(&place, "2"), "the GPU stays drained");
    let node: serde_json::Value =
        serde_json::from_str(&place.out(&["gpus", "--json"])).expect("JSON");
    place.out(&["resume", node["nodes"][0]["name"].as_str().expect("a name")]);
    until("the other to end", || is_over(&place, "2"));
}
