//! What a lab, grant or person is owed among its siblings, as [`crate::shares`] has it, and where two people differ.

use crate::cluster::Cluster;
use crate::id::PersonId;
use crate::policy::who::Who;
use crate::shares::{Branch, Shares};
use serde::{Deserialize, Serialize};

/// How somebody stands among their siblings, in thousandths of a GPU-hour at price, with decay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Who.
    pub who: Who,
    /// Used.
    pub used: u64,
    /// Owed; below zero: had too much.
    pub owed: i64,
}

/// A level of the tree at which two accounts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Of the university.
    Lab,
    /// Of one lab.
    Grant,
    /// Of one grant.
    Person,
}

/// The tier at which two people differ; none: one person on one grant.
pub fn tier(c: &Cluster, a: PersonId, b: PersonId) -> Option<Tier> {
    let grants = (c.accounts.person(a).grant, c.accounts.person(b).grant);
    let labs = (c.accounts.grant(grants.0).lab, c.accounts.grant(grants.1).lab);
    match (a == b, labs.0 == labs.1, grants.0 == grants.1) {
        (true, ..) => None,
        (_, false, _) => Some(Tier::Lab),
        (_, true, false) => Some(Tier::Grant),
        (_, true, true) => Some(Tier::Person),
    }
}

/// How a person's lab, grant or the person stands among siblings in a ledger.
pub fn owed(c: &Cluster, shares: &Shares, pool: &str, person: PersonId, tier: Tier) -> Owed {
    let account = c.accounts.account(person);
    let named = |all: &[Branch], name: &str| all.iter().find(|b| b.name == name).cloned();
    let ledger = shares.ledgers.iter().find(|ledger| ledger.pool == pool);
    let lab = ledger.and_then(|ledger| named(&ledger.labs, account.lab));
    let grant = || named(&lab.as_ref()?.below, account.grant);
    let (who, branch) = match tier {
        Tier::Lab => (Who::Lab(account.lab.into()), lab.clone()),
        Tier::Grant => (Who::Grant(account.lab.into(), account.grant.into()), grant()),
        Tier::Person => {
            let person = grant().and_then(|grant| named(&grant.below, account.person));
            (Who::Person(account.person.into()), person)
        }
    };
    let branch = branch.unwrap_or_default();
    Owed { who, used: branch.used, owed: branch.owed }
}
