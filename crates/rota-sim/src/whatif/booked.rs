//! Bookings of the site's own past, from its event log: made when, for whom, and of what.

use crate::metrics::Before;
use rota_core::book::SHORTEST;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::job::Part;
use rota_core::past::PastBooking;
use rota_core::policy::Claim;
use rota_core::report::Stretch;
use rota_core::units::Time;
use std::collections::BTreeMap;

/// Bookings by their numbers, each with the nodes that it is about.
#[derive(Default)]
pub(super) struct Booked(BTreeMap<u64, (PastBooking, Vec<NodeId>)>);

impl Booked {
    /// Those that there were when the log begins.
    pub fn new(before: &Before) -> Booked {
        let mut booked = Booked::default();
        let bookings = before.iter().flat_map(|(_, c)| c.bookings.iter().map(move |b| (c, b)));
        for (c, (number, booking)) in bookings {
            let who = c.accounts.account(booking.owner);
            let who = [who.person, who.lab, who.grant].map(str::to_owned);
            booked.add(booking.booked, *number, who, (&booking.claim, &booking.parts));
        }
        booked
    }

    /// The next fact.
    pub fn note(&mut self, at: Time, event: &Event) {
        match event {
            Event::Booked { number, lab, grant, person, claim, parts, .. } => {
                let who = [person, lab, grant].map(Clone::clone);
                self.add(at, *number, who, (claim, parts));
            }
            Event::Unbooked { number, .. } => {
                if let Some((booking, _)) = self.0.get_mut(number) {
                    booking.back = Some(at);
                }
            }
            _ => {}
        }
    }

    fn add(
        &mut self,
        made: Time,
        number: u64,
        [person, lab, grant]: [String; 3],
        (claim, parts): (&Claim, &[Part]),
    ) {
        // A booking has both ends.
        let (Some(from), Some(until)) = (claim.when.from, claim.when.until) else { return };
        let booking = PastBooking {
            made,
            person,
            lab,
            grant,
            gpus: parts.iter().map(|part| part.gpus.count()).sum(),
            pool: claim.pool.clone(),
            models: Vec::new(),
            from,
            length: until.since(from),
            back: None,
        };
        self.0.insert(number, (booking, parts.iter().map(|part| part.node).collect()));
    }

    /// Those that were about a time in the period or after it, as far as they were in it.
    pub fn in_period(self, c: &Cluster, period: Stretch) -> Vec<PastBooking> {
        let model = |node: &NodeId| c.nodes.get(node).and_then(|node| node.node.model.clone());
        let cut = |(mut booking, nodes): (PastBooking, Vec<NodeId>)| {
            let until = booking.from.after(booking.length);
            (booking.made, booking.from) =
                (booking.made.max(period.from), booking.from.max(period.from));
            booking.length = until.since(booking.from);
            booking.models = nodes.iter().filter_map(model).collect();
            booking.models.sort_unstable();
            booking.models.dedup();
            // What is left of one that was almost over is no booking.
            let is_in = booking.length >= SHORTEST && booking.made < period.until;
            let is_over = booking.back.is_some_and(|back| back <= period.from);
            (is_in && !is_over).then_some(booking)
        };
        let mut all: Vec<PastBooking> = self.0.into_values().filter_map(cut).collect();
        all.sort_by_key(|booking| booking.made);
        all
    }
}
