//! The tree university > lab > grant > person, and what each has used in each pool that has a ledger of its own.

use crate::id::{GrantId, LabId, LoginId, PersonId};
use crate::ledger::{Decay, Ledger, Ledgers, ONE, Purse, PurseId, pays};
use crate::policy::who::Account;
use crate::policy::{Budget, Policy, PoolId};
use crate::request::Asker;
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Labs, their grants and people, and purses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// Labs by [`LabId`].
    pub labs: Vec<Lab>,
    /// Grants by [`GrantId`]; work on no grant is one with an empty name for each lab.
    pub grants: Vec<Grant>,
    /// People on a grant by [`PersonId`].
    pub people: Vec<Person>,
    /// Uses are inflated relative to this moment.
    pub origin: Time,
    /// What was spent of budgets in their current period.
    #[serde(default)]
    pub purses: BTreeMap<PurseId, Purse>,
    /// People by lab, grant and name. An index; copies of the state share it.
    #[serde(skip)]
    pub by_name: Arc<Names>,
    /// Account names. An index; copies of the state share it.
    #[serde(skip)]
    pub logins: Arc<BTreeMap<String, LoginId>>,
}

/// People by lab, grant and name.
pub type Names = BTreeMap<String, BTreeMap<String, BTreeMap<String, PersonId>>>;

/// A lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lab {
    /// Its name.
    pub name: String,
    /// What its people used.
    pub ledgers: Ledgers,
}

/// A grant of a lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its name; empty for work on no grant.
    pub name: String,
    /// The lab.
    pub lab: LabId,
    /// What was used for it.
    pub ledgers: Ledgers,
}

/// A person, as far as they work on one grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Account name.
    pub name: String,
    /// The grant.
    pub grant: GrantId,
    /// What they used.
    pub ledgers: Ledgers,
    /// The purses that pay for it. An index.
    #[serde(skip)]
    pub purses: Vec<(usize, PurseId)>,
    /// Who they are to the machine, whatever they work on. An index.
    #[serde(skip)]
    pub login: LoginId,
}

impl Accounts {
    /// The person on a grant, if known.
    pub fn find(&self, account: Account) -> Option<PersonId> {
        self.by_name.get(account.lab)?.get(account.grant)?.get(account.person).copied()
    }

    /// The person on a grant; added, with lab and grant, where they are not known.
    pub fn intern(&mut self, now: Time, policy: &Policy, account: Account) -> PersonId {
        if let Some(id) = self.find(account) {
            return id;
        }
        if self.people.is_empty() {
            self.origin = now;
        }
        let at = self.labs.iter().position(|l| l.name == account.lab).unwrap_or_else(|| {
            self.labs.push(Lab { name: account.lab.into(), ledgers: Ledgers::new() });
            self.labs.len() - 1
        });
        let lab = LabId(index(at));
        let same = |g: &Grant| g.lab == lab && g.name == account.grant;
        let at = self.grants.iter().position(same).unwrap_or_else(|| {
            let name = account.grant.to_owned();
            self.grants.push(Grant { name, lab, ledgers: Ledgers::new() });
            self.grants.len() - 1
        });
        let id = PersonId(index(self.people.len()));
        self.people.push(Person {
            name: account.person.into(),
            grant: GrantId(index(at)),
            ledgers: Ledgers::new(),
            purses: purses(policy, account),
            login: LoginId::default(),
        });
        self.name(id, account);
        id
    }

    fn name(&mut self, id: PersonId, account: Account) {
        let lab = Arc::make_mut(&mut self.by_name).entry(account.lab.into()).or_default();
        lab.entry(account.grant.into()).or_default().insert(account.person.into(), id);
        let logins = Arc::make_mut(&mut self.logins);
        let next = LoginId(index(logins.len()));
        self.people[id.0 as usize].login = *logins.entry(account.person.into()).or_insert(next);
    }

    /// Who a person is to the machine.
    pub fn login(&self, id: PersonId) -> LoginId {
        self.person(id).login
    }

    /// A person by number.
    pub fn person(&self, id: PersonId) -> &Person {
        &self.people[id.0 as usize]
    }

    /// A grant by number.
    pub fn grant(&self, id: GrantId) -> &Grant {
        &self.grants[id.0 as usize]
    }

    /// The lab of a person.
    pub fn lab_of(&self, id: PersonId) -> &Lab {
        &self.labs[self.grant_of(id).lab.0 as usize]
    }

    /// The grant of a person.
    pub fn grant_of(&self, id: PersonId) -> &Grant {
        self.grant(self.person(id).grant)
    }

    /// The names of a person on a grant.
    pub fn account(&self, id: PersonId) -> Account<'_> {
        let (person, grant) = (self.person(id), self.grant_of(id));
        Account { lab: &self.lab_of(id).name, grant: &grant.name, person: &person.name }
    }

    /// A person as one who asks about their own jobs.
    pub fn asker(&self, id: PersonId) -> Asker {
        let Account { lab, person, .. } = self.account(id);
        let (lab, person) = (lab.to_owned(), person.to_owned());
        Asker { person, lab, grant: String::new(), admin: false }
    }

    /// Changes what a person, and so grant and lab, holds in a pool, and what their purses pay for it.
    pub fn change_rate(
        &mut self,
        now: Time,
        policy: &Policy,
        (id, pool): (PersonId, PoolId),
        (add, sub): (u64, u64),
    ) {
        self.rebase(now, policy);
        let decay = Decay::new(policy, self.origin);
        let pool = policy.pool_name(policy.ledger_of(pool));
        let person = &mut self.people[id.0 as usize];
        let grant = &mut self.grants[person.grant.0 as usize];
        let lab = &mut self.labs[grant.lab.0 as usize];
        for ledgers in [&mut person.ledgers, &mut grant.ledgers, &mut lab.ledgers] {
            match ledgers.get_mut(pool) {
                Some(ledger) => ledger.change_rate(now, decay, add, sub),
                None => {
                    let mut ledger = Ledger { settled: now, ..Ledger::default() };
                    ledger.change_rate(now, decay, add, sub);
                    ledgers.insert(pool.to_owned(), ledger);
                }
            }
        }
        for (budget, id) in each_once(&person.purses) {
            let Some(budget) = policy.budgets.get(*budget) else { continue };
            let purse = self.purses.entry(id.clone()).or_default();
            purse.used = purse.spent_at(now, policy, budget);
            purse.settled = now;
            purse.rate = (purse.rate + add).saturating_sub(sub);
        }
    }

    /// Books a whole sum at once, such as a booking. Decay counts from `since`: what is given back weighs as much as it
    /// did when it was paid, and returns to its own period's purse only.
    pub fn charge(
        &mut self,
        now: Time,
        policy: &Policy,
        whom: (PersonId, PoolId),
        (sum, since): (i128, Time),
    ) {
        self.change_rate(now, policy, whom, (0, 0));
        let weight = i128::try_from(Decay::new(policy, self.origin).weight(since));
        let inflated = sum.saturating_mul(weight.unwrap_or(i128::MAX));
        let pool = policy.pool_name(policy.ledger_of(whom.1));
        let person = &mut self.people[whom.0.0 as usize];
        let grant = &mut self.grants[person.grant.0 as usize];
        let lab = &mut self.labs[grant.lab.0 as usize];
        for ledgers in [&mut person.ledgers, &mut grant.ledgers, &mut lab.ledgers] {
            let ledger = ledgers.entry(pool.to_owned()).or_default();
            ledger.used = ledger.used.saturating_add_signed(inflated);
        }
        for (at, id) in each_once(&person.purses) {
            let around = |at: Time, b: &crate::policy::Budget| b.per.around(&policy.zone, at);
            let budget = policy.budgets.get(*at);
            if budget.is_none_or(|b| around(now, b) != around(since, b)) {
                continue;
            }
            let purse = self.purses.entry(id.clone()).or_default();
            purse.used = purse.used.saturating_add_signed(sum);
        }
    }

    /// Stops every rate at `now`, before a policy changes what things cost and in which ledger they count.
    pub fn settle_all(&mut self, now: Time, policy: &Policy) {
        let decay = Decay::new(policy, self.origin);
        let people = self.people.iter_mut().map(|p| &mut p.ledgers);
        let all = people
            .chain(self.grants.iter_mut().map(|g| &mut g.ledgers))
            .chain(self.labs.iter_mut().map(|l| &mut l.ledgers));
        for ledger in all.flat_map(BTreeMap::values_mut).filter(|l| l.rate > 0) {
            let rate = ledger.rate;
            ledger.change_rate(now, decay, 0, rate);
        }
        for (id, purse) in &mut self.purses {
            let mut paid = policy.budgets.iter().filter(|b| pays(b, id));
            if let Some(budget) = paid.next() {
                purse.used = purse.spent_at(now, policy, budget);
            }
            (purse.settled, purse.rate) = (now, 0);
        }
    }

    /// Counts from `now` on, with what was used so far as it counts now: before another half-life, in which inflated
    /// numbers would mean something else.
    pub fn begin_anew(&mut self, now: Time, policy: &Policy) {
        let weight = Decay::new(policy, self.origin).weight(now).max(1);
        let people = self.people.iter_mut().map(|p| &mut p.ledgers);
        let all = people
            .chain(self.grants.iter_mut().map(|g| &mut g.ledgers))
            .chain(self.labs.iter_mut().map(|l| &mut l.ledgers));
        for ledger in all.flat_map(BTreeMap::values_mut) {
            ledger.used = (ledger.used / weight).saturating_mul(ONE);
        }
        self.origin = now;
    }

    /// Rebuilds the indexes.
    pub fn reindex(&mut self, policy: &Policy) {
        (self.by_name, self.logins) = Default::default();
        for at in 0..self.people.len() {
            let id = PersonId(index(at));
            let account = self.account(id);
            let names =
                (account.lab.to_owned(), account.grant.to_owned(), account.person.to_owned());
            let paid_by = purses(policy, account);
            self.people[at].purses = paid_by;
            let account = Account { lab: &names.0, grant: &names.1, person: &names.2 };
            self.name(id, account);
        }
    }

    /// Keeps the inflated numbers small: every 16 half-lives all ledgers are divided by 2^16.
    fn rebase(&mut self, now: Time, policy: &Policy) {
        let step = Span(policy.half_life.0.max(1).saturating_mul(16));
        while now.since(self.origin) >= step {
            let decay = Decay::new(policy, self.origin);
            self.origin = self.origin.after(step);
            let people = self.people.iter_mut().map(|p| &mut p.ledgers);
            let all = people
                .chain(self.grants.iter_mut().map(|g| &mut g.ledgers))
                .chain(self.labs.iter_mut().map(|l| &mut l.ledgers));
            for ledger in all.flat_map(BTreeMap::values_mut) {
                // What is held is counted up to here: no weight is known of a time before the origin.
                ledger.change_rate(self.origin, decay, 0, 0);
                ledger.used >>= 16;
            }
        }
    }
}

/// The budgets that pay for an account, with the purse of each.
fn purses(policy: &Policy, account: Account) -> Vec<(usize, PurseId)> {
    let purse = |budget: &Budget| Some(PurseId::new(budget, budget.who.one_of(account)?));
    let budgets = policy.budgets.iter().enumerate();
    budgets.filter_map(|(at, budget)| Some((at, purse(budget)?))).collect()
}

/// Each purse with the first budget that is about it.
fn each_once(purses: &[(usize, PurseId)]) -> impl Iterator<Item = &(usize, PurseId)> {
    let is_first = |at: usize, id: &PurseId| purses.iter().position(|(_, p)| p == id) == Some(at);
    purses.iter().enumerate().filter(move |(at, (_, id))| is_first(*at, id)).map(|(_, paid)| paid)
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 accounts")
}
