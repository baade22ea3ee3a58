//! The project's own chores: `cargo xtask test`, `ci`, `recipes PYTHON`, `bench NAME`.

mod bench;
mod gpu_check;
mod recipes;
mod record;
mod test;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask test | ci | record | recipes PYTHON | gpu-check PYTHON | bench plan | bench kill | bench live | \
bench easy | bench scale [JOBS] | bench gavel [--switch-cost S] [--seed N --rate R] [--trace FILE] | \
bench fgd [--pods FILE] [--nodes FILE] [--seeds N]";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test" | "ci"] => test::test(),
        ["bench", name, more @ ..] => bench::bench(name, more),
        ["gpu-check", more @ ..] => bench::done("gpu-check", gpu_check::check(more)),
        ["recipes", python] => bench::done("recipes", recipes::recipes(python)),
        ["record"] => bench::done("record", record::record()),
        ["now", path] => bench::now(path),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
