//! Jobs that share a GPU, on the real program.

use crate::place::{Place, error_of, fits, until};

/// Two jobs on one GPU, and one that waits for more of it than is left.
fn shared() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "a100*1"]);
    let submit = |who: (&str, &str), mem: &str, command: &[&str]| {
        let asks = ["--account", who.0, "--person", who.1, "--gpu-mem", mem, "--time", "4h"];
        place.out(&[&["submit", "--turns", "never"], &asks[..], &["--"], command].concat());
    };
    let said = "echo $ROTA_GPU_MEM $CUDA_VISIBLE_DEVICES > told; sleep 1000";
    submit(("vision", "mina"), "20G", &["sh", "-c", said]);
    submit(("kim", "dan"), "40G", &["sleep", "1000"]);
    submit(("kim", "dan"), "30G", &["sleep", "1000"]);
    place
}

#[test]
fn two_jobs_run_on_one_gpu_and_a_third_waits_for_its_memory() {
    let place = shared();
    let (english, korean) = (place.out(&["queue"]), place.out(&["--lang", "ko", "queue"]));
    for text in [&english, &korean] {
        fits(text);
        assert!(text.contains("20G A100") && text.contains("40G A100"), "{text}");
        assert!(text.contains("30G"), "{text}");
    }
    assert!(place.out(&["gpus"]).contains("1+2"));
    let why = place.out(&["why", "3"]);
    assert!(why.contains("asks for 30G of a GPU, and at most 20G are free on one"), "{why}");
    let korean = place.out(&["--lang", "ko", "why", "3"]);
    assert!(korean.contains("GPU 하나에 많아야 20G만큼 비어 있습니다"), "{korean}");
}

#[test]
fn a_job_that_shares_a_gpu_is_told_how_much_of_it_is_its_own_and_show_says_watched() {
    let place = shared();
    let told = || std::fs::read_to_string(place.path().join("told")).unwrap_or_default();
    until("the job writes down what it was told", || told() == "20480 0\n");
    let (english, korean) = (place.out(&["show", "1"]), place.out(&["--lang", "ko", "show", "1"]));
    fits(&english);
    fits(&korean);
    assert!(english.contains("GPU 0: 20G of 80G on A100, watched"), "{english}");
    assert!(english.contains("20G of one GPU"), "{english}");
    assert!(korean.contains("A100 80G 중 20G, 감시만 함"), "{korean}");
}

#[test]
fn what_cannot_be_shared_is_refused_with_what_to_do_next() {
    let place = shared();
    let ask = |more: &[&str]| {
        let account = ["submit", "--account", "kim", "--person", "dan"];
        place.says(&[&account[..], more, &["--", "true"]].concat())
    };
    let large = ask(&["--gpu-mem", "100G"]);
    assert_eq!(large.status.code(), Some(1));
    assert!(error_of(&large).contains("more than 80G"), "{}", error_of(&large));
    let many = ask(&["--gpu-mem", "10G", "--gpus", "2"]);
    assert_eq!(many.status.code(), Some(1));
    assert!(error_of(&many).contains("leave out --gpu-mem"), "{}", error_of(&many));
    assert_eq!(ask(&["--gpu-mem", "none"]).status.code(), Some(2));
}

#[test]
fn a_part_costs_its_fraction_and_a_whole_gpu_is_offered_beside_it() {
    let mut place = Place::new();
    place.serve(&["--simulate", "a100*1"]);
    let ask = ["--account", "kim", "--person", "dan", "--gpu-mem", "20G", "--time", "2h"];
    let quote = place.out(&[&["quote"], &ask[..], &["--", "x"]].concat());
    assert!(quote.contains("0.25"), "{quote}");
    let options = place.out(&[&["options"], &ask[..], &["--", "x"]].concat());
    assert!(options.contains("with a whole GPU"), "{options}");
    let json = place.out(&[&["options", "--json"], &ask[..], &["--", "x"]].concat());
    assert!(json.contains("\"whole\""), "{json}");
}

#[test]
fn a_job_whose_like_needed_little_memory_is_offered_a_part_of_a_gpu() {
    let mut place = Place::with_gpus(&[A100]);
    place.serve(&[]);
    let uses = "echo \"$CUDA_VISIBLE_DEVICES 9000 0\" > $FAKE_GPU_DIR/procs/$$; exec sleep 1000";
    std::fs::write(place.path().join("train.sh"), uses).expect("written");
    let ask = ["--gpus", "1", "--time", "2h", "--name", "train"];
    let options = |lang: &str| {
        place.out(&[&["--lang", lang, "options"], &ask[..], &["--", "sh", "train.sh"]].concat())
    };
    assert!(!options("en").contains("of a GPU"), "nothing like it has run");
    place.out(&[&["submit"], &ask[..], &["--", "sh", "train.sh"]].concat());
    until("its memory", || place.out(&["show", "1"]).contains("8.7G"));
    place.out(&["cancel", "1"]);
    until("the offer", || options("en").contains("with 10G of a GPU, enough"));
    assert!(options("ko").contains("GPU 하나에서 10G만으로"), "{}", options("ko"));
    for lang in ["en", "ko"] {
        fits(&options(lang));
    }
}

const A100: (&str, u64) = ("NVIDIA A100-SXM4-80GB", 81_920);

/// A job that uses so much memory of the GPU that it shares.
fn uses(place: &Place, mem: &str, mib: u64, more: &[&str]) {
    let script = "echo \"$CUDA_VISIBLE_DEVICES $1 0\" > $FAKE_GPU_DIR/procs/$$; exec sleep 1000";
    std::fs::write(place.path().join("uses"), script).expect("written");
    let mib = mib.to_string();
    let asks = ["submit", "--gpu-mem", mem, "--time", "4h"];
    place.out(&[&asks[..], more, &["--", "sh", "uses", &mib]].concat());
}

#[test]
fn a_job_over_its_part_is_told_then_stopped_for_good_and_the_other_on_its_gpu_goes_on() {
    let mut place = Place::with_gpus(&[A100]);
    place.serve(&[]);
    uses(&place, "20G", 20_480, &["--turns", "never"]);
    uses(&place, "10G", 12_595, &["--turns", "requeue"]);
    until("the word to the job", || place.out(&["show", "2"]).contains("uses 12.3G of its 10G"));
    let korean = place.out(&["--lang", "ko", "show", "2"]);
    assert!(korean.contains("GPU 메모리 몫 10G를 넘어 12.3G를 쓰는 중"), "{korean}");
    // It ends by itself once the patience with it is over.
    assert!(place.says(&["run", "--after", "any:2", "--", "true"]).status.success());
    let (english, korean) = (place.out(&["show", "2"]), place.out(&["--lang", "ko", "show", "2"]));
    fits(&english);
    fits(&korean);
    assert!(english.contains("stopped: it used 12.3G of its 10G part of a GPU"), "{english}");
    assert!(korean.contains("멈춤: GPU 메모리 몫 10G를 넘어 12.3G를 씀"), "{korean}");
    let log = place.out(&["logs", "2"]);
    assert!(log.contains("rota: this job uses 12.3G of a GPU, and its part is 10G"), "{log}");
    assert!(log.contains("rota: this job is stopped"), "{log}");
    let shown: serde_json::Value =
        serde_json::from_str(&place.out(&["show", "2", "--json"])).expect("JSON");
    assert_eq!(shown["row"]["state"], "failed");
    assert_eq!(shown["row"]["outcome"]["how"], "part-exceeded");
    assert!(place.out(&["show", "1"]).contains("job 1: running"), "{}", place.out(&["show", "1"]));
    place.out(&["cancel", "1"]);
}

#[test]
fn use_and_energy_of_a_shared_gpu_are_divided_among_its_jobs() {
    let mut place = Place::with_gpus(&[A100]);
    place.gpu_file("gpu/0", "utilization=90\nenergy_mj=1000\n");
    place.serve(&[]);
    uses(&place, "20G", 20_000, &["--turns", "never"]);
    uses(&place, "10G", 9_000, &["--turns", "never"]);
    let shown = |job: &str| -> serde_json::Value {
        serde_json::from_str(&place.out(&["show", job, "--json"])).expect("JSON")
    };
    let used = |job: &str| shown(job)["gpu_use"].clone();
    until("memory of each", || used("1")["memory"] == 20_000 && used("2")["memory"] == 9_000);
    place.gpu_file(&format!("busy/{}", shown("1")["pid"]), "60\n");
    place.gpu_file(&format!("busy/{}", shown("2")["pid"]), "20\n");
    let samples = |job: &str| used(job)["samples"].as_u64().unwrap_or(0);
    let before = samples("2");
    until("samples by cores", || samples("2") > before + 2);
    let at = ["1", "2"].map(|job| used(job)["energy_mj"].as_u64().unwrap_or(0));
    place.gpu_file("gpu/0", "utilization=90\nenergy_mj=801000\n");
    let now = || ["1", "2"].map(|job| used(job)["energy_mj"].as_u64().unwrap_or(0));
    until("the energy", || now() == [at[0] + 600_000, at[1] + 200_000]);
    for lang in ["en", "ko"] {
        fits(&place.out(&["--lang", lang, "gpus"]));
    }
    assert!(!place.out(&["gpus"]).contains("outsider"), "both are jobs");
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn what_the_driver_keeps_for_itself_is_offered_to_nobody() {
    let mut place = Place::with_gpus(&[A100]);
    place.gpu_file("gpu/0", "reserved_mib=600\n");
    place.serve(&[]);
    let ask = |mem: &str| place.says(&["submit", "--gpu-mem", mem, "--", "sleep", "1000"]);
    let whole = error_of(&ask("80G"));
    assert!(whole.contains("no GPU that may be shared has more than 79.4G"), "{whole}");
    assert!(ask("79G").status.success());
    place.out(&["cancel", "1"]);
}

#[test]
fn a_job_that_is_back_within_its_part_goes_on() {
    let mut place = Place::with_gpus(&[A100]);
    place.serve(&[]);
    uses(&place, "10G", 12_595, &["--turns", "never"]);
    until("the word to the job", || place.out(&["show", "1"]).contains("uses 12.3G of its 10G"));
    let shown: serde_json::Value =
        serde_json::from_str(&place.out(&["show", "1", "--json"])).expect("JSON");
    place.gpu_file(&format!("procs/{}", shown["pid"]), "0 9000 0\n");
    until("its part", || place.out(&["show", "1"]).contains("no more than its part again"));
    place.out(&["cancel", "1"]);
}
