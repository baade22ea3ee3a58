//! What a GPU hour costs: by model, class and time of day. 1000 is an A100-80GB for an hour.

use crate::calendar::{When, Zone};
use crate::part::WHOLE;
use crate::slice::{Named, named};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The site's prices and speeds; what is not here is as [`crate::gpu::known_model`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prices {
    /// Price of a model, or of a slice by its own name.
    pub models: BTreeMap<String, u32>,
    /// Training speed of a model, A100 = 1000: a prior, for those who accept several models.
    pub speeds: BTreeMap<String, u32>,
    /// Factors by time, in thousandths: the product of all that are on.
    pub times: Vec<TimePrice>,
    /// Factor on a booking, which is paid whole, used or not. Default 1500. Too low: everyone books, nobody queues.
    pub booking: u32,
}

/// A factor at some times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimePrice {
    /// Its name.
    pub name: String,
    /// When.
    pub when: When,
    /// Factor in thousandths.
    pub factor: u32,
}

impl Default for Prices {
    fn default() -> Prices {
        Prices {
            models: BTreeMap::new(),
            speeds: BTreeMap::new(),
            times: Vec::new(),
            booking: 1500,
        }
    }
}

impl Prices {
    /// Price of a GPU of a node.
    pub fn of(&self, model: Option<&str>, inventory: u32) -> u32 {
        model.and_then(|m| self.models.get(m)).copied().unwrap_or(inventory)
    }

    /// Speed of a model, of a slice by its part of the cores; 1000 where it is not known.
    pub fn speed(&self, model: &str) -> u32 {
        let part = |slice: Named| self.speed(slice.of.name).saturating_mul(slice.cores) / WHOLE;
        let known = || crate::gpu::known_model(model).map(|m| m.speed);
        let known = || named(model).map(part).or_else(known);
        self.speeds.get(model).copied().or_else(known).unwrap_or(1000).max(1)
    }

    /// The factor at a moment, and until when it holds.
    pub fn factor(&self, zone: &Zone, at: Time) -> (u32, Time) {
        let (mut factor, mut until) = (1000u64, Time::FAR);
        for price in &self.times {
            if price.when.now(zone, at).is_some() {
                factor = factor * u64::from(price.factor) / 1000;
            }
            until = price.when.next_change(zone, at).map_or(until, |change| change.min(until));
        }
        (u32::try_from(factor).unwrap_or(u32::MAX), until)
    }

    /// When hours next begin whose price is below a factor, after a moment and before another, and the name of what lowers
    /// it.
    pub fn next_below(
        &self,
        zone: &Zone,
        factor: u32,
        (after, before): (Time, Time),
    ) -> Option<(Time, &str)> {
        let stretches = self.stretches(zone, after, before).into_iter().skip(1);
        let (from, ..) = stretches.into_iter().find(|(.., lower)| *lower < factor)?;
        let is_on = |price: &&TimePrice| price.when.now(zone, from).is_some();
        let lowest = self.times.iter().filter(is_on).min_by_key(|price| price.factor)?;
        Some((from, &lowest.name))
    }

    /// The stretches of one factor between two moments: from, until, factor.
    pub fn stretches(&self, zone: &Zone, from: Time, to: Time) -> Vec<(Time, Time, u32)> {
        let (mut at, mut all) = (from, Vec::new());
        while at < to {
            let (factor, until) = self.factor(zone, at);
            let until = until.min(to);
            all.push((at, until, factor));
            at = until;
        }
        all
    }

    /// What holding something of a `rate` costs: rate × milliseconds × factor.
    ///
    /// ```
    /// use rota_core::calendar::{When, Weekly, Zone};
    /// use rota_core::policy::price::{Prices, TimePrice};
    /// use rota_core::units::{Span, Time};
    /// let night = Weekly { days: [true; 7], from: 22 * 60, to: 8 * 60 };
    /// let when = When { weekly: Some(night), ..When::default() };
    /// let times = vec![TimePrice { name: "night".into(), when, factor: 700 }];
    /// let prices = Prices { times, ..Prices::default() };
    /// let nine_to_nine = prices.cost(&Zone::default(), 1000, Time(Span::hours(9).0), Span::hours(12));
    /// assert_eq!(nine_to_nine, 1000 * u128::from(Span::hours(12).0));
    /// let eight_pm = Time(Span::hours(20).0);
    /// let half_a_day = prices.cost(&Zone::default(), 1000, eight_pm, Span::hours(12));
    /// assert_eq!(half_a_day, 1000 * u128::from(Span::hours(2 + 7).0));
    /// ```
    pub fn cost(&self, zone: &Zone, rate: u64, from: Time, length: Span) -> u128 {
        let stretches = self.stretches(zone, from, from.after(length));
        let cost = |(a, b, factor): &(Time, Time, u32)| {
            u128::from(rate) * u128::from(b.since(*a).0) * u128::from(*factor) / 1000
        };
        stretches.iter().map(cost).sum()
    }
}
