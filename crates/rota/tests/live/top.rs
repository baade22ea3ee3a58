//! The board on a terminal: it opens, follows, and gives the terminal back as it was, whatever ends it.

use crate::place::{Place, error_of, until};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, Termios, tcgetattr};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::{Arc, Mutex};
use unicode_width::UnicodeWidthChar;

/// A person before a terminal of 80 × 24.
struct Sitting {
    keys: File,
    said: Arc<Mutex<Vec<u8>>>,
    terminal: OwnedFd,
    before: Termios,
    board: Child,
}

fn terminal() -> OpenptyResult {
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let pty = openpty(&size, None).expect("a terminal");
    // Or else the board would itself keep its terminal from going away.
    fcntl(&pty.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).expect("a mark");
    pty
}

fn board_on(pty: &OpenptyResult, place: &Place) -> Child {
    let copy = || pty.slave.try_clone().expect("a copy");
    let mut command = place.rota(&["top"]);
    command.stdin(copy()).stdout(copy()).stderr(copy()).env("TERM", "xterm-256color");
    command.spawn().expect("rota runs")
}

impl Sitting {
    fn down(place: &Place) -> Sitting {
        let pty = terminal();
        let before = tcgetattr(&pty.slave).expect("its state");
        let board = board_on(&pty, place);
        let keys = File::from(pty.master);
        let (mut screen, said) = (keys.try_clone().expect("a copy"), Arc::default());
        let heard: Arc<Mutex<Vec<u8>>> = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut buffer) {
                heard.lock().expect("no panic").extend(&buffer[..length]);
            }
        });
        Sitting { keys, said, terminal: pty.slave, before, board }
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().expect("no panic")).into_owned()
    }

    /// Waits until these words are on the screen.
    fn sees(&self, words: &str) {
        until(words, || on_screen(&self.said()).contains(words));
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("typed");
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.board.id()).expect("a pid"))
    }

    fn is_as_before(&self) -> bool {
        tcgetattr(&self.terminal).expect("its state") == self.before
    }

    /// Waits until it has ended; its exit code.
    fn ends(mut self) -> Option<i32> {
        let code = self.board.wait().expect("it ends").code();
        assert!(self.is_as_before(), "the terminal is not as it was");
        until("the other screen", || self.said().contains(LEAVES));
        code
    }
}

impl Drop for Sitting {
    fn drop(&mut self) {
        drop(self.board.kill());
        drop(self.board.wait());
    }
}

/// The screen is given back.
const LEAVES: &str = "\u{1b}[?1049l";

/// What a terminal shows that was told so much: only as far as the board makes use of one.
fn on_screen(said: &str) -> String {
    let mut rows = vec![vec![' '; 80]; 24];
    let (mut row, mut column) = (0, 0);
    for (at, part) in said.split("\u{1b}[").enumerate() {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).filter(|_| at > 0);
        let (order, text) = part.split_at(end.map_or(0, |end| end + 1));
        if order == "2J" {
            rows.iter_mut().for_each(|row| row.fill(' '));
        } else if let Some(place) = order.strip_suffix('H') {
            let (y, x) = place.split_once(';').expect("a place");
            (row, column) = (y.parse().unwrap_or(1) - 1, x.parse().unwrap_or(1) - 1);
        }
        for c in text.chars() {
            rows[row][column.min(79)] = c;
            column += c.width().unwrap_or(0);
        }
    }
    rows.into_iter().map(|row| row.into_iter().collect::<String>() + "\n").collect()
}

fn busy_place() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*2"]);
    let work = "echo ROTA_PROGRESS 450/1000; exec sleep 1000";
    place.out(&["submit", "--name", "first", "--gpus", "2", "--", "sh", "-c", work]);
    place.out(&["submit", "--name", "second", "--gpus", "1", "--", "sleep", "1000"]);
    until("the bar", || place.out(&["queue"]).contains("[##---] 45%"));
    place
}

#[test]
fn a_person_opens_the_board_looks_into_a_job_and_leaves() {
    let place = busy_place();
    let mut sitting = Sitting::down(&place);
    sitting.sees("[##---] 45%");
    sitting.sees("job 1 of");
    sitting.sees("until ");
    assert!(!sitting.is_as_before(), "keys come one by one while it is open");
    sitting.types("j");
    sitting.sees(">2 ");
    sitting.types("\r");
    sitting.sees("job 2: waiting");
    sitting.sees("it asks for 1 GPU on one node, and none is free");
    sitting.types("\u{1b}");
    sitting.sees(">2 ");
    sitting.types("/fir");
    sitting.sees("only with \"fir\"");
    sitting.sees(">1 ");
    sitting.types("\r\u{3}");
    assert_eq!(sitting.ends(), Some(0));
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn the_board_follows_the_queue_and_finds_a_server_that_was_restarted() {
    let mut place = busy_place();
    let mut sitting = Sitting::down(&place);
    sitting.sees("second");
    place.out(&["submit", "--name", "third", "--gpus", "1", "--", "sleep", "1000"]);
    sitting.sees("third");
    place.kill();
    sitting.sees("the server is not reachable, trying again");
    place.serve(&["--simulate", "h100*2"]);
    sitting.sees("SIMULATED GPUs");
    sitting.types("q");
    assert_eq!(sitting.ends(), Some(0));
    place.out(&["cancel", "1", "2", "3"]);
}

#[test]
fn the_board_says_when_the_server_hangs_and_follows_it_again_when_it_does_not() {
    let place = busy_place();
    let mut sitting = Sitting::down(&place);
    sitting.sees("second");
    place.signal(Signal::SIGSTOP);
    sitting.sees("the server does not answer, still waiting; this is how it was at ");
    sitting.types("j");
    sitting.sees(">2 ");
    sitting.types("\r");
    sitting.sees("asking for job 2 ...");
    place.signal(Signal::SIGCONT);
    sitting.sees("it asks for 1 GPU on one node, and none is free");
    sitting.sees("SIMULATED GPUs");
    sitting.types("q/fir");
    sitting.sees("only with \"fir\"");
    sitting.types("\u{3}");
    assert_eq!(sitting.ends(), Some(0));
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn a_signal_ends_the_board_and_gives_the_terminal_back() {
    let place = busy_place();
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 0), (Signal::SIGINT, 130)] {
        let sitting = Sitting::down(&place);
        sitting.sees("second");
        kill(sitting.pid(), signal).expect("a signal");
        assert_eq!(sitting.ends(), Some(code), "{signal}");
    }
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_the_board_goes_on() {
    let place = busy_place();
    let mut sitting = Sitting::down(&place);
    sitting.sees("second");
    sitting.types("\u{1a}");
    let stopped = waitpid(sitting.pid(), Some(WaitPidFlag::WUNTRACED)).expect("it stops");
    assert_eq!(stopped, WaitStatus::Stopped(sitting.pid(), Signal::SIGSTOP));
    assert!(sitting.is_as_before());
    sitting.said.lock().expect("no panic").clear();
    kill(sitting.pid(), Signal::SIGCONT).expect("a signal");
    sitting.sees("second");
    until("the keys", || {
        let now = tcgetattr(&sitting.terminal).expect("its state");
        !now.local_flags.contains(LocalFlags::ICANON)
    });
    sitting.types("q");
    assert_eq!(sitting.ends(), Some(0));
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn a_terminal_that_goes_away_ends_the_board_without_a_panic() {
    let place = busy_place();
    let pty = terminal();
    let mut board = board_on(&pty, &place);
    let mut screen = File::from(pty.master);
    let (mut said, mut buffer) = (String::new(), [0; 4096]);
    while !said.contains("second") {
        let length = screen.read(&mut buffer).expect("something is drawn");
        said.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    drop((screen, pty.slave));
    assert_eq!(board.wait().expect("it ends").code(), Some(1));
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn without_a_terminal_it_says_what_answers_programs() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    for words in [&["top"][..], &["top", "--json"]] {
        let output = place.says(words);
        assert_eq!(output.status.code(), Some(1));
        assert!(error_of(&output).contains("'rota queue --json'"), "{}", error_of(&output));
        assert!(output.stdout.is_empty());
    }
}
