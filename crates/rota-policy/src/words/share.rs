//! 2: weights in the tree.

use crate::table::{Edge, Row};
use rota_core::policy::Share;
use rota_core::policy::verify::Word;
use rota_core::policy::who::Who;

pub(super) fn read(row: &mut Row, at: usize) -> Share {
    row.note(Word::Share, at);
    row.need("who", "who = \"lab/kim\"");
    row.need("share", "share = 2");
    Share {
        who: row.who("who").unwrap_or(Who::Everyone),
        share: row.decimal("share").unwrap_or(1000),
        until: row.moment("until", Edge::End),
    }
}
