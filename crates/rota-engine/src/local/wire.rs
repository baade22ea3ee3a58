//! What goes to the spawner: length (four bytes, little endian), then JSON; and what goes to supervisors, a datagram each.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::record::{Kind, Process, RunId};
use super::{Deed, Start};

/// The first message.
#[derive(Serialize, Deserialize)]
pub(crate) struct Hello {
    /// The folder of records.
    pub records: PathBuf,
}

/// One supervisor to make.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub id: RunId,
    pub turn: u32,
    pub work: Work,
}

/// What to supervise.
#[derive(Serialize, Deserialize)]
pub(crate) enum Work {
    /// A new program.
    Start(Box<Start>),
    /// A program that a person started.
    Adopt { pid: i32 },
    /// A program whose supervisor was killed.
    TakeOver { program: Process },
}

/// As it goes over the socket.
pub(crate) fn encode<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let body = serde_json::to_vec(message)?;
    let length =
        u32::try_from(body.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    let mut bytes = Vec::with_capacity(body.len() + 4);
    bytes.write_all(&length.to_le_bytes())?;
    bytes.extend(body);
    Ok(bytes)
}

/// How long a supervisor may leave its control socket full: as long as a freeze may take, and a little.
const CONTROL_PATIENCE: Duration = Duration::from_secs(12);

/// Tells a supervisor what to do; an error where nobody listens.
pub(crate) fn tell(records: &Path, deed: &Deed) -> io::Result<()> {
    let id = RunId { job: deed.job, run: deed.run };
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(CONTROL_PATIENCE))?;
    // The full path may be longer than a socket address can be.
    let dir = File::open(records)?;
    let name = format!("/proc/self/fd/{}/{}", dir.as_raw_fd(), id.file(Kind::Control));
    socket.send_to(&serde_json::to_vec(deed)?, name).map(drop)
}

/// The next message; `UnexpectedEof` when the server is gone, even in the middle of one.
pub(crate) fn read<T: for<'a> Deserialize<'a>>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut body = vec![0; usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?];
    from.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}
