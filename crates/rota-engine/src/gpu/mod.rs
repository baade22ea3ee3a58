//! GPUs through the driver's own libraries, opened when they are needed: without a driver there is no GPU, and no failure.
//!
//! Calls into a driver can hang or crash, so every one is made in a helper process of this binary, never in the server.
//!
//! Reading order: [`Libraries`] where they are, [`reading`] what is read, [`reader`] the process that reads it, [`watch`]
//! who listens to it, [`health`] what is wrong; `driver` what versions can do, `cuda` the calls, `helper` who makes them, `client` deadlines,
//! `suspend` the steps there and back.

mod activity;
mod amd;
mod card;
mod client;
mod cuda;
mod driver;
pub mod health;
pub mod helper;
mod libraries;
mod near;
mod nvml;
pub mod reader;
pub mod reading;
pub(crate) mod suspend;
mod sysfs;
pub mod watch;

pub use card::{Card, Vendor};
pub(crate) use client::{Helper, Pids};
pub use driver::Driver;
pub use libraries::Libraries;
pub use reading::{Gpu, Instance, LetsIn, Machine, Reading, Said, Sample};
use sysfs::Sysfs;
pub use watch::{Asker, FAILURES, Heard, Reader, Watch, first};

/// The word after the program's name that makes it the helper.
pub const HELPER: &str = "gpu-helper";

/// The word that, with a number of milliseconds after it, makes it the reader.
pub const READER: &str = "gpu-reader";
