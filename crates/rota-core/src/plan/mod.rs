//! `plan`: the ordered passes on one screen. Never changes the cluster.
//!
//! 1. [`walltime`]: warn and stop what reached its walltime; end what can never start. [`begin`]: line up whose time has
//!    come.
//! 2. [`booking`]: bookings begin and end; [`idle`]: people whose GPUs do nothing are told.
//! 3. [`keep`]: start jobs for which room was made; on lent GPUs only after their holders were asked.
//! 4. [`order`]: visit waiting jobs in the order of turns: holders of claims ([`claim`]), promises about to break
//!    ([`promise`]), then by class, share ([`fairshare`]) and age, as far as purses ([`budget`]) and limits ([`limit`])
//!    allow. Each starts now, or takes the turn of another ([`turn`]), or gets a planned start that nobody behind it may
//!    delay ([`place`], [`timeline`]).

mod begin;
pub mod booking;
pub mod budget;
pub mod claim;
mod cursor;
pub mod explain;
pub mod fairshare;
pub mod gang;
mod holder;
pub mod idle;
pub mod keep;
pub mod limit;
pub mod near;
mod open;
pub mod order;
pub mod owed;
pub mod pack;
mod part;
pub mod place;
pub mod probe;
pub mod promise;
pub mod timeline;
pub mod turn;
pub mod variant;
pub mod walltime;
pub mod why;

use crate::cluster::Cluster;
use crate::decision::{Decision, Plan, PlannedStart, Reason};
use crate::id::{JobId, NodeId, PersonId};
use crate::job::Placement;
use crate::node::NodeState;
use crate::policy::PoolId;
use crate::queue::Shape;
use crate::units::{Mib, Span, Time};
use keep::Ground;
use order::{Asked, Last, Level};
pub use probe::start_of;
use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
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

/// The decisions of [`plan`], for those who play on and show nobody a planned start: it has none, and is done as soon as
/// nothing more can be decided. It may wake at other moments than [`plan`], at which that decides nothing: a cluster comes to
/// the same with either.
pub fn decide(c: &Cluster, now: Time) -> Plan {
    let mut pass = Pass::new(c, now, c.policy.reserved);
    pass.wanted = Wanted::Decisions;
    run(&mut pass);
    Plan { starts: BTreeMap::new(), ..pass.finish() }
}

fn pass(c: &Cluster, now: Time, reserved: u32) -> Plan {
    let mut pass = Pass::new(c, now, reserved);
    run(&mut pass);
    pass.finish()
}

/// What a pass is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Decisions and planned starts.
    All,
    /// Decisions alone.
    Decisions,
}

fn run(pass: &mut Pass) {
    walltime::end_what_cannot_start(pass);
    walltime::warn_and_stop_at_the_walltime(pass);
    begin::line_up(pass);
    booking::begin_and_end(pass);
    idle::tell(pass);
    keep::start_where_room_was_made(pass, Ground::Own);
    order::visit_holders(pass);
    keep::start_where_room_was_made(pass, Ground::Lent);
    order::visit(pass);
}

/// A plan in the making.
#[derive(Clone)]
pub(crate) struct Pass<'c> {
    c: &'c Cluster,
    now: Time,
    timeline: Timeline<'c>,
    fair: fairshare::Keys<'c>,
    /// Nodes that are up, by number.
    up: Rc<[Option<&'c NodeState>]>,
    /// The ledger of each pool.
    ledgers: Rc<[PoolId]>,
    plan: Plan,
    wanted: Wanted,
    /// Holders and promises were served: from now on jobs are visited in order.
    in_order: bool,
    /// What may still be decided.
    open: open::Open<'c>,
    /// Planned starts that may still be given out.
    left: u32,
    /// Only one job's start is asked for.
    question: Option<probe::Question<'c>>,
    /// Place of the next job in the order of turns.
    place: u32,
    /// Jobs that this plan stops.
    stopping: BTreeSet<JobId>,
    /// Tasks of limited arrays that this plan starts.
    started: BTreeMap<u64, u32>,
    /// Jobs that this plan starts.
    placed: BTreeSet<JobId>,
    /// Where this plan asks others to make room.
    taken: Vec<Placement>,
    /// Jobs planned in a pool because of its promise, which may start elsewhere before.
    promised: BTreeSet<JobId>,
    limits: limit::Limits,
    /// Whether what fits depends on whose job it is.
    personal: bool,
    /// Whether something may still start now, once planned starts are all given out; asked at most once.
    hope: Option<bool>,
    /// Shapes that were found not to fit now; room only shrinks during a pass.
    cannot_now: BTreeSet<(usize, Grounds)>,
    /// The usual requests by model and memory of a GPU; copies share what is found with them.
    usual: BTreeMap<(Option<String>, Mib), Rc<RefCell<pack::Usual>>>,
    /// Running jobs of the nodes that were looked at, by number of the node.
    holders: Vec<Option<Rc<[holder::Holder<'c>]>>>,
    /// Whose turns the job that is visited may take.
    verdicts: turn::verdict::Verdicts,
    wake: Time,
}

/// Nodes that are up, by number.
fn by_number(c: &Cluster) -> Vec<Option<&NodeState>> {
    let most = c.nodes.keys().next_back().map_or(0, |last| last.0 as usize + 1);
    let mut nodes = vec![None; most];
    for node in c.nodes.values().filter(|node| node.up) {
        nodes[node.node.id.0 as usize] = Some(node.as_ref());
    }
    nodes
}

/// Which shape: equal ones are one copy ([`Cluster::shapes`]).
pub(crate) fn which(shape: &Arc<Shape>) -> usize {
    Arc::as_ptr(shape).addr()
}

/// Where a job was looked at, and for whom, where that makes a difference.
type Grounds = (Option<PersonId>, u8, PoolId);

impl<'c> Pass<'c> {
    fn new(c: &'c Cluster, now: Time, reserved: u32) -> Pass<'c> {
        let limits = limit::Limits::new(c);
        let apart = c.policy.pools.iter().any(|pool| pool.mps);
        let claimed = !c.policy.claims.is_empty() || !c.bookings.is_empty();
        let personal = !limits.is_empty() || claimed || apart;
        let pools = (0u16..).take(c.policy.pools.len() + 1);
        Pass {
            c,
            now,
            timeline: Timeline::new(c, now, personal),
            fair: fairshare::Keys::new(c, now),
            up: by_number(c).into(),
            ledgers: pools.map(|pool| c.policy.ledger_of(PoolId(pool))).collect(),
            plan: Plan::default(),
            wanted: Wanted::All,
            in_order: false,
            open: open::Open::default(),
            left: reserved,
            question: None,
            place: 0,
            stopping: BTreeSet::new(),
            started: BTreeMap::new(),
            placed: BTreeSet::new(),
            taken: Vec::new(),
            promised: BTreeSet::new(),
            limits,
            personal,
            hope: None,
            cannot_now: BTreeSet::new(),
            usual: BTreeMap::new(),
            holders: Vec::new(),
            verdicts: turn::verdict::Verdicts::default(),
            wake: Time::FAR,
        }
    }

    /// Whether all that was asked for is planned.
    fn is_done(&mut self) -> bool {
        let is_planned = self.question.as_ref().is_some_and(|q| self.placed.contains(&q.job));
        is_planned || !open::may_decide(self)
    }

    /// A node, if it is up.
    fn node(&self, id: NodeId) -> Option<&'c NodeState> {
        self.up.get(id.0 as usize).copied().flatten()
    }

    /// The pool in whose ledger use in a pool counts.
    fn ledger_of(&self, pool: PoolId) -> PoolId {
        self.ledgers.get(usize::from(pool.0)).copied().unwrap_or_default()
    }

    fn wake_at(&mut self, at: Time) {
        self.wake = self.wake.min(at);
    }

    fn start(&mut self, job: JobId, shape: &Shape, placement: Placement, reason: Reason) {
        if let Some(known) = self.c.job(job) {
            self.timeline.hold(&placement, self.now, (shape, known.owner));
        }
        self.placed.insert(job);
        self.promised.remove(&job);
        self.plan.starts.remove(&job);
        self.count_held(job, shape, &placement);
        if let Some((number, _)) = shape.batch {
            *self.started.entry(number).or_default() += 1;
        }
        self.plan.decisions.push(Decision::Start { job, placement, reason });
    }

    /// The earliest room later: a holder of a claim waits for it only where they agreed to.
    fn later(&mut self, asked: &Asked) -> Option<place::Found> {
        match asked.level {
            Level::Claim => claim::when_borrowers_end(self, asked),
            Level::Promise(_) | Level::Order(..) => place::later(self, asked),
        }
    }

    /// Counts under its limits what a job is given now, or is kept.
    fn count_held(&mut self, job: JobId, shape: &Shape, placement: &Placement) {
        if self.limits.is_empty() {
            return;
        }
        let pool = self.c.nodes.get(&placement.node).map_or(PoolId(0), |n| n.pool);
        if let Some(known) = self.c.job(job) {
            self.limits.add(self.c, self.now, known.owner, shape, pool);
        }
    }

    /// Whether no limit keeps a job from starting in a pool now. Where time alone will help, the plan wakes then.
    fn is_allowed(&mut self, asked: &Asked, pool: PoolId) -> bool {
        if self.limits.is_empty() {
            return true;
        }
        let refusal = self.limits.refuses(self.c, self.now, asked, pool);
        if let Some(at) = refusal.as_ref().and_then(|r| r.until) {
            self.wake_at(at.max(self.now.after(Span::seconds(1))));
        }
        refusal.is_none()
    }

    fn grounds(&self, asked: &Asked) -> Grounds {
        let (level, pool) = match asked.level {
            Level::Claim => (0, PoolId(0)),
            Level::Promise(pool) => (1, pool),
            Level::Order(lane, Last::No) => (2, lane),
            Level::Order(_, Last::Yes) => (3, PoolId(0)),
        };
        (Some(asked.person).filter(|_| self.personal), level, pool)
    }

    fn cannot_now(&self, asked: &Asked) -> bool {
        self.cannot_now.contains(&(which(asked.shape), self.grounds(asked)))
    }

    fn note_cannot_now(&mut self, asked: &Asked) {
        self.cannot_now.insert((which(asked.shape), self.grounds(asked)));
    }

    fn planned(&mut self, job: JobId, level: Level, at: Time, placement: Placement) {
        self.placed.insert(job);
        if matches!(level, Level::Promise(_)) && at > self.now {
            self.promised.insert(job);
        }
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
        let changes = [claim::next_change, budget::next_change, fairshare::next_change];
        let changes = changes.map(|next_change| next_change(self.c, self.now));
        changes.into_iter().flatten().for_each(|at| self.wake_at(at));
        self.plan.wake_at = Some(self.wake).filter(|at| *at < Time::FAR);
        self.plan
    }
}
