//! What is done with each sample: the board shows it, the series keeps it, and what is wrong or strange goes to the writer.

use super::divide::divide;
use super::idle::Idles;
use super::outsiders::Outsiders;
use super::owners::Owners;
use super::seats::{Seats, seated};
use super::series::{Point, Series, Subject};
use super::{Board, watchdog};
use crate::inventory::Found;
use crate::message::{Look, Message};
use rota_core::cluster::Cluster;
use rota_core::fitness::Fault;
use rota_core::id::{JobId, NodeId};
use rota_core::job::Placement;
use rota_core::observation::{GpuSeen, GpuSighting};
use rota_core::reconcile::{gpus, uses};
use rota_core::units::{Mib, Time};
use rota_engine::gpu::health::{Health, Use};
use rota_engine::gpu::{FAILURES, Heard, Machine, Reading, Said, Sample};
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

    /// What is shown.
    pub fn board(&self) -> &Board {
        &self.board
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
        let mut sightings = self.health(&cluster, &Seats::of(&nodes), &sample, now);
        sightings.extend(self.hung(&cluster, now));
        let owners = Owners::of(&sample, &self.whose);
        sightings.extend(self.outsiders.look(&cluster, &nodes, &sample, &owners));
        sightings.extend(watchdog::look(&cluster, &nodes, &sample, &owners));
        let seen =
            self.idles.look(&cluster, &nodes, (&sample, &owners), (&self.board.typed(), now));
        self.count(&cluster, &nodes, &sample, &owners, now);
        self.board.read(sample, owners);
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
        seats: &Seats,
        sample: &Sample,
        now: Time,
    ) -> Vec<GpuSighting> {
        let machine = self.board.machine();
        let mut sightings = Vec::new();
        let mut warnings = vec![Vec::new(); machine.gpus.len()];
        for (at, places) in seats.all() {
            let Some((reading, known)) = sample.gpus.get(at).zip(machine.gpus.get(at)) else {
                continue;
            };
            let of_it = sample.xids.iter().filter(|(of, _)| *of == at);
            let xids: Vec<u64> = of_it.map(|(_, xid)| *xid).collect();
            let used = if seated(c, places).is_empty() { Use::Nobody } else { Use::Job };
            let health = self.health.entry(known.name()).or_default();
            for why in health.look(reading, &xids, (used, now)) {
                let unfit = |(node, gpu): &(NodeId, u32)| {
                    let (node, gpu, seen) = (*node, *gpu, GpuSeen::Unfit(why.clone()));
                    GpuSighting { node, gpu, seen }
                };
                sightings.extend(places.iter().map(unfit));
            }
            warnings[at] = health.warnings(known.persistence, now);
        }
        self.board.warn(warnings);
        sightings
    }

    /// GPUs of jobs for which a call into the driver has not come back, where that is news.
    fn hung(&self, c: &Cluster, now: Time) -> Vec<GpuSighting> {
        let hung = self.whose.hung();
        let jobs = hung.iter().filter_map(|id| c.job(*id));
        let on = jobs.flat_map(|job| {
            let parts = job.placement().into_iter().flat_map(Placement::parts);
            parts.flat_map(move |part| part.gpus.iter().map(move |gpu| (job.id, part.node, gpu)))
        });
        let seen = |job| GpuSeen::Unfit(Fault::Hung { job });
        let seen = on.map(|(job, node, gpu)| GpuSighting { node, gpu, seen: seen(job) });
        let seen: Vec<GpuSighting> = seen.collect();
        if gpus(c, &seen, now).is_empty() { Vec::new() } else { seen }
    }

    /// Adds a sample to the series of GPUs and jobs.
    fn count(&mut self, c: &Cluster, nodes: &[Found], sample: &Sample, owners: &Owners, now: Time) {
        let Some(series) = &mut self.series else { return };
        let machine = self.board.machine();
        let mut jobs: BTreeMap<JobId, (Point, u64, u64)> = BTreeMap::new();
        for (at, places) in Seats::of(nodes).all() {
            let Some((reading, known)) = sample.gpus.get(at).zip(machine.gpus.get(at)) else {
                continue;
            };
            let point = point(reading);
            let used = reading.energy_mj.map_or(0, |energy| {
                // It starts from nothing when the driver is loaded anew.
                let before = self.energy.insert(known.name(), energy).unwrap_or(energy);
                energy.saturating_sub(before)
            });
            series.note(&Subject::Gpu(known.name()), now, point);
            for (uuid, memory) in &reading.instances {
                let of_it = Point { memory: *memory, celsius: point.celsius, ..Point::default() };
                series.note(&Subject::Gpu(uuid.clone()), now, of_it);
            }
            let holders: Vec<JobId> =
                seated(c, places).iter().filter(|s| s.holds).map(|s| s.job).collect();
            for did in divide((sample, at), (point, used), &holders, owners) {
                let (sum, gpus, energy) = jobs.entry(did.job).or_default();
                sum.busy += did.point.busy;
                // Where one does not say it, nobody knows it of all.
                sum.sm = match (*gpus, sum.sm, did.point.sm) {
                    (0, _, first) => first,
                    (_, Some(all), Some(more)) => Some(all + more),
                    _ => None,
                };
                sum.memory = sum.memory.plus(did.point.memory);
                sum.power_mw += did.point.power_mw;
                sum.celsius = sum.celsius.max(did.point.celsius);
                *gpus += 1;
                *energy += did.energy_mj;
            }
        }
        for (job, (mut point, gpus, energy)) in jobs {
            point.busy /= gpus.max(1);
            point.sm = point.sm.map(|sm| sm / gpus.max(1));
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

fn point(reading: &Reading) -> Point {
    Point {
        busy: u64::from(reading.utilization.unwrap_or(0)),
        sm: reading.sm.map(u64::from),
        memory: reading.memory_used.unwrap_or(Mib(0)),
        power_mw: reading.power_mw.unwrap_or(0),
        celsius: u64::from(reading.celsius.unwrap_or(0)),
    }
}
