//! Every file: what its head says, and that it reads back the same.

use super::{folder, site};
use rota_core::calendar::{Zone, days};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::node::Node;
use rota_core::policy::Policy;
use rota_core::policy::verify::verify;
use rota_core::units::{Mib, Time};
use rota_policy::check::check;

/// Names of all files, without `.toml`.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("the folder is there");
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter_map(|n| n.strip_suffix(".toml").map(str::to_owned)).collect();
    names.sort();
    names
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).expect("the file can be read")
}

#[test]
fn there_are_at_least_25_sites() {
    assert!(names().len() >= 25, "{}", names().len());
}

#[test]
fn every_file_says_where_it_is_from_and_what_it_cannot_say() {
    for name in names() {
        let text = text(&format!("{name}.toml"));
        let head: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
        for what in ["# Source: ", "# Expressed: ", "# Not expressed: "] {
            assert!(head.iter().any(|line| line.starts_with(what)), "{name}: no '{what}'");
        }
        let wide = text.lines().find(|line| line.chars().count() > 124);
        assert_eq!(wide, None, "{name}: a line is too long to read");
    }
}

#[test]
fn every_file_is_written_back_the_same() {
    for name in names() {
        let policy = site(&name);
        let again = rota_policy::read(&rota_policy::write(&policy), &Zone::default());
        assert_eq!(again.as_ref(), Ok(&policy), "{name}");
    }
}

/// A machine that has each node of a policy, with eight GPUs.
fn inventory(policy: &Policy) -> Cluster {
    let mut c = Cluster::default();
    for (id, name) in (0..).zip(policy.pools.iter().flat_map(|pool| &pool.nodes)) {
        let (name, model) = (name.clone(), Some("H100".to_owned()));
        let (gpus, price, cpus, mem) = (8, 2200, 64, Mib(1 << 20));
        let node = Node { id: NodeId(id), name, model, gpus, price, cpus, mem, ..Node::default() };
        c.apply(Time(0), &Event::NodeAdded { node });
    }
    c
}

#[test]
fn every_file_can_be_set_and_surprises_nobody() {
    let zone = Zone::default();
    let now = zone.day(days(2026, 11, 1));
    for name in names() {
        let checked = check(&text(&format!("{name}.toml")), &zone, |policy| {
            Ok::<_, ()>(verify(policy, Some(&inventory(policy)), now))
        });
        let checked = checked.expect("nothing fails");
        assert_eq!(checked.faults, [], "{name}");
        assert!(checked.policy.is_some_and(|policy| !policy.site.is_empty()), "{name}");
    }
}

#[test]
fn the_table_lists_every_file_and_nothing_else() {
    let table = text("README.md");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| [")?.split_once(".toml]"));
    let mut listed: Vec<&str> = rows.map(|(name, _)| name).collect();
    listed.sort_unstable();
    assert_eq!(listed, names());
}
