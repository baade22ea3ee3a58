//! The hidden `rota serve`: the one place that calls the server.

use crate::ctx::{Ctx, print};
use crate::error::Error;
use crate::{place, start};
use clap::Args;
use rota_api::Mode;
use rota_core::units::Span;
use rota_server::ServeOptions;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

/// Options that `rota up` shares.
#[derive(Args, Clone)]
pub struct Serve {
    /// Serve everyone on the machine; needs root
    #[arg(long)]
    pub system: bool,
    /// Simulated nodes, such as h100*8,a100*4, or campus
    #[arg(long, value_name = "NODES")]
    pub simulate: Option<String>,
    /// How long a job may hold a GPU before others get their turn
    #[arg(long, value_name = "TIME", value_parser = Span::parse)]
    pub turn: Option<Span>,
    /// Folder of the store
    #[arg(long, value_name = "FOLDER")]
    pub store: Option<PathBuf>,
    /// Leave the terminal and say "ready" on standard output
    #[arg(long, hide = true)]
    pub detached: bool,
}

/// Where and how these options ask to serve.
pub fn options(ctx: &Ctx, args: &Serve) -> Result<ServeOptions, Error> {
    let mode = if args.system { Mode::System } else { Mode::Private };
    let socket = match (&ctx.socket, mode) {
        (Some(named), _) => named.clone(),
        (None, Mode::System) => place::SYSTEM_SOCKET.into(),
        (None, Mode::Private) => place::private_socket(),
    };
    let store = match (&args.store, mode) {
        (Some(named), _) => named.clone(),
        (None, Mode::System) => place::SYSTEM_STORE.into(),
        (None, Mode::Private) => place::state_folder()?,
    };
    let program =
        std::env::current_exe().map_err(|e| Error::file(Path::new("/proc/self/exe"), e))?;
    Ok(ServeOptions {
        socket,
        store,
        mode,
        simulate: args.simulate.clone(),
        turn: args.turn,
        program,
        spawner_args: vec!["spawner".into()],
    })
}

/// Serves, in the foreground unless told otherwise.
pub fn background(ctx: &Ctx, args: Serve) -> Result<u8, Error> {
    let options = options(ctx, &args)?;
    if options.mode == Mode::Private && ctx.socket.is_none() {
        place::prepare_private(&options.socket)?;
    }
    if args.detached {
        // It fails only where this already leads a session.
        let _ = nix::unistd::setsid();
        serve(&options, || {
            // The one who waits may be gone.
            let _ = print(&format!("{}\n", start::READY));
            let _ = close_output();
        })?;
    } else {
        let socket = options.socket.display().to_string();
        serve(&options, || ctx.note("serving", &[("socket", &socket)]))?;
    }
    Ok(0)
}

/// From here on standard output goes nowhere: who waits for its end goes on.
fn close_output() -> std::io::Result<()> {
    let nowhere = OpenOptions::new().write(true).open("/dev/null")?;
    nix::unistd::dup2_stdout(nowhere).map_err(Into::into)
}

fn serve(options: &ServeOptions, ready: impl FnOnce()) -> Result<(), Error> {
    rota_server::serve(options, ready).map_err(Error::from)
}
