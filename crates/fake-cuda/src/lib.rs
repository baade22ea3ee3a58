//! Simulated GPUs behind the process checkpoint calls of `libcuda.so.1`, with the argument blocks of CUDA 12.8 and later.
//!
//! Results are the driver's: 0 done, 1 invalid, 2 out of memory, 3 not initialised, 401 illegal state, 600 not ready (the
//! lock timed out), 801 not supported. The table by driver version and the order of states follow what NVIDIA documents;
//! what the folder does is described in [`fake_gpu`].

#![expect(unsafe_code, reason = "a C interface has no safe form")]
#![expect(
    missing_docs,
    clippy::missing_safety_doc,
    reason = "the contract is that of NVIDIA's header"
)]

use fake_gpu::{Fault, Folder, Process, State, is_still};
use std::ffi::{c_char, c_int, c_uint};
use std::thread::sleep;
use std::time::{Duration, Instant};

const OK: c_int = 0;
const INVALID: c_int = 1;
const OUT_OF_MEMORY: c_int = 2;
const NOT_INITIALIZED: c_int = 3;
const ILLEGAL_STATE: c_int = 401;
const NOT_READY: c_int = 600;
const NOT_SUPPORTED: c_int = 801;

/// Drivers before this one know only a toggle, or refuse PyTorch.
const FIRST_GOOD_DRIVER: u32 = 575;

/// `CUcheckpointLockArgs`.
#[repr(C)]
pub struct LockArgs {
    timeout_ms: c_uint,
    reserved: [c_uint; 15],
}

/// `CUcheckpointCheckpointArgs` and `CUcheckpointUnlockArgs`.
#[repr(C)]
pub struct PlainArgs {
    reserved: [u64; 8],
}

/// `CUcheckpointRestoreArgs`: pairs of old and new GPUs.
#[repr(C)]
pub struct RestoreArgs {
    pairs: *const u8,
    count: c_uint,
    reserved: [c_uint; 13],
}

const _: () = assert!(
    size_of::<LockArgs>() == 64 && size_of::<PlainArgs>() == 64 && size_of::<RestoreArgs>() == 64
);

/// Returns, or does, what the folder says is wrong with this call.
fn faulty(folder: &Folder, call: &str, pid: c_int) -> Option<c_int> {
    loop {
        match folder.fault(call)? {
            Fault::Result(code) => return Some(code),
            Fault::Hang => sleep(Duration::from_millis(5)),
            Fault::Crash => std::process::abort(),
            Fault::Kill => {
                // kill(1) and not kill(2): this library needs no other.
                let _ = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
                return Some(NOT_INITIALIZED);
            }
        }
    }
}

/// One call about a process: what is common to all.
fn call(name: &str, pid: c_int, act: impl FnOnce(&Folder, Process) -> c_int) -> c_int {
    let Some(folder) = Folder::from_environment() else { return NOT_INITIALIZED };
    let result = faulty(&folder, name, pid).unwrap_or_else(|| {
        let process = u32::try_from(pid).ok().and_then(|pid| folder.process(pid));
        process.map_or(NOT_INITIALIZED, |process| act(&folder, process))
    });
    folder.log(name, pid, result);
    result
}

/// A step from one state to the next; the driver's thread in the target does the work.
fn step(
    folder: &Folder,
    process: Process,
    steps: (State, State),
    patience: Option<Duration>,
) -> c_int {
    let begun = Instant::now();
    while is_still(process.pid) {
        if patience.is_some_and(|p| begun.elapsed() >= p) {
            return NOT_READY;
        }
        sleep(Duration::from_millis(2));
    }
    let mig = folder.reading(process.gpu, "mig").unwrap_or(0) > 0;
    if folder.branch() < FIRST_GOOD_DRIVER || mig {
        return NOT_SUPPORTED;
    }
    if process.state != steps.0 {
        return ILLEGAL_STATE;
    }
    let copies = steps.0 == State::Checkpointed || steps.1 == State::Checkpointed;
    if copies {
        sleep(Duration::from_millis(process.mib / folder.speed()));
    }
    // A target that ended meanwhile takes its line with it.
    match fake_gpu::lives(process.pid) && folder.set(&Process { state: steps.1, ..process }).is_ok()
    {
        true => OK,
        false => NOT_INITIALIZED,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuInit(_flags: c_uint) -> c_int {
    let Some(folder) = Folder::from_environment() else { return NOT_INITIALIZED };
    faulty(&folder, "init", 0).unwrap_or(OK)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDriverGetVersion(version: *mut c_int) -> c_int {
    // SAFETY: the caller passes a place for one number.
    unsafe { version.write(13_000) };
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetErrorName(error: c_int, name: *mut *const c_char) -> c_int {
    let text = match error {
        OUT_OF_MEMORY => c"CUDA_ERROR_OUT_OF_MEMORY",
        NOT_INITIALIZED => c"CUDA_ERROR_NOT_INITIALIZED",
        ILLEGAL_STATE => c"CUDA_ERROR_ILLEGAL_STATE",
        NOT_READY => c"CUDA_ERROR_NOT_READY",
        NOT_SUPPORTED => c"CUDA_ERROR_NOT_SUPPORTED",
        _ => c"CUDA_ERROR_UNKNOWN",
    };
    // SAFETY: the caller passes a place for one pointer.
    unsafe { name.write(text.as_ptr()) };
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessGetState(pid: c_int, state: *mut c_int) -> c_int {
    call("state", pid, |_, process| {
        // SAFETY: the caller passes a place for one number.
        unsafe { state.write(process.state.number()) };
        OK
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessGetRestoreThreadId(
    pid: c_int,
    thread: *mut c_int,
) -> c_int {
    let uses =
        Folder::from_environment().and_then(|f| f.process(u32::try_from(pid).ok()?)).is_some();
    // SAFETY: the caller passes a place for one number. Zero says that the process uses no GPU.
    unsafe { thread.write(if uses { pid } else { 0 }) };
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessLock(pid: c_int, args: *const LockArgs) -> c_int {
    // SAFETY: null, or a block as in the header.
    let patience = unsafe { args.as_ref() }.map_or(0, |a| a.timeout_ms);
    let patience = (patience > 0).then(|| Duration::from_millis(u64::from(patience)));
    call("lock", pid, |f, p| step(f, p, (State::Running, State::Locked), patience))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessCheckpoint(
    pid: c_int,
    _args: *const PlainArgs,
) -> c_int {
    call("checkpoint", pid, |f, p| step(f, p, (State::Locked, State::Checkpointed), None))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessRestore(pid: c_int, args: *const RestoreArgs) -> c_int {
    // SAFETY: null, or a block as in the header.
    if unsafe { args.as_ref() }.is_some_and(|a| a.count > 0 && a.pairs.is_null()) {
        return INVALID;
    }
    call("restore", pid, |folder, process| {
        if process.state == State::Checkpointed && process.mib > folder.free(process.gpu) {
            // As on a real driver, there is no second try.
            let _ = folder.set(&Process { state: State::Failed, ..process });
            return OUT_OF_MEMORY;
        }
        step(folder, process, (State::Checkpointed, State::Locked), None)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessUnlock(pid: c_int, _args: *const PlainArgs) -> c_int {
    call("unlock", pid, |f, p| step(f, p, (State::Locked, State::Running), None))
}
