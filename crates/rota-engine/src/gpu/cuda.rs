//! The six checkpoint calls of the CUDA driver about another process. Identical since CUDA 12.8: every block of arguments has
//! 64 bytes, and all zero is valid.

use libloading::Library;
use std::ffi::{OsStr, c_int, c_uint};

/// A block of arguments.
type Args = [u64; 8];
type Act = unsafe extern "C" fn(c_int, *const Args) -> c_int;
type Ask = unsafe extern "C" fn(c_int, *mut c_int) -> c_int;
type Init = unsafe extern "C" fn(c_uint) -> c_int;

/// Where a process is, as the driver counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum State {
    Running,
    Locked,
    Checkpointed,
    Failed,
    /// On its way, or a state this version does not know.
    Other(i32),
}

impl State {
    fn of(number: c_int) -> State {
        match number {
            0 => State::Running,
            1 => State::Locked,
            2 => State::Checkpointed,
            3 => State::Failed,
            other => State::Other(other),
        }
    }
}

/// The driver's library with its checkpoint calls.
pub(crate) struct Cuda {
    lock: Act,
    checkpoint: Act,
    restore: Act,
    unlock: Act,
    state: Ask,
    /// Holds the code of the above.
    _library: Library,
}

impl Cuda {
    /// Opens and initialises the library, which may take seconds.
    #[expect(
        unsafe_code,
        reason = "loading a library runs its code, and its symbols have no types"
    )]
    pub fn open(path: &OsStr) -> Result<Cuda, String> {
        let words = |e: libloading::Error| format!("{}: {e}", path.display());
        // SAFETY: this is the driver's own library, and the process exists for nothing else.
        let library = unsafe { Library::new(path) }.map_err(words)?;
        // SAFETY: the type is that of NVIDIA's header.
        let init = unsafe { library.get::<Init>(b"cuInit\0") }.map_err(words)?;
        // SAFETY: zero is the only value that the header allows.
        match unsafe { init(0) } {
            0 => {}
            code => return Err(format!("CUDA cannot begin: {}", super::driver::result(code))),
        }
        let old = |e: libloading::Error| format!("this driver cannot suspend programs: {e}");
        // SAFETY: the types are those of NVIDIA's header, the same since these calls exist.
        let (act, ask) = unsafe {
            let act = |name: &str| library.get::<Act>(format!("{name}\0").as_bytes()).map(|f| *f);
            let ask = library.get::<Ask>(b"cuCheckpointProcessGetState\0").map(|f| *f);
            (
                ["Lock", "Checkpoint", "Restore", "Unlock"]
                    .map(|n| act(&format!("cuCheckpointProcess{n}"))),
                ask,
            )
        };
        let [lock, checkpoint, restore, unlock] = act;
        Ok(Cuda {
            lock: lock.map_err(old)?,
            checkpoint: checkpoint.map_err(old)?,
            restore: restore.map_err(old)?,
            unlock: unlock.map_err(old)?,
            state: ask.map_err(old)?,
            _library: library,
        })
    }

    /// Where a process is; the driver's number where it does not say, for instance because the process uses no GPU.
    #[expect(unsafe_code, reason = "a call of a C library")]
    pub fn state(&self, pid: i32) -> Result<State, i32> {
        let mut state = 0;
        // SAFETY: a place for one number.
        match unsafe { (self.state)(pid, &raw mut state) } {
            0 => Ok(State::of(state)),
            code => Err(code),
        }
    }

    /// Lets no more calls through; waits for those under way, at most so many milliseconds.
    pub fn lock(&self, pid: i32, patience: u32) -> Result<(), i32> {
        act(self.lock, pid, &[u64::from(patience), 0, 0, 0, 0, 0, 0, 0])
    }

    /// Moves what is on the GPU into the memory of the process.
    pub fn checkpoint(&self, pid: i32) -> Result<(), i32> {
        act(self.checkpoint, pid, &[0; 8])
    }

    /// Moves it back.
    pub fn restore(&self, pid: i32) -> Result<(), i32> {
        act(self.restore, pid, &[0; 8])
    }

    /// Lets calls through again.
    pub fn unlock(&self, pid: i32) -> Result<(), i32> {
        act(self.unlock, pid, &[0; 8])
    }
}

#[expect(unsafe_code, reason = "a call of a C library")]
fn act(call: Act, pid: i32, args: &Args) -> Result<(), i32> {
    // SAFETY: the block has the size and the zeros that the header asks for.
    match unsafe { call(pid, args) } {
        0 => Ok(()),
        code => Err(code),
    }
}
