//! `rota replay`: needs no server; says what it took a trace for, and what it left out.

use crate::place::{Place, error_of};
use serde_json::Value;

const TRACE: &str = "job_id,submit_s,num_gpus,duration_s,user,vc
1,0,2,7200,ann,vision
2,60,2,3600,bo,language
3,120,1,600,bo,language
4,120,0,600,bo,language
5,120,64,600,bo,language
";

fn place() -> Place {
    let place = Place::new();
    std::fs::write(place.path().join("trace.csv"), TRACE).expect("a file");
    place
}

const ASKED: [&str; 6] = ["replay", "trace.csv", "--inventory", "h100*2", "--start-cost", "0s"];

#[test]
fn a_trace_is_replayed_under_every_policy_without_a_server() {
    let place = place();
    let out = place.out(&[&ASKED[..], &["--json", "--leave-cost", "0"]].concat());
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(answer["guessed"], true);
    assert_eq!(answer["format"], "csv");
    assert_eq!(answer["too_large"], 1);
    assert_eq!(answer["left_out"][0]["why"], "no-gpu");
    let rows = answer["policies"].as_array().expect("a list");
    let waits: Vec<(&str, u64)> = rows
        .iter()
        .map(|r| {
            (r["policy"].as_str().expect("a name"), r["all"]["max_wait_ms"].as_u64().expect("ms"))
        })
        .collect();
    // Job 1 runs until 7200 s. FIFO: 2 until 10800, then 3. Nobody can backfill. SRTF gives the GPUs to the shorter.
    assert_eq!(waits[1], ("fifo", (10_800 - 120) * 1000));
    assert_eq!(waits[2], ("easy", (10_800 - 120) * 1000));
    assert_eq!(waits[5], ("srtf-oracle", 0));
    assert!(rows.iter().all(|r| r["all"]["jobs"] == 3 && r["never"] == 0), "{out}");
}

#[test]
fn making_room_takes_as_long_in_every_row_and_an_end_takes_nothing() {
    let place = place();
    let longest = |first: u32, policy: &str| {
        let head = "job_id,submit_s,num_gpus,duration_s,user,vc";
        let trace = format!("{head}\n1,0,2,{first},a,x\n2,10,2,3600,b,y\n");
        std::fs::write(place.path().join("two.csv"), trace).expect("a file");
        let asked = ["replay", "two.csv", "--inventory", "h100*2", "--start-cost", "0s"];
        let out = place.out(&[&asked[..], &["--json", "--leave-cost", "1h"]].concat());
        let answer: Value = serde_json::from_str(&out).expect("JSON");
        let rows = answer["policies"].as_array().expect("a list");
        assert!(rows.iter().all(|row| row["utilisation_thousandths"].as_u64() <= Some(1000)));
        let row = rows.iter().find(|row| row["policy"] == policy).expect("a row");
        row["all"]["max_wait_ms"].as_u64().expect("ms") / 1000
    };
    for policy in ["rota", "fifo", "easy", "easy-oracle", "srtf-oracle"] {
        assert_eq!(longest(3600, policy), 3590, "{policy}");
    }
    // The first has had a GPU hour after half an hour, and makes room.
    assert_eq!(longest(3600, "las"), 1800 + 3600 - 10);
    // The second takes the GPUs of the first, and has them when those have made room.
    assert_eq!(longest(9000, "srtf-oracle"), 3600);
}

#[test]
fn what_is_selected_is_said_where_nothing_is_left_and_a_result_is_not_written_over_its_trace() {
    let place = place();
    let half = place.out(&[&ASKED[..], &["--json", "--since", "1970-01-01T00:01"]].concat());
    let half: Value = serde_json::from_str(&half).expect("JSON");
    assert_eq!(half["policies"][1]["all"]["jobs"], 2, "{half}");
    for (lang, said) in [("en", "none of the 4 jobs"), ("ko", "작업 4개는")] {
        let words = [&["--lang", lang][..], &ASKED[..], &["--since", "2030-01-01"]].concat();
        let refused = place.says(&words);
        assert_eq!(refused.status.code(), Some(1));
        let said = [said, "1970-01-01T00:00", "1970-01-01T00:02"];
        let refused = error_of(&refused);
        assert!(said.iter().all(|part| refused.contains(part)), "{refused}");
    }
    let long = [&ASKED[..], &["--csv"]].concat();
    for (result, said) in [
        (&["./trace.csv"][..], "already one of the files of this command"),
        (&["all", "--html", "./all"], "already one of the files of this command"),
        (&["nowhere/all.csv"], "cannot write nowhere/all.csv"),
    ] {
        let refused = place.says(&[&long[..], result].concat());
        let (said_all, refused) = (String::from_utf8_lossy(&refused.stdout), error_of(&refused));
        assert!(refused.contains(said) && said_all.is_empty(), "{refused}{said_all}");
    }
    let kept = std::fs::read_to_string(place.path().join("trace.csv")).expect("a file");
    assert_eq!(kept, TRACE);
}

#[test]
fn nodes_in_a_file_with_a_mark_before_it_are_read_and_of_several_models_a_note_says_what_compares()
{
    let place = place();
    let nodes = "\u{feff}model,gpus\nh100,2\nh10,2\n";
    std::fs::write(place.path().join("nodes.csv"), nodes).expect("a file");
    let notes =
        [("en", ["compare only roughly", "not known (H10)"]), ("ko", ["어림으로만", "모델(H10)"])];
    for (lang, said) in notes {
        let out = place.out(&["--lang", lang, "replay", "trace.csv", "--inventory", "nodes.csv"]);
        assert!(said.iter().all(|said| out.contains(said)), "{out}");
        assert!(out.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80), "{out}");
    }
}

#[test]
fn what_was_left_out_is_said_in_both_languages_within_eighty_columns() {
    let place = place();
    for (lang, said) in [("en", "asks for no GPU (lines 5)"), ("ko", "GPU를 요청하지 않음 (줄 5)")]
    {
        let out = place.out(&[&["--lang", lang][..], &ASKED[..]].concat());
        assert!(out.contains(said), "{out}");
        assert!(out.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80), "{out}");
    }
}

#[test]
fn a_trace_that_is_packed_or_empty_is_refused_with_how_to_read_it() {
    let place = place();
    let files: [(&[u8], &str); 3] = [
        (&[0x1f, 0x8b, 8], "gzip -dc trace.csv"),
        (b"\xff\xfej\0", "iconv -f UTF-16"),
        (b"", "is empty"),
    ];
    for (bytes, said) in files {
        std::fs::write(place.path().join("trace.csv"), bytes).expect("a file");
        let refused = place.says(&ASKED);
        assert_eq!(refused.status.code(), Some(1));
        assert!(error_of(&refused).contains(said), "{}", error_of(&refused));
    }
}

#[test]
fn what_cannot_be_meant_is_a_usage_error_and_a_trace_without_jobs_is_refused() {
    let place = place();
    let odd = [
        ("--as", "excel"),
        ("--since", "soon"),
        ("--turns", "often"),
        ("--zone", "Mars/North"),
        ("--measured-on", "h10"),
    ];
    for (option, value) in odd {
        let output = place.says(&[&ASKED[..], &[option, value]].concat());
        assert_eq!(output.status.code(), Some(2), "{option}: {}", error_of(&output));
        assert!(error_of(&output).contains(value));
    }
    let output = place.says(&[&ASKED[..], &["--since", "9d"]].concat());
    assert_eq!(output.status.code(), Some(1));
}
