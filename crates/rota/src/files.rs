//! Files that people write, and those that are written for them.

use crate::fault::{Fault, usage};
use std::path::Path;

/// The text of a file; some programs put a mark before it that says nothing here.
pub fn text(path: &Path) -> Result<String, Fault> {
    let text =
        std::fs::read_to_string(path).map_err(|why| Fault::file("error-read", path, &why))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Writes a result, but not over the trace that it came from.
pub fn write(path: &Path, text: &str, trace: Option<&Path>) -> Result<(), Fault> {
    let real = |path: &Path| path.canonicalize().ok();
    if let Some(trace) = trace
        && real(trace).is_some_and(|trace| real(path) == Some(trace))
    {
        return Err(usage!("over-the-trace", path = path.display()));
    }
    std::fs::write(path, text).map_err(|why| Fault::file("error-write", path, &why))
}
