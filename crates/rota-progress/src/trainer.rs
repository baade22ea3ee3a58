//! The Trainer of Hugging Face: its bar of tqdm counts the steps of all epochs; between its states it prints what it
//! measured, such as `{'loss': 0.31, 'grad_norm': 0.5, 'epoch': 1.23}`, and draws bars of evaluations below it.

use crate::text::Line;

/// Whether a line is what the Trainer prints.
pub fn is_log(line: &Line) -> bool {
    let is_measure = ["{'loss':", "{'eval_", "{'train_"].iter().any(|m| line.text.starts_with(m));
    is_measure && line.text.contains("'epoch':")
}
