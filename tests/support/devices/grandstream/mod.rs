//! Grandstream: TR-069 Guide of October 31, 2023, a GXP2140.

mod measurements;
mod nat;
mod plots;
mod stories;
mod transfers;
mod wakeups;

use super::diagnostics::{SPEED1, TRACE_ROUTE1};
use super::trees::{LINES, VOICE};
use super::vendor::{FileTypes, Vendor};
use crate::clean::model::{DEVICE1, Described, PING1, Root, SHARED, STUN1, Seed};
use crate::clean::story::Version;
use crate::clean::xml::Style;

pub const GRANDSTREAM: Vendor = Vendor {
    key: "grandstream",
    name: "Grandstream",
    document: "Grandstream TR-069 Guide, October 31, 2023",
    manufacturer: "Grandstream",
    oui: "000B82",
    product_class: "GXP2140",
    serial_number: "000B82C4D5E6",
    mac: [0x00, 0x0b, 0x82, 0xc4, 0xd5, 0xe6],
    version: Version::V1_1,
    root: Root::Device1,
    software: "1.0.9.69",
    newer: "1.0.9.135",
    described: Described {
        model: "GXP2140",
        hardware: "1.4A",
        seeds: &[
            SHARED,
            DEVICE1,
            PING1,
            TRACE_ROUTE1,
            SPEED1,
            STUN1,
            VOICE,
            OWN,
        ],
        table: &LINES,
        methods: METHODS,
        forced: Root::Device1.forced(),
    },
    user_agent: "Grandstream GXP2140 1.0.9.69",
    style: Style {
        soap: "SOAP-ENV",
        enc: "SOAP-ENC",
        xsd: "xsd",
        xsi: "xsi",
        cwmp: "cwmp",
        declaration: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        indentation: None,
        line_end: "\n",
        quote: '"',
        short: false,
        turned: false,
        encoding_style: true,
        encoded_strings: false,
    },
    booleans: ("1", "0"),
    types: FileTypes {
        firmware: "1 Firmware Upgrade Image",
        configuration: "3 Vendor Configuration File",
        backup: "3 Vendor Configuration File",
        log: "",
    },
    restart_s: 70,
    plots: plots::PLOTS,
    promises: PROMISES,
};

/// STANDARDS COMPLIANCE, TR-069 Amendment 2.
const METHODS: &[&str] = &[
    "GetRPCMethods",
    "SetParameterValues",
    "GetParameterValues",
    "GetParameterNames",
    "SetParameterAttributes",
    "GetParameterAttributes",
    "AddObject",
    "DeleteObject",
    "Reboot",
    "Download",
    "FactoryReset",
    "Upload",
    "ScheduleInform",
];

/// The guide has parameters of the vendor and names none: these are invented, in the form that TR-106 has for them.
const OWN: &[Seed] = &[
    (
        "DeviceSummary",
        "string",
        'r',
        "Device:1.2[](Baseline:1, UDPConnReq:1, LAN:1, Time:1, IPPing:1, TraceRoute:1, Download:1, Upload:1), \
         VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    ),
    (
        "DeviceInfo.Description",
        "string",
        'r',
        "GXP2140 VoIP phone",
    ),
    ("X_000B82_Screen.WallpaperURL", "string", 'w', ""),
    ("X_000B82_Screen.Unlock", "string", 'h', ""),
];

/// What the document promises, and what holds its phones to it.
const PROMISES: &[(&str, &str)] = &[
    (
        "the methods of the table, and not GetQueuedTransfers, GetAllQueuedTransfers, ScheduleDownload and CancelTransfer",
        "[PROFILE-001, PROFILE-002, PROFILE-003](rules/PROFILE.md)",
    ),
    (
        "Download of `1 Firmware Upgrade Image` and `3 Vendor Configuration File`",
        "[PROFILE-004](rules/PROFILE.md), [CWMP-DL-010](rules/CWMP-DL.md), [FIELD-013](rules/FIELD.md)",
    ),
    (
        "Upload of `3 Vendor Configuration File`, where the standard has `1 Vendor Configuration File`",
        "[PROFILE-004](rules/PROFILE.md); the number is foretold ([CWMP-UL-002](rules/CWMP-UL.md))",
    ),
    (
        "Reboot and FactoryReset cancel what comes behind them in the session",
        "[PROFILE-009](rules/PROFILE.md); a session that breaks off is foretold ([SESS-023](rules/SESS.md), [CWMP-FR-002](rules/CWMP-FR.md))",
    ),
    (
        "Reboot and FactoryReset wait for the end of a call",
        "[CWMP-RBT-001](rules/CWMP-RBT.md), [EVT-007](rules/EVT.md); way of the profile",
    ),
    (
        "FactoryReset keeps the settings of TR-069 and of the network",
        "[CWMP-FR-001](rules/CWMP-FR.md), foretold as far as settings are kept; way of the profile",
    ),
    (
        "some parameters read as empty strings, whatever they hold",
        "[CWMP-GPV-008](rules/CWMP-GPV.md); way of the profile",
    ),
    (
        "the root object is `Device.`",
        "[PROFILE-012](rules/PROFILE.md)",
    ),
    (
        "IPPing and TraceRoute under `Device.LAN.`, TR-143 under `Device.DownloadDiagnostics.` and `Device.UploadDiagnostics.`, which can be set",
        "[PROFILE-007, PROFILE-008](rules/PROFILE.md), [CWMP-DIAG-001 to 004](rules/CWMP-DIAG.md)",
    ),
    (
        "active and passive notification",
        "[CWMP-SPA-004](rules/CWMP-SPA.md), [INF-033](rules/INF.md)",
    ),
    (
        "TR-111 part II: STUN, and UDP Connection Requests",
        "[STUN](rules/STUN.md), [UCR](rules/UCR.md)",
    ),
];
