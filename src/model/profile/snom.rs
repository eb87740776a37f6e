//! snom: what its document on TR-069 of October 14th 2009 says.

use super::FileKind::{Configuration, Firmware as Image, Log, ParameterMap};
use super::Purpose::{
    AcsUrl, Bootstrap, ConnectionRequestPassword, ConnectionRequestUserName, Enable, Password,
    PeriodicInformInterval, UserName,
};
use super::{
    Fact, Firmware, Listed, Marks, Method, Profile, Series, Setting, Way, called, fact, file,
    method, setting, written,
};

/// snom's phones.
pub(super) const PROFILE: Profile = Profile {
    name: "snom",
    vendor: "snom",
    document: "snom, TR-069 on snom VoIP phones (October 14th 2009)",
    marks: Marks {
        manufacturers: &["snom"],
        ouis: &["000413"],
    },
    // The vendor's name before the number is taken off.
    series: &[since("3##"), since("820"), since("meetingpoint")],
    standards: &[
        fact("TR-069 Amendment 2", REFERENCES),
        fact("TR-104", REFERENCES),
        fact("TR-106 Amendment 1", REFERENCES),
        fact("TR-111 part I", "TR-111 support"),
    ],
    root: Some(fact(
        "Device.",
        "Supported TR-069 RPC methods, GetParameterNames",
    )),
    summary: &[],
    methods: Listed {
        whole: true,
        facts: METHODS,
    },
    calls: &[],
    events: &[fact("0 BOOTSTRAP", TABLE_1)],
    downloads: Listed {
        whole: true,
        facts: &[
            file(Image, "snom Firmware Upgrade Image", DOWNLOAD),
            file(Configuration, "snom XML configuration file", DOWNLOAD),
            file(ParameterMap, "snom Parameter Mapping File", DOWNLOAD),
        ],
    },
    uploads: Listed {
        whole: true,
        facts: &[file(Configuration, "", UPLOAD), file(Log, "", UPLOAD)],
    },
    upload_schemes: Listed {
        whole: true,
        facts: &[fact("http", UPLOAD)],
    },
    parameters: &[
        written("Device.X_snom_UploadGUI", "X-snom-Customize"),
        written("Device.X_snom_UploadWeb", "X-snom-Customize"),
    ],
    settings: SETTINGS,
    udp_requests: Some(fact(false, "TR-111 Part II")),
    gateway: Some(fact(true, "TR-111 Part I")),
    ways: &[
        fact(Way::OffByDefault, TABLE_1),
        fact(Way::ProvisioningOff, "Enabling TR-069 on snom VoIP phones"),
        fact(
            Way::EmptyPathGivesRoot,
            "Supported TR-069 RPC methods, GetParameterNames",
        ),
        fact(
            Way::ResetLosesAcs,
            "Supported TR-069 RPC methods, FactoryReset",
        ),
    ],
};

const METHODS: &[Fact<Method>] = &[
    method("GetRPCMethods", RPC),
    method("GetParameterNames", RPC),
    method("GetParameterValues", RPC),
    method("SetParameterValues", RPC),
    method("AddObject", RPC),
    method("DeleteObject", RPC),
    method("Reboot", RPC),
    called("GetParameterAttributes", &["GetAttributeValues"], RPC),
    called("SetParameterAttributes", &["SetAttributeValues"], RPC),
    method("Download", RPC),
    method("Upload", RPC),
    method("FactoryReset", RPC),
    called("X-snom-Customize", &["X_snom_Customize"], RPC),
    called("X-snom-Minibrowser", &["X_snom_Minibrowser"], RPC),
];

const SETTINGS: &[Fact<Setting>] = &[
    setting(AcsUrl, "tr69_acs_url", "", TABLE_1),
    setting(UserName, "tr69_acs_user", "", TABLE_1),
    setting(Password, "tr69_acs_passwd", "", TABLE_1),
    setting(Enable, "tr69_use_acs", "off", TABLE_1),
    setting(Bootstrap, "tr69_bootstrap", "on", TABLE_1),
    setting(ConnectionRequestUserName, "tr69_cnr_user", "", TABLE_1),
    setting(ConnectionRequestPassword, "tr69_cnr_pass", "", TABLE_1),
    setting(
        PeriodicInformInterval,
        "Device.ManagementServer.PeriodicInformInterval in the parameter mapping file",
        "",
        "Parameter mapping, Values",
    ),
];

const fn since(product: &'static str) -> Series {
    Series {
        product,
        firmware: Some(Firmware {
            least: &[8, 2, 16],
            behind: 0,
        }),
    }
}

const RPC: &str = "Supported TR-069 RPC methods";
const DOWNLOAD: &str = "Supported TR-069 RPC methods, Download";
const UPLOAD: &str = "Supported TR-069 RPC methods, Upload";
const TABLE_1: &str = "Table 1: TR-069 ACS settings";
const REFERENCES: &str = "Normative references";
