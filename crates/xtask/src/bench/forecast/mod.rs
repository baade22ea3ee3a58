//! How often the forecast is right: at each submit that must wait, a window with what is known then; and beside it what
//! others would have said.

mod guess;
mod site;
mod take;

use super::Failure;
use rota_core::units::Span;
use std::path::PathBuf;

/// What is compared, in order.
pub const METHODS: [&str; 5] = ["rota", "independent", "walltimes", "last-wait", "history"];

/// What to measure.
pub struct Options {
    /// A trace; none: Philly.
    pub trace: Option<PathBuf>,
    /// Only so many labs with most jobs.
    pub labs: Option<usize>,
    /// GPUs of the site.
    pub gpus: Vec<u32>,
    /// Of the jobs that must wait, every so many-th.
    pub every: u64,
    /// A turn.
    pub turn: Option<Span>,
    /// Paths of a forecast.
    pub paths: u32,
}

/// Measures.
pub fn run(words: &[&str]) -> Result<(), Failure> {
    let options = options(words)?;
    for gpus in &options.gpus {
        let plan = site::plan(&options, *gpus)?;
        let begun = std::time::Instant::now();
        let taken = take::take(&plan, options.paths, options.every)?;
        println!(
            "{gpus} GPUs: {} jobs, {} forecasts, {:.1} s",
            plan.submissions.len(),
            taken.len(),
            begun.elapsed().as_secs_f64()
        );
        let mut text = String::new();
        for t in &taken {
            let wait = t.started.map_or(-1.0, |s| s.since(t.at).0 as f64 / 1000.0);
            text += &format!("{} {} {} {wait}", t.job.number, t.lab, t.at.0 / 1000);
            for b in &t.by {
                match b {
                    None => text += " nan nan nan",
                    Some(b) => {
                        for q in [b.p10, b.p50, b.p90] {
                            text += &format!(" {}", q.since(t.at).0 / 1000);
                        }
                    }
                }
            }
            text += "\n";
        }
        std::fs::create_dir_all("target/bench")?;
        std::fs::write(format!("target/bench/forecast-{gpus}.txt"), text)?;
    }
    Ok(())
}

fn options(words: &[&str]) -> Result<Options, Failure> {
    let mut options = Options {
        trace: None,
        labs: Some(4),
        gpus: vec![144, 160],
        every: 40,
        turn: None,
        paths: 40,
    };
    for pair in words.chunks(2) {
        let [name, value] = pair else { return Err(format!("{} needs a value", pair[0]).into()) };
        match *name {
            "--trace" => (options.trace, options.labs) = (Some(value.into()), None),
            "--gpus" => options.gpus = vec![value.parse()?],
            "--labs" => options.labs = Some(value.parse()?),
            "--every" => options.every = value.parse()?,
            "--turn" => options.turn = Some(Span::parse(value).map_err(|why| why.to_string())?),
            "--paths" => options.paths = value.parse()?,
            _ => return Err(format!("{name}: the options are --trace FILE, --labs N, --gpus N, --every N, --turn 4h, --paths N").into()),
        }
    }
    Ok(options)
}
