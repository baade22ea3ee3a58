//! `rota top`: the queue and the GPUs on one screen that follows them. [`view`] is what the person
//! looks at and what keys do, [`draw`] makes a screen of that and of what the server says, and [`screen`] is the terminal.

mod draw;
mod page;
mod screen;
#[cfg(test)]
mod tests;
mod view;

use crate::board::seen::{self, REST, Seen, Source, Wanted};
use crate::board::{late, unreachable};
use crate::cli::Global;
use crate::fault::{Fault, failed};
use crate::sheet;
use nix::sys::signal::Signal;
use ratatui::crossterm::event::{Event, KeyEventKind};
use ratatui::layout::Size;
use screen::Screen;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Instant;
use view::{Act, View};

/// What can happen while somebody looks.
enum News {
    /// The server has answered.
    Seen(Box<Seen>),
    /// It cannot.
    Trouble(Fault),
    /// It takes long.
    Late,
    /// A key was pressed, or the terminal has another size.
    Typed(Event),
    /// A signal came.
    Signal(Signal),
    /// The terminal is gone.
    Gone,
}

/// The board.
pub fn top(global: &Global) -> Result<ExitCode, Fault> {
    if global.json || !screen::is_there() {
        return Err(failed!("top-no-terminal"));
    }
    let mut client = global.client()?;
    let first = seen::look(&mut client, &Wanted::default())?;
    let (news, coming) = channel();
    let (want, wanted) = channel();
    screen::hear_signals(news.clone())?;
    let (told, late) = (news.clone(), news.clone());
    // Whoever is told lives as long as we do.
    let mut source =
        Source::new(client, global.socket.clone(), move || drop(late.send(News::Late)));
    std::thread::spawn(move || keep_looking(&mut source, &wanted, &told));
    let happened = want.clone();
    seen::hear_changes(global.socket.clone(), move || happened.send(Want::Same).is_ok());
    let mut screen = Screen::open()?;
    screen::hear_keys(news);
    let code = watch(&mut screen, first, &coming, &want);
    screen.close();
    // What cannot be drawn is a terminal that is gone: there is nobody to tell.
    Ok(code.unwrap_or(ExitCode::FAILURE))
}

/// Something else is to be seen.
enum Want {
    /// By a key: at once.
    Now(Wanted),
    /// By what has changed on the screen: with the next look.
    Next(Wanted),
    /// The same, but something has happened.
    Same,
}

/// Looks every two seconds, and sooner when a key asks for something else or something has happened.
fn keep_looking(source: &mut Source, coming: &Receiver<Want>, news: &Sender<News>) {
    let (mut wanted, mut looked) = (Wanted::default(), Instant::now());
    let mut due = looked + source.rest();
    loop {
        let left = due.saturating_duration_since(Instant::now());
        match coming.recv_timeout(left.min(REST)) {
            Ok(Want::Now(other)) => {
                (wanted, due) = (other, due.min(looked + source.breath()));
                continue;
            }
            Ok(Want::Next(other)) => {
                wanted = other;
                continue;
            }
            Ok(Want::Same) => {
                due = due.min(looked + source.pause());
                continue;
            }
            // Where looks are far apart, the server may hang between two of them.
            Err(RecvTimeoutError::Timeout) if left > REST && source.answers_at_once() => continue,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let told = match source.look(&wanted) {
            Ok(seen) => news.send(News::Seen(Box::new(seen))),
            Err(fault) => news.send(News::Trouble(fault)),
        };
        if told.is_err() {
            return;
        }
        looked = Instant::now();
        due = looked + source.rest();
    }
}

fn watch(
    screen: &mut Screen,
    mut seen: Seen,
    coming: &Receiver<News>,
    want: &Sender<Want>,
) -> std::io::Result<ExitCode> {
    let mut view = View { colour: sheet::wants_colour(), ..View::default() };
    let (mut wanted, mut is_asked) = (Wanted::default(), false);
    loop {
        view.follow(&seen);
        screen.draw(&seen, &view)?;
        let other = view.wanted(&seen, screen.size());
        if other != wanted {
            wanted = other.clone();
            let want_it = if is_asked { Want::Now } else { Want::Next };
            // Who looks ends only with us.
            drop(want.send(want_it(other)));
        }
        is_asked = false;
        let Ok(first) = coming.recv() else { return Ok(ExitCode::FAILURE) };
        // What came meanwhile is drawn at once.
        for happened in std::iter::once(first).chain(coming.try_iter()) {
            match happened {
                News::Seen(new) => (seen, view.trouble) = (*new, None),
                News::Trouble(fault) => view.trouble = Some(trouble(&fault, &seen)),
                News::Late => view.trouble = Some(late(&seen)),
                // As where nothing can be drawn any more, whichever is seen first.
                News::Gone => return Ok(ExitCode::FAILURE),
                News::Signal(Signal::SIGHUP) => return Ok(ExitCode::SUCCESS),
                News::Signal(Signal::SIGTSTP) => screen.pause()?,
                News::Signal(Signal::SIGCONT) => screen.clear()?,
                News::Signal(signal) => return Ok(ended_by(signal)),
                News::Typed(event) => match act(&mut view, &seen, &event, screen.size()) {
                    Act::None => is_asked = true,
                    Act::Pause => screen.pause()?,
                    Act::Quit => return Ok(ExitCode::SUCCESS),
                },
            }
        }
    }
}

fn act(view: &mut View, seen: &Seen, event: &Event, size: Size) -> Act {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => view.key(*key, seen, size),
        _ => Act::None,
    }
}

fn trouble(fault: &Fault, seen: &Seen) -> String {
    if fault.can_pass() { unreachable(seen) } else { fault.text() }
}

/// As a shell counts it.
fn ended_by(signal: Signal) -> ExitCode {
    let number = u8::try_from(signal as i32).unwrap_or_default();
    ExitCode::from(number.saturating_add(128))
}
