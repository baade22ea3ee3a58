//! How often the forecast is right: at each submit that must wait, a window with what is known then; and beside it what
//! others would have said. The first half of the forecasts is not counted: calibration begins there.

mod guess;
mod site;
mod table;
mod take;

use super::Failure;
use super::report::result;
use rota_core::units::Span;
use std::path::PathBuf;

/// What Rota's windows are compared with, in order: the first are its own before calibration.
pub const METHODS: [&str; 5] = [
    "rota, not calibrated",
    "independent runtimes",
    "plan from walltimes",
    "last wait",
    "history of waits",
];

/// So many jobs of a trace say enough of it: on a small one, every hundredth would say nothing.
const LOOKED_AT: usize = 600;

/// What to measure.
pub struct Options {
    /// A trace; none: Philly.
    pub trace: Option<PathBuf>,
    /// Only so many labs with most jobs.
    pub labs: Option<usize>,
    /// GPUs of the site.
    pub gpus: Vec<u32>,
    /// Of the jobs that must wait, every so many-th; none: of [`LOOKED_AT`] jobs of the trace, and at least every 120th.
    pub every: Option<u64>,
    /// A turn.
    pub turn: Option<Span>,
    /// Paths of a forecast.
    pub paths: u32,
}

/// Measures.
pub fn run(words: &[&str]) -> Result<(), Failure> {
    let options = options(words)?;
    let mut sites = Vec::new();
    let mut refresh = Vec::new();
    for gpus in &options.gpus {
        let plan = site::plan(&options, *gpus)?;
        let every = options.every.unwrap_or_else(|| usual(plan.submissions.len()));
        let taken = take::take(&plan, options.paths, every)?;
        refresh.extend(taken.refresh);
        sites.push((format!("{gpus} GPUs"), taken.forecasts));
    }
    table::show(&sites, &|taken| taken.len() / 2)?;
    if let Some(seconds) = refresh.into_iter().reduce(f64::max) {
        result("forecast.refresh_s", seconds);
    }
    Ok(())
}

/// Every so many-th of so many jobs.
fn usual(jobs: usize) -> u64 {
    u64::try_from(jobs / LOOKED_AT).unwrap_or(u64::MAX).clamp(1, 120)
}

fn options(words: &[&str]) -> Result<Options, Failure> {
    let mut options = Options {
        trace: None,
        labs: Some(4),
        gpus: vec![144, 160],
        every: None,
        turn: None,
        paths: 32,
    };
    for pair in words.chunks(2) {
        let [name, value] = pair else { return Err(format!("{} needs a value", pair[0]).into()) };
        match *name {
            "--trace" => (options.trace, options.labs) = (Some(value.into()), None),
            "--gpus" => options.gpus = vec![value.parse()?],
            "--labs" => options.labs = Some(value.parse()?),
            "--every" => options.every = Some(value.parse()?),
            "--turn" => options.turn = Some(Span::parse(value).map_err(|why| why.to_string())?),
            "--paths" => options.paths = value.parse()?,
            _ => return Err(format!("{name}: the options are --trace FILE, --labs N, --gpus N, --every N, --turn 4h, --paths N").into()),
        }
    }
    Ok(options)
}
