//! Why jobs wait, what they cost, and bookings, on the real program.

use crate::place::{Place, error_of, fits};

fn place() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*2,a100*2"]);
    place
}

fn submit(place: &Place, who: (&str, &str), asks: &[&str]) {
    let (lab, person) = who;
    let account = ["submit", "--account", lab, "--person", person, "--turns", "never"];
    place.out(&[&account[..], asks, &["--", "sleep", "1000"]].concat());
}

fn has_hangul(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

/// Three jobs wait behind two that run.
fn full() -> Place {
    let place = place();
    submit(&place, ("vision", "mina"), &["--gpus", "1", "--gpu", "h100", "--time", "4h"]);
    submit(&place, ("vision", "mina"), &["--gpus", "2", "--gpu", "a100", "--time", "9h"]);
    submit(&place, ("kim", "dan"), &["--gpus", "2", "--gpu", "h100", "--time", "2h"]);
    submit(&place, ("vision", "mina"), &["--gpus", "1", "--gpu", "h100", "--time", "1d"]);
    place
}

#[test]
fn why_says_who_goes_first_what_is_in_the_way_and_what_would_help() {
    let place = full();
    let english = place.out(&["why", "4"]);
    let korean = place.out(&["--lang", "ko", "why", "4"]);
    for text in [&english, &korean] {
        fits(text);
        assert!(text.contains("rota change 4 --time 3h"), "{text}");
    }
    assert!(english.contains("if all run as long as they may"), "{english}");
    assert!(english.contains("lab kim") && english.contains("job 3 goes first"), "{english}");
    assert!(has_hangul(&korean) && korean.contains("kim 연구실"), "{korean}");
    let json = place.out(&["why", "4", "--json"]);
    for key in ["\"because\": \"share\"", "\"change\": \"time\"", "\"planned_from\": \"walltimes\""]
    {
        assert!(json.contains(key), "{key}: {json}");
    }
    assert!(place.out(&["show", "4"]).contains("rota change 4 --time 3h"));
    assert!(place.out(&["why", "1"]).contains("does not wait"));
    // What was offered works.
    place.out(&["change", "4", "--time", "3h"]);
    assert!(place.out(&["why", "4"]).contains("does not wait"));
    assert_eq!(place.says(&["why", "99"]).status.code(), Some(1));
}

#[test]
fn a_quote_names_each_place_with_its_price_and_start_and_queues_nothing() {
    let place = full();
    let asks = ["quote", "--gpus", "2", "--gpu", "h100,a100", "--time", "2h"];
    let english = place.out(&asks);
    fits(&english);
    let line = |model: &str| {
        let found = english.lines().find(|l| l.trim_start().starts_with(model));
        found.unwrap_or_else(|| panic!("no {model}: {english}")).to_owned()
    };
    assert!(line("H100").contains("8.8") && line("H100").contains("4.4"), "{english}");
    assert!(line("A100").contains("4.0") && line("A100").contains("2.0"), "{english}");
    let korean = place.out(&[&["--lang", "ko"], &asks[..]].concat());
    fits(&korean);
    assert!(has_hangul(&korean), "{korean}");
    assert!(place.out(&[&asks[..], &["--json"]].concat()).contains("\"offers\""));
    let refused = place.says(&["quote", "--gpus", "9"]);
    assert!(error_of(&refused).contains("at most 2"), "{}", error_of(&refused));
    assert!(!place.out(&["queue", "--all", "--json"]).contains("\"id\": \"5\""));
}

#[test]
fn gpus_are_booked_listed_and_given_back() {
    let place = place();
    let asks = ["book", "--gpus", "2", "--gpu", "h100", "--for", "3h", "--why", "발표 준비"];
    let english = place.out(&asks);
    fits(&english);
    // 2 H100 at 2.2 for 3 hours at one and a half times the price.
    assert!(english.contains("booked 1") && english.contains("19.8"), "{english}");
    let listed = place.out(&["bookings"]);
    fits(&listed);
    assert!(listed.contains("발표 준비") && listed.contains("(now)"), "{listed}");
    let korean = place.out(&["--lang", "ko", "bookings"]);
    fits(&korean);
    assert!(has_hangul(&korean), "{korean}");
    let full = place.says(&asks);
    assert!(error_of(&full).contains("only 0"), "{}", error_of(&full));
    let tomorrow = ["book", "--gpus", "1", "--gpu", "h100", "--for", "1h", "--from"];
    let past = place.says(&[&tomorrow[..], &["2020-01-01 10:00"]].concat());
    assert_eq!((past.status.code(), error_of(&past).contains("now or later")), (Some(1), true));
    let odd = place.says(&[&tomorrow[..], &["soon"]].concat());
    assert_eq!(odd.status.code(), Some(2));
    assert!(place.out(&["unbook", "1"]).contains("nothing is paid back"));
    assert!(place.out(&["bookings"]).contains("nothing is booked"));
    let again = place.says(&["--lang", "ko", "unbook", "1"]);
    assert!(has_hangul(&error_of(&again)), "{}", error_of(&again));
}

#[test]
fn a_booking_with_which_a_promise_might_be_broken_says_how_long_one_may_be() {
    let place = place();
    let policy = "pool = [{ name = \"h\", nodes = [\"h100-1\"] }, { name = \"a\", nodes = [\"a100-1\"] }]\nturn = { pool = \"h\", slice = \"4h\", max_wait = \"12h\" }\n";
    std::fs::write(place.path().join("p.toml"), policy).expect("a file");
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    let book = |length| ["book", "--gpus", "1", "--pool", "h", "--for", length, "--why", "talk"];
    for (language, said) in [("en", "for at most 7h55m"), ("ko", "7h55m 이내")] {
        let long = error_of(&place.says(&[&["--lang", language], &book("24h")[..]].concat()));
        assert!(long.contains(said), "{long}");
    }
    place.out(&book("7h45m"));
    // What is left would be too short for any.
    for (language, said) in [("en", "book fewer GPUs, or"), ("ko", "GPU를 줄이거나 다른 풀에")]
    {
        let words = [&["--lang", language], &book("1h")[..], &["--from", "now+8h"]].concat();
        let another = error_of(&place.says(&words));
        assert!(another.contains(said), "{another}");
    }
}

#[test]
fn a_booking_is_a_fact_that_outlives_the_server() {
    let mut place = place();
    place.out(&["book", "--gpus", "1", "--gpu", "a100", "--for", "3h", "--why", "talk"]);
    place.kill();
    place.serve(&["--simulate", "h100*2,a100*2"]);
    assert!(place.out(&["bookings", "--json"]).contains("\"why\": \"talk\""));
}

#[test]
fn a_quote_says_what_is_left_of_the_budget_that_pays() {
    let place = place();
    let policy = r#"budget = [{ who = "lab/kim/nrf-1", gpu_hours = 100, per = "year" }]"#;
    std::fs::write(place.path().join("p.toml"), policy).expect("a file");
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    let asks = ["quote", "--account", "kim/nrf-1", "--gpus", "1", "--gpu", "a100", "--time", "4h"];
    let said = place.out(&asks);
    assert!(said.contains("100.0 left") && said.contains("96.0 after"), "{said}");
}

#[test]
fn a_job_that_asks_for_other_gpus_is_not_said_to_go_first() {
    let place = place();
    for (lab, gpu) in [("vision", "h100"), ("kim", "a100"), ("park", "a100"), ("lee", "h100")] {
        submit(&place, (lab, lab), &["--gpus", "2", "--gpu", gpu, "--time", "4h"]);
    }
    let said = place.out(&["why", "4"]);
    assert!(said.contains("nobody else is before it"), "{said}");
    assert!(said.contains("of 2"), "{said}");
}
