//! What an event is called: the table's codes, the vendor's own, and which version knows which.

use cwmp::schema::Version;

use super::list::{Entry, List};
use super::table::{self, Kind, SINGLE};
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&UNKNOWN_CODE, &TOO_YOUNG, &VENDOR_EVENT, &VENDOR_METHOD];

/// The code is one of the table, letter for letter.
const UNKNOWN_CODE: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 37"), a3("Table 7")],
    demands: "EventCode is one of the event codes of TR-069 (`0 BOOTSTRAP` to `14 HEARTBEAT`, or M and a method) letter for letter, or has the form of a vendor's own.",
    why: "An ACS compares the whole text: `1  BOOT` or `4 VALUECHANGE` starts none of its rules, and the device is never provisioned \
          though each session looks well.",
    mend_cpe: "Keep the codes as constants, copied from TR-069: capitals, one blank, nothing around them.",
    bad: "<EventCode>4 VALUECHANGE</EventCode>",
    good: "<EventCode>4 VALUE CHANGE</EventCode>",
    related: &["EVT-003", "EVT-004", "EVT-022"],
    wireshark: "xml contains \"<EventCode>\"",
    ..Rule::must("EVT-001", "event-code-of-table", Scope::Message)
};

/// The code is known to the version of the session.
const TOO_YOUNG: Rule = Rule {
    blame: CPE,
    cites: &[
        cite("cwmp-1-0.xsd", "EventCodeType"),
        cite("cwmp-1-1.xsd", "EventCodeType"),
        a3("Table 7"),
        cite("TR-069 Amendment 5", "Annex L"),
    ],
    demands: "A device that speaks 1.0 has events up to 9, 1.1 adds 10; 1.2 adds 11, 12, M ScheduleDownload and M ChangeDUState; 1.4 adds 13 \
              and 14.",
    why: "An ACS that checks the Inform against the schema of its version refuses it with a fault; one that does not, does not know the call \
          that the event announces, and answers it with 8000.",
    mend_cpe: "Send the Inform in the version that has the event, or leave the event out.",
    bad: "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"\n<EventCode>10 AUTONOMOUS TRANSFER COMPLETE</EventCode>",
    good: "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-1\"\n<EventCode>10 AUTONOMOUS TRANSFER COMPLETE</EventCode>",
    related: &["EVT-001", "VER-006"],
    wireshark: "xml contains \"<EventCode>1\"",
    ..Rule::must("EVT-002", "event-of-this-version", Scope::Message)
};

/// A vendor's event names the vendor.
const VENDOR_EVENT: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("Table 7"),
        cite("TR-069 Amendment 2", "Table 7"),
        cite("cwmp-1-1.xsd", "EventCodeType"),
    ],
    demands: "A vendor's event is X, the vendor and a text: the vendor is an OUI of six digits with capitals, or from 1.2 on a domain in \
              capitals with hyphens or underscores for its dots.",
    why: "Two vendors with one text would be taken for each other; an ACS that reads the OUI out of the code finds none and drops the event \
          or the whole Inform.",
    mend_cpe: "Write `X 00D09E Text` or, from 1.2 on, `X ACME-COM Text`.",
    bad: "<EventCode>X acme.com Foo</EventCode>",
    good: "<EventCode>X ACME-COM Foo</EventCode>",
    related: &["EVT-004", "EVT-022"],
    wireshark: "xml contains \"<EventCode>X \"",
    ..Rule::must("EVT-003", "vendor-event-names-vendor", Scope::Message)
};

/// The event of a vendor's method.
const VENDOR_METHOD: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("Table 7"),
        a3("A.3.1.1"),
        cite("cwmp-1-0.xsd", "EventCodeType"),
    ],
    demands: "The event of a vendor's method is M, one blank and the method's name X_..., which has no blanks.",
    why: "The ACS looks for the method that it sent: with a blank in it the event belongs to none, and the job stays open.",
    mend_cpe: "Write the name of the method as the ACS sent it: `M X_00D09E_Do`.",
    bad: "<EventCode>M X_00D09E Do</EventCode>",
    good: "<EventCode>M X_00D09E_Do</EventCode>",
    related: &["EVT-003"],
    wireshark: "xml contains \"<EventCode>M X_\"",
    ..Rule::must(
        "EVT-004",
        "vendor-method-event-without-blanks",
        Scope::Message,
    )
};

/// Judges each code of a list, the same one once.
pub(super) fn judge(list: &List<'_>, findings: &mut Findings) {
    let version = Spoken::of(list);
    let mut told = 0;
    for entry in &list.events {
        let before = told;
        told += usize::from(one(list, entry, &version, findings));
        if told > before && told >= TOLD_MAX {
            return;
        }
    }
}

fn one(list: &List<'_>, entry: &Entry<'_>, spoken: &Spoken, findings: &mut Findings) -> bool {
    let Some(wire) = &entry.code else {
        return false;
    };
    let code = wire.trim();
    if let Some(since) = since(code) {
        if code != wire {
            let draft = list.breaks(&UNKNOWN_CODE, entry);
            let said = format!("there are blanks around {code}");
            findings.add(draft.at_most(Severity::Warning).because(said));
            return true;
        }
        return spoken.judge(list, entry, since, findings);
    }
    let (rule, said) = if code.starts_with("X ") {
        if is_vendor_event(code, spoken.domains) {
            return false;
        }
        let before = if spoken.domains {
            ""
        } else {
            ", and this version knows no domain"
        };
        (
            &VENDOR_EVENT,
            format!("'{code}' names no vendor by its OUI{before}"),
        )
    } else if code.starts_with("M X_") {
        if !code[2..].contains(char::is_whitespace) {
            return false;
        }
        (&VENDOR_METHOD, format!("there is a blank in '{code}'"))
    } else {
        let said = format!("'{code}' is no event of the table");
        (&UNKNOWN_CODE, said)
    };
    let mut draft = list.breaks(rule, entry).because(said);
    if is_later(code) {
        // A later amendment may have brought it.
        draft = draft.at_most(Severity::Info);
    }
    findings.add(draft);
    true
}

/// The version that the Inform may count on.
struct Spoken {
    /// By its namespace.
    least: Option<Version>,
    /// SupportedCWMPVersions names 1.4, or does not; `None` where there is no such header.
    offers_1_4: Option<bool>,
    /// A vendor may be named by its domain.
    domains: bool,
}

impl Spoken {
    fn of(list: &List<'_>) -> Self {
        let least = list.envelope.version_hint();
        let supported = list.envelope.supported_versions();
        Self {
            least,
            offers_1_4: supported.map(|all| all.split(',').any(|one| one.trim() == "1.4")),
            domains: least.is_none_or(|least| least >= Version::V1_2),
        }
    }

    fn judge(
        &self,
        list: &List<'_>,
        entry: &Entry<'_>,
        since: Version,
        findings: &mut Findings,
    ) -> bool {
        let Some(least) = self.least else {
            return false;
        };
        // 1.3 and 1.4 kept the namespace of 1.2.
        let may_be_later = least >= Version::V1_2;
        let most = match self.offers_1_4 {
            Some(true) => Version::V1_4,
            _ => least,
        };
        if since <= most {
            return false;
        }
        let draft = list.breaks(&TOO_YOUNG, entry);
        let said = format!(
            "{} came with {}, and the Inform is in {}",
            entry.code(),
            since.name(),
            most.name()
        );
        findings.add(if may_be_later && self.offers_1_4.is_none() {
            draft.at_most(Severity::Info).because(said)
        } else {
            draft.because(said)
        });
        true
    }
}

/// The version that brought a code of the table.
fn since(code: &str) -> Option<Version> {
    let single = table::place(code).and_then(|at| SINGLE.get(at));
    single
        .map(|single| single.since)
        .or_else(|| Kind::of_event(code).map(Kind::since))
}

/// `X`, the vendor, a text.
fn is_vendor_event(code: &str, domains: bool) -> bool {
    let Some((vendor, text)) = code.get(2..).and_then(|rest| rest.split_once(' ')) else {
        return false;
    };
    let oui = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    let domain = |byte: u8| {
        byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')
    };
    let by_oui = vendor.len() == 6 && vendor.bytes().all(oui);
    let by_domain = domains && !vendor.is_empty() && vendor.bytes().all(domain);
    (by_oui || by_domain) && !text.trim().is_empty()
}

/// A number beyond the table's, and words behind it, each after one blank.
fn is_later(code: &str) -> bool {
    let mut words = code.split(' ');
    let number = words.next().and_then(|number| number.parse::<usize>().ok());
    let rest: Vec<&str> = words.collect();
    number.is_some_and(|number| number >= SINGLE.len())
        && !rest.is_empty()
        && rest.iter().all(|word| !word.is_empty())
}

/// Findings about one list; more would say no more.
const TOLD_MAX: usize = 8;
