//! Reports of a period, with numbers that were worked out by hand.

mod by_hand;
mod ledger;
mod log;
mod worlds;
