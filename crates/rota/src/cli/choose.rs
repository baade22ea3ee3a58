//! How else a job could be asked for: `rota options`, and the question before a job that would wait is queued.

use super::Global;
use super::jobs::json;
use super::options::JobOptions;
use super::quote::QuoteArgs;
use super::when;
use crate::client::Client;
use crate::fault::{Fault, usage};
use crate::show;
use crate::text::{safe, tr};
use rota_api::{AskQuote, Options};
use rota_core::forecast::{Choice, GRAIN, Offered};
use rota_core::job::JobSpec;
use rota_core::units::Time;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// Says how else a job could be asked for; nothing is queued.
pub fn options(global: &Global, args: QuoteArgs) -> Result<ExitCode, Fault> {
    let name = args.name();
    let (mut client, options, spec) = args.read(global, &name)?;
    let answer = ask(&mut client, spec, &options)?;
    if global.json {
        return json(&answer);
    }
    show::print(&format!("{}{}", show::banner(answer.simulated), table(&answer)))?;
    Ok(ExitCode::SUCCESS)
}

/// What is to be asked for: as it was typed, or the choice that `--accept` or the person at the terminal takes.
pub fn choose(
    client: &mut Client,
    spec: JobSpec,
    options: &JobOptions,
    accept: Option<&str>,
) -> Result<JobSpec, Fault> {
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let is_plain = spec.gpus > 0 && options.is_single() && !options.hold;
    if !is_plain || (accept.is_none() && !is_asked) {
        return Ok(spec);
    }
    let answer = ask(client, spec.clone(), options)?;
    let waits = answer.options.first().is_some_and(|first| would_wait(first, answer.now));
    let taken = match accept {
        Some(word) => number_of(word, &answer)?,
        None if waits && answer.options.len() > 1 => asked_at_terminal(&answer)?,
        None => 1,
    };
    let taken = answer.options.into_iter().nth(taken.saturating_sub(1));
    Ok(taken.map_or(spec, |offered| offered.spec))
}

fn ask(client: &mut Client, spec: JobSpec, options: &JobOptions) -> Result<Options, Fault> {
    client.post("/v1/options", &AskQuote { spec, tasks: None, account: options.charged() })
}

/// Whether it is known to wait for more than a moment.
fn would_wait(first: &Offered, now: Time) -> bool {
    first.forecast.start.is_none_or(|start| start.p50 > now.after(GRAIN))
}

/// The place of a choice, from 1: a number, or the one that is expected to end first.
fn number_of(word: &str, answer: &Options) -> Result<usize, Fault> {
    let all = answer.options.len();
    let ends = |offered: &Offered| offered.forecast.finish.map_or(Time::FAR, |band| band.p50);
    if word == "best" {
        let best = answer.options.iter().enumerate().min_by_key(|(_, offered)| ends(offered));
        return Ok(best.map_or(1, |(at, _)| at + 1));
    }
    let number = word.parse().ok().filter(|number| (1..=all).contains(number));
    number.ok_or_else(|| usage!("bad-choice", value = word, most = all))
}

/// The question; an empty line is what was typed.
fn asked_at_terminal(answer: &Options) -> Result<usize, Fault> {
    let mut err = std::io::stderr();
    loop {
        let question = tr!("choose", most = answer.options.len());
        write!(err, "{}{question} ", table(answer)).map_err(Fault::Output)?;
        err.flush().map_err(Fault::Output)?;
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line).map_err(Fault::Output)?;
        match line.trim() {
            "" if read == 0 => return Err(usage!("not-chosen")),
            "" => return Ok(1),
            word => match number_of(word, answer) {
                Ok(number) => return Ok(number),
                Err(_) => {
                    let said = tr!("bad-choice", value = safe(word), most = answer.options.len());
                    writeln!(err, "{said}").map_err(Fault::Output)?;
                }
            },
        }
    }
}

fn table(answer: &Options) -> String {
    let header = ["column-choice", "column-what", "column-start", "column-end", "column-costs"];
    let header = header.map(|key| tr!(key));
    let line = |(at, offered): (usize, &Offered)| {
        let forecast = offered.forecast;
        let window = |band: Option<rota_core::forecast::Band>| match band {
            Some(band) if !forecast.is_guess && band.is_predictable(answer.now) => {
                when::window(band, answer.now)
            }
            _ => tr!("not-predictable"),
        };
        let start = match forecast.start {
            Some(band) if band.is_at_once(answer.now) => tr!("now"),
            later => window(later),
        };
        let cost = show::gpu_hours(offered.cost);
        vec![(at + 1).to_string(), what(offered), start, window(forecast.finish), cost]
    };
    let mut lines: Vec<_> = answer.options.iter().enumerate().map(line).collect();
    show::fit(&header, &mut lines, (&[1], show::NARROW));
    let title = show::wrapped("", &tr!("options-title", unit = safe(&answer.unit)));
    title + &show::table(&header, lines, None)
}

fn what(offered: &Offered) -> String {
    match &offered.choice {
        Choice::AsAsked => tr!("choice-as-asked"),
        Choice::Model { model } => tr!("choice-model", model = safe(model)),
        Choice::Gpus { gpus } => tr!("choice-gpus", gpus = *gpus),
        Choice::Whole => tr!("choice-whole"),
        Choice::Part { gpu_mem } => tr!("choice-part", mem = *gpu_mem),
        Choice::Later { begin, price } => {
            tr!("choice-later", price = safe(price), when = show::minute(*begin))
        }
        Choice::Class { class } => tr!("choice-class", class = safe(class)),
    }
}
