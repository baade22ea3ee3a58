//! Windows, options and the score, on the real program.

use crate::place::{Place, error_of, fits, until};
use serde_json::Value;

/// A server with one H100 and one A100 on which a dozen jobs have run; one runs on each, one more waits for the H100.
fn busy() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1,a100*1"]);
    for _ in 0..13 {
        place.out(&["submit", "--gpus", "1", "--time", "10m", "--turns", "never", "--", "true"]);
    }
    until("the end of job 13", || place.out(&["show", "13"]).contains("exit code 0"));
    let wide = ["--gpus", "1", "--time", "10m", "--turns", "never", "--", "sleep", "1000"];
    for gpu in ["H100", "A100", "H100"] {
        place.out(&[&["submit", "--gpu", gpu], &wide[..]].concat());
    }
    place
}

fn json(place: &Place, words: &[&str]) -> Value {
    serde_json::from_str(&place.out(words)).expect("JSON")
}

fn job(place: &Place, id: &str) -> Value {
    let queue = json(place, &["queue", "--json"]);
    let jobs = queue["jobs"].as_array().expect("a list");
    jobs.iter().find(|job| job["id"] == id).cloned().unwrap_or_default()
}

#[test]
fn a_job_that_waits_has_a_window_in_the_queue_and_so_has_its_end() {
    let place = busy();
    until("a window of job 16", || job(&place, "16")["forecast"]["start"]["p90"].is_u64());
    let (waits, runs) = (job(&place, "16"), job(&place, "14"));
    let at = |which: &str| waits["forecast"]["start"][which].as_u64().expect("a moment");
    assert!(at("p10") <= at("p50") && at("p50") <= at("p90"));
    assert!(waits["forecast"]["finish"]["p50"].as_u64() >= Some(at("p50")));
    assert!(runs["forecast"]["start"].is_null(), "it has started: {runs}");
    for (language, word) in [("en", "START"), ("ko", "시작")] {
        let text = place.out(&["--lang", language, "queue"]);
        assert!(text.contains(word), "{text}");
        fits(&text);
    }
}

#[test]
fn options_are_other_models_and_the_best_one_can_be_accepted() {
    let place = busy();
    let words = ["--gpus", "1", "--gpu", "H100", "--time", "10m", "--", "true"];
    let answer = json(&place, &[&["options", "--json"], &words[..]].concat());
    let choices = answer["options"].as_array().expect("a list");
    let is: Vec<&str> = choices.iter().filter_map(|o| o["choice"]["is"].as_str()).collect();
    assert_eq!(is, ["as-asked", "model"]);
    assert_eq!(choices[1]["spec"]["models"], serde_json::json!(["A100"]));
    for language in ["en", "ko"] {
        fits(&place.out(&[&["--lang", language, "options"], &words[..]].concat()));
    }
    let taken = [&["submit", "--accept", "2"], &words[..]].concat();
    place.out(&taken);
    assert_eq!(job(&place, "17")["models"], serde_json::json!(["A100"]));
    let refused = place.says(&[&["submit", "--accept", "7"], &words[..]].concat());
    assert!(error_of(&refused).contains("1 to 2"), "{}", error_of(&refused));
}

#[test]
fn what_would_start_at_once_starts_now_and_not_some_time_also_where_nothing_ran_before() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1,a100*1"]);
    place.out(&["submit", "--gpu", "H100", "--gpus", "1", "--", "sleep", "1000"]);
    until("the start of job 1", || job(&place, "1")["state"] == "running");
    let start = |language: &str, gpu: &str| {
        let ask = ["--lang", language, "options", "--gpu", gpu, "--gpus", "1", "--", "true"];
        let text = place.out(&ask);
        let as_asked = text.lines().find(|line| line.starts_with(" 1  ")).map(str::to_owned);
        as_asked.unwrap_or(text)
    };
    for (language, now, unknown) in
        [("en", "now", "not predictable yet"), ("ko", "지금", "아직 예측 불가")]
    {
        let (free, held) = (start(language, "A100"), start(language, "H100"));
        assert!(free.contains(now), "{free}");
        assert!(!held.contains(now) && held.contains(unknown), "{held}");
    }
}

#[test]
fn ends_of_jobs_that_ran_are_scored_by_how_far_ahead_they_were_said() {
    let place = busy();
    until("a window of job 14", || job(&place, "14")["forecast"]["finish"]["p90"].is_u64());
    place.out(&["cancel", "14"]);
    let count = || json(&place, &["score", "--json"])["end_ahead"][0]["forecasts"].as_u64();
    until("the score", || count() >= Some(1));
    for (language, words) in [("en", "SAID TO END IN"), ("ko", "남았다고 한 시간")] {
        let text = place.out(&["--lang", language, "score"]);
        assert!(text.contains(words), "{text}");
        fits(&text);
    }
    place.out(&["cancel", "15", "16"]);
}

#[test]
fn the_score_counts_what_was_said_when_it_has_happened_also_after_a_crash() {
    let mut place = busy();
    until("a window of job 16", || job(&place, "16")["forecast"]["start"]["p90"].is_u64());
    place.kill();
    place.serve(&["--simulate", "h100*1,a100*1"]);
    place.out(&["cancel", "14"]);
    until("the start of job 16", || job(&place, "16")["state"] == "running");
    let all = |answer: &Value| answer["start"][0]["forecasts"].as_u64();
    until("the score", || all(&json(&place, &["score", "--json"])) >= Some(1));
    for (language, word) in [("en", "before our P90"), ("ko", "P90 이전")] {
        let text = place.out(&["--lang", language, "score"]);
        assert!(text.contains(word), "{text}");
        fits(&text);
    }
    place.out(&["cancel", "15", "16"]);
}
