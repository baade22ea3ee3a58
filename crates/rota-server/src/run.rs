//! The loop of the single writer: take what came, make facts of it, plan, write everything at once, then answer and act.

use crate::clock::Clock;
use crate::deed::Deeds;
use crate::gpus::{Board, Ears};
use crate::lock::lock;
use crate::message::{Look, Message, Program};
use crate::store::{Staged, Store, load};
use crate::tell::{self, Told};
use crate::{ServeOptions, ServerError, http};
use rota_api::{Mode, Notice, Problem};
use rota_core::admit::admit;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::job::JobState;
use rota_core::launch::{Launch, User};
use rota_core::observation::{Observation, Seen, Sighting};
use rota_core::plan::plan;
use rota_core::reconcile::{reconcile, uses};
use rota_core::request::Rejection;
use rota_core::units::{Span, Time};
use rota_engine::local::{Deed, LocalEngine};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

mod ask;
mod full;
mod late;
mod stock;

/// An answer that waits for the disk.
type Answer = (oneshot::Sender<Result<Vec<Event>, Problem>>, Result<Vec<Event>, Problem>);

/// Facts of one round, and the answers that wait for them.
#[derive(Default)]
struct Round {
    staged: Vec<Staged>,
    launches: Vec<(u64, Launch)>,
    answers: Vec<Answer>,
    looks: Vec<oneshot::Sender<Look>>,
    signals: Vec<Deed>,
    down: bool,
}

struct Writer {
    cluster: Arc<Cluster>,
    store: Store,
    engine: LocalEngine,
    clock: Clock,
    deeds: Deeds,
    wake: Option<Time>,
    late: late::Late,
    /// When the engine is to say again what it sees, after the disk refused it.
    again: Option<Time>,
    since_snapshot: u64,
    published: watch::Sender<u64>,
    own: Sender<Message>,
    gpus: Arc<Board>,
    say: fn(&Notice) -> String,
    people: Sender<Told>,
}

/// Serves until told to stop.
pub fn serve(options: &ServeOptions, ready: impl FnOnce()) -> Result<(), ServerError> {
    if options.mode == Mode::System && !nix::unistd::geteuid().is_root() {
        return Err(ServerError::NeedsRoot);
    }
    make_folder(&options.store)?;
    let _lock = lock(&options.store)?;
    let (sender, receiver) = channel();
    let (published, watcher) = watch::channel(0);
    let mut writer = Writer::open(options, sender.clone(), published)?;
    let ears = writer.recover(options)?;
    let board = writer.gpus.clone();
    let shared =
        http::Shared::new(options, sender.clone(), watcher, (writer.store.path(), &board))?;
    let watching = ears.map(|ears| ears.listen(writer.keeper(board)));
    let watch = crate::progress::Watch::open(writer.store.path())?;
    let listening = http::listen(options, shared, watch)?;
    if load::is_unchecked(writer.store.path()) {
        check_in_background(writer.store.path().to_owned(), sender);
    }
    ready();
    let ended = writer.go_on(&receiver);
    listening.stop();
    // Who waits for an answer learns that none will come.
    drop(receiver);
    drop(watching);
    let idle = writer.cluster.jobs.values().all(|j| matches!(j.state, JobState::Waiting { .. }));
    drop(writer);
    if idle && ended.is_ok() {
        crate::records::leave(&options.store);
    }
    ended
}

fn make_folder(path: &Path) -> Result<(), ServerError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|why| ServerError::File { what: "make", path: path.to_owned(), why })
}

fn check_in_background(path: std::path::PathBuf, writer: Sender<Message>) {
    std::thread::spawn(move || {
        let found = crate::store::reader(&path).and_then(|db| load::check_pages(&path, &db));
        if let Err(ServerError::Damaged { .. }) = &found {
            if let Err(damage) = found {
                tracing::error!("{damage}");
                let _ = writeln!(std::io::stderr(), "rota: {damage}");
            }
            drop(writer.send(Message::Down));
        }
    });
}

impl Writer {
    fn open(
        options: &ServeOptions,
        own: Sender<Message>,
        published: watch::Sender<u64>,
    ) -> Result<Writer, ServerError> {
        let store = Store::open(&options.store)?;
        let loaded = load::load(store.path(), store.db())?;
        let args: Vec<&str> = options.spawner_args.iter().map(String::as_str).collect();
        let sighted = own.clone();
        let records = crate::records::folder(&options.store)?;
        let engine = LocalEngine::open(&records, &options.program, &args, move |seen| {
            drop(sighted.send(Message::Seen(seen)));
        })?;
        Ok(Writer {
            clock: Clock::resume(loaded.clock.as_deref(), loaded.last),
            cluster: Arc::new(loaded.cluster),
            store,
            engine,
            deeds: Deeds::new(
                options.simulate.is_some(),
                options.mode == Mode::System,
                options.socket.with_file_name("mps"),
            ),
            wake: None,
            late: late::Late::default(),
            again: None,
            since_snapshot: loaded.tail,
            published,
            own,
            gpus: Arc::default(),
            say: options.say,
            people: tell::open(&options.program, options.notify.clone()),
        })
    }

    /// After a start: the inventory as it is, what became of jobs meanwhile, and what was decided but not confirmed.
    fn recover(&mut self, options: &ServeOptions) -> Result<Option<Ears>, ServerError> {
        let mut round = Round::default();
        let ears = self.take_stock(&mut round, options)?;
        let now = self.clock.now();
        if let Some(event) = crate::policy::default_turn(&self.cluster, options.turn) {
            self.stage(&mut round, now, event);
        }
        let seen = self.engine.observe()?;
        for event in reconcile(&self.cluster, &seen, now) {
            self.stage(&mut round, now, event);
        }
        let mut deeds = Vec::new();
        for sighting in &seen.jobs {
            let believed = self.cluster.job(sighting.job).is_some_and(|j| {
                j.runs == sighting.run && !matches!(j.state, JobState::Waiting { .. })
            });
            match &sighting.seen {
                Seen::Running | Seen::Suspended if !believed => {
                    deeds.push(Deeds::orphan(sighting.job, sighting.run, sighting.turn));
                }
                _ if !believed => self.engine.forget(sighting.job, sighting.run),
                _ => {}
            }
        }
        for job in self.cluster.jobs.values() {
            deeds.extend(self.deeds.unconfirmed(&self.cluster, &self.store, job));
        }
        self.finish(round)?;
        deeds.into_iter().for_each(|deed| self.carry_out(deed));
        Ok(ears)
    }

    fn go_on(&mut self, receiver: &Receiver<Message>) -> Result<(), ServerError> {
        loop {
            let first = match self.wait(receiver) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let mut round = Round::default();
            let waiting = std::iter::from_fn(|| receiver.try_recv().ok()).take(511);
            for message in first.into_iter().chain(waiting).collect::<Vec<_>>() {
                self.take(&mut round, message);
            }
            self.judge_late(&mut round);
            self.see_again(&mut round)?;
            let down = round.down;
            if let Err(problem) = self.finish(round) {
                match problem {
                    ServerError::Store { .. } => tracing::error!("{problem}"),
                    other => return Err(other),
                }
            }
            if down {
                return self.store.keep_snapshot(&self.cluster);
            }
        }
    }

    fn wait(&mut self, receiver: &Receiver<Message>) -> Result<Message, RecvTimeoutError> {
        let longest = Span::minutes(1);
        let now = self.clock.now();
        let next = [self.wake, self.late.next(), self.again].into_iter().flatten().min();
        let until = next.map_or(longest, |at| at.since(now)).min(longest);
        receiver.recv_timeout(Duration::from_millis(until.0))
    }

    fn take(&mut self, round: &mut Round, message: Message) {
        let now = self.clock.now();
        match message {
            Message::Ask(mut ask) => {
                self.know_ended(round, &mut ask.request);
                let facts = admit(&self.cluster, &ask.asker, &ask.request, now).map_err(problem);
                if let Ok(events) = &facts {
                    let number = events.first().and_then(Event::about).map(|id| id.number);
                    round.launches.extend(number.zip(ask.launch));
                    events.iter().for_each(|e| self.stage(round, now, e.clone()));
                }
                round.answers.push((ask.reply, facts));
            }
            Message::Seen(seen) => {
                let seen = self.put_off(seen, now);
                for event in reconcile(&self.cluster, &seen, now) {
                    self.stage(round, now, event);
                }
            }
            Message::Look(reply) => round.looks.push(reply),
            Message::Program(id, reply) => {
                let program = self.cluster.job(id).map(|job| Program {
                    pid: self.engine.pid_of(id, job.runs),
                    mps: self.engine.mps_of(id, job.runs),
                });
                let _ = reply.send(program.unwrap_or_default());
            }
            Message::Signal { job, asker, signal, reply } => {
                let found = self.signal(round, &asker, job, signal);
                round.answers.push((reply, found.map_err(problem)));
            }
            Message::Policy { policy, by, reply } => {
                let set = crate::policy::set(&self.cluster, policy, by, now);
                if let Ok(event) = &set {
                    self.stage(round, now, event.clone());
                }
                round.answers.push((reply, set.map(|event| vec![event])));
            }
            Message::Machine(machine) => self.take_in(round, *machine),
            Message::Gpus(seen) => self.see_gpus(round, &seen),
            Message::Uses(seen) => {
                for event in uses(&self.cluster, &seen) {
                    self.stage(round, now, event);
                }
            }
            Message::Down => round.down = true,
        }
    }

    fn stage(&mut self, round: &mut Round, now: Time, event: Event) {
        round.staged.push(Staged::new(&self.cluster, now, event));
        if let Some(staged) = round.staged.last() {
            Arc::make_mut(&mut self.cluster).apply(now, &staged.event);
        }
    }

    /// Plans until nothing more is to be decided before something happens.
    fn decide(&mut self, round: &mut Round, now: Time) {
        for _ in 0..1000 {
            let plan = plan(&self.cluster, now);
            self.wake = plan.wake_at;
            let facts = plan.decisions.iter().filter_map(|decision| decision.event(&self.cluster));
            for fact in facts.collect::<Vec<Event>>() {
                self.stage(round, now, fact);
            }
            if plan.only_starts() {
                return;
            }
        }
        tracing::error!("the plan does not come to rest; it is asked again");
    }

    /// Plans, makes everything durable, then answers and acts.
    fn finish(&mut self, mut round: Round) -> Result<(), ServerError> {
        let now = self.clock.now();
        if !round.down {
            self.decide(&mut round, now);
        }
        if !round.staged.is_empty() {
            let written = self.store.append(&round.staged, &round.launches, &self.clock.mark());
            if let Err(fault) = written {
                return self.take_back(round, fault);
            }
        }
        for (reply, answer) in round.answers {
            drop(reply.send(answer));
        }
        for deed in round.signals {
            self.carry_out(deed);
        }
        for staged in &round.staged {
            if let Some(row) = &staged.ended {
                self.engine.forget(row.id, row.runs);
            }
            let (c, event) = (&self.cluster, &staged.event);
            let told = self.deeds.notice(c, &self.store, event);
            let said = told.and_then(|told| self.tell(event, told));
            let deed = self.deeds.of(&self.cluster, &self.store, event);
            said.into_iter().chain(deed).for_each(|deed| self.carry_out(deed));
        }
        self.since_snapshot += u64::try_from(round.staged.len()).unwrap_or(0);
        if self.since_snapshot > 20_000 {
            self.store.keep_snapshot(&self.cluster)?;
            self.since_snapshot = 0;
        }
        // A look is no news: whoever waits for news and then looks would wake itself for ever.
        self.published
            .send_if_modified(|seq| std::mem::replace(seq, self.store.seq) != self.store.seq);
        self.show(round.looks);
        Ok(())
    }

    /// Tells a person something; what is done to their job itself comes back.
    fn tell(&self, event: &Event, (notice, user): (Notice, User)) -> Option<Deed> {
        let text = (self.say)(&notice);
        // A terminal has a prompt before it.
        let line = [if notice.at_terminal { "\n" } else { "" }, &text].concat();
        let deed = Deeds::tell(&self.cluster, event.about()?, line);
        // It fails only where the thread could not be started, which was said then.
        drop(self.people.send(Told { notice, text, user }));
        deed
    }

    fn show(&mut self, looks: Vec<oneshot::Sender<Look>>) {
        let now = self.clock.now();
        for reply in looks {
            let look = Look { cluster: self.cluster.clone(), now, seq: self.store.seq };
            drop(reply.send(look));
        }
    }

    fn carry_out(&self, deed: Deed) {
        let (job, run, turn) = (deed.job, deed.run, deed.turn);
        if let Err(why) = self.engine.carry_out(deed) {
            tracing::error!("job {job}: {why}");
            let seen = Seen::NotStarted { why: why.to_string() };
            let sighting = Sighting { job, run, turn, seen, at: Time(0) };
            let seen = Observation { jobs: vec![sighting], ..Observation::default() };
            drop(self.own.send(Message::Seen(seen)));
        }
    }
}

/// A rejection as the socket says it.
pub fn problem(r: Rejection) -> Problem {
    let args = r.args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    Problem { code: r.code.into(), args, message: r.message }
}
