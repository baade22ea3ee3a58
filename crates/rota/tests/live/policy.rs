//! The policy on the command line: checked, shown, compared, applied.

use crate::people::{GAMES, as_user, everyone};
use crate::place::{Place, error_of, fits};

const GOOD: &str = r#"
pool = [{ name = "h100", nodes = ["h100-[1-2]"], own_ledger = true }]
share = [{ who = "lab/kim", share = 2 }, { who = "lab/lee", share = 1 }]
class = [{ name = "short", rank = 2, max_time = "3h" }, { name = "normal", rank = 1, max_time = "4h", default = true }]
limit = [{ who = "each person", pool = "h100", gpus = 4 }]
turn = { pool = "h100", slice = "4h", max_wait = "12h" }
"#;

const BAD: &str = r#"charge = "alocated"
limit = [{ who = "each people", gpus = 3, pool = "h10" }]
"#;

fn campus() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*8,h100*8"]);
    place
}

fn file(place: &Place, text: &str) {
    std::fs::write(place.path().join("p.toml"), text).expect("a file");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn faults_are_shown_as_a_compiler_shows_them() {
    let place = campus();
    file(&place, BAD);
    let said = place.says(&["policy", "check", "p.toml"]);
    assert_eq!(said.status.code(), Some(1));
    let wanted = "\
error: p.toml:1:10
    1 | charge = \"alocated\"
      |          ^^^^^^^^^^
  charge = \"alocated\" is not one of \"allocated\", \"used\"
  did you mean \"allocated\"?

error: p.toml:2:18
    2 | limit = [{ who = \"each people\", gpus = 3, pool = \"h10\" }]
      |                  ^^^^^^^^^^^^^
  who = \"each people\" is not \"each person\", \"each grant\", \"each lab\", or a place
  in the tree such as \"lab/kim\"
  did you mean \"each person\"?

error: p.toml:2:50
    2 | limit = [{ who = \"each people\", gpus = 3, pool = \"h10\" }]
      |                                                  ^^^^^
  no pool is called 'h10'; this policy has none

3 errors, 0 warnings: this policy cannot be applied
";
    assert_eq!(text(&said.stdout), wanted);
    let korean = text(&place.says(&["policy", "check", "p.toml", "--lang", "ko"]).stdout);
    assert!(
        korean.contains("오류: p.toml:1:10") && korean.contains("혹시 \"allocated\"?"),
        "{korean}"
    );
    assert!(korean.contains("'h10' 풀이 없습니다"), "{korean}");
    fits(wanted);
    fits(&korean);
    let json = text(&place.says(&["policy", "check", "p.toml", "--json"]).stdout);
    assert!(json.contains("\"column\": 18") && json.contains("\"good\": false"), "{json}");
}

#[test]
fn a_policy_is_compared_applied_and_shown() {
    let mut place = campus();
    assert!(place.out(&["policy", "show"]).starts_with("# No policy was ever applied"));
    file(&place, GOOD);
    assert!(place.out(&["policy", "check", "p.toml"]).contains("nothing keeps this policy"));
    let diff = place.out(&["policy", "diff", "p.toml"]);
    assert!(diff.contains("h100        lab/kim               50.0 % → 66.7 %"), "{diff}");
    // Nobody is there to ask.
    let asked = place.says(&["policy", "apply", "p.toml"]);
    assert!(error_of(&asked).contains("--yes"), "{}", error_of(&asked));
    assert!(place.out(&["policy", "apply", "p.toml", "--yes"]).ends_with("Running jobs go on.\n"));
    assert_eq!(place.out(&["policy", "diff", "p.toml"]), "Nothing changes.\n");
    // What is shown is a file, which changes nothing.
    let shown = place.out(&["policy", "show"]);
    assert!(shown.starts_with("# Applied by ") && shown.contains("max_wait = \"12h\""), "{shown}");
    file(&place, &shown);
    assert_eq!(place.out(&["policy", "diff", "p.toml"]), "Nothing changes.\n");
    let korean = place.out(&["policy", "show", "--lang", "ko"]);
    assert!(korean.contains("적용했습니다. 바꾸려면"), "{korean}");
    // It outlives the server, whatever turn a start asks for.
    place.kill();
    place.serve(&["--simulate", "h100*8,h100*8", "--turn", "1h"]);
    assert_eq!(place.out(&["policy", "diff", "p.toml"]), "Nothing changes.\n");
}

#[test]
fn a_job_that_makes_no_room_is_told_why_a_promise_that_came_later_keeps_it_out() {
    let place = campus();
    place.out(&["submit", "--hold", "--turns", "never", "--gpus", "1", "--", "true"]);
    file(&place, GOOD);
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    place.out(&["release", "1"]);
    for (lang, said) in [("en", "may run in pool h100 for at most 4h"), ("ko", "h100 풀에서는")]
    {
        let why = place.out(&["why", "1", "--lang", lang]);
        assert!(why.contains(said) && !why.contains("down"), "{why}");
    }
    place.out(&["change", "1", "--turns", "requeue"]);
    crate::place::until("its end", || place.out(&["show", "1"]).contains("completed"));
}

#[test]
fn running_jobs_that_pass_a_new_limit_are_counted_and_kept() {
    let place = campus();
    file(&place, GOOD);
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    for _ in 0..2 {
        place.out(&["submit", "--gpus", "2", "--", "sleep", "1000"]);
    }
    crate::place::until("both run", || place.out(&["queue"]).matches("running").count() == 2);
    file(
        &place,
        &GOOD
            .replace("gpus = 4", "gpus = 2")
            .replace("who = \"lab/lee\", share = 1", "who = \"lab/lee\", share = 2"),
    );
    let diff = place.out(&["policy", "diff", "p.toml"]);
    assert!(
        diff.contains("limit each person, h100: gpus 4 → 2\n      1 running job passes it: kept"),
        "{diff}"
    );
    let korean = place.out(&["policy", "diff", "p.toml", "--lang", "ko"]);
    assert!(korean.contains("실행 중인 작업 1개가 이를 넘습니다"), "{korean}");
    fits(&diff);
    fits(&korean);
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    assert_eq!(place.out(&["queue"]).matches("running").count(), 2);
    place.out(&["cancel", "1", "2"]);
    crate::place::until("both are gone", || !place.out(&["queue"]).contains("sleep"));
}

#[test]
fn a_promise_that_cannot_be_kept_is_refused_with_its_numbers() {
    let place = campus();
    let labs: String = (0..20).map(|n| format!("{{ who = \"lab/l{n}\", share = 1 }},")).collect();
    let policy =
        GOOD.replace("{ who = \"lab/kim\", share = 2 }, { who = \"lab/lee\", share = 1 }", &labs);
    file(&place, &policy);
    let said = place.says(&["policy", "apply", "p.toml", "--yes"]);
    assert_eq!(said.status.code(), Some(1));
    let out = text(&said.stdout);
    let numbers = "20 grants x 4 GPUs on 16: 5 turns of 4h and 5m to leave = 20h5m";
    assert!(out.replace("\n  ", " ").contains(numbers), "{out}");
    assert!(place.out(&["policy", "show"]).starts_with("# No policy was ever applied"));
}

#[test]
fn what_a_policy_does_not_know_is_refused_at_submit() {
    let place = campus();
    file(&place, GOOD);
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    for (option, value, english, korean) in [
        ("--class", "shrt", "the policy has short, normal", "정책에 있는 클래스: short, normal"),
        ("--pool", "h10", "the policy has h100", "정책에 있는 풀: h100"),
        ("--grant", "nrf", "leave out --grant", "과제가 없습니다"),
        ("--time", "5h", "at most 4h", "4h까지"),
        ("--gpus", "5", "gpus = 4", "결코 시작할 수 없습니다"),
    ] {
        let pool = if option == "--gpus" { ["--pool", "h100"].as_slice() } else { &[] };
        let words = [["submit", option, value].as_slice(), pool, &["--", "true"]].concat();
        let said = error_of(&place.says(&words));
        assert!(said.contains(english), "{option}: {said}");
        let words = [["--lang", "ko"].as_slice(), &words].concat();
        let said = error_of(&place.says(&words));
        assert!(said.contains(korean), "{option}: {said}");
    }
}

#[test]
fn anyone_may_look_and_only_an_admin_applies() {
    let Some(place) = everyone() else { return };
    file(&place, "share = [{ who = \"lab/kim\", share = 2 }]\n");
    let ask = |words: &[&str]| as_user(&place, GAMES, words).output().expect("rota runs");
    for words in [
        ["policy", "show"].as_slice(),
        &["policy", "check", "p.toml"],
        &["policy", "diff", "p.toml"],
    ] {
        let said = ask(words);
        assert!(said.status.success(), "{words:?}: {}", error_of(&said));
    }
    let said = ask(&["policy", "apply", "p.toml", "--yes"]);
    assert!(error_of(&said).contains("only an admin"), "{}", error_of(&said));
    let said = ask(&["policy", "apply", "p.toml", "--lang", "ko"]);
    assert!(error_of(&said).contains("관리자"), "{}", error_of(&said));
    assert!(text(&ask(&["policy", "show"]).stdout).starts_with("# No policy was ever applied"));
}

#[test]
fn without_a_server_a_check_says_what_it_did_not_look_at() {
    let place = Place::new();
    file(&place, GOOD);
    let mut command = place.rota(&["policy", "check", "p.toml"]);
    let said = command.env_remove("ROTA_SOCKET").output().expect("rota runs");
    let out = text(&said.stdout);
    assert!(said.status.success() && out.contains("No server answers"), "{out}{}", error_of(&said));
}
