//! 6: purses.

use crate::table::Row;
use rota_core::calendar::Period;
use rota_core::policy::verify::Word;
use rota_core::policy::who::{Scope, Who};
use rota_core::policy::{Budget, WhenSpent};

pub(super) fn read(row: &mut Row, at: usize) -> Budget {
    row.note(Word::Budget, at);
    row.need("who", "who = \"lab/kim/GRANT\"");
    row.need("gpu_hours", "gpu_hours = 12000");
    row.need("per", "per = \"2026\"");
    let spent = [("spare", WhenSpent::Spare), ("stop", WhenSpent::Stop), ("show", WhenSpent::Show)];
    Budget {
        who: row.scope("who").unwrap_or(Scope::One(Who::Everyone)),
        gpu_hours: row.large_decimal("gpu_hours").unwrap_or(0),
        per: row.period("per").unwrap_or(Period::Year),
        when_spent: row.choice("when_spent", &spent).unwrap_or(WhenSpent::Spare),
        stop_at: row.decimal("stop_at"),
    }
}
