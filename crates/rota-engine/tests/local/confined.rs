//! What a confined job cannot do, with real device files and the kernel's own filter.

use super::bench::{Bench, exited};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use rota_engine::gpu::Card;
use rota_engine::local::Start;

/// NVIDIA's character devices.
const NVIDIA: u64 = 195;

/// Device files of two GPUs in the folder, as the driver makes them in `/dev`; none where this machine cannot.
fn devices(b: &Bench) -> Option<()> {
    let file = |(name, minor)| {
        let mode = Mode::from_bits_truncate(0o666);
        mknod(&b.path(name), SFlag::S_IFCHR, mode, makedev(NVIDIA, minor)).ok()
    };
    file(("nvidia0", 0)).and(file(("nvidia1", 1))).and(file(("nvidiactl", 255)))
}

fn has_cgroups() -> bool {
    std::fs::read_to_string("/proc/self/mountinfo").is_ok_and(|m| m.contains(" - cgroup2 "))
}

fn with_gpus(b: &Bench, minors: &[u32], text: &str) -> Start {
    let card = |minor: &u32| Card { minor: Some(*minor), ..Card::simulated(*minor) };
    Start { simulated: false, gpus: minors.iter().map(card).collect(), ..b.shell(text) }
}

/// What opening each device says, in the words of the shell.
fn opened(b: &Bench, number: u64, minors: &[u32]) -> Vec<bool> {
    let text = "for d in nvidia0 nvidia1 nvidiactl; do (exec 3< $d) 2>&1; done; exit 0";
    b.start(number, with_gpus(b, minors, text));
    assert_eq!(b.end(number), exited(0));
    let output = b.output();
    std::fs::remove_file(b.path("out")).expect("it was written");
    // Without a driver behind them the files cannot be opened either, for another reason.
    output.lines().map(|line| !line.contains("not permitted")).collect()
}

#[test]
fn a_job_cannot_open_a_gpu_it_was_not_given() {
    let b = Bench::new();
    if !nix::unistd::geteuid().is_root() || !has_cgroups() || devices(&b).is_none() {
        eprintln!("skipped: needs root, cgroup v2 and device files");
        return;
    }
    assert_eq!(opened(&b, 1, &[0]), [true, false, true]);
    assert_eq!(opened(&b, 2, &[1]), [false, true, true]);
    assert_eq!(opened(&b, 3, &[0, 1]), [true, true, true]);
    assert_eq!(opened(&b, 4, &[]), [false, false, true]);
}

#[test]
fn a_confined_job_leaves_no_group_behind() {
    let b = Bench::new();
    if !nix::unistd::geteuid().is_root() || !has_cgroups() {
        eprintln!("skipped: needs root and cgroup v2");
        return;
    }
    b.start(1, with_gpus(&b, &[], "grep ^0:: /proc/self/cgroup"));
    assert_eq!(b.end(1), exited(0));
    let group = b.output();
    let group = group.trim().trim_start_matches("0::");
    assert!(group.starts_with("/rota/"), "{group}");
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").expect("it can be read");
    let root = mounts.lines().find(|l| l.contains(" - cgroup2 ")).and_then(|l| l.split(' ').nth(4));
    let path = format!("{}{group}", root.expect("it is mounted"));
    // The supervisor removes it after it has told the end.
    while std::path::Path::new(&path).exists() {
        std::thread::yield_now();
    }
}
