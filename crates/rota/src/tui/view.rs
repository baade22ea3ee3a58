//! What the person looks at, and what keys do. No key changes anything but the view.

use super::page::{self, Page, What};
use crate::board::seen::{Seen, Wanted};
use crate::cli::{queue, why};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use rota_api::JobRow;

/// What is looked at.
#[derive(Default)]
pub struct View {
    /// The line under the bar, from 0.
    pub at: usize,
    /// The job on it: the bar stays with a job that moves.
    pub job: Option<String>,
    /// Only jobs with this text in them are shown.
    pub filter: String,
    /// The filter is being typed.
    pub typing: bool,
    /// Only jobs of the person who looks.
    pub mine: bool,
    /// Only jobs that wait.
    pub waiting: bool,
    /// What is open over the board.
    pub page: Option<Page>,
    /// Why the server has not answered.
    pub trouble: Option<String>,
    /// Colours are wanted.
    pub colour: bool,
}

/// What else a key asks for.
pub enum Act {
    /// Nothing.
    None,
    /// Stop for a while.
    Pause,
    /// End.
    Quit,
}

impl View {
    /// The jobs that are shown, each with how many more are on its line.
    pub fn rows<'s>(&self, seen: &'s Seen) -> Vec<(&'s JobRow, u32)> {
        let wanted = self.filter.to_lowercase();
        let shown = seen.list.jobs.iter().filter(|job| {
            (!self.mine || job.person == seen.you)
                && (!self.waiting || why::waits(job.state))
                && (wanted.is_empty() || has(job, &wanted))
        });
        queue::rows(shown, false)
    }

    /// Whether some jobs are not shown.
    pub fn leaves_out(&self) -> bool {
        self.mine || self.waiting || !self.filter.is_empty()
    }

    /// Keeps the bar on its job, or near where it was.
    pub fn follow(&mut self, seen: &Seen) {
        let rows = self.rows(seen);
        let known = |job: &String| rows.iter().position(|(row, _)| row.id == *job);
        let last = rows.len().saturating_sub(1);
        self.at = self.job.as_ref().and_then(known).unwrap_or(self.at).min(last);
        self.job = rows.get(self.at).map(|(row, _)| row.id.clone());
    }

    /// What has to be known besides the board: the job that is open, and why those on the screen wait. A screen above and
    /// below the bar covers what is shown, and what soon will be.
    pub fn wanted(&self, seen: &Seen, size: Size) -> Wanted {
        let open = match &self.page {
            Some(Page { what: What::Job(job), .. }) => Some(job.clone()),
            _ => None,
        };
        let screen = usize::from(size.height);
        let near = self.rows(seen).into_iter().map(|(job, _)| job);
        let near = near.skip(self.at.saturating_sub(screen)).take(2 * screen);
        let waiting = near.filter(|job| why::waits(job.state));
        Wanted { open, reasons: Some(waiting.map(|job| job.id.clone()).collect()) }
    }

    /// A key was pressed, on a terminal of this size.
    pub fn key(&mut self, key: KeyEvent, seen: &Seen, size: Size) -> Act {
        let act = match (key.code, key.modifiers.contains(KeyModifiers::CONTROL)) {
            (KeyCode::Char('c'), true) => return Act::Quit,
            (KeyCode::Char('z'), true) => return Act::Pause,
            (_, true) => return Act::None,
            (code, false) if self.typing => self.type_filter(code),
            (code, false) if self.page.is_some() => self.turn_page(latin(code), seen, size),
            (code, false) => self.move_bar(latin(code), seen, size),
        };
        self.follow(seen);
        act
    }

    fn type_filter(&mut self, code: KeyCode) -> Act {
        match code {
            KeyCode::Char(c) => self.filter.push(c),
            KeyCode::Backspace if self.filter.pop().is_none() => self.typing = false,
            KeyCode::Enter => self.typing = false,
            KeyCode::Esc => (self.typing, self.filter) = (false, String::new()),
            _ => {}
        }
        Act::None
    }

    fn turn_page(&mut self, code: KeyCode, seen: &Seen, size: Size) -> Act {
        let Some(page) = &mut self.page else { return Act::None };
        let (lines, room) = (page.what.lines(seen, size.width).len(), page::room(size));
        if matches!(code, KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q')) {
            self.page = None;
            return Act::None;
        }
        page.top = moved(page.top, code, room, lines.saturating_sub(room));
        Act::None
    }

    fn move_bar(&mut self, code: KeyCode, seen: &Seen, size: Size) -> Act {
        let what = match code {
            KeyCode::Char('q') => return Act::Quit,
            KeyCode::Char('/') => {
                self.typing = true;
                return Act::None;
            }
            KeyCode::Char('m') => {
                self.mine = !self.mine;
                return Act::None;
            }
            KeyCode::Char('w') => {
                self.waiting = !self.waiting;
                return Act::None;
            }
            KeyCode::Esc => {
                (self.mine, self.waiting, self.filter) = (false, false, String::new());
                return Act::None;
            }
            KeyCode::Char('?') => What::Help,
            KeyCode::Char('g') => What::Gpus,
            KeyCode::Enter => match &self.job {
                Some(job) => What::Job(job.clone()),
                None => return Act::None,
            },
            _ => {
                let last = self.rows(seen).len().saturating_sub(1);
                self.at = moved(self.at, code, usize::from(size.height / 2), last);
                self.job = None;
                return Act::None;
            }
        };
        self.page = Some(Page { what, top: 0 });
        Act::None
    }
}

/// Whether a job has a text, in small letters, in what people know it by.
fn has(job: &JobRow, wanted: &str) -> bool {
    let known = [&job.id, &job.name, &job.person, &job.lab];
    let where_to = job.node.iter().chain(&job.models);
    known.into_iter().chain(where_to).any(|text| text.to_lowercase().contains(wanted))
}

/// Where a key leads from a line; nowhere beyond the last.
fn moved(at: usize, code: KeyCode, screen: usize, last: usize) -> usize {
    let to = match code {
        KeyCode::Up | KeyCode::Char('k') => at.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => at + 1,
        KeyCode::PageUp => at.saturating_sub(screen),
        KeyCode::PageDown | KeyCode::Char(' ') => at + screen,
        KeyCode::Home => 0,
        KeyCode::End => last,
        _ => at,
    };
    to.min(last)
}

/// The letter on the same key, where a Korean keyboard was left in Hangul.
fn latin(code: KeyCode) -> KeyCode {
    match code {
        KeyCode::Char('ㅂ') => KeyCode::Char('q'),
        KeyCode::Char('ㅡ') => KeyCode::Char('m'),
        KeyCode::Char('ㅈ') => KeyCode::Char('w'),
        KeyCode::Char('ㅎ') => KeyCode::Char('g'),
        KeyCode::Char('ㅓ') => KeyCode::Char('j'),
        KeyCode::Char('ㅏ') => KeyCode::Char('k'),
        other => other,
    }
}
