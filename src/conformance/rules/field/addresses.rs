//! Connection Requests that go astray: a stale or private address in ConnectionRequestURL, a UDP request from another port than the
//! STUN server's.

use std::net::IpAddr;
use std::sync::Arc;

use crate::conformance::rule::{ACS, CPE};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope, Topic};
use crate::session::address::{is_private, url_address};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult as Result, Reason,
    Severity,
};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ADDRESS, &SOURCE];

const ADDRESS: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    demands: "ConnectionRequestURL names an address under which the ACS reaches the device.",
    why: "The device reports the address of its LAN side, or the one that it had before its lease changed. Every Connection Request \
          goes to nobody, or to somebody else, and changes made in the ACS arrive only with the next periodic Inform.",
    mend_cpe: "Report the address of the interface that the session goes out from, and send 4 VALUE CHANGE when it changes; \
               behind a NAT use STUN (TR-069 annex G) or a port mapping.",
    mend_acs: "Show the source address of the last session beside ConnectionRequestURL, so that the difference is seen.",
    bad: "session from 203.0.113.7\nConnectionRequestURL http://192.168.1.20:7547/x7f",
    good: "session from 203.0.113.7\nConnectionRequestURL http://203.0.113.7:7547/x7f",
    related: &["INF-025", "CR-008"],
    wireshark: "xml.cdata contains \"ConnectionRequestURL\"",
    of_absence: true,
    ..Rule::heuristic(
        "FIELD-014",
        "connection-request-address-unreachable",
        Scope::Device,
    )
};

const SOURCE: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: ACS,
    demands: "A UDP Connection Request comes from the address and port of the STUN server.",
    why: "The NAT before the phone lets in only what comes from where the phone itself sends to. A request from another port of the \
          ACS is dropped there without a trace: the binding is right, the signature is right, and the phone never hears of it.",
    mend_acs: "Send the request through the STUN server's own socket, or let the STUN server send it for the ACS.",
    bad: "STUN    10.0.0.2:5060 <-> 198.51.100.1:3478\nrequest 198.51.100.1:40000 -> 203.0.113.7:5060",
    good: "STUN    10.0.0.2:5060 <-> 198.51.100.1:3478\nrequest 198.51.100.1:3478 -> 203.0.113.7:5060",
    related: &["UCR-016"],
    wireshark: "stun || classicstun || udp contains \"GET http://\"",
    of_absence: true,
    ..Rule::heuristic("FIELD-015", "udp-request-from-another-port", Scope::Device)
};

/// Where the device says that it listens, and where it comes from.
#[derive(Debug, Default)]
pub struct Addresses {
    last: Option<Reported>,
}

#[derive(Debug)]
struct Reported {
    host: IpAddr,
    source: IpAddr,
    frames: Arc<[FrameId]>,
}

impl Topic for Addresses {
    fn closed(&mut self, closed: &Closed<'_>, _findings: &mut Findings) {
        let reported = closed.facts.inform.as_ref().and_then(|message| {
            let document = message.soap.as_ref()?;
            let url = document.envelope_refs().find_map(|envelope| {
                let inform = envelope.inform()?;
                let mut all = inform.parameters();
                let url = all.find(|one| one.name().ends_with(".ConnectionRequestURL"))?;
                Some(url.value()?.into_owned())
            })?;
            Some(Reported {
                host: url_address(&url)?,
                source: message.provenance.source.ip(),
                frames: message.provenance.frames().into(),
            })
        });
        if reported.is_some() {
            self.last = reported;
        }
    }

    fn connection_request(&mut self, request: &ConnectionRequest, findings: &mut Findings) {
        let in_vain = matches!(
            request.result,
            Result::NeverArrived | Result::Ignored | Result::NoSession | Result::Refused
        );
        if !in_vain {
            return;
        }
        match request.carrier {
            ConnectionRequestCarrier::Http => self.astray(request, findings),
            ConnectionRequestCarrier::Udp => {
                for reason in &request.reasons {
                    if let Reason::WrongSource { expected } = reason {
                        let said = format!(
                            "it comes from {}, the device's STUN server is {expected}, and no session follows",
                            request.source
                        );
                        findings.add(Draft::of_connection_request(&SOURCE, request).because(said));
                    }
                }
            }
        }
    }
}

impl Addresses {
    fn astray(&self, request: &ConnectionRequest, findings: &mut Findings) {
        let Some(last) = &self.last else {
            return;
        };
        if last.host == last.source || request.destination.ip() != last.host {
            return;
        }
        let kind = if is_private(last.host) && !is_private(last.source) {
            "which is private"
        } else {
            "which is another"
        };
        let said = format!(
            "the device comes from {}, and reports {} in ConnectionRequestURL, {kind}",
            last.source, last.host
        );
        let draft = Draft::of_connection_request(&ADDRESS, request).because(said);
        findings.add(draft.shown_in(&last.frames));
    }
}
