//! The order of turns: the lab that is owed most, in it the person that is owed most, in their jobs the oldest.
//! Each job visited starts, or claims, or gets a planned start; then its person's key grows and the next is chosen.

use super::{Pass, place, turn};
use crate::cluster::{Buckets, Shape};
use crate::decision::{Decision, Reason};
use crate::id::{JobId, LabId, PersonId};
use crate::job::{Placement, Stop, TurnMode};
use crate::units::{Span, Time};
use std::collections::{BTreeMap, BTreeSet, btree_set};
use std::sync::Arc;

/// The oldest job of a bucket, which bucket, and the jobs after it.
type Head<'c> = (&'c Arc<Shape>, btree_set::Iter<'c, (Time, JobId)>);

/// Where a person's jobs are up to: the head of each bucket, oldest first.
struct Cursor<'c> {
    heads: BTreeMap<(Time, JobId), Head<'c>>,
}

impl<'c> Cursor<'c> {
    fn new(buckets: &'c Buckets) -> Cursor<'c> {
        let mut cursor = Cursor { heads: BTreeMap::new() };
        for (shape, jobs) in buckets {
            cursor.advance(shape, jobs.iter());
        }
        cursor
    }

    fn advance(&mut self, shape: &'c Arc<Shape>, mut rest: btree_set::Iter<'c, (Time, JobId)>) {
        if let Some(head) = rest.next() {
            self.heads.insert(*head, (shape, rest));
        }
    }

    fn first(&self) -> Option<(Time, JobId)> {
        self.heads.keys().next().copied()
    }
}

/// A lab's people with jobs left to visit, by (key, oldest job).
type People = BTreeSet<(u128, (Time, JobId), PersonId)>;

/// What a visit did.
enum Visited {
    /// It was given something now or later.
    Given(u64),
    /// It was given nothing, nor will others of its shape be.
    Nothing,
}

/// Visits waiting jobs in the order of turns until nothing more can be given.
pub(super) fn visit(pass: &mut Pass) {
    let mut cursors: BTreeMap<PersonId, Cursor> = BTreeMap::new();
    let mut labs: BTreeMap<LabId, People> = BTreeMap::new();
    for (person, buckets) in &pass.c.queue {
        let cursor = Cursor::new(buckets);
        if let Some(first) = cursor.first() {
            let lab = pass.c.accounts.person(*person).lab;
            labs.entry(lab).or_default().insert((pass.fair.person(*person, 0), first, *person));
            cursors.insert(*person, cursor);
        }
    }
    let mut order: BTreeSet<(u128, (Time, JobId), LabId)> = labs
        .iter()
        .filter_map(|(lab, people)| Some((pass.fair.lab(*lab, 0), people.first()?.1, *lab)))
        .collect();
    while let Some((_, _, lab)) = order.pop_first() {
        let Some(people) = labs.get_mut(&lab) else { continue };
        let Some((_, _, person)) = people.pop_first() else { continue };
        let Some(cursor) = cursors.get_mut(&person) else { continue };
        visit_next(pass, person, cursor);
        if let Some(first) = cursor.first() {
            people.insert((pass.fair.person(person, 0), first, person));
        }
        if let Some((_, first, _)) = people.first() {
            order.insert((pass.fair.lab(lab, 0), *first, lab));
        }
    }
}

/// Visits jobs of one person until one was given something.
fn visit_next<'c>(pass: &mut Pass<'c>, person: PersonId, cursor: &mut Cursor<'c>) {
    while let Some((head, (shape, rest))) = cursor.heads.pop_first() {
        if pass.c.claims.contains_key(&head.1) || pass.c.broken.contains_key(&head.1) {
            cursor.advance(shape, rest);
            continue;
        }
        if let Visited::Given(rate) = visit_job(pass, person, head.1, shape) {
            pass.fair.charge(person, rate);
            cursor.advance(shape, rest);
            return;
        }
    }
}

fn visit_job<'c>(
    pass: &mut Pass<'c>,
    person: PersonId,
    id: JobId,
    shape: &'c Arc<Shape>,
) -> Visited {
    if array_is_full(pass, shape) {
        return Visited::Nothing;
    }
    let rate = |pass: &Pass, at: Placement| {
        let price = pass.c.nodes.get(&at.node).map_or(0, |n| n.node.price);
        u64::from(shape.gpus) * u64::from(price) + u64::from(shape.cpus)
    };
    pass.place = pass.place.saturating_add(1);
    if !pass.cannot_now.contains(shape) {
        if let Some(placement) = place::now(pass, shape) {
            let behind = pass.plan.starts.values().any(|p| p.at > pass.now);
            let reason = if behind { Reason::Backfill } else { Reason::InOrder };
            pass.start(id, shape, placement, reason);
            return Visited::Given(rate(pass, placement));
        }
        pass.cannot_now.insert(shape);
    }
    if pass.left == 0 {
        pass.place -= 1;
        return Visited::Nothing;
    }
    let later = place::later(pass, shape);
    let by_turn = turn::room_for(pass, person, shape, later.map_or(Time::FAR, |(at, _)| at));
    if let Some(room) = by_turn {
        let (at, placement) = (room.at, room.placement);
        let now = at <= pass.now;
        // Who is asked to stop holds all it has for a moment longer: nobody starts on it in this pass.
        let freed = if now { pass.now.after(Span::seconds(1)) } else { at };
        pass.timeline.cut(&room.victims, freed);
        pass.timeline.hold(placement, freed, shape);
        pass.planned(id, at.max(pass.now), placement);
        if now {
            if let Some((number, _)) = shape.batch {
                *pass.started.entry(number).or_default() += 1;
            }
            claim(pass, id, placement, &room.victims);
        }
        return Visited::Given(rate(pass, placement));
    }
    let Some((at, placement)) = later else {
        // Nothing known will make room: only an event can.
        pass.left = pass.left.saturating_sub(1);
        return Visited::Nothing;
    };
    pass.timeline.hold(placement, at, shape);
    pass.timeline.not_before(shape, at);
    pass.planned(id, at, placement);
    Visited::Given(rate(pass, placement))
}

fn claim(pass: &mut Pass, id: JobId, placement: Placement, victims: &[JobId]) {
    pass.plan.decisions.push(Decision::Claim { job: id, placement });
    for victim in victims.iter().filter_map(|v| pass.c.job(*v)) {
        let how =
            if victim.turn_mode() == TurnMode::Suspend { Stop::Suspend } else { Stop::Requeue };
        let reason = Reason::TurnOver { for_job: id };
        pass.stopping.insert(victim.id);
        pass.plan.decisions.push(Decision::Stop { job: victim.id, how, reason });
    }
}

fn array_is_full(pass: &Pass, shape: &Shape) -> bool {
    let Some((number, most)) = shape.batch else { return false };
    let active = pass.c.batches.get(&number).map_or(0, |b| b.active);
    let (first, last) = (JobId::single(number), JobId { number, task: Some(u32::MAX) });
    let claims = u32::try_from(pass.c.claims.range(first..=last).count()).unwrap_or(u32::MAX);
    let started = pass.started.get(&number).copied().unwrap_or(0);
    active.saturating_add(claims).saturating_add(started) >= most
}
