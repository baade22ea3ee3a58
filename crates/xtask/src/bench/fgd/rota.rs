//! Rota's rule, as the plan has it.

use super::engine::{Held, Rule, Score};
use super::load::counted;
use super::trace::{Node, Pod};
use rota_core::plan::pack::{Request, Space, Stock, Usual};

/// The rule, and the models that there are.
pub struct Rota {
    usual: Usual,
    models: Vec<String>,
    stock: Stock,
}

impl Rota {
    /// From all pods of the workload.
    pub fn new(past: &[Pod], nodes: &[Node]) -> Rota {
        let mut models: Vec<String> = nodes.iter().map(|node| node.model.clone()).collect();
        models.sort_unstable();
        models.dedup();
        let kinds = counted(past).into_iter();
        let past: Vec<(Request, u64)> =
            kinds.map(|(pod, count)| (request(&models, &pod), count)).collect();
        let (mut usual, mut stock) = (Usual::new(&past), Stock::default());
        nodes.iter().for_each(|node| stock.add(node.free.iter().copied()));
        usual.see(&stock);
        Rota { usual, models, stock }
    }
}

impl Rule for Rota {
    fn score(&mut self, node: &Node, pod: &Pod, _: &Held) -> (Score, Option<usize>) {
        let kind = self.models.iter().position(|model| *model == node.model).unwrap_or(0);
        let space = Space {
            free: node.free.clone(),
            cpus: node.cpus,
            mem: node.mem,
            kind: u32::try_from(kind).unwrap_or(0),
        };
        match self.usual.best(&space, &request(&self.models, pod)) {
            Some(place) => ((-i64::from(place.cost.hole), -place.cost.lost), place.gpu),
            None => ((i64::MIN, 0), None),
        }
    }

    fn spoils(&self, node: &Node, pod: &Pod, gpu: Option<usize>) -> u32 {
        self.usual.spoils(&node.free, &request(&[], pod), gpu)
    }

    fn placed(&mut self, before: &Node, after: &Node) {
        self.stock.remove(before.free.iter().copied());
        self.stock.add(after.free.iter().copied());
        self.usual.see(&self.stock);
    }
}

fn request(models: &[String], pod: &Pod) -> Request {
    let accepted = |model: &String| pod.models.is_empty() || pod.models.contains(model);
    let kinds = (0u32..).zip(models).filter(|(_, model)| accepted(model));
    let kinds = kinds.fold(0u64, |all, (at, _)| all | 1u64.checked_shl(at).unwrap_or(0));
    Request { gpus: pod.gpus, part: pod.milli, cpus: pod.cpus, mem: pod.mem, kinds }
}
