//! Whom a line of the policy is about: a place in the tree university > lab > grant > person.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A place in the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Who {
    /// Nobody: maintenance.
    Nobody,
    /// Everyone.
    Everyone,
    /// A lab: a Unix group.
    Lab(String),
    /// A grant of a lab.
    Grant(String, String),
    /// A person: a Unix account, in whichever lab.
    Person(String),
}

/// An account that is asked about: lab, grant (empty: none), person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account<'a> {
    /// Lab.
    pub lab: &'a str,
    /// Grant; empty: work on no grant.
    pub grant: &'a str,
    /// Person.
    pub person: &'a str,
}

impl Who {
    /// Reads `lab/kim`, `class/CS470` (a course is a group like a lab), `lab/kim/nrf-1`, `person/ana`, `everyone`, `nobody`;
    /// `lab/kim/` is the work of a lab on no grant.
    ///
    /// ```
    /// use rota_core::policy::who::Who;
    /// assert_eq!(Who::parse("lab/kim/nrf-1"), Some(Who::Grant("kim".into(), "nrf-1".into())));
    /// assert_eq!(Who::parse("class/CS470"), Some(Who::Lab("CS470".into())));
    /// assert_eq!(Who::parse("lab/kim/"), Some(Who::Grant("kim".into(), String::new())));
    /// assert_eq!(Who::parse("kim"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Who> {
        let mut parts = text.split('/');
        let (kind, name, rest) = (parts.next()?, parts.next(), parts.next());
        if parts.next().is_some() || name.is_some_and(str::is_empty) {
            return None;
        }
        Some(match (kind, name, rest) {
            ("nobody", None, None) => Who::Nobody,
            ("everyone", None, None) => Who::Everyone,
            ("lab" | "class", Some(lab), None) => Who::Lab(lab.into()),
            ("lab" | "class", Some(lab), Some(grant)) => Who::Grant(lab.into(), grant.into()),
            ("person", Some(person), None) => Who::Person(person.into()),
            _ => return None,
        })
    }

    /// Whether it includes an account.
    pub fn includes(&self, account: Account) -> bool {
        match self {
            Who::Nobody => false,
            Who::Everyone => true,
            Who::Lab(lab) => account.lab == lab,
            Who::Grant(lab, grant) => account.lab == lab && account.grant == grant,
            Who::Person(person) => account.person == person,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::Nobody => write!(f, "nobody"),
            Who::Everyone => write!(f, "everyone"),
            Who::Lab(lab) => write!(f, "lab/{lab}"),
            Who::Grant(lab, grant) => write!(f, "lab/{lab}/{grant}"),
            Who::Person(person) => write!(f, "person/{person}"),
        }
    }
}

impl From<Who> for String {
    fn from(who: Who) -> String {
        who.to_string()
    }
}

impl TryFrom<String> for Who {
    type Error = String;
    fn try_from(text: String) -> Result<Who, String> {
        Who::parse(&text).ok_or_else(|| format!("'{}' is nobody", text.escape_debug()))
    }
}

/// One place in the tree, or each one of a level.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Scope {
    /// All in this place together.
    One(Who),
    /// Each person apart.
    EachPerson,
    /// Each grant apart; work on no grant is one more for each lab.
    EachGrant,
    /// Each lab apart.
    EachLab,
}

impl Scope {
    /// Reads what [`Who::parse`] reads, and `each person`, `each grant`, `each lab`.
    pub fn parse(text: &str) -> Option<Scope> {
        match text {
            "each person" => Some(Scope::EachPerson),
            "each grant" => Some(Scope::EachGrant),
            "each lab" => Some(Scope::EachLab),
            _ => Who::parse(text).map(Scope::One),
        }
    }

    /// The one of the scope that an account belongs to, if any.
    pub fn one_of(&self, account: Account) -> Option<Who> {
        match self {
            Scope::One(who) => who.includes(account).then(|| who.clone()),
            Scope::EachPerson => Some(Who::Person(account.person.into())),
            Scope::EachGrant => Some(Who::Grant(account.lab.into(), account.grant.into())),
            Scope::EachLab => Some(Who::Lab(account.lab.into())),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::One(who) => who.fmt(f),
            Scope::EachPerson => write!(f, "each person"),
            Scope::EachGrant => write!(f, "each grant"),
            Scope::EachLab => write!(f, "each lab"),
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> String {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = String;
    fn try_from(text: String) -> Result<Scope, String> {
        Scope::parse(&text).ok_or_else(|| format!("'{}' is nobody", text.escape_debug()))
    }
}
