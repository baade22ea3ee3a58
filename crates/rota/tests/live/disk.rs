//! A disk that is full: what was acknowledged stays, what is refused says so, and nothing that ended is forgotten.

use crate::place::{Place, error_of, until};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A file system of two MiB; none without root.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(folder: PathBuf) -> Option<SmallDisk> {
        std::fs::create_dir_all(&folder).expect("a folder");
        let none: Option<&str> = None;
        let made = mount(none, &folder, Some("tmpfs"), MsFlags::empty(), Some("size=2m"));
        match made {
            Ok(()) => Some(SmallDisk(folder)),
            Err(why) => {
                eprintln!("skipped: mounting a small disk needs root: {why}");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = umount2(&self.0, MntFlags::MNT_DETACH);
    }
}

/// Writes until nothing more fits.
fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("filler");
    let mut file = std::fs::File::create(&path).expect("a file");
    while std::io::Write::write_all(&mut file, &[0; 512]).is_ok() {}
    path
}

/// Processor time that the server has used.
fn cpu_time(place: &Place) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", place.pid())).expect("a process");
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let ticks = fields.split_whitespace().skip(11).take(2);
    Duration::from_millis(ticks.map(|t| t.parse::<u64>().expect("ticks") * 10).sum())
}

#[test]
fn a_full_disk_refuses_submits_and_forgets_nothing() {
    let mut place = Place::new();
    let Some(disk) = SmallDisk::at(place.path().join("rota")) else { return };
    place.serve(&[]);
    let gate = place.path().join("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).expect("a gate");
    place.out(&[
        "submit",
        "--output",
        "log",
        "--",
        "sh",
        "-c",
        "echo in; read line < gate; exit 7",
    ]);
    let log = place.path().join("log");
    until("the job to run", || std::fs::read_to_string(&log).is_ok_and(|t| t == "in\n"));
    let filler = fill(&disk.0);
    let mut taken = 0;
    let refused = loop {
        let output = place
            .rota(&["submit", "--hold", "--", "true"])
            .env("BIG", "x".repeat(50_000))
            .output()
            .expect("rota runs");
        if !output.status.success() {
            break error_of(&output);
        }
        taken += 1;
        assert!(taken < 100, "two MiB never fill");
    };
    assert!(refused.contains("free some space"), "{refused}");
    // The job ends while nothing can be written.
    std::fs::write(&gate, "go\n").expect("through the gate");
    let held = || place.out(&["queue", "--json"]).matches("\"held\"").count();
    assert_eq!(held(), taken, "what was acknowledged, and nothing else");
    // A server that tries again without end would use all of a core between two answers.
    let (begun, before) = (Instant::now(), cpu_time(&place));
    for _ in 0..40 {
        place.out(&["queue"]);
    }
    let (wall, used) = (begun.elapsed(), cpu_time(&place) - before);
    assert!(used < wall / 2, "{used:?} of {wall:?}");
    std::fs::remove_file(filler).expect("space");
    let after = place.says(&["run", "--after", "notok:1", "--", "true"]);
    assert_eq!(after.status.code(), Some(0), "{}", error_of(&after));
    assert!(place.out(&["show", "1"]).contains("exit code 7"));
    assert_eq!(held(), taken);
    place.kill();
    place.serve(&[]);
    assert_eq!(place.out(&["queue", "--json"]).matches("\"held\"").count(), taken);
    drop(place);
}
