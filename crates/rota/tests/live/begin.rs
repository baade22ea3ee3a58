//! Jobs that ask to start no earlier than some time, on the real program.

use crate::place::{Place, error_of, fits, until};

fn place() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*2"]);
    place
}

#[test]
fn a_job_that_asked_to_wait_says_from_when_on_and_starts_at_once_when_it_is_changed() {
    let place = place();
    let said = place.out(&["submit", "--gpus", "1", "--begin", "now+3days", "--", "true"]);
    assert!(said.contains("it starts no earlier than"), "{said}");
    for (language, word) in [("en", "from "), ("ko", "부터")] {
        for verb in [&["queue"][..], &["show", "1"], &["why", "1"]] {
            let text = place.out(&[&["--lang", language], verb].concat());
            assert!(text.contains(word), "{text}");
            fits(&text);
        }
    }
    place.out(&["change", "1", "--begin", "now"]);
    until("the end of job 1", || place.out(&["show", "1"]).contains("exit code 0"));
    let history = place.out(&["--lang", "ko", "show", "1"]);
    assert!(!history.contains("lined-up"), "{history}");
}

#[test]
fn a_job_starts_by_itself_when_its_time_has_come_also_after_a_crash() {
    let mut place = place();
    place.out(&["submit", "--gpus", "1", "--begin", "now+2", "--", "true"]);
    place.kill();
    place.serve(&["--simulate", "h100*2"]);
    until("the end of job 1", || place.out(&["show", "1"]).contains("exit code 0"));
    let text = place.out(&["show", "1"]);
    assert!(text.contains("its time has come"), "{text}");
}

#[test]
fn a_script_of_slurm_says_when_to_begin_and_a_word_that_is_no_time_is_refused() {
    let place = place();
    let script = "#!/bin/sh\n#SBATCH --begin=now+1hour --gres=gpu:1\ntrue\n";
    std::fs::write(place.path().join("x.sh"), script).expect("a file");
    place.out(&["submit", "x.sh"]);
    assert!(place.out(&["why", "1"]).contains("in line from"));
    let odd = place.says(&["submit", "--begin", "soon", "--", "true"]);
    assert_eq!((odd.status.code(), error_of(&odd).contains("22:00")), (Some(2), true));
    let far = place.says(&["--lang", "ko", "submit", "--begin", "2099-01-01", "--", "true"]);
    assert_eq!((far.status.code(), error_of(&far).contains("1년")), (Some(1), true));
}

#[test]
fn where_a_later_price_is_lower_it_is_a_choice_that_can_be_accepted() {
    let place = place();
    let hour = |more: i8| format!("{:02}:00", (jiff::Zoned::now().hour() + more) % 24);
    let (from, to) = (hour(2), hour(5));
    let policy = format!("[price]\nnight = {{ factor = 0.5, when = \"daily {from}-{to}\" }}\n");
    std::fs::write(place.path().join("p.toml"), policy).expect("a file");
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    let words = ["--gpus", "1", "--time", "1h", "--", "true"];
    for (language, word) in [("en", "at night price"), ("ko", "night 단가로")] {
        let text = place.out(&[&["--lang", language, "options"], &words[..]].concat());
        assert!(text.contains(word) && text.contains(&from), "{text}");
        fits(&text);
    }
    let answer = place.out(&[&["options", "--json"], &words[..]].concat());
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    let choices = answer["options"].as_array().expect("a list");
    let (as_asked, later) = (&choices[0], &choices[choices.len() - 1]);
    assert_eq!(later["choice"]["is"], "later");
    assert!(later["cost"].as_u64() < as_asked["cost"].as_u64(), "{answer}");
    let number = choices.len().to_string();
    let said = place.out(&[&["submit", "--accept", &number], &words[..]].concat());
    assert!(said.contains(&from), "{said}");
    assert!(place.out(&["why", "1"]).contains("in line from"));
}
