//! The other side of the socket.

use crate::fault::Fault;
use crate::places;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
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
        match socket {
            Some(path) => Client::to(path),
            None => Client::to(Path::new(places::SYSTEM_SOCKET))
                .or_else(|_| Client::to(&places::private_socket()?)),
        }
    }

    /// The same; where none answers, starts a private server in the background.
    pub fn connect_or_start(socket: Option<&Path>) -> Result<Client, Fault> {
        if let Ok(client) = Client::connect(socket) {
            return Ok(client);
        }
        let path = socket.map_or_else(places::private_socket, |p| Ok(p.to_owned()))?;
        start(&path, &places::state(), &[])?;
        Client::to(&path)
    }

    /// The server at a socket.
    pub fn to(path: &Path) -> Result<Client, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Fault::Output)?;
        let sender = runtime.block_on(async {
            let stream =
                UnixStream::connect(path).await.map_err(|_| Fault::NoServer(path.to_owned()))?;
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

    fn call<T: DeserializeOwned>(
        &mut self,
        method: Method,
        call: &str,
        body: &impl Serialize,
    ) -> Result<T, Fault> {
        let path = self.path.clone();
        let broken = |why: String| Fault::Talk { path: path.clone(), why };
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
    Fault::Talk { path: path.to_owned(), why: why.to_string() }
}

/// Starts a server in the background and waits until it answers. It outlives this terminal.
pub fn start(socket: &Path, store: &Path, more: &[String]) -> Result<(), Fault> {
    places::make(store)?;
    let log = store.join("server.log");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&log);
    let file = file.map_err(|why| Fault::File { what: "open", path: log.clone(), why })?;
    let program = std::env::current_exe().map_err(Fault::Output)?;
    let mut command = Command::new(&program);
    command.arg("serve").arg("--socket").arg(socket).arg("--store").arg(store).args(more);
    command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(file)
        .process_group(0);
    let mut child =
        command.spawn().map_err(|why| Fault::File { what: "run", path: program, why })?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line).map_err(Fault::Output)?;
    }
    if line.trim() == "ready" {
        return Ok(());
    }
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    let last = said.lines().last().unwrap_or("it said nothing").to_owned();
    Err(Fault::usage(format!(
        "the server did not start: {last} (all of it is in {})",
        log.display()
    )))
}
