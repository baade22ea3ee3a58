//! From when on a running job makes room for another, until when it would, and why.

use super::super::Pass;
use super::super::claim;
use super::super::fairshare::Owed;
use super::super::holder::Holder;
use super::super::order::{Asked, Level};
use super::Cause;
use super::verdict::Side;
use crate::policy::PoolId;
use crate::units::Time;
use std::cmp::Ordering;

/// That a job leaves.
pub(super) struct Leaves {
    pub at: Time,
    pub until: Time,
    pub cause: Cause,
}

/// When a running job leaves for another, if that is before `until`; never, if it need not.
pub(super) fn when(
    pass: &mut Pass,
    asked: &Asked,
    lane: PoolId,
    holder: &Holder,
    until: Time,
) -> Option<Leaves> {
    let (c, now, job) = (pass.c, pass.now, holder.job);
    let from = |at: Time, cause: Cause| Some(Leaves { at, until: Time::FAR, cause });
    // Who asks for more than they claim takes turns like anyone: what they had back would not be theirs to keep.
    if asked.level == Level::Claim {
        let recall = claim::recall(c, now, asked.person, job).map(Cause::Recall);
        return recall.or(holder.idles.then_some(Cause::Idle)).and_then(|cause| from(now, cause));
    }
    if holder.idles {
        return from(now, Cause::Idle);
    }
    let (over, rank) = (holder.over?, holder.rank);
    if rank == 0 && asked.rank > 0 {
        return from(now, Cause::Spare);
    }
    if over >= until {
        return None;
    }
    if matches!(asked.level, Level::Promise(_)) {
        let others = c.accounts.person(asked.person).grant != c.accounts.person(job.owner).grant;
        return from(over, Cause::Turn).filter(|_| others);
    }
    match asked.rank.cmp(&rank) {
        Ordering::Less => None,
        Ordering::Greater => from(over, Cause::Turn),
        Ordering::Equal => {
            let owed = turn_of(pass, asked, (lane, holder), until)?;
            let at = owed.from.max(over);
            (at < owed.until).then_some(Leaves { at, until: owed.until, cause: Cause::Turn })
        }
    }
}

/// When the turn of a job is that of who asks, if that begins before `until`.
fn turn_of(
    pass: &mut Pass,
    asked: &Asked,
    (lane, holder): (PoolId, &Holder),
    until: Time,
) -> Option<Owed> {
    let (owner, rate) = (holder.job.owner, holder.job.rate);
    let (seat, side) = match pass.verdicts.is_own(holder.lab) {
        true => (&holder.among_own, Side::Person(owner)),
        false => (&holder.among_labs, Side::Lab(holder.lab)),
    };
    let seat = *seat.get_or_init(|| pass.verdicts.seat(side, lane, rate));
    let answer = pass.verdicts.known(seat).unwrap_or_else(|| {
        let answer =
            pass.fair.may_take_from((asked.person, owner), (lane, rate), (pass.now, until));
        pass.verdicts.keep(seat, answer);
        answer
    });
    answer.filter(|owed| owed.from < until)
}
