//! What real sites wrote down, as policy files: each file in `policies/` does what its site says. Nodes and people are made
//! up; a page begins at midnight of the site's own time.

mod budgets;
mod classes;
mod files;
mod limits;
mod owners;
mod prices;
mod shares;
mod times;

use rota_core::policy::Policy;
use rota_core::policy::who::Account;
use rota_core::units::Time;
use rota_sim::run::World;
use std::path::PathBuf;

/// Where the files are.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

/// The policy of a site, as its file says it.
fn site(name: &str) -> Policy {
    let path = folder().join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).expect("the site has a file");
    let faults = |faults: Vec<rota_policy::Fault>| panic!("{name}: {faults:#?}");
    rota_policy::read(&text, &rota_core::calendar::Zone::default()).unwrap_or_else(faults)
}

/// What was spent of the first purse of a lab and grant, in hundredths of a GPU hour at its price.
fn spent(world: &World, lab: &str, grant: &str) -> u128 {
    let now = world.log.last().map_or(Time(0), |(at, _)| *at);
    let account = Account { lab, grant, person: "" };
    let purses = rota_core::purse::purses(&world.cluster, account, now);
    purses.first().map_or(0, |purse| u128::from(purse.spent / 36_000_000))
}
