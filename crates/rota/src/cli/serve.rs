//! Servers: in the background, in the foreground, stopped, and their store looked after.

use super::Global;
use super::options::read_span;
use crate::client::Client;
use crate::fault::{Fault, usage};
use crate::idle_text;
use crate::text::tr;
use crate::{places, show, start};
use clap::{Args, Subcommand};
use rota_api::{Done, Mode, ServerInfo};
use rota_server::ServeOptions;
use std::path::{Path, PathBuf};
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
    /// Program that passes messages on to people, by mail or chat
    #[arg(long, value_name = "PROGRAM")]
    notify: Option<PathBuf>,
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
    #[arg(long)]
    notify: Option<PathBuf>,
    /// Leave the terminal, and say on standard output when the socket answers
    #[arg(long)]
    background: bool,
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
    let notify = args.notify.as_deref().map(program).transpose()?;
    if args.system && !nix::unistd::geteuid().is_root() {
        return Err(rota_server::ServerError::NeedsRoot.into());
    }
    if args.foreground {
        let (system, simulate, turn) = (args.system, args.simulate.clone(), args.turn.clone());
        let global = Global { socket: Some(socket), ..global.clone() };
        let background = false;
        return serve(&global, ServeArgs { system, simulate, turn, store, notify, background });
    }
    // For everyone, the server itself makes it so that everyone can come in.
    if let Some(folder) = socket.parent().filter(|f| !args.system && !f.exists()) {
        places::make(folder)?;
    }
    let _lock = if args.system { None } else { Some(start::lock(&socket)?) };
    if let Ok(mut running) = Client::to(&socket) {
        let info: ServerInfo = running.get("/v1/server")?;
        show::line(&tr!("already-serving", pid = info.pid))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut more = Vec::new();
    if args.system {
        more.push("--system".to_owned());
    }
    for (name, value) in [("--simulate", &args.simulate), ("--turn", &args.turn)] {
        more.extend(value.iter().flat_map(|v| [name.to_owned(), v.clone()]));
    }
    if let Some(path) = notify {
        more.extend(["--notify".into(), path.display().to_string()]);
    }
    start::background(&socket, &store, &more)?;
    let info: ServerInfo = Client::to(&socket)?.get("/v1/server")?;
    let text = match info.mode {
        Mode::System => tr!("serving-everyone", pid = info.pid, store = info.store),
        Mode::Private => tr!("serving-you", who = info.you, pid = info.pid, store = info.store),
    };
    show::line(&text)?;
    show::print(&show::banner(info.simulated))?;
    Ok(ExitCode::SUCCESS)
}

/// A program that can be run, by its full path.
fn program(path: &Path) -> Result<PathBuf, Fault> {
    let path = std::path::absolute(path).map_err(Fault::Output)?;
    let runs = nix::unistd::access(&path, nix::unistd::AccessFlags::X_OK).is_ok() && path.is_file();
    if runs { Ok(path) } else { Err(usage!("no-such-program", path = path.display())) }
}

/// Serves in this process.
pub fn serve(global: &Global, args: ServeArgs) -> Result<ExitCode, Fault> {
    let background = args.background;
    if background {
        start::leave_terminal()?;
    }
    let served = serve_here(global, args);
    match served {
        // Whoever started us reads it there, in their language.
        Err(Fault::Refused(problem)) if background => {
            show::aside(&problem.message);
            show::line(&serde_json::to_string(&problem).unwrap_or_default())?;
            Ok(ExitCode::FAILURE)
        }
        other => other,
    }
}

fn serve_here(global: &Global, args: ServeArgs) -> Result<ExitCode, Fault> {
    let options = ServeOptions {
        socket: global.socket.clone().map_or_else(places::private_socket, Ok)?,
        store: args.store,
        mode: if args.system { Mode::System } else { Mode::Private },
        simulate: args.simulate,
        turn: read_span("--turn", args.turn.as_deref())?,
        say: idle_text::notice,
        notify: args.notify.as_deref().map(program).transpose()?,
        program: std::env::current_exe()?,
        spawner_args: vec!["spawner".into()],
        reader_args: vec![rota_engine::gpu::READER.into()],
    };
    rota_server::serve(&options, || {
        // Nobody need be listening.
        drop(show::line(start::READY));
        if args.background {
            drop(start::release_output());
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Stops the server.
pub fn down(global: &Global) -> Result<ExitCode, Fault> {
    let _: Done = global.client()?.post("/v1/down", &())?;
    show::line(&tr!("server-stops"))?;
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
            show::line(&tr!("store-checked", events = found.events, jobs = found.jobs))?;
            found.problems.iter().try_for_each(|p| show::line(&tr!("store-wrong", what = p)))?;
            Ok(if found.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Admin::Rebuild => {
            let made = rota_server::admin::rebuild(&store)?;
            show::line(&tr!("store-rebuilt", events = made.events, old = made.old.display()))?;
            if let Some(why) = made.stopped_at {
                show::line(&tr!("store-stopped-at", why = why))?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}
