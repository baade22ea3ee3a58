//! A booking breaks no promise: beside what is booked, or before and after it, everyone has their turn in time.

use super::SHORTEST;
use crate::admit::reject;
use crate::cluster::{Booking, Cluster};
use crate::event::Event;
use crate::policy::PoolId;
use crate::policy::verify::longest_wait;
use crate::request::{Rejection, Wish};
use crate::units::{Span, Time};

/// Refuses what would let somebody wait longer than was promised.
pub(super) fn check(
    c: &Cluster,
    booked: &Event,
    (pool, wish): (PoolId, &Wish),
    now: Time,
) -> Result<(), Rejection> {
    let promise = c.policy.turn_rule(pool).and_then(|turn| Some((turn, turn.max_wait?)));
    let Some((turn, promise)) = promise else { return Ok(()) };
    let wait = |c: &Cluster| longest_wait(c, turn, now);
    // Where no promise can be kept already, a booking breaks none.
    let without = wait(&c.with_bookings(|_| false)).filter(|wait| *wait <= promise);
    let Some(without) = without else { return Ok(()) };
    let mut with = c.clone();
    with.apply(now, booked);
    let (from, until) = (wish.from.max(now), wish.from.after(wish.length));
    let meets = |(a, b): (Time, Time), (c, d): (Time, Time)| a < d && c < b;
    let beside = with.with_bookings(|other| meets(stretch(other), (from, until)));
    if wait(&beside).is_some_and(|wait| wait <= promise) {
        return Ok(());
    }
    // Else as if nobody had a turn in the pool while anything is booked there.
    let near = (Time(from.0.saturating_sub(promise.0)), until.after(promise));
    let name = c.policy.pool_name(pool);
    let there = with.bookings.values().filter(|b| b.claim.pool == name).map(stretch);
    let booked = covered(there.filter(|other| meets(*other, near)).collect());
    if without.plus(booked) <= promise {
        return Ok(());
    }
    let others = Span(booked.0.saturating_sub(until.since(from).0));
    let left = Span(promise.0.saturating_sub(without.plus(others).0) / 60_000 * 60_000);
    let most = if left < SHORTEST { "0".to_owned() } else { left.to_string() };
    let way = match most.as_str() {
        "0" => "fewer GPUs, or in another pool".to_owned(),
        most => format!("fewer GPUs, for at most {most}, or in another pool"),
    };
    let message = format!(
        "in pool {name} nobody waits longer than {promise}, and with this booking somebody might; book {way}"
    );
    let args = [("pool", name.to_owned()), ("promise", promise.to_string()), ("most", most)];
    Err(reject("booking-breaks-promise", args, message))
}

fn stretch(booking: &Booking) -> (Time, Time) {
    let when = &booking.claim.when;
    (when.from.unwrap_or(Time(0)), when.until.unwrap_or(Time::FAR))
}

/// How long some stretches of time are together, where they overlap once.
fn covered(mut stretches: Vec<(Time, Time)>) -> Span {
    stretches.sort_unstable();
    let (mut sum, mut seen) = (Span::ZERO, Time(0));
    for (from, until) in stretches {
        sum = sum.plus(until.since(from.max(seen)));
        seen = seen.max(until);
    }
    sum
}
