//! From when on whoever asks may have the turn of a job that runs: the same of all jobs that hold as much for one side, and
//! worked out once for each visit.

use super::super::fairshare::Owed;
use crate::id::{LabId, PersonId};
use crate::policy::PoolId;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Whose turn it is that is asked for: a lab's by other labs, a person's by those of the same lab.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Side {
    /// Of a lab.
    Lab(LabId),
    /// Of a person.
    Person(PersonId),
}

/// Which answer is that of a side, a ledger and a rate.
pub(in crate::plan) type Seat = usize;

/// Who sits where: a side, with a rate in a ledger.
type Seats = BTreeMap<(Side, PoolId, u64), Seat>;

/// The answers of a visit.
#[derive(Clone, Default)]
pub(in crate::plan) struct Verdicts {
    /// Copies of a pass have them together: holders, which they have together too, note where they sit.
    seats: Rc<RefCell<Seats>>,
    /// Each with the visit for which it was found.
    answers: Vec<(u64, Option<Owed>)>,
    visit: u64,
    /// The lab of who asks.
    lab: Option<LabId>,
}

impl Verdicts {
    /// The seat of those who hold so much in a ledger.
    pub(in crate::plan) fn seat(&self, side: Side, lane: PoolId, rate: u64) -> Seat {
        let mut seats = self.seats.borrow_mut();
        let next = seats.len();
        *seats.entry((side, lane, rate)).or_insert(next)
    }

    /// Somebody else asks, or keys have changed.
    pub(super) fn begin(&mut self, lab: LabId) {
        self.visit += 1;
        self.lab = Some(lab);
    }

    /// Whether a lab is that of who asks.
    pub(super) fn is_own(&self, lab: LabId) -> bool {
        self.lab == Some(lab)
    }

    /// What was found in this visit, if anybody asked.
    pub(super) fn known(&self, seat: Seat) -> Option<Option<Owed>> {
        let (visit, answer) = self.answers.get(seat)?;
        (*visit == self.visit).then_some(*answer)
    }

    /// Keeps what was found. Later questions of the visit are only ever about sooner moments, so none stays none.
    pub(super) fn keep(&mut self, seat: Seat, answer: Option<Owed>) {
        if self.answers.len() <= seat {
            self.answers.resize(seat + 1, (0, None));
        }
        if let Some(known) = self.answers.get_mut(seat) {
            *known = (self.visit, answer);
        }
    }
}
