//! Calls about the policy.

use super::{Body, Failed, Shared};
use crate::message::Message;
use crate::peer::Peer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use rota_api::{Done, PolicyChecked, PolicyInForce};
use rota_core::policy::Policy;
use rota_core::policy::verify::verify;
use std::sync::Arc;
use tokio::sync::oneshot;

type Answer<T> = Result<Json<T>, Failed>;

/// `GET /v1/policy`
pub async fn in_force(State(shared): State<Arc<Shared>>) -> Answer<PolicyInForce> {
    let look = shared.look().await?;
    let set = look.cluster.policy_set.clone();
    let (at, by) = set.map(|set| (set.at, set.by)).unzip();
    Ok(Json(PolicyInForce { policy: look.cluster.policy.clone(), by, at }))
}

/// `POST /v1/policy/check`
pub async fn check(
    State(shared): State<Arc<Shared>>,
    Body(policy): Body<Policy>,
) -> Answer<PolicyChecked> {
    let look = shared.look().await?;
    let looked = tokio::task::spawn_blocking(move || {
        let findings = verify(&policy, Some(&look.cluster), look.now);
        let diff = rota_policy::diff::diff(&look.cluster, &policy, look.now);
        PolicyChecked { findings, diff }
    });
    looked.await.map(Json).map_err(|_| Failed::internal("the policy could not be looked at"))
}

/// `PUT /v1/policy`
pub async fn set(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Body(policy): Body<Policy>,
) -> Answer<Done> {
    if !peer.admin {
        let message = "only an admin (root) can apply a policy; 'rota policy diff' shows anyone what it would change";
        return Err(Failed::new(StatusCode::FORBIDDEN, "policy-needs-admin", &[], message));
    }
    let (reply, answer) = oneshot::channel();
    let (policy, by) = (Box::new(policy), peer.user.name);
    shared.tell(Message::Policy { policy, by, reply })?;
    answer.await.map_err(|_| Failed::stopping())??;
    Ok(Json(Done { jobs: 0 }))
}
