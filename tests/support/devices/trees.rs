//! Parameters that several vendors' devices have: TR-104's voice service, as TR-106 devices carry it.

use crate::clean::model::{Seed, Table};

/// A voice service with one profile and one line (TR-104 section 3).
pub const VOICE: &[Seed] = &[
    (
        "Services.VoiceServiceNumberOfEntries",
        "unsignedInt",
        'r',
        "1",
    ),
    (
        "Services.VoiceService.1.VoiceProfileNumberOfEntries",
        "unsignedInt",
        'r',
        "1",
    ),
    (
        "Services.VoiceService.1.Capabilities.MaxProfileCount",
        "unsignedInt",
        'r',
        "1",
    ),
    (
        "Services.VoiceService.1.Capabilities.MaxLineCount",
        "unsignedInt",
        'r',
        "12",
    ),
    (
        "Services.VoiceService.1.Capabilities.MaxSessionCount",
        "unsignedInt",
        'r',
        "12",
    ),
    (
        "Services.VoiceService.1.Capabilities.SignalingProtocols",
        "string",
        'r',
        "SIP/2.0",
    ),
    (
        "Services.VoiceService.1.Capabilities.Regions",
        "string",
        'r',
        "DE,US",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Enable",
        "string",
        'w',
        "Enabled",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.NumberOfLines",
        "unsignedInt",
        'r',
        "1",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Name",
        "string",
        'w',
        "Office",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.SignalingProtocol",
        "string",
        'w',
        "SIP",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.DTMFMethod",
        "string",
        'w',
        "RFC2833",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.SIP.ProxyServer",
        "string",
        'w',
        "",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.SIP.ProxyServerPort",
        "unsignedInt",
        'w',
        "5060",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.SIP.ProxyServerTransport",
        "string",
        'w',
        "UDP",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.SIP.RegistrarServer",
        "string",
        'w',
        "",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.SIP.RegistrarServerPort",
        "unsignedInt",
        'w',
        "5060",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.SIP.RegistrationPeriod",
        "unsignedInt",
        'w',
        "3600",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.RTP.LocalPortMin",
        "unsignedInt",
        'w',
        "49152",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.RTP.LocalPortMax",
        "unsignedInt",
        'w',
        "65534",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.RTP.DSCPMark",
        "unsignedInt",
        'w',
        "46",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.Enable",
        "string",
        'w',
        "Disabled",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.DirectoryNumber",
        "string",
        'w',
        "",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.Status",
        "string",
        'r',
        "Disabled",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.CallState",
        "string",
        'r',
        "Idle",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthUserName",
        "string",
        'w',
        "",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthPassword",
        "string",
        'h',
        "",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.URI",
        "string",
        'w',
        "",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.CallingFeatures.CallWaitingEnable",
        "boolean",
        'w',
        "{true}",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.CallingFeatures.DoNotDisturbEnable",
        "boolean",
        'w',
        "{false}",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.Line.1.CallingFeatures.MWIEnable",
        "boolean",
        'w',
        "{true}",
    ),
];

/// Its lines, of which AddObject makes more.
pub const LINES: Table = Table {
    path: "Services.VoiceService.1.VoiceProfile.1.Line.",
    count: "Services.VoiceService.1.VoiceProfile.1.NumberOfLines",
    holds: &[
        ("Enable", "string", 'w', "Disabled"),
        ("DirectoryNumber", "string", 'w', ""),
        ("Status", "string", 'r', "Disabled"),
        ("CallState", "string", 'r', "Idle"),
        ("SIP.AuthUserName", "string", 'w', ""),
        ("SIP.AuthPassword", "string", 'h', ""),
        ("SIP.URI", "string", 'w', ""),
    ],
    set: &[
        ("DirectoryNumber", "2002"),
        ("SIP.AuthUserName", "phone2002"),
    ],
};

/// The profile's SIP settings and its first line.
pub const SIP: &str = "Services.VoiceService.1.VoiceProfile.1.SIP.";
pub const LINE: &str = "Services.VoiceService.1.VoiceProfile.1.Line.1.";

/// What an Inform of a TR-106 device with TR-111 part I carries.
pub const FORCED_WITH_GATEWAY: &[&str] = &[
    "DeviceSummary",
    "DeviceInfo.HardwareVersion",
    "DeviceInfo.SoftwareVersion",
    "ManagementServer.ConnectionRequestURL",
    "ManagementServer.ParameterKey",
    "LAN.IPAddress",
    "GatewayInfo.ManufacturerOUI",
    "GatewayInfo.ProductClass",
    "GatewayInfo.SerialNumber",
];
