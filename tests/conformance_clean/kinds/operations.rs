//! Breaches in the calls about parameters, attributes, objects, methods, options and diagnostics.

use super::{Kind, acs, cpe};
use crate::bases;
use crate::clean::model::Root;
use crate::clean::story::Version::{V1_1, V1_3};
use crate::clean::story::{Content, Story};

const DONE: &[(&str, &str)] = &[
    ("SOAP-045", "the device does it all the same"),
    ("FLT-026", "the device does it all the same"),
];

/// Does something to the last message of this kind in a session that is not the last.
fn last(story: &mut Story, what: &str, from: &str, to: &str) -> bool {
    let place = story
        .places(what)
        .into_iter()
        .rfind(|at| match &story.blocks[*at].content {
            Content::Message(message) => message.body.contains(from),
            _ => false,
        });
    let Some(Content::Message(message)) = place.map(|at| &mut story.blocks[at].content) else {
        return false;
    };
    message.replace(from, to)
}

pub const KINDS: &[Kind] = &[
    acs(
        "CWMP-ADD-001",
        "AddObject of an instance",
        bases::instances,
        |story| {
            let name = story.text(0, "AddObject", "ObjectName");
            story.retext(0, "AddObject", "ObjectName", &format!("{name}1."))
        },
    )
    .also(DONE),
    acs(
        "CWMP-ADD-001",
        "AddObject without the last dot",
        bases::instances,
        |story| {
            let name = story.text(0, "AddObject", "ObjectName");
            story.retext(0, "AddObject", "ObjectName", name.trim_end_matches('.'))
        },
    )
    .also(DONE),
    cpe(
        "CWMP-ADD-002",
        "instance 0",
        bases::kept_instance,
        |story| story.retext(0, "AddObjectResponse", "InstanceNumber", "0"),
    )
    .also(&[("SOAP-028", "below the schema's least")]),
    cpe(
        "CWMP-ADD-002",
        "a Status of 2 for AddObject",
        bases::instances,
        |story| story.retext(0, "AddObjectResponse", "Status", "2"),
    ),
    cpe(
        "CWMP-ADD-005",
        "the new instance is unknown",
        bases::kept_instance,
        |story| {
            let fault = "<soap:Fault><faultcode>soap:Client</faultcode>\
                 <faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
                 <FaultCode>9005</FaultCode><FaultString>\
                 Invalid parameter name</FaultString></cwmp:Fault>\
                 </detail></soap:Fault>";
            story.each(2, "GetParameterValuesResponse", |message| {
                let Some(start) = message.body.find("<cwmp:GetParameterValuesResponse>") else {
                    return false;
                };
                let Some(end) = message.body.find("</soap:Body>") else {
                    return false;
                };
                message.body.replace_range(start..end, fault);
                true
            })
        },
    )
    .also(&[
        ("CWMP-GPV-011", "the object is there"),
        ("CWMP-GPN-006", "it is listed"),
    ]),
    cpe(
        "CWMP-ADD-007",
        "no new key after AddObject",
        bases::kept_instance,
        |story| story.revalue(-1, "Inform", "ParameterKey", "elder"),
    )
    .also(&[("INF-022", "the same")]),
    cpe(
        "CWMP-ADD-008",
        "a new instance that is on",
        bases::instances,
        |story| {
            story.swap_first(
                "GetParameterValuesResponse",
                "Enable</Name><Value xsi:type=\"xsd:boolean\">false<",
                "Enable</Name><Value xsi:type=\"xsd:boolean\">true<",
            )
        },
    )
    .on(Root::Device2),
    cpe(
        "CWMP-ADD-008",
        "a new mapping that is on",
        bases::instances,
        |story| {
            story.swap_first(
                "GetParameterValuesResponse",
                "PortMappingEnabled</Name><Value xsi:type=\"xsd:boolean\">\
                 false<",
                "PortMappingEnabled</Name><Value xsi:type=\"xsd:boolean\">\
                 true<",
            )
        },
    )
    .on(Root::Gateway),
    cpe(
        "CWMP-ADD-009",
        "a new instance with notification",
        bases::instances,
        |story| {
            story.swap(
                2,
                "GetParameterAttributesResponse",
                "<Notification>0<",
                "<Notification>1<",
            )
        },
    ),
    acs(
        "CWMP-DEL-001",
        "DeleteObject of a table",
        bases::instances,
        |story| {
            let name = story.text(0, "DeleteObject", "ObjectName");
            story.retext(0, "DeleteObject", "ObjectName", name.trim_end_matches("1."))
        },
    )
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-DEL-003", "it is no instance"),
        ("CWMP-DEL-002", "it is still there"),
    ]),
    cpe(
        "CWMP-DEL-002",
        "the instance outlives its removal",
        bases::instances,
        |story| {
            let name = story.text(0, "DeleteObject", "ObjectName");
            let at = story.places("GetParameterNamesResponse").last().copied();
            let Some(Content::Message(message)) = at.map(|at| &mut story.blocks[at].content) else {
                return false;
            };
            message.replace(
                "ParameterInfoStruct[0]\">",
                &format!(
                    "ParameterInfoStruct[1]\"><ParameterInfoStruct><Name>\
                 {name}</Name><Writable>true</Writable>\
                 </ParameterInfoStruct>"
                ),
            )
        },
    ),
    cpe(
        "CWMP-DEL-004",
        "a Status of 2 for DeleteObject",
        bases::instances,
        |story| story.retext(0, "DeleteObjectResponse", "Status", "2"),
    ),
    cpe(
        "CWMP-DEL-005",
        "no new key after DeleteObject",
        bases::instances,
        |story| story.revalue(-1, "Inform", "ParameterKey", "elder"),
    )
    .also(&[("INF-022", "the same")]),
    acs(
        "CWMP-DIAG-001",
        "None is set",
        bases::diagnostics,
        |story| story.swap(0, "SetParameterValues", ">Requested<", ">None<"),
    )
    .also(&[
        ("EVT-020", "no test was asked for"),
        ("CWMP-SPV-011", "the model forbids it"),
        ("FLT-028", "the model forbids it"),
    ]),
    cpe(
        "CWMP-DIAG-002",
        "no event for a result",
        bases::hides_result,
        |story| story.rename_event(3, "8 DIAGNOSTICS COMPLETE", "6 CONNECTION REQUEST"),
    )
    .also(&[
        ("CR-019", "nobody knocked"),
        ("CR-009", "nobody knocked"),
        ("EVT-016", "nobody knocked"),
    ]),
    cpe(
        "CWMP-DIAG-003",
        "Completed for a ping",
        bases::diagnostics,
        |story| {
            story.swap(
                -1,
                "GetParameterValuesResponse",
                ">Complete<",
                ">Completed<",
            )
        },
    )
    .also(&[
        ("DM-013", "the list has it not"),
        ("CWMP-GPV-009", "the list has it not"),
    ]),
    cpe(
        "CWMP-GPA-001",
        "an object among the attributes",
        bases::much,
        |story| {
            last(
                story,
                "GetParameterAttributesResponse",
                "Time.NTPServer2</Name>",
                "Time.</Name>",
            )
        },
    ),
    cpe("CWMP-GPA-003", "notification 7", bases::much, |story| {
        story.swap_first(
            "GetParameterAttributesResponse",
            "<Notification>0<",
            "<Notification>7<",
        )
    }),
    cpe(
        "CWMP-GPN-001",
        "NextLevel false without the object itself",
        bases::much,
        |story| {
            let root = if story
                .body(2, "GetParameterNames")
                .contains("InternetGatewayDevice.")
            {
                "InternetGatewayDevice"
            } else {
                "Device"
            };
            story.drop_member(
                2,
                "GetParameterNamesResponse",
                "ParameterInfoStruct",
                &format!("{root}.ManagementServer.<"),
            )
        },
    )
    .from(V1_1),
    cpe(
        "CWMP-GPN-002",
        "NextLevel true with the object itself",
        bases::much,
        |story| {
            let path = story.text(2, "GetParameterNames", "ParameterPath");
            story.each(2, "GetParameterNamesResponse", |message| {
                if !message.body.contains("Time.NTPServer1") {
                    return false;
                }
                let Some(at) = message.body.find("ParameterInfoStruct[") else {
                    return false;
                };
                let Some(end) = message.body[at..].find('>') else {
                    return false;
                };
                message.body.insert_str(
                    at + end + 1,
                    &format!(
                        "<ParameterInfoStruct><Name>{path}</Name><Writable>\
                 false</Writable></ParameterInfoStruct>"
                    ),
                );
                let size: usize = message.body[at + 20..]
                    .split(']')
                    .next()
                    .and_then(|size| size.parse().ok())
                    .unwrap_or(0);
                message.replace(
                    &format!("ParameterInfoStruct[{size}]"),
                    &format!("ParameterInfoStruct[{}]", size + 1),
                )
            })
        },
    ),
    cpe(
        "CWMP-GPN-004",
        "an object without its dot",
        bases::plain,
        |story| {
            story.swap_once(
                1,
                "GetParameterNamesResponse",
                "DeviceInfo.</Name>",
                "DeviceInfo</Name>",
            )
        },
    )
    .also(&[
        ("DM-012", "no model has it"),
        ("CWMP-GPV-006", "it seems not to be there"),
    ]),
    cpe(
        "CWMP-GPN-005",
        "an empty table is refused",
        bases::instances,
        |story| {
            let fault = "<soap:Fault><faultcode>soap:Client</faultcode>\
                 <faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
                 <FaultCode>9005</FaultCode><FaultString>\
                 Invalid parameter name</FaultString></cwmp:Fault>\
                 </detail></soap:Fault>";
            let at = story.places("GetParameterNamesResponse").last().copied();
            let Some(Content::Message(message)) = at.map(|at| &mut story.blocks[at].content) else {
                return false;
            };
            let Some(start) = message.body.find("<cwmp:GetParameterNamesResponse>") else {
                return false;
            };
            let Some(end) = message.body.find("</soap:Body>") else {
                return false;
            };
            message.body.replace_range(start..end, fault);
            true
        },
    )
    .also(&[
        ("CWMP-GPN-008", "the table is there"),
        ("FIELD", "the same"),
    ])
    .on(Root::Device2),
    cpe(
        "CWMP-GPN-009",
        "an instance without its table",
        bases::much,
        |story| {
            story.add_member(
                2,
                "GetParameterNamesResponse",
                "ParameterInfoStruct",
                "<Name>\
                 Device.ManagementServer.InformParameter.1.Enable</Name>\
                 <Writable>true</Writable>",
            )
        },
    )
    .on(Root::Device2)
    .also(&[
        ("CWMP-GPN-002", "the first list is of another object"),
        ("CWMP-GPN-001", "the first list is of another object"),
    ]),
    acs("CWMP-GPV-001", "no name at all", bases::plain, |story| {
        story.drop_member(-1, "GetParameterValues", "string", "")
            || story.each(-1, "GetParameterValues", |message| {
                let Some(start) = message.body.find("<string>") else {
                    return false;
                };
                let Some(end) = message.body.find("</string>") else {
                    return false;
                };
                message.body.replace_range(start..end + 9, "");
                message.replace("xsd:string[1]", "xsd:string[0]")
            })
    })
    .also(&[
        ("CWMP-GPV-004", "nothing was asked for"),
        ("CWMP-GPV-007", "nothing was asked for"),
        ("SOAP-008", "the schema wants one"),
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
    ]),
    acs(
        "CWMP-GPV-002",
        "an object without its dot",
        bases::plain,
        |story| {
            story.swap(
                1,
                "GetParameterValues",
                "DeviceInfo.</string>",
                "DeviceInfo</string>",
            )
        },
    )
    .also(&[
        ("CWMP-GPV-003", "it is not in the answer"),
        ("CWMP-GPV-004", "what is below was not asked for"),
        ("CWMP-GPV-006", "it seems not to be there"),
        ("DM-012", "no model has it"),
        ("CWMP-GPV-007", "what is below was not asked for"),
    ]),
    cpe("CWMP-GPV-003", "a value is missing", bases::much, |story| {
        story.drop_member(
            2,
            "GetParameterValuesResponse",
            "ParameterValueStruct",
            "Time.NTPServer1",
        )
    }),
    cpe(
        "CWMP-GPV-004",
        "a value that nobody asked for",
        bases::plain,
        |story| {
            let root = if story.body(-1, "Inform").contains("InternetGatewayDevice.") {
                "InternetGatewayDevice"
            } else {
                "Device"
            };
            story.add_member(
                -1,
                "GetParameterValuesResponse",
                "ParameterValueStruct",
                &format!(
                    "<Name>{root}.DeviceInfo.HardwareVersion</Name>\
                 <Value xsi:type=\"xsd:string\">H1</Value>"
                ),
            )
        },
    )
    .also(&[("CWMP-GPV-007", "it was not asked for")]),
    cpe(
        "CWMP-GPV-005",
        "an object among the values",
        bases::plain,
        |story| {
            let root = if story.body(-1, "Inform").contains("InternetGatewayDevice.") {
                "InternetGatewayDevice"
            } else {
                "Device"
            };
            story.add_member(
                1,
                "GetParameterValuesResponse",
                "ParameterValueStruct",
                &format!(
                    "<Name>{root}.DeviceInfo.</Name>\
                 <Value xsi:type=\"xsd:string\"></Value>"
                ),
            )
        },
    ),
    cpe("CWMP-GPV-007", "one value twice", bases::plain, |story| {
        let root = if story.body(-1, "Inform").contains("InternetGatewayDevice.") {
            "InternetGatewayDevice"
        } else {
            "Device"
        };
        let value = story.body(-1, "Inform");
        let value = value
            .split("SoftwareVersion</Name><Value xsi:type=\"xsd:string\">")
            .nth(1)
            .unwrap_or_default();
        let value = value.split('<').next().unwrap_or_default().to_owned();
        story.add_member(
            -1,
            "GetParameterValuesResponse",
            "ParameterValueStruct",
            &format!(
                "<Name>{root}.DeviceInfo.SoftwareVersion</Name>\
                 <Value xsi:type=\"xsd:string\">{value}</Value>"
            ),
        )
    }),
    cpe(
        "CWMP-GPV-008",
        "a password in clear",
        bases::much,
        |story| {
            ["GetParameterValues", "GetParameterValuesResponse"]
                .into_iter()
                .all(|what| {
                    story.swap(
                        2,
                        what,
                        "ManagementServer.ParameterKey<",
                        "ManagementServer.Password<",
                    )
                })
        },
    ),
    cpe(
        "CWMP-GPV-009",
        "a boolean that is no boolean",
        bases::much,
        |story| {
            story.swap(
                2,
                "GetParameterValuesResponse",
                "xsi:type=\"xsd:dateTime\"",
                "xsi:type=\"xsd:boolean\"",
            )
        },
    )
    .also(&[("CWMP-SPV-012", "the type is another")]),
    cpe(
        "CWMP-GPV-009",
        "a number that is no number",
        bases::plain,
        |story| story.revalue(1, "GetParameterValuesResponse", "UpTime", "long"),
    ),
    cpe(
        "CWMP-GPV-009",
        "a negative unsignedInt",
        bases::plain,
        |story| story.revalue(1, "GetParameterValuesResponse", "UpTime", "-5"),
    ),
    acs("CWMP-SPA-001", "no AccessList", bases::much, |story| {
        story.cut(2, "SetParameterAttributes", "AccessList")
    })
    .also(&[
        ("SOAP-008", "the schema has it"),
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-SPA-004", "none was given"),
    ]),
    acs("CWMP-SPA-002", "notification 3", bases::much, |story| {
        story.swap(
            2,
            "SetParameterAttributes",
            "<Notification>1<",
            "<Notification>3<",
        )
    })
    .to(V1_1)
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-SPA-004", "the device takes 1"),
        ("CWMP-SPA-005", "the device takes 1"),
    ]),
    acs(
        "CWMP-SPA-003",
        "an entity called LAN",
        bases::much,
        |story| story.swap(2, "SetParameterAttributes", ">Subscriber<", ">LAN<"),
    )
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-SPA-004", "the device takes another"),
    ]),
    cpe(
        "CWMP-SPA-004",
        "an attribute that was not taken",
        bases::much,
        |story| {
            last(
                story,
                "GetParameterAttributesResponse",
                "<Notification>1<",
                "<Notification>0<",
            )
        },
    )
    .also(&[("CWMP-SPA-005", "the same")]),
    acs("CWMP-SPV-001", "one name twice", bases::much, |story| {
        let root = if story.body(-1, "Inform").contains("InternetGatewayDevice.") {
            "InternetGatewayDevice"
        } else {
            "Device"
        };
        story.add_member(
            2,
            "SetParameterValues",
            "ParameterValueStruct",
            &format!(
                "<Name>{root}.Time.NTPServer2</Name>\
                 <Value xsi:type=\"xsd:string\">ntp9.example.net</Value>"
            ),
        )
    })
    .also(&[
        ("FLT-018", "the device takes it"),
        ("SOAP-045", "the device takes it"),
        ("FLT-026", "the device takes it"),
    ]),
    acs("CWMP-SPV-002", "an object is set", bases::much, |story| {
        story.swap(2, "SetParameterValues", "Time.NTPServer2<", "Time.<")
    })
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-SPV-010", "it cannot be written"),
    ]),
    acs("CWMP-SPV-003", "no ParameterKey", bases::much, |story| {
        story.cut(2, "SetParameterValues", "ParameterKey")
    })
    .also(&[
        ("SOAP-008", "the schema has it"),
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-SPV-007", "no key was given"),
        ("INF-022", "no key was given"),
    ]),
    cpe("CWMP-SPV-004", "a Status of 2", bases::much, |story| {
        story.retext(2, "SetParameterValuesResponse", "Status", "2")
    }),
    cpe(
        "CWMP-SPV-005",
        "the old value is told",
        bases::much,
        |story| {
            last(
                story,
                "GetParameterValuesResponse",
                "ntp9.example.net",
                "ntp2.example.net",
            )
        },
    )
    .also(&[("CWMP-SPV-016", "the same")]),
    cpe(
        "CWMP-SPV-007",
        "the old key in the session",
        bases::much,
        |story| {
            let key = story.text(2, "SetParameterValues", "ParameterKey");
            last(story, "GetParameterValuesResponse", &key, "old")
        },
    ),
    acs(
        "CWMP-SPV-012",
        "a string for a boolean",
        bases::plain,
        |story| {
            story.swap(
                1,
                "SetParameterValues",
                "xsi:type=\"xsd:boolean\"",
                "xsi:type=\"xsd:string\"",
            )
        },
    )
    .also(&[
        ("CWMP-SPV-015", "the device takes it"),
        ("SOAP-045", "the device takes it"),
    ]),
    acs(
        "CWMP-SPV-009",
        "a reboot behind new values",
        bases::tools,
        |story| {
            let ask = story
                .body(-1, "GetRPCMethods")
                .replace("GetRPCMethods", "Reboot")
                .replace("<cwmp:Reboot>", "<cwmp:Reboot><CommandKey>x</CommandKey>");
            let answer = story.body(-1, "GetRPCMethodsResponse");
            let start = answer.find("<soap:Body>").map_or(0, |at| at + 11);
            let end = answer.find("</soap:Body>").unwrap_or(answer.len());
            let answer = format!(
                "{}<cwmp:RebootResponse></cwmp:RebootResponse>{}",
                &answer[..start],
                &answer[end..]
            );
            let asks = story.places("GetParameterValues").last().copied();
            let answers = story.places("GetParameterValuesResponse").last().copied();
            let (Some(asks), Some(answers)) = (asks, answers) else {
                return false;
            };
            let ids = [asks, answers].map(|at| match &story.blocks[at].content {
                Content::Message(message) => message
                    .body
                    .split("mustUnderstand=\"1\">")
                    .nth(1)
                    .and_then(|rest| rest.split('<').next())
                    .unwrap_or_default()
                    .to_owned(),
                _ => String::new(),
            });
            for (at, body, id) in [(asks, ask, &ids[0]), (answers, answer, &ids[1])] {
                let old = body
                    .split("mustUnderstand=\"1\">")
                    .nth(1)
                    .and_then(|rest| rest.split('<').next())
                    .unwrap_or_default()
                    .to_owned();
                let body = body.replace(
                    &format!("mustUnderstand=\"1\">{old}<"),
                    &format!("mustUnderstand=\"1\">{id}<"),
                );
                if let Content::Message(message) = &mut story.blocks[at].content {
                    message.body = body;
                }
            }
            true
        },
    ),
    cpe(
        "CWMP-GRM-001",
        "a method of 65 characters",
        bases::tools,
        |story| {
            story.swap(
                -1,
                "GetRPCMethodsResponse",
                "<string>Upload</string>",
                &format!("<string>X_00D09E_{}</string>", "m".repeat(60)),
            )
        },
    )
    .also(&[("SOAP-027", "it is too long")]),
    acs(
        "CWMP-GRM-002",
        "no Inform in the ACS's list",
        bases::methods,
        |story| story.drop_member(2, "GetRPCMethodsResponse", "string", ">Inform<"),
    )
    .also(&[
        ("CWMP-GRM-006", "it is served"),
        ("CWMP-GRM-003", "it is required"),
    ]),
    cpe(
        "CWMP-GRM-003",
        "no GetParameterAttributes in the list",
        bases::plain,
        |story| {
            story.drop_member(
                1,
                "GetRPCMethodsResponse",
                "string",
                ">GetParameterAttributes<",
            )
        },
    ),
    cpe(
        "CWMP-GRM-004",
        "a vendor in small letters",
        bases::tools,
        |story| {
            story.swap(
                -1,
                "GetRPCMethodsResponse",
                "<string>Upload</string>",
                "<string>X_acme_Do</string>",
            )
        },
    ),
    cpe(
        "CWMP-GRM-005",
        "a method of the list is refused",
        bases::unsupported,
        |story| {
            story.swap(
                1,
                "GetRPCMethodsResponse",
                "<string>Upload</string>",
                "<string>GetOptions</string>",
            )
        },
    )
    .from(crate::clean::story::Version::V1_2),
    cpe(
        "CWMP-GRM-006",
        "a method is served, but not in the list",
        bases::schedule,
        |story| story.drop_member(1, "GetRPCMethodsResponse", "string", ">ScheduleInform<"),
    ),
    cpe(
        "CWMP-GRM-007",
        "options without vouchers",
        bases::plain,
        |story| story.drop_member(1, "GetRPCMethodsResponse", "string", ">SetVouchers<"),
    )
    .to(V1_1),
    acs("CWMP-SI-001", "DelaySeconds 0", bases::schedule, |story| {
        story.retext(0, "ScheduleInform", "DelaySeconds", "0")
    })
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("CWMP-SI-002", "it comes late"),
        ("FLT-026", "the device does it all the same"),
    ]),
    cpe(
        "CWMP-SI-002",
        "SCHEDULED ten seconds early",
        bases::schedule,
        |story| story.shift(-1, -10_000),
    ),
    cpe(
        "CWMP-VCH-002",
        "an option in state 4",
        bases::options,
        |story| story.swap(0, "GetOptionsResponse", "<State>3<", "<State>4<"),
    )
    .to(V1_1),
    cpe(
        "CWMP-VCH-002",
        "dates of an option without end",
        bases::options,
        |story| {
            story.swap_once(
                0,
                "GetOptionsResponse",
                "<StartDate>0001-01-01T00:00:00Z<",
                "<StartDate>2026-01-01T00:00:00Z<",
            )
        },
    )
    .to(V1_1),
    cpe(
        "CWMP-VCH-003",
        "all options for one name",
        bases::options,
        |story| {
            let all = story.places("GetOptionsResponse");
            let (Some(first), Some(second)) = (all.first().copied(), all.get(1).copied()) else {
                return false;
            };
            let list = match &story.blocks[first].content {
                Content::Message(message) => message
                    .body
                    .split("<OptionList")
                    .nth(1)
                    .and_then(|rest| rest.split("</OptionList>").next())
                    .unwrap_or_default()
                    .to_owned(),
                _ => return false,
            };
            let Content::Message(message) = &mut story.blocks[second].content else {
                return false;
            };
            let Some(start) = message.body.find("<OptionList").map(|at| at + 11) else {
                return false;
            };
            let Some(end) = message.body.find("</OptionList>") else {
                return false;
            };
            message.body.replace_range(start..end, &list);
            true
        },
    )
    .to(V1_1),
    acs(
        "CWMP-VCH-001",
        "vouchers called string",
        bases::options,
        |story| story.swap(0, "SetVouchers", "base64>", "string>"),
    )
    .to(V1_1)
    .also(&[
        ("SOAP-013", "the schema's name is another"),
        ("SOAP-010", "so there is none"),
        ("SOAP-008", "an element nobody knows"),
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
    ]),
    cpe(
        "CWMP-KCK-001",
        "a Command of 33 characters",
        bases::kicked,
        |story| story.retext(0, "Kicked", "Command", &"c".repeat(33)),
    )
    .to(V1_1)
    .also(&[
        ("SOAP-027", "it is too long"),
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
    ]),
    cpe(
        "CWMP-FR-002",
        "a Status in FactoryResetResponse",
        bases::reset,
        |story| {
            story.swap(
                0,
                "FactoryResetResponse",
                "<cwmp:FactoryResetResponse>",
                "<cwmp:FactoryResetResponse><Status>0</Status>",
            )
        },
    )
    .also(&[("SOAP-008", "the schema has none")]),
    cpe(
        "CWMP-FR-001",
        "no BOOTSTRAP after a reset",
        bases::reset,
        |story| story.drop_event(3, "0 BOOTSTRAP"),
    )
    .also(&[("INF-026", "the same")]),
    acs("SEC-001", "a password in clear", bases::much, |story| {
        story.swap(
            2,
            "SetParameterValues",
            "Time.NTPServer2<",
            "ManagementServer.ConnectionRequestPassword<",
        )
    })
    .also(&[
        ("CWMP-SPV-005", "the old value is told"),
        ("CWMP-SPV-016", "the old value is told"),
    ]),
    acs(
        "DM-008",
        "an alias that begins with a digit",
        bases::instances,
        |story| {
            let name = story.text(0, "SetParameterValues", "ParameterKey");
            let _ = name;
            story.each(2, "SetParameterValues", |message| {
                let Some(start) = message.body.find("<Name>") else {
                    return false;
                };
                let Some(end) = message.body.find("</Value>") else {
                    return false;
                };
                message.body.replace_range(
                    start..end,
                    "<Name>Device.NAT.PortMapping.1.Alias</Name>\
                 <Value xsi:type=\"xsd:string\">1abc",
                );
                true
            })
        },
    )
    .from(V1_3)
    .on(Root::Device2)
    .also(&[
        ("CWMP-SPV-005", "another is read"),
        ("CWMP-SPV-010", "it is not listed"),
        ("FLT-028", "the device takes it"),
        ("CWMP-SPV-011", "the device takes it"),
    ]),
    acs(
        "CWMP-SPV-014",
        "a reference with a trailing dot",
        bases::instances,
        |story| {
            story.swap(
                2,
                "SetParameterValues",
                "Device.IP.Interface.1<",
                "Device.IP.Interface.1.<",
            ) && story.swap(
                2,
                "GetParameterValuesResponse",
                "Device.IP.Interface.1<",
                "Device.IP.Interface.1.<",
            )
        },
    )
    .on(Root::Device2)
    .also(&[("DM-007", "the same")]),
    cpe(
        "DM-016",
        "a MAC address without colons",
        bases::plain,
        |story| {
            let root = if story.body(-1, "Inform").contains("InternetGatewayDevice.") {
                "InternetGatewayDevice.LANDevice.1.LANEthernetInterfaceCon\
                 fig.1."
            } else {
                "Device.LAN."
            };
            ["GetParameterValues", "GetParameterValuesResponse"]
                .into_iter()
                .all(|what| {
                    story.swap(
                        -1,
                        what,
                        "Device.DeviceInfo.SoftwareVersion",
                        "Device.LAN.MACAddress",
                    ) || story.swap(
                        -1,
                        what,
                        "InternetGatewayDevice.DeviceInfo.SoftwareVersion",
                        &format!("{root}MACAddress"),
                    )
                })
                && story.revalue(
                    -1,
                    "GetParameterValuesResponse",
                    "MACAddress",
                    "001122334455",
                )
        },
    )
    .on(Root::Device1)
    .also(&[
        ("CWMP-GPV-009", "the model's form is not kept"),
        ("DM-013", "the model's form is not kept"),
    ]),
];
