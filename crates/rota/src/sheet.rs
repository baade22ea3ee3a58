//! Where texts go: to a terminal, to a file, or to a sheet that is laid on the terminal together with others.

use std::cell::Cell;
use std::io::IsTerminal;

thread_local! {
    /// Columns of a sheet that somebody else lays on the terminal.
    static SHEET: Cell<Option<u16>> = const { Cell::new(None) };
}

/// Makes texts for a sheet so many columns wide, without colours of their own.
pub fn on_sheet<T>(columns: u16, write: impl FnOnce() -> T) -> T {
    let before = SHEET.replace(Some(columns));
    let written = write();
    SHEET.set(before);
    written
}

/// Columns of the sheet or the terminal; none where there is no terminal, or it does not know.
pub fn columns() -> Option<u16> {
    let terminal = || terminal_size::terminal_size().map(|(width, _)| width.0);
    SHEET.get().or_else(terminal).filter(|columns| *columns > 0)
}

/// The same, where what is written goes there and into no file.
pub fn room() -> Option<u16> {
    let is_seen = SHEET.get().is_some() || std::io::stdout().is_terminal();
    columns().filter(|_| is_seen)
}

/// Whether the person wants colours (<https://no-color.org>).
pub fn wants_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether what is written has colours: on a terminal that wants them.
pub fn in_colour() -> bool {
    SHEET.get().is_none() && std::io::stdout().is_terminal() && wants_colour()
}
