//! `rota whatif`: the site's own log, traces, money and pages.

use crate::place::{Place, error_of, fits, until};
use serde_json::Value;

/// A server on whose one GPU two labs have had jobs, one after the other.
fn place_with_past() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    for (lab, person) in [("vision", "mina"), ("<b>비전", "jun"), ("vision", "mina")] {
        let words = ["submit", "--gpus", "1", "--account", lab, "--person", person];
        place.out(&[&words[..], &["--turns", "never", "--", "sleep", "0.1"]].concat());
    }
    until("the end of job 3", || place.out(&["show", "3"]).contains("exit code 0"));
    place
}

const TRACE: &str = "job_id,submit_s,num_gpus,duration_s,user,vc,model
1,0,2,7200,ann,vision,H100
2,60,2,3600,bo,<i>lab</i>,H100
3,120,1,600,bo,<i>lab</i>,H100
4,180,1,600,bo,vision,H100
";

fn place_with_trace() -> Place {
    let place = Place::new();
    std::fs::write(place.path().join("t.csv"), TRACE).expect("a file");
    let prices = "# an example\nmodel,gpus,price\nH100,2,100M-KRW\nA100,2,40M-KRW\n";
    std::fs::write(place.path().join("prices.csv"), prices).expect("a file");
    place
}

const ASKED: [&str; 8] =
    ["whatif", "t.csv", "--inventory", "h100*2", "--start-cost", "0s", "--leave-cost", "0s"];

fn json(place: &Place, words: &[&str]) -> Value {
    serde_json::from_str(&place.out(words)).expect("JSON")
}

#[test]
fn the_sites_own_jobs_are_played_again_with_more_nodes() {
    let place = place_with_past();
    let answer = json(&place, &["whatif", "--add", "1xH100x4", "--json"]);
    assert_eq!((&answer["jobs"], &answer["simulated"]), (&3.into(), &true.into()));
    let reports = answer["scenarios"].as_array().expect("a list");
    let gpus: Vec<_> = reports.iter().map(|r| r["report"]["gpus"].as_u64()).collect();
    assert_eq!(gpus, [Some(1), Some(5)]);
    for report in reports.iter().map(|r| &r["report"]) {
        assert_eq!(report["waits"]["jobs"], 3);
        let labs: Vec<_> =
            report["labs"].as_array().expect("labs").iter().map(|l| &l["name"]).collect();
        assert_eq!(labs, ["<b>비전", "vision"]);
    }
    for language in ["en", "ko"] {
        let text = place.out(&["--lang", language, "whatif", "--add", "1xH100x4"]);
        assert!(text.contains("SIMULATED") || text.contains("모의"), "{text}");
        fits(&text);
    }
}

#[test]
fn a_site_without_past_jobs_is_told_to_take_a_trace() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    let refused = place.says(&["whatif", "--add", "1xH100x4"]);
    assert_eq!(refused.status.code(), Some(1));
    let misplaced = place.says(&["whatif", "--add", "1xH100x4", "--limit", "9"]);
    assert_eq!(misplaced.status.code(), Some(2));
    assert!(error_of(&misplaced).contains("--days"), "{}", error_of(&misplaced));
    assert!(error_of(&refused).contains("whatif TRACE"), "{}", error_of(&refused));
}

#[test]
fn the_table_shows_the_numbers_of_the_json_and_a_second_node_ends_the_waiting() {
    let place = place_with_trace();
    let words = [&ASKED[..], &["--add", "2xH100x2"]].concat();
    let answer = json(&place, &[&words[..], &["--json"]].concat());
    let max = |at: usize| answer["scenarios"][at]["report"]["waits"]["max"].as_u64();
    assert!(max(0) >= Some(7_000_000), "job 2 waits for job 1: {answer}");
    assert_eq!(max(1), Some(0), "{answer}");
    let saved = answer["scenarios"][1]["saved_ms"].as_i64().expect("ms");
    let waited = answer["scenarios"][0]["report"]["waited"].as_i64().expect("ms");
    assert_eq!(saved, waited);
    let text = place.out(&words);
    let hours = format!("{}.{:02}", waited / 3_600_000, waited % 3_600_000 / 36_000);
    let row = text.lines().find(|line| line.contains("waiting in all")).expect("a row");
    let shown: Vec<&str> = row.split_whitespace().rev().take(2).collect();
    assert_eq!(shown[0], "0.00");
    let (a, b): (f64, f64) = (shown[1].parse().expect("hours"), hours.parse().expect("hours"));
    assert!((a - b).abs() < 0.011, "{row}: {hours}");
    fits(&text);
}

#[test]
fn four_scenarios_stand_side_by_side_within_eighty_columns_and_a_fifth_is_too_many() {
    let place = place_with_trace();
    let some = ["--add", "1xH100x2", "--scenario", "turn 2h", "--scenario", "share lab/vision=3"];
    let four = [&ASKED[..], &some, &["--scenario", "add 9xA100x8; turn 1h"]].concat();
    for language in ["en", "ko"] {
        let text = place.out(&[&four[..], &["--lang", language]].concat());
        fits(&text);
        assert!(text.contains("E  add 9xA100x8; turn 1h"), "{text}");
    }
    let output = place.says(&[&four[..], &["--scenario", "turn 3h"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", error_of(&output));
}

#[test]
fn the_page_needs_nothing_else_and_takes_no_name_for_a_mark() {
    let place = place_with_trace();
    for (language, words) in [("en", "wanted"), ("ko", "부족률")] {
        let more = ["--add", "1xH100x2", "--html", "o.html", "--lang", language];
        place.out(&[&ASKED[..], &more].concat());
        let page = std::fs::read_to_string(place.path().join("o.html")).expect("a page");
        for outside in ["http:", "https:", "src=", "href=", "url(", "@import", "<script"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("&lt;i&gt;lab&lt;/i&gt;") && !page.contains("<i>lab"), "{page}");
        assert!(page.contains("<svg") && page.contains(words), "{page}");
    }
}

#[test]
fn money_is_spent_on_what_saves_most_waiting_and_the_need_is_answered_with_its_price() {
    let place = place_with_trace();
    let money = ["--buy", "200M-KRW", "--prices", "prices.csv", "--need", "--goal", "max<1m"];
    let answer = json(&place, &[&ASKED[..], &money, &["--as-good", "--json"]].concat());
    let saved: Vec<i64> = answer["purchases"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|p| p["saved_ms"].as_i64().expect("ms"))
        .collect();
    assert!(saved.len() > 2 && saved.is_sorted_by(|a, b| a >= b), "{saved:?}");
    assert_eq!(answer["purchases"][0]["nodes"], "2xH100x2");
    let need = &answer["needs"][0];
    assert_eq!((&need["model"], &need["nodes"]), (&"H100".into(), &2.into()), "{need}");
    // Nobody asked for an A100, and it is not as good.
    assert_eq!(answer["needs"][1]["is_met"], false);
    for language in ["en", "ko"] {
        let text = place.out(&[&ASKED[..], &money, &["--lang", language]].concat());
        fits(&text);
        assert!(text.contains("A100"), "{text}");
    }
}

#[test]
fn what_money_cannot_compare_or_nobody_knows_is_said_and_a_price_that_cannot_be_has_its_line() {
    let place = place_with_trace();
    let prices = "model,gpus,price,currency\n\"H100\",2,\"100,000,000\",KRW\nB200,8,400000,USD\n";
    std::fs::write(place.path().join("mixed.csv"), prices).expect("a file");
    let money = ["--buy", "2억", "--prices", "mixed.csv", "--add", "1xH10x2"];
    for (language, said) in [("en", "known (H10)"), ("ko", "모델(H10)")] {
        let text = place.out(&[&ASKED[..], &money, &["--lang", language]].concat());
        fits(&text);
        assert!(text.contains(said) && text.contains(" B200x8"), "{text}");
    }
    std::fs::write(place.path().join("mixed.csv"), "model,gpus,price\nH100,2,much\n")
        .expect("a file");
    let refused = place.says(&[&ASKED[..], &money].concat());
    assert!(error_of(&refused).contains("mixed.csv:2: price 'much'"), "{}", error_of(&refused));
}

#[test]
fn a_trace_without_models_is_measured_on_the_one_that_is_named_and_else_it_is_said() {
    let place = place_with_trace();
    std::fs::write(place.path().join("n.csv"), "job_id,submit_s,num_gpus,duration_s\n1,0,1,3600\n")
        .expect("a file");
    let costs = ["--start-cost", "0", "--leave-cost", "0"];
    let asked = ["whatif", "n.csv", "--inventory", "a100*1", "--turn", "9h"];
    let asked = [&asked[..], &costs].concat();
    let hours = |more: &[&str]| {
        let answer = json(&place, &[&asked[..], more, &["--json"]].concat());
        answer["scenarios"][0]["report"]["waits"]["completion"].as_u64()
    };
    assert_eq!(hours(&[]), Some(3_600_000));
    // A100 = 1000, V100 = 370.
    assert_eq!(hours(&["--measured-on", "v100"]), Some(1_332_000));
    assert!(place.out(&asked).contains("--measured-on"));
    let said = place.out(&[&asked[..], &["--measured-on", "v100"]].concat());
    assert!(!said.contains("--measured-on"), "{said}");
}

#[test]
fn what_cannot_be_meant_is_a_usage_error_that_says_what_to_write() {
    let place = place_with_trace();
    let odd = [
        (&["--add", "many"][..], "2xH100x8"),
        (&["--turn", "soon"], "h100=2h"),
        (&["--scenario", "paint it red"], "remove"),
        (&["--need", "--goal", "p95"], "p95<4h"),
        (&["--share", "kim=3"], "lab/kim=3"),
        (&[], "--add"),
    ];
    for (words, said) in odd {
        let output = place.says(&[&ASKED[..], words].concat());
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", error_of(&output));
        assert!(error_of(&output).contains(said), "{words:?}: {}", error_of(&output));
    }
    let output = place.says(&[&ASKED[..], &["--remove", "3xH100x2"]].concat());
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_site_as_it_is_has_the_numbers_of_the_replay_of_the_same_trace() {
    let place = place_with_trace();
    let base = json(&place, &[&ASKED[..], &["--add", "1xH100x2", "--json"]].concat());
    let replay = json(&place, &[&["replay"][..], &ASKED[1..], &["--json"]].concat());
    assert_eq!(base["scenarios"][0]["report"], replay["report"]);
    let rota = &replay["policies"][0];
    assert_eq!(rota["all"]["max_wait_ms"], replay["report"]["waits"]["max"]);
    assert_eq!(rota["all"]["p50_wait_ms"], replay["report"]["waits"]["p50"]);
    let page = ["--html", "r.html", "--lang", "ko"];
    place.out(&[&["replay"][..], &ASKED[1..], &page].concat());
    let page = std::fs::read_to_string(place.path().join("r.html")).expect("a page");
    assert!(page.contains("SRTF") && page.contains("&lt;i&gt;lab") && !page.contains("<i>lab"));
}
