//! What programs really wrote (see `fixtures/README.md`), and what is read from it.

use rota_progress::{
    Epoch, Reading, Scope, Source, Steps, frame, lacks_frame, of_framed, of_output,
};

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("a fixture")
}

fn read(name: &str) -> Reading {
    of_output(&fixture(name)).expect("progress")
}

/// Source, scope, thousandths, steps, epoch.
type Seen = (Source, Scope, u32, Option<(u64, u64)>, Option<(u64, Option<u64>)>);

fn seen(reading: &Reading) -> Seen {
    let thousandths = (0..=1000).rev().find(|n| f64::from(*n) / 1000.0 <= reading.fraction + 1e-9);
    let steps = reading.steps.map(|Steps { done, total }| (done, total));
    let epoch = reading.epoch.map(|Epoch { number, last }| (number, last));
    (reading.source, reading.scope, thousandths.expect("at least 0"), steps, epoch)
}

#[test]
fn a_bar_of_tqdm_is_the_job() {
    use {Scope::Job, Source::Tqdm};
    assert_eq!(seen(&read("tqdm-plain")), (Tqdm, Job, 425, Some((17, 40)), None));
    assert_eq!(seen(&read("tqdm-slow")), (Tqdm, Job, 222, Some((2, 9)), None));
    assert_eq!(seen(&read("tqdm-write")), (Tqdm, Job, 533, Some((16, 30)), None));
}

#[test]
fn colours_other_alphabets_and_scaled_units_are_no_matter() {
    use {Scope::Job, Source::Tqdm};
    assert_eq!(seen(&read("tqdm-ascii")), (Tqdm, Job, 366, Some((11, 30)), None));
    assert_eq!(seen(&read("tqdm-colour")), (Tqdm, Job, 366, Some((11, 30)), None));
    let scaled = (Tqdm, Job, 213, Some((9_600_000, 45_000_000)), None);
    assert_eq!(seen(&read("tqdm-scaled")), scaled);
}

#[test]
fn a_bar_of_an_unknown_total_is_no_progress() {
    assert_eq!(of_output(&fixture("tqdm-unknown")), None);
}

#[test]
fn a_bar_that_begins_again_after_it_was_full_says_nothing_of_the_whole() {
    let again = read("tqdm-restart");
    assert_eq!(seen(&again), (Source::Tqdm, Scope::Part, 333, Some((4, 12)), None));
}

#[test]
fn a_bar_below_another_is_a_part_of_its_step() {
    // Epoch 3 of 5 at 4 of 8: (2 + 0.5) / 5.
    let nested = read("tqdm-nested");
    assert_eq!(seen(&nested), (Source::Tqdm, Scope::Job, 500, Some((4, 8)), Some((3, Some(5)))));
    // Epoch 3 of 4 at 3 of 8: (2 + 0.375) / 4.
    let named = read("tqdm-epochdesc");
    assert_eq!(seen(&named), (Source::Tqdm, Scope::Job, 593, Some((3, 8)), Some((3, Some(4)))));
}

#[test]
fn keras_is_read_in_its_three_styles_and_by_its_lines() {
    use {Scope::Job, Source::Keras};
    assert_eq!(seen(&read("keras1")), (Keras, Job, 300, Some((300, 600)), Some((2, Some(5)))));
    assert_eq!(seen(&read("keras2")), (Keras, Job, 533, Some((6, 10)), Some((2, Some(3)))));
    assert_eq!(seen(&read("keras3")), (Keras, Job, 533, Some((6, 10)), Some((2, Some(3)))));
    for lines in ["keras2-lines", "keras3-lines"] {
        assert_eq!(seen(&read(lines)), (Keras, Job, 1000, Some((10, 10)), Some((3, Some(3)))));
    }
}

#[test]
fn an_evaluation_of_keras_after_the_epoch_is_not_taken_for_the_training() {
    let trained = b"Epoch 2/4\n10/10 [==============================] - 1s 30ms/step\n".to_vec();
    let evaluated = [trained, fixture("keras3-evaluate")].concat();
    let evaluated = of_output(&evaluated).expect("progress");
    assert_eq!(seen(&evaluated).2, 500);
    // A single epoch has no name: nobody knows whether it is a training.
    assert_eq!(read("keras3-evaluate").scope, Scope::Part);
}

#[test]
fn the_trainer_counts_all_epochs_and_its_evaluations_are_not_taken_for_the_training() {
    let trainer = (Source::Trainer, Scope::Job, 666, Some((40, 60)), None);
    assert_eq!(seen(&read("trainer")), trainer);
}

#[test]
fn lightning_says_the_number_of_epochs_in_one_of_its_styles_only() {
    use {Scope::Job, Scope::Part, Source::Lightning};
    // Epoch 2 of 0 to 4 at 10 of 20: (2 + 0.5) / 5.
    let rich = read("lightning-rich");
    assert_eq!(seen(&rich), (Lightning, Job, 500, Some((10, 20)), Some((2, Some(4)))));
    let plain = read("lightning-tqdm");
    assert_eq!(seen(&plain), (Lightning, Part, 400, Some((8, 20)), Some((2, None))));
}

#[test]
fn the_speed_is_that_of_the_bars_own_clock() {
    let long = read("tqdm-long");
    assert_eq!(seen(&long), (Source::Tqdm, Scope::Job, 277, Some((1250, 4500)), None));
    let average = long.speed.average.expect("a speed").per_second;
    assert!((average * 4168.0 - 0.2778).abs() < 0.001, "{average}");
    // 50 steps in 168 s.
    let recent = long.speed.recent.expect("a speed");
    assert!((recent.per_second * 4500.0 - 50.0 / 168.0).abs() < 0.001, "{recent:?}");
}

#[test]
fn what_a_bar_belongs_to_is_found_in_what_was_written_before() {
    for (name, newest) in [("tqdm-nested", 230), ("keras3", 230), ("trainer", 120)] {
        let text = fixture(name);
        let (before, newest) = text.split_at(text.len() - newest);
        assert!(lacks_frame(newest), "{name}");
        assert_eq!(of_output(newest).map(|r| r.scope), Some(Scope::Part), "{name}");
        let before = frame(before).expect("a line");
        let (framed, whole) = (of_framed(&before, newest).expect(name), read(name));
        assert_eq!(framed.scope, Scope::Job);
        assert!((framed.fraction - whole.fraction).abs() < 0.02, "{name}: {}", framed.fraction);
    }
}

#[test]
fn a_line_of_its_own_goes_before_every_bar() {
    let text =
        [fixture("tqdm-plain"), b"\nROTA_PROGRESS 1/8\n".to_vec(), fixture("keras3")].concat();
    let line = of_output(&text).expect("progress");
    assert_eq!((line.source, line.fraction), (Source::Line, 0.125));
}

#[test]
fn a_bar_that_gets_things_ready_says_nothing_of_the_whole() {
    let bars = [
        "Map:  45%|####5     | 450/1000 [10:00<12:00,  0.75 examples/s]\r",
        "Loading checkpoint shards:  50%|#####     | 2/4 [00:30<00:30, 15.00s/it]\r",
        "Generating train split:  45%|####5  | 450/1000 [10:00<12:00,  0.75 examples/s]\r",
    ];
    for bar in bars {
        assert_eq!(of_output(bar.as_bytes()).map(|r| r.scope), Some(Scope::Part), "{bar}");
    }
    let work = "100%|##########| 10/10 [00:10<00:00, 1it/s]\n 10%|#     | 100/1000 [05:00<45:00, 3.0s/it]\r";
    let ready = ["Map: ", work].concat();
    assert_eq!(of_output(ready.as_bytes()).map(|r| (r.scope, r.fraction)), Some((Scope::Job, 0.1)));
}
