//! The board as a page: tables with headings, bars that are read aloud, no colour that says something alone.

use super::kept::{Picture, Trouble};
use crate::board::gpus::{self, Tone};
use crate::board::seen::Seen;
use crate::board::{late, note, title, unreachable};
use crate::cli::chart::{document, escape};
use crate::cli::{queue, score};
use crate::progress;
use crate::text::{lang, tr};
use rota_api::{JobRow, Scope, State};

/// Lines of a table; more are told by the command line.
const MOST: usize = 300;

/// The whole page. Without scripts it loads itself anew, now and then.
pub fn whole(picture: &Picture) -> String {
    let head = format!(
        "<style>\n{}</style>\n<script src=\"board.js\" defer></script>\n\
         <noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>",
        include_str!("board.css")
    );
    let late = format!("<p id=\"late\" class=\"closed\" hidden>{}</p>", escape(&tr!("page-gone")));
    let board = format!("{late}<div id=\"board\">{}</div>", board(picture));
    document(lang().code(), "Rota", &head, &board)
}

/// What changes of it.
pub fn board(picture: &Picture) -> String {
    let (seen, score) = (picture.seen(), picture.score());
    let banner = seen.list.simulated.then(|| ("odd", tr!("simulated")));
    let trouble = picture.trouble().map(|trouble| match trouble {
        Trouble::Late => ("closed", late(seen)),
        Trouble::Fault(fault) if fault.can_pass() => ("closed", unreachable(seen)),
        Trouble::Fault(fault) => ("closed", fault.text()),
    });
    let said = [trouble, banner].into_iter().flatten();
    let said = said.map(|(class, text)| format!("<p class=\"{class}\">{}</p>\n", escape(&text)));
    [
        format!("<h1>{}</h1>\n", escape(&title(seen))),
        said.collect(),
        format!(
            "<p>{}</p>\n",
            escape(&tr!("page-as-of", when = crate::show::clock(seen.list.now)))
        ),
        nodes(seen),
        jobs(seen),
        format!("<p>{}</p>\n", escape(&score::sentence("start", score.score.start.first()))),
    ]
    .concat()
}

fn nodes(seen: &Seen) -> String {
    let table = gpus::table(&seen.gpus, seen.list.now, MOST);
    let rows = table.rows.into_iter().take(MOST).map(|(cells, tone)| {
        let class = match tone {
            Tone::Used => "used",
            Tone::Free => "free",
            Tone::Odd => "odd",
            Tone::Closed => "closed",
        };
        row(class, cells.iter().map(|cell| escape(cell)))
    });
    listed("gpus", &tr!("page-gpus"), &table.header, rows.collect())
}

fn jobs(seen: &Seen) -> String {
    let rows = queue::rows(&seen.list.jobs, false);
    let shown = rows.get(..MOST.min(rows.len())).unwrap_or_default();
    // A page is as wide as it needs: nothing is shortened.
    let (mut header, cells) = queue::whole(shown, seen.list.now);
    header.push(tr!("column-note"));
    let lines = shown.iter().zip(cells).map(|((job, _), cells)| {
        let said = note(job, seen.list.now).unwrap_or_default();
        let cells = cells.iter().enumerate().map(|(at, cell)| match at {
            queue::STATE => format!("<span class=\"{}\">{}</span>", state(job.state), escape(cell)),
            queue::START => bar(job).unwrap_or_else(|| escape(cell)),
            queue::WHO => escape(cell).replace('/', "/<wbr>"),
            _ => escape(cell),
        });
        row("", cells.chain([escape(&said)]))
    });
    let lines: String = lines.collect();
    let more = rows.len() - shown.len();
    let rest = match (rows.is_empty(), more) {
        (true, _) => format!("<p>{}</p>\n", escape(&tr!("queue-empty"))),
        (false, 0) => String::new(),
        (false, more) => format!("<p>{}</p>\n", escape(&tr!("page-more", count = more))),
    };
    listed("queue", &tr!("page-queue"), &header, lines) + &rest
}

/// How far a job is, for eyes and for ears.
fn bar(job: &JobRow) -> Option<String> {
    let progress = job.progress.as_ref().filter(|progress| progress.scope == Scope::Job)?;
    let percent = progress::percent(progress);
    let label = escape(&tr!("page-progress", job = job.id));
    let value = progress.fraction;
    Some(format!(
        "<progress max=\"1\" value=\"{value}\" aria-label=\"{label}\">{percent}</progress> {percent}"
    ))
}

fn state(state: State) -> &'static str {
    match state {
        State::Running | State::Completed => "free",
        State::Starting | State::Stopping => "used",
        State::Waiting | State::Held | State::Suspended => "odd",
        State::Failed | State::Cancelled | State::Timeout => "closed",
    }
}

fn listed(class: &str, title: &str, header: &[String], rows: String) -> String {
    let head = header.iter().map(|cell| format!("<th scope=\"col\">{}</th>", escape(cell)));
    format!(
        "<h2>{title}</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table class=\"list {class}\">\
         <thead><tr>{}</tr></thead><tbody>\n{rows}</tbody></table></div>\n",
        head.collect::<String>(),
        title = escape(title),
    )
}

fn row(class: &str, cells: impl Iterator<Item = String>) -> String {
    let cells = cells.enumerate().map(|(at, cell)| match at {
        0 => format!("<th scope=\"row\">{cell}</th>"),
        _ => format!("<td>{cell}</td>"),
    });
    format!("<tr class=\"{class}\">{}</tr>\n", cells.collect::<String>())
}
