//! What an Aastra phone holds, by the tables of its document: pages 18 to 26.

use crate::clean::model::{Seed, Table};

/// Its own parameters, and where its are otherwise than the standard's.
pub const OWN: &[Seed] = &[
    (
        "DeviceSummary",
        "string",
        'r',
        "Device:1.1[](Baseline:1, LAN:1, Time:1, UDPConnReq:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    ),
    (
        "DeviceInfo.Description",
        "string",
        'r',
        "Aastra 6731i SIP phone",
    ),
    ("LAN.AddressingType", "string", 'w', "DHCP"),
    ("LAN.MACAddress", "string", 'r', "{mac}"),
    ("Services.VoiceServiceNumberOfEntries", "int", 'r', "1"),
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
        "9",
    ),
    (
        "Services.VoiceService.1.Capabilities.MaxLineCount",
        "unsignedInt",
        'r',
        "9",
    ),
    (
        "Services.VoiceService.1.Capabilities.SignalingProtocols",
        "string",
        'r',
        "SIP/2.0",
    ),
    (
        "Services.VoiceService.1.Capabilities.PatternBasedToneGeneration",
        "boolean",
        'r',
        "{false}",
    ),
    (
        "Services.VoiceService.1.Capabilities.FileBasedToneGeneration",
        "boolean",
        'r',
        "{false}",
    ),
    (
        "Services.VoiceService.1.Capabilities.RingGeneration",
        "boolean",
        'r',
        "{true}",
    ),
    (
        "Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.X_Aastra_STUNServerPort",
        "int",
        'w',
        "3478",
    ),
    (
        "Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.X_Aastra_DTMFMethod",
        "int",
        'w',
        "0",
    ),
    (
        "Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.SIP.X_AastraUseBasicCodecs",
        "int",
        'w',
        "0",
    ),
    (
        "Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.Line.1.CallingFeatures.CallerIDName",
        "string",
        'w',
        "",
    ),
    (
        "Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.Line.1.CallingFeatures.MWIEnable",
        "boolean",
        'w',
        "{true}",
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
        "Line 1",
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
        "Services.VoiceService.1.VoiceProfile.1.SIP.X_Aastra_mode",
        "int",
        'w',
        "0",
    ),
    (
        "Services.VoiceService.1.VoiceProfile.1.SIP.X_Aastra_centralizedConference",
        "string",
        'w',
        "",
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
        "Services.VoiceService.1.VoiceProfile.1.Line.1.X_Aastra_ScreenName2",
        "string",
        'w',
        "",
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
];

/// Each voice profile has one line (page 5), and is added and deleted as one (page 8).
pub const PROFILES: Table = Table {
    path: "Services.VoiceService.1.VoiceProfile.",
    count: "Services.VoiceService.1.VoiceProfileNumberOfEntries",
    holds: &[
        ("Enable", "string", 'w', "Enabled"),
        ("NumberOfLines", "unsignedInt", 'r', "1"),
        ("Name", "string", 'w', ""),
        ("SIP.ProxyServer", "string", 'w', ""),
        ("SIP.ProxyServerPort", "unsignedInt", 'w', "5060"),
        ("SIP.RegistrarServer", "string", 'w', ""),
        ("SIP.RegistrarServerPort", "unsignedInt", 'w', "5060"),
        ("SIP.X_Aastra_mode", "int", 'w', "0"),
        ("SIP.X_Aastra_centralizedConference", "string", 'w', ""),
        ("Line.1.Enable", "string", 'w', "Disabled"),
        ("Line.1.DirectoryNumber", "string", 'w', ""),
        ("Line.1.Status", "string", 'r', "Disabled"),
        ("Line.1.X_Aastra_ScreenName2", "string", 'w', ""),
        ("Line.1.SIP.AuthUserName", "string", 'w', ""),
        ("Line.1.SIP.AuthPassword", "string", 'h', ""),
    ],
    set: &[("Name", "Line 2"), ("Line.1.DirectoryNumber", "2002")],
};
