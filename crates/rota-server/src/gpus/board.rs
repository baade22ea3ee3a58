//! What was heard last of the GPUs; shared by all who look.

use super::owners::Owners;
use super::series::Sums;
use crate::inventory::Found;
use rota_core::id::{JobId, NodeId};
use rota_core::units::Time;
use rota_engine::gpu::health::Warning;
use rota_engine::gpu::{Asker, Card, Gpu, Instance, Machine, Reading, Sample};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was heard last.
#[derive(Debug, Default)]
pub struct Board(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    machine: Machine,
    nodes: Vec<Found>,
    sample: Option<Sample>,
    owners: Owners,
    unreadable: Option<String>,
    /// Of each GPU.
    warnings: Vec<Vec<Warning>>,
    /// Of jobs that have not ended.
    sums: BTreeMap<JobId, Sums>,
    /// When somebody last typed on the terminal of a job.
    typed: BTreeMap<JobId, Time>,
    /// Who asks for a sample before one is due.
    asker: Option<Asker>,
}

/// A GPU, with what was read of it last.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What stays; none where it is not there any more.
    pub gpu: Option<Gpu>,
    /// What was read last; none before the first sample, and where GPUs cannot be read.
    pub reading: Option<Reading>,
    /// What should be looked at, and keeps no job away.
    pub warnings: Vec<Warning>,
}

impl Known {
    /// The same of one of its instances: what is read of the whole GPU says nothing of it but health and heat.
    fn of_instance(self, card: &Card) -> Known {
        let is_it = |uuid: &String| card.uuid.as_ref() == Some(uuid);
        let gpu = self.gpu.map(|gpu| {
            let instance = gpu.mig.iter().flatten().find(|one| is_it(&one.uuid)).cloned();
            let card = card.clone();
            match instance {
                Some(Instance { product, memory, .. }) => {
                    Gpu { card, product, memory, mig: None, ..gpu }
                }
                None => Gpu { card, mig: None, ..gpu },
            }
        });
        let reading = self.reading.map(|reading| {
            let used =
                reading.instances.iter().find(|(uuid, _)| is_it(uuid)).map(|(_, used)| *used);
            let (utilization, sm, power_mw, energy_mj) = (None, None, None, None);
            Reading { memory_used: used, utilization, sm, power_mw, energy_mj, ..reading }
        });
        Known { gpu, reading, ..self }
    }
}

impl Board {
    /// What nodes this machine is.
    pub fn set(&self, machine: Machine, nodes: Vec<Found>) {
        let state = &mut *self.lock();
        (state.machine, state.nodes, state.sample) = (machine, nodes, None);
    }

    /// The machine as it was heard last.
    pub fn machine(&self) -> Machine {
        self.lock().machine.clone()
    }

    /// A sample came, with whose the processes in it are.
    pub fn read(&self, sample: Sample, owners: Owners) {
        let state = &mut *self.lock();
        (state.sample, state.owners, state.unreadable) = (Some(sample), owners, None);
    }

    /// The processes of a job that were on GPUs in the last sample.
    pub fn processes_of(&self, job: JobId) -> Vec<u32> {
        let state = self.lock();
        let read = state.sample.iter().flat_map(|sample| &sample.gpus);
        let all = read.flat_map(|reading| reading.processes.iter().flatten());
        all.map(|process| process.pid).filter(|pid| state.owners.job(*pid) == Some(job)).collect()
    }

    /// Samples can be asked for from now on.
    pub fn can_ask(&self, asker: Asker) {
        self.lock().asker = Some(asker);
    }

    /// Asks for a sample at once; where nobody reads, none will come.
    pub fn ask(&self) {
        self.lock().asker.iter().for_each(Asker::ask);
    }

    /// A reader answers.
    pub fn answers(&self) {
        self.lock().unreadable = None;
    }

    /// Readers fail one after another.
    pub fn fails(&self, why: &str) {
        let state = &mut *self.lock();
        (state.sample, state.unreadable) = (None, Some(why.to_owned()));
    }

    /// The nodes of this machine.
    pub fn nodes(&self) -> Vec<Found> {
        self.lock().nodes.clone()
    }

    /// What should be looked at, of each GPU of the machine.
    pub fn warn(&self, warnings: Vec<Vec<Warning>>) {
        self.lock().warnings = warnings;
    }

    /// What a job made of its GPUs so far.
    pub fn sum(&self, job: JobId, sums: Sums) {
        self.lock().sums.insert(job, sums);
    }

    /// The same of a job that has not ended.
    pub fn sums(&self, job: JobId) -> Option<Sums> {
        self.lock().sums.get(&job).copied()
    }

    /// Somebody typed on the terminal of a job.
    pub fn type_on(&self, job: JobId, now: Time) {
        self.lock().typed.insert(job, now);
    }

    /// When that was last, of each job with a terminal.
    pub fn typed(&self) -> BTreeMap<JobId, Time> {
        self.lock().typed.clone()
    }

    /// Keeps only what is said of jobs that are there.
    pub fn forget(&self, there: impl Fn(JobId) -> bool) {
        let state = &mut *self.lock();
        state.sums.retain(|id, _| there(*id));
        state.typed.retain(|id, _| there(*id));
    }

    /// Why GPUs cannot be read, where they cannot.
    pub fn unreadable(&self) -> Option<String> {
        self.lock().unreadable.clone()
    }

    /// The GPUs of a node, by their index there; none where they are simulated.
    pub fn of(&self, node: NodeId) -> Vec<Known> {
        let state = self.lock();
        let found = state.nodes.iter().find(|found| found.node.id == node);
        let at = found.map_or(&[][..], |found| &found.at);
        let known = |(at, card): (&Option<usize>, &Card)| {
            let known = Known {
                gpu: at.and_then(|at| state.machine.gpus.get(at).cloned()),
                reading: at.and_then(|at| state.sample.as_ref()?.gpus.get(at).cloned()),
                warnings: at.and_then(|at| state.warnings.get(at).cloned()).unwrap_or_default(),
            };
            let is_slice = found.is_some_and(|found| found.node.slice.is_some());
            if is_slice { known.of_instance(card) } else { known }
        };
        let cards = found.map_or(&[][..], |found| &found.cards);
        at.iter().zip(cards).map(known).collect()
    }

    /// Node and index there of a GPU of this machine, by the driver's index; none where no driver counts, and where it is
    /// split: nobody knows which of its instances is meant.
    pub fn place(&self, index: u32) -> Option<(NodeId, u32)> {
        let state = self.lock();
        let mut whole = state.nodes.iter().filter(|found| found.node.slice.is_none());
        whole.find_map(|found| {
            let mut cards = (0u32..).zip(&found.cards);
            cards.find(|(_, card)| card.index == index).map(|(gpu, _)| (found.node.id, gpu))
        })
    }

    /// A panic under the lock leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
