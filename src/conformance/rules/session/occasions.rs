//! What has to bring a session about, and what must not: reboots, another ACS URL, values that changed (TR-069 Amendment 3
//! section 3.2.1).

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::conformance::rule::{CPE, a3};
use crate::conformance::rules::inform::bootstrap::{is_in_use, place};
use crate::conformance::{
    Closed, Draft, Exchange, Findings, Informed, Rule, Scope, Seen, Topic, fingerprint,
};
use crate::session::address::url_address;
use crate::session::{Outcome, Side, Summary};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&OWN_CHANGE, &BOOT_REPORTED, &URL_CHANGED, &ADDRESS_CHANGED];

/// What the ACS sets is no news to it.
const OWN_CHANGE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.1")],
    demands: "A change that the ACS itself makes with SetParameterValues brings no session about.",
    why: "Each change costs a second session, and an ACS that sets values whenever it sees `4 VALUE CHANGE` goes round in a circle with \
          the device.",
    mend_cpe: "Compare with what the ACS wrote last before you report a change.",
    bad: "SetParameterValues ProvisioningCode = b\n(session ends)\nInform with 4 VALUE CHANGE: ProvisioningCode = b",
    good: "SetParameterValues ProvisioningCode = b\n(session ends, and no other follows)",
    related: &["SESS-046"],
    wireshark: "xml contains \"4 VALUE CHANGE\"",
    ..Rule::must("SESS-029", "own-change-starts-no-session", Scope::Device)
};

/// A boot is reported.
const BOOT_REPORTED: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.1"), a3("A.3.2.9")],
    demands: "The first Inform after a reboot has `1 BOOT`, or `0 BOOTSTRAP`.",
    why: "The ACS waits for the boot that it asked for: its task stays open or is asked for again, and the device reboots once more.",
    mend_cpe: "Put 1 BOOT (and M Reboot where an ACS asked for it) into the first Inform after each start.",
    bad: "<cwmp:RebootResponse/>\n(session ends)\nInform with 2 PERIODIC",
    good: "<cwmp:RebootResponse/>\n(session ends)\nInform with 1 BOOT, M Reboot",
    related: &["SESS-023"],
    wireshark: "xml contains \"1 BOOT\" || xml contains \"RebootResponse\"",
    of_absence: true,
    ..Rule::must("SESS-031", "boot-is-reported", Scope::Device)
};

/// Another ACS URL.
const URL_CHANGED: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.1"), a3("3.2.1"), a3("Table 7")],
    demands: "After the ACS has set ManagementServer.URL to another value, the next session goes there and has `0 BOOTSTRAP`.",
    why: "Without 0 BOOTSTRAP the new ACS does not know that the device is new to it, sets neither credentials nor intervals, and the \
          move stays half done; where the old URL is used on, the migration has not happened at all.",
    mend_cpe: "Take the new URL into use when the session has ended, and open the first session there with 0 BOOTSTRAP.",
    bad: "SetParameterValues ManagementServer.URL = http://new/\n(session ends)\nInform with 2 PERIODIC",
    good: "SetParameterValues ManagementServer.URL = http://new/\n(session ends)\nInform to http://new/ with 0 BOOTSTRAP",
    wireshark: "xml contains \"ManagementServer.URL\"",
    of_absence: true,
    ..Rule::must("SESS-042", "new-acs-url-brings-bootstrap", Scope::Device)
};

/// An address that changes during a session.
const ADDRESS_CHANGED: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.1")],
    demands: "A parameter with active notification that changes during a session by other than the ACS is reported with `4 VALUE CHANGE` in \
              a session right behind it.",
    why: "The ACS goes on with the old ConnectionRequestURL: its Connection Requests go to an address that is another device's by now, and \
          the phone is not reached until its next periodic Inform.",
    mend_cpe: "Note changes while a session runs, and open the next one for them as soon as it has ended.",
    bad: "ConnectionRequestURL http://10.0.0.2/; the session goes on from 10.0.0.9\nnext Inform: 2 PERIODIC, ConnectionRequestURL http://10.0.0.9/",
    good: "ConnectionRequestURL http://10.0.0.2/; the session goes on from 10.0.0.9\nnext Inform: 4 VALUE CHANGE, ConnectionRequestURL http://10.0.0.9/",
    related: &["SESS-029"],
    wireshark: "xml contains \"ConnectionRequestURL\"",
    of_absence: true,
    ..Rule::must(
        "SESS-046",
        "change-in-session-reported-behind-it",
        Scope::Device,
    )
};

/// RebootResponse.
#[derive(Debug)]
struct Agreed {
    time_ns: i64,
    frames: Vec<FrameId>,
    /// An Inform without a boot that came late enough for one, and how long after this the last such came.
    suspect: Option<(Box<Draft>, i64)>,
}

impl Agreed {
    /// How long after it a message comes.
    fn before_ns(&self, seen: &Seen<'_>) -> i64 {
        let now_ns = seen.message.provenance.time.nanoseconds;
        now_ns.saturating_sub(self.time_ns)
    }

    /// Must the device have started again by now? Only time tells, where the Inform itself does not.
    fn is_over(&self, seen: &Seen<'_>, inform: &Informed<'_>) -> bool {
        inform.has("M Reboot") || self.before_ns(seen) >= LATEST_NS
    }

    /// An Inform without a boot. A device may put its reboot off, so the next ones tell more.
    fn missed(&mut self, seen: &Seen<'_>, inform: &Informed<'_>, findings: &mut Findings) {
        let after_ns = self.before_ns(seen);
        let is_over = self.is_over(seen, inform);
        if after_ns < REBOOT_NS && !is_over {
            return;
        }
        let said = "the first Inform after the reboot has no 1 BOOT";
        let first = || {
            Box::new(
                seen.breaks(&BOOT_REPORTED)
                    .shown_in(&self.frames)
                    .because(said),
            )
        };
        let (draft, _) = self.suspect.take().unwrap_or_else(|| (first(), 0));
        if is_over {
            findings.add(*draft);
        } else {
            self.suspect = Some((draft, after_ns));
        }
    }

    /// An Inform with a boot: soon enough, or with M Reboot, it is that of the reboot, and what came before came before it.
    fn came(&mut self, seen: &Seen<'_>, inform: &Informed<'_>, findings: &mut Findings) {
        let is_it = inform.has("M Reboot") || self.before_ns(seen) < LATEST_NS;
        if let Some((draft, _)) = self.suspect.take().filter(|_| !is_it) {
            findings.add(*draft);
        }
    }
}

/// What a device's next Inform has to tell, or must not.
#[derive(Debug, Default)]
pub(super) struct Occasions {
    /// The session whose Inform was seen last.
    current: u32,
    /// What the ACS has set since the last Inform, by name: hashes.
    set: BTreeMap<u64, u64>,
    crowded: bool,
    /// The device agreed to reboot; and then its session ended in order.
    reboot: Option<Box<Agreed>>,
    reboot_due: bool,
    /// The new ACS URL that the device agreed to.
    url: Option<Box<(String, Vec<FrameId>)>>,
    /// The host of the ConnectionRequestURL reported last, where messages came from it.
    reported: Option<IpAddr>,
    /// A later message of that session came from this address.
    moved: Option<Box<(IpAddr, Vec<FrameId>)>>,
}

impl Topic for Occasions {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(session) = seen
            .session
            .filter(|_| seen.is_cwmp() && seen.from() == Side::Cpe)
        else {
            return;
        };
        match seen.informed_first() {
            Some(inform) if session.number != self.current => {
                self.current = session.number;
                if seen.is_whole() {
                    self.judge(seen, inform, findings);
                }
                self.begin(seen, inform);
            }
            _ if session.number == self.current => self.follow(seen),
            _ => {}
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        if exchange.answer.from() != Side::Cpe || exchange.is_fault() {
            return;
        }
        match exchange.method() {
            "SetParameterValues" => self.note_set(exchange),
            "Reboot" => {
                let provenance = &exchange.answer.message.provenance;
                let before = self.reboot.take();
                self.reboot = Some(Box::new(Agreed {
                    time_ns: provenance.time.nanoseconds,
                    frames: provenance.frames(),
                    suspect: before.and_then(|before| before.suspect),
                }));
                self.reboot_due = false;
            }
            "AddObject" | "DeleteObject" | "FactoryReset" | "Download" => self.crowded = true,
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, _findings: &mut Findings) {
        if closed.session.number != self.current {
            return;
        }
        let ended = matches!(closed.session.outcome, Outcome::Complete | Outcome::Faulted);
        self.reboot_due |= self.reboot.is_some() && ended && closed.facts.is_whole();
    }

    fn finish(&mut self, _summary: &Summary, findings: &mut Findings) {
        let suspect = self.reboot.take().and_then(|agreed| agreed.suspect);
        if let Some((draft, after_ns)) = suspect
            && after_ns >= SETTLED_NS
        {
            findings.add(*draft);
        }
    }
}

impl Occasions {
    /// The first Inform behind what happened.
    fn judge(&mut self, seen: &Seen<'_>, inform: &Informed<'_>, findings: &mut Findings) {
        let has = |code: &str| inform.has(code);
        let starts = has("0 BOOTSTRAP") || has("1 BOOT");
        match &mut self.reboot {
            Some(agreed) if self.reboot_due && starts => agreed.came(seen, inform, findings),
            Some(agreed) if self.reboot_due => agreed.missed(seen, inform, findings),
            _ => {}
        }
        if let Some(changed) = self.url.take()
            && !has("0 BOOTSTRAP")
        {
            let (url, frames) = *changed;
            let (url, _) = url.split_once('?').unwrap_or((&url, ""));
            let said = format!(
                "ManagementServer.URL was set to {}, and the next Inform has no 0 BOOTSTRAP",
                place(url).unwrap_or_default()
            );
            findings.add(seen.breaks(&URL_CHANGED).shown_in(&frames).because(said));
        }
        if let Some(moved) = self.moved.take()
            && let (Some(before), Some(now)) = (self.reported, reported(inform))
            && now == moved.0
            && before != now
            && !starts
            && !has("4 VALUE CHANGE")
        {
            let said = format!(
                "the device moved from {before} to {now} during a session, and reports it without 4 VALUE CHANGE"
            );
            let draft = seen.breaks(&ADDRESS_CHANGED).shown_in(&moved.1);
            findings.add(draft.because(said));
        }
        let only_change = inform.has_alone("4 VALUE CHANGE");
        if only_change && inform.retry_count == Some(0) && !self.crowded && !self.set.is_empty() {
            self.own_change(seen, inform, findings);
        }
    }

    /// Nothing has changed but what the ACS set.
    fn own_change(&self, seen: &Seen<'_>, inform: &Informed<'_>, findings: &mut Findings) {
        let told = inform.parameters.iter();
        let mut told = told
            .filter(|parameter| !is_forced(parameter.name()))
            .peekable();
        let Some(first) = told.peek().copied() else {
            return;
        };
        let own = told.all(|parameter| {
            let value = parameter.value().unwrap_or_default();
            self.set.get(&parameter.key()) == Some(&hash(value.trim()))
        });
        if own {
            let name = first.name();
            let said = format!("4 VALUE CHANGE tells {name}, which holds what the ACS set");
            let draft = seen.breaks_at(&OWN_CHANGE, first.element()).path(name);
            findings.add(draft.because(said));
        }
    }

    /// Another session: what was before is told, or will not be.
    fn begin(&mut self, seen: &Seen<'_>, inform: &Informed<'_>) {
        self.set.clear();
        self.crowded = false;
        // What it says before it goes down is no reboot: an Inform behind that one tells.
        let waits = self.reboot_due && !inform.has("1 BOOT") && !inform.has("0 BOOTSTRAP");
        let is_told = |agreed: &Agreed| seen.is_whole() || agreed.before_ns(seen) < REBOOT_NS;
        self.reboot
            .take_if(|agreed| !waits || agreed.is_over(seen, inform) || !is_told(agreed));
        self.reboot_due = self.reboot.is_some();
        self.url = None;
        self.moved = None;
        // Behind a NAT the address that messages come from says nothing of the device's own.
        let from = seen.message.provenance.source.ip();
        self.reported = reported(inform).filter(|address| *address == from);
    }

    fn follow(&mut self, seen: &Seen<'_>) {
        let from = seen.message.provenance.source.ip();
        if self.reported.is_some_and(|address| address != from) && self.moved.is_none() {
            self.moved = Some(Box::new((from, seen.message.provenance.frames())));
        }
    }

    fn note_set(&mut self, exchange: &Exchange<'_>) {
        let Some(request) = exchange.request() else {
            return;
        };
        for parameter in request.parameters() {
            let (name, value) = (parameter.name(), parameter.value().unwrap_or_default());
            if name.ends_with(".ManagementServer.URL") {
                self.note_url(exchange, value.trim());
            }
            if self.set.len() < SET_MAX {
                self.set.insert(hash(&name), hash(value.trim()));
            } else {
                self.crowded = true;
            }
        }
    }

    /// Another URL than the device uses now; the same once more changes nothing.
    fn note_url(&mut self, exchange: &Exchange<'_>, url: &str) {
        let session = exchange.answer.session;
        let in_use = session.and_then(|session| is_in_use(session, url));
        if in_use != Some(false) || url.len() > URL_BYTES {
            self.url = None;
            return;
        }
        let mut frames = exchange.asked.message.provenance.frames();
        frames.extend(exchange.answer.message.provenance.frames());
        self.url = Some(Box::new((url.to_owned(), frames)));
    }
}

/// The address in the ConnectionRequestURL, where it is one.
fn reported(inform: &Informed<'_>) -> Option<IpAddr> {
    let url = inform
        .parameter("ManagementServer.ConnectionRequestURL")?
        .value()?;
    url_address(url)
}

/// Listed in every Inform, changed or not.
fn is_forced(name: &str) -> bool {
    FORCED.iter().any(|end| name.ends_with(end))
}

fn hash(text: &str) -> u64 {
    fingerprint(text.as_bytes())
}

/// Ends of the names of parameters that some data model lists in every Inform.
const FORCED: [&str; 14] = [
    "Device.DeviceSummary",
    "InternetGatewayDevice.DeviceSummary",
    ".RootDataModelVersion",
    ".DeviceInfo.SpecVersion",
    ".DeviceInfo.HardwareVersion",
    ".DeviceInfo.SoftwareVersion",
    ".DeviceInfo.ProvisioningCode",
    ".ManagementServer.ParameterKey",
    ".ManagementServer.ConnectionRequestURL",
    ".ManagementServer.UDPConnectionRequestAddress",
    ".ManagementServer.NATDetected",
    ".ManagementServer.AliasBasedAddressing",
    ".LAN.IPAddress",
    ".ExternalIPAddress",
];
/// An Inform that comes sooner after RebootResponse is of the time before the reboot.
const REBOOT_NS: i64 = 20_000_000_000;
/// One that comes sooner may be, where no later one tells: phones take that long to start.
const SETTLED_NS: i64 = 60_000_000_000;
/// Longer than this no device puts a reboot off, for a call as an example: TR-069 says no time.
const LATEST_NS: i64 = 1_800_000_000_000;
/// Names remembered that the ACS has set since the last Inform.
const SET_MAX: usize = 256;
/// Bytes of a URL that are kept.
const URL_BYTES: usize = 1024;
