//! Bookings that people make, and give back, while others submit jobs.

use super::Replay;
use rota_core::admit::admit;
use rota_core::event::Event;
use rota_core::request::{Asker, Request, Wish};
use rota_core::units::Time;
use std::collections::{BTreeMap, VecDeque};

/// A booking that will be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// When.
    pub at: Time,
    /// By whom.
    pub asker: Asker,
    /// Of what.
    pub wish: Wish,
    /// When it is given back.
    pub back: Option<Time>,
}

/// What is still to be asked, and what came of the rest.
#[derive(Default)]
pub(super) struct Bookings {
    coming: VecDeque<(Time, usize, Ask)>,
    numbers: BTreeMap<usize, u64>,
    refused: BTreeMap<&'static str, u64>,
}

enum Ask {
    Book(Asker, Wish),
    GiveBack(Asker),
}

impl Bookings {
    /// When something is asked next.
    pub fn next(&self) -> Option<Time> {
        self.coming.front().map(|(at, ..)| *at)
    }
}

impl Replay<'_> {
    /// Lets people make these bookings, each when its time comes.
    pub fn with_bookings(mut self, bookings: &[Booking]) -> Self {
        let each = bookings.iter().enumerate().flat_map(|(index, booking)| {
            let Booking { at, asker, wish, back } = booking.clone();
            let given_back = back.map(|back| (back, index, Ask::GiveBack(asker.clone())));
            [(at, index, Ask::Book(asker, wish))].into_iter().chain(given_back)
        });
        let mut coming: Vec<_> = each.collect();
        coming.sort_by_key(|(at, index, _)| (*at, *index));
        self.bookings.coming = coming.into();
        self
    }

    /// Bookings that were refused, by the code of the refusal.
    pub fn refused_bookings(&self) -> &BTreeMap<&'static str, u64> {
        &self.bookings.refused
    }

    /// Asks what is to be asked until a moment.
    pub(super) fn book(&mut self, now: Time, until: Time) {
        while self.bookings.next().is_some_and(|at| at <= until)
            && let Some((_, index, ask)) = self.bookings.coming.pop_front()
        {
            let (asker, request) = match ask {
                Ask::Book(asker, wish) => (asker, Request::Book(wish)),
                Ask::GiveBack(asker) => match self.bookings.numbers.get(&index) {
                    // Where it was refused, or is over.
                    None => continue,
                    Some(number) => (asker, Request::Unbook(*number)),
                },
            };
            match admit(&self.cluster, &asker, &request, now) {
                Ok(facts) => {
                    for fact in &facts {
                        if let Event::Booked { number, .. } = fact {
                            self.bookings.numbers.insert(index, *number);
                        }
                    }
                    self.apply(now, &facts);
                }
                Err(refusal) if matches!(request, Request::Book(_)) => {
                    *self.bookings.refused.entry(refusal.code).or_default() += 1;
                }
                Err(_) => {}
            }
        }
    }
}
