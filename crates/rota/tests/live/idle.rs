//! GPUs that are held and not used: their person is told, whoever waits takes them, a public reason keeps them.

use super::place::{Place, error_of, fits, until};
use std::fs::{File, FileTimes};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

const H100: (&str, u64) = ("NVIDIA H100 80GB HBM3", 81_559);

/// Uses no GPU, but says that its program is there.
const SITS: &str = "echo \"0 4096 0\" > \"$FAKE_GPU_DIR/procs/$$\"; exec sleep 1000";

/// A server that loses patience soon.
fn place(gpus: usize) -> Place {
    let mut place = Place::with_gpus(&vec![H100; gpus]);
    let hook = place.path().join("hook");
    let script =
        "#!/bin/sh\n{ echo \"$ROTA_PERSON $ROTA_JOB_ID $ROTA_MESSAGE\"; cat; echo; } >> hook.log";
    let script = script.replace("hook.log", &place.path().join("hook.log").display().to_string());
    std::fs::write(&hook, script).expect("written");
    std::fs::set_permissions(&hook, PermissionsExt::from_mode(0o755)).expect("it is ours");
    place.serve(&["--notify", &hook.display().to_string()]);
    let policy = place.path().join("policy.toml");
    let soon = "{ warn = \"1s\", stop = \"2s\" }";
    let idle = format!("[idle]\nnever_used = {soon}\nstopped_using = {soon}\n");
    std::fs::write(&policy, idle).expect("written");
    place.out(&["policy", "apply", &policy.display().to_string(), "--yes"]);
    place
}

fn read(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.path().join(name)).unwrap_or_default()
}

#[test]
fn who_uses_nothing_is_told_on_its_output_and_through_the_sites_program_in_their_language() {
    let place = place(1);
    for (lang, number, said) in
        [("en", 1, "has not used a GPU since"), ("ko", 2, "쓰지 않고 있습니다")]
    {
        let mut command = place.rota(&["submit", "--gpus", "1", "--"]);
        let lang = if lang == "ko" { "ko_KR.UTF-8" } else { "C.UTF-8" };
        let output = command.args(["sleep", "1000"]).env("LANG", lang).output().expect("rota runs");
        assert!(output.status.success(), "{}", error_of(&output));
        until("the message", || read(&place, &format!("rota-{number}.out")).contains(said));
        until("the program", || {
            let all = read(&place, "hook.log");
            all.contains(said) && all.contains(&format!("\"job\":\"{number}\""))
        });
        place.out(&["cancel", &number.to_string()]);
    }
    let all = read(&place, "hook.log");
    assert!(
        all.contains("\"about\":\"idle\",\"gpus\":1") && all.contains("\"empty\":true"),
        "{all}"
    );
    assert!(all.contains("None of its programs is there"), "{all}");
}

#[test]
fn who_uses_nothing_is_told_on_the_terminal_they_used_last() {
    let pty = nix::pty::openpty(None, None).expect("a terminal");
    let slave = File::from(pty.slave);
    let accepts = std::fs::Permissions::from_mode(0o620);
    slave.set_permissions(accepts).expect("it is ours");
    let later = SystemTime::now() + Duration::from_secs(3600);
    slave.set_times(FileTimes::new().set_accessed(later)).expect("it is ours");
    let place = place(1);
    place.out(&["submit", "--gpus", "1", "--", "sleep", "1000"]);
    let (mut master, mut said, mut buffer) = (File::from(pty.master), String::new(), [0; 1024]);
    while !said.contains("has not used a GPU since") {
        let length = master.read(&mut buffer).expect("something is said");
        said.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    assert!(said.contains("'rota pin 1 --why REASON'"), "{said}");
    drop(slave);
    place.out(&["cancel", "1"]);
}

#[test]
fn who_waits_takes_what_is_not_used_and_a_reason_keeps_it() {
    let place = place(1);
    place.out(&["submit", "--gpus", "1", "--turns", "requeue", "--", "sh", "-c", SITS]);
    until("its idleness", || place.out(&["queue"]).contains(" idle "));
    let refused = place.says(&["pin", "1", "--why", " "]);
    assert!(error_of(&refused).contains("say why in one line"), "{}", error_of(&refused));
    place.out(&["pin", "1", "--why", "demo at 15:00"]);
    for (lang, words) in
        [("en", ["does not use", "is pinned: demo"]), ("ko", ["쓰지 않음", "고정: demo"])]
    {
        let shown = place.out(&["--lang", lang, "gpus"]);
        fits(&shown);
        assert!(words.iter().all(|word| shown.contains(word)), "{shown}");
    }
    place.out(&["submit", "--gpus", "1", "--", "true"]);
    let pinned = place.out(&["queue"]);
    assert!(pinned.contains("idle, pinned") && pinned.contains("waiting"), "{pinned}");
    for (lang, words) in [("en", "job 1 of"), ("ko", "잡아 두고 쓰지 않음")] {
        let why = place.out(&["--lang", lang, "why", "2"]);
        fits(&why);
        assert!(why.contains(words) && why.contains("demo at 15:00"), "{why}");
    }
    place.out(&["unpin", "1"]);
    until("the other's turn", || place.out(&["queue", "--all"]).contains("completed"));
    let shown = place.out(&["show", "1"]);
    fits(&shown.lines().filter(|line| !line.starts_with("command")).collect::<Vec<_>>().join("\n"));
    assert!(shown.contains("GPUs not used; next is job 2"), "{shown}");
    assert!(shown.contains("pinned by"), "{shown}");
    place.out(&["cancel", "1"]);
}

#[test]
fn who_works_is_left_alone_and_its_use_is_seen() {
    let place = place(2);
    place.gpu_file("gpu/0", "utilization=90\n");
    place.out(&["submit", "--gpus", "2", "--", "sh", "-c", SITS]);
    until("some idle GPU", || place.out(&["gpus"]).contains("does not use a GPU since"));
    place.out(&["submit", "--gpus", "1", "--", "true"]);
    let shown = place.out(&["show", "1"]);
    assert!(!shown.contains("whoever waits may have"), "half of it works: {shown}");
    let ran = || {
        let queue = place.out(&["queue", "--json"]);
        let queue: serde_json::Value = serde_json::from_str(&queue).expect("JSON");
        queue["jobs"][0]["ran"].as_u64().expect("milliseconds")
    };
    until("more than all patience", || ran() > 4_000);
    let queue = place.out(&["queue"]);
    assert!(queue.contains("running") && queue.contains("waiting"), "it stays: {queue}");
    place.out(&["cancel", "1"]);
    assert!(place.says(&["run", "--after", "ok:2", "--", "true"]).status.success());
}
