//! Breaches in the Inform and its answer.

use super::{Kind, acs, cpe};
use crate::bases;
use crate::clean::model::Root;
use crate::clean::story::Version::{V1_1, V1_4};

pub const KINDS: &[Kind] = &[
    cpe("INF-001", "Event before DeviceId", bases::plain, |story| {
        story.turn(-1, "Inform", "DeviceId", "Event")
    })
    .also(&[
        ("SOAP-008", "the order of the schema"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "INF-001",
        "RetryCount before CurrentTime",
        bases::plain,
        |story| story.turn(-1, "Inform", "CurrentTime", "RetryCount"),
    )
    .also(&[
        ("SOAP-008", "the order of the schema"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe("INF-002", "MaxEnvelopes 2", bases::plain, |story| {
        story.retext(0, "Inform", "MaxEnvelopes", "2")
    })
    .from(V1_1),
    acs("INF-003", "MaxEnvelopes 0", bases::plain, |story| {
        story.retext(-1, "InformResponse", "MaxEnvelopes", "0")
    })
    .from(V1_1),
    cpe(
        "INF-004",
        "an OUI in small letters",
        bases::plain,
        |story| story.retext(0, "Inform", "OUI", "00d09e"),
    )
    .also(&[
        ("AUTH-014", "the user name has another"),
        ("AUTH-015", "the user name has another"),
        ("INF-028", "DeviceInfo has another"),
        ("SOAP-008", "the schema's pattern"),
        ("SOAP-045", "the ACS takes it"),
        ("SOAP-027", "the schema's pattern"),
    ]),
    cpe("INF-004", "an OUI with colons", bases::plain, |story| {
        story.retext(0, "Inform", "OUI", "00:D0:9E")
    })
    .also(&[
        ("SOAP-027", "it is too long"),
        ("AUTH-014", "the user name has another"),
        ("AUTH-015", "the user name has another"),
        ("INF-028", "DeviceInfo has another"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "INF-005",
        "a Manufacturer of 65 characters",
        bases::plain,
        |story| story.retext(0, "Inform", "Manufacturer", &"m".repeat(65)),
    )
    .also(&[
        ("SOAP-027", "it is too long"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe("INF-005", "no ProductClass", bases::plain, |story| {
        story.cut(0, "Inform", "ProductClass")
    })
    .also(&[
        ("SOAP-008", "the schema has it"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
        ("AUTH-014", "the user name has one"),
        ("AUTH-016", "the user name has one"),
        ("AUTH-015", "the user name has one"),
        ("INF-028", "DeviceInfo has one"),
    ]),
    cpe("INF-006", "no serial number", bases::plain, |story| {
        story.retext(0, "Inform", "SerialNumber", "")
    })
    .also(&[
        ("AUTH-014", "the user name has one"),
        ("AUTH-015", "the user name has one"),
        ("INF-028", "DeviceInfo has one"),
    ]),
    cpe("INF-008", "70 events", bases::plain, |story| {
        (0..69).all(|at| story.add_event(-1, "M Download", &format!("k{at}")))
    })
    .also(&[
        ("EVT-009", "without TRANSFER COMPLETE"),
        ("EVT-012", "nobody asked for them"),
        ("SESS-012", "no report follows"),
        ("EVT-015", "no report follows"),
        ("SOAP-010", "the schema has 64"),
        ("SOAP-008", "the schema has 64"),
    ]),
    cpe(
        "INF-009",
        "no event after a Connection Request",
        bases::knock,
        |story| story.drop_event(2, "6 CONNECTION REQUEST"),
    )
    .also(&[
        ("CR-008", "the request is not told"),
        ("INF-034", "the request is not told"),
    ]),
    cpe(
        "INF-010",
        "CurrentTime without zone",
        bases::plain,
        |story| {
            let time = story.text(-1, "Inform", "CurrentTime");
            story.retext(-1, "Inform", "CurrentTime", &time[..19])
        },
    ),
    cpe("INF-011", "a clock of 2020", bases::plain, |story| {
        story.retext(-1, "Inform", "CurrentTime", "2020-01-01T00:00:00Z")
    })
    .also(&[("FIELD", "the same")]),
    cpe("INF-012", "no ParameterKey", bases::plain, |story| {
        story.drop_member(-1, "Inform", "ParameterValueStruct", "ParameterKey")
    }),
    cpe("INF-012", "no SoftwareVersion", bases::plain, |story| {
        story.drop_member(-1, "Inform", "ParameterValueStruct", "SoftwareVersion")
    }),
    cpe("INF-013", "no LAN address", bases::plain, |story| {
        story.drop_member(-1, "Inform", "ParameterValueStruct", "LAN.IPAddress")
    })
    .on(Root::Device1),
    cpe("INF-014", "no address of the WAN", bases::plain, |story| {
        story.drop_member(-1, "Inform", "ParameterValueStruct", "ExternalIPAddress")
    })
    .on(Root::Gateway),
    cpe("INF-014", "no SpecVersion", bases::plain, |story| {
        story.drop_member(-1, "Inform", "ParameterValueStruct", "SpecVersion")
    })
    .on(Root::Gateway),
    cpe(
        "INF-015",
        "no RootDataModelVersion",
        bases::plain,
        |story| story.drop_member(-1, "Inform", "ParameterValueStruct", "RootDataModelVersion"),
    )
    .on(Root::Device2),
    cpe(
        "INF-016",
        "a DeviceSummary in Device:2",
        bases::plain,
        |story| {
            story.add_member(
                -1,
                "Inform",
                "ParameterValueStruct",
                "<Name>Device.DeviceSummary</Name>\
                 <Value xsi:type=\"xsd:string\"></Value>",
            )
        },
    )
    .on(Root::Device2)
    .also(&[("DM-012", "Device:2 has none")]),
    cpe("INF-017", "one name twice", bases::plain, |story| {
        let root = if story.body(-1, "Inform").contains("InternetGatewayDevice.") {
            "InternetGatewayDevice"
        } else {
            "Device"
        };
        story.add_member(
            -1,
            "Inform",
            "ParameterValueStruct",
            &format!(
                "<Name>{root}.DeviceInfo.HardwareVersion</Name>\
                 <Value xsi:type=\"xsd:string\">H1</Value>"
            ),
        )
    }),
    cpe(
        "INF-018",
        "a name with a trailing dot",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "Inform",
                "HardwareVersion</Name>",
                "HardwareVersion.</Name>",
            )
        },
    )
    .also(&[
        ("INF-012", "so HardwareVersion is missing"),
        ("INF-013", "so HardwareVersion is missing"),
        ("INF-014", "so HardwareVersion is missing"),
        ("INF-015", "so HardwareVersion is missing"),
        ("DM-012", "no model has it"),
    ]),
    cpe("INF-018", "a name of another root", bases::plain, |story| {
        let other = if story.body(-1, "Inform").contains("InternetGatewayDevice.") {
            "Device"
        } else {
            "InternetGatewayDevice"
        };
        story.add_member(
            -1,
            "Inform",
            "ParameterValueStruct",
            &format!(
                "<Name>{other}.DeviceInfo.ProvisioningCode</Name>\
             <Value xsi:type=\"xsd:string\"></Value>"
            ),
        )
    })
    .also(&[
        ("DM-011", "two roots in one device"),
        ("INF-012", "the other root has its own list"),
        ("INF-014", "the other root has its own list"),
        ("INF-013", "the other root has its own list"),
        ("DM-012", "no model has it"),
    ]),
    cpe(
        "INF-019",
        "a value that has not changed beside one that has",
        bases::value_change,
        |story| {
            let root = if story.body(-1, "Inform").contains("InternetGatewayDevice.") {
                "InternetGatewayDevice"
            } else {
                "Device"
            };
            story.add_member(
                -1,
                "Inform",
                "ParameterValueStruct",
                &format!(
                    "<Name>{root}.Time.NTPServer2</Name>\
                 <Value xsi:type=\"xsd:string\">ntp2.example.net</Value>"
                ),
            )
        },
    ),
    cpe(
        "INF-020",
        "new software without VALUE CHANGE",
        bases::plain,
        |story| story.revalue(-1, "Inform", "SoftwareVersion", "99.0"),
    )
    .also(&[
        ("INF-032", "it acts as active"),
        ("INF-035", "it acts as active"),
        ("INF-033", "it is not listed"),
        ("SPA-007", "it is not told"),
        ("SESS-032", "it changes again"),
        ("CWMP-GPV-009", "it is another in the session"),
    ]),
    cpe(
        "INF-021",
        "VALUE CHANGE, and nothing has changed",
        bases::plain,
        |story| story.rename_event(-1, "2 PERIODIC", "4 VALUE CHANGE"),
    )
    .also(&[("SESS-030", "the period is missed")]),
    cpe("INF-022", "the old ParameterKey", bases::plain, |story| {
        story.revalue(-1, "Inform", "ParameterKey", "old")
            && story.revalue(-2, "Inform", "ParameterKey", "old")
    })
    .also(&[("CWMP-SPV-007", "the same")]),
    cpe(
        "INF-022",
        "no ParameterKey after AddObject",
        bases::kept_instance,
        |story| story.revalue(-1, "Inform", "ParameterKey", "old"),
    )
    .also(&[("CWMP-ADD-007", "the same")]),
    cpe("INF-023", "an https door", bases::plain, |story| {
        story.swap(
            0,
            "Inform",
            "<Value xsi:type=\"xsd:string\">http://203",
            "<Value xsi:type=\"xsd:string\">https://203",
        )
    })
    .also(&[("CR-002", "the same")]),
    cpe("INF-024", "a door that all have", bases::plain, |story| {
        let start = "http://203.0.113.20:7547/";
        let body = story.body(0, "Inform");
        let Some(at) = body.find(start) else {
            return false;
        };
        let path = body[at + start.len()..]
            .split('<')
            .next()
            .unwrap_or_default()
            .to_owned();
        story.swap(0, "Inform", &path, "")
    }),
    cpe("INF-025", "a private door", bases::plain, |story| {
        let start = "http://203.0.113.20:";
        story.swap(0, "Inform", start, "http://192.168.1.9:")
    })
    .also(&[("FIELD", "the same")]),
    cpe(
        "INF-026",
        "no BOOTSTRAP after a factory reset",
        bases::reset,
        |story| story.drop_event(3, "0 BOOTSTRAP"),
    )
    .also(&[("CWMP-FR-001", "the same")]),
    cpe(
        "INF-028",
        "another serial number in DeviceInfo",
        bases::plain,
        |story| {
            story.revalue(
                1,
                "GetParameterValuesResponse",
                "DeviceInfo.SerialNumber",
                "OTHER",
            )
        },
    ),
    cpe(
        "INF-032",
        "a new WAN address without VALUE CHANGE",
        bases::address,
        |story| story.rename_event(2, "4 VALUE CHANGE", "8 DIAGNOSTICS COMPLETE"),
    )
    .on(Root::Gateway)
    .also(&[
        ("EVT-020", "no test was asked for"),
        ("INF-020", "the same"),
        ("CR-021", "the door has moved"),
        ("SPA-007", "it is not told"),
        ("INF-033", "it is not told"),
    ]),
    cpe(
        "CWMP-FR-001",
        "the ParameterKey outlives a factory reset",
        bases::reset,
        |story| story.revalue(3, "Inform", "ParameterKey", "kept"),
    )
    .also(&[("INF-022", "the same")]),
    cpe(
        "INF-034",
        "a Connection Request that is not told",
        bases::knock,
        |story| story.rename_event(2, "6 CONNECTION REQUEST", "8 DIAGNOSTICS COMPLETE"),
    )
    .also(&[
        ("EVT-020", "no test was asked for"),
        ("CR-008", "the same"),
        ("EVT-027", "the same"),
    ]),
    cpe(
        "INF-035",
        "a new ProvisioningCode without VALUE CHANGE",
        bases::plain,
        |story| story.revalue(-1, "Inform", "ProvisioningCode", "dhcp.1"),
    )
    .on(Root::Device2)
    .to(V1_4)
    .also(&[("INF-020", "the same"), ("CWMP-SPA-007", "it is active")]),
    cpe(
        "DM-010",
        "a summary out of grammar",
        bases::plain,
        |story| story.revalue(0, "Inform", "DeviceSummary", "Device-1.1 Baseline"),
    )
    .on(Root::Device1),
    cpe(
        "DM-011",
        "two roots in one session",
        bases::plain,
        |story| {
            let gateway = story.body(-1, "Inform").contains("InternetGatewayDevice.");
            let (own, other) = if gateway {
                ("InternetGatewayDevice.", "Device.")
            } else {
                ("Device.", "InternetGatewayDevice.")
            };
            story.swap(-1, "GetParameterValues", own, other)
                && story.swap(-1, "GetParameterValuesResponse", own, other)
        },
    ),
    cpe(
        "DM-012",
        "a name that no model has",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "GetParameterValues",
                "SoftwareVersion",
                "SoftwareVersions",
            ) && story.swap(
                -1,
                "GetParameterValuesResponse",
                "SoftwareVersion",
                "SoftwareVersions",
            )
        },
    ),
    cpe(
        "DM-001",
        "a name that begins with a digit",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "GetParameterValues",
                "DeviceInfo.SoftwareVersion",
                "1st.SoftwareVersion",
            ) && story.swap(
                -1,
                "GetParameterValuesResponse",
                "DeviceInfo.SoftwareVersion",
                "1st.SoftwareVersion",
            )
        },
    )
    .also(&[
        ("DM-012", "no model has it"),
        ("DM-001", "the ACS asks for it"),
    ]),
    cpe(
        "DM-003",
        "a vendor in small letters",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "GetParameterValues",
                "DeviceInfo.SoftwareVersion",
                "X_acme.com_Foo",
            ) && story.swap(
                -1,
                "GetParameterValuesResponse",
                "DeviceInfo.SoftwareVersion",
                "X_acme.com_Foo",
            )
        },
    )
    .also(&[("DM-012", "no model has it")]),
];
