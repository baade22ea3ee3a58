//! Bad GPUs are drained, and admins drain and resume them.

use super::place::{Place, error_of, fits, until};

const H100: (&str, u64) = ("NVIDIA H100 80GB HBM3", 81_559);

#[test]
fn a_gpu_with_a_bad_row_takes_no_second_job_and_its_job_goes_on() {
    let mut place = Place::with_gpus(&[H100, H100]);
    place.serve(&[]);
    place.out(&["submit", "--gpus", "1", "--", "sleep", "1000"]);
    place.gpu_file("gpu/0", "remap_pending=1\n");
    until("the drain", || place.out(&["gpus"]).contains("a bad row of its memory"));
    let shown = place.out(&["gpus"]);
    fits(&shown);
    assert!(shown.contains(" 1x ."), "{shown}");
    let env = place.out(&["run", "--gpus", "1", "--", "env"]);
    assert!(
        env.contains("CUDA_VISIBLE_DEVICES=GPU-00000000-0000-0000-0000-000000000001\n"),
        "{env}"
    );
    place.out(&["cancel", "1"]);
    assert!(place.says(&["run", "--after", "any:1", "--", "true"]).status.success());
    place.out(&["submit", "--gpus", "2", "--", "true"]);
    let why = place.out(&["why", "4"]);
    assert!(why.contains("is drained: a bad row of its memory is replaced"), "{why}");
    place.gpu_file("gpu/0", "");
    let node = place.out(&["gpus", "--json"]);
    let node: serde_json::Value = serde_json::from_str(&node).expect("JSON");
    let name = format!("{}:0", node["nodes"][0]["name"].as_str().expect("a name"));
    place.out(&["resume", &name]);
    assert!(place.says(&["run", "--after", "ok:4", "--", "true"]).status.success());
}

#[test]
fn a_job_of_a_gpu_that_fails_is_queued_again_and_starts_on_another() {
    let mut place = Place::with_gpus(&[H100, H100]);
    place.serve(&[]);
    place.out(&["submit", "--gpus", "1", "--", "sleep", "1000"]);
    until("its start", || place.out(&["gpus"]).contains(" 1 ."));
    place.gpu_file("xids", "0 119\n");
    until("its second start", || place.out(&["gpus"]).contains(" x 1"));
    let shown = place.out(&["show", "1"]);
    assert!(shown.contains("its GPU failed"), "{shown}");
    place.out(&["cancel", "1"]);
}

/// A program dies of its GPU before anybody has read that the GPU is bad.
#[test]
fn a_program_that_dies_of_its_gpu_starts_over_on_another_and_one_that_fails_alone_has_failed() {
    let mut place = Place::with_gpus(&[H100, H100]);
    place.serve(&[]);
    let dies = "test $ROTA_RESTART = 1 && exit 0; echo '0 48' > \"$FAKE_GPU_DIR/.x\"; \
                mv \"$FAKE_GPU_DIR/.x\" \"$FAKE_GPU_DIR/xids\"; kill -ABRT $$";
    let run = place.says(&["run", "--gpus", "1", "--", "sh", "-c", dies]);
    assert!(run.status.success(), "it starts over: {}", error_of(&run));
    let shown = place.out(&["show", "1"]);
    assert!(shown.contains(":0 failed") && shown.contains("run 2"), "{shown}");
    let run = place.says(&["run", "--gpus", "1", "--", "sh", "-c", "exit 3"]);
    assert_eq!(run.status.code(), Some(3));
    let shown = place.out(&["show", "2"]);
    assert!(shown.contains("exit code 3") && !shown.contains("run 2"), "{shown}");
}

/// The driver reports nothing, and the next sample is ten seconds away.
#[test]
fn a_gpu_that_is_lost_without_a_word_is_looked_at_when_its_program_dies() {
    let mut place = Place::with_gpus(&[H100, H100]);
    place.set("ROTA_GPU_SAMPLE_MS", "10000");
    place.serve(&[]);
    let dies = "echo lost=1 > \"$FAKE_GPU_DIR/.x\"; mv \"$FAKE_GPU_DIR/.x\" \"$FAKE_GPU_DIR/gpu/0\"; exit 1";
    place.out(&["submit", "--gpus", "1", "--", "sh", "-c", dies]);
    place.out(&["submit", "--gpus", "1", "--after", "any:1", "--", "true"]);
    until("the drain", || place.out(&["gpus"]).contains(" x x"));
    let first = place.out(&["show", "1"]);
    assert!(first.contains("its GPU failed") && first.contains("queued again"), "{first}");
    let second = place.out(&["show", "2"]);
    assert!(second.contains("job 2: waiting") && !second.contains("started"), "{second}");
}

#[test]
fn with_a_gpu_that_falls_off_the_bus_the_whole_node_is_drained() {
    let mut place = Place::with_gpus(&[H100, H100]);
    place.serve(&[]);
    place.gpu_file("gpu/1", "lost=1\n");
    until("the drain", || place.out(&["gpus"]).contains(" x x"));
    let shown = place.out(&["--lang", "ko", "gpus"]);
    fits(&shown);
    assert!(shown.contains("버스에서 사라졌습니다"), "{shown}");
    assert!(shown.contains("옆의 GPU 1번이"), "{shown}");
}

#[test]
fn what_keeps_no_job_away_is_said() {
    let mut place = Place::with_gpus(&[H100]);
    place.gpu_file("gpu/0", "persistence=0\necc_errors=3\n");
    place.serve(&[]);
    until("the warnings", || place.out(&["gpus"]).contains("persistence mode is off"));
    for (lang, errors) in [("en", "3 memory errors could not"), ("ko", "메모리 오류 3건")] {
        let shown = place.out(&["--lang", lang, "gpus"]);
        fits(&shown);
        assert!(shown.contains(errors), "{shown}");
    }
    assert!(place.says(&["run", "--gpus", "1", "--", "true"]).status.success());
}

#[test]
fn memory_that_a_job_leaves_behind_keeps_the_next_one_away() {
    let mut place = Place::with_gpus(&[H100]);
    place.gpu_file("gpu/0", "leftover_mib=700\n");
    place.serve(&[]);
    until("the drain", || place.out(&["gpus"]).contains("700M of its memory are in use"));
    place.out(&["submit", "--gpus", "1", "--", "true"]);
    assert!(place.out(&["why", "1"]).contains("is drained"));
}

#[test]
fn a_driver_that_crashes_again_and_again_takes_no_new_job_until_it_answers() {
    let mut place = Place::with_gpus(&[H100]);
    place.serve(&[]);
    place.gpu_file("faults", "nvmlDeviceGetMemoryInfo crash\n");
    until("the drain", || place.out(&["gpus"]).contains("does not answer"));
    let shown = place.out(&["gpus"]);
    fits(&shown);
    assert!(shown.contains("its driver does not answer"), "{shown}");
    place.gpu_file("faults", "");
    until("an answer", || place.out(&["gpus"]).contains("0M/79.6G"));
    assert!(place.says(&["run", "--gpus", "1", "--", "true"]).status.success());
}

#[test]
fn an_admin_drains_and_resumes_simulated_gpus_too_and_says_why() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*2,a100*1"]);
    place.out(&["drain", "h100-1:0", "a100-1", "--why", "fan broken"]);
    place.out(&["submit", "--gpus", "2", "--", "true"]);
    for (lang, drained) in
        [("en", "GPU h100-1:0 is drained: fan broken"), ("ko", "배정 중지: fan broken")]
    {
        let why = place.out(&["--lang", lang, "why", "1"]);
        assert!(why.contains(drained), "{why}");
        let shown = place.out(&["--lang", lang, "gpus"]);
        fits(&shown);
        assert!(shown.contains("fan broken"), "{shown}");
    }
    place.kill();
    place.serve(&["--simulate", "h100*2,a100*1"]);
    assert!(place.out(&["gpus"]).contains(" x ."), "it outlives the server");
    let unknown = place.says(&["resume", "h100-9", "h100-1:7", "a100-1"]);
    assert!(error_of(&unknown).contains("no node h100-9"), "{}", error_of(&unknown));
    assert!(error_of(&unknown).contains("h100-1 has no GPU 7"), "{}", error_of(&unknown));
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stdout).contains("a100-1 takes jobs again"));
    assert_eq!(place.says(&["drain", "h100-1:x", "--why", "y"]).status.code(), Some(2));
    let lines = error_of(&place.says(&["resume", "h100-1", "--why", "one\ntwo"]));
    assert!(lines.contains("in one line"), "{lines}");
    place.out(&["resume", "h100-1", "--why", "fan replaced"]);
    assert!(place.says(&["run", "--after", "ok:1", "--", "true"]).status.success());
}

#[test]
fn doctor_asks_again_where_a_reader_dies_once_and_says_what_the_driver_said_where_all_do() {
    let place = Place::with_gpus(&[H100]);
    place.gpu_file("faults", "nvmlDeviceGetMemoryInfo crash 1\n");
    let found = place.out(&["doctor"]);
    assert!(found.contains("✓ GPU") && found.contains("H100"), "{found}");
    place.gpu_file("faults", "nvmlDeviceGetMemoryInfo crash\n");
    let found = place.out(&["doctor"]);
    assert!(found.contains("– driver"), "{found}");
}
