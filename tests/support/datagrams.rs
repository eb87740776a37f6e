//! Frames with a datagram of every kind that is read, each of its fields as the test wants it.

use std::net::{IpAddr, SocketAddr};

use dhcp::v4::{Fields, Header, enterprise_blocks};
use dhcp::{Width, write_sub_options};
use stun::{Builder, kind, ucr};

/// STUN, UDP Connection Requests, a lightweight notification and DHCP, `text` where any text may stand and `secret` where
/// a secret does.
pub fn frames(text: &[u8], secret: &str) -> Vec<Vec<u8>> {
    let mut frames = stun(text, secret);
    frames.extend(requests(text, secret));
    frames.push(notification(text, secret));
    frames.extend(dhcp_v4(text, secret));
    frames.push(dhcp_v6(text));
    frames
}

const DEVICE: &str = "192.0.2.2:34567";
const SERVER: &str = "198.51.100.1:3478";

fn stun(text: &[u8], secret: &str) -> Vec<Vec<u8>> {
    let cookie = *b"\x21\x12\xa4\x42abcdefghijkl";
    let asked = Builder::new(0x0001, *b"0123456789abcdef")
        .attribute(kind::USERNAME, text)
        .connection_request_binding()
        .binding_change()
        .change_request(true, false);
    let answered = Builder::new(0x0101, cookie)
        .xor_address(kind::XOR_MAPPED_ADDRESS, at(DEVICE))
        .attribute(kind::SOFTWARE, text)
        .attribute(0x7777, b"\x01\x02")
        .fingerprint();
    let shared = Builder::new(0x0102, *b"0123456789abcdef")
        .attribute(kind::USERNAME, b"user")
        .attribute(kind::PASSWORD, secret.as_bytes())
        .integrity(stun::Form::Rfc3489, b"key");
    let reason = String::from_utf8_lossy(text).into_owned();
    let refused = Builder::new(0x0111, cookie)
        .error_code(420, &reason)
        .unknown_attributes(&[0xc001, 0x0003]);
    let told = Builder::new(0x0011, cookie).attribute(kind::LIFETIME, &[0, 0, 2, 88]);
    let [device, server] = [at(DEVICE), at(SERVER)];
    [
        (device, server, asked),
        (server, device, answered),
        (server, device, shared),
        (server, device, refused),
        (device, server, told),
    ]
    .map(|(from, to, message)| udp(from, to, &message.finish().expect("it is short")))
    .to_vec()
}

fn requests(text: &[u8], secret: &str) -> Vec<Vec<u8>> {
    let username = String::from_utf8_lossy(text).into_owned();
    let draft = ucr::Draft {
        authority: DEVICE,
        timestamp_s: 1_700_000_000,
        id: 7,
        username: &username,
        cnonce: "0badcafe",
    };
    let request = draft.write(b"password");
    let mut bent = b"GET http://user:".to_vec();
    bent.extend([secret.as_bytes(), b"@", DEVICE.as_bytes()].concat());
    bent.extend(b"/?ts=1700000001&id=8&un=%ff&cn=&sig=00 HTTP/1.1\r\n\r\n");
    let [device, server] = [at(DEVICE), at(SERVER)];
    let sent = [&request, &request, &bent];
    sent.map(|request| udp(server, device, request)).to_vec()
}

fn notification(text: &[u8], secret: &str) -> Vec<u8> {
    let mut body = format!(
        "<lwn:Notification xmlns:lwn=\"urn:broadband-forum-org:cwmp:lwnotif-1-0\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><lwn:TS>1700000002</lwn:TS>\
         <lwn:UN>user</lwn:UN><lwn:CN>0badcafe</lwn:CN><lwn:OUI>00D09E</lwn:OUI>\
         <lwn:ProductClass>X1</lwn:ProductClass><lwn:SerialNumber>123</lwn:SerialNumber>\
         <lwn:Param><lwn:Name>Device.ManagementServer.Password</lwn:Name>\
         <lwn:Value xsi:type=\"xsd:string\">{secret}</lwn:Value></lwn:Param>\
         <lwn:Param><lwn:Name>Device.X</lwn:Name><lwn:Value>"
    )
    .into_bytes();
    body.extend(text);
    body.extend(b"</lwn:Value></lwn:Param></lwn:Notification>");
    let mut sent = b"POST /lwn HTTP/1.1\r\nHost: 198.51.100.1\r\nSignature: ".to_vec();
    sent.extend(text);
    sent.extend(format!("\r\nContent-Length: {}\r\n\r\n", body.len()).bytes());
    sent.extend(body);
    udp(at("192.0.2.2:40000"), at("198.51.100.1:7547"), &sent)
}

fn dhcp_v4(text: &[u8], secret: &str) -> Vec<Vec<u8>> {
    let identity = |first: u16| {
        let codes: [(u16, &[u8]); 3] = [(first, b"00D09E"), (first + 1, text), (first + 2, b"X1")];
        write_sub_options(Width::One, &codes)
    };
    let url = format!("http://user:{secret}@acs.example.net/");
    let tiled = write_sub_options(Width::One, &[(1, url.as_bytes()), (2, text)]);
    let forms = [
        tiled,
        url.clone().into_bytes(),
        format!("1|http://acs.example.net/|2|code|3|user|4|{secret}").into_bytes(),
        format!("1|http://acs.example.net/|4|{secret}|x\u{1}").into_bytes(),
        b"\x01\x0a\xff".to_vec(),
    ];
    let mut sent = Vec::new();
    for (at, form) in forms.iter().enumerate() {
        for (operation, kind) in [(1, 1), (2, 5)] {
            let mut header = Header {
                operation,
                ..Header::default()
            };
            header.client_hardware_address[..6].copy_from_slice(&[0, 0xd0, 0x9e, 1, 2, 3]);
            let mut message = Fields::new(header);
            message.push(53, &[kind]);
            if operation == 1 {
                let ours = identity(1);
                message.push(60, &[b"dslforum.org ", text].concat());
                message.push(125, &enterprise_blocks(&[(3561, &ours)]));
            } else {
                let mut ours = identity(4);
                ours.extend(write_sub_options(Width::One, &[(11, url.as_bytes())]));
                message.push(43, form);
                message.push(125, &enterprise_blocks(&[(3561, &ours)]));
            }
            let ends = ["192.0.2.2:68", "192.0.2.1:67"].map(self::at);
            let [from, to] = if operation == 1 {
                ends
            } else {
                [ends[1], ends[0]]
            };
            // One of each is enough of what the client says.
            if operation == 2 || at == 0 {
                sent.push(udp(from, to, &message.write()));
            }
        }
    }
    sent
}

fn dhcp_v6(text: &[u8]) -> Vec<u8> {
    let option = |code: u16, value: &[u8]| {
        let mut option = code.to_be_bytes().to_vec();
        option.extend((value.len() as u16).to_be_bytes());
        option.extend(value);
        option
    };
    let mut sent = vec![1, 0xab, 0xcd, 0xef];
    sent.extend(option(1, &[0, 3, 0, 1, 0, 0xd0, 0x9e, 1, 2, 3]));
    let class = [&(text.len() as u16).to_be_bytes()[..], text].concat();
    sent.extend(option(16, &[&3561_u32.to_be_bytes()[..], &class].concat()));
    let ours = write_sub_options(Width::Two, &[(1, b"00D09E"), (2, text)]);
    sent.extend(option(17, &[&3561_u32.to_be_bytes()[..], &ours].concat()));
    udp(at("[fe80::1]:546"), at("[ff02::1:2]:547"), &sent)
}

fn at(endpoint: &str) -> SocketAddr {
    endpoint.parse().expect("an address and a port")
}

/// A UDP datagram in IP in Ethernet; checksums are left at 0, as offload does.
fn udp(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::with_capacity(8 + payload.len());
    datagram.extend(from.port().to_be_bytes());
    datagram.extend(to.port().to_be_bytes());
    datagram.extend(((8 + payload.len()) as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend_from_slice(payload);
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            frame.extend([8, 0, 0x45, 0]);
            frame.extend(((20 + datagram.len()) as u16).to_be_bytes());
            frame.extend([0, 0, 0x40, 0, 64, 17, 0, 0]);
            frame.extend(from.octets());
            frame.extend(to.octets());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            frame.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
            frame.extend((datagram.len() as u16).to_be_bytes());
            frame.extend([17, 64]);
            frame.extend(from.octets());
            frame.extend(to.octets());
        }
        _ => panic!("both of one family"),
    }
    frame.extend(datagram);
    frame
}
