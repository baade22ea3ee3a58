//! Bookings as facts: paid at once, and while their time lasts their owner pays for the GPUs nothing more.

use crate::cluster::{Booking, ClaimId, Cluster};
use crate::event::Event;
use crate::id::{JobId, PersonId};
use crate::policy::who::Account;
use crate::units::Time;

impl Cluster {
    pub(super) fn book(&mut self, at: Time, event: &Event) {
        let Event::Booked { number, lab, grant, person, claim, paid, parts } = event else {
            return;
        };
        let owner = self.accounts.intern(at, &self.policy, Account { lab, grant, person });
        let pool = self.policy.pool_named(&claim.pool).unwrap_or_default();
        self.accounts.charge(at, &self.policy, (owner, pool), (i128::from(*paid), at));
        let (claim, parts) = (claim.clone(), parts.clone());
        let booking = Booking { owner, claim, paid: *paid, parts, booked: at, begun: false };
        self.bookings.insert(*number, booking);
        self.next_booking = self.next_booking.max(number + 1);
        self.index_claims();
    }

    pub(super) fn begin_booking(&mut self, at: Time, number: u64) {
        let Some(booking) = self.bookings.get_mut(&number) else { return };
        booking.begun = true;
        let (owner, jobs) = (booking.owner, self.jobs_on(number));
        self.price_anew(at, owner, &jobs);
    }

    pub(super) fn end_booking(&mut self, at: Time, number: u64, refund: u64) {
        let jobs = self.jobs_on(number);
        let Some(booking) = self.bookings.remove(&number) else { return };
        if refund > 0 {
            let pool = self.policy.pool_named(&booking.claim.pool).unwrap_or_default();
            let sum = (-i128::from(refund), booking.booked);
            self.accounts.charge(at, &self.policy, (booking.owner, pool), sum);
        }
        self.shown.remove(&ClaimId::Booking(number));
        self.index_claims();
        self.price_anew(at, booking.owner, &jobs);
    }

    /// Jobs on the nodes that a booking is about.
    fn jobs_on(&self, number: u64) -> Vec<JobId> {
        let here =
            |pins: &[(ClaimId, _)]| pins.iter().any(|(id, _)| *id == ClaimId::Booking(number));
        let nodes = self.nodes.values().filter(|n| here(&n.pins));
        nodes.flat_map(|n| n.holders.iter().copied()).collect()
    }

    /// What a person's jobs cost after one of their bookings began or ended.
    fn price_anew(&mut self, at: Time, owner: PersonId, jobs: &[JobId]) {
        let name = self.accounts.person(owner).name.clone();
        for id in jobs {
            let Some(job) = self.jobs.get(id).cloned() else { continue };
            let Some(placement) = job.holds() else { continue };
            let rate = self.rate_at(&job, placement);
            if rate != job.rate && self.accounts.person(job.owner).name == name {
                self.change(at, *id, |j| j.rate = rate);
            }
        }
    }
}
