//! What a terminal shows: its width, its colours, other alphabets.

use crate::place::{Place, fits, until};
use nix::pty::{Winsize, openpty};
use std::io::Read;
use std::process::{Command, Stdio};
use unicode_width::UnicodeWidthStr;

/// What a command writes to a terminal so many columns wide.
fn on_terminal(command: &mut Command, columns: u16) -> String {
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let pty = openpty(&size, None).expect("a terminal");
    command.stdout(pty.slave.try_clone().expect("a copy")).stderr(Stdio::inherit());
    let mut child =
        command.stdin(pty.slave).env("TERM", "xterm-256color").spawn().expect("rota runs");
    // The command holds the only other copies: reading ends when it ends.
    command.stdout(Stdio::null()).stdin(Stdio::null());
    let (mut text, mut master) = (Vec::new(), std::fs::File::from(pty.master));
    // Linux says EIO where the other side of a terminal is gone.
    let _ = master.read_to_end(&mut text);
    assert!(child.wait().expect("it ends").success());
    String::from_utf8(text).expect("text")
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').map_or("", |(_, rest)| rest))
}

fn queue_of_long_names() -> Place {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*8"]);
    for name in
        ["아주 긴 이름의 언어 모델 사전 학습", "a-very-long-name-of-a-fine-tuning-job-of-a-model"]
    {
        let account = ["--account", "비전연구실", "--person", "김연구원", "--gpus", "8"];
        let words = [&["submit", "--name", name][..], &account, &["--", "sleep", "1000"]].concat();
        place.out(&words);
    }
    place
}

#[test]
fn the_queue_fits_eighty_columns_in_both_languages() {
    let place = queue_of_long_names();
    for language in ["en", "ko"] {
        let text = on_terminal(&mut place.rota(&["--lang", language, "queue"]), 80);
        let text = without_colours(&text);
        assert_eq!(text.lines().count(), 4, "a banner, a header and a line for each job:\n{text}");
        for line in text.lines() {
            assert!(line.trim_end().width() <= 80, "{line}");
        }
    }
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn a_bar_in_the_queue_fits_eighty_columns_in_both_languages() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*8"]);
    let name = ["--name", "아주 긴 이름의 언어 모델 사전 학습"];
    let account = ["--account", "비전연구실", "--person", "김연구원", "--gpus", "8"];
    let work = ["--", "sh", "-c", "echo ROTA_PROGRESS 100%; exec sleep 1000"];
    place.out(&[&["submit"][..], &name, &account, &work].concat());
    place.out(&[&["submit"][..], &name, &account, &["--", "sleep", "1"]].concat());
    until("the bar", || place.out(&["queue"]).contains("[#####] 100%"));
    for language in ["en", "ko"] {
        let text = on_terminal(&mut place.rota(&["--lang", language, "queue"]), 80);
        let text = without_colours(&text);
        assert_eq!(text.lines().count(), 4, "a banner, a header and a line each:\n{text}");
        assert!(text.contains("[#####] 100%"), "{text}");
        fits(&text);
    }
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let place = queue_of_long_names();
    let coloured = on_terminal(&mut place.rota(&["queue"]), 120);
    assert!(coloured.contains("\u{1b}["));
    let plain = on_terminal(place.rota(&["queue"]).env("NO_COLOR", "1"), 120);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    assert!(!place.out(&["queue"]).contains('\u{1b}'));
    place.out(&["cancel", "1", "2"]);
}

#[test]
fn the_language_is_asked_for_or_that_of_the_environment() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    let said = |command: &mut Command| {
        String::from_utf8(command.output().expect("rota runs").stdout).expect("text")
    };
    assert!(said(place.rota(&["queue"]).env("LANG", "ko_KR.UTF-8")).contains("모의"));
    assert!(
        said(place.rota(&["queue", "--lang", "en"]).env("LANG", "ko_KR.UTF-8")).contains("nothing")
    );
    assert!(
        said(place.rota(&["queue"]).env("LANG", "ko_KR.UTF-8").env("LC_ALL", "C"))
            .contains("nothing")
    );
    assert!(said(&mut place.rota(&["--lang", "ko", "run", "--help"])).contains("제한 시간"));
}
