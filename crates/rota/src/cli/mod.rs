//! The verbs. Each has a file; this one reads the global options and hands over.

mod admin;
mod adopt;
mod change;
mod doctor;
mod down;
mod gpus;
mod install;
mod logs;
mod manual;
pub mod options;
mod queue;
mod run;
mod serve;
mod show;
mod submit;
mod touch;
mod up;
mod why;
mod words;

use crate::ctx::Ctx;
use crate::error::Error;
use crate::text::Lang;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Whose turn it is on scarce GPUs
#[derive(Parser)]
#[command(name = "rota", version, propagate_version = true)]
struct Cli {
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
    /// Language of the words: en or ko
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    /// Socket of the server
    #[arg(long, global = true, env = "ROTA_SOCKET", hide_env_values = true, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// No colours
    #[arg(long, global = true)]
    no_color: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run a command when its turn comes, and show its output
    Run(run::Run),
    /// Queue a script or a command
    Submit(submit::Submit),
    /// Show the queue
    Queue(queue::Queue),
    /// Show all about a job
    Show(show::Show),
    /// Say why a job waits, and what to do
    Why(why::Why),
    /// Show the output of a job
    Logs(logs::Logs),
    /// End jobs
    Cancel(touch::Jobs),
    /// Keep waiting jobs from starting
    Hold(touch::Jobs),
    /// Let held jobs start
    Release(touch::Jobs),
    /// Change a waiting job
    Change(change::Change),
    /// Put a process that was started by hand into the queue's books
    Adopt(adopt::Adopt),
    /// Show the GPUs and who holds them
    Gpus,
    /// Return to the output of a job
    Attach(run::Attach),
    /// Start a server
    Up(up::Up),
    /// Stop the server; jobs go on
    Down,
    /// Check what this machine offers and what is missing
    Doctor,
    /// Print the completions of a shell
    Completions(manual::Completions),
    /// Print the manual page, or write all pages to a folder
    Man(manual::Man),
    /// Install the system service
    Install(install::Install),
    /// Check or rebuild a store
    Admin(admin::Admin),
    #[command(hide = true)]
    Serve(serve::Serve),
    #[command(hide = true)]
    Spawner,
}

/// The command line as clap knows it; verbs are described in the language of the person.
fn command(lang: Lang) -> clap::Command {
    let command = Cli::command();
    if lang == Lang::En {
        return command;
    }
    let text = crate::text::Text::load(lang);
    let about = |key: &str| text.find(&format!("about-{key}"), &[]);
    let command = match about("rota") {
        Some(words) => command.about(words),
        None => command,
    };
    command.mut_subcommands(|sub| match about(sub.get_name()) {
        Some(words) => sub.about(words),
        None => sub,
    })
}

/// Only a person who reads the help needs the words for it.
fn help_is_asked() -> bool {
    std::env::args_os().len() == 1
        || std::env::args_os()
            .take_while(|a| a != "--")
            .any(|a| a == "--help" || a == "-h" || a == "help" || a == "man" || a == "completions")
}

fn lang_asked() -> Lang {
    let args: Vec<String> =
        std::env::args_os().take_while(|a| a != "--").filter_map(|a| a.into_string().ok()).collect();
    let named = args.iter().enumerate().find_map(|(i, a)| match a.strip_prefix("--lang") {
        Some("") => args.get(i + 1).cloned(),
        Some(value) => value.strip_prefix('=').map(String::from),
        None => None,
    });
    match named.as_deref() {
        Some("ko") => Lang::Ko,
        Some(_) => Lang::En,
        None => Lang::of_environment(),
    }
}

pub fn main() -> ExitCode {
    let lang = if help_is_asked() { lang_asked() } else { Lang::En };
    let parsed = command(lang).try_get_matches().and_then(|m| Cli::from_arg_matches(&m));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(refused) => {
            // A closed terminal cannot be told.
            let _ = refused.print();
            return ExitCode::from(u8::try_from(refused.exit_code()).unwrap_or(2));
        }
    };
    let lang = cli.lang.unwrap_or_else(Lang::of_environment);
    let ctx = Ctx::new(cli.json, cli.no_color, cli.socket, lang);
    match dispatch(&ctx, cli.verb) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let words = error.say(ctx.text());
            if !words.is_empty() {
                let _ = writeln!(std::io::stderr(), "rota: {words}");
            }
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(ctx: &Ctx, verb: Verb) -> Result<u8, Error> {
    match verb {
        Verb::Run(args) => online(run::run(ctx, args)),
        Verb::Attach(args) => online(run::attach(ctx, args)),
        Verb::Submit(args) => online(submit::submit(ctx, args)),
        Verb::Queue(args) => online(queue::queue(ctx, args)),
        Verb::Show(args) => online(show::show(ctx, args)),
        Verb::Why(args) => online(why::why(ctx, args)),
        Verb::Logs(args) => online(logs::logs(ctx, args)),
        Verb::Cancel(jobs) => online(touch::touch(ctx, jobs, "cancel", "cancelled")),
        Verb::Hold(jobs) => online(touch::touch(ctx, jobs, "hold", "held")),
        Verb::Release(jobs) => online(touch::touch(ctx, jobs, "release", "released")),
        Verb::Change(args) => online(change::change(ctx, args)),
        Verb::Adopt(args) => online(adopt::adopt(ctx, args)),
        Verb::Gpus => online(gpus::gpus(ctx)),
        Verb::Up(args) => up::up(ctx, args),
        Verb::Down => online(down::down(ctx)),
        Verb::Doctor => online(doctor::doctor(ctx)),
        Verb::Completions(args) => manual::completions(args),
        Verb::Man(args) => manual::man(ctx, args),
        Verb::Install(args) => install::install(ctx, args),
        Verb::Admin(args) => admin::admin(ctx, args),
        Verb::Serve(args) => serve::background(ctx, args),
        Verb::Spawner => Ok(2),
    }
}

/// Talks to a server: one thread, no more than the call needs.
fn online<A>(work: impl Future<Output = Result<A, Error>>) -> Result<A, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::failed("error-runtime", [("why", e.to_string())]))?;
    let done = runtime.block_on(work);
    // Nothing that is left over may keep the person waiting.
    runtime.shutdown_background();
    done
}

/// A job as it is written: `12` or `12_3`.
fn job(text: &str) -> Result<String, String> {
    let id = rota_core::id::JobId::parse(text);
    id.map(|id| id.to_string()).ok_or_else(|| "a job is a number such as 12, or 12_3".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_and_every_verb_has_words_in_korean() {
        Cli::command().debug_assert();
        let text = crate::text::Text::load(Lang::Ko);
        for sub in Cli::command().get_subcommands().filter(|s| !s.is_hide_set()) {
            let key = format!("about-{}", sub.get_name());
            assert!(text.find(&key, &[]).is_some(), "{key}");
        }
    }
}
