//! `rota top`: the queue and the GPUs on one screen that follows them. [`seen`] is what the server says, [`view`] what the
//! person looks at and what keys do, [`draw`] makes a screen of both, and [`screen`] is the terminal.

mod draw;
mod gpus;
mod page;
mod screen;
mod seen;
#[cfg(test)]
mod tests;
mod view;

use crate::cli::Global;
use crate::fault::{Fault, failed};
use crate::sheet;
use crate::show;
use crate::text::tr;
use nix::sys::signal::Signal;
use ratatui::crossterm::event::{Event, KeyEventKind};
use ratatui::layout::Size;
use screen::Screen;
use seen::Seen;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use view::{Act, View};

/// What can happen while somebody looks.
enum News {
    /// The server has answered.
    Seen(Box<Seen>),
    /// It has not.
    Trouble(Fault),
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
    let first = seen::look(&mut client, None)?;
    let (news, coming) = channel();
    let (open, opened) = channel();
    screen::hear_signals(news.clone())?;
    seen::keep_looking((client, global.socket.clone()), opened, news.clone());
    let mut screen = Screen::open()?;
    screen::hear_keys(news);
    let code = watch(&mut screen, first, &coming, &open);
    screen.close();
    code
}

fn watch(
    screen: &mut Screen,
    mut seen: Seen,
    coming: &Receiver<News>,
    open: &Sender<Option<String>>,
) -> Result<ExitCode, Fault> {
    let mut view = View { colour: sheet::wants_colour(), ..View::default() };
    loop {
        view.follow(&seen);
        screen.draw(&seen, &view)?;
        let Ok(first) = coming.recv() else { return Ok(ExitCode::FAILURE) };
        // What came meanwhile is drawn at once.
        for happened in std::iter::once(first).chain(coming.try_iter()) {
            match happened {
                News::Seen(new) => (seen, view.trouble) = (*new, None),
                News::Trouble(fault) => view.trouble = Some(trouble(&fault, &seen)),
                News::Gone | News::Signal(Signal::SIGHUP) => return Ok(ExitCode::SUCCESS),
                News::Signal(Signal::SIGTSTP) => screen.pause()?,
                News::Signal(Signal::SIGCONT) => screen.clear()?,
                News::Signal(signal) => return Ok(ended_by(signal)),
                News::Typed(event) => match act(&mut view, &seen, &event, screen.size()) {
                    Act::None => {}
                    Act::Open(job) => drop(open.send(job)),
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
    if fault.can_pass() {
        tr!("top-unreachable", when = show::clock(seen.list.now))
    } else {
        fault.text()
    }
}

/// As a shell counts it.
fn ended_by(signal: Signal) -> ExitCode {
    let number = u8::try_from(signal as i32).unwrap_or_default();
    ExitCode::from(number.saturating_add(128))
}
