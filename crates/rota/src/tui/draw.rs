//! A screen, made of nothing but what was seen, what is looked at, and the size of the terminal.

use super::page::{self, Page};
use super::view::View;
use crate::board::gpus::{self, Tone};
use crate::board::seen::Seen;
use crate::board::{note, title};
use crate::cli::queue;
use crate::sheet;
use crate::show;
use crate::text::tr;
use comfy_table::Color as Shade;
use ratatui::Frame;
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span, Text};
use rota_api::JobRow;
use unicode_width::UnicodeWidthStr;

/// Draws all of it.
pub fn draw(frame: &mut Frame, seen: &Seen, view: &View) {
    let area = frame.area();
    let size = area.as_size();
    let lines = sheet::on_sheet(size.width, || screen(seen, view, size));
    frame.render_widget(Text::from(lines), area);
}

fn screen(seen: &Seen, view: &View, size: Size) -> Vec<Line<'static>> {
    let columns = usize::from(size.width);
    let mut lines = head(seen, view, columns);
    let foot = foot(seen, view, size);
    let room = usize::from(size.height).saturating_sub(lines.len() + foot.len());
    let mut body = match &view.page {
        Some(page) => opened(page, seen, size.width, room),
        None => board(seen, view, columns, room),
    };
    body.resize(room, Line::default());
    lines.extend(body);
    lines.extend(foot);
    lines
}

/// What there is in all, and what everybody has to know.
fn head(seen: &Seen, view: &View, columns: usize) -> Vec<Line<'static>> {
    let title = title(seen);
    let clock = show::clock(seen.list.now);
    let left = columns.saturating_sub(clock.width() + 2);
    let title = show::label(&show::shorten(&title, left.saturating_sub(1)), left);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut lines = vec![Line::styled(format!(" {title}{clock}"), bold)];
    if let Some(trouble) = &view.trouble {
        lines.push(Line::styled(format!(" {trouble}"), view.ink(Color::Red).patch(bold)));
    } else if seen.list.simulated {
        let banner = format!(" {}", show::shorten(&tr!("simulated"), columns.saturating_sub(1)));
        lines.push(Line::styled(banner, view.ink(Color::Yellow)));
    }
    lines
}

/// More about the job under the bar, and what can be done.
fn foot(seen: &Seen, view: &View, size: Size) -> Vec<Line<'static>> {
    let columns = usize::from(size.width);
    let mut lines = Vec::new();
    if view.page.is_none() {
        let rows = view.rows(seen);
        let note = rows
            .get(view.at)
            .and_then(|(job, _)| Some(format!("{}: {}", job.id, note(job, seen.list.now)?)));
        let note = show::wrapped(" ", &note.unwrap_or_default());
        lines.extend(note.lines().take(2).map(|line| Line::raw(line.to_owned())));
        lines.resize(2, Line::default());
    }
    let filter = || tr!("top-filter", text = view.filter);
    let (text, is_odd) = match &view.page {
        Some(page) => (tr!("top-keys-page") + &position(page, seen, size), false),
        None if view.typing => (format!("{}_  {}", filter(), tr!("top-keys-filter")), true),
        None if view.leaves_out() => {
            let mine = view.mine.then(|| tr!("top-mine"));
            let waiting = view.waiting.then(|| tr!("top-waiting"));
            let filter = Some(filter()).filter(|_| !view.filter.is_empty());
            let shown: Vec<String> = [mine, waiting, filter].into_iter().flatten().collect();
            (format!("{}  {}", shown.join(", "), tr!("top-keys-filtered")), true)
        }
        None => (tr!("top-keys"), false),
    };
    let style = if is_odd { view.ink(Color::Cyan) } else { Style::new() };
    let text = format!(" {}", show::shorten(&text, columns.saturating_sub(1)));
    lines.push(Line::styled(text, style.add_modifier(Modifier::BOLD)));
    lines
}

/// Which lines of a page are shown, where not all of them are.
fn position(page: &Page, seen: &Seen, size: Size) -> String {
    let (all, room) = (page.what.lines(seen, size.width).len(), page::room(size));
    let last = (page.top + room).min(all);
    match all > room {
        true => format!("   {}", tr!("top-lines", first = page.top + 1, last = last, all = all)),
        false => String::new(),
    }
}

fn opened(page: &Page, seen: &Seen, columns: u16, room: usize) -> Vec<Line<'static>> {
    let shown = page.what.lines(seen, columns);
    let shown = shown.into_iter().skip(page.top).take(room.saturating_sub(1));
    std::iter::once(Line::default())
        .chain(shown.map(|line| Line::raw(format!(" {line}"))))
        .collect()
}

/// GPUs above, jobs below.
fn board(seen: &Seen, view: &View, columns: usize, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if room >= 8 {
        // Jobs have three fifths of the room, or as much as they need.
        let needed = view.rows(seen).len() + 2;
        lines.extend(nodes(seen, view, columns, (room * 2 / 5).max(room.saturating_sub(needed))));
        lines.push(Line::default());
    }
    let left = room.saturating_sub(lines.len());
    lines.extend(jobs(seen, view, columns, left));
    lines
}

fn nodes(seen: &Seen, view: &View, columns: usize, room: usize) -> Vec<Line<'static>> {
    let table = gpus::table(&seen.gpus, seen.list.now, room.saturating_sub(1));
    let (rows, tones): (Vec<_>, Vec<Tone>) = table.rows.into_iter().unzip();
    let (header, cells) = narrowed(&table.header, &rows);
    let widths = widths(&header, &cells);
    let more = cells.len().saturating_sub(room.saturating_sub(1));
    let shown = if more > 0 { room.saturating_sub(2) } else { cells.len() };
    let mut lines = vec![heading(&header, &widths)];
    lines.extend(cells.iter().zip(tones).take(shown).map(|(row, tone)| {
        let style = match tone {
            Tone::Used => Style::new(),
            Tone::Free => view.ink(Color::Green),
            Tone::Odd => view.ink(Color::Yellow),
            Tone::Closed => view.ink(Color::Red),
        };
        Line::styled(padded(row, &widths).concat(), style)
    }));
    if more > 0 {
        let text = tr!("top-more", count = cells.len() - shown);
        lines.push(Line::raw(format!(" {}", show::shorten(&text, columns))));
    }
    lines
}

/// Where there is no room, without what is read, memory first; who uses a GPU and until when stay to the last.
fn narrowed(header: &[String], rows: &[Vec<String>]) -> (Vec<String>, Vec<Vec<String>>) {
    let of_use = [&[][..], &[3], &[2, 3], &[1, 2, 3]];
    let ways = if header.len() == 6 { &of_use[..] } else { &of_use[..1] };
    let mut last = (header.to_owned(), rows.to_owned());
    for out in ways {
        let header = queue::without(header, out);
        let mut cells: Vec<_> = rows.iter().map(|row| queue::without(row, out)).collect();
        let whose = header.len().saturating_sub(2);
        let fits = show::fit(&header, &mut cells, (&[whose], 2 * show::NARROW));
        last = (header, cells);
        if fits == show::Fit::Whole {
            break;
        }
    }
    last
}

/// How many lines of the queue are laid out together, so that its columns stay where they are while the bar moves.
const BLOCK: usize = 256;

/// What a narrow screen does without, last the end: the page of a job says it.
const NARROWER: [queue::Narrower; 5] =
    [(&[], 14), (&[5], 14), (&[5, 6], 14), (&[5, 6], show::NARROW), (&[5, 6, 8], show::NARROW)];

/// The least room for what else there is to say of a job.
const NOTE: usize = 24;

fn jobs(seen: &Seen, view: &View, columns: usize, room: usize) -> Vec<Line<'static>> {
    let rows = view.rows(seen);
    if rows.is_empty() {
        let text = if view.leaves_out() { tr!("top-no-match") } else { tr!("queue-empty") };
        return vec![Line::raw(format!(" {text}"))];
    }
    let shown = room.saturating_sub(1);
    let first = view.at.saturating_sub(shown / 2).min(rows.len().saturating_sub(shown));
    let block = first / BLOCK * BLOCK;
    let laid = rows.get(block..(block + 2 * BLOCK).min(rows.len())).unwrap_or_default();
    let (mut header, mut cells) = queue::columns(laid, seen.list.now, &NARROWER);
    let used = widths(&header, &cells).iter().map(|width| width + 2).sum::<usize>();
    if columns >= used + NOTE {
        header.push(tr!("column-note"));
        for (row, (job, _)) in cells.iter_mut().zip(laid) {
            let text = note(job, seen.list.now).unwrap_or_default();
            row.push(show::shorten(&text, columns - used - 2));
        }
    }
    let widths = widths(&header, &cells);
    let mut lines = vec![heading(&header, &widths)];
    let visible = laid.iter().zip(&cells).enumerate().skip(first - block).take(shown);
    lines.extend(visible.map(|(at, ((job, _), row))| {
        let line = job_line(view, job, padded(row, &widths));
        if block + at == view.at { under_bar(line, columns) } else { line }
    }));
    lines
}

/// A line with the state in its colour.
fn job_line(view: &View, job: &JobRow, cells: Vec<String>) -> Line<'static> {
    let colour = match show::shade(job.state) {
        Shade::Green => Color::Green,
        Shade::Cyan => Color::Cyan,
        Shade::Yellow => Color::Yellow,
        _ => Color::Red,
    };
    let spans = cells.into_iter().enumerate().map(|(at, cell)| match at {
        queue::STATE => Span::styled(cell, view.ink(colour)),
        _ => Span::raw(cell),
    });
    spans.collect::<Vec<_>>().into()
}

/// The line under the bar: marked for who sees no reversed text, and reversed to the end.
fn under_bar(line: Line<'static>, columns: usize) -> Line<'static> {
    let text: String = line.iter().map(|span| span.content.as_ref()).collect();
    let text = format!(">{}", text.get(1..).unwrap_or_default());
    let style = Style::new().add_modifier(Modifier::REVERSED);
    Line::styled(show::label(&text, columns), style)
}

fn heading(header: &[String], widths: &[usize]) -> Line<'static> {
    Line::styled(padded(header, widths).concat(), Style::new().add_modifier(Modifier::BOLD))
}

fn widths(header: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let widest = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).chain(header.get(at));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    (0..header.len()).map(widest).collect()
}

/// Cells with a blank on both sides, each as wide as its column.
fn padded(cells: &[String], widths: &[usize]) -> Vec<String> {
    let pad = |(cell, width): (&String, &usize)| {
        let blanks = " ".repeat(width.saturating_sub(cell.width()));
        format!(" {cell}{blanks} ")
    };
    cells.iter().zip(widths).map(pad).collect()
}

impl View {
    /// A colour, where colours are wanted.
    fn ink(&self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }
}
