//! A gateway's table of managed devices, as the ACS reads it (TR-111 section 1.2.1; TR-069 Amendment 3 section F.2.1).

use std::collections::BTreeMap;

use super::clients::{Client, Clients};
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::rules::stun::Notified;
use crate::conformance::{Closed, Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ONE_ROW, &GONE, &COUNT, &NOTIFICATION, &STAYS];

const ONE_ROW: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-111", "1.2.1"), a3("F.2.1")],
    demands: "A device that named itself in DHCP has exactly one row in the gateway's ManageableDevice table, with an empty ProductClass if it sent none.",
    why: "With two rows of one phone the ACS maps two ports to it and loses track of which one Connection Requests go through; with none it \
          does not know that the phone is there.",
    mend_cpe: "The gateway is the cpe here. Look the row up by OUI, serial number and product class before adding one, and add it with the ACK.",
    bad: "ManageableDevice.1.SerialNumber = S1\nManageableDevice.2.SerialNumber = S1",
    good: "ManageableDevice.1.SerialNumber = S1",
    related: &["DHCP-016", "DHCP-029"],
    wireshark: "xml contains \"ManageableDevice\"",
    ..Rule::must("DHCP-015", "manageable-device-not-one-row", Scope::Device)
};

const GONE: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[cite("TR-111", "1.2.1"), a3("F.2.1")],
    demands: "When a device gives its lease back, or it ends, its row is removed from ManageableDevice.",
    why: "The ACS takes each row for a phone that it can reach. Rows of phones that left months ago keep their port mappings, and the \
          table grows until the gateway refuses new ones.",
    mend_cpe: "The gateway is the cpe here. Remove the row with the lease.",
    bad: "RELEASE of S1\nManageableDevice.1.SerialNumber = S1        ten minutes later",
    good: "RELEASE of S1\nManageableDeviceNumberOfEntries = 0",
    related: &["DHCP-029"],
    wireshark: "dhcp.option.dhcp == 7 || xml contains \"ManageableDevice\"",
    of_absence: true,
    ..Rule::must("DHCP-016", "manageable-device-not-removed", Scope::Device)
};

const COUNT: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-111", "1.2.6.1 table 3"), a3("F.2.1")],
    demands: "ManageableDeviceNumberOfEntries is the number of rows, and two notifications of its change are at least ManageableDeviceNotificationLimit seconds apart.",
    why: "An ACS that reads the rows by number asks for one that is not there and gets 9005, or overlooks the last phone. Without the limit \
          an office of forty phones that comes back after a power cut opens forty sessions of its gateway.",
    mend_cpe: "The gateway is the cpe here. Count the rows when the value is read, and collect changes until the limit has passed.",
    bad: "ManageableDeviceNumberOfEntries = 3\nManageableDevice.1..., ManageableDevice.2...",
    good: "ManageableDeviceNumberOfEntries = 2\nManageableDevice.1..., ManageableDevice.2...",
    related: &["DHCP-015", "DHCP-025"],
    wireshark: "xml contains \"ManageableDeviceNumberOfEntries\"",
    ..Rule::must("DHCP-017", "manageable-device-count", Scope::Device)
};

const NOTIFICATION: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-111", "1.2.6.1 table 3"), a3("F.2.1")],
    demands: "Notification on ManageableDeviceNumberOfEntries and ManageableDeviceNotificationLimit is accepted; only the identities in the rows may refuse it.",
    why: "The ACS learns of a new phone by the number of rows. Refused with 9009, it has to ask the gateway again and again, or never hears \
          of the phone.",
    mend_cpe: "The gateway is the cpe here. Accept Notification 1 and 2 for both parameters.",
    bad: "SetParameterAttributes: ManageableDeviceNumberOfEntries, Notification 2\nFault 9009",
    good: "SetParameterAttributes: ManageableDeviceNumberOfEntries, Notification 2\nSetParameterAttributesResponse",
    related: &["DHCP-017"],
    wireshark: "xml contains \"9009\"",
    ..Rule::must(
        "DHCP-025",
        "manageable-device-notification-refused",
        Scope::Exchange,
    )
};

const STAYS: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[cite("TR-111", "1.2.1"), a3("F.2.1")],
    demands: "A row stays as long as its device is connected and its lease holds.",
    why: "A gateway that drops rows after an hour, or with its own restart, tells the ACS that the phone has left; the ACS removes the port \
          mapping, and the phone cannot be reached though it is on the desk.",
    mend_cpe: "The gateway is the cpe here. Keep the row until the lease ends, renewals included.",
    bad: "REQUEST and ACK of S1 (renewed)\nManageableDeviceNumberOfEntries = 0        a minute later",
    good: "REQUEST and ACK of S1 (renewed)\nManageableDevice.1.SerialNumber = S1",
    related: &["DHCP-015", "DHCP-016"],
    wireshark: "dhcp.option.dhcp == 5 || xml contains \"ManageableDevice\"",
    of_absence: true,
    ..Rule::must("DHCP-029", "manageable-device-gone-too-soon", Scope::Device)
};

/// One row, as far as it was read.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Row {
    oui: Option<String>,
    serial_number: Option<String>,
    product_class: Option<String>,
}

/// What stands behind the name of the table.
fn row_of(name: &str) -> Option<&str> {
    let (_, own) = name.split_once(".ManagementServer.ManageableDevice")?;
    Some(own)
}

/// Looks at the answer to GetParameterValues.
pub(super) fn look(clients: &mut Clients, exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "GetParameterValues" || exchange.is_fault() {
        return;
    }
    let Some(request) = exchange.request() else {
        return;
    };
    // A table without rows is not mentioned in the answer.
    let asked = || request.document().may_hold(b"ManageableDevice");
    let mut managed = exchange.managed();
    if !managed.any(|parameter| row_of(parameter.name()).is_some()) && !asked() {
        return;
    }
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut count = None;
    for parameter in exchange.managed() {
        let Some(own) = row_of(parameter.name()) else {
            continue;
        };
        let value = parameter.value().unwrap_or_default().to_owned();
        if own == "NumberOfEntries" {
            count = value.trim().parse::<usize>().ok();
        } else if let Some((number, field)) =
            own.strip_prefix('.').and_then(|own| own.split_once('.'))
        {
            if rows.len() >= ROWS_MAX && !rows.contains_key(number) {
                return;
            }
            let row = rows.entry(number.to_owned()).or_default();
            match field {
                "ManufacturerOUI" => row.oui = Some(value),
                "SerialNumber" => row.serial_number = Some(value),
                "ProductClass" => row.product_class = Some(value),
                _ => {}
            }
        }
    }
    twice(&rows, exchange, findings);
    if !whole_table(exchange) {
        if let Some(count) = count.filter(|count| *count < rows.len()) {
            counted(count, rows.len(), exchange, findings);
        }
        return;
    }
    if let Some(count) = count.filter(|count| *count != rows.len()) {
        counted(count, rows.len(), exchange, findings);
    }
    let Some(gateway) = exchange.answer.message.device.clone() else {
        return;
    };
    let now_ns = exchange.answer.message.provenance.time.nanoseconds;
    clients.behind(&gateway, |client| {
        listed(client, &rows, now_ns, exchange, findings);
    });
}

/// The request asks for all rows: by a partial path to the table, or one above it.
fn whole_table(exchange: &Exchange<'_>) -> bool {
    let names = exchange
        .request()
        .and_then(|request| request.message()?.child("ParameterNames"));
    names.is_some_and(|names| {
        names.children().any(|name| {
            let name = name.text();
            let name = name.trim();
            let root = name.split_once('.').map(|(_, path)| path);
            matches!(
                root,
                Some("" | "ManagementServer." | "ManagementServer.ManageableDevice.")
            )
        })
    })
}

fn twice(rows: &BTreeMap<String, Row>, exchange: &Exchange<'_>, findings: &mut Findings) {
    let mut known: BTreeMap<&Row, &String> = BTreeMap::new();
    for (number, row) in rows {
        let named = row.oui.as_deref().is_some_and(|oui| !oui.is_empty())
            && row
                .serial_number
                .as_deref()
                .is_some_and(|serial| !serial.is_empty())
            && row.product_class.is_some();
        if !named {
            continue;
        }
        if let Some(other) = known.insert(row, number) {
            let serial = row.serial_number.as_deref().unwrap_or_default();
            let said = format!("rows {other} and {number} are both the device {serial}");
            findings.add(exchange.breaks(&ONE_ROW).path(ROWS).because(said));
        }
    }
}

fn counted(count: usize, rows: usize, exchange: &Exchange<'_>, findings: &mut Findings) {
    let said = format!("ManageableDeviceNumberOfEntries is {count}, and there are {rows} rows");
    findings.add(exchange.breaks(&COUNT).path(ENTRIES).because(said));
}

/// One client of this gateway, which named itself, against the whole table.
fn listed(
    client: &mut Client,
    rows: &BTreeMap<String, Row>,
    now_ns: i64,
    exchange: &Exchange<'_>,
    findings: &mut Findings,
) {
    let Some(device) = &client.device else { return };
    let text = |value: &Option<String>| {
        value
            .as_deref()
            .unwrap_or_default()
            .trim_end_matches('\0')
            .to_owned()
    };
    let is_it = |row: &&Row| {
        text(&row.oui) == text(&device.oui)
            && text(&row.serial_number) == text(&device.serial_number)
    };
    let row = rows.values().find(is_it);
    let name = text(&device.serial_number);
    let since = |then: i64| now_ns.saturating_sub(then);
    if let Some((released_ns, frames)) = &client.released {
        if row.is_some() && since(*released_ns) > GRACE_NS {
            let said = format!(
                "the row of {name} is there {} s after its lease was given back",
                since(*released_ns) / SECOND_NS
            );
            let draft = exchange.breaks(&GONE).shown_in(frames).path(ROWS);
            findings.add(draft.because(said));
        }
        return;
    }
    let Some(acked_ns) = client.acked_ns else {
        return;
    };
    if let Some(row) = row {
        client.listed = true;
        let class = row.product_class.as_deref();
        if device.product_class.is_none() && class.is_some_and(|class| !class.is_empty()) {
            let said = format!("the row of {name} has a ProductClass, and the device sent none");
            let draft = exchange
                .breaks(&ONE_ROW)
                .shown_in(&client.frames)
                .path(ROWS);
            findings.add(draft.because(said));
        }
        return;
    }
    let lease_ns = client.lease_s.unwrap_or(LEASE_S).saturating_mul(SECOND_NS);
    if since(acked_ns) < GRACE_NS || since(acked_ns) >= lease_ns {
        return;
    }
    let rule = if client.listed { &STAYS } else { &ONE_ROW };
    let said = format!(
        "{name} got its lease {} s before, and the table has no row of it",
        since(acked_ns) / SECOND_NS
    );
    let draft = exchange.breaks(rule).shown_in(&client.frames).path(ROWS);
    findings.add(draft.at_most(Severity::Warning).because(said));
}

/// Looks at the answer to SetParameterAttributes.
pub(super) fn refused(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "SetParameterAttributes" || exchange.fault_code() != Some(9009) {
        return;
    }
    let Some(request) = exchange.request() else {
        return;
    };
    let mut first = None;
    // 9009 does not say which of several it is about.
    for parameter in request.parameters() {
        let name = parameter.name();
        let own = name.split_once(".ManagementServer.ManageableDevice");
        if !own.is_some_and(|(_, own)| matches!(own, "NumberOfEntries" | "NotificationLimit")) {
            return;
        }
        first.get_or_insert(name);
    }
    if let Some(name) = first {
        let said = format!("notification on {name} is refused with 9009");
        findings.add(exchange.breaks(&NOTIFICATION).path(&name).because(said));
    }
}

/// How soon one notification of the number of rows follows another.
#[derive(Debug, Default)]
pub struct Counts {
    notified: Notified,
}

impl Topic for Counts {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let names = ["ManageableDeviceNumberOfEntries"];
        self.notified.message(seen, &names, &COUNT, findings);
    }

    fn closed(&mut self, closed: &Closed<'_>, _: &mut Findings) {
        self.notified
            .limit(closed, "ManageableDeviceNotificationLimit");
    }
}

const SECOND_NS: i64 = 1_000_000_000;
/// Nanoseconds for a gateway to keep its table.
const GRACE_NS: i64 = 30 * SECOND_NS;
/// Seconds that a lease holds at least where the ACK does not say.
const LEASE_S: i64 = 300;
/// Rows read of one table.
const ROWS_MAX: usize = 1_024;
const ROWS: &str = "ManagementServer.ManageableDevice.";
const ENTRIES: &str = "ManagementServer.ManageableDeviceNumberOfEntries";
