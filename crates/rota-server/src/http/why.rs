//! Why a job waits: its place in the order with the grounds, and what would start it sooner, really planned.

use super::look::{describe, planned};
use super::{Failed, Shared};
use crate::peer::Peer;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use rota_api::{PlannedFrom, Sooner, Why};
use rota_core::id::JobId;
use rota_core::plan::variant::{Freezing, variants};
use rota_core::plan::why::ground;
use rota_core::units::Time;
use std::sync::Arc;

/// `GET /v1/jobs/{id}/why`
pub async fn why(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Result<Json<Why>, Failed> {
    let id = JobId::parse(&id).ok_or_else(Failed::bad_job)?;
    let detail = describe(&shared, &peer, id).await?;
    let look = shared.look().await?;
    let plan = planned(&shared, &look).await?;
    let this = JobId::parse(&detail.row.id).unwrap_or(id);
    let freezing = if shared.simulated { Freezing::Possible } else { Freezing::WithoutGpus };
    let ready = look.cluster.jobs.values().filter(|job| job.is_ready()).count();
    let waiting = u32::try_from(ready).unwrap_or(u32::MAX);
    let mut row = detail.row;
    // Counted among those that wait now; the plan also counts places that it gave to nobody.
    row.place = row.place.map(|place| {
        let before = plan.starts.values().filter(|start| start.place < place).count();
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    });
    let (cluster, now) = (look.cluster.clone(), look.now);
    let as_it_is = row.planned.filter(|at| *at < Time::FAR);
    let found = tokio::task::spawn_blocking(move || {
        (ground(&cluster, &plan, now, this), variants(&cluster, now, this, freezing))
    });
    let (ground, variants) =
        found.await.map_err(|_| Failed::internal("the variants could not be planned"))?;
    let offers = variants.into_iter().map(|variant| Sooner {
        step: variant.step,
        start: variant.start.at,
        sooner: as_it_is.map(|at| at.since(variant.start.at)),
    });
    Ok(Json(Why {
        now,
        simulated: shared.simulated,
        row,
        waiting,
        planned_from: PlannedFrom::Walltimes,
        ground,
        blockers: detail.blockers,
        offers: offers.collect(),
    }))
}
