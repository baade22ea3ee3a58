//! GPUs through the driver's own libraries, opened when they are needed: without a driver there is no GPU, and no failure.
//!
//! Calls into a driver can hang or crash, so every one is made in a helper process of this binary, never in the server.
//! [`reading`] says what is read, [`reader`] is the process that reads it, [`watch`] listens to it.

mod amd;
mod card;
mod libraries;
mod near;
mod nvml;
pub mod reader;
pub mod reading;
mod sysfs;
pub mod watch;

pub use card::{Card, Vendor};
pub use libraries::Libraries;
pub use reading::{Gpu, Machine, Reading, Said, Sample};
use sysfs::Sysfs;
pub use watch::{Heard, Reader, Watch};
