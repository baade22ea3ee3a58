//! Quotes and bookings. Costs are reference GPUs × milliseconds: an A100-80GB for an hour is 3,600,000.

use crate::Account;
use rota_core::forecast::Offered;
use rota_core::job::JobSpec;
use rota_core::quote::Quote;
use rota_core::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// A job whose cost is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskQuote {
    /// What it asks for.
    pub spec: JobSpec,
    /// How many tasks, for an array.
    #[serde(default)]
    pub tasks: Option<u32>,
    /// Whom it would be accounted to.
    #[serde(default)]
    pub account: Account,
}

/// What it will cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Quoted {
    /// The moment.
    pub now: Time,
    /// GPUs are simulated.
    pub simulated: bool,
    /// What costs are counted in, as the policy says it.
    pub unit: String,
    /// Where it may go, and the purses that pay.
    #[serde(flatten)]
    pub quote: Quote,
}

/// How else a job could be asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Options {
    /// The moment.
    pub now: Time,
    /// GPUs are simulated.
    pub simulated: bool,
    /// What costs are counted in, as the policy says it.
    pub unit: String,
    /// As it was asked for first, then by when they are expected to end.
    pub options: Vec<Offered>,
}

/// GPUs that somebody wants at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// How many.
    pub gpus: u32,
    /// In which pool; none: the only one.
    #[serde(default)]
    pub pool: Option<String>,
    /// Acceptable models; empty: any.
    #[serde(default)]
    pub models: Vec<String>,
    /// From when on; none: now.
    #[serde(default)]
    pub from: Option<Time>,
    /// For how long.
    pub length: Span,
    /// What for.
    #[serde(default)]
    pub why: String,
    /// Who pays.
    #[serde(default)]
    pub account: Account,
}

/// All bookings that are not over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bookings {
    /// The moment.
    pub now: Time,
    /// GPUs are simulated.
    pub simulated: bool,
    /// The first to begin first.
    pub bookings: Vec<BookingRow>,
}

/// A booking.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BookingRow {
    /// Its number.
    pub number: u64,
    /// Person.
    pub person: String,
    /// Lab.
    pub lab: String,
    /// Grant that paid; empty: none.
    pub grant: String,
    /// Pool; empty: nodes in no pool.
    pub pool: String,
    /// Nodes, with the indexes of their GPUs.
    pub gpus: Vec<(String, Vec<u32>)>,
    /// From when on.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// Its time has begun.
    pub begun: bool,
    /// What it cost.
    pub cost: u64,
    /// What for.
    pub why: String,
}

/// A booking was given back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unbooked {
    /// What was paid back.
    pub refund: u64,
}
