//! A panic, on a terminal of its own.

use crate::tui::screen::Screen;
use nix::pty::openpty;
use nix::sys::termios::tcgetattr;
use std::fs::File;
use std::io::Read;
use std::process::Command;

/// The screen is given back.
const LEAVES: &str = "\u{1b}[?1049l";

#[test]
fn a_panic_on_any_thread_gives_the_terminal_back_then_says_what_it_was() {
    let pty = openpty(None, None).expect("a terminal");
    let before = tcgetattr(&pty.slave).expect("its state");
    let copy = || pty.slave.try_clone().expect("a copy");
    let mut itself = Command::new(std::env::current_exe().expect("a program"));
    itself.args(["--exact", "tui::tests::panics::it_panics", "--ignored", "--nocapture"]);
    let mut board = itself.stdin(copy()).stdout(copy()).stderr(copy()).spawn().expect("it runs");
    let mut screen = File::from(pty.master);
    let (mut said, mut buffer) = (String::new(), [0; 4096]);
    while !said.contains("all is lost") {
        let length = screen.read(&mut buffer).expect("something is said");
        said.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    assert_eq!(board.wait().expect("it ends").code(), Some(101));
    assert_eq!(tcgetattr(&pty.slave).expect("its state"), before);
    assert!(said.find(LEAVES).expect("it leaves") < said.find("all is lost").expect("said"));
}

#[test]
#[ignore = "the other half of the test above, which starts it on a terminal"]
fn it_panics() {
    let screen = Screen::open().expect("a screen");
    let fell = std::thread::spawn(|| panic!("all is lost")).join();
    unreachable!("{:?} x {:?}", fell, screen.size());
}
