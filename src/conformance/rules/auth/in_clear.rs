//! How the ACS makes sure of the device where nothing is encrypted (TR-069 Amendment 3 section 3.4.4).

use http1::auth::Challenge;

use super::super::http::intermediary::stays_on_host;
use crate::conformance::rule::{ACS, a3};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Outcome, Severity, Side, Transport};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&AUTHENTICATES, &NO_BASIC];

/// The ACS authenticates the device.
const AUTHENTICATES: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.4")],
    demands: "Where the session is not encrypted the ACS authenticates the device by HTTP Digest.",
    why: "Anybody who knows a serial number, and they are counted upwards, can send an Inform in its name and is given the \
          configuration of that line: SIP passwords, provisioning URLs.",
    mend_acs: "Challenge the first Inform of each session with 401 and Digest, also in a test network.",
    bad: "POST (Inform)\n200 (InformResponse)",
    good: "POST (Inform)\n401 WWW-Authenticate: Digest\nPOST (Inform) with Authorization\n200 (InformResponse)",
    related: &["AUTH-002"],
    wireshark: "http.request.method == \"POST\" && !http.authorization",
    of_absence: true,
    ..Rule::must("AUTH-001", "acs-authenticates-device", Scope::Session)
};

/// No Basic in clear.
const NO_BASIC: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.4")],
    demands: "Where the session is not encrypted the ACS asks for Digest, not for Basic.",
    why: "Basic is the password in another alphabet: whoever sees one packet of the session can log in as the device from then on.",
    mend_acs: "Switch Basic off for the plain HTTP port; a device that finds both may choose the weaker.",
    bad: "401 Unauthorized\nWWW-Authenticate: Basic realm=\"acs\"",
    good: "401 Unauthorized\nWWW-Authenticate: Digest realm=\"acs\", nonce=\"5f\", qop=\"auth\"",
    related: &["AUTH-001"],
    wireshark: "http.www_authenticate contains \"Basic\" || http.authbasic",
    ..Rule::must("AUTH-002", "no-basic-in-clear", Scope::Message)
};

/// What one session was authenticated by.
#[derive(Debug, Default)]
pub(super) struct InClear {
    /// Of the last request.
    offered: Option<Scheme>,
    digest: bool,
    basic: bool,
    excused: bool,
    /// It stays on one host.
    local: bool,
    told: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Basic,
    Digest,
    Other,
}

impl Topic for InClear {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        if seen.message.provenance.transport != Transport::Http {
            // A session that went over to TLS authenticates there.
            self.excused = true;
            return;
        }
        match seen.from() {
            Side::Cpe => {
                self.excused |= seen.is_forwarded();
                self.local |= stays_on_host(seen.message);
                self.offered = offered(seen);
            }
            Side::Acs if !seen.message.http.is_interim() => self.answer(seen, findings),
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        let done = matches!(session.outcome, Outcome::Complete | Outcome::Faulted);
        if done
            && closed.is_whole()
            && session.transport == Transport::Http
            && !(self.digest || self.basic || self.excused)
        {
            let inform = closed
                .facts
                .inform
                .as_ref()
                .map(|inform| inform.provenance.frames());
            let draft = closed.breaks(&AUTHENTICATES);
            let draft = match inform {
                Some(frames) => draft.only_in(&frames),
                None => draft,
            };
            let said = "the session was complete and no request of it was authenticated";
            findings.add(self.softened(draft.because(said)));
        }
    }
}

impl InClear {
    fn answer(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let status = seen.status();
        let offered = self.offered.take();
        if matches!(status, 200..=399) {
            self.digest |= offered == Some(Scheme::Digest) || offered == Some(Scheme::Other);
            if offered == Some(Scheme::Basic) {
                self.basic = true;
                let said =
                    "credentials of Basic are accepted on a connection that is not encrypted";
                self.tell(seen.breaks(&NO_BASIC).because(said), findings);
            }
        } else if status == 401 && seen.message.http.head_complete() {
            self.challenge(seen, findings);
        }
    }

    fn challenge(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let has = |is: fn(&Challenge<'_>) -> bool| seen.challenges().iter().any(is);
        if !has(|one| matches!(one, Challenge::Basic(_))) {
            return;
        }
        let digest = has(|one| matches!(one, Challenge::Digest(_)));
        let draft = seen.breaks(&NO_BASIC).header("WWW-Authenticate");
        let draft = if digest {
            let said = "Basic is offered beside Digest on a connection that is not encrypted";
            draft.at_most(Severity::Warning).because(said)
        } else {
            draft.because("Basic alone is offered on a connection that is not encrypted")
        };
        self.tell(draft, findings);
    }

    /// Once a session.
    fn tell(&mut self, draft: Draft, findings: &mut Findings) {
        if !self.excused && !std::mem::replace(&mut self.told, true) {
            findings.add(self.softened(draft));
        }
    }

    /// Nobody listens on the way from a host to itself; and TLS may end there.
    fn softened(&self, draft: Draft) -> Draft {
        if self.local {
            draft.at_most(Severity::Info)
        } else {
            draft
        }
    }
}

fn offered(seen: &Seen<'_>) -> Option<Scheme> {
    let value = seen.message.http.header("Authorization")?;
    let scheme = |name: &[u8]| {
        value
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    Some(if scheme(b"Digest") {
        Scheme::Digest
    } else if scheme(b"Basic") {
        Scheme::Basic
    } else {
        Scheme::Other
    })
}
