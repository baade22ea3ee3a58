//! Owner regret: how long holders of claims waited because others were on what they claim ([`super::delay`]), for each
//! turn that began on their claim or after such a delay.

use super::delay::Delays;
use super::number::{Rank, span_percentile};
use super::pins::{held, includes, is_any, on_node};
use super::walk::{Step, Watch};
use rota_core::cluster::Cluster;
use rota_core::report::{Measure, Stretch, Target, Unit};
use rota_core::units::{Span, Time};

/// All of it.
pub struct Regrets {
    period: Stretch,
    delays: Delays,
    waits: Vec<Span>,
}

impl Regrets {
    /// For a period.
    pub fn new(period: Stretch) -> Regrets {
        Regrets { period, delays: Delays::default(), waits: Vec::new() }
    }

    /// The measures; delays that go on count as long as they have lasted.
    pub fn measures(mut self, c: &Cluster) -> [Measure; 2] {
        let going_on = c.jobs.keys().map(|id| self.delays.of(*id).until(self.period.until));
        self.waits.extend(going_on.filter(|delay| *delay > Span::ZERO));
        let most = Target::AtMost(Span::minutes(5).0);
        let regret = |name, rank, target| {
            let value = span_percentile(&self.waits, rank).map(|span| span.0);
            Measure::new(name, Unit::Span, value, target).from_jobs(self.waits.len())
        };
        [regret("regret-p95", Rank::P95, None), regret("regret-max", Rank::Max, Some(most))]
    }
}

/// Whether a job of a holder begins on what they claim.
fn is_on_own(step: &Step) -> bool {
    let Some(job) = step.after else { return false };
    let Some(place) = job.holds() else { return false };
    let own = held(step.c, step.at).into_iter().filter(|h| includes(step.c, h.who, job.owner));
    let mut own = own.flat_map(|h| place.parts().map(move |part| (h.id, part)));
    own.any(|(id, part)| {
        let node = step.c.nodes.get(&part.node);
        node.is_some_and(|node| !on_node(node, id).common(part.gpus).is_empty())
    })
}

impl Watch for Regrets {
    fn pass(&mut self, _c: &Cluster, _from: Time, _to: Time) {}

    fn job(&mut self, step: &Step) {
        if step.goes_on() {
            return;
        }
        let is_in = self.period.from <= step.at && is_any(step.c);
        let Some(delay) = self.delays.step(step) else { return };
        if is_in && (delay > Span::ZERO || is_on_own(step)) {
            self.waits.push(delay);
        }
    }

    fn all(&mut self, c: &Cluster, at: Time) {
        self.delays.all(c, at);
    }
}
