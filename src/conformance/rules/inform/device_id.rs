//! DeviceId: who calls (TR-069 Amendment 3 Table 36).

use cwmp::{EnvelopeRef, Inform, Parameters};

use super::inform_of;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&OUI, &MEMBERS, &NO_SERIAL, &READ_ALIKE];

const OUI: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 36"), cite("cwmp-1-2.xsd", "DeviceIdStruct")],
    demands: "OUI is six hexadecimal digits in upper case, without separators.",
    why: "The ACS builds the name of the device from it. The same phone under `f2ef2e` and `F2EF2E` becomes two devices, and the \
          user name of Digest, made of the same text, fits only one of them.",
    mend_cpe: "Write the first three bytes of the maker's MAC block as %02X%02X%02X.",
    bad: "<OUI>00:11:22</OUI>",
    good: "<OUI>001122</OUI>",
    related: &["INF-005", "INF-028"],
    wireshark: "xml.tag contains \"<OUI>\"",
    ..Rule::must("INF-004", "oui-six-upper-case-digits", Scope::Message)
};

/// All four members, none too long.
pub(in crate::conformance::rules) const MEMBERS: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 36"), cite("cwmp-1-2.xsd", "DeviceIdStruct")],
    demands: "DeviceId has Manufacturer, OUI, ProductClass and SerialNumber; all but OUI have at most 64 characters, and ProductClass may be \
              empty.",
    why: "An ACS with typed database columns refuses the Inform with 8003 or cuts the text, so that the device is filed under a name it \
          does not use itself when it authenticates.",
    mend_cpe: "Write all four elements, ProductClass as an empty element where there is none, and keep each within 64 characters.",
    bad: "<DeviceId><Manufacturer>Example</Manufacturer><OUI>001122</OUI><SerialNumber>S1</SerialNumber></DeviceId>",
    good: "<DeviceId><Manufacturer>Example</Manufacturer><OUI>001122</OUI><ProductClass/><SerialNumber>S1</SerialNumber></DeviceId>",
    related: &["INF-004", "INF-006"],
    wireshark: "xml.tag contains \"<DeviceId\"",
    ..Rule::must("INF-005", "device-id-members", Scope::Message)
};

const NO_SERIAL: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 36")],
    demands: "SerialNumber is not empty.",
    why: "All devices of the product that have no serial number are one device to the ACS: each overwrites the other's settings. Mostly the \
          factory's last step, writing the number, was left out.",
    mend_cpe: "Report the serial number from the label; where it was never written, use the MAC address.",
    bad: "<SerialNumber/>",
    good: "<SerialNumber>00A1B2C3D4E5</SerialNumber>",
    related: &["INF-005"],
    wireshark: "xml.tag contains \"<SerialNumber/>\"",
    ..Rule::heuristic("INF-006", "serial-number-empty", Scope::Message)
};

const READ_ALIKE: Rule = Rule {
    blame: CPE,
    cites: &[
        cite("TR-106 Amendment 1", "DeviceInfo"),
        cite("TR-098 Amendment 1", "DeviceInfo"),
    ],
    demands: "ManufacturerOUI, ProductClass and SerialNumber of DeviceInfo are those of DeviceId.",
    why: "Inventories are filled from DeviceInfo and sessions are matched by DeviceId. Where they differ, a phone is found in the one list \
          and not in the other.",
    mend_cpe: "Take both from one place.",
    bad: "<OUI>001122</OUI>\nDevice.DeviceInfo.ManufacturerOUI = 0011FF",
    good: "<OUI>001122</OUI>\nDevice.DeviceInfo.ManufacturerOUI = 001122",
    related: &["INF-004"],
    wireshark: "xml.cdata contains \"DeviceInfo.ManufacturerOUI\"",
    ..Rule::heuristic("INF-028", "device-info-is-device-id", Scope::Session)
};

/// Looks at an Inform.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(inform) = inform_of(seen) else {
        return;
    };
    let Some(id) = inform.element().child("DeviceId") else {
        return;
    };
    if let Some(oui) = id.child("OUI") {
        let text = oui.text();
        if !is_oui(text.trim()) {
            let said = format!("OUI is '{}'", cut(&text));
            findings.add(seen.breaks_at(&OUI, oui).because(said));
        }
    }
    if let Some(serial) = id.child("SerialNumber")
        && serial.text().trim().is_empty()
    {
        let draft = seen.breaks_at(&NO_SERIAL, serial);
        findings.add(draft.because("SerialNumber is empty"));
    }
    compare(seen, &inform, inform.parameters(), findings);
}

/// Looks at values that were read.
pub(super) fn read(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "GetParameterValues" {
        return;
    }
    let Some(response) = exchange.response() else {
        return;
    };
    if !response.document().may_hold(b"Device.DeviceInfo.") {
        return;
    }
    let inform = exchange
        .answer
        .session
        .and_then(|facts| facts.inform.as_ref())
        .filter(|inform| crate::conformance::is_whole(inform));
    let Some(document) = inform.and_then(|inform| inform.soap.as_ref()) else {
        return;
    };
    let mut envelopes = document.envelope_refs();
    let inform = envelopes.find_map(|envelope: EnvelopeRef<'_>| envelope.inform());
    if let Some(inform) = inform {
        compare(&exchange.answer, &inform, response.parameters(), findings);
    }
}

fn compare(
    seen: &Seen<'_>,
    inform: &Inform<'_>,
    parameters: Parameters<'_>,
    findings: &mut Findings,
) {
    let mut id = None;
    for parameter in parameters {
        let name = parameter.name();
        let Some((root, member)) = name.split_once(".DeviceInfo.") else {
            continue;
        };
        if !matches!(root, "Device" | "InternetGatewayDevice") {
            continue;
        }
        let id = id.get_or_insert_with(|| inform.device_id());
        let told = match member {
            "ManufacturerOUI" => &id.oui,
            "ProductClass" => &id.product_class,
            "SerialNumber" => &id.serial_number,
            _ => continue,
        };
        let (Some(value), Some(element)) = (parameter.value(), parameter.value_element()) else {
            continue;
        };
        if value.trim() != told.trim() {
            let said = format!(
                "{name} is '{}', the Inform's DeviceId says '{}'",
                cut(&value),
                cut(told)
            );
            let draft = seen.breaks_at(&READ_ALIKE, element).path(&name);
            findings.add(draft.because(said));
        }
    }
}

fn is_oui(text: &str) -> bool {
    text.len() == 6
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
}

fn cut(text: &str) -> String {
    text.trim().chars().take(SHOWN_MAX).collect()
}

/// Characters of a value that are told.
const SHOWN_MAX: usize = 64;
