//! The two attributes of TR-111, and USERNAME as it goes with them (TR-111 table 5; TR-069 Amendment 3 table 103).

use stun::kind::{
    BINDING_CHANGE, CHANGE_REQUEST, CONNECTION_REQUEST_BINDING, MESSAGE_INTEGRITY,
    RESPONSE_ADDRESS, USERNAME,
};
use stun::{Form, Message, Value, padded_text};

use super::known::Known;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::{Datagram, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &BINDING,
    &CHANGE,
    &CHANGE_ALONE,
    &PADDING,
    &SEAL_WITHOUT_NAME,
    &CHANGE_WITH_OTHERS,
];

const BINDING: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.4 table 103"), cite("TR-111", "2.2.1.4 table 5")],
    demands: "CONNECTION-REQUEST-BINDING has the 20 bytes `dslforum.org/TR-111 `, the last of them a space.",
    why: "The ACS's STUN server compares all 20 bytes. With 19 of them, or a NUL at the end, the request is an ordinary Binding Request \
          to it: it is answered, the phone's log shows success, and the ACS never learns where to send its Connection Requests.",
    mend_cpe: "Write 64 73 6c 66 6f 72 75 6d 2e 6f 72 67 2f 54 52 2d 31 31 31 20 with the length 0x0014.",
    bad: "c0 01 00 14 \"dslforum.org/TR-111\" 00",
    good: "c0 01 00 14 \"dslforum.org/TR-111\" 20",
    related: &["STUN-004"],
    wireshark: "udp contains c0:01:00 && udp contains \"dslforum.org/TR-111\" && !(udp contains \"dslforum.org/TR-111 \")",
    ..Rule::must(
        "STUN-006",
        "connection-request-binding-value",
        Scope::Message,
    )
};

const CHANGE: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.4 table 103"), cite("TR-111", "2.2.1.4 table 5")],
    demands: "BINDING-CHANGE has no value: its length is 0.",
    why: "A server that expects nothing behind the attribute's header reads the value as the next attribute, and refuses the request \
          for an attribute nobody sent.",
    mend_cpe: "Write c0 02 00 00 and nothing behind it.",
    bad: "c0 02 00 04 00 00 00 01",
    good: "c0 02 00 00",
    wireshark: "udp contains c0:02:00:04",
    ..Rule::must("STUN-007", "binding-change-has-a-value", Scope::Message)
};

const CHANGE_ALONE: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.4 table 103"), cite("TR-111", "2.2.1.4 table 5")],
    demands: "BINDING-CHANGE comes only together with CONNECTION-REQUEST-BINDING.",
    why: "Alone it does not say that this is the port for Connection Requests, so the server has nothing to change, and the ACS goes on \
          sending to the address of before.",
    mend_cpe: "Put CONNECTION-REQUEST-BINDING into every request from the port for Connection Requests, those with BINDING-CHANGE too.",
    bad: "Binding Request: BINDING-CHANGE",
    good: "Binding Request: CONNECTION-REQUEST-BINDING, BINDING-CHANGE",
    related: &["STUN-009"],
    wireshark: "udp contains c0:02:00:00 && !(udp contains \"dslforum.org/TR-111\")",
    ..Rule::must("STUN-008", "binding-change-alone", Scope::Message)
};

const PADDING: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.3"), cite("RFC 3489", "11.2.6")],
    demands: "USERNAME is STUNUsername with spaces behind it up to a multiple of four bytes, and its length counts them.",
    why: "The server cuts trailing spaces and looks the name up. A NUL at the end makes it another name, and a length of 7 breaks the \
          attributes behind it: the device is unknown, its BINDING-CHANGE is refused, and no Connection Request finds it.",
    mend_cpe: "Pad the name with 0x20, not with NUL, and count the padding in the attribute's length.",
    bad: "00 06 00 08 \"user7\" 00 00 00",
    good: "00 06 00 08 \"user7   \"",
    related: &["STUN-004", "STUN-011"],
    wireshark: "classicstun.att.type == 0x0006",
    ..Rule::must("STUN-012", "stun-username-padding", Scope::Message)
};

const SEAL_WITHOUT_NAME: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("G.2.1.1"),
        cite("TR-111", "2.2.4.1 table 6 STUNUsername"),
    ],
    demands: "Where STUNUsername is empty, the device sends no MESSAGE-INTEGRITY at all.",
    why: "Without USERNAME the server does not know whose password to check with and refuses what it could have answered; the device \
          takes the server for broken though nobody asked it to authenticate.",
    mend_cpe: "Leave MESSAGE-INTEGRITY out while STUNUsername is empty, also after a 401.",
    bad: "Binding Request: CONNECTION-REQUEST-BINDING, MESSAGE-INTEGRITY",
    good: "Binding Request: USERNAME, CONNECTION-REQUEST-BINDING, MESSAGE-INTEGRITY",
    related: &["STUN-011", "STUN-013"],
    wireshark: "classicstun.att.type == 0x0008 && !(classicstun.att.type == 0x0006)",
    ..Rule::must(
        "STUN-015",
        "stun-integrity-without-username",
        Scope::Message,
    )
};

const CHANGE_WITH_OTHERS: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.3"), cite("TR-111", "2.2.1.3")],
    demands: "A request with BINDING-CHANGE has neither RESPONSE-ADDRESS nor CHANGE-REQUEST.",
    why: "Both have the answer sent elsewhere or from elsewhere, where the NAT lets nothing in; the 401 that asks the device to \
          authenticate is lost, and the change is never confirmed.",
    mend_cpe: "Send BINDING-CHANGE in a request of its own from the port for Connection Requests.",
    bad: "Binding Request: CONNECTION-REQUEST-BINDING, BINDING-CHANGE, CHANGE-REQUEST",
    good: "Binding Request: CONNECTION-REQUEST-BINDING, BINDING-CHANGE",
    related: &["STUN-024"],
    wireshark: "udp contains c0:02:00:00 && (classicstun.att.type == 0x0002 || classicstun.att.type == 0x0003)",
    ..Rule::must(
        "STUN-027",
        "binding-change-with-response-address",
        Scope::Message,
    )
};

/// Looks at a request of a device's endpoint.
pub(super) fn look(
    message: &Message,
    datagram: &Datagram,
    known: Option<&Known>,
    findings: &mut Findings,
) {
    if message.has_connection_request_binding() {
        odd_binding(message, datagram, findings);
    }
    if message.has_binding_change() {
        change(message, datagram, findings);
    }
    name(message, datagram, known, findings);
    if message.has(MESSAGE_INTEGRITY) {
        seal(message, datagram, known, findings);
    }
}

/// STUN-006, also for a device that is known by its address alone.
pub(super) fn odd_binding(message: &Message, datagram: &Datagram, findings: &mut Findings) {
    let Some(binding) = message.attribute(CONNECTION_REQUEST_BINDING) else {
        return;
    };
    if message.value(binding) != (Value::ConnectionRequestBinding { exact: false })
        || message.is_truncated()
    {
        return;
    }
    let value = message.raw(binding);
    let said = format!("the value has {} bytes: {}", value.len(), shown(value));
    let start = binding.offset.saturating_add(4);
    let draft = Draft::of_datagram(&BINDING, datagram).payload(start..start + value.len());
    let meant = value
        .get(..8)
        .is_some_and(|begin| begin.eq_ignore_ascii_case(b"dslforum"));
    // Another document's 0xC001 is not ours to judge for certain.
    let most = if meant {
        Severity::Error
    } else {
        Severity::Info
    };
    findings.add(draft.at_most(most).because(said));
}

fn change(message: &Message, datagram: &Datagram, findings: &mut Findings) {
    let Some(change) = message.attribute(BINDING_CHANGE) else {
        return;
    };
    let place = change.offset..change.offset + 4;
    let breaks = |rule| Draft::of_datagram(rule, datagram).payload(place.clone());
    if change.length != 0 {
        let said = format!("BINDING-CHANGE has {} bytes", change.length);
        findings.add(breaks(&CHANGE).because(said));
    }
    if !message.has(CONNECTION_REQUEST_BINDING) && !message.is_truncated() {
        findings
            .add(breaks(&CHANGE_ALONE).because("the request has no CONNECTION-REQUEST-BINDING"));
    }
    for (kind, name) in [
        (RESPONSE_ADDRESS, "RESPONSE-ADDRESS"),
        (CHANGE_REQUEST, "CHANGE-REQUEST"),
    ] {
        if message.has(kind) {
            let said = format!("the request has BINDING-CHANGE and {name}");
            findings.add(breaks(&CHANGE_WITH_OTHERS).because(said));
        }
    }
}

fn name(message: &Message, datagram: &Datagram, known: Option<&Known>, findings: &mut Findings) {
    let Some(attribute) = message.attribute(USERNAME) else {
        return;
    };
    if message.form != Form::Rfc3489 || message.is_truncated() {
        return;
    }
    let value = message.raw(attribute);
    let start = attribute.offset.saturating_add(4);
    let breaks = || Draft::of_datagram(&PADDING, datagram).payload(start..start + value.len());
    if value.ends_with(&[0]) {
        let said = format!("USERNAME is padded with NUL: {}", shown(value));
        findings.add(breaks().because(said));
        return;
    }
    if !value.len().is_multiple_of(4) {
        let said = format!("USERNAME has {} bytes", value.len());
        findings.add(breaks().because(said));
        return;
    }
    let known = known.filter(|known| known.holds_at(datagram.time.nanoseconds));
    let Some(name) = known.and_then(|known| known.user_name.as_deref()) else {
        return;
    };
    if name.is_empty() || value == padded_text(name.as_bytes()) {
        return;
    }
    let same = message.username() == Some(name.trim_end_matches(' ').as_bytes());
    let said = if same {
        format!(
            "USERNAME has {} bytes for a name of {}",
            value.len(),
            name.len()
        )
    } else {
        format!("USERNAME is {}, and STUNUsername is {name}", shown(value))
    };
    let most = if same {
        Severity::Error
    } else {
        Severity::Warning
    };
    findings.add(breaks().at_most(most).because(said));
}

fn seal(message: &Message, datagram: &Datagram, known: Option<&Known>, findings: &mut Findings) {
    if message.is_truncated() {
        return;
    }
    let nameless = message.username().is_none_or(<[u8]>::is_empty);
    let known = known.filter(|known| known.holds_at(datagram.time.nanoseconds));
    let empty = known.is_some_and(|known| known.user_name.as_deref() == Some(""));
    let said = match (nameless, empty) {
        (true, _) => "the request has MESSAGE-INTEGRITY and no USERNAME",
        (false, true) => "the request has MESSAGE-INTEGRITY, and STUNUsername is empty",
        (false, false) => return,
    };
    let at = message
        .attribute(MESSAGE_INTEGRITY)
        .map_or(0, |one| one.offset);
    let draft = Draft::of_datagram(&SEAL_WITHOUT_NAME, datagram).payload(at..at + 4);
    findings.add(draft.because(said));
}

/// Text of the wire, with NULs to be seen.
fn shown(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value.get(..SHOWN_MAX).unwrap_or(value));
    format!("\"{}\"", text.replace('\0', "\\0"))
}

/// Bytes of a value that a message shows.
const SHOWN_MAX: usize = 64;
