//! What the two sides agree on for TLS: the version, the cipher (TR-069 Amendment 3 section 3.3). Their certificates stand
//! elsewhere.

use cwmp::schema::Version as Cwmp;
use tls::{Suite, Version};

use crate::conformance::rule::{BOTH, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::{Blame, Severity, Side, TlsConnection};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&RC4, &OLD_VERSION];

/// No RC4 in TLS 1.2.
const RC4: Rule = Rule {
    blame: BOTH,
    versions: "1.2 and later",
    cites: &[a3("3.3"), cite("RFC 7465", "2")],
    demands: "RC4 cipher suites are not used with TLS 1.2.",
    why: "RC4 leaks the bytes that each session repeats at the same place, such as the cookie or the password of Basic. Servers and \
          libraries have dropped it since 2015: a phone that knows nothing else gets a handshake_failure alert after the next update \
          of the ACS.",
    mend_cpe: "Leave RC4 out of the suites offered; offer ECDHE with AES-GCM first.",
    mend_acs: "Take RC4 out of the suites of the server, and pick by the server's order.",
    bad: "ServerHello: TLS 1.2, TLS_RSA_WITH_RC4_128_SHA",
    good: "ServerHello: TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    related: &["HTTP-041", "FIELD-024"],
    wireshark: "tls.handshake.type == 2 && tls.handshake.ciphersuite in {0x0004, 0x0005, 0xc007, 0xc011}",
    ..Rule::must("HTTP-040", "no-rc4-in-tls-1-2", Scope::Message)
};

/// Versions before TLS 1.2.
const OLD_VERSION: Rule = Rule {
    blame: &[Blame::Cpe, Blame::Acs, Blame::Undetermined],
    severity: Some(Severity::Warning),
    versions: "1.2 and later",
    cites: &[
        a3("3.3"),
        cite("TR-069 Amendment 2", "3.3"),
        cite("RFC 8996", ""),
    ],
    demands: "Both sides agree on TLS 1.2 or later, not on SSL 3.0, TLS 1.0 or TLS 1.1.",
    why: "Amendment 2 required SSL 3.0 or TLS 1.0, Amendment 3 TLS 1.2, and libraries switch the old versions off with an update: the \
          day the ACS or its load balancer gets it, all phones that know no more get protocol_version alerts and are lost to management.",
    mend_cpe: "Offer TLS 1.2; if the firmware has no such library, ask the vendor for one that has.",
    mend_acs: "Offer TLS 1.2 and later; keep older versions for a port of their own, as long as old phones need them.",
    bad: "ClientHello: TLS 1.2\nServerHello: TLS 1.0",
    good: "ClientHello: TLS 1.2\nServerHello: TLS 1.2",
    related: &["HTTP-040", "I1-019"],
    wireshark: "tls.handshake.type == 2 && tls.handshake.version < 0x0303",
    ..Rule::heuristic("HTTP-041", "old-tls-version", Scope::Message)
};

/// The TLS of a session's connections, each looked at once.
#[derive(Debug, Default)]
pub(in crate::conformance::rules) struct Handshakes {
    last: Option<u64>,
    /// What the one before agreed on.
    agreed: Option<(Option<Version>, Option<Suite>)>,
}

impl Handshakes {
    /// The TLS of a request of the device, where it is another than that of the request before, and the capture holds the whole
    /// handshake: not where a session is resumed, and not where somebody between the two speaks.
    pub fn next<'a>(&mut self, seen: &Seen<'a>) -> Option<&'a TlsConnection> {
        self.another(seen).filter(|tls| !tls.resumed)
    }

    /// The same for whoever looks at version and suite alone: a session that is resumed has those it began with. Where the
    /// connection before it had them too, nothing new is agreed on.
    pub fn next_agreed<'a>(&mut self, seen: &Seen<'a>) -> Option<&'a TlsConnection> {
        let tls = self.another(seen)?;
        let agreed = Some((tls.version, tls.suite));
        let before = std::mem::replace(&mut self.agreed, agreed);
        (!tls.resumed || before != agreed).then_some(tls)
    }

    fn another<'a>(&mut self, seen: &Seen<'a>) -> Option<&'a TlsConnection> {
        let provenance = &seen.message.provenance;
        let tls = provenance.tls.as_deref()?;
        let by_device = seen.is_cwmp() && seen.is_request() && seen.from() == Side::Cpe;
        if !by_device || self.last.replace(provenance.connection) == Some(provenance.connection) {
            return None;
        }
        is_judged(tls, seen).then_some(tls)
    }
}

fn is_judged(tls: &TlsConnection, seen: &Seen<'_>) -> bool {
    tls.complete && tls.client == seen.message.provenance.source && !seen.is_forwarded()
}

/// Looks at what was agreed on.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    handshakes: Handshakes,
}

impl Topic for Agreed {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(tls) = self.handshakes.next_agreed(seen) else {
            return;
        };
        if seen.version() < Cwmp::V1_2 {
            return;
        }
        let frames = tls.answer_frame.as_slice();
        if let Some(suite) = tls.suite.filter(|_| forbids_rc4(tls, seen)) {
            let draft = seen.breaks(&RC4).blame(picked_by(tls, is_rc4));
            let said = format!("{suite} is used with TLS 1.2");
            findings.add(draft.shown_in(frames).because(said));
        }
        if let Some(version) = tls.version.filter(|version| *version < Version::TLS12) {
            let draft = seen.breaks(&OLD_VERSION).blame(held_down_by(tls));
            let said = format!("the two sides agree on {version}");
            findings.add(draft.shown_in(frames).because(said));
        }
    }
}

/// RC4 was agreed on where TR-069 forbids it.
pub(in crate::conformance::rules) fn forbids_rc4(tls: &TlsConnection, seen: &Seen<'_>) -> bool {
    tls.version == Some(Version::TLS12)
        && seen.version() >= Cwmp::V1_2
        && tls.suite.is_some_and(is_rc4)
}

/// Who is to blame for a suite: the ACS picks, but may have been offered no better one.
pub(in crate::conformance::rules) fn picked_by(
    tls: &TlsConnection,
    is_bad: fn(Suite) -> bool,
) -> Blame {
    let offered = tls.offer.as_ref().map(|offer| offer.suites.as_slice());
    let mut better = offered.unwrap_or_default().iter().filter(|suite| {
        let signals = suite.is_grease() || SIGNALS.contains(&suite.0);
        !signals && !is_bad(**suite)
    });
    let offers = offered.is_some_and(|offered| !offered.is_empty());
    if offers && better.next().is_none() {
        Blame::Cpe
    } else {
        Blame::Acs
    }
}

/// Whose highest version it is.
fn held_down_by(tls: &TlsConnection) -> Blame {
    let highest = tls.offer.as_ref().and_then(|offer| {
        let versions = offer.versions.iter().copied();
        let known = versions.filter(|version| version.name().is_some());
        known.chain(offer.legacy_version).max()
    });
    match highest {
        Some(highest) if highest < Version::TLS12 => Blame::Cpe,
        Some(_) => Blame::Acs,
        None => Blame::Undetermined,
    }
}

/// RC4, with a key of full length.
pub(in crate::conformance::rules) fn is_rc4(suite: Suite) -> bool {
    suite.to_string().contains("_RC4_")
}

/// Suites that are none: TLS_EMPTY_RENEGOTIATION_INFO_SCSV and TLS_FALLBACK_SCSV.
const SIGNALS: [u16; 2] = [0x00ff, 0x5600];
