//! GPUs that are split (MIG): each instance is given to one job.

use super::place::{Place, error_of, fits, until};

const H100: (&str, u64) = ("NVIDIA H100 80GB HBM3", 81_559);

/// One whole GPU, and one that is split into two small instances and a larger one.
fn split() -> Place {
    let mut place = Place::with_gpus(&[H100, H100]);
    place.gpu_file("gpu/1", "mig=1\n");
    let product = "NVIDIA H100 80GB HBM3 MIG";
    let instances = format!(
        "MIG-a|{product} 1g.10gb|9856\nMIG-b|{product} 1g.10gb|9856\nMIG-c|{product} 3g.40gb|40448\n"
    );
    place.gpu_file("mig/1", &instances);
    place.serve(&[]);
    place
}

#[test]
fn instances_are_gpus_of_their_own_given_by_name_to_whoever_asks_for_memory() {
    let place = split();
    let shown = place.out(&["gpus"]);
    fits(&shown);
    assert!(shown.contains("-h100-1g.10gb"), "{shown}");
    assert!(shown.contains("-h100-3g.40gb"), "{shown}");
    let visible = |asks: &[&str]| {
        let env = place.out(&[&["run"], asks, &["--", "env"]].concat());
        let line = env.lines().find(|line| line.starts_with("CUDA_VISIBLE_DEVICES="));
        line.unwrap_or_default().to_owned()
    };
    assert_eq!(visible(&["--gpu-mem", "9G"]), "CUDA_VISIBLE_DEVICES=MIG-a");
    assert_eq!(visible(&["--gpu-mem", "30G"]), "CUDA_VISIBLE_DEVICES=MIG-c");
    assert_eq!(visible(&["--gpus", "1", "--gpu", "h100-3g.40gb"]), "CUDA_VISIBLE_DEVICES=MIG-c");
    let whole = visible(&["--gpus", "1"]);
    assert!(whole.ends_with("GPU-00000000-0000-0000-0000-000000000000"), "{whole}");
    let two =
        error_of(&place.says(&["submit", "--gpus", "2", "--gpu", "h100-1g.10gb", "--", "true"]));
    assert!(two.contains("a job has one slice at most"), "{two}");
}

#[test]
fn a_job_on_an_instance_is_said_to_be_alone_there_and_never_to_be_suspended() {
    let place = split();
    let asks = ["submit", "--gpu-mem", "9G", "--turns", "suspend", "--time", "1h"];
    let uses = "echo \"$CUDA_VISIBLE_DEVICES 9000 0\" > $FAKE_GPU_DIR/procs/$$; exec sleep 1000";
    std::fs::write(place.path().join("uses"), uses).expect("written");
    for _ in 0..2 {
        place.out(&[&asks[..], &["--", "sh", "uses"]].concat());
    }
    until("both to run", || place.out(&["queue"]).matches("running").count() == 2);
    for (lang, alone, never) in [
        ("en", "9G, a slice of its own", "no driver can suspend what runs on a slice"),
        ("ko", "9G, 조각 하나를 혼자 씀", "GPU 조각에서는 일시 중단할 수 없습니다"),
    ] {
        let shown = place.out(&["--lang", lang, "show", "1"]);
        fits(&shown);
        assert!(shown.contains(alone) && shown.contains(never), "{shown}");
    }
    let memory = |job: &str| -> serde_json::Value {
        let shown = place.out(&["show", job, "--json"]);
        serde_json::from_str::<serde_json::Value>(&shown).expect("JSON")["gpu_use"].clone()
    };
    // The driver lists both with the whole GPU: neither is an outsider, and each has its own.
    until("their memory", || ["1", "2"].iter().all(|job| memory(job)["memory"] == 9000));
    let samples = || memory("2")["samples"].as_u64().unwrap_or(0);
    let before = samples();
    until("some more samples", || samples() > before + 5);
    let gpus = place.out(&["gpus"]);
    assert!(!gpus.contains("outsider"), "{gpus}");
    assert_eq!(gpus.matches("8.7G/").count(), 2, "{gpus}");
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn an_error_of_a_split_gpu_drains_all_its_instances() {
    let place = split();
    place.gpu_file("xids", "1 63\n");
    until("the drain", || place.out(&["gpus"]).contains("1g.10gb:0,1 since"));
    until("the other, too", || place.out(&["gpus"]).contains("3g.40gb:0 since"));
    assert!(place.says(&["run", "--gpus", "1", "--", "true"]).status.success());
}
