//! Randomness from a seed, and from nothing else.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::units::Span;

/// Dice that fall the same way for the same seed.
pub struct Dice(Pcg64);

impl Dice {
    /// Dice of a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(Pcg64::seed_from_u64(seed))
    }

    /// A number below `most`; 0 if there is none.
    pub fn below(&mut self, most: u32) -> u32 {
        self.0.next_u32() % most.max(1)
    }

    /// A number from `least` to `most`.
    pub fn from_to(&mut self, least: u32, most: u32) -> u32 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// A number from 0 to 1, without 1.
    pub fn part(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    /// Yes, once in `n` times.
    pub fn once_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    /// One of them.
    ///
    /// # Panics
    /// If there is none.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let most = u32::try_from(all.len()).expect("few things to choose from");
        &all[self.below(most) as usize]
    }

    /// Some minutes.
    pub fn minutes(&mut self, least: u32, most: u32) -> Span {
        Span::minutes(u64::from(self.from_to(least, most)))
    }
}
