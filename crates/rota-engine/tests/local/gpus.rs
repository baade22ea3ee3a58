//! Turns on a GPU lose nothing: what suspend, resume and a failure of either do, with the driver's interfaces, real processes
//! and simulated GPUs.

use super::bench::{Bench, exited, kill};
use fake_gpu::{Folder, Process, State};
use rota_core::job::Stop;
use rota_core::observation::{Seen, Sighting};
use rota_core::units::Span;
use rota_engine::gpu::Card;
use rota_engine::local::{Start, What};
use std::io::Write;

/// A small one: what is suspended must fit into the memory of the machine that tests.
pub const GPU: (&str, u64) = ("NVIDIA T400", 2000);

pub fn bench() -> Bench {
    Bench::with_gpus(&[GPU])
}

pub fn gpus(b: &Bench) -> &Folder {
    b.gpus.as_ref().expect("it has GPUs")
}

/// A job on GPU 0 whose shell runs `text`.
pub fn job(b: &Bench, text: &str) -> Start {
    let mut start = Start { simulated: false, ..b.shell(text) };
    start.gpus = vec![Card::simulated(0)];
    start
}

/// A program that uses so much of GPU 0 and then waits for a line in `gate`.
pub fn uses(b: &Bench, mib: u64, gate: &str) -> Start {
    b.fifo(gate);
    let here = gpus(b).path().display().to_string();
    job(
        b,
        &format!("echo 0 {mib} 0 > {here}/procs/$$; echo ready > ready; read x < {gate}; exit 5"),
    )
}

/// Starts it and returns once it uses the GPU.
pub fn run(b: &Bench, number: u64, mib: u64) -> u32 {
    let ready = b.path("ready");
    if !ready.exists() {
        b.fifo("ready");
    }
    b.start(number, uses(b, mib, &format!("gate{number}")));
    // Opening waits for the program.
    std::fs::read_to_string(&ready).expect("it says that it is ready");
    b.running(number);
    b.engine().pid_of(rota_core::id::JobId::single(number), 1).expect("it lives")
}

pub fn go(b: &Bench, number: u64) {
    // Opening waits until the program is there: what is written before is lost.
    let gate = std::fs::File::options().write(true).open(b.path(&format!("gate{number}")));
    gate.expect("the gate opens").write_all(b"go\n").expect("the gate takes it");
}

pub fn suspend(b: &Bench, number: u64, turn: u32) -> Seen {
    b.stop(number, turn, Stop::Suspend, Span::ZERO);
    let answered = |s: &Sighting| matches!(s.seen, Seen::Suspended | Seen::SuspendFailed { .. });
    b.wait(number, answered).seen
}

pub fn state(b: &Bench, pid: u32) -> State {
    gpus(b).process(pid).expect("it uses the GPU").state
}

pub fn calls(b: &Bench) -> Vec<String> {
    let text = std::fs::read_to_string(gpus(b).path().join("calls")).unwrap_or_default();
    let word = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    text.lines().map(word).filter(|call| call != "state").collect()
}

/// Until the supervisor has written this.
fn until_recorded(b: &Bench, text: &str) {
    let record = b.path("runs/1.1.json");
    while !std::fs::read_to_string(&record).is_ok_and(|written| written.contains(text)) {
        std::thread::yield_now();
    }
}

fn failed(seen: &Seen) -> (&str, bool) {
    match seen {
        Seen::SuspendFailed { why, lasting } => (why, *lasting),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_suspended_job_leaves_the_gpu_to_others_and_goes_on_where_it_was() {
    let b = bench();
    let first = run(&b, 1, 1500);
    assert_eq!(suspend(&b, 1, 1), Seen::Suspended);
    assert_eq!(state(&b, first), State::Checkpointed);
    assert_eq!(gpus(&b).free(0), GPU.1);
    let second = run(&b, 2, 1700);
    assert_eq!(suspend(&b, 2, 1), Seen::Suspended);
    b.deed(1, 2, What::Resume);
    b.running(1);
    assert_eq!((state(&b, first), state(&b, second)), (State::Running, State::Checkpointed));
    go(&b, 1);
    assert_eq!(b.end(1), exited(5));
    let order = ["lock", "checkpoint", "lock", "checkpoint", "restore", "unlock"];
    assert_eq!(calls(&b), order);
    b.deed(2, 2, What::Resume);
    b.running(2);
    go(&b, 2);
    assert_eq!(b.end(2), exited(5));
}

#[test]
fn a_suspended_program_is_frozen_so_that_it_uses_no_cpu_time_either() {
    let b = bench();
    let pid = run(&b, 1, 1000);
    assert_eq!(suspend(&b, 1, 1), Seen::Suspended);
    assert!(fake_gpu::is_still(pid));
    b.deed(1, 2, What::Resume);
    b.running(1);
    assert!(!fake_gpu::is_still(pid));
    go(&b, 1);
    b.end(1);
}

#[test]
fn the_process_that_uses_the_gpu_is_found_below_shells() {
    let b = bench();
    let gate = b.fifo("gate");
    let here = gpus(&b).path().display().to_string();
    let worker = format!("echo 0 500 0 > {here}/procs/$$; echo $$ > ready; read x < gate; exit 3");
    std::fs::write(b.path("worker"), worker).expect("it can be written");
    let tree = "sh -c 'setsid sh worker & wait $!; exit $?'; exit $?";
    b.fifo("ready");
    b.start(1, job(&b, tree));
    let pid = std::fs::read_to_string(b.path("ready")).expect("the worker says who it is");
    let pid: u32 = pid.trim().parse().expect("a pid");
    b.running(1);
    assert_eq!(suspend(&b, 1, 1), Seen::Suspended);
    assert_eq!(state(&b, pid), State::Checkpointed);
    b.deed(1, 2, What::Resume);
    b.running(1);
    let mut gate =
        std::fs::File::options().read(true).write(true).open(gate).expect("the gate opens");
    gate.write_all(b"go\n").expect("the gate takes it");
    assert_eq!(b.end(1), exited(3));
}

#[test]
fn a_suspend_that_fails_leaves_the_job_running() {
    for (fault, lasting) in [
        ("lock 600 1", false),
        ("checkpoint 999 1", false),
        ("checkpoint 801 1", true),
        ("lock crash 1", false),
        ("checkpoint crash 1", false),
        ("checkpoint hang", true),
    ] {
        let mut b = bench();
        let pid = run(&b, 1, 1000);
        gpus(&b).set_faults(fault).expect("faults can be set");
        b.stop(1, 1, Stop::Suspend, Span::ZERO);
        let left = b.wait(1, |s| matches!(s.seen, Seen::SuspendFailed { .. }));
        assert_eq!(failed(&left.seen).1, lasting, "{fault}: {left:?}");
        let hangs = |b: &Bench| !b.engine().whose().hung().is_empty();
        assert_eq!(hangs(&b), fault.ends_with("hang"), "{fault}");
        b.reopen();
        b.engine().observe().expect("the records are read");
        assert_eq!(hangs(&b), fault.ends_with("hang"), "{fault}, after a restart");
        // Lets go of the call that hangs.
        gpus(&b).set_faults("").expect("faults can be set");
        assert_eq!(state(&b, pid), State::Running, "{fault}");
        assert!(!fake_gpu::is_still(pid), "{fault}");
        go(&b, 1);
        assert_eq!(b.end(1), exited(5), "{fault}");
    }
}

#[test]
fn an_old_driver_is_told_once_and_never_asked() {
    let b = bench();
    std::fs::write(gpus(&b).path().join("driver"), "570.86.10").expect("it can be written");
    run(&b, 1, 1000);
    let seen = suspend(&b, 1, 1);
    assert_eq!(
        failed(&seen),
        ("driver 570.86.10 cannot suspend programs; 575 and later can", true)
    );
    assert!(calls(&b).is_empty());
    go(&b, 1);
    b.end(1);
}

#[test]
fn nothing_is_restored_without_room() {
    let b = bench();
    let pid = run(&b, 1, 1500);
    assert_eq!(suspend(&b, 1, 1), Seen::Suspended);
    let me = std::process::id();
    let outsider = Process { pid: me, gpu: 0, mib: 1000, state: State::Running };
    gpus(&b).set(&outsider).expect("it can be written");
    b.deed(1, 2, What::Resume);
    until_recorded(&b, "MiB are free; held by process");
    assert_eq!(state(&b, pid), State::Checkpointed);
    assert!(!calls(&b).contains(&"restore".into()));
    std::fs::remove_file(gpus(&b).path().join(format!("procs/{me}"))).expect("the outsider goes");
    b.running(1);
    assert_eq!(state(&b, pid), State::Running);
    go(&b, 1);
    assert_eq!(b.end(1), exited(5));
}

#[test]
fn a_job_that_waits_for_room_can_be_cancelled() {
    let b = bench();
    run(&b, 1, 1500);
    assert_eq!(suspend(&b, 1, 1), Seen::Suspended);
    let outsider = Process { pid: std::process::id(), gpu: 0, mib: 1000, state: State::Running };
    gpus(&b).set(&outsider).expect("it can be written");
    b.deed(1, 2, What::Resume);
    until_recorded(&b, "MiB are free; held by process");
    b.stop(1, 2, Stop::Cancel, Span::ZERO);
    assert!(matches!(b.end(1), Seen::Exited { signal: Some(_), .. }));
}

#[test]
fn what_the_driver_cannot_bring_back_starts_over() {
    let b = bench();
    run(&b, 1, 1000);
    assert_eq!(suspend(&b, 1, 1), Seen::Suspended);
    gpus(&b).set_faults("restore 2 1").expect("faults can be set");
    b.deed(1, 2, What::Resume);
    let seen = b.wait(1, |s| matches!(s.seen, Seen::Unrestorable { .. }));
    assert_eq!(seen.turn, 2);
}

#[test]
fn a_supervisor_killed_while_it_suspends_leaves_the_job_running() {
    for fault in ["lock hang", "checkpoint hang"] {
        let b = bench();
        let pid = run(&b, 1, 1000);
        gpus(&b).set_faults(fault).expect("faults can be set");
        let supervisor: u32 =
            super::bench::stat(pid, 1).expect("it has a parent").parse().expect("a pid");
        b.stop(1, 1, Stop::Suspend, Span::ZERO);
        until_recorded(&b, "\"suspending\"");
        kill(supervisor);
        gpus(&b).set_faults("").expect("faults can be set");
        let seen = b.wait(1, |s| matches!(s.seen, Seen::SuspendFailed { .. })).seen;
        assert!(!failed(&seen).1);
        assert_eq!(state(&b, pid), State::Running);
        go(&b, 1);
        // Its exit code went to the supervisor that was killed.
        assert!(matches!(b.end(1), Seen::Gone { .. }));
    }
}

#[test]
fn what_does_not_fit_into_the_memory_of_the_machine_is_not_suspended() {
    let b = Bench::with_gpus(&[("NVIDIA of the future", 1 << 40)]);
    run(&b, 1, 1 << 39);
    let seen = suspend(&b, 1, 1);
    assert!(failed(&seen).0.contains("of the machine's memory"), "{seen:?}");
    assert!(!failed(&seen).1);
    go(&b, 1);
    assert_eq!(b.end(1), exited(5));
}
