//! Ways to look at what came of a world.

use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::{JobId, PersonId};
use rota_core::job::Job;
use rota_core::ledger::PurseId;
use rota_core::policy::who::Who;
use rota_core::policy::{Budget, WhenSpent};
use rota_core::units::Time;
use rota_sim::run::World;
use rota_sim::workload::{Mix, Workload};

/// Seeds to try: so many, times `ROTA_SEEDS`.
pub fn seeds(many: u64) -> std::ops::Range<u64> {
    let times = std::env::var("ROTA_SEEDS").ok().and_then(|t| t.parse().ok()).unwrap_or(1);
    let first = std::env::var("ROTA_SEED").ok().and_then(|t| t.parse().ok());
    first.map_or(0..many * times, |seed| seed..seed + 1)
}

/// Prints every fact of a world, where one seed is looked at alone.
pub fn show(world: &World) {
    if std::env::var_os("ROTA_SEED").is_none() {
        return;
    }
    for (at, fact) in &world.log {
        let hours = at.since(rota_sim::workload::monday()).0 / 60_000;
        let fact = serde_json::to_string(fact).expect("plain data");
        println!("{}h{:02} {} {fact}", hours / 60, hours % 60, at.0);
    }
}

/// Plays the world of a seed.
///
/// # Panics
/// If something that must hold in every state did not.
pub fn played(seed: u64, mix: &Mix) -> (Workload, World) {
    let workload = Workload::of(seed, mix);
    let world = workload.play(None);
    show(&world);
    assert_eq!(world.wrong, Vec::<String>::new(), "seed {seed}");
    (workload, world)
}

/// Looks at each fact, and at the state before it.
pub fn facts(world: &World, mut look: impl FnMut(&Cluster, Time, &Event)) {
    let mut cluster = Cluster::default();
    for (at, fact) in &world.log {
        look(&cluster, *at, fact);
        cluster.apply(*at, fact);
    }
}

/// Looks at the state at the end of each moment, when nothing more was decided; and at the moment of the next fact.
pub fn moments(world: &World, mut look: impl FnMut(&Cluster, Time, Option<Time>)) {
    let mut cluster = Cluster::default();
    let mut facts = world.log.iter().peekable();
    while let Some((at, fact)) = facts.next() {
        cluster.apply(*at, fact);
        let next = facts.peek().map(|(next, _)| *next);
        if next != Some(*at) {
            look(&cluster, *at, next);
        }
    }
}

/// The job that a fact is about.
///
/// # Panics
/// If it is not there.
pub fn job(c: &Cluster, id: JobId) -> &Job {
    c.job(id).expect("facts are about jobs that are there")
}

/// The name of the class of a job.
pub fn class<'c>(c: &'c Cluster, job: &Job) -> &'c rota_core::policy::Class {
    c.policy.class(job.spec.class.as_deref())
}

/// What was spent of a budget in its period.
pub fn spent(c: &Cluster, budget: &Budget, who: Who, now: Time) -> u128 {
    let purse = c.accounts.purses.get(&PurseId::new(budget, who));
    purse.map_or(0, |p| p.spent_at(now, &c.policy, budget))
}

/// Whether a person's purses are all unspent, but for those that are only shown.
pub fn has_means(c: &Cluster, person: PersonId, now: Time) -> bool {
    let account = c.accounts.account(person);
    let counts = |budget: &&Budget| budget.when_spent != WhenSpent::Show;
    c.policy.budgets.iter().filter(counts).all(|budget| {
        let Some(who) = budget.who.one_of(account) else { return true };
        let spent = spent(c, budget, who, now);
        let in_time = budget.per.around(&c.policy.zone, now).is_some();
        in_time && spent < u128::from(budget.gpu_hours) * 3_600_000
    })
}
