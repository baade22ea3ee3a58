//! Reports of the real program: shares, fairness and the lender's ledger.

use crate::place::{Place, error_of, fits, until};
use serde_json::Value;

/// Two labs with work on one GPU, of which one has had it.
fn place_with_work() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    let submit = |lab: &str, person: &str, seconds: &str| {
        let account = ["submit", "--gpus", "1", "--account", lab, "--person", person];
        place.out(&[&account[..], &["--turns", "never", "--", "sleep", seconds]].concat());
    };
    submit("vision", "mina", "0");
    until("the end of job 1", || place.out(&["show", "1"]).contains("exit code 0"));
    submit("비전연구실의 아주 긴 이름", "김연구원", "1000");
    submit("vision", "mina", "1000");
    until("the start of job 2", || place.out(&["show", "2"]).contains("running"));
    place
}

fn json(place: &Place, words: &[&str]) -> Value {
    serde_json::from_str(&place.out(words)).expect("JSON")
}

#[test]
fn every_report_fits_eighty_columns_in_both_languages() {
    let place = place_with_work();
    for language in ["en", "ko"] {
        for verb in ["shares", "fairness", "ledger"] {
            let text = place.out(&["--lang", language, verb]);
            assert!(text.lines().count() > 2, "{text}");
            fits(&text);
        }
    }
    place.out(&["cancel", "2", "3"]);
}

#[test]
fn shares_say_who_used_what_and_who_waits() {
    let place = place_with_work();
    let answer = json(&place, &["shares", "--json"]);
    let labs = answer["ledgers"][0]["labs"].as_array().expect("labs").clone();
    let lab = |name: &str| labs.iter().find(|l| l["name"] == name).expect("a lab").clone();
    assert_eq!(lab("vision")["waiting"], 1);
    assert_eq!(lab("vision")["share"], 50_000);
    assert_eq!(lab("vision")["below"][0]["below"][0]["name"], "mina");
    assert!(lab("비전연구실의 아주 긴 이름")["holds"].as_u64() > Some(1000));
    let owed: i64 = labs.iter().filter_map(|l| l["owed"].as_i64()).sum();
    assert!(owed.abs() <= 1, "what one is owed the other has had: {owed}");
    place.out(&["cancel", "2", "3"]);
}

#[test]
fn a_pool_without_a_ledger_is_refused() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    let refused = place.says(&["shares", "--pool", "a100"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(error_of(&refused).contains("a100"));
}

#[test]
fn fairness_of_a_period_is_told_as_text_json_and_csv() {
    let place = place_with_work();
    let answer = json(&place, &["fairness", "--since", "1h", "--json"]);
    let period = (&answer["period"]["from"], &answer["period"]["until"]);
    let (from, until) = (period.0.as_u64().expect("ms"), period.1.as_u64().expect("ms"));
    assert!((3_590_000..=3_610_000).contains(&(until - from)), "{period:?}");
    let measures = answer["measures"].as_array().expect("measures");
    let wait = measures.iter().find(|m| m["name"] == "wait-max").expect("a measure");
    assert!(wait["jobs"].as_u64() >= Some(3), "two began, one waits: {wait}");
    let csv = place.out(&["fairness", "--csv"]);
    assert_eq!(csv.lines().count(), measures.len() + 1);
    assert!(csv.lines().all(|line| line.matches(',').count() == 7), "{csv}");
    place.out(&["cancel", "2", "3"]);
}

#[test]
fn a_period_that_cannot_be_is_refused_with_what_to_write() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    let unreadable = place.says(&["fairness", "--since", "yesterday"]);
    assert_eq!(unreadable.status.code(), Some(2));
    assert!(error_of(&unreadable).contains("7d"));
    let both = place.says(&["fairness", "--json", "--csv"]);
    assert_eq!(both.status.code(), Some(2));
    let backwards = place.says(&["ledger", "--since", "1h", "--until", "2h", "--lang", "ko"]);
    assert_eq!(backwards.status.code(), Some(1));
    assert!(error_of(&backwards).contains("순서대로"));
    place.out(&["fairness", "--since", "2026-01-01", "--until", "2026-01-02T13:00"]);
}

#[test]
fn shares_say_how_long_nobody_waits_and_what_was_promised() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*8"]);
    let policy = "pool = [{ name = \"h\", nodes = [\"h100*\"] }]\n\
                  turn = { pool = \"h\", slice = \"4h\", max_wait = \"1d\" }\n";
    std::fs::write(place.path().join("p.toml"), policy).expect("a file");
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    for lab in ["kim", "lee", "park"] {
        let words = ["submit", "--account", lab, "--person", lab, "--gpus", "8", "--time", "9h"];
        place.out(&[&words[..], &["--", "sleep", "1000"]].concat());
    }
    // Three who each want the whole node: three turns, and five minutes to leave.
    let said = place.out(&["shares"]);
    assert!(said.contains("12h5m") && said.contains("promised: 1d"), "{said}");
    place.out(&["cancel", "1", "2", "3"]);
}
