//! The pages of the rules about where a request goes and comes from.

use super::form_pages::FORM;
use crate::conformance::rule::{ACS, CPE, a3, cite};
use crate::conformance::{Rule, Scope};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&AUTHORITY, &SEVERAL, &SOURCE, &LISTENS, &CURRENT];

pub(super) const AUTHORITY: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "The authority of the URI is UDPConnectionRequestAddress, or the address and port that the datagram is sent to; without a port it means port 80.",
    why: "Devices that compare the authority with their own address, as an HTTP server compares Host, drop a request for another one; \
          a library that leaves out a port it takes for the usual one is enough.",
    mend_acs: "Write into the URI what the datagram is sent to, with the port unless that is 80.",
    bad: "to 203.0.113.9:40000: GET http://203.0.113.9?ts=... HTTP/1.1",
    good: "to 203.0.113.9:40000: GET http://203.0.113.9:40000?ts=... HTTP/1.1",
    related: &["UCR-003", "UCR-026"],
    wireshark: "udp contains \"GET http\" && udp contains \"sig=\"",
    ..Rule::must("UCR-005", "udp-request-authority", Scope::Device)
};

pub(super) const SEVERAL: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "The ACS sends several copies of a request, since UDP may lose some.",
    why: "With one datagram per request a few per cent of all wake-ups fail for no reason that anybody finds afterwards.",
    mend_acs: "Send the same datagram three times, some ten milliseconds apart.",
    bad: "12:00:00.000 GET http://203.0.113.9:40000?ts=1120673700&id=1234...",
    good: "12:00:00.000 GET http://203.0.113.9:40000?ts=1120673700&id=1234...\n12:00:00.050 the same\n12:00:00.100 the same",
    related: &["UCR-012", "UCR-024"],
    wireshark: "udp contains \"GET http\" && udp contains \"sig=\"",
    of_absence: true,
    ..Rule::should("UCR-015", "udp-request-copies", Scope::Device)
};

pub(super) const SOURCE: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "The request comes from the address and port at which the device asks its STUN server.",
    why: "Most NATs let in only what comes from where the device has sent to. A request from another port, or from the ACS's own address \
          instead of the STUN server's, is dropped before the device; one without a NAT comes, so that it works in the laboratory.",
    mend_acs: "Send the request from the STUN server's socket.",
    bad: "STUN: 10.0.0.2:36000 <> 198.51.100.1:3478\nrequest: 198.51.100.1:50123 > 203.0.113.9:40000",
    good: "STUN: 10.0.0.2:36000 <> 198.51.100.1:3478\nrequest: 198.51.100.1:3478 > 203.0.113.9:40000",
    related: &["UCR-026"],
    wireshark: "udp contains \"GET http\" && udp.srcport != 3478",
    ..Rule::must("UCR-016", "udp-request-source", Scope::Device)
};

pub(super) const LISTENS: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.4"), cite("TR-111", "2.2.1.4")],
    demands: "A device that has UDPConnectionRequestAddress listens there for Connection Requests, with and without a NAT.",
    why: "The device keeps its binding alive and reports it, but the socket belongs to a STUN client that was closed again: each request \
          is answered with `port unreachable`, which the NAT seldom passes on.",
    mend_cpe: "Keep one socket open for STUN and Connection Requests, and report its port.",
    bad: "198.51.100.1:3478 > 10.0.0.2:36000 GET http://...?ts=...\n10.0.0.2 > 198.51.100.1 ICMP port unreachable",
    good: "198.51.100.1:3478 > 10.0.0.2:36000 GET http://...?ts=...\n(a session)",
    related: &["UCR-017", "UCR-018"],
    wireshark: "icmp.type == 3 && icmp.code == 3",
    ..Rule::must("UCR-022", "udp-request-port-closed", Scope::Device)
};

pub(super) const CURRENT: Rule = Rule {
    blame: ACS,
    cites: &[
        a3("G.2.2.3"),
        a3("G.2.2.2.1"),
        a3("G.2.2.2.2"),
        cite("TR-111", "2.2.2.3"),
    ],
    demands: "The request goes to where the device's binding stands: to where its last BINDING-CHANGE came from, or to the UDPConnectionRequestAddress last reported.",
    why: "After the NAT has given the device another port, the old one belongs to nobody, or to another device: the request vanishes, or \
          wakes a stranger who ignores it.",
    mend_acs: "Take over each new address from BINDING-CHANGE or from the value change of UDPConnectionRequestAddress, on all nodes at once.",
    bad: "BINDING-CHANGE from 203.0.113.9:40007\nrequest to 203.0.113.9:40000",
    good: "BINDING-CHANGE from 203.0.113.9:40007\nrequest to 203.0.113.9:40007",
    related: &["UCR-016", "UCR-005"],
    wireshark: "udp contains \"GET http\" || udp contains c0:02:00:00",
    ..Rule::must("UCR-026", "udp-request-old-binding", Scope::Device)
};
