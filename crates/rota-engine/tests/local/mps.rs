//! Parts of a GPU that NVIDIA's MPS limits, with real processes and a stand-in for its control program.

use super::bench::{Bench, exited, kill, stat};
use super::gpus::{bench, go, gpus, job};
use rota_core::id::JobId;
use rota_core::units::Mib;
use rota_engine::gpu::Card;
use rota_engine::local::Start;

const GPU: &str = "GPU-00000000-0000-0000-0000-000000000000";

/// A job with a part of the GPU, which says what it was told of MPS and waits for a line in its gate.
fn part(b: &Bench, number: u64, mib: u64) -> Start {
    b.fifo(&format!("gate{number}"));
    let text = format!("env | grep CUDA_MPS | sort > told{number}; read x < gate{number}; exit 5");
    let gpus = vec![Card { uuid: Some(GPU.into()), ..Card::simulated(0) }];
    let (gpu_mem, mps) = (Some(Mib(mib)), Some(b.path("mps/1000-gpu")));
    Start { gpus, gpu_mem, mps, ..job(b, &text) }
}

/// What the control program was asked.
fn asked(b: &Bench) -> Vec<String> {
    let all = std::fs::read_to_string(gpus(b).path().join("mps")).unwrap_or_default();
    all.lines().map(str::to_owned).collect()
}

fn begin() -> String {
    format!("begin {} {GPU}", nix::unistd::geteuid())
}

fn is_limited(b: &Bench, number: u64) -> bool {
    b.engine().mps_of(JobId::single(number), 1).is_some()
}

#[test]
fn the_first_job_of_a_person_on_a_gpu_begins_their_daemon_and_the_last_ends_it() {
    let b = bench();
    for number in [1, 2] {
        b.start(number, part(&b, number, 500 * number));
        b.running(number);
        assert!(is_limited(&b, number));
    }
    go(&b, 1);
    assert_eq!(b.end(1), exited(5));
    assert_eq!(asked(&b), [begin()], "the other goes on");
    go(&b, 2);
    assert_eq!(b.end(2), exited(5));
    assert_eq!(asked(&b), [begin(), "quit".into()]);
    assert!(!b.path("mps/1000-gpu").exists() && !is_limited(&b, 2));
    let told = std::fs::read_to_string(b.path("told2")).expect("it wrote");
    let folder = b.path("mps/1000-gpu").display().to_string();
    let wanted = format!(
        "CUDA_MPS_LOG_DIRECTORY={folder}\nCUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0=1000M\nCUDA_MPS_PIPE_DIRECTORY={folder}\n"
    );
    assert_eq!(told, wanted);
}

#[test]
fn a_daemon_outlives_the_server_and_a_killed_supervisor_and_ends_with_the_job() {
    let mut b = bench();
    b.start(1, part(&b, 1, 500));
    b.running(1);
    let daemon = std::fs::read_to_string(b.path("mps/1000-gpu/daemon")).expect("it was begun");
    let daemon: u32 = daemon.trim().parse().expect("a pid");
    let program = b.engine().pid_of(JobId::single(1), 1).expect("it lives");
    kill(stat(program, 1).expect("it has a parent").parse().expect("a pid"));
    b.reopen();
    b.engine().observe().expect("the records are read");
    assert!(is_limited(&b, 1) && stat(daemon, 0).is_some());
    go(&b, 1);
    b.end(1);
    assert_eq!(asked(&b), [begin(), "quit".into()]);
}

#[test]
fn without_the_control_program_a_job_runs_and_nothing_limits_it() {
    let b = bench();
    std::fs::remove_file(gpus(&b).mps_control()).expect("it was there");
    b.start(1, part(&b, 1, 500));
    b.running(1);
    assert!(!is_limited(&b, 1));
    go(&b, 1);
    assert_eq!(b.end(1), exited(5));
    assert_eq!(std::fs::read_to_string(b.path("told1")).expect("it wrote"), "");
}

#[test]
fn a_folder_that_is_not_the_persons_is_not_used() {
    let b = bench();
    let start = part(&b, 1, 500);
    std::fs::create_dir(b.path("mps")).expect("a folder");
    std::os::unix::fs::symlink(b.path("elsewhere"), b.path("mps/1000-gpu")).expect("a link");
    b.start(1, start);
    b.running(1);
    assert!(!is_limited(&b, 1) && asked(&b).is_empty());
    go(&b, 1);
    assert_eq!(b.end(1), exited(5));
}
