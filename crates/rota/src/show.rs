//! How things look: states, colours, tables.

mod times;

pub use times::{between, clock, day, minute, now, rounded, span};

use crate::text::{get, safe, tr};
use crate::{fitness_text, idle_text, sheet};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use rota_api::{Happened, State};
use rota_core::decision::Blocker;
use rota_core::job::Outcome;
use rota_core::part::shown;
use std::io::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A command as a shell reads it.
pub fn command(argv: &[String]) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    let word = |word: &String| match !word.is_empty() && word.chars().all(is_plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    };
    argv.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// GPU hours of a sum in reference GPUs × milliseconds: `12.5`, and `0.02` where it is little.
pub fn gpu_hours(sum: u64) -> String {
    let hundredths = sum.saturating_add(18_000) / 36_000;
    if hundredths < 100 {
        return format!("0.{hundredths:02}");
    }
    let tenths = sum.saturating_add(180_000) / 360_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Energy in millijoules as people count it: `0.4 Wh`, `12 Wh`, `3.1 kWh`.
pub fn energy(millijoules: u64) -> String {
    let tenths = millijoules / 360_000;
    match tenths {
        0..100 => format!("{}.{} Wh", tenths / 10, tenths % 10),
        100..10_000 => format!("{} Wh", tenths / 10),
        _ => format!("{}.{} kWh", tenths / 10_000, tenths % 10_000 / 1000),
    }
}

/// A text on lines that fit the terminal, or 80 columns; the first begins with a mark, the others below its text.
pub fn wrapped(mark: &str, text: &str) -> String {
    let columns = sheet::columns().map_or(80, usize::from).max(40);
    let indent = " ".repeat(mark.width());
    let (mut out, mut line) = (String::new(), mark.to_owned());
    let mut is_begun = false;
    for word in text.split(' ') {
        if is_begun && line.width() + 1 + word.width() > columns {
            out.push_str(line.trim_end());
            out.push('\n');
            line.clone_from(&indent);
        } else if is_begun {
            line.push(' ');
        }
        line.push_str(word);
        is_begun = true;
    }
    format!("{out}{}\n", line.trim_end())
}

/// Writes to standard output.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Prints one line.
pub fn line(text: &str) -> std::io::Result<()> {
    print(&format!("{text}\n"))
}

/// Writes beside standard output, for whoever still reads there: where nobody does, nothing else ends.
pub fn beside(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Says one line beside standard output.
pub fn aside(text: &str) {
    beside(&format!("rota: {text}\n"));
}

/// A banner where GPUs are simulated.
pub fn banner(simulated: bool) -> String {
    if simulated { tr!("simulated") + "\n" } else { String::new() }
}

/// A label and the room up to what follows it, `columns` wide; a Hangul syllable takes two.
pub fn label(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width()).max(1)))
}

/// A text at the right of so many columns, and a blank before it.
pub fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(text.width()).max(1)))
}

/// Thousandths as people read them: three decimals below one, else one.
pub fn decimal(thousandths: u64) -> String {
    if (1..1000).contains(&thousandths) {
        return format!("0.{thousandths:03}");
    }
    let tenths = thousandths.saturating_add(50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The beginning of a text, at most `columns` wide.
pub fn shorten(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= columns
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Whether every row fits the terminal on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    Whole,
    TooWide,
}

/// How narrow a column may be made: a name can still be told from others.
pub const NARROW: usize = 8;

/// Shortens the widest of these columns, step by step, until every row fits the terminal on one line; none below `least`.
pub fn fit(
    header: &[String],
    rows: &mut [Vec<String>],
    (shrinking, least): (&[usize], usize),
) -> Fit {
    let Some(columns) = sheet::room() else { return Fit::Whole };
    let widest = |at: usize| {
        let cells = rows.iter().filter_map(|r| r.get(at)).map(|c| c.width());
        cells.chain(header.get(at).map(|h| h.width())).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..header.len()).map(widest).collect();
    // Each column has a blank on both sides.
    let is_wide =
        |widths: &[usize]| widths.iter().map(|w| w + 2).sum::<usize>() > usize::from(columns);
    while is_wide(&widths) {
        let most = shrinking.iter().copied().max_by_key(|at| widths.get(*at).copied());
        let Some(width) = most.and_then(|at| widths.get_mut(at)).filter(|w| **w > least) else {
            break;
        };
        *width -= 1;
    }
    for row in rows {
        for at in shrinking {
            if let (Some(cell), Some(width)) = (row.get_mut(*at), widths.get(*at)) {
                *cell = shorten(cell, *width);
            }
        }
    }
    if is_wide(&widths) { Fit::TooWide } else { Fit::Whole }
}

/// A table as wide as the terminal; the cells of `coloured`, a column, by their state.
pub fn table(
    header: &[String],
    rows: Vec<Vec<String>>,
    states: Option<(usize, &[State])>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let small = rows.len() <= 500;
    if let Some(columns) = sheet::room().filter(|_| small) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns);
    }
    let colour = sheet::in_colour() && small;
    let bold = |text: &String| {
        if colour { Cell::new(text).add_attribute(Attribute::Bold) } else { Cell::new(text) }
    };
    table.set_header(header.iter().map(bold));
    for (at, row) in rows.into_iter().enumerate() {
        let cells = row.into_iter().enumerate().map(|(column, text)| {
            let state = states.filter(|(c, _)| colour && *c == column);
            match state.and_then(|(_, all)| all.get(at)) {
                Some(state) => Cell::new(text).fg(shade(*state)),
                None => Cell::new(text),
            }
        });
        table.add_row(cells);
    }
    let lines: Vec<String> = table.lines().map(|l| l.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

/// The colour of a state.
pub fn shade(state: State) -> Color {
    match state {
        State::Running | State::Completed => Color::Green,
        State::Starting | State::Stopping => Color::Cyan,
        State::Waiting | State::Held | State::Suspended => Color::Yellow,
        State::Failed | State::Cancelled | State::Timeout => Color::Red,
    }
}

/// A state in a word.
pub fn state(state: State) -> String {
    get(
        match state {
            State::Waiting => "state-waiting",
            State::Held => "state-held",
            State::Starting => "state-starting",
            State::Running => "state-running",
            State::Stopping => "state-stopping",
            State::Suspended => "state-suspended",
            State::Completed => "state-completed",
            State::Failed => "state-failed",
            State::Cancelled => "state-cancelled",
            State::Timeout => "state-timeout",
        },
        &[],
    )
}

/// How a job ended, in a sentence.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Exited { code } => tr!("outcome-exited", code = code),
        Outcome::Signaled { signal } => tr!("outcome-signaled", signal = signal_name(*signal)),
        Outcome::Timeout => tr!("outcome-timeout"),
        Outcome::PartExceeded { used, part } => {
            tr!("outcome-part-exceeded", used = shown(*used), part = part)
        }
        Outcome::Cancelled { by } => tr!("outcome-cancelled", by = by),
        Outcome::NotStarted { why } => tr!("outcome-not-started", why = why),
        Outcome::DependencyFailed { on } => tr!("outcome-dependency-failed", on = on),
        Outcome::Lost { why } => tr!("outcome-lost", why = why),
    }
}

/// `SIGTERM`, or the number where it has no name.
pub fn signal_name(signal: i32) -> String {
    let known = nix::sys::signal::Signal::try_from(signal);
    known.map_or_else(|_| signal.to_string(), |s| s.as_str().to_owned())
}

/// A blocker of a job in a sentence that says what to do.
pub fn blocker(job: &str, why: &Blocker) -> String {
    match why {
        Blocker::Held => tr!("blocker-held"),
        Blocker::Away => tr!("blocker-away"),
        Blocker::Dependency { on } => tr!("blocker-dependency", on = on),
        Blocker::NotBefore { at } => tr!("blocker-not-before", job = job, when = minute(*at)),
        Blocker::ArrayLimit { at_most } => tr!("blocker-array-limit", most = at_most),
        Blocker::Gpus { asked, free } => tr!("blocker-gpus", asked = asked, free = free),
        Blocker::GpuMemory { asked, free, apart } => {
            let none = u32::from(free.0 > 0);
            match apart {
                true => tr!("blocker-gpu-memory-apart", asked = asked, free = free, none = none),
                false => tr!("blocker-gpu-memory", asked = asked, free = free, none = none),
            }
        }
        Blocker::HostResources { cpus, mem, .. } => tr!("blocker-host", cpus = cpus, mem = mem),
        Blocker::Reserved { for_job } => tr!("blocker-reserved", job = for_job),
        Blocker::OwnGpusInUse { .. } => tr!("blocker-own-gpus"),
        Blocker::NodesDown => tr!("blocker-nodes-down"),
        Blocker::MakesNoRoom { pool, slice } => {
            tr!("blocker-makes-no-room", pool = safe(pool), slice = span(*slice))
        }
        Blocker::Drained { gpus, node, gpu, fault } => tr!(
            "blocker-drained",
            gpus = gpus,
            which = format!("{}:{gpu}", safe(node)),
            why = fitness_text::fault(fault),
        ),
        Blocker::Idle { gpus, job, person, until, pinned } => {
            idle_text::blocker((*gpus, job, person), *until, pinned)
        }
        Blocker::Outsiders { gpus, node, gpu, user, command } => tr!(
            "blocker-outsiders",
            gpus = gpus,
            which = format!("{}:{gpu}", safe(node)),
            who = safe(user),
            command = safe(command),
        ),
        Blocker::Limit { who, what, most, used, pool } => {
            let rule = tr!(&format!("limit-{}", what.replace('_', "-")), most = most, used = used);
            let pool = if pool.is_empty() { String::new() } else { tr!("in-pool", pool = pool) };
            tr!("blocker-limit", who = who, rule = rule, pool = pool)
        }
        Blocker::Spent { who, until } => {
            let until = until.map_or(String::new(), |at| tr!("until", when = clock(at)));
            tr!("blocker-spent", who = who, until = until)
        }
        Blocker::Claimed { by, until } => {
            let until = until.map_or(String::new(), |at| tr!("until", when = clock(at)));
            tr!("blocker-claimed", who = by, until = until)
        }
    }
}

/// Something that happened to a job.
pub fn happened(h: &Happened) -> String {
    let mut args: Vec<(&str, String)> =
        h.args.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    let next = args.iter().find(|(k, _)| *k == "job").map(|(_, v)| v.clone()).unwrap_or_default();
    for (name, value) in &mut args {
        match *name {
            "reason" => {
                let job = [("job", next.clone())];
                *value = get(&format!("reason-{value}"), &job);
            }
            "since" | "until" => *value = idle_text::moment(value),
            "signal" => *value = value.parse().map_or_else(|_| value.clone(), signal_name),
            "outcome" => {
                *value =
                    serde_json::from_str(value).map_or_else(|_| value.clone(), |o| outcome(&o));
            }
            _ => {}
        }
    }
    let because = if h.kind == "requeued" && !args.is_empty() { "-because" } else { "" };
    crate::text::find(&format!("happened-{}{because}", h.kind), &args)
        .unwrap_or_else(|| safe(&h.kind))
}
