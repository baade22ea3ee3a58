//! Who waited for a job that has ended.

use crate::cluster::Cluster;
use crate::job::{Dependency, DependencyKind};
use crate::units::Time;

impl Cluster {
    /// Tells the jobs that waited for `number` how it ended.
    pub(super) fn resolve(&mut self, at: Time, number: u64, ok: bool) {
        for waiting in self.dependents.get(&number).cloned().unwrap_or_default() {
            let mut broken = false;
            self.change(at, waiting, |j| {
                broken = j.pending.iter().any(|d| d.number == number && !satisfied(d, ok));
                j.pending.retain(|d| d.number != number);
            });
            if broken {
                self.broken.insert(waiting, number);
            }
        }
    }
}

/// Whether a dependency on something that has ended is met.
pub fn satisfied(wanted: &Dependency, ok: bool) -> bool {
    match wanted.kind {
        DependencyKind::Ok => ok,
        DependencyKind::Any => true,
        DependencyKind::NotOk => !ok,
    }
}
