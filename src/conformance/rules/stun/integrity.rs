//! USERNAME and MESSAGE-INTEGRITY of a device's requests (TR-069 Amendment 3 sections G.2.1.1 and G.2.1.3).

use stun::kind::{MESSAGE_INTEGRITY, USERNAME};

use super::local::Local;
use super::period::seconds;
use super::watch::Asked;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::{IntegrityForm, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&NAME, &UNASKED, &RESEND, &VALUE];

const NAME: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.3"), cite("TR-111", "2.2.1.3")],
    demands: "With CONNECTION-REQUEST-BINDING and a STUNUsername that is not empty, the request has USERNAME, MESSAGE-INTEGRITY or not.",
    why: "USERNAME is all by which the server knows whose binding this is. Without it the keep-alives of a whole site behind one \
          address look alike, and the ACS sends its Connection Requests to the wrong phone or to none.",
    mend_cpe: "Put USERNAME with STUNUsername into every request from the port for Connection Requests.",
    bad: "Binding Request: CONNECTION-REQUEST-BINDING",
    good: "Binding Request: USERNAME, CONNECTION-REQUEST-BINDING",
    related: &["STUN-012", "STUN-041"],
    wireshark: "udp contains \"dslforum.org/TR-111\" && !(classicstun.att.type == 0x0006)",
    ..Rule::must("STUN-011", "stun-username-missing", Scope::Device)
};

const UNASKED: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("G.2.1.1"), cite("TR-111", "2.2.1.1")],
    demands: "MESSAGE-INTEGRITY comes only in the request that answers a 401.",
    why: "A server that does not ask for authentication does not know the password: it refuses the request that it would have answered \
          without, or answers it unsealed, and the device then has to throw the answer away.",
    mend_cpe: "Send each request without MESSAGE-INTEGRITY first, and again with it when 401 comes.",
    bad: "Binding Request: USERNAME, CONNECTION-REQUEST-BINDING, MESSAGE-INTEGRITY        no 401 before",
    good: "Binding Request: USERNAME, CONNECTION-REQUEST-BINDING\nBinding Error Response: 401\nBinding Request: USERNAME, CONNECTION-REQUEST-BINDING, MESSAGE-INTEGRITY",
    related: &["STUN-014", "STUN-015"],
    wireshark: "classicstun.att.type == 0x0008 || classicstun.type == 0x0111",
    of_absence: true,
    ..Rule::must("STUN-013", "stun-integrity-unasked", Scope::Device)
};

const RESEND: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("G.2.1.1"), cite("TR-111", "2.2.1.1")],
    demands: "After a 401 a device that has STUNUsername and STUNPassword sends the request again with USERNAME and MESSAGE-INTEGRITY.",
    why: "The ACS authenticates a change of the binding before it believes it. A device that stops at 401 stays at the old address in \
          the ACS for good: the first Connection Requests work, and none does after the NAT's next restart.",
    mend_cpe: "On 401 send the request once more, with a new transaction id, USERNAME and MESSAGE-INTEGRITY.",
    bad: "Binding Error Response: 401\nBinding Request: CONNECTION-REQUEST-BINDING        a minute later, the next keep-alive",
    good: "Binding Error Response: 401\nBinding Request: USERNAME, CONNECTION-REQUEST-BINDING, MESSAGE-INTEGRITY        at once",
    related: &["STUN-013", "STUN-030"],
    wireshark: "classicstun.type == 0x0111 || classicstun.att.type == 0x0008",
    of_absence: true,
    ..Rule::must("STUN-014", "stun-challenge-unanswered", Scope::Device)
};

const VALUE: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 3489", "11.2.8")],
    demands: "MESSAGE-INTEGRITY is HMAC-SHA1 with STUNPassword over the message before it, filled up with zeros to a multiple of 64 bytes, Message Length already counting its 24 bytes.",
    why: "RFC 5389 dropped the zeros, and libraries follow it: a device and a server that compute by different documents refuse each \
          other though both have the right password.",
    mend_cpe: "Fill the text up with zeros to a multiple of 64 bytes before computing, and set Message Length first.",
    bad: "HMAC-SHA1(password, message)                       48 bytes of text",
    good: "HMAC-SHA1(password, message + 16 zero bytes)       64 bytes of text",
    related: &["STUN-016", "STUN-046"],
    wireshark: "classicstun.att.type == 0x0008",
    ..Rule::heuristic("STUN-017", "stun-integrity-computation", Scope::Message)
};

/// Looks at a request that repeats no other, before it is taken into account.
pub(super) fn look(local: &mut Local, asked: &Asked<'_>, findings: &mut Findings) {
    if asked.message.is_truncated() {
        return;
    }
    let sealed = asked.message.has(MESSAGE_INTEGRITY);
    name(local, asked, findings);
    owed(local, asked, sealed, findings);
    if !sealed {
        local.unasked_seals = 0;
        return;
    }
    unasked(local, asked, findings);
    value(asked, findings);
    local.sealed |= local.challenges > 0;
}

fn name(local: &mut Local, asked: &Asked<'_>, findings: &mut Findings) {
    let has = asked
        .message
        .username()
        .is_some_and(|name| !name.is_empty());
    if has || !asked.message.has_connection_request_binding() {
        local.named |= has;
        return;
    }
    // STUN-015 says more of MESSAGE-INTEGRITY without a name.
    if asked.message.has(MESSAGE_INTEGRITY) {
        return;
    }
    let known = asked.known.filter(|known| known.holds_at(asked.time_ns()));
    let told = known.and_then(|known| known.user_name.as_deref());
    let name = match told {
        Some("") => return,
        Some(name) => format!("STUNUsername is {name}"),
        None if local.named => "requests before had it".to_owned(),
        None => return,
    };
    let what = if asked.message.has(USERNAME) {
        "an empty USERNAME"
    } else {
        "no USERNAME"
    };
    // The parameter's definition asks for it only where authentication was requested.
    let sure = local.challenges > 0 && told.is_some();
    let most = if sure {
        Severity::Error
    } else {
        Severity::Warning
    };
    let draft = Draft::of_datagram(&NAME, asked.datagram).at_most(most);
    findings.add(draft.because(format!("the request has {what}, and {name}")));
}

/// STUN-014: a request after a 401.
fn owed(local: &mut Local, asked: &Asked<'_>, sealed: bool, findings: &mut Findings) {
    if sealed {
        local.owes = None;
        return;
    }
    let Some((since_ns, _)) = local.owes else {
        return;
    };
    let after_ns = asked.time_ns().saturating_sub(since_ns);
    if after_ns <= super::local::AGAIN_NS {
        return;
    }
    let frames = local
        .owes
        .take()
        .map(|(_, frames)| frames)
        .unwrap_or_default();
    let known = asked.known.filter(|known| known.holds_at(since_ns));
    let has = known.is_some_and(|known| {
        known.password_set
            && known
                .user_name
                .as_deref()
                .is_some_and(|name| !name.is_empty())
    });
    if !(has || local.sealed) || local.lost_since(since_ns) {
        return;
    }
    let said = format!(
        "{} after a 401 the next request still has no MESSAGE-INTEGRITY",
        seconds(after_ns)
    );
    let draft = Draft::of_datagram(&RESEND, asked.datagram).shown_in(&frames);
    findings.add(draft.at_most(Severity::Warning).because(said));
}

fn unasked(local: &mut Local, asked: &Asked<'_>, findings: &mut Findings) {
    let now_ns = asked.time_ns();
    let begins = now_ns.saturating_sub(asked.began_ns) < super::local::AGAIN_NS;
    // Answers to it have to be in the capture, else the 401 is not either.
    let both_ways = local.responses > 0;
    if local.challenged_lately(now_ns) || begins || !both_ways || local.lost_since(local.first_ns) {
        local.unasked_seals = 0;
        return;
    }
    local.unasked_seals = local.unasked_seals.saturating_add(1);
    // One 401 that the capture lost would explain one.
    if local.unasked_seals >= 2 {
        let at = asked
            .message
            .attribute(MESSAGE_INTEGRITY)
            .map_or(0, |one| one.offset);
        let draft = Draft::of_datagram(&UNASKED, asked.datagram).payload(at..at + 4);
        let said = "the request has MESSAGE-INTEGRITY, and no 401 came before it";
        findings.add(draft.at_most(Severity::Warning).because(said));
    }
}

fn value(asked: &Asked<'_>, findings: &mut Findings) {
    let Some(integrity) = asked.datagram.verified.integrity else {
        return;
    };
    let classic = asked.message.form == stun::Form::Rfc3489;
    let said = match (integrity.valid, integrity.form) {
        (Some(false), _) => "no computation gives this MESSAGE-INTEGRITY with the known password",
        (Some(true), Some(IntegrityForm::Rfc5389)) if classic => {
            "MESSAGE-INTEGRITY fits the password by RFC 5389's computation, without the zeros"
        }
        (Some(true), Some(IntegrityForm::Other)) => {
            "MESSAGE-INTEGRITY fits the password by a computation that no document has"
        }
        _ => return,
    };
    let at = asked
        .message
        .attribute(MESSAGE_INTEGRITY)
        .map_or(0, |one| one.offset);
    let draft = Draft::of_datagram(&VALUE, asked.datagram).payload(at..at + 24);
    findings.add(draft.because(said));
}
