//! What the device's own document adds to a finding: that it announces the breach, and which setting of the device would mend it.
//!
//! A breach that the document asks for is the device's: blame moves there, also where the ACS committed it. Judges nothing itself.

use cwmp::Element;

use super::draft::{Draft, Shown};
use super::profiles::Chosen;
use crate::model::profile::{Fact, File, Profile, Purpose, Way};
use crate::session::Part;

/// Adds that the document of this device announces it.
pub(super) fn foretold(draft: Draft, chosen: Chosen) -> Draft {
    let profile = chosen.profile;
    if !chosen.covered || draft.foretold_by.is_some() || !announces(&draft, profile) {
        return draft;
    }
    draft.foretold_by(profile.document)
}

/// The document asks for what the standard forbids here, or says that its devices do so.
fn announces(draft: &Draft, profile: &Profile) -> bool {
    match draft.rule.code {
        "CWMP-DL-002" => prints(draft, profile.downloads.facts),
        "CWMP-UL-002" => prints(draft, profile.uploads.facts),
        "CWMP-GRM-004" => marked(draft).is_some_and(|element| {
            let name = element.text();
            profile.method(name.trim()).is_some()
        }),
        "DM-003" => draft
            .path
            .as_deref()
            .is_some_and(|path| spells(path, profile)),
        "CWMP-GPV-009" => has_type(draft, profile),
        "CWMP-FR-001" => {
            profile.way(Way::ResetKeepsAcs).is_some() && keeps_acs(draft)
                || profile.way(Way::RestartWaitsForCall).is_some() && has_not_started(draft)
        }
        "CWMP-SPV-009" => profile.way(Way::MayNeedRestart).is_some(),
        // A phone without UDP Connection Requests has the port closed, and does not come.
        "UCR-018" | "UCR-022" => profile.udp_requests.is_some_and(|fact| !fact.is),
        "CWMP-FR-002" | "SESS-023" => profile.way(Way::RestartCancelsOthers).is_some(),
        _ => false,
    }
}

/// The FileType that is marked stands so in the document.
fn prints(draft: &Draft, files: &[Fact<File>]) -> bool {
    marked(draft).is_some_and(|element| {
        let text = element.text();
        let text = text.trim();
        !text.is_empty() && files.iter().any(|file| file.is.printed == text)
    })
}

/// The document names a parameter with the vendor's prefix of this path, written in the same way.
fn spells(path: &str, profile: &Profile) -> bool {
    let mut nodes = path.split('.').filter_map(|node| node.strip_prefix("X_"));
    let vendor = nodes.next().and_then(|node| node.split('_').next());
    let Some(prefix) = vendor.map(|vendor| format!(".X_{vendor}_")) else {
        return false;
    };
    let mut documented = profile.parameters.iter();
    documented.any(|fact| fact.is.path.contains(&prefix))
}

/// The value that is marked has the type that the document gives its parameter.
fn has_type(draft: &Draft, profile: &Profile) -> bool {
    let documented = draft
        .path
        .as_deref()
        .and_then(|path| profile.parameter(path));
    let kind = documented.map_or("", |fact| fact.is.kind);
    let told = marked(draft).and_then(|element| element.xsi_type());
    !kind.is_empty()
        && told.is_some_and(|told| told.value().trim().rsplit(':').next() == Some(kind))
}

/// What is missed is that the reset device has forgotten its ACS; not that it sends events of before.
fn keeps_acs(draft: &Draft) -> bool {
    draft.path.is_some() || announced(draft, "0 BOOTSTRAP") == Some(false)
}

/// The device has not even started since.
fn has_not_started(draft: &Draft) -> bool {
    let has = |code| announced(draft, code);
    has("1 BOOT") == Some(false) && has("0 BOOTSTRAP") == Some(false)
}

/// Whether the Inform that is shown has this event.
fn announced(draft: &Draft, code: &str) -> Option<bool> {
    let Shown::Message(message) = &draft.shown else {
        return None;
    };
    let inform = message.soap.as_ref().and_then(cwmp::Document::inform);
    let events = inform.map(|inform| inform.events()).unwrap_or_default();
    Some(events.iter().any(|event| event.code.trim() == code))
}

/// The element that is marked.
fn marked(draft: &Draft) -> Option<Element<'_>> {
    let (Shown::Message(message), Some((Part::Body, range))) = (&draft.shown, &draft.mark) else {
        return None;
    };
    let mut envelopes = message.soap.as_ref()?.envelope_refs();
    envelopes.find_map(|envelope| {
        let mut elements = envelope.message()?.descendants();
        elements.find(|element| element.offset() == range.start)
    })
}

/// The settings of this vendor's devices that would mend a breach of this rule.
pub(super) fn settings(code: &str, profile: &'static Profile) -> Option<String> {
    let (_, purposes) = MENDED_BY.iter().find(|(mended, _)| *mended == code)?;
    let named = purposes.iter().flat_map(|of| profile.settings_of(*of));
    let named: Vec<String> = named
        .map(|setting| match setting.default {
            "" => setting.name.to_owned(),
            default => format!("{} ({default} unless set)", setting.name),
        })
        .collect();
    if named.is_empty() {
        return None;
    }
    let vendor = profile.vendor;
    let article = if vendor.starts_with('A') { "an" } else { "a" };
    Some(format!("on {article} {vendor}: {}", named.join(", ")))
}

/// The rules that a setting mends, and what it is for.
pub(super) const MENDED_BY: &[(&str, &[Purpose])] = &[
    ("AUTH-002", &[Purpose::AcsUrl]),
    ("AUTH-010", &[Purpose::UserName, Purpose::Password]),
    ("AUTH-014", &[Purpose::UserName]),
    ("AUTH-015", &[Purpose::UserName]),
    ("AUTH-016", &[Purpose::UserName]),
    ("AUTH-017", &[Purpose::Password]),
    ("AUTH-021", &[Purpose::UserName, Purpose::Password]),
    (
        "CR-004",
        &[
            Purpose::ConnectionRequestUserName,
            Purpose::ConnectionRequestPassword,
        ],
    ),
    (
        "CR-009",
        &[
            Purpose::ConnectionRequestUserName,
            Purpose::ConnectionRequestPassword,
        ],
    ),
    ("EVT-026", &[Purpose::Bootstrap]),
    ("FIELD-006", &[Purpose::UserName, Purpose::Password]),
    ("FIELD-014", &[Purpose::Stun]),
    (
        "INF-023",
        &[
            Purpose::ConnectionRequestPath,
            Purpose::ConnectionRequestPort,
        ],
    ),
    ("INF-024", &[Purpose::ConnectionRequestPath]),
    ("INF-025", &[Purpose::Stun]),
    ("INF-026", &[Purpose::Bootstrap]),
    ("SEC-001", &[Purpose::AcsUrl]),
    (
        "SESS-030",
        &[
            Purpose::PeriodicInformInterval,
            Purpose::PeriodicInformEnable,
        ],
    ),
    ("SESS-042", &[Purpose::AcsUrl, Purpose::Bootstrap]),
    ("STUN-037", &[Purpose::Stun]),
    ("UCR-010", &[Purpose::ConnectionRequestUserName]),
    ("UCR-011", &[Purpose::ConnectionRequestPassword]),
];

#[cfg(test)]
mod tests {
    use super::MENDED_BY;
    use crate::conformance::rule;

    #[test]
    fn every_code_is_a_rule() {
        for (code, _) in MENDED_BY {
            assert!(rule(code).is_some(), "{code}");
        }
    }
}
