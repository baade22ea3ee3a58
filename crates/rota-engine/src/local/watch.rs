//! Turns changed records and ends of processes into sightings; starts and restarts the spawner.
//!
//! One thread waits in one epoll for the folder, for supervisors and for the spawner. Every run is looked at under the
//! lock, so a deed can never fall between "not yet there" and "there".

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use rota_core::observation::{Observation, Seen, Sighting};
use rustix::event::{EventfdFlags, epoll, eventfd};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::link::Link;
use super::look::{Look, gone, look, runs};
use super::record::{Kind, Process, RunId};
use super::whose::Hung;
use super::wire::{Order, Work, encode, tell};
use super::{Deed, What};
use crate::EngineError;

const FOLDER: u64 = 0;
const WAKE: u64 = 1;
const SPAWNER: u64 = 2;
const FIRST_SUPERVISOR: u64 = 16;

/// What the engine and its thread share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub dir: PathBuf,
    epoll: OwnedFd,
    wake: OwnedFd,
    state: Mutex<State>,
    settled: Condvar,
    pub hung: Arc<Hung>,
}

#[derive(Debug)]
struct State {
    /// None once the engine is closing.
    link: Option<Link>,
    /// Runs that have not said anything yet.
    pending: BTreeMap<RunId, Pending>,
    supervisors: BTreeMap<u64, Supervisor>,
    watched: BTreeMap<RunId, u64>,
    next: u64,
    /// The last deed of each run: a supervisor that is killed may not have read it. Repeating it is harmless.
    last: BTreeMap<RunId, Deed>,
    /// To be looked at and sighted.
    look_at: BTreeSet<RunId>,
}

#[derive(Debug, Default)]
struct Pending {
    /// The order, to be repeated if the spawner dies.
    order: Option<Vec<u8>>,
    /// What to do as soon as its supervisor listens.
    deeds: Vec<Deed>,
}

#[derive(Debug)]
struct Supervisor {
    id: RunId,
    process: Process,
    /// Closing it ends the watch.
    _end: OwnedFd,
}

impl Shared {
    pub fn new(
        dir: PathBuf,
        program: PathBuf,
        args: Vec<String>,
    ) -> Result<(Shared, Inotify), EngineError> {
        let watch = |source| EngineError::Watch { source };
        let ready = || -> io::Result<(OwnedFd, OwnedFd, Inotify)> {
            let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
            let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
            let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
            inotify.add_watch(&dir, AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CREATE)?;
            watch_fd(&epoll, inotify.as_fd(), FOLDER)?;
            watch_fd(&epoll, wake.as_fd(), WAKE)?;
            Ok((epoll, wake, inotify))
        };
        let (epoll, wake, inotify) = ready().map_err(watch)?;
        let link = Link::open(dir.clone(), program, args)?;
        link.watch(|fd| watch_fd(&epoll, fd, SPAWNER)).map_err(watch)?;
        let state = State {
            link: Some(link),
            pending: BTreeMap::new(),
            supervisors: BTreeMap::new(),
            watched: BTreeMap::new(),
            next: FIRST_SUPERVISOR,
            last: BTreeMap::new(),
            look_at: BTreeSet::new(),
        };
        let (state, settled, hung) = (Mutex::new(state), Condvar::new(), Arc::default());
        let shared = Shared { dir, epoll, wake, state, settled, hung };
        Ok((shared, inotify))
    }

    /// A panic under the lock leaves nothing half done that a look does not mend.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders a supervisor, unless the run has or had one.
    pub fn order(&self, order: &Order) -> Result<(), EngineError> {
        let state = &mut *self.lock();
        if state.pending.contains_key(&order.id) {
            return Ok(());
        }
        match look(&self.dir, order.id) {
            Look::Nothing => self.send(state, order),
            _ => {
                self.look_soon(state, order.id);
                Ok(())
            }
        }
    }

    fn send(&self, state: &mut State, order: &Order) -> Result<(), EngineError> {
        let records = |source| EngineError::Records { path: self.dir.clone(), source };
        let bytes = encode(order).map_err(records)?;
        let Some(link) = &mut state.link else { return Ok(()) };
        let sent = link.send(&bytes);
        state.pending.entry(order.id).or_default().order = Some(bytes);
        match sent {
            Ok(()) => Ok(()),
            Err(_) => self.restart_spawner(state),
        }
    }

    /// A new spawner gets every order whose run has not said anything; claims keep the rest from happening twice.
    fn restart_spawner(&self, state: &mut State) -> Result<(), EngineError> {
        let Some(link) = &mut state.link else { return Ok(()) };
        tracing::warn!(records = %self.dir.display(), "the spawner of jobs ended; starting another");
        link.restart()?;
        link.watch(|fd| watch_fd(&self.epoll, fd, SPAWNER))
            .map_err(|source| EngineError::Watch { source })?;
        for pending in state.pending.values() {
            let Some(order) = &pending.order else { continue };
            link.send(order).map_err(|source| link.error(source))?;
        }
        Ok(())
    }

    /// Hands a deed to the supervisor, now or when it listens.
    pub fn deliver(&self, deed: &Deed) -> Result<(), EngineError> {
        let id = RunId { job: deed.job, run: deed.run };
        let state = &mut *self.lock();
        if let Some(pending) = state.pending.get_mut(&id) {
            pending.deeds.push(deed.clone());
            return Ok(());
        }
        match look(&self.dir, id) {
            Look::Watched { .. } => self.hand_over(state, deed)?,
            Look::Starting { .. } | Look::Orphaned { .. } => {
                state.pending.entry(id).or_default().deeds.push(deed.clone());
                self.look_soon(state, id);
            }
            Look::Nothing | Look::Over(_) => self.look_soon(state, id),
        }
        Ok(())
    }

    fn hand_over(&self, state: &mut State, deed: &Deed) -> Result<(), EngineError> {
        let id = RunId { job: deed.job, run: deed.run };
        if !matches!(deed.what, What::Signal { .. }) {
            state.last.insert(id, deed.clone());
        }
        match tell(&self.dir, deed) {
            Ok(()) => Ok(()),
            // It ends just now: its end, or who takes over, will answer.
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
                ) =>
            {
                self.look_soon(state, id);
                Ok(())
            }
            Err(source) => Err(EngineError::Control { job: deed.job, run: deed.run, source }),
        }
    }

    fn look_soon(&self, state: &mut State, id: RunId) {
        state.look_at.insert(id);
        self.wake();
    }

    fn wake(&self) {
        // It can only be full, and then the thread wakes anyway.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    pub fn observe(&self, patience: Duration) -> Result<Observation, EngineError> {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            let ids = runs(&self.dir)
                .map_err(|source| EngineError::Records { path: self.dir.clone(), source })?;
            let jobs: Vec<Sighting> =
                ids.into_iter().filter_map(|id| self.settle(&mut state, id)).collect();
            let left = until.saturating_duration_since(Instant::now());
            if state.pending.is_empty() || left.is_zero() {
                return Ok(Observation {
                    complete: state.pending.is_empty(),
                    jobs,
                    nodes: Vec::new(),
                });
            }
            state =
                self.settled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub fn forget(&self, id: RunId) {
        let state = &mut *self.lock();
        state.pending.remove(&id);
        for kind in Kind::ALL {
            // Not every run has all of them.
            let _ = std::fs::remove_file(self.dir.join(id.file(kind)));
        }
    }

    pub fn close(&self) {
        self.lock().link = None;
        self.wake();
    }

    /// Looks at a run and does what follows: watches its supervisor, replaces a killed one, delivers what waited.
    fn settle(&self, state: &mut State, id: RunId) -> Option<Sighting> {
        let look = look(&self.dir, id);
        self.hung.note(id, look.record().map_or(&[], |record| &record.hung));
        match look {
            Look::Nothing => {
                (!state.pending.contains_key(&id)).then(|| gone(id, 0, "it was never started here"))
            }
            Look::Starting { supervisor } => {
                self.watch_supervisor(state, id, &supervisor);
                state.pending.entry(id).or_default().order = None;
                None
            }
            Look::Watched { supervisor, record } => {
                self.watch_supervisor(state, id, &supervisor);
                for deed in state.pending.remove(&id).unwrap_or_default().deeds {
                    if let Err(e) = self.hand_over(state, &deed) {
                        tracing::error!(job = %id.job, "{e}");
                    }
                }
                Some(record.sighting(id))
            }
            Look::Over(sighting) => {
                state.pending.remove(&id);
                state.last.remove(&id);
                Some(sighting)
            }
            Look::Orphaned { program, record } => {
                // What it had begun, whoever takes over finishes or takes back; to begin anew would be a second try.
                let begun = |deed: &Deed| record.as_ref().is_some_and(|r| r.has_begun(deed));
                let unread = state.last.remove(&id).filter(|deed| !begun(deed));
                state.pending.entry(id).or_default().deeds.splice(0..0, unread);
                self.take_over(state, id, program);
                record.map(|r| r.sighting(id))
            }
        }
    }

    /// The claim of the dead supervisor goes, and another takes its place.
    fn take_over(&self, state: &mut State, id: RunId, program: Process) {
        if state.pending.get(&id).is_some_and(|p| p.order.is_some()) {
            return;
        }
        // Gone already where an earlier takeover was interrupted.
        let _ = std::fs::remove_file(self.dir.join(id.file(Kind::Claim)));
        if let Err(e) = self.send(state, &Order { id, turn: 0, work: Work::TakeOver { program } }) {
            tracing::error!(job = %id.job, "its supervisor was killed and cannot be replaced: {e}");
        }
    }

    fn watch_supervisor(&self, state: &mut State, id: RunId, process: &Process) {
        let known = state.watched.get(&id).and_then(|token| state.supervisors.get(token));
        if known.is_some_and(|s| s.process == *process) {
            return;
        }
        let open = || -> io::Result<OwnedFd> {
            let pid = Pid::from_raw(process.pid).ok_or(io::ErrorKind::NotFound)?;
            let end = pidfd_open(pid, PidfdFlags::empty())?;
            watch_fd(&self.epoll, end.as_fd(), state.next)?;
            Ok(end)
        };
        match open() {
            Ok(end) => {
                let supervisor = Supervisor { id, process: process.clone(), _end: end };
                state.supervisors.insert(state.next, supervisor);
                state.watched.insert(id, state.next);
                state.next += 1;
                // It may have ended, and its pid been used again, before the descriptor was there.
                if !process.lives() {
                    self.look_soon(state, id);
                }
            }
            Err(e) if e.raw_os_error() == Some(nix::libc::ESRCH) => self.look_soon(state, id),
            Err(e) => tracing::error!(job = %id.job, "its supervisor cannot be watched: {e}"),
        }
    }

    /// What the thread woke up for; `false` when the engine is closed.
    fn handle(&self, tokens: &[u64], inotify: &Inotify, sight: &dyn Fn(Observation)) -> bool {
        let mut jobs = Vec::new();
        {
            let state = &mut *self.lock();
            if state.link.is_none() {
                return false;
            }
            let mut ids = std::mem::take(&mut state.look_at);
            for token in tokens {
                match *token {
                    FOLDER => ids.extend(self.changed(inotify)),
                    // Reading it empties it.
                    WAKE => drop(rustix::io::read(&self.wake, &mut [0; 8])),
                    SPAWNER => {
                        if let Err(e) = self.restart_spawner(state) {
                            tracing::error!("{e}");
                        }
                    }
                    token => ids.extend(self.supervisor_ended(state, token)),
                }
            }
            jobs.extend(ids.into_iter().filter_map(|id| self.settle(state, id)));
        }
        self.settled.notify_all();
        if !jobs.is_empty() {
            sight(Observation { complete: false, jobs, nodes: Vec::new() });
        }
        true
    }

    /// A supervisor that wrote the end may go; only another end is news.
    fn supervisor_ended(&self, state: &mut State, token: u64) -> Option<RunId> {
        let ended = state.supervisors.remove(&token)?;
        if state.watched.get(&ended.id) == Some(&token) {
            state.watched.remove(&ended.id);
        }
        match look(&self.dir, ended.id) {
            Look::Nothing => None,
            Look::Over(sighting) => matches!(sighting.seen, Seen::Gone { .. }).then_some(ended.id),
            _ => Some(ended.id),
        }
    }

    /// Runs whose files changed; all of them when the kernel could not keep count.
    fn changed(&self, inotify: &Inotify) -> BTreeSet<RunId> {
        let mut ids = BTreeSet::new();
        while let Ok(events) = inotify.read_events() {
            for event in events {
                if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
                    ids.extend(runs(&self.dir).unwrap_or_default());
                }
                let name = event.name.as_ref().and_then(|n| RunId::of_file(n.to_str()?));
                ids.extend(
                    name.filter(|(_, k)| matches!(k, Kind::Claim | Kind::State)).map(|(id, _)| id),
                );
            }
        }
        ids
    }
}

fn watch_fd(epoll: &OwnedFd, fd: std::os::fd::BorrowedFd<'_>, token: u64) -> io::Result<()> {
    Ok(epoll::add(epoll, fd, epoll::EventData::new_u64(token), epoll::EventFlags::IN)?)
}

/// The life of the watching thread.
pub(crate) fn run(shared: &Shared, inotify: &Inotify, sight: &dyn Fn(Observation)) {
    let mut events = Vec::with_capacity(256);
    loop {
        events.clear();
        match epoll::wait(&shared.epoll, rustix::buffer::spare_capacity(&mut events), None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => {
                tracing::error!("jobs cannot be watched any more: {e}");
                return;
            }
        }
        let tokens: Vec<u64> = events.iter().map(|e: &epoll::Event| e.data.u64()).collect();
        if !shared.handle(&tokens, inotify, sight) {
            return;
        }
    }
}
