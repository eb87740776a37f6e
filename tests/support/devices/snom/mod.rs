//! snom: TR-069 on snom VoIP phones, October 14th 2009, firmware 8.2.16 or later.

mod plots;
mod stories;

use super::trees::{FORCED_WITH_GATEWAY, LINES, VOICE};
use super::vendor::{FileTypes, Vendor};
use crate::clean::model::{DEVICE1, Described, GATEWAY_INFO, Root, SHARED, Seed};
use crate::clean::story::Version;
use crate::clean::xml::Style;

pub const SNOM: Vendor = Vendor {
    key: "snom",
    name: "snom",
    document: "TR-069 on snom VoIP phones, October 14th 2009",
    manufacturer: "snom",
    oui: "000413",
    product_class: "snom320",
    serial_number: "000413A1B2C3",
    mac: [0x00, 0x04, 0x13, 0xa1, 0xb2, 0xc3],
    version: Version::V1_1,
    root: Root::Device1,
    software: "8.2.16",
    newer: "8.2.29",
    described: Described {
        model: "snom320",
        hardware: "snom320",
        seeds: &[SHARED, DEVICE1, GATEWAY_INFO, VOICE, OWN],
        table: &LINES,
        methods: METHODS,
        forced: FORCED_WITH_GATEWAY,
    },
    user_agent: "snom320/8.2.16",
    style: Style {
        soap: "soap",
        enc: "enc",
        xsd: "xsd",
        xsi: "xsi",
        cwmp: "cwmp",
        declaration: "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        indentation: None,
        line_end: "\n",
        quote: '"',
        short: true,
        turned: false,
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
    restart_s: 45,
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
    "Reboot",
    "GetParameterAttributes",
    "SetParameterAttributes",
    "Download",
    "Upload",
    "FactoryReset",
    "X-snom-Customize",
    "X-snom-Minibrowser",
];

const OWN: &[Seed] = &[
    (
        "DeviceSummary",
        "string",
        'r',
        "Device:1.1[](Baseline:1, GatewayInfo:1, LAN:1, Time:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    ),
    (
        "DeviceInfo.Description",
        "string",
        'r',
        "snom320 VoIP phone",
    ),
    (
        "ManagementServer.PeriodicInformInterval",
        "unsignedInt",
        'w',
        "86400",
    ),
    ("X_snom_UploadGUI", "string", 'w', ""),
    ("X_snom_UploadWeb", "string", 'w', ""),
];

const PROMISES: &[(&str, &str)] = &[
    (
        "`0 BOOTSTRAP` while `tr69_bootstrap` is on; it needs to be on when a new ACS is contacted",
        "[INF-026](rules/INF.md), [EVT-026](rules/EVT.md)",
    ),
    (
        "GetParameterNames with the empty path gives `Device.` alone",
        "[PROFILE-012](rules/PROFILE.md), [DM-011](rules/DM.md); way of the profile",
    ),
    (
        "the methods of the document, `X-snom-Customize` and `X-snom-Minibrowser` among them",
        "[PROFILE-001, PROFILE-002, PROFILE-003](rules/PROFILE.md); their names are foretold ([CWMP-GRM-004](rules/CWMP-GRM.md))",
    ),
    (
        "Download of firmware, XML configuration and parameter mapping file",
        "[PROFILE-004](rules/PROFILE.md), [CWMP-DL-002](rules/CWMP-DL.md)",
    ),
    (
        "Upload of configuration and log, by HTTP PUT",
        "[PROFILE-004, PROFILE-005](rules/PROFILE.md), [CWMP-UL-003](rules/CWMP-UL.md)",
    ),
    (
        "FactoryReset loses the ACS and all that it has set",
        "[CWMP-FR-001](rules/CWMP-FR.md); way of the profile",
    ),
    (
        "passive and active notification as the mapping's modifiers say",
        "[EVT-028](rules/EVT.md), [INF-020, INF-021](rules/INF.md)",
    ),
    (
        "`Device.X_snom_UploadGUI` and `Device.X_snom_UploadWeb` can be set",
        "[PROFILE-007](rules/PROFILE.md); the spelling is foretold ([DM-003](rules/DM.md))",
    ),
    (
        "TR-111 part I: option 125 in DHCP, and the gateway in the Inform",
        "[DHCP](rules/DHCP.md)",
    ),
    (
        "TR-111 part II is not supported",
        "[PROFILE-010, PROFILE-011](rules/PROFILE.md)",
    ),
];
