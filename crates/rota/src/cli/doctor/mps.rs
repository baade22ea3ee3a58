//! NVIDIA's MPS: whether its control program is there, which daemons answer, and who goes through them.

use super::{Found, found};
use crate::client::PATIENCE;
use crate::places;
use crate::text::{safe, tr};
use rota_engine::local::mps::{self, Daemon};
use rota_engine::local::{Stranger, Whose};
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;

/// Whose a daemon is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Programs find it that were told of none.
    Usual,
    /// Rota began it for a person's jobs on a GPU.
    Rotas,
}

/// A folder of a daemon, and whose it is.
struct Place {
    kind: Kind,
    folder: PathBuf,
}

/// A process that goes through a daemon.
struct Client {
    pid: u32,
    /// Who runs it, where that can be seen from here.
    user: Option<String>,
    /// No job started it, as far as that can be told.
    is_stranger: bool,
}

/// Asks all daemons at the same time, each for no longer than a server.
pub fn look(socket: Option<&Path>, store: &Path) -> Vec<Found> {
    let Some(program) = mps::program() else {
        return vec![found(tr!("doctor-mps"), false, tr!("doctor-mps-missing"))];
    };
    let there = tr!("doctor-mps-there", path = safe(&program.display().to_string()));
    let mut all = vec![found(tr!("doctor-mps"), true, there)];
    let whose = Whose::beside(store);
    let places = places_of(socket);
    let answers: Vec<Daemon> = thread::scope(|scope| {
        let ask = |place| scope.spawn(move || mps::look(place, PATIENCE));
        let asked: Vec<_> = places.iter().map(|place| ask(&place.folder)).collect();
        asked.into_iter().map(|one| one.join().unwrap_or(Daemon::Absent)).collect()
    });
    for (place, daemon) in places.iter().zip(answers) {
        all.extend(said(place, daemon, whose.as_ref()));
    }
    all
}

/// The usual folder, and those of Rota's own daemons beside each socket that a server may have.
fn places_of(socket: Option<&Path>) -> Vec<Place> {
    let sockets = match socket {
        Some(socket) => vec![socket.to_owned()],
        None => {
            places::private_socket().into_iter().chain([places::SYSTEM_SOCKET.into()]).collect()
        }
    };
    let inside = |socket: &PathBuf| std::fs::read_dir(socket.with_file_name("mps")).ok();
    let entries = sockets.iter().filter_map(inside).flatten().flatten();
    let mut own: Vec<PathBuf> = entries.map(|e| e.path()).filter(|path| path.is_dir()).collect();
    own.sort();
    let own = own.into_iter().map(|folder| Place { kind: Kind::Rotas, folder });
    [Place { kind: Kind::Usual, folder: mps::usual() }].into_iter().chain(own).collect()
}

fn said(place: &Place, daemon: Daemon, whose: Option<&Whose>) -> Vec<Found> {
    let path = safe(&place.folder.display().to_string());
    let uid = std::fs::symlink_metadata(&place.folder).ok().map(|folder| folder.uid());
    let owner = uid.map(account).unwrap_or_default();
    let own = nix::unistd::geteuid();
    let is_closed = !own.is_root() && uid.is_some_and(|uid| uid != own.as_raw());
    let line = |is_good: bool, text: String| found(tr!("doctor-mps"), is_good, text);
    match daemon {
        Daemon::Absent if is_closed => {
            vec![line(false, tr!("doctor-mps-others", path = path, owner = owner))]
        }
        Daemon::Absent if place.kind == Kind::Usual => {
            vec![line(true, tr!("doctor-mps-quiet", path = path))]
        }
        Daemon::Absent => vec![line(false, tr!("doctor-mps-gone", path = path, owner = owner))],
        Daemon::Silent => vec![line(false, tr!("doctor-mps-hangs", path = path, owner = owner))],
        Daemon::Serves(servers) => {
            let clients = clients(servers.into_values().flatten().collect(), whose);
            let text = if clients.is_empty() {
                tr!("doctor-mps-idle", path = path, owner = owner)
            } else {
                let names = names(clients.iter());
                tr!("doctor-mps-busy", path = path, owner = owner, clients = names)
            };
            let mut faults = faults(&clients);
            if place.kind == Kind::Usual {
                faults.insert(0, tr!("doctor-mps-usual", owner = owner));
            }
            let first = line(faults.is_empty(), text);
            [first].into_iter().chain(faults.into_iter().map(|text| line(false, text))).collect()
        }
    }
}

/// What is wrong with who goes through a daemon, and what helps.
fn faults(clients: &[Client]) -> Vec<String> {
    let mut all = Vec::new();
    let strangers: Vec<&Client> = clients.iter().filter(|client| client.is_stranger).collect();
    if !strangers.is_empty() {
        all.push(tr!("doctor-mps-strangers", clients = names(strangers)));
    }
    let people: BTreeSet<&str> = clients.iter().filter_map(|c| c.user.as_deref()).collect();
    if people.len() > 1 {
        let people: Vec<&str> = people.into_iter().collect();
        all.push(tr!("doctor-mps-people", people = people.join(", ")));
    }
    all
}

fn clients(pids: Vec<u32>, whose: Option<&Whose>) -> Vec<Client> {
    let jobs = whose.map(|whose| whose.of(&pids));
    let client = |pid: u32| {
        let user = Stranger::of(pid).map(|stranger| safe(&stranger.user));
        // One that cannot be seen may have ended.
        let is_stranger =
            user.is_some() && jobs.as_ref().is_some_and(|jobs| !jobs.contains_key(&pid));
        Client { pid, user, is_stranger }
    };
    pids.into_iter().map(client).collect()
}

fn names<'c>(clients: impl IntoIterator<Item = &'c Client>) -> String {
    let name = |Client { pid, user, .. }: &Client| match user {
        Some(user) => format!("{pid} ({user})"),
        None => pid.to_string(),
    };
    clients.into_iter().map(name).collect::<Vec<_>>().join(", ")
}

fn account(uid: u32) -> String {
    let known = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)).ok().flatten();
    known.map_or_else(|| format!("uid-{uid}"), |account| safe(&account.name))
}
