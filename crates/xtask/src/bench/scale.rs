//! Whole traces under turns and a promise: how long replaying them takes.
//!
//! All of Philly on 50 nodes of 8 GPUs, of which its jobs keep 94 of 100 busy; Venus on 35 nodes of 8, likewise. Turns of
//! 4 h, a promise of 24 h; jobs are queued again at the end of a turn and go on from their checkpoint.

use super::Failure;
use super::report::{Table, result};
use super::traces;
use rota_core::calendar::Zone;
use rota_core::id::NodeId;
use rota_core::job::TurnMode;
use rota_core::node::Node;
use rota_core::policy::{Policy, Pool, Turn};
use rota_core::units::{Mib, Span};
use rota_sim::compare::{Row, Site, fit, run, score};
use rota_sim::replay::Switch;
use rota_sim::trace::{Format, read};
use std::time::Instant;

/// File, name, nodes.
const TRACES: [(&str, &str, u32); 2] =
    [("philly_jobs.csv", "philly", 50), ("helios_venus_sub50_jobs.csv", "venus", 35)];

fn site(nodes: u32) -> Site {
    let node = |id| {
        let (name, model) = (format!("n{id}"), Some("V100".to_owned()));
        let (gpus, price, cpus, mem) = (8, 500, 64, Mib(1 << 19));
        Node { id: NodeId(id), name, model, gpus, price, cpus, mem, ..Node::default() }
    };
    let pool =
        Pool { name: "all".into(), nodes: vec!["n*".into()], own_ledger: true, ..Pool::default() };
    let (slice, max_wait) = (Span::hours(4), Some(Span::hours(24)));
    let turn = Turn { pool: "all".into(), slice, max_wait };
    let policy = Policy { pools: vec![pool], turns: vec![turn], ..Policy::default() };
    let switch = Switch { start: Span::seconds(20), leave: Span::seconds(10) };
    Site { policy, nodes: (0..nodes).map(node).collect(), switch, turns: TurnMode::Requeue }
}

/// Replays both; with a number, only so many jobs of each.
pub fn run_all(limit: Option<usize>) -> Result<(), Failure> {
    let columns =
        ["trace", "GPUs", "policy", "jobs", "wait p50 s", "wait p99 s", "max", "starts", "wall s"];
    let mut table = Table::new(&columns);
    let mut results = Vec::new();
    for (file, name, nodes) in TRACES {
        let mut trace = read(Format::Csv, &mut traces::open(file)?, &Zone::default())?;
        trace.jobs.truncate(limit.unwrap_or(usize::MAX));
        let site = site(nodes);
        let fitted = fit(&site, &trace.jobs);
        for row in Row::ALL {
            let begun = Instant::now();
            let score = score(&fitted, &run(row, &site, &fitted, &mut || {})?);
            let wall = begun.elapsed().as_secs_f64();
            let mut cells = vec![name.to_owned(), (nodes * 8).to_string(), row.word().to_owned()];
            cells.push(score.all.jobs.to_string());
            let times = [score.all.p50, score.all.p99, score.all.max];
            cells.extend(times.map(|t| (t.0 / 1000).to_string()));
            cells.push(format!("{}.{:03}", score.starts / 1000, score.starts % 1000));
            cells.push(format!("{wall:.2}"));
            table.row(&cells);
            if row == Row::Rota {
                results.push((format!("scale.{name}_s"), wall));
            }
        }
    }
    table.show("scale")?;
    results.iter().for_each(|(name, value)| result(name, *value));
    Ok(())
}
