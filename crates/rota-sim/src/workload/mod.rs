//! Random worlds from a seed: machines, a policy that uses its nine words, people, and what they ask for.
//!
//! A [`Mix`] says what may occur, so that a rule can be tested in the widest kind of world in which it holds.

mod idles;
mod jobs;
mod rules;
mod split;

use crate::dice::Dice;
use crate::run::{Arrival, World};
use rota_core::calendar::{Zone, days};
use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::node::Node;
use rota_core::policy::Policy;
use rota_core::policy::who::Account;
use rota_core::units::{Mib, Span, Time};

/// Whether something may occur in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// It may.
    Yes,
    /// It does not.
    No,
}

impl May {
    fn happens(self) -> bool {
        self == May::Yes
    }
}

/// What may occur in a world.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// Claims: permanent, in hours of the week, rotating.
    pub claims: May,
    /// Dates: shares that end, boosts, budgets.
    pub dates: May,
    /// Classes of several ranks.
    pub classes: May,
    /// Limits.
    pub limits: May,
    /// Prices by time of day.
    pub prices: May,
    /// Jobs that cannot make room, or not in time.
    pub stubborn: May,
    /// Dependencies, arrays, holds, cancels.
    pub asks: May,
    /// Nodes that go down.
    pub losses: May,
    /// Jobs on several nodes.
    pub gangs: May,
    /// Jobs that share a GPU.
    pub parts: May,
    /// GPUs that do nothing for a time, and pins.
    pub idles: May,
    /// How many jobs or arrays.
    pub jobs: (u32, u32),
}

impl Mix {
    /// All that a policy can say and people can ask.
    pub const ALL: Mix = Mix {
        claims: May::Yes,
        dates: May::Yes,
        classes: May::Yes,
        limits: May::Yes,
        prices: May::Yes,
        stubborn: May::Yes,
        asks: May::Yes,
        losses: May::Yes,
        gangs: May::Yes,
        parts: May::Yes,
        idles: May::Yes,
        jobs: (10, 30),
    };

    /// Shares, turns and jobs that make room.
    pub const PLAIN: Mix = Mix {
        claims: May::No,
        dates: May::No,
        classes: May::No,
        limits: May::No,
        prices: May::No,
        stubborn: May::No,
        asks: May::No,
        losses: May::No,
        gangs: May::No,
        parts: May::No,
        idles: May::No,
        jobs: (10, 30),
    };
}

/// People of labs on grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Lab.
    pub lab: String,
    /// Grant; empty: none.
    pub grant: String,
    /// Person.
    pub person: String,
}

impl Member {
    /// As the policy sees it.
    pub fn account(&self) -> Account<'_> {
        Account { lab: &self.lab, grant: &self.grant, person: &self.person }
    }
}

/// A world before it begins.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The rules.
    pub policy: Policy,
    /// The machines.
    pub nodes: Vec<Node>,
    /// The people.
    pub members: Vec<Member>,
    /// What is asked, and what happens, in order of time.
    pub arrivals: Vec<(Time, Arrival)>,
    /// Not a moment longer is simulated.
    pub until: Time,
}

/// Monday 2026-11-23, 00:00 UTC.
pub fn monday() -> Time {
    Zone::default().day(days(2026, 11, 23))
}

impl Workload {
    /// The world of a seed.
    pub fn of(seed: u64, mix: &Mix) -> Workload {
        let dice = &mut Dice::new(seed);
        let mut nodes = machines(dice);
        if mix.parts.happens() {
            split::split(dice, &mut nodes);
        }
        let members = people(dice);
        let policy = rules::policy(dice, mix, &nodes, &members);
        let begins = monday().after(dice.minutes(0, 7 * 24 * 60));
        let mut arrivals = jobs::arrivals(dice, mix, (&policy, &nodes, &members), begins);
        if mix.idles.happens() {
            arrivals.extend(idles::arrivals(dice, begins, mix.jobs.1));
        }
        if mix.parts.happens() {
            arrivals.extend(split::arrivals(dice, begins, mix.jobs.1));
        }
        arrivals.sort_by_key(|(at, _)| *at);
        let until = begins.after(Span::hours(24 * 60));
        Workload { policy, nodes, members, arrivals, until }
    }

    /// The facts before anyone asks for anything.
    pub fn facts(&self) -> Vec<Event> {
        let policy = Event::PolicySet { policy: Box::new(self.policy.clone()), by: String::new() };
        let nodes = self.nodes.iter().map(|node| Event::NodeAdded { node: node.clone() });
        std::iter::once(policy).chain(nodes).collect()
    }

    /// What comes of it; with a seed, with faults.
    pub fn play(&self, faults: Option<u64>) -> World {
        let mut world = World::new(self.facts(), faults);
        world.simulate(self.arrivals.clone(), self.until);
        world
    }
}

/// Two to five nodes of one or two models.
fn machines(dice: &mut Dice) -> Vec<Node> {
    let most = dice.from_to(2, 5);
    let gpus = *dice.one_of(&[1, 2, 4, 4]);
    let models = *dice.one_of(&[&["H100"][..], &["H100", "A100"], &["A100", "A6000", "H100"]]);
    let node = |id| {
        let model = (*dice.one_of(models)).to_owned();
        let price = rota_core::gpu::known_model(&model).map_or(1000, |m| m.price);
        let gpus = if dice.once_in(3) { dice.from_to(1, 4) } else { gpus };
        let cpus = if dice.once_in(4) { 8 } else { 64 };
        let (name, mem) = (format!("n{id}"), Mib(if dice.once_in(4) { 100 } else { 1 << 20 }));
        let gpu_mem = rota_core::gpu::memory_of(&model);
        let model = Some(model);
        Node { id: NodeId(id), name, model, gpus, price, cpus, mem, gpu_mem, ..Node::default() }
    };
    (0..most).map(node).collect()
}

/// Two to four labs, each with work on no grant or on up to three, of one or two people each.
fn people(dice: &mut Dice) -> Vec<Member> {
    let mut members = Vec::new();
    for lab in ["kim", "lee", "park", "choi"].iter().take(dice.from_to(2, 4) as usize) {
        let grants = dice.below(3);
        for grant in 0..=grants {
            let name = if grant == 0 { String::new() } else { format!("{lab}-{grant}") };
            for person in 0..dice.from_to(1, 2) {
                let (lab, grant, person) = ((*lab).into(), name.clone(), format!("{lab}{person}"));
                members.push(Member { lab, grant, person });
            }
        }
    }
    members
}
