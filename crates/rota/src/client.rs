//! The other side of the socket.

use crate::fault::Fault;
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
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

/// A connection to a server.
pub struct Client {
    path: PathBuf,
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
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
        let sender = runtime.block_on(async {
            let stream = UnixStream::connect(path).await.map_err(|why| match why.kind() {
                ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                    Fault::NoServer(path.to_owned())
                }
                _ => Fault::Talk(path.to_owned(), why.to_string()),
            })?;
            let (sender, connection) =
                handshake(TokioIo::new(stream)).await.map_err(|e| talk(path, &e))?;
            tokio::spawn(connection);
            Ok::<_, Fault>(sender)
        })?;
        Ok(Client { path: path.to_owned(), runtime, sender })
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
        let path = self.path.clone();
        let broken = |why: String| Fault::Talk(path.clone(), why);
        let body = serde_json::to_vec(body).map_err(|e| broken(e.to_string()))?;
        let request = Request::builder()
            .method(method)
            .uri(call)
            .header("host", "rota")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|e| broken(e.to_string()))?;
        let Client { runtime, sender, .. } = self;
        let (status, bytes) = runtime.block_on(async {
            let answer = sender.send_request(request).await.map_err(|e| talk(&path, &e))?;
            let status = answer.status();
            let body = answer.into_body().collect().await.map_err(|e| talk(&path, &e))?;
            Ok::<_, Fault>((status, body.to_bytes()))
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

fn talk(path: &Path, why: &hyper::Error) -> Fault {
    Fault::Talk(path.to_owned(), why.to_string())
}
