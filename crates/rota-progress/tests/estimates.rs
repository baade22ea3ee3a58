//! Time left: where it is known, how much; and where nobody knows, none.

use rota_core::units::Span;
use rota_progress::{Life, left, of_file, of_output};

fn life(ran: u64, silent: u64) -> Life {
    let (ran, silent) = (Span::seconds(ran), Span::seconds(silent));
    Life { ran, silent, run: 1, ..Life::default() }
}

fn of(text: &str, life: Life) -> Option<Span> {
    left(&of_output(text.as_bytes()).expect("progress"), &life)
}

#[test]
fn a_program_without_a_clock_is_judged_by_how_long_it_ran() {
    let text = "ROTA_PROGRESS 0/100\nROTA_PROGRESS 25/100\n";
    assert_eq!(of(text, life(100, 0)), Some(Span::seconds(300)));
    // What was written 20 s ago was written after 80 s.
    assert_eq!(of(text, life(100, 20)), Some(Span::seconds(220)));
    assert_eq!(left(&of_file(b"1/4").expect("a count"), &life(100, 0)), Some(Span::seconds(300)));
}

#[test]
fn a_program_that_went_on_from_a_checkpoint_is_judged_by_what_it_did_since() {
    let text = "ROTA_PROGRESS 60/100\nROTA_PROGRESS 70/100\n";
    assert_eq!(of(text, life(100, 0)), Some(Span::seconds(300)));
    // In a later run, only where it is seen to begin.
    let later = Life { run: 2, ..life(100, 0) };
    assert_eq!(of(text, later), None);
    let fell = "ROTA_PROGRESS 70/100\nROTA_PROGRESS 60/100\nROTA_PROGRESS 80/100\n";
    assert_eq!(of(fell, later), Some(Span::seconds(100)));
}

#[test]
fn the_average_counts_unless_the_bar_did_not_begin_at_nothing() {
    let steady = "\r 40%|####      | 400/1000 [06:40<09:59, 1.00it/s]\r 45%|####5     | 450/1000 [07:30<09:10, 1.00it/s]";
    assert_eq!(of(steady, life(500, 0)), Some(Span::seconds(550)));
    // It went on at step 800: 20 steps in 20 s, not 820.
    let resumed = "\r 80%|########  | 800/1000 [00:00<?, ?it/s]\r 82%|########2 | 820/1000 [00:20<03:00, 1.00it/s]";
    assert_eq!(of(resumed, life(40, 0)), Some(Span::seconds(180)));
}

#[test]
fn epochs_to_come_are_part_of_the_time_left() {
    let text = "Epoch 2/4\n 50/100 [=======>......] - ETA: 50s - loss: 0.3\n";
    // 1 step a second: half an epoch and two whole ones.
    assert_eq!(of(text, life(1, 0)), Some(Span::seconds(250)));
}

#[test]
fn the_time_before_the_first_step_counts_less_and_less() {
    let bar = "100/200 [=======>......] - ETA: 10s - loss: 0.3\n";
    // 10 steps a second by its own word; it has imported libraries for 60 s before that.
    assert_eq!(of(&format!("Epoch 1/4\n{bar}"), life(70, 0)), Some(Span::seconds(70)));
    // Epochs end in evaluations of which no bar speaks: 5/8 of the job took 80 s.
    let begun = "Epoch 1/4\n 0/200 [............] - ETA: 0s\n";
    assert_eq!(of(&format!("{begun}Epoch 3/4\n{bar}"), life(80, 0)), Some(Span::seconds(48)));
}

#[test]
fn nobody_knows_at_the_very_beginning_at_a_standstill_or_past_the_time() {
    assert_eq!(of("ROTA_PROGRESS 1/1000\n", life(1000, 0)), None);
    assert_eq!(of("ROTA_PROGRESS 1/4\n", life(20, 0)), None);
    let bar = "\r 45%|####5     | 450/1000 [01:30<01:50,  5.00it/s]";
    assert_eq!(of(bar, life(100, 10)), Some(Span::seconds(100)));
    assert_eq!(of(bar, life(220, 120)), Some(Span::ZERO));
    assert_eq!(of(bar, life(300, 200)), None);
    let slow = "\r 45%|####5     | 450/1000 [1:15:00<1:31:40, 10.00s/it]";
    assert!(of(slow, life(4600, 90)).is_some());
    assert_eq!(of(slow, life(5000, 400)), None);
}

#[test]
fn a_slow_step_is_no_standstill() {
    // An hour a step: silent for two hours is usual.
    let text = "\r 20%|##        | 2/10 [2:00:00<8:00:00, 3600.00s/it]";
    assert_eq!(of(text, life(10_000, 2800)), Some(Span::seconds(8 * 3600 - 2800)));
}

#[test]
fn a_part_of_the_job_has_no_time_left() {
    let text = "\rEpoch 3:  45%|####5     | 450/1000 [01:30<01:50,  5.00it/s]";
    assert_eq!(of(text, life(100, 0)), None);
}

#[test]
fn time_in_which_a_job_was_suspended_is_no_part_of_its_speed() {
    let text = "\r  0%|   | 0/100 [00:00<?, ?it/s]\r 20%|##  | 20/100 [01:40<06:40, 5.00s/it]";
    // A fifth in 40 s of running, whatever the bar's clock says.
    let frozen = Life { frozen: Span::seconds(60), ..life(40, 0) };
    assert_eq!(of(text, frozen), Some(Span::seconds(160)));
    assert_eq!(of(text, Life { run: 2, ..frozen }), None);
}
