//! A small process with one thread that forks a supervisor for each order: cheap, because it stays small.
//!
//! It ends when the server does, after everything that it had read. It holds the lock of the folder, as does each
//! supervisor until it has claimed its run: who gets the lock knows that no earlier order is on its way.

use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{ForkResult, fork, setsid};
use std::fs::File;
use std::io::{BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use super::wire::{self, Hello, Order};
use super::{cgroup, claim, record, supervisor};

/// The whole life of the spawner: standard input is the socket to the server.
///
/// Call it before any thread exists: it forks without exec.
pub fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => ExitCode::SUCCESS,
        Err(e) => {
            // The server notices the end; this is for the person who looks into its log.
            let _ = writeln!(std::io::stderr(), "rota spawner: {e}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> std::io::Result<()> {
    // Ctrl-C of the server must reach no job. It fails only where this already leads a group.
    let _ = setsid();
    deafen()?;
    close_others();
    let socket = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let mut orders = BufReader::with_capacity(1 << 16, &socket);
    let hello: Hello = wire::read(&mut orders)?;
    std::env::set_current_dir(&hello.records)?;
    let lock = File::options().create(true).append(true).open(".lock")?;
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)?;
    (&socket).write_all(b"!")?;
    // Known before the first fork, so known to all.
    let _ = (record::boot_id(), cgroup::mount());
    loop {
        let order: Order = wire::read(&mut orders)?;
        make_supervisor(&order);
    }
}

#[expect(unsafe_code, reason = "fork has no safe form")]
fn make_supervisor(order: &Order) {
    // SAFETY: this process has one thread, so the child may use all of the library.
    match unsafe { fork() } {
        Ok(ForkResult::Parent { .. }) => {}
        Ok(ForkResult::Child) => {
            let life = || supervisor::main(order);
            // A panic must not unwind into the loop above: there would be two spawners.
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(life));
            std::process::exit(i32::from(ended.is_err()))
        }
        Err(e) => claim::refuse(
            order,
            &format!("no process can be made for it: {}; the node is full", e.desc()),
        ),
    }
}

#[expect(unsafe_code, reason = "signal dispositions have no safe form")]
fn deafen() -> nix::Result<()> {
    for deaf in [
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGQUIT,
        Signal::SIGPIPE,
        Signal::SIGCHLD,
    ] {
        // SAFETY: ignoring a signal runs no code of ours; an ignored SIGCHLD lets the kernel reap.
        unsafe { signal(deaf, SigHandler::SigIgn) }?;
    }
    Ok(())
}

#[expect(unsafe_code, reason = "close_range has no safe form")]
pub(crate) fn close_others() {
    // SAFETY: called before this process has opened a file, and in a fresh child that will use none it inherited.
    unsafe { nix::libc::close_range(3, u32::MAX, 0) };
}
