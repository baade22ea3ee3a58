//! What was asked for on the command line.

use super::super::Failure;
use std::path::PathBuf;

/// Which workload, how often.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Pods; none: openb's.
    pub pods: Option<PathBuf>,
    /// Nodes; none: openb's.
    pub nodes: Option<PathBuf>,
    /// So many orders of arrival.
    pub seeds: u64,
}

/// Reads `--pods FILE`, `--nodes FILE`, `--seeds N`.
pub fn read(words: &[&str]) -> Result<Options, Failure> {
    let mut options = Options { pods: None, nodes: None, seeds: 10 };
    for pair in words.chunks(2) {
        let &[name, value] = pair else {
            return Err(format!("{} needs a value", pair.concat()).into());
        };
        match name {
            "--pods" => options.pods = Some(value.into()),
            "--nodes" => options.nodes = Some(value.into()),
            "--seeds" => match value.parse() {
                Ok(seeds @ 1..=100) => options.seeds = seeds,
                _ => return Err(format!("--seeds {value}: a number from 1 to 100").into()),
            },
            _ => {
                let known = "--pods FILE, --nodes FILE, --seeds N";
                return Err(format!("{name} is not an option; there are {known}").into());
            }
        }
    }
    Ok(options)
}
