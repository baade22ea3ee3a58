//! What is done with each sample: the board shows it, the series keeps it, and what is wrong or strange goes to the writer.

use super::idle::Idles;
use super::outsiders::Outsiders;
use super::owners::Owners;
use super::series::{Point, Series, Subject};
use super::{Board, FAILURES, watchdog};
use crate::inventory::{Found, positions};
use crate::message::{Look, Message};
use rota_core::cluster::Cluster;
use rota_core::fitness::Fault;
use rota_core::id::JobId;
use rota_core::node::NodeState;
use rota_core::observation::{GpuSeen, GpuSighting};
use rota_core::reconcile::uses;
use rota_core::units::{Mib, Time};
use rota_engine::gpu::health::{Health, Use};
use rota_engine::gpu::{Heard, Machine, Reading, Said, Sample};
use rota_engine::local::Whose;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use tokio::sync::oneshot;

/// The life of the thread that hears of GPUs.
pub struct Keeper {
    board: Arc<Board>,
    writer: Sender<Message>,
    whose: Whose,
    series: Option<Series>,
    outsiders: Outsiders,
    /// Of each GPU by its name.
    health: BTreeMap<String, Health>,
    /// Energy that each GPU had used at the last sample.
    energy: BTreeMap<String, u64>,
    idles: Idles,
}

impl Keeper {
    /// `series`: none where the file cannot be used; then nothing is kept.
    pub fn new(
        board: Arc<Board>,
        writer: Sender<Message>,
        whose: Whose,
        series: Option<Series>,
    ) -> Keeper {
        let (outsiders, health, energy, idles) = Default::default();
        Keeper { board, writer, whose, series, outsiders, health, energy, idles }
    }

    /// Does what follows from what was heard.
    pub fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Said(Said::Machine(machine)) => self.machine(machine),
            Heard::Said(Said::Sample(sample)) => self.sample(sample),
            Heard::Said(Said::Fault { why }) => tracing::warn!("GPUs cannot be read: {why}"),
            Heard::Failed { why, times } if times >= FAILURES => {
                self.board.fails(&why);
                self.of_all(|_| GpuSeen::Unfit(Fault::Unreadable));
            }
            Heard::Failed { .. } => {}
        }
    }

    fn machine(&mut self, machine: Machine) {
        self.board.answers();
        if self.board.machine() != machine {
            self.tell(Message::Machine(Box::new(machine)));
        }
        self.of_all(|_| GpuSeen::Fit(Fault::Unreadable));
    }

    /// Tells the writer the same of every GPU of this machine.
    fn of_all(&self, seen: impl Fn(u32) -> GpuSeen) {
        let Some(look) = self.look() else { return };
        let real = look.cluster.nodes.values().filter(|state| !state.node.uuids.is_empty());
        let sightings = real.flat_map(|state| {
            let node = state.node.id;
            (0..state.node.gpus).map(move |gpu| (node, gpu))
        });
        let sightings = sightings.map(|(node, gpu)| GpuSighting { node, gpu, seen: seen(gpu) });
        self.tell(Message::Gpus(sightings.collect()));
    }

    fn sample(&mut self, sample: Sample) {
        let Some(Look { cluster, now, .. }) = self.look() else { return };
        let nodes = self.board.nodes();
        let mut sightings = self.health(&cluster, &nodes, &sample, now);
        let owners = Owners::of(&sample, &self.whose);
        sightings.extend(self.outsiders.look(&cluster, &nodes, &sample, &owners));
        sightings.extend(watchdog::look(&cluster, &nodes, &sample, &owners));
        let seen = self.idles.look(&cluster, &nodes, (&sample, &owners), now);
        self.count(&cluster, &nodes, &sample, now);
        self.board.read(sample);
        if !sightings.is_empty() {
            self.tell(Message::Gpus(sightings));
        }
        // Nearly always there is nothing new, and the writer need not be woken.
        if !uses(&cluster, &seen).is_empty() {
            self.tell(Message::Uses(seen));
        }
    }

    fn health(
        &mut self,
        c: &Cluster,
        nodes: &[Found],
        sample: &Sample,
        now: Time,
    ) -> Vec<GpuSighting> {
        let machine = self.board.machine();
        let mut sightings = Vec::new();
        let mut warnings = vec![Vec::new(); machine.gpus.len()];
        for (found, gpu, at) in positions(nodes) {
            let Some((reading, known)) = sample.gpus.get(at).zip(machine.gpus.get(at)) else {
                continue;
            };
            let of_it = sample.xids.iter().filter(|(of, _)| *of == at);
            let xids: Vec<u64> = of_it.map(|(_, xid)| *xid).collect();
            let node = found.node.id;
            let is_used = c.nodes.get(&node).is_some_and(|state| holder(c, state, gpu).is_some());
            let used = if is_used { Use::Job } else { Use::Nobody };
            let health = self.health.entry(known.name()).or_default();
            let faults = health.look(reading, &xids, (used, now));
            let unfit = |why| GpuSighting { node, gpu, seen: GpuSeen::Unfit(why) };
            sightings.extend(faults.into_iter().map(unfit));
            warnings[at] = health.warnings(known.persistence, now);
        }
        self.board.warn(warnings);
        sightings
    }

    /// Adds a sample to the series of GPUs and jobs.
    fn count(&mut self, c: &Cluster, nodes: &[Found], sample: &Sample, now: Time) {
        let Some(series) = &mut self.series else { return };
        let mut jobs: BTreeMap<JobId, (Point, u64, u64)> = BTreeMap::new();
        for (found, gpu, at) in positions(nodes) {
            let Some(reading) = sample.gpus.get(at) else { continue };
            let name = found.node.uuids.get(gpu as usize).cloned().unwrap_or_default();
            let point = point(reading);
            let used = reading.energy_mj.map_or(0, |energy| {
                // It starts from nothing when the driver is loaded anew.
                let before = self.energy.insert(name.clone(), energy).unwrap_or(energy);
                energy.saturating_sub(before)
            });
            series.note(&Subject::Gpu(name), now, point);
            let state = c.nodes.get(&found.node.id);
            let holder = state.and_then(|state| holder(c, state, gpu));
            let Some((job, true)) = holder else { continue };
            let (sum, gpus, energy) = jobs.entry(job).or_default();
            sum.busy += point.busy;
            sum.memory = sum.memory.plus(point.memory);
            sum.power_mw += point.power_mw;
            sum.celsius = sum.celsius.max(point.celsius);
            *gpus += 1;
            *energy += used;
        }
        for (job, (mut point, gpus, energy)) in jobs {
            point.busy /= gpus.max(1);
            series.note(&Subject::Job(job), now, point);
            let sums = series.sum(job, point, energy);
            self.board.sum(job, sums);
        }
        series.write(now, |id| c.job(id).is_some());
        self.board.forget(|id| c.job(id).is_some());
    }

    fn look(&self) -> Option<Look> {
        let (reply, answer) = oneshot::channel();
        self.tell(Message::Look(reply));
        // Nobody answers where the server ends.
        answer.blocking_recv().ok()
    }

    fn tell(&self, message: Message) {
        // It fails only where the writer has ended already.
        drop(self.writer.send(message));
    }
}

/// The job on a GPU, and whether it holds it; else it is suspended there.
fn holder(c: &Cluster, state: &NodeState, gpu: u32) -> Option<(JobId, bool)> {
    let here = |id: &&JobId| c.job(**id).is_some_and(|job| job.is_on(state.node.id, gpu));
    let holds = state.holders.iter().find(here).map(|id| (*id, true));
    holds.or_else(|| state.suspended.iter().find(here).map(|id| (*id, false)))
}

fn point(reading: &Reading) -> Point {
    Point {
        busy: u64::from(reading.utilization.unwrap_or(0)),
        memory: reading.memory_used.unwrap_or(Mib(0)),
        power_mw: reading.power_mw.unwrap_or(0),
        celsius: u64::from(reading.celsius.unwrap_or(0)),
    }
}
