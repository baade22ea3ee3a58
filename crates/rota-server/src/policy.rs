//! Setting the policy: what the writer does with one.

use rota_api::Problem;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::policy::Policy;
use rota_core::policy::verify::{Severity, verify};
use rota_core::units::{Span, Time};

/// The fact that a policy was set; the first contradiction in it, where there is one: the state may have changed since it
/// was checked.
pub fn set(c: &Cluster, policy: Box<Policy>, by: String, now: Time) -> Result<Event, Problem> {
    let findings = verify(&policy, Some(c), now);
    match findings.into_iter().find(|f| f.severity == Severity::Error) {
        None => Ok(Event::PolicySet { policy, by }),
        Some(wrong) => Err(Problem {
            code: "policy-refused".into(),
            args: vec![("why".into(), wrong.message.clone())],
            message: format!(
                "the policy was not applied: {}; 'rota policy check' shows where",
                wrong.message
            ),
        }),
    }
}

/// What `--turn` means at a start: the default of a server on which nobody has applied a policy.
pub fn default_turn(c: &Cluster, turn: Option<Span>) -> Option<Event> {
    let turn = turn.unwrap_or(Policy::default().turn);
    if c.policy_set.is_some() || c.policy.turn == turn {
        return None;
    }
    let policy = Box::new(Policy { turn, ..c.policy.clone() });
    Some(Event::PolicySet { policy, by: String::new() })
}
