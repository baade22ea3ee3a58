//! The socket: HTTP/1.1 on a Unix socket, each connection with the identity the kernel gives it.

mod ahead;
mod booking;
mod drain;
mod jobs;
mod look;
mod policy;
mod progress;
mod report;
mod why;

use crate::forecaster::{Forecaster, Forecasts};
use crate::gpus::Board;
use crate::message::{Ask, Look, Message, Program};
use crate::peer::Peer;
use crate::progress::Watch;
use crate::{ServeOptions, ServerError, store};
use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request as HttpRequest};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rota_api::{Mode, Problem};
use rota_core::event::Event;
use rota_core::launch::Launch;
use rota_core::request::Request;
use rota_core::units::Time;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tokio::net::UnixListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

/// The largest body: a script, arguments and an environment of about 2 MB, as JSON.
const LARGEST_BODY: usize = 16 << 20;

/// What every request may use.
pub struct Shared {
    writer: Mutex<Sender<Message>>,
    reader: Mutex<rusqlite::Connection>,
    changed: watch::Receiver<u64>,
    mode: Mode,
    simulated: bool,
    store: PathBuf,
    started: Time,
    /// The outlook of the last state that someone looked at.
    outlook: Mutex<Option<(u64, Arc<rota_core::decision::Plan>)>>,
    /// What was worked out last of when jobs start and end.
    forecasts: Mutex<Arc<Forecasts>>,
    /// What works them out; none until it has read what was said before.
    forecaster: Mutex<Option<Forecaster>>,
    /// One report is made at a time: each reads the whole log.
    report: Mutex<()>,
    /// What running jobs say of themselves.
    progress: crate::progress::Board,
    /// What was read last of GPUs.
    gpus: Arc<Board>,
}

impl Shared {
    /// Opens what readers need.
    pub fn new(
        options: &ServeOptions,
        writer: Sender<Message>,
        changed: watch::Receiver<u64>,
        (path, gpus): (&Path, &Arc<Board>),
    ) -> Result<Shared, ServerError> {
        Ok(Shared {
            writer: Mutex::new(writer),
            reader: Mutex::new(store::reader(path)?),
            changed,
            mode: options.mode,
            simulated: options.simulate.is_some(),
            store: options.store.clone(),
            started: crate::clock::Clock::resume(None, Time(0)).now(),
            outlook: Mutex::new(None),
            forecasts: Mutex::default(),
            forecaster: Mutex::default(),
            report: Mutex::new(()),
            progress: crate::progress::Board::default(),
            gpus: gpus.clone(),
        })
    }

    fn tell(&self, message: Message) -> Result<(), Failed> {
        let writer = self.writer.lock().map_err(|_| Failed::stopping())?;
        writer.send(message).map_err(|_| Failed::stopping())
    }

    async fn ask(
        &self,
        peer: &Peer,
        request: Request,
        launch: Option<Launch>,
    ) -> Result<Vec<Event>, Failed> {
        self.ask_as(peer.asker(), request, launch).await
    }

    async fn ask_as(
        &self,
        asker: rota_core::request::Asker,
        request: Request,
        launch: Option<Launch>,
    ) -> Result<Vec<Event>, Failed> {
        let (reply, answer) = oneshot::channel();
        self.tell(Message::Ask(Box::new(Ask { asker, request, launch, reply })))?;
        Ok(answer.await.map_err(|_| Failed::stopping())??)
    }

    async fn look(&self) -> Result<Look, Failed> {
        let (reply, answer) = oneshot::channel();
        self.tell(Message::Look(reply))?;
        answer.await.map_err(|_| Failed::stopping())
    }

    async fn program(&self, job: rota_core::id::JobId) -> Result<Program, Failed> {
        let (reply, answer) = oneshot::channel();
        self.tell(Message::Program(job, reply))?;
        answer.await.map_err(|_| Failed::stopping())
    }

    /// Reads from the store, off the threads that answer.
    async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failed> {
        let shared = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let db = shared.reader.lock().map_err(|_| Failed::stopping())?;
            read(&db).map_err(|why| Failed::internal(&format!("cannot read the store: {why}")))
        });
        task.await.map_err(|_| Failed::stopping())?
    }
}

/// A [`Problem`] with its status.
pub struct Failed(StatusCode, Problem);

impl Failed {
    /// A problem with a text of its own.
    pub fn new(status: StatusCode, code: &str, args: &[(&str, String)], message: &str) -> Failed {
        debug_assert!(rota_api::CODES.contains(&code), "{code} is in no list");
        let args = args.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Failed(status, Problem { code: code.into(), args, message: message.into() })
    }

    /// What it says.
    fn message(&self) -> &str {
        &self.1.message
    }

    fn bad(why: &str) -> Failed {
        let message = format!("the request cannot be understood: {why}");
        Failed::new(StatusCode::BAD_REQUEST, "bad-request", &[("why", why.to_owned())], &message)
    }

    fn bad_job() -> Failed {
        let message = "a job is a number such as 12, or 12_3 for a task of an array";
        Failed::new(StatusCode::BAD_REQUEST, "bad-job", &[], message)
    }

    fn internal(why: &str) -> Failed {
        Failed::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", &[("why", why.to_owned())], why)
    }

    fn stopping() -> Failed {
        let message = "the server is stopping; try again, 'rota up' starts a new one";
        Failed::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", &[], message)
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Failed {
        let status = match problem.code.as_str() {
            "no-such-job" | "no-such-booking" => StatusCode::NOT_FOUND,
            "not-yours" | "booking-not-yours" | "needs-admin" | "policy-needs-admin" => {
                StatusCode::FORBIDDEN
            }
            "store-full" => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Failed(status, problem)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (self.0, axum::Json(self.1)).into_response()
    }
}

/// A JSON body whose errors are [`Problem`]s too.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failed;
    async fn from_request(request: HttpRequest, state: &S) -> Result<Self, Failed> {
        let read: Result<axum::Json<T>, JsonRejection> =
            axum::Json::from_request(request, state).await;
        read.map(|json| Body(json.0)).map_err(|e| Failed::bad(&e.body_text()))
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/server", get(look::server))
        .route("/v1/jobs", get(look::list).post(jobs::submit))
        .route("/v1/jobs/{id}", get(look::detail).patch(jobs::change))
        .route("/v1/jobs/{id}/why", get(why::why))
        .route("/v1/changed", get(look::changed))
        .route("/v1/quote", post(booking::quote))
        .route("/v1/options", post(ahead::options))
        .route("/v1/bookings", get(booking::list).post(booking::book))
        .route("/v1/bookings/{number}/unbook", post(booking::unbook))
        .route("/v1/jobs/{id}/cancel", post(jobs::cancel))
        .route("/v1/jobs/{id}/hold", post(jobs::hold))
        .route("/v1/jobs/{id}/release", post(jobs::release))
        .route("/v1/jobs/{id}/pin", post(jobs::pin))
        .route("/v1/jobs/{id}/unpin", post(jobs::unpin))
        .route("/v1/jobs/{id}/signal", post(jobs::signal))
        .route("/v1/jobs/{id}/typed", post(jobs::typed))
        .route("/v1/adopt", post(jobs::adopt))
        .route("/v1/gpus", get(look::gpus))
        .route("/v1/gpus/past", get(look::gpus_past))
        .route("/v1/drain", post(drain::drain))
        .route("/v1/resume", post(drain::resume))
        .route("/v1/summary", get(look::summary))
        .route("/v1/score", get(report::score))
        .route("/v1/shares", get(report::shares))
        .route("/v1/fairness", get(report::fairness))
        .route("/v1/ledger", get(report::ledger))
        .route("/v1/past", get(report::past))
        .route("/v1/policy", get(policy::in_force).put(policy::set))
        .route("/v1/policy/check", post(policy::check))
        .route("/v1/down", post(jobs::down))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .fallback(async || {
            Failed::new(
                StatusCode::NOT_FOUND,
                "no-such-call",
                &[],
                "the server knows no such call; are 'rota' and the server of one version?",
            )
        })
        .with_state(shared)
}

/// A running listener.
pub struct Listening {
    runtime: tokio::runtime::Runtime,
    accepting: tokio::task::JoinHandle<()>,
    socket: PathBuf,
}

impl Listening {
    /// Takes no more calls, answers what is under way, then stops.
    pub fn stop(self) {
        self.accepting.abort();
        self.runtime.shutdown_timeout(std::time::Duration::from_millis(300));
        drop(std::fs::remove_file(&self.socket));
    }
}

/// Begins to answer.
pub fn listen(
    options: &ServeOptions,
    shared: Shared,
    watch: Watch,
) -> Result<Listening, ServerError> {
    let socket = options.socket.clone();
    let file = |what, why| ServerError::File { what, path: socket.clone(), why };
    if std::os::unix::net::UnixStream::connect(&socket).is_ok() {
        return Err(ServerError::Busy { path: socket });
    }
    if socket.exists() {
        std::fs::remove_file(&socket).map_err(|why| file("remove", why))?;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|why| file("listen on", why))?;
    let inside = runtime.enter();
    let listener = bind(options).map_err(|why| file("listen on", why))?;
    let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    let asked = signals.into_iter().collect::<Result<Vec<_>, _>>();
    let shared = Arc::new(shared);
    runtime.spawn(stop_when_asked(asked.map_err(|why| file("listen on", why))?, shared.clone()));
    runtime.spawn(progress::keep(shared.clone(), watch));
    runtime.spawn(ahead::keep_looking(shared.clone()));
    let accepting = runtime.spawn(accept(listener, options.clone(), shared));
    drop(inside);
    Ok(Listening { runtime, accepting, socket })
}

/// Makes the socket, for its user alone or for everyone.
fn bind(options: &ServeOptions) -> std::io::Result<UnixListener> {
    let everyone = options.mode == Mode::System;
    if let Some(folder) = options.socket.parent() {
        let bits = if everyone { 0o755 } else { 0o700 };
        std::fs::DirBuilder::new().recursive(true).mode(bits).create(folder)?;
    }
    let listener = UnixListener::bind(&options.socket)?;
    let bits = if everyone { 0o666 } else { 0o600 };
    std::fs::set_permissions(&options.socket, std::fs::Permissions::from_mode(bits))?;
    Ok(listener)
}

/// SIGTERM, or Ctrl-C in the foreground, is `rota down`.
async fn stop_when_asked(mut signals: Vec<Signal>, shared: Arc<Shared>) {
    std::future::poll_fn(|context| {
        let came = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if came { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    // It fails only where the writer has ended already.
    drop(shared.tell(Message::Down));
}

/// How often to look whether the socket is still there: a logout removes the folder of a user's sockets.
const SOCKET_LOOK: std::time::Duration = std::time::Duration::from_secs(2);

async fn accept(mut listener: UnixListener, options: ServeOptions, shared: Arc<Shared>) {
    let routes = router(shared.clone());
    let mut look = tokio::time::interval(SOCKET_LOOK);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    answer(stream, &routes, &shared);
                }
            }
            _ = look.tick() => {
                if !options.socket.exists()
                    && let Ok(again) = bind(&options)
                {
                    listener = again;
                }
            }
        }
    }
}

fn answer(stream: tokio::net::UnixStream, routes: &Router, shared: &Shared) {
    let Ok(cred) = stream.peer_cred() else { return };
    let peer = Peer::of(cred.uid(), cred.gid(), shared.mode);
    if !peer.welcome {
        return;
    }
    let service = routes.clone().layer(axum::Extension(peer));
    tokio::spawn(async move {
        let serving = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        if let Err(why) = serving.await {
            tracing::debug!("connection: {why}");
        }
    });
}
