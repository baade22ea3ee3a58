//! Parts of GPUs: jobs that share one with others, by the memory they ask for.
//!
//! Several parts are on one GPU as long as their memory together is at most its own. What a part asks for is all that its
//! processes take, with what the driver keeps for them. Nobody is beside a job that asked for whole GPUs. Everywhere a part
//! counts as the fraction of the GPU that its memory is, and a slice as the fraction that it pays.

use crate::cluster::{Cluster, Room, RoomKey};
use crate::id::NodeId;
use crate::job::{Job, JobSpec, Placement};
use crate::node::NodeState;
use crate::plan::place::{accepts, wants};
use crate::policy::PoolId;
use crate::queue::Shape;
use crate::units::{Mib, Span, Time};
use serde::{Deserialize, Serialize};

/// Thousandths of a whole GPU.
pub const WHOLE: u32 = 1000;

/// So many submits are remembered: what usual requests are.
const REMEMBERED: usize = 256;

/// A job that uses more than its part is stopped if it still does after so long.
pub const PATIENCE: Span = Span::seconds(10);

/// The longest time to leave for a job that is stopped because it uses more than its part: others may need the memory.
pub const LEAVE: Span = Span::seconds(10);

/// That a job uses more of a GPU's memory than its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excess {
    /// Since when.
    pub since: Time,
    /// How much it used when that was said last.
    pub used: Mib,
}

/// Memory in use as it is shown: to the next tenth of a GiB, so that more than a part never reads like the part.
///
/// ```
/// use rota_core::part::shown;
/// use rota_core::units::Mib;
/// assert_eq!(shown(Mib(10_241)).to_string(), "10.1G");
/// ```
pub fn shown(used: Mib) -> Mib {
    let tenths = used.0.saturating_mul(10).div_ceil(1024);
    Mib(if used.0 < 1024 { used.0 } else { tenths.saturating_mul(1024).div_ceil(10) })
}

/// The part that is enough for a job whose like used so much at most: a tenth more, in whole GiB.
///
/// ```
/// use rota_core::part::enough;
/// use rota_core::units::Mib;
/// assert_eq!(enough(Mib(9_000)), Mib(10 * 1024));
/// ```
pub fn enough(used: Mib) -> Mib {
    Mib(used.0.saturating_mul(11).div_ceil(10).div_ceil(1024).max(1).saturating_mul(1024))
}

/// The fraction of a GPU that a part of its memory is: thousandths, rounded up.
///
/// ```
/// use rota_core::part::fraction;
/// use rota_core::units::Mib;
/// assert_eq!(fraction(Mib(20 * 1024), Mib(80 * 1024)), 250);
/// assert_eq!(fraction(Mib(10 * 1024), Mib(24 * 1024)), 417);
/// ```
pub fn fraction(part: Mib, of: Mib) -> u32 {
    let thousandths = part.0.saturating_mul(u64::from(WHOLE)).div_ceil(of.0.max(1));
    u32::try_from(thousandths).unwrap_or(WHOLE).clamp(1, WHOLE)
}

/// What was asked for at a submit, as far as it says where others may be put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// GPUs, on each node.
    pub gpus: u32,
    /// Memory of a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_mem: Option<Mib>,
    /// CPU cores, on each node.
    pub cpus: u32,
    /// Host memory, on each node.
    pub mem: Mib,
    /// Acceptable models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// How many: tasks and nodes.
    pub count: u32,
}

impl Cluster {
    /// Thousandths of the GPUs of a node, at their price, that so many of them are, or a part of one.
    pub fn thousandths(&self, gpus: u32, part: Option<Mib>, node: &NodeState) -> u32 {
        match node.node.part(part) {
            Some(part) if gpus > 0 => fraction(part, node.node.gpu_mem),
            _ => gpus.saturating_mul(WHOLE),
        }
    }

    /// The same of all that a shape asks for in a room.
    pub fn thousandths_at(&self, shape: &Shape, key: &RoomKey, room: &Room) -> u32 {
        let whole = shape.all_gpus().saturating_mul(WHOLE);
        let is_part = shape.gpu_mem.is_some() && !self.sliced.contains_key(key);
        if is_part { self.held_in(shape, key, room).unwrap_or(whole) } else { whole }
    }

    /// Thousandths of whole GPUs that a shape asks for, at most, in a pool: before it is known where it will be.
    pub fn thousandths_in(&self, shape: &Shape, pool: PoolId) -> u32 {
        let here = self.rooms.iter().filter(|(key, _)| key.0 == pool && wants(self, shape, key));
        let held = || here.filter_map(|(key, room)| self.held_in(shape, key, room)).max();
        let whole = shape.all_gpus().saturating_mul(WHOLE);
        if self.has_no_fractions(shape) { whole } else { held().unwrap_or(whole) }
    }

    /// Thousandths of whole GPUs that a job holds, or would on the cheapest GPU that it accepts.
    pub fn thousandths_wanted(&self, job: &Job) -> u32 {
        let shape = Shape::of(job);
        if job.holds().is_some() || self.has_no_fractions(&shape) {
            return job.thousandths();
        }
        let rooms = self.rooms.iter().filter(|(key, _)| accepts(self, &shape, key));
        let cheapest = rooms.min_by_key(|(_, room)| room.price);
        let held = cheapest.and_then(|(key, room)| self.held_in(&shape, key, room));
        held.unwrap_or(shape.all_gpus().saturating_mul(WHOLE))
    }

    /// Whether a shape gets whole GPUs wherever it goes.
    fn has_no_fractions(&self, shape: &Shape) -> bool {
        shape.gpu_mem.is_none() && (self.sliced.is_empty() || shape.models.is_empty())
    }

    /// What a shape would hold of whole GPUs in a room, on the smallest that is large enough; none where none is.
    fn held_in(&self, shape: &Shape, key: &RoomKey, room: &Room) -> Option<u32> {
        let part = shape.gpu_mem.unwrap_or_default();
        let (least, _) = room.by_mem.range((part, NodeId(0))..).next()?;
        let each = match self.sliced.get(key) {
            Some(slice) => slice.fraction,
            None => shape.gpu_mem.map_or(WHOLE, |part| fraction(part, *least)),
        };
        Some(shape.all_gpus().saturating_mul(each))
    }

    /// What a job would hold of a placement: thousandths of each whole GPU.
    pub(crate) fn fraction_at(&self, job: &Job, placement: &Placement) -> u32 {
        let Some(state) = self.nodes.get(&placement.node) else { return WHOLE };
        let part = state.node.part(job.spec.gpu_mem);
        part.map_or(state.node.fraction(), |part| fraction(part, state.node.gpu_mem))
    }

    /// Whether parts may be on GPUs of a node at all.
    pub fn shares(&self, node: &NodeState, part: Mib) -> bool {
        let whole_only = self.policy.pool(node.pool).is_some_and(|pool| pool.whole_only);
        (!whole_only || node.node.slice.is_some()) && part <= node.node.gpu_mem
    }

    /// Whether parts of GPUs of a pool go through MPS, so that nobody is beside another's.
    pub fn keeps_people_apart(&self, pool: PoolId) -> bool {
        self.policy.pool(pool).is_some_and(|pool| pool.mps)
    }

    /// Whether a job's part of a GPU goes through MPS where it is.
    pub fn is_through_mps(&self, job: &Job) -> bool {
        let node = job.spec.gpu_mem.and_then(|_| self.nodes.get(&job.placement()?.node));
        node.is_some_and(|node| node.node.slice.is_none() && self.keeps_people_apart(node.pool))
    }

    /// Takes note of what is asked for.
    pub(crate) fn remember(&mut self, spec: &JobSpec, tasks: usize) {
        if spec.gpus == 0 {
            return;
        }
        let tasks = u32::try_from(tasks).unwrap_or(u32::MAX);
        self.recent.push_back(Wanted {
            gpus: spec.gpus,
            gpu_mem: spec.gpu_mem,
            cpus: spec.cpus,
            mem: spec.mem,
            models: spec.models.clone(),
            count: tasks.saturating_mul(spec.nodes),
        });
        if self.recent.len() > REMEMBERED {
            self.recent.pop_front();
        }
    }
}
