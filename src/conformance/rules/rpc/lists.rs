//! Lists of methods, and what is done with the methods before and after.

use cwmp::Element;

use crate::conformance::rule::{BOTH, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope, Topic, fingerprint};
use crate::session::{Blame, Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&REQUIRED, &UNSUPPORTED, &UNLISTED];

/// Every method that is required is listed.
const REQUIRED: Rule = Rule {
    versions: "all but Issue 1",
    blame: BOTH,
    cites: &[a3("3.6"), a3("A.3.1.1")],
    demands: "The list of methods names every one that its side has to support, and the conditional ones where their \
          condition is met.",
    why: "An ACS that goes by the list leaves attributes, objects or reboots out for good, and reports the feature \
          as not supported.",
    mend_cpe: "List GetRPCMethods, SetParameterValues, GetParameterValues, GetParameterNames, SetParameterAttributes, \
          GetParameterAttributes, AddObject, DeleteObject and Reboot, and Download where it is supported.",
    mend_acs: "List Inform and GetRPCMethods, and the methods that report what this ACS asks for: TransferComplete, \
          AutonomousTransferComplete, DUStateChangeComplete.",
    bad: "<MethodList ...> without <string>GetParameterAttributes</string>",
    good: "<string>GetParameterAttributes</string>\n<string>SetParameterAttributes</string>",
    related: &["CWMP-GRM-002", "CWMP-GRM-006"],
    wireshark: "xml.tag contains \"GetRPCMethodsResponse\"",
    ..Rule::must("CWMP-GRM-003", "required-methods-listed", Scope::Device)
};

/// A method in the list is supported.
const UNSUPPORTED: Rule = Rule {
    versions: "all but Issue 1",
    severity: Some(Severity::Warning),
    blame: BOTH,
    cites: &[a3("A.3.1.1"), a3("A.5")],
    demands: "A method in the list is not answered with 9000 from a device, or 8000 from an ACS.",
    why: "The peer chose the method because of the list: an upgrade or a report fails that would have worked in \
          another way.",
    mend_cpe: "List what is supported in this version of the software, and nothing else.",
    mend_acs: "List what is supported, and nothing else.",
    bad: "GetRPCMethodsResponse: Upload\nUpload -> <FaultCode>9000</FaultCode>",
    good: "GetRPCMethodsResponse without Upload",
    related: &["CWMP-GRM-006"],
    wireshark: "xml.cdata == \"9000\" || xml.cdata == \"8000\"",
    ..Rule::heuristic("CWMP-GRM-005", "listed-and-not-supported", Scope::Device)
};

/// A method that is supported is in the list.
const UNLISTED: Rule = Rule {
    versions: "all but Issue 1",
    blame: BOTH,
    cites: &[a3("A.3.1.1")],
    demands: "The list of methods is complete: what is answered with success is in it.",
    why: "The peer never uses what is not listed: features that work are shown as missing.",
    mend_cpe: "Make the list from the table that requests are looked up in.",
    mend_acs: "Make the list from the table that requests are looked up in.",
    bad: "GetRPCMethodsResponse without Upload\nUpload -> <cwmp:UploadResponse>",
    good: "GetRPCMethodsResponse: Upload\nUpload -> <cwmp:UploadResponse>",
    related: &["CWMP-GRM-005"],
    wireshark: "xml.tag contains \"GetRPCMethodsResponse\"",
    ..Rule::must("CWMP-GRM-006", "supported-and-not-listed", Scope::Device)
};

/// Lists of one device and of its ACS.
#[derive(Debug, Default)]
pub(super) struct Lists {
    cpe: OfSide,
    acs: OfSide,
    /// Counts sessions.
    session: u32,
    number: Option<u32>,
    /// SoftwareVersion of the device.
    software: Option<u64>,
    /// The ACS asked for a transfer; the device took a Download; the ACS asked for deployment units.
    transfers: bool,
    downloads: bool,
    deploys: bool,
}

/// What one side says that it can, and what it did.
#[derive(Debug, Default)]
struct OfSide {
    listed: Vec<u64>,
    /// The session of the list.
    when: Option<u32>,
    answered: Vec<Answered>,
}

/// A method that was asked for.
#[derive(Debug, Clone)]
struct Answered {
    method: String,
    served: bool,
    session: u32,
}

impl Topic for Lists {
    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let seen = &exchange.answer;
        let Some(facts) = seen.session.filter(|facts| !facts.issue_1) else {
            return;
        };
        if self.number != Some(facts.number) {
            self.number = Some(facts.number);
            self.session = self.session.saturating_add(1);
        }
        let method = exchange.method();
        if method == "Inform" {
            self.inform(exchange);
        }
        if seen.from() == Side::Cpe {
            self.transfers |= matches!(method, "Download" | "ScheduleDownload" | "Upload");
            self.downloads |= method == "Download" && !exchange.is_fault();
            self.deploys |= method == "ChangeDUState";
        }
        let response = exchange.response().and_then(|response| response.message());
        let list = response.and_then(|response| response.child("MethodList"));
        match list.filter(|_| method == "GetRPCMethods") {
            Some(list) => self.listed(exchange, list, findings),
            None => self.answered(exchange, findings),
        }
    }
}

impl Lists {
    /// New software has methods of its own.
    fn inform(&mut self, exchange: &Exchange<'_>) {
        let Some(inform) = exchange.request().and_then(|request| request.inform()) else {
            return;
        };
        let mut parameters = inform.parameters().take(PARAMETERS_MAX);
        let software =
            parameters.find(|parameter| parameter.name().ends_with(".DeviceInfo.SoftwareVersion"));
        let software =
            software.and_then(|software| Some(fingerprint(software.value()?.trim().as_bytes())));
        if software.is_none() || software != self.software {
            self.cpe = OfSide::default();
        }
        self.software = software;
    }

    fn side(&mut self, side: Side) -> &mut OfSide {
        match side {
            Side::Cpe => &mut self.cpe,
            _ => &mut self.acs,
        }
    }

    fn listed(&mut self, exchange: &Exchange<'_>, list: Element<'_>, findings: &mut Findings) {
        let from = exchange.answer.from();
        let session = self.session;
        let mut names = list.children().take(METHODS_MAX);
        let listed: Vec<u64> = names
            .by_ref()
            .map(|name| fingerprint(name.text().trim().as_bytes()))
            .collect();
        if listed.is_empty() || list.children().nth(METHODS_MAX).is_some() {
            return;
        }
        self.required(exchange, list, &listed, findings);
        let side = self.side(from);
        side.listed = listed;
        side.when = Some(session);
        let told: Vec<Answered> = side.answered.drain(..).collect();
        for answered in told {
            if from == Side::Cpe && answered.served && answered.method == "Download" {
                continue;
            }
            self.compare(exchange, &answered, findings);
        }
    }

    /// Methods without which a list is not complete.
    fn required(
        &self,
        exchange: &Exchange<'_>,
        list: Element<'_>,
        listed: &[u64],
        findings: &mut Findings,
    ) {
        let lacks = |method: &&str| !listed.contains(&fingerprint(method.as_bytes()));
        let draft = |because: String| {
            let draft = exchange.breaks(&REQUIRED);
            draft
                .body(list.offset()..list.content_offset())
                .because(because)
        };
        if exchange.answer.from() == Side::Cpe {
            let download = self.downloads.then_some("Download");
            let missing: Vec<&str> = OF_CPE
                .iter()
                .copied()
                .chain(download)
                .filter(lacks)
                .collect();
            if !missing.is_empty() {
                findings.add(draft(format!("the list lacks {}", missing.join(", "))));
            }
            return;
        }
        let transfers = self.transfers.then_some("TransferComplete");
        let deploys = self.deploys.then_some("DUStateChangeComplete");
        let required = ["GetRPCMethods"]
            .into_iter()
            .chain(transfers)
            .chain(deploys);
        let missing: Vec<&str> = required.filter(lacks).collect();
        if !missing.is_empty() {
            findings.add(draft(format!("the list lacks {}", missing.join(", "))));
        }
        let autonomous = "AutonomousTransferComplete";
        if exchange.answer.version() >= cwmp::schema::Version::V1_1 && lacks(&autonomous) {
            findings.add(draft(format!("the list lacks {autonomous}")).at_most(Severity::Warning));
        }
    }

    fn answered(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let refused = match (exchange.answer.from(), exchange.fault_code()) {
            (Side::Cpe, Some(9000)) | (Side::Acs, Some(8000)) => true,
            _ if exchange.is_fault() => return,
            _ => false,
        };
        let from = exchange.answer.from();
        let method = exchange.method();
        if !refused && (OF_CPE.contains(&method) || method == "Inform") {
            return;
        }
        let session = self.session;
        let side = self.side(from);
        if side.listed.is_empty() {
            let known = side
                .answered
                .iter_mut()
                .find(|answered| answered.method == method);
            if let Some(known) = known {
                (known.served, known.session) = (!refused, session);
            } else if side.answered.len() < ANSWERED_MAX && method.len() <= METHOD_MAX {
                let method = method.to_owned();
                side.answered.push(Answered {
                    method,
                    served: !refused,
                    session,
                });
            }
            return;
        }
        let answered = Answered {
            method: method.to_owned(),
            served: !refused,
            session,
        };
        self.compare(exchange, &answered, findings);
    }

    /// A list and an answer that contradict each other; of an ACS, only of neighbouring sessions.
    fn compare(&mut self, exchange: &Exchange<'_>, answered: &Answered, findings: &mut Findings) {
        let from = exchange.answer.from();
        let reported = self.transfers && answered.method == "TransferComplete"
            || self.deploys && answered.method == "DUStateChangeComplete"
            || answered.method == "AutonomousTransferComplete";
        let side = self.side(from);
        let near = side
            .when
            .is_some_and(|when| when.abs_diff(answered.session) <= 1);
        let listed = side
            .listed
            .contains(&fingerprint(answered.method.as_bytes()));
        let method = &answered.method;
        let blame = if from == Side::Cpe {
            Blame::Cpe
        } else {
            Blame::Acs
        };
        if listed && !answered.served && (near || from == Side::Cpe) {
            let draft = exchange.breaks(&UNSUPPORTED).blame(blame).rpc(method);
            let code = if from == Side::Cpe { 9000 } else { 8000 };
            findings.add(draft.because(format!(
                "{method} is in the list, and is answered with {code}"
            )));
        } else if !listed && answered.served && near && !(from == Side::Acs && reported) {
            let draft = exchange.breaks(&UNLISTED).blame(blame).rpc(method);
            findings.add(draft.because(format!(
                "{method} is answered with success, and is not in the list"
            )));
        }
    }
}

/// What every device supports (TR-069 Amendment 3 section 3.6, Table 5).
const OF_CPE: [&str; 9] = [
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
/// Methods of a list that are looked at; CWMP has 27.
const METHODS_MAX: usize = 256;
/// Methods remembered until a list comes.
const ANSWERED_MAX: usize = 32;
/// Characters of a method that is remembered.
const METHOD_MAX: usize = 64;
/// Parameters of an Inform that are looked at.
const PARAMETERS_MAX: usize = 256;
