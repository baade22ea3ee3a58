//! `rota up`: starts a server in the background and says whom it serves.

use super::serve::{self, Serve};
use crate::client::Client;
use crate::ctx::Ctx;
use crate::error::Error;
use crate::start;
use clap::Args;
use rota_api::{Mode, ServerInfo};

#[derive(Args)]
pub struct Up {
    #[command(flatten)]
    serve: Serve,
    /// Stay in this terminal
    #[arg(long)]
    foreground: bool,
}

pub fn up(ctx: &Ctx, args: Up) -> Result<u8, Error> {
    if args.serve.system && !nix::unistd::geteuid().is_root() {
        return Err(Error::Server(rota_server::ServerError::NeedsRoot));
    }
    if args.foreground {
        return serve::background(ctx, args.serve);
    }
    let goal = serve::options(ctx, &args.serve)?;
    let probe = || super::online(probe(&goal.socket));
    let private = goal.mode == Mode::Private && ctx.socket.is_none();
    let lock = if private { Some(start::lock()?) } else { None };
    if let Some(server) = probe()? {
        say(ctx, "up-already", &server)?;
        return Ok(u8::from(args.serve.simulate.is_some() && !server.simulated));
    }
    start::background(&passed_on(ctx, &args.serve))?;
    drop(lock);
    let server = probe()?;
    let server = server.ok_or_else(|| {
        Error::failed("error-no-server-at", [("path", goal.socket.display().to_string())])
    })?;
    say(ctx, "up-started", &server)?;
    Ok(0)
}

async fn probe(socket: &std::path::Path) -> Result<Option<ServerInfo>, Error> {
    match Client::open(socket).await? {
        Some(mut client) => client.get("/v1/server").await.map(Some),
        None => Ok(None),
    }
}

/// The options as the background server reads them; paths made absolute, as it leaves this folder.
fn passed_on(ctx: &Ctx, args: &Serve) -> Vec<String> {
    let mut options = Vec::new();
    let absolute = |p: &std::path::Path| {
        std::path::absolute(p).unwrap_or_else(|_| p.into()).display().to_string()
    };
    if args.system {
        options.push("--system".into());
    }
    if let Some(nodes) = &args.simulate {
        options.extend(["--simulate".into(), nodes.clone()]);
    }
    if let Some(turn) = args.turn {
        options.extend(["--turn".into(), format!("{}s", turn.0.div_ceil(1000))]);
    }
    if let Some(store) = &args.store {
        options.extend(["--store".into(), absolute(store)]);
    }
    if let Some(socket) = &ctx.socket {
        options.extend(["--socket".into(), absolute(socket)]);
    }
    options
}

fn say(ctx: &Ctx, key: &str, server: &ServerInfo) -> Result<(), Error> {
    if ctx.json {
        return ctx.json(server);
    }
    let mode = match server.mode {
        Mode::Private => ctx.say("mode-private", &[]),
        Mode::System => ctx.say("mode-system", &[]),
    };
    let banner = ctx.banner(server.simulated);
    let args: [(&str, &dyn std::fmt::Display); 3] =
        [("mode", &mode), ("pid", &server.pid), ("store", &server.store)];
    crate::ctx::print(&format!("{banner}{}\n", ctx.say(key, &args)))
}
