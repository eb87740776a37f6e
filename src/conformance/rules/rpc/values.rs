//! Values that a device reports, held against the standard data models: hidden ones, types and limits, references.

use crate::conformance::rule::{BOTH, cite};
use crate::conformance::standing::{Standing, has_dot_at_end, is_path, other_type, words};
use crate::conformance::{Draft, Findings, Parameter, Rule, Scope, Seen};
use crate::model::{self, Base, Misfit};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&HIDDEN, &VALUE, &REFERENCE];

/// What the data model hides reads as nothing.
const HIDDEN: Rule = Rule {
    cites: &[cite("TR-106 Amendment 7", "A.2.7.1")],
    demands: "A parameter that the data model calls hidden reads as an empty string, 0 or false, whatever it was \
          set to.",
    why: "Passwords and keys stand in every log and database between the device and the ACS, and whoever may \
          read the configuration gets into the device.",
    mend_cpe: "Give out the empty value for passwords and keys; keep what was set to yourself.",
    bad: "<Name>Device.ManagementServer.ConnectionRequestPassword</Name>\n\
          <Value xsi:type=\"xsd:string\">...</Value>",
    good: "<Name>Device.ManagementServer.ConnectionRequestPassword</Name>\n\
          <Value xsi:type=\"xsd:string\"></Value>",
    related: &["STUN-045"],
    wireshark: "xml.cdata contains \"Password\"",
    ..Rule::must("CWMP-GPV-008", "hidden-value-readable", Scope::Message)
};

/// A value fits what the data model says of its parameter.
const VALUE: Rule = Rule {
    cites: &[
        cite("TR-106 Amendment 1", "2.4"),
        cite("TR-106 Amendment 7", "3.2"),
    ],
    demands: "A value has the type of its parameter in the data model, and keeps to its range, length and list of \
          values.",
    why: "ACS map values by the type of the data model: `Enabled` for a boolean becomes false or an exception, \
          and a word outside the list is shown as unknown.",
    mend_cpe: "Report the value as the data model has it; a word of your own begins with X_ and your vendor \
          identifier.",
    bad: "<Name>Device.ManagementServer.PeriodicInformEnable</Name>\n\
          <Value xsi:type=\"xsd:string\">Enabled</Value>",
    good: "<Name>Device.ManagementServer.PeriodicInformEnable</Name>\n\
          <Value xsi:type=\"xsd:boolean\">1</Value>",
    related: &["SOAP-029", "CWMP-SPV-012"],
    wireshark: "xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::must("CWMP-GPV-009", "value-as-in-the-data-model", Scope::Message)
};

/// The path of an object in a value has no dot at its end.
pub(super) const REFERENCE: Rule = Rule {
    blame: BOTH,
    cites: &[
        cite("TR-106 Amendment 7", "3.2.4"),
        cite("TR-106 Amendment 1", "3.2"),
    ],
    demands: "A value that is the path of an object has no dot at its end, and one to something that does not \
          exist is refused where the data model calls it a strong reference.",
    why: "Devices compare the text: with the dot the reference points nowhere, the interface stays without its \
          address or queue, and no fault tells of it.",
    mend_cpe: "Leave the dot off the paths in values; refuse what refers to an object that is not there.",
    mend_acs: "Leave the dot off the paths in values, and create the object before it is referred to.",
    bad: "<Name>Device.NAT.PortMapping.1.Interface</Name>\n<Value xsi:type=\"xsd:string\">Device.IP.Interface.1.</Value>",
    good: "<Name>Device.NAT.PortMapping.1.Interface</Name>\n<Value xsi:type=\"xsd:string\">Device.IP.Interface.1</Value>",
    wireshark: "xml.cdata contains \"Device.\"",
    ..Rule::must("CWMP-SPV-014", "reference-as-a-path", Scope::Message)
};

/// Looks at the values of a message.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || seen.replay || !seen.is_whole() {
        return;
    }
    for (index, envelope) in seen.envelopes().enumerate() {
        let parameters = seen.parameters.of_envelope(index);
        match (seen.from(), envelope.message_name()) {
            (Side::Cpe, Some("GetParameterValuesResponse")) => {
                reported(seen, parameters, true, findings);
            }
            (Side::Cpe, Some("Inform")) => reported(seen, parameters, false, findings),
            (Side::Acs, Some("SetParameterValues")) => set(seen, parameters, findings),
            _ => {}
        }
    }
}

fn reported(seen: &Seen<'_>, parameters: &[Parameter<'_>], read: bool, findings: &mut Findings) {
    let mut told = 0;
    for parameter in parameters {
        if parameter.is_right() {
            continue;
        }
        if told >= TOLD_MAX {
            parameter.note_wrong();
            continue;
        }
        let value = parameter.value_element();
        // Nothing is the value of whatever has none, and of what is hidden.
        let Some(known) = parameter
            .known()
            .filter(|_| value.is_some_and(|value| !value.content().is_empty()))
        else {
            continue;
        };
        judge(seen, known, parameter, read, &mut |draft| {
            told += 1;
            parameter.note_wrong();
            findings.add(draft);
        });
    }
}

/// Looks at one value.
fn judge(
    seen: &Seen<'_>,
    (standing, known): (Standing, model::Parameter<'static>),
    parameter: &Parameter<'_>,
    read: bool,
    tell: &mut dyn FnMut(Draft),
) {
    let name = parameter.name();
    let value = parameter.value().unwrap_or_default();
    let at = |rule| {
        let element = parameter.value_element().unwrap_or(parameter.element());
        seen.breaks_at(rule, element).path(name)
    };
    let plain = value.trim();
    if standing.is_hidden(&known, name) {
        let empty = matches!(plain, "" | "0" | "false");
        let stars = plain.bytes().all(|byte| byte == b'*');
        if read && !empty && !name.ends_with(".STUNPassword") {
            let (most, what) = if stars {
                (Severity::Warning, "asterisks")
            } else {
                (Severity::Error, "a value")
            };
            tell(
                at(&HIDDEN)
                    .at_most(most)
                    .because(format!("{name} is hidden and reads as {what}")),
            );
        }
        return;
    }
    // Asterisks stand for a secret, and are none.
    if read && standing.is_secret(&known, name) && plain.bytes().all(|byte| byte == b'*') {
        return;
    }
    // What is wrong with a diagnostic is told of the diagnostic.
    if plain.is_empty() || known.name() == "DiagnosticsState" {
        return;
    }
    if let Some((severity, because)) = wrong((&standing, &known), name, value, parameter.base()) {
        tell(
            at(&VALUE)
                .at_most(severity)
                .because(format!("{name} {because}")),
        );
    }
}

/// How a value is not as the data model has it.
fn wrong(
    (standing, known): (&Standing, &model::Parameter<'_>),
    name: &str,
    value: &str,
    told: Option<Base>,
) -> Option<(Severity, String)> {
    let other = other_type(known, told);
    let secret = standing.is_secret(known, name);
    let misfit = standing.misfit(known, value.trim());
    match (misfit, other) {
        // What is no boolean although it is called one is told of the type that it is called, and words outside a list have
        // a rule of their own (DM-013).
        (Some(Misfit::Type(_)), None) | (Some(Misfit::NotEnumerated { .. }) | None, None) => None,
        (Some(Misfit::NotEnumerated { .. }) | None, Some((expected, told))) => {
            let (told, expected) = (told.name(), expected.name());
            Some((
                Severity::Warning,
                format!("is reported as {told}, and is of type {expected}"),
            ))
        }
        // A text that is longer than the data model foresees does no harm by itself.
        (Some(misfit), _) => {
            let shown: String = value.trim().chars().take(SHOWN_MAX).collect();
            let shown = if secret {
                String::new()
            } else {
                format!("'{shown}' ")
            };
            let severity = match misfit {
                Misfit::TooLong { .. } | Misfit::Items { .. } => Severity::Warning,
                _ => Severity::Error,
            };
            Some((
                severity,
                format!("has the value {shown}which {}", words(&misfit, known)),
            ))
        }
    }
}

/// Looks at the references that an ACS sets.
fn set(seen: &Seen<'_>, parameters: &[Parameter<'_>], findings: &mut Findings) {
    let mut told = 0;
    for parameter in parameters {
        let (Some(value), Some(element)) = (parameter.value(), parameter.value_element()) else {
            continue;
        };
        if told >= TOLD_MAX {
            parameter.note_wrong();
            continue;
        }
        let plain = value.trim();
        if !has_dot_at_end(plain) {
            continue;
        }
        let name = parameter.name();
        if parameter
            .known()
            .is_some_and(|(_, known)| is_path(&known).is_some())
        {
            let draft = seen.breaks_at(&REFERENCE, element).path(name);
            findings.add(draft.because(format!("{name} is set to the path {plain}")));
            parameter.note_wrong();
            told += 1;
        }
    }
}

/// Findings told of one message.
const TOLD_MAX: usize = 16;
/// Characters of a value that are shown.
const SHOWN_MAX: usize = 40;
