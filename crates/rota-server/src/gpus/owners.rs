//! Whose the processes on GPUs are: read once for each sample.

use rota_core::id::JobId;
use rota_core::units::Mib;
use rota_engine::gpu::{Reading, Sample};
use rota_engine::local::Whose;
use std::collections::BTreeMap;

/// The job of each process that belongs to one.
#[derive(Debug, Default)]
pub struct Owners(BTreeMap<u32, JobId>);

impl FromIterator<(u32, u64)> for Owners {
    /// By pid and number of the job.
    fn from_iter<I: IntoIterator<Item = (u32, u64)>>(all: I) -> Owners {
        Owners(all.into_iter().map(|(pid, number)| (pid, JobId::single(number))).collect())
    }
}

impl Owners {
    /// Of all processes of a sample.
    pub fn of(sample: &Sample, whose: &Whose) -> Owners {
        let processes = sample.gpus.iter().filter_map(|reading| reading.processes.as_ref());
        let mut pids: Vec<u32> = processes.flatten().map(|process| process.pid).collect();
        pids.sort_unstable();
        pids.dedup();
        Owners(if pids.is_empty() { BTreeMap::new() } else { whose.of(&pids) })
    }

    /// The job of a process.
    pub fn job(&self, pid: u32) -> Option<JobId> {
        self.0.get(&pid).copied()
    }

    /// How busy the processes of a job keep the GPU's cores; none where the driver does not say it of each.
    pub fn busy(&self, reading: &Reading, job: JobId) -> Option<u32> {
        let own = reading.processes.as_ref()?.iter().filter(|p| self.job(p.pid) == Some(job));
        own.map(|process| process.busy).sum()
    }

    /// Memory that the processes of a job use on a GPU; none where the driver does not say.
    pub fn memory(&self, reading: &Reading, job: JobId) -> Option<Mib> {
        let own = reading.processes.iter().flatten().filter(|p| self.job(p.pid) == Some(job));
        own.map(|process| process.memory).try_fold(Mib(0), |sum, memory| Some(sum.plus(memory?)))
    }
}
