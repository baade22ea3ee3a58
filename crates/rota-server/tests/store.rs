//! What is acknowledged is on the disk; what is damaged is refused; what is lost is made again from the log.

use rota_core::admit::admit;
use rota_core::check::check;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{JobSpec, Outcome};
use rota_core::launch::Launch;
use rota_core::node::Node;
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Time};
use rota_server::store::{FILE, Staged, Store, load};
use rota_server::{ServerError, admin};
use std::collections::BTreeMap;
use std::path::Path;

fn node() -> Event {
    let (name, model) = ("n".to_owned(), Some("H100".to_owned()));
    Event::NodeAdded {
        node: Node {
            id: NodeId(0),
            name,
            model,
            gpus: 8,
            price: 2200,
            cpus: 64,
            mem: Mib(1 << 20),
            ..Node::default()
        },
    }
}

/// A store with a node and `jobs` submitted jobs, the first of them cancelled.
fn filled(folder: &Path, jobs: u64) -> Cluster {
    let mut store = Store::open(folder).expect("a new store");
    let mut c = Cluster::default();
    let asker = Asker {
        person: "한글 'q'".into(),
        lab: "vision".into(),
        grant: String::new(),
        admin: false,
    };
    let mut facts = vec![node()];
    for _ in 0..jobs {
        let spec = JobSpec { name: "train".into(), gpus: 1, ..JobSpec::default() };
        let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
        for fact in std::mem::take(&mut facts) {
            let staged = Staged::new(&c, Time(1), fact);
            c.apply(Time(1), &staged.event);
            store.append(&[staged], &[], "").expect("room on the disk");
        }
        facts = admit(&c, &asker, &request, Time(2)).expect("a fitting request");
    }
    let outcome = Outcome::Cancelled { by: "한글 'q'".into() };
    facts.push(Event::Ended { job: JobId::single(1), outcome });
    for fact in facts {
        let staged = Staged::new(&c, Time(3), fact);
        c.apply(Time(3), &staged.event);
        store.append(&[staged], &[(1, Launch::default())], "").expect("room on the disk");
    }
    c
}

#[test]
fn what_was_written_is_read_back_with_and_without_a_snapshot() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = filled(folder.path(), 50);
    for snapshot in [false, true] {
        let mut store = Store::open(folder.path()).expect("the store");
        let loaded = load::load(store.path(), store.db()).expect("a whole log");
        assert_eq!(loaded.cluster, written);
        assert_eq!(check(&loaded.cluster), []);
        if !snapshot {
            store.keep_snapshot(&loaded.cluster).expect("room on the disk");
        }
    }
    assert_eq!(admin::check(folder.path()).expect("readable").problems, Vec::<String>::new());
}

#[test]
fn a_store_that_is_cut_short_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    filled(folder.path(), 300);
    let path = folder.path().join(FILE);
    let bytes = std::fs::read(&path).expect("the file");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
    let refused = Store::open(folder.path()).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(refused.contains("rota admin rebuild"), "{refused}");
    assert_eq!(std::fs::read(&path).expect("the file").len(), bytes.len() / 2);
}

#[test]
fn a_damaged_page_is_refused_and_rebuild_keeps_every_event_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    filled(folder.path(), 300);
    let path = folder.path().join(FILE);
    let mut bytes = std::fs::read(&path).expect("the file");
    let middle = bytes.len() / 4096 / 2 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(&path, &bytes).expect("written");
    assert!(matches!(Store::open(folder.path()), Err(ServerError::Damaged { .. })));
    let rebuilt = admin::rebuild(folder.path()).expect("a new store");
    assert!(rebuilt.events > 0 && rebuilt.old.exists(), "{rebuilt:?}");
    let checked = admin::check(folder.path()).expect("readable");
    assert_eq!((checked.events, checked.problems), (rebuilt.events, Vec::new()));
}

#[test]
fn a_rebuild_of_a_whole_store_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = filled(folder.path(), 40);
    let rebuilt = admin::rebuild(folder.path()).expect("a new store");
    assert_eq!(rebuilt.stopped_at, None);
    let store = Store::open(folder.path()).expect("the store");
    assert_eq!(load::load(store.path(), store.db()).expect("a whole log").cluster, written);
    assert!(store.launch(1).is_some());
}

#[test]
fn a_file_that_is_no_store_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(FILE), "these are notes, not a database").expect("written");
    assert!(matches!(Store::open(folder.path()), Err(ServerError::Damaged { .. })));
}
