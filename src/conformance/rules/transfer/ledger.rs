//! What a device was asked to transfer, and what the capture shows of it: the rules beside it judge.
//!
//! A CommandKey need not be unique, and may be empty (TR-069 Amendment 3 Table 30). Where more than one operation may be
//! meant, nobody is accused.

use std::net::IpAddr;
use std::sync::Arc;

use cwmp::{Element, EnvelopeRef, Kind};

use super::clock::{AGREES_SECONDS, SECOND_NS, absolute_ns};
use super::operation::{Answer, Operation, Shown, What};
use super::units::Change;
use super::url::{Url, host_and_port};
use super::{cancel, delivery, fetch, missing, queue, refused, schedule, software, start, units};
use crate::conformance::{Closed, Exchange, Findings, Seen, Topic};
use crate::session::{Evidence, Outcome, Role, Session, Side, Summary, Transfer};
use crate::source::FrameId;

/// The transfers of one device.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The earliest first.
    pub(super) operations: Vec<Operation>,
    /// ChangeDUState, the earliest first.
    pub(super) changes: Vec<Change>,
    /// Reports that the ACS did not take.
    pub(super) untaken: Vec<refused::Untaken>,
    /// Whose they are.
    pub(super) device: Option<Arc<str>>,
    /// The session at hand.
    pub(super) visit: Visit,
    /// Every operation that the device may have is here: the capture holds each of its sessions since a 0 BOOTSTRAP.
    pub(super) complete: bool,
    /// Sessions that the capture does not hold as a whole.
    pub(super) holes: u32,
    /// From then on it holds all of them.
    pub(super) since_ns: Option<i64>,
    /// An AutonomousDUStateChangeComplete was not taken.
    pub(super) change_untaken: bool,
    /// When the device last reported a transfer of its own.
    pub(super) autonomous_ns: Option<i64>,
    /// The session of the last GetAllQueuedTransfers, and how many transfers it listed.
    pub(super) listed: Option<(u32, usize)>,
    /// The last session did not end as it should.
    pub(super) failed_before: bool,
}

/// What is known of a session while it runs.
#[derive(Debug, Default)]
pub struct Visit {
    pub number: u32,
    /// The device's address.
    pub address: Option<IpAddr>,
    /// Its ConnectionRequestURL names that address: no other host is seen there.
    pub own_address: bool,
    /// Its latest connection to the ACS.
    pub connection: u64,
    /// Host header of its requests in lower case, its port, and the port they went to.
    pub acs: Option<(Box<str>, [u16; 2])>,
    /// Its Inform has been read.
    pub informed: bool,
    pub started_ns: i64,
    /// SoftwareVersion.
    pub version: Option<Box<str>>,
    /// CurrentTime is that of the capture.
    pub clock_agrees: bool,
    /// The Inform has 1 BOOT.
    pub boot: bool,
    /// It has M Reboot.
    pub rebooted_by_acs: bool,
    /// It has 0 BOOTSTRAP with a transfer that ended: another ACS, which led the device here, may have asked for it.
    pub brings_older: bool,
    /// RetryCount.
    pub retries: u32,
}

impl Topic for Ledger {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        match seen.message.role {
            Role::Transfer => fetch::look(self, seen, findings),
            Role::Cwmp => self.cwmp(seen, findings),
            Role::ConnectionRequest | Role::Other => {}
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let by_acs = exchange.asked.message.from == Side::Acs;
        match (by_acs, exchange.method()) {
            (true, "Download" | "Upload" | "ScheduleDownload") => {
                self.answered(exchange, findings);
            }
            (true, "ChangeDUState") => units::answered(self, exchange),
            (true, "CancelTransfer") => cancel::cancelled(self, exchange),
            (true, "GetQueuedTransfers" | "GetAllQueuedTransfers") => {
                queue::listed(self, exchange, findings);
            }
            (false, "TransferComplete") => delivery::reported(self, exchange, findings),
            (false, "DUStateChangeComplete") => units::reported(self, exchange, findings),
            (false, "AutonomousDUStateChangeComplete") => {
                units::autonomous(self, exchange, findings);
            }
            (false, "AutonomousTransferComplete") => {
                self.autonomous_ns = Some(exchange.answer.message.provenance.time.nanoseconds);
            }
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let well = ended_well(closed.session);
        self.failed_before = !well;
        if !is_seen_whole(closed) {
            self.unsure();
        }
        if self.operations.is_empty() && self.changes.is_empty() && self.untaken.is_empty() {
            return;
        }
        let number = closed.session.number;
        for operation in &mut self.operations {
            if operation.session == number {
                operation.session_end_ns = Some(closed.session.end.nanoseconds);
            }
            if let Some(report) = &mut operation.report
                && report.session == number
            {
                report.confirmed |= well;
            }
        }
        start::session_ended(self, number, findings);
        refused::session_ended(self, closed, findings);
        if well {
            missing::session_ended(self, closed);
            units::session_ended(self, closed);
        }
    }

    fn transfer(&mut self, transfer: &Transfer, findings: &mut Findings) {
        fetch::moved(self, transfer, findings);
    }

    fn finish(&mut self, summary: &Summary, findings: &mut Findings) {
        // What is missing may have been in what the capture lacks.
        if summary.tcp.gaps > 0 {
            return;
        }
        missing::never_came(self, findings);
        units::never_came(self, findings);
    }
}

impl Ledger {
    fn cwmp(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(facts) = seen.session else {
            return;
        };
        if facts.number < self.visit.number {
            // Two sessions at once: which of them knows what cannot be told.
            self.unsure();
            return;
        }
        if facts.number != self.visit.number {
            self.visit = Visit {
                number: facts.number,
                ..Visit::default()
            };
        }
        if self.device.is_none() {
            self.device = facts.device.clone().or(seen.message.device.clone());
        }
        let provenance = &seen.message.provenance;
        self.visit.connection = provenance.connection;
        match seen.from() {
            Side::Cpe if seen.is_request() => {
                self.visit.address = Some(provenance.source.ip());
                if seen.is_whole() && !self.visit.informed {
                    self.informed(seen, findings);
                }
            }
            Side::Acs => self.asked(seen),
            _ => {}
        }
    }

    /// The capture lacks something: what is here need not be all.
    pub(super) fn unsure(&mut self) {
        self.holes = self.holes.saturating_add(1);
        self.complete = false;
        self.since_ns = None;
    }

    fn informed(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(inform) = seen.informed() else {
            return;
        };
        let visit = &mut self.visit;
        let bootstrap = inform.has("0 BOOTSTRAP");
        visit.boot |= inform.has("1 BOOT");
        visit.rebooted_by_acs |= inform.has("M Reboot");
        let ended = inform.has("7 TRANSFER COMPLETE");
        let provenance = &seen.message.provenance;
        visit.informed = true;
        visit.brings_older = bootstrap && ended;
        visit.started_ns = provenance.started.nanoseconds;
        visit.retries = inform.retry_count.unwrap_or(0);
        visit.version = inform
            .parameter("DeviceInfo.SoftwareVersion")
            .and_then(|parameter| parameter.value())
            .map(|value| bounded(value.trim()));
        let url = inform
            .parameter("ManagementServer.ConnectionRequestURL")
            .and_then(|parameter| Url::parse(parameter.value()?));
        let host = url.and_then(|url| url.host.parse::<IpAddr>().ok());
        visit.own_address = host.is_some() && host == visit.address;
        visit.clock_agrees = inform
            .inform
            .current_time()
            .and_then(|time| absolute_ns(&time))
            .is_some_and(|time| time.abs_diff(visit.started_ns) <= AGREES_NS);
        let host = seen.message.http.view().header("Host");
        let host = host.and_then(|host| host_and_port(std::str::from_utf8(&host).ok()?));
        let port = provenance.destination.port();
        visit.acs =
            host.map(|(host, named)| (host.into_boxed_str(), [named.unwrap_or(HTTP_PORT), port]));
        self.since_ns.get_or_insert(visit.started_ns);
        if bootstrap {
            self.bootstrapped(seen.session.is_some_and(|facts| facts.from_its_start));
        } else if self.visit.boot {
            self.booted();
        }
        software::informed(self, seen, findings);
        schedule::informed(self, seen, findings);
    }

    /// All that was not delivered is discarded (TR-069 Amendment 3 section 3.7.1.5).
    fn bootstrapped(&mut self, from_its_start: bool) {
        for operation in &mut self.operations {
            operation.dropped = true;
        }
        for change in &mut self.changes {
            change.dropped = true;
        }
        self.untaken.clear();
        self.complete = from_its_start;
    }

    fn booted(&mut self) {
        let now_ns = self.visit.started_ns;
        for operation in &mut self.operations {
            operation.rebooted_ns.get_or_insert(now_ns);
        }
    }

    /// Notes what the ACS asks for, before it is answered.
    fn asked(&mut self, seen: &Seen<'_>) {
        for envelope in seen.envelopes() {
            if envelope.kind() != Kind::Request {
                continue;
            }
            if envelope.method() == Some("ChangeDUState") {
                units::asked(self, seen, &envelope);
            } else if let Some(operation) = self.operation(seen, &envelope) {
                if self.operations.len() >= OPERATIONS_MAX {
                    self.operations.remove(0);
                    self.unsure();
                }
                self.operations.push(operation);
            }
        }
    }

    fn operation(&self, seen: &Seen<'_>, envelope: &EnvelopeRef<'_>) -> Option<Operation> {
        let what = What::of(envelope.method()?)?;
        let request = envelope.transfer_request()?;
        let message = envelope.message()?;
        let number = |name| child(message, name).trim().parse::<u32>().unwrap_or(0);
        let file_type = request.file_type.trim();
        let downloads = what != What::Upload;
        let windows = message.child("TimeWindowList");
        let windows = windows.iter().flat_map(Element::children).take(2);
        let seconds = |window: Element<'_>, name| child(window, name).trim().parse::<u32>().ok();
        let windows = windows
            .filter_map(|one| Some((seconds(one, "WindowStart")?, seconds(one, "WindowEnd")?)));
        Some(Operation {
            what,
            key: bounded(&request.command_key),
            url: bounded(request.url.trim()),
            image: downloads && is_image(file_type),
            configuration: downloads && file_type == "3 Vendor Configuration File",
            credentials: !request.username.is_empty() || !child(message, "Password").is_empty(),
            size_told: number("FileSize") > 0,
            delay_seconds: number("DelaySeconds"),
            windows: windows.collect(),
            asked_ns: seen.message.provenance.time.nanoseconds,
            session: self.visit.number,
            session_end_ns: None,
            clock_agreed: self.visit.clock_agrees,
            version: self.visit.version.clone(),
            answer: Answer::Unknown,
            asking: None,
            fetched: None,
            report: None,
            told: false,
            cancelled_ns: None,
            dropped: false,
            rebooted_ns: None,
            holes: self.holes,
            software_seen: false,
            over: None,
            missed: None,
            long_after: None,
            issue_1: seen.is_issue_1(),
            frames: some_frames(seen),
        })
    }

    /// The answer to a request for a transfer.
    fn answered(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let Some(request) = exchange.request() else {
            return;
        };
        let time_ns = exchange.asked.message.provenance.time.nanoseconds;
        let what = What::of(exchange.method());
        let key = request
            .transfer_request()
            .map(|request| bounded(&request.command_key));
        let at = self.operations.iter().rposition(|operation| {
            Some(operation.what) == what
                && operation.asked_ns == time_ns
                && Some(&operation.key) == key.as_ref()
                && operation.answer == Answer::Unknown
        });
        let answered_ns = exchange.answer.message.provenance.time.nanoseconds;
        let status = exchange
            .response()
            .and_then(|response| response.message())
            .map(|message| child(message, "Status").trim().to_owned());
        let answer = match (exchange.is_fault(), status.as_deref()) {
            (true, _) => Answer::Refused {
                time_ns: answered_ns,
            },
            (false, _) if what == Some(What::ScheduleDownload) => Answer::Accepted,
            (false, Some("0")) => Answer::Done,
            (false, Some("1")) => Answer::Accepted,
            _ => return,
        };
        let Some(operation) = at.and_then(|at| self.operations.get_mut(at)) else {
            return;
        };
        operation.answer = answer;
        queue::refused(self, exchange, findings);
        missing::done_without(self, at.unwrap_or_default(), exchange, findings);
    }

    /// The operations of this key.
    pub(super) fn of_key<'k>(&'k self, key: &'k str) -> impl Iterator<Item = &'k Operation> + 'k {
        self.operations
            .iter()
            .filter(move |operation| &*operation.key == key)
    }
}

/// A session ended as it should, and the capture shows it.
pub(super) fn ended_well(session: &Session) -> bool {
    matches!(session.outcome, Outcome::Complete | Outcome::Faulted)
}

/// The capture holds all that a session said.
pub(super) fn is_seen_whole(closed: &Closed<'_>) -> bool {
    let steps = &closed.session.steps;
    closed.facts.is_whole()
        && closed.session.gaps == 0
        && (ended_well(closed.session) || closed.session.closed_by_peer)
        && steps.iter().all(|step| step.evidence == Evidence::Complete)
}

/// Where a session can be seen: its last step.
pub(super) fn shown(closed: &Closed<'_>) -> Shown {
    let last = closed.session.steps.last();
    Shown {
        session: closed.session.number,
        time: last.map_or(closed.session.end, |step| step.time),
        frames: last.map(|step| step.frames.clone()).unwrap_or_default(),
    }
}

/// Text of the first child of this name.
pub(super) fn child<'a>(parent: Element<'a>, name: &str) -> std::borrow::Cow<'a, str> {
    parent
        .child(name)
        .map(|child| child.text())
        .unwrap_or_default()
}

/// What is kept of a text; what is longer than the schema allows is never compared with success.
pub(super) fn bounded(text: &str) -> Box<str> {
    let end = (0..=TEXT_BYTES_MAX.min(text.len()))
        .rev()
        .find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default().into()
}

/// The first frames of a message.
pub(super) fn some_frames(seen: &Seen<'_>) -> Vec<FrameId> {
    let mut frames = seen.message.provenance.frames();
    frames.truncate(FRAMES_KEPT);
    frames
}

/// Firmware, also where a vendor's document prints the type without its blank.
fn is_image(file_type: &str) -> bool {
    matches!(
        file_type,
        "1 Firmware Upgrade Image" | "1Firmware Upgrade Image"
    )
}

/// Operations kept of one device; a device need queue three (TR-069 Amendment 3 section A.3.2.8), and lists sixteen at most.
const OPERATIONS_MAX: usize = 32;
/// A URL has at most 256 characters, of four bytes at most; a CommandKey 32.
const TEXT_BYTES_MAX: usize = 1024;
/// Frames kept of one message.
pub(super) const FRAMES_KEPT: usize = 4;
/// Where a Host header names none.
const HTTP_PORT: u16 = 80;
const AGREES_NS: u64 = (AGREES_SECONDS * SECOND_NS) as u64;
