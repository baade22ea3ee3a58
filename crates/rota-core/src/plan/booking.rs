//! Bookings: what their owner has paid begins at its time, and ends at its end. Who gets the GPUs is the order's: a booking
//! is a claim.

use super::Pass;
use crate::decision::Decision;

/// Begins the bookings whose time has come, ends those whose time is over.
pub(super) fn begin_and_end(pass: &mut Pass) {
    for (number, booked) in &pass.c.bookings {
        let (when, booking) = (&booked.claim.when, *number);
        if when.until.is_some_and(|until| until <= pass.now) {
            pass.plan.decisions.push(Decision::EndBooking { booking });
        } else if !booked.begun && when.from.is_none_or(|from| from <= pass.now) {
            pass.plan.decisions.push(Decision::BeginBooking { booking });
        }
    }
}
