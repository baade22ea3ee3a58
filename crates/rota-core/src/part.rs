//! Parts of GPUs: jobs that share one with others, by the memory they ask for.
//!
//! Several parts are on one GPU as long as their memory together is at most its own. What a part asks for is all that its
//! processes take, with what the driver keeps for them. Nobody is beside a job that asked for whole GPUs. Everywhere a part
//! counts as the fraction of the GPU that its memory is.

use crate::cluster::{Cluster, Room, RoomKey};
use crate::id::NodeId;
use crate::job::{Job, JobSpec, Placement};
use crate::node::NodeState;
use crate::plan::place::accepts;
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
    /// Thousandths of GPUs that so many GPUs of a node are, or a part of one.
    pub fn thousandths(&self, gpus: u32, part: Option<Mib>, node: &NodeState) -> u32 {
        match node.node.part(part) {
            Some(part) if gpus > 0 => fraction(part, node.node.gpu_mem),
            _ => gpus.saturating_mul(WHOLE),
        }
    }

    /// The same of all that a shape asks for, at most, in a pool: before it is known where it will be.
    pub fn thousandths_in(&self, shape: &Shape, pool: PoolId) -> u32 {
        let whole = shape.all_gpus().saturating_mul(WHOLE);
        let Some(part) = shape.gpu_mem else { return whole };
        let wanted = |model: &Option<String>| {
            shape.models.is_empty() || model.as_ref().is_some_and(|m| shape.models.contains(m))
        };
        let here = self.rooms.iter().filter(|((p, model), _)| *p == pool && wanted(model));
        let held = here.filter_map(|(key, room)| self.held_in(key, room, part));
        held.max().unwrap_or(whole)
    }

    /// Thousandths of GPUs that a job holds, or would on the cheapest GPU that it accepts.
    pub fn thousandths_wanted(&self, job: &Job) -> u32 {
        let Some(part) = job.spec.gpu_mem.filter(|_| job.holds().is_none()) else {
            return job.thousandths();
        };
        let shape = Shape::of(job);
        let rooms = self.rooms.iter().filter(|(key, _)| accepts(self, &shape, key));
        let cheapest = rooms.min_by_key(|(_, room)| room.price);
        cheapest.and_then(|(key, room)| self.held_in(key, room, part)).unwrap_or(WHOLE)
    }

    /// What a part would hold of the smallest GPU of a room that is large enough; none where none is.
    fn held_in(&self, key: &RoomKey, room: &Room, part: Mib) -> Option<u32> {
        let (least, _) = room.by_mem.range((part, NodeId(0))..).next()?;
        Some(if self.sliced.contains(key) { WHOLE } else { fraction(part, *least) })
    }

    /// What a job would hold of a placement.
    pub(crate) fn fraction_at(&self, job: &Job, placement: &Placement) -> u32 {
        let node = self.nodes.get(&placement.node);
        let part = node.and_then(|node| Some((node.node.part(job.spec.gpu_mem)?, node)));
        part.map_or(WHOLE, |(part, node)| fraction(part, node.node.gpu_mem))
    }

    /// Whether parts may be on GPUs of a node at all.
    pub fn shares(&self, node: &NodeState, part: Mib) -> bool {
        let whole_only = self.policy.pool(node.pool).is_some_and(|pool| pool.whole_only);
        (!whole_only || node.node.slice.is_some()) && part <= node.node.gpu_mem
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
