//! Bookings: a person has GPUs for themselves at a time, at a price, paid at once from their budget.
//!
//! A booking is a claim of one person, lent while unused, taken back by suspending whoever borrowed it. It is about
//! certain GPUs from the start: GPUs that no other right and no job that never makes room will hold then.

mod promise;

use crate::admit::reject;
use crate::allow;
use crate::calendar::When;
use crate::cluster::{Booking, ClaimId, Cluster};
use crate::event::Event;
use crate::id::{GpuSet, NodeId};
use crate::job::{JobSpec, Part, TurnMode};
use crate::node::NodeState;
use crate::policy::who::{Account, Who};
use crate::policy::{Claim, Lend, PoolId, Reclaim, WhenSpent};
use crate::purse::purses;
use crate::request::{Asker, Rejection, Wish};
use crate::units::{Span, Time};

/// How long ahead a booking may begin. Longer: whoever plans first has everything.
pub const MOST_AHEAD: Span = Span::hours(28 * 24);
/// The longest booking. Longer: a booking is a claim, and claims are the board's.
pub const LONGEST: Span = Span::hours(24);
/// The shortest: before that nobody's absence is noticed.
pub const SHORTEST: Span = crate::policy::rights::NO_SHOW;
/// How long a borrower may take to leave.
pub const GRACE: Span = Span::minutes(5);

/// What something costs at its rate, with the factors of its time: rate × milliseconds.
pub type Paid = u64;

/// The fact that GPUs are booked and paid.
pub fn book(c: &Cluster, asker: &Asker, wish: &Wish, now: Time) -> Result<Vec<Event>, Rejection> {
    check(wish, now)?;
    crate::admit::known_models(c, &wish.models, None)?;
    let pool = pool(c, wish)?;
    let account = Account { lab: &asker.lab, grant: &asker.grant, person: &asker.person };
    // A grant that the policy does not name has no purse to pay from.
    allow::names(c, account, &JobSpec::default())?;
    check_limits(c, account, pool, wish)?;
    let parts = choose(c, account, pool, wish)?;
    let paid = price(c, &parts, wish);
    check_purses(c, account, paid, now)?;
    let when = When {
        from: Some(wish.from.max(now)),
        until: Some(wish.from.after(wish.length)),
        weekly: None,
    };
    let claim = Claim {
        who: vec![Who::Person(asker.person.clone())],
        every: Span::hours(7 * 24),
        pool: c.policy.pool_name(pool).to_owned(),
        gpus: Some(wish.gpus),
        when,
        lend: Lend::All,
        reclaim: Reclaim::Suspend,
        grace: GRACE,
        max_time: None,
        why: wish.why.clone(),
        approved_by: String::new(),
    };
    let number = c.next_booking.max(1);
    let Asker { lab, grant, person, .. } = asker.clone();
    let booked = Event::Booked { number, lab, grant, person, claim, paid, parts };
    promise::check(c, &booked, (pool, wish), now)?;
    Ok(vec![booked])
}

/// The fact that a booking is given back: all of its price before it begins, or where its nodes are down; else nothing.
pub fn unbook(c: &Cluster, asker: &Asker, number: u64, now: Time) -> Result<Vec<Event>, Rejection> {
    let args = [("number", number.to_string())];
    let Some(booking) = c.bookings.get(&number) else {
        let message = format!("there is no booking {number}; 'rota bookings' shows all");
        return Err(reject("no-such-booking", args, message));
    };
    let owner = &c.accounts.person(booking.owner).name;
    if !asker.admin && *owner != asker.person {
        let message = format!(
            "booking {number} belongs to {owner}; only {owner} or an admin (root) can give it back"
        );
        let args = [("number", number.to_string()), ("owner", owner.clone())];
        return Err(reject("booking-not-yours", args, message));
    }
    let ahead = booking.claim.when.from.is_some_and(|from| now < from);
    let refund = if ahead || is_down(c, booking) { booking.paid } else { 0 };
    Ok(vec![Event::Unbooked { number, refund, by: asker.person.clone() }])
}

/// Whether none of its nodes can be used.
fn is_down(c: &Cluster, booking: &Booking) -> bool {
    !booking.parts.is_empty()
        && booking.parts.iter().all(|part| c.nodes.get(&part.node).is_none_or(|n| !n.up))
}

fn check(wish: &Wish, now: Time) -> Result<(), Rejection> {
    let why = |field: &str, why: &str| {
        let args = [("field", field.to_owned()), ("why", why.to_owned())];
        reject("bad-value", args, format!("{field}: {why}"))
    };
    if wish.gpus == 0 {
        return Err(why("gpus", "a booking is about at least one GPU"));
    }
    if wish.why.len() > 512 || wish.why.chars().any(char::is_control) {
        return Err(why("why", "a reason has at most 512 bytes and no line breaks"));
    }
    // What was typed as this minute may be a moment ago.
    if wish.from.after(Span::minutes(1)) < now {
        let message = "a booking begins now or later; write --from with a time to come";
        return Err(reject("booking-past", [], message));
    }
    if wish.from > now.after(MOST_AHEAD) {
        let days = (MOST_AHEAD.0 / Span::hours(24).0).to_string();
        let message = format!("a booking begins at most {days} days ahead");
        return Err(reject("booking-too-far", [("days", days)], message));
    }
    if wish.length < SHORTEST || wish.length > LONGEST {
        let message = format!("a booking is from {SHORTEST} to {LONGEST} long; change --for");
        let args = [("least", SHORTEST.to_string()), ("most", LONGEST.to_string())];
        return Err(reject("booking-length", args, message));
    }
    Ok(())
}

/// The pool that is meant: the one named; else the only one with GPUs.
pub fn pool(c: &Cluster, wish: &Wish) -> Result<PoolId, Rejection> {
    let mut names: Vec<PoolId> =
        c.nodes.values().filter(|n| n.node.gpus > 0).map(|n| n.pool).collect();
    names.sort_unstable();
    names.dedup();
    let known = || {
        let named = c.policy.pools.iter().map(|p| p.name.as_str());
        named.collect::<Vec<_>>().join(", ")
    };
    match (&wish.pool, names.as_slice()) {
        (Some(name), _) => {
            let found = c.policy.pool_named(name);
            found.ok_or_else(|| crate::allow::unknown_pool(c, name))
        }
        (None, [only]) => Ok(*only),
        (None, []) => Ok(PoolId(0)),
        (None, _) => {
            let message = format!("say which pool with --pool: {}", known());
            Err(reject("which-pool", [("known", known())], message))
        }
    }
}

/// Jobs of somebody who may never hold so many GPUs would not start on them.
fn check_limits(c: &Cluster, account: Account, pool: PoolId, wish: &Wish) -> Result<(), Rejection> {
    let name = c.policy.pool_name(pool);
    let here = c.policy.limits.iter().filter(|l| {
        l.class.is_none()
            && l.pool.as_deref().is_none_or(|p| p == name)
            && l.who.one_of(account).is_some()
    });
    match here.filter_map(|l| l.gpus).min().filter(|most| wish.gpus > *most) {
        None => Ok(()),
        Some(most) => {
            let message =
                format!("GPUs that you may hold there at a time: {most}; book at most {most}");
            Err(reject("booking-limit", [("most", most.to_string())], message))
        }
    }
}

/// The GPUs: on one node where they fit, the cheapest model first and then the node with least to spare.
fn choose(
    c: &Cluster,
    account: Account,
    pool: PoolId,
    wish: &Wish,
) -> Result<Vec<Part>, Rejection> {
    let fits = |n: &&NodeState| {
        let model = wish.models.is_empty()
            || n.node.model.as_ref().is_some_and(|m| wish.models.contains(m));
        n.up && n.pool == pool && model
    };
    let mut open: Vec<(u32, GpuSet, NodeId)> = c
        .nodes
        .values()
        .map(AsRef::as_ref)
        .filter(fits)
        .map(|n| (n.price, open_on(c, account, n, wish), n.node.id))
        .filter(|(_, gpus, _)| !gpus.is_empty())
        .collect();
    open.sort_by_key(|(price, gpus, node)| (*price, gpus.count(), *node));
    let some = |gpus: GpuSet, n: u32| -> GpuSet { gpus.iter().take(n as usize).collect() };
    if let Some((_, gpus, node)) = open.iter().find(|(_, gpus, _)| gpus.count() >= wish.gpus) {
        return Ok(vec![Part { node: *node, gpus: some(*gpus, wish.gpus) }]);
    }
    open.sort_by_key(|(price, gpus, node)| (*price, u32::MAX - gpus.count(), *node));
    let (mut left, mut parts) = (wish.gpus, Vec::new());
    for (_, gpus, node) in open {
        let gpus = some(gpus, left);
        left -= gpus.count();
        if !gpus.is_empty() {
            parts.push(Part { node, gpus });
        }
    }
    if left == 0 {
        return Ok(parts);
    }
    let free = wish.gpus - left;
    let message = format!(
        "GPUs asked for: {}, but only {free} are neither claimed nor booked nor held by a job that never makes room then; book fewer, or another time",
        wish.gpus
    );
    Err(reject(
        "booked-out",
        [("asked", wish.gpus.to_string()), ("free", free.to_string())],
        message,
    ))
}

/// GPUs of a node that no right of others is about and no job that never makes room holds at the time.
fn open_on(c: &Cluster, account: Account, node: &NodeState, wish: &Wish) -> GpuSet {
    let (from, to) = (wish.from, wish.from.after(wish.length));
    let claimed = node.pins.iter().filter(|(id, _)| match (id, c.claim(*id)) {
        (_, None) => false,
        (ClaimId::Booking(_), Some(claim)) => {
            let (begins, ends) = (claim.when.from, claim.when.until);
            begins.is_none_or(|b| b < to) && ends.is_none_or(|e| e > from)
        }
        (ClaimId::Policy(_), Some(claim)) => is_anothers(c, claim, account, (from, to)),
    });
    let claimed = claimed.fold(GpuSet::default(), |all, (_, gpus)| all.and(*gpus));
    let jobs = node.holders.iter().filter_map(|id| c.job(*id));
    let stays = jobs.filter(|job| {
        c.mode(job) == TurnMode::Never && job.limit_ends().is_none_or(|end| end > from)
    });
    let held = stays.filter_map(|job| Some(job.holds()?.gpus));
    let held = held.fold(GpuSet::default(), GpuSet::and);
    GpuSet::first(node.node.gpus).without(claimed).without(held)
}

/// How many changes of a claim are looked at: a day has no more.
const CHANGES: usize = 100;

/// Whether somebody else holds a claim at some moment between two.
fn is_anothers(c: &Cluster, claim: &Claim, account: Account, (from, to): (Time, Time)) -> bool {
    let (zone, mut at) = (&c.policy.zone, from);
    for _ in 0..CHANGES {
        let Some((begins, _)) = claim.when.stretch(zone, at) else { return false };
        let begins = begins.max(at);
        if begins >= to {
            return false;
        }
        let Some((who, _, until)) = claim.holder(zone, begins) else { return false };
        if !who.includes(account) {
            return true;
        }
        at = until.max(begins.after(Span::minutes(1)));
    }
    true
}

/// The price: rate × milliseconds, with the factor on bookings and those of the hours it is about.
pub fn price(c: &Cluster, parts: &[Part], wish: &Wish) -> Paid {
    let of = |Part { node, gpus }: &Part| {
        u64::from(c.nodes.get(node).map_or(0, |n| n.price)) * u64::from(gpus.count())
    };
    let prices = &c.policy.prices;
    let whole = prices.cost(&c.policy.zone, parts.iter().map(of).sum(), wish.from, wish.length);
    u64::try_from(whole * u128::from(prices.booking) / 1000).unwrap_or(u64::MAX)
}

/// Every purse that pays has enough left.
fn check_purses(c: &Cluster, account: Account, paid: Paid, now: Time) -> Result<(), Rejection> {
    let short = purses(c, account, now)
        .into_iter()
        .find(|p| p.when_spent != WhenSpent::Show && p.left() < paid);
    let Some(purse) = short else { return Ok(()) };
    let hours = |sum: u128| {
        let tenths = sum / 360_000_000;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    let (price, left) = (hours(u128::from(paid)), hours(u128::from(purse.left())));
    let who = purse.who.to_string();
    let message = format!(
        "this costs {price} GPU-hours, and {left} are left in the budget of {who}; book less, or at a cheaper time"
    );
    Err(reject("booking-budget", [("price", price), ("left", left), ("who", who)], message))
}
