//! Rota: whose turn it is on scarce GPUs.

mod cli;
mod client;
mod fault;
mod places;
mod script;
mod show;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The spawner forks, so it must come before any thread.
    if std::env::args().nth(1).as_deref() == Some("spawner") {
        rota_engine::local::spawner::main();
        return ExitCode::SUCCESS;
    }
    let cli = cli::Cli::parse();
    match cli::act(cli) {
        Ok(code) => code,
        Err(fault) if fault.is_broken_pipe() => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("rota: {fault}");
            ExitCode::FAILURE
        }
    }
}
