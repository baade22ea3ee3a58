//! Screens as people see them, and what keys do.
//!
//! It is noon in all of them: then the day of a moment is today, wherever and whenever they are drawn.

use super::draw::draw;
use super::view::{Act, View};
use crate::board::seen::Seen;
use crate::text::{Lang, speaking};
use insta::assert_snapshot;
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

#[test]
fn gpus_are_above_and_jobs_below_those_that_run_first() {
    let seen = seen(&jobs());
    let view = on_board(&seen);
    assert_snapshot!(screen(Lang::En, &seen, &view, SIZE), @r#"
     Rota: 1 of 5 GPUs free, 2 running, 4 waiting                          12:00:00
     GPU         MODEL  BUSY  MEMORY     USED BY              TURN
     h100-1:0-1  H100   97%   142G/160G  job 12 of mina       until 14:30
     h100-1:2    H100   40%   8G/80G     job 15 of 김연구원   until 14:30
     h100-1:3    H100   0%    0M/80G     free
     h100-1:4    H100   0%    0M/80G     drained: new cooler

     JOB      NAME      WHO       STATE    GPUS    START, DONE          END
    >12       segment   mina      running  2 H100  [##---] 45%          about 13:20
     15       아주 긴…  김연구원  running  1 H100
     16       pretrain  jun       waiting  4 H100  14:20–15:10          18:20–19:10
     17_0 +1  grasp     sora      waiting  1       not predictable yet
     18       mine      you       held     1








     12: time left 1h20m, ends about 13:20; 45%, 450/1000 (tqdm)

     q quit   ? help   Enter open   / find   m mine   w waiting   g GPUs
    "#);
    assert_snapshot!(screen(Lang::Ko, &seen, &view, SIZE), @r#"
     Rota: GPU 5개 중 1개 비어 있음, 실행 2, 대기 4                        12:00:00
     GPU         모델  사용률  메모리     사용                   차례
     h100-1:0-1  H100  97%     142G/160G  mina의 작업 12         14:30까지
     h100-1:2    H100  40%     8G/80G     김연구원의 작업 15     14:30까지
     h100-1:3    H100  0%      0M/80G     비어 있음
     h100-1:4    H100  0%      0M/80G     배정 중지: new cooler

     작업     이름           누구      상태     GPU     시작, 진행      종료
    >12       segment        mina      실행 중  2 H100  [##---] 45%     13:20쯤
     15       아주 긴 이름…  김연구원  실행 중  1 H100
     16       pretrain       jun       대기     4 H100  14:20–15:10     18:20–19:10
     17_0 +1  grasp          sora      대기     1       아직 예측 불가
     18       mine           you       보류     1








     12: 남은 시간 1시간 20분, 13:20쯤 끝남; 45%, 450/1000 (tqdm)

     q 끝내기   ? 도움말   Enter 자세히   / 찾기   m 내 것   w 대기   g GPU
    "#);
}

#[test]
fn a_wide_terminal_says_why_each_job_waits() {
    let seen = seen(&jobs());
    let wide = Size { width: 180, height: 14 };
    assert_snapshot!(screen(Lang::En, &seen, &on_board(&seen), wide), @r#"
     Rota: 1 of 5 GPUs free, 2 running, 4 waiting                                                                                                                              12:00:00
     NODE    MODEL  FREE  CORES  MEMORY   GPUS (job or .)
     h100-1  H100   1/5   16/32  512M/1G  12 12 15 . x

     JOB      NAME                      WHO                  STATE    GPUS    NODE    TIME         START, DONE          END          MORE
    >12       segment                   vision/mina          running  2 H100  h100-1  ran 30m      [##---] 45%          about 13:20  time left 1h20m, ends about 13:20; 45%, 450/1000 …
     15       아주 긴 이름의 언어 모델  비전연구실/김연구원  running  1 H100  h100-1  ran 30m
     16       pretrain                  language/jun         waiting  4 H100          waits 1h30m  14:20–15:10          18:20–19:10  it asks for 4 GPUs on one node, and at most 1 is …
     17_0 +1  grasp                     robotics/sora        waiting  1               waits 1h30m  not predictable yet               it asks for 1 GPU on one node, and none is free
     18       mine                      you                  held     1               waits 1h30m                                    it is held; 'rota release' lets it start

     12: time left 1h20m, ends about 13:20; 45%, 450/1000 (tqdm)

     q quit   ? help   Enter open   / find   m mine   w waiting   g GPUs
    "#);
}

#[test]
fn a_narrow_terminal_keeps_who_and_when() {
    let seen = seen(&jobs());
    let narrow = Size { width: 62, height: 16 };
    assert_snapshot!(screen(Lang::En, &seen, &on_board(&seen), narrow), @r#"
     Rota: 1 of 5 GPUs free, 2 running, 4 waiting        12:00:00
     GPU         MODEL  BUSY  USED BY              TURN
     h100-1:0-1  H100   97%   job 12 of mina       until 14:30
     h100-1:2    H100   40%   job 15 of 김연구원   until 14:30
     h100-1:3    H100   0%    free
     h100-1:4    H100   0%    drained: new cooler

     JOB      NAME      WHO       STATE    GPUS    START, DONE
    >12       segment   mina      running  2 H100  [##---] 45%
     15       아주 긴…  김연구원  running  1 H100
     16       pretrain  jun       waiting  4 H100  14:20–15:10
     17_0 +1  grasp     sora      waiting  1       not predictable
     18       mine      you       held     1
     12: time left 1h20m, ends about 13:20; 45%, 450/1000 (tqdm)

     q quit   ? help   Enter open   / find   m mine   w waiting  …
    "#);
}

#[test]
fn where_nobody_waits_the_board_says_so() {
    let mut seen = seen(&[]);
    seen.list.simulated = true;
    let size = Size { height: 14, ..SIZE };
    assert_snapshot!(screen(Lang::En, &seen, &on_board(&seen), size), @r#"
     Rota: 1 of 5 GPUs free, 0 running, 0 waiting                          12:00:00
     SIMULATED GPUs: programs are real, GPUs are not
     GPU         MODEL  BUSY  MEMORY     USED BY              TURN
     h100-1:0-1  H100   97%   142G/160G  job 12 of mina       until 14:30
     h100-1:2    H100   40%   8G/80G     job 15 of 김연구원   until 14:30
     h100-1:3    H100   0%    0M/80G     free
     h100-1:4    H100   0%    0M/80G     drained: new cooler

     nothing is queued or running




     q quit   ? help   Enter open   / find   m mine   w waiting   g GPUs
    "#);
}

#[test]
fn a_filter_shows_only_jobs_with_its_text() {
    let seen = seen(&jobs());
    let mut view = on_board(&seen);
    press(&mut view, &seen, &[KeyCode::Char('/'), KeyCode::Char('연'), KeyCode::Char('구')]);
    let size = Size { height: 14, ..SIZE };
    assert_snapshot!(screen(Lang::En, &seen, &view, size), @r#"
     Rota: 1 of 5 GPUs free, 2 running, 4 waiting                          12:00:00
     GPU         MODEL  BUSY  MEMORY     USED BY              TURN
     h100-1:0-1  H100   97%   142G/160G  job 12 of mina       until 14:30
     h100-1:2    H100   40%   8G/80G     job 15 of 김연구원   until 14:30
     h100-1:3    H100   0%    0M/80G     free
     h100-1:4    H100   0%    0M/80G     drained: new cooler

     JOB  NAME              WHO               STATE    GPUS    TIME     START  END
    >15   아주 긴 이름의 …  비전연구실/김연…  running  1 H100  ran 30m




     only with "연구"_  Enter keep   Esc all
    "#);
    press(&mut view, &seen, &[KeyCode::Enter, KeyCode::Esc]);
    assert_eq!(view.rows(&seen).len(), 5);
}

#[test]
fn m_and_w_show_only_the_jobs_of_who_looks_and_those_that_wait() {
    let seen = seen(&jobs());
    let mut view = on_board(&seen);
    press(&mut view, &seen, &[KeyCode::Char('m')]);
    assert_eq!(view.rows(&seen).iter().map(|(job, _)| job.id.as_str()).collect::<Vec<_>>(), ["18"]);
    press(&mut view, &seen, &[KeyCode::Esc, KeyCode::Char('w')]);
    assert_eq!(view.rows(&seen).len(), 3);
    press(&mut view, &seen, &[KeyCode::Esc, KeyCode::Char('m')]);
    // A Korean keyboard that was left in Hangul has another letter on that key.
    press(&mut view, &seen, &[KeyCode::Char('ㅡ')]);
    assert_eq!(view.rows(&seen).len(), 5);
}

#[test]
fn the_bar_stays_with_its_job_though_the_queue_moves() {
    let before = seen(&jobs());
    let mut view = on_board(&before);
    press(&mut view, &before, &[KeyCode::Down, KeyCode::Char('j')]);
    assert_eq!(view.job.as_deref(), Some("16"));
    let mut moved = jobs();
    moved.remove(0);
    view.follow(&seen(&moved));
    assert_eq!((view.at, view.job.as_deref()), (1, Some("16")));
    moved.retain(|job| job["id"] != "16");
    view.follow(&seen(&moved));
    assert_eq!((view.at, view.job.as_deref()), (1, Some("17_0")));
}

#[test]
fn enter_opens_a_job_and_escape_goes_back() {
    let seen = seen(&jobs());
    let mut view = on_board(&seen);
    let act = press(&mut view, &seen, &[KeyCode::End, KeyCode::Enter]);
    assert!(matches!(act, Act::Open(Some(job)) if job == "18"));
    assert!(screen(Lang::En, &seen, &view, SIZE).contains("asking for job 18"));
    assert!(matches!(press(&mut view, &seen, &[KeyCode::Esc]), Act::Open(None)));
    assert!(matches!(press(&mut view, &seen, &[KeyCode::Char('q')]), Act::Quit));
    assert!(matches!(press(&mut view, &seen, &[KeyCode::Enter, KeyCode::Esc]), Act::Open(None)));
    let control = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    press(&mut view, &seen, &[KeyCode::Char('?')]);
    assert!(matches!(view.key(control, &seen, SIZE), Act::Quit));
}

#[test]
fn a_page_ends_at_its_last_line() {
    let seen = seen(&jobs());
    let (small, mut view) = (Size { width: 80, height: 12 }, on_board(&seen));
    for code in [KeyCode::Char('?'), KeyCode::End, KeyCode::Down, KeyCode::PageDown] {
        view.key(KeyEvent::new(code, KeyModifiers::NONE), &seen, small);
    }
    let help = screen(Lang::En, &seen, &view, small);
    assert!(help.contains("Nothing is changed from here"), "{help}");
    assert!(help.contains("lines 16 to 23 of 23"), "{help}");
}

#[test]
fn there_is_a_screen_for_every_size_and_none_is_wider() {
    let seen = seen(&jobs());
    let mut board = on_board(&seen);
    board.trouble = Some("the server is not reachable".into());
    let mut help = on_board(&seen);
    press(&mut help, &seen, &[KeyCode::Char('?')]);
    for (width, height) in (0..100).flat_map(|width| [0, 1, 3, 5, 9, 12, 40].map(|h| (width, h))) {
        let size = Size { width: width.max(1), height };
        for (lang, view) in [(Lang::Ko, &board), (Lang::En, &board), (Lang::Ko, &help)] {
            for line in screen(lang, &seen, view, size).lines() {
                assert!(line.width() <= usize::from(size.width), "{size}: {line}");
            }
        }
    }
}

#[test]
fn help_fits_eighty_columns_and_every_line_of_the_keys_is_whole() {
    let seen = seen(&jobs());
    let mut view = on_board(&seen);
    for lang in [Lang::En, Lang::Ko] {
        assert!(!screen(lang, &seen, &view, SIZE).contains("q…"));
        press(&mut view, &seen, &[KeyCode::Char('?')]);
        let tall = Size { height: 40, ..SIZE };
        let help = screen(lang, &seen, &view, tall);
        assert!(help.contains("rota cancel, hold, release, change, pin."), "{help}");
        assert!(!help.contains('…'), "{help}");
        press(&mut view, &seen, &[KeyCode::Esc]);
    }
}

#[test]
fn colours_are_only_for_those_who_want_them() {
    let seen = seen(&jobs());
    let coloured = |colour: bool| {
        let view = View { colour, ..on_board(&seen) };
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("a terminal");
        terminal.draw(|frame| draw(frame, &seen, &view)).expect("drawn");
        terminal.backend().buffer().content.iter().any(|cell| cell.fg != Color::Reset)
    };
    assert!(coloured(true) && !coloured(false));
}
