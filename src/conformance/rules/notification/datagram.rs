//! One lightweight notification: envelope, elements, order, types (cwmp-UDPLightweightNotification-1-0.xsd).

use stun::AnomalyKind;
use stun::lwn::Notification;

use super::values::Values;
use crate::conformance::rule::{CPE, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::{Datagram, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&CARRIER, &CONTENT, &SIGNATURE, &TYPES];

const CARRIER: Rule = Rule {
    blame: CPE,
    versions: "1.4",
    cites: &[
        cite("cwmp-UDPLightweightNotification-1-0.xsd", "Notification"),
        cite(
            "TR-181 Issue 2",
            "ManagementServer.UDPLightweightNotificationPort",
        ),
    ],
    demands: "A lightweight notification is a SOAP envelope whose body is Notification of urn:broadband-forum-org:cwmp:lwnotif-1-0, sent \
              to UDPLightweightNotificationHost (or the ACS) at UDPLightweightNotificationPort (or 7547).",
    why: "Nothing answers a datagram. One that goes to the wrong port, or that the receiver's SOAP parser refuses, is lost without a trace, \
          and the ACS shows the old value for a day.",
    mend_cpe: "Wrap Notification into soap:Envelope and soap:Body, and take host and port from the data model.",
    bad: "<lwn:Notification>...</lwn:Notification>        to port 7548",
    good: "<soap:Envelope><soap:Body><lwn:Notification>...        to port 7547",
    related: &["LWN-002"],
    wireshark: "udp contains \"lwnotif-1-0\"",
    ..Rule::must(
        "LWN-001",
        "lightweight-notification-carrier",
        Scope::Message,
    )
};

const CONTENT: Rule = Rule {
    blame: CPE,
    versions: "1.4",
    cites: &[cite(
        "cwmp-UDPLightweightNotification-1-0.xsd",
        "Notification",
    )],
    demands: "Notification holds, in this order and all of its namespace, TS, UN, CN, OUI, ProductClass, SerialNumber and one or more Param \
              with Name and Value; UN is ManagementServer.Username, and OUI six upper-case digits.",
    why: "The ACS finds the device by OUI, product class and serial number, and its parser is generated from the schema: an element out of \
          order or without its prefix makes it drop the whole notification.",
    mend_cpe: "Write the elements in the schema's order, each with the namespace.",
    bad: "<TS>1393633457</TS><lwn:CN>...</lwn:CN><lwn:UN>...</lwn:UN>",
    good: "<lwn:TS>1393633457</lwn:TS><lwn:UN>...</lwn:UN><lwn:CN>...</lwn:CN>",
    related: &["LWN-005"],
    wireshark: "udp contains \"lwnotif-1-0\"",
    ..Rule::must(
        "LWN-002",
        "lightweight-notification-content",
        Scope::Message,
    )
};

const SIGNATURE: Rule = Rule {
    blame: CPE,
    versions: "1.4",
    cites: &[cite("TR-069 Amendment 5", "Annex M")],
    demands: "The notification has a Signature header field: HMAC-SHA1 of the body with ManagementServer.Password, 40 hexadecimal digits.",
    why: "Anybody can send a datagram. An ACS that checks the signature drops what does not fit, and nothing tells the device so.",
    mend_cpe: "Compute the signature over the body as it is sent, with the password that CWMP uses.",
    bad: "POST /lwn HTTP/1.1\nHost: acs.example.org:7547        no Signature",
    good: "POST /lwn HTTP/1.1\nHost: acs.example.org:7547\nSignature: 9414CBB1D9F6D34A50812699DAF0B1FE8F8827CC",
    related: &["LWN-002"],
    wireshark: "udp contains \"lwnotif-1-0\" && udp contains \"Signature\"",
    ..Rule::heuristic(
        "LWN-004",
        "lightweight-notification-signature",
        Scope::Message,
    )
};

const TYPES: Rule = Rule {
    blame: CPE,
    versions: "1.4",
    cites: &[cite("cwmp-UDPLightweightNotification-1-0.xsd", "Param")],
    demands: "The Value of each Param has xsi:type, and TS is a whole number of 32 bits.",
    why: "Value is of anySimpleType: without xsi:type a generated parser does not know what it is and refuses the element. TS in \
          milliseconds is beyond the type and taken for a replay.",
    mend_cpe: "Write xsi:type on each Value, and TS in seconds.",
    bad: "<lwn:Value>1</lwn:Value>",
    good: "<lwn:Value xsi:type=\"xsd:unsignedInt\">1</lwn:Value>",
    related: &["LWN-002"],
    wireshark: "udp contains \"lwnotif-1-0\"",
    ..Rule::must("LWN-005", "lightweight-notification-types", Scope::Message)
};

/// Looks at one notification, with what is known of its device.
pub(super) fn look(
    told: &Notification,
    datagram: &Datagram,
    values: &Values,
    findings: &mut Findings,
) {
    let breaks = |rule: &'static Rule| Draft::of_datagram(rule, datagram);
    if !told.envelope && !told.is_truncated() && !told.anomalies.iter().any(is_broken) {
        let said = "Notification stands without an envelope";
        findings.add(
            breaks(&CARRIER)
                .payload(place(told.body.start))
                .because(said),
        );
    }
    let port = datagram.destination.port();
    if let Some(wanted) = values.port.filter(|wanted| *wanted != port) {
        let said =
            format!("it goes to port {port}, and UDPLightweightNotificationPort is {wanted}");
        // What stands before the ACS may have another port.
        findings.add(breaks(&CARRIER).at_most(Severity::Warning).because(said));
    }
    if let Some(said) = unsigned(told) {
        findings.add(breaks(&SIGNATURE).because(said));
    }
    user_name(told, datagram, values, findings);
    for anomaly in &told.anomalies {
        let Some((rule, said)) = words(anomaly.kind, told) else {
            continue;
        };
        findings.add(breaks(rule).payload(place(anomaly.offset)).because(said));
    }
}

/// What keeps the notification from being signed; whether the signature is right, is another matter.
fn unsigned(told: &Notification) -> Option<&'static str> {
    let Some(signature) = told.header("Signature") else {
        return (!told.is_truncated()).then_some("the notification has no Signature");
    };
    let digits = signature.len() == 40 && signature.iter().all(u8::is_ascii_hexdigit);
    (!digits).then_some("Signature is not the 40 digits of HMAC-SHA1")
}

fn is_broken(anomaly: &stun::Anomaly) -> bool {
    matches!(
        anomaly.kind,
        AnomalyKind::XmlBroken | AnomalyKind::DocumentType
    )
}

fn user_name(told: &Notification, datagram: &Datagram, values: &Values, findings: &mut Findings) {
    let (Some(said), Some(known)) = (&told.username, &values.user_name) else {
        return;
    };
    if !known.is_empty() && said.value.trim() != known {
        let words = format!(
            "UN is {}, and ManagementServer.Username is {known}",
            said.value
        );
        let draft = Draft::of_datagram(&CONTENT, datagram).payload(place(said.offset));
        findings.add(draft.at_most(Severity::Warning).because(words));
    }
}

fn words(kind: AnomalyKind, told: &Notification) -> Option<(&'static Rule, String)> {
    let said = match kind {
        AnomalyKind::ElementMissing => "an element of the schema is missing".to_owned(),
        AnomalyKind::ElementOrder => {
            "an element stands before one that the schema has before it".to_owned()
        }
        AnomalyKind::ElementUnqualified => {
            "an element is not of the notification's namespace".to_owned()
        }
        AnomalyKind::ElementUnknown => "an element is not in the schema".to_owned(),
        AnomalyKind::ElementRepeated => "an element stands there twice".to_owned(),
        AnomalyKind::ElementTooLong => "a text is longer than the schema allows".to_owned(),
        AnomalyKind::OuiOdd => {
            let oui = told.oui.as_ref().map_or("", |oui| oui.value.as_str());
            format!("OUI is {oui}")
        }
        AnomalyKind::ValueTypeMissing => {
            return Some((&TYPES, "a Value has no xsi:type".to_owned()));
        }
        AnomalyKind::TimestampOdd => {
            let stamp = told
                .timestamp
                .as_ref()
                .map_or("", |stamp| stamp.value.as_str());
            return Some((&TYPES, format!("TS is {stamp}")));
        }
        _ => return None,
    };
    Some((&CONTENT, said))
}

fn place(at: usize) -> std::ops::Range<usize> {
    at..at.saturating_add(1)
}
