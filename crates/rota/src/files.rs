//! Files that people write.

use crate::fault::Fault;
use std::path::Path;

/// The text of a file; some programs put a mark before it that says nothing here.
pub fn text(path: &Path) -> Result<String, Fault> {
    let text =
        std::fs::read_to_string(path).map_err(|why| Fault::file("error-read", path, &why))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
