//! Breaches of SOAP and of the schema's forms.

use super::{Kind, acs, cpe};
use crate::bases;
use crate::clean::model::Root;
use crate::clean::story::Version::{V1_1, V1_2};

const GPV: &str = "GetParameterValues";
const GPVR: &str = "GetParameterValuesResponse";
const ID: &str = "<cwmp:ID soap:mustUnderstand=\"1\">";
const ODD: &str = "<x:Odd xmlns:x=\"urn:example:odd\" soap:mustUnderstand=\"1\">1</x:Odd>";
/// A request that breaks the schema and is done all the same breaks these too.
const DONE: &[(&str, &str)] = &[
    ("SOAP-045", "the device does it all the same"),
    ("FLT-026", "the device does it all the same"),
];

pub const KINDS: &[Kind] = &[
    cpe("SOAP-001", "a bare ampersand", bases::plain, |story| {
        story.swap(-1, GPVR, "</Value>", " & more</Value>")
    })
    .also(&[("HTTP-036", "the ACS takes it")]),
    acs(
        "SOAP-001",
        "a bare ampersand from the ACS",
        bases::plain,
        |story| story.swap(-1, GPV, "<soap:Body>", "&<soap:Body>"),
    )
    .also(&[("SESS-043", "the device answers")]),
    cpe("SOAP-002", "SOAP 1.2", bases::plain, |story| {
        story.swap(
            -1,
            GPVR,
            "http://schemas.xmlsoap.org/soap/envelope/",
            "http://www.w3.org/2003/05/soap-envelope",
        )
    })
    .also(&[
        ("SESS-006", "so it is no answer"),
        ("HTTP-036", "the ACS takes it"),
        ("SOAP-019", "mustUnderstand is SOAP 1.2's too"),
    ]),
    acs("SOAP-003", "two bodies", bases::plain, |story| {
        story.swap(
            -1,
            GPV,
            "</soap:Envelope>",
            "<soap:Body></soap:Body></soap:Envelope>",
        )
    })
    .also(&[
        ("SOAP-005", "the second is empty"),
        ("SOAP-004", "more than one Body"),
    ]),
    cpe(
        "SOAP-004",
        "the header behind the body",
        bases::plain,
        |story| story.turn(-1, GPVR, "soap:Header", "soap:Body"),
    ),
    cpe("SOAP-005", "two entries in a body", bases::plain, |story| {
        story.swap(
            -1,
            GPVR,
            "</soap:Body>",
            "<cwmp:GetRPCMethods></cwmp:GetRPCMethods></soap:Body>",
        )
    })
    .also(&[
        ("SESS-006", "one is no answer"),
        ("SESS-007", "one is a request"),
        ("SESS-010", "one is a request"),
        ("SESS-005", "which the ACS does not answer"),
    ]),
    cpe(
        "SOAP-006",
        "a response in no namespace",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                "cwmp:GetParameterValuesResponse>",
                "GetParameterValuesResponse>",
            )
        },
    ),
    acs(
        "SOAP-006",
        "a request in no namespace",
        bases::plain,
        |story| story.swap(-1, GPV, "cwmp:GetParameterValues>", "GetParameterValues>"),
    ),
    cpe(
        "SOAP-006",
        "an ID in a namespace of its own",
        bases::plain,
        |story| {
            story.swap(-1, GPVR, "<cwmp:ID ", "<i:ID xmlns:i=\"urn:example:id\" ")
                && story.swap(-1, GPVR, "</cwmp:ID>", "</i:ID>")
        },
    )
    .also(&[
        ("SOAP-020", "so there is no ID"),
        ("SOAP-026", "an unknown header that must be understood"),
    ]),
    cpe(
        "SOAP-007",
        "an argument in the namespace",
        bases::plain,
        |story| {
            story.swap(-1, "Inform", "<RetryCount>", "<cwmp:RetryCount>")
                && story.swap(-1, "Inform", "</RetryCount>", "</cwmp:RetryCount>")
        },
    ),
    acs(
        "SOAP-007",
        "MaxEnvelopes in the namespace",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "InformResponse",
                "<MaxEnvelopes>",
                "<cwmp:MaxEnvelopes>",
            ) && story.swap(
                -1,
                "InformResponse",
                "</MaxEnvelopes>",
                "</cwmp:MaxEnvelopes>",
            )
        },
    ),
    acs("SOAP-007", "a default namespace", bases::plain, |story| {
        let namespace = story.version.namespace();
        story.swap(
            -1,
            GPV,
            "<ParameterNames ",
            &format!("<ParameterNames xmlns=\"{namespace}\" "),
        )
    }),
    acs(
        "SOAP-008",
        "ParameterKey before ParameterList",
        bases::much,
        |story| story.turn(-2, "SetParameterValues", "ParameterList", "ParameterKey"),
    )
    .also(DONE),
    acs("SOAP-008", "no NextLevel", bases::much, |story| {
        story.cut(-2, "GetParameterNames", "NextLevel")
    })
    .also(DONE),
    acs(
        "SOAP-008",
        "an argument nobody knows",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPV,
                "</ParameterNames>",
                "</ParameterNames><Extra>1</Extra>",
            )
        },
    )
    .also(&[("FLT-026", "the device takes it")]),
    cpe("SOAP-008", "no Status", bases::much, |story| {
        story.cut(-2, "SetParameterValuesResponse", "Status")
    }),
    cpe("SOAP-008", "no CurrentTime", bases::plain, |story| {
        story.cut(-1, "Inform", "CurrentTime")
    })
    .also(DONE),
    cpe("SOAP-008", "no RetryCount", bases::plain, |story| {
        story.cut(-1, "Inform", "RetryCount")
    })
    .also(DONE),
    cpe(
        "SOAP-008",
        "no ParameterList in an answer",
        bases::plain,
        |story| story.cut(-1, GPVR, "ParameterList"),
    )
    .also(&[("CWMP-GPV-003", "so nothing is told")]),
    cpe("SOAP-008", "no Writable", bases::much, |story| {
        story.cut(-2, "GetParameterNamesResponse", "Writable")
    }),
    cpe(
        "SOAP-008",
        "InstanceNumber behind Status",
        bases::instances,
        |story| story.turn(0, "AddObjectResponse", "InstanceNumber", "Status"),
    ),
    acs("SOAP-008", "no ObjectName", bases::instances, |story| {
        story.cut(0, "AddObject", "ObjectName")
    })
    .also(DONE),
    acs(
        "SOAP-008",
        "no ParameterKey in DeleteObject",
        bases::instances,
        |story| story.cut(0, "DeleteObject", "ParameterKey"),
    )
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-DEL-005", "no key was given"),
        ("INF-022", "no key was given"),
    ]),
    acs(
        "SOAP-008",
        "no CommandKey in Reboot",
        bases::reboot,
        |story| story.cut(0, "Reboot", "CommandKey"),
    )
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("EVT-007", "so no key fits"),
        ("CWMP-RBT-001", "so no key fits"),
        ("EVT-012", "so no key fits"),
    ]),
    cpe("CWMP-GRM-001", "no MethodList", bases::tools, |story| {
        story.cut(-1, "GetRPCMethodsResponse", "MethodList")
    })
    .also(&[
        ("SOAP-008", "the schema has it"),
        ("CWMP-GRM-003", "so no method is told"),
        ("CWMP-GRM-006", "so no method is told"),
    ]),
    acs("SOAP-008", "no MaxEnvelopes", bases::plain, |story| {
        story.cut(-1, "InformResponse", "MaxEnvelopes")
    }),
    cpe(
        "SOAP-009",
        "no arrayType on a list of values",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                " soapenc:arrayType=\"cwmp:ParameterValueStruct[1]\"",
                "",
            )
        },
    ),
    cpe(
        "SOAP-009",
        "no arrayType on the events",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "Inform",
                " soapenc:arrayType=\"cwmp:EventStruct[1]\"",
                "",
            )
        },
    ),
    acs("SOAP-009", "no arrayType on names", bases::plain, |story| {
        story.swap(-1, GPV, " soapenc:arrayType=\"xsd:string[1]\"", "")
    }),
    acs(
        "SOAP-009",
        "no arrayType on an access list",
        bases::much,
        |story| {
            story.swap(
                -2,
                "SetParameterAttributes",
                "<AccessList soapenc:arrayType=\"xsd:string[1]\">",
                "<AccessList>",
            )
        },
    ),
    cpe(
        "SOAP-010",
        "more members than told",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                "ParameterValueStruct[1]",
                "ParameterValueStruct[0]",
            )
        },
    ),
    cpe(
        "SOAP-010",
        "fewer members than told",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                "ParameterValueStruct[1]",
                "ParameterValueStruct[2]",
            )
        },
    ),
    acs("SOAP-010", "fewer names than told", bases::plain, |story| {
        story.swap(-1, GPV, "xsd:string[1]", "xsd:string[3]")
    }),
    cpe(
        "SOAP-010",
        "fewer events than told",
        bases::plain,
        |story| story.swap(-1, "Inform", "EventStruct[1]", "EventStruct[2]"),
    ),
    cpe("SOAP-011", "blanks in the size", bases::plain, |story| {
        story.swap(
            -1,
            GPVR,
            "ParameterValueStruct[1]",
            "ParameterValueStruct[ 1 ]",
        )
    }),
    cpe(
        "SOAP-012",
        "a member type without prefix",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                "\"cwmp:ParameterValueStruct[1]",
                "\"ParameterValueStruct[1]",
            )
        },
    ),
    cpe(
        "SOAP-012",
        "a prefix that is not declared",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                "\"cwmp:ParameterValueStruct[1]",
                "\"tns:ParameterValueStruct[1]",
            )
        },
    ),
    acs("SOAP-012", "another member type", bases::plain, |story| {
        story.swap(-1, GPV, "\"xsd:string[1]", "\"xsd:int[1]")
    }),
    acs("SOAP-013", "members called Name", bases::plain, |story| {
        story.swap(-1, GPV, "<string>", "<Name>") && story.swap(-1, GPV, "</string>", "</Name>")
    })
    .also(&[
        ("SOAP-010", "so there is no string"),
        ("CWMP-GPV-001", "so no name is asked for"),
        ("CWMP-GPV-004", "so nothing was asked for"),
        ("SOAP-008", "an element nobody knows"),
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-GPV-007", "so nothing was asked for"),
    ]),
    cpe("SOAP-013", "members called item", bases::plain, |story| {
        story.swap(-1, GPVR, "<ParameterValueStruct>", "<item>")
            && story.swap(-1, GPVR, "</ParameterValueStruct>", "</item>")
    })
    .also(&[
        ("SOAP-010", "so there is no member"),
        ("CWMP-GPV-003", "so nothing is told"),
        ("SOAP-008", "an element nobody knows"),
    ]),
    cpe("SOAP-014", "no type on a value", bases::plain, |story| {
        story.swap(-1, GPVR, " xsi:type=\"xsd:string\"", "")
    }),
    acs(
        "SOAP-014",
        "no type on a value of the ACS",
        bases::much,
        |story| story.swap(-2, "SetParameterValues", " xsi:type=\"xsd:string\"", ""),
    ),
    cpe("SOAP-014", "no types in an Inform", bases::plain, |story| {
        story.swap(-1, "Inform", " xsi:type=\"xsd:string\"", "")
    }),
    cpe("SOAP-015", "a type without prefix", bases::plain, |story| {
        story.swap(-1, GPVR, "xsi:type=\"xsd:string\"", "xsi:type=\"string\"")
    }),
    acs("SOAP-015", "a type with a length", bases::much, |story| {
        story.swap(
            -2,
            "SetParameterValues",
            "xsi:type=\"xsd:string\"",
            "xsi:type=\"xsd:string(64)\"",
        )
    }),
    cpe(
        "SOAP-015",
        "a type of another namespace",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                "xsi:type=\"xsd:string\"",
                "xsi:type=\"soap:string\"",
            )
        },
    ),
    cpe("SOAP-016", "a type on the OUI", bases::plain, |story| {
        story.swap(-1, "Inform", "<OUI>", "<OUI xsi:type=\"xsd:string\">")
    }),
    acs(
        "SOAP-016",
        "a type on MaxEnvelopes",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "InformResponse",
                "<MaxEnvelopes>",
                "<MaxEnvelopes xsi:type=\"xsd:int\">",
            )
        },
    ),
    cpe("SOAP-017", "a type on an array", bases::plain, |story| {
        story.swap(
            -1,
            GPVR,
            "<ParameterList ",
            "<ParameterList xsi:type=\"soapenc:Array\" ",
        )
    }),
    cpe(
        "SOAP-018",
        "the namespaces of 1999",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                "http://www.w3.org/2001/",
                "http://www.w3.org/1999/",
            )
        },
    ),
    cpe(
        "SOAP-019",
        "mustUnderstand in no namespace",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                "<cwmp:ID soap:mustUnderstand=",
                "<cwmp:ID mustUnderstand=",
            )
        },
    ),
    acs("SOAP-019", "mustUnderstand true", bases::plain, |story| {
        story.swap(
            -1,
            GPV,
            "<cwmp:ID soap:mustUnderstand=\"1\">",
            "<cwmp:ID soap:mustUnderstand=\"true\">",
        )
    }),
    acs("SOAP-019", "no mustUnderstand", bases::plain, |story| {
        story.swap(-1, GPV, "<cwmp:ID soap:mustUnderstand=\"1\">", "<cwmp:ID>")
    }),
    cpe(
        "SOAP-020",
        "another ID in the answer",
        bases::plain,
        |story| story.retext_of(-1, GPVR, ID, "77"),
    ),
    cpe("SOAP-020", "no ID in the answer", bases::plain, |story| {
        story.cut(-1, GPVR, "cwmp:ID")
    }),
    acs(
        "SOAP-020",
        "another ID in the InformResponse",
        bases::plain,
        |story| story.retext_of(-1, "InformResponse", ID, "77"),
    ),
    cpe(
        "SOAP-020",
        "another ID in a fault",
        bases::unknown_name,
        |story| story.retext_of(0, "Fault", ID, "77"),
    ),
    cpe(
        "SOAP-021",
        "an ID in the answer alone",
        bases::plain,
        |story| story.cut(-1, GPV, "cwmp:ID"),
    ),
    acs("SOAP-022", "one ID for all", bases::tools, |story| {
        [
            "GetRPCMethods",
            "SetParameterValues",
            GPV,
            "GetRPCMethodsResponse",
            "SetParameterValuesResponse",
            GPVR,
        ]
        .map(|what| story.retext_of(-1, what, ID, "5"))
        .contains(&true)
    }),
    cpe(
        "SOAP-023",
        "HoldRequests from the device",
        bases::plain,
        |story| {
            story.add_header(
                -1,
                GPVR,
                "<cwmp:HoldRequests soap:mustUnderstand=\"1\">0</cwmp:HoldRequests>",
            )
        },
    ),
    acs("SOAP-024", "HoldRequests is yes", bases::plain, |story| {
        story.add_header(
            -1,
            GPV,
            "<cwmp:HoldRequests soap:mustUnderstand=\"1\">yes</cwmp:HoldRequests>",
        )
    }),
    acs(
        "SOAP-024",
        "HoldRequests need not be understood",
        bases::plain,
        |story| story.add_header(-1, GPV, "<cwmp:HoldRequests>0</cwmp:HoldRequests>"),
    ),
    cpe(
        "SOAP-025",
        "NoMoreRequests after Issue 1",
        bases::plain,
        |story| story.add_header(-1, GPVR, "<cwmp:NoMoreRequests>1</cwmp:NoMoreRequests>"),
    )
    .from(V1_1),
    cpe(
        "SOAP-026",
        "a header that must be understood, and is not",
        bases::plain,
        |story| story.add_header(-1, GPV, ODD),
    ),
    acs(
        "SOAP-026",
        "a header that the ACS must understand",
        bases::configuration,
        |story| story.add_header(0, "TransferComplete", ODD),
    ),
    acs(
        "SOAP-027",
        "a CommandKey of 33 characters",
        bases::schedule,
        |story| {
            let (old, key) = (
                story.text(0, "ScheduleInform", "CommandKey"),
                "k".repeat(33),
            );
            story.swap(0, "ScheduleInform", &old, &key) && story.swap(0, "Inform", &old, &key)
        },
    )
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
    ]),
    acs(
        "SOAP-027",
        "a ParameterKey of 33 characters",
        bases::instances,
        |story| {
            let key = "k".repeat(33);
            story.swap(0, "DeleteObject", ">kd<", &format!(">{key}<"))
                && story.swap(-1, "Inform", ">kd<", &format!(">{key}<"))
        },
    )
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-GPV-009", "the parameter holds 32"),
        ("INF-022", "the parameter holds 32"),
    ]),
    cpe(
        "SOAP-027",
        "a name of 257 characters",
        bases::plain,
        |story| {
            let name = format!("Device.{}", "x".repeat(250));
            story.swap(-1, GPVR, "<Name>", &format!("<Name>{name}</Name><!--"))
                && story.swap(-1, GPVR, "</Name><Value", "--><Value")
        },
    )
    .also(&[
        ("DM-002", "the path is too long"),
        ("CWMP-GPV-003", "it is not what was asked for"),
        ("CWMP-GPV-004", "it is not what was asked for"),
        ("DM-012", "no model has it"),
        ("SOAP-001", "a comment may not hold two hyphens"),
        ("DM-011", "it may be of another root"),
    ]),
    cpe("SOAP-028", "RetryCount -1", bases::plain, |story| {
        story.retext(-1, "Inform", "RetryCount", "-1")
    })
    .also(DONE),
    acs(
        "SOAP-028",
        "DelaySeconds beyond 32 bits",
        bases::schedule,
        |story| story.retext(0, "ScheduleInform", "DelaySeconds", "4294967296"),
    )
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-SI-002", "it comes too early"),
    ]),
    cpe(
        "SOAP-028",
        "a Status that is no number",
        bases::much,
        |story| story.retext(-2, "SetParameterValuesResponse", "Status", "ok"),
    )
    .also(&[("CWMP-SPV-004", "it is neither 0 nor 1")]),
    acs("SOAP-029", "NextLevel is True", bases::much, |story| {
        story.swap_first("GetParameterNames", "<NextLevel>0<", "<NextLevel>False<")
    })
    .also(DONE),
    cpe("SOAP-029", "Writable is yes", bases::much, |story| {
        story.swap_once(
            -2,
            "GetParameterNamesResponse",
            "<Writable>true<",
            "<Writable>yes<",
        )
    }),
    acs(
        "SOAP-029",
        "NotificationChange is TRUE",
        bases::much,
        |story| {
            story.swap(
                -2,
                "SetParameterAttributes",
                "<NotificationChange>1<",
                "<NotificationChange>TRUE<",
            )
        },
    )
    .also(&[
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
        ("CWMP-SPA-004", "it is not sure what was asked for"),
    ]),
    cpe("SOAP-030", "a time without zeros", bases::plain, |story| {
        story.retext(-1, "Inform", "CurrentTime", "2026-2-7 16:59")
    })
    .also(&[
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
        ("INF-011", "it is not now"),
        ("INF-010", "nor has it a zone"),
    ]),
    cpe(
        "SOAP-030",
        "the 30th of February",
        bases::configuration,
        |story| story.retext(0, "TransferComplete", "StartTime", "2026-02-30T00:00:00Z"),
    )
    .also(&[
        ("SOAP-045", "the ACS takes it"),
        ("FLT-026", "the ACS takes it"),
        ("CWMP-DL-008", "it began at no such time"),
        ("CWMP-TC-007", "it is no time"),
    ]),
    cpe(
        "CWMP-TC-007",
        "a time without zone",
        bases::configuration,
        |story| {
            let time = story.text(0, "TransferComplete", "CompleteTime");
            story.retext(
                0,
                "TransferComplete",
                "CompleteTime",
                time.trim_end_matches('Z'),
            )
        },
    )
    .also(&[("SOAP-031", "no zone is told")]),
    cpe(
        "SOAP-031",
        "a unit's time without zone",
        bases::deployment,
        |story| {
            let time = story.text(0, "DUStateChangeComplete", "CompleteTime");
            story.retext(
                0,
                "DUStateChangeComplete",
                "CompleteTime",
                time.trim_end_matches('Z'),
            )
        },
    )
    .from(V1_2)
    .on(Root::Device2),
    cpe(
        "SOAP-032",
        "a time since boot with a zone",
        bases::configuration,
        |story| story.retext(0, "TransferComplete", "StartTime", "0001-01-03T03:04:05Z"),
    )
    .also(&[("CWMP-TC-007", "it is neither UTC nor since boot")]),
    cpe(
        "SOAP-033",
        "zeros for the unknown time",
        bases::configuration,
        |story| story.retext(0, "DownloadResponse", "StartTime", "0000-00-00T00:00:00"),
    )
    .from(V1_1)
    .also(&[
        ("SOAP-030", "no such day"),
        ("CWMP-DL-004", "the unknown time is due"),
    ]),
    cpe(
        "SOAP-034",
        "a parameter's time that is not UTC",
        bases::much,
        |story| story.revalue(-2, GPVR, "PeriodicInformTime", "2026-01-01T00:00:00+02:00"),
    ),
    acs(
        "CWMP-VCH-001",
        "base64 with a bang",
        bases::options,
        |story| story.swap(0, "SetVouchers", "Vm91Y2hlciAx", "Vm91Y2!!ciAx"),
    )
    .to(V1_1)
    .also(&[
        ("SOAP-035", "it is not base64"),
        ("SOAP-045", "the device does it all the same"),
        ("FLT-026", "the device does it all the same"),
    ]),
    cpe(
        "SOAP-035",
        "base64 with a bang",
        bases::kept_instance,
        |story| story.revalue(0, GPVR, "Value", "Q!=="),
    )
    .on(Root::Device1),
    cpe("SOAP-038", "a DOCTYPE", bases::plain, |story| {
        story.swap(
            -1,
            GPVR,
            "<soap:Envelope ",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><soap:Envelope ",
        )
    }),
    cpe(
        "SOAP-039",
        "a processing instruction",
        bases::plain,
        |story| story.swap(-1, GPVR, "<soap:Body>", "<?php ?><soap:Body>"),
    ),
    cpe(
        "SOAP-040",
        "the encoding of SOAP 1.2",
        bases::plain,
        |story| {
            story.swap(
                -1,
                GPVR,
                "<soap:Envelope ",
                "<soap:Envelope soap:encodingStyle=\"http://www.w3.org/2003/05/soap-encoding\" ",
            )
        },
    ),
    cpe("SOAP-041", "a raw umlaut", bases::plain, |story| {
        story.swap(-1, GPVR, "</Value>", "\u{fc}</Value>")
    })
    .from(V1_2),
    acs(
        "SOAP-042",
        "a CommandKey of one line end",
        bases::schedule,
        |story| {
            let key = story.text(0, "ScheduleInform", "CommandKey");
            story.swap(0, "ScheduleInform", &key, &format!("\n{key}"))
                && story.swap(0, "Inform", &key, &format!("\n{key}"))
        },
    ),
    cpe(
        "SOAP-043",
        "names in small letters",
        bases::plain,
        |story| {
            ["Name>", "Value "].into_iter().fold(true, |done, name| {
                done & story.swap(
                    -1,
                    GPVR,
                    &format!("<{name}"),
                    &format!("<{}", name.to_lowercase()),
                )
            }) && story.swap(-1, GPVR, "</Name>", "</name>")
                && story.swap(-1, GPVR, "</Value>", "</value>")
        },
    )
    .also(&[
        ("SOAP-008", "an element nobody knows"),
        ("CWMP-GPV-003", "so nothing is told"),
    ]),
    cpe(
        "SOAP-044",
        "silence in answer to an unknown method",
        bases::unsupported,
        |story| {
            story.unset(0, "Fault", "SOAPAction");
            story.unset(0, "Fault", "Content-Type");
            story.each(0, "Fault", |message| {
                message.body.clear();
                true
            })
        },
    )
    .from(V1_2)
    .also(&[("SESS-006", "a request stays unanswered")]),
    cpe("SOAP-046", "an ID without prefix", bases::plain, |story| {
        story.swap(-1, GPVR, "cwmp:ID", "ID")
    })
    .also(&[
        ("SOAP-006", "it is not in CWMP's namespace"),
        ("SOAP-020", "so there is no ID"),
    ]),
];
