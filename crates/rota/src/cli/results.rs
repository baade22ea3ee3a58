//! Files that a replay or a what-if writes beside what it prints.

use crate::fault::{Fault, usage};
use clap::Args;
use std::fs::{File, write};
use std::path::{Path, PathBuf};

/// Where the results go.
#[derive(Args)]
pub struct Results {
    /// Write all numbers into this file, as CSV
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write a page with charts into this file, for a browser; it needs nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Results {
    /// Whether they can be written, before a long replay: not over a file that was read, and not one over the other.
    pub fn check(&self, read: &[Option<&Path>]) -> Result<(), Fault> {
        let real = |path: &Path| path.canonicalize().ok();
        let mut taken: Vec<PathBuf> = read.iter().flatten().filter_map(|path| real(path)).collect();
        for path in [&self.csv, &self.html].into_iter().flatten() {
            if real(path).is_some_and(|path| taken.contains(&path)) {
                return Err(usage!("result-over-read", path = path.display()));
            }
            let tried = File::options().append(true).create(true).open(path);
            tried.map_err(|why| Fault::file("error-write", path, &why))?;
            taken.extend(real(path));
        }
        Ok(())
    }

    /// Writes them.
    pub fn write(&self, csv: impl Fn() -> String, html: impl Fn() -> String) -> Result<(), Fault> {
        let put = |path: &Path, text: String| {
            write(path, text).map_err(|why| Fault::file("error-write", path, &why))
        };
        self.csv.as_deref().map_or(Ok(()), |path| put(path, csv()))?;
        self.html.as_deref().map_or(Ok(()), |path| put(path, html()))
    }
}
