//! What belongs to the shell and the system around Rota.

use super::command;
use crate::fault::Fault;
use crate::show;
use crate::text::{help, tr};
use std::path::Path;
use std::process::ExitCode;

/// Completions for a shell.
pub fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Fault> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut help::localized(command()), "rota", &mut script);
    show::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// The manual page; into a folder, one for each verb too.
pub fn man(folder: Option<&Path>) -> Result<ExitCode, Fault> {
    let command = help::localized(command());
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
