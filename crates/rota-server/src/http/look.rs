//! Calls that only look: at a published state that never changes, and at the store.

use super::{Failed, Shared};
use crate::message::{Look, Program};
use crate::peer::Peer;
use crate::store::{self, EndedJob, Totals};
use crate::view;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use rota_api::{
    Changed, GpuPast, Happened, Inventory, JobDetail, JobList, ServerInfo, Summary, Suspends,
};
use rota_core::apply::used_until;
use rota_core::decision::Plan;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::TurnMode;
use rota_core::launch::Launch;
use rota_core::part::shown;
use rota_core::plan::explain::explain;
use rota_core::plan::outlook;
use rota_core::units::{Span, Time};
use rota_engine::gpu::Driver;
use rota_engine::local::{fill_pattern, mps};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

type Answer<T> = Result<Json<T>, Failed>;

/// `GET /v1/server`
pub async fn server(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
) -> Answer<ServerInfo> {
    let turn = shared.look().await?.cluster.policy.turn;
    Ok(Json(ServerInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
        mode: shared.mode,
        simulated: shared.simulated,
        started: shared.started,
        you: peer.user.name,
        admin: peer.admin,
        store: shared.store.display().to_string(),
        turn,
        suspends: suspends(&shared),
    }))
}

fn suspends(shared: &Shared) -> Suspends {
    if shared.simulated {
        return Suspends::Simulated;
    }
    let Some(version) = shared.gpus.machine().driver else { return Suspends::Never };
    match Driver::parse(&version).is_some_and(Driver::suspends) {
        true => Suspends::Driver(version),
        false => Suspends::Old(version),
    }
}

/// The outlook of a state: made once, for everyone who looks at it.
pub(super) async fn planned(shared: &Arc<Shared>, look: &Look) -> Result<Arc<Plan>, Failed> {
    if let Ok(kept) = shared.outlook.lock()
        && let Some((_, plan)) = kept.as_ref().filter(|(seq, _)| *seq == look.seq)
    {
        return Ok(plan.clone());
    }
    let (cluster, now) = (look.cluster.clone(), look.now);
    let made = tokio::task::spawn_blocking(move || Arc::new(outlook(&cluster, now))).await;
    let plan = made.map_err(|_| Failed::internal("the outlook could not be made"))?;
    if let Ok(mut kept) = shared.outlook.lock() {
        *kept = Some((look.seq, plan.clone()));
    }
    Ok(plan)
}

/// Which jobs to list.
#[derive(Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    ended: u32,
    #[serde(default)]
    why: usize,
    #[serde(default)]
    why_of: String,
}

/// The most jobs that are given a reason: each is looked for among all nodes.
const REASONS: usize = 300;

/// `GET /v1/jobs?ended=N&why=N&why_of=JOB,JOB`
pub async fn list(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<ListQuery>,
) -> Answer<JobList> {
    let look = shared.look().await?;
    let plan = planned(&shared, &look).await?;
    let ahead = view::Ahead::new(&look, shared.forecasts(), &shared.progress);
    let mut jobs = view::rows(&look, &plan, &ahead);
    let of = view::Reasons { first: query.why, of: query.why_of.split(',').collect() };
    view::give_reasons(&look, &plan, &mut jobs, &of, REASONS);
    if query.ended > 0 {
        let ended = shared.read(move |db| EndedJob::last(db, query.ended.min(100_000))).await?;
        jobs.extend(ended.iter().map(view::ended_row));
    }
    Ok(Json(JobList { now: look.now, simulated: shared.simulated, jobs }))
}

/// `GET /v1/gpus`
pub async fn gpus(State(shared): State<Arc<Shared>>) -> Answer<Inventory> {
    let look = shared.look().await?;
    Ok(Json(crate::gpus::inventory(&look, shared.simulated, &shared.gpus)))
}

/// How far to look back.
#[derive(Deserialize)]
pub struct PastQuery {
    last: u64,
}

/// `GET /v1/gpus/past?last=`
pub async fn gpus_past(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<PastQuery>,
) -> Answer<GpuPast> {
    let look = shared.look().await?;
    let (folder, simulated) = (shared.store.clone(), shared.simulated);
    let from = Time(look.now.0.saturating_sub(query.last));
    let read = tokio::task::spawn_blocking(move || crate::gpus::past(&look, &folder, from));
    let past = read.await.map_err(|_| Failed::internal("the readings could not be read"))?;
    Ok(Json(GpuPast { simulated, ..past }))
}

/// `GET /v1/summary`
pub async fn summary(State(shared): State<Arc<Shared>>) -> Answer<Summary> {
    let look = shared.look().await?;
    let totals = shared.read(Totals::read).await?;
    Ok(Json(view::summary(&look, totals)))
}

/// The longest that anybody is kept waiting for a change.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether to wait for a change.
#[derive(Deserialize)]
pub struct DetailQuery {
    unless: Option<u64>,
}

/// `GET /v1/changed?unless=SEQ`
pub async fn changed(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<DetailQuery>,
) -> Answer<Changed> {
    let mut changed = shared.changed.clone();
    let news = changed.wait_for(|seq| query.unless != Some(*seq));
    // Whatever ended the wait, what is so now is the answer.
    drop(tokio::time::timeout(PATIENCE, news).await);
    let seq = *shared.changed.borrow();
    Ok(Json(Changed { seq }))
}

/// As far as the log goes; SQLite's largest number.
const EVER: u64 = i64::MAX as u64;

/// `GET /v1/jobs/{id}?unless=SEQ`
pub async fn detail(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    Query(query): Query<DetailQuery>,
) -> Answer<JobDetail> {
    let bad = || Failed::bad_job();
    let id = JobId::parse(&id).ok_or_else(bad)?;
    let mut changed = shared.changed.clone();
    let patience = tokio::time::sleep(PATIENCE);
    tokio::pin!(patience);
    loop {
        changed.borrow_and_update();
        let seq = shared.read(move |db| Ok(store::last_seq(db, id.number, EVER))).await?;
        if query.unless != Some(seq) {
            break;
        }
        tokio::select! {
            () = &mut patience => break,
            more = changed.changed() => if more.is_err() { break },
        }
    }
    describe(&shared, &peer, id).await.map(Json)
}

/// The state is looked at before the store is read: what ended in between is only in the store, never in neither.
pub(super) async fn describe(
    shared: &Arc<Shared>,
    peer: &Peer,
    id: JobId,
) -> Result<JobDetail, Failed> {
    let look = shared.look().await?;
    let at_look = look.seq;
    let (launch, mut events, ended, seqs) = shared
        .read(move |db| {
            let ended = EndedJob::named(db, id)?;
            let seqs = [at_look, EVER].map(|until| store::last_seq(db, id.number, until));
            Ok((store::launch(db, id.number), store::history(db, id)?, ended, seqs))
        })
        .await?;
    let plan = planned(shared, &look).await?;
    let ahead = view::Ahead::new(&look, shared.forecasts(), &shared.progress);
    let c = &look.cluster;
    let live = c.named(id).into_iter().find(|j| !ended.iter().any(|e| e.id == j.id));
    let (row, spec, used) = match (live, ended.last()) {
        (Some(job), _) => {
            // The row is of this moment, so the history is too.
            events.retain(|(seq, _, _)| *seq <= look.seq);
            (
                view::row(c, &plan, &ahead, job, look.now),
                job.spec.as_ref().clone(),
                used_until(job, look.now),
            )
        }
        (None, Some(job)) => (view::ended_row(job), job.spec.clone(), job.gpu_time),
        (None, None) => {
            let message = format!("there is no job {id}; 'rota queue --all' shows all");
            let args = [("job", id.to_string())];
            return Err(Failed::new(StatusCode::NOT_FOUND, "no-such-job", &args, &message));
        }
    };
    let own = peer.admin || row.person == peer.user.name;
    let launch = launch.filter(|_| own).unwrap_or_default();
    let this = live.map(|j| j.id).or(ended.last().map(|j| j.id)).unwrap_or(id);
    let program = match live {
        Some(job) if job.holds().is_some() => shared.program(job.id).await?,
        _ => Program::default(),
    };
    let (stdout, stderr) = logs(&launch, this, &spec.name);
    let before = row.place.map_or(0, |place| {
        let earlier = plan.starts.values().filter(|p| p.place < place);
        u32::try_from(earlier.count()).unwrap_or(u32::MAX)
    });
    Ok(JobDetail {
        seq: if live.is_some() { seqs[0] } else { seqs[1] },
        blockers: explain(c, &plan, this, look.now),
        gpu_indexes: live.and_then(|j| j.holds()).map_or(Vec::new(), |p| p.gpus.into()),
        argv: launch.argv,
        cwd: launch.cwd,
        stdout,
        stderr,
        pid: program.pid.filter(|_| own),
        mps: program.mps.is_some(),
        beside_mps: beside_mps(shared, this, program.mps).await,
        used,
        gpu_use: crate::gpus::job_use(&shared.gpus, &shared.store, this),
        ahead: before,
        suspending: live
            .filter(|j| j.spec.turns == TurnMode::Suspend)
            .map(|j| j.suspending.clone()),
        switch_cost: live.map_or(Span::ZERO, |j| j.switch_cost),
        history: events.iter().map(|(_, at, e)| happened(*at, e)).collect(),
        row,
        spec,
    })
}

/// Processes of a job on GPUs that are to go through a daemon of MPS and do not.
async fn beside_mps(shared: &Arc<Shared>, job: JobId, daemon: Option<PathBuf>) -> Vec<u32> {
    let mut all = shared.gpus.processes_of(job);
    let Some(daemon) = daemon.filter(|_| !all.is_empty()) else { return Vec::new() };
    let asked = tokio::task::spawn_blocking(move || mps::clients(&daemon)).await;
    let Ok(Some(clients)) = asked else { return Vec::new() };
    all.retain(|pid| !clients.contains(pid));
    all
}

/// The log files, absolute, with their patterns filled in.
fn logs(launch: &Launch, id: JobId, name: &str) -> (String, String) {
    if launch.stdout.is_empty() {
        return (String::new(), String::new());
    }
    let full = |pattern: &str| {
        let filled = fill_pattern(pattern, id, name, &launch.user.name);
        std::path::Path::new(&launch.cwd).join(filled).display().to_string()
    };
    let stdout = full(&launch.stdout);
    let stderr = launch.stderr.as_deref().map_or_else(|| stdout.clone(), full);
    (stdout, stderr)
}

/// What happened, with what the event adds to its kind: turn, run, reason, outcome.
fn happened(at: Time, event: &Event) -> Happened {
    let json = serde_json::to_value(event).unwrap_or_default();
    let kind = json.get("kind").and_then(|k| k.as_str()).unwrap_or_default().to_owned();
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let args = match event {
        Event::StartDecided { turn, run, resume, reason, .. } => vec![
            pair("turn", turn.to_string()),
            pair("run", run.to_string()),
            pair("how", if *resume { "resume" } else { "start" }.into()),
            pair("reason", code(reason)),
        ],
        Event::StopDecided { turn, how, reason, .. } => vec![
            pair("turn", turn.to_string()),
            pair("how", code(how)),
            pair("reason", code(reason)),
            pair("job", reason.for_job().map_or(String::new(), |job| job.to_string())),
        ],
        Event::Ended { outcome, .. } => {
            vec![pair("outcome", serde_json::to_string(outcome).unwrap_or_default())]
        }
        Event::SuspendFailed { why, .. } | Event::Requeued { lost: Some(why), .. } => {
            vec![pair("why", why.clone())]
        }
        Event::Held { by, .. }
        | Event::Released { by, .. }
        | Event::Changed { by, .. }
        | Event::CancelAsked { by, .. } => vec![pair("by", by.clone())],
        Event::PartExceeded { used, part, .. } => {
            vec![pair("used", shown(*used).to_string()), pair("part", part.to_string())]
        }
        Event::Pinned { why, by, .. } => vec![pair("why", why.clone()), pair("by", by.clone())],
        Event::Unpinned { by, .. } => vec![pair("by", by.clone())],
        Event::WentIdle { gpus, since, empty, .. } => vec![
            pair("gpus", gpus.to_string()),
            pair("since", since.0.to_string()),
            pair("empty", u32::from(*empty).to_string()),
        ],
        Event::IdleWarned { until, .. } => {
            vec![pair("until", until.map_or("none".into(), |at| at.0.to_string()))]
        }
        Event::Warned { signal, .. } => vec![pair("signal", signal.to_string())],
        _ => Vec::new(),
    };
    Happened { at, kind, args }
}

/// The word that stands for a value in JSON.
fn code(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    let word = json.as_str().or_else(|| json.get("why").and_then(|w| w.as_str()));
    word.unwrap_or_default().to_owned()
}
