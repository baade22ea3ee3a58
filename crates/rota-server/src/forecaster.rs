//! Works out, off the writer's thread, when waiting jobs will start and jobs will end: after changes, and at least every
//! half a minute. What was said first of each job is kept beside the store, and compared with what happened.

mod again;
mod said;

use crate::ServerError;
use crate::gpus::series::most_memory;
use crate::message::Look;
use crate::store::{FILE, load, reader};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::forecast::{Band, Forecast, Offered, Score};
use rota_core::id::JobId;
use rota_core::job::{Job, JobSpec};
use rota_core::request::{Asker, Rejection};
use rota_core::units::{Mib, Time};
use rota_sim::forecast::history::History;
use rota_sim::forecast::options::options;
use rota_sim::forecast::{Expected, Method, Question, Told, forecast, is_a_guess, paths_for};
use said::{Log, What};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Of longer queues, only so many of the oldest jobs have windows. Twice what the first quarter of them takes.
const MOST_WAITING: u32 = 20_000;

/// So many jobs say what one like them will use.
const ALIKE: usize = 10;

/// What was worked out last.
#[derive(Clone, Debug, Default)]
pub struct Forecasts {
    /// Of jobs that had not ended then.
    pub jobs: BTreeMap<JobId, Forecast>,
    /// The youngest of the waiting jobs that were asked about, where there are more.
    last: Option<(Time, JobId)>,
}

impl Forecasts {
    /// Of a job as it is now: what was worked out before it began to run, or stopped, says nothing any more.
    pub fn of(&self, job: &Job) -> Option<Forecast> {
        let known = self.jobs.get(&job.id)?;
        (known.start.is_none() == job.holds().is_some()).then_some(*known)
    }

    /// How many have windows, where a job waits behind them and has none.
    pub fn leave_out(&self, job: &Job) -> Option<u32> {
        let is_behind = self.last.is_some_and(|last| (job.in_line_since(), job.id) > last);
        (is_behind && is_awaited(job)).then_some(MOST_WAITING)
    }
}

/// What is known of the past.
pub struct Forecaster {
    store: PathBuf,
    db: rusqlite::Connection,
    seq: u64,
    history: History,
    log: Log,
}

impl Forecaster {
    /// Reads what was said before. The log is read with the first forecast.
    pub fn open(folder: &Path) -> Result<Forecaster, ServerError> {
        let store = folder.join(FILE);
        let (db, log) = (reader(&store)?, Log::open(folder)?);
        Ok(Forecaster { store, db, seq: 0, history: History::default(), log })
    }

    /// What is expected of every job that has not ended. `told`: how much longer programs say themselves that they run.
    pub fn look_ahead(
        &mut self,
        look: &Look,
        told: &BTreeMap<JobId, Told>,
    ) -> Result<Forecasts, ServerError> {
        let (cluster, now) = (look.cluster.as_ref(), look.now);
        self.read_on()?;
        self.history.forget(now);
        let (jobs, last) = awaited(cluster, usize::try_from(MOST_WAITING).unwrap_or(usize::MAX));
        let (history, method) = (&self.history, Method::Together);
        let paths = paths_for(cluster.jobs.len());
        let question = Question { cluster, now, history, told, paths, method };
        let expected = forecast(&question, &jobs);
        let is_guess = is_a_guess(&self.history);
        let mut forecasts = Forecasts { last, ..Forecasts::default() };
        let mut new = Vec::new();
        for (id, Expected { start, finish }) in expected {
            let Some(job) = cluster.job(id) else { continue };
            let lab = &cluster.accounts.lab_of(job.owner).name;
            // A wait that a job asked for says nothing of the waits of others: what is said counts from its end.
            let from = job.not_before.unwrap_or(now).max(now);
            let mut shown = |what: What, raw: Option<Band>| {
                // What a program says of itself is not moved by what others did.
                let says = told.contains_key(&id);
                let band = if says { raw? } else { self.log.shown(what, lab, from, raw?) };
                if what == What::End || (job.first_started.is_none() && from == now) {
                    new.extend(self.log.news(what, id, lab, now, (raw?, band)));
                }
                Some(band)
            };
            let (start, finish) = match job.holds() {
                Some(_) => (None, shown(What::End, finish)),
                None => (shown(What::Start, start), shown(What::Finish, finish)),
            };
            let unsure = start.or(finish).is_some_and(|band| !band.is_predictable(now));
            let is_guess = unsure || (is_guess && !told.contains_key(&id));
            forecasts.jobs.insert(id, Forecast { made: now, start, finish, is_guess });
        }
        // On a full disk they are shown all the same, and kept as the first of their jobs when there is space.
        if !is_guess && let Err(why) = self.log.say(new, now) {
            tracing::error!("windows are not kept: {why}");
        }
        Ok(forecasts)
    }

    /// How else a job could be asked for.
    pub fn options(
        &mut self,
        look: &Look,
        asker: &Asker,
        spec: &JobSpec,
        told: &BTreeMap<JobId, Told>,
    ) -> Result<Result<Vec<Offered>, Rejection>, ServerError> {
        self.read_on()?;
        let (c, now) = (look.cluster.as_ref(), look.now);
        let used = self.used(asker, spec);
        let mut offered = options((c, &self.history, now), asker, (spec, used), told);
        for one in offered.iter_mut().flatten() {
            let forecast = &mut one.forecast;
            let from = one.spec.begin.unwrap_or(now).max(now);
            let shown =
                |what, raw: Option<Band>| Some(self.log.shown(what, &asker.lab, from, raw?));
            forecast.start = match forecast.start {
                // It is not moved by how long others waited.
                Some(start) if start.is_at_once(now) => Some(start),
                start => shown(What::Start, start),
            };
            forecast.finish = shown(What::Finish, forecast.finish);
        }
        Ok(offered)
    }

    /// The most memory that the last jobs like one used, where that was read.
    fn used(&self, asker: &Asker, spec: &JobSpec) -> Option<Mib> {
        let alike = self.history.alike(asker, spec, ALIKE);
        most_memory(self.store.parent()?, &alike)
    }

    /// How often it was right since a moment.
    pub fn score(folder: &Path, since: Time) -> Result<Score, ServerError> {
        said::score(folder, since)
    }

    fn read_on(&mut self) -> Result<(), ServerError> {
        let (history, mut happened) = (&mut self.history, Vec::new());
        let each = |at: Time, event: Event| {
            history.note(at, &event);
            happened.extend(said::outcome(at, &event));
        };
        let (_, count) = load::fold(&self.store, &self.db, self.seq, each)?;
        self.seq += count;
        self.log.happened(&happened)
    }
}

/// Jobs that hold GPUs, and so many of the oldest that wait; the youngest of these, where there are more.
fn awaited(c: &Cluster, most: usize) -> (BTreeSet<JobId>, Option<(Time, JobId)>) {
    let holding = c.jobs.values().filter(|job| job.holds().is_some()).map(|job| job.id);
    let waiting = c.jobs.values().filter(|job| is_awaited(job));
    let mut waiting: Vec<(Time, JobId)> =
        waiting.map(|job| (job.in_line_since(), job.id)).collect();
    waiting.sort_unstable();
    let last = most.checked_sub(1).and_then(|at| waiting.get(at)).copied();
    let last = last.filter(|_| waiting.len() > most);
    (holding.chain(waiting.into_iter().take(most).map(|(_, id)| id)).collect(), last)
}

/// Whether a job waits and nobody keeps it from starting, be it that it asked to wait.
fn is_awaited(job: &Job) -> bool {
    job.holds().is_none() && !job.held && !job.idling.away && job.pending.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rota_core::node::Node;
    use rota_core::request::Request;

    /// Jobs that wait, one submitted each minute; the second is held.
    fn waiting(count: u64) -> Cluster {
        let mut c = Cluster::default();
        let node = Node { cpus: 4, ..Node::default() };
        c.apply_all(Time(0), &[Event::NodeAdded { node }]);
        let asker = Asker {
            person: "mina".into(),
            lab: "vision".into(),
            grant: String::new(),
            admin: false,
        };
        for minute in 0..count {
            let ended = BTreeMap::new();
            let spec = JobSpec { cpus: 1, ..JobSpec::default() };
            let request = Request::Submit { spec, tasks: None, held: minute == 1, ended };
            let at = Time(60_000 * (minute + 1));
            let facts = rota_core::admit::admit(&c, &asker, &request, at).expect("admitted");
            c.apply_all(at, &facts);
        }
        c
    }

    #[test]
    fn of_a_long_queue_the_oldest_have_windows_and_the_others_say_that_they_have_none() {
        let c = waiting(5);
        let (jobs, last) = awaited(&c, 2);
        let numbers: Vec<u64> = jobs.iter().map(|job| job.number).collect();
        assert_eq!(numbers, [1, 3], "the second is held");
        let forecasts = Forecasts { last, ..Forecasts::default() };
        let left_out = c.jobs.values().filter(|job| forecasts.leave_out(job).is_some());
        assert_eq!(left_out.map(|job| job.id.number).collect::<Vec<_>>(), [4, 5]);
        let (_, last) = awaited(&c, 4);
        assert_eq!(last, None, "all have one");
    }
}
