//! `plan`: the ordered passes on one screen. Never changes the cluster.
//!
//! 1. [`limit`]: warn and stop what reached its walltime; end what can never start.
//! 2. [`claim`]: start jobs for which room was made.
//! 3. [`order`]: visit waiting jobs in the order of turns; each starts now, or takes the turn of another
//!    ([`turn`]), or gets a planned start that nobody behind it may delay ([`place`], [`timeline`]).

pub mod claim;
pub mod explain;
pub mod fairshare;
pub mod limit;
pub mod order;
pub mod place;
pub mod timeline;
pub mod turn;

use crate::cluster::{Cluster, Shape};
use crate::decision::{Decision, Plan, PlannedStart, Reason};
use crate::id::JobId;
use crate::job::Placement;
use crate::units::Time;
use std::collections::BTreeSet;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use timeline::Timeline;

/// What to do now, the planned starts of the first [`crate::policy::Policy::reserved`] jobs in order, and when to ask again.
pub fn plan(c: &Cluster, now: Time) -> Plan {
    pass(c, now, c.policy.reserved)
}

/// The same with a planned start for every waiting job: for people who look, not for each event.
pub fn outlook(c: &Cluster, now: Time) -> Plan {
    pass(c, now, u32::MAX)
}

fn pass(c: &Cluster, now: Time, reserved: u32) -> Plan {
    let mut pass = Pass::new(c, now, reserved);
    limit::end_what_cannot_start(&mut pass);
    limit::warn_and_stop_at_the_walltime(&mut pass);
    claim::start_where_room_was_made(&mut pass);
    order::visit(&mut pass);
    pass.finish()
}

/// A plan in the making.
pub(crate) struct Pass<'c> {
    c: &'c Cluster,
    now: Time,
    timeline: Timeline<'c>,
    fair: fairshare::Keys<'c>,
    plan: Plan,
    /// Planned starts that may still be given out.
    left: u32,
    /// Place of the next job in the order of turns.
    place: u32,
    /// Jobs that this plan stops.
    stopping: BTreeSet<JobId>,
    /// Tasks of limited arrays that this plan starts.
    started: std::collections::BTreeMap<u64, u32>,
    /// Shapes that were found not to fit now; room only shrinks during a pass.
    cannot_now: BTreeSet<&'c Arc<Shape>>,
    wake: Time,
}

impl<'c> Pass<'c> {
    fn new(c: &'c Cluster, now: Time, reserved: u32) -> Pass<'c> {
        Pass {
            c,
            now,
            timeline: Timeline::new(c, now),
            fair: fairshare::Keys::new(c, now),
            plan: Plan::default(),
            left: reserved,
            place: 0,
            stopping: BTreeSet::new(),
            started: std::collections::BTreeMap::new(),
            cannot_now: BTreeSet::new(),
            wake: Time::FAR,
        }
    }

    fn wake_at(&mut self, at: Time) {
        self.wake = self.wake.min(at);
    }

    fn start(&mut self, job: JobId, shape: &Shape, placement: Placement, reason: Reason) {
        self.timeline.hold(placement, self.now, shape);
        if let Some((number, _)) = shape.batch {
            *self.started.entry(number).or_default() += 1;
        }
        self.plan.decisions.push(Decision::Start { job, placement, reason });
    }

    fn planned(&mut self, job: JobId, at: Time, placement: Placement) {
        if let Entry::Vacant(free) = self.plan.starts.entry(job) {
            free.insert(PlannedStart { at, placement, place: self.place });
            self.left = self.left.saturating_sub(1);
            if at > self.now {
                self.wake_at(at);
            }
        }
    }

    fn finish(mut self) -> Plan {
        if let Some((at, _)) = self.c.timers.iter().find(|(at, _)| *at > self.now) {
            self.wake_at(*at);
        }
        self.plan.wake_at = Some(self.wake).filter(|at| *at < Time::FAR);
        self.plan
    }
}
