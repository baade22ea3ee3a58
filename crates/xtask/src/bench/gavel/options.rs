//! What was asked for on the command line.

use super::super::Failure;
use std::path::PathBuf;

/// Which workload, and what a start costs.
#[derive(Debug, Default, PartialEq)]
pub struct Options {
    /// Any file of the trace's columns.
    pub trace: Option<PathBuf>,
    /// A generated workload: seed.
    pub seed: Option<u64>,
    /// A generated workload: jobs an hour.
    pub rate: Option<f64>,
    /// Seconds that a job loses when it starts or moves.
    pub switch_cost: f64,
}

/// Reads `--trace FILE`, `--seed N`, `--rate R`, `--switch-cost S`.
pub fn read(words: &[&str]) -> Result<Options, Failure> {
    let mut options = Options::default();
    for pair in words.chunks(2) {
        let &[name, value] = pair else {
            return Err(format!("{} needs a value", pair.concat()).into());
        };
        let wrong = |why: String| format!("{name} {value}: {why}");
        match name {
            "--trace" => options.trace = Some(value.into()),
            "--seed" => options.seed = Some(value.parse().map_err(|e| wrong(format!("{e}")))?),
            "--rate" => options.rate = Some(number(value, 0.01..=10.0).map_err(wrong)?),
            "--switch-cost" => options.switch_cost = number(value, 0.0..=300.0).map_err(wrong)?,
            _ => {
                let known = "--trace FILE, --seed N, --rate R, --switch-cost S";
                return Err(format!("{name} is not an option; there are {known}").into());
            }
        }
    }
    if options.trace.is_some() && (options.seed.is_some() || options.rate.is_some()) {
        return Err(
            "--trace names a workload; --seed and --rate make one: give one or the other".into()
        );
    }
    Ok(options)
}

fn number(text: &str, allowed: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|e| format!("{e}"))?;
    let (least, most) = (allowed.start(), allowed.end());
    if allowed.contains(&value) { Ok(value) } else { Err(format!("from {least} to {most}")) }
}
