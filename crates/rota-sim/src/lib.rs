//! Runs the decision function on a simulated clock: the same `admit`, `plan`, `reconcile` and `apply` as live.

pub mod dice;
pub mod gantt;
pub mod metrics;
pub mod page;
pub mod run;
pub mod workload;
