//! Families of rules, and what each is about.

use std::collections::BTreeSet;

use crate::conformance;

/// Every family with a rule or a row that no traffic decides, sorted.
#[must_use]
pub fn families() -> Vec<&'static str> {
    let rules = conformance::rules().iter().map(|rule| rule.family());
    let rows = conformance::undecidable().into_iter();
    let rows = rows.map(|row| {
        row.code
            .rsplit_once('-')
            .map_or(row.code, |(family, _)| family)
    });
    let all: BTreeSet<&'static str> = rules.chain(rows).collect();
    all.into_iter().collect()
}

/// What a family is about.
#[must_use]
pub fn title(family: &str) -> &'static str {
    let known = TITLES.iter().find(|(code, _)| *code == family);
    known.map_or("", |(_, title)| title)
}

const TITLES: &[(&str, &str)] = &[
    ("AUTH", "Authentication of sessions"),
    ("CR", "HTTP Connection Requests"),
    ("CWMP-ADD", "AddObject"),
    ("CWMP-ADSC", "AutonomousDUStateChangeComplete"),
    ("CWMP-ATC", "AutonomousTransferComplete"),
    ("CWMP-CT", "CancelTransfer"),
    ("CWMP-DEL", "DeleteObject"),
    ("CWMP-DIAG", "Diagnostics"),
    ("CWMP-DL", "Download"),
    ("CWMP-DSC", "DUStateChangeComplete"),
    ("CWMP-DU", "ChangeDUState"),
    ("CWMP-FR", "FactoryReset"),
    ("CWMP-GPA", "GetParameterAttributes"),
    ("CWMP-GPN", "GetParameterNames"),
    ("CWMP-GPV", "GetParameterValues"),
    ("CWMP-GQT", "GetQueuedTransfers and GetAllQueuedTransfers"),
    ("CWMP-GRM", "GetRPCMethods"),
    ("CWMP-KCK", "Kicked"),
    ("CWMP-RBT", "Reboot"),
    ("CWMP-RD", "RequestDownload"),
    ("CWMP-SDL", "ScheduleDownload"),
    ("CWMP-SI", "ScheduleInform"),
    ("CWMP-SPA", "SetParameterAttributes"),
    ("CWMP-SPV", "SetParameterValues"),
    ("CWMP-TC", "TransferComplete"),
    ("CWMP-UL", "Upload"),
    ("CWMP-VCH", "SetVouchers and GetOptions"),
    (
        "DHCP",
        "DHCP: where the ACS is, and which gateway a device is behind",
    ),
    ("DM", "Names and values of the data model"),
    ("EVT", "Events and their delivery"),
    ("FIELD", "What fails in the field and has no clause"),
    ("FLT", "Faults"),
    (
        "HTTP",
        "HTTP: start lines, headers, framing, connections, cookies, redirects",
    ),
    ("I1", "TR-069 Issue 1 (2004): what its traffic is forgiven"),
    ("INF", "Inform and its parameters"),
    ("LWN", "Lightweight notifications"),
    ("PROFILE", "A device against its own document"),
    ("SEC", "What is dangerous rather than wrong"),
    (
        "SESS",
        "The session: who speaks when, retries, what is delivered",
    ),
    ("SOAP", "The envelope: XML, SOAP 1.1, headers, types"),
    ("STUN", "STUN bindings"),
    ("UCR", "UDP Connection Requests"),
    ("VER", "Versions of CWMP and their namespaces"),
];

#[cfg(test)]
mod tests {
    use super::{families, title};

    #[test]
    fn every_family_has_a_title() {
        let without: Vec<_> = families()
            .into_iter()
            .filter(|one| title(one).is_empty())
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
