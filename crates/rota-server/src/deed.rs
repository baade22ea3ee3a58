//! Facts that ask the engine for something. Repeating one is harmless: the engine knows deeds by (job, run, turn).

use crate::notice;
use crate::store::Store;
use rota_api::Notice;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{Job, JobState, Placement, Stop, TurnMode};
use rota_core::launch::{Launch, User};
use rota_engine::gpu::Card;
use rota_engine::local::{Deed, Start, What};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Makes deeds; keeps the launches of running arrays at hand.
pub struct Deeds {
    /// GPUs are simulated.
    pub simulated: bool,
    /// Jobs run as their submitters.
    pub switch_user: bool,
    /// Where folders of MPS daemons are.
    pub mps: PathBuf,
    /// GPUs by node and their index there.
    pub cards: BTreeMap<NodeId, Vec<Card>>,
    launches: BTreeMap<u64, Arc<Launch>>,
}

impl Deeds {
    /// Nothing at hand yet.
    pub fn new(simulated: bool, switch_user: bool, mps: PathBuf) -> Deeds {
        let (cards, launches) = Default::default();
        Deeds { simulated, switch_user, mps, cards, launches }
    }

    /// The deed that a fact asks for; `c` is the state after it.
    pub fn of(&mut self, c: &Cluster, store: &Store, event: &Event) -> Option<Deed> {
        match event {
            Event::StartDecided { job, placement, resume, .. } => {
                self.start(c, store, c.job(*job)?, placement, *resume)
            }
            Event::Adopted { number, pid, .. } => {
                let job = c.job(JobId::single(*number))?;
                Some(deed(job, What::Adopt { pid: *pid }))
            }
            Event::StopDecided { job, how, grace, .. } => {
                let job = c.job(*job)?;
                let grace = grace.unwrap_or(job.spec.grace);
                Some(deed(job, What::Stop { how: *how, grace }))
            }
            Event::Warned { job, signal, .. } => {
                Some(deed(c.job(*job)?, What::Signal { signal: *signal }))
            }
            _ => None,
        }
    }

    /// What the person of a job is told of a fact, and their account.
    pub fn notice(&mut self, c: &Cluster, store: &Store, event: &Event) -> Option<(Notice, User)> {
        let job = c.job(event.about()?).filter(|_| notice::is_told(event))?;
        let launch = self.launch(store, job.id.number)?;
        Some((notice::of(c, job, event, &launch)?, launch.user.clone()))
    }

    /// A line on the standard error of a job.
    pub fn tell(c: &Cluster, job: JobId, text: String) -> Option<Deed> {
        Some(deed(c.job(job)?, What::Tell { text }))
    }

    /// The deed that was decided and not confirmed: repeated after a start of the server.
    pub fn unconfirmed(&mut self, c: &Cluster, store: &Store, job: &Job) -> Option<Deed> {
        match &job.state {
            JobState::Starting { placement, resume, .. } => {
                self.start(c, store, job, placement, *resume)
            }
            JobState::Stopping { how, .. } => {
                Some(deed(job, What::Stop { how: *how, grace: job.spec.grace }))
            }
            _ => None,
        }
    }

    fn card(&self, node: NodeId, gpu: u32) -> Card {
        let known = usize::try_from(gpu).ok().and_then(|at| self.cards.get(&node)?.get(at));
        known.cloned().unwrap_or_else(|| Card::simulated(gpu))
    }

    /// The end of a run that nobody believes in.
    pub fn orphan(job: JobId, run: u32, turn: u32) -> Deed {
        let grace = rota_core::units::Span::ZERO;
        Deed { job, run, turn, what: What::Stop { how: Stop::Cancel, grace } }
    }

    fn launch(&mut self, store: &Store, number: u64) -> Option<Arc<Launch>> {
        if let Some(launch) = self.launches.get(&number) {
            return Some(launch.clone());
        }
        let launch = Arc::new(store.launch(number)?);
        if self.launches.len() >= 64 {
            self.launches.pop_first();
        }
        self.launches.insert(number, launch.clone());
        Some(launch)
    }

    /// The folder of a person's MPS daemon on a GPU: paths of sockets are short.
    fn mps_of(&self, user: &User, gpus: &[Card]) -> Option<PathBuf> {
        let [card] = gpus else { return None };
        let uuid = card.uuid.as_ref().filter(|uuid| uuid.starts_with("GPU-"))?;
        Some(self.mps.join(format!("{}-{uuid}", user.uid)))
    }

    fn start(
        &mut self,
        c: &Cluster,
        store: &Store,
        job: &Job,
        at: &Placement,
        resume: bool,
    ) -> Option<Deed> {
        if resume {
            return Some(deed(job, What::Resume));
        }
        let launch = self.launch(store, job.id.number)?;
        let gpus: Vec<Card> = at.gpus.iter().map(|gpu| self.card(at.node, gpu)).collect();
        let start = Start {
            name: job.spec.name.clone(),
            node: c.nodes.get(&at.node)?.node.name.clone(),
            simulated: self.simulated,
            cpus: job.spec.cpus,
            mem: job.spec.mem,
            gpu_mem: job.spec.gpu_mem,
            mps: self.mps_of(&launch.user, &gpus).filter(|_| c.is_through_mps(job)),
            gpus,
            launch,
            keeps_checkpoint: job.spec.turns == TurnMode::Requeue || job.spec.retries > 0,
            switch_user: self.switch_user,
        };
        Some(deed(job, What::Start(Box::new(start))))
    }
}

fn deed(job: &Job, what: What) -> Deed {
    Deed { job: job.id, run: job.runs, turn: job.turns_begun, what }
}
