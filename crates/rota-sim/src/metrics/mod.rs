//! What was given to whom in a period, from the log: fairness against its targets, and the lender's ledger.
//!
//! In: facts in order ([`walk::Walk`]). Out: [`Fairness`] and [`Lending`]. One file a measure; each says what it counts.

mod delay;
mod facet;
mod flows;
mod lending;
mod lives;
mod lost;
pub mod maxmin;
pub mod number;
mod pins;
mod promise;
mod regret;
mod rho;
mod room;
mod share;
mod shortage;
mod srtf;
mod wait;
mod walk;

pub use promise::Kept;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::report::{Fairness, Lending, Stretch};
use rota_core::units::Time;
pub use walk::{Step, Walk, Watch};

/// The state before the first fact that is read: none, or a snapshot of a moment.
pub type Before = Option<(Time, Cluster)>;

/// What a report reads: it calls its argument with every fact after the snapshot, in order.
pub trait Facts<E>: FnOnce(&mut dyn FnMut(Time, &Event)) -> Result<(), E> {}

impl<E, F: FnOnce(&mut dyn FnMut(Time, &Event)) -> Result<(), E>> Facts<E> for F {}

/// Fairness in a period.
///
/// # Errors
/// As the reading of the facts fails.
pub fn fairness<E>(before: Before, period: Stretch, facts: impl Facts<E>) -> Result<Fairness, E> {
    fairness_and_promises(before, period, facts).map(|(fairness, _)| fairness)
}

/// The same, with how many waits kept to what was promised and how many did not.
///
/// # Errors
/// As the reading of the facts fails.
pub fn fairness_and_promises<E>(
    before: Before,
    period: Stretch,
    facts: impl Facts<E>,
) -> Result<(Fairness, Vec<Kept>), E> {
    let mut lives = lives::Lives::new(period);
    let mut flows = flows::Flows::new(period);
    let mut promises = promise::Promises::new(period);
    let mut regrets = regret::Regrets::new(period);
    let mut shortages = shortage::Shortages::default();
    let walk = Walk::begin(before, period).with(&mut lives).with(&mut flows).with(&mut promises);
    let mut walk = walk.with(&mut regrets).with(&mut shortages);
    facts(&mut |at, event| walk.event(at, event))?;
    let c = walk.finish();
    lives.finish(&c);
    promises.finish();
    let labs = share::labs(&flows, &c);
    let mut measures = Vec::from(share::measures(&flows, &labs));
    measures.extend(rho::measures(&lives.ended, &flows));
    measures.extend(wait::measures(&lives.waits));
    measures.extend(promises.measures());
    measures.extend(regrets.measures(&c));
    measures.extend(lost::measures(&lives));
    measures.push(srtf::measure(&lives.ended, &flows));
    measures.extend(shortages.measures());
    let (unit, shortage) = (c.policy.unit.clone(), shortages.models());
    Ok((Fairness { period, unit, measures, labs, shortage }, promises.kept()))
}

/// The lender's ledger of a period.
///
/// # Errors
/// As the reading of the facts fails.
pub fn lending<E>(before: Before, period: Stretch, facts: impl Facts<E>) -> Result<Lending, E> {
    let mut lendings = lending::Lendings::new(period);
    let mut walk = Walk::begin(before, period).with(&mut lendings);
    facts(&mut |at, event| walk.event(at, event))?;
    walk.finish();
    Ok(lendings.report())
}

/// The facts of a log in memory.
pub fn of(log: &[(Time, Event)]) -> impl Facts<std::convert::Infallible> + '_ {
    |each: &mut dyn FnMut(Time, &Event)| {
        log.iter().for_each(|(at, event)| each(*at, event));
        Ok(())
    }
}
