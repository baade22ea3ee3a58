//! 8: turns and promises.

use crate::fault::Said;
use crate::table::Row;
use rota_core::policy::Turn;
use rota_core::policy::verify::Word;
use rota_core::units::Span;

/// A line of this word.
pub(super) enum Read {
    /// The turn of every pool that has no line.
    Default(Span),
    /// That of a pool.
    Pool(Turn),
}

pub(super) fn read(row: &mut Row, pools: &mut usize) -> Read {
    row.need("slice", "slice = \"4h\"");
    let slice = row.span("slice").unwrap_or(Span::hours(4));
    if let Some(pool) = row.text("pool") {
        row.note(Word::Turn, *pools);
        *pools += 1;
        return Read::Pool(Turn { pool, slice, max_wait: row.span("max_wait") });
    }
    if !row.has("pool")
        && let Some(value) = row.value("max_wait")
    {
        let message = "a promise is about one pool; say which: pool = \"h100\"";
        row.reader.faults.error(&value.span(), Said::new("policy-promise-needs-pool", [], message));
    }
    row.value("max_wait");
    Read::Default(slice)
}
