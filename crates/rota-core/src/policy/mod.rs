//! What a site decides, in nine words: pool, share, claim, class, limit, budget, price, turn, idle; and `memory`, `charge`.
//!
//! Every knob says its unit, its default, and whom it hurts when it is wrong. Weights and factors are in thousandths.

pub mod idle;
pub mod price;
pub mod promise;
pub mod rights;
pub mod verify;
pub mod who;

use crate::calendar::{Period, When, Zone};
use crate::units::{Span, Time};
pub use idle::{Idle, Patience};
use price::Prices;
use serde::{Deserialize, Serialize};
use who::{Scope, Who};

/// All nine words, `memory` and `charge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// The site's name, for reports.
    pub site: String,
    /// What people call an A100 hour in reports. Default `A100-80GB hour`.
    pub unit: String,
    /// Local time of hours and dates in the policy. Default UTC. Wrong: nights and classes shift.
    pub zone: Zone,
    /// Half-life of past use in fair share (`memory`). Default 14 d. Too long: a busy month is never forgiven; too
    /// short: whoever waits with submitting gains.
    pub half_life: Span,
    /// What counts as use. Default what was allocated: what others were kept from.
    pub charge: Charge,
    /// How many waiting jobs, first in order, have a planned start that nobody may delay. Default 64. Too small: wide
    /// jobs far back may be passed often; too large: each pass costs more.
    pub reserved: u32,
    /// How long a job holds GPUs before it must let others in, where no `turns` says otherwise. Default 4 h. Too short:
    /// time is lost in switches; too long: everyone waits.
    pub turn: Span,
    /// 1: sets of nodes.
    pub pools: Vec<Pool>,
    /// 2: weights in the tree university > lab > grant > person. Default 1 each.
    pub shares: Vec<Share>,
    /// 3: rights to GPUs.
    pub claims: Vec<Claim>,
    /// 3: more weight for a time.
    pub boosts: Vec<Boost>,
    /// 4: kinds of job.
    pub classes: Vec<Class>,
    /// 5: never more than.
    pub limits: Vec<Limit>,
    /// 6: purses.
    pub budgets: Vec<Budget>,
    /// 7: what a GPU hour costs.
    pub prices: Prices,
    /// 8: turns and promises of pools.
    pub turns: Vec<Turn>,
    /// 9: GPUs held and not used.
    pub idle: Idle,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            site: String::new(),
            unit: "A100-80GB hour".into(),
            zone: Zone::default(),
            half_life: Span::hours(14 * 24),
            charge: Charge::Allocated,
            reserved: 64,
            turn: Span::hours(4),
            pools: Vec::new(),
            shares: Vec::new(),
            claims: Vec::new(),
            boosts: Vec::new(),
            classes: Vec::new(),
            limits: Vec::new(),
            budgets: Vec::new(),
            prices: Prices::default(),
            turns: Vec::new(),
            idle: Idle::default(),
        }
    }
}

/// What counts as use of a GPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charge {
    /// The time it was held.
    #[default]
    Allocated,
    /// The part of that time it worked. [`verify`] refuses it as long as nothing measures that.
    Used,
}

/// A set of nodes. A node in no pool belongs to the rest, which has the common ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Names of its nodes; `*` at the end of a name stands for any text.
    pub nodes: Vec<String>,
    /// Use here counts here alone: for scarce pools. Default no. Wrongly yes: heavy use elsewhere is forgiven here.
    #[serde(default)]
    pub own_ledger: bool,
    /// Nobody shares a GPU here. Default no. Wrongly yes: small jobs hold whole GPUs.
    #[serde(default)]
    pub whole_only: bool,
    /// Parts of GPUs here go through MPS, and nobody is beside another's. Default no. Wrongly yes: a fault in one job ends
    /// the others of that person on its GPU, and small jobs of many people fill many GPUs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mps: bool,
}

/// A weight among siblings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Whose.
    pub who: Who,
    /// Weight, in thousandths. Default 1000.
    pub share: u32,
    /// As if the line were not there from then on.
    #[serde(default)]
    pub until: Option<Time>,
}

/// A right to GPUs of a pool: of an owner, a class, a booking; always, at times, or in rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Whose. More than one take turns, each for `every`.
    pub who: Vec<Who>,
    /// How long each of several has it. Default one week.
    pub every: Span,
    /// The pool.
    pub pool: String,
    /// How many GPUs, in the order of the pool's nodes; none: all.
    pub gpus: Option<u32>,
    /// When.
    pub when: When,
    /// Who may use them while the holder does not.
    pub lend: Lend,
    /// How they come back. A job that cannot give way as the claim wants does not borrow.
    pub reclaim: Reclaim,
    /// How long a borrower may take to leave. Default 5 min. Too short: checkpoints are cut; too long: owners wait.
    pub grace: Span,
    /// Borrowers ask for at most this walltime.
    #[serde(default)]
    pub max_time: Option<Span>,
    /// Why it was given.
    #[serde(default)]
    pub why: String,
    /// Who approved it.
    #[serde(default)]
    pub approved_by: String,
}

/// Who may use claimed GPUs while their holder does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lend {
    /// Nobody.
    No,
    /// Whoever has a claim of their own somewhere.
    Owners,
    /// Everyone.
    All,
}

/// How lent GPUs come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reclaim {
    /// The borrower is suspended, or queued again if it asked for that.
    Suspend,
    /// The borrower is queued again.
    Requeue,
    /// The holder waits until the borrower ends.
    Wait,
}

/// More weight for a time: a deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boost {
    /// Whose weight.
    pub who: Who,
    /// Factor in thousandths.
    pub boost: u32,
    /// When.
    pub when: When,
    /// Why.
    #[serde(default)]
    pub why: String,
    /// Who approved it.
    #[serde(default)]
    pub approved_by: String,
}

/// A kind of job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Higher goes first; 0 borrows anything and gives way to all at once.
    pub rank: u8,
    /// Its jobs run only in these pools; none: anywhere.
    #[serde(default)]
    pub pools: Vec<String>,
    /// The longest walltime; also that of jobs that ask for none.
    #[serde(default)]
    pub max_time: Option<Span>,
    /// A person holds at most so many GPUs in it.
    #[serde(default)]
    pub gpus_per_person: Option<u32>,
    /// A person runs at most so many jobs in it.
    #[serde(default)]
    pub jobs_per_person: Option<u32>,
    /// Never stopped for others.
    #[serde(default)]
    pub protected: bool,
    /// How long its jobs may leave GPUs unused, instead of what the policy says for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<Patience>,
    /// Factor on prices in thousandths. Default 1000.
    pub price: u32,
    /// The class of jobs that name none.
    #[serde(default)]
    pub default: bool,
}

/// The class where a policy has none.
static PLAIN: Class = Class {
    name: String::new(),
    rank: 1,
    pools: Vec::new(),
    max_time: None,
    gpus_per_person: None,
    jobs_per_person: None,
    protected: false,
    idle: None,
    price: 1000,
    default: true,
};

/// Never more than.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Each of whom, or whose.
    pub who: Scope,
    /// Only what is held in this pool.
    #[serde(default)]
    pub pool: Option<String>,
    /// Only jobs of this class.
    #[serde(default)]
    pub class: Option<String>,
    /// GPUs at one time.
    #[serde(default)]
    pub gpus: Option<u32>,
    /// Jobs at one time.
    #[serde(default)]
    pub jobs: Option<u32>,
    /// GPUs of one job.
    #[serde(default)]
    pub gpus_per_job: Option<u32>,
    /// Walltime of one job.
    #[serde(default)]
    pub max_time: Option<Span>,
    /// Running GPUs × time they are still booked, in thousandths of a GPU-day.
    #[serde(default)]
    pub booked_gpu_days: Option<u32>,
}

/// A purse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Whose, or each of whom.
    pub who: Scope,
    /// Reference GPU hours for each period, in thousandths.
    pub gpu_hours: u64,
    /// The period.
    pub per: Period,
    /// What happens when it is spent.
    pub when_spent: WhenSpent,
    /// The part of the purse at which even spare use ends, in thousandths; none: never.
    #[serde(default)]
    pub stop_at: Option<u32>,
}

/// What happens when a purse is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenSpent {
    /// Jobs run as spare: rank 0, giving way to all.
    Spare,
    /// Nothing starts any more.
    Stop,
    /// Nothing: the purse is only shown.
    Show,
}

/// How long a job holds a scarce GPU, and how long nobody waits longer than.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The pool.
    pub pool: String,
    /// Length of a turn.
    pub slice: Span,
    /// Nobody with work waits longer for a turn; none: no promise.
    #[serde(default)]
    pub max_wait: Option<Span>,
}

/// A pool by its place in the policy, from 1; 0 is the rest.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct PoolId(pub u16);

impl Policy {
    /// The pool of a node.
    pub fn pool_of(&self, node: &str) -> PoolId {
        let at = self.pools.iter().position(|p| p.nodes.iter().any(|n| matches(n, node)));
        at.map_or(PoolId(0), pool_id)
    }

    /// The pool of a name.
    pub fn pool_named(&self, name: &str) -> Option<PoolId> {
        self.pools.iter().position(|p| p.name == name).map(pool_id)
    }

    /// The pool, unless it is the rest.
    pub fn pool(&self, id: PoolId) -> Option<&Pool> {
        self.pools.get(usize::from(id.0).checked_sub(1)?)
    }

    /// Name of a pool; empty for the rest.
    pub fn pool_name(&self, id: PoolId) -> &str {
        self.pool(id).map_or("", |p| p.name.as_str())
    }

    /// The pool in whose ledger use in a pool counts: itself, or the rest. A pool with a promise has its own, because use
    /// elsewhere is no turn there.
    pub fn ledger_of(&self, id: PoolId) -> PoolId {
        let promises = || self.turn_rule(id).is_some_and(|turn| turn.max_wait.is_some());
        if self.pool(id).is_some_and(|p| p.own_ledger) || promises() { id } else { PoolId(0) }
    }

    /// Length of a turn in a pool.
    pub fn turn_in(&self, id: PoolId) -> Span {
        self.turn_rule(id).map_or(self.turn, |t| t.slice)
    }

    /// The line about turns in a pool.
    pub fn turn_rule(&self, id: PoolId) -> Option<&Turn> {
        let name = &self.pool(id)?.name;
        self.turns.iter().find(|t| t.pool == *name)
    }

    /// The class of a job: the one it names, else the default, else the first, else one without limits.
    pub fn class(&self, name: Option<&str>) -> &Class {
        let named = self.classes.iter().find(|c| Some(c.name.as_str()) == name);
        let default = || self.classes.iter().find(|c| c.default).or(self.classes.first());
        named.or_else(default).unwrap_or(&PLAIN)
    }

    /// Whether nothing here lets a job be stopped before its turn is over.
    pub fn is_plain(&self) -> bool {
        self.claims.is_empty() && self.budgets.is_empty() && self.classes.iter().all(|c| c.rank > 0)
    }

    /// Puts a node into its pool, at the price of its model.
    pub(crate) fn price(&self, state: &mut crate::node::NodeState) {
        state.pool = self.pool_of(&state.node.name);
        let slice = state.node.slice.as_ref();
        let whole = slice.and_then(|slice| Some(slice.price(*self.prices.models.get(&slice.of)?)));
        let inventory = whole.unwrap_or(state.node.price);
        state.price = self.prices.of(state.node.model.as_deref(), inventory);
        state.speed = state.node.model.as_deref().map_or(1000, |m| self.prices.speed(m));
    }
}

fn pool_id(at: usize) -> PoolId {
    PoolId(u16::try_from(at + 1).expect("fewer than 65,535 pools"))
}

/// Whether a node's name is the pattern, or begins as it does before `*`.
pub(crate) fn matches(pattern: &str, node: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == node, |start| node.starts_with(start))
}
