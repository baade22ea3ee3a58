//! Parts of a GPU that go through MPS, with a stand-in for its control program.

use super::place::{Place, fits, until};

const A100: (&str, u64) = ("NVIDIA A100-SXM4-80GB", 81_920);

/// A server with one GPU, whose parts go through MPS, and a job that says which processes use it.
fn limited() -> Place {
    let mut place = Place::with_gpus(&[A100]);
    place.serve(&[]);
    let policy = "pool = [{ name = \"small\", nodes = [\"*\"], mps = true }]\n";
    std::fs::write(place.path().join("p.toml"), policy).expect("written");
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    let uses = "for pid in $$ $(cat $CUDA_MPS_PIPE_DIRECTORY/daemon); do \
        echo 0 400 0 > $FAKE_GPU_DIR/procs/$pid; done; exec sleep 1000";
    std::fs::write(place.path().join("uses"), uses).expect("written");
    place
}

#[test]
fn a_part_is_said_to_be_limited_and_what_mps_itself_runs_is_no_outsider() {
    let place = limited();
    let asks = ["submit", "--gpu-mem", "20G", "--turns", "suspend", "--time", "1h"];
    place.out(&[&asks[..], &["--", "sh", "uses"]].concat());
    let used = || place.out(&["show", "1"]);
    until("the memory in use", || used().contains("800M"));
    for (lang, limited, together) in [
        ("en", "20G of 80G on A100, limited by MPS", "ends the others"),
        ("ko", "A100 80G 중 20G, MPS로 제한함", "나머지도 끝남"),
    ] {
        let shown = place.out(&["--lang", lang, "show", "1"]);
        fits(&shown);
        assert!(shown.contains(limited) && shown.contains(together), "{shown}");
    }
    // One that found no daemon, or did not look for it.
    until("who goes another way", || used().contains("not through MPS, so only watched: process"));
    assert!(place.out(&["--lang", "ko", "show", "1"]).contains("MPS를 거치지 않아 감시만 함"));
    let detail: serde_json::Value =
        serde_json::from_str(&place.out(&["show", "1", "--json"])).expect("JSON");
    assert_eq!(detail["beside_mps"], serde_json::json!([detail["pid"]]));
    let daemons = std::fs::read_dir(place.path().join("mps")).expect("a folder").flatten();
    let mut folders = daemons.filter(|entry| entry.path().is_dir());
    let clients = folders.next().expect("a daemon").path().join("clients");
    std::fs::write(clients, format!("{}\n", detail["pid"])).expect("written");
    assert!(!used().contains("not through MPS"), "{}", used());
    assert!(used().contains("no driver can suspend what goes through MPS"), "{}", used());
    let samples = || {
        let shown = place.out(&["show", "1", "--json"]);
        let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(shown["mps"], true);
        shown["gpu_use"]["samples"].as_u64().unwrap_or(0)
    };
    let before = samples();
    until("some more samples", || samples() > before + 5);
    let gpus = place.out(&["gpus"]);
    assert!(!gpus.contains("outsider"), "{gpus}");
    place.out(&["cancel", "1"]);
    let asked = || std::fs::read_to_string(place.gpus().path().join("mps")).unwrap_or_default();
    until("the end of the daemon", || asked().ends_with("quit\n"));
}

#[test]
fn doctor_says_whether_parts_can_be_limited() {
    let place = Place::with_gpus(&[A100]);
    let says = |lang: &str, mark: &str, word: &str| {
        let said = place.out(&["--lang", lang, "doctor"]);
        let line = said.lines().find(|line| line.contains("MPS  ")).unwrap_or_default();
        assert!(line.starts_with(mark) && line.contains(word), "{said}");
    };
    says("en", "✓", "fake-mps-control: ");
    says("ko", "✓", "fake-mps-control: ");
    for (mode, word) in [(3, "through MPS alone"), (2, "lets no program in")] {
        place.gpu_file("gpu/0", &format!("compute_mode={mode}\n"));
        let said = place.out(&["doctor"]).replace("\n              ", " ");
        assert!(said.contains(word), "{said}");
    }
    std::fs::remove_file(place.gpus().mps_control()).expect("it was there");
    says("en", "–", "there is no nvidia-cuda-mps-control");
    says("ko", "–", "nvidia-cuda-mps-control이 없습니다");
}

#[test]
fn who_waits_for_a_part_beside_another_person_is_told_that_nobody_shares_with_them() {
    let mut place = Place::new();
    place.serve(&["--simulate", "a100*1"]);
    let policy = "pool = [{ name = \"small\", nodes = [\"a100-1\"], mps = true }]\n";
    std::fs::write(place.path().join("p.toml"), policy).expect("written");
    place.out(&["policy", "apply", "p.toml", "--yes"]);
    for (lab, person) in [("kim", "dan"), ("vision", "mina")] {
        let who = ["submit", "--account", lab, "--person", person, "--turns", "requeue"];
        place.out(&[&who[..], &["--gpu-mem", "20G", "--", "sleep", "1000"]].concat());
    }
    let why = place.out(&["why", "2"]);
    fits(&why);
    assert!(why.contains("here only jobs of one person share one"), "{why}");
    let why = place.out(&["--lang", "ko", "why", "2"]);
    fits(&why);
    assert!(why.contains("한 사람의 작업끼리만"), "{why}");
    place.out(&["cancel", "1", "2"]);
}
