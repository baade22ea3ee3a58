//! What a GPU did, divided among the jobs that hold it. A job that has it alone has it all.
//!
//! Memory is what the processes of a job use. The rest is divided by weight: the time for which its processes kept the
//! GPU's cores at work, where the driver says that of any; else evenly among jobs with processes there; else evenly. How
//! busy a job was is that time itself where the driver says it. Nothing is lost: the parts add up to the whole.

use super::owners::Owners;
use super::series::Point;
use rota_core::id::JobId;
use rota_core::units::Mib;
use rota_engine::gpu::{Reading, Sample};

/// What a job did on a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Did {
    /// The job.
    pub job: JobId,
    /// What is read of it.
    pub point: Point,
    /// Millijoules.
    pub energy_mj: u64,
}

/// Divides a reading and the energy since the last one.
pub fn divide(
    (sample, at): (&Sample, usize),
    (point, energy_mj): (Point, u64),
    holders: &[JobId],
    owners: &Owners,
) -> Vec<Did> {
    let Some(reading) = sample.gpus.get(at) else { return Vec::new() };
    if let [job] = holders {
        return vec![Did { job: *job, point, energy_mj }];
    }
    let (weights, said) = weights(reading, holders, owners);
    let total = weights.iter().sum::<u64>().max(1);
    let mut before = 0;
    let mut all = Vec::new();
    for (job, weight) in holders.iter().zip(weights) {
        // By running sums, so that the parts add up.
        let part = |whole: u64| whole * (before + weight) / total - whole * before / total;
        let did = Point {
            busy: if said { weight.min(100) } else { part(point.busy) },
            // The driver says it of the GPU alone.
            sm: None,
            memory: owners.memory(reading, *job).unwrap_or(Mib(0)),
            power_mw: part(point.power_mw),
            celsius: point.celsius,
        };
        all.push(Did { job: *job, point: did, energy_mj: part(energy_mj) });
        before += weight;
    }
    all
}

/// What each counts, and whether it is percent of the cores' time.
fn weights(reading: &Reading, holders: &[JobId], owners: &Owners) -> (Vec<u64>, bool) {
    let processes = || reading.processes.iter().flatten();
    let of = |job: JobId| processes().filter(move |p| owners.job(p.pid) == Some(job));
    let busy = |job: &JobId| of(*job).filter_map(|p| p.busy).map(u64::from).sum::<u64>();
    let by_cores: Vec<u64> = holders.iter().map(busy).collect();
    if by_cores.iter().any(|busy| *busy > 0) {
        return (by_cores, true);
    }
    let there: Vec<u64> = holders.iter().map(|job| u64::from(of(*job).next().is_some())).collect();
    let nobody = there.iter().all(|there| *there == 0);
    (if nobody { vec![1; holders.len()] } else { there }, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rota_engine::gpu::reading::Process;

    fn jobs() -> Vec<JobId> {
        [1, 2, 3].map(JobId::single).to_vec()
    }

    /// Processes 1 of job 1, 2 and 12 of job 2, 3 of job 3, those that are named.
    fn divided(processes: &[(u32, Option<u64>, Option<u32>)]) -> Vec<(u64, u64, u64, u64)> {
        let owners: Owners = [(1, 1), (2, 2), (12, 2), (3, 3)].into_iter().collect();
        let process = |(pid, memory, busy): &(u32, Option<u64>, Option<u32>)| Process {
            pid: *pid,
            memory: memory.map(Mib),
            busy: *busy,
        };
        let processes = Some(processes.iter().map(process).collect());
        let sample =
            Sample { gpus: vec![Reading { processes, ..Reading::default() }], ..Sample::default() };
        let point =
            Point { busy: 90, sm: Some(300), memory: Mib(40_000), power_mw: 300_001, celsius: 60 };
        let all = divide((&sample, 0), (point, 1000), &jobs(), &owners);
        all.iter()
            .map(|d| (d.point.busy, d.point.memory.0, d.point.power_mw, d.energy_mj))
            .collect()
    }

    #[test]
    fn cores_decide_where_the_driver_says_who_used_them() {
        let processes = [
            (1, Some(100), Some(60)),
            (2, Some(10), Some(10)),
            (12, Some(20), Some(10)),
            (3, Some(5), None),
        ];
        assert_eq!(
            divided(&processes),
            [(60, 100, 225_000, 750), (20, 30, 75_001, 250), (0, 5, 0, 0)]
        );
    }

    #[test]
    fn else_all_with_processes_there_have_the_same_and_nothing_is_lost() {
        let all = divided(&[(1, Some(100), None), (12, None, None)]);
        assert_eq!(all, [(45, 100, 150_000, 500), (45, 0, 150_001, 500), (0, 0, 0, 0)]);
    }

    #[test]
    fn where_nobody_has_begun_all_who_hold_it_have_the_same() {
        let energy: Vec<u64> = divided(&[]).iter().map(|all| all.3).collect();
        assert_eq!(energy, [333, 333, 334]);
    }
}
