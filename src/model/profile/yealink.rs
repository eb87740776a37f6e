//! Yealink: what its technote on TR-069 says.

use super::FileKind::{Configuration, Firmware as Image, Log};
use super::Purpose::{
    AcsUrl, ConnectionRequestPassword, ConnectionRequestUserName, Enable, Password,
    PeriodicInformEnable, PeriodicInformInterval, UserName,
};
use super::{
    Fact, Firmware, Listed, Marks, Profile, Series, Setting, Way, fact, file, method, setting,
};

/// Yealink's phones.
pub(super) const PROFILE: Profile = Profile {
    name: "yealink",
    vendor: "Yealink",
    document: "Yealink technote on TR-069",
    marks: Marks {
        manufacturers: &["yealink"],
        ouis: &["001565", "805EC0"],
    },
    series: &[
        of_71("t2#p"),
        of_71("t3#g"),
        of_71("t4#"),
        of_71("vp530"),
        Series {
            product: "w52p",
            firmware: Some(Firmware {
                least: &[30],
                behind: 1,
            }),
        },
    ],
    standards: &[
        fact("TR-069 Amendment 3", REFERENCES),
        fact("TR-104", REFERENCES),
        fact("TR-106 Amendment 3", REFERENCES),
        fact("TR-111", REFERENCES),
    ],
    root: None,
    summary: &[],
    methods: Listed {
        whole: true,
        facts: &[
            method("GetRPCMethods", METHODS),
            method("SetParameterValues", METHODS),
            method("GetParameterValues", METHODS),
            method("GetParameterNames", METHODS),
            method("GetParameterAttributes", METHODS),
            method("SetParameterAttributes", METHODS),
            method("Reboot", METHODS),
            method("Download", METHODS),
            method("Upload", METHODS),
            method("ScheduleInform", METHODS),
            method("FactoryReset", METHODS),
            method("AddObject", METHODS),
            method("DeleteObject", METHODS),
        ],
    },
    calls: &[fact("TransferComplete", METHODS)],
    events: &[],
    downloads: Listed {
        whole: true,
        facts: &[file(Image, "", METHODS), file(Configuration, "", METHODS)],
    },
    uploads: Listed {
        whole: true,
        facts: &[file(Configuration, "", METHODS), file(Log, "", METHODS)],
    },
    upload_schemes: Listed {
        whole: false,
        facts: &[],
    },
    parameters: &[],
    settings: SETTINGS,
    udp_requests: Some(fact(true, "TR-111, Connection Request via NAT Gateway")),
    gateway: Some(fact(true, "TR-111, Device-Gateway Association")),
    ways: &[
        fact(Way::OffByDefault, "enabling TR-069, table of parameters"),
        fact(Way::ReadOnlyRefused, "data model"),
    ],
};

const SETTINGS: &[Fact<Setting>] = &[
    setting(Enable, "managementserver.enable", "0", TABLE),
    setting(UserName, "managementserver.username", "", TABLE),
    setting(Password, "managementserver.password", "", TABLE),
    setting(AcsUrl, "managementserver.url", "", TABLE),
    setting(
        ConnectionRequestUserName,
        "managementserver.connection_request_username",
        "",
        TABLE,
    ),
    setting(
        ConnectionRequestPassword,
        "managementserver.connection_request_password",
        "",
        TABLE,
    ),
    setting(
        PeriodicInformEnable,
        "managementserver.periodic_inform_enable",
        "1",
        TABLE,
    ),
    setting(
        PeriodicInformInterval,
        "managementserver.periodic_inform_interval",
        "60",
        TABLE,
    ),
];

/// A series of firmware 71 or later; the first number of a version is the model's.
const fn of_71(product: &'static str) -> Series {
    Series {
        product,
        firmware: Some(Firmware {
            least: &[71],
            behind: 1,
        }),
    }
}

const METHODS: &str = "table of RPC methods";
const TABLE: &str = "configuration files, table of parameters";
const REFERENCES: &str = "references";
