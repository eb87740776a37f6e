//! ConnectionRequestURL: its scheme, and when it changes.

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic, fingerprint};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&NEVER_HTTPS, &CHANGE_TOLD];

const NEVER_HTTPS: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "Connection Requests go over HTTP, never over HTTPS.",
    why: "An ACS sends them as plain HTTP. To a port on which the device expects TLS they are garbage: the device closes, and can \
          never be called.",
    mend_cpe: "Report ConnectionRequestURL with the scheme http and listen there without TLS.",
    bad: "<Name>Device.ManagementServer.ConnectionRequestURL</Name>\n<Value xsi:type=\"xsd:string\">https://10.0.0.2:7547/f81d4fae</Value>",
    good: "<Name>Device.ManagementServer.ConnectionRequestURL</Name>\n<Value xsi:type=\"xsd:string\">http://10.0.0.2:7547/f81d4fae</Value>",
    wireshark: "xml.cdata contains \"https://\"",
    ..Rule::must("CR-002", "connection-request-over-http", Scope::Message)
};

const CHANGE_TOLD: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "A device whose ConnectionRequestURL changes tells the ACS at once, by an Inform with 4 VALUE CHANGE.",
    why: "Until the next periodic Inform, which may be a day away, every Connection Request goes to the old address.",
    mend_cpe: "Treat ConnectionRequestURL as if active notification were always on: open a session when the address changes.",
    bad: "Inform 2 PERIODIC  ConnectionRequestURL http://10.0.0.2:7547/a\nInform 2 PERIODIC  ConnectionRequestURL http://10.0.0.9:7547/a",
    good: "Inform 2 PERIODIC  ConnectionRequestURL http://10.0.0.2:7547/a\nInform 4 VALUE CHANGE  ConnectionRequestURL http://10.0.0.9:7547/a",
    related: &["CR-003"],
    wireshark: "xml.cdata contains \"ConnectionRequestURL\"",
    of_absence: true,
    ..Rule::must(
        "CR-021",
        "connection-request-url-change-told",
        Scope::Device,
    )
};

/// What the device last reported.
#[derive(Debug, Default)]
pub struct Url {
    /// Fingerprint of the URL of the last Inform that was accepted, or of the one that still waits.
    told: Option<u64>,
    waits: Option<u64>,
}

impl Topic for Url {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        if seen.from() == Side::Acs {
            let accepted = seen
                .envelopes()
                .any(|envelope| envelope.message_name() == Some("InformResponse"));
            if let (true, Some(url)) = (accepted, self.waits) {
                self.told = Some(url);
                self.waits = None;
            }
            return;
        }
        let Some(inform) = seen.informed() else {
            return;
        };
        let Some(parameter) = inform.parameter_at(".ConnectionRequestURL") else {
            return;
        };
        let (Some(value), Some(element)) = (parameter.value(), parameter.value_element()) else {
            return;
        };
        let url = value.trim();
        let name = parameter.name();
        if url
            .get(..6)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
        {
            let draft = seen.breaks_at(&NEVER_HTTPS, element).path(name);
            findings.add(draft.because("ConnectionRequestURL has the scheme https"));
        }
        let now = fingerprint(url.as_bytes());
        let tells = inform.has_any(&["0 BOOTSTRAP", "1 BOOT", "4 VALUE CHANGE"]);
        let retried = inform.retry_count.is_none_or(|count| count > 0);
        if self.told.is_some_and(|told| told != now) && !tells && !retried && !seen.replay {
            let draft = seen.breaks_at(&CHANGE_TOLD, element).path(name);
            // A session that the capture lacks may have told it, and the value changed again.
            findings.add(draft.at_most(Severity::Warning).because(
                "ConnectionRequestURL is another than in the last Inform, and 4 VALUE CHANGE is not among the events",
            ));
        }
        self.waits = Some(now);
    }
}
