//! The code of a fault: whose range, of which version, for which method.

use cwmp::schema::{self, Version};
use cwmp::{EnvelopeRef, Kind};

use super::structure::of_soap_itself;
use crate::conformance::rule::{BOTH, a3, cite};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&TYPE, &RANGE, &OF_1_0, &LATER, &OF_METHOD, &MANDATORY];

/// faultcode agrees with the type of the code.
const TYPE: Rule = Rule {
    blame: BOTH,
    versions: "1.1 and later",
    cites: &[a3("A.5")],
    demands: "faultcode is Client where the table gives the code that type, and Server otherwise.",
    why: "An ACS that retries server faults and gives up on client faults does the wrong one of the two.",
    mend_cpe: "Take the word from the table together with the code: 9003, 9005 to 9008, 9020 and 9021 are Client.",
    mend_acs: "Take the word from the table: 8003 is Client, the others are Server.",
    bad: "<faultcode>Server</faultcode>\n...<FaultCode>9005</FaultCode>",
    good: "<faultcode>Client</faultcode>\n...<FaultCode>9005</FaultCode>",
    related: &["FLT-002"],
    wireshark: "xml.tag == \"<faultcode>\"",
    ..Rule::must("FLT-003", "faultcode-against-code", Scope::Message)
};

/// FaultCode is a number of the speaker's own range.
const RANGE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.5")],
    demands: "FaultCode is one number: 9000 to 9899 from a device, 8000 to 8899 from an ACS.",
    why: "The peer looks the code up in the table of the other side and finds nothing, or something else.",
    mend_cpe: "Use the codes from 9000 on.",
    mend_acs: "Use the codes from 8000 on.",
    bad: "(from the device) <FaultCode>8003</FaultCode>",
    good: "(from the device) <FaultCode>9003</FaultCode>",
    wireshark: "xml.tag == \"<FaultCode>\"",
    ..Rule::must("FLT-007", "fault-code-of-the-other-side", Scope::Message)
};

/// The codes of CWMP 1.0.
const OF_1_0: Rule = Rule {
    blame: BOTH,
    versions: "1.0",
    cites: &[cite("cwmp-1-0.xsd", "Fault"), a3("A.5")],
    demands: "In CWMP 1.0 a device uses 9000 to 9013 and 9800 to 9899, an ACS 8000 to 8005 and 8800 to 8899.",
    why: "The schema of 1.0 lists the codes one by one: an ACS of that version refuses the message with any \
          other.",
    mend_cpe: "Use the nearest code of 1.0: 9010 or 9012 for what has a code of its own later.",
    mend_acs: "Use the codes of 1.0.",
    bad: "<FaultCode>9020</FaultCode>",
    good: "<FaultCode>9010</FaultCode>",
    related: &["FLT-029"],
    wireshark: "xml.attribute contains \"cwmp-1-0\" && xml.tag == \"<FaultCode>\"",
    ..Rule::must("FLT-008", "fault-code-of-cwmp-1-0", Scope::Message)
};

/// Codes beyond those of the version are unusual.
const LATER: Rule = Rule {
    blame: BOTH,
    versions: "1.1 and later",
    cites: &[a3("3.7.2.4"), a3("A.5")],
    demands: "A fault uses a code that its version has; another of the range is read as 9001.",
    why: "The peer knows no more than that the request was refused; if the code was meant to say more, it is \
          lost.",
    mend_cpe: "Use a code of the table, or one of the vendor range 9800 to 9899.",
    mend_acs: "Use a code of the table, or one of the vendor range 8800 to 8899.",
    bad: "<FaultCode>9040</FaultCode>",
    good: "<FaultCode>9801</FaultCode>",
    related: &["FLT-008"],
    wireshark: "xml.tag == \"<FaultCode>\"",
    ..Rule::heuristic("FLT-029", "fault-code-beyond-the-version", Scope::Message)
};

/// The code is one that the method lists.
const OF_METHOD: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.3"), a3("A.5")],
    demands: "The code of a fault is one of those that its method lists, or that the table associates with it.",
    why: "An ACS that handles the codes of each method reports \"unexpected fault\" and does not try what it \
          would have tried.",
    mend_cpe: "Choose a code from the list of the method; the codes for single parameters belong into \
          SetParameterValuesFault.",
    mend_acs: "Choose a code from the list of the method.",
    bad: "GetParameterValues -> <FaultCode>9007</FaultCode>",
    good: "GetParameterValues -> <FaultCode>9005</FaultCode>",
    wireshark: "xml.tag == \"<FaultCode>\"",
    ..Rule::heuristic(
        "FLT-009",
        "fault-code-foreign-to-the-method",
        Scope::Exchange,
    )
};

/// Mandatory methods are supported.
const MANDATORY: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.6")],
    demands: "Method not supported, 9000 or 8000, is no answer to a method that everybody has to support.",
    why: "Without reading, writing or rebooting there is nothing left to manage: the ACS drops the device as \
          incompatible. Mostly the element had a namespace the device did not expect.",
    mend_cpe: "Support the method, and look up the local name in any namespace of CWMP.",
    mend_acs: "Support Inform and GetRPCMethods.",
    bad: "<cwmp:AddObject> -> <FaultCode>9000</FaultCode>",
    good: "<cwmp:AddObject> -> <FaultCode>9005</FaultCode>",
    related: &["SOAP-044"],
    wireshark: "xml.cdata == \"9000\" || xml.cdata == \"8000\"",
    ..Rule::must("FLT-024", "mandatory-method-not-supported", Scope::Exchange)
};

/// Looks at the code of every fault.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || seen.from() == Side::Other || !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        if envelope.kind() == Kind::Fault && !of_soap_itself(&envelope) {
            code(seen, &envelope, findings);
        }
    }
}

fn code(seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, findings: &mut Findings) {
    let (Some(element), Some(fault)) = (envelope.message(), envelope.fault()) else {
        return;
    };
    let Some(text) = fault.code.as_deref().map(str::trim) else {
        return;
    };
    let of_cpe = seen.from() == Side::Cpe;
    let base = if of_cpe { 9000 } else { 8000 };
    let number = fault
        .code_number()
        .filter(|code| (base..base + 900).contains(code));
    let Some(code) = number else {
        let shown: String = text.chars().take(SHOWN_MAX).collect();
        let draft = seen.breaks_at(&RANGE, element);
        findings.add(draft.because(format!("FaultCode is '{shown}'")));
        return;
    };
    let draft = |rule| {
        seen.breaks_at(rule, element)
            .because(format!("FaultCode is {code}"))
    };
    let version = seen.version();
    if version == Version::V1_0 {
        let known = code >= base + 800 || code <= base + if of_cpe { 13 } else { 5 };
        if !known {
            findings.add(draft(&OF_1_0));
        }
        return;
    }
    let offers = of_cpe || version == Version::V1_4;
    let newest = match (of_cpe, version) {
        (true, Version::V1_1) => 9019,
        (true, _) => 9032,
        (false, _) if offers => 8006,
        (false, _) => 8005,
    };
    if code > newest && code < base + 800 {
        findings.add(draft(&LATER));
    }
    let word = fault
        .soap_code
        .as_deref()
        .map(str::trim)
        .unwrap_or_default();
    let local = word
        .rsplit(':')
        .next()
        .and_then(|local| local.split('.').next());
    let (Some(given), Some(is_client)) = (local, is_client(code)) else {
        return;
    };
    let wanted = if is_client { "Client" } else { "Server" };
    if matches!(given, "Client" | "Server") && given != wanted {
        // The specification's own example gives 9000 with Client.
        let most = if code == 9000 {
            Severity::Info
        } else {
            Severity::Error
        };
        let draft = seen.breaks_at(&TYPE, element).at_most(most);
        findings.add(draft.because(format!(
            "faultcode is {given}, and {code} is of type {wanted}"
        )));
    }
}

/// Whether the table gives the code the type Client; `None` where it gives none.
fn is_client(code: u32) -> Option<bool> {
    let known = (8000..=8005).contains(&code) || (9000..=9032).contains(&code);
    known.then(|| CLIENT_CODES.contains(&code))
}

/// Looks at the code with the method that was asked for.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    let Some(code) = exchange.fault_code().filter(|_| exchange.is_fault()) else {
        return;
    };
    let method = exchange.method();
    let Some(known) = schema::method(method) else {
        return;
    };
    let of_cpe = exchange.answer.from() == Side::Cpe;
    let mandatory = match code {
        9000 if of_cpe => MANDATORY_OF_CPE.contains(&method) && is_of_session(exchange),
        8000 if !of_cpe => MANDATORY_OF_ACS.contains(&method) && is_of_session(exchange),
        _ => false,
    };
    if mandatory {
        let draft = exchange.breaks(&MANDATORY);
        findings.add(draft.because(format!("{method} is answered with {code}")));
        return;
    }
    let vendor = matches!(code, 8800..=8899 | 9800..=9899);
    let later = matches!(code, 8007..=8799 | 9033..=9799);
    let own_range = if of_cpe { 9000..=9899 } else { 8000..=8899 };
    let listed = known
        .fault_codes
        .iter()
        .any(|listed| u32::from(*listed) == code);
    let associated = match method {
        "Download" => matches!(code, 9014..=9019),
        "ScheduleDownload" => matches!(code, 9012 | 9014..=9020),
        "AddObject" | "DeleteObject" => code == 9005,
        _ => false,
    };
    // An array too large for its receiver may be answered so whatever the method (Amendment 3 section A.2.1); any method may
    // not be supported.
    let always = matches!(code, 8000 | 8004 | 8006 | 9000 | 9004);
    if own_range.contains(&code) && !vendor && !later && !listed && !associated && !always {
        let draft = exchange.breaks(&OF_METHOD);
        findings.add(draft.because(format!("{method} is answered with {code}")));
    }
}

/// The request is one of a namespace that the answerer of this session knows (section 3.5): what another namespace calls so is
/// no method of CWMP.
fn is_of_session(exchange: &Exchange<'_>) -> bool {
    let request = exchange.request();
    let hint = request.and_then(|request| {
        let space = request.message()?.namespace()?;
        Version::of_namespace(space)
    });
    hint.is_some_and(|hint| hint <= exchange.answer.version())
}

/// Codes of the type Client (TR-069 Amendment 3, Tables 84 and 85).
const CLIENT_CODES: [u32; 8] = [9003, 9005, 9006, 9007, 9008, 9020, 9021, 8003];
const MANDATORY_OF_CPE: [&str; 9] = [
    "GetRPCMethods",
    "SetParameterValues",
    "GetParameterValues",
    "GetParameterNames",
    "SetParameterAttributes",
    "GetParameterAttributes",
    "AddObject",
    "DeleteObject",
    "Reboot",
];
const MANDATORY_OF_ACS: [&str; 2] = ["GetRPCMethods", "Inform"];
/// Characters of a code that is none.
const SHOWN_MAX: usize = 20;
