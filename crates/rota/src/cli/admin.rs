//! `rota admin check` and `rebuild`: looks into a store whose server is down.

use crate::ctx::Ctx;
use crate::error::Error;
use crate::place;
use clap::{Args, Subcommand};
use rota_server::admin;
use std::path::PathBuf;

#[derive(Args)]
pub struct Admin {
    #[command(subcommand)]
    verb: Verb,
    /// Folder of the store
    #[arg(long, global = true, value_name = "FOLDER")]
    store: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Verb {
    /// Compare everything in the store with its event log
    Check,
    /// Make a new store from the readable event log; the old one stays beside it
    Rebuild,
}

pub fn admin(ctx: &Ctx, args: Admin) -> Result<u8, Error> {
    let store = match args.store {
        Some(store) => store,
        None => place::state_folder()?,
    };
    match args.verb {
        Verb::Check => {
            let found = admin::check(&store)?;
            for problem in &found.problems {
                ctx.tell("store-problem", &[("problem", problem)])?;
            }
            let args: [(&str, &dyn std::fmt::Display); 3] =
                [("events", &found.events), ("jobs", &found.jobs), ("problems", &found.problems.len())];
            ctx.tell("store-checked", &args)?;
            Ok(u8::from(!found.problems.is_empty()))
        }
        Verb::Rebuild => {
            let made = admin::rebuild(&store)?;
            if let Some(why) = &made.stopped_at {
                ctx.tell("store-stopped", &[("why", why)])?;
            }
            let old = made.old.display().to_string();
            ctx.tell("store-rebuilt", &[("events", &made.events), ("old", &old)])?;
            Ok(0)
        }
    }
}
