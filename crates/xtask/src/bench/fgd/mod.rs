//! Placing parts of GPUs, by FGD's protocol on Alibaba's openb: Rota's rule beside peers, all in one engine.
//!
//! Without options: openb as it is, and workloads derived from it that were held out of tuning. With options: one workload.
//! Beside each stands what Rota's rule comes to if pods needed neither cores nor memory: what holes in GPUs alone allow,
//! where no pod that fits somewhere is refused.

mod engine;
mod frag;
mod load;
mod options;
mod peers;
mod rota;
#[cfg(test)]
mod tests;
mod trace;

use super::Failure;
use super::report::{Table, result};
use engine::Rule;
use load::Kind;
use options::Options;
use std::path::PathBuf;
use std::time::Instant;
use trace::{Node, Pod};

/// Makes a rule from the pods of the past, the nodes and a seed.
type Make = fn(&[Pod], &[Node], u64) -> Box<dyn Rule>;

/// A rule in the comparison.
struct Entry {
    name: &'static str,
    label: &'static str,
    /// What the paper's simulator comes to at 130 %, in percent.
    published: &'static str,
    make: Make,
}

/// All that are run.
static ENTRIES: [Entry; 7] = [
    Entry {
        name: "random",
        label: "Random",
        published: "87.47",
        make: |_, _, seed| Box::new(peers::Random::new(seed)),
    },
    Entry {
        name: "dotprod",
        label: "DotProd",
        published: "90.85",
        make: |_, _, _| Box::new(peers::DotProduct),
    },
    Entry {
        name: "clustering",
        label: "GpuClustering",
        published: "91.88",
        make: |_, _, _| Box::new(peers::Clustering),
    },
    Entry {
        name: "packing",
        label: "GpuPacking",
        published: "92.00",
        make: |_, _, _| Box::new(peers::Packing),
    },
    Entry {
        name: "bestfit",
        label: "BestFit",
        published: "93.08",
        make: |_, _, _| Box::new(peers::BestFit),
    },
    Entry {
        name: "fgd",
        label: "FGD",
        published: "95.39",
        make: |past, _, _| Box::new(frag::Gradient::new(past)),
    },
    Entry {
        name: "rota",
        label: "Rota",
        published: "",
        make: |past, nodes, _| Box::new(rota::Rota::new(past, nodes)),
    },
];

/// Workloads that no knob was tuned on.
const HELD_OUT: [(Kind, &str, &str); 4] = [
    (Kind::Shared, "shared", "more shared pods"),
    (Kind::Gangs, "gangs", "more pods of several GPUs"),
    (Kind::Models, "models", "more model constraints"),
    (Kind::All, "all", "all three"),
];

/// Measures.
pub fn run(words: &[&str]) -> Result<(), Failure> {
    let options = options::read(words)?;
    let folder = std::env::var_os("ROTA_TRACES").map_or("../shared/traces".into(), PathBuf::from);
    let pods = options.pods.clone().unwrap_or_else(|| folder.join("openb_pods.csv"));
    let nodes = options.nodes.clone().unwrap_or_else(|| folder.join("openb_nodes_gpu.csv"));
    if let Some(absent) = [&pods, &nodes].into_iter().find(|path| !path.is_file()) {
        let shown = absent.display();
        println!("skipped: {shown} is not there; set ROTA_TRACES to the folder with the traces");
        return Ok(());
    }
    let (pods, nodes) = (trace::pods(&pods)?, trace::nodes(&nodes)?);
    let is_default = options.pods.is_none() && options.nodes.is_none();
    let figures = compare(&pods, &nodes, &options);
    let held_out = if is_default { self::held_out(&pods, &nodes, &options)? } else { Vec::new() };

    println!("\ngiven out at 130 % asked for, mean of {} orders of arrival", options.seeds);
    let mut table = Table::new(&["rule", "given out %", "least", "most", "published"]);
    for (entry, figure) in ENTRIES.iter().zip(&figures.rules) {
        let published = if is_default { entry.published } else { "" };
        table.row(&figure.cells(entry.label, published));
    }
    table.row(&figures.ceiling.cells("Rota, no cores or memory needed", ""));
    table.show("fgd")?;
    held_out.iter().for_each(|(name, value)| result(name, *value));
    result("fgd.ceiling.alloc_pct", figures.ceiling.mean);
    for (entry, figure) in ENTRIES.iter().zip(&figures.rules) {
        result(&format!("fgd.{}.alloc_pct", entry.name), figure.mean);
    }
    Ok(())
}

/// Mean and range over orders of arrival, in percent.
struct Figure {
    mean: f64,
    least: f64,
    most: f64,
}

impl Figure {
    fn of(all: &[f64]) -> Figure {
        Figure {
            mean: all.iter().sum::<f64>() / all.len() as f64,
            least: all.iter().copied().fold(f64::INFINITY, f64::min),
            most: all.iter().copied().fold(0.0, f64::max),
        }
    }

    fn cells(&self, label: &str, published: &str) -> [String; 5] {
        let figure = |value: f64| format!("{value:.2}");
        let figures = [self.mean, self.least, self.most].map(figure);
        let [mean, least, most] = figures;
        [label.to_owned(), mean, least, most, published.to_owned()]
    }
}

/// All rules on one workload.
struct Figures {
    rules: Vec<Figure>,
    ceiling: Figure,
}

fn compare(pods: &[Pod], nodes: &[Node], options: &Options) -> Figures {
    let mut rules = Vec::new();
    for entry in &ENTRIES {
        let begun = Instant::now();
        let figure = measure(pods, nodes, options, entry.make);
        let seconds = begun.elapsed().as_secs_f64();
        println!("  {}: {:.2} %, {seconds:.1} s", entry.label, figure.mean);
        rules.push(figure);
    }
    let light: Vec<Pod> = pods.iter().map(|pod| Pod { cpus: 0, mem: 0, ..pod.clone() }).collect();
    let ceiling =
        measure(&light, nodes, options, |past, nodes, _| Box::new(rota::Rota::new(past, nodes)));
    Figures { rules, ceiling }
}

fn measure(pods: &[Pod], nodes: &[Node], options: &Options, make: Make) -> Figure {
    let seeds = 1..=options.seeds;
    let percent = |seed| {
        let arrivals = load::arrivals(pods, nodes, seed);
        engine::run(nodes, &arrivals, make(pods, nodes, seed).as_mut()).percent()
    };
    Figure::of(&seeds.map(percent).collect::<Vec<f64>>())
}

/// The workloads that were held out: a table, and figures to be printed last.
fn held_out(
    trace: &[Pod],
    nodes: &[Node],
    options: &Options,
) -> Result<Vec<(String, f64)>, Failure> {
    let mut columns = vec!["held out"];
    columns.extend(ENTRIES.iter().map(|entry| entry.label));
    columns.push("no cores or memory");
    let mut table = Table::new(&columns);
    let mut results = Vec::new();
    for (kind, name, label) in HELD_OUT {
        println!("held out: {label}");
        let figures = compare(&kind.pods(trace, nodes), nodes, options);
        let mut row = vec![label.to_owned()];
        for (entry, figure) in ENTRIES.iter().zip(&figures.rules) {
            row.push(format!("{:.2}", figure.mean));
            results.push((format!("fgd.{name}.{}.alloc_pct", entry.name), figure.mean));
        }
        row.push(format!("{:.2}", figures.ceiling.mean));
        table.row(&row);
    }
    println!();
    table.show("fgd-held-out")?;
    Ok(results)
}
