//! A Wi-Fi access point with the data model of TR-181: overview of TR-069, vendor unnamed. Its address and OUI are those that
//! RFC 7042 sets aside for documentation.

mod plots;
mod stories;
mod tree;

use super::vendor::{FileTypes, Vendor};
use crate::clean::model::{DEVICE2, Described, FORCED_DEVICE2, Root, SHARED};
use crate::clean::story::Version;
use crate::clean::xml::Style;

pub const ACCESS_POINT: Vendor = Vendor {
    key: "access-point",
    name: "Access point",
    document: "Overview of TR-069 on a Wi-Fi access point with TR-181, vendor unnamed",
    manufacturer: "Example Networks",
    oui: "00005E",
    product_class: "AP-5342",
    serial_number: "00005E005342",
    mac: [0x00, 0x00, 0x5e, 0x00, 0x53, 0x42],
    version: Version::V1_1,
    root: Root::Device2,
    software: "4.1.0",
    newer: "4.2.0",
    described: Described {
        model: "AP-5342",
        hardware: "A1",
        seeds: &[SHARED, DEVICE2, tree::OWN],
        table: &tree::SSIDS,
        methods: METHODS,
        forced: FORCED_DEVICE2,
    },
    user_agent: "AP-5342/4.1.0",
    style: Style {
        soap: "soapenv",
        enc: "soapenc",
        xsd: "xsd",
        xsi: "xsi",
        cwmp: "cwmp",
        declaration: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        indentation: None,
        line_end: "\n",
        quote: '"',
        short: true,
        turned: true,
        encoding_style: false,
        encoded_strings: false,
    },
    booleans: ("true", "false"),
    types: FileTypes {
        firmware: "1 Firmware Upgrade Image",
        configuration: "3 Vendor Configuration File",
        backup: "1 Vendor Configuration File",
        log: "2 Vendor Log File",
    },
    restart_s: 50,
    plots: plots::PLOTS,
    promises: PROMISES,
};

const METHODS: &[&str] = &[
    "GetRPCMethods",
    "GetParameterNames",
    "GetParameterValues",
    "SetParameterValues",
    "AddObject",
    "DeleteObject",
    "GetParameterAttributes",
    "SetParameterAttributes",
    "Download",
    "Upload",
    "Reboot",
];

const PROMISES: &[(&str, &str)] = &[
    (
        "the data model is that of TR-181, and its root `Device.`",
        "[PROFILE-012](rules/PROFILE.md), [INF-015, INF-035](rules/INF.md)",
    ),
    (
        "seven operations on the data model, from GetParameterNames to SetParameterAttributes",
        "[PROFILE-001, PROFILE-002](rules/PROFILE.md)",
    ),
    (
        "GetParameterNames gives the numbers of object instances too",
        "[CWMP-GPN-002](rules/CWMP-GPN.md), [CWMP-GPV-010](rules/CWMP-GPV.md)",
    ),
    (
        "AddObject gives a number that is new, DeleteObject takes the entry away",
        "[CWMP-ADD-003](rules/CWMP-ADD.md), [CWMP-DEL-002](rules/CWMP-DEL.md)",
    ),
    (
        "seven reasons to call the ACS: first install, startup, period, request, value change, transfer and diagnostics complete",
        "[EVT-001](rules/EVT.md), [SESS-030, SESS-031](rules/SESS.md), [CWMP-DIAG-002](rules/CWMP-DIAG.md); events of the profile",
    ),
    (
        "SetParameterAttributes gives access rights, active and passive subscriptions",
        "[CWMP-SPA-003, CWMP-SPA-004, CWMP-SPA-006](rules/CWMP-SPA.md)",
    ),
    (
        "the session is closed as soon as both sides have nothing more to send",
        "[SESS-015](rules/SESS.md), [HTTP-009](rules/HTTP.md)",
    ),
    (
        "firmware is updated remotely",
        "[PROFILE-004](rules/PROFILE.md), [CWMP-DL](rules/CWMP-DL.md)",
    ),
    (
        "status and performance are monitored, log files analysed",
        "[CWMP-GPV](rules/CWMP-GPV.md), [CWMP-UL](rules/CWMP-UL.md), [CWMP-TC](rules/CWMP-TC.md)",
    ),
];
