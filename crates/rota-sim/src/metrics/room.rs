//! Rooms by name: pool and GPU model, which outlast a change of the policy.

use rota_core::cluster::{Cluster, RoomKey};
use rota_core::id::NodeId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A pool and a GPU model; empty: the rest, or not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Room(Arc<(String, String)>);

impl Room {
    /// The room of a key.
    pub fn named(c: &Cluster, (pool, model): &RoomKey) -> Room {
        let model = model.clone().unwrap_or_default();
        Room(Arc::new((c.policy.pool_name(*pool).to_owned(), model)))
    }
}

/// The room of each node.
#[derive(Default)]
pub struct Rooms(BTreeMap<NodeId, Room>);

impl Rooms {
    /// As things are.
    pub fn new(c: &Cluster) -> Rooms {
        let room = |(id, n): (&NodeId, &std::sync::Arc<rota_core::node::NodeState>)| {
            (*id, Room::named(c, &(n.pool, n.node.model.clone())))
        };
        Rooms(c.nodes.iter().map(room).collect())
    }

    /// The room of a node.
    pub fn of(&self, c: &Cluster, node: NodeId) -> Option<Room> {
        let known = self.0.get(&node).cloned();
        known
            .or_else(|| c.nodes.get(&node).map(|n| Room::named(c, &(n.pool, n.node.model.clone()))))
    }
}
