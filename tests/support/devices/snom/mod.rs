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
    older: "8.2.16",
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
    promises: &[],
    starts: "",
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
