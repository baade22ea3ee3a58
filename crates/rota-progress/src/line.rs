//! What a program says to Rota itself: `ROTA_PROGRESS 450/1000`, `ROTA_PROGRESS 45%` or `ROTA_PROGRESS 0.45`.

use crate::bar::Counts;
use crate::number;
use crate::text::Line;
use crate::{Began, Reading, Scope, Source, Speed};

const MARK: &str = "ROTA_PROGRESS";

/// The newest such line of an output. One that is not ended may still be written: `4/10` of `4/1000`.
pub fn of_lines(lines: &[Line]) -> Option<Reading> {
    let said: Vec<Said> =
        lines.iter().filter(|l| l.is_ended).filter_map(|l| marked(&l.text)).collect();
    let last = *said.last()?;
    // After a fall it began again; what it said before is of another beginning.
    let fall = said.windows(2).rposition(|pair| pair[1].fraction() < pair[0].fraction());
    let began = match fall.and_then(|at| said.get(at + 1)) {
        Some(anew) => Began::Anew(anew.fraction()),
        None => Began::Earliest(said.first()?.fraction()),
    };
    Some(reading(last, Source::Line, began))
}

/// The newest line of a progress file.
pub fn of_file(lines: &[Line]) -> Option<Reading> {
    let said = |line: &Line| marked(&line.text).or_else(|| value(&line.text));
    lines.iter().rev().find_map(said).map(|said| reading(said, Source::File, Began::Unknown))
}

#[derive(Clone, Copy)]
struct Said {
    done: f64,
    total: f64,
    counts: Counts,
}

impl Said {
    fn fraction(self) -> f64 {
        self.done / self.total
    }
}

fn marked(text: &str) -> Option<Said> {
    let (_, after) = text.split_once(MARK)?;
    // ROTA_PROGRESS_FILE is no such line.
    after.starts_with([' ', '=', ':', '\t']).then_some(())?;
    value(after.trim_start_matches([' ', '=', ':', '\t']))
}

fn value(text: &str) -> Option<Said> {
    let joined = text.replace(" / ", "/");
    let word = joined.split_whitespace().next()?;
    if let Some((done, total)) = number::ratio(word) {
        return Some(Said { done, total, counts: Counts::Steps });
    }
    let (number, total) = word.strip_suffix('%').map_or((word, 1.0), |percent| (percent, 100.0));
    let done = number::plain(number).filter(|n| *n <= total)?;
    Some(Said { done, total, counts: Counts::Percent })
}

fn reading(said: Said, source: Source, began: Began) -> Reading {
    let steps = number::steps(said.done, said.total).filter(|_| said.counts == Counts::Steps);
    let speed = Speed { began, ..Speed::default() };
    Reading { source, scope: Scope::Job, fraction: said.fraction(), steps, epoch: None, speed }
}

#[cfg(test)]
mod tests {
    use crate::{Steps, of_file, of_output};

    #[test]
    fn a_count_percent_or_a_fraction_is_read_and_the_newest_counts() {
        for (text, fraction) in [
            ("ROTA_PROGRESS 450/1000\n", 0.45),
            ("[rank0] ROTA_PROGRESS 45%\n", 0.45),
            ("ROTA_PROGRESS=0.45\r\n", 0.45),
            ("ROTA_PROGRESS 1/4\nloss\nROTA_PROGRESS 3 / 4 eta unknown\n", 0.75),
        ] {
            assert_eq!(of_output(text.as_bytes()).map(|r| r.fraction), Some(fraction), "{text}");
        }
        let steps = of_output(b"ROTA_PROGRESS 450/1000\n").and_then(|r| r.steps);
        assert_eq!(steps, Some(Steps { done: 450, total: 1000 }));
    }

    #[test]
    fn what_is_still_written_or_makes_no_sense_is_not_read() {
        for text in [
            "ROTA_PROGRESS 4/10",
            "ROTA_PROGRESS 5/4\n",
            "ROTA_PROGRESS 145%\n",
            "ROTA_PROGRESS -1/4\n",
            "ROTA_PROGRESS\n",
            "ROTA_PROGRESS_FILE 0.3\n",
        ] {
            assert_eq!(of_output(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_progress_file_needs_no_mark_and_no_end_of_line() {
        assert_eq!(of_file(b"450/1000").map(|r| r.fraction), Some(0.45));
        assert_eq!(of_file(b"1%\n2%\n").map(|r| r.fraction), Some(0.02));
        assert_eq!(of_file(b"ROTA_PROGRESS 0.5\n").map(|r| r.fraction), Some(0.5));
        assert_eq!(of_file(b"soon\n"), None);
    }
}
