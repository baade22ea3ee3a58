//! What this machine offers, and what belongs to the shell and the system around Rota.

use super::{Cli, Global};
use crate::fault::Fault;
use crate::text::{help, safe, tr};
use crate::{places, show};
use clap::CommandFactory;
use rota_api::{Mode, ServerInfo};
use std::path::Path;
use std::process::{Command, ExitCode};

/// Looks at what Rota can use here, and says what will be missing.
pub fn doctor(global: &Global) -> Result<ExitCode, Fault> {
    let mut found: Vec<(String, String)> = Vec::new();
    let driver = std::fs::read_to_string("/proc/driver/nvidia/version").ok();
    let version = driver.as_deref().and_then(|d| d.lines().next()).map(safe);
    found.push((tr!("doctor-driver"), version.clone().unwrap_or_else(|| tr!("doctor-no-driver"))));
    let listed = Command::new("nvidia-smi").arg("-L").output().ok().filter(|o| o.status.success());
    let text = listed.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    found.extend(text.lines().map(|gpu| (tr!("doctor-gpu"), safe(gpu))));
    if version.is_some() {
        found.push((tr!("doctor-turns"), tr!("doctor-turns-requeue")));
    }
    found.push((tr!("doctor-freeze"), freeze()));
    found.push((tr!("doctor-server"), server(global)));
    let root = nix::unistd::geteuid().is_root();
    let who = if root { tr!("doctor-root") } else { tr!("doctor-not-root") };
    found.push((tr!("doctor-identity"), who));
    found.push((tr!("doctor-store"), store()));
    if global.json {
        return super::jobs::json(&found);
    }
    for (what, text) in found {
        show::line(&format!("{}{text}", show::label(&what, 11)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn freeze() -> String {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let unified = mounts.lines().find(|l| l.contains(" - cgroup2 "));
    let writable =
        |at: &&str| nix::unistd::access(Path::new(at), nix::unistd::AccessFlags::W_OK).is_ok();
    match unified.and_then(|l| l.split(' ').nth(4)).filter(writable) {
        Some(at) => tr!("doctor-freeze-cgroup", path = at),
        None => tr!("doctor-freeze-sigstop"),
    }
}

fn server(global: &Global) -> String {
    match global.client().and_then(|mut c| c.get::<ServerInfo>("/v1/server")) {
        Ok(info) if info.mode == Mode::System => {
            tr!("serving-everyone", pid = info.pid, store = info.store)
        }
        Ok(info) => tr!("serving-you", who = info.you, pid = info.pid, store = info.store),
        Err(why) => why.text(),
    }
}

fn store() -> String {
    let store = places::state();
    let at = if store.exists() { store.clone() } else { "/".into() };
    let free = nix::sys::statvfs::statvfs(&at);
    let free = free.map_or(0, |s| (s.blocks_available() * s.fragment_size()) >> 20);
    tr!("doctor-store-free", path = store.display(), free = rota_core::units::Mib(free))
}

/// Completions for a shell.
pub fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Fault> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut help::localized(Cli::command()), "rota", &mut script);
    show::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// The manual page; into a folder, one for each verb too.
pub fn man(folder: Option<&Path>) -> Result<ExitCode, Fault> {
    let command = help::localized(Cli::command());
    match folder {
        None => clap_mangen::Man::new(command).render(&mut std::io::stdout())?,
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .map_err(|why| Fault::file("error-make", folder, &why))?;
            clap_mangen::generate_to(command, folder)
                .map_err(|why| Fault::file("error-write", folder, &why))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The systemd unit of a server for everyone.
pub fn install(print: bool) -> Result<ExitCode, Fault> {
    let program = std::env::current_exe()?;
    // systemd reads quotes as a shell does, and % as its own.
    let word =
        program.display().to_string().replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    let unit = format!(
        "[Unit]\nDescription=Rota: whose turn it is on the GPUs of this machine\nAfter=network.target\n\n\
         [Service]\nExecStart=\"{word}\" up --system --foreground\nKillMode=process\nRestart=always\n\n\
         [Install]\nWantedBy=multi-user.target\n"
    );
    if print {
        show::print(&unit)?;
        return Ok(ExitCode::SUCCESS);
    }
    let path = Path::new("/etc/systemd/system/rota.service");
    std::fs::write(path, unit).map_err(|why| Fault::file("error-write", path, &why))?;
    show::line(&tr!("installed", path = path.display()))?;
    Ok(ExitCode::SUCCESS)
}
