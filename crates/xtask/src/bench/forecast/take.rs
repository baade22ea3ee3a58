//! Replays a trace, and forecasts with what is known then, whenever a job must wait.

use super::guess::{Guesses, Point};
use super::site::Plan;
use crate::bench::Failure;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::forecast::Band;
use rota_core::id::JobId;
use rota_core::job::JobState;
use rota_core::plan::outlook;
use rota_core::units::Time;
use rota_sim::forecast::history::History;
use rota_sim::forecast::{Method, Question, forecast, paths_for};
use rota_sim::replay::Replay;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;
use std::time::Instant;

/// A forecast, and what happened.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The job.
    pub job: JobId,
    /// Its lab.
    pub lab: String,
    /// When it was submitted.
    pub at: Time,
    /// When it started.
    pub started: Option<Time>,
    /// By each method, in the order of `super::METHODS`; none where it says nothing.
    pub by: Vec<Option<Band>>,
}

/// All forecasts of a trace.
pub struct All {
    /// In the order of jobs.
    pub forecasts: Vec<Taken>,
    /// How long a forecast of everything took where about a thousand jobs waited, in seconds.
    pub refresh: Option<f64>,
}

/// A moment at which jobs were submitted that must wait.
struct Moment {
    now: Time,
    cluster: Cluster,
    history: History,
    jobs: Vec<(JobId, String, Vec<Option<Band>>)>,
}

/// All of a trace; of the jobs that must wait every so many-th.
pub fn take(plan: &Plan, paths: u32, every: u64) -> Result<All, Failure> {
    let started: RefCell<BTreeMap<JobId, Time>> = RefCell::default();
    let came: RefCell<Vec<JobId>> = RefCell::default();
    let history = RefCell::new(History::default());
    let guesses = RefCell::new(Guesses::default());
    let mut listener = |at: Time, fact: &Event| {
        history.borrow_mut().note(at, fact);
        guesses.borrow_mut().note(at, fact);
        match fact {
            Event::Submitted { number, .. } => came.borrow_mut().push(JobId::single(*number)),
            Event::Started { job, .. } => {
                started.borrow_mut().entry(*job).or_insert(at);
            }
            _ => {}
        }
    };
    let mut replay = Replay::new(&plan.facts, plan.switch, &mut listener);
    let mut next = plan.submissions.iter().peekable();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let (done, results) = mpsc::channel();
        let (send, receive) = mpsc::sync_channel::<Moment>(2);
        let receive = std::sync::Arc::new(std::sync::Mutex::new(receive));
        for _ in 0..threads {
            let (receive, done) = (receive.clone(), done.clone());
            scope.spawn(move || {
                loop {
                    let Ok(moment) =
                        receive.lock().map_err(drop).and_then(|r| r.recv().map_err(drop))
                    else {
                        return;
                    };
                    if done.send(look_ahead(moment, paths)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        while let Some(now) = replay.step(&mut next) {
            let mut jobs = Vec::new();
            for job in came.borrow_mut().drain(..).filter(|job| job.number % every == 0) {
                let Some(known) = replay.cluster.job(job) else { continue };
                if matches!(known.state, JobState::Waiting { .. }) {
                    let lab = replay.cluster.accounts.lab_of(known.owner).name.clone();
                    let guessed = guesses.borrow().of(&lab, known.spec.all_gpus());
                    let by = guessed.into_iter().map(|p| p.map(|p: Point| p.band(now)));
                    jobs.push((job, lab, by.collect()));
                }
            }
            if jobs.is_empty() {
                continue;
            }
            history.borrow_mut().forget(now);
            let (cluster, history) = (replay.cluster.clone(), history.borrow().clone());
            send.send(Moment { now, cluster, history, jobs })?;
        }
        drop(send);
        let started = started.borrow();
        let (mut all, mut refresh): (Vec<Taken>, Vec<f64>) = Default::default();
        for (taken, took) in results {
            all.extend(taken);
            refresh.extend(took);
        }
        refresh.sort_by(f64::total_cmp);
        let refresh = refresh.get(refresh.len() / 2).copied();
        all.sort_by_key(|taken| taken.job);
        all.iter_mut().for_each(|taken| taken.started = started.get(&taken.job).copied());
        Ok(All { forecasts: all, refresh })
    })
}

fn look_ahead(moment: Moment, paths: u32) -> (Vec<Taken>, Option<f64>) {
    let Moment { now, cluster, history, jobs } = &moment;
    let awaited: BTreeSet<JobId> = jobs.iter().map(|(job, ..)| *job).collect();
    let told = BTreeMap::new();
    let ask = |method, paths| {
        let question = Question { cluster, now: *now, history, told: &told, paths, method };
        forecast(&question, &awaited)
    };
    let (together, apart) = (ask(Method::Together, paths), ask(Method::Apart, paths / 4));
    let planned = outlook(cluster, *now).starts;
    let one = |(job, lab, guessed): &(JobId, String, Vec<Option<Band>>)| {
        let plan = planned.get(job).map(|p| Band { p10: p.at, p50: p.at, p90: p.at });
        let mut by = vec![
            together.get(job).and_then(|e| e.start),
            apart.get(job).and_then(|e| e.start),
            plan,
        ];
        by.extend(guessed.iter().copied());
        Taken { job: *job, lab: lab.clone(), at: *now, started: None, by }
    };
    (jobs.iter().map(one).collect(), refresh(&moment))
}

/// How long a forecast of all jobs takes, where about a thousand wait.
fn refresh(moment: &Moment) -> Option<f64> {
    let Moment { now, cluster, history, .. } = moment;
    let all: BTreeSet<JobId> = cluster.jobs.keys().copied().collect();
    if !(950..1050).contains(&all.len()) {
        return None;
    }
    let (told, method, paths) = (BTreeMap::new(), Method::Together, paths_for(all.len()));
    let begun = Instant::now();
    forecast(&Question { cluster, now: *now, history, told: &told, paths, method }, &all);
    Some(begun.elapsed().as_secs_f64())
}
