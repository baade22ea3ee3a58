//! What a running job says of itself, on the real program.

use crate::place::{Place, fits, until};
use serde_json::Value;
use std::process::Command;

/// A job that writes a text, as `printf` reads it, and stays.
fn submit(place: &Place, more: &[&str], text: &str) {
    let program = format!("printf '{text}'; exec sleep 1000");
    let words = [&["submit", "--gpus", "1"], more, &["--", "sh", "-c", &program]].concat();
    place.out(&words);
}

fn progress(place: &Place, job: usize) -> Option<Value> {
    let queue: Value = serde_json::from_str(&place.out(&["queue", "--json"])).expect("JSON");
    let rows = queue["jobs"].as_array().expect("rows").clone();
    let id = job.to_string();
    let row = rows.into_iter().find(|row| row["id"] == id.as_str()).expect("the job");
    row.get("progress").cloned()
}

fn said(command: &mut Command) -> String {
    String::from_utf8(command.output().expect("rota runs").stdout).expect("text")
}

const BAR: &str = "\\r train:  40%%|████      | 400/1000 [01:20<02:00,  5.00it/s]\\r train:  45%%|████▌     | 450/1000 [01:30<01:50,  5.00it/s]";

#[test]
fn a_running_job_shows_how_far_it_is_and_when_it_ends() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*8"]);
    submit(&place, &["--name", "막대"], BAR);
    submit(&place, &[], "loss 0.3\\nROTA_PROGRESS 3/4\\n");
    submit(&place, &[], "Epoch 3:  45%%|####5     | 450/1000 [01:30<01:50,  5.00it/s]\\r");
    submit(&place, &[], "no bar\\n");
    until("progress", || (1..4).all(|job| progress(&place, job).is_some()));
    let bar = progress(&place, 1).expect("a bar");
    assert_eq!((&bar["source"], &bar["steps"]["done"]), (&"tqdm".into(), &450.into()));
    let left = bar["left"].as_u64().expect("a time");
    assert!((60_000..=110_000).contains(&left), "{left}");
    assert_eq!(progress(&place, 2).expect("a line")["fraction"], 0.75);
    assert_eq!(progress(&place, 3).expect("a part").get("left"), None);
    assert_eq!(progress(&place, 4), None);

    let queue = place.out(&["queue"]);
    assert!(queue.contains("[##---] 45%") && queue.contains("[###--] 75%"), "{queue}");
    assert!(queue.contains("epoch 3: 45%"), "{queue}");
    let shown = place.out(&["show", "1"]);
    assert!(shown.contains("[#########-----------] 45%, 450/1000 (tqdm)"), "{shown}");
    assert!(shown.contains("ends about"), "{shown}");
    let korean = said(&mut place.rota(&["--lang", "ko", "show", "1"]));
    assert!(korean.contains("남은 시간") && korean.contains("쯤 끝남"), "{korean}");
    for language in ["en", "ko"] {
        fits(&said(&mut place.rota(&["--lang", language, "queue"])));
        for job in ["1", "2", "3"] {
            // The path of a log is as long as it is.
            let text = said(&mut place.rota(&["--lang", language, "show", job]));
            let facts = ["progress", "time left", "진행", "남은 시간"];
            let lines = text.lines().filter(|line| facts.iter().any(|f| line.starts_with(f)));
            fits(&lines.collect::<Vec<_>>().join("\n"));
        }
    }
    place.out(&["cancel", "1", "2", "3", "4"]);
}

#[test]
fn a_progress_file_goes_before_the_output_and_is_found_by_the_next_server() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*8"]);
    let file = "echo 450/1000 > \"$ROTA_PROGRESS_FILE\"; echo ROTA_PROGRESS 1/4; exec sleep 1000";
    place.out(&["submit", "--gpus", "1", "--output", "log/%j", "--", "sh", "-c", file]);
    let is_known = |place: &Place| {
        let found = progress(place, 1);
        found.is_some_and(|p| p["source"] == "file" && p["fraction"] == 0.45)
    };
    until("the file", || is_known(&place));
    assert!(place.path().join("log/rota-1.progress").is_file());
    place.kill();
    place.serve(&["--simulate", "h100*8"]);
    until("the file", || is_known(&place));
    place.out(&["cancel", "1"]);
}

#[test]
fn an_epoch_longer_than_what_is_looked_at_is_still_that_epoch() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*8"]);
    let work = "echo 'Epoch 3/10'; yes '  1/1000 [>.............] - ETA: 9s' | head -n 9000; \
                echo '450/1000 [=====>........] - ETA: 5s'; exec sleep 1000";
    place.out(&["submit", "--gpus", "1", "--", "sh", "-c", work]);
    until("the epoch", || {
        let found = progress(&place, 1);
        found.is_some_and(|p| p["scope"] == "job" && p["steps"]["done"] == 450)
    });
    let found = progress(&place, 1).expect("an epoch");
    assert!((found["fraction"].as_f64().expect("a number") - 0.245).abs() < 1e-9, "{found}");
    place.out(&["cancel", "1"]);
}

#[test]
fn what_is_no_file_of_the_job_is_not_read() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*8"]);
    std::fs::write(place.path().join("other"), "1/2\n").expect("a file");
    let link = "ln -s \"$PWD/other\" \"$ROTA_PROGRESS_FILE\"; exec sleep 1000";
    place.out(&["submit", "--gpus", "1", "--output", "/dev/null", "--", "sh", "-c", link]);
    until("the link", || place.path().join("rota-1.progress").is_symlink());
    // A later job is known after a round that looked at the first one too.
    submit(&place, &[], "ROTA_PROGRESS 1/2\\n");
    until("the other job", || progress(&place, 2).is_some());
    assert_eq!(progress(&place, 1), None);
    place.out(&["cancel", "1", "2"]);
}
