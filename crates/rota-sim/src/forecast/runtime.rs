//! How long programs run, by what the site's own jobs did: on each path one stretch of history per group of jobs, so that
//! jobs that are alike run long or short together; and jobs that are known to have run longer than something, without
//! having ended by themselves, count as just that. Jobs of one burst are the most alike: as soon as some of them have begun,
//! the others are taken to run as long as those.

use super::history::{Life, MEMORY, Record};
use super::kin::Kin;
use crate::dice::Dice;
use rota_core::policy::Policy;
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// A group of fewer starts says too little.
pub const ENOUGH: usize = 12;

/// The stretch of history that is drawn from on one path: longer where more jobs draw from it, for many jobs in the queue
/// are as mixed as many jobs of the past.
const STRETCH: usize = 40;

/// What so many jobs of a burst did is half believed.
const DOUBT: usize = 3;

/// Nothing is taken to run more than twice as long as it has.
const LONGEST: f64 = 0.5;

/// Fewer than so many that ran longer say too little.
const FEW: usize = 3;

/// How long programs of a group ran, in the order in which they began.
#[derive(Clone, Debug, Default)]
struct Group {
    ran: Vec<Ran>,
    /// The times of those that are over, sorted.
    over: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
struct Ran {
    span: Span,
    /// It ended by itself; otherwise it would have run longer.
    is_over: bool,
}

/// All groups.
#[derive(Clone, Debug, Default)]
pub struct Runtimes {
    groups: BTreeMap<u64, Group>,
    /// How many jobs draw from each group.
    crowds: BTreeMap<u64, usize>,
}

/// The model that runtimes are measured on: speeds are relative to it.
pub const MEASURE: &str = "A100";

impl Runtimes {
    /// By what is known at a moment. Times on other models are converted by the speeds of the policy.
    pub fn new<'h>(jobs: impl Iterator<Item = &'h Record>, policy: &Policy, now: Time) -> Runtimes {
        let mut speeds: BTreeMap<&str, u64> = BTreeMap::new();
        let mut begun: Vec<(Time, &Kin, Ran)> = Vec::new();
        for job in jobs {
            let (known, is_over) = match &job.life {
                Life::Runs(ran) | Life::Cut(ran) => (ran, false),
                Life::Over(ran) => (ran, true),
                Life::Waits | Life::Left(_) => continue,
            };
            if now.since(known.began) > MEMORY {
                continue;
            }
            let speed = known.model.as_deref().map_or(1000, |model| {
                *speeds.entry(model).or_insert_with(|| u64::from(policy.prices.speed(model)))
            });
            let span = Span(known.until(now).0.saturating_mul(speed) / 1000);
            begun.push((known.began, &job.kin, Ran { span, is_over }));
        }
        begun.sort_by_key(|(at, ..)| *at);
        let mut groups: BTreeMap<u64, Group> = BTreeMap::new();
        for (_, kin, ran) in begun {
            for key in kin.groups() {
                let group = groups.entry(key).or_default();
                group.ran.push(ran);
                group.over.extend(ran.is_over.then_some(ran.span));
            }
        }
        groups.values_mut().for_each(|group| group.over.sort_unstable());
        Runtimes { groups, crowds: BTreeMap::new() }
    }

    /// The same for these jobs, all of which will draw.
    pub fn for_all<'k>(mut self, jobs: impl Iterator<Item = &'k Kin>) -> Runtimes {
        for kin in jobs {
            *self.crowds.entry(kin.burst).or_default() += 1;
            if let Some((key, _)) = self.likest(kin) {
                *self.crowds.entry(key).or_default() += 1;
            }
        }
        self
    }

    /// A running time, on [`MEASURE`], of a program that has run for `age` already, on the path of a shock.
    ///
    /// Where too little is known, any time to the walltime is as likely as any other.
    pub fn draw(
        &self,
        kin: &Kin,
        age: Span,
        limit: Option<Span>,
        shock: u64,
        dice: &mut Dice,
    ) -> Span {
        let limit = limit.unwrap_or(Span(u64::MAX));
        let drawn = match self.likest(kin) {
            None if limit.0 < u64::MAX => {
                let left = limit.0.saturating_sub(age.0);
                age.plus(Span(scaled(left, dice.part())))
            }
            None => tail(age.max(Span::hours(1)), dice),
            Some((key, group)) => self
                .as_its_burst(kin, age, shock, dice)
                .or_else(|| self.like((kin, group), key, age, shock, dice))
                .or_else(|| self.longer(kin, age, dice))
                .unwrap_or_else(|| tail(age, dice)),
        };
        drawn.min(limit).max(age)
    }

    /// The finest group of which enough is known.
    fn likest(&self, kin: &Kin) -> Option<(u64, &Group)> {
        let known = |key: &u64| Some((*key, self.groups.get(key)?));
        let enough = |(_, group): &(u64, &Group)| group.ran.len() >= ENOUGH;
        kin.keys.iter().filter_map(known).find(enough)
    }

    /// As one of its burst: the more often, the more of them have begun; on one path all of a burst or none.
    fn as_its_burst(&self, kin: &Kin, age: Span, shock: u64, dice: &mut Dice) -> Option<Span> {
        let group = self.groups.get(&kin.burst)?;
        let known = group.ran.len();
        let is_believed = below(&mut Dice::new(shock ^ kin.burst), known + DOUBT) < known;
        is_believed.then(|| self.like((kin, group), kin.burst, age, shock, dice)).flatten()
    }

    /// As one of a stretch of the group that ran longer than `age`.
    fn like(
        &self,
        (kin, group): (&Kin, &Group),
        key: u64,
        age: Span,
        shock: u64,
        dice: &mut Dice,
    ) -> Option<Span> {
        let crowd = self.crowds.get(&key).copied().unwrap_or(0);
        let stretch = group.stretch(key, crowd.max(STRETCH), shock);
        let longer = |than: Span| stretch.iter().filter(move |ran| ran.span > than);
        let count = if age == Span::ZERO { stretch.len() } else { longer(age).count() };
        if age > Span::ZERO && count < FEW {
            return None;
        }
        let at = below(dice, count);
        let one = if age == Span::ZERO { stretch.get(at) } else { longer(age).nth(at) }?;
        if one.is_over {
            return Some(one.span);
        }
        let over = || longer(one.span).filter(|ran| ran.is_over);
        match over().count() {
            0 => self.longer(kin, one.span, dice),
            count => over().nth(below(dice, count)).map(|ran| ran.span),
        }
        .or_else(|| Some(tail(one.span, dice)))
    }

    /// As one of all the group, or of a coarser one, that ran longer.
    fn longer(&self, kin: &Kin, age: Span, dice: &mut Dice) -> Option<Span> {
        let groups = kin.keys.iter().filter_map(|key| self.groups.get(key));
        groups.filter(|group| group.ran.len() >= ENOUGH).find_map(|group| group.longer(age, dice))
    }
}

impl Group {
    /// The newest stretch, or any.
    fn stretch(&self, key: u64, most: usize, shock: u64) -> &[Ran] {
        let mut dice = Dice::new(shock ^ key);
        let length = most.min((self.ran.len() / 2).max(ENOUGH)).min(self.ran.len());
        let last = self.ran.len() - length;
        let from = if dice.below(100) < 35 { last } else { below(&mut dice, last + 1) };
        self.ran.get(from..from + length).unwrap_or_default()
    }

    fn longer(&self, than: Span, dice: &mut Dice) -> Option<Span> {
        let from = self.over.partition_point(|span| *span <= than);
        let longer = self.over.get(from..).filter(|longer| longer.len() >= FEW)?;
        longer.get(below(dice, longer.len())).copied()
    }
}

/// Beyond everything that was seen, the odds that a program runs n times as long as it has are 1 in n (Downey 1997).
fn tail(age: Span, dice: &mut Dice) -> Span {
    let part = 1.0 - dice.part();
    Span(scaled(age.0, 1.0 / part.max(LONGEST)))
}

fn below(dice: &mut Dice, most: usize) -> usize {
    usize::try_from(dice.below(u32::try_from(most).unwrap_or(u32::MAX))).unwrap_or(0)
}

/// Milliseconds times a factor.
pub fn scaled(millis: u64, factor: f64) -> u64 {
    let seconds = std::time::Duration::from_millis(millis).as_secs_f64() * factor;
    let scaled = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
    u64::try_from(scaled.as_millis()).unwrap_or(u64::MAX)
}
