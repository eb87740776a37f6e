//! Grandstream: what its TR-069 Guide of October 31, 2023 says.

use super::FileKind::{Configuration, Firmware as Image};
use super::Purpose::{
    AcsUrl, Certificate, ConnectionRequestPassword, ConnectionRequestPort,
    ConnectionRequestUserName, Password, PeriodicInformEnable, PeriodicInformInterval, PrivateKey,
    UserName,
};
use super::{
    Fact, Firmware, Listed, Marks, Method, Parameter, Profile, Series, Setting, Way, called, fact,
    file, method, setting, written,
};

/// Grandstream's phones, adapters, gateways and base stations.
pub(super) const PROFILE: Profile = Profile {
    name: "grandstream",
    vendor: "Grandstream",
    document: "Grandstream TR-069 Guide (October 31, 2023)",
    marks: Marks {
        manufacturers: &["grandstream"],
        ouis: &["000B82"],
    },
    series: SERIES,
    standards: &[
        fact("TR-069 Amendment 2, in part", "TR-069 Amendment 2"),
        fact("TR-106 Amendment 2", "TR-106"),
        fact("TR-104, what concerns SIP", "TR-104"),
        fact("TR-111", "TR-111"),
        fact("TR-143", "TR-143"),
    ],
    root: Some(fact("Device.", "TR-106 DATA MODEL")),
    summary: &[
        fact("Baseline:1", SUMMARY),
        fact("UDPConnReq:1", SUMMARY),
        fact("LAN:1", SUMMARY),
        fact("Time:1", SUMMARY),
        fact("IPPing:1", SUMMARY),
        fact("TraceRoute:1", SUMMARY),
        fact("Download:1", SUMMARY),
        fact("Upload:1", SUMMARY),
        fact("Endpoint:1", SUMMARY),
        fact("SIPEndpoint:1", SUMMARY),
    ],
    methods: Listed {
        whole: true,
        facts: METHODS,
    },
    calls: &[fact("Inform", TABLE), fact("TransferComplete", TABLE)],
    events: &[],
    downloads: Listed {
        whole: true,
        facts: &[
            file(Image, "1 Firmware Upgrade Image", "RPC METHODS, Download"),
            file(
                Configuration,
                "3 Vendor Configuration File",
                "RPC METHODS, Download",
            ),
        ],
    },
    uploads: Listed {
        whole: true,
        facts: &[file(
            Configuration,
            "3 Vendor Configuration File",
            "RPC METHODS, Upload",
        )],
    },
    upload_schemes: Listed {
        whole: false,
        facts: &[],
    },
    parameters: PARAMETERS,
    settings: SETTINGS,
    udp_requests: Some(fact(true, "TR-111")),
    gateway: None,
    ways: &[
        fact(Way::RestartCancelsOthers, NOTES),
        fact(Way::RestartWaitsForCall, NOTES),
        fact(Way::ResetKeepsAcs, "RPC METHODS, FactoryReset"),
        fact(Way::SomeReadEmpty, "TR-106"),
    ],
};

/// The table of supported devices, and the series that the guide is filed under.
const SERIES: &[Series] = &[
    since("gxp2130", &[1, 0, 7, 25]),
    since("gxp2140", &[1, 0, 7, 25]),
    since("gxp2160", &[1, 0, 7, 25]),
    since("gxp2135", &[1, 0, 7, 25]),
    since("gxp2170", &[1, 0, 7, 25]),
    since("gxp16##", &[1, 0, 4, 6]),
    since("gxp17##", &[1, 0, 0, 37]),
    since("grp261#", &[1, 0, 3, 6]),
    since("grp2624", &[1, 0, 3, 6]),
    since("grp2634", &[1, 0, 3, 6]),
    since("grp260#", &[1, 0, 3, 18]),
    since("wp820", &[1, 0, 7, 7]),
    since("wp810", &[1, 0, 7, 30]),
    since("gxv3370", &[1, 0, 3, 9]),
    since("gxv3380", &[1, 0, 3, 9]),
    since("gxv3350", &[1, 0, 3, 9]),
    since("gac2500", &[1, 0, 1, 44]),
    since("gxw4216", &[1, 0, 5, 16]),
    since("gxw4224", &[1, 0, 5, 16]),
    since("gxw4232", &[1, 0, 5, 16]),
    since("gxw4248", &[1, 0, 5, 16]),
    since("ht801", &[1, 0, 2, 5]),
    since("ht802", &[1, 0, 2, 5]),
    since("ht812", &[1, 0, 2, 5]),
    since("ht813", &[1, 0, 2, 5]),
    since("ht814", &[1, 0, 2, 5]),
    since("dp750", &[1, 0, 1, 20]),
    since("dp752", &[1, 0, 13, 6]),
    any("grp262#"),
    any("grp263#"),
    any("grp2650"),
    any("grp2670"),
    any("wp822"),
    any("wp825"),
];

const METHODS: &[Fact<Method>] = &[
    method("GetRPCMethods", TABLE),
    method("SetParameterValues", TABLE),
    method("GetParameterValues", TABLE),
    called("GetParameterNames", &["GetParameterName"], TABLE),
    called("SetParameterAttributes", &["SetAttributeValues"], TABLE),
    called("GetParameterAttributes", &["GetAttributeValues"], TABLE),
    method("AddObject", TABLE),
    method("DeleteObject", TABLE),
    method("Reboot", TABLE),
    method("Download", TABLE),
    method("FactoryReset", TABLE),
    method("Upload", TABLE),
    method("ScheduleInform", TABLE),
    missing("GetQueuedTransfers"),
    missing("GetAllQueuedTransfers"),
    missing("ScheduleDownload"),
    missing("CancelTransfer"),
];

const PARAMETERS: &[Fact<Parameter>] = &[
    written("Device.LAN.IPPingDiagnostics.Host", "TR-106"),
    written("Device.LAN.IPPingDiagnostics.DiagnosticsState", "TR-106"),
    written("Device.LAN.TraceRouteDiagnostics.Host", "TR-106"),
    written(
        "Device.LAN.TraceRouteDiagnostics.DiagnosticsState",
        "TR-106",
    ),
    written("Device.DownloadDiagnostics.DownloadURL", "TR-143"),
    written("Device.DownloadDiagnostics.DiagnosticsState", "TR-143"),
    written("Device.UploadDiagnostics.UploadURL", "TR-143"),
    written("Device.UploadDiagnostics.DiagnosticsState", "TR-143"),
];

/// Fields of the page in the web interface; the guide has no names of the configuration file.
const SETTINGS: &[Fact<Setting>] = &[
    setting(AcsUrl, "ACS URL", "", WEB),
    setting(UserName, "TR-069 Username", "", WEB),
    setting(Password, "TR-069 Password", "", WEB),
    setting(PeriodicInformEnable, "Periodic Inform Enable", "", WEB),
    setting(
        PeriodicInformInterval,
        "Periodic Inform Interval",
        "86400",
        WEB,
    ),
    setting(
        ConnectionRequestUserName,
        "Connection Request Username",
        "",
        WEB,
    ),
    setting(
        ConnectionRequestPassword,
        "Connection Request Password",
        "",
        WEB,
    ),
    setting(
        ConnectionRequestPort,
        "Connection Request Port",
        "7547",
        WEB,
    ),
    setting(Certificate, "CPE SSL Certificate", "", WEB),
    setting(PrivateKey, "CPE SSL Private Key", "", WEB),
];

const fn since(product: &'static str, least: &'static [u32]) -> Series {
    let firmware = Some(Firmware { least, behind: 0 });
    Series { product, firmware }
}

const fn any(product: &'static str) -> Series {
    let firmware = None;
    Series { product, firmware }
}

const fn missing(name: &'static str) -> Fact<Method> {
    Fact {
        is: Method {
            name,
            also: &[],
            supported: false,
        },
        at: TABLE,
    }
}

const TABLE: &str = "STANDARDS COMPLIANCE, TR-069 Amendment 2";
const NOTES: &str = "RPC METHODS, Important Notes";
const SUMMARY: &str = "TR-106, Device Summary";
const WEB: &str = "TR-069 CONFIGURATION ON GRANDSTREAM DEVICES";
