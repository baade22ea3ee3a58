//! Suspending a program that uses GPUs, and bringing it back, without losing anything.
//!
//! There: lock all → checkpoint all → see that the GPUs are free → freeze → see that no other process has begun to use a
//! GPU. Back: see that there is room → thaw → restore → unlock. The driver works in a thread of the program, so a frozen
//! program would never answer; and a restore without room leaves a process that nothing can bring back.
//!
//! The way back looks at where each process is and not at what was done, so it also undoes a suspend that failed, or that
//! was cut off by a crash.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::client::{CallError, Helper};
use super::cuda::State;
use super::driver::Driver;
use super::helper::{GpuMemory, Memory};
use crate::local::Freezer;

/// Memory that a process needs on a GPU besides what it held: the driver makes its context anew.
const CONTEXT: u64 = 1 << 30;
/// Host memory that is left to others.
const HOST_RESERVE: u64 = 1 << 30;
/// How often processes that begin to use a GPU meanwhile are gathered anew.
const ROUNDS: u32 = 3;

/// What one process held on one GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub pid: i32,
    /// The GPU's uuid.
    pub gpu: String,
    /// Bytes.
    pub bytes: u64,
}

/// Why a program could not be suspended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub why: String,
    /// Trying again is of no use.
    pub lasting: bool,
}

/// Why a program is not back yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delay {
    /// Others hold the memory it needs; nothing was touched.
    NoRoom { why: String },
    /// It did not work this time; it may the next.
    Again { why: String },
    /// It can never be brought back.
    Never { why: String },
}

/// The processes of a job, and how they are stopped and continued.
pub(crate) struct Tree<'a> {
    /// All living processes.
    pub members: &'a dyn Fn() -> BTreeSet<i32>,
    /// Stops and continues them.
    pub freezer: &'a Freezer,
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Failure {
        let lasting = match error {
            // What hung once would hang again, and may still be under way.
            CallError::Unavailable(_) | CallError::Hung(_) => true,
            // Not supported, here or by this program.
            CallError::Refused(code) => code == 801,
            CallError::Crashed => false,
        };
        Failure { why: error.to_string(), lasting }
    }
}

/// Suspends. `journal` is told what is held before anything is changed. After a failure, call [`bring_back`].
pub(crate) fn suspend(
    tree: &Tree,
    helper: &mut Helper,
    journal: &mut dyn FnMut(&[Held]),
) -> Result<Vec<Held>, Failure> {
    let mut all: Vec<Held> = Vec::new();
    for _ in 0..ROUNDS {
        let memory = helper.memory()?;
        let pids = users(tree, helper)?;
        guard(&memory, pids.len() + all.len())?;
        let held = held_by(&memory, &pids);
        let bytes = held.iter().map(|h| h.bytes).sum();
        is_room_in_host(bytes)?;
        all.extend(held);
        journal(&all);
        tree.freezer.allow_memory(all.iter().map(|h| h.bytes).sum()).map_err(passing)?;
        empty(helper, &pids, &all)?;
        see_that_they_are_gone(&memory, &helper.memory()?, &pids)?;
        tree.freezer.freeze(tree.members).map_err(passing)?;
        if users(tree, helper)?.is_empty() {
            return Ok(all);
        }
        tree.freezer.thaw(tree.members);
    }
    Err(passing("its processes begin to use the GPU faster than they can be suspended".into()))
}

/// Brings the program back from wherever it is.
pub(crate) fn bring_back(tree: &Tree, helper: &mut Helper, held: &[Held]) -> Result<(), Delay> {
    let again = |e: CallError| Delay::Again { why: e.to_string() };
    let living = (tree.members)();
    let asleep = states(helper, &living).map_err(again)?;
    if let Some((pid, _)) = asleep.iter().find(|(_, state)| *state == State::Failed) {
        let why = format!("the driver cannot bring process {pid} back any more");
        return Err(Delay::Never { why });
    }
    let out: Vec<i32> =
        asleep.iter().filter(|(_, s)| *s == State::Checkpointed).map(|(pid, _)| *pid).collect();
    if !out.is_empty() {
        is_room_on_gpus(&helper.memory().map_err(again)?, held, &out)?;
    }
    tree.freezer.thaw(tree.members);
    for pid in &out {
        match helper.restore(*pid, bytes_of(held, *pid)) {
            Ok(()) => {}
            Err(CallError::Refused(2)) => {
                let why =
                    format!("the GPU's memory was taken while process {pid} was brought back");
                return Err(Delay::Never { why });
            }
            Err(e) => return Err(again(e)),
        }
    }
    let locked = states(helper, &living).map_err(again)?;
    for (pid, _) in locked.iter().filter(|(_, state)| *state == State::Locked) {
        helper.unlock(*pid).map_err(again)?;
    }
    let last = states(helper, &living).map_err(again)?;
    match last.iter().find(|(_, state)| *state != State::Running) {
        Some((pid, state)) => {
            Err(Delay::Again { why: format!("process {pid} is still {state:?}") })
        }
        None => {
            // A limit that stays too high harms nobody.
            let _ = tree.freezer.allow_memory(0);
            Ok(())
        }
    }
}

/// Lock and checkpoint, before processes are killed that a driver might choke on; what fails is killed as it is.
pub(crate) fn empty_before_kill(tree: &Tree, helper: &mut Helper) {
    let risky = |m: Memory| Driver::parse(&m.driver).is_some_and(Driver::kill_is_risky);
    if !helper.memory().is_ok_and(risky) {
        return;
    }
    for pid in &(tree.members)() {
        if let Ok(Some(State::Running)) = helper.state(*pid) {
            let _ = helper.lock(*pid).and_then(|()| helper.checkpoint(*pid, 0));
        }
    }
}

fn passing(why: String) -> Failure {
    Failure { why, lasting: false }
}

fn lasting(why: impl Into<String>) -> Failure {
    Failure { why: why.into(), lasting: true }
}

/// Processes that use a GPU and are not checkpointed.
fn users(tree: &Tree, helper: &mut Helper) -> Result<Vec<i32>, Failure> {
    let all = states(helper, &(tree.members)())?;
    if all.iter().any(|(_, s)| *s == State::Failed) {
        return Err(lasting("the driver says that one of its processes has failed"));
    }
    Ok(all.into_iter().filter(|(_, s)| *s != State::Checkpointed).map(|(pid, _)| pid).collect())
}

fn states(helper: &mut Helper, pids: &BTreeSet<i32>) -> Result<Vec<(i32, State)>, CallError> {
    let mut found = Vec::new();
    for pid in pids {
        found.extend(helper.state(*pid)?.map(|state| (*pid, state)));
    }
    Ok(found)
}

fn guard(memory: &Memory, processes: usize) -> Result<(), Failure> {
    let Some(driver) = Driver::parse(&memory.driver) else {
        return Err(lasting(format!("the driver's version '{}' is not understood", memory.driver)));
    };
    let version = &memory.driver;
    if !driver.suspends() {
        return Err(lasting(format!(
            "driver {version} cannot suspend programs; 575 and later can"
        )));
    }
    if processes > 1 && !driver.suspends_groups() {
        let why =
            "uses GPUs by several processes, which drivers before 610 cannot suspend together";
        return Err(lasting(format!("it {why}; this is {version}")));
    }
    Ok(())
}

fn held_by(memory: &Memory, pids: &[i32]) -> Vec<Held> {
    let on = |gpu: &GpuMemory| {
        let ours = gpu.processes.iter().filter(|(pid, _)| pids.contains(pid));
        let held =
            |(pid, bytes): &(i32, u64)| Held { pid: *pid, gpu: gpu.uuid.clone(), bytes: *bytes };
        ours.map(held).collect::<Vec<_>>()
    };
    memory.gpus.iter().flat_map(on).collect()
}

/// What was on the GPU must fit into the memory of the machine.
fn is_room_in_host(bytes: u64) -> Result<(), Failure> {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:")).unwrap_or_default();
    let kib = line.split_whitespace().next().and_then(|n| n.parse::<u64>().ok());
    let Some(free) = kib.map(|k| k << 10) else { return Ok(()) };
    let needed = bytes + bytes / 10 + HOST_RESERVE;
    if free >= needed {
        return Ok(());
    }
    let gib = |bytes: u64| bytes.div_ceil(1 << 30);
    let (needed, free) = (gib(needed), free >> 30);
    Err(passing(format!(
        "it needs {needed} GiB of the machine's memory while suspended, and {free} GiB are free"
    )))
}

fn empty(helper: &mut Helper, pids: &[i32], held: &[Held]) -> Result<(), Failure> {
    for pid in pids {
        helper.lock(*pid)?;
    }
    for pid in pids {
        helper.checkpoint(*pid, bytes_of(held, *pid))?;
    }
    Ok(())
}

fn bytes_of(held: &[Held], pid: i32) -> u64 {
    held.iter().filter(|h| h.pid == pid).map(|h| h.bytes).sum()
}

/// A driver may say that it is done and keep the memory.
fn see_that_they_are_gone(before: &Memory, after: &Memory, pids: &[i32]) -> Result<(), Failure> {
    for (was, gpu) in before.gpus.iter().zip(&after.gpus) {
        if let Some((pid, _)) = gpu.processes.iter().find(|(pid, _)| pids.contains(pid)) {
            return Err(passing(format!("process {pid} is still on GPU {}", gpu.uuid)));
        }
        let ours = |(pid, _): &&(i32, u64)| pids.contains(pid);
        let others =
            |m: &GpuMemory| m.processes.iter().filter(|p| !ours(p)).map(|p| p.1).sum::<u64>();
        let held: u64 = was.processes.iter().filter(ours).map(|p| p.1).sum();
        // What others took meanwhile is not ours to explain.
        let expected =
            (was.free + held / 10 * 9).saturating_sub(others(gpu).saturating_sub(others(was)));
        if gpu.free < expected {
            return Err(passing(format!("the memory of GPU {} did not become free", gpu.uuid)));
        }
    }
    Ok(())
}

fn is_room_on_gpus(memory: &Memory, held: &[Held], out: &[i32]) -> Result<(), Delay> {
    for gpu in &memory.gpus {
        let ours: Vec<&Held> =
            held.iter().filter(|h| h.gpu == gpu.uuid && out.contains(&h.pid)).collect();
        let held: u64 = ours.iter().map(|h| h.bytes).sum();
        let spare: u64 = ours.iter().map(|h| h.bytes / 50 + CONTEXT).sum();
        // Alone on the GPU it finds what it left, however full that was.
        let needed = if gpu.processes.is_empty() { held } else { held + spare };
        if gpu.free < needed {
            let mib = |bytes: u64| bytes >> 20;
            let (needed, free) = (mib(needed), mib(gpu.free));
            let by: Vec<String> = gpu.processes.iter().map(|(pid, _)| pid.to_string()).collect();
            let by = if by.is_empty() {
                "nobody that the driver names".into()
            } else {
                format!("process {}", by.join(", "))
            };
            let why = format!(
                "GPU {}: {needed} MiB are needed and {free} MiB are free; held by {by}",
                gpu.uuid
            );
            return Err(Delay::NoRoom { why });
        }
    }
    Ok(())
}
