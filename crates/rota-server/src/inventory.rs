//! The nodes a server has: this machine, or a simulated campus.

use crate::ServerError;
use rota_core::id::{GpuSet, NodeId};
use rota_core::node::{Node, NodeState};
use rota_core::slice::{kind, written};
use rota_core::units::Mib;
use rota_engine::gpu::{Card, Machine};
use std::collections::BTreeMap;
use std::sync::Arc;
use unit::{Unit, units};

mod unit;

/// Two H100 nodes of 8 among older ones.
const CAMPUS: &str = "h100*8,h100*8,a100*4,v100*4,rtx3090*2,rtx3090*2";

/// Simulated nodes from `h100*8,a100*4`, or `campus`.
pub fn simulated(text: &str) -> Result<Vec<Node>, ServerError> {
    let bad = || ServerError::Simulate(text.to_owned());
    let list = if text == "campus" { CAMPUS } else { text };
    let mut nodes: Vec<Node> = Vec::new();
    for part in list.split(',').map(str::trim) {
        let (name, count) = part.split_once('*').ok_or_else(bad)?;
        let gpus: u32 = count.parse().map_err(|_| bad())?;
        if gpus == 0 || gpus > GpuSet::MOST || name.is_empty() {
            return Err(bad());
        }
        let (kind, model) = (kind(name), written(name));
        let same = nodes.iter().filter(|n| n.model.as_ref() == Some(&model)).count();
        let id = NodeId(u32::try_from(nodes.len()).map_err(|_| bad())?);
        nodes.push(Node {
            id,
            name: format!("{}-{}", model.to_lowercase(), same + 1),
            model: Some(model),
            gpus,
            price: kind.price.unwrap_or(1000),
            cpus: gpus * 8,
            mem: Mib(u64::from(gpus) * 64 * 1024),
            gpu_mem: kind.memory,
            slice: kind.slice,
            ..Node::default()
        });
    }
    Ok(nodes)
}

/// What this machine has besides GPUs.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// CPU cores.
    pub cpus: u32,
    /// Memory.
    pub mem: Mib,
}

impl Host {
    /// As the system says.
    pub fn read() -> Host {
        let name = nix::unistd::gethostname().ok().and_then(|n| n.into_string().ok());
        let cpus = std::thread::available_parallelism().map_or(1, usize::from);
        Host {
            name: name.unwrap_or_else(|| "localhost".into()),
            cpus: u32::try_from(cpus).unwrap_or(1),
            mem: memory(),
        }
    }
}

/// A node of this machine, with its GPUs in the order of their indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The node.
    pub node: Node,
    /// What jobs are given; a GPU that is not there any more has its name alone.
    pub cards: Vec<Card>,
    /// Position of each in [`Machine::gpus`], of an instance that of its GPU; none where it is not there any more.
    pub at: Vec<Option<usize>>,
}

/// Each GPU that is there: its node, its index there, its position in the machine.
pub fn positions(nodes: &[Found]) -> impl Iterator<Item = (&Found, u32, usize)> {
    nodes.iter().flat_map(|found| {
        let there = (0u32..).zip(&found.at);
        there.filter_map(move |(gpu, at)| Some((found, gpu, (*at)?)))
    })
}

/// This machine as one node; as one for each model, with their parts of its CPU cores and memory, where it has several:
/// a node has GPUs of one model. Instances of a size are GPUs of a model of their own.
///
/// `known`: what the log says of nodes. A node keeps its number while one of its GPUs is there, and the indexes of its GPUs
/// while jobs are on it.
pub fn this_machine(
    host: &Host,
    machine: &Machine,
    known: &BTreeMap<NodeId, Arc<NodeState>>,
) -> Vec<Found> {
    let units = units(machine);
    let mut models: Vec<(&str, Vec<&Unit>)> = Vec::new();
    for unit in &units {
        match models.iter_mut().find(|(name, _)| *name == unit.model) {
            Some((_, all)) => all.push(unit),
            None => models.push((&unit.model, vec![unit])),
        }
    }
    let mut found: Vec<Found> = Vec::new();
    for (model, all) in &models {
        let is_its =
            |state: &&Arc<NodeState>| all.iter().any(|unit| state.node.uuids.contains(&unit.name));
        let before = known.values().find(is_its);
        let taken = |id: &NodeId| found.iter().any(|f| f.node.id == *id);
        let own = before.map(|state| state.node.id).filter(|id| !taken(id));
        let others = known.values().filter(|state| {
            // Another model's node, which is still to come in this loop.
            units.iter().any(|unit| state.node.uuids.contains(&unit.name))
        });
        let others: Vec<NodeId> = others.map(|state| state.node.id).collect();
        let free = (0..).map(NodeId).find(|id| !taken(id) && !others.contains(id));
        let id = own.or(free).unwrap_or_default();
        let weight = |all: &mut dyn Iterator<Item = &Unit>| all.map(|unit| unit.weight).sum();
        let parts = (weight(&mut all.iter().copied()), weight(&mut units.iter()));
        let parts = (models.len() > 1).then_some(parts);
        found.push(of_model(host, machine, (id, model, parts), all, before));
    }
    // Jobs are on GPUs that are not there any more.
    let left = known.values().filter(|state| is_used(state) && !state.node.uuids.is_empty());
    let left = left.filter(|state| found.iter().all(|f| f.node.id != state.node.id));
    let left: Vec<Found> = left.map(|state| missing(state)).collect();
    found.extend(left);
    if found.is_empty() {
        found.push(Found { node: of_host(host), cards: Vec::new(), at: Vec::new() });
    }
    found
}

fn is_used(state: &NodeState) -> bool {
    !state.holders.is_empty() || !state.suspended.is_empty()
}

fn of_host(host: &Host) -> Node {
    let Host { name, cpus, mem } = host.clone();
    Node { name, price: 1000, cpus, mem, ..Node::default() }
}

fn missing(state: &NodeState) -> Found {
    let named =
        |(index, uuid): (u32, &String)| Card { uuid: Some(uuid.clone()), ..Card::simulated(index) };
    let cards: Vec<Card> = (0..).zip(&state.node.uuids).map(named).collect();
    let at = vec![None; cards.len()];
    Found { node: state.node.clone(), cards, at }
}

fn of_model(
    host: &Host,
    machine: &Machine,
    (id, model, parts): (NodeId, &str, Option<(u64, u64)>),
    all: &[&Unit],
    before: Option<&Arc<NodeState>>,
) -> Found {
    let kept = before.filter(|state| is_used(state)).map(|state| missing(state));
    let (mut cards, mut at) = kept.map_or((Vec::new(), Vec::new()), |kept| (kept.cards, kept.at));
    for unit in all {
        match cards.iter().position(|card| card.uuid.as_ref() == Some(&unit.name)) {
            Some(slot) => (cards[slot], at[slot]) = (unit.card.clone(), Some(unit.at)),
            None => {
                cards.push(unit.card.clone());
                at.push(Some(unit.at));
            }
        }
    }
    let most = usize::try_from(GpuSet::MOST).unwrap_or(usize::MAX);
    cards.truncate(most);
    at.truncate(most);
    let name = |slot: usize| {
        let known = cards[slot].uuid.clone();
        known.or_else(|| Some(machine.gpus[at[slot]?].name())).unwrap_or_default()
    };
    let uuids: Vec<String> = (0..cards.len()).map(name).collect();
    let slice = all.first().and_then(|unit| unit.slice.clone());
    let mut node = Node {
        id,
        model: Some(model.to_owned()),
        gpus: u32::try_from(cards.len()).unwrap_or(GpuSet::MOST),
        price: all.first().map_or(1000, |unit| unit.price),
        gpu_mem: all.iter().map(|unit| unit.memory).min().unwrap_or_default(),
        uuids,
        // Only one instance is ever given to a job.
        links: if slice.is_some() { Vec::new() } else { links(machine, &at) },
        slice,
        ..of_host(host)
    };
    if let Some((own, of)) = parts {
        node.name = format!("{}-{}", host.name, model.to_lowercase().replace(' ', "-"));
        let part = |whole: u64| whole * own / of.max(1);
        node.cpus = u32::try_from(part(host.cpus.into())).unwrap_or(1).max(1);
        node.mem = Mib(part(host.mem.0));
    }
    Found { node, cards, at }
}

/// How near the GPUs of a node are; nothing where all are alike.
fn links(machine: &Machine, at: &[Option<usize>]) -> Vec<Vec<u8>> {
    let near = |a: &Option<usize>, b: &Option<usize>| match (a, b) {
        (Some(a), Some(b)) => machine.near.get(*a).and_then(|row| row.get(*b)).copied(),
        _ => None,
    };
    let all: Vec<Vec<u8>> =
        at.iter().map(|a| at.iter().map(|b| near(a, b).unwrap_or_default()).collect()).collect();
    let pairs = all.iter().enumerate().flat_map(|(a, row)| row.get(a + 1..).unwrap_or_default());
    let mut pairs = pairs.copied();
    let first = pairs.next();
    if pairs.all(|pair| Some(pair) == first) { Vec::new() } else { all }
}

fn memory() -> Mib {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with("MemTotal:")).unwrap_or_default();
    let kib = line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok());
    Mib(kib.unwrap_or(0) / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rota_core::id::JobId;
    use rota_engine::gpu::{Gpu, Instance, LetsIn};

    fn host() -> Host {
        Host { name: "gpu01".into(), cpus: 64, mem: Mib(512 << 10) }
    }

    fn machine(products: &[&str]) -> Machine {
        let gpu = |(index, product): (u32, &&str)| Gpu {
            card: Card { uuid: Some(format!("GPU-{product}-{index}")), ..Card::simulated(index) },
            product: (*product).to_owned(),
            memory: Mib(81_559),
            reserved: Mib(0),
            pci: None,
            numa: None,
            mig: None,
            persistence: None,
            lets_in: LetsIn::Any,
        };
        Machine { gpus: (0..).zip(products).map(gpu).collect(), ..Machine::default() }
    }

    fn nodes(found: &[Found]) -> BTreeMap<NodeId, Arc<NodeState>> {
        found.iter().map(|f| (f.node.id, Arc::new(NodeState::new(f.node.clone())))).collect()
    }

    #[test]
    fn a_machine_with_one_model_is_one_node_and_without_gpus_too() {
        let found =
            this_machine(&host(), &machine(&["NVIDIA H100 80GB HBM3"; 8]), &BTreeMap::new());
        assert_eq!(found.len(), 1);
        let node = &found[0].node;
        assert_eq!((node.name.as_str(), node.gpus, node.price), ("gpu01", 8, 2200));
        assert_eq!(node.model.as_deref(), Some("H100"));
        assert!(node.links.is_empty());
        let none = this_machine(&host(), &Machine::default(), &BTreeMap::new());
        assert_eq!((none[0].node.gpus, none[0].node.cpus, none[0].node.id), (0, 64, NodeId(0)));
    }

    #[test]
    fn a_machine_with_two_models_is_a_node_for_each_with_its_part_of_the_host() {
        let two = machine(&["NVIDIA A100", "RTX A6000", "RTX A6000", "NVIDIA A100"]);
        let found = this_machine(&host(), &two, &BTreeMap::new());
        let names: Vec<_> = found.iter().map(|f| f.node.name.as_str()).collect();
        assert_eq!(names, ["gpu01-a100", "gpu01-a6000"]);
        assert_eq!((found[0].node.cpus, found[1].node.mem), (32, Mib(256 << 10)));
        assert_eq!(found[0].cards.iter().map(|c| c.index).collect::<Vec<_>>(), [0, 3]);
    }

    #[test]
    fn what_the_driver_keeps_for_itself_is_not_given_to_jobs() {
        let mut one = machine(&["NVIDIA H100 80GB HBM3"]);
        one.gpus[0].reserved = Mib(559);
        assert_eq!(this_machine(&host(), &one, &BTreeMap::new())[0].node.gpu_mem, Mib(81_000));
    }

    #[test]
    fn instances_of_a_size_are_a_node_of_their_own_and_pay_their_fraction() {
        let mut two = machine(&["NVIDIA H100 80GB HBM3"; 2]);
        let instance = |(at, size): (usize, &str)| Instance {
            uuid: format!("MIG-{at}"),
            product: format!("NVIDIA H100 80GB HBM3 MIG {size}"),
            memory: Mib(if size == "1g.10gb" { 9_856 } else { 40_448 }),
        };
        let sizes = ["1g.10gb", "3g.40gb", "1g.10gb"];
        two.gpus[1].mig = Some(sizes.into_iter().enumerate().map(instance).collect());
        let found = this_machine(&host(), &two, &BTreeMap::new());
        let seen: Vec<_> = found
            .iter()
            .map(|f| (f.node.name.as_str(), f.node.gpus, f.node.price, f.node.gpu_mem.0))
            .collect();
        let whole = ("gpu01-h100", 1, 2200, 81_559);
        let small = ("gpu01-h100-1g.10gb", 2, 314, 9_856);
        assert_eq!(seen, [whole, small, ("gpu01-h100-3g.40gb", 1, 1091, 40_448)]);
        assert_eq!(found[1].node.uuids, ["MIG-0", "MIG-2"]);
        assert_eq!(found[1].at, [Some(1), Some(1)]);
        assert_eq!((found[0].node.cpus, found[1].node.cpus, found[2].node.cpus), (32, 21, 10));
        assert_eq!(Card::list(&found[1].cards), "MIG-0,MIG-2");
    }

    #[test]
    fn a_node_keeps_its_number_when_another_model_comes_before_it() {
        let before = this_machine(&host(), &machine(&["NVIDIA A100"; 2]), &BTreeMap::new());
        let mut more = machine(&["NVIDIA A100"; 2]);
        more.gpus.insert(0, machine(&["RTX A6000"]).gpus.remove(0));
        let after = this_machine(&host(), &more, &nodes(&before));
        let id = |model: &str| {
            let mut all = after.iter().map(|f| &f.node);
            all.find(|n| n.model.as_deref() == Some(model)).map(|n| n.id)
        };
        assert_eq!((id("A100"), id("A6000")), (Some(NodeId(0)), Some(NodeId(1))));
    }

    #[test]
    fn a_gpu_that_is_gone_keeps_its_place_while_jobs_are_on_the_node() {
        let whole = machine(&["NVIDIA A100"; 3]);
        let mut known = nodes(&this_machine(&host(), &whole, &BTreeMap::new()));
        let mut less = whole.clone();
        less.gpus.remove(0);
        let idle = this_machine(&host(), &less, &known);
        assert_eq!(idle[0].node.gpus, 2);
        let state = known.get_mut(&NodeId(0)).map(Arc::make_mut).expect("it is known");
        state.holders.insert(JobId::single(1));
        let busy = this_machine(&host(), &less, &known);
        assert_eq!(busy[0].at, [None, Some(0), Some(1)]);
        assert_eq!(busy[0].node.uuids, known[&NodeId(0)].node.uuids);
        let none = this_machine(&host(), &Machine::default(), &known);
        assert_eq!((none[0].node.gpus, none[0].at.as_slice()), (3, &[None, None, None][..]));
    }

    #[test]
    fn links_are_kept_only_where_they_differ() {
        let mut four = machine(&["NVIDIA A100"; 4]);
        let row = |own: usize| (0..4).map(|b| if own == b { 0 } else { 112 }).collect();
        four.near = (0..4).map(row).collect();
        assert!(this_machine(&host(), &four, &BTreeMap::new())[0].node.links.is_empty());
        (four.near[0][1], four.near[1][0]) = (10, 10);
        assert_eq!(this_machine(&host(), &four, &BTreeMap::new())[0].node.links, four.near);
    }
}
