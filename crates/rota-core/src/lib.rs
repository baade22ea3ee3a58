//! Decides whose turn it is. Pure: no clock, no input or output, no randomness, and no floating point in decisions.
//!
//! ```text
//! request ─► admit ─► event ─► apply ─► Cluster ─► plan ─► decision ─► engine ─► observation ─► reconcile ─► event
//! ```
//!
//! Read in this order: quantities, things, state, what goes in, what comes out.

pub mod units;

pub mod calendar;
pub mod id;

pub mod fitness;
pub mod gpu;
pub mod node;

pub mod account;
pub mod idle;
pub mod job;
pub mod launch;
pub mod ledger;
pub mod part;
pub mod policy;
pub mod slice;

pub mod cluster;
pub mod index;
pub mod queue;

pub mod request;

pub mod admit;
pub mod allow;

pub mod book;

pub mod purse;

pub mod event;

pub mod apply;

pub mod observation;

pub mod reconcile;

pub mod decision;

pub mod plan;

pub mod forecast;
pub mod past;
pub mod quote;
pub mod report;
pub mod rotation;
pub mod shares;

pub mod check;
