//! The terminal: taken as a whole, and given back as it was whatever happens.

use super::News;
use super::draw;
use super::view::View;
use crate::board::seen::Seen;
use crate::fault::Fault;
use nix::sys::signal::{SigSet, Signal, raise};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, enable_raw_mode};
use ratatui::layout::{Position, Rect, Size};
use std::io::IsTerminal;
use std::panic;
use std::sync::mpsc::Sender;

/// Whether there is a terminal to draw on and to read keys from.
pub fn is_there() -> bool {
    let is_dumb = std::env::var("TERM").is_ok_and(|name| name == "dumb");
    std::io::stdout().is_terminal() && std::io::stdin().is_terminal() && !is_dumb
}

/// The exit code of a program that panicked.
const PANICKED: i32 = 101;

/// A terminal that is ours.
pub struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    /// Takes it; a panic on any thread gives it back, says what it was, and is the end.
    pub fn open() -> Result<Screen, Fault> {
        let taken = ratatui::try_init();
        if taken.is_err() {
            drop(ratatui::try_restore());
        }
        let terminal = taken?;
        let give_back_and_say = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            give_back_and_say(what);
            std::process::exit(PANICKED);
        }));
        Ok(Screen { terminal })
    }

    /// Gives it back for good.
    pub fn close(mut self) {
        self.give_back();
        // Dropped, it would complain of a terminal that is gone, to that very terminal.
        std::mem::forget(self.terminal);
    }

    fn give_back(&mut self) {
        // A terminal that is gone cannot be given back, and nobody misses it.
        drop(self.terminal.show_cursor());
        drop(ratatui::try_restore());
    }

    /// How large it is.
    pub fn size(&self) -> Size {
        self.terminal.size().unwrap_or_default()
    }

    /// Shows what was seen.
    pub fn draw(&mut self, seen: &Seen, view: &View) -> std::io::Result<()> {
        self.terminal.draw(|frame| draw::draw(frame, seen, view)).map(drop)
    }

    /// Forgets what is on it, so that all of it is drawn anew. The terminal is not asked where its cursor is, as `clear`
    /// does: the answer would come as keys, which are read elsewhere.
    pub fn clear(&mut self) -> std::io::Result<()> {
        let area = Rect::from((Position::ORIGIN, self.size()));
        self.terminal.resize(area)
    }

    /// Gives it back and stops, as Ctrl-Z does; takes it again when it goes on.
    pub fn pause(&mut self) -> std::io::Result<()> {
        self.give_back();
        raise(Signal::SIGSTOP)?;
        enable_raw_mode()?;
        execute!(std::io::stdout(), EnterAlternateScreen)?;
        self.terminal.hide_cursor()?;
        self.clear()
    }
}

/// Says what is typed.
pub fn hear_keys(news: Sender<News>) {
    std::thread::spawn(move || {
        loop {
            let heard = event::read();
            let is_over = heard.is_err();
            if news.send(heard.map_or(News::Gone, News::Typed)).is_err() || is_over {
                return;
            }
        }
    });
}

/// Says what signals come, which end nothing by themselves from now on.
pub fn hear_signals(news: Sender<News>) -> Result<(), Fault> {
    use Signal::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    let mut set = SigSet::empty();
    [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT].into_iter().for_each(|s| set.add(s));
    set.thread_block().map_err(|why| Fault::Output(why.into()))?;
    std::thread::spawn(move || {
        while let Ok(signal) = set.wait() {
            if news.send(News::Signal(signal)).is_err() {
                return;
            }
        }
    });
    Ok(())
}
