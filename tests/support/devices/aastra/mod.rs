//! Aastra: the TR-069 Configuration Guide of 6700i, 6800i and 9000i phones, release 3.3.1 Service Pack 3.

mod plots;
mod stories;
mod transfers;
mod tree;

use super::vendor::{FileTypes, Vendor};
use crate::clean::model::{DEVICE1, Described, FORCED_DEVICE1, Root, SHARED, STUN1};
use crate::clean::story::Version;
use crate::clean::xml::Style;

pub const AASTRA: Vendor = Vendor {
    key: "aastra",
    name: "Aastra",
    document: "Aastra TR-069 Configuration Guide, release 3.3.1 SP3, 41-001373-01 REV02",
    manufacturer: "Aastra",
    oui: "00085D",
    product_class: "6731i",
    serial_number: "00085DA1B2C3",
    mac: [0x00, 0x08, 0x5d, 0xa1, 0xb2, 0xc3],
    version: Version::V1_0,
    root: Root::Device1,
    software: "3.3.1.4305",
    newer: "3.3.1.4365",
    described: Described {
        model: "6731i",
        hardware: "1.0",
        seeds: &[SHARED, DEVICE1, STUN1, tree::OWN],
        table: &tree::PROFILES,
        methods: METHODS,
        forced: FORCED_DEVICE1,
    },
    user_agent: "Aastra6731i/3.3.1.4305",
    style: Style {
        soap: "SOAP-ENV",
        enc: "SOAP-ENC",
        xsd: "xsd",
        xsi: "xsi",
        cwmp: "cwmp",
        declaration: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        indentation: Some(""),
        line_end: "\n",
        quote: '"',
        short: false,
        turned: false,
        encoding_style: false,
        encoded_strings: false,
    },
    booleans: ("1", "0"),
    types: FileTypes {
        firmware: "1Firmware Upgrade Image",
        configuration: "3 Vendor Configuration File",
        backup: "1 Vendor Configuration File",
        log: "2 Vendor Log File",
    },
    restart_s: 60,
    plots: plots::PLOTS,
    promises: PROMISES,
};

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
    "Upload",
    "FactoryReset",
];

const PROMISES: &[(&str, &str)] = &[
    (
        "GetParameterValues, SetParameterValues, Reboot, FactoryReset, Upload and Download",
        "[PROFILE-001, PROFILE-002](rules/PROFILE.md)",
    ),
    (
        "the root object is `Device.`",
        "[PROFILE-012](rules/PROFILE.md)",
    ),
    (
        "Download of firmware with the FileType `1Firmware Upgrade Image`, without a blank",
        "[PROFILE-004](rules/PROFILE.md); foretold ([CWMP-DL-002](rules/CWMP-DL.md))",
    ),
    (
        "firmware of the version that runs is not loaded; another one is, older or newer, and the phone starts again",
        "[CWMP-DL-005, CWMP-DL-009, CWMP-DL-010](rules/CWMP-DL.md); way of the profile",
    ),
    (
        "Upload of configuration and log, over HTTP, TFTP and FTP",
        "[PROFILE-004, PROFILE-005](rules/PROFILE.md), [CWMP-UL-002, CWMP-UL-003, CWMP-UL-005](rules/CWMP-UL.md)",
    ),
    (
        "an Inform at once for a parameter with active notification, with the periodic one for passive, none otherwise",
        "[INF-019, INF-020](rules/INF.md), [EVT-028](rules/EVT.md)",
    ),
    (
        "what can be set and what cannot, by the tables of pages 18 to 26, `X_Aastra_` parameters among them",
        "[PROFILE-006, PROFILE-007, PROFILE-008](rules/PROFILE.md); the spelling is foretold ([DM-003](rules/DM.md))",
    ),
    (
        "some changes, as that of the DNS server, take effect behind a restart",
        "[CWMP-SPV-009](rules/CWMP-SPV.md); way of the profile",
    ),
    (
        "Connection Requests at a path and port that are settings",
        "[CR](rules/CR.md), [INF-024](rules/INF.md)",
    ),
    (
        "TR-111: `STUNEnable` with its parameters, and Connection Requests over UDP",
        "[STUN](rules/STUN.md), [UCR](rules/UCR.md)",
    ),
];
