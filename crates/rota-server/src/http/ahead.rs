//! Keeps the forecasts young: after changes, and at least every half a minute; never for more than a fifth of one core.

use super::{Failed, Shared};
use crate::forecaster::{Forecaster, Forecasts};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The oldest that a forecast becomes, but for the time that it takes.
const OLDEST: Duration = Duration::from_secs(30);

/// Looks ahead until the server stops.
pub async fn keep_looking(shared: Arc<Shared>) {
    let folder = shared.store.clone();
    let opened = tokio::task::spawn_blocking(move || Forecaster::open(&folder)).await;
    let mut forecaster = match opened {
        Ok(Ok(forecaster)) => forecaster,
        Ok(Err(why)) => return tracing::error!("there will be no forecasts: {why}"),
        Err(_) => return,
    };
    let mut changed = shared.changed.clone();
    loop {
        changed.borrow_and_update();
        let begun = Instant::now();
        match look_ahead(&shared, forecaster).await {
            Ok(same) => forecaster = same,
            Err(_) => return,
        }
        tokio::time::sleep((begun.elapsed() * 4).clamp(Duration::from_millis(500), OLDEST)).await;
        tokio::select! {
            () = tokio::time::sleep(OLDEST) => {}
            more = changed.changed() => if more.is_err() { return },
        }
    }
}

/// Once.
async fn look_ahead(
    shared: &Arc<Shared>,
    mut forecaster: Forecaster,
) -> Result<Forecaster, Failed> {
    let look = shared.look().await?;
    let told = BTreeMap::new();
    let task = tokio::task::spawn_blocking(move || {
        let made = forecaster.look_ahead(&look, &told);
        (forecaster, made)
    });
    let (forecaster, made) = task.await.map_err(|_| Failed::stopping())?;
    match made {
        Ok(made) => shared.keep(made),
        Err(why) => tracing::error!("no forecast: {why}"),
    }
    Ok(forecaster)
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
