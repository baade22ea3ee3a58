//! `rota submit`: queues a script or a command and prints its number.

use super::options::{JobOptions, Program, settle_turns};
use crate::client::Client;
use crate::ctx::Ctx;
use crate::error::Error;
use crate::script;
use clap::Args;
use hyper::Method;
use rota_api::Submitted;

#[derive(Args)]
pub struct Submit {
    #[command(flatten)]
    options: JobOptions,
    /// A script and its arguments, or a command after --
    #[arg(required = true, trailing_var_arg = true, value_name = "SCRIPT [ARGS] | -- COMMAND")]
    words: Vec<String>,
}

/// Longest script in bytes.
const LONGEST: u64 = 4 << 20;

pub async fn submit(ctx: &Ctx, args: Submit) -> Result<u8, Error> {
    let (options, program) = if is_command(&args.words) {
        (args.options, Program { argv: args.words, script: None })
    } else {
        read_script(ctx, args.options, args.words)?
    };
    let asked = options.turns.is_some();
    let mut submit = options.submit(ctx, program)?;
    if submit.launch.stdout.is_empty() {
        submit.launch.stdout =
            if submit.tasks.is_some() { "rota-%A_%a.out".into() } else { "rota-%j.out".into() };
    }
    let mut client = Client::reach_or_start(ctx).await?;
    settle_turns(&mut client, &mut submit, asked).await?;
    let done: Submitted = client.send(Method::POST, "/v1/jobs", &submit).await?;
    if ctx.json {
        ctx.json(&done)?;
    } else if submit.tasks.is_some() {
        ctx.tell("submitted-array", &[("job", &done.number), ("tasks", &done.tasks)])?;
    } else {
        ctx.tell("submitted", &[("job", &done.number)])?;
    }
    Ok(0)
}

/// Whether the words stood after `--`.
fn is_command(words: &[String]) -> bool {
    let args: Vec<_> = std::env::args_os().collect();
    let dash = args.iter().position(|a| a == "--");
    dash.is_some_and(|at| args.len() - at - 1 == words.len())
}

fn read_script(
    ctx: &Ctx,
    options: JobOptions,
    words: Vec<String>,
) -> Result<(JobOptions, Program), Error> {
    let name = words.first().cloned().unwrap_or_default();
    let said = |key| Error::usage(key, [("path", name.clone()), ("command", words.join(" "))]);
    let size = match std::fs::metadata(&name) {
        Ok(found) if found.is_file() => found.len(),
        _ => return Err(said("script-absent")),
    };
    if size > LONGEST {
        return Err(said("script-strange"));
    }
    let text = std::fs::read_to_string(&name).map_err(|_| said("script-strange"))?;
    if !text.starts_with("#!") {
        return Err(said("script-strange"));
    }
    let options = options.over(script::options(ctx, &name, &text)?);
    Ok((options, Program { argv: words, script: Some(text) }))
}
