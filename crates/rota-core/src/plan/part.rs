//! Where a part of a GPU goes: where it leaves the least that the requests of late cannot use ([`super::pack`]).

use super::order::Asked;
use super::pack::{Cost, Request, Space, Stock, Usual};
use super::{Pass, place};
use crate::cluster::{Cluster, Room, RoomKey};
use crate::id::{GpuSet, JobId, LoginId, NodeId, PersonId};
use crate::job::{Part, Placement};
use crate::node::NodeState;
use crate::part::{WHOLE, Wanted, fraction};
use crate::policy::PoolId;
use crate::queue::Shape;
use crate::units::Mib;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// How many nodes without shared GPUs are compared, the fullest.
const NODES: usize = 32;

/// Whether a shape that asks for a part may be in a room; any other may.
pub(super) fn is_possible(
    c: &Cluster,
    shape: &Shape,
    (pool, model): (PoolId, &Option<String>),
) -> bool {
    let Some(part) = shape.gpu_mem else { return true };
    let whole_only = c.policy.pool(pool).is_some_and(|pool| pool.whole_only);
    let key = (pool, model.clone());
    let room = c.rooms.get(&key);
    let largest = room.and_then(|room| room.by_mem.last()).map_or(Mib(0), |(mem, _)| *mem);
    (!whole_only || c.sliced.contains_key(&key)) && part <= largest
}

/// Whether GPUs of a node are free for a person's job whose turn it is there: the others have left.
pub(super) fn is_free(node: &NodeState, gpus: GpuSet, (shape, login): (&Shape, LoginId)) -> bool {
    let busy = node.busy.common(gpus);
    let Some(part) = shape.gpu_mem else { return busy.is_empty() };
    let fits =
        |gpu: u32| node.shared.get(&gpu).is_some_and(|held| held.plus(part) <= node.node.gpu_mem);
    let is_own = |gpu: u32| node.sharer.get(&gpu).is_none_or(|whose| *whose == Some(login));
    busy.iter().all(|gpu| fits(gpu) && is_own(gpu))
}

/// The nodes of a room on which a part may fit: those with shared GPUs, and those with free ones.
pub(super) fn nodes(room: &Room) -> impl Iterator<Item = NodeId> {
    let free = room.by_free.range((1, NodeId(0))..).map(|(_, node)| *node);
    room.shared.iter().copied().chain(free.filter(|node| !room.shared.contains(node)))
}

/// Room for a part now, delaying no planned start.
pub(super) fn now_in(
    pass: &mut Pass,
    asked: &Asked,
    (_, model): &RoomKey,
    room: &Room,
) -> Option<Placement> {
    let part = asked.shape.gpu_mem?;
    let (mut best, mut seen): (Option<((u32, Cost), Part)>, _) = (None, BTreeSet::new());
    let most = room.shared.len() + NODES;
    for id in nodes(room).take(most) {
        let gpus = open_on(pass, id, asked).filter(|gpus| !gpus.is_empty());
        let Some(gpus) = gpus else { continue };
        let Some(node) = pass.c.nodes.get(&id) else { continue };
        let space = space(node, gpus, part);
        // Nodes that are alike are worth alike: the first is taken.
        if !seen.insert(space.clone()) {
            continue;
        }
        let size = fraction(part, node.node.gpu_mem);
        let request = request(asked.shape.cpus, asked.shape.mem, size);
        let usual = pass.usual(node, model.as_deref());
        let Some(found) = usual.borrow_mut().best(&space, &request) else { continue };
        let cost = (usual.borrow().spoils(&space.free, &request, found.gpu), found.cost);
        let shared = found.gpu.and_then(|gpu| u32::try_from(gpu).ok());
        // A part that is all of a GPU goes to any that is open.
        let gpus: GpuSet = shared.or(gpus.iter().next()).into_iter().collect();
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, Part { node: id, gpus }));
        }
    }
    best.map(|(_, part)| part.into())
}

/// The GPUs of a node on which a part fits from now on for as long as it may run.
fn open_on(pass: &mut Pass, id: NodeId, asked: &Asked) -> Option<GpuSet> {
    let (c, shape) = (pass.c, asked.shape);
    let node = c.nodes.get(&id).filter(|n| n.up && place::host_fits(n, shape))?;
    let open = node.open_for(shape, c.accounts.login(asked.person));
    let free = open.common(place::usable_now(pass, asked, node));
    if free.is_empty() || !pass.timeline.is_touched(id) && node.kept.is_empty() {
        return Some(free);
    }
    Some(pass.timeline.open_on(id, (shape, Some(asked.person)), pass.now).common(free))
}

/// Who shares the GPUs of a node, for whom others are asked to leave.
pub(super) struct Sharing {
    /// Memory of a GPU; that of the part that is asked for, or none for whole GPUs.
    of: Mib,
    part: Option<Mib>,
    /// Whose it is, where nobody is beside another's.
    apart: Option<LoginId>,
    /// Jobs on shared GPUs.
    parts: Vec<Shares>,
}

/// A job on a shared GPU: whose, which GPU, and how much of it.
struct Shares {
    job: JobId,
    whose: LoginId,
    gpu: u32,
    mem: Mib,
}

impl Sharing {
    pub fn new(c: &Cluster, node: &NodeState, (part, person): (Option<Mib>, PersonId)) -> Sharing {
        let mut parts = Vec::new();
        if !node.shared.is_empty() {
            for job in node.holders.iter().filter_map(|id| c.job(*id)) {
                let here = job.holds().and_then(|place| place.on(node.node.id));
                let gpu = here.and_then(|gpus| gpus.iter().next());
                let whose = c.accounts.login(job.owner);
                let shares = |(mem, gpu)| Shares { job: job.id, whose, gpu, mem };
                parts.extend(job.spec.gpu_mem.zip(gpu).map(shares));
            }
        }
        let apart = Some(c.accounts.login(person)).filter(|_| c.keeps_people_apart(node.pool));
        Sharing { of: node.node.gpu_mem, part: node.node.part(part), apart, parts }
    }

    /// Those of some GPUs that will do once these jobs have left.
    pub fn enough(&self, gpus: GpuSet, has_left: impl Fn(JobId) -> bool) -> GpuSet {
        let parts = || self.parts.iter().filter(|part| !has_left(part.job));
        let stay = |gpu: u32| parts().filter(move |part| part.gpu == gpu);
        let held = |gpu: u32| stay(gpu).fold(Mib(0), |sum, part| sum.plus(part.mem));
        let is_own = |part: &Shares| self.apart.is_none_or(|login| part.whose == login);
        let will_do = |gpu: &u32| match self.part {
            Some(part) => held(*gpu).plus(part) <= self.of && stay(*gpu).all(is_own),
            None => held(*gpu) == Mib(0),
        };
        gpus.iter().filter(will_do).collect()
    }
}

/// What is free on a node; of its GPUs, only what is open to the part.
fn space(node: &NodeState, open: GpuSet, part: Mib) -> Space {
    let least = fraction(part, node.node.gpu_mem);
    let of = node.node.gpu_mem.0.max(1);
    let free = |gpu: u32| {
        let Some(held) = node.shared.get(&gpu).filter(|_| open.has(gpu)) else {
            return if open.has(gpu) { WHOLE } else { 0 };
        };
        let left = node.node.gpu_mem.less(*held).0.saturating_mul(u64::from(WHOLE)) / of;
        // Thirds are rounded: three of them fit.
        u32::try_from(left).unwrap_or(WHOLE).max(least)
    };
    Space {
        free: (0..node.node.gpus).map(free).collect(),
        cpus: u64::from(node.node.cpus.saturating_sub(node.cpus_used)),
        mem: node.node.mem.less(node.mem_used).0,
        kind: 0,
    }
}

fn request(cpus: u32, mem: Mib, part: u32) -> Request {
    Request { gpus: 1, part, cpus: u64::from(cpus), mem: mem.0, kinds: u64::MAX }
}

impl Pass<'_> {
    /// The usual requests, made once in a pass for GPUs of a model and a size.
    fn usual(&mut self, node: &NodeState, model: Option<&str>) -> Rc<RefCell<Usual>> {
        let key = (model.map(str::to_owned), node.node.gpu_mem);
        let c = self.c;
        let made = || Rc::new(RefCell::new(usual(c, node, model)));
        Rc::clone(self.usual.entry(key).or_insert_with(made))
    }
}

/// What was asked for of late, as far as it may go to nodes like this one.
fn usual(c: &Cluster, node: &NodeState, model: Option<&str>) -> Usual {
    let accepts =
        |w: &Wanted| w.models.is_empty() || w.models.iter().any(|m| Some(m.as_str()) == model);
    let fits = |w: &Wanted| w.gpu_mem.is_none_or(|part| part <= node.node.gpu_mem);
    let past = c.recent.iter().filter(|w| accepts(w) && fits(w));
    let past: Vec<(Request, u64)> = past
        .map(|w| {
            let part = w.gpu_mem.map_or(WHOLE, |part| fraction(part, node.node.gpu_mem));
            let request = Request { gpus: w.gpus, ..request(w.cpus, w.mem, part) };
            (request, u64::from(w.count))
        })
        .collect();
    let mut usual = Usual::new(&past);
    usual.see(&stock(c, model));
    usual
}

/// The whole GPUs of a model that are free as the pass begins.
fn stock(c: &Cluster, model: Option<&str>) -> Stock {
    let mut stock = Stock::default();
    let rooms = c.rooms.iter().filter(|((_, of), _)| of.as_deref() == model);
    for (free, _) in rooms.flat_map(|(_, room)| &room.by_free) {
        stock.add((0..*free).map(|_| WHOLE));
    }
    stock
}
