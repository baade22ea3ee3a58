//! Rules that hold in every world of a kind, whatever the seed. `ROTA_SEEDS=10` tries ten times as many.

mod busy;
mod gaming;
mod guards;
mod ledgers;
mod lending;
mod look;
mod parts;
mod plans;
mod promises;
mod sameness;
mod sound;
mod thrash;
