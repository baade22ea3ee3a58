//! What every verb knows: the global options, the language, and how to write to the person.

use crate::error::Error;
use crate::text::{Lang, Text};
use serde::Serialize;
use std::cell::OnceCell;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// The global options and the texts, read when first needed.
pub struct Ctx {
    pub json: bool,
    pub color: bool,
    pub socket: Option<PathBuf>,
    pub lang: Lang,
    text: OnceCell<Text>,
}

impl Ctx {
    pub fn new(json: bool, no_color: bool, socket: Option<PathBuf>, lang: Lang) -> Ctx {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let color = !no_color && !refused && std::io::stdout().is_terminal();
        Ctx { json, color, socket, lang, text: OnceCell::new() }
    }

    pub fn text(&self) -> &Text {
        self.text.get_or_init(|| Text::load(self.lang))
    }

    pub fn say(&self, key: &str, args: &[(&str, &dyn Display)]) -> String {
        self.text().get(key, args)
    }

    /// A line for the person on standard error.
    pub fn note(&self, key: &str, args: &[(&str, &dyn Display)]) {
        // Nobody to tell when standard error is closed.
        let _ = writeln!(std::io::stderr(), "rota: {}", self.say(key, args));
    }

    /// A line of the answer on standard output.
    pub fn tell(&self, key: &str, args: &[(&str, &dyn Display)]) -> Result<(), Error> {
        print(&format!("{}\n", self.say(key, args)))
    }

    /// The banner of every screen whose GPUs are simulated.
    pub fn banner(&self, simulated: bool) -> String {
        if !simulated {
            return String::new();
        }
        format!("{}\n", self.paint("33", &self.say("simulated", &[])))
    }

    pub fn paint(&self, code: &str, words: &str) -> String {
        if self.color { format!("\x1b[{code}m{words}\x1b[0m") } else { words.to_string() }
    }

    /// The answer itself, for programs.
    pub fn json(&self, answer: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(answer)
            .map_err(|e| Error::failed("error-answer", [("why", e.to_string())]))?;
        print(&format!("{text}\n"))
    }
}

/// Writes to standard output at once.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Error::output)
}

/// Columns of the terminal; none where the output is no terminal.
pub fn columns() -> Option<usize> {
    if let Some(n) = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()) {
        return Some(n);
    }
    let out = std::io::stdout();
    if !out.is_terminal() {
        return None;
    }
    rustix::termios::tcgetwinsize(out).ok().map(|size| size.ws_col.into()).filter(|n| *n > 0)
}
