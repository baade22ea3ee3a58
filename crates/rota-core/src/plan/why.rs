//! Why a job waits, in the words of the order of turns: claim, promise, class, share, age; compared with whoever of others
//! is next before it.

use super::budget::{Standing, standing};
use super::owed::{Owed, Tier, owed, tier};
use super::place::accepts;
use super::{claim, promise};
use crate::cluster::{Cluster, RoomKey};
use crate::decision::Plan;
use crate::id::JobId;
use crate::job::Job;
use crate::policy::PoolId;
use crate::queue::Shape;
use crate::shares::shares;
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where a job stands in the order, and on which grounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "because")]
pub enum Ground {
    /// Nobody else is before it: it only waits for room.
    First,
    /// Another holds a claim on what it will get.
    Claim {
        /// The other.
        ahead: JobId,
        /// Whose it is.
        who: String,
    },
    /// A promise would else be broken.
    Promise {
        /// The other.
        ahead: JobId,
        /// Whose it is.
        who: String,
        /// When the promise would be broken.
        deadline: Time,
    },
    /// The budget of its people is spent: it goes as spare.
    Spare {
        /// The other.
        ahead: JobId,
    },
    /// Another class goes first.
    Class {
        /// The other.
        ahead: JobId,
        /// Its class.
        theirs: String,
        /// This one's class.
        ours: String,
    },
    /// Others are owed more.
    Share {
        /// The other.
        ahead: JobId,
        /// The level at which they are compared.
        tier: Tier,
        /// The pool whose ledger counts; empty: the common one.
        pool: String,
        /// How the others stand.
        theirs: Owed,
        /// How this one's people stand.
        ours: Owed,
    },
    /// The other is older.
    Age {
        /// The other.
        ahead: JobId,
        /// When it was submitted.
        submitted: Time,
    },
}

/// On which grounds a job stands behind the next job of others; none, if it is in no order: it is held, or depends on others.
pub fn ground(c: &Cluster, outlook: &Plan, now: Time, id: JobId) -> Option<Ground> {
    let job = c.job(id).filter(|job| job.is_ready())?;
    let place = outlook.starts.get(&id).map_or(u32::MAX, |start| start.place);
    let before = outlook.starts.iter().filter(|(_, start)| start.place < place);
    let before = before.filter_map(|(other, start)| Some((start.place, c.job(*other)?)));
    let pools = pools(c, job);
    let before =
        before.filter(|(_, other)| self::pools(c, other).iter().any(|p| pools.contains(p)));
    let of_others = before.clone().filter(|(_, other)| other.owner != job.owner);
    let next = of_others.max_by_key(|(place, _)| *place);
    Some(match next.or(before.max_by_key(|(place, _)| *place)) {
        None => Ground::First,
        Some((_, ahead)) => compare(c, now, job, ahead),
    })
}

fn compare(c: &Cluster, now: Time, job: &Job, other: &Job) -> Ground {
    let ahead = other.id;
    let name = |job: &Job| {
        let account = c.accounts.account(job.owner);
        format!("{}/{}", account.lab, account.person)
    };
    let holds = |of: &Job| claim::holds_in(c, now, of.owner, &pools(c, job));
    if holds(other) && !holds(job) {
        return Ground::Claim { ahead, who: name(other) };
    }
    let grant = |job: &Job| c.accounts.person(job.owner).grant;
    let urgent = promise::waits(c, now).into_iter().find(|w| w.grant == grant(other));
    if let Some(wait) = urgent.filter(|w| w.urgent <= now && w.grant != grant(job)) {
        return Ground::Promise { ahead, who: name(other), deadline: wait.deadline };
    }
    let class = |job: &Job| c.policy.class(job.spec.class.as_deref());
    let is_poor = |job: &Job| standing(c, job.owner, now) != Standing::Good;
    if is_poor(job) && !is_poor(other) {
        return Ground::Spare { ahead };
    }
    if class(job).rank != class(other).rank {
        let (theirs, ours) = (class(other).name.clone(), class(job).name.clone());
        return Ground::Class { ahead, theirs, ours };
    }
    match tier(c, job.owner, other.owner) {
        None => Ground::Age { ahead, submitted: other.in_line_since() },
        Some(tier) => {
            let lane = lane(c, job);
            let (pool, shares) = (c.policy.pool_name(lane).to_owned(), shares(c, now));
            let of = |job: &Job| owed(c, &shares, &pool, job.owner, tier);
            let (theirs, ours) = (of(other), of(job));
            Ground::Share { ahead, tier, pool, theirs, ours }
        }
    }
}

/// The pools, with the models there, that a job may go to.
fn pools<'c>(c: &'c Cluster, job: &Job) -> BTreeSet<&'c RoomKey> {
    let shape = Shape::of(job);
    c.rooms.keys().filter(|key| accepts(c, &shape, key)).collect()
}

/// The ledger in which a job's turn is decided.
fn lane(c: &Cluster, job: &Job) -> PoolId {
    let shape = Shape::of(job);
    let lanes = super::place::lanes(c);
    let open = |lane: &&PoolId| {
        c.rooms.keys().any(|key| c.policy.ledger_of(key.0) == **lane && accepts(c, &shape, key))
    };
    lanes.iter().rev().find(open).copied().unwrap_or_default()
}
