//! The policy: looked at, compared and applied.

use super::Global;
use crate::client::Client;
use crate::fault::{Fault, failed};
use crate::policy_text::{changes, faults};
use crate::show;
use crate::text::tr;
use clap::{Args, Subcommand};
use rota_api::{Done, PolicyChecked, PolicyInForce, ServerInfo};
use rota_core::policy::Policy;
use rota_core::policy::verify::verify;
use rota_core::units::Time;
use rota_policy::check::{Checked, check};
use rota_policy::diff::Diff;
use rota_policy::zone;
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Who may use what, who goes first, and what happens when it is full.
#[derive(Args)]
pub struct PolicyArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Say what is wrong with a file; with a server, also for its nodes and people
    Check {
        /// The file
        file: PathBuf,
    },
    /// The policy in force, as a file to start from
    Show,
    /// What a file would change, and for whom
    Diff {
        /// The file
        file: PathBuf,
    },
    /// Set the policy of the server; admins only
    Apply {
        /// The file
        file: PathBuf,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Looks at the policy, or sets it.
pub fn policy(global: &Global, args: &PolicyArgs) -> Result<ExitCode, Fault> {
    match &args.what {
        What::Check { file } => check_file(global, file),
        What::Show => show_in_force(global),
        What::Diff { file } => diff(global, file),
        What::Apply { file, yes } => apply(global, file, *yes),
    }
}

/// What `check` found, as JSON.
#[derive(Serialize)]
struct Found<'a> {
    good: bool,
    server: bool,
    faults: &'a [rota_policy::Fault],
}

fn check_file(global: &Global, file: &Path) -> Result<ExitCode, Fault> {
    let text = read(file)?;
    let mut client = match global.client() {
        Ok(client) => Some(client),
        Err(Fault::NoServer(_)) if global.socket.is_none() => None,
        Err(other) => return Err(other),
    };
    let (checked, _) = look(client.as_mut(), &text)?;
    let good = checked.policy.is_some();
    let code = if good { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if global.json {
        super::jobs::json(&Found { good, server: client.is_some(), faults: &checked.faults })?;
        return Ok(code);
    }
    say_faults(file, &text, &checked)?;
    if client.is_none() {
        show::line(&tr!("policy-no-server"))?;
    }
    if good {
        show::line(&tr!("policy-good", path = file.display()))?;
    }
    Ok(code)
}

fn say_faults(file: &Path, text: &str, checked: &Checked) -> Result<(), Fault> {
    Ok(show::print(&faults(&file.display().to_string(), text, &checked.faults))?)
}

/// Reads a file's text and has it looked at, by the server where there is one.
fn look(client: Option<&mut Client>, text: &str) -> Result<(Checked, Diff), Fault> {
    let mut diff = Diff::default();
    let checked = check(text, &zone::system(), |policy| match client {
        None => Ok(verify(policy, None, show::now())),
        Some(client) => {
            let answer: PolicyChecked = client.post("/v1/policy/check", policy)?;
            diff = answer.diff;
            Ok::<_, Fault>(answer.findings)
        }
    })?;
    Ok((checked, diff))
}

fn read(file: &Path) -> Result<String, Fault> {
    let bytes = std::fs::read(file).map_err(|why| Fault::file("error-read", file, &why))?;
    String::from_utf8(bytes).map_err(|_| failed!("policy-not-text", path = file.display()))
}

fn show_in_force(global: &Global) -> Result<ExitCode, Fault> {
    let mut now: PolicyInForce = global.client()?.get("/v1/policy")?;
    if now.by.is_none() {
        now.policy.zone = zone::system();
    }
    if global.json {
        return super::jobs::json(&now);
    }
    let head = match (&now.by, now.at) {
        (Some(by), Some(at)) => tr!("policy-applied-by", who = by, when = day(at)),
        _ => tr!("policy-never-applied"),
    };
    let head: String = head.lines().map(|line| format!("# {line}\n")).collect();
    show::print(&format!("{head}\n{}", rota_policy::write(&now.policy)))?;
    Ok(ExitCode::SUCCESS)
}

/// A day with its year: the file may be read much later.
fn day(at: Time) -> String {
    let moment = i64::try_from(at.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let local = moment.map(|m| m.to_zoned(jiff::tz::TimeZone::system()));
    local.map_or_else(|| tr!("not-known"), |t| t.strftime("%Y-%m-%d %H:%M").to_string())
}

fn diff(global: &Global, file: &Path) -> Result<ExitCode, Fault> {
    let text = read(file)?;
    let (checked, diff) = look(Some(&mut global.client()?), &text)?;
    if checked.policy.is_none() {
        say_faults(file, &text, &checked)?;
        return Ok(ExitCode::FAILURE);
    }
    if global.json {
        return super::jobs::json(&diff);
    }
    show::print(&changes(&diff))?;
    Ok(ExitCode::SUCCESS)
}

fn apply(global: &Global, file: &Path, yes: bool) -> Result<ExitCode, Fault> {
    let text = read(file)?;
    let mut client = global.client()?;
    let (checked, diff) = look(Some(&mut client), &text)?;
    if !global.json {
        say_faults(file, &text, &checked)?;
    }
    let Some(policy) = &checked.policy else {
        if global.json {
            super::jobs::json(&Found { good: false, server: true, faults: &checked.faults })?;
        }
        return Ok(ExitCode::FAILURE);
    };
    if !global.json {
        show::print(&changes(&diff))?;
    }
    let applied: PolicyInForce = client.get("/v1/policy")?;
    if diff.is_empty() && applied.by.is_some() {
        return if global.json { super::jobs::json(&diff) } else { Ok(ExitCode::SUCCESS) };
    }
    // Who may not is told by the server, and not asked before.
    let info: ServerInfo = client.get("/v1/server")?;
    if !yes && info.admin && !agrees()? {
        show::line(&tr!("policy-not-applied"))?;
        return Ok(ExitCode::FAILURE);
    }
    put(&mut client, policy)?;
    if global.json {
        return super::jobs::json(&diff);
    }
    show::line(&tr!("policy-applied"))?;
    Ok(ExitCode::SUCCESS)
}

fn put(client: &mut Client, policy: &Policy) -> Result<(), Fault> {
    client.put::<Done>("/v1/policy", policy).map(|_| ())
}

/// Asks on the terminal.
fn agrees() -> Result<bool, Fault> {
    if !std::io::stdin().is_terminal() {
        return Err(failed!("policy-needs-yes"));
    }
    show::print(&tr!("policy-ask"))?;
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(["y", "yes", "ㅛ", "예", "네"].contains(&answer.trim().to_lowercase().as_str()))
}
