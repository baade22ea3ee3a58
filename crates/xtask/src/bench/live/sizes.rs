//! What grows: a long queue to list and to hold in memory, and a long past at a start.

use super::super::place::{Place, submit};
use super::super::report::Times;
use super::{Failure, Figures};
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::{JobSpec, Outcome};
use rusqlite::{Connection, params};
use std::time::Instant;

const WAITING: u32 = 10_000;
const PAST: u64 = 1_000_000;

/// Memory of each of 10,000 jobs that wait, and `rota queue` that lists them.
pub fn waiting(place: &mut Place, figures: &mut Figures) -> Result<(), Failure> {
    let mut wire = place.wire()?;
    let mut blocker = place.job(&["sleep", "1000"], "/dev/null");
    blocker.spec.cpus = 8;
    submit(&mut wire, &blocker)?;
    let job = place.job(&["true"], "log");
    for _ in 0..100 {
        submit(&mut wire, &job)?;
    }
    let before = place.memory()?;
    for _ in 0..WAITING {
        submit(&mut wire, &job)?;
    }
    let bytes = (place.memory()? - before) / f64::from(WAITING);
    figures.add("bytes_per_waiting_job", bytes, "RssAnon of the server, before and after".into());
    let (mut listed, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..21 {
        let begun = Instant::now();
        if !place.rota(&["queue"]).status()?.success() {
            return Err("rota queue failed".into());
        }
        listed.push(begun.elapsed());
        let begun = Instant::now();
        let _list: rota_api::JobList = wire.get("/v1/jobs")?;
        asked.push(begun.elapsed());
    }
    let beside = format!("the bare answer over the socket {:.1} ms", Times::of(asked).ms(50));
    figures.add("queue_10k_ms", Times::of(listed).ms(50), beside);
    Ok(())
}

/// From `rota up` to the first answer, with a million jobs in the past: a row each, and their submit and end in the log.
pub fn restart(place: &mut Place, figures: &mut Figures) -> Result<(), Failure> {
    place.down()?;
    let empty = place.up()?;
    place.down()?;
    let path = place.store().join("rota.db");
    fill(&mut Connection::open(&path)?)?;
    let megabytes = std::fs::metadata(&path)?.len() >> 20;
    let taken = place.up()?;
    let beside = format!("empty store {:.3} s; the file has {megabytes} MiB", empty.as_secs_f64());
    figures.add("restart_1m_s", taken.as_secs_f64(), beside);
    Ok(())
}

fn fill(db: &mut Connection) -> Result<(), Failure> {
    let spec = JobSpec { name: "train".into(), gpus: 1, ..JobSpec::default() };
    let outcome = Outcome::Exited { code: 0 };
    let (spec_text, outcome_text) =
        (serde_json::to_string(&spec)?, serde_json::to_string(&outcome)?);
    let tx = db.transaction()?;
    {
        let first: u64 =
            tx.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |r| r.get(0))?;
        let at: u64 = tx.query_row("SELECT coalesce(max(at), 0) FROM events", [], |r| r.get(0))?;
        let mut log =
            tx.prepare("INSERT INTO events (seq, at, number, json) VALUES (?1, ?2, ?3, ?4)")?;
        let mut ended = tx.prepare(
            "INSERT INTO ended (number, task, lab, person, name, gpus, submitted, started, ended, ran, gpu_time, \
             lost, turns, runs, ok, outcome, spec) \
             VALUES (?1, -1, 'vision', ?2, 'train', 1, ?3, ?3, ?3, 60000, 60000, 0, 1, 1, 1, ?4, ?5)",
        )?;
        for number in 1..=PAST {
            let person = format!("grant{}", number % 500);
            let seq = first + number * 2;
            let submitted = Event::Submitted {
                number,
                tasks: None,
                lab: "vision".into(),
                grant: String::new(),
                person: person.clone(),
                spec: spec.clone(),
                held: false,
                pending: Vec::new(),
                broken: None,
            };
            let end = Event::Ended { job: JobId::single(number), outcome: outcome.clone() };
            log.execute(params![seq - 1, at, number, serde_json::to_string(&submitted)?])?;
            log.execute(params![seq, at, number, serde_json::to_string(&end)?])?;
            ended.execute(params![number, person, at, outcome_text, spec_text])?;
        }
        let kept = tx.execute(
            "UPDATE snapshot SET seq = ?1, json = json_set(json, '$.next_number', ?2)",
            params![first + PAST * 2, PAST + 1],
        )?;
        if kept != 1 {
            return Err("the server kept no snapshot when it stopped".into());
        }
    }
    tx.commit()?;
    Ok(())
}
