//! GPUs through the driver's own libraries, opened when they are needed: without a driver there is no GPU, and no failure.
//!
//! Calls into a driver can hang or crash, so every one is made in a helper process of this binary, never in the server.
//!
//! Reading order: [`Libraries`] where they are, `driver` what versions can do, `cuda` the calls, `helper` who makes them,
//! `client` deadlines, `suspend` the steps there and back.

mod card;
mod client;
mod cuda;
mod driver;
pub mod helper;
mod libraries;
pub(crate) mod suspend;

pub use card::Card;
pub(crate) use client::{Helper, Pids};
pub use driver::Driver;
pub use libraries::Libraries;

/// The word after the program's name that makes it the helper.
pub const HELPER: &str = "gpu-helper";
