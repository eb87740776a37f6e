//! Aastra: what the TR-069 Configuration Guide of release 3.3.1 SP3 says. Pages are counted from the title page; of
//! most of them only a part is known here.

use super::FileKind::{Configuration, Firmware as Image, Log};
use super::Purpose::{
    AcsPort, AcsUrl, ConnectionRequestPath, ConnectionRequestPort, Password,
    PeriodicInformInterval, PrivateKey, ServerAuthentication, Stun, TrustedCertificates,
};
use super::{
    Fact, Firmware, Listed, Marks, Parameter, Profile, Series, Setting, Way, fact, file, method,
    read, read_as, setting, written,
};

/// Aastra's phones.
pub(super) const PROFILE: Profile = Profile {
    name: "aastra",
    vendor: "Aastra",
    document: "Aastra TR-069 Configuration Guide, release 3.3.1 SP3 (41-001373-01 REV02)",
    marks: Marks {
        manufacturers: &["aastra"],
        ouis: &["00085D"],
    },
    series: &[since("67##i"), since("68##i"), since("9###i")],
    standards: &[fact("TR-111", "page 8")],
    root: Some(fact("Device.", "pages 19 to 26")),
    summary: &[],
    methods: Listed {
        whole: false,
        facts: &[
            method("SetParameterValues", "page 4"),
            method("GetParameterValues", "page 4"),
            method("Reboot", "page 3"),
            method("FactoryReset", "page 3"),
            method("Upload", "page 10, Configuration Backup and Restore"),
            method("Download", "page 10, Firmware Management"),
        ],
    },
    calls: &[
        fact("Inform", "page 9"),
        fact("TransferComplete", "page 10, Firmware Management"),
    ],
    events: &[],
    downloads: Listed {
        whole: false,
        facts: &[file(
            Image,
            "1Firmware Upgrade Image",
            "page 10, Firmware Management",
        )],
    },
    uploads: Listed {
        whole: false,
        facts: &[
            file(
                Configuration,
                "",
                "page 10, Configuration Backup and Restore",
            ),
            file(Log, "", "page 10, Log File Download from CPE"),
        ],
    },
    upload_schemes: Listed {
        whole: true,
        facts: &[
            fact("http", UPLOADS),
            fact("tftp", UPLOADS),
            fact("ftp", UPLOADS),
        ],
    },
    parameters: PARAMETERS,
    settings: SETTINGS,
    udp_requests: Some(fact(true, "pages 8 and 18")),
    gateway: None,
    ways: &[
        fact(Way::SameFirmwareAborts, "page 10, Firmware Management"),
        fact(Way::MayNeedRestart, "page 14"),
    ],
};

const PARAMETERS: &[Fact<Parameter>] = &[
    written("Device.ManagementServer.PeriodicInformTime", "page 18"),
    written("Device.ManagementServer.STUNEnable", "page 18"),
    read("Device.DeviceInfo.HardwareVersion", "page 19"),
    read("Device.DeviceInfo.SoftwareVersion", "page 19"),
    read("Device.DeviceInfo.Description", "page 19"),
    read("Device.DeviceInfo.ModelName", "page 19"),
    written("Device.LAN.DNSServers", "page 20"),
    read("Device.LAN.MACAddress", "page 20"),
    read_as(
        "Device.Services.VoiceServiceNumberOfEntries",
        "int",
        "page 20",
    ),
    read(
        "Device.Services.VoiceService.1.Capabilities.PatternBasedToneGeneration",
        "page 21",
    ),
    read(
        "Device.Services.VoiceService.1.Capabilities.FileBasedToneGeneration",
        "page 21",
    ),
    written(
        "Device.Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.X_Aastra_STUNServerPort",
        "page 22",
    ),
    written(
        "Device.Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.X_Aastra_DTMFMethod",
        "page 22",
    ),
    written(
        "Device.Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.SIP.X_AastraUseBasicCodecs",
        "page 23",
    ),
    written(
        "Device.Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.Line.1.CallingFeatures.MWIEnable",
        "page 24",
    ),
    written(
        "Device.Services.VoiceService.1.VoiceProfile.{i}.SIP.X_Aastra_mode",
        "page 25",
    ),
    written(
        "Device.Services.VoiceService.1.VoiceProfile.{i}.SIP.X_Aastra_centralizedConference",
        "page 25",
    ),
    written(
        "Device.Services.VoiceService.1.VoiceProfile.{i}.Line.1.X_Aastra_ScreenName2",
        "page 26",
    ),
];

const SETTINGS: &[Fact<Setting>] = &[
    setting(AcsUrl, "tr69 server", "", "page 6"),
    setting(AcsPort, "tr69 server port", "", "page 6"),
    setting(Password, "tr69 password", "", "page 7"),
    setting(
        PeriodicInformInterval,
        "tr69 periodic inform interval",
        "",
        "page 9",
    ),
    setting(
        ConnectionRequestPath,
        "tr69 connection request path",
        "",
        "page 15",
    ),
    setting(
        ConnectionRequestPort,
        "tr69 connection request port",
        "",
        "page 15",
    ),
    setting(
        TrustedCertificates,
        "tr69 trusted certificates",
        "",
        "page 11",
    ),
    setting(PrivateKey, "tr69 private key", "", "page 12"),
    setting(
        ServerAuthentication,
        "tr69 server authentication required",
        "",
        "page 12",
    ),
    setting(Stun, "Device.ManagementServer.STUNEnable", "", "page 18"),
];

const fn since(product: &'static str) -> Series {
    Series {
        product,
        firmware: Some(Firmware {
            least: &[3, 3, 1],
            behind: 0,
        }),
    }
}

const UPLOADS: &str = "page 10, Log File Download from CPE";
