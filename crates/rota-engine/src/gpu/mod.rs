//! GPUs through the driver's own libraries, opened when they are needed: without a driver there is no GPU, and no failure.
//!
//! Calls into a driver can hang or crash, so every one is made in a helper process of this binary, never in the server.

mod card;
mod libraries;

pub use card::Card;
pub use libraries::Libraries;
