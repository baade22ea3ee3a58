//! How running jobs use their GPUs, sample by sample: a GPU is idle when nothing runs on it, or nothing of its job, and its
//! person has not typed. What has been so for as long as the policy lets it be goes to the core.

use super::owners::Owners;
use crate::inventory::{Found, positions};
use rota_core::cluster::Cluster;
use rota_core::id::{JobId, NodeId};
use rota_core::idle::{Unused, UseSeen, UseSighting};
use rota_core::job::{Job, JobState, Placement};
use rota_core::units::Time;
use rota_engine::gpu::{Reading, Sample};
use std::collections::{BTreeMap, BTreeSet};

/// A GPU in one turn of a job.
type Seat = (JobId, u32, NodeId, u32);

/// What was seen before.
#[derive(Debug, Default)]
pub struct Idles {
    /// Since when a GPU does nothing for the job that holds it.
    since: BTreeMap<Seat, Time>,
    /// It has looked before.
    has_looked: bool,
}

/// A GPU that does nothing.
struct IdleGpu {
    since: Time,
    /// No process of the job is on it.
    empty: bool,
}

impl Idles {
    /// What is to be said of the use of GPUs. `typed`: when somebody last typed on the terminal of a job.
    pub fn look(
        &mut self,
        c: &Cluster,
        nodes: &[Found],
        (sample, owners): (&Sample, &Owners),
        (typed, now): (&BTreeMap<JobId, Time>, Time),
    ) -> Vec<UseSighting> {
        let readings: BTreeMap<(NodeId, u32), &Reading> = positions(nodes)
            .filter_map(|(found, gpu, at)| Some(((found.node.id, gpu), sample.gpus.get(at)?)))
            .collect();
        let before = std::mem::take(&mut self.since);
        let is_first = !std::mem::replace(&mut self.has_looked, true);
        // A server that was restarted goes on counting where all of a job was known to be idle.
        let restored = |job: &Job| {
            let unused = job.idling.unused.filter(|unused| unused.gpus >= job.spec.all_gpus());
            unused.filter(|_| is_first).map(|unused| unused.since)
        };
        // Of those that are here, not of all that wait.
        let here = nodes.iter().filter_map(|found| c.nodes.get(&found.node.id));
        let holders: BTreeSet<JobId> = here.flat_map(|node| &node.holders).copied().collect();
        let running = holders.into_iter().filter_map(|id| c.job(id));
        let running = running.filter(|job| matches!(job.state, JobState::Running { .. }));
        let seen = running.filter_map(|job| {
            let gpus = gpus_of(job, &readings)?;
            let mut idle = Vec::new();
            for ((node, gpu), reading) in &gpus {
                if works(reading, job, owners, c.policy.idle.sm_below) {
                    continue;
                }
                let seat = (job.id, job.turns_begun, *node, *gpu);
                let since = before.get(&seat).copied().or(restored(job)).unwrap_or(now);
                let since = typed.get(&job.id).map_or(since, |typed| since.max(*typed));
                self.since.insert(seat, since);
                idle.push(IdleGpu { since, empty: is_empty(reading, job.id, owners) });
            }
            let seen = seen_of(c, job, idle, gpus.len(), now)?;
            Some(UseSighting { job: job.id, run: job.runs, seen })
        });
        seen.collect()
    }
}

/// What is read of each GPU of a job; none where it has none, or one is not read.
fn gpus_of<'s>(
    job: &Job,
    readings: &BTreeMap<(NodeId, u32), &'s Reading>,
) -> Option<Vec<((NodeId, u32), &'s Reading)>> {
    let parts = job.holds().into_iter().flat_map(Placement::parts);
    let gpus = parts.flat_map(|part| part.gpus.iter().map(move |gpu| (part.node, gpu)));
    let read: Option<Vec<_>> = gpus.map(|gpu| Some((gpu, *readings.get(&gpu)?))).collect();
    read.filter(|read| !read.is_empty() && read.iter().all(|(_, reading)| !reading.lost))
}

/// Whether something of the job runs on the GPU, and on as much of it as the policy wants; as far as nobody knows, it does. Of a
/// GPU that it shares, its own processes say so, where the driver does.
fn works(reading: &Reading, job: &Job, owners: &Owners, sm_below: u32) -> bool {
    let rests = match job.spec.gpu_mem {
        Some(_) => owners.busy(reading, job.id) == Some(0),
        None => reading.sm.is_some_and(|sm| sm < sm_below),
    };
    reading.utilization != Some(0) && !rests && !is_empty(reading, job.id, owners)
}

fn is_empty(reading: &Reading, job: JobId, owners: &Owners) -> bool {
    let processes = reading.processes.as_ref();
    processes.is_some_and(|all| all.iter().all(|process| owners.job(process.pid) != Some(job)))
}

/// What is to be said of a job, of which some GPUs are idle; none: nothing yet.
fn seen_of(
    c: &Cluster,
    job: &Job,
    mut idle: Vec<IdleGpu>,
    gpus: usize,
    now: Time,
) -> Option<UseSeen> {
    let any_works = idle.len() < gpus;
    let warn = c.patience(job).map(|patience| patience.warn);
    idle.retain(|gpu| warn.is_some_and(|warn| now.since(gpu.since) >= warn));
    let last = idle.iter().map(|gpu| gpu.since).max();
    let Some(since) = last else { return any_works.then_some(UseSeen::Works) };
    let empty = idle.iter().all(|gpu| gpu.empty);
    let gpus = u32::try_from(idle.len()).unwrap_or(u32::MAX);
    Some(UseSeen::Unused(Unused { gpus, since, empty }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rota_core::event::Event;
    use rota_core::id::GpuSet;
    use rota_core::job::{JobSpec, Part, Placement};
    use rota_core::node::Node;
    use rota_core::reconcile::uses;
    use rota_core::units::{Mib, Span};
    use rota_engine::gpu::reading::Process;

    const JOB: JobId = JobId { number: 1, task: None };
    const MINUTE: Span = Span::minutes(1);

    /// GPUs that do nothing, since which minute, and whether no program is there; none: all work.
    type Said = Option<(u32, u64, bool)>;

    /// A job on two GPUs, looked at every minute.
    struct Watched {
        cluster: Cluster,
        nodes: Vec<Found>,
        idles: Idles,
        typed: BTreeMap<JobId, Time>,
        now: Time,
        facts: Vec<(u64, Event)>,
    }

    impl Watched {
        fn new() -> Watched {
            Watched::asking(JobSpec { gpus: 2, ..JobSpec::default() })
        }

        fn asking(spec: JobSpec) -> Watched {
            let node = Node {
                name: "n0".into(),
                model: Some("H100".into()),
                gpus: 2,
                cpus: 8,
                mem: Mib(1000),
                ..Node::default()
            };
            let found = Found { node: node.clone(), cards: Vec::new(), at: vec![Some(0), Some(1)] };
            let gpus = GpuSet::first(2);
            let placement: Placement = Part { node: node.id, gpus }.into();
            let reason = rota_core::decision::Reason::InOrder;
            let facts = [
                Event::NodeAdded { node },
                Event::Submitted {
                    number: 1,
                    tasks: None,
                    lab: "kim".into(),
                    grant: String::new(),
                    person: "mina".into(),
                    spec,
                    held: false,
                    pending: Vec::new(),
                    broken: None,
                },
                Event::StartDecided { job: JOB, turn: 1, run: 1, placement, resume: false, reason },
                Event::Started { job: JOB, turn: 1 },
            ];
            let mut cluster = Cluster::default();
            facts.iter().for_each(|fact| cluster.apply(Time(0), fact));
            let (idles, typed, now, facts) =
                (Idles::default(), BTreeMap::new(), Time(0), Vec::new());
            Watched { cluster, nodes: vec![found], idles, typed, now, facts }
        }

        /// So many minutes with these readings: percent busy, and whether the job's program is there.
        fn goes_on(&mut self, minutes: u32, gpus: [(Option<u32>, bool); 2]) {
            let reading = |(utilization, is_there): (Option<u32>, bool)| {
                let pid = if is_there { 7 } else { 8 };
                let processes = Some(vec![Process { pid, memory: None, busy: None }]);
                Reading { utilization, processes, ..Reading::default() }
            };
            let sample = Sample { gpus: gpus.map(reading).into(), xids: Vec::new() };
            let owners = Owners::from_iter([(7, 1)]);
            for _ in 0..minutes {
                let (sampled, when) = ((&sample, &owners), (&self.typed, self.now));
                let seen = self.idles.look(&self.cluster, &self.nodes, sampled, when);
                self.note(&seen);
                self.now = self.now.after(MINUTE);
            }
        }

        /// Its person types.
        fn types(&mut self) {
            self.typed.insert(JOB, self.now);
            self.note(&[UseSighting { job: JOB, run: 1, seen: UseSeen::Typed }]);
        }

        fn note(&mut self, seen: &[UseSighting]) {
            for fact in uses(&self.cluster, seen) {
                self.cluster.apply(self.now, &fact);
                self.facts.push((self.now.0 / MINUTE.0, fact));
            }
        }

        /// What was said, and in which minute.
        fn said(&self) -> Vec<(u64, Said)> {
            let one = |(at, fact): &(u64, Event)| match fact {
                Event::WentIdle { gpus, since, empty, .. } => {
                    (*at, Some((*gpus, since.0 / MINUTE.0, *empty)))
                }
                _ => (*at, None),
            };
            self.facts.iter().map(one).collect()
        }
    }

    const BUSY: (Option<u32>, bool) = (Some(90), true);
    const IDLE: (Option<u32>, bool) = (Some(0), true);
    const GONE: (Option<u32>, bool) = (Some(40), false);
    const UNREAD: (Option<u32>, bool) = (None, true);

    #[test]
    fn hours_of_nothing_are_said_once_and_work_at_once() {
        let mut job = Watched::new();
        job.goes_on(300, [IDLE, IDLE]);
        job.goes_on(300, [BUSY, BUSY]);
        assert_eq!(job.said(), [(30, Some((2, 0, false))), (300, None)]);
    }

    #[test]
    fn pauses_shorter_than_the_patience_are_nothing() {
        let mut job = Watched::new();
        for _ in 0..20 {
            job.goes_on(25, [IDLE, IDLE]);
            job.goes_on(1, [BUSY, IDLE]);
            job.goes_on(1, [IDLE, BUSY]);
        }
        assert_eq!(job.said(), [(25, None)]);
    }

    #[test]
    fn a_gpu_whose_program_has_gone_is_idle_whoever_else_is_on_it() {
        let mut job = Watched::new();
        job.goes_on(60, [BUSY, GONE]);
        job.goes_on(60, [GONE, GONE]);
        assert_eq!(job.said(), [(0, None), (30, Some((1, 0, true))), (90, Some((2, 60, true)))]);
    }

    #[test]
    fn on_a_terminal_twenty_minutes_without_a_key_are_idle_and_each_key_begins_them_anew() {
        let mut job = Watched::asking(JobSpec { gpus: 2, interactive: true, ..JobSpec::default() });
        job.goes_on(15, [IDLE, IDLE]);
        job.types();
        job.goes_on(25, [IDLE, IDLE]);
        job.types();
        job.goes_on(25, [IDLE, IDLE]);
        let idle = |since| Some((2, since, false));
        assert_eq!(job.said(), [(35, idle(15)), (40, None), (60, idle(40))]);
    }

    /// Of a shared GPU, what the job's own processes do counts.
    #[test]
    fn a_job_that_rests_beside_one_that_works_is_idle() {
        let mut shares = Watched::new().cluster.job(JOB).expect("it runs").clone();
        shares.spec =
            std::sync::Arc::new(JobSpec { gpu_mem: Some(Mib(100)), ..(*shares.spec).clone() });
        let owners = Owners::from_iter([(7, 1)]);
        let with = |busy| Reading {
            utilization: Some(90),
            processes: Some(vec![Process { pid: 7, memory: None, busy }]),
            ..Reading::default()
        };
        let seen = [Some(0), Some(3), None].map(|busy| works(&with(busy), &shares, &owners, 10));
        assert_eq!(seen, [false, true, true]);
    }

    /// That something runs is use, unless the policy wants more.
    #[test]
    fn a_gpu_of_which_less_works_than_the_policy_wants_is_idle() {
        let job = Watched::new().cluster.job(JOB).expect("it runs").clone();
        let owners = Owners::from_iter([(7, 1)]);
        let with = |sm| Reading { utilization: Some(100), sm, ..Reading::default() };
        let seen =
            |below| [Some(9), Some(10), None].map(|sm| works(&with(sm), &job, &owners, below));
        assert_eq!(seen(0), [true, true, true]);
        assert_eq!(seen(10), [false, true, true]);
    }

    #[test]
    fn as_far_as_nobody_knows_a_gpu_works() {
        let mut job = Watched::new();
        job.goes_on(300, [UNREAD, UNREAD]);
        assert_eq!(job.said(), [(0, None)]);
    }

    #[test]
    fn a_server_that_comes_back_goes_on_counting_where_it_was_known() {
        let mut job = Watched::new();
        job.goes_on(40, [IDLE, IDLE]);
        job.idles = Idles::default();
        job.goes_on(100, [IDLE, IDLE]);
        assert_eq!(job.said(), [(30, Some((2, 0, false)))]);
        let unused = job.cluster.job(JOB).and_then(|j| j.idling.unused);
        assert_eq!(unused.map(|unused| unused.since), Some(Time(0)));
    }
}
