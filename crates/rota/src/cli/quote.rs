//! What a job will cost, as a table: a line for each model and pool that may take it.

use super::Global;
use super::jobs::json;
use super::moment;
use super::options::JobOptions;
use super::submit::with_script;
use crate::client::Client;
use crate::fault::Fault;
use crate::show;
use crate::text::{safe, tr};
use clap::Args;
use rota_api::{AskQuote, Quoted, ServerInfo};
use rota_core::job::JobSpec;
use rota_core::purse::Filled;
use rota_core::quote::{Counted, Offer};
use std::process::ExitCode;

/// `rota quote`, and `rota options`: a job that is not queued.
#[derive(Args)]
pub struct QuoteArgs {
    #[command(flatten)]
    options: JobOptions,
    /// A script or a command as for submit; only the script's options are read
    #[arg(trailing_var_arg = true, value_name = "SCRIPT [ARGS] | -- COMMAND")]
    words: Vec<String>,
}

impl QuoteArgs {
    /// Whom to ask, the options with those of the script, and what they ask for under a name.
    pub fn read(self, global: &Global, name: &str) -> Result<(Client, JobOptions, JobSpec), Fault> {
        let (options, _) = with_script(self.options, &self.words)?;
        let mut client = global.client()?;
        let suspends = client.get::<ServerInfo>("/v1/server")?.suspends;
        let begin = moment::begin(options.begin.as_deref())?;
        let spec = JobSpec { begin, ..options.spec(name, &suspends)? };
        Ok((client, options, spec))
    }

    /// The name of the program or script, without its folder.
    pub fn name(&self) -> String {
        let first = self.words.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or_default().to_owned()
    }
}

/// Says what a job will cost; nothing is queued.
pub fn quote(global: &Global, args: QuoteArgs) -> Result<ExitCode, Fault> {
    let (mut client, options, spec) = args.read(global, "quote")?;
    let tasks = options.tasks()?.0.map(|tasks| u32::try_from(tasks.len()).unwrap_or(u32::MAX));
    let ask = AskQuote { spec, tasks, account: options.charged() };
    let quoted: Quoted = client.post("/v1/quote", &ask)?;
    if global.json {
        return json(&quoted);
    }
    let purses = quoted.quote.purses.iter().map(|p| purse(p, &quoted.quote.offers));
    let parts = [
        show::banner(quoted.simulated),
        show::wrapped("", &tr!("quote-title", unit = quoted.unit)),
        table(&quoted),
        purses.collect(),
    ];
    show::print(&parts.concat())?;
    Ok(ExitCode::SUCCESS)
}

fn table(quoted: &Quoted) -> String {
    let rows = quoted.quote.offers.iter().map(|offer| {
        let length = match offer.length {
            Counted::Walltime(span) => show::span(span),
            Counted::Turn(span) => tr!("one-turn", time = show::span(span)),
        };
        let start = match offer.start {
            Some(at) if at <= quoted.now => tr!("now"),
            Some(at) => show::clock(at),
            None => tr!("not-known"),
        };
        vec![
            offer.model.as_deref().map_or_else(|| "-".into(), safe),
            if offer.pool.is_empty() { "-".into() } else { safe(&offer.pool) },
            show::gpu_hours(offer.an_hour),
            length,
            show::gpu_hours(offer.cost),
            start,
        ]
    });
    let header = [
        tr!("column-model"),
        tr!("column-pool"),
        tr!("column-an-hour"),
        tr!("column-for"),
        tr!("column-costs"),
        tr!("column-planned"),
    ];
    show::table(&header, rows.collect(), None)
}

/// What is left before and after the cheapest.
fn purse(purse: &Filled, offers: &[Offer]) -> String {
    let cheapest = offers.iter().map(|offer| offer.cost).min().unwrap_or(0);
    let left = purse.left() / 1000;
    let (who, after) = (purse.who.to_string(), left.saturating_sub(cheapest));
    let until = show::clock(purse.until);
    let (left_text, after_text) = (show::gpu_hours(left), show::gpu_hours(after));
    let text = if cheapest > left {
        tr!("purse-short", who = who, left = left_text, until = until)
    } else {
        tr!("purse-left", who = who, left = left_text, after = after_text, until = until)
    };
    show::wrapped("", &text)
}
