//! Whatever a job writes, reading it ends well and says nothing impossible.

use proptest::prelude::*;
use rota_core::units::Span;
use rota_progress::{Life, Sight, frame, lacks_frame, left, of_file, of_output};

fn check(bytes: &[u8], ran: u64, silent: u64, run: u32) {
    let life =
        Life { ran: Span(ran), silent: Span(silent), run, sight: Sight::Tail, ..Life::default() };
    for reading in [of_output(bytes), of_file(bytes)].into_iter().flatten() {
        assert!((0.0..=1.0).contains(&reading.fraction), "{reading:?}");
        if let Some(steps) = reading.steps {
            assert!(steps.total >= 1 && steps.done <= steps.total, "{reading:?}");
        }
        let paces = [reading.speed.average, reading.speed.recent];
        assert!(
            paces.into_iter().flatten().all(|p| p.per_second.is_finite() && p.per_second > 0.0)
        );
        assert!(left(&reading, &life).is_none_or(|l| l < Span::hours(24 * 3653)), "{reading:?}");
    }
    let _ = (frame(bytes), lacks_frame(bytes));
}

/// Pieces of what programs write, so that nonsense comes close to sense.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "\r",
        "\n",
        "\x1b[A",
        "\x1b[32m",
        "\x1b[",
        "\x08",
        "%|",
        "|",
        " [",
        "<",
        ", ",
        "it/s]",
        "s/it]",
        "Epoch ",
        "/",
        "━━╸",
        " • ",
        "0:01:23",
        "00:00",
        "ETA: ",
        "- ",
        "[==>..]",
        "ms/step",
        "ROTA_PROGRESS ",
        "{'loss': 1, 'epoch': 2}",
        "100%|██████| 1/1 [00:00<00:00, 5.42it/s]",
        " 45%|",
        "한글",
        "9999999999999999999",
        "1e999",
        "-",
        ".",
        "k",
        "M",
        "18446744073709551615",
        "NaN",
        "inf",
        "Validation",
    ];
    prop_oneof![
        3 => prop::sample::select(pieces.to_vec()).prop_map(|p| p.as_bytes().to_vec()),
        1 => (0u64..2000).prop_map(|n| n.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn random_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..400), ran: u64, silent: u64, run: u32) {
        check(&bytes, ran, silent, run);
    }

    #[test]
    fn random_pieces_of_bars_do_no_harm(pieces in prop::collection::vec(piece(), 0..60), ran: u64, silent: u64, run: u32) {
        check(&pieces.concat(), ran, silent, run);
    }

    #[test]
    fn a_count_is_read_as_it_was_written(done in 0u64..1_000_000, more in 1u64..1_000_000) {
        let total = done + more;
        let reading = of_output(format!("ROTA_PROGRESS {done}/{total}\n").as_bytes()).expect("a count");
        prop_assert_eq!(reading.steps.map(|s| (s.done, s.total)), Some((done, total)));
    }
}
