//! A device that says nothing more after InformResponse, session after session.

use crate::conformance::rules::field::GIVES_UP_AFTER;
use crate::conformance::{Closed, Findings, Rule, Scope, Topic};
use crate::session::{Blame, Severity, Side, StepKind};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&SILENT];

const SILENT: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: &[Blame::Undetermined],
    demands: "A device goes on after InformResponse, with a request or an empty POST.",
    why: "The device cannot read the InformResponse (a namespace it does not know, an XML declaration, chunked coding, a cookie too \
          long for it) and drops the session without a word. RetryCount climbs, the ACS counts an online device, and nothing is \
          ever provisioned.",
    mend_cpe: "Log why the InformResponse was refused; a response that cannot be read should at least show in the device's log.",
    mend_acs: "Compare the InformResponse with one that this model accepts: XML declaration, namespace, Content-Length or chunks, \
               header ID echoed, Set-Cookie length.",
    bad: "POST /acs  Inform, RetryCount 4\nHTTP/1.1 200 OK  InformResponse\n(FIN from the device)",
    good: "POST /acs  Inform, RetryCount 0\nHTTP/1.1 200 OK  InformResponse\nPOST /acs  (empty)",
    related: &["SESS-024"],
    wireshark: "xml.tag contains \"InformResponse\"",
    ..Rule::heuristic("FIELD-003", "silent-after-inform-response", Scope::Device)
};

/// How often in a row, and with which RetryCount.
#[derive(Debug, Default)]
pub struct Silence {
    in_a_row: u32,
    retry_count: u32,
}

impl Topic for Silence {
    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        let last = session.steps.last();
        let silent = closed.is_whole()
            && last.is_some_and(|step| {
                step.from == Side::Acs
                    && matches!(&step.kind, StepKind::Envelopes(envelopes)
                        if envelopes.len() == 1 && envelopes[0].0 == "InformResponse")
            });
        let retry_count = session.retry_count.unwrap_or(0);
        if !silent {
            self.in_a_row = 0;
            return;
        }
        let climbs = self.in_a_row == 0 || retry_count > self.retry_count;
        self.in_a_row = if climbs {
            self.in_a_row.saturating_add(1)
        } else {
            1
        };
        self.retry_count = retry_count;
        if self.in_a_row >= GIVES_UP_AFTER {
            findings.add(closed.breaks(&SILENT).because(format!(
                "the device goes away after InformResponse in {} sessions in a row, RetryCount is {retry_count}",
                self.in_a_row
            )));
        }
    }
}
