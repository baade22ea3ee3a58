//! GPUs found and read through the driver's own interfaces, which are simulated here.

use super::place::{Place, error_of, fits, until};

const H100: (&str, u64) = ("NVIDIA H100 80GB HBM3", 81_559);
const A6000: (&str, u64) = ("NVIDIA RTX A6000", 49_140);

/// A program that uses a GPU with so much memory until it is ended.
const USES: &str =
    "echo \"$CUDA_VISIBLE_DEVICES 40960 0\" > $FAKE_GPU_DIR/procs/$$; exec sleep 1000";

#[test]
fn gpus_are_found_named_and_given_to_jobs_by_name() {
    let mut place = Place::with_gpus(&[H100, H100]);
    place.serve(&[]);
    let env = place.out(&["run", "--gpus", "2", "--", "env"]);
    let names = "GPU-00000000-0000-0000-0000-000000000000,GPU-00000000-0000-0000-0000-000000000001";
    assert!(env.contains(&format!("\nCUDA_VISIBLE_DEVICES={names}\n")), "{env}");
    assert!(env.contains("\nCUDA_DEVICE_ORDER=PCI_BUS_ID\n"), "{env}");
    assert!(env.contains(&format!("\nNVIDIA_VISIBLE_DEVICES={names}\n")), "{env}");
    let all: serde_json::Value =
        serde_json::from_str(&place.out(&["gpus", "--json"])).expect("JSON");
    assert_eq!(all["driver"], "580.159.03");
    let node = &all["nodes"][0];
    assert_eq!((&node["model"], &node["free"]), (&"H100".into(), &2.into()));
    let card = &node["cards"][1]["card"];
    assert_eq!(
        (&card["index"], &card["minor"], &card["pci"]),
        (&1.into(), &1.into(), &"0000:11:00.0".into())
    );
}

#[test]
fn without_a_driver_there_is_no_gpu_and_no_failure() {
    let mut place = Place::with_gpus(&[H100]);
    std::fs::remove_file(place.path().join("gpus/gpus")).expect("removed");
    place.serve(&[]);
    assert!(place.says(&["run", "--", "true"]).status.success());
    let none = error_of(&place.says(&["submit", "--gpus", "1", "--", "true"]));
    assert!(none.contains("there is none here"), "{none}");
}

#[test]
fn a_machine_with_two_models_is_two_nodes() {
    let mut place = Place::with_gpus(&[A6000, H100, A6000]);
    place.serve(&[]);
    let env = place.out(&["run", "--gpus", "1", "--gpu", "h100", "--", "env"]);
    assert!(
        env.contains("CUDA_VISIBLE_DEVICES=GPU-00000000-0000-0000-0000-000000000001\n"),
        "{env}"
    );
    let shown = place.out(&["gpus"]);
    assert!(shown.contains("-a6000 ") && shown.contains("-h100 "), "{shown}");
    let wide = error_of(&place.says(&["submit", "--gpus", "3", "--", "true"]));
    assert!(wide.contains("at most 2"), "{wide}");
}

#[test]
fn busy_is_told_from_used_where_the_driver_tells_it() {
    let mut place = Place::with_gpus(&[H100, A6000]);
    for gpu in ["gpu/0", "gpu/1"] {
        place.gpu_file(gpu, "utilization=100\nsm_thousandths=4\n");
    }
    place.serve(&[]);
    place.out(&["submit", "--gpus", "1", "--gpu", "h100", "--", "sh", "-c", USES]);
    for (lang, sm, hint) in [("en", "(SM 0.4%)", "larger batches?"), ("ko", "(SM 0.4%)", "배치")]
    {
        let shown = || place.out(&["--lang", lang, "show", "1"]);
        until("what its GPU does", || shown().contains(sm) && shown().contains(hint));
        shown().lines().filter(|line| line.contains(hint)).for_each(fits);
        let gpus = place.out(&["--lang", lang, "gpus"]);
        fits(&gpus);
        let of = |model: &str| {
            let mut lines = gpus.lines().filter(|line| line.contains("100%"));
            lines.find(|line| line.contains(model)).unwrap_or_default().to_owned()
        };
        assert!(of("-h100:0").contains(" 0.4% "), "{gpus}");
        assert!(of("-a6000:0").contains(" - "), "before Hopper nobody knows: {gpus}");
    }
    place.out(&["cancel", "1"]);
}

#[test]
fn what_is_read_is_shown_and_fits_eighty_columns() {
    let mut place = Place::with_gpus(&[H100, H100]);
    place.gpu_file("gpu/0", "utilization=37\npower_mw=412300\ncelsius=61\n");
    place.serve(&[]);
    place.out(&["submit", "--gpus", "1", "--", "sh", "-c", USES]);
    until("the memory", || place.out(&["gpus"]).contains("40G/79.6G"));
    for lang in ["en", "ko"] {
        let shown = place.out(&["--lang", lang, "gpus"]);
        fits(&shown);
        let row = shown.lines().find(|line| line.contains("37%")).expect("a row").to_owned();
        assert!(row.contains("412W") && row.contains("61°C"), "{row}");
    }
    place.out(&["cancel", "1"]);
}

#[test]
fn a_job_says_what_it_made_of_its_gpus_and_still_does_after_its_end() {
    let mut place = Place::with_gpus(&[H100]);
    place.gpu_file("gpu/0", "utilization=80\nenergy_mj=1000\n");
    place.serve(&[]);
    place.out(&["submit", "--gpus", "1", "--", "sh", "-c", USES]);
    let used = |place: &Place| -> serde_json::Value {
        let shown = place.out(&["show", "1", "--json"]);
        serde_json::from_str::<serde_json::Value>(&shown).expect("JSON")["gpu_use"].clone()
    };
    until("a first sample", || used(&place)["memory"] == 40_960);
    place.gpu_file("gpu/0", "utilization=80\nenergy_mj=3601000\n");
    until("the energy", || used(&place)["energy_mj"] == 3_600_000);
    place.out(&["cancel", "1"]);
    assert!(place.says(&["run", "--after", "any:1", "--", "true"]).status.success());
    until("its sums", || {
        place.out(&["show", "1"]).contains("80% busy on average (SM 80%), at most 40G, 1.0 Wh")
    });
    place.out(&["down"]);
    place.ends();
    place.serve(&[]);
    let after = place.out(&["--lang", "ko", "show", "1"]);
    assert!(after.contains("평균 사용률 80% (SM 80%), 메모리 최대 40G, 1.0 Wh"), "{after}");
    let past: serde_json::Value =
        serde_json::from_str(&place.out(&["gpus", "--history", "--json"])).expect("JSON");
    assert_eq!(past["gpus"][0]["steps"][0]["busy"], 80, "{past}");
}

#[test]
fn a_process_that_no_job_started_is_named_keeps_its_gpu_and_is_left_alone() {
    let mut place = Place::with_gpus(&[H100, H100]);
    place.serve(&[]);
    let mut outsider = std::process::Command::new("sleep").arg("1000").spawn().expect("a process");
    place.gpu_file(&format!("procs/{}", outsider.id()), "0 9000 0\n");
    until("the outsider", || place.out(&["gpus"]).contains("outsider"));
    let shown = place.out(&["gpus"]);
    fits(&shown);
    let names = format!("runs sleep there without a turn (process {}", outsider.id());
    assert!(shown.contains(&names), "{shown}");
    let env = place.out(&["run", "--gpus", "1", "--", "env"]);
    assert!(
        env.contains("CUDA_VISIBLE_DEVICES=GPU-00000000-0000-0000-0000-000000000001\n"),
        "{env}"
    );
    place.out(&["submit", "--gpus", "2", "--", "true"]);
    let why = place.out(&["why", "2"]);
    assert!(why.contains("runs sleep without a turn"), "{why}");
    let korean = place.out(&["--lang", "ko", "why", "2"]);
    assert!(korean.contains("차례 없이 sleep 실행 중"), "{korean}");
    assert!(outsider.try_wait().expect("a status").is_none(), "it was left alone");
    outsider.kill().expect("it is ours");
    outsider.wait().expect("it is ours");
    assert!(place.says(&["run", "--after", "ok:2", "--", "true"]).status.success());
}

#[test]
fn the_processes_of_jobs_are_no_outsiders_whatever_they_fork() {
    let mut place = Place::with_gpus(&[H100]);
    place.gpu_file("gpu/0", "utilization=10\n");
    place.serve(&[]);
    // A worker of a worker, in a session of its own.
    let forks = "setsid sh -c 'echo \"0 100 0\" > $FAKE_GPU_DIR/procs/$$; exec sleep 1000' & wait";
    place.out(&["submit", "--gpus", "1", "--", "sh", "-c", forks]);
    let samples = || {
        let shown = place.out(&["show", "1", "--json"]);
        let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        shown["gpu_use"]["samples"].as_u64().unwrap_or(0)
    };
    until("its memory", || place.out(&["gpus"]).contains("100M/"));
    let before = samples();
    until("some more samples", || samples() > before + 5);
    let shown = place.out(&["gpus"]);
    assert!(!shown.contains("outsider"), "{shown}");
    place.out(&["cancel", "1"]);
}
