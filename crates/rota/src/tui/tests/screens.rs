//! Screens as people see them.

use super::*;
use insta::assert_snapshot;

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

#[test]
fn a_job_behind_all_that_are_forecast_says_that_it_has_no_window() {
    let last = job("90000", "late", ("lab", "you"), "waiting", &json!({ "beyond": 20000 }));
    let seen = seen(&[last]);
    let view = on_board(&seen);
    assert!(screen(Lang::En, &seen, &view, SIZE).contains("not forecast"));
    assert!(screen(Lang::Ko, &seen, &view, SIZE).contains("예측 안 함"));
    let promised = json!({ "beyond": 20000, "promised": noon() + 60 * MINUTE });
    let seen = super::seen(&[job("90000", "late", ("lab", "you"), "waiting", &promised)]);
    assert!(screen(Lang::En, &seen, &view, SIZE).contains("by 13:00 (promise)"));
}
