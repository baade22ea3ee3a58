//! 5: never more than.

use crate::fault::Said;
use crate::table::Row;
use rota_core::policy::Limit;
use rota_core::policy::verify::Word;
use rota_core::policy::who::{Scope, Who};

pub(super) fn read(row: &mut Row, at: usize) -> Limit {
    row.note(Word::Limit, at);
    row.need("who", "who = \"each person\"");
    let limits = ["gpus", "jobs", "gpus_per_job", "max_time", "booked_gpu_days"];
    let limit = Limit {
        who: row.scope("who").unwrap_or(Scope::One(Who::Everyone)),
        pool: row.text("pool"),
        class: row.text("class"),
        gpus: row.count("gpus"),
        jobs: row.count("jobs"),
        gpus_per_job: row.count("gpus_per_job"),
        max_time: row.span("max_time"),
        booked_gpu_days: row.decimal("booked_gpu_days"),
    };
    // A misspelt limit has been named by then.
    if row.rest().is_empty() && !limits.iter().any(|key| row.has(key)) {
        let list = limits.join(", ");
        let message = format!("this limit limits nothing; say one of {list}");
        let at = row.at.clone();
        row.reader
            .faults
            .error(&at, Said::new("policy-limits-nothing", [("known", list)], message));
    }
    limit
}
