//! Runs the decision function on a simulated clock: the same `admit`, `plan`, `reconcile` and `apply` as live.

pub mod baseline;
pub mod compare;
pub mod dice;
pub mod forecast;
pub mod gantt;
pub mod metrics;
mod outcome;
pub mod page;
pub mod replay;
pub mod run;
pub mod trace;
pub mod whatif;
pub mod workload;
