//! Rotation, mixed GPUs and fairness on Gavel's own workload and in its own engine (OSDI 2020, `stanford-futuredata/gavel`):
//! Rota's rule beside peers, and beside oracles that know each job's duration.
//!
//! Without options: the default trace point, the same with a switch cost, and generated workloads that no knob was tuned
//! on. With options: one workload.

mod engine;
mod figures;
mod generate;
mod maxmin;
mod options;
mod policies;
mod rota;
mod shares;
#[cfg(test)]
mod tests;
mod trace;

use super::Failure;
use super::report::{Table, result};
use engine::Policy;
use figures::Figures;
use options::Options;
use shares::{Order, Shares};
use std::path::Path;
use std::time::Instant;
use trace::{Kind, Workload};

/// The default trace point, and which of its jobs are measured.
const DEFAULT: (&str, std::ops::Range<usize>) = ("gavel_multi_rate2.4_seed0_n8000.csv", 4000..5000);
/// Generated loads: jobs an hour, with these seeds; how many jobs, of which the middle half is measured.
const RATES: [f64; 6] = [0.5, 1.0, 1.5, 2.0, 2.4, 3.0];
const SEEDS: [u64; 3] = [101, 102, 103];
const JOBS: usize = 6000;
/// The second switch cost of the default point, in seconds.
const SWITCH: f64 = 60.0;
/// Shuffles the order of models of policies that are blind to speeds.
const SHUFFLE: u64 = 1;

/// A policy in the comparison.
struct Entry {
    name: &'static str,
    label: &'static str,
    knows: &'static str,
    make: fn() -> Box<dyn Policy>,
}

/// All that are run. `isolated` is first: the others are measured against it.
static ENTRIES: [Entry; 9] = [
    Entry {
        name: "isolated",
        label: "isolated",
        knows: "no",
        make: || Box::new(Shares::new(shares::isolated, Order::shuffled(SHUFFLE))),
    },
    Entry {
        name: "fifo",
        label: "FIFO, fastest type",
        knows: "no",
        make: || Box::new(policies::Fifo),
    },
    Entry {
        name: "las",
        label: "LAS (max-min of GPU time)",
        knows: "no",
        make: || Box::new(Shares::new(shares::equal_time, Order::shuffled(SHUFFLE))),
    },
    Entry {
        name: "maxmin",
        label: "Gavel's max-min, own solver",
        knows: "no",
        make: || Box::new(Shares::new(maxmin::max_min, Order::Fastest)),
    },
    Entry {
        name: "las2",
        label: "2-threshold LAS",
        knows: "no",
        make: || Box::new(policies::TwoLevels),
    },
    Entry {
        name: "srsf",
        label: "SRSF",
        knows: "*oracle*",
        make: || Box::new(policies::Srsf { aging: f64::INFINITY }),
    },
    Entry {
        name: "oracle",
        label: "age-SRSF",
        knows: "*oracle*",
        make: || Box::new(policies::Srsf { aging: 36_000.0 }),
    },
    Entry { name: "rota", label: "Rota", knows: "no", make: || Box::new(rota::Rota::plain()) },
    Entry {
        name: "rota_predicted",
        label: "Rota, predicted",
        knows: "from jobs that ended",
        make: || Box::new(rota::Rota::predicted()),
    },
];

/// What Gavel's own code gives at the default point for its max-min policy. Our solver picks other fractions among those
/// that are equally good to the least served job, so that the two rows differ.
const PUBLISHED: [&str; 9] = [
    "Gavel's max-min, published",
    "no",
    "27.5",
    "5.6",
    "73",
    "397",
    "0.82 / 1.56 / 5.16",
    "",
    "57 %",
];

const COLUMNS: [&str; 9] = [
    "policy",
    "knows durations",
    "avg JCT h",
    "p50",
    "p90",
    "p99",
    "rho mean / p99 / max",
    "starts",
    "rounds with a move",
];

/// Measures what was asked for.
pub fn run(words: &[&str]) -> Result<(), Failure> {
    let options = options::read(words)?;
    let folder = trace::folder();
    if let Some(file) = &options.trace {
        let work = trace::read(file, [36; 3])?;
        return one(&measured_part(file, work), &options, "gavel");
    }
    let folder = folder?;
    let kinds = trace::kinds(&folder)?;
    if options.seed.is_some() || options.rate.is_some() {
        let (seed, rate) = (options.seed.unwrap_or(SEEDS[0]), options.rate.unwrap_or(2.4));
        return one(&generate::generate(&kinds, seed, rate, JOBS), &options, "gavel");
    }
    everything(&folder, &kinds, &options)
}

/// The default point's trace has its own measured jobs; of any other all count.
fn measured_part(file: &Path, mut work: Workload) -> Workload {
    if file.file_name().is_some_and(|name| name == DEFAULT.0) {
        work.measured = DEFAULT.1;
    }
    work
}

/// One workload: a table of all policies, and its figures.
fn one(work: &Workload, options: &Options, csv: &str) -> Result<(), Failure> {
    let figures = compare(work, options.switch_cost);
    table(&figures, &[]).show(csv)?;
    results("gavel", &figures);
    Ok(())
}

/// Without options.
fn everything(folder: &Path, kinds: &[Kind], options: &Options) -> Result<(), Failure> {
    let file = folder.join(DEFAULT.0);
    let work = measured_part(&file, trace::read(&file, [36; 3])?);
    println!("{}: jobs {:?}, switch cost {} s", DEFAULT.0, DEFAULT.1, options.switch_cost);
    let figures = compare(&work, options.switch_cost);
    let dear = options.switch_cost.max(0.0) + SWITCH;
    println!("the same, switch cost {dear} s");
    let costly = compare(&work, dear);
    let unseen = unseen(kinds, options.switch_cost)?;

    println!("\ngenerated loads, {} seeds each: avg JCT h (rho max)", SEEDS.len());
    unseen.table.show("gavel-generated")?;
    println!("\ndefault point, switch cost {dear} s");
    table(&costly, &[]).show("gavel-switch")?;
    println!("\ndefault point, switch cost {} s", options.switch_cost);
    table(&figures, &[PUBLISHED]).show("gavel")?;
    results("gavel", &figures);
    results(&format!("gavel.switch{dear:.0}"), &costly);
    unseen.results.iter().for_each(|(name, value)| result(name, *value));
    Ok(())
}

type Compared = Vec<(&'static Entry, Figures)>;

/// Runs all policies on a workload.
fn compare(work: &Workload, switch_cost: f64) -> Compared {
    some(work, switch_cost, |_| true)
}

/// Runs `isolated` and the named policies.
fn some(work: &Workload, switch_cost: f64, wanted: impl Fn(&str) -> bool) -> Compared {
    let mut isolated: Option<Vec<f64>> = None;
    let mut compared = Compared::new();
    for entry in ENTRIES.iter().filter(|e| e.name == "isolated" || wanted(e.name)) {
        let begun = Instant::now();
        let outcome = engine::run(work, switch_cost, (entry.make)().as_mut());
        let alone = isolated.get_or_insert_with(|| figures::hours(work, &outcome));
        let figures = Figures::of(work, &outcome, alone);
        let seconds = begun.elapsed().as_secs_f64();
        println!("  {}: avg {:.2} h, {seconds:.1} s", entry.name, figures.avg);
        compared.push((entry, figures));
    }
    compared
}

fn table(compared: &Compared, published: &[[&str; 9]]) -> Table {
    let mut table = Table::new(&COLUMNS);
    for (entry, figures) in compared {
        let mut row = vec![entry.label.to_owned(), entry.knows.to_owned()];
        row.extend(figures.cells());
        table.row(&row);
    }
    for row in published {
        table.row(&row.map(str::to_owned));
    }
    table
}

fn results(prefix: &str, compared: &Compared) {
    for (entry, figures) in compared {
        let name = |figure: &str| format!("{prefix}.{}.{figure}", entry.name);
        let [p50, p90, p99] = figures.percentiles;
        let [mean, most, worst] = figures.rho;
        result(&name("avg_jct_h"), figures.avg);
        result(&name("p50_h"), p50);
        result(&name("p90_h"), p90);
        result(&name("p99_h"), p99);
        result(&name("rho_mean"), mean);
        result(&name("rho_p99"), most);
        result(&name("rho_max"), worst);
        result(&name("starts_per_job"), figures.starts);
    }
}

/// Generated loads: a table, and figures over all of them.
struct Unseen {
    table: Table,
    results: Vec<(String, f64)>,
}

/// The policies of the table of generated loads, after `isolated`.
const SHOWN: [&str; 5] = ["fifo", "las", "oracle", "rota", "rota_predicted"];

fn unseen(kinds: &[Kind], switch_cost: f64) -> Result<Unseen, Failure> {
    let mut columns = vec!["jobs/h", "isolated"];
    columns.extend(SHOWN);
    columns.extend(["rota rho mean", "rota starts"]);
    let mut table = Table::new(&columns);
    let mut all: Vec<Compared> = Vec::new();
    for rate in RATES {
        let mut runs: Vec<Compared> = Vec::new();
        for seed in SEEDS {
            println!("generated: {rate} jobs/h, seed {seed}");
            let work = generate::generate(kinds, seed, rate, JOBS);
            runs.push(some(&work, switch_cost, |name| SHOWN.contains(&name)));
        }
        let mut row = vec![format!("{rate}")];
        for name in ["isolated"].iter().chain(&SHOWN) {
            let worst = of(&runs, name, |f| f.rho[2]).into_iter().fold(0.0, f64::max);
            row.push(format!("{:.2} ({worst:.2})", figures::mean(&of(&runs, name, |f| f.avg))));
        }
        row.push(format!("{:.3}", figures::mean(&of(&runs, "rota", |f| f.rho[0]))));
        row.push(format!("{:.1}", figures::mean(&of(&runs, "rota", |f| f.starts))));
        table.row(&row);
        all.extend(runs);
    }
    let mut results = Vec::new();
    for name in SHOWN {
        let pairs = of(&all, name, |f| f.avg).into_iter().zip(of(&all, "isolated", |f| f.avg));
        let ratios: Vec<f64> = pairs.map(|(ours, alone)| ours / alone).collect();
        let worst = of(&all, name, |f| f.rho[2]).into_iter().fold(0.0, f64::max);
        let of_all = |figure: &str| format!("gavel.generated.{name}.{figure}");
        results.push((of_all("avg_per_isolated"), figures::mean(&ratios)));
        results.push((of_all("rho_max"), worst));
        let starts = figures::mean(&of(&all, name, |f| f.starts));
        results.push((of_all("starts_per_job"), starts));
    }
    Ok(Unseen { table, results })
}

/// One figure of one policy in each of several runs.
fn of(runs: &[Compared], name: &str, figure: fn(&Figures) -> f64) -> Vec<f64> {
    let mine = runs.iter().flatten().filter(|(entry, _)| entry.name == name);
    mine.map(|(_, figures)| figure(figures)).collect()
}
