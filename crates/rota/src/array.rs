//! Task numbers of an array as people write them: `0-99%8`, `1,3,5-9:2`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Tasks in ascending order, and how many may run at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    pub tasks: Vec<u32>,
    pub at_most: Option<u32>,
}

/// More tasks than any server takes.
const MOST: usize = 1_000_000;

impl FromStr for Array {
    type Err = String;

    fn from_str(text: &str) -> Result<Array, String> {
        let bad = || {
            format!("'{}' is no list of tasks; write for example 0-99, 1,3,5-9:2 or 0-99%8", text.escape_debug())
        };
        let (list, at_most) = match text.split_once('%') {
            Some((list, n)) => (list, Some(number(n).filter(|n| *n > 0).ok_or_else(bad)?)),
            None => (text, None),
        };
        let mut tasks = BTreeSet::new();
        for part in list.split(',') {
            let (first, last, step) = range(part.trim()).ok_or_else(bad)?;
            let count = (last - first) / step;
            if tasks.len() + usize::try_from(count).unwrap_or(MOST) >= MOST {
                return Err(format!("an array has at most {MOST} tasks"));
            }
            tasks.extend((0..=count).map(|i| first + i * step));
        }
        Ok(Array { tasks: tasks.into_iter().collect(), at_most })
    }
}

/// `5`, `5-9` or `5-9:2`.
fn range(part: &str) -> Option<(u32, u32, u32)> {
    let (ends, step) = match part.split_once(':') {
        Some((ends, step)) => (ends, number(step).filter(|n| *n > 0)?),
        None => (part, 1),
    };
    let Some((first, last)) = ends.split_once('-') else {
        let only = number(ends)?;
        return (step == 1).then_some((only, only, 1));
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last, step))
}

fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Ascending numbers as ranges: `3-99,105`.
pub fn compact(tasks: &[u32]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = tasks;
    while let Some(first) = rest.first() {
        let run = rest.windows(2).take_while(|w| w[0].checked_add(1) == Some(w[1])).count();
        parts.push(if run == 0 { first.to_string() } else { format!("{first}-{}", rest[run]) });
        rest = &rest[run + 1..];
    }
    parts.join(",")
}

impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&compact(&self.tasks))?;
        self.at_most.map_or(Ok(()), |n| write!(f, "%{n}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_steps_and_limits_are_understood() {
        let a: Array = "1,3,5-9:2%4".parse().expect("an array");
        assert_eq!((a.tasks, a.at_most), (vec![1, 3, 5, 7, 9], Some(4)));
        assert_eq!("0-99%8".parse::<Array>().map(|a| a.to_string()), Ok("0-99%8".to_string()));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "a", "5-3", "1-2:0", "1%0", "-1", "1,,2", "0-4294967295", "5:2"] {
            assert!(text.parse::<Array>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "[-0-9,:%a ]{0,20}") {
            let _ = text.parse::<Array>();
        }

        #[test]
        fn what_is_printed_reads_back(
            tasks in proptest::collection::btree_set(0u32..500, 1..60),
            at_most in proptest::option::of(1u32..9),
        ) {
            let array = Array { tasks: tasks.into_iter().collect(), at_most };
            prop_assert_eq!(array.to_string().parse::<Array>(), Ok(array));
        }
    }
}
