//! What a program needs to run as if it had been typed here.

use crate::ctx::Ctx;
use crate::error::Error;
use nix::sys::resource::{Resource, getrlimit};
use rota_core::launch::Launch;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Limits that a program inherits, by their name without `RLIMIT_`.
const LIMITS: [(&str, Resource); 15] = [
    ("AS", Resource::RLIMIT_AS),
    ("CORE", Resource::RLIMIT_CORE),
    ("CPU", Resource::RLIMIT_CPU),
    ("DATA", Resource::RLIMIT_DATA),
    ("FSIZE", Resource::RLIMIT_FSIZE),
    ("LOCKS", Resource::RLIMIT_LOCKS),
    ("MEMLOCK", Resource::RLIMIT_MEMLOCK),
    ("MSGQUEUE", Resource::RLIMIT_MSGQUEUE),
    ("NICE", Resource::RLIMIT_NICE),
    ("NOFILE", Resource::RLIMIT_NOFILE),
    ("NPROC", Resource::RLIMIT_NPROC),
    ("RSS", Resource::RLIMIT_RSS),
    ("RTPRIO", Resource::RLIMIT_RTPRIO),
    ("SIGPENDING", Resource::RLIMIT_SIGPENDING),
    ("STACK", Resource::RLIMIT_STACK),
];

/// This environment, directory, mask and these limits; nothing yet of what to run.
pub fn capture(ctx: &Ctx, cwd: &Path) -> Result<Launch, Error> {
    let ulimits = LIMITS
        .iter()
        .filter_map(|(name, resource)| {
            getrlimit(*resource).ok().map(|(soft, hard)| (name.to_string(), soft, hard))
        })
        .collect();
    Ok(Launch { env: environment(ctx), cwd: utf8(cwd)?, umask: umask(), ulimits, ..Launch::default() })
}

/// The environment; what is not UTF-8 cannot be kept and is named.
fn environment(ctx: &Ctx) -> BTreeMap<String, String> {
    let (mut env, mut dropped) = (BTreeMap::new(), Vec::new());
    for (name, value) in std::env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => drop(env.insert(name, value)),
            (Ok(name), Err(_)) => dropped.push(name),
            (Err(name), _) => dropped.push(name.to_string_lossy().into_owned()),
        }
    }
    if !dropped.is_empty() {
        ctx.note("env-dropped", &[("names", &dropped.join(", "))]);
    }
    env
}

/// The mask can only be read by setting it; nothing else runs in this process yet.
fn umask() -> u32 {
    use nix::sys::stat::{Mode, umask};
    let mask = umask(Mode::from_bits_truncate(0o077));
    umask(mask);
    mask.bits()
}

/// The folder to work in: `--chdir`, or this one.
pub fn directory(chdir: Option<&Path>) -> Result<PathBuf, Error> {
    let here = std::env::current_dir().map_err(|e| Error::file(Path::new("."), e))?;
    let Some(there) = chdir else { return Ok(here) };
    let folder = here.join(there);
    std::fs::canonicalize(&folder).map_err(|e| Error::file(&folder, e))
}

/// The path as text.
pub fn utf8(path: &Path) -> Result<String, Error> {
    let text = path.to_str().map(String::from);
    text.ok_or_else(|| Error::failed("error-not-utf8", [("path", path.display().to_string())]))
}
