//! What this machine offers, and what belongs to the shell and the system around Rota.

use super::{Cli, Global};
use crate::fault::Fault;
use crate::places;
use clap::CommandFactory;
use rota_api::ServerInfo;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Looks at what Rota can use here, and says what will be missing.
pub fn doctor(global: &Global) -> Result<ExitCode, Fault> {
    let driver = std::fs::read_to_string("/proc/driver/nvidia/version").ok();
    match driver.as_deref().and_then(|d| d.lines().next()) {
        Some(line) => println!("driver     {line}"),
        None => println!(
            "driver     none: jobs run without GPUs; 'rota up --simulate campus' shows simulated ones"
        ),
    }
    let listed = Command::new("nvidia-smi").arg("-L").output().ok().filter(|o| o.status.success());
    let text = listed.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().for_each(|gpu| println!("gpu        {gpu}"));
    if driver.is_some() {
        println!("turns      on real GPUs by --turns requeue; suspending them is not there yet");
    }
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let unified =
        mounts.lines().find(|l| l.contains(" - cgroup2 ")).and_then(|l| l.split(' ').nth(4));
    match unified {
        Some(at) if nix::unistd::access(Path::new(at), nix::unistd::AccessFlags::W_OK).is_ok() => {
            println!("freeze     by cgroup ({at})");
        }
        _ => println!(
            "freeze     by SIGSTOP to every process: no cgroup v2 that we may write; programs can notice"
        ),
    }
    match global.client().and_then(|mut c| c.get::<ServerInfo>("/v1/server")) {
        Ok(info) => {
            println!("server     process {}, {:?}, store {}", info.pid, info.mode, info.store)
        }
        Err(why) => println!("server     {why}"),
    }
    println!(
        "identity   {}",
        if nix::unistd::geteuid().is_root() {
            "root: 'rota up --system' serves everyone on this machine"
        } else {
            "not root: a server of yours serves you alone"
        }
    );
    let store = places::state();
    let at = if store.exists() { store.clone() } else { "/".into() };
    let free =
        nix::sys::statvfs::statvfs(&at).map(|s| (s.blocks_available() * s.fragment_size()) >> 20);
    println!("store      {} ({} MiB free)", store.display(), free.unwrap_or(0));
    Ok(ExitCode::SUCCESS)
}

/// Completions for a shell.
pub fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Fault> {
    clap_complete::generate(shell, &mut Cli::command(), "rota", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}

/// The manual page.
pub fn man() -> Result<ExitCode, Fault> {
    clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
    Ok(ExitCode::SUCCESS)
}

/// The systemd unit of a server for everyone.
pub fn install(print: bool) -> Result<ExitCode, Fault> {
    let program = std::env::current_exe()?;
    let unit = format!(
        "[Unit]\nDescription=Rota: whose turn it is on the GPUs of this machine\nAfter=network.target\n\n\
         [Service]\nExecStart={} up --system --foreground\nKillMode=process\nRestart=always\n\n\
         [Install]\nWantedBy=multi-user.target\n",
        program.display()
    );
    if print {
        print!("{unit}");
        return Ok(ExitCode::SUCCESS);
    }
    let path = Path::new("/etc/systemd/system/rota.service");
    std::fs::write(path, unit).map_err(|why| Fault::File {
        what: "write",
        path: path.into(),
        why,
    })?;
    println!("wrote {}; now: systemctl enable --now rota", path.display());
    Ok(ExitCode::SUCCESS)
}
