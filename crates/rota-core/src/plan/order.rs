//! The order of turns: 1. holders of claims on what they claim; 2. promises about to break; 3. rank of the class; 4. the lab
//! that used least for its share, in it the grant, in it the person, in the ledger of the pool; 5. the oldest job.
//!
//! Each job visited starts, or makes room by turns, or gets a planned start; then its people's keys grow and the next is
//! chosen. A job that accepts pools of several ledgers is visited in each, cheap ones first, and planned in the last.

use super::budget::{Standing, standing};
use super::cursor::Cursor;
use super::fairshare::Given;
use super::place::Found;
use super::turn::Cause;
use super::{Pass, claim, place, probe, promise, turn};
use crate::cluster::Cluster;
use crate::decision::{Decision, Reason};
use crate::id::{GrantId, JobId, LabId, PersonId};
use crate::job::{Placement, Stop, TurnMode};
use crate::policy::PoolId;
use crate::queue::Shape;
use crate::units::{Span, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A job that is visited: whose, what, and on which grounds.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Whose.
    pub person: PersonId,
    /// What.
    pub shape: &'a Arc<Shape>,
    /// Rank of its class; 0 if it runs as spare.
    pub rank: u8,
    /// On which grounds.
    pub level: Level,
}

/// Grounds of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// A claim: only what it claims.
    Claim,
    /// A promise about to break: only this pool.
    Promise(PoolId),
    /// Its place in order: only pools whose use counts in this ledger; all of them, if it is the last.
    Order(PoolId, Last),
}

/// Whether a ledger is the last in which a job is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Last {
    /// It is.
    Yes,
    /// Another comes: only a start at once will do here.
    No,
}

/// A grant's people with jobs left to visit, by (key, oldest job); a lab's grants likewise.
type People = BTreeSet<(u128, (Time, JobId), PersonId)>;
type Grants = BTreeSet<(u128, (Time, JobId), GrantId)>;

/// What a visit did.
pub(super) enum Visited {
    /// It was given something now or later.
    Given,
    /// It was given nothing, nor will others of its shape be.
    Nothing,
}

/// How the people with waiting jobs stand with their purses.
struct Standings<'c> {
    c: &'c Cluster,
    of: BTreeMap<PersonId, Standing>,
}

impl<'c> Standings<'c> {
    fn new(pass: &Pass<'c>) -> Standings<'c> {
        let (c, now) = (pass.c, pass.now);
        Standings { c, of: c.queue.keys().map(|p| (*p, standing(c, *p, now))).collect() }
    }

    /// Rank of a job; none if it may not start at all.
    fn rank(&self, person: PersonId, shape: &Shape) -> Option<u8> {
        match self.of.get(&person)? {
            Standing::Good => Some(self.c.policy.class(shape.class.as_deref()).rank),
            Standing::Spare => Some(0),
            Standing::Stopped => None,
        }
    }
}

/// Visits waiting jobs in the order of turns until nothing more can be given.
pub(super) fn visit(pass: &mut Pass) {
    let c = pass.c;
    let stands = Standings::new(pass);
    visit_promised(pass, &stands);
    let mut ranks: BTreeSet<u8> = c.policy.classes.iter().map(|class| class.rank).collect();
    ranks.insert(if c.policy.classes.is_empty() { 1 } else { 0 });
    ranks.extend(stands.of.values().any(|s| *s == Standing::Spare).then_some(0));
    pass.in_order = true;
    let lanes = place::lanes(c);
    for rank_now in ranks.into_iter().rev() {
        for lane in &lanes {
            if pass.is_done() {
                return;
            }
            let wanted = |person: PersonId, shape: &Shape| {
                stands.rank(person, shape) == Some(rank_now)
                    && place::is_visited_in(c, shape, &lanes, *lane)
            };
            let cursors = c.queue.iter().map(|(p, all)| (*p, Cursor::new(*p, all, &wanted)));
            let level = |shape: &Shape| {
                let last = place::is_last_in(c, shape, &lanes, *lane);
                Level::Order(*lane, if last { Last::Yes } else { Last::No })
            };
            in_turn(pass, cursors.collect(), *lane, &|_, shape| (rank_now, level(shape)));
        }
    }
}

/// Visits the jobs of those who hold claims, on what they claim.
pub(super) fn visit_holders(pass: &mut Pass) {
    let c = pass.c;
    let holders = claim::holders(c, pass.now);
    if holders.is_empty() {
        return;
    }
    let stands = Standings::new(pass);
    let may = |person: PersonId, shape: &Shape| stands.rank(person, shape).is_some();
    let holders = holders.into_iter();
    let cursors = holders.filter_map(|p| Some((p, Cursor::new(p, c.queue.get(&p)?, &may))));
    in_turn(pass, cursors.collect(), PoolId(0), &|person, shape| {
        (stands.rank(person, shape).unwrap_or(0), Level::Claim)
    });
}

fn visit_promised(pass: &mut Pass, stands: &Standings) {
    let c = pass.c;
    let mut waits = promise::waits(c, pass.now);
    // Who may use any of the pool takes what is left: it, too, is asked for in time.
    waits.sort_by_key(|wait| Reverse(wait.not_for_it));
    for wait in waits {
        if wait.urgent > pass.now {
            pass.wake_at(wait.urgent);
            continue;
        }
        let terms = promise::terms(c, wait.pool);
        let theirs = c.queue.iter().filter(|(p, _)| c.accounts.person(**p).grant == wait.grant);
        let promised = |person: PersonId, shape: &Shape| {
            stands.rank(person, shape).is_some() && promise::is_promised(c, shape, terms)
        };
        let cursors = theirs.map(|(p, all)| (*p, Cursor::new(*p, all, &promised)));
        let mut cursors: BTreeMap<PersonId, Cursor> = cursors.collect();
        let lane = c.policy.ledger_of(wait.pool);
        let next = cursors.keys().copied().min_by_key(|p| pass.fair.person(*p, lane));
        if let Some((person, cursor)) = next.and_then(|p| Some((p, cursors.get_mut(&p)?))) {
            visit_next(pass, person, cursor, &|_, _| (u8::MAX, Level::Promise(wait.pool)));
        }
    }
}

/// Rank and level of a person's shape.
type Grounds<'a> = &'a dyn Fn(PersonId, &Shape) -> (u8, Level);

/// Visits jobs, each time of the lab, grant and person whose key in a ledger is the smallest.
fn in_turn<'c>(
    pass: &mut Pass<'c>,
    mut cursors: BTreeMap<PersonId, Cursor<'c, '_>>,
    lane: PoolId,
    grounds: Grounds,
) {
    let (mut grants, mut labs) =
        (BTreeMap::<GrantId, People>::new(), BTreeMap::<LabId, Grants>::new());
    let accounts = &pass.c.accounts;
    for (person, cursor) in &mut cursors {
        let Some(first) = cursor.first() else { continue };
        let grant = grants.entry(accounts.person(*person).grant).or_default();
        grant.insert((pass.fair.person(*person, lane), first, *person));
    }
    for (grant, people) in &grants {
        let Some((_, first, _)) = people.first() else { continue };
        let lab = labs.entry(accounts.grant(*grant).lab).or_default();
        lab.insert((pass.fair.grant(*grant, lane), *first, *grant));
    }
    let mut order: BTreeSet<(u128, (Time, JobId), LabId)> = labs
        .iter()
        .filter_map(|(lab, grants)| Some((pass.fair.lab(*lab, lane), grants.first()?.1, *lab)))
        .collect();
    while let Some((_, _, lab)) = order.pop_first() {
        if pass.is_done() || (pass.left == 0 && !may_start(pass, lane)) {
            return;
        }
        let Some(of_lab) = labs.get_mut(&lab) else { continue };
        let Some((_, _, grant)) = of_lab.pop_first() else { continue };
        let Some(people) = grants.get_mut(&grant) else { continue };
        let Some((_, _, person)) = people.pop_first() else { continue };
        let Some(cursor) = cursors.get_mut(&person) else { continue };
        let soon = pass.now.after(Span::seconds(1));
        if pass.left > 0 && pass.wake > soon {
            let (fair, until) = (&pass.fair, (lane, pass.wake));
            let changes = [
                fair.lab_changes(lab, order.iter().map(|(_, _, next)| *next), until),
                fair.grant_changes(grant, of_lab.iter().map(|(_, _, next)| *next), until),
                fair.person_changes(person, people.iter().map(|(_, _, next)| *next), until),
            ];
            changes.into_iter().flatten().for_each(|at| pass.wake_at(at.max(soon)));
        }
        visit_next(pass, person, cursor, grounds);
        if let Some(first) = cursor.first() {
            people.insert((pass.fair.person(person, lane), first, person));
        }
        if let Some((_, first, _)) = people.first() {
            of_lab.insert((pass.fair.grant(grant, lane), *first, grant));
        }
        if let Some((_, first, _)) = of_lab.first() {
            order.insert((pass.fair.lab(lab, lane), *first, lab));
        }
    }
}

/// Whether any job may start now that no more starts are planned: there are fewer shapes than people who wait.
fn may_start(pass: &mut Pass, lane: PoolId) -> bool {
    let c = pass.c;
    let Some(person) = c.queue.keys().next().copied().filter(|_| !pass.personal) else {
        return true;
    };
    if place::lanes(c).len() > 1 {
        return true;
    }
    if let Some(known) = pass.hope {
        return known;
    }
    let hope = c.shapes.keys().any(|shape| {
        let asked = Asked { person, shape, rank: 1, level: Level::Order(lane, Last::Yes) };
        if array_is_full(pass, shape) || pass.cannot_now(&asked) {
            return false;
        }
        let fits = place::now(pass, &asked).is_some();
        if !fits {
            pass.note_cannot_now(&asked);
        }
        fits
    });
    pass.hope = Some(hope);
    hope
}

/// Visits jobs of one person until one was given something.
fn visit_next<'c>(
    pass: &mut Pass<'c>,
    person: PersonId,
    cursor: &mut Cursor<'c, '_>,
    grounds: Grounds,
) {
    while let Some((head, (shape, rest))) = cursor.pop() {
        let placed = pass.placed.contains(&head.1) && !pass.promised.contains(&head.1);
        let done = placed || pass.c.kept.contains_key(&head.1);
        if done || pass.c.broken.contains_key(&head.1) {
            cursor.advance(shape, rest);
            continue;
        }
        let (rank, level) = grounds(person, shape);
        if let Visited::Given = visit_job(pass, head.1, shape, Asked { person, shape, rank, level })
        {
            cursor.advance(shape, rest);
            return;
        }
    }
}

pub(super) fn visit_job<'c>(
    pass: &mut Pass<'c>,
    id: JobId,
    shape: &'c Arc<Shape>,
    asked: Asked<'c>,
) -> Visited {
    probe::ask(pass, id, &asked);
    if array_is_full(pass, shape) {
        return Visited::Nothing;
    }
    pass.place = pass.place.saturating_add(1);
    if !pass.cannot_now(&asked) {
        if let Some(placement) = place::now(pass, &asked) {
            let behind = pass.plan.starts.values().any(|p| p.at > pass.now);
            let reason = match asked.level {
                Level::Claim => Reason::OwnClaim,
                Level::Promise(_) => Reason::Promise,
                Level::Order(..) if behind => Reason::Backfill,
                Level::Order(..) => Reason::InOrder,
            };
            pass.give(&asked, &placement, Given::Now);
            pass.start(id, shape, placement, reason);
            return Visited::Given;
        }
        pass.note_cannot_now(&asked);
    }
    if pass.promised.contains(&id) {
        pass.place -= 1;
        return Visited::Given;
    }
    if pass.left == 0 || matches!(asked.level, Level::Order(_, Last::No)) {
        pass.place -= 1;
        return Visited::Nothing;
    }
    let later = pass.later(&asked);
    let before = later.as_ref().map_or(Time::FAR, |found| found.at);
    if let Some(room) = turn::room_for(pass, &asked, before) {
        make_room(pass, id, &asked, room);
        return Visited::Given;
    }
    let Some(Found { at, placement }) = later else {
        // Nothing known will make room: only an event can.
        let counts = u32::from(asked.level != Level::Claim);
        pass.left = pass.left.saturating_sub(counts);
        return Visited::Nothing;
    };
    pass.timeline.hold(&placement, at, (shape, asked.person));
    pass.timeline.not_before(&asked, at);
    pass.give(&asked, &placement, Given::Later);
    pass.planned(id, asked.level, at, placement);
    Visited::Given
}

/// Plans a start where others will make room; if their time is over, asks them to.
fn make_room(pass: &mut Pass, id: JobId, asked: &Asked, room: turn::Room) {
    let (at, placement) = (room.at, room.placement);
    let now = at <= pass.now;
    // Who is asked to stop holds all it has for a moment longer: nobody starts on it in this pass.
    let freed = if now { pass.now.after(Span::seconds(1)) } else { at };
    let victims: Vec<JobId> = room.victims.iter().map(|v| v.job).collect();
    pass.timeline.cut(&victims, freed);
    pass.timeline.hold(&placement, freed, (asked.shape, asked.person));
    pass.give(asked, &placement, if now { Given::Now } else { Given::Later });
    pass.planned(id, asked.level, at.max(pass.now), placement.clone());
    if !now {
        return;
    }
    pass.count_held(id, asked.shape, &placement);
    pass.taken.push(placement.clone());
    if let Some((number, _)) = asked.shape.batch {
        *pass.started.entry(number).or_default() += 1;
    }
    pass.plan.decisions.push(Decision::Keep { job: id, placement });
    for victim in room.victims {
        let Some(job) = pass.c.job(victim.job) else { continue };
        let by_mode = match pass.c.mode(job) {
            TurnMode::Suspend => Stop::Suspend,
            _ => Stop::Requeue,
        };
        pass.stopping.insert(victim.job);
        pass.plan.decisions.push(Decision::Stop {
            job: victim.job,
            how: victim.cause.recall().map_or(by_mode, |r| r.how),
            grace: match victim.cause.recall() {
                Some(recall) => Some(recall.grace),
                None => claim::grace(pass.c, pass.now, job),
            },
            reason: match victim.cause {
                Cause::Recall(_) => Reason::Reclaimed { for_job: id },
                Cause::Spare => Reason::GaveWay { for_job: id },
                Cause::Idle => Reason::Idle { for_job: id },
                Cause::Turn => Reason::TurnOver { for_job: id },
            },
        });
    }
}

pub(super) fn array_is_full(pass: &Pass, shape: &Shape) -> bool {
    let Some((number, most)) = shape.batch else { return false };
    let active = pass.c.batches.get(&number).map_or(0, |b| b.active);
    let (first, last) = (JobId::single(number), JobId { number, task: Some(u32::MAX) });
    let kept = u32::try_from(pass.c.kept.range(first..=last).count()).unwrap_or(u32::MAX);
    let started = pass.started.get(&number).copied().unwrap_or(0);
    active.saturating_add(kept).saturating_add(started) >= most
}

impl Pass<'_> {
    /// Counts what a job is given, now or later, for its people.
    fn give(&mut self, asked: &Asked, at: &Placement, given: Given) {
        let node = self.c.nodes.get(&at.node);
        let (price, pool) = node.map_or((0, PoolId(0)), |n| (n.price, n.pool));
        let shape = asked.shape;
        let cpus = shape.cpus.saturating_mul(shape.nodes);
        let gpus = node.map_or(0, |n| self.c.thousandths(shape.all_gpus(), shape.gpu_mem, n));
        let rate = self.c.rate_of(gpus, price, cpus, shape.class.as_deref());
        if given == Given::Now {
            self.open.changed();
        }
        self.fair.charge(asked.person, (self.ledger_of(pool), rate), given);
    }
}
