//! What this machine can do to confine and to stop jobs, found out by doing it to a program that does nothing.

use std::io;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::cgroup::{CONTROLLERS, Group, Limits, mount};
use super::device_filter::allow_only;

/// Far longer than a kernel takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Something that a machine can do for jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// A control group of its own for each job.
    Group,
    /// Its processes stopped as one.
    Freeze,
    /// Its processes ended as one.
    Kill,
    /// No other GPU than its own can be opened.
    Filter,
    /// CPU time by the cores it asked for.
    Cpu,
    /// No more memory than it asked for.
    Memory,
    /// No more processes than a program needs.
    Processes,
}

/// Why something does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// cgroup v2 is not mounted.
    Mount,
    /// Only root may.
    Root,
    /// cgroup v2 has no controller of this name here; another version of cgroup may hold it.
    Controller(&'static str),
    /// What the system said.
    System(String),
}

impl From<io::Error> for Lack {
    fn from(error: io::Error) -> Lack {
        Lack::System(error.to_string())
    }
}

/// Whether each works, and why not.
pub fn probe() -> Vec<(Feature, Result<(), Lack>)> {
    let group = match made() {
        Ok(group) => group,
        Err(why) => return vec![(Feature::Group, Err(why))],
    };
    let mut found = vec![(Feature::Group, Ok(()))];
    match idle(&group) {
        Ok(mut child) => {
            found.push((Feature::Freeze, group.freeze(PATIENCE).map_err(Lack::System)));
            let ended = group.kill().and_then(|()| child.wait()).map(drop);
            found.push((Feature::Kill, ended.map_err(Lack::from)));
            if found.iter().any(|(_, works)| works.is_err()) {
                group.thaw();
                // What the group did not do, a signal does; it was ours.
                let _ = child.kill().and_then(|()| child.wait());
            }
        }
        Err(why) => found.push((Feature::Freeze, Err(why.into()))),
    }
    found.push((Feature::Filter, allow_only(group.path(), &[]).map_err(Lack::from)));
    group.limit(Limits { cpus: 2, memory: 1 << 30 });
    let features = [Feature::Cpu, Feature::Memory, Feature::Processes];
    for (feature, controller) in features.into_iter().zip(CONTROLLERS) {
        let is_there = group.path().join(format!("{controller}.max")).exists();
        found.push((feature, if is_there { Ok(()) } else { Err(Lack::Controller(controller)) }));
    }
    group.remove();
    found
}

fn made() -> Result<Group, Lack> {
    let mount = mount().ok_or(Lack::Mount)?;
    if !nix::unistd::geteuid().is_root() {
        return Err(Lack::Root);
    }
    let group = Group::at(mount.join("rota").join(format!("probe-{}", std::process::id())));
    group.create()?;
    Ok(group)
}

/// A program in the group that waits for input that never comes.
fn idle(group: &Group) -> io::Result<Child> {
    let mut command = Command::new("cat");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
    if let Err(e) = group.join(pid) {
        // It ends with its input in any case.
        let _ = child.kill().and_then(|()| child.wait());
        return Err(e);
    }
    Ok(child)
}
