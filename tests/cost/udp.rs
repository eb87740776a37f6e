//! Datagrams that somebody wrote to cost a checker as much as they can.

use dhcp::v4::{Fields, Header, enterprise_blocks};
use dhcp::{Width, write_sub_options};
use stun::{Builder, kind, ucr};

use crate::adversaries::Kind;
use crate::support::wire::{self, Endpoint};
use crate::talk::Writer;
use crate::traffic::{Traffic, acs, cpe};

/// Each by what it is.
pub const UDP: &[(&str, Writer, Kind)] = &[
    ("bindings of one device", bindings, Kind::Plain),
    ("bindings from many ports", bindings_of_ports, Kind::Plain),
    ("bindings of many devices", bindings_of_devices, Kind::Plain),
    (
        "bindings that are answered with another address",
        moving_bindings,
        Kind::Plain,
    ),
    ("bindings with many attributes", attributes, Kind::Plain),
    ("answers that nobody asked for", unasked, Kind::Plain),
    ("refused bindings", refused, Kind::Plain),
    ("UDP Connection Requests", requests, Kind::Plain),
    (
        "UDP Connection Requests from many ports",
        requests_of_ports,
        Kind::Plain,
    ),
    (
        "one UDP Connection Request again and again",
        copies,
        Kind::Plain,
    ),
    ("UDP Connection Requests that are none", bent, Kind::Plain),
    (
        "a notification of many parameters",
        notification,
        Kind::Plain,
    ),
    ("leases of many clients", leases, Kind::Plain),
    ("leases of one client", one_client, Kind::Plain),
    ("DHCP with many vendor options", vendor_options, Kind::Plain),
    ("gateways and what they manage", managed, Kind::Plain),
];

/// Datagrams of a device that has informed, until the capture is full.
fn datagrams(size: usize, write: impl Fn(u32) -> Vec<Vec<u8>>) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size);
    traffic.frames(wire::session(cpe(1), acs(), "S1", 1448));
    for number in 0.. {
        traffic.frames(write(number));
        if traffic.is_full() {
            break;
        }
    }
    traffic.frames(wire::session(
        Endpoint {
            port: 50_000,
            ..cpe(1)
        },
        acs(),
        "S1",
        1448,
    ));
    traffic.bytes
}

fn server() -> Endpoint {
    Endpoint::new([198, 51, 100, 1], 3478)
}

fn device(port: u32) -> Endpoint {
    Endpoint {
        port: 1_024 + (port % 60_000) as u16,
        ..cpe(1)
    }
}

fn transaction(number: u32) -> [u8; 16] {
    let mut id = *b"0123456789abcdef";
    id[..4].copy_from_slice(&number.to_be_bytes());
    id
}

fn asks(number: u32) -> Vec<u8> {
    let asked = Builder::new(0x0001, transaction(number))
        .attribute(kind::USERNAME, b"user")
        .connection_request_binding();
    asked.finish().expect("it is short")
}

fn answers(number: u32, mapped: Endpoint) -> Vec<u8> {
    let at = std::net::SocketAddr::from((mapped.address, mapped.port));
    let answered = Builder::new(0x0101, transaction(number)).address(kind::MAPPED_ADDRESS, at);
    answered.finish().expect("it is short")
}

fn bound(number: u32, from: Endpoint, mapped: Endpoint) -> Vec<Vec<u8>> {
    vec![
        wire::udp(from, server(), &asks(number)),
        wire::udp(server(), from, &answers(number, mapped)),
    ]
}

fn bindings(size: usize) -> Vec<u8> {
    datagrams(size, |number| bound(number, device(1), device(1)))
}

fn bindings_of_ports(size: usize) -> Vec<u8> {
    datagrams(size, |number| bound(number, device(number), device(number)))
}

fn bindings_of_devices(size: usize) -> Vec<u8> {
    datagrams(size, |number| bound(number, cpe(number), cpe(number)))
}

fn moving_bindings(size: usize) -> Vec<u8> {
    datagrams(size, |number| {
        bound(
            number,
            device(1),
            Endpoint::new([192, 0, 2, 1], number as u16),
        )
    })
}

fn attributes(size: usize) -> Vec<u8> {
    datagrams(size, |number| {
        let mut asked = Builder::new(0x0001, transaction(number));
        for at in 0..300 {
            asked = asked.attribute(0x7000 + at, b"");
        }
        vec![wire::udp(
            device(1),
            server(),
            &asked.finish().expect("it is short"),
        )]
    })
}

fn unasked(size: usize) -> Vec<u8> {
    datagrams(size, |number| {
        vec![wire::udp(
            server(),
            device(1),
            &answers(number, device(number)),
        )]
    })
}

fn refused(size: usize) -> Vec<u8> {
    datagrams(size, |number| {
        let answer = Builder::new(0x0111, transaction(number)).error_code(401, "Unauthorized");
        vec![
            wire::udp(device(1), server(), &asks(number)),
            wire::udp(server(), device(1), &answer.finish().expect("it is short")),
        ]
    })
}

fn request(number: u32) -> Vec<u8> {
    let draft = ucr::Draft {
        authority: "10.0.0.1:1025",
        timestamp_s: 1_700_000_000 + u64::from(number),
        id: u64::from(number),
        username: "user",
        cnonce: "0badcafe",
    };
    draft.write(b"password")
}

fn requests(size: usize) -> Vec<u8> {
    datagrams(size, |number| {
        vec![wire::udp(server(), device(1), &request(number))]
    })
}

fn requests_of_ports(size: usize) -> Vec<u8> {
    datagrams(size, |number| {
        let from = Endpoint {
            port: 1_024 + (number % 60_000) as u16,
            ..server()
        };
        vec![wire::udp(from, device(1), &request(number / 3))]
    })
}

fn copies(size: usize) -> Vec<u8> {
    let one = request(7);
    datagrams(size, |_| vec![wire::udp(server(), device(1), &one)])
}

fn bent(size: usize) -> Vec<u8> {
    datagrams(size, |number| {
        let text = format!(
            "GET http://10.0.0.1:1025/?ts=x{number}&id=&un=%ff&cn=&cn=1&sig=00 HTTP/1.1\r\nA: b\r\n\r\n"
        );
        vec![wire::udp(server(), device(1), text.as_bytes())]
    })
}

fn notification(size: usize) -> Vec<u8> {
    datagrams(size, |number| {
        let rows: String = (0..500)
            .map(|at| format!("<Param><Name>Device.A.{at}</Name><Value>{number}</Value></Param>"))
            .collect();
        let body = format!(
            "<lwn:Notification xmlns:lwn=\"urn:broadband-forum-org:cwmp:lwnotif-1-0\"><lwn:TS>{number}</lwn:TS><lwn:UN>u</lwn:UN><lwn:CN>c</lwn:CN>\
             <lwn:OUI>00D09E</lwn:OUI><lwn:ProductClass>X3</lwn:ProductClass><lwn:SerialNumber>S1</lwn:SerialNumber>{rows}</lwn:Notification>"
        );
        let text = format!(
            "POST /lwn HTTP/1.1\r\nHost: a\r\nSignature: 0\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        vec![wire::udp(
            device(1),
            Endpoint {
                port: 7547,
                ..acs()
            },
            text.as_bytes(),
        )]
    })
}

/// A client asks, and is given the identity of its gateway.
fn lease(client: u32, kind: [u8; 2], extra: usize) -> Vec<Vec<u8>> {
    let [_, b, c, d] = client.to_be_bytes();
    let written = |operation: u8, kind: u8| {
        let mut header = Header {
            operation,
            ..Header::default()
        };
        header.client_hardware_address[..6].copy_from_slice(&[0, 0xd0, 0x9e, b, c, d]);
        header.transaction_id = client;
        header.your_address = [10, b, c, d].into();
        let mut message = Fields::new(header);
        message.push(53, &[kind]);
        let first = if operation == 1 { 1 } else { 4 };
        let serial = format!("S{client}");
        let mut codes: Vec<(u16, &[u8])> = vec![
            (first, b"00D09E"),
            (first + 1, serial.as_bytes()),
            (first + 2, b"X3"),
        ];
        codes.extend((0..extra).map(|at| (20 + (at % 200) as u16, &b""[..])));
        let identity = write_sub_options(Width::One, &codes);
        if operation == 1 {
            message.push(60, b"dslforum.org");
        } else {
            message.push(51, &[0, 0, 14, 16]);
        }
        message.push(125, &enterprise_blocks(&[(3561, &identity)]));
        message.write()
    };
    let (from, to) = (
        Endpoint::new([10, b, c, d], 68),
        Endpoint::new([10, 255, 0, 1], 67),
    );
    vec![
        wire::udp(from, to, &written(1, kind[0])),
        wire::udp(to, from, &written(2, kind[1])),
    ]
}

fn leases(size: usize) -> Vec<u8> {
    datagrams(size, |number| lease(number, [3, 5], 0))
}

fn one_client(size: usize) -> Vec<u8> {
    datagrams(size, |_| lease(1, [3, 5], 0))
}

fn vendor_options(size: usize) -> Vec<u8> {
    datagrams(size, |_| lease(1, [3, 5], 110))
}

/// Clients get their leases, and the gateway tells of as many devices that it manages.
fn managed(size: usize) -> Vec<u8> {
    let mut traffic = Traffic::of_size(size / 2);
    for client in 0.. {
        traffic.frames(lease(client, [3, 5], 0));
        if traffic.is_full() {
            break;
        }
    }
    let rows: String = (0..size / 800)
        .flat_map(|at| [("ManufacturerOUI", "00D09E".to_owned()), ("SerialNumber", format!("S{at}")), ("ProductClass", "X3".to_owned())].map(|(name, value)| {
            format!("<ParameterValueStruct><Name>InternetGatewayDevice.ManagementServer.ManageableDevice.{at}.{name}</Name><Value xsi:type=\"xsd:string\">{value}</Value></ParameterValueStruct>")
        }))
        .collect();
    let inform = wire::inform("S1", "4 VALUE CHANGE")
        .replace("</ParameterList>", &format!("{rows}</ParameterList>"));
    let mut connection = crate::traffic::connection(1);
    traffic.frames(connection.open());
    traffic.frames(connection.send(0, &wire::post(&inform), 1448));
    let response = crate::bodies::envelope(
        "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
    );
    traffic.frames(connection.send(1, &wire::reply(&response), 1448));
    traffic.frames(connection.send(0, &wire::post(""), 1448));
    traffic.frames(connection.send(1, &wire::reply(""), 1448));
    traffic.frames(connection.close());
    traffic.bytes
}
