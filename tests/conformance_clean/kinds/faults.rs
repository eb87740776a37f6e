//! Breaches in faults, and where a fault is due.

use super::{Kind, acs, cpe};
use crate::bases;
use crate::clean::story::Version::{V1_0, V1_1, V1_2};

const DONE: &str = "<cwmp:SetParameterValuesResponse><Status>0</Status>\
             </cwmp:SetParameterValuesResponse>";

const FAULT_9002: &str = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"><soap:Header>\
    <cwmp:ID soap:mustUnderstand=\"1\">9</cwmp:ID></soap:Header><soap:Body><soap:Fault>\
    <faultcode>soap:Server</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
    <FaultCode>9002</FaultCode><FaultString>Internal error</FaultString></cwmp:Fault></detail>\
    </soap:Fault></soap:Body></soap:Envelope>";

/// A fault becomes success.
fn succeeds(story: &mut crate::clean::story::Story, response: &str) -> bool {
    story.each(0, "Fault", |message| {
        let Some(start) = message.body.find("<soap:Fault>") else {
            return false;
        };
        let Some(end) = message.body.find("</soap:Body>") else {
            return false;
        };
        message.body.replace_range(start..end, response);
        true
    })
}

pub const KINDS: &[Kind] = &[
    cpe(
        "FLT-001",
        "faultcode in the namespace",
        bases::unknown_name,
        |story| story.swap(0, "Fault", "faultcode>", "soap:faultcode>"),
    )
    .also(&[
        ("FLT-002", "so there is no faultcode"),
        ("FLT-003", "so there is no faultcode"),
        ("HTTP-036", "the form is not kept"),
    ]),
    cpe("FLT-001", "no faultstring", bases::unknown_name, |story| {
        story.cut(0, "Fault", "faultstring")
    })
    .also(&[
        ("FLT-004", "so it does not say CWMP fault"),
        ("HTTP-036", "the form is not kept"),
    ]),
    acs(
        "FLT-001",
        "no faultstring from the ACS",
        bases::refused_report,
        |story| story.cut(0, "Fault", "faultstring"),
    )
    .also(&[
        ("FLT-004", "so it does not say CWMP fault"),
        ("SESS-043", "the device goes on"),
    ]),
    cpe(
        "FLT-002",
        "a number for faultcode",
        bases::unknown_name,
        |story| story.swap(0, "Fault", "soap:Client", "9005"),
    )
    .also(&[("FLT-003", "it is not Client")]),
    cpe("FLT-003", "Server for 9005", bases::unknown_name, |story| {
        story.swap(0, "Fault", "soap:Client", "soap:Server")
    })
    .from(V1_1),
    acs(
        "FLT-003",
        "Client for 8002",
        bases::refused_report,
        |story| story.swap(0, "Fault", "soap:Server", "soap:Client"),
    )
    .from(V1_1),
    cpe("FLT-004", "CWMP Fault", bases::unknown_name, |story| {
        story.swap(0, "Fault", "CWMP fault", "CWMP Fault")
    }),
    acs(
        "FLT-004",
        "another faultstring",
        bases::refused_report,
        |story| story.swap(0, "Fault", "CWMP fault", "Internal error"),
    ),
    cpe("FLT-005", "no cwmp:Fault", bases::unknown_name, |story| {
        story.swap(0, "Fault", "<cwmp:Fault>", "") && story.swap(0, "Fault", "</cwmp:Fault>", "")
    })
    .also(&[
        ("HTTP-036", "the ACS takes it"),
        ("CWMP-GPN-008", "no code is told"),
    ]),
    cpe(
        "FLT-006",
        "FaultString before FaultCode",
        bases::unknown_name,
        |story| story.turn(0, "Fault", "FaultCode", "FaultString"),
    ),
    cpe(
        "FLT-007",
        "a code of the ACS",
        bases::unknown_name,
        |story| story.swap(0, "Fault", ">9005<", ">8003<"),
    )
    .also(&[
        ("FLT-009", "it is not of this method"),
        ("FLT-008", "it is not of this side"),
        ("CWMP-GPV-006", "9005 is due"),
    ]),
    acs(
        "FLT-007",
        "a code of the device",
        bases::refused_report,
        |story| story.swap(0, "Fault", ">8002<", ">9002<"),
    )
    .also(&[
        ("FLT-008", "it is not of this side"),
        ("FLT-009", "it is not of this method"),
    ]),
    cpe("FLT-008", "9020 in 1.0", bases::unsupported, |story| {
        story.swap(0, "Fault", ">9005<", ">9020<")
    })
    .to(V1_0)
    .also(&[
        ("VER-006", "the code is too young"),
        ("FLT-009", "it is not of this method"),
        ("FLT-003", "it is not Client's"),
        ("CWMP-GPV-006", "9005 is due"),
    ]),
    cpe(
        "FLT-009",
        "9007 for GetParameterValues",
        bases::unknown_name,
        |story| story.swap(0, "Fault", ">9005<", ">9007<"),
    )
    .also(&[("CWMP-GPV-006", "9005 is due")]),
    cpe(
        "FLT-010",
        "a fault in answer to InformResponse",
        bases::plain,
        |story| {
            let from = story.version.namespace().to_owned();
            let body = FAULT_9002.replace("urn:dslforum-org:cwmp-1-0", &from);
            story.each(-1, "empty", |message| {
                message.body.clone_from(&body);
                message.set("SOAPAction", "");
                message.set("Content-Type", "text/xml")
            })
        },
    )
    .also(&[
        (
            "SESS-015",
            "the device never says that it has no more requests",
        ),
        ("SESS-037", "nothing was asked"),
        ("SOAP-020", "its ID is none"),
        ("FLT-009", "there is no method"),
    ]),
    cpe(
        "FLT-011",
        "a parameter's fault for GetParameterValues",
        bases::unknown_name,
        |story| {
            story.swap(
                0,
                "Fault",
                "</cwmp:Fault>",
                "<SetParameterValuesFault><ParameterName>\
                 Device.X</ParameterName><FaultCode>9005</FaultCode>\
                 <FaultString>x</FaultString></SetParameterValuesFault>\
                 </cwmp:Fault>",
            )
        },
    )
    .also(&[
        ("FLT-012", "the code is not 9003"),
        ("FLT-013", "the name was not in the request"),
    ]),
    cpe(
        "FLT-012",
        "9007 for the whole",
        bases::out_of_range,
        |story| {
            story.cut(0, "Fault", "SetParameterValuesFault")
                && story.swap(0, "Fault", ">9003<", ">9007<")
        },
    )
    .also(&[("FLT-009", "it is for parameters")]),
    cpe(
        "FLT-012",
        "9001 for the whole, with a parameter's fault",
        bases::out_of_range,
        |story| story.swap(0, "Fault", ">9003<", ">9001<"),
    )
    .also(&[("FLT-003", "9001 is Server's")]),
    cpe(
        "FLT-013",
        "a short name in a fault",
        bases::out_of_range,
        |story| story.retext(0, "Fault", "ParameterName", "PeriodicInformInterval"),
    ),
    cpe(
        "FLT-013",
        "an object's name in a fault",
        bases::out_of_range,
        |story| story.retext(0, "Fault", "ParameterName", "Device.ManagementServer."),
    ),
    cpe(
        "FLT-014",
        "9012 for a parameter",
        bases::out_of_range,
        |story| story.swap(0, "Fault", ">9007<", ">9012<"),
    ),
    cpe(
        "FLT-015",
        "9004 for a parameter",
        bases::out_of_range,
        |story| story.swap(0, "Fault", ">9007<", ">9004<"),
    )
    .also(&[
        ("FLT-014", "it is none of 9005 to 9008"),
        ("FLT-028", "9007 is due"),
        ("CWMP-SPV-011", "9007 is due"),
    ]),
    cpe(
        "CWMP-DEL-003",
        "9003 for an instance that is not there",
        bases::unknown_object,
        |story| story.swap(0, "Fault", ">9005<", ">9003<"),
    )
    .from(V1_1),
    cpe(
        "CWMP-DEL-003",
        "success for an instance that is not there",
        bases::unknown_object,
        |story| {
            succeeds(
                story,
                "<cwmp:DeleteObjectResponse><Status>0</Status>\
                 </cwmp:DeleteObjectResponse>",
            )
        },
    )
    .from(V1_1)
    .also(&[
        ("CWMP-DEL-005", "the key is not taken over"),
        ("INF-022", "the key is not taken over"),
    ]),
    cpe(
        "FLT-017",
        "NextLevel of a parameter",
        bases::deep_parameter,
        |story| {
            succeeds(
                story,
                "<cwmp:GetParameterNamesResponse>\
                 <ParameterList soapenc:arrayType=\"cwmp:ParameterInfoStru\
                 ct[0]\"></ParameterList></cwmp:GetParameterNamesResponse>",
            )
        },
    )
    .from(V1_1)
    .also(&[
        ("CWMP-GPN-002", "nothing is below it"),
        ("CWMP-GPN-001", "it is not told itself"),
    ]),
    cpe(
        "FLT-017",
        "9005 for NextLevel of a parameter",
        bases::deep_parameter,
        |story| story.swap(0, "Fault", ">9003<", ">9005<"),
    )
    .from(V1_1),
    cpe("FLT-018", "one name twice is done", bases::twice, |story| {
        succeeds(story, DONE)
    })
    .from(V1_1)
    .also(&[
        ("CWMP-SPV-001", "the ACS names it twice"),
        ("INF-022", "the key is not taken over"),
        ("CWMP-SPV-007", "the key is not taken over"),
        ("SOAP-045", "the request is wrong"),
        ("FLT-026", "the request is wrong"),
    ]),
    cpe(
        "FLT-022",
        "a user name in the URL is taken",
        bases::configuration,
        |story| story.swap(0, "Download", "<URL>http://", "<URL>http://u@"),
    )
    .from(V1_1)
    .also(&[
        ("CWMP-DL-003", "the ACS put it there"),
        ("SOAP-045", "the request is wrong"),
        ("FLT-026", "the request is wrong"),
    ]),
    cpe(
        "FLT-024",
        "9000 for GetParameterValues",
        bases::unknown_name,
        |story| {
            story.swap(0, "Fault", ">9005<", ">9000<")
                && story.swap(0, "Fault", "soap:Client", "soap:Server")
        },
    )
    .also(&[
        ("CWMP-GRM-005", "the list has it"),
        ("CWMP-GPV-006", "9005 is due"),
        ("FLT-009", "it is not of this method"),
    ]),
    cpe(
        "SOAP-045",
        "a call without its key is done",
        bases::much,
        |story| story.cut(-2, "SetParameterValues", "ParameterKey"),
    )
    .also(&[
        ("SOAP-008", "the ACS leaves it out"),
        ("CWMP-SPV-003", "the ACS leaves it out"),
        ("CWMP-SPV-007", "no key was given"),
        ("INF-022", "no key was given"),
    ]),
    acs(
        "FLT-027",
        "503 in answer to a fault",
        bases::unknown_name,
        |story| {
            story.start(2, "204", "204 No Content", "503 Service Unavailable")
                && story.set(2, "204", "Content-Length", "0")
        },
    )
    .from(V1_1)
    .also(&[("FIELD", "the same")]),
    acs(
        "FLT-010",
        "a fault in answer to a fault",
        bases::unknown_name,
        |story| {
            let body = story.body(0, "Fault").replace(">9005<", ">8003<");
            story.fill(2, "204", &body)
        },
    )
    .also(&[
        ("FLT-027", "the same"),
        ("SESS-014", "it is no request"),
        ("SESS-015", "the device ends behind it"),
        ("SESS-017", "the last answer is not empty"),
        ("SOAP-020", "its ID is old"),
        ("SESS-037", "nothing was asked"),
    ]),
    cpe(
        "FLT-028",
        "an interval of 0 is done",
        bases::out_of_range,
        |story| succeeds(story, DONE),
    )
    .from(V1_1)
    .also(&[
        ("INF-022", "the key is not taken over"),
        ("CWMP-SPV-007", "the key is not taken over"),
        ("SESS-030", "the interval is another now"),
    ]),
    cpe("FLT-029", "9040 in 1.2", bases::unknown_name, |story| {
        story.swap(0, "Fault", ">9005<", ">9040<")
    })
    .from(V1_2)
    .also(&[
        ("CWMP-GPV-006", "9005 is due"),
        ("FLT-003", "no type is known"),
    ]),
    cpe(
        "CWMP-SPV-010",
        "a read-only parameter is set",
        bases::read_only,
        |story| succeeds(story, DONE),
    )
    .also(&[
        ("INF-022", "the key is not taken over"),
        ("CWMP-SPV-007", "the key is not taken over"),
    ]),
    cpe(
        "CWMP-SPV-010",
        "9007 for a read-only parameter",
        bases::read_only,
        |story| story.swap(0, "Fault", ">9008<", ">9007<"),
    ),
];
