//! The projection of jobs that have ended: one row each, made in the transaction of its last event.

use super::json;
use rota_core::apply::used_until;
use rota_core::cluster::Cluster;
use rota_core::id::JobId;
use rota_core::job::{Job, JobSpec, Outcome};
use rota_core::units::{GpuTime, Span, Time};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;

/// A job that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedJob {
    /// Its id.
    pub id: JobId,
    /// Lab.
    pub lab: String,
    /// Person.
    pub person: String,
    /// When it was submitted.
    pub submitted: Time,
    /// When it first ran.
    pub started: Option<Time>,
    /// When it ended.
    pub ended: Time,
    /// Running time of its last run.
    pub ran: Span,
    /// GPU time.
    pub gpu_time: GpuTime,
    /// GPU time that was thrown away: of a job whose end is not known.
    pub lost: GpuTime,
    /// Turns begun.
    pub turns: u32,
    /// Runs of its program.
    pub runs: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// What it asked for.
    pub spec: JobSpec,
}

/// Sums over all ended jobs.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Jobs.
    pub jobs: u64,
    /// With exit code 0.
    pub ok: u64,
    /// Turns begun.
    pub turns: u64,
    /// Longest time from submit to first start.
    pub longest_wait: Span,
    /// GPU time thrown away.
    pub lost: GpuTime,
    /// GPU time of each lab.
    pub labs: BTreeMap<String, GpuTime>,
}

impl EndedJob {
    /// The row of a job that ends at `at`.
    pub fn of(c: &Cluster, job: &Job, outcome: &Outcome, at: Time) -> EndedJob {
        let gpu_time = used_until(job, at);
        let turn = job.turn_began().map_or(Span::ZERO, |began| at.since(began));
        let thrown_away = matches!(outcome, Outcome::Lost { .. }) || super::runs_thrown_away(job);
        EndedJob {
            id: job.id,
            lab: c.accounts.lab_of(job.owner).name.clone(),
            person: c.accounts.person(job.owner).name.clone(),
            submitted: job.submitted,
            started: job.first_started,
            ended: at,
            ran: job.ran.plus(turn),
            gpu_time,
            lost: if thrown_away { gpu_time } else { GpuTime(0) },
            turns: job.turns_begun,
            runs: job.runs,
            outcome: outcome.clone(),
            spec: job.spec.as_ref().clone(),
        }
    }

    pub(super) fn insert(&self, db: &Connection) -> rusqlite::Result<()> {
        let mut insert = db.prepare_cached(
            "INSERT OR REPLACE INTO ended (number, task, lab, person, name, gpus, submitted, started, ended, ran, \
             gpu_time, lost, turns, runs, ok, outcome, spec) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?;
        insert.execute(params![
            self.id.number,
            self.id.task.map_or(-1, i64::from),
            self.lab,
            self.person,
            self.spec.name,
            self.spec.gpus,
            self.submitted.0,
            self.started.map(|t| t.0),
            self.ended.0,
            self.ran.0,
            self.gpu_time.0,
            self.lost.0,
            self.turns,
            self.runs,
            self.outcome.is_ok(),
            json(&self.outcome),
            json(&self.spec),
        ])?;
        Ok(())
    }

    fn read(r: &Row) -> rusqlite::Result<EndedJob> {
        let bad = |e: serde_json::Error| {
            rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e))
        };
        Ok(EndedJob {
            id: JobId {
                number: r.get("number")?,
                task: u32::try_from(r.get::<_, i64>("task")?).ok(),
            },
            lab: r.get("lab")?,
            person: r.get("person")?,
            submitted: Time(r.get("submitted")?),
            started: r.get::<_, Option<u64>>("started")?.map(Time),
            ended: Time(r.get("ended")?),
            ran: Span(r.get("ran")?),
            gpu_time: GpuTime(r.get("gpu_time")?),
            lost: GpuTime(r.get("lost")?),
            turns: r.get("turns")?,
            runs: r.get("runs")?,
            outcome: serde_json::from_str(&r.get::<_, String>("outcome")?).map_err(bad)?,
            spec: serde_json::from_str(&r.get::<_, String>("spec")?).map_err(bad)?,
        })
    }

    /// The last `most` that ended, newest first.
    pub fn last(db: &Connection, most: u32) -> rusqlite::Result<Vec<EndedJob>> {
        let mut query = db.prepare_cached("SELECT * FROM ended ORDER BY id DESC LIMIT ?1")?;
        query.query_map([most], EndedJob::read)?.collect()
    }

    /// One by its id; the tasks of an array by its number.
    pub fn named(db: &Connection, id: JobId) -> rusqlite::Result<Vec<EndedJob>> {
        let mut query = db.prepare_cached(
            "SELECT * FROM ended WHERE number = ?1 AND (?2 = -1 OR task = ?2) ORDER BY task LIMIT 1000",
        )?;
        query
            .query_map(params![id.number, id.task.map_or(-1, i64::from)], EndedJob::read)?
            .collect()
    }

    /// Whether all tasks of an ended number ended with exit code 0; none if it never ended here.
    pub fn all_ok(db: &Connection, number: u64) -> rusqlite::Result<Option<bool>> {
        let mut query = db.prepare_cached("SELECT min(ok) FROM ended WHERE number = ?1")?;
        query.query_row([number], |r| r.get(0))
    }
}

impl Totals {
    /// Sums over all ended jobs.
    pub fn read(db: &Connection) -> rusqlite::Result<Totals> {
        let mut totals = Totals::default();
        let mut query = db.prepare_cached(
            "SELECT lab, count(*), sum(ok), sum(turns), max(coalesce(started - submitted, 0)), sum(lost), \
             sum(gpu_time) FROM ended GROUP BY lab ORDER BY lab",
        )?;
        let mut rows = query.query([])?;
        while let Some(r) = rows.next()? {
            totals.jobs += r.get::<_, u64>(1)?;
            totals.ok += r.get::<_, u64>(2)?;
            totals.turns += r.get::<_, u64>(3)?;
            totals.longest_wait = totals.longest_wait.max(Span(r.get(4)?));
            totals.lost = totals.lost.plus(GpuTime(r.get(5)?));
            totals.labs.insert(r.get(0)?, GpuTime(r.get(6)?));
        }
        Ok(totals)
    }
}
