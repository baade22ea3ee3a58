//! One state of a bar, whoever drew it.

use crate::{Epoch, Source};

/// A state of a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Who drew it.
    pub source: Source,
    /// What stands before it; without digits, so that it is the same in each epoch.
    pub name: String,
    /// The epoch that stands before it.
    pub epoch: Option<Epoch>,
    /// Lines below the first bar of its group.
    pub depth: u32,
    /// Done; not more than `total`.
    pub done: f64,
    /// To be done; more than 0.
    pub total: f64,
    /// Whether `done` and `total` are counts, or only percent.
    pub counts: Counts,
    /// Seconds since it began, by its own clock.
    pub elapsed: Option<f64>,
    /// Steps a second, as it says.
    pub rate: Option<f64>,
}

/// What a bar counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Steps.
    Steps,
    /// Percent only.
    Percent,
}

impl Bar {
    /// What is done, from 0 to 1.
    pub fn fraction(&self) -> f64 {
        self.done / self.total
    }

    /// Whether nothing is left to be done.
    pub fn is_full(&self) -> bool {
        self.done >= self.total
    }

    /// Whether it may be another state of the same bar, or of the same bar of another epoch.
    pub fn is_like(&self, other: &Bar) -> bool {
        self.depth == other.depth && self.name == other.name
    }

    /// Whether it checks what was learnt, between epochs or at the end.
    pub fn is_check(&self) -> bool {
        let name = self.name.to_lowercase();
        ["valid", "eval", "val ", "sanity", "test", "predict"].iter().any(|w| name.starts_with(w))
    }

    /// Whether it only gets things ready: how long the work will take, it does not say.
    pub fn is_preparation(&self) -> bool {
        let name = self.name.to_lowercase();
        let begins = ["download", "fetching", "loading", "tokeniz", "map (", "filter ("];
        begins.iter().any(|w| name.starts_with(w))
            || matches!(name.as_str(), "map" | "filter")
            || name.ends_with(" split")
    }
}

/// A description without its digits, and the epoch it names: `Epoch 3/10`, `Epoch [3/10]`, `epoch: 3`.
pub fn describe(text: &str) -> (String, Option<Epoch>) {
    let name: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    (name.trim().trim_end_matches(':').trim().to_owned(), epoch(text))
}

/// The epoch that a text names.
pub fn epoch(text: &str) -> Option<Epoch> {
    let lower = text.to_ascii_lowercase();
    let after = lower.split_once("epoch").map(|(_, after)| after)?;
    let after = after.trim_start_matches([' ', ':', '=', '[', '(', '#']);
    let digits = |t: &str| t.find(|c: char| !c.is_ascii_digit()).unwrap_or(t.len());
    let (number, rest) = after.split_at_checked(digits(after))?;
    let number: u64 = number.parse().ok().filter(|n| *n < 1_000_000_000)?;
    let last = rest.trim_start().strip_prefix('/').map(str::trim_start).and_then(|rest| {
        rest.get(..digits(rest))?
            .parse()
            .ok()
            .filter(|last| *last >= number && *last < 1_000_000_000)
    });
    Some(Epoch { number, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_found_in_what_stands_before_a_bar() {
        let of = |number, last| Some(Epoch { number, last });
        assert_eq!(epoch("Epoch 3/10"), of(3, Some(10)));
        assert_eq!(epoch("train Epoch [3/10]"), of(3, Some(10)));
        assert_eq!(epoch("Epoch 3"), of(3, None));
        assert_eq!(epoch("Epoch 10/3"), of(10, None));
        assert_eq!(epoch("Epochs"), None);
        assert_eq!(describe("Epoch 3/4: ").0, "Epoch /");
    }
}
