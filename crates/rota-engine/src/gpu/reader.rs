//! The process that talks to the driver: it says what there is, then a sample a line, until its input ends; at once when
//! anything is written to its input. Calls may hang or crash here; whoever listens starts another.

use super::activity::Activity;
use super::nvml::{self, Opened};
use super::reading::{Reading, Said, Sample};
use super::{Libraries, Sysfs, amd};
use nvml_wrapper::bitmasks::event::EventTypes;
use nvml_wrapper::enums::event::XidError;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::event::EventSet;
use nvml_wrapper::struct_wrappers::event::EventData;
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
    let activities = |nvml| devices.iter().map(|d| Activity::of(nvml, d)).collect();
    let mut activities: Vec<Activity> = nvml.map(activities).unwrap_or_default();
    let events = nvml.and_then(|nvml| events(nvml, &devices));
    let mut reported = Vec::new();
    if devices.is_empty() && amd.is_empty() {
        while wait_for_input(None) != Input::Ended {}
        return Ok(());
    }
    loop {
        let begun = Instant::now();
        let mut now = Sample::default();
        now.gpus.extend(devices.iter().zip(&mut activities).map(|(device, activity)| Reading {
            sm: activity.read(device),
            ..nvml::reading(device)
        }));
        now.gpus.extend(amd.iter().map(|folder| super::amd::reading(folder)));
        now.xids = std::mem::take(&mut reported);
        now.xids.extend(events.iter().flat_map(|set| xids(set, &uuids)));
        say(&Said::Sample(now))?;
        let until = begun + between;
        let goes_on = match &events {
            Some(set) => wait_for_event(set, &uuids, until, &mut reported),
            None => {
                let left = until.saturating_duration_since(Instant::now());
                wait_for_input(Some(left)) != Input::Ended
            }
        };
        if !goes_on {
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

/// How long the driver is waited for before a look at whoever listens.
const SLICE: Duration = Duration::from_millis(100);

/// Waits for the next sample, which is due at once when the driver reports an error or somebody asks for it; false: nobody
/// listens any more.
fn wait_for_event(
    set: &EventSet,
    uuids: &[Option<String>],
    until: Instant,
    reported: &mut Vec<(usize, u64)>,
) -> bool {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match wait_for_input(Some(Duration::ZERO)) {
            Input::Ended => return false,
            Input::Asked => return true,
            Input::Nothing => {}
        }
        let slice = u32::try_from(left.min(SLICE).as_millis()).unwrap_or(u32::MAX);
        match set.wait(slice) {
            Ok(event) => {
                reported.extend(xid(&event, uuids));
                return true;
            }
            Err(NvmlError::Timeout) if left > SLICE => {}
            Err(NvmlError::Timeout) => return true,
            // What cannot be waited for is read when the time has come.
            Err(_) => return wait_for_input(Some(left)) != Input::Ended,
        }
    }
}

/// Errors reported since the last time.
fn xids(set: &EventSet, uuids: &[Option<String>]) -> Vec<(usize, u64)> {
    let mut found = Vec::new();
    while let Ok(event) = set.wait(0) {
        found.extend(xid(&event, uuids));
        if found.len() >= 1000 {
            break;
        }
    }
    found
}

/// Position of the GPU and number of an error.
fn xid(event: &EventData, uuids: &[Option<String>]) -> Option<(usize, u64)> {
    let Some(XidError::Value(xid)) = event.event_data else { return None };
    let uuid = event.device.uuid().ok();
    let at = uuids.iter().position(|known| known.is_some() && *known == uuid)?;
    Some((at, xid))
}

/// What became of standard input.
#[derive(PartialEq, Eq)]
enum Input {
    Nothing,
    /// A sample is asked for.
    Asked,
    Ended,
}

/// Waits for something on standard input, so long at most.
fn wait_for_input(most: Option<Duration>) -> Input {
    let input = std::io::stdin();
    let until = most.map(|most| Instant::now() + most);
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut [PollFd::new(&input, PollFlags::IN)], left.as_ref()) {
            Ok(0) => return Input::Nothing,
            Ok(_) => match rustix::io::read(&input, &mut [0; 64]) {
                Ok(0) => return Input::Ended,
                Ok(_) => return Input::Asked,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return Input::Ended,
            },
            // An interrupted wait only means another one.
            Err(_) => {}
        }
    }
}
