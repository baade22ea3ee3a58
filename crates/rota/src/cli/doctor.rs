//! What Rota can use on this machine, and what will be missing. Everything is tried, nothing is guessed.

mod mps;

use super::Global;
use crate::client::{self, Client};
use crate::fault::Fault;
use crate::text::{safe, tr};
use crate::{places, show};
use rota_api::{Mode, ServerInfo};
use rota_engine::gpu::{Driver, LetsIn, Machine, READER, Reader, Watch, first};
use rota_engine::local::probe::{Feature, Lack, probe};
use serde::Serialize;
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long the driver may take to say what there is.
const PATIENCE: Duration = Duration::from_secs(30);

/// One line of the answer.
#[derive(Serialize)]
struct Found {
    /// What was looked at.
    what: String,
    /// Whether it is as good as it can be.
    is_good: bool,
    /// What was found.
    text: String,
}

/// Looks at what Rota can use here, and says what will be missing.
pub fn doctor(global: &Global) -> Result<ExitCode, Fault> {
    let server = global.client().map_err(|why| why.text()).and_then(asked);
    let (mut all, has_driver) = gpus();
    if has_driver {
        let store = server.as_ref().map_or_else(|_| places::state(), |info| (&info.store).into());
        all.extend(mps::look(global.socket.as_deref(), &store));
    }
    all.extend(probe().into_iter().map(|(feature, works)| confinement(feature, works)));
    all.push(said_of(server));
    let root = nix::unistd::geteuid().is_root();
    let who = if root { tr!("doctor-root") } else { tr!("doctor-not-root") };
    all.push(found(tr!("doctor-identity"), root, who));
    all.push(store());
    if global.json {
        return super::jobs::json(&all);
    }
    for Found { what, is_good, text } in all {
        let mark = if is_good { "✓" } else { "–" };
        show::print(&show::wrapped(&format!("{mark} {}", show::label(&what, 12)), &text))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn found(what: String, is_good: bool, text: String) -> Found {
    Found { what, is_good, text }
}

/// The driver and its GPUs, and whether there is one.
fn gpus() -> (Vec<Found>, bool) {
    let machine = match machine() {
        Ok(machine) => machine,
        Err(why) => return (vec![found(tr!("doctor-driver"), false, why)], false),
    };
    let driver = machine.driver.as_deref();
    let version = driver
        .map_or_else(|| tr!("doctor-no-driver"), |v| tr!("doctor-version", version = safe(v)));
    let mut all = vec![found(tr!("doctor-driver"), driver.is_some(), version)];
    for gpu in &machine.gpus {
        let text = tr!(
            "doctor-gpu-is",
            product = safe(&gpu.product),
            memory = gpu.memory,
            uuid = safe(&gpu.name())
        );
        all.push(found(tr!("doctor-gpu"), true, text));
        if let Some(instances) = &gpu.mig {
            let text = tr!("doctor-slices", count = instances.len());
            all.push(found(tr!("doctor-gpu"), !instances.is_empty(), text));
        }
        let closed = match gpu.lets_in {
            LetsIn::Any => None,
            LetsIn::One => Some(tr!("doctor-one-program")),
            LetsIn::Nobody => Some(tr!("doctor-no-program")),
        };
        all.extend(closed.map(|text| found(tr!("doctor-gpu"), false, text)));
        if gpu.persistence == Some(false) {
            all.push(found(tr!("doctor-gpu"), false, tr!("doctor-persistence")));
        }
    }
    if let Some(driver) = driver {
        let suspends = Driver::parse(driver).is_some_and(Driver::suspends);
        let text = if suspends { tr!("doctor-turns-suspend") } else { tr!("doctor-turns-requeue") };
        all.push(found(tr!("doctor-turns"), suspends, text));
    }
    (all, driver.is_some())
}

/// The GPUs as a reader finds them.
fn machine() -> Result<Machine, String> {
    let words = |why: &dyn std::fmt::Display| tr!("doctor-unreadable", why = why);
    let program = std::env::current_exe().map_err(|why| words(&why))?;
    let args = vec![READER.to_owned(), PATIENCE.as_millis().to_string()];
    let reader = Reader { program, args, patience: PATIENCE, pause: Duration::from_secs(1) };
    let (tell, heard) = channel();
    let _watch = Watch::open(reader, move |h| drop(tell.send(h))).map_err(|why| words(&why))?;
    let said = |why: Option<String>| why.map_or_else(|| tr!("doctor-silent"), |why| safe(&why));
    first(&heard, PATIENCE).map_err(|why| words(&said(why)))
}

fn confinement(feature: Feature, works: Result<(), Lack>) -> Found {
    let (what, text) = match feature {
        Feature::Group => (tr!("doctor-group"), tr!("doctor-group-works")),
        Feature::Freeze => (tr!("doctor-freeze"), tr!("doctor-freeze-works")),
        Feature::Kill => (tr!("doctor-kill"), tr!("doctor-kill-works")),
        Feature::Filter => (tr!("doctor-filter"), tr!("doctor-filter-works")),
        Feature::Cpu => (tr!("doctor-cpu"), tr!("doctor-cpu-works")),
        Feature::Memory => (tr!("doctor-memory"), tr!("doctor-memory-works")),
        Feature::Processes => (tr!("doctor-processes"), tr!("doctor-processes-works")),
    };
    let instead = match feature {
        Feature::Group => tr!("doctor-group-instead"),
        Feature::Freeze | Feature::Kill => tr!("doctor-freeze-instead"),
        Feature::Filter => tr!("doctor-filter-instead"),
        Feature::Cpu | Feature::Memory | Feature::Processes => tr!("doctor-limit-instead"),
    };
    match works {
        Ok(()) => found(what, true, text),
        Err(lack) => found(what, false, format!("{instead} ({})", reason(&lack))),
    }
}

fn reason(lack: &Lack) -> String {
    match lack {
        Lack::Mount => tr!("doctor-no-mount"),
        Lack::Root => tr!("doctor-needs-root"),
        Lack::Controller(name) => tr!("doctor-no-controller", name = name),
        Lack::System(why) => safe(why),
    }
}

fn said_of(server: Result<ServerInfo, String>) -> Found {
    let what = tr!("doctor-server");
    match server {
        Ok(info) if info.mode == Mode::System => {
            found(what, true, tr!("serving-everyone", pid = info.pid, store = info.store))
        }
        Ok(info) => {
            let text = tr!("serving-you", who = info.you, pid = info.pid, store = info.store);
            found(what, true, text)
        }
        Err(why) => found(what, false, why),
    }
}

/// What a server says of itself; one that hangs is not waited for.
fn asked(mut client: Client) -> Result<ServerInfo, String> {
    let (say, said) = channel();
    let late = say.clone();
    client.when_late(client::PATIENCE, move |server, _| drop(late.send(Err(server.hangs()))));
    std::thread::spawn(move || {
        let answer = client.get("/v1/server").map_err(|why| why.text());
        // It came too late to be heard.
        drop(say.send(answer));
    });
    // Whoever asks says something before it ends.
    said.recv().unwrap_or_else(|_| Err(String::new()))
}

fn store() -> Found {
    let store = places::state();
    let at = if store.exists() { store.clone() } else { "/".into() };
    let free = nix::sys::statvfs::statvfs(&at);
    let free = free.map_or(0, |s| (s.blocks_available() * s.fragment_size()) >> 20);
    let text = tr!("doctor-store-free", path = store.display(), free = rota_core::units::Mib(free));
    found(tr!("doctor-store"), free >= 1024, text)
}
