//! The live program against the machine's own limits: its disk, and the bare start of a process. Times of others stand
//! beside it where they are installed.

mod peers;
mod sizes;
mod starts;
mod submits;

use super::Failure;
use super::place::{Place, build};
use super::report::{Table, result};

/// What was measured: shown as a table, then one line each.
#[derive(Default)]
pub struct Figures {
    shown: Vec<[String; 3]>,
    results: Vec<(String, f64)>,
}

impl Figures {
    /// A figure with what it is to be compared to.
    pub fn add(&mut self, name: &str, value: f64, beside: String) {
        self.shown.push([format!("live.{name}"), format!("{value:.3}"), beside]);
        self.results.push((format!("live.{name}"), value));
    }
}

/// Measures all of it; a server of its own for each part.
pub fn run() -> Result<(), Failure> {
    let program = build()?;
    let eight_cores = ["--simulate", "h100*1"];
    let mut figures = Figures::default();
    type Part = fn(&mut Place, &mut Figures) -> Result<(), Failure>;
    let parts: [(&str, Part); 6] = [
        ("durable submits", submits::rates),
        ("rota submit", submits::whole_process),
        ("start of a job", starts::latency),
        ("10,000 jobs", starts::throughput),
        ("10,000 waiting", sizes::waiting),
        ("1,000,000 past jobs", sizes::restart),
    ];
    for (name, part) in parts {
        println!("== {name}");
        let mut place = Place::new(&program, &eight_cores)?;
        place.up()?;
        part(&mut place, &mut figures)?;
    }
    peers::submit_calls();
    let mut table = Table::new(&["figure", "here", "beside it, in the same run"]);
    figures.shown.iter().for_each(|row| table.row(row));
    table.show("live")?;
    figures.results.iter().for_each(|(name, value)| result(name, *value));
    Ok(())
}
