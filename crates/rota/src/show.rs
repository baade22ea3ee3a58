//! How things look: times, states, safe text, tables.

use comfy_table::{ContentArrangement, Table, presets};
use rota_api::{JobRow, State};
use rota_core::decision::Blocker;
use rota_core::units::Time;
use std::io::{IsTerminal, Write};

/// A moment in the local time zone: `14:20`, or `Dec 24 14:20` on another day.
pub fn clock(at: Time) -> String {
    if at == Time::FAR {
        return "not known".into();
    }
    let zone = jiff::tz::TimeZone::system();
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    let Ok(stamp) = jiff::Timestamp::from_millisecond(millis) else { return "not known".into() };
    let (then, now) = (stamp.to_zoned(zone.clone()), jiff::Timestamp::now().to_zoned(zone));
    let format = if then.date() == now.date() { "%H:%M:%S" } else { "%b %d %H:%M" };
    then.strftime(format).to_string()
}

/// Text that cannot disturb a terminal.
pub fn safe(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect()
}

/// Writes to standard output.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A banner where GPUs are simulated.
pub fn banner(simulated: bool) -> &'static str {
    if simulated { "SIMULATED GPUs: programs are real, GPUs are not\n" } else { "" }
}

/// A table as wide as the terminal.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if std::io::stdout().is_terminal() && rows.len() <= 500 {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.set_header(header);
    table.add_rows(rows);
    table.trim_fmt() + "\n"
}

/// The columns of the queue.
pub const QUEUE: [&str; 8] = ["JOB", "NAME", "WHO", "STATE", "GPUS", "NODE", "TIME", "PLANNED"];

/// One line of the queue.
pub fn queue_row(job: &JobRow, now: Time) -> Vec<String> {
    let gpus = match (job.gpus, job.models.first()) {
        (0, _) => "-".into(),
        (n, None) => n.to_string(),
        (n, Some(model)) => format!("{n} {}", safe(model)),
    };
    let time = match job.state {
        State::Waiting | State::Held | State::Suspended => {
            format!("waits {}", now.since(job.submitted))
        }
        _ => format!("ran {}", job.ran),
    };
    let planned = match (job.planned, job.state) {
        (Some(at), State::Waiting | State::Suspended) => clock(at),
        _ => String::new(),
    };
    let who = if job.lab == job.person {
        safe(&job.person)
    } else {
        format!("{}/{}", safe(&job.lab), safe(&job.person))
    };
    let node = job.node.clone().unwrap_or_default();
    vec![job.id.clone(), safe(&job.name), who, state(job.state).into(), gpus, node, time, planned]
}

/// A state in a word.
pub fn state(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Held => "held",
        State::Starting => "starting",
        State::Running => "running",
        State::Stopping => "stopping",
        State::Suspended => "suspended",
        State::Completed => "completed",
        State::Failed => "failed",
        State::Cancelled => "cancelled",
        State::Timeout => "timeout",
    }
}

/// A blocker in a sentence that says what to do.
pub fn blocker(why: &Blocker) -> String {
    match why {
        Blocker::Held => "it is held; 'rota release' lets it start".into(),
        Blocker::Dependency { on } => format!("job {on} must end first"),
        Blocker::ArrayLimit { at_most } => format!("{at_most} tasks of its array run, and no more may at a time"),
        Blocker::Gpus { asked, free } => {
            format!("it asks for {asked} GPUs on one node, and at most {free} are free on one")
        }
        Blocker::HostResources { .. } => "GPUs are free, but the CPU cores or the memory beside them are not; ask for less --cpus or --mem".into(),
        Blocker::Reserved { for_job } => format!("what is free is kept for job {for_job}, which is ahead; a shorter --time may fit in before it"),
        Blocker::OwnGpusInUse { .. } => "it is suspended, and another job has its turn on its GPUs".into(),
        Blocker::NodesDown => "every node that could take it is down".into(),
    }
}
