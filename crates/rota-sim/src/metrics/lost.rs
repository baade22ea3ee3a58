//! Lost work: GPU time of runs that were thrown away ÷ GPU time delivered.
//!
//! A run is thrown away where its node or supervisor was lost, and where its job was queued again to make room. In the
//! second case the program may have kept a checkpoint, which nobody tells us. It has, if its job then ended with exit
//! code 0 after a shorter run: starting over would have taken at least as long again. Every other such run counts as lost,
//! also that of a job that has not ended. So the truth is this value or less.

use super::lives::{Lives, Lost};
use super::number::ratio;
use rota_core::report::{Measure, Target, Unit};

/// The measures: of jobs that keep their work when they make room, and of those that are queued again.
pub fn measures(lives: &Lives) -> [Measure; 2] {
    let lost = |name: &str, sums: Lost, most| {
        let value = ratio(sums.lost, sums.delivered, 100_000);
        let target = Some(Target::AtMost(most));
        Measure { jobs: sums.jobs, ..Measure::new(name, Unit::Percent, value, target) }
    };
    [lost("lost-kept", lives.kept, 1000), lost("lost-requeued", lives.requeued, 5000)]
}
