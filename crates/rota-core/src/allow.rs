//! What the policy says of a job before it is queued: its class, its walltime, its pool.

use crate::admit::reject;
use crate::cluster::Cluster;
use crate::job::JobSpec;
use crate::request::Rejection;

/// The job as it is queued: with the longest walltime of its class, where it asks for none.
pub fn completed(c: &Cluster, spec: &JobSpec) -> Result<JobSpec, Rejection> {
    check_pool(c, spec)?;
    check_class(c, spec)?;
    let most = c.policy.class(spec.class.as_deref()).max_time;
    Ok(JobSpec { limit: spec.limit.or(most), ..spec.clone() })
}

fn check_pool(c: &Cluster, spec: &JobSpec) -> Result<(), Rejection> {
    let Some(name) = spec.pool.as_deref().filter(|name| c.policy.pool_named(name).is_none()) else {
        return Ok(());
    };
    let known: Vec<&str> = c.policy.pools.iter().map(|p| p.name.as_str()).collect();
    Err(unknown_pool(name, &known.join(", ")))
}

/// There is no pool of this name.
pub fn unknown_pool(name: &str, known: &str) -> Rejection {
    let said = name.escape_debug();
    let message = match known {
        "" => format!("there is no pool '{said}': the policy has no pools; leave out --pool"),
        known => format!("there is no pool '{said}'; pools here: {known}"),
    };
    let known = if known.is_empty() { "-" } else { known };
    reject("no-such-pool", [("pool", name.to_owned()), ("known", known.to_owned())], message)
}

fn check_class(c: &Cluster, spec: &JobSpec) -> Result<(), Rejection> {
    let classes = &c.policy.classes;
    if let Some(name) = &spec.class
        && !classes.iter().any(|class| class.name == *name)
    {
        let known: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
        let known = if known.is_empty() { "-".to_owned() } else { known.join(", ") };
        let message = format!("there is no class '{}'; classes here: {known}", name.escape_debug());
        return Err(reject("no-such-class", [("class", name.clone()), ("known", known)], message));
    }
    let class = c.policy.class(spec.class.as_deref());
    match (spec.limit, class.max_time) {
        (Some(asked), Some(most)) if asked > most => {
            let message = format!(
                "{asked} are asked for, but a job of class '{}' has at most {most}; ask for --time {most}, or for another class",
                class.name
            );
            let args = [
                ("class", class.name.clone()),
                ("asked", asked.to_string()),
                ("most", most.to_string()),
            ];
            Err(reject("too-long-for-class", args, message))
        }
        _ => Ok(()),
    }
}
