//! What goes wrong with connections: several devices on one, an ACS that hangs up, a challenge that nobody answers.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use http1::auth::{Challenge, Hash};

use crate::conformance::rule::{ACS, CPE};
use crate::conformance::{Closed, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Blame, Outcome, Severity, Side, StepKind};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&SHARED_CONNECTION, &HANGS_UP, &CHALLENGE_UNANSWERED];

const SHARED_CONNECTION: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: &[Blame::Undetermined],
    demands: "Each device has TCP connections of its own to the ACS.",
    why: "A proxy or an aggregating gateway keeps one connection to the ACS and sends several devices' sessions over it. An ACS \
          that ties a session to its socket then answers one phone with the commands for another: parameters of the wrong line \
          are set, and each device by itself looks healthy.",
    mend_cpe: "Where a proxy or gateway stands between, let it open one upstream connection for each downstream connection, or keep connection \
               reuse off for the ACS.",
    mend_acs: "Tie a session to its cookie, not to the TCP connection.",
    bad: "(one connection)\nPOST /acs  Inform of 001122-S1\nPOST /acs  Inform of 001122-S2",
    good: "(connection 1) POST /acs  Inform of 001122-S1\n(connection 2) POST /acs  Inform of 001122-S2",
    wireshark: "xml.tag contains \"Inform\"",
    ..Rule::heuristic("FIELD-002", "devices-share-a-connection", Scope::Device)
};

const HANGS_UP: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: ACS,
    demands: "The ACS answers a request before it closes the connection.",
    why: "The server behind the ACS crashed on the message, or a load balancer cut it off: the phone sees a closed connection, \
          counts a failed session and comes back with a higher RetryCount, for ever. Nothing stands in the phone's log but \
          \"connection closed by peer\".",
    mend_acs: "Look for the exception that this very message raises in the ACS, and for a proxy timeout shorter than its work; \
               answer with a fault or a status if the message cannot be processed.",
    bad: "POST /acs  TransferComplete\n(FIN from the ACS)",
    good: "POST /acs  TransferComplete\nHTTP/1.1 200 OK  TransferCompleteResponse",
    related: &["SESS-019"],
    wireshark: "tcp.flags.fin == 1 || tcp.flags.reset == 1",
    ..Rule::heuristic("FIELD-004", "acs-closes-without-answer", Scope::Session)
};

const CHALLENGE_UNANSWERED: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    demands: "A device that is challenged with 401 sends its credentials.",
    why: "The phone has no user name and password for the ACS, or does not know the scheme that is offered, and gives up at the \
          401. It looks like an ACS that refuses the phone; it is a phone that never tried.",
    mend_cpe: "Set ManagementServer.Username and Password (or their counterparts in the provisioning file); check that the \
               firmware knows the scheme and algorithm of the challenge.",
    mend_acs: "Offer Digest with MD5 and qop=auth, which every device has to know.",
    bad: "POST /acs  Inform\nHTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest ...\n(FIN from the device)",
    good: "POST /acs  Inform\nHTTP/1.1 401 Unauthorized\nPOST /acs  Inform\nAuthorization: Digest ...",
    related: &["AUTH-001"],
    wireshark: "http.response.code == 401",
    of_absence: true,
    ..Rule::heuristic("FIELD-006", "challenge-never-answered", Scope::Session)
};

/// Which device speaks on which connection.
#[derive(Debug, Default)]
pub struct Connections {
    device_of: HashMap<u64, Arc<str>, foldhash::fast::RandomState>,
    by_age: VecDeque<u64>,
}

impl Topic for Connections {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let is_inform = seen.from() == Side::Cpe
            && seen
                .session
                .and_then(|session| session.inform.as_ref())
                .is_some_and(|inform| Arc::ptr_eq(inform, seen.message));
        let Some(device) = seen.message.device.as_ref().filter(|_| is_inform) else {
            return;
        };
        let connection = seen.message.provenance.connection;
        match self.device_of.get(&connection) {
            None => {
                self.by_age.push_back(connection);
                if self.by_age.len() > CONNECTIONS_MAX
                    && let Some(oldest) = self.by_age.pop_front()
                {
                    self.device_of.remove(&oldest);
                }
            }
            Some(before) if before != device => {
                let said = format!("its connection carried the Inform of {before} before");
                findings.add(seen.breaks(&SHARED_CONNECTION).because(said));
            }
            Some(_) => return,
        }
        self.device_of.insert(connection, Arc::clone(device));
    }
}

/// How a session's last connection ended.
#[derive(Debug, Default)]
pub struct Endings {
    authorized: bool,
    /// The last challenge is one that every device has to be able to answer (TR-069 Amendment 3 sections 3.4.4 and 3.4.5).
    answerable: bool,
}

impl Topic for Endings {
    fn message(&mut self, seen: &Seen<'_>, _findings: &mut Findings) {
        self.authorized |=
            seen.is_request() && seen.message.http.view().header("Authorization").is_some();
        if seen.status() == 401 && !seen.is_request() {
            self.answerable = seen.challenges().iter().any(is_answerable);
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        if closed.session.gaps > 0 || closed.facts.damaged {
            return;
        }
        hangs_up(closed, findings);
        if !self.authorized && self.answerable {
            challenge_unanswered(closed, findings);
        }
    }
}

fn hangs_up(closed: &Closed<'_>, findings: &mut Findings) {
    let session = closed.session;
    let Some(last) = session.steps.last().filter(|step| step.from == Side::Cpe) else {
        return;
    };
    let ended = session
        .endings
        .iter()
        .find(|ending| ending.connection == last.connection && ending.time >= last.time);
    let Some(ended) = ended.filter(|ending| ending.by == Side::Acs) else {
        return;
    };
    let what = match &last.kind {
        StepKind::Envelopes(envelopes) => envelopes.first().map_or("the request", |(name, _)| name),
        StepKind::EmptyRequest => "the empty POST",
        _ => return,
    };
    let how = if ended.reset { "resets" } else { "closes" };
    let draft = closed.breaks(&HANGS_UP);
    findings.add(draft.because(format!(
        "the ACS {how} the connection, and {what} has no answer"
    )));
}

/// Basic, or Digest with a nonce and MD5 or MD5-sess.
fn is_answerable(challenge: &Challenge<'_>) -> bool {
    match challenge {
        Challenge::Basic(_) => true,
        Challenge::Digest(digest) => {
            let known = digest.algorithm();
            digest.nonce.is_some() && known.is_none_or(|known| known.hash == Hash::Md5)
        }
        Challenge::Other(_) => false,
    }
}

fn challenge_unanswered(closed: &Closed<'_>, findings: &mut Findings) {
    let session = closed.session;
    let challenged = session
        .steps
        .last()
        .is_some_and(|step| step.kind == StepKind::Challenge && step.status == Some(401));
    if challenged && session.closed_by_peer && session.outcome == Outcome::Rejected {
        let said = "the device gives up at 401 and has sent no credentials in this session";
        findings.add(closed.breaks(&CHALLENGE_UNANSWERED).because(said));
    }
}

/// Connections whose device is remembered: those of some minutes on a large mirror port.
const CONNECTIONS_MAX: usize = 16_384;
