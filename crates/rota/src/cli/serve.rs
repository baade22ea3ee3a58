//! Servers: in the background, in the foreground, stopped, and their store looked after.

use super::Global;
use crate::client::{self, Client};
use crate::fault::Fault;
use crate::places;
use clap::{Args, Subcommand};
use rota_api::{Done, Mode, ServerInfo};
use rota_core::units::Span;
use rota_server::ServeOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `up`.
#[derive(Args)]
pub struct UpArgs {
    /// Serve everyone on this machine; needs root
    #[arg(long)]
    system: bool,
    /// Simulated nodes instead of this machine: campus, or h100*8,a100*4
    #[arg(long)]
    simulate: Option<String>,
    /// How long a job holds GPUs before others get their turn
    #[arg(long)]
    turn: Option<String>,
    /// Folder of the store
    #[arg(long)]
    store: Option<PathBuf>,
    /// Stay in the foreground
    #[arg(long)]
    foreground: bool,
}

/// Options of the server itself.
#[derive(Args)]
pub struct ServeArgs {
    #[arg(long)]
    system: bool,
    #[arg(long)]
    simulate: Option<String>,
    #[arg(long)]
    turn: Option<String>,
    #[arg(long)]
    store: PathBuf,
}

/// Starts a server.
pub fn up(global: &Global, args: &UpArgs) -> Result<ExitCode, Fault> {
    let socket = match (&global.socket, args.system) {
        (Some(path), _) => path.clone(),
        (None, true) => PathBuf::from(places::SYSTEM_SOCKET),
        (None, false) => places::private_socket()?,
    };
    let store = match (&args.store, args.system) {
        (Some(path), _) => std::path::absolute(path).map_err(Fault::Output)?,
        (None, true) => PathBuf::from(places::SYSTEM_STORE),
        (None, false) => places::state(),
    };
    if args.system && !nix::unistd::geteuid().is_root() {
        return Err(rota_server::ServerError::NeedsRoot.into());
    }
    if args.foreground {
        let (system, simulate, turn) = (args.system, args.simulate.clone(), args.turn.clone());
        let global = Global { socket: Some(socket), ..global.clone() };
        return serve(&global, ServeArgs { system, simulate, turn, store });
    }
    if let Ok(mut running) = Client::to(&socket) {
        let info: ServerInfo = running.get("/v1/server")?;
        println!("a server is already running (process {})", info.pid);
        return Ok(ExitCode::SUCCESS);
    }
    let mut more = Vec::new();
    if args.system {
        more.push("--system".to_owned());
    }
    for (name, value) in [("--simulate", &args.simulate), ("--turn", &args.turn)] {
        more.extend(value.iter().flat_map(|v| [name.to_owned(), v.clone()]));
    }
    client::start(&socket, &store, &more)?;
    let info: ServerInfo = Client::to(&socket)?.get("/v1/server")?;
    let whom = match info.mode {
        Mode::System => "everyone on this machine".to_owned(),
        Mode::Private => format!("{} alone (for everyone: sudo rota up --system)", info.you),
    };
    println!("serving {whom}: process {}, store {}", info.pid, info.store);
    if info.simulated {
        println!("GPUs are SIMULATED");
    }
    Ok(ExitCode::SUCCESS)
}

/// Serves in this process.
pub fn serve(global: &Global, args: ServeArgs) -> Result<ExitCode, Fault> {
    let turn = args.turn.as_deref().map(Span::parse).transpose();
    let options = ServeOptions {
        socket: global.socket.clone().map_or_else(places::private_socket, Ok)?,
        store: args.store,
        mode: if args.system { Mode::System } else { Mode::Private },
        simulate: args.simulate,
        turn: turn.map_err(|e| Fault::usage(format!("--turn: {e}")))?,
        program: std::env::current_exe().map_err(Fault::Output)?,
        spawner_args: vec!["spawner".into()],
    };
    rota_server::serve(&options, || {
        let mut out = std::io::stdout();
        // Nobody need be listening.
        drop(writeln!(out, "ready").and_then(|()| out.flush()));
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Stops the server.
pub fn down(global: &Global) -> Result<ExitCode, Fault> {
    let _: Done = global.client()?.post("/v1/down", &())?;
    println!("the server stops; jobs that run go on, and the next server knows them");
    Ok(ExitCode::SUCCESS)
}

/// Looks after a store.
#[derive(Args)]
pub struct AdminArgs {
    #[command(subcommand)]
    what: Admin,
    /// Folder of the store
    #[arg(long, global = true)]
    store: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Admin {
    /// Read the whole log and compare all that was made from it
    Check,
    /// Make a new store from every event that can be read; the old one is kept
    Rebuild,
}

/// Checks or rebuilds a store.
pub fn admin(args: &AdminArgs) -> Result<ExitCode, Fault> {
    let store = args.store.clone().unwrap_or_else(places::state);
    match args.what {
        Admin::Check => {
            let found = rota_server::admin::check(&store)?;
            println!("{} events, {} jobs that have not ended", found.events, found.jobs);
            found.problems.iter().for_each(|p| println!("wrong: {p}"));
            Ok(if found.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Admin::Rebuild => {
            let made = rota_server::admin::rebuild(&store)?;
            println!("{} events kept; the old store is {}", made.events, made.old.display());
            if let Some(why) = made.stopped_at {
                println!("what came after could not be read: {why}");
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}
