//! Rota: whose turn it is on scarce GPUs.

#![deny(clippy::print_stderr, clippy::print_stdout)]

mod board;
mod cli;
mod client;
mod fault;
mod files;
mod fitness_text;
mod idle_text;
mod nodes_file;
mod part;
mod places;
mod policy_text;
mod progress;
mod script;
mod sheet;
mod show;
mod start;
mod text;
mod tui;
mod web;

use clap::FromArgMatches;
use clap::error::ErrorKind;
use rota_engine::gpu;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let words: Vec<String> =
        std::env::args_os().map(|w| w.to_string_lossy().into_owned()).collect();
    match words.get(1).map(String::as_str) {
        // The spawner forks, so it must come before any thread.
        Some("spawner") => {
            rota_engine::local::spawner::main();
            return ExitCode::SUCCESS;
        }
        Some(gpu::HELPER) => return gpu::helper::main(),
        Some(gpu::READER) => {
            let between = words.get(2).and_then(|w| w.parse().ok()).unwrap_or(2000);
            return gpu::reader::main(Duration::from_millis(between));
        }
        _ => {}
    }
    text::choose(text::Lang::of(&words));
    let command = text::help::localized(cli::command());
    let parsed = command.try_get_matches().and_then(|m| cli::Cli::from_arg_matches(&m));
    match parsed {
        Ok(cli) => done(cli::act(cli)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                done(error.print().map(|()| ExitCode::SUCCESS).map_err(Into::into))
            }
            _ => {
                show::beside(&text::help::error_text(&error));
                ExitCode::from(2)
            }
        },
    }
}

fn done(result: Result<ExitCode, fault::Fault>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(fault) if fault.is_broken_pipe() => ExitCode::SUCCESS,
        Err(fault) => {
            show::aside(&fault.text());
            ExitCode::from(fault.exit_code())
        }
    }
}
