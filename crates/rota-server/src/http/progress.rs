//! Looks at what running jobs write, for as long as the socket answers.

use super::Shared;
use crate::progress::{ROUND, Running, Seen, Watch};
use std::sync::Arc;

/// Looks again and again while jobs run. The writer is asked for the state only after it has changed.
pub async fn keep(shared: Arc<Shared>, mut watch: Watch) {
    let mut changed = shared.changed.clone();
    loop {
        changed.borrow_and_update();
        let Ok(look) = shared.look().await else { return };
        let mut seen = Seen::new(look);
        loop {
            let board = shared.clone();
            let round = tokio::task::spawn_blocking(move || {
                let running = watch.round(&board.progress, seen.cluster(), seen.now());
                (watch, seen, running)
            });
            let Ok((kept, state, running)) = round.await else { return };
            (watch, seen) = (kept, state);
            if running == Running::Nothing {
                if changed.changed().await.is_err() {
                    return;
                }
                break;
            }
            tokio::time::sleep(ROUND).await;
            match changed.has_changed() {
                Ok(true) => break,
                Ok(false) => {}
                Err(_) => return,
            }
        }
    }
}
