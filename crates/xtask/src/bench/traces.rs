//! Where traces lie: in `../shared/traces` beside the checkout, or in the folder `ROTA_TRACES` names.

use super::Failure;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

/// Opens one; without it a measurement cannot be made.
pub fn open(name: &str) -> Result<BufReader<File>, Failure> {
    let folder =
        std::env::var_os("ROTA_TRACES").map_or_else(|| "../shared/traces".into(), PathBuf::from);
    let path = folder.join(name);
    let file = File::open(&path).map_err(|why| {
        format!("{}: {why}; set ROTA_TRACES to the folder with the traces", path.display())
    })?;
    Ok(BufReader::new(file))
}
