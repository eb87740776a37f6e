//! Sessions, heads and whole crowds that somebody wrote to cost a checker as much as they can.

use crate::adversaries::Kind;
use crate::bodies::envelope;
use crate::support::wire::{self, Connection, Endpoint};
use crate::traffic::{Traffic, acs, connection, cpe};

/// Writes a capture of so many bytes.
pub type Writer = fn(usize) -> Vec<u8>;

/// Each by what it is.
pub const TALK: &[(&str, Writer, Kind)] = &[
    ("names of 100 KB", long_names, Kind::Plain),
    ("a name of many short steps", many_steps, Kind::Plain),
    ("a value of a megabyte", long_value, Kind::Plain),
    (
        "a value of many attributes",
        attributes_of_a_value,
        Kind::Plain,
    ),
    (
        "elements in each other in a list",
        deep_entries,
        Kind::Plain,
    ),
    ("a list of names in one value", list_in_a_value, Kind::Plain),
    ("header blocks", headers, Kind::Plain),
    ("IDs", ids, Kind::Plain),
    ("envelopes of requests", requests, Kind::Plain),
    ("envelopes of answers", answers, Kind::Plain),
    ("envelopes of Informs", informs, Kind::Plain),
    ("small envelopes", small_envelopes, Kind::Plain),
    ("messages on one connection", one_connection, Kind::Plain),
    ("one question again and again", same_question, Kind::Plain),
    ("settings on one connection", settings, Kind::Plain),
    ("objects made and deleted", objects, Kind::Plain),
    (
        "attributes set on one connection",
        attributes_set,
        Kind::Plain,
    ),
    ("downloads on one connection", downloads, Kind::Plain),
    ("units that change", units, Kind::Plain),
    (
        "names asked for on one connection",
        names_asked,
        Kind::Plain,
    ),
    ("faults on one connection", faults, Kind::Plain),
    ("Informs on one connection", repeated_informs, Kind::Plain),
    ("Informs that are refused", refused_informs, Kind::Plain),
    ("sessions of one device", one_device, Kind::Plain),
    (
        "sessions of one device in the ways of Issue 1",
        one_device_of_issue_1,
        Kind::Plain,
    ),
    ("devices with one address", one_address, Kind::Plain),
    (
        "devices that share a session",
        changing_devices,
        Kind::Plain,
    ),
    (
        "sessions of one device that overlap",
        overlapping_sessions,
        Kind::Plain,
    ),
    ("nonces", nonces, Kind::Plain),
    ("nonces that are answered", nonces_answered, Kind::Plain),
    ("challenges in one answer", challenges, Kind::Plain),
    (
        "parameters of one Authorization",
        authorization,
        Kind::Plain,
    ),
    ("cookies in one request", cookies, Kind::Plain),
    ("cookies set in one answer", cookies_set, Kind::Plain),
    ("a new cookie in each answer", changing_cookies, Kind::Plain),
    ("redirects", redirects, Kind::Plain),
    ("Connection Requests with many nonces", wakes, Kind::Plain),
    (
        "Connection Requests that bring nothing",
        idle_wakes,
        Kind::Plain,
    ),
    ("header fields of one name", same_fields, Kind::Plain),
    (
        "transfers that are told again and again",
        transfers,
        Kind::Plain,
    ),
    ("POSTs without anything", empty_posts, Kind::Plain),
];

const INFORM_RESPONSE: &str =
    "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>";

/// A session of which the ACS asks this, and the device answers that.
fn asked(size: usize, asked: &str, answered: &str) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    let mut connection = begun(&mut traffic, 1, "S1");
    traffic.frames(connection.send(1, &wire::reply(&envelope(asked)), 1448));
    traffic.frames(connection.send(0, &wire::post(&envelope(answered)), 1448));
    ended(&mut traffic, &mut connection);
    traffic.bytes
}

/// A session as far as the POST without a body, which asks the ACS what it wants.
fn begun(traffic: &mut Traffic, number: u32, serial_number: &str) -> Connection {
    let mut connection = connection(number);
    traffic.frames(connection.open());
    let inform = wire::post(&wire::inform(serial_number, "2 PERIODIC"));
    traffic.frames(connection.send(0, &inform, 1448));
    traffic.frames(connection.send(1, &wire::reply(&envelope(INFORM_RESPONSE)), 1448));
    traffic.frames(connection.send(0, &wire::post(""), 1448));
    connection
}

fn ended(traffic: &mut Traffic, connection: &mut Connection) {
    traffic.frames(connection.send(1, &wire::reply(""), 1448));
    traffic.frames(connection.close());
}

/// One session that goes on until the capture is full: the ACS asks the one, the device answers the other, `#` is the number.
fn asked_on(size: usize, pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    let mut connection = begun(&mut traffic, 1, "S1");
    let mut number = 0;
    while !traffic.is_full() {
        number += 1;
        for (asked, answered) in pairs {
            let body = |text: &str| envelope(&text.replace('#', &format!("{number}")));
            traffic.frames(connection.send(1, &wire::reply(&body(asked)), 1448));
            traffic.frames(connection.send(0, &wire::post(&body(answered)), 1448));
        }
    }
    ended(&mut traffic, &mut connection);
    traffic.bytes
}

/// Sessions one after the other.
fn sessions(size: usize, write: impl Fn(&mut Traffic, u32)) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    for number in 0.. {
        write(&mut traffic, number);
        if traffic.is_full() {
            break;
        }
    }
    traffic.bytes
}

fn values(entries: &str) -> String {
    format!(
        "<cwmp:GetParameterValuesResponse><ParameterList>{entries}</ParameterList></cwmp:GetParameterValuesResponse>"
    )
}

fn set(entries: &str) -> String {
    format!(
        "<cwmp:SetParameterValues><ParameterList>{entries}</ParameterList><ParameterKey/></cwmp:SetParameterValues>"
    )
}

fn value(name: &str, value: &str) -> String {
    format!(
        "<ParameterValueStruct><Name>{name}</Name><Value xsi:type=\"xsd:string\">{value}</Value></ParameterValueStruct>"
    )
}

const ASK: &str = "<cwmp:GetParameterValues><ParameterNames><string>Device.</string></ParameterNames></cwmp:GetParameterValues>";
const IS_SET: &str =
    "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>";

fn long_names(size: usize) -> Vec<u8> {
    let path = "A.".repeat(50_000);
    let entries: String = (0..size / 100_000)
        .map(|number| value(&format!("Device.{path}{number}"), "1"))
        .collect();
    asked(size, ASK, &values(&entries))
}

fn many_steps(size: usize) -> Vec<u8> {
    let name = format!("InternetGatewayDevice.LANDevice.{}1", "1.".repeat(size / 2));
    asked(size, &set(&value(&name, "1")), IS_SET)
}

fn long_value(size: usize) -> Vec<u8> {
    let text = "http://u:p@h/,".repeat(size / 14);
    let name = "InternetGatewayDevice.ManagementServer.ConnectionRequestURL";
    asked(size, ASK, &values(&value(name, &text)))
}

fn attributes_of_a_value(size: usize) -> Vec<u8> {
    let attributes: String = (0..size / 12)
        .map(|number| format!(" a{number:06}=\"\""))
        .collect();
    let entry = format!(
        "<ParameterValueStruct{attributes}><Name>A.B</Name><Value>1</Value></ParameterValueStruct>"
    );
    asked(size, ASK, &values(&entry))
}

fn deep_entries(size: usize) -> Vec<u8> {
    let entry = format!("{}{}", "<b>".repeat(100), "</b>".repeat(100));
    asked(size, ASK, &values(&entry.repeat(size / 700)))
}

fn list_in_a_value(size: usize) -> Vec<u8> {
    let text: String = (0..size / 12)
        .map(|number| format!("A.B.{number},"))
        .collect();
    let name = "InternetGatewayDevice.DeviceSummary";
    let other = "Device.ManagementServer.AliasBasedAddressing";
    let entries = format!("{}{}", value(name, &text), value(other, "1"));
    asked(size, ASK, &values(&entries))
}

fn headers(size: usize) -> Vec<u8> {
    let blocks: String = (0..size / 60)
        .map(|number| format!("<cwmp:X{number} soap:mustUnderstand=\"1\">1</cwmp:X{number}>"))
        .collect();
    with_headers(size, &blocks)
}

fn ids(size: usize) -> Vec<u8> {
    let blocks: String = (0..size / 50)
        .map(|number| format!("<cwmp:ID soap:mustUnderstand=\"1\">{number}</cwmp:ID>"))
        .collect();
    with_headers(size, &blocks)
}

fn with_headers(size: usize, blocks: &str) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    let mut connection = begun(&mut traffic, 1, "S1");
    let body = envelope("<cwmp:GetRPCMethods/>");
    let body = body.replace("<soap:Header>", &format!("<soap:Header>{blocks}"));
    traffic.frames(connection.send(1, &wire::reply(&body), 1448));
    let answer = "<cwmp:GetRPCMethodsResponse><MethodList/></cwmp:GetRPCMethodsResponse>";
    traffic.frames(connection.send(0, &wire::post(&envelope(answer)), 1448));
    ended(&mut traffic, &mut connection);
    traffic.bytes
}

/// A session of which a request of the ACS and its answer hold so many envelopes.
fn enveloped(size: usize, asked: &str, answered: &str) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    let mut connection = begun(&mut traffic, 1, "S1");
    let many = |text: &str| {
        let all: String = (0..size / 2 / (text.len() + 400))
            .map(|number| envelope(&text.replace('#', &format!("{number}"))))
            .collect();
        all.replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "")
    };
    traffic.frames(connection.send(1, &wire::reply(&many(asked)), 1448));
    traffic.frames(connection.send(0, &wire::post(&many(answered)), 1448));
    ended(&mut traffic, &mut connection);
    traffic.bytes
}

fn requests(size: usize) -> Vec<u8> {
    enveloped(
        size,
        "<cwmp:AddObject><ObjectName>Device.A.#.</ObjectName><ParameterKey>#</ParameterKey></cwmp:AddObject>",
        "<cwmp:AddObjectResponse><InstanceNumber>#</InstanceNumber><Status>0</Status></cwmp:AddObjectResponse>",
    )
}

fn answers(size: usize) -> Vec<u8> {
    let answered = values(&value("Device.A.#.B", "#"));
    let request = "<cwmp:GetParameterValues><ParameterNames><string>Device.A.#.B</string></ParameterNames></cwmp:GetParameterValues>";
    enveloped(size, request, &answered)
}

fn informs(size: usize) -> Vec<u8> {
    let inform = wire::inform("S#", "2 PERIODIC");
    let (_, rest) = inform.split_once("<soap:Body>").unwrap_or_default();
    let (body, _) = rest.split_once("</soap:Body>").unwrap_or_default();
    enveloped(size, INFORM_RESPONSE, body)
}

fn small_envelopes(size: usize) -> Vec<u8> {
    let small = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:c=\"urn:dslforum-org:cwmp-1-0\"><e:Body><c:Kicked/></e:Body></e:Envelope>";
    let mut traffic = Traffic::of_size(size);
    let mut connection = begun(&mut traffic, 1, "S1");
    let body = small.repeat(size / small.len() / 2);
    traffic.frames(connection.send(1, &wire::reply(&body), 1448));
    traffic.frames(connection.send(0, &wire::post(&body), 1448));
    ended(&mut traffic, &mut connection);
    traffic.bytes
}

fn one_connection(size: usize) -> Vec<u8> {
    let ask = "<cwmp:GetParameterValues><ParameterNames><string>Device.A.#.B</string></ParameterNames></cwmp:GetParameterValues>";
    asked_on(size, &[(ask, &values(&value("Device.A.#.B", "#")))])
}

fn same_question(size: usize) -> Vec<u8> {
    let methods = "<cwmp:GetRPCMethodsResponse><MethodList><string>Reboot</string></MethodList></cwmp:GetRPCMethodsResponse>";
    asked_on(size, &[("<cwmp:GetRPCMethods/>", methods)])
}

fn settings(size: usize) -> Vec<u8> {
    asked_on(size, &[(&set(&value("Device.A.#.B", "#")), IS_SET)])
}

fn objects(size: usize) -> Vec<u8> {
    asked_on(
        size,
        &[
            (
                "<cwmp:AddObject><ObjectName>Device.A#.</ObjectName><ParameterKey>#</ParameterKey></cwmp:AddObject>",
                "<cwmp:AddObjectResponse><InstanceNumber>#</InstanceNumber><Status>0</Status></cwmp:AddObjectResponse>",
            ),
            (
                "<cwmp:DeleteObject><ObjectName>Device.B#.#.</ObjectName><ParameterKey>#</ParameterKey></cwmp:DeleteObject>",
                "<cwmp:DeleteObjectResponse><Status>0</Status></cwmp:DeleteObjectResponse>",
            ),
        ],
    )
}

fn attributes_set(size: usize) -> Vec<u8> {
    let ask = "<cwmp:SetParameterAttributes><ParameterList><SetParameterAttributesStruct><Name>Device.A.#.B</Name><NotificationChange>1</NotificationChange><Notification>2</Notification><AccessListChange>0</AccessListChange><AccessList/></SetParameterAttributesStruct></ParameterList></cwmp:SetParameterAttributes>";
    asked_on(size, &[(ask, "<cwmp:SetParameterAttributesResponse/>")])
}

fn downloads(size: usize) -> Vec<u8> {
    let ask = "<cwmp:Download><CommandKey>#</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>http://198.51.100.7/f#</URL><Username/><Password/><FileSize>0</FileSize><TargetFileName/><DelaySeconds>0</DelaySeconds><SuccessURL/><FailureURL/></cwmp:Download>";
    let answer = "<cwmp:DownloadResponse><Status>1</Status><StartTime>0001-01-01T00:00:00Z</StartTime><CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:DownloadResponse>";
    asked_on(size, &[(ask, answer)])
}

fn units(size: usize) -> Vec<u8> {
    let ask = "<cwmp:ChangeDUState><Operations><InstallOpStruct><URL>http://198.51.100.7/f#</URL><UUID/><Username/><Password/><ExecutionEnvRef/></InstallOpStruct></Operations><CommandKey>#</CommandKey></cwmp:ChangeDUState>";
    asked_on(size, &[(ask, "<cwmp:ChangeDUStateResponse/>")])
}

fn names_asked(size: usize) -> Vec<u8> {
    let ask = "<cwmp:GetParameterNames><ParameterPath>Device.A.#.</ParameterPath><NextLevel>1</NextLevel></cwmp:GetParameterNames>";
    let answer = "<cwmp:GetParameterNamesResponse><ParameterList><ParameterInfoStruct><Name>Device.A.#.B</Name><Writable>1</Writable></ParameterInfoStruct></ParameterList></cwmp:GetParameterNamesResponse>";
    asked_on(size, &[(ask, answer)])
}

fn faults(size: usize) -> Vec<u8> {
    let fault = "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault><FaultCode>9005</FaultCode><FaultString>x#</FaultString></cwmp:Fault></detail></soap:Fault>";
    let ask = "<cwmp:GetParameterValues><ParameterNames><string>Device.A.#.B</string></ParameterNames></cwmp:GetParameterValues>";
    asked_on(size, &[(ask, fault)])
}

fn repeated_informs(size: usize) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    let mut connection = connection(1);
    traffic.frames(connection.open());
    while !traffic.is_full() {
        let inform = wire::post(&wire::inform("S1", "2 PERIODIC"));
        traffic.frames(connection.send(0, &inform, 1448));
        traffic.frames(connection.send(1, &wire::reply(&envelope(INFORM_RESPONSE)), 1448));
    }
    traffic.bytes
}

/// Each session ends at once, and the device counts its retries.
fn refused_informs(size: usize) -> Vec<u8> {
    sessions(size, |traffic, number| {
        let mut connection = connection(1);
        connection.client.port = 1024 + (number % 60_000) as u16;
        traffic.frames(connection.open());
        let inform = wire::inform("S1", "2 PERIODIC");
        let retries = format!("<RetryCount>{number}</RetryCount>");
        let inform = inform.replace("<RetryCount>0</RetryCount>", &retries);
        traffic.frames(connection.send(0, &wire::post(&inform), 1448));
        let refusal = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
        traffic.frames(connection.send(1, refusal, 1448));
        traffic.frames(connection.close());
    })
}

fn one_device(size: usize) -> Vec<u8> {
    sessions(size, |traffic, number| {
        let from = Endpoint::new([10, 0, 0, 1], 1024 + (number % 60_000) as u16);
        traffic.frames(wire::session(from, acs(), "S1", 1448));
    })
}

fn one_device_of_issue_1(size: usize) -> Vec<u8> {
    sessions(size, |traffic, number| {
        let from = Endpoint::new([10, 0, 0, 1], 1024 + (number % 60_000) as u16);
        let mut connection = Connection::new(from, acs());
        traffic.frames(connection.open());
        let inform = wire::inform("S1", "2 PERIODIC").replace(
            "<soap:Header>",
            "<soap:Header><cwmp:NoMoreRequests>0</cwmp:NoMoreRequests>",
        );
        traffic.frames(connection.send(0, &wire::post(&inform), 1448));
        traffic.frames(connection.send(1, &wire::reply(&envelope(INFORM_RESPONSE)), 1448));
        traffic.frames(connection.send(0, &wire::post(""), 1448));
        ended(traffic, &mut connection);
    })
}

fn one_address(size: usize) -> Vec<u8> {
    sessions(size, |traffic, number| {
        let from = Endpoint::new([10, 0, 0, 1], 1024 + (number % 60_000) as u16);
        traffic.frames(wire::session(from, acs(), &format!("S{number}"), 1448));
    })
}

/// One connection, each Inform of another device.
fn changing_devices(size: usize) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    let mut connection = connection(1);
    traffic.frames(connection.open());
    for number in 0.. {
        let inform = wire::post(&wire::inform(&format!("S{number}"), "2 PERIODIC"));
        traffic.frames(connection.send(0, &inform, 1448));
        traffic.frames(connection.send(1, &wire::reply(&envelope(INFORM_RESPONSE)), 1448));
        if traffic.is_full() {
            break;
        }
    }
    traffic.bytes
}

/// None of them ends.
fn overlapping_sessions(size: usize) -> Vec<u8> {
    sessions(size, |traffic, number| {
        let mut connection = connection(1);
        connection.client.port = 1024 + (number % 60_000) as u16;
        traffic.frames(connection.open());
        let inform = wire::post(&wire::inform("S1", "2 PERIODIC"));
        traffic.frames(connection.send(0, &inform, 1448));
        traffic.frames(connection.send(1, &wire::reply(&envelope(INFORM_RESPONSE)), 1448));
    })
}

/// One session: the Inform is challenged anew each time.
fn challenged(
    size: usize,
    request: impl Fn(u32) -> String,
    response: impl Fn(u32) -> String,
) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    let mut connection = connection(1);
    traffic.frames(connection.open());
    for number in 0.. {
        let body = wire::inform("S1", "2 PERIODIC");
        let head = format!(
            "POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Type: text/xml\r\nSOAPAction: \"\"\r\n{}Content-Length: {}\r\n\r\n{body}",
            request(number),
            body.len()
        );
        traffic.frames(connection.send(0, head.as_bytes(), 1448));
        traffic.frames(connection.send(1, response(number).as_bytes(), 1448));
        if traffic.is_full() {
            break;
        }
    }
    traffic.bytes
}

fn nonces(size: usize) -> Vec<u8> {
    challenged(
        size,
        |_| String::new(),
        |number| {
            format!(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n{number}\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n"
            )
        },
    )
}

fn nonces_answered(size: usize) -> Vec<u8> {
    challenged(
        size,
        |number| {
            format!(
                "Authorization: Digest username=\"u{number}\", realm=\"r\", nonce=\"n{}\", uri=\"/acs\", qop=auth, nc=00000001, cnonce=\"c{number}\", response=\"00000000000000000000000000000000\"\r\n",
                number.wrapping_sub(1)
            )
        },
        |number| {
            format!(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n{number}\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n"
            )
        },
    )
}

fn challenges(size: usize) -> Vec<u8> {
    challenged(
        size,
        |_| String::new(),
        |number| {
            let fields: String = (0..500)
                .map(|at| {
                    format!("WWW-Authenticate: Digest realm=\"r\", nonce=\"n{number}-{at}\"\r\n")
                })
                .collect();
            format!("HTTP/1.1 401 Unauthorized\r\n{fields}Content-Length: 0\r\n\r\n")
        },
    )
}

fn authorization(size: usize) -> Vec<u8> {
    challenged(
        size,
        |_| {
            let rest: String = (0..2_500).map(|at| format!(", p{at}=\"v{at}\"")).collect();
            format!("Authorization: Digest username=\"u\"{rest}\r\n")
        },
        |_| "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_owned(),
    )
}

fn cookies(size: usize) -> Vec<u8> {
    challenged(
        size,
        |_| {
            let rest: String = (0..4_000).map(|at| format!("c{at}={at};")).collect();
            format!("Cookie: {rest}\r\n")
        },
        |_| "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
    )
}

fn cookies_set(size: usize) -> Vec<u8> {
    challenged(
        size,
        |_| String::new(),
        |number| {
            let fields: String = (0..1_000)
                .map(|at| format!("Set-Cookie: c{at}={number}; Path=/{at}; Max-Age=x\r\n"))
                .collect();
            format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 0\r\n\r\n")
        },
    )
}

fn changing_cookies(size: usize) -> Vec<u8> {
    challenged(
        size,
        |number| format!("Cookie: c{number}=1; d{number}=2\r\n"),
        |number| {
            format!(
                "HTTP/1.1 200 OK\r\nSet-Cookie: c{number}={number}; Path=/a\r\nContent-Length: 0\r\n\r\n"
            )
        },
    )
}

fn redirects(size: usize) -> Vec<u8> {
    challenged(
        size,
        |_| String::new(),
        |number| {
            format!(
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://acs.example.net:7547/acs{number}\r\nContent-Length: 0\r\n\r\n"
            )
        },
    )
}

/// Connection Requests of one ACS to one device, each challenged with another nonce.
fn wakes(size: usize) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    begun(&mut traffic, 1, "S1");
    let mut number = 0_u32;
    while !traffic.is_full() {
        number += 1;
        let from = Endpoint::new([203, 0, 113, 10], 1_025 + (number % 60_000) as u16);
        let mut connection = Connection::new(
            from,
            Endpoint {
                port: 7547,
                ..cpe(1)
            },
        );
        traffic.frames(connection.open());
        let digest = format!(
            "Authorization: Digest username=\"acs\", realm=\"cpe\", nonce=\"n{number}\", uri=\"/cr\", response=\"0\"\r\n"
        );
        let challenge = format!(
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"cpe\", nonce=\"n{number}\"\r\nContent-Length: 0\r\n\r\n"
        );
        let get = |more: &str| format!("GET /cr HTTP/1.1\r\nHost: cpe\r\n{more}\r\n");
        for (side, message) in [
            (0, get("")),
            (1, challenge),
            (0, get(&digest)),
            (1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned()),
        ] {
            traffic.frames(connection.send(side, message.as_bytes(), 1448));
        }
        traffic.frames(connection.close());
    }
    traffic.bytes
}

/// Each takes nothing but a request and its answer.
fn idle_wakes(size: usize) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    begun(&mut traffic, 1, "S1");
    let mut connection = Connection::new(
        Endpoint::new([203, 0, 113, 10], 1_025),
        Endpoint {
            port: 7547,
            ..cpe(1)
        },
    );
    traffic.frames(connection.open());
    while !traffic.is_full() {
        traffic.frames(connection.send(0, b"GET /cr HTTP/1.1\r\nHost: cpe\r\n\r\n", 1448));
        traffic.frames(connection.send(1, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1448));
    }
    traffic.bytes
}

fn same_fields(size: usize) -> Vec<u8> {
    challenged(
        size,
        |_| {
            [
                "SOAPAction: \"a\"\r\n",
                "Content-Type: text/xml\r\n",
                "Host: b\r\n",
                "Expect: 100-continue\r\n",
                "Via: c\r\n",
                "Authorization: Basic YTpi\r\n",
                "Connection: close\r\n",
                "Content-Encoding: identity\r\n",
            ]
            .concat()
            .repeat(250)
        },
        |_| "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
    )
}

/// The device tells of transfers that nobody asked for.
fn transfers(size: usize) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    let mut connection = begun(&mut traffic, 1, "S1");
    traffic.frames(connection.send(1, &wire::reply(&envelope("<cwmp:GetRPCMethods/>")), 1448));
    let mut number = 0;
    while !traffic.is_full() {
        number += 1;
        let told = format!(
            "<cwmp:TransferComplete><CommandKey>{number}</CommandKey><FaultStruct><FaultCode>0</FaultCode><FaultString/></FaultStruct><StartTime>2026-03-14T09:26:53Z</StartTime><CompleteTime>2026-03-14T09:26:54Z</CompleteTime></cwmp:TransferComplete>"
        );
        traffic.frames(connection.send(0, &wire::post(&envelope(&told)), 1448));
        let answer = wire::reply(&envelope("<cwmp:TransferCompleteResponse/>"));
        traffic.frames(connection.send(1, &answer, 1448));
    }
    traffic.bytes
}

fn empty_posts(size: usize) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    let mut connection = begun(&mut traffic, 1, "S1");
    while !traffic.is_full() {
        traffic.frames(connection.send(1, &wire::reply(""), 1448));
        traffic.frames(connection.send(0, &wire::post(""), 1448));
    }
    traffic.bytes
}
