//! How figures are shown: a table, a CSV file in `target/bench`, and lines `RESULT name=value`.

use super::Failure;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A table of text.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub fn new(columns: &[&str]) -> Table {
        Table { rows: vec![columns.iter().map(|c| (*c).to_owned()).collect()] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.to_vec());
    }

    /// Prints it, and writes it to `target/bench/NAME.csv`.
    pub fn show(&self, name: &str) -> Result<(), Failure> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |at: usize| {
            self.rows.iter().filter_map(|r| r.get(at)).map(|c| c.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                write!(line, "{cell:<width$}  ")?;
            }
            println!("{}", line.trim_end());
        }
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
        let text: Vec<String> = self.rows.iter().map(line).collect();
        let folder = Path::new("target/bench");
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(format!("{name}.csv")), text.join("\n") + "\n")?;
        Ok(())
    }
}

/// Prints one figure.
pub fn result(name: &str, value: f64) {
    println!("RESULT {name}={value:.3}");
}

/// Times, shortest first.
pub struct Times(Vec<Duration>);

impl Times {
    /// Sorts them.
    pub fn of(mut all: Vec<Duration>) -> Times {
        all.sort_unstable();
        Times(all)
    }

    /// The time, in milliseconds, that `percent` of all are not above.
    pub fn ms(&self, percent: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let at = (self.0.len() * percent).div_ceil(100).saturating_sub(1).min(last);
        self.0.get(at).map_or(f64::NAN, |d| d.as_secs_f64() * 1000.0)
    }
}

/// The wall clock: nanoseconds since 1970.
pub fn wall_ns() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos())
}
