//! What a scenario would do, step by step, without a peer: for `--dry-run`.
//!
//! Placeholders stand with the values of the recording, or with a sample; what really goes out is judged again when it does.

use super::guard::{Classified, Guard};
use super::scenario::{Act, ActionStep, Scenario, Send, Via, classified, sent_message};

/// A step as it would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Counted from 1.
    pub number: u32,
    /// What the scenario wants, as reports of a replay have it.
    pub wanted: String,
    /// Of what is sent: what it asks.
    pub classified: Option<Classified>,
    /// Why it would not go out.
    pub forbidden: Option<String>,
}

/// All steps of a scenario, in order.
#[must_use]
pub fn plan(scenario: &Scenario, guard: &Guard) -> Vec<Planned> {
    let steps = scenario.steps.iter().zip(1..);
    let planned = steps.map(|(step, number)| {
        let (wanted, classified) = match &step.act {
            Act::Send(send) => sent(scenario, send),
            Act::Expect(expect) => (format!("expect {}", expect.message), None),
            Act::Await(wait) => {
                let event = wait.session_with_event.as_deref();
                (format!("await {}", event.unwrap_or("a session")), None)
            }
            Act::Action(ActionStep::ConnectionRequest { via, .. }) => {
                let way = match via {
                    Via::Http => "HTTP",
                    Via::Udp => "UDP",
                };
                (format!("connection request by {way}"), None)
            }
        };
        Planned {
            number,
            wanted,
            forbidden: classified.as_ref().and_then(|it| guard.forbids(it)),
            classified,
        }
    });
    planned.collect()
}

/// What would be sent, and what the guard makes of it.
fn sent(scenario: &Scenario, send: &Send) -> (String, Option<Classified>) {
    let wanted = format!("send {}", sent_message(scenario, send));
    (wanted, Some(classified(scenario, send)))
}
