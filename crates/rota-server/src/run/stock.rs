//! Taking stock: the inventory as the log says it, against what there is.

use super::{Round, Writer};
use crate::gpus::series::Series;
use crate::gpus::{self, Board, Ears, First, Keeper};
use crate::inventory::{self, Found, Host};
use crate::{ServeOptions, ServerError};
use rota_core::event::Event;
use rota_core::fitness::Fault;
use rota_core::id::NodeId;
use rota_core::node::Node;
use rota_core::observation::{GpuSeen, GpuSighting, Observation};
use rota_core::reconcile::reconcile;
use rota_engine::gpu::Machine;
use std::path::Path;
use std::sync::Arc;

impl Writer {
    /// Compares the inventory with what there is.
    pub(super) fn take_stock(
        &mut self,
        round: &mut Round,
        options: &ServeOptions,
    ) -> Result<Option<Ears>, ServerError> {
        if let Some(text) = &options.simulate {
            let nodes = inventory::simulated(text)?;
            self.add_nodes(round, nodes);
            return Ok(None);
        }
        let (ears, first) = gpus::find(options)?;
        match first {
            First::Machine(machine) => self.take_in(round, machine),
            First::Unreadable(why) => {
                tracing::error!("the driver of the GPUs does not answer: {why}");
                self.gpus.fails(&why);
                // What is known stays as it is until it answers, and takes no new job.
                if self.cluster.nodes.is_empty() {
                    self.take_in(round, Machine::default());
                }
                let known = self.cluster.nodes.values().filter(|n| !n.node.uuids.is_empty());
                let all = known.flat_map(|n| (0..n.node.gpus).map(|gpu| (n.node.id, gpu)));
                let seen = || GpuSeen::Unfit(Fault::Unreadable);
                let all = all.map(|(node, gpu)| GpuSighting { node, gpu, seen: seen() });
                self.see_gpus(round, &all.collect::<Vec<_>>());
            }
        }
        Ok(ears)
    }

    /// The GPUs of this machine as they are now.
    pub(super) fn take_in(&mut self, round: &mut Round, machine: Machine) {
        let found = inventory::this_machine(&Host::read(), &machine, &self.cluster.nodes);
        self.deeds.cards = found.iter().map(|f| (f.node.id, f.cards.clone())).collect();
        self.compare_nodes(round, &found);
        self.add_nodes(round, found.iter().map(|f| f.node.clone()).collect());
        let gone = found.iter().flat_map(|f| {
            let gpus = (0u32..).zip(&f.at).filter(|(_, at)| at.is_none());
            gpus.map(|(gpu, _)| (f.node.id, gpu))
        });
        let seen = || GpuSeen::Unfit(Fault::Lost);
        let gone = gone.map(|(node, gpu)| GpuSighting { node, gpu, seen: seen() });
        self.see_gpus(round, &gone.collect::<Vec<_>>());
        self.gpus.set(machine, found);
    }

    /// What follows from what was seen of GPUs.
    pub(super) fn see_gpus(&mut self, round: &mut Round, seen: &[GpuSighting]) {
        let now = self.clock.now();
        for event in rota_core::reconcile::gpus(&self.cluster, seen, now) {
            if let Event::GpuDrained { node, gpu, why, .. } = &event {
                let node = self.cluster.nodes.get(node).map_or("", |n| n.node.name.as_str());
                tracing::warn!(node, gpu, "no new job on a GPU: {why:?}");
            }
            self.stage(round, now, event);
        }
    }

    /// Who hears of GPUs.
    pub(super) fn keeper(&self, board: Arc<Board>) -> Keeper {
        let folder = self.store.path().parent().unwrap_or(Path::new("."));
        let series = Series::open(folder).inspect_err(|why| tracing::error!("{why}")).ok();
        Keeper::new(board, self.own.clone(), self.engine.whose(), series)
    }

    /// Adds what is new or has changed.
    fn add_nodes(&mut self, round: &mut Round, nodes: Vec<Node>) {
        let now = self.clock.now();
        for node in nodes {
            if self.cluster.nodes.get(&node.id).is_none_or(|known| known.node != node) {
                self.stage(round, now, Event::NodeAdded { node });
            }
        }
    }

    /// What this machine is no more, or is again.
    fn compare_nodes(&mut self, round: &mut Round, found: &[Found]) {
        let now = self.clock.now();
        let is_there = |id: NodeId| found.iter().any(|found| found.node.id == id);
        let changed = self.cluster.nodes.values().filter(|n| n.up != is_there(n.node.id));
        let nodes = changed.map(|state| (state.node.id, !state.up)).collect();
        let seen = Observation { nodes, ..Observation::default() };
        for event in reconcile(&self.cluster, &seen, now) {
            self.stage(round, now, event);
        }
    }
}
