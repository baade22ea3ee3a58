//! Screens as people see them, and what keys do.
//!
//! It is noon in all of them: then the day of a moment is today, wherever and whenever they are drawn.

mod keys;
mod panics;
mod screens;

use super::draw::draw;
use super::view::{Act, View};
use crate::board::seen::Seen;
use crate::text::{Lang, speaking};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use ratatui::style::Color;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

const SIZE: Size = Size { width: 80, height: 24 };
const MINUTE: u64 = 60_000;

fn noon() -> u64 {
    let noon = jiff::Zoned::now().date().at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::system());
    u64::try_from(noon.expect("a noon").timestamp().as_millisecond()).expect("after 1970")
}

/// A job as the server tells it, with more of what only some have.
fn job(id: &str, name: &str, (lab, person): (&str, &str), state: &str, more: &Value) -> Value {
    let mut row = json!({
        "id": id, "name": name, "person": person, "lab": lab, "state": state, "gpus": 1,
        "submitted": noon() - 90 * MINUTE, "ran": 30 * MINUTE, "turns": 1,
    });
    let fields = more.as_object().expect("fields").clone();
    row.as_object_mut().expect("a row").extend(fields);
    row
}

fn window(from: u64, until: u64) -> Value {
    let at = |minutes: u64| noon() + minutes * MINUTE;
    json!({ "p10": at(from), "p50": at(from + 5), "p90": at(until) })
}

fn jobs() -> Vec<Value> {
    let progress = json!({
        "fraction": 0.45, "scope": "job", "steps": { "done": 450, "total": 1000 },
        "source": "tqdm", "written_at": noon(), "left": 80 * MINUTE,
    });
    let runs = |more: Value| {
        let mut row = json!({ "node": "h100-1", "models": ["H100"] });
        row.as_object_mut().expect("a row").extend(more.as_object().expect("fields").clone());
        row
    };
    let soon = json!({ "made": noon(), "is_guess": false, "start": window(140, 190), "finish": window(380, 430) });
    let guess = json!({ "made": noon(), "is_guess": true });
    let short = json!({ "why": "gpus", "asked": 4, "free": 1 });
    let full = json!({ "why": "gpus", "asked": 1, "free": 0 });
    vec![
        job(
            "12",
            "segment",
            ("vision", "mina"),
            "running",
            &runs(json!({ "gpus": 2, "progress": progress })),
        ),
        job(
            "15",
            "아주 긴 이름의 언어 모델",
            ("비전연구실", "김연구원"),
            "running",
            &runs(json!({})),
        ),
        job(
            "16",
            "pretrain",
            ("language", "jun"),
            "waiting",
            &json!({ "gpus": 4, "models": ["H100"], "forecast": soon, "blocker": short }),
        ),
        job(
            "17_0",
            "grasp",
            ("robotics", "sora"),
            "waiting",
            &json!({ "forecast": guess, "blocker": full }),
        ),
        job("17_1", "grasp", ("robotics", "sora"), "waiting", &json!({ "forecast": guess })),
        job("18", "mine", ("you", "you"), "held", &json!({ "blocker": { "why": "held" } })),
    ]
}

fn gpus() -> Value {
    let used = |job: &str, person: &str| json!({ "job": job, "person": person, "lab": "lab", "since": noon(), "until": noon() + 150 * MINUTE });
    let read =
        |percent: u32, used: u32| json!({ "utilization": percent, "memory_used": used * 1024 });
    let card = json!({ "index": 0, "product": "H100", "memory": 80 * 1024 });
    let drain =
        json!({ "by": "root", "since": noon(), "why": { "is": "said", "text": "new cooler" } });
    json!({ "simulated": false, "nodes": [{
        "name": "h100-1", "model": "H100", "free": 1, "up": true, "cpus": [32, 16], "mem": [1024, 512],
        "gpus": [used("12", "mina"), used("12", "mina"), used("15", "김연구원"), null, null],
        "cards": [
            { "gpu": 0, "card": card, "reading": read(98, 70) },
            { "gpu": 1, "card": card, "reading": read(96, 72) },
            { "gpu": 2, "card": card, "reading": read(40, 8) },
            { "gpu": 3, "card": card, "reading": read(0, 0) },
            { "gpu": 4, "card": card, "reading": read(0, 0), "drained": drain },
        ],
    }] })
}

fn seen(jobs: &[Value]) -> Seen {
    let list = json!({ "now": noon(), "simulated": false, "jobs": jobs });
    Seen {
        list: serde_json::from_value(list).expect("a queue"),
        gpus: serde_json::from_value(gpus()).expect("an inventory"),
        you: "you".into(),
        opened: None,
    }
}

/// The screen, without blanks at the ends of lines.
fn screen(lang: Lang, seen: &Seen, view: &View, size: Size) -> String {
    let mut terminal =
        Terminal::new(TestBackend::new(size.width, size.height)).expect("a terminal");
    speaking(lang, || terminal.draw(|frame| draw(frame, seen, view)).map(drop)).expect("drawn");
    let rows = terminal.backend().buffer().content.chunks(usize::from(size.width));
    let lines = rows.map(|row| {
        let (mut line, mut covered) = (String::new(), 0);
        for cell in row {
            // What a wide character covers has a cell of its own.
            if covered == 0 {
                line.push_str(cell.symbol());
                covered = cell.symbol().width();
            }
            covered = covered.saturating_sub(1);
        }
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn press(view: &mut View, seen: &Seen, keys: &[KeyCode]) -> Act {
    let mut act = Act::None;
    for code in keys {
        act = view.key(KeyEvent::new(*code, KeyModifiers::NONE), seen, SIZE);
    }
    act
}

fn on_board(seen: &Seen) -> View {
    let mut view = View::default();
    view.follow(seen);
    view
}
