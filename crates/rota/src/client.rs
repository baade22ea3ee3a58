//! The other side of the socket.

use crate::fault::Fault;
use crate::show::aside;
use crate::text::tr;
use crate::{places, start};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

/// An answer that takes longer is late.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// A server, and its process where the socket tells it.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its socket.
    pub path: PathBuf,
    pid: Option<i32>,
}

impl Server {
    /// That it does not answer, and what to do.
    pub fn hangs(&self) -> String {
        match self.pid {
            Some(pid) => tr!("server-hangs", path = self.path.display(), pid = pid),
            None => tr!("server-late", path = self.path.display()),
        }
    }
}

/// A connection to a server.
pub struct Client {
    server: Server,
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
    patience: Duration,
    late: Late,
}

/// What is done when an answer is late.
type Late = Box<dyn FnMut(&Server, How) + Send>;

/// How late an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It has not come in time.
    Late,
    /// It has not come in ten times as long.
    VeryLate,
}

impl Client {
    /// The server asked for, else the one for everyone, else this user's own.
    pub fn connect(socket: Option<&Path>) -> Result<Client, Fault> {
        let system = Path::new(places::SYSTEM_SOCKET);
        match socket {
            Some(path) => Client::to(path),
            // A server for everyone that was killed left its socket: it will be back, so no other takes its place.
            None if system.exists() => Client::to(system),
            None => Client::to(&places::private_socket()?),
        }
    }

    /// The same; where no socket was asked for and none answers, starts a private server in the background.
    pub fn connect_or_start(socket: Option<&Path>) -> Result<Client, Fault> {
        match Client::connect(socket) {
            Err(Fault::NoServer(path)) if socket.is_none() => {
                if path == Path::new(places::SYSTEM_SOCKET) {
                    return Err(Fault::NoServer(path));
                }
                let _lock = start::lock(&path)?;
                Client::to(&path).or_else(|_| {
                    match start::background(&path, &places::state(), &[]) {
                        // Its socket was removed from under it; it has made another meanwhile.
                        Err(Fault::Refused(problem)) if problem.code == "already-running" => {
                            Client::to(&path).map_err(|_| Fault::Refused(problem))
                        }
                        started => started.and_then(|()| Client::to(&path)),
                    }
                })
            }
            other => other,
        }
    }

    /// The server at a socket.
    pub fn to(path: &Path) -> Result<Client, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (sender, pid) = runtime.block_on(async {
            let stream = UnixStream::connect(path).await.map_err(|why| match why.kind() {
                ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                    Fault::NoServer(path.to_owned())
                }
                _ => Fault::Talk(path.to_owned(), why.to_string()),
            })?;
            let pid = stream.peer_cred().ok().and_then(|peer| peer.pid());
            let (sender, connection) =
                handshake(TokioIo::new(stream)).await.map_err(|e| talk(path, &e))?;
            tokio::spawn(connection);
            Ok::<_, Fault>((sender, pid))
        })?;
        let (patience, late) = (PATIENCE, Box::new(say_late));
        let server = Server { path: path.to_owned(), pid: pid.filter(|pid| *pid > 0) };
        Ok(Client { server, runtime, sender, patience, late })
    }

    /// What to do when an answer takes longer; it is waited for all the same. Otherwise the person is told.
    pub fn when_late(
        &mut self,
        patience: Duration,
        late: impl FnMut(&Server, How) + Send + 'static,
    ) {
        (self.patience, self.late) = (patience, Box::new(late));
    }

    /// Asks to look.
    pub fn get<T: DeserializeOwned>(&mut self, call: &str) -> Result<T, Fault> {
        self.call(Method::GET, call, &())
    }

    /// Asks to do.
    pub fn post<T: DeserializeOwned>(
        &mut self,
        call: &str,
        body: &impl Serialize,
    ) -> Result<T, Fault> {
        self.call(Method::POST, call, body)
    }

    /// Asks to change.
    pub fn patch<T: DeserializeOwned>(
        &mut self,
        call: &str,
        body: &impl Serialize,
    ) -> Result<T, Fault> {
        self.call(Method::PATCH, call, body)
    }

    /// Asks to set.
    pub fn put<T: DeserializeOwned>(
        &mut self,
        call: &str,
        body: &impl Serialize,
    ) -> Result<T, Fault> {
        self.call(Method::PUT, call, body)
    }

    fn call<T: DeserializeOwned>(
        &mut self,
        method: Method,
        call: &str,
        body: &impl Serialize,
    ) -> Result<T, Fault> {
        let path = self.server.path.clone();
        let broken = |why: String| Fault::Talk(path.clone(), why);
        let body = serde_json::to_vec(body).map_err(|e| broken(e.to_string()))?;
        let request = Request::builder()
            .method(method)
            .uri(call)
            .header("host", "rota")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|e| broken(e.to_string()))?;
        let Client { runtime, sender, patience, late, server } = self;
        let answer = async {
            let answer = sender.send_request(request).await.map_err(|e| talk(&path, &e))?;
            let status = answer.status();
            let body = answer.into_body().collect().await.map_err(|e| talk(&path, &e))?;
            Ok::<_, Fault>((status, body.to_bytes()))
        };
        let (status, bytes) = runtime.block_on(async {
            let mut answer = std::pin::pin!(answer);
            for (how, times) in [(How::Late, 1), (How::VeryLate, 9)] {
                let longest = patience.saturating_mul(times);
                match tokio::time::timeout(longest, &mut answer).await {
                    Ok(answer) => return answer,
                    Err(_) => late(server, how),
                }
            }
            answer.await
        })?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|e| broken(e.to_string()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(problem) => Err(Fault::Refused(problem)),
            Err(_) => Err(broken(format!("status {status}"))),
        }
    }
}

/// Said where nobody else says it. A server that hangs keeps its socket, so only the person can give up.
pub fn say_late(server: &Server, how: How) {
    match (how, server.pid) {
        (How::Late, _) => {
            aside(&tr!("server-late", path = server.path.display()));
        }
        (How::VeryLate, Some(pid)) => aside(&tr!("server-late-help", pid = pid)),
        (How::VeryLate, None) => {}
    }
}

fn talk(path: &Path, why: &hyper::Error) -> Fault {
    Fault::Talk(path.to_owned(), why.to_string())
}
