//! Why a job waits: the order of turns in a sentence, what is in the way, and what would start it sooner.

use super::Global;
use super::jobs::{json, path};
use super::when;
use crate::fault::Fault;
use crate::show;
use crate::text::{safe, tr};
use rota_api::{State, Why};
use rota_core::id::JobId;
use rota_core::job::TurnMode;
use rota_core::plan::owed::{Owed, Tier};
use rota_core::plan::variant::Step;
use rota_core::plan::why::Ground;
use rota_core::policy::who::Who;
use rota_core::units::Time;
use std::process::ExitCode;

/// Milliseconds of a thousandth of an hour.
const MILLI_HOUR: u64 = 3600;

/// Why a job waits.
pub fn why(global: &Global, job: &str) -> Result<ExitCode, Fault> {
    let why: Why = global.client()?.get(&format!("/v1/jobs/{}/why", path(job)?))?;
    if global.json {
        return json(&why);
    }
    let all = || title(&why) + &expected(&why) + &reasons(&why);
    let text = if waits(why.row.state) { all() } else { calm(&why) };
    show::print(&format!("{}{text}", show::banner(why.simulated)))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether a job in this state waits for its turn.
pub fn waits(state: State) -> bool {
    matches!(state, State::Waiting | State::Held | State::Suspended)
}

fn calm(why: &Why) -> String {
    tr!("does-not-wait", job = why.row.id, state = show::state(why.row.state)) + "\n"
}

/// Why a job waits, beside all else that is known of it.
pub fn text(why: &Why) -> String {
    title(why) + &reasons(why)
}

/// What is likely, beside what is planned.
fn expected(why: &Why) -> String {
    let window = when::start_window(&why.row, why.now);
    let text = match when::beyond(&why.row, "not-forecast-why") {
        Some(why) => why,
        None if window.is_empty() => return String::new(),
        None => tr!("why-forecast", window = window),
    };
    show::wrapped("- ", &text)
}

fn reasons(why: &Why) -> String {
    let sentence = why.ground.as_ref().map(ground);
    let lines =
        sentence.into_iter().chain(why.blockers.iter().map(|b| show::blocker(&why.row.id, b)));
    lines.map(|line| show::wrapped("- ", &line)).collect::<String>() + &offers(why)
}

fn title(why: &Why) -> String {
    let known = why.row.planned.filter(|at| *at < Time::FAR).map(show::clock);
    let (job, of) = (&why.row.id, why.waiting);
    let text = match (known, why.row.place) {
        (Some(when), Some(place)) => {
            tr!("why-title", job = job, place = place, of = of, when = when)
        }
        _ => match why.row.begin.filter(|begin| *begin > why.now) {
            Some(begin) => tr!("why-title-begin", job = job, when = show::minute(begin)),
            None => tr!("why-title-unknown", job = job),
        },
    };
    show::wrapped("", &text)
}

/// On which grounds others go first.
fn ground(ground: &Ground) -> String {
    match ground {
        Ground::First => tr!("ground-first"),
        Ground::Claim { ahead, who } => tr!("ground-claim", ahead = ahead, who = who),
        Ground::Promise { ahead, who, deadline } => {
            tr!("ground-promise", ahead = ahead, who = who, when = show::clock(*deadline))
        }
        Ground::Spare { ahead } => tr!("ground-spare", ahead = ahead),
        Ground::Class { ahead, theirs, ours } => {
            tr!("ground-class", ahead = ahead, theirs = theirs, ours = ours)
        }
        Ground::Share { ahead, tier, pool, theirs, ours } => {
            share(*ahead, *tier, pool, (theirs, ours))
        }
        Ground::Age { ahead, submitted } => {
            tr!("ground-age", ahead = ahead, when = show::clock(*submitted))
        }
    }
}

fn share(ahead: JobId, tier: Tier, pool: &str, (theirs, ours): (&Owed, &Owed)) -> String {
    let yours = match tier {
        Tier::Lab => tr!("your-lab", name = name(&ours.who)),
        Tier::Grant => tr!("your-grant", name = name(&ours.who)),
        Tier::Person => tr!("your-person", name = name(&ours.who)),
    };
    let other = match tier {
        Tier::Lab => tr!("other-lab", name = name(&theirs.who)),
        Tier::Grant => tr!("other-grant", name = name(&theirs.who)),
        Tier::Person => name(&theirs.who),
    };
    let pool = if pool.is_empty() { String::new() } else { tr!("in-pool", pool = pool) };
    // What is held counts for one turn ahead, and shares differ: then the sums owed do not tell the order.
    if theirs.owed > ours.owed {
        let (theirs, ours) = (standing(&other, theirs), standing(&yours, ours));
        tr!("ground-share", ahead = ahead, theirs = theirs, ours = ours, pool = pool)
    } else {
        let used = |who: &str, o: &Owed| {
            tr!("used", who = who, hours = show::gpu_hours(o.used.saturating_mul(MILLI_HOUR)))
        };
        let (theirs, ours) = (used(&other, theirs), used(&yours, ours));
        tr!("ground-share-held", ahead = ahead, theirs = theirs, ours = ours, pool = pool)
    }
}

fn standing(who: &str, owed: &Owed) -> String {
    let hours = show::gpu_hours(owed.owed.unsigned_abs().saturating_mul(MILLI_HOUR));
    if owed.owed >= 0 {
        tr!("is-owed", who = who, hours = hours)
    } else {
        tr!("had-more", who = who, hours = hours)
    }
}

fn name(who: &Who) -> String {
    match who {
        Who::Lab(name) | Who::Person(name) => safe(name),
        Who::Grant(lab, grant) if grant.is_empty() => tr!("no-grant", lab = lab),
        Who::Grant(lab, grant) => format!("{}/{}", safe(lab), safe(grant)),
        Who::Nobody | Who::Everyone => who.to_string(),
    }
}

fn offers(why: &Why) -> String {
    if why.offers.is_empty() {
        return String::new();
    }
    let rows = why.offers.iter().map(|offer| {
        let sooner =
            offer.sooner.map_or_else(String::new, |s| tr!("sooner", time = show::rounded(s)));
        vec![show::clock(offer.start), sooner, command(&why.row.id, &offer.step)]
    });
    let header = [tr!("column-start"), String::new(), tr!("column-change")];
    let table = show::table(&header, rows.collect(), None);
    format!("{}\n{table}", tr!("sooner-with"))
}

/// What to type for a change.
fn command(job: &str, step: &Step) -> String {
    let number = job.split('_').next().unwrap_or(job);
    let change = |what: String| format!("rota change {job} {what}");
    match step {
        Step::Release => format!("rota release {job}"),
        Step::Turns { turns: TurnMode::Suspend } => change("--turns suspend".into()),
        Step::Turns { turns: TurnMode::Requeue } => change("--turns requeue".into()),
        Step::Turns { turns: TurnMode::Never } => change("--turns never".into()),
        Step::Time { limit } => change(format!("--time {limit}")),
        Step::Models { models } => change(format!("--gpu {}", safe(&models.join(",")))),
        Step::AnyPool => change("--pool any".into()),
        Step::AtMost { at_most } => format!("rota change {number} --at-most {at_most}"),
        Step::Class { class } => change(format!("--class {}", safe(class))),
        Step::Nodes { nodes } => change(format!("--nodes {nodes}")),
        Step::Gpus { gpus } => change(format!("--gpus {gpus}")),
    }
}
