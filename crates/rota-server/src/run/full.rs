//! A disk that refuses: the state goes back to what is durable, everyone who waits is told, and after a while it is tried
//! again. Nothing that was acknowledged is lost, nor what the engine saw meanwhile.

use super::{Round, Writer};
use crate::ServerError;
use crate::message::Message;
use crate::store::load;
use rota_api::Problem;
use rota_core::units::Span;
use std::sync::Arc;

/// After so long the disk is tried again: each time the state is read anew.
const REFUSED: Span = Span::seconds(5);

impl Writer {
    /// Takes back what could not be kept.
    pub(super) fn take_back(
        &mut self,
        round: Round,
        fault: ServerError,
    ) -> Result<(), ServerError> {
        let loaded = load::load(self.store.path(), self.store.db())?;
        self.cluster = Arc::new(loaded.cluster);
        let later = self.clock.now().after(REFUSED);
        (self.wake, self.again) = (Some(later), self.again.or(Some(later)));
        let full = Problem {
            code: "store-full".into(),
            args: vec![("path".into(), self.store.path().display().to_string())],
            message: fault.to_string(),
        };
        for (reply, _) in round.answers {
            drop(reply.send(Err(full.clone())));
        }
        self.show(round.looks);
        Err(fault)
    }

    /// What the engine saw when it could not be kept is seen again.
    pub(super) fn see_again(&mut self, round: &mut Round) -> Result<(), ServerError> {
        if self.again.take_if(|at| *at <= self.clock.now()).is_some() {
            let seen = self.engine.observe()?;
            self.take(round, Message::Seen(seen));
        }
        Ok(())
    }
}
