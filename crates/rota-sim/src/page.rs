//! A rule as a page: a few lines of what happens, and what comes of it as a picture.
//!
//! ```
//! use rota_sim::page::page;
//! page(
//!     "
//!     node n0 H100x1
//!     A vision   runs=4h
//!     B language runs=4h
//!     ",
//!     "
//!     n0.0 |AABBAABB.|
//!     ",
//! );
//! ```
//!
//! | line | meaning |
//! |---|---|
//! | `node NAME MODELxGPUS` | MODEL may be a slice, `H100-1g.10gb`; with `cpus=`, `mem=`, `price=`, `gpu-mem=` (unless: that of the model); `groups=2`: GPUs in groups of two that are near each other |
//! | `turn 2h`, `reserved 64`, `shares LAB N` | the policy; a turn is two hours unless a page says otherwise |
//! | `A LAB`, `A LAB/PERSON` or `A LAB/GRANT/PERSON` | a job, named by its letter, in the order of submission |
//! | `3h cancel A`, `hold`, `release`, `change A FIELDS` | what a person asks, and when |
//! | `3h down NAME`, `up NAME` | a node is lost, or returns |
//! | `3h drain NAME`, `drain NAME:0`, `resume NAME` | an admin drains a node, or a GPU |
//! | `3h lost NAME:0`, `xid NAME:0 79` | a GPU has fallen off the bus; the driver reports an error |
//! | `3h uses NAME:0 A 12G` | job A is seen to use so much memory of a GPU that it shares |
//! | `3h outsider NAME:0`, `gone NAME:0` | a process that no job started is on a GPU, or is gone |
//! | `3h idle A`, `busy A`, `pin A`, `unpin A` | its GPUs do nothing, with `gpus=1` only some; work again; are left to it |
//! | `3h types A` | its person types on its terminal |
//! | `3h book WHO FIELDS`, `unbook N` | GPUs are booked; booking N is given back |
//! | `picture 92h` | the picture begins there |
//! | `columns 10m` | a column is as long |
//! | `begins 2026-05-03` | the story begins at midnight of that day, local time of the policy (unless: 1970-01-01) |
//!
//! [`page_under`] takes a policy that was read from a file.
//!
//! Lines about the policy: [`policy`].
//!
//! Fields of a job: `at=` `runs=` (how long its program runs) `time=` (walltime) `gpus=` `nodes=` `gpu=A,B` `cpus=` `mem=`
//! `part=20G` (shares one GPU) `class=` `pool=` `speed=H100:2,A100:1` `turns=` (suspend unless a page says otherwise) `array=0-3%2` `after=ok:A`
//! `begin=3h` (not before then) `retries=` `exit=` `grace=` `switch=` (how long it takes to leave its GPUs), and the words
//! `hold`, `terminal` (it runs on its person's), `keeps` (goes on from its own checkpoint after a requeue), `unfreezable`,
//! `refuses=2` (so many suspends fail before one works).
//!
//! The picture has a row for each GPU, for one that jobs share a row for each of them, and a column for each hour; below
//! it, a line for each job that did not end with exit code 0, such as `A timeout`.

mod happens;
mod policy;

use crate::gantt::{Columns, folded, gantt};
use crate::run::{Arrival, Behaviour, World};
use rota_core::calendar::days;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{Dependency, DependencyKind, JobSpec, JobState, Outcome, TurnMode};
use rota_core::node::Node;
use rota_core::policy::who::Who;
use rota_core::policy::{Policy, Share};
use rota_core::request::{Asker, Request};
use rota_core::slice::kind;
use rota_core::units::{Mib, Span, Time};
use std::collections::BTreeMap;

/// What a page says happens.
struct Story {
    policy: Policy,
    /// When it begins.
    begins: Time,
    facts: Vec<Event>,
    nodes: Vec<String>,
    letters: String,
    arrivals: Vec<(Time, Arrival)>,
    /// Where the picture begins, and how long a column of it is.
    picture: Span,
    column: Span,
}

impl Story {
    fn under(policy: Policy) -> Story {
        Story {
            policy,
            begins: Time(0),
            facts: Vec::new(),
            nodes: Vec::new(),
            letters: String::new(),
            arrivals: Vec::new(),
            picture: Span::ZERO,
            column: Span::hours(1),
        }
    }
}

/// Plays a story and compares what comes of it.
///
/// # Panics
/// Where it differs, or where the page cannot be read.
pub fn page(story: &str, wanted: &str) {
    let policy = Policy { turn: Span::hours(2), ..Policy::default() };
    compare(story, wanted, |columns| play(&policy, story, columns, gantt).map(|(out, _)| out));
}

/// The same under a policy, such as one that was read from a file; its picture has one line for GPUs side by side with the
/// same jobs, such as `n0.0-7 |AABB|`. What was simulated is handed back.
///
/// # Panics
/// As [`page`].
pub fn page_under(policy: &Policy, story: &str, wanted: &str) -> World {
    let mut played = None;
    compare(story, wanted, |columns| {
        let (out, world) = play(policy, story, columns, folded)?;
        played = Some(world);
        Ok(out)
    });
    played.expect("a page that is as wanted was played")
}

fn compare(story: &str, wanted: &str, play: impl FnOnce(usize) -> Result<String, String>) {
    let wanted = trimmed(wanted);
    assert!(!wanted.is_empty(), "a page without a picture would be any page");
    let columns = wanted.lines().next().and_then(|l| l.split('|').nth(1)).map_or(0, str::len);
    let found = play(columns).unwrap_or_else(|why| panic!("{why}"));
    assert!(found == wanted, "\n{}\nwanted:\n{wanted}\nfound:\n{found}", trimmed(story));
}

fn trimmed(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    lines.map(|l| format!("{l}\n")).collect()
}

/// The picture and what was simulated.
fn play(
    policy: &Policy,
    text: &str,
    count: usize,
    picture: impl FnOnce(&[(Time, Event)], Columns) -> String,
) -> Result<(String, World), String> {
    let mut story = Story::under(policy.clone());
    for line in trimmed(text).lines() {
        read(&mut story, line).map_err(|why| format!("'{line}': {why}"))?;
    }
    let mut facts = vec![Event::PolicySet { policy: Box::new(story.policy), by: String::new() }];
    facts.extend(story.facts);
    let mut world = World::new(facts, None);
    story.arrivals.sort_by_key(|(at, _)| *at);
    world.simulate(story.arrivals, story.begins.after(Span::hours(10_000)));
    if !world.wrong.is_empty() {
        return Err(world.wrong.join("\n"));
    }
    let columns = Columns { from: story.begins.after(story.picture), each: story.column, count };
    let out = picture(&world.log, columns) + &ends(&world, &story.letters);
    Ok((out, world))
}

/// What became of the jobs that did not end well.
fn ends(world: &World, letters: &str) -> String {
    let mut ends: BTreeMap<JobId, String> = BTreeMap::new();
    for (_, fact) in &world.log {
        if let Event::Ended { job, outcome } = fact
            && let Some(word) = word(outcome)
        {
            ends.insert(*job, word);
        }
    }
    for job in world.cluster.jobs.values() {
        let state = if job.held {
            "is held"
        } else if matches!(job.state, JobState::Waiting { .. }) {
            "waits"
        } else {
            "never ends"
        };
        ends.insert(job.id, state.into());
    }
    let letter = |id: &JobId| {
        let at = usize::try_from(id.number).unwrap_or(0).checked_sub(1);
        at.and_then(|at| letters.chars().nth(at)).unwrap_or('?')
    };
    let mut lines: Vec<String> =
        ends.iter().map(|(id, end)| format!("{} {end}\n", letter(id))).collect();
    lines.dedup();
    let refused = world.refused.iter().map(|code| format!("refused: {code}\n"));
    lines.into_iter().chain(refused).collect()
}

fn word(outcome: &Outcome) -> Option<String> {
    Some(match outcome {
        Outcome::Exited { code: 0 } => return None,
        Outcome::Exited { code } => format!("exit {code}"),
        Outcome::Signaled { signal } => format!("signal {signal}"),
        Outcome::Timeout => "timeout".into(),
        Outcome::PartExceeded { used, part } => format!("used {used} of {part}"),
        Outcome::Cancelled { .. } => "cancelled".into(),
        Outcome::NotStarted { .. } => "not started".into(),
        Outcome::DependencyFailed { .. } => "dependency failed".into(),
        Outcome::Lost { .. } => "lost".into(),
    })
}

fn read(story: &mut Story, line: &str) -> Result<(), String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if let Some(read) = policy::read(story, &words) {
        return read;
    }
    match words.as_slice() {
        ["node", name, gpus, fields @ ..] => node(story, name, gpus, fields),
        ["turn", span] => span_of(span).map(|turn| story.policy.turn = turn),
        ["reserved", n] => number(n).map(|n| story.policy.reserved = n),
        ["shares", lab, n] => {
            let (who, share) = (Who::Lab((*lab).to_owned()), number(n)? * 1000);
            story.policy.shares.push(Share { who, share, until: None });
            Ok(())
        }
        ["picture", from] => span_of(from).map(|from| story.picture = from),
        ["columns", each] => span_of(each).map(|each| story.column = each),
        ["begins", date] => begins(story, date),
        [at, "book", who, fields @ ..] => {
            let at = story.begins.after(span_of(at)?);
            let request = policy::wish(story.begins, fields)?;
            let asker = asker(who);
            story.arrivals.push((at, Arrival::Ask(asker, Box::new(request), Behaviour::default())));
            Ok(())
        }
        [at, what, whom, fields @ ..] if at.starts_with(|c: char| c.is_ascii_digit()) => {
            happens::happens(story, at, what, whom, fields)
        }
        [letter, who, fields @ ..] if letter.len() == 1 => job(story, letter, who, fields),
        _ => Err("no such line".into()),
    }
}

/// Midnight of a day such as 2026-05-03, for all that follows.
fn begins(story: &mut Story, date: &str) -> Result<(), String> {
    let parts = date.split('-').map(number).collect::<Result<Vec<u32>, _>>()?;
    let [year, month, day] = parts.as_slice() else { return Err("write 2026-05-03".into()) };
    story.begins = story.policy.zone.day(days(i64::from(*year), *month, *day));
    Ok(())
}

fn node(story: &mut Story, name: &str, gpus: &str, fields: &[&str]) -> Result<(), String> {
    let (model, gpus) = gpus.split_once('x').ok_or("write H100x2")?;
    let id = NodeId(u32::try_from(story.nodes.len()).map_err(|e| e.to_string())?);
    story.nodes.push(name.into());
    let kind = kind(model);
    let (gpu_mem, slice) = (kind.memory, kind.slice);
    let (name, model, gpus) = (name.to_owned(), Some(model.to_owned()), number(gpus)?);
    let mut node = Node {
        id,
        name,
        model,
        gpus,
        price: 1000,
        cpus: 64,
        mem: Mib(1 << 20),
        gpu_mem,
        slice,
        ..Node::default()
    };
    for (field, value) in fields.iter().map(|f| f.split_once('=').unwrap_or((f, ""))) {
        match field {
            "cpus" => node.cpus = number(value)?,
            "groups" => node.links = groups(gpus, number(value)?),
            "price" => node.price = number(value)?,
            "gpu-mem" => node.gpu_mem = Mib::parse(value).map_err(|e| e.to_string())?,
            "mem" => node.mem = Mib::parse(value).map_err(|e| e.to_string())?,
            _ => return Err(format!("a node has no {field}")),
        }
    }
    story.facts.push(Event::NodeAdded { node });
    Ok(())
}

/// GPUs side by side are near each other, and far from those of other groups.
fn groups(gpus: u32, size: u32) -> Vec<Vec<u8>> {
    let near = |a: u32, b: u32| if a / size.max(1) == b / size.max(1) { 104 } else { 10 };
    (0..gpus).map(|a| (0..gpus).map(|b| near(a, b)).collect()).collect()
}

fn job(story: &mut Story, letter: &str, who: &str, fields: &[&str]) -> Result<(), String> {
    let mut spec = JobSpec { gpus: 1, turns: TurnMode::Suspend, ..JobSpec::default() };
    let mut does = Behaviour { runs: Span::hours(1), ..Behaviour::default() };
    let (mut at, mut tasks, mut held) = (story.begins, None, false);
    for field in fields {
        match field.split_once('=').unwrap_or((field, "")) {
            ("at", v) => at = at.after(span_of(v)?),
            ("runs", v) => does.runs = span_of(v)?,
            ("switch", v) => does.leaves_in = span_of(v)?,
            ("exit", v) => does.code = number(v)?.cast_signed(),
            ("keeps", _) => does.keeps = true,
            ("unfreezable", _) => does.unfreezable = true,
            ("refuses", v) => does.refuses = number(v)?,
            ("hold", _) => held = true,
            ("terminal", _) => spec.interactive = true,
            ("array", v) => {
                let (list, most) = v.split_once('%').unwrap_or((v, ""));
                let (from, to) = list.split_once('-').ok_or("write 0-3")?;
                tasks = Some((number(from)?..=number(to)?).collect());
                spec.at_most = (!most.is_empty()).then(|| number(most)).transpose()?;
            }
            (name, v) => set(story, &mut spec, name, v)?,
        }
    }
    story.letters.push_str(letter);
    let request = Request::Submit { spec, tasks, held, ended: BTreeMap::new() };
    story.arrivals.push((at, Arrival::Ask(asker(who), Box::new(request), does)));
    Ok(())
}

/// `LAB`, `LAB/PERSON` or `LAB/GRANT/PERSON`.
fn asker(who: &str) -> Asker {
    let names: Vec<&str> = who.split('/').collect();
    let (lab, grant, person) = match names.as_slice() {
        [lab, grant, person] => (*lab, *grant, *person),
        [lab, person] => (*lab, "", *person),
        _ => (who, "", who),
    };
    Asker { person: person.into(), lab: lab.into(), grant: grant.into(), admin: false }
}

/// A field that `change` may set too.
fn set(story: &Story, spec: &mut JobSpec, name: &str, v: &str) -> Result<(), String> {
    match name {
        "gpus" => spec.gpus = number(v)?,
        "nodes" => spec.nodes = number(v)?,
        "part" => spec.gpu_mem = Some(Mib::parse(v).map_err(|e| e.to_string())?),
        "gpu" => spec.models = v.split(',').map(str::to_owned).collect(),
        "cpus" => spec.cpus = number(v)?,
        "mem" => spec.mem = Mib::parse(v).map_err(|e| e.to_string())?,
        "time" => spec.limit = Some(span_of(v)?),
        "class" => spec.class = Some(v.into()),
        "pool" => spec.pool = Some(v.into()),
        "speed" => {
            let pair = |part: &str| {
                let (model, speed) = part.split_once(':').ok_or("write speed=H100:2,A100:1")?;
                Ok::<_, String>((model.to_owned(), policy::thousandths(speed)?))
            };
            spec.speeds = v.split(',').map(pair).collect::<Result<_, _>>()?;
        }
        "grace" => spec.grace = span_of(v)?,
        "retries" => spec.retries = number(v)?,
        "begin" => spec.begin = Some(story.begins.after(span_of(v)?)),
        "turns" => {
            spec.turns = match v {
                "suspend" => TurnMode::Suspend,
                "requeue" => TurnMode::Requeue,
                "never" => TurnMode::Never,
                _ => return Err("turns are suspend, requeue, never".into()),
            }
        }
        "after" => {
            spec.after = v.split(',').map(|d| dependency(story, d)).collect::<Result<_, _>>()?;
        }
        _ => return Err(format!("a job has no {name}")),
    }
    Ok(())
}

fn dependency(story: &Story, text: &str) -> Result<Dependency, String> {
    let (kind, letter) = text.split_once(':').ok_or("write ok:A")?;
    let kind = match kind {
        "ok" => DependencyKind::Ok,
        "any" => DependencyKind::Any,
        "notok" => DependencyKind::NotOk,
        _ => return Err("dependencies are ok, any, notok".into()),
    };
    Ok(Dependency { kind, number: number_of(story, letter).unwrap_or(99) })
}

fn number_of(story: &Story, letter: &str) -> Option<u64> {
    let at = story.letters.find(letter)?;
    u64::try_from(at + 1).ok()
}

fn span_of(text: &str) -> Result<Span, String> {
    if text == "0h" { Ok(Span::ZERO) } else { Span::parse(text).map_err(|e| e.to_string()) }
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("'{text}' is no number"))
}
