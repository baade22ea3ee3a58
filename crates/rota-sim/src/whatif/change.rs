//! One thing that is different: nodes that come or go, a turn, a promise, a share, or all of the policy.

use crate::compare::Site;
use rota_core::id::{GpuSet, NodeId};
use rota_core::node::Node;
use rota_core::policy::who::Who;
use rota_core::policy::{Policy, Share, Turn};
use rota_core::slice::{self, kind};
use rota_core::units::{Mib, Span, Thousandths};

/// The most nodes that one change adds.
pub const MOST_NODES: u32 = 1000;

/// Nodes of a kind: `2xH100x8` is two nodes of eight H100.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nodes {
    /// How many.
    pub count: u32,
    /// Model of their GPUs.
    pub model: String,
    /// GPUs of each.
    pub gpus: u32,
}

/// One thing that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// More nodes.
    Add(Nodes),
    /// Fewer nodes.
    Remove(Nodes),
    /// Turns of another length, in a pool or everywhere.
    Turn {
        /// The pool; none: where no pool says otherwise.
        pool: Option<String>,
        /// The length.
        slice: Span,
    },
    /// Another promise in a pool.
    MaxWait {
        /// The pool.
        pool: String,
        /// Nobody waits longer.
        wait: Span,
    },
    /// Another weight.
    Share {
        /// Whose.
        who: Who,
        /// Weight in thousandths.
        share: u32,
    },
    /// Another policy.
    Policy(Box<Policy>),
}

/// Why a change cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bad {
    /// The text is not `2xH100x8`.
    Nodes(String),
    /// The text is not `POOL=TIME`.
    Time(String),
    /// The text is not `lab/kim=3`.
    Share(String),
    /// There is no such word.
    Word(String),
    /// The site has no such pool.
    Pool(String),
    /// The site has fewer such nodes: which, and how many.
    Fewer(Nodes, usize),
    /// No node would be left.
    NoNode,
}

impl Nodes {
    /// Reads `2xH100x8`; `H100x8` is one.
    ///
    /// ```
    /// use rota_sim::whatif::change::Nodes;
    /// let nodes = Nodes::parse("2xrtx3090x8").expect("nodes");
    /// assert_eq!((nodes.count, nodes.model.as_str(), nodes.gpus), (2, "RTX3090", 8));
    /// assert_eq!(Nodes::parse("H100x4").map(|n| n.count), Ok(1));
    /// assert_eq!(Nodes::parse("h100-1g.10gbx7").map(|n| n.to_string()), Ok("1xH100-1g.10gbx7".into()));
    /// assert!(Nodes::parse("2xH100").is_err());
    /// ```
    ///
    /// # Errors
    /// Where the text is something else, or names no number that can be.
    pub fn parse(text: &str) -> Result<Nodes, Bad> {
        let bad = || Bad::Nodes(text.to_owned());
        let written = text.trim().replace('×', "x");
        // As long as what is written, so that places in one are places in the other.
        let whole = written.to_ascii_lowercase().replace('*', "x");
        let (rest, gpus) = whole.rsplit_once('x').ok_or_else(bad)?;
        let counted = rest.split_once('x').and_then(|(n, model)| Some((n.parse().ok()?, model)));
        let (count, named) = counted.unwrap_or((1, rest));
        let named = written.get(rest.len() - named.len()..rest.len()).unwrap_or(named);
        let gpus = gpus.parse().map_err(|_| bad())?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.+ ".contains(c);
        let is_named =
            named.chars().any(|c| c.is_ascii_alphabetic()) && named.chars().all(is_plain);
        let model = slice::written(named);
        let fits = (1..=MOST_NODES).contains(&count) && (1..=GpuSet::MOST).contains(&gpus);
        if fits && is_named { Ok(Nodes { count, model, gpus }) } else { Err(bad()) }
    }
}

impl std::fmt::Display for Nodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}x{}", self.count, self.model, self.gpus)
    }
}

impl Change {
    /// Reads a change by its word: `add`, `remove`, `turn`, `max-wait`, `share`.
    ///
    /// # Errors
    /// Where the value is none of that word.
    pub fn parse(word: &str, value: &str) -> Result<Change, Bad> {
        match word {
            "add" => Nodes::parse(value).map(Change::Add),
            "remove" => Nodes::parse(value).map(Change::Remove),
            "turn" => {
                let (pool, slice) =
                    value.split_once('=').map_or((None, value), |(p, t)| (Some(p), t));
                let slice = span(slice, value)?;
                Ok(Change::Turn { pool: pool.map(|p| p.trim().to_owned()), slice })
            }
            "max-wait" => {
                let bad = || Bad::Time(value.to_owned());
                let (pool, wait) = value.split_once('=').ok_or_else(bad)?;
                Ok(Change::MaxWait { pool: pool.trim().to_owned(), wait: span(wait, value)? })
            }
            "share" => {
                let read = || {
                    let (who, share) = value.split_once('=')?;
                    let share = Thousandths::parse(share.trim()).filter(|s| s.0 > 0)?.0;
                    Some(Change::Share { who: Who::parse(who.trim())?, share })
                };
                read().ok_or_else(|| Bad::Share(value.to_owned()))
            }
            _ => Err(Bad::Word(word.to_owned())),
        }
    }

    /// Makes it so.
    ///
    /// # Errors
    /// Where the site has nothing that it is about.
    pub fn apply(&self, site: &mut Site) -> Result<(), Bad> {
        match self {
            Change::Add(nodes) => (0..nodes.count).for_each(|_| add(site, nodes)),
            Change::Remove(nodes) => remove(site, nodes)?,
            Change::Turn { pool: None, slice } => site.policy.turn = *slice,
            Change::Turn { pool: Some(pool), slice } => turn(site, pool)?.slice = *slice,
            Change::MaxWait { pool, wait } => turn(site, pool)?.max_wait = Some(*wait),
            Change::Share { who, share } => {
                let shares = &mut site.policy.shares;
                shares.retain(|line| line.who != *who);
                shares.push(Share { who: who.clone(), share: *share, until: None });
            }
            Change::Policy(policy) => site.policy = policy.as_ref().clone(),
        }
        Ok(())
    }
}

fn span(text: &str, all: &str) -> Result<Span, Bad> {
    Span::parse(text.trim()).map_err(|_| Bad::Time(all.to_owned()))
}

/// The line about turns in a pool; a new one where there is none.
fn turn<'s>(site: &'s mut Site, pool: &str) -> Result<&'s mut Turn, Bad> {
    let policy = &mut site.policy;
    let id = policy.pool_named(pool).ok_or_else(|| Bad::Pool(pool.to_owned()))?;
    let slice = policy.turn_in(id);
    let at = policy.turns.iter().position(|line| line.pool == pool).unwrap_or_else(|| {
        policy.turns.push(Turn { pool: pool.to_owned(), slice, max_wait: None });
        policy.turns.len() - 1
    });
    policy.turns.get_mut(at).ok_or_else(|| Bad::Pool(pool.to_owned()))
}

/// One more node: like those of its model, in their pool.
fn add(site: &mut Site, kind: &Nodes) {
    let is_peer = |node: &&Node| node.model.as_deref() == Some(kind.model.as_str());
    let peer = site.nodes.iter().find(is_peer).cloned();
    let with_gpus = || site.nodes.iter().filter(|node| node.gpus > 0);
    let like = peer.as_ref().or_else(|| with_gpus().max_by_key(|node| node.cpus));
    let known = self::kind(&kind.model);
    let mut node = Node {
        model: Some(kind.model.clone()),
        gpus: kind.gpus,
        price: peer.as_ref().map_or(known.price.unwrap_or(1000), |node| node.price),
        gpu_mem: peer.as_ref().map_or(known.memory, |node| node.gpu_mem),
        slice: peer.as_ref().map_or(known.slice, |node| node.slice.clone()),
        ..Node::default()
    };
    let (gpus, all) = (u128::from(node.thousandths()), |of: &Node| u128::from(of.thousandths()));
    // As many cores and as much memory for a whole GPU as there; a slice has its part of them.
    let part = |whole: u64, of: u128| u64::try_from(u128::from(whole) * gpus / of.max(1));
    let cpus = like.map_or(part(8, 1000), |like| part(u64::from(like.cpus), all(like)));
    let mem = like.map_or(part(64 * 1024, 1000), |like| part(like.mem.0, all(like)));
    node.cpus = cpus.ok().and_then(|cpus| u32::try_from(cpus).ok()).unwrap_or(u32::MAX / 2).max(1);
    node.mem = Mib(mem.unwrap_or(u64::MAX / 2));
    let is_taken = |name: &String| site.nodes.iter().any(|node| node.name == *name);
    let names = (1u64..).map(|n| format!("{}-{n}", kind.model.to_lowercase()));
    let name = names.into_iter().find(|name| !is_taken(name)).unwrap_or_default();
    let pool = peer.as_ref().map(|node| site.policy.pool_of(&node.name));
    if let Some(pool) = pool.filter(|pool| *pool != site.policy.pool_of(&name))
        && let Some(index) = usize::from(pool.0).checked_sub(1)
        && let Some(pool) = site.policy.pools.get_mut(index)
    {
        pool.nodes.push(name.clone());
    }
    let id = site.nodes.iter().map(|node| node.id.0).max().map_or(0, |most| most + 1);
    site.nodes.push(Node { id: NodeId(id), name, ..node });
}

/// The last nodes of the kind.
fn remove(site: &mut Site, kind: &Nodes) -> Result<(), Bad> {
    let is_of_kind =
        |node: &Node| node.model.as_deref() == Some(kind.model.as_str()) && node.gpus == kind.gpus;
    let all = site.nodes.iter().filter(|node| is_of_kind(node)).count();
    let wanted = usize::try_from(kind.count).unwrap_or(usize::MAX);
    let Some(stay) = all.checked_sub(wanted) else { return Err(Bad::Fewer(kind.clone(), all)) };
    let mut seen = 0;
    site.nodes.retain(|node| {
        seen += usize::from(is_of_kind(node));
        !is_of_kind(node) || seen <= stay
    });
    if site.nodes.iter().all(|node| node.gpus == 0) { Err(Bad::NoNode) } else { Ok(()) }
}
