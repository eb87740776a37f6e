//! The headers that 1.3 and 1.4 brought: SessionTimeout, SupportedCWMPVersions, UseCWMPVersion (TR-069 Amendment 4 and 5
//! section 3.5).

use cwmp::{Element, EnvelopeRef};

use crate::conformance::rule::{ACS, BOTH, CPE, cite};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&SUPPORTED, &USED, &NONE_IN_COMMON, &TIMEOUT];

/// SupportedCWMPVersions.
const SUPPORTED: Rule = Rule {
    blame: CPE,
    versions: "1.4",
    cites: &[
        cite("cwmp-1-4.xsd", "SupportedCWMPVersions"),
        cite("TR-069 Amendment 5", "3.5"),
    ],
    demands: "SupportedCWMPVersions stands in the Inform alone, with mustUnderstand 0, and lists versions as `1.0,1.1,1.2`.",
    why: "With mustUnderstand 1 every older ACS has to refuse the Inform, so that a 1.4 device works with 1.4 servers alone; a list that \
          cannot be read takes the choice of the version away.",
    mend_cpe: "Send the header with the Inform only, mustUnderstand=\"0\", versions with a dot and separated by commas.",
    bad: "<cwmp:SupportedCWMPVersions soap:mustUnderstand=\"1\">1-0;1-2</cwmp:SupportedCWMPVersions>",
    good: "<cwmp:SupportedCWMPVersions soap:mustUnderstand=\"0\">1.0,1.2,1.4</cwmp:SupportedCWMPVersions>",
    related: &["VER-008"],
    wireshark: "xml contains \"SupportedCWMPVersions\"",
    ..Rule::must("VER-007", "supported-versions-header", Scope::Session)
};

/// UseCWMPVersion.
const USED: Rule = Rule {
    blame: ACS,
    versions: "1.4",
    cites: &[
        cite("cwmp-1-4.xsd", "UseCWMPVersion"),
        cite("TR-069 Amendment 5", "3.5"),
        cite("TR-069 Amendment 5", "3.7.2.1"),
    ],
    demands: "UseCWMPVersion stands in InformResponse alone, with mustUnderstand 1, names one version out of the device's list, and comes \
              only where the device has sent one.",
    why: "A device that did not offer the version has to refuse the session; one that sent no list has to refuse the unknown header, since \
          mustUnderstand is 1.",
    mend_acs: "Answer SupportedCWMPVersions, and nothing else, with UseCWMPVersion; choose from the list.",
    bad: "SupportedCWMPVersions 1.0,1.2\nUseCWMPVersion 1.4",
    good: "SupportedCWMPVersions 1.0,1.2\nUseCWMPVersion 1.2",
    related: &["VER-007", "VER-009"],
    wireshark: "xml contains \"UseCWMPVersion\"",
    ..Rule::must("VER-008", "use-version-header", Scope::Session)
};

/// Fault 8006.
const NONE_IN_COMMON: Rule = Rule {
    blame: ACS,
    versions: "1.4",
    cites: &[
        cite("cwmp-1-4.xsd", "ACSFaultCodeType"),
        cite("TR-069 Amendment 5", "A.5.2"),
    ],
    demands: "An ACS that supports none of the versions in SupportedCWMPVersions answers with fault 8006.",
    why: "By 8006 the device knows that another version may help; behind any other code it retries the same Inform for ever.",
    mend_acs: "Answer 8006 where the list and your own versions have nothing in common.",
    bad: "SupportedCWMPVersions 1.4\n<FaultCode>8003</FaultCode><FaultString>Unsupported version</FaultString>",
    good: "SupportedCWMPVersions 1.4\n<FaultCode>8006</FaultCode>",
    related: &["VER-008"],
    wireshark: "xml contains \"SupportedCWMPVersions\" || xml contains \"FaultCode\"",
    ..Rule::heuristic("VER-009", "no-common-version-fault", Scope::Exchange)
};

/// SessionTimeout.
const TIMEOUT: Rule = Rule {
    blame: BOTH,
    versions: "1.3 and later",
    cites: &[
        cite("cwmp-1-3.xsd", "SessionTimeout"),
        cite("TR-069 Amendment 4", "3.5"),
    ],
    demands: "SessionTimeout stands in the Inform alone, with mustUnderstand 0, and is a number of seconds, 30 or more.",
    why: "An ACS that takes a smaller number at its word drops the session while the device still thinks; with mustUnderstand 1 an ACS \
          before 1.3 has to refuse the Inform.",
    mend_cpe: "Announce the longest time that one of your answers takes, at least 30, with the Inform.",
    mend_acs: "Leave the header out: it is the device's.",
    bad: "<cwmp:SessionTimeout soap:mustUnderstand=\"0\">20</cwmp:SessionTimeout>",
    good: "<cwmp:SessionTimeout soap:mustUnderstand=\"0\">60</cwmp:SessionTimeout>",
    related: &["SESS-040", "VER-011"],
    wireshark: "xml contains \"SessionTimeout\"",
    ..Rule::must("VER-012", "session-timeout-header", Scope::Message)
};

/// Looks at one message.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        let Some(header) = envelope.header() else {
            continue;
        };
        for entry in header.children() {
            let wrong = match entry.name() {
                "SupportedCWMPVersions" => (&SUPPORTED, supported(seen, &envelope, entry)),
                "UseCWMPVersion" => (&USED, used(seen, &envelope, entry)),
                "SessionTimeout" => (&TIMEOUT, timeout(seen, &envelope, entry)),
                _ => continue,
            };
            if let (rule, Some(said)) = wrong {
                let draft = seen.breaks_at(rule, entry);
                let spoke = match seen.from() {
                    Side::Acs => crate::session::Blame::Acs,
                    _ => crate::session::Blame::Cpe,
                };
                findings.add(draft.blame(spoke).because(said));
            }
        }
    }
}

fn supported(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, entry: Element<'_>) -> Option<String> {
    let text = entry.text();
    let listed = text.split(',').all(|one| is_version(one.trim()));
    if !is_inform(seen, envelope) {
        Some(misplaced(envelope, "SupportedCWMPVersions"))
    } else if must_understand(entry) {
        Some("SupportedCWMPVersions has mustUnderstand 1".to_owned())
    } else {
        (!listed).then(|| format!("SupportedCWMPVersions is {}", text.trim()))
    }
}

fn used(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, entry: Element<'_>) -> Option<String> {
    let text = entry.text();
    let version = text.trim();
    if envelope.message_name() != Some("InformResponse") || seen.from() != Side::Acs {
        return Some(misplaced(envelope, "UseCWMPVersion"));
    }
    if !must_understand(entry) {
        return Some("UseCWMPVersion comes without mustUnderstand 1".to_owned());
    }
    if !is_version(version) {
        return Some(format!("UseCWMPVersion is {version}"));
    }
    let session = seen.session.filter(|session| session.is_whole())?;
    let inform = session
        .inform
        .as_ref()
        .and_then(|inform| inform.soap.as_ref());
    let offered = inform.and_then(|document| document.envelope(0)?.supported_versions());
    match offered {
        None => Some("the Inform offered no versions".to_owned()),
        Some(offered) if offered.split(',').any(|one| one.trim() == version) => None,
        Some(offered) => Some(format!(
            "UseCWMPVersion is {version}, offered was {}",
            offered.trim()
        )),
    }
}

fn timeout(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, entry: Element<'_>) -> Option<String> {
    let text = entry.text();
    let seconds: Option<u32> = text.trim().parse().ok();
    if !is_inform(seen, envelope) {
        Some(misplaced(envelope, "SessionTimeout"))
    } else if must_understand(entry) {
        Some("SessionTimeout has mustUnderstand 1".to_owned())
    } else {
        let short = seconds.is_none_or(|seconds| seconds < SECONDS_MIN);
        short.then(|| format!("SessionTimeout is {}", text.trim()))
    }
}

/// A fault in answer to an Inform that offers versions, and it speaks of them under another code.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.answer.from() != Side::Acs || exchange.method() != "Inform" || !exchange.is_fault()
    {
        return;
    }
    let offers = exchange
        .request()
        .is_some_and(|inform| inform.supported_versions().is_some());
    let Some(fault) = exchange.response().and_then(|response| response.fault()) else {
        return;
    };
    let speaks = fault.string.as_deref().or(fault.soap_string.as_deref());
    let of_version = speaks.is_some_and(|text| text.to_ascii_lowercase().contains("version"));
    if offers && of_version && !matches!(fault.code_number(), Some(8005 | 8006)) {
        let code = fault.code.unwrap_or_default();
        let said = format!("fault {} speaks of the version", code.trim());
        findings.add(exchange.breaks(&NONE_IN_COMMON).because(said));
    }
}

fn is_inform(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>) -> bool {
    seen.from() == Side::Cpe && envelope.message_name() == Some("Inform")
}

fn misplaced(envelope: &EnvelopeRef<'_>, header: &str) -> String {
    let name = envelope.message_name().unwrap_or("an empty Body");
    format!("{header} comes with {name}")
}

fn must_understand(entry: Element<'_>) -> bool {
    let attribute = entry.attribute("mustUnderstand");
    attribute.is_some_and(|attribute| matches!(attribute.value().trim(), "1" | "true"))
}

/// Digits, a dot, digits.
fn is_version(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// The least that SessionTimeout may be.
const SECONDS_MIN: u32 = 30;
