//! Calls that change something.

use super::{Body, Failed, Shared};
use crate::message::Message;
use crate::peer::Peer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use rota_api::{Account, Adopt, Change, Done, Pinned, SendSignal, Submit, Submitted};
use rota_core::event::Event;
use rota_core::id::{GpuSet, JobId, NodeId};
use rota_core::idle::{UseSeen, UseSighting};
use rota_core::job::{JobSpec, Part, Placement, TurnMode};
use rota_core::launch::Launch;
use rota_core::reconcile::uses;
use rota_core::request::{self, Asker, Request};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The kernel's own limit of one argument or variable (MAX_ARG_STRLEN).
const LONGEST_STRING: usize = 128 * 1024 - 1;
/// A quarter of the usual stack limit, less some room: what execve(2) takes in all.
const LONGEST_ALL: usize = 2 * 1024 * 1024 - 64 * 1024;

type Answer<T> = Result<Json<T>, Failed>;

/// `POST /v1/jobs`
pub async fn submit(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Body(submit): Body<Submit>,
) -> Answer<Submitted> {
    let mut launch = submit.launch;
    launch.user = peer.user.clone();
    check_launch(&launch)?;
    let has_terminal = launch.terminal.is_some();
    if has_terminal != submit.spec.interactive || (has_terminal && submit.tasks.is_some()) {
        return Err(Failed::bad("one job that is interactive has a terminal, and no other"));
    }
    let asker = on_account(&shared, &peer, submit.account)?;
    let (spec, tasks, held) = (submit.spec, submit.tasks, submit.hold);
    let request = Request::Submit { spec, tasks, held, ended: BTreeMap::new() };
    let events = shared.ask_as(asker, request, Some(launch)).await?;
    submitted(&events)
}

fn submitted(events: &[Event]) -> Answer<Submitted> {
    match events.first() {
        Some(Event::Submitted { number, tasks, .. }) => {
            let tasks = tasks.as_ref().map_or(1, Vec::len);
            Ok(Json(Submitted { number: *number, tasks: u32::try_from(tasks).unwrap_or(u32::MAX) }))
        }
        Some(Event::Adopted { number, .. }) => Ok(Json(Submitted { number: *number, tasks: 1 })),
        _ => Err(Failed::internal("nothing was queued")),
    }
}

/// Who asks, on the account they chose: a lab they belong to, a grant; on a simulated campus anybody.
pub fn on_account(shared: &Shared, peer: &Peer, account: Account) -> Result<Asker, Failed> {
    let mut asker = peer.asker();
    let anybody = shared.simulated && peer.admin;
    if let Some(person) = account.person {
        if !anybody {
            let message = "the person can be chosen only on a simulated campus; leave out --person";
            let code = "accounts-need-simulation";
            return Err(Failed::new(StatusCode::FORBIDDEN, code, &[], message));
        }
        check_account(&person)?;
        asker.person = person;
    }
    if let Some(lab) = account.lab {
        check_account(&lab)?;
        if !anybody && !peer.is_member(&lab) {
            let message = format!("you are not a member of the group '{lab}'; 'id' shows yours");
            let args = [("lab", lab)];
            return Err(Failed::new(StatusCode::FORBIDDEN, "not-your-lab", &args, &message));
        }
        asker.lab = lab;
    }
    if let Some(grant) = account.grant {
        check_account(&grant)?;
        asker.grant = grant;
    }
    Ok(asker)
}

fn check_account(name: &str) -> Result<(), Failed> {
    let fine = !name.is_empty() && name.len() <= 128 && !name.chars().any(char::is_control);
    if fine {
        Ok(())
    } else {
        Err(Failed::bad("an account name has 1 to 128 bytes, without control characters"))
    }
}

fn check_launch(launch: &Launch) -> Result<(), Failed> {
    if launch.argv.first().is_none_or(String::is_empty) {
        let message = "there is nothing to run: write the command after '--'";
        return Err(Failed::new(StatusCode::UNPROCESSABLE_ENTITY, "empty-command", &[], message));
    }
    if !launch.cwd.starts_with('/') {
        return Err(Failed::bad("the working directory must be an absolute path"));
    }
    let sweeps = launch.sweep.values().flatten();
    let variables = launch.env.iter().chain(sweeps);
    if variables.clone().any(|(k, _)| k.is_empty() || k.contains('=')) {
        return Err(Failed::bad("the name of a variable is empty or has a '='"));
    }
    let files =
        [Some(&launch.cwd), Some(&launch.stdout), launch.stdin.as_ref(), launch.stderr.as_ref()];
    let mut texts = launch.argv.iter().chain(files.into_iter().flatten());
    if texts.any(|t| t.contains('\0'))
        || variables.clone().any(|(k, v)| k.contains('\0') || v.contains('\0'))
    {
        return Err(Failed::bad("an argument, a path or a variable has a NUL character"));
    }
    let lengths = launch
        .argv
        .iter()
        .map(String::len)
        .chain(launch.env.iter().map(|(k, v)| k.len() + v.len() + 1));
    let (mut longest, mut all) = (0, 0);
    for length in lengths {
        longest = longest.max(length);
        all += length + 9;
    }
    if longest > LONGEST_STRING || all > LONGEST_ALL {
        let (size, most) =
            if longest > LONGEST_STRING { (longest, LONGEST_STRING) } else { (all, LONGEST_ALL) };
        let message = format!(
            "arguments and environment are too large for the system: {size} bytes, at most {most}; pass data in a file"
        );
        let args = [("size", size.to_string()), ("most", most.to_string())];
        return Err(Failed::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "env-too-large",
            &args,
            &message,
        ));
    }
    Ok(())
}

/// `POST /v1/adopt`
pub async fn adopt(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Body(adopt): Body<Adopt>,
) -> Answer<Submitted> {
    use std::os::unix::fs::MetadataExt;
    let pid = adopt.pid;
    let owner = std::fs::metadata(format!("/proc/{pid}")).map(|m| m.uid());
    let args = [("pid", pid.to_string())];
    match owner {
        Err(_) => {
            let message = format!("there is no process {pid}; 'ps' shows those that run");
            return Err(Failed::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "no-such-process",
                &args,
                &message,
            ));
        }
        Ok(uid) if uid != peer.user.uid && peer.user.uid != 0 => {
            let message =
                format!("process {pid} is not yours; only its owner or root can bring it in");
            return Err(Failed::new(StatusCode::FORBIDDEN, "not-your-process", &args, &message));
        }
        Ok(_) if is_system(pid) => {
            let message = format!(
                "process {pid} belongs to the system or carries Rota itself; bring in the program that you started"
            );
            return Err(Failed::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "system-process",
                &args,
                &message,
            ));
        }
        Ok(_) => {}
    }
    let gpus: GpuSet = adopt.gpus.iter().copied().collect();
    if gpus.count() as usize != adopt.gpus.len() {
        return Err(Failed::bad("a GPU is named twice, or its index is above 63"));
    }
    let name = adopt.name.unwrap_or_else(|| {
        let comm = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        comm.trim().chars().filter(|c| !c.is_control()).collect()
    });
    let turns = TurnMode::Never;
    let spec =
        JobSpec { name, gpus: gpus.count(), limit: adopt.limit, turns, ..JobSpec::default() };
    let placement = Placement::from(on_node(&shared, gpus)?);
    let launch = Launch {
        argv: vec![format!("(process {pid})")],
        user: peer.user.clone(),
        ..Launch::default()
    };
    let events = shared.ask(&peer, Request::Adopt { spec, placement, pid }, Some(launch)).await?;
    submitted(&events)
}

/// The node that has these GPUs of this machine, which are counted as the driver does.
fn on_node(shared: &Shared, indexes: GpuSet) -> Result<Part, Failed> {
    let places: Option<Vec<(NodeId, u32)>> =
        indexes.iter().map(|index| shared.gpus.place(index)).collect();
    let Some(places) = places.filter(|places| !places.is_empty()) else {
        return Ok(Part { node: NodeId(0), gpus: indexes });
    };
    let node = places[0].0;
    if places.iter().any(|(other, _)| *other != node) {
        return Err(Failed::bad("these GPUs are of two models, and a job has GPUs of one"));
    }
    Ok(Part { node, gpus: places.iter().map(|(_, gpu)| *gpu).collect() })
}

/// Whether ending the process would end the system or this server: the first one, the kernel's, and our ancestors.
fn is_system(pid: u32) -> bool {
    let parent = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit(") ").next()?.split(' ').nth(1)?.parse().ok()
    };
    let ours = std::iter::successors(Some(std::process::id()), |pid| parent(*pid));
    pid <= 2 || parent(pid).is_some_and(|parent| parent == 2) || ours.take(1000).any(|p| p == pid)
}

fn job_id(text: &str) -> Result<JobId, Failed> {
    JobId::parse(text).ok_or_else(Failed::bad_job)
}

async fn simple(
    shared: &Arc<Shared>,
    peer: &Peer,
    id: &str,
    ask: impl FnOnce(JobId) -> Request,
) -> Answer<Done> {
    let id = job_id(id)?;
    let asked = shared.ask(peer, ask(id), None).await;
    let events = match asked {
        Err(Failed(StatusCode::NOT_FOUND, _)) => return Err(look_among_ended(shared, id).await?),
        other => other?,
    };
    let jobs = events.iter().filter(|e| !matches!(e, Event::CancelAsked { .. })).count();
    Ok(Json(Done { jobs: u32::try_from(jobs).unwrap_or(u32::MAX) }))
}

/// Tells "it has ended" from "it never was".
async fn look_among_ended(shared: &Arc<Shared>, id: JobId) -> Result<Failed, Failed> {
    let ended = shared.read(move |db| crate::store::EndedJob::named(db, id)).await?;
    let args = [("job", id.to_string())];
    Ok(if ended.is_empty() {
        let message = format!("there is no job {id}; 'rota queue --all' shows all");
        Failed::new(StatusCode::NOT_FOUND, "no-such-job", &args, &message)
    } else {
        let message = format!("job {id} has ended already; 'rota show {id}' says how");
        Failed::new(StatusCode::CONFLICT, "already-ended", &args, &message)
    })
}

/// `POST /v1/jobs/{id}/cancel`
pub async fn cancel(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Answer<Done> {
    simple(&shared, &peer, &id, Request::Cancel).await
}

/// `POST /v1/jobs/{id}/hold`
pub async fn hold(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Answer<Done> {
    simple(&shared, &peer, &id, Request::Hold).await
}

/// `POST /v1/jobs/{id}/pin`
pub async fn pin(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    Body(asked): Body<Pinned>,
) -> Answer<Done> {
    simple(&shared, &peer, &id, |job| Request::Pin { job, why: asked.why }).await
}

/// `POST /v1/jobs/{id}/unpin`
pub async fn unpin(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Answer<Done> {
    simple(&shared, &peer, &id, Request::Unpin).await
}

/// `POST /v1/jobs/{id}/release`
pub async fn release(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Answer<Done> {
    simple(&shared, &peer, &id, Request::Release).await
}

/// `PATCH /v1/jobs/{id}`
pub async fn change(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Answer<Done> {
    let change = request::Change {
        name: change.name,
        gpus: change.gpus,
        gpu_mem: change.gpu_mem,
        nodes: change.nodes,
        models: change.models,
        cpus: change.cpus,
        mem: change.mem,
        limit: change.limit,
        turns: change.turns,
        after: change.after,
        begin: change.begin,
        pool: change.pool.map(|pool| Some(pool).filter(|name| !name.is_empty())),
        class: change.class,
        at_most: change.at_most,
    };
    let request = Request::Change { job: job_id(&id)?, change, ended: BTreeMap::new() };
    let events = shared.ask(&peer, request, None).await?;
    Ok(Json(Done { jobs: u32::try_from(events.len()).unwrap_or(u32::MAX) }))
}

/// `POST /v1/jobs/{id}/signal`
pub async fn signal(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    Body(body): Body<SendSignal>,
) -> Answer<Done> {
    if !(1..=64).contains(&body.signal) {
        return Err(Failed::bad("a signal is a number from 1 to 64"));
    }
    let (reply, answer) = oneshot::channel();
    let (job, asker, signal) = (job_id(&id)?, peer.asker(), body.signal);
    shared.tell(Message::Signal { job, asker, signal, reply })?;
    answer.await.map_err(|_| Failed::stopping())??;
    Ok(Json(Done { jobs: 1 }))
}

/// `POST /v1/jobs/{id}/typed`: its person types on its terminal.
pub async fn typed(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Answer<Done> {
    let look = shared.look().await?;
    let own = rota_core::admit::own(&look.cluster, &peer.asker(), job_id(&id)?);
    let own = own.map_err(crate::run::problem)?.into_iter().filter(|job| job.spec.interactive);
    let seen = own.map(|job| {
        shared.gpus.type_on(job.id, look.now);
        UseSighting { job: job.id, run: job.runs, seen: UseSeen::Typed }
    });
    let seen: Vec<UseSighting> = seen.collect();
    let jobs = u32::try_from(seen.len()).unwrap_or(u32::MAX);
    // Nearly always there is nothing new.
    if !uses(&look.cluster, &seen).is_empty() {
        shared.tell(Message::Uses(seen))?;
    }
    Ok(Json(Done { jobs }))
}

/// `POST /v1/down`
pub async fn down(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
) -> Answer<Done> {
    if !peer.admin {
        let message = "only an admin (root) can stop a server that serves everyone";
        return Err(Failed::new(StatusCode::FORBIDDEN, "needs-admin", &[], message));
    }
    shared.tell(Message::Down)?;
    Ok(Json(Done { jobs: 0 }))
}
