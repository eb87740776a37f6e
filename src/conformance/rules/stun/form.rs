//! The grammar of STUN messages: header, attributes, their order (RFC 3489 section 11).

use stun::kind::{ERROR_CODE, MESSAGE_INTEGRITY, USERNAME};
use stun::{AnomalyKind, Class, Form, Message};

use crate::conformance::rule::{a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::{Blame, Datagram, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&LETTERS, &HEADER, &CLASSIC, &FILLED, &PADDED, &SEAL, &ERROR];

const SPEAKERS: &[Blame] = &[Blame::Cpe, Blame::StunServer];

/// A datagram that begins with a letter is a UDP Connection Request, and none of the rules of STUN are its.
const LETTERS: Rule = Rule {
    cites: &[a3("G.2.1.4"), cite("TR-111", "2.2.1.4")],
    demands: "What arrives at a device's STUN port is STUN if its first byte is 0x00 or 0x01, and a UDP Connection Request if it is a letter.",
    why: "Both come to the same port through the same binding; a reader that takes a request for broken STUN accuses the ACS of \
          grammar it did not use, and a device that does so never wakes up.",
    related: &["STUN-002"],
    wireshark: "udp[8:1] == 00 || udp[8:1] == 01 || udp contains \"GET http\"",
    ..Rule::guard("STUN-001", "stun-or-request-by-first-byte", &["STUN-002"])
};

const HEADER: Rule = Rule {
    blame: SPEAKERS,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 3489", "11.1")],
    demands: "A STUN message has 20 bytes of header, a Message Length that counts exactly what follows, and one of the three Binding types.",
    why: "Servers compare Message Length with the size of the datagram and drop what does not fit without a word; the device then sees \
          no answers, takes the server for dead, and reports no mapped address.",
    mend_cpe: "Write into Message Length the bytes behind the 20-byte header, without padding that is not sent, and send Binding Requests (0x0001) only.",
    mend_acs: "On the STUN server: write into Message Length the bytes behind the 20-byte header, and send nothing behind them.",
    bad: "00 01 00 40 ...            Message Length 64, 24 bytes follow",
    good: "00 01 00 18 ...            Message Length 24, 24 bytes follow",
    related: &["STUN-004"],
    wireshark: "classicstun || stun",
    ..Rule::heuristic("STUN-002", "stun-header-wrong", Scope::Message)
};

const CLASSIC: Rule = Rule {
    cites: &[a3("Annex G"), cite("RFC 3489", "11.1")],
    demands: "TR-111 is made for the STUN of RFC 3489: 16 random bytes of transaction id, and no magic cookie.",
    why: "With the cookie 0x2112A442 servers answer by RFC 5389: with XOR-MAPPED-ADDRESS, another MESSAGE-INTEGRITY and long-term \
          credentials, of which the annex says nothing. It works where both sides are of one maker, and nowhere else.",
    mend_cpe: "Use a STUN client of RFC 3489 for ManagementServer.STUN..., apart from the one for calls.",
    bad: "00 01 00 18 21 12 a4 42 ...   magic cookie",
    good: "00 01 00 18 5b 0e 7c 91 ...   random",
    related: &["STUN-031"],
    wireshark: "stun.att.type == 0xc001",
    ..Rule::heuristic("STUN-003", "stun-of-rfc5389", Scope::Message)
};

const FILLED: Rule = Rule {
    blame: SPEAKERS,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 3489", "11.2")],
    demands: "Attributes fill the message one behind the other, and the length of each value is a multiple of four.",
    why: "RFC 3489 knows no hidden padding: whoever pads reads the next attribute from the middle of this one. The server then sees \
          an unknown mandatory attribute and answers 420, or overlooks CONNECTION-REQUEST-BINDING.",
    mend_cpe: "Make every value a multiple of four bytes by what its document says (spaces for USERNAME), and count the padding in its length.",
    mend_acs: "On the STUN server: make every value a multiple of four bytes and count its padding in the length.",
    bad: "c0 01 00 13 \"dslforum.org/TR-111\"      19 bytes, the next attribute begins at once",
    good: "c0 01 00 14 \"dslforum.org/TR-111 \"     20 bytes",
    related: &["STUN-005", "STUN-006", "STUN-012"],
    wireshark: "classicstun",
    ..Rule::heuristic("STUN-004", "stun-attributes-unaligned", Scope::Message)
};

const PADDED: Rule = Rule {
    cites: &[cite("RFC 5389", "15")],
    demands: "In a message with the magic cookie a value may be of any length, and bytes up to a multiple of four follow it uncounted.",
    why: "Clients and servers of RFC 5389 answer each other like that every day; held against RFC 3489 each of their messages would be broken.",
    related: &["STUN-003"],
    ..Rule::guard("STUN-005", "stun-padding-of-rfc5389", &["STUN-004"])
};

const SEAL: Rule = Rule {
    blame: SPEAKERS,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 3489", "11.2.8")],
    demands: "MESSAGE-INTEGRITY has 20 bytes and is the last attribute.",
    why: "What stands behind it is not protected, and servers that compute up to the end of the message find another value: the \
          BINDING-CHANGE is refused with 401 or 431 again and again.",
    mend_cpe: "Append MESSAGE-INTEGRITY last, with the 20 bytes of HMAC-SHA1 and nothing more.",
    mend_acs: "On the STUN server: append MESSAGE-INTEGRITY last, with 20 bytes.",
    bad: "USERNAME, MESSAGE-INTEGRITY, CONNECTION-REQUEST-BINDING",
    good: "USERNAME, CONNECTION-REQUEST-BINDING, MESSAGE-INTEGRITY",
    related: &["STUN-017"],
    wireshark: "classicstun.att.type == 0x0008",
    ..Rule::heuristic("STUN-016", "stun-integrity-not-last", Scope::Message)
};

const ERROR: Rule = Rule {
    blame: &[Blame::StunServer],
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 3489", "11.2.9")],
    demands: "An error response has ERROR-CODE with a class from 1 to 6, a number from 0 to 99 and a reason phrase of a multiple of four bytes.",
    why: "The device acts on class and number alone. A 401 written as one number in the wrong bytes is an unknown error to it, so it \
          never sends the request again with MESSAGE-INTEGRITY, and the ACS goes on with the old address.",
    mend_acs: "On the STUN server: write the hundreds into the third byte and the rest into the fourth, and pad the reason with spaces.",
    bad: "00 09 00 04 00 00 01 91        401 as a 16-bit number",
    good: "00 09 00 10 00 00 04 01 \"Unauthorized\"",
    related: &["STUN-014"],
    wireshark: "classicstun.type == 0x0111",
    ..Rule::heuristic("STUN-034", "stun-error-code-wrong", Scope::Message)
};

/// Looks at a message that a device's endpoint sent or got.
pub(super) fn look(message: &Message, datagram: &Datagram, findings: &mut Findings) {
    let answers = matches!(message.class(), Class::Response | Class::ErrorResponse);
    let by = if answers {
        Blame::StunServer
    } else {
        Blame::Cpe
    };
    let breaks = |rule: &'static Rule| Draft::of_datagram(rule, datagram).blame(by);
    if !answers && message.form == Form::Rfc5389 {
        let draft = breaks(&CLASSIC).payload(4..8);
        findings.add(draft.because("the request has the magic cookie of RFC 5389"));
    }
    // RFC 5389 has indications too.
    let is_indication = message.form == Form::Rfc5389 && message.message_type == 0x0011;
    if !matches!(message.message_type, 0x0001 | 0x0101 | 0x0111) && !is_indication {
        let draft = breaks(&HEADER).payload(0..2);
        findings.add(draft.because(format!("the message is a {}", message.type_name())));
    }
    if message.message_type == 0x0111 && !message.has(ERROR_CODE) && !message.is_truncated() {
        findings.add(breaks(&ERROR).because("the error response has no ERROR-CODE"));
    }
    if message.anomalies.is_empty() {
        return;
    }
    for anomaly in &message.anomalies {
        let at = anomaly.offset;
        match anomaly.kind {
            AnomalyKind::LengthTooLong | AnomalyKind::TrailingBytes => {
                let behind = message.wire_bytes().saturating_sub(20);
                let said = format!(
                    "Message Length is {}, and {behind} bytes follow the header",
                    message.length
                );
                findings.add(breaks(&HEADER).payload(2..4).because(said));
            }
            AnomalyKind::AttributeAfterIntegrity => {
                let draft = breaks(&SEAL).payload(at..at + 4);
                findings.add(draft.because("an attribute stands behind MESSAGE-INTEGRITY"));
            }
            AnomalyKind::IntegrityLengthOdd => {
                let sealed = message.attribute(MESSAGE_INTEGRITY);
                let length = sealed.map_or(0, |one| one.length);
                let draft = breaks(&SEAL).payload(at..at + 4);
                findings.add(draft.because(format!("MESSAGE-INTEGRITY has {length} bytes")));
            }
            AnomalyKind::ErrorCodeOdd => error_code(message, breaks(&ERROR), at, findings),
            AnomalyKind::AttributeUnpadded
            | AnomalyKind::AttributePadded
            | AnomalyKind::AttributeOverrun
            | AnomalyKind::AttributeStray => {
                unaligned(message, anomaly.kind, at, &breaks, findings);
            }
            _ => {}
        }
    }
}

fn error_code(message: &Message, draft: Draft, at: usize, findings: &mut Findings) {
    let said = match message.error_code() {
        Some(code) => format!(
            "ERROR-CODE has class {} and number {}",
            code.class, code.number
        ),
        None => "ERROR-CODE is shorter than four bytes".to_owned(),
    };
    findings.add(draft.payload(at..at + 4).because(said));
}

/// A value that is no multiple of four: of RFC 3489 alone (STUN-005 forgives RFC 5389).
fn unaligned(
    message: &Message,
    kind: AnomalyKind,
    at: usize,
    breaks: &dyn Fn(&'static Rule) -> Draft,
    findings: &mut Findings,
) {
    if message.form != Form::Rfc3489 || message.is_truncated() {
        return;
    }
    let attribute = message.attributes.iter().find(|one| one.offset == at);
    let place = at..at.saturating_add(4);
    let Some(attribute) = attribute else {
        let draft = breaks(&FILLED).payload(place);
        findings.add(draft.because("the last attribute does not end where the message ends"));
        return;
    };
    // Each has a rule of its own that says more.
    if matches!(
        attribute.kind,
        USERNAME | stun::kind::CONNECTION_REQUEST_BINDING
    ) {
        return;
    }
    let rule = if attribute.kind == ERROR_CODE {
        &ERROR
    } else {
        &FILLED
    };
    let name = stun::kind::name(attribute.kind).unwrap_or("an unknown attribute");
    let padded = if kind == AnomalyKind::AttributePadded {
        ", with padding that the length does not count"
    } else {
        ""
    };
    let said = format!("{name} has {} bytes{padded}", attribute.length);
    findings.add(breaks(rule).payload(place).because(said));
}
