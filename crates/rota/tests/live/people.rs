//! Several people on one server: the kernel says who each is. Users that every Debian has.

use crate::place::{Place, error_of, until};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

pub const DAEMON: u32 = 1;
pub const GAMES: u32 = 5;

/// A server for everyone, in a folder that everyone may use; none without root.
pub fn everyone() -> Option<Place> {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: a server for everyone needs root");
        return None;
    }
    let mut place = Place::new();
    let open = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(place.path(), open).expect("opened");
    place.serve(&["--system"]);
    Some(place)
}

pub fn as_user(place: &Place, uid: u32, arguments: &[&str]) -> Command {
    let mut command = place.rota(arguments);
    // Where a private server would be: theirs, not the test's.
    let own = place.path().join(format!("home-{uid}"));
    command.uid(uid).gid(group(uid)).env("XDG_STATE_HOME", &own).env("XDG_RUNTIME_DIR", &own);
    command
}

/// The group that the system gives a user.
fn group(uid: u32) -> u32 {
    let user = nix::unistd::User::from_uid(uid.into()).expect("the list of users");
    user.expect("a user of every Debian").gid.as_raw()
}

fn out(command: &mut Command) -> String {
    let output = command.output().expect("rota runs");
    assert!(output.status.success(), "{}", error_of(&output));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn each_job_runs_as_its_submitter() {
    let Some(place) = everyone() else { return };
    for uid in [DAEMON, GAMES] {
        let work = "id -u; id -g; umask; pwd";
        let said = out(&mut as_user(&place, uid, &["run", "--", "sh", "-c", work]));
        let folder = place.path().display();
        assert_eq!(said, format!("{uid}\n{}\n0022\n{folder}\n", group(uid)));
    }
}

#[test]
fn nobody_reads_cancels_or_changes_the_job_of_another() {
    let Some(place) = everyone() else { return };
    let work = "umask 077; echo secret; exec sleep 1000";
    let submit = ["submit", "--output", "log", "--", "sh", "-c", work, "--token=abc"];
    out(&mut as_user(&place, DAEMON, &submit));
    for verb in [&["cancel", "1"][..], &["hold", "1"], &["change", "1", "--time", "1h"]] {
        let said = error_of(&as_user(&place, GAMES, verb).output().expect("rota runs"));
        assert!(said.contains("belongs to daemon"), "{verb:?}: {said}");
    }
    let shown = out(&mut as_user(&place, GAMES, &["show", "1", "--json"]));
    assert!(!shown.contains("abc") && !shown.contains("sleep"), "{shown}");
    let said = as_user(&place, GAMES, &["logs", "1"]).output().expect("rota runs");
    assert!(!said.status.success() && error_of(&said).contains("owner"), "{}", error_of(&said));
    let down = as_user(&place, GAMES, &["down"]).output().expect("rota runs");
    assert!(error_of(&down).contains("admin"), "{}", error_of(&down));
    until("its log", || place.path().join("log").exists());
    let log = std::fs::metadata(place.path().join("log")).expect("a log");
    assert_eq!((log.uid(), log.gid()), (DAEMON, group(DAEMON)));
    // The admin may.
    place.out(&["cancel", "1"]);
    let ended = place.says(&["run", "--after", "any:1", "--", "true"]);
    assert!(ended.status.success(), "{}", error_of(&ended));
}

#[test]
fn nobody_adopts_the_process_of_another_or_submits_for_them() {
    let Some(place) = everyone() else { return };
    let own = std::process::id().to_string();
    let said = error_of(&as_user(&place, GAMES, &["adopt", &own]).output().expect("rota runs"));
    assert!(said.contains("not yours"), "{said}");
    // Ending what carries the system or the server would end them; even the admin may not.
    for pid in ["1".to_owned(), place.pid().to_string(), own.clone()] {
        let said = error_of(&place.says(&["adopt", &pid]));
        assert!(said.contains("belongs to the system"), "{pid}: {said}");
    }
    for (forged, why) in [(["--person", "root"], "simulated"), (["--account", "root"], "member")] {
        let words = [["submit"].as_slice(), &forged, &["--", "id"]].concat();
        let said = error_of(&as_user(&place, GAMES, &words).output().expect("rota runs"));
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_private_server_serves_its_own_user_only() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: acting as other users needs root");
        return;
    }
    let mut place = Place::new();
    let open = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(place.path(), open.clone()).expect("opened");
    place.serve(&[]);
    // Even where someone opens up the socket by hand.
    std::fs::set_permissions(place.path().join("s"), open).expect("opened");
    let output = as_user(&place, GAMES, &["queue"]).output().expect("rota runs");
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
