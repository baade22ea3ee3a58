//! Jobs of a trace as jobs of a site: people, labs, classes, pools and models that the site has; nodes of its size.

use super::Site;
use crate::baseline::{Machine, Work};
use crate::replay::Submission;
use crate::trace::TraceJob;
use rota_core::job::JobSpec;
use rota_core::request::Asker;
use rota_core::slice::{kind, named};
use rota_core::units::{Mib, Span};
use std::collections::BTreeMap;

/// A trace, made to fit a site.
#[derive(Clone, Debug, Default)]
pub struct Fitted {
    /// As people would submit it, in the order of submission.
    pub submissions: Vec<Submission>,
    /// The same as the policies to compare with see it.
    pub work: Vec<Work>,
    /// Nodes as those see them.
    pub machines: Vec<Machine>,
    /// Lab and model of each; an empty model is any.
    pub groups: Vec<(String, String)>,
    /// Jobs that no policy could place: they are larger than what the site has.
    pub too_large: usize,
    /// Jobs that ask for a model the site does not have; they take any, and run as much longer as it is slower.
    pub other_model: usize,
    /// Which job of the trace each is.
    pub numbers: Vec<usize>,
}

/// Who submits what a trace says nothing about.
const NOBODY: &str = "all";

/// How long EASY believes in a job without walltime: a year, as `plan` does.
const YEAR: Span = Span::hours(365 * 24);

/// Makes a trace fit a site.
pub fn fit(site: &Site, jobs: &[TraceJob]) -> Fitted {
    let mut sizes: BTreeMap<&str, (usize, u32, u32)> = BTreeMap::new();
    let mut fitted = Fitted::default();
    for node in &site.nodes {
        let count = sizes.len();
        let entry = sizes.entry(node.model.as_deref().unwrap_or("")).or_insert((count, 0, 0));
        entry.1 = entry.1.max(node.gpus);
        entry.2 += 1;
        fitted.machines.push(Machine { gpus: node.gpus, model: entry.0 });
    }
    let usual = usual_speed(site);
    for (number, job) in jobs.iter().enumerate() {
        let asked = job.model.as_deref().map(|model| kind(model).model);
        let asked = asked.as_deref();
        let model = asked.filter(|m| sizes.contains_key(m));
        fitted.other_model += usize::from(asked.is_some() && model.is_none());
        // A job has one slice of a GPU at most, and only where it asks for that.
        let takes = |name: &str| match model {
            Some(model) => model == name && (job.gpus == 1 || named(name).is_none()),
            None => named(name).is_none(),
        };
        let acceptable = sizes.iter().filter(|(name, _)| takes(name));
        let Some((each, nodes)) = acceptable
            .filter_map(|(_, size)| shape(job.gpus, *size))
            .min_by_key(|(_, nodes)| *nodes)
        else {
            fitted.too_large += 1;
            continue;
        };
        let speed = |model: &str| u64::from(site.policy.prices.speed(model));
        // On the model it asks for, it runs as long as then.
        let measured_on = job.measured_on.as_deref().or(asked.filter(|_| model.is_none()));
        let longer =
            |to: u64| measured_on.map_or(job.runtime, |m| converted(job.runtime, speed(m), to));
        let slowest = sizes.keys().map(|name| speed(name)).min().unwrap_or(1000);
        let spec = spec(site, (job, longer(slowest)), (each, nodes), model);
        let expected = spec.limit.unwrap_or(YEAR);
        fitted.work.push(Work {
            submitted: job.submitted,
            gpus: job.gpus,
            model: model.and_then(|m| sizes.get(m)).map(|size| size.0),
            runtime: longer(usual),
            expected,
        });
        let asker = asker(job);
        fitted.groups.push((asker.lab.clone(), model.unwrap_or_default().to_owned()));
        fitted.numbers.push(number);
        let (at, runs, measured_on) = (job.submitted, job.runtime, measured_on.map(str::to_owned));
        fitted.submissions.push(Submission {
            at,
            asker,
            spec,
            runs,
            measured_on,
            keeps: true,
            leaves: None,
        });
    }
    fitted
}

/// Speed of the model of which the site has most GPUs: baselines know one running time for each job.
fn usual_speed(site: &Site) -> u64 {
    let mut gpus: BTreeMap<&str, u32> = BTreeMap::new();
    for node in &site.nodes {
        *gpus.entry(node.model.as_deref().unwrap_or("")).or_default() += node.gpus;
    }
    let most = gpus.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(1000, |(model, _)| u64::from(site.policy.prices.speed(model)))
}

/// A running time on a model of another speed.
fn converted(runtime: Span, from: u64, to: u64) -> Span {
    Span(runtime.0.saturating_mul(from).div_ceil(to.max(1)))
}

/// GPUs on each of how many nodes, as few as possible; none where there are too few nodes.
fn shape(gpus: u32, (_, largest, count): (usize, u32, u32)) -> Option<(u32, u32)> {
    let nodes = gpus.div_ceil(largest.max(1));
    (largest > 0 && nodes <= count).then(|| (gpus.div_ceil(nodes.max(1)), nodes.max(1)))
}

fn asker(job: &TraceJob) -> Asker {
    let or =
        |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let lab = or(&job.lab, NOBODY);
    Asker { person: or(&job.person, &lab), lab, grant: String::new(), admin: false }
}

/// What it asks for; `longest` is how long it runs where it is slowest.
fn spec(
    site: &Site,
    (job, longest): (&TraceJob, Span),
    (gpus, nodes): (u32, u32),
    model: Option<&str>,
) -> JobSpec {
    let policy = &site.policy;
    let class = Some(&job.class).filter(|c| policy.classes.iter().any(|known| known.name == **c));
    let pool = Some(&job.pool).filter(|p| policy.pool_named(p).is_some());
    let switch = site.switch.start.plus(site.switch.leave);
    // Its program ends when it did then, not because starting takes a moment longer here.
    let limit = job.walltime.map(|limit| limit.max(longest.plus(switch)));
    let most = policy.class(class.map(String::as_str)).max_time;
    JobSpec {
        name: job.name.clone(),
        gpus,
        nodes,
        models: model.into_iter().map(str::to_owned).collect(),
        pool: pool.cloned(),
        class: class.cloned(),
        cpus: 1,
        mem: Mib(0),
        limit: most.map_or(limit, |most| Some(limit.unwrap_or(most).min(most))),
        turns: site.turns,
        grace: site.switch.leave.max(Span::seconds(30)),
        ..JobSpec::default()
    }
}
