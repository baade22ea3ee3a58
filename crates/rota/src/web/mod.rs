//! `rota page`: the board in a browser. A process of whoever starts it, with no more rights than they have: it asks the
//! server as they would, and only while somebody looks.

mod html;
mod kept;

use crate::board::seen::{Source, Wanted, look};
use crate::cli::Global;
use crate::fault::{Fault, failed};
use crate::show;
use crate::text::{Lang, speaking, tr};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clap::Args;
use kept::{Kept, Picture};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;

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
    let (seen, score) = (look(&mut client, &Wanted::default())?, client.get("/v1/score")?);
    let listener = listen(args.listen)
        .map_err(|why| failed!("page-cannot-listen", address = args.listen, why = why))?;
    let address = listener.local_addr()?;
    show::line(&tr!("page-is-at", address = address))?;
    if !address.ip().is_loopback() {
        show::line(&tr!("page-network"))?;
    }
    let kept = Arc::new(Kept::new(seen, score));
    let of_late = kept.clone();
    let source = Source::new(client, global.socket.clone(), move || of_late.is_late());
    kept.clone().follow(source);
    let shared = Shared { ip: address.ip(), kept };
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
    kept: Arc<Kept>,
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
async fn drawn(shared: Shared, headers: HeaderMap, draw: fn(&Picture) -> String) -> Response {
    if !is_meant(&headers, shared.ip) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let lang = language(&headers);
    let drawing = tokio::task::spawn_blocking(move || {
        let picture = shared.kept.fresh()?;
        Some(speaking(lang, || draw(&picture)))
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
