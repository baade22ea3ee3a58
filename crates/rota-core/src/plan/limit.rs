//! Never more than: GPUs, jobs and booked GPU-days that a person, lab or grant holds at one time.

use super::order::Asked;
use crate::cluster::{Cluster, Holding};
use crate::decision::Blocker;
use crate::id::{JobId, PersonId};
use crate::job::Job;
use crate::policy::who::{Account, Scope, Who};
use crate::policy::{Limit, PoolId};
use crate::queue::Shape;
use crate::units::{Span, Thousandths, Time};
use std::collections::BTreeMap;

/// Milliseconds × thousandths of a GPU in a thousandth of a GPU-day.
const MICRO_DAY: u128 = 86_400_000;

/// Of each job a fraction of a GPU is rounded up by less than a thousandth, so that seven sevenths are one GPU; so much is
/// let go for each GPU.
const ROUNDED: u32 = 10;

/// What is held under each limit, counted when first asked for, and what this pass adds.
#[derive(Clone, Default)]
pub(crate) struct Limits {
    all: Vec<Limit>,
    held: BTreeMap<(usize, Who), Holding>,
    /// Jobs beyond their walltimes, by pool, found when first asked for.
    overdue: Option<Vec<(PoolId, JobId)>>,
}

/// Why a limit refuses, and when it would no longer, if time alone helps.
pub(crate) struct Refusal {
    /// In words of the policy.
    pub blocker: Blocker,
    /// When.
    pub until: Option<Time>,
}

impl Limits {
    /// The limits of a policy, those of its classes included.
    pub fn new(c: &Cluster) -> Limits {
        let of_class = c.policy.classes.iter().flat_map(|class| {
            let limit = Limit {
                who: Scope::EachPerson,
                pool: None,
                class: Some(class.name.clone()),
                gpus: class.gpus_per_person,
                jobs: class.jobs_per_person,
                gpus_per_job: None,
                max_time: None,
                booked_gpu_days: None,
            };
            (limit.gpus.is_some() || limit.jobs.is_some()).then_some(limit)
        });
        let all = c.policy.limits.iter().cloned().chain(of_class).collect();
        Limits { all, ..Limits::default() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The first limit that keeps a job from starting in a pool now.
    pub fn refuses(
        &mut self,
        c: &Cluster,
        now: Time,
        asked: &Asked,
        pool: PoolId,
    ) -> Option<Refusal> {
        let account = c.accounts.account(asked.person);
        (0..self.all.len()).find_map(|at| {
            let limit =
                self.all.get(at).filter(|l| concerns(c, l, asked.shape.class.as_deref(), pool))?;
            let who = limit.who.one_of(account)?;
            let limit = limit.clone();
            let held = *self.held((c, now), at, &limit, &who);
            let asks = Asks::of(c, asked.shape, pool);
            judge(c, now, &limit, &held, &asks).map(|(what, most, used, until)| Refusal {
                blocker: Blocker::Limit {
                    who: who.to_string(),
                    what: what.into(),
                    most,
                    used,
                    pool: limit.pool.clone().unwrap_or_default(),
                },
                until,
            })
        })
    }

    /// Counts a job that this pass starts.
    pub fn add(&mut self, c: &Cluster, now: Time, person: PersonId, shape: &Shape, pool: PoolId) {
        let account = c.accounts.account(person);
        for at in 0..self.all.len() {
            let Some(limit) =
                self.all.get(at).filter(|l| concerns(c, l, shape.class.as_deref(), pool))
            else {
                continue;
            };
            let (limit, who) = (limit.clone(), limit.who.one_of(account));
            let Some(who) = who else { continue };
            let held = self.held((c, now), at, &limit, &who);
            let asks = Asks::of(c, shape, pool);
            held.thousandths += asks.thousandths;
            held.jobs += 1;
            held.until += u128::from(asks.thousandths) * u128::from(now.after(shape.length()).0);
        }
    }

    fn held(
        &mut self,
        (c, now): (&Cluster, Time),
        at: usize,
        limit: &Limit,
        who: &Who,
    ) -> &mut Holding {
        let overdue = match limit.booked_gpu_days {
            Some(_) => self.overdue.get_or_insert_with(|| overdue(c, now)).as_slice(),
            None => &[],
        };
        self.held.entry((at, who.clone())).or_insert_with(|| {
            let theirs = |person: &PersonId| who.includes(c.accounts.account(*person));
            let people = c.holding.iter().filter(|(person, _)| theirs(person));
            let parts = people.flat_map(|(_, held)| held.iter());
            let parts =
                parts.filter(|((pool, class), _)| concerns(c, limit, class.as_deref(), *pool));
            let sum = parts.fold(Holding::default(), |sum, (_, held)| Holding {
                thousandths: sum.thousandths + held.thousandths,
                jobs: sum.jobs + held.jobs,
                until: sum.until + held.until,
            });
            let late = overdue.iter().filter_map(|(pool, id)| Some((*pool, c.job(*id)?)));
            let late = late.filter(|(pool, job)| {
                theirs(&job.owner) && concerns(c, limit, job.spec.class.as_deref(), *pool)
            });
            let more = late.map(|(_, job)| {
                let beyond = now.since(job.limit_ends().unwrap_or(now));
                u128::from(job.thousandths()) * u128::from(beyond.0)
            });
            Holding { until: sum.until + more.sum::<u128>(), ..sum }
        })
    }
}

/// Jobs that hold what they have for longer than their walltimes, in their grace say: in the sums of what is booked, which
/// are by the ends of walltimes, they count as having given that back.
fn overdue(c: &Cluster, now: Time) -> Vec<(PoolId, JobId)> {
    let mut all = Vec::new();
    for node in c.nodes.values() {
        // A gang counts where it begins.
        let begins = |job: &&Job| job.holds().is_some_and(|place| place.node == node.node.id);
        let jobs = node.holders.iter().filter_map(|id| c.job(*id)).filter(begins);
        let over = jobs.filter(|job| job.limit_ends().is_some_and(|end| end < now));
        all.extend(over.map(|job| (node.pool, job.id)));
    }
    all
}

/// The limit that keeps jobs of an account from ever starting in a pool, even where nothing is held.
pub(crate) fn never_allows(
    c: &Cluster,
    now: Time,
    account: Account,
    shape: &Shape,
    pool: PoolId,
) -> Option<Blocker> {
    let nothing = Holding::default();
    let about = |limit: &&Limit| concerns(c, limit, shape.class.as_deref(), pool);
    Limits::new(c).all.iter().filter(about).find_map(|limit| {
        let who = limit.who.one_of(account)?.to_string();
        let (what, most, used, _) = judge(c, now, limit, &nothing, &Asks::of(c, shape, pool))?;
        let pool = limit.pool.clone().unwrap_or_default();
        Some(Blocker::Limit { who, what: what.into(), most, used, pool })
    })
}

/// Whether a limit is about a job of a class in a pool.
fn concerns(c: &Cluster, limit: &Limit, class: Option<&str>, pool: PoolId) -> bool {
    limit.pool.as_deref().is_none_or(|name| c.policy.pool_named(name) == Some(pool))
        && limit.class.as_deref().is_none_or(|name| is_class(c, name, class))
}

fn is_class(c: &Cluster, name: &str, class: Option<&str>) -> bool {
    c.policy.class(class).name == name
}

/// What a job asks for, as limits see it: a part of a GPU counts as the largest fraction that it could be in the pool.
struct Asks<'a> {
    shape: &'a Shape,
    thousandths: u64,
}

impl Asks<'_> {
    fn of<'a>(c: &Cluster, shape: &'a Shape, pool: PoolId) -> Asks<'a> {
        Asks { shape, thousandths: u64::from(c.thousandths_in(shape, pool)) }
    }
}

/// What would be passed: which, the most, what is held, until when.
fn judge(
    c: &Cluster,
    now: Time,
    limit: &Limit,
    held: &Holding,
    Asks { shape, thousandths }: &Asks,
) -> Option<(&'static str, String, String, Option<Time>)> {
    let asked = *thousandths;
    let gpus =
        |thousandths: u64| u32::try_from(thousandths).map_or(Thousandths(u32::MAX), Thousandths);
    let beyond = |most: &u32, sum: u64, jobs: u32| {
        sum > u64::from(*most) * 1000 + u64::from(jobs.min(most.saturating_mul(ROUNDED)))
    };
    if let Some(most) = limit.gpus_per_job.filter(|most| beyond(most, asked, 0)) {
        return Some(("gpus_per_job", most.to_string(), gpus(asked).to_string(), None));
    }
    if let Some(most) = limit.max_time.filter(|most| shape.length() > *most) {
        return Some(("max_time", most.to_string(), shape.length().to_string(), None));
    }
    let sum = held.thousandths.saturating_add(asked);
    if let Some(most) = limit.gpus.filter(|most| asked > 0 && beyond(most, sum, held.jobs + 1)) {
        return Some(("gpus", most.to_string(), gpus(held.thousandths).to_string(), None));
    }
    if let Some(most) = limit.jobs.filter(|most| held.jobs + 1 > *most) {
        return Some(("jobs", most.to_string(), held.jobs.to_string(), None));
    }
    let most = limit.booked_gpu_days?;
    if asked == 0 {
        return None;
    }
    let elapsed = u128::from(held.thousandths) * u128::from(now.0);
    let booked = held.until.saturating_sub(elapsed);
    let length = shape.limit.or(c.policy.class(shape.class.as_deref()).max_time);
    let length = length.unwrap_or(Span::hours(365 * 24));
    let wanted = u128::from(asked) * u128::from(length.0);
    let most = u128::from(most) * MICRO_DAY;
    let over = (booked + wanted).checked_sub(most).filter(|o| *o > 0)?;
    // What runs uses up what it booked: so many GPUs, so fast.
    let later = over.div_ceil(u128::from(held.thousandths.max(1)));
    let until = (booked >= over).then(|| now.after(Span(u64::try_from(later).unwrap_or(u64::MAX))));
    let days = |sum: u128| format!("{}.{}", sum / MICRO_DAY / 1000, sum / MICRO_DAY % 1000 / 100);
    Some(("booked_gpu_days", days(most), days(booked), until))
}
