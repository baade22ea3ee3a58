//! What the policy lets be asked for: classes, pools and grants that it names, walltimes of classes, and nothing that its
//! limits can never allow. What they cannot allow now waits.

use crate::cluster::{Cluster, RoomKey};
use crate::decision::Blocker;
use crate::job::JobSpec;
use crate::plan::limit;
use crate::plan::place::{keeps_promise, wants};
use crate::policy::who::{Account, Scope, Who};
use crate::policy::{PoolId, Turn};
use crate::queue::Shape;
use crate::request::Rejection;
use crate::units::Time;
use std::collections::BTreeSet;

/// Class, pool and grant are those of the policy.
pub(crate) fn names(c: &Cluster, account: Account, spec: &JobSpec) -> Result<(), Rejection> {
    let policy = &c.policy;
    if let Some(class) = &spec.class {
        let known: Vec<&str> = policy.classes.iter().map(|c| c.name.as_str()).collect();
        known_one(
            class,
            &known,
            Named { code: "unknown-class", what: "class", option: "--class" },
        )?;
    }
    if let Some(pool) = &spec.pool {
        let known: Vec<&str> = policy.pools.iter().map(|p| p.name.as_str()).collect();
        known_one(pool, &known, Named { code: "unknown-pool", what: "pool", option: "--pool" })?;
    }
    if !account.grant.is_empty() {
        let known = grants(c, account.lab);
        let what = format!("grant of lab {}", account.lab);
        known_one(
            account.grant,
            &known,
            Named { code: "unknown-grant", what: &what, option: "--grant" },
        )?;
    }
    Ok(())
}

struct Named<'a> {
    code: &'static str,
    what: &'a str,
    option: &'a str,
}

fn known_one(name: &str, known: &[&str], of: Named) -> Result<(), Rejection> {
    if known.contains(&name) { Ok(()) } else { Err(not_one(name, known, &of)) }
}

fn not_one(name: &str, known: &[&str], of: &Named) -> Rejection {
    let Named { code, what, option } = of;
    let (name, list) = (name.to_owned(), known.join(", "));
    let next = if list.is_empty() {
        format!("the policy has none: leave out {option}")
    } else {
        format!("the policy has {list}")
    };
    let message = format!("no {what} is called '{}'; {next}", name.escape_debug());
    let list = if list.is_empty() { "-".to_owned() } else { list };
    Rejection { code, args: vec![("name", name), ("known", list)], message }
}

/// There is no pool of this name.
pub(crate) fn unknown_pool(c: &Cluster, name: &str) -> Rejection {
    let known: Vec<&str> = c.policy.pools.iter().map(|p| p.name.as_str()).collect();
    not_one(name, &known, &Named { code: "unknown-pool", what: "pool", option: "--pool" })
}

/// The grants of a lab that shares or budgets name.
fn grants<'c>(c: &'c Cluster, lab: &str) -> Vec<&'c str> {
    let shares = c.policy.shares.iter().map(|share| &share.who);
    let budgets = c.policy.budgets.iter().filter_map(|budget| match &budget.who {
        Scope::One(who) => Some(who),
        _ => None,
    });
    let named = shares.chain(budgets).filter_map(|who| match who {
        Who::Grant(of, grant) if of == lab => Some(grant.as_str()),
        _ => None,
    });
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The promise, if that keeps such a job out wherever it could run.
pub(crate) fn kept_out<'c>(c: &'c Cluster, shape: &Shape) -> Option<&'c Turn> {
    let wanted = || c.rooms.keys().filter(|key| wants(c, shape, key));
    let keeps = |key: &RoomKey| keeps_promise(c, (shape, c.shape_mode_in(shape, key)), key.0);
    if wanted().any(keeps) {
        return None;
    }
    let pools: BTreeSet<PoolId> = wanted().map(|(pool, _)| *pool).collect();
    pools.iter().find_map(|pool| c.policy.turn_rule(*pool))
}

/// Where nobody waits longer than was promised, who makes no room stays no longer than a turn.
pub(crate) fn promises(c: &Cluster, spec: &JobSpec) -> Result<(), Rejection> {
    let Some(turn) = kept_out(c, &Shape::wanted(spec)) else { return Ok(()) };
    let (pool, slice) = (turn.pool.clone(), turn.slice.to_string());
    let wait = turn.max_wait.map_or(String::new(), |wait| wait.to_string());
    let message = format!(
        "in pool {pool} nobody waits longer than {wait}, so a job that makes no room for others runs for at most {slice}; ask for --time {slice}, or write --turns requeue if it continues from its own checkpoint"
    );
    let args = vec![("pool", pool), ("wait", wait), ("slice", slice)];
    Err(Rejection { code: "makes-no-room", args, message })
}

/// The walltime of the class where none is asked for.
pub(crate) fn walltime(c: &Cluster, spec: &mut JobSpec) -> Result<(), Rejection> {
    let class = c.policy.class(spec.class.as_deref());
    let Some(most) = class.max_time else { return Ok(()) };
    let asked = *spec.limit.get_or_insert(most);
    if asked <= most {
        return Ok(());
    }
    let (class, most, asked) = (class.name.clone(), most.to_string(), asked.to_string());
    let message = format!(
        "a job of class '{class}' runs for at most {most}, and {asked} are asked for; ask for less with --time, or for another class"
    );
    Err(Rejection {
        code: "too-long",
        args: vec![("class", class), ("most", most), ("asked", asked)],
        message,
    })
}

/// Whether it could start at all if its people held nothing, in at least one pool with nodes for it.
pub(crate) fn limits(
    c: &Cluster,
    now: Time,
    account: Account,
    spec: &JobSpec,
) -> Result<(), Rejection> {
    let shape = Shape::wanted(spec);
    let rooms = c.rooms.keys().filter(|room| crate::plan::place::accepts(c, &shape, room));
    let pools: BTreeSet<PoolId> = rooms.map(|(pool, _)| *pool).collect();
    let refusals: Option<Vec<Blocker>> =
        pools.into_iter().map(|pool| limit::never_allows(c, now, account, &shape, pool)).collect();
    match refusals.and_then(|all| all.into_iter().next()) {
        Some(Blocker::Limit { who, what, most, pool, .. }) => {
            Err(beyond(spec, &shape, (who, what, most, pool)))
        }
        _ => Ok(()),
    }
}

fn beyond(
    spec: &JobSpec,
    shape: &Shape,
    (who, what, most, pool): (String, String, String, String),
) -> Rejection {
    let time = spec.limit.map_or_else(|| "no walltime".to_owned(), |limit| limit.to_string());
    let asked = match what.as_str() {
        "max_time" => time,
        "booked_gpu_days" => format!("{} GPUs, {time}", shape.all_gpus()),
        _ => shape.all_gpus().to_string(),
    };
    let place = if pool.is_empty() { String::new() } else { format!(" in pool {pool}") };
    let message = format!(
        "the policy allows {who} at most {what} = {most}{place}, and {asked} is asked for, so it could never start; ask for less"
    );
    let of = if pool.is_empty() { who } else { format!("{who}, {pool}") };
    let args = vec![("of", of), ("what", what), ("most", most), ("asked", asked)];
    Rejection { code: "beyond-limit", args, message }
}
