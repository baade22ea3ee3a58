//! How a process becomes the supervisor of a run: by its claim, and by letting go of all that is the server's.

use nix::poll::{PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::record::{Kind, Process, Record, RunId, State};
use super::spawner;
use super::wire::Order;

/// How soon to try again to write what did not fit on the disk.
pub(crate) const WRITE_AGAIN: Duration = Duration::from_secs(1);

/// The folder of records: the spawner is in it, and so is each supervisor.
pub(crate) fn here() -> &'static Path {
    Path::new(".")
}

/// Records that a run cannot start, where no supervisor can do it.
pub(crate) fn refuse(order: &Order, why: &str) {
    let Some(me) = Process::now(Pid::this().as_raw()) else { return };
    if Process::noted(here(), order.id, Kind::Claim).is_some_and(|p| p != me) {
        return;
    }
    let state = State::NotStarted { why: why.to_string() };
    let record = Record { state, ..Record::new(me.clone(), order.turn) };
    let noted =
        me.note(here(), order.id, Kind::Claim).and_then(|()| record.write(here(), order.id));
    if noted.is_err() {
        // Claimed already by this very process: only the state is missing.
        let _ = record.write(here(), order.id);
    }
}

/// Only one process can make the link, so nothing is ever run twice.
pub(crate) fn claim(me: &Process, id: RunId) -> bool {
    loop {
        match me.note(here(), id, Kind::Claim) {
            Ok(()) => return true,
            Err(e)
                if matches!(e.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) =>
            {
                return false;
            }
            Err(_) => {
                let again = PollTimeout::try_from(WRITE_AGAIN).unwrap_or(PollTimeout::MAX);
                // Nothing to wait for but space on the disk; nothing runs yet.
                let _ = poll(&mut [], again);
            }
        }
    }
}

/// Lets go of what belongs to the server: its socket, its lock, its terminal.
pub(crate) fn detach() {
    if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
        let all = [
            nix::unistd::dup2_stdin(&null),
            nix::unistd::dup2_stdout(&null),
            nix::unistd::dup2_stderr(&null),
        ];
        // The three exist, and /dev/null was just opened.
        let _ = all;
    }
    spawner::close_others();
    // Both only help: without them orphans are found by their session, and the name is another.
    let _ = nix::sys::prctl::set_child_subreaper(true);
    let _ = nix::sys::prctl::set_name(c"rota-job");
}

#[expect(unsafe_code, reason = "signal dispositions have no safe form")]
pub(crate) fn default_child_signal() -> nix::Result<()> {
    // SAFETY: the default disposition runs no code of ours.
    unsafe { nix::sys::signal::signal(Signal::SIGCHLD, nix::sys::signal::SigHandler::SigDfl) }
        .map(drop)
}
