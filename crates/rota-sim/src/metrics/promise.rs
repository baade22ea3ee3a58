//! The promise: in a pool with `max_wait`, how long a grant waited for a turn. A grant waits while a job of it that has the
//! promise is ready and the grant holds nothing in the pool's ledger; as the plan counts it, from the job's submit or the
//! end of the last turn.

use super::flows::ledger_of;
use super::number::{Rank, count, span_percentile};
use super::walk::{Step, Watch};
use rota_core::cluster::Cluster;
use rota_core::id::{GrantId, JobId};
use rota_core::job::Job;
use rota_core::plan::promise::{Terms, is_promised, terms};
use rota_core::queue::Shape;
use rota_core::report::{Measure, Stretch, Target, Unit};
use rota_core::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A pool with a promise.
struct Promised {
    name: String,
    terms: Terms,
    max_wait: Span,
}

/// How often the promise of a pool was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The pool.
    pub pool: String,
    /// What was promised.
    pub max_wait: Span,
    /// Waits of grants that were no longer.
    pub kept: u64,
    /// Waits that were.
    pub broken: u64,
}

/// What a job does in a pool.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Holds,
    Waits,
}

/// A grant in a pool: jobs that hold, jobs that wait, and since when it waits.
#[derive(Default)]
struct Standing {
    holding: u32,
    waiting: u32,
    since: Option<Time>,
}

/// What a job does, pool by pool.
type Roles = Vec<(String, GrantId, Role)>;

/// All of it.
pub struct Promises {
    period: Stretch,
    pools: Vec<Promised>,
    jobs: BTreeMap<JobId, Roles>,
    grants: BTreeMap<(String, GrantId), Standing>,
    waits: BTreeMap<String, (Span, Vec<Span>)>,
}

impl Promises {
    /// For a period.
    pub fn new(period: Stretch) -> Promises {
        let (pools, jobs, grants, waits) = Default::default();
        Promises { period, pools, jobs, grants, waits }
    }

    /// Ends the reading: waits that go on count as long as they have lasted.
    pub fn finish(&mut self) {
        for ((pool, _), standing) in std::mem::take(&mut self.grants) {
            if let (Some(since), Some((_, waits))) = (standing.since, self.waits.get_mut(&pool)) {
                waits.push(self.period.until.since(since));
            }
        }
    }

    /// The longest wait in each pool that promises one.
    pub fn measures(&self) -> Vec<Measure> {
        let measure = |(pool, (max_wait, waits)): (&String, &(Span, Vec<Span>))| {
            let value = span_percentile(waits, Rank::Max).map(|span| span.0);
            let target = Some(Target::AtMost(max_wait.0));
            let measure = Measure::new("promise-max", Unit::Span, value, target);
            measure.of(pool).from_jobs(waits.len())
        };
        self.waits.iter().map(measure).collect()
    }

    /// The same as counts.
    pub fn kept(&self) -> Vec<Kept> {
        let one = |(pool, (max_wait, waits)): (&String, &(Span, Vec<Span>))| {
            let broken = waits.iter().filter(|wait| *wait > max_wait).count();
            let (pool, max_wait) = (pool.clone(), *max_wait);
            Kept { pool, max_wait, kept: count(waits.len() - broken), broken: count(broken) }
        };
        self.waits.iter().map(one).collect()
    }

    fn roles(&self, c: &Cluster, job: &Job) -> Roles {
        let grant = c.accounts.person(job.owner).grant;
        let role = |promised: &Promised| {
            let holds = job.holds().and_then(|place| c.nodes.get(&place.node));
            if let Some(node) = holds {
                let here = ledger_of(c, node.pool) == ledger_of(c, promised.terms.pool);
                return here.then_some(Role::Holds);
            }
            let waits = job.is_ready() && is_promised(c, &Shape::of(job), promised.terms);
            waits.then_some(Role::Waits)
        };
        let all = self.pools.iter().filter_map(|p| Some((p.name.clone(), grant, role(p)?)));
        all.collect()
    }

    /// Notes what a job does now, and which waits that begins or ends.
    fn change(&mut self, id: JobId, roles: Roles, at: Time) {
        let before = self.jobs.remove(&id).unwrap_or_default();
        if before == roles {
            if !roles.is_empty() {
                self.jobs.insert(id, roles);
            }
            return;
        }
        for (pool, grant, role) in &before {
            let standing = self.grants.entry((pool.clone(), *grant)).or_default();
            match role {
                Role::Holds => standing.holding = standing.holding.saturating_sub(1),
                Role::Waits => standing.waiting = standing.waiting.saturating_sub(1),
            }
        }
        for (pool, grant, role) in &roles {
            let standing = self.grants.entry((pool.clone(), *grant)).or_default();
            match role {
                Role::Holds => standing.holding += 1,
                Role::Waits => standing.waiting += 1,
            }
        }
        for (pool, grant, _) in before.into_iter().chain(roles.iter().cloned()) {
            self.look(pool, grant, at);
        }
        if !roles.is_empty() {
            self.jobs.insert(id, roles);
        }
    }

    fn look(&mut self, pool: String, grant: GrantId, at: Time) {
        let Some((_, waits)) = self.waits.get_mut(&pool) else { return };
        let Some(standing) = self.grants.get_mut(&(pool, grant)) else { return };
        let waits_now = standing.holding == 0 && standing.waiting > 0;
        match (standing.since, waits_now) {
            (None, true) => standing.since = Some(at),
            (Some(since), false) => {
                standing.since = None;
                let is_in = self.period.from <= at && at < self.period.until;
                if is_in && standing.holding > 0 {
                    waits.push(at.since(since));
                }
            }
            _ => {}
        }
    }
}

impl Watch for Promises {
    fn pass(&mut self, _c: &Cluster, _from: Time, _to: Time) {}

    fn job(&mut self, step: &Step) {
        if self.pools.is_empty() || step.goes_on() {
            return;
        }
        let roles = step.after.map_or(Vec::new(), |job| self.roles(step.c, job));
        self.change(step.id, roles, step.at);
    }

    fn all(&mut self, c: &Cluster, at: Time) {
        let turns = c.policy.turns.iter().filter_map(|turn| {
            let (pool, max_wait) = (c.policy.pool_named(&turn.pool)?, turn.max_wait?);
            let name = turn.pool.clone();
            Some(Promised { name, terms: terms(c, pool), max_wait })
        });
        self.pools = turns.collect();
        for promised in &self.pools {
            self.waits.entry(promised.name.clone()).or_default().0 = promised.max_wait;
        }
        if self.pools.is_empty() && self.jobs.is_empty() {
            return;
        }
        let known: Vec<JobId> = self.jobs.keys().chain(c.jobs.keys()).copied().collect();
        for id in known {
            let roles = c.job(id).map_or(Vec::new(), |job| self.roles(c, job));
            self.change(id, roles, at);
        }
    }
}
