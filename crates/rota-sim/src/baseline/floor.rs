//! Which GPUs are free: nodes of each model by how many they have free, so that the fullest node that fits is found at once.

use super::Machine;
use std::collections::BTreeSet;

/// GPUs of a node, by its number.
pub(super) type Part = (usize, u32);

/// Free GPUs.
pub(super) struct Floor {
    nodes: Vec<Machine>,
    free: Vec<u32>,
    /// For each model, for each number of free GPUs, the nodes.
    by_free: Vec<Vec<BTreeSet<usize>>>,
    /// For each model, the nodes that are wholly free.
    idle: Vec<BTreeSet<usize>>,
    /// For each model, the GPUs of nodes that are wholly free.
    idle_gpus: Vec<u32>,
    /// For each model, the GPUs of the largest node.
    largest: Vec<u32>,
}

impl Floor {
    pub fn new(nodes: &[Machine]) -> Floor {
        let models = nodes.iter().map(|n| n.model + 1).max().unwrap_or(0);
        let mut largest = vec![0; models];
        nodes.iter().for_each(|n| largest[n.model] = n.gpus.max(largest[n.model]));
        let slots = largest.iter().map(|most| vec![BTreeSet::new(); *most as usize + 1]).collect();
        let mut floor = Floor {
            nodes: nodes.to_vec(),
            free: nodes.iter().map(|_| 0).collect(),
            by_free: slots,
            idle: vec![BTreeSet::new(); models],
            idle_gpus: vec![0; models],
            largest,
        };
        for (node, machine) in nodes.iter().enumerate() {
            floor.by_free[machine.model][0].insert(node);
            floor.set(node, machine.gpus);
        }
        floor
    }

    fn set(&mut self, node: usize, free: u32) {
        let (machine, before) = (self.nodes[node], self.free[node]);
        let by_free = &mut self.by_free[machine.model];
        by_free[before as usize].remove(&node);
        by_free[free as usize].insert(node);
        self.free[node] = free;
        if free == machine.gpus && self.idle[machine.model].insert(node) {
            self.idle_gpus[machine.model] += machine.gpus;
        } else if free < machine.gpus && self.idle[machine.model].remove(&node) {
            self.idle_gpus[machine.model] -= machine.gpus;
        }
    }

    fn models(&self, model: Option<usize>) -> std::ops::Range<usize> {
        model.map_or(0..self.largest.len(), |m| m..(m + 1).min(self.largest.len()))
    }

    /// The node with least free GPUs that fits all of them; else nodes of one model that are wholly free.
    pub fn place(&self, gpus: u32, model: Option<usize>) -> Option<Vec<Part>> {
        let fitting = |m: usize| {
            let slots = self.by_free[m].iter().enumerate().skip(gpus as usize);
            slots.flat_map(|(free, nodes)| nodes.first().map(|node| (free, *node))).next()
        };
        let best = self.models(model).filter_map(fitting).min();
        if let Some((_, node)) = best {
            return Some(vec![(node, gpus)]);
        }
        let wide = |m: &usize| gpus > self.largest[*m] && self.idle_gpus[*m] >= gpus;
        let model = self.models(model).find(wide)?;
        let (mut parts, mut left) = (Vec::new(), gpus);
        for node in &self.idle[model] {
            let here = self.nodes[*node].gpus.min(left);
            parts.push((*node, here));
            left -= here;
            if left == 0 {
                break;
            }
        }
        Some(parts)
    }

    /// Whether they can be placed.
    pub fn fits(&self, gpus: u32, model: Option<usize>) -> bool {
        self.models(model).any(|m| {
            let free = self.by_free[m].iter().skip(gpus as usize).any(|nodes| !nodes.is_empty());
            free || gpus > self.largest[m] && self.idle_gpus[m] >= gpus
        })
    }

    pub fn take(&mut self, parts: &[Part]) {
        parts.iter().for_each(|(node, gpus)| self.set(*node, self.free[*node] - gpus));
    }

    pub fn give(&mut self, parts: &[Part]) {
        parts.iter().for_each(|(node, gpus)| self.set(*node, self.free[*node] + gpus));
    }

    /// Free GPUs of all nodes.
    pub fn free_gpus(&self) -> u32 {
        self.free.iter().sum()
    }

    /// The first of these moments, in their order, after which they fit if until then GPUs come free as said; and how many
    /// GPUs of acceptable models are free beside them then.
    pub fn first_fit<'p, T: Copy>(
        &self,
        (gpus, model): (u32, Option<usize>),
        frees: impl Iterator<Item = (T, &'p [Part])>,
    ) -> Option<(T, u32)> {
        let (mut free, mut idle) = (self.free.clone(), self.idle_gpus.clone());
        let accepted = |node: usize| model.is_none_or(|m| m == self.nodes[node].model);
        let all = free.iter().enumerate().filter(|(node, _)| accepted(*node));
        let mut total: u32 = all.map(|(_, gpus)| gpus).sum();
        let mut fits = false;
        for (at, parts) in frees {
            for (node, back) in parts {
                let machine = self.nodes[*node];
                free[*node] += back;
                if free[*node] == machine.gpus {
                    idle[machine.model] += machine.gpus;
                }
                if !accepted(*node) {
                    continue;
                }
                total += back;
                let wide = gpus > self.largest[machine.model] && idle[machine.model] >= gpus;
                fits |= wide || free[*node] >= gpus;
            }
            if fits {
                return Some((at, total - gpus));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_node_that_fits_is_taken_and_what_is_wide_takes_whole_nodes() {
        let node = |gpus| Machine { gpus, model: 0 };
        let mut floor = Floor::new(&[node(4), node(4), node(4)]);
        floor.take(&[(0, 3), (1, 2)]);
        assert_eq!(floor.place(1, None), Some(vec![(0, 1)]));
        assert_eq!(floor.place(2, None), Some(vec![(1, 2)]));
        assert_eq!(floor.place(6, None), None);
        let frees = [(10, &[(1, 2)][..]), (20, &[(0, 3)][..])];
        assert_eq!(floor.first_fit((6, None), frees.into_iter()), Some((10, 3)));
        floor.give(&[(1, 2)]);
        assert_eq!(floor.place(6, None), Some(vec![(1, 4), (2, 2)]));
        assert_eq!(
            (floor.fits(6, None), floor.fits(9, None), floor.fits(1, Some(1))),
            (true, false, false)
        );
    }
}
