//! `rota page`: the board in a browser. A process of whoever starts it, with no more rights than they have: it asks the
//! server as they would, and only while somebody looks.

mod html;

use crate::board::seen::{Seen, Source, look};
use crate::cli::Global;
use crate::fault::{Fault, failed};
use crate::show;
use crate::text::{Lang, speaking, tr};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clap::Args;
use rota_api::Score;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// `rota page`
#[derive(Args)]
pub struct PageArgs {
    /// Address and port; any other address than this machine's own is for the network to see
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8790")]
    listen: SocketAddr,
}

/// Shows the board until it is ended.
pub fn page(global: &Global, args: &PageArgs) -> Result<ExitCode, Fault> {
    let mut client = global.client()?;
    let (seen, score) = (look(&mut client, None)?, client.get("/v1/score")?);
    let listener = listen(args.listen)
        .map_err(|why| failed!("page-cannot-listen", address = args.listen, why = why))?;
    let address = listener.local_addr()?;
    show::line(&tr!("page-is-at", address = address))?;
    if !address.ip().is_loopback() {
        show::line(&tr!("page-network"))?;
    }
    let source = Source::new(client, global.socket.clone());
    let now = Instant::now();
    let kept = Kept { source, seen, score, looked: now, scored: now, trouble: None };
    let shared = Shared { ip: address.ip(), kept: Arc::new(Mutex::new(kept)) };
    // Connections of the client end on a thread that may wait, so one handle stays here.
    let _stays = shared.kept.clone();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve(listener, shared))?;
    Ok(ExitCode::SUCCESS)
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn serve(listener: TcpListener, shared: Shared) -> std::io::Result<()> {
    let routes = axum::Router::new()
        .route("/", get(whole))
        .route("/board", get(board))
        .route("/board.js", get(script))
        .with_state(shared);
    axum::serve(tokio::net::TcpListener::from_std(listener)?, routes).await
}

/// What every request may use.
#[derive(Clone)]
struct Shared {
    ip: IpAddr,
    kept: Arc<Mutex<Kept>>,
}

/// What was seen last, for all who look.
struct Kept {
    source: Source,
    seen: Seen,
    score: Score,
    looked: Instant,
    scored: Instant,
    trouble: Option<Fault>,
}

/// Between two looks at how often forecasts were right.
const SCORE: Duration = Duration::from_secs(600);

impl Kept {
    /// Looks again where it is time to.
    fn refresh(&mut self) {
        if self.looked.elapsed() < self.source.rest() {
            return;
        }
        let wants_score = self.scored.elapsed() > SCORE;
        match self.source.look(None) {
            Ok(seen) => (self.seen, self.trouble) = (seen, None),
            Err(fault) => self.trouble = Some(fault),
        }
        if wants_score && let Some(score) = self.source.get("/v1/score") {
            (self.score, self.scored) = (score, Instant::now());
        }
        self.looked = Instant::now();
    }
}

async fn whole(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    drawn(shared, headers, html::whole).await
}

async fn board(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    drawn(shared, headers, html::board).await
}

async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript")], include_str!("board.js")).into_response()
}

/// Draws in the language of the browser, on a thread that may wait for the server.
async fn drawn(
    shared: Shared,
    headers: HeaderMap,
    draw: fn(&Seen, &Score, Option<&Fault>) -> String,
) -> Response {
    if !is_meant(&headers, shared.ip) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let lang = language(&headers);
    let drawing = tokio::task::spawn_blocking(move || {
        let mut kept = shared.kept.lock().ok()?;
        kept.refresh();
        Some(speaking(lang, || draw(&kept.seen, &kept.score, kept.trouble.as_ref())))
    });
    let Ok(Some(text)) = drawing.await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let rules = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; \
                 connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, rules),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept-language"),
    ];
    (headers, text).into_response()
}

/// Whether a request names this machine: a page of somebody else that has made their name lead here does not.
fn is_meant(headers: &HeaderMap, ip: IpAddr) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    let name = name.map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    !ip.is_loopback()
        || name == "localhost"
        || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// The first language of the browser that we speak.
fn language(headers: &HeaderMap) -> Lang {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|text| text.to_str().ok());
    let known = wanted.unwrap_or_default().split(',').find_map(|tag| match tag.trim().get(..2) {
        Some("ko") => Some(Lang::Ko),
        Some("en") => Some(Lang::En),
        _ => None,
    });
    known.unwrap_or_else(crate::text::lang)
}
