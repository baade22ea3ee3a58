//! Shortage rate: unmet ÷ wanted GPU-hours, by GPU model and hour, as shortage of labour is reported: what is waited for,
//! of what is used or waited for. A waiting job counts with the model that it names first; one that takes any, with the
//! cheapest that it accepts. A long queue of one person makes it large: it says what is wanted, not what is needed.

use super::number::{gpu_hours, ratio};
use super::walk::{Step, Watch};
use rota_core::cluster::Cluster;
use rota_core::id::JobId;
use rota_core::job::Job;
use rota_core::plan::place::accepts;
use rota_core::queue::Shape;
use rota_core::report::{Measure, Shortage, Unit};
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

const HOUR: Span = Span::hours(1);

/// GPUs that are used, and waited for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Gpus {
    used: u64,
    unmet: u64,
}

/// All of it.
#[derive(Default)]
pub struct Shortages {
    jobs: BTreeMap<JobId, (String, Gpus)>,
    now: BTreeMap<String, Gpus>,
    /// By model and hour: GPUs × milliseconds wanted, and unmet.
    hours: BTreeMap<String, BTreeMap<Time, (u128, u128)>>,
    counted: BTreeMap<String, u64>,
}

impl Shortages {
    /// By model, the scarcest first.
    pub fn models(&self) -> Vec<Shortage> {
        let mut all: Vec<Shortage> = self
            .hours
            .iter()
            .map(|(model, hours)| {
                let sum = hours.values().fold((0, 0), |(a, b), (x, y)| (a + x, b + y));
                let hour = |(at, (wanted, unmet)): (&Time, &(u128, u128))| {
                    (*at, gpu_hours(*wanted), gpu_hours(*unmet))
                };
                Shortage {
                    model: model.clone(),
                    wanted: gpu_hours(sum.0),
                    unmet: gpu_hours(sum.1),
                    rate: ratio(sum.1, sum.0, 100_000).unwrap_or(0),
                    hours: hours.iter().map(hour).collect(),
                }
            })
            .collect();
        all.sort_by(|a, b| (b.rate, &a.model).cmp(&(a.rate, &b.model)));
        all
    }

    /// The same as measures; no target: it is for those who buy GPUs.
    pub fn measures(&self) -> Vec<Measure> {
        let measure = |s: Shortage| {
            let jobs = self.counted.get(&s.model).copied().unwrap_or(0);
            let value = Some(s.rate).filter(|_| s.wanted > 0);
            Measure { jobs, ..Measure::new("shortage", Unit::Percent, value, None).of(&s.model) }
        };
        self.models().into_iter().map(measure).collect()
    }

    fn change(&mut self, id: JobId, now: Option<(String, Gpus)>) {
        if self.jobs.get(&id) == now.as_ref() {
            return;
        }
        let is_known = self.jobs.contains_key(&id);
        if let Some((model, gpus)) = self.jobs.remove(&id)
            && let Some(sum) = self.now.get_mut(&model)
        {
            sum.used = sum.used.saturating_sub(gpus.used);
            sum.unmet = sum.unmet.saturating_sub(gpus.unmet);
        }
        if let Some((model, gpus)) = now {
            let sum = self.now.entry(model.clone()).or_default();
            (sum.used, sum.unmet) = (sum.used + gpus.used, sum.unmet + gpus.unmet);
            *self.counted.entry(model.clone()).or_default() += u64::from(!is_known);
            self.jobs.insert(id, (model, gpus));
        }
    }
}

/// What a job uses or waits for.
fn of(c: &Cluster, job: &Job) -> Option<(String, Gpus)> {
    let gpus = u64::from(c.thousandths_wanted(job));
    if gpus == 0 {
        return None;
    }
    if let Some(place) = job.holds() {
        let model = c.nodes.get(&place.node)?.node.model.clone();
        return Some((model.unwrap_or_default(), Gpus { used: gpus, unmet: 0 }));
    }
    let model = || {
        let named = job.pinned().is_none().then(|| job.spec.models.first().cloned()).flatten();
        named.or_else(|| {
            let shape = Shape::of(job);
            let rooms = c.rooms.iter().filter(|(key, _)| accepts(c, &shape, key));
            rooms.min_by_key(|(_, room)| room.price).and_then(|(key, _)| key.1.clone())
        })
    };
    job.is_ready().then(|| (model().unwrap_or_default(), Gpus { used: 0, unmet: gpus }))
}

impl Watch for Shortages {
    fn pass(&mut self, _c: &Cluster, from: Time, to: Time) {
        for (model, gpus) in self.now.iter().filter(|(_, gpus)| **gpus != Gpus::default()) {
            if !self.hours.contains_key(model) {
                self.hours.insert(model.clone(), BTreeMap::new());
            }
            let Some(hours) = self.hours.get_mut(model) else { continue };
            let mut at = from;
            while at < to {
                let hour = Time(at.0 / HOUR.0 * HOUR.0);
                let until = hour.after(HOUR).min(to);
                let span = u128::from(until.since(at).0);
                let sum = hours.entry(hour).or_default();
                sum.0 += u128::from(gpus.used + gpus.unmet) * span / 1000;
                sum.1 += u128::from(gpus.unmet) * span / 1000;
                at = until;
            }
        }
    }

    fn job(&mut self, step: &Step) {
        if !step.goes_on() {
            self.change(step.id, step.after.and_then(|job| of(step.c, job)));
        }
    }

    fn all(&mut self, c: &Cluster, _at: Time) {
        for (id, job) in &c.jobs {
            self.change(*id, of(c, job));
        }
    }
}
