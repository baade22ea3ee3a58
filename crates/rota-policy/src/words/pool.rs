//! 1: sets of nodes.

use crate::table::Row;
use rota_core::policy::Pool;
use rota_core::policy::verify::Word;

pub(super) fn read(row: &mut Row, at: usize) -> Pool {
    row.note(Word::Pool, at);
    row.need("name", "name = \"h100\"");
    row.need("nodes", "nodes = [\"h1\", \"g[01-36]\"]");
    Pool {
        name: row.text("name").unwrap_or_default(),
        nodes: row.nodes("nodes"),
        own_ledger: row.flag("own_ledger").unwrap_or(false),
        whole_only: row.flag("whole_only").unwrap_or(false),
        mps: row.flag("mps").unwrap_or(false),
    }
}
