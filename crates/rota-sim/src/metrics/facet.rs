//! Where one job counts: what it holds or wants, in which ledgers at price, in which rooms in GPUs.

use super::flows::ledger_of;
use super::room::Room;
use rota_core::cluster::Cluster;
use rota_core::id::LabId;
use rota_core::job::Job;
use rota_core::plan::place::accepts;
use rota_core::queue::Shape;

/// What is held and waited for: at price in thousandths of a GPU, or in thousandths of a GPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Held.
    pub held: u64,
    /// Waited for.
    pub wanted: u64,
}

/// Where a job counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// Its lab.
    pub lab: LabId,
    /// By the pool of the ledger; empty: the common one.
    pub ledgers: Vec<(String, Flow)>,
    /// By room.
    pub rooms: Vec<(Room, Flow)>,
}

impl Facet {
    /// Of a job with GPUs that holds them or is ready to, and does not run as spare.
    pub fn of(c: &Cluster, job: &Job) -> Option<Facet> {
        let gpus = u64::from(c.thousandths_wanted(job));
        let class = c.policy.class(job.spec.class.as_deref());
        if gpus == 0 || class.rank == 0 {
            return None;
        }
        let lab = c.accounts.grant_of(job.owner).lab;
        let at_price = |gpus: u32, price: u32| {
            u64::from(gpus) * u64::from(price) * u64::from(class.price) / 1_000_000
        };
        let shape = Shape::of(job);
        if let Some(place) = job.holds() {
            let node = c.nodes.get(&place.node)?;
            let here = c.thousandths(shape.all_gpus(), shape.gpu_mem, node);
            let held = Flow { held: at_price(here, node.price), wanted: 0 };
            let room = Room::named(c, &(node.pool, node.node.model.clone()));
            let ledgers = vec![(ledger_of(c, node.pool).to_owned(), held)];
            let rooms = vec![(room, Flow { held: gpus, wanted: 0 })];
            return Some(Facet { lab, ledgers, rooms });
        }
        if !job.is_ready() {
            return None;
        }
        let (mut ledgers, mut rooms) = (Vec::<(String, Flow)>::new(), Vec::new());
        for (key, room) in c.rooms.iter().filter(|(key, _)| accepts(c, &shape, key)) {
            rooms.push((Room::named(c, key), Flow { held: 0, wanted: gpus }));
            let here = c.thousandths_at(&shape, key, room);
            let (name, wanted) = (ledger_of(c, key.0), at_price(here, room.price));
            match ledgers.iter_mut().find(|(known, _)| known == name) {
                Some((_, flow)) => flow.wanted = flow.wanted.min(wanted),
                None => ledgers.push((name.to_owned(), Flow { held: 0, wanted })),
            }
        }
        Some(Facet { lab, ledgers, rooms })
    }
}
