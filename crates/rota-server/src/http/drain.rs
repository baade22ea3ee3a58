//! Calls that keep GPUs from new jobs, and give them back.

use super::{Body, Failed, Shared};
use crate::peer::Peer;
use axum::extract::State;
use axum::{Extension, Json};
use rota_api::{DrainDone, Drained};
use rota_core::request::{Gpus, Request};
use std::sync::Arc;

type Answer = Result<Json<DrainDone>, Failed>;

/// `POST /v1/drain`
pub async fn drain(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Body(asked): Body<Drained>,
) -> Answer {
    let Drained { node, gpu, why } = asked;
    done(&shared, &peer, Request::Drain { gpus: Gpus { node, gpu }, why }).await
}

/// `POST /v1/resume`
pub async fn resume(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Body(asked): Body<Drained>,
) -> Answer {
    let Drained { node, gpu, why } = asked;
    done(&shared, &peer, Request::Resume { gpus: Gpus { node, gpu }, why }).await
}

async fn done(shared: &Arc<Shared>, peer: &Peer, request: Request) -> Answer {
    let events = shared.ask(peer, request, None).await?;
    Ok(Json(DrainDone { gpus: u32::try_from(events.len()).unwrap_or(u32::MAX) }))
}
