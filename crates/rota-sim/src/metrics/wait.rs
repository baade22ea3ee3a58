//! Waits of jobs: from submit to the first start, and from the end of a turn to the next. The time that a job was held,
//! or waited for another job, is none. Waits that go on at the end of the period count as long as they have lasted: who
//! is starved is not left out. No target: how long a job waits is its people's doing too. The promise is to grants
//! ([`super::promise`]).

use super::number::{Rank, span_percentile};
use rota_core::report::{Measure, Unit};
use rota_core::units::Span;

/// The measures.
pub fn measures(waits: &[Span]) -> [Measure; 2] {
    let wait = |name, rank| {
        let value = span_percentile(waits, rank).map(|span| span.0);
        Measure::new(name, Unit::Span, value, None).from_jobs(waits.len())
    };
    [wait("wait-p99", Rank::P99), wait("wait-max", Rank::Max)]
}
