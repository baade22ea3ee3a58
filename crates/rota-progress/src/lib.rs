//! How far a running job is, by what it writes itself: a bar of tqdm, Keras, Lightning or the Trainer of Hugging Face in
//! its output, a line `ROTA_PROGRESS 450/1000`, or a file with the same. Text in, [`Reading`] out, and from that the time
//! [`left`]. Nothing is remembered between two looks, so a server that was restarted says what the one before it said.

mod bar;
mod estimate;
mod keras;
mod line;
mod number;
mod rich;
mod select;
mod stage;
mod text;
mod tqdm;
mod trainer;

pub use estimate::{Life, Sight, left};

use serde::{Deserialize, Serialize};

/// The newest part of a file that is looked at, in bytes.
pub const TAIL: usize = 64 << 10;

/// How far a job says it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Who says so.
    pub source: Source,
    /// Of what `fraction` is a part.
    pub scope: Scope,
    /// What is done, from 0 to 1.
    pub fraction: f64,
    /// What is counted; of nested bars the innermost.
    pub steps: Option<Steps>,
    /// The epoch it is in.
    pub epoch: Option<Epoch>,
    /// What the text tells about speed.
    pub speed: Speed,
}

/// Speeds in fractions of the whole a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Speed {
    /// Since the bar began, by its own clock.
    pub average: Option<Pace>,
    /// Lately: between the oldest and the newest state of the bar in sight, or as the bar says.
    pub recent: Option<Pace>,
    /// Where it was when it began.
    pub began: Began,
}

/// Where the oldest report in sight was.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Began {
    /// Only the newest report is known.
    #[default]
    Unknown,
    /// The oldest report in sight.
    Earliest(f64),
    /// The first report after it fell back: the program began again.
    Anew(f64),
}

/// A speed, and over how long it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Fractions of the whole a second; more than 0.
    pub per_second: f64,
    /// Seconds.
    pub over: f64,
}

/// A count of a known number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    /// Done.
    pub done: u64,
    /// To be done; at least 1, and not less than `done`.
    pub total: u64,
}

/// An epoch, numbered as the program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epoch {
    /// Its number.
    pub number: u64,
    /// The last number; absent where the program does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
}

/// Who says how far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The file that `ROTA_PROGRESS_FILE` names.
    File,
    /// A line `ROTA_PROGRESS …`.
    Line,
    /// The Trainer of Hugging Face: its bar counts all epochs.
    Trainer,
    /// PyTorch Lightning.
    Lightning,
    /// Keras.
    Keras,
    /// tqdm.
    Tqdm,
}

/// Of what a fraction is a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The whole job, as far as anyone can tell from its output.
    Job,
    /// Something that comes again and again, nobody knows how often: one epoch of an unknown number.
    Part,
}

/// Reads the newest part of what a job wrote; its own line goes before bars.
///
/// ```
/// let reading = rota_progress::of_output(b"loss 0.3\nROTA_PROGRESS 450/1000\n").expect("a line");
/// assert_eq!(reading.fraction, 0.45);
/// ```
pub fn of_output(bytes: &[u8]) -> Option<Reading> {
    of_framed("", bytes)
}

/// Reads the newest part of an output together with a [`frame`] that stands somewhere before it.
pub fn of_framed(frame: &str, bytes: &[u8]) -> Option<Reading> {
    let text = text::lines(&[frame.as_bytes(), newest(bytes)].concat());
    let found = line::of_lines(&text);
    found.or_else(|| select::of_lines(&text))
}

/// Whether the bars in the newest part of an output belong to something that is no longer in it: an epoch, an outer bar.
/// [`frame`] finds it in what was written before, and [`of_framed`] reads both.
pub fn lacks_frame(bytes: &[u8]) -> bool {
    let text = text::lines(newest(bytes));
    line::of_lines(&text).is_none() && select::lacks_frame(&text)
}

/// The last line of a text to which the bars after it belong, such as `Epoch 3/10`.
///
/// ```
/// let before = b"Epoch 3/10\n  1/1000 [>.............................] - ETA: 9s";
/// let newest = b"450/1000 [============>.................] - ETA: 12s";
/// assert!(rota_progress::lacks_frame(newest));
/// let frame = rota_progress::frame(before).expect("an epoch");
/// let fraction = rota_progress::of_framed(&frame, newest).expect("a bar").fraction;
/// assert!((fraction - 0.245).abs() < 1e-9);
/// ```
pub fn frame(bytes: &[u8]) -> Option<String> {
    select::frame(&text::lines(bytes)).map(|line| format!("{}\n", line.text))
}

/// Reads what a job wrote into its progress file: `450/1000`, `45%`, `0.45`, or a line as in its output.
///
/// ```
/// assert_eq!(rota_progress::of_file(b"45%\n").expect("a count").fraction, 0.45);
/// ```
pub fn of_file(bytes: &[u8]) -> Option<Reading> {
    line::of_file(&text::lines(newest(bytes)))
}

fn newest(bytes: &[u8]) -> &[u8] {
    bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or_default()
}
