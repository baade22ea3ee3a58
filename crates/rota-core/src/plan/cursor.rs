//! A person's waiting jobs in the order in which a pass visits them.

use crate::id::{JobId, PersonId};
use crate::queue::{Shape, Waiting};
use crate::units::Time;
use std::collections::{BTreeMap, btree_map, btree_set};
use std::iter::Peekable;
use std::sync::Arc;

/// The oldest job of a bucket, which bucket, and the jobs after it.
pub(super) type Head<'c> = (&'c Arc<Shape>, btree_set::Iter<'c, (Time, JobId)>);

/// Which jobs of a person are visited.
pub(super) type Wanted<'w> = &'w dyn Fn(PersonId, &Shape) -> bool;

/// Where a person's jobs are up to: the head of each bucket, oldest first. Nothing is read before it is needed.
pub(super) struct Cursor<'c, 'w> {
    person: PersonId,
    waiting: &'c Waiting,
    wanted: Wanted<'w>,
    /// Heads of buckets that were not visited yet.
    fresh: Peekable<btree_map::Iter<'c, (Time, JobId), Arc<Shape>>>,
    /// Heads of the others.
    begun: BTreeMap<(Time, JobId), Head<'c>>,
}

impl<'c, 'w> Cursor<'c, 'w> {
    /// Nothing was visited yet.
    pub fn new(person: PersonId, waiting: &'c Waiting, wanted: Wanted<'w>) -> Cursor<'c, 'w> {
        let (fresh, begun) = (waiting.heads.iter().peekable(), BTreeMap::new());
        Cursor { person, waiting, wanted, fresh, begun }
    }

    /// The next job of a bucket comes up.
    pub fn advance(&mut self, shape: &'c Arc<Shape>, mut rest: btree_set::Iter<'c, (Time, JobId)>) {
        if let Some(head) = rest.next() {
            self.begun.insert(*head, (shape, rest));
        }
    }

    /// The oldest job that is wanted.
    pub fn first(&mut self) -> Option<(Time, JobId)> {
        while self.fresh.next_if(|(_, shape)| !(self.wanted)(self.person, shape)).is_some() {}
        let fresh = self.fresh.peek().map(|(head, _)| **head);
        fresh.into_iter().chain(self.begun.keys().next().copied()).min()
    }

    /// Takes it.
    pub fn pop(&mut self) -> Option<((Time, JobId), Head<'c>)> {
        let first = self.first()?;
        if let Some(head) = self.begun.remove(&first) {
            return Some((first, head));
        }
        let (_, shape) = self.fresh.next()?;
        let mut rest = self.waiting.buckets.get(shape)?.iter();
        rest.next();
        Some((first, (shape, rest)))
    }
}
