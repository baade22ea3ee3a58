//! Parts of a GPU that go through MPS, with a stand-in for its control program.

use super::place::{Place, fits, until};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

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

/// Programs of somebody who asked Rota for nothing, ended with the test.
struct Programs(Vec<Child>);

impl Programs {
    fn start(&mut self, uid: u32) -> u32 {
        let mut command = Command::new("sleep");
        self.0.push(command.arg("1000").uid(uid).spawn().expect("it runs"));
        self.0.last().expect("it was begun").id()
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        for program in &mut self.0 {
            program.kill().expect("killed");
            program.wait().expect("gone");
        }
    }
}

/// A daemon that Rota did not begin, ended with the test.
struct Daemon {
    control: PathBuf,
    folder: PathBuf,
}

impl Daemon {
    fn begin(control: PathBuf, folder: &Path) -> Daemon {
        let daemon = Daemon { control, folder: folder.to_owned() };
        assert!(daemon.asks().arg("-d").status().expect("it runs").success());
        daemon
    }

    fn asks(&self) -> Command {
        let mut command = Command::new(&self.control);
        command.env("CUDA_MPS_PIPE_DIRECTORY", &self.folder);
        command
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let mut quit = self.asks().stdin(Stdio::piped()).spawn().expect("it runs");
        quit.stdin.take().expect("a pipe").write_all(b"quit\n").expect("asked");
        quit.wait().expect("gone");
    }
}

/// What doctor says of MPS, a sentence a line, with its mark.
fn doctors(place: &Place, lang: &str, usual: &Path) -> Vec<String> {
    let mut doctor = place.rota(&["--lang", lang, "doctor", "--json"]);
    let said = doctor.env("CUDA_MPS_PIPE_DIRECTORY", usual).output().expect("it runs").stdout;
    let said: serde_json::Value = serde_json::from_slice(&said).expect("JSON");
    let of_mps = said.as_array().expect("lines").iter().filter(|line| line["what"] == "MPS");
    let mark = |line: &serde_json::Value| if line["is_good"] == true { "✓" } else { "–" };
    of_mps.map(|l| format!("{} {}", mark(l), l["text"].as_str().expect("a text"))).collect()
}

fn account() -> String {
    let own = nix::unistd::User::from_uid(nix::unistd::geteuid()).expect("accounts");
    own.expect("it has a name").name
}

#[test]
fn doctor_names_who_goes_through_a_daemon_of_rotas_without_a_job() {
    let place = limited();
    let (nowhere, me) = (place.path().join("nowhere"), account());
    place.out(&["submit", "--gpu-mem", "20G", "--", "sh", "uses"]);
    let folder = || {
        let all = std::fs::read_dir(place.path().join("mps")).into_iter().flatten().flatten();
        all.map(|entry| entry.path()).find(|path| path.join("daemon").exists())
    };
    until("the daemon", || folder().is_some());
    let at = folder().expect("it is there");
    let idle = format!("✓ a daemon answers at {} ({me}), and nobody goes through it", at.display());
    assert_eq!(doctors(&place, "en", &nowhere)[2], idle);
    let detail = || -> serde_json::Value {
        serde_json::from_str(&place.out(&["show", "1", "--json"])).expect("JSON")
    };
    until("the program", || detail()["pid"].is_u64());
    let job = detail()["pid"].clone();
    std::fs::write(at.join("clients"), format!("{job}\n")).expect("written");
    let said = doctors(&place, "en", &nowhere);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[2].starts_with('✓') && said[2].ends_with(&format!("go {job} ({me})")), "{said:?}");
    let mut programs = Programs(Vec::new());
    let other = programs.start(nix::unistd::geteuid().as_raw());
    std::fs::write(at.join("clients"), format!("{job}\n{other}\n")).expect("written");
    let said = doctors(&place, "en", &nowhere);
    assert!(said[2].starts_with('–') && said[2].contains(&format!("{job} ({me})")), "{said:?}");
    let strangers = format!("– no job of Rota started {other} ({me}): ");
    assert!(said[3].starts_with(&strangers) && said.len() == 4, "{said:?}");
    let said = doctors(&place, "ko", &nowhere);
    let strangers = format!("– Rota의 작업이 시작하지 않은 프로세스: {other} ({me}). ");
    assert!(said[3].starts_with(&strangers) && said.len() == 4, "{said:?}");
    place.out(&["cancel", "1"]);
    until("the end of the daemon", || folder().is_none());
}

#[test]
fn doctor_asks_the_daemon_that_programs_find_by_themselves_and_waits_for_none_that_hangs() {
    let place = Place::with_gpus(&[A100]);
    let (usual, me) = (place.path().join("usual"), account());
    let path = usual.display();
    let quiet = format!("✓ no daemon answers at {path}: ");
    assert!(doctors(&place, "en", &usual)[1].starts_with(&quiet));
    std::fs::create_dir(&usual).expect("a folder");
    assert!(doctors(&place, "en", &usual)[1].starts_with(&quiet), "it may be left of an old one");
    let _daemon = Daemon::begin(place.gpus().mps_control(), &usual);
    for (lang, idle, warns) in [
        ("en", format!("– a daemon answers at {path} ({me}), and nobody"), "cannot be suspended"),
        ("ko", format!("– {path}의 데몬이 응답합니다({me})"), "일시 중단할 수 없고"),
    ] {
        let said = doctors(&place, lang, &usual);
        assert!(said[1].starts_with(&idle) && said[2].contains(warns), "{said:?}");
        assert_eq!(said.len(), 3, "{said:?}");
    }
    let mut programs = Programs(Vec::new());
    let own = programs.start(nix::unistd::geteuid().as_raw());
    std::fs::write(usual.join("clients"), format!("{own}\n")).expect("written");
    let said = doctors(&place, "en", &usual);
    assert!(said[3].contains(&format!("no job of Rota started {own} ({me})")), "{said:?}");
    assert_eq!(said.len(), 4, "{said:?}");
    if nix::unistd::geteuid().is_root() {
        let other = programs.start(65534);
        std::fs::write(usual.join("clients"), format!("{own}\n{other}\n")).expect("written");
        for (lang, people) in [("en", "nobody, root share a daemon"), ("ko", "(nobody, root)")] {
            let said = doctors(&place, lang, &usual);
            assert!(said[4].contains(people), "{said:?}");
        }
    }
    place.gpu_file("faults", "mps hang\n");
    for (lang, hangs) in [
        ("en", format!("– the daemon at {path} does not answer")),
        ("ko", format!("– {path}의 데몬이 응답하지 않습니다")),
    ] {
        let said = doctors(&place, lang, &usual);
        assert!(said[1].starts_with(&hangs) && said.len() == 2, "{said:?}");
    }
    place.gpu_file("faults", "");
}
