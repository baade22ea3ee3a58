//! What if: a site's own past jobs, or those of a trace, played again on other GPUs or under another policy.
//!
//! In: a [`Site`](crate::compare::Site), and a [`Load`] of jobs. Out: a [`Report`] for each scenario, beside that of the
//! site as it is. Nothing here reads a file or knows a language.

mod booked;
pub mod buy;
pub mod change;
mod load;
pub mod need;
mod past;
mod report;

pub use load::{Load, Widen};
pub use past::past;
pub use report::{GroupWaits, Report, Restless, play};
