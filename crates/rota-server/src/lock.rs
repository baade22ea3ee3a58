//! One server for a store.

use crate::ServerError;
use std::path::Path;
use std::time::Duration;

/// How long the server before us may take to leave the store after it has left the socket.
const LEAVING: Duration = Duration::from_secs(5);

/// Takes the store for this process alone.
pub fn lock(folder: &Path) -> Result<nix::fcntl::Flock<std::fs::File>, ServerError> {
    let path = folder.join("lock");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    let mut file = file.map_err(|why| ServerError::File { what: "open", path, why })?;
    let begun = std::time::Instant::now();
    loop {
        file = match nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(lock),
            Err(_) if begun.elapsed() > LEAVING => {
                return Err(ServerError::Busy { path: folder.to_owned() });
            }
            Err((file, _)) => file,
        };
        std::thread::sleep(Duration::from_millis(10));
    }
}
