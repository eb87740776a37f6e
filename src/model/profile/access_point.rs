//! A Wi-Fi access point with TR-181, vendor unnamed: what its overview of TR-069 says. Chosen by name alone.

use super::FileKind::Firmware;
use super::{Listed, Marks, Profile, fact, file, method};

/// The access point.
pub(super) const PROFILE: Profile = Profile {
    name: "access-point",
    vendor: "access point",
    document: "TR-069 overview of a Wi-Fi access point (TR-181)",
    marks: Marks {
        manufacturers: &[],
        ouis: &[],
    },
    series: &[],
    standards: &[
        fact("TR-069 Amendment 2", "List of RPC methods supported"),
        fact("TR-181", "Broadband Forum TR-181 WiFi Data Model"),
    ],
    root: Some(fact("Device.", "Broadband Forum TR-181 WiFi Data Model")),
    summary: &[],
    // Operations on the data model, and no others: what is not here may be supported all the same.
    methods: Listed {
        whole: false,
        facts: &[
            method("GetParameterNames", OPERATIONS),
            method("GetParameterValues", OPERATIONS),
            method("SetParameterValues", OPERATIONS),
            method("AddObject", OPERATIONS),
            method("DeleteObject", OPERATIONS),
            method("GetParameterAttributes", OPERATIONS),
            method("SetParameterAttributes", OPERATIONS),
        ],
    },
    calls: &[],
    events: &[
        fact("0 BOOTSTRAP", FLOW),
        fact("1 BOOT", FLOW),
        fact("2 PERIODIC", FLOW),
        fact("6 CONNECTION REQUEST", FLOW),
        fact("4 VALUE CHANGE", FLOW),
        fact("7 TRANSFER COMPLETE", FLOW),
        fact("8 DIAGNOSTICS COMPLETE", FLOW),
    ],
    downloads: Listed {
        whole: false,
        facts: &[file(Firmware, "", "Firmware management")],
    },
    uploads: Listed {
        whole: false,
        facts: &[],
    },
    upload_schemes: Listed {
        whole: false,
        facts: &[],
    },
    parameters: &[],
    settings: &[],
    udp_requests: None,
    gateway: None,
    ways: &[],
};

const OPERATIONS: &str = "TR181 Data Model Supported Operations";
const FLOW: &str = "TR69 Connection flow";
