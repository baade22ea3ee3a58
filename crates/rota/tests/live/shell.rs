//! A program on its person's terminal: keys go there, GPUs that are not used come back when somebody types.

use super::place::{Place, until};
use nix::pty::{Winsize, openpty};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// `rota shell` on a terminal of the test.
struct Terminal {
    rota: Child,
    keyboard: File,
    written: Receiver<Vec<u8>>,
    said: String,
    _screen: OwnedFd,
}

impl Terminal {
    fn open(place: &Place, arguments: &[&str]) -> Terminal {
        let size = Winsize { ws_row: 30, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).expect("a terminal");
        let keyboard = File::from(pty.master);
        let mut screen = keyboard.try_clone().expect("a copy");
        let (sender, written) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let slave = || pty.slave.try_clone().expect("a copy");
        let mut command = place.rota(&["shell"]);
        command.args(arguments).stdin(slave()).stdout(slave()).stderr(slave());
        let rota = command.spawn().expect("rota runs");
        Terminal { rota, keyboard, written, said: String::new(), _screen: pty.slave }
    }

    fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("typed");
    }

    /// Waits until the screen has said something new.
    fn says(&mut self, text: &str) {
        while !self.said.contains(text) {
            let more = self.written.recv_timeout(Duration::from_secs(30));
            let more = more.unwrap_or_else(|_| panic!("no '{text}': {}", self.said));
            self.said.push_str(&String::from_utf8_lossy(&more));
        }
        let after = self.said.find(text).expect("just found") + text.len();
        self.said.drain(..after);
    }

    fn ends(&mut self) -> Option<i32> {
        self.rota.wait().expect("it ends").code()
    }
}

/// A server with one GPU that soon loses patience with terminals.
fn impatient() -> Place {
    let mut place = Place::with_gpus(&[("NVIDIA H100 80GB HBM3", 81_559)]);
    place.serve(&[]);
    let policy = "[idle]\ninteractive = { warn = \"1s\", stop = \"2s\" }\n";
    std::fs::write(place.path().join("policy.toml"), policy).expect("written");
    place.out(&["policy", "apply", "policy.toml", "--yes"]);
    place
}

/// It ends before anybody has seen it run.
#[test]
fn all_that_a_quick_command_writes_is_shown() {
    let mut place = Place::new();
    place.serve(&[]);
    for number in 1..=8 {
        let command = format!("echo one{number}; echo two{number}; exit 3");
        let mut shell = Terminal::open(&place, &["--", "sh", "-c", &command]);
        shell.says(&format!("one{number}"));
        shell.says(&format!("two{number}"));
        assert_eq!(shell.ends(), Some(3));
    }
}

#[test]
fn a_shell_has_the_terminal_its_size_its_keys_and_its_exit_code() {
    let mut place = Place::new();
    place.serve(&[]);
    let mut shell = Terminal::open(&place, &["--", "sh"]);
    shell.types("stty size; echo $((6 * 7)); sleep 1000\r");
    shell.says("30 100");
    shell.says("42");
    let queue = place.out(&["show", "1"]);
    assert!(queue.contains("on its terminal"), "{queue}");
    let refused = place.says(&["logs", "1"]);
    assert!(super::place::error_of(&refused).contains("runs on a terminal"));
    shell.types("\u{3}");
    shell.types("exit 7\r");
    assert_eq!(shell.ends(), Some(7));
}

#[test]
fn without_a_terminal_there_is_no_shell() {
    let place = Place::new();
    let said = super::place::error_of(&place.says(&["shell", "--", "true"]));
    assert!(said.contains("'rota run -- COMMAND'"), "{said}");
}

#[test]
fn who_does_not_type_leaves_to_who_waits_and_is_back_when_they_type() {
    let place = impatient();
    let mut shell = Terminal::open(&place, &["--gpus", "1", "--", "sh"]);
    shell.types("kept=42\r");
    shell.says("kept=42");
    shell.says("has not used a GPU since");
    shell.says("What you type here counts as use.");
    place.out(&["submit", "--gpus", "1", "--", "true"]);
    shell.says("nobody typed; it leaves them to job 2");
    shell.says("press a key, and job 1 is in line again");
    until("the other's turn", || place.out(&["queue", "--all"]).contains("completed"));
    let why = place.out(&["why", "1"]);
    assert!(why.contains("typing there puts it in line again"), "{why}");
    shell.types("x");
    shell.says("goes on where it was");
    shell.types("echo still $kept\r");
    shell.says("still 42");
    shell.types("exit\r");
    assert_eq!(shell.ends(), Some(0));
    let shown = place.out(&["show", "1"]);
    assert!(shown.contains("its person typed again"), "{shown}");
}

#[test]
fn a_shell_that_cannot_be_suspended_begins_anew_when_its_person_types() {
    let place = impatient();
    let mut shell = Terminal::open(&place, &["--gpus", "1", "--turns", "requeue", "--", "bash"]);
    shell.says("has not used a GPU since");
    place.out(&["submit", "--gpus", "1", "--", "true"]);
    shell.says("Its program ends, and can begin anew.");
    shell.says("press a key, and job 1 is in line again");
    shell.types("x");
    shell.says("job 1 begins anew");
    shell.types("echo $((6 * 7)); exit\r");
    shell.says("42");
    assert_eq!(shell.ends(), Some(0));
}

#[test]
fn a_suspended_shell_ends_with_its_terminal() {
    let place = impatient();
    let mut shell = Terminal::open(&place, &["--gpus", "1", "--", "sh"]);
    shell.says("has not used a GPU since");
    place.out(&["submit", "--gpus", "1", "--", "sleep", "1000"]);
    shell.says("press a key");
    shell.rota.kill().expect("killed");
    shell.ends();
    until("its end", || place.out(&["queue", "--all"]).contains("failed"));
    place.out(&["cancel", "2"]);
}
