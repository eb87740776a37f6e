//! What a fault answers, and whether its code fits what can be known of its cause.

use cwmp::schema::Version;
use cwmp::{EnvelopeRef, Kind};

use crate::conformance::rule::{ACS, BOTH, a3, cite};
use crate::conformance::rules::transfer::messages::names_a_user;
use crate::conformance::{
    Exchange, Findings, Parameter, Rule, Scope, Seen, Topic, Traits, fingerprint,
};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &INCOMPLETE,
    &TO_NOTHING,
    &WRONG_NAME,
    &NEXT_LEVEL,
    &NOTIFICATION,
    &QUEUE,
    &ROOM,
    &USER,
    &AFTERWARDS,
];

/// A request that lacks an argument is not answered with success.
pub(in crate::conformance::rules) const INCOMPLETE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.2.2"), cite("TR-069 Amendment 2", "A.2.2")],
    demands: "A request that lacks a required argument is answered with a fault, not with a response.",
    why: "The responder invented the missing value: a SetParameterValues without ParameterKey that succeeds \
          leaves an old key in place, and the ACS provisions again and again.",
    mend_cpe: "Answer 9003 to a request that lacks an argument.",
    mend_acs: "Answer 8003, or HTTP 400, to a request that lacks an argument.",
    bad: "<cwmp:SetParameterValues> without ParameterKey -> <Status>0</Status>",
    good: "<cwmp:SetParameterValues> without ParameterKey -> <FaultCode>9003</FaultCode>",
    related: &["SOAP-045", "SOAP-008"],
    wireshark: "xml.cdata == \"9003\" || xml.cdata == \"8003\"",
    ..Rule::must("FLT-026", "incomplete-request-accepted", Scope::Exchange)
};

/// A fault answers a request.
const TO_NOTHING: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "A fault is sent in answer to a request, never in answer to a response or a fault.",
    why: "Nobody waits for it: the peer cannot put the fault down to anything it sent and ends the session, \
          and what the fault was to say is lost.",
    mend_cpe: "On a response that cannot be used, end the session; there is nothing to answer.",
    mend_acs: "On a response that cannot be used, go on, end the session, or answer HTTP 400.",
    bad: "<cwmp:InformResponse>\n-> <soap:Fault>",
    good: "<cwmp:InformResponse>\n-> POST of no bytes",
    wireshark: "xml.tag contains \":Fault\"",
    ..Rule::must("FLT-010", "fault-to-no-request", Scope::Session)
};

/// An unknown name is answered with 9005.
const WRONG_NAME: Rule = Rule {
    cites: &[
        a3("A.3.2.2"),
        a3("A.3.2.3"),
        a3("A.3.2.4"),
        a3("A.3.2.5"),
        a3("A.3.2.7"),
    ],
    demands: "A request that names a parameter or object which does not exist is answered with 9005, not with \
          9003.",
    why: "9003 says that the request itself is malformed: the ACS reports an error of its own instead of \
          dropping the name from its model of the device.",
    mend_cpe: "Answer 9005 for a name that is not in the data model.",
    bad: "GetParameterValues Device.Nothing -> <FaultCode>9003</FaultCode>",
    good: "GetParameterValues Device.Nothing -> <FaultCode>9005</FaultCode>",
    wireshark: "xml.cdata == \"9003\"",
    ..Rule::must("FLT-016", "unknown-name-is-9005", Scope::Session)
};

/// NextLevel on a parameter is answered with 9003.
const NEXT_LEVEL: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.3")],
    demands: "GetParameterNames with NextLevel true and the name of a parameter is answered with 9003.",
    why: "A parameter has no next level: an empty list makes the ACS take it for an object without members.",
    mend_cpe: "Answer 9003 where the path is that of a parameter and NextLevel is true.",
    bad: "GetParameterNames Device.DeviceInfo.SoftwareVersion NextLevel=1 -> \
          <cwmp:GetParameterNamesResponse>",
    good: "GetParameterNames Device.DeviceInfo.SoftwareVersion NextLevel=1 -> <FaultCode>9003</FaultCode>",
    wireshark: "xml.tag contains \"GetParameterNames>\"",
    ..Rule::must("FLT-017", "next-level-of-a-parameter", Scope::Session)
};

/// A refused notification is 9009.
const NOTIFICATION: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.4")],
    demands: "A device that refuses active notification for a parameter answers 9009.",
    why: "With 9003 the ACS takes its request for malformed, and does not try passive notification instead.",
    mend_cpe: "Answer 9009.",
    bad: "SetParameterAttributes Notification=2 -> <FaultCode>9003</FaultCode>",
    good: "SetParameterAttributes Notification=2 -> <FaultCode>9009</FaultCode>",
    wireshark: "xml.cdata == \"9003\"",
    ..Rule::heuristic("FLT-019", "refused-notification-is-9009", Scope::Session)
};

/// A full queue of transfers is 9004.
const QUEUE: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.8"), a3("A.4.1.5"), a3("A.4.1.8")],
    demands: "A device whose queue of transfers is full answers 9004.",
    why: "With 9010 the ACS takes the download for failed and drops the file; with 9004 it asks again later.",
    mend_cpe: "Answer 9004 while the queue is full.",
    bad: "<FaultCode>9010</FaultCode>\n<FaultString>transfer queue full</FaultString>",
    good: "<FaultCode>9004</FaultCode>\n<FaultString>transfer queue full</FaultString>",
    wireshark: "xml.tag == \"<FaultString>\"",
    ..Rule::heuristic("FLT-020", "full-queue-is-9004", Scope::Exchange)
};

/// No room for the file is 9010.
const ROOM: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.8"), a3("A.4.1.8")],
    demands: "A device without room for FileSize answers 9010.",
    why: "With 9004 the ACS asks again and again for a file that will never fit.",
    mend_cpe: "Answer 9010 where the file does not fit.",
    bad: "<FaultCode>9004</FaultCode>\n<FaultString>not enough flash space</FaultString>",
    good: "<FaultCode>9010</FaultCode>\n<FaultString>not enough flash space</FaultString>",
    wireshark: "xml.tag == \"<FaultString>\"",
    ..Rule::heuristic("FLT-021", "no-room-is-9010", Scope::Exchange)
};

/// A URL with a user in it is refused.
const USER: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.8"), a3("A.4.1.5"), a3("A.4.1.8")],
    demands: "A device answers 9003 to a transfer whose URL names a user.",
    why: "A device that takes it sends the password along in the clear wherever the URL is logged, and the \
          ACS never learns that it should not do so.",
    mend_cpe: "Answer 9003 to a URL with an `@` in its authority.",
    bad: "<URL>http://user:pass@files/fw</URL> -> <Status>1</Status>",
    good: "<URL>http://user:pass@files/fw</URL> -> <FaultCode>9003</FaultCode>",
    related: &["CWMP-DL-003"],
    wireshark: "xml.cdata contains \"://\" && xml.cdata contains \"@\"",
    ..Rule::should("FLT-022", "user-in-url-refused", Scope::Exchange)
};

/// After a device's fault the ACS goes on, ends, or answers 400.
const AFTERWARDS: Rule = Rule {
    blame: ACS,
    versions: "1.1 and later",
    cites: &[a3("3.7.2.4")],
    demands: "After a fault of the device the ACS sends the next request, ends the session with 204, or answers \
          400.",
    why: "A device that gets a 500 for its fault repeats the session, gets the same request, and answers \
          with the same fault.",
    mend_acs: "Note the fault and go on, or end with 204.",
    bad: "<FaultCode>9005</FaultCode> ->\nHTTP/1.1 500 Internal Server Error",
    good: "<FaultCode>9005</FaultCode> ->\nHTTP/1.1 204 No Content",
    wireshark: "http.response.code >= 500",
    ..Rule::heuristic("FLT-027", "after-a-fault-of-the-device", Scope::Session)
};

/// Looks at an answer to a transfer.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    let method = exchange.method();
    let transfers = matches!(method, "Download" | "Upload" | "ScheduleDownload");
    if !transfers || exchange.answer.from() != Side::Cpe || exchange.answer.is_issue_1() {
        return;
    }
    if exchange.answer.version() < Version::V1_1 {
        return;
    }
    let fault = exchange.response().and_then(|response| response.fault());
    let Some(fault) = fault else {
        let url = exchange
            .request()
            .and_then(|request| request.message()?.child("URL"));
        if url.is_some_and(|url| names_a_user(url.text().trim())) {
            let draft = exchange.breaks(&USER);
            findings.add(draft.because(format!("{method} with a user in its URL is accepted")));
        }
        return;
    };
    let words = fault.string.unwrap_or_default().to_ascii_lowercase();
    let code = fault
        .code
        .as_deref()
        .and_then(|code| code.trim().parse::<u32>().ok());
    let Some(code) = code else {
        return;
    };
    let says = |words_of: &[&str]| words_of.iter().any(|word| words.contains(word));
    if says(&["queue full", "queue is full", "too many transfers"]) && code != 9004 {
        let draft = exchange.breaks(&QUEUE);
        findings.add(draft.because(format!(
            "FaultString speaks of a full queue, and the code is {code}"
        )));
    }
    let room = says(&[
        "filesize",
        "file size",
        "not enough space",
        "no space",
        "insufficient space",
        "flash space",
    ]);
    if room && method != "Upload" && code != 9010 {
        let draft = exchange.breaks(&ROOM);
        findings.add(draft.because(format!(
            "FaultString speaks of room for the file, and the code is {code}"
        )));
    }
}

/// What a session showed of names, and whom a fault answers.
#[derive(Debug, Default)]
pub(super) struct Causes {
    /// Names proved not to exist: asked for alone and answered with 9005.
    absent: Vec<u64>,
    /// Parameters that a short answer named.
    present: Vec<u64>,
    /// What the device last posted, where it was captured whole.
    posted: Posted,
    /// Whether the last answer of the ACS held a request; `None` where that cannot be told.
    asked: Option<bool>,
}

/// What a POST held.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Posted {
    #[default]
    Unknown,
    Request,
    Response,
    Fault,
    Nothing,
}

impl Topic for Causes {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        if !seen.is_whole() {
            self.posted = Posted::Unknown;
            self.asked = None;
            return;
        }
        match seen.from() {
            Side::Cpe => self.of_cpe(seen, findings),
            Side::Acs => self.of_acs(seen, findings),
            Side::Other => {}
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if exchange.answer.from() != Side::Cpe {
            return;
        }
        let method = exchange.method();
        if matches!(method, "AddObject" | "DeleteObject" | "SetParameterValues")
            && !exchange.is_fault()
        {
            self.absent.clear();
            if method == "DeleteObject" {
                self.present.clear();
            }
        }
        match method {
            "GetParameterNames" => {
                self.next_level(exchange, findings);
                self.name(exchange, findings);
            }
            "GetParameterValues" | "GetParameterAttributes" | "DeleteObject" => {
                self.name(exchange, findings);
            }
            "SetParameterAttributes" => {
                self.name(exchange, findings);
                self.notification(exchange, findings);
            }
            _ => {}
        }
        self.learn(exchange);
    }
}

impl Causes {
    fn of_cpe(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let mut posted = if is_legible(seen) {
            Posted::Nothing
        } else {
            Posted::Unknown
        };
        for envelope in seen.envelopes() {
            posted = match envelope.kind() {
                Kind::Request => Posted::Request,
                Kind::Response => Posted::Response,
                Kind::Fault => Posted::Fault,
                Kind::Empty => continue,
            };
        }
        let damaged = seen.session.is_none_or(|facts| facts.damaged);
        if posted == Posted::Fault
            && self.asked == Some(false)
            && !seen.replay
            && !seen.is_issue_1()
            && !damaged
        {
            let draft = seen.breaks(&TO_NOTHING);
            findings.add(draft.because("the last response of the ACS held no request"));
        }
        self.posted = posted;
    }

    fn of_acs(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let status = seen.status();
        if matches!(status, 100..=199 | 300..=399 | 401 | 407) {
            return;
        }
        let mut requests = seen.envelopes();
        let asks = requests.any(|envelope| envelope.kind() == Kind::Request);
        self.asked = is_legible(seen).then_some(asks);
        let faulty = |envelope: EnvelopeRef<'_>| envelope.kind() == Kind::Fault;
        let answers_nothing = matches!(
            self.posted,
            Posted::Response | Posted::Fault | Posted::Nothing
        );
        if seen.envelopes().any(faulty) && answers_nothing && !seen.is_issue_1() {
            let what = match self.posted {
                Posted::Response => "a response",
                Posted::Fault => "a fault",
                _ => "an empty POST",
            };
            let draft = seen.breaks(&TO_NOTHING);
            findings.add(draft.because(format!("a fault of the ACS answers {what}")));
        } else if self.posted == Posted::Fault && status >= 401 && seen.version() >= Version::V1_1 {
            let draft = seen.breaks(&AFTERWARDS);
            findings.add(draft.because(format!(
                "the device's fault is answered with HTTP status {status}"
            )));
        }
    }

    /// GetParameterNames with NextLevel on what is no object.
    fn next_level(&self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let version = exchange.answer.version();
        let message = exchange.request().and_then(|request| request.message());
        let (Some(message), true) = (message, version >= Version::V1_1) else {
            return;
        };
        let text = |name| {
            message
                .child(name)
                .map(|child| child.text())
                .unwrap_or_default()
        };
        let (path, next_level) = (text("ParameterPath"), text("NextLevel"));
        let path = path.trim();
        if path.is_empty() || path.ends_with('.') || !matches!(next_level.trim(), "1" | "true") {
            return;
        }
        let known = self.is_present(exchange, path);
        let draft = exchange.breaks(&NEXT_LEVEL).path(path);
        match exchange.fault_code() {
            Some(9001..=9003) => {}
            Some(9005) if !known => {}
            Some(code) => findings
                .add(draft.because(format!("{path} with NextLevel is answered with {code}"))),
            None if exchange.is_fault() => {}
            None => {
                let most = if known {
                    Severity::Error
                } else {
                    Severity::Warning
                };
                findings.add(
                    draft
                        .at_most(most)
                        .because(format!("{path} with NextLevel is answered with success")),
                );
            }
        }
    }

    /// 9003 for a name that an earlier answer showed not to exist.
    fn name(&self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if exchange.fault_code() != Some(9003) || self.absent.is_empty() {
            return;
        }
        let Some(name) = exchange.request().and_then(|request| only_name(&request)) else {
            return;
        };
        if self.absent.contains(&fingerprint(name.as_bytes())) {
            let draft = exchange.breaks(&WRONG_NAME).path(&name);
            findings.add(draft.because(format!("{name} does not exist, and the code is 9003")));
        }
    }

    fn notification(&self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let version = exchange.answer.version();
        let Some(request) = exchange.request().filter(|_| version >= Version::V1_1) else {
            return;
        };
        if exchange.fault_code() != Some(9003) {
            return;
        }
        let mut active = false;
        for entry in request.parameters().take(NAMES_MAX) {
            let name = entry.name();
            if name.is_empty() || name.ends_with('.') || !self.is_present(exchange, &name) {
                return;
            }
            let notification = entry.element().child("Notification");
            active |= notification.is_some_and(|value| value.text().trim() == "2");
        }
        let fine = super::super::soap::is_clean(&request, version);
        if active && fine {
            let draft = exchange.breaks(&NOTIFICATION);
            findings.add(
                draft.because("active notification on parameters that exist is refused with 9003"),
            );
        }
    }

    fn is_present(&self, exchange: &Exchange<'_>, path: &str) -> bool {
        let inform = exchange
            .answer
            .session
            .and_then(|facts| facts.inform.as_ref());
        let told = inform
            .and_then(|message| message.soap.as_ref())
            .is_some_and(|document| {
                let informs = document
                    .envelope_refs()
                    .filter_map(|envelope| envelope.inform());
                informs
                    .flat_map(|inform| inform.parameters())
                    .any(|parameter| parameter.name() == path)
            });
        told || self.present.contains(&fingerprint(path.as_bytes()))
    }

    /// Names that answers prove to exist, or not to.
    fn learn(&mut self, exchange: &Exchange<'_>) {
        let method = exchange.method();
        if exchange.fault_code() == Some(9005)
            && matches!(method, "GetParameterValues" | "GetParameterNames")
        {
            let name = exchange.request().and_then(|request| only_name(&request));
            if let Some(name) = name.filter(|name| name.len() <= NAME_MAX)
                && self.absent.len() < NAMES_MAX
            {
                self.absent.push(fingerprint(name.as_bytes()));
            }
        }
        if exchange.is_fault() || !matches!(method, "GetParameterValues" | "GetParameterNames") {
            return;
        }
        let room = NAMES_MAX.saturating_sub(self.present.len());
        let answered = exchange.answered().iter().take(NAMES_MAX);
        let present = answered.filter(|parameter| !parameter.has(Traits::OBJECT));
        self.present.extend(present.take(room).map(Parameter::key));
    }
}

/// What the body holds can be seen: it is empty, or was read.
fn is_legible(seen: &Seen<'_>) -> bool {
    seen.message.http.body_bytes == 0 || seen.document().is_some()
}

/// The one name that a request asks for.
fn only_name(request: &EnvelopeRef<'_>) -> Option<String> {
    let message = request.message()?;
    let single = |name: &str| Some(message.child(name)?.text().trim().to_owned());
    match message.name() {
        "GetParameterNames" => single("ParameterPath"),
        "DeleteObject" => single("ObjectName"),
        "SetParameterAttributes" => {
            let mut entries = request.parameters();
            let name = entries.next()?.name().into_owned();
            entries.next().is_none().then_some(name)
        }
        _ => {
            let mut names = message.child("ParameterNames")?.children();
            let name = names.next()?.text().trim().to_owned();
            names.next().is_none().then_some(name)
        }
    }
}

/// Names kept of each kind in one session.
const NAMES_MAX: usize = 64;
/// A longer name may rightly be answered with 9003.
const NAME_MAX: usize = 256;
