//! The namespace: which there are, and which both sides keep to (TR-069 Amendment 3 sections 3.5, 3.7.1.1 and 3.7.2.1).

use cwmp::EnvelopeRef;
use cwmp::schema::Version;

use crate::conformance::rule::{ACS, BOTH, CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen, SessionFacts};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&KNOWN, &COLON, &ACS_STAYS, &CPE_REVERTS, &INFERENCE];

/// One of the namespaces there are.
const KNOWN: Rule = Rule {
    blame: BOTH,
    cites: &[
        cite("cwmp-1-0.xsd", "targetNamespace"),
        cite("cwmp-1-2.xsd", "targetNamespace"),
        cite("cwmp-1-4.xsd", "targetNamespace"),
    ],
    demands: "The CWMP namespace is urn:dslforum-org:cwmp-1-0, -1-1 or -1-2; versions 1.3 and 1.4 use that of 1.2.",
    why: "A stack looks messages up by namespace and name: under another namespace it knows no Inform, and answers 400, 500 or fault \
          8000, though every element is right.",
    mend_cpe: "Write urn:dslforum-org:cwmp-1-2 for 1.2 and all later versions.",
    mend_acs: "Answer in the namespace of the Inform where you support it, and in one of the three in any case.",
    bad: "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-4\"",
    good: "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-2\"",
    related: &["VER-002"],
    wireshark: "xml contains \"urn:dslforum-org:cwmp\"",
    ..Rule::must("VER-001", "cwmp-namespace-known", Scope::Message)
};

/// A hyphen, not a colon.
const COLON: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), cite("cwmp-1-2.xsd", "targetNamespace")],
    demands: "The namespace is written with a hyphen before the version, as the schemas have it, not with the colon that the text of \
              section 3.5 prints.",
    why: "Whoever followed the text meets peers who followed the schema: they do not know the namespace, and the session fails at the \
          Inform.",
    mend_cpe: "Write urn:dslforum-org:cwmp-1-2 with a hyphen.",
    mend_acs: "Write urn:dslforum-org:cwmp-1-2 with a hyphen.",
    bad: "xmlns:cwmp=\"urn:dslforum-org:cwmp:1-2\"",
    good: "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-2\"",
    related: &["VER-001"],
    wireshark: "xml contains \"urn:dslforum-org:cwmp:1\"",
    ..Rule::heuristic("VER-002", "cwmp-namespace-with-colon", Scope::Message)
};

/// A 1.0 Inform makes a 1.0 session.
const ACS_STAYS: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.1")],
    demands: "Where the Inform is in the namespace of 1.0, all that the ACS says in that session is in it too.",
    why: "A device of 1.0 does not know the newer namespace: it cannot read InformResponse, drops the session and calls again for ever.",
    mend_acs: "Take the namespace of each session from its Inform; fixed templates in -1-2 break every 1.0 device.",
    bad: "Inform in urn:dslforum-org:cwmp-1-0\nInformResponse in urn:dslforum-org:cwmp-1-2",
    good: "Inform in urn:dslforum-org:cwmp-1-0\nInformResponse in urn:dslforum-org:cwmp-1-0",
    related: &["VER-005"],
    wireshark: "http.response && xml contains \"urn:dslforum-org:cwmp-1-2\"",
    ..Rule::must("VER-004", "acs-stays-in-1-0", Scope::Session)
};

/// A 1.0 InformResponse takes the device back to 1.0.
const CPE_REVERTS: Rule = Rule {
    blame: CPE,
    versions: "1.1 and later",
    cites: &[a3("3.7.1.1")],
    demands: "Where InformResponse is in the namespace of 1.0, the device goes on in it for the rest of the session.",
    why: "The ACS has said that it knows nothing newer; it refuses or misreads each answer in another namespace, so that the Inform works \
          and no task does.",
    mend_cpe: "Compare the namespace of InformResponse with your own, and write 1.0's for the rest of the session where it is 1.0's.",
    bad: "Inform in ...cwmp-1-1\nInformResponse in ...cwmp-1-0\nGetParameterValuesResponse in ...cwmp-1-1",
    good: "Inform in ...cwmp-1-1\nInformResponse in ...cwmp-1-0\nGetParameterValuesResponse in ...cwmp-1-0",
    related: &["VER-004", "VER-006"],
    wireshark: "http.request && xml contains \"urn:dslforum-org:cwmp-1-1\"",
    ..Rule::must("VER-005", "cpe-reverts-to-1-0", Scope::Session)
};

/// The namespace of 1.2 is also that of 1.3 and 1.4.
const INFERENCE: Rule = Rule {
    blame: BOTH,
    cites: &[
        cite("cwmp-1-3.xsd", "SessionTimeout"),
        cite("cwmp-1-4.xsd", "SupportedCWMPVersions"),
    ],
    demands: "The headers tell versions apart that share a namespace: SupportedCWMPVersions or UseCWMPVersion means 1.4, SessionTimeout in \
              1.2's namespace 1.3, and neither of them 1.2.",
    why: "By its namespace alone a 1.4 device would be judged as one of 1.2, and what 1.3 and 1.4 brought would look like a slip.",
    related: &["VER-007", "VER-012"],
    wireshark: "xml contains \"SupportedCWMPVersions\"",
    ..Rule::guard("VER-011", "version-told-by-headers", &["VER-012"])
};

/// Looks at one message.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        let Some(namespace) = envelope.cwmp_namespace() else {
            continue;
        };
        match namespace {
            "urn:dslforum-org:cwmp-1-0"
            | "urn:dslforum-org:cwmp-1-1"
            | "urn:dslforum-org:cwmp-1-2" => {
                keeps(seen, &envelope, namespace, findings);
            }
            other => unknown(seen, &envelope, other, findings),
        }
    }
}

/// A namespace that there is not.
fn unknown(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, namespace: &str, findings: &mut Findings) {
    let said = format!("the namespace is {namespace}");
    let place = envelope.element();
    let minor = |stem: &str| {
        let minor = namespace.strip_prefix(stem)?;
        let number = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
        number.then_some(minor)
    };
    if minor("urn:dslforum-org:cwmp:1-").is_some() {
        findings.add(seen.breaks_at(&COLON, place).because(said));
    } else {
        let draft = seen.breaks_at(&KNOWN, place).because(said);
        // Amendments 2 and 3 announced one for each later minor version, which never came.
        let later = minor("urn:dslforum-org:cwmp-1-").is_some();
        findings.add(if later {
            draft.at_most(Severity::Warning)
        } else {
            draft
        });
    }
}

/// 1.0 is kept where the Inform, or InformResponse, is in it.
fn keeps(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, namespace: &str, findings: &mut Findings) {
    let is_1_0 = Version::of_namespace(namespace) == Some(Version::V1_0);
    let reverted = |session: &SessionFacts| session.accepted && session.answered_in_1_0;
    let Some(session) = seen
        .session
        .filter(|session| !is_1_0 && (seen.from() == Side::Acs || reverted(session)))
    else {
        return;
    };
    let inform = session
        .inform
        .as_ref()
        .and_then(|inform| inform.soap.as_ref());
    let informed = inform.and_then(|document| document.envelope(0)?.version_hint());
    let said = |of: &str| format!("{of} is in the namespace of 1.0, and this is in {namespace}");
    let place = envelope.message().unwrap_or(envelope.element());
    if seen.from() == Side::Acs && informed == Some(Version::V1_0) {
        let draft = seen.breaks_at(&ACS_STAYS, place);
        findings.add(draft.because(said("the Inform")));
    } else if seen.from() == Side::Cpe
        && informed.is_some_and(|informed| informed != Version::V1_0)
        && envelope.message_name() != Some("Inform")
    {
        let draft = seen.breaks_at(&CPE_REVERTS, place);
        findings.add(draft.because(said("InformResponse")));
    }
}
