//! The process that talks to the driver: it says what there is, then a sample a line, until its input ends. Calls may hang
//! or crash here; whoever listens starts another.

use super::nvml::{self, Opened};
use super::reading::{Said, Sample};
use super::{Libraries, Sysfs, amd};
use nvml_wrapper::bitmasks::event::EventTypes;
use nvml_wrapper::enums::event::XidError;
use nvml_wrapper::event::EventSet;
use nvml_wrapper::{Device, Nvml};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The whole life of a reader; `between`: time between two samples.
pub fn main(between: Duration) -> ExitCode {
    let sysfs = Sysfs::from_environment();
    let amd = amd::gpus(&sysfs);
    let (amd, folders): (Vec<_>, Vec<PathBuf>) = amd.into_iter().unzip();
    let said = match nvml::open(&Libraries::from_environment()) {
        Opened::Fault(why) => say(&Said::Fault { why }),
        Opened::NoDriver => {
            let machine = super::Machine { gpus: amd, ..super::Machine::default() };
            say(&Said::Machine(machine)).and_then(|()| sample(None, &folders, between))
        }
        Opened::Yes(nvml) => match nvml::machine(&nvml, &sysfs) {
            Err(why) => say(&Said::Fault { why }),
            Ok(mut machine) => {
                machine.gpus.extend(amd);
                say(&Said::Machine(machine)).and_then(|()| sample(Some(&nvml), &folders, between))
            }
        },
    };
    // Nobody listens any more.
    if said.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(what: &Said) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    std::io::stdout().lock().write_all(&line)
}

fn sample(nvml: Option<&Nvml>, amd: &[PathBuf], between: Duration) -> std::io::Result<()> {
    let devices = nvml.and_then(|nvml| nvml::devices(nvml).ok()).unwrap_or_default();
    let uuids: Vec<Option<String>> = devices.iter().map(|d| d.uuid().ok()).collect();
    let events = nvml.and_then(|nvml| events(nvml, &devices));
    if devices.is_empty() && amd.is_empty() {
        wait_for_input(None);
        return Ok(());
    }
    loop {
        let begun = Instant::now();
        let mut now = Sample::default();
        now.gpus.extend(devices.iter().map(nvml::reading));
        now.gpus.extend(amd.iter().map(|folder| super::amd::reading(folder)));
        now.xids = events.as_ref().map(|set| xids(set, &uuids)).unwrap_or_default();
        say(&Said::Sample(now))?;
        if wait_for_input(Some(between.saturating_sub(begun.elapsed()))) {
            return Ok(());
        }
    }
}

/// Where the driver reports errors; none where it does not, or only to others.
fn events<'n>(nvml: &'n Nvml, devices: &[Device<'n>]) -> Option<EventSet<'n>> {
    let mut set = nvml.create_event_set().ok()?;
    for device in devices {
        // A refusal uses the set up.
        set = match device.register_events(EventTypes::CRITICAL_XID_ERROR, set) {
            Ok(set) => set,
            Err(_) => return None,
        };
    }
    Some(set)
}

/// Errors reported since the last time.
fn xids(set: &EventSet, uuids: &[Option<String>]) -> Vec<(usize, u64)> {
    let mut found = Vec::new();
    while let Ok(event) = set.wait(0) {
        let Some(XidError::Value(xid)) = event.event_data else { continue };
        let uuid = event.device.uuid().ok();
        let at = uuids.iter().position(|known| known.is_some() && *known == uuid);
        found.extend(at.map(|at| (at, xid)));
        if found.len() >= 1000 {
            break;
        }
    }
    found
}

/// Whether standard input has ended, after so long at most.
fn wait_for_input(most: Option<Duration>) -> bool {
    let input = std::io::stdin();
    let until = most.map(|most| Instant::now() + most);
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut [PollFd::new(&input, PollFlags::IN)], left.as_ref()) {
            Ok(0) => return false,
            // Nothing is ever written to it: readable is ended.
            Ok(_) => return true,
            // An interrupted wait only means another one.
            Err(_) => {}
        }
    }
}
