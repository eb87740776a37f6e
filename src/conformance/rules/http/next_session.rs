//! What a device takes from one session into the next: the URL of a redirect, its source port (TR-069 Amendment 3 sections
//! 3.2.1.2 and 3.4.2).

use cwmp::schema::Version;

use super::place::{Place, Unread};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&URL_NOT_KEPT, &OTHER_PORT];

/// A redirect is forgotten.
const URL_NOT_KEPT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "The device does not keep the URL of a redirect: the next session begins at the ACS URL that it was configured with.",
    why: "Redirects spread load for one session. A device that keeps the target stays with a server that was to be emptied for \
          maintenance, and knocks at a closed door for days while the URL in its settings would have worked.",
    mend_cpe: "Keep the redirected URL with the session, not in ManagementServer.URL.",
    bad: "session 1: POST /a, 302 to /b, POST /b\nsession 2: POST /b",
    good: "session 1: POST /a, 302 to /b, POST /b\nsession 2: POST /a",
    related: &["HTTP-047"],
    wireshark: "http.response.code in {302, 307} || http.request.method == \"POST\"",
    ..Rule::must("HTTP-033", "redirect-not-kept", Scope::Device)
};

/// Another port after each boot.
const OTHER_PORT: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("3.2.1.2")],
    demands: "The first connection after a boot comes from another source port than the one after the boot before.",
    why: "Before the power went the ACS, or the NAT, had a connection from that port. A SYN from the same port meets the old one \
          and is dropped or answered with a stray ACK: the device waits minutes for its first session.",
    mend_cpe: "Seed the choice of the ephemeral port from something that differs at each boot.",
    bad: "1 BOOT from port 1024; 1 BOOT from port 1024; 1 BOOT from port 1024",
    good: "1 BOOT from port 40112; 1 BOOT from port 51873",
    wireshark: "tcp.flags.syn == 1 && tcp.srcport < 1100",
    ..Rule::should("HTTP-044", "other-port-after-boot", Scope::Device)
};

/// How the sessions of a device begin.
#[derive(Debug, Default)]
pub(super) struct Beginnings {
    session: Option<u32>,
    /// Where the session began, and where it was redirected to.
    first: Option<Unread>,
    there: Option<Place>,
    /// The port of the last session with `1 BOOT`, and how often it was the same as before.
    port: Option<(u16, u32)>,
}

impl Topic for Beginnings {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let (true, Some(session)) = (seen.is_cwmp(), seen.message.session) else {
            return;
        };
        if self.session != Some(session) && seen.from() == Side::Cpe {
            let informs = seen.informed().is_some();
            self.session = Some(session);
            if informs && seen.is_whole() && !seen.is_forwarded() {
                self.begin(seen, findings);
            } else {
                (self.first, self.there) = (None, None);
            }
        } else if seen.from() == Side::Acs {
            self.answer(seen);
        }
    }
}

impl Beginnings {
    fn begin(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let begins_at = Unread::of_request(seen.message);
        if let (Some(first), Some(there)) = (self.first.take(), self.there.take())
            && let (Some(first), Some(now)) = (first.read(), begins_at.read())
        {
            let same =
                |one: &Place, other: &Place| one.is_on_server_of(other) && one.has_target_of(other);
            if same(&now, &there) && !same(&first, &there) {
                let said = format!(
                    "the session begins at {}:{}{}, where a redirect had sent the one before",
                    now.host, now.port, now.target
                );
                findings.add(seen.breaks(&URL_NOT_KEPT).header("").because(said));
            }
        }
        self.first = Some(begins_at);
        self.port_after_boot(seen, findings);
    }

    fn port_after_boot(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(inform) = seen.informed_first() else {
            return;
        };
        let source = seen.message.provenance.source;
        let first = inform.retry_count == Some(0) && seen.message.provenance.from_syn;
        if !inform.has("1 BOOT") || !first || seen.version() < Version::V1_2 {
            return;
        }
        // Behind a NAT the port is the NAT's: the device's own address, which it reports, tells.
        let own = inform.parameters.iter().any(|parameter| {
            parameter.name().ends_with(".ConnectionRequestURL")
                && parameter
                    .value()
                    .and_then(Place::of)
                    .is_some_and(|place| place.host.parse() == Ok(source.ip()))
        });
        if !own {
            return;
        }
        let times = match self.port {
            Some((port, times)) if port == source.port() => times.saturating_add(1),
            _ => 0,
        };
        self.port = Some((source.port(), times));
        if times > 0 {
            let said = format!(
                "the session after the boot comes from port {} again",
                source.port()
            );
            let draft = seen.breaks(&OTHER_PORT).because(said);
            // Once may be chance.
            findings.add(if times > 1 {
                draft
            } else {
                draft.at_most(Severity::Info)
            });
        }
    }

    fn answer(&mut self, seen: &Seen<'_>) {
        if matches!(seen.status(), 302 | 307) {
            let location = seen.message.http.header("Location");
            self.there =
                location.and_then(|location| Place::of(&String::from_utf8_lossy(&location)));
        } else if self.there.is_some()
            && seen.envelopes().any(|envelope| {
                envelope.message_name() == Some("SetParameterValues")
                    && envelope
                        .parameters()
                        .any(|parameter| parameter.name().ends_with(".ManagementServer.URL"))
            })
        {
            // The ACS may mean the device to stay.
            self.there = None;
        }
    }
}
