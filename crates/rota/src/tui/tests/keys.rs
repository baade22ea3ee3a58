//! What keys do.

use super::*;
use insta::assert_snapshot;

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
    press(&mut view, &seen, &[KeyCode::End, KeyCode::Enter]);
    assert_eq!(view.wanted(&seen, SIZE).open.as_deref(), Some("18"));
    assert!(screen(Lang::En, &seen, &view, SIZE).contains("asking for job 18"));
    press(&mut view, &seen, &[KeyCode::Esc]);
    assert_eq!(view.wanted(&seen, SIZE).open, None);
    assert!(matches!(press(&mut view, &seen, &[KeyCode::Char('q')]), Act::Quit));
    let control = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    press(&mut view, &seen, &[KeyCode::Char('?')]);
    assert!(matches!(view.key(control, &seen, SIZE), Act::Quit));
}

#[test]
fn reasons_are_asked_for_what_is_on_the_screen_wherever_it_was_scrolled_to() {
    let waits = |n: u32| job(&n.to_string(), "x", ("lab", "you"), "waiting", &json!({}));
    let seen = seen(&(0..400).map(waits).collect::<Vec<_>>());
    let mut view = on_board(&seen);
    press(&mut view, &seen, &[KeyCode::End]);
    let asked = |view: &View| view.wanted(&seen, SIZE).reasons.unwrap_or_default();
    let at_the_end = asked(&view);
    let shown = screen(Lang::En, &seen, &view, SIZE);
    let lines =
        shown.lines().filter_map(|line| line.get(1..)?.split(' ').next()?.parse::<u32>().ok());
    let lines: Vec<String> = lines.map(|id| id.to_string()).collect();
    assert!(lines.len() > 8 && lines.iter().all(|id| at_the_end.contains(id)), "{shown}");
    press(&mut view, &seen, &[KeyCode::Char('/'), KeyCode::Char('7'), KeyCode::Char('7')]);
    assert!(asked(&view).contains(&"77".to_owned()));
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
