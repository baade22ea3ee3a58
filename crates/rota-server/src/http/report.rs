//! Calls that tell what was given to whom: from the published state, and from the whole log, off every other thread.

use super::{Failed, Shared};
use crate::ServerError;
use crate::forecaster::Forecaster;
use crate::store::{self, load};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use rota_api::{Fairness, Lending, Past, PoolTurn, Score, Shares};
use rota_core::event::Event;
use rota_core::plan::promise::bounds;
use rota_core::report::Stretch;
use rota_core::shares::shares as shares_of;
use rota_core::units::{Span, Time};
use rota_sim::metrics::{self, Before};
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;

type Answer<T> = Result<Json<T>, Failed>;

/// `GET /v1/shares`
pub async fn shares(State(shared): State<Arc<Shared>>) -> Answer<Shares> {
    let look = shared.look().await?;
    let c = &look.cluster;
    let turns = bounds(c).into_iter().map(|(pool, bound, promise)| {
        let pool = c.policy.pool_name(pool).to_owned();
        PoolTurn { pool, bound, wait: bound.wait(), promise }
    });
    let (shares, turns) = (shares_of(c, look.now), turns.collect());
    Ok(Json(Shares { now: look.now, simulated: shared.simulated, shares, turns }))
}

/// Which period: from a moment, or the last so many milliseconds; until a moment, or now.
#[derive(Deserialize)]
pub struct PeriodQuery {
    from: Option<u64>,
    last: Option<u64>,
    until: Option<u64>,
}

/// The period where nothing is asked for.
const WEEK: Span = Span::hours(7 * 24);

impl PeriodQuery {
    fn period(&self, now: Time) -> Result<Stretch, Failed> {
        let until = self.until.map_or(now, Time).min(now);
        let last = self.last.map_or(WEEK, Span);
        let from = self.from.map_or(Time(until.0.saturating_sub(last.0)), Time);
        if from < until {
            return Ok(Stretch { from, until });
        }
        let message = "the period ends before it begins, or begins in the future; give --since and --until in order";
        Err(Failed::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-period", &[], message))
    }
}

/// `GET /v1/fairness?from=|last=&until=`
pub async fn fairness(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<PeriodQuery>,
) -> Answer<Fairness> {
    let period = query.period(shared.look().await?.now)?;
    let simulated = shared.simulated;
    let report = read(shared, move |path| {
        let (before, facts) = log(path, period.from)?;
        metrics::fairness(before, period, facts)
    });
    Ok(Json(Fairness { simulated, report: report.await? }))
}

/// `GET /v1/ledger?from=|last=&until=`
pub async fn ledger(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<PeriodQuery>,
) -> Answer<Lending> {
    let period = query.period(shared.look().await?.now)?;
    let simulated = shared.simulated;
    let report = read(shared, move |path| {
        let (before, facts) = log(path, period.from)?;
        metrics::lending(before, period, facts)
    });
    Ok(Json(Lending { simulated, report: report.await? }))
}

/// `GET /v1/score?from=|last=`
pub async fn score(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<PeriodQuery>,
) -> Answer<Score> {
    let last = query.last.or(Some(Span::hours(30 * 24).0));
    let period = PeriodQuery { last, ..query }.period(shared.look().await?.now)?;
    let simulated = shared.simulated;
    let folder = shared.store.clone();
    let score = read(shared, move |_| Forecaster::score(&folder, period.from)).await?;
    Ok(Json(Score { simulated, period, score }))
}

/// `GET /v1/past?from=|last=&until=`
pub async fn past(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<PeriodQuery>,
) -> Answer<Past> {
    let look = shared.look().await?;
    let period = query.period(look.now)?;
    let simulated = shared.simulated;
    let past = read(shared, move |path| {
        let (before, facts) = log(path, period.from)?;
        rota_sim::whatif::past(before, period, facts)
    });
    let nodes = look.cluster.nodes.values().map(|state| state.node.clone()).collect();
    let policy = look.cluster.policy.clone();
    Ok(Json(Past { simulated, past: past.await?, nodes, policy }))
}

/// Reads the log with a connection of its own, one report at a time: others read meanwhile.
async fn read<T: Send + 'static>(
    shared: Arc<Shared>,
    make: impl FnOnce(&Path) -> Result<T, ServerError> + Send + 'static,
) -> Result<T, Failed> {
    let task = tokio::task::spawn_blocking(move || {
        let _one = shared.report.lock().map_err(|_| Failed::stopping())?;
        make(&shared.store.join(store::FILE)).map_err(|why| Failed::internal(&why.to_string()))
    });
    task.await.map_err(|_| Failed::internal("the report could not be made"))?
}

/// The snapshot, if it is no younger than the period, and every fact after it.
fn log(
    path: &Path,
    from: Time,
) -> Result<(Before, impl metrics::Facts<ServerError> + use<>), ServerError> {
    let db = store::reader(path)?;
    let kept = load::snapshot_before(path, &db, from)?;
    let seq = kept.as_ref().map_or(0, |(seq, ..)| *seq);
    let path = path.to_owned();
    let facts = move |each: &mut dyn FnMut(Time, &Event)| {
        load::fold(&path, &db, seq, |at, event| each(at, &event)).map(|_| ())
    };
    Ok((kept.map(|(_, at, cluster)| (at, cluster)), facts))
}
