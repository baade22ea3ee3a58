//! Keeps the forecasts young: after changes, and at least every half a minute; never for more than a fifth of one core.

use super::jobs::on_account;
use super::{Body, Failed, Shared};
use crate::ServerError;
use crate::forecaster::{Forecaster, Forecasts};
use crate::message::Look;
use crate::peer::Peer;
use crate::run::problem;
use axum::extract::State;
use axum::{Extension, Json};
use rota_api::{AskQuote, Options};
use rota_core::id::JobId;
use rota_core::job::Job;
use rota_sim::forecast::Told;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The oldest that a forecast becomes, but for the time that it takes.
const OLDEST: Duration = Duration::from_secs(30);

/// Looks ahead until the server stops.
pub async fn keep_looking(shared: Arc<Shared>) {
    let mut changed = shared.changed.clone();
    loop {
        changed.borrow_and_update();
        let begun = Instant::now();
        let Ok(look) = shared.look().await else { return };
        let told = told(&shared, &look);
        match ask(&shared, move |forecaster| forecaster.look_ahead(&look, &told)).await {
            Ok(made) => shared.keep(made),
            Err(why) => tracing::error!("no forecast: {}", why.message()),
        }
        tokio::time::sleep((begun.elapsed() * 4).clamp(Duration::from_millis(500), OLDEST)).await;
        tokio::select! {
            () = tokio::time::sleep(OLDEST) => {}
            more = changed.changed() => if more.is_err() { return },
        }
    }
}

/// How much longer running programs say that they will run.
fn told(shared: &Shared, look: &Look) -> BTreeMap<JobId, Told> {
    let left = |job: &Job| Some((job.id, Told::Left(shared.progress.of(job, look.now)?.left?)));
    look.cluster.jobs.values().filter_map(|job| left(job)).collect()
}

/// `POST /v1/options`
pub async fn options(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Body(asked): Body<AskQuote>,
) -> Result<Json<Options>, Failed> {
    let asker = on_account(&shared, &peer, asked.account)?;
    let look = shared.look().await?;
    let (simulated, unit) = (shared.simulated, look.cluster.policy.unit.clone());
    let (now, told) = (look.now, told(&shared, &look));
    let made =
        ask(&shared, move |forecaster| forecaster.options(&look, &asker, &asked.spec, &told));
    let options = made.await?.map_err(problem)?;
    Ok(Json(Options { now, simulated, unit, options }))
}

/// Asks who looks ahead, one at a time, off the threads that answer.
async fn ask<T: Send + 'static>(
    shared: &Arc<Shared>,
    question: impl FnOnce(&mut Forecaster) -> Result<T, ServerError> + Send + 'static,
) -> Result<T, Failed> {
    let shared = shared.clone();
    let task = tokio::task::spawn_blocking(move || {
        let mut kept = shared.forecaster.lock().map_err(|_| Failed::stopping())?;
        let failed = |why: ServerError| Failed::internal(&why.to_string());
        let forecaster = match &mut *kept {
            Some(forecaster) => forecaster,
            none => none.insert(Forecaster::open(&shared.store).map_err(failed)?),
        };
        question(forecaster).map_err(failed)
    });
    task.await.map_err(|_| Failed::stopping())?
}

impl Shared {
    fn keep(&self, made: Forecasts) {
        if let Ok(mut kept) = self.forecasts.lock() {
            *kept = Arc::new(made);
        }
    }

    /// What was worked out last.
    pub(super) fn forecasts(&self) -> Arc<Forecasts> {
        self.forecasts.lock().map(|kept| kept.clone()).unwrap_or_default()
    }
}
