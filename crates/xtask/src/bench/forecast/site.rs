//! What a trace is replayed on: nodes of eight GPUs, labs that have equal shares, first come first served within them.

use super::Options;
use crate::bench::{Failure, traces};
use rota_core::calendar::Zone;
use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::job::TurnMode;
use rota_core::node::Node;
use rota_core::policy::{Policy, Pool, Turn};
use rota_core::units::Mib;
use rota_sim::compare::{Site, fit};
use rota_sim::replay::{Submission, Switch};
use rota_sim::trace::{Format, TraceJob, read};
use std::collections::BTreeMap;

/// What is played.
pub struct Plan {
    /// Policy and nodes.
    pub facts: Vec<Event>,
    /// Jobs.
    pub submissions: Vec<Submission>,
    /// What switching takes.
    pub switch: Switch,
}

/// Reads and fits.
pub fn plan(options: &Options, gpus: u32) -> Result<Plan, Failure> {
    let mut file = match &options.trace {
        Some(path) => std::io::BufReader::new(std::fs::File::open(path)?),
        None => traces::open("philly_jobs.csv")?,
    };
    let mut jobs = read(Format::Csv, &mut file, &Zone::default())?.jobs;
    if let Some(most) = options.labs {
        jobs = largest(jobs, most);
    }
    let (pools, turns, mode) = match options.turn {
        None => (Vec::new(), Vec::new(), TurnMode::Never),
        Some(slice) => {
            let pool = Pool {
                name: "all".into(),
                nodes: vec!["n*".into()],
                own_ledger: true,
                ..Pool::default()
            };
            let turn = Turn { pool: "all".into(), slice, max_wait: None };
            (vec![pool], vec![turn], TurnMode::Requeue)
        }
    };
    let policy = Policy { pools, turns, ..Policy::default() };
    let node = |id| {
        let (name, model) = (format!("n{id}"), Some("A100".to_owned()));
        let (gpus, price, cpus, mem) = (8, 1000, 64, Mib(1 << 19));
        Node { id: NodeId(id), name, model, gpus, price, cpus, mem, ..Node::default() }
    };
    let nodes: Vec<Node> = (0..gpus / 8).map(node).collect();
    let mut facts = vec![Event::PolicySet { policy: Box::new(policy.clone()), by: String::new() }];
    facts.extend(nodes.iter().map(|node| Event::NodeAdded { node: node.clone() }));
    let switch = Switch::default();
    let site = Site { policy, nodes, switch, turns: mode };
    let submissions = fit(&site, &jobs).submissions;
    Ok(Plan { facts, submissions, switch })
}

/// The jobs of so many labs: those with most jobs.
fn largest(jobs: Vec<TraceJob>, most: usize) -> Vec<TraceJob> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    jobs.iter().for_each(|job| *counts.entry(job.lab.clone()).or_default() += 1);
    let mut labs: Vec<(usize, String)> = counts.into_iter().map(|(lab, n)| (n, lab)).collect();
    labs.sort_unstable_by(|a, b| b.cmp(a));
    labs.truncate(most);
    jobs.into_iter().filter(|job| labs.iter().any(|(_, lab)| *lab == job.lab)).collect()
}
