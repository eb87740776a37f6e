//! Yealink: the technote on TR-069, firmware 71 or later, with the SIP-T28P that it takes as its example.

mod nat;
mod plots;
mod stories;
mod transfers;
mod wakeups;

use super::trees::{FORCED_WITH_GATEWAY, LINES, VOICE};
use super::vendor::{FileTypes, Vendor};
use crate::clean::model::{DEVICE1, Described, GATEWAY_INFO, PING1, Root, SHARED, STUN1, Seed};
use crate::clean::story::Version;
use crate::clean::xml::Style;

pub const YEALINK: Vendor = Vendor {
    key: "yealink",
    name: "Yealink",
    document: "Yealink technote on TR-069",
    manufacturer: "Yealink",
    oui: "001565",
    product_class: "SIP-T28P",
    serial_number: "001565A1B2C3",
    mac: [0x00, 0x15, 0x65, 0xa1, 0xb2, 0xc3],
    version: Version::V1_2,
    root: Root::Device1,
    software: "2.71.0.140",
    newer: "2.73.0.50",
    described: Described {
        model: "SIP-T28P",
        hardware: "1.0.0.48",
        seeds: &[
            SHARED,
            DEVICE1,
            PING1,
            STUN1,
            GATEWAY_INFO,
            VOICE,
            STATISTICS,
            OWN,
        ],
        table: &LINES,
        methods: METHODS,
        forced: FORCED_WITH_GATEWAY,
    },
    user_agent: "Yealink SIP-T28P",
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
        short: true,
        turned: false,
        encoding_style: false,
        encoded_strings: false,
    },
    booleans: ("1", "0"),
    types: FileTypes {
        firmware: "1 Firmware Upgrade Image",
        configuration: "3 Vendor Configuration File",
        backup: "1 Vendor Configuration File",
        log: "2 Vendor Log File",
    },
    restart_s: 60,
    plots: plots::PLOTS,
    promises: PROMISES,
};

/// The table of RPC methods.
const METHODS: &[&str] = &[
    "GetRPCMethods",
    "SetParameterValues",
    "GetParameterValues",
    "GetParameterNames",
    "GetParameterAttributes",
    "SetParameterAttributes",
    "Reboot",
    "Download",
    "Upload",
    "ScheduleInform",
    "FactoryReset",
    "AddObject",
    "DeleteObject",
];

const OWN: &[Seed] = &[
    (
        "DeviceSummary",
        "string",
        'r',
        "Device:1.1[](Baseline:1, GatewayInfo:1, LAN:1, Time:1, IPPing:1, UDPConnReq:1), \
         VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    ),
    ("DeviceInfo.Description", "string", 'r', "SIP-T28P IP phone"),
    (
        "ManagementServer.PeriodicInformEnable",
        "boolean",
        'w',
        "{true}",
    ),
    (
        "ManagementServer.PeriodicInformInterval",
        "unsignedInt",
        'w',
        "60",
    ),
    (
        "Services.VoiceService.1.Capabilities.MaxLineCount",
        "unsignedInt",
        'r',
        "6",
    ),
];

/// What TR-104 counts of a line's calls.
const STATISTICS: &[Seed] = &[
    counted("Services.VoiceService.1.VoiceProfile.1.Line.1.Stats.PacketsSent"),
    counted("Services.VoiceService.1.VoiceProfile.1.Line.1.Stats.PacketsReceived"),
    counted("Services.VoiceService.1.VoiceProfile.1.Line.1.Stats.PacketsLost"),
    counted("Services.VoiceService.1.VoiceProfile.1.Line.1.Stats.IncomingCallsReceived"),
    counted("Services.VoiceService.1.VoiceProfile.1.Line.1.Stats.OutgoingCallsAttempted"),
];

const fn counted(name: &'static str) -> Seed {
    (name, "unsignedInt", 'r', "0")
}

const PROMISES: &[(&str, &str)] = &[
    (
        "TR-069 is off until `managementserver.enable` is 1",
        "way of the profile",
    ),
    (
        "`managementserver.username` and `_password` answer the ACS's challenge; blank unless set",
        "[FIELD-006](rules/FIELD.md); setting of the profile",
    ),
    (
        "a periodic Inform every 60 s unless `managementserver.periodic_inform_interval` says otherwise",
        "[SESS-030](rules/SESS.md); setting of the profile",
    ),
    (
        "the methods of the table, `ScheduleInform` and `FactoryReset` among them",
        "[PROFILE-001, PROFILE-002, PROFILE-003](rules/PROFILE.md), [CWMP-SI-002](rules/CWMP-SI.md)",
    ),
    (
        "Download of firmware and configuration, Upload of configuration and log, and no other files",
        "[PROFILE-004](rules/PROFILE.md), [FIELD-012](rules/FIELD.md), [CWMP-UL-003](rules/CWMP-UL.md)",
    ),
    (
        "TransferComplete tells of the success or failure of a transfer",
        "[FIELD-013](rules/FIELD.md), [CWMP-DL-005](rules/CWMP-DL.md), [CWMP-TC](rules/CWMP-TC.md)",
    ),
    (
        "a parameter that is read-only is refused",
        "[CWMP-SPV-010](rules/CWMP-SPV.md), [FIELD-020](rules/FIELD.md) where the ACS tries; way of the profile",
    ),
    (
        "FactoryReset brings the factory default state, TR-069 off",
        "[CWMP-FR-001](rules/CWMP-FR.md), [PROFILE-001](rules/PROFILE.md)",
    ),
    (
        "changes of its state are told by the phone",
        "[CWMP-SPA-007](rules/CWMP-SPA.md), [INF-019](rules/INF.md)",
    ),
    (
        "diagnostic tests run when the ACS asks for them",
        "[CWMP-DIAG](rules/CWMP-DIAG.md)",
    ),
    (
        "`managementserver.connection_request_username` and `_password` authenticate Connection Requests",
        "[CR-004](rules/CR.md); setting of the profile",
    ),
    (
        "TR-111 part I: the gateway in DHCP and in the Inform",
        "[DHCP](rules/DHCP.md); gateway of the profile",
    ),
    (
        "TR-111 part II: STUN, and Connection Requests over UDP",
        "[STUN](rules/STUN.md), [UCR](rules/UCR.md); UDP requests of the profile",
    ),
];
