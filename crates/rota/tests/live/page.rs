//! The board in a browser: what it says, to whom, and in a real one.

use crate::place::{Place, until};
use nix::sys::signal::Signal;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A page that is served.
struct Page {
    process: Child,
    address: String,
}

impl Page {
    fn of(place: &Place) -> Page {
        let mut command = place.rota(&["page", "--listen", "127.0.0.1:0"]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("rota runs");
        let mut line = String::new();
        let out = process.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split_once('/'));
        Page { process, address: address.expect("an address").0.to_owned() }
    }

    fn get(&self, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer
    }

    fn html(&self, lang: &str) -> String {
        self.get("/", &format!("Host: {}\r\nAccept-Language: {lang}\r\n", self.address))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
    }
}

fn busy_place() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*2"]);
    let work = "echo ROTA_PROGRESS 450/1000; exec sleep 1000";
    let name = "<script>alert(1)</script>";
    place.out(&["submit", "--name", name, "--gpus", "2", "--", "sh", "-c", work]);
    place.out(&["submit", "--name", "second", "--gpus", "1", "--", "sleep", "1000"]);
    until("the bar", || place.out(&["queue"]).contains("[##---] 45%"));
    place
}

#[test]
fn the_page_says_what_queue_and_gpus_say_in_the_language_of_the_browser() {
    let place = busy_place();
    let page = Page::of(&place);
    let english = page.html("fr, en-US;q=0.9, ko;q=0.1");
    for said in [
        "<html lang=\"en\">",
        "SIMULATED GPUs",
        "0 of 2 GPUs free, 1 running, 1 waiting",
        "<progress max=\"1\" value=\"0.45\" aria-label=\"progress of job 1\">45%</progress>",
        "it asks for 1 GPU on one node, and none is free",
        "&lt;script&gt;alert(1)",
        "until ",
    ] {
        assert!(english.contains(said), "{said}: {english}");
    }
    assert!(!english.contains("<script>alert"), "{english}");
    for outside in ["http:", "https:", "url(", "@import", "src=\"//"] {
        assert!(!english.contains(outside), "{outside}");
    }
    let korean = page.html("ko-KR,ko;q=0.9,en;q=0.8");
    assert!(korean.contains("<html lang=\"ko\">") && korean.contains("작업 1의 진행"), "{korean}");
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn the_page_is_for_this_machine_only_and_says_when_the_server_is_away() {
    let mut place = busy_place();
    let page = Page::of(&place);
    let elsewhere = page.get("/", "Host: evil.example\r\n");
    assert!(elsewhere.starts_with("HTTP/1.1 403") && !elsewhere.contains("second"), "{elsewhere}");
    assert!(page.get("/", "Host: localhost:8790\r\n").starts_with("HTTP/1.1 200"));
    assert!(page.get("/v1/jobs", "Host: localhost\r\n").starts_with("HTTP/1.1 404"));
    place.kill();
    until("the trouble", || page.html("en").contains("the server is not reachable"));
    place.serve(&["--simulate", "h100*2"]);
    until("the server", || !page.html("en").contains("the server is not reachable"));
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn the_page_comes_at_once_while_the_server_hangs_and_says_so() {
    let place = busy_place();
    let page = Page::of(&place);
    assert!(page.html("en").contains("second"));
    place.signal(Signal::SIGSTOP);
    until("the trouble", || page.html("en").contains("the server does not answer"));
    assert!(page.html("ko").contains("서버가 응답하지 않아"));
    place.signal(Signal::SIGCONT);
    until("the server", || !page.html("en").contains("the server does not answer"));
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn a_real_browser_reads_the_page_and_runs_its_script_without_complaint() {
    let is_there = Command::new("chromium").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !is_there {
        eprintln!("SKIPPED: chromium is not installed here (Debian: apt-get install chromium)");
        return;
    }
    let place = busy_place();
    let page = Page::of(&place);
    let mut browser = Command::new("chromium");
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]);
    browser.arg(format!("--user-data-dir={}", place.path().join("browser").display()));
    // Long enough for the script to have asked for the board once more.
    browser.args(["--enable-logging=stderr", "--virtual-time-budget=6000", "--dump-dom"]);
    let output = browser.arg(format!("http://{}/", page.address)).output().expect("it runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(!complaints.contains("CONSOLE"), "{complaints}");
    let seen = String::from_utf8(output.stdout).expect("text");
    assert!(seen.contains("aria-label=\"progress of job 1\""), "{seen}");
    assert!(
        seen.contains("second") && seen.contains("id=\"late\" class=\"closed\" hidden"),
        "{seen}"
    );
    place.out(&["cancel", "1", "2"]);
}
