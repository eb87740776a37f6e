//! What else travels by UDP is not taken for STUN, a Connection Request or a lightweight notification.

use stun::{Datagram, Form, MAGIC_COOKIE, parse, recognise};

use crate::bytes;

fn nothing(payload: &[u8], what: &str) {
    assert_eq!(recognise(payload, payload.len()), None, "{what}");
    assert_eq!(parse(payload, payload.len()), None, "{what}");
}

fn is_stun(payload: &[u8]) -> bool {
    recognise(payload, payload.len()) == Some(Datagram::Stun(Form::Rfc3489))
}

#[test]
fn a_request_of_twenty_bytes() {
    let request = bytes("00010000 7edab9446c21ce27b2561b5841724d40");
    assert!(is_stun(&request));
    // An error response without its error, a response without its address: nobody sends these.
    nothing(
        &bytes("01010000 7edab9446c21ce27b2561b5841724d40"),
        "empty response",
    );
    nothing(
        &bytes("01110000 7edab9446c21ce27b2561b5841724d40"),
        "empty error",
    );
    nothing(
        &bytes("00010000 0000000000000000 0000000000000007"),
        "filler",
    );
    // A query with the id 1 for the name servers of de. (RFC 1035 section 4.1).
    nothing(
        &bytes("0001 0000 0001 0000 0000 0000 026465 00 0002 0001"),
        "DNS",
    );
    // Identifiers of weak generators, with half of their bytes zero, are kept.
    assert!(is_stun(&bytes(
        "00010000 00004823 0000371c 00001a2b 00005ce1"
    )));
}

#[test]
fn one_byte_more_or_less_is_no_classic_message() {
    let request = bytes("00010008 0176e3744bdf9a074cb30c52d8966a67 0003000400000000");
    assert!(is_stun(&request));
    nothing(&request[..27], "one byte less");
    nothing(&[&request[..], &[0]].concat(), "one byte more");
    nothing(
        &bytes("00010008 0176e3744bdf9a074cb30c52d8966a67 0003000500000000"),
        "overrun",
    );
    nothing(
        &bytes("00010008 0176e3744bdf9a074cb30c52d8966a67 0000000400000000"),
        "reserved",
    );
    nothing(
        &bytes("00110008 0176e3744bdf9a074cb30c52d8966a67 0003000400000000"),
        "indication",
    );
    nothing(
        &bytes("00030008 0176e3744bdf9a074cb30c52d8966a67 0003000400000000"),
        "Allocate",
    );
}

#[test]
fn other_protocols() {
    for (what, payload) in [
        (
            "TURN channel data with STUN in it",
            "40000018 00010000 2112a442 b7e7a701bc34d686fa87dfae 0000",
        ),
        ("TURN channel data", "7fff0008 0102030405060708"),
        ("RTP", "8000 1234 00000010 cafebabe 7e7e7e7e7e7e7e7e"),
        (
            "RTCP",
            "80c80006 cafebabe 0000000100000002000000030000000400000005",
        ),
        (
            "ZRTP",
            "1000 0001 5a525450 cafebabe 505a0003 48656c6c6f202020",
        ),
        (
            "DTLS client hello",
            "16 fefd 0000 000000000000 0010 01000004 0000 000000000004 fefd0000",
        ),
        ("DTLS data", "17 fefd 0001 000000000005 0004 deadbeef"),
        (
            "QUIC initial",
            "c3 00000001 08 8394c8f03e515708 00 00 449e 7b9aec34d1b1c98dd7689fb8ec11d242",
        ),
        (
            "QUIC short",
            "4d 0102030405060708 0102030405060708 0102030405060708",
        ),
        (
            "gQUIC, packet 1",
            "0001 0a0b 7e1d4bb3b7f56a9fb1ad17d2c9de8866",
        ),
        (
            "DNS query",
            "1a2b 0100 0001 0000 0000 0000 06676f6f676c6503636f6d 00 0001 0001",
        ),
        (
            "DNS query with the id 1",
            "0001 0100 0001 0000 0000 0000 06676f6f676c6503636f6d 00 0001 0001",
        ),
        (
            "mDNS",
            "0000 0000 0001 0000 0000 0000 055f68747470045f746370056c6f63616c 00 000c 0001",
        ),
        (
            "DHCP request",
            "0101 0600 12345678 0000 0000 00000000 00000000 00000000 00000000 001565aabbcc",
        ),
        (
            "NTP",
            "23 00 06 ec 00000000 00000000 00000000 00000000 00000000 e4a3b1c200000000",
        ),
        (
            "TFTP read request",
            "0001 6669726d776172652e62696e 00 6f63746574 00",
        ),
        ("TFTP data", "0003 0001 00010203040506070809"),
        (
            "RADIUS access request, id 1",
            "01 01 0014 000102030405060708090a0b0c0d0e0f",
        ),
        ("NAT-T keep-alive", "ff"),
        (
            "IKE by NAT-T",
            "00000000 6b1f2c3d4e5f60710000000000000000 2120 2208 00000000 0000001c",
        ),
        (
            "WireGuard",
            "01000000 0a0b0c0d 000102030405060708090a0b0c0d0e0f",
        ),
        ("Modbus", "0001 0000 0006 01 03 0000 0002"),
        (
            "SNMP",
            "302902010104067075626c6963a01c02047f3e1d2c020100020100300e300c06082b060102010101000500",
        ),
        (
            "NFS call",
            "00010028 00000000 00000002 000186a3 00000003 00000000 00000000 00000000 00000000 00000000",
        ),
        ("VXLAN", "08000000 00002a00 ffffffffffff 001565aabbcc 0806"),
        (
            "BitTorrent uTP",
            "0101 0010 0a0b0c0d 00000000 00100000 0001 0001 0004 00000000",
        ),
    ] {
        nothing(&bytes(payload), what);
    }
}

#[test]
fn zeros_and_ones() {
    for length in [0, 1, 3, 4, 7, 8, 19, 20, 24, 28, 160, 1472] {
        for byte in [0, 1, 0xFF] {
            nothing(&vec![byte; length], "filler");
        }
    }
}

/// Random payloads with a type of RFC 3489 and a length that fits: about one in 2^29 of random ones has both.
#[test]
fn random_bodies_behind_a_fitting_header() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()
    };
    let mut taken = 0;
    for round in 0..200_000_usize {
        let length = 28 + round % 40 * 8;
        let mut payload: Vec<u8> = (0..length / 4)
            .flat_map(|_| {
                let [a, b, c, d, ..] = next();
                [a, b, c, d]
            })
            .collect();
        payload.truncate(length);
        let body = u16::try_from(payload.len() - 20).unwrap_or(0).to_be_bytes();
        payload[..4].copy_from_slice(&[0, 1, body[0], body[1]]);
        taken += usize::from(recognise(&payload, payload.len()).is_some());
    }
    assert!(taken <= 40, "{taken} of 200,000");
}

#[test]
fn text_by_udp() {
    for text in [
        "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\n\r\n",
        "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\n\r\n",
        "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n",
        "INVITE sip:bob@example.net?ts=1&id=2&un=3&cn=4&sig=5 SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n\r\n",
        "OPTIONS sip:100@192.0.2.1 SIP/2.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n",
        "GET /index.php?id=7&ts=9 HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n",
        "GET_PARAMETER rtsp://192.0.2.1/?ts=1&id=2&un=3&cn=4&sig=5 RTSP/1.0\r\n\r\n",
        "GET rtsp://192.0.2.1/?ts=1&id=2&un=3&cn=4&sig=5 RTSP/1.0\r\n\r\n",
        "GET * ?ts=1&id=2&un=3&cn=4&sig=5 HTTP/1.1\r\n\r\n",
        "get key\r\n",
        "POST /log HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body/></s:Envelope>",
        "<30>Nov 21 20:04:41 phone syslog: urn:broadband-forum-org:cwmp",
        "jaK",
        "\r\n\r\n",
        "GET ",
        "GET http://192.0.2.1?",
    ] {
        nothing(text.as_bytes(), text);
    }
}

#[test]
fn the_cookie_decides_for_the_newer_form() {
    let mut message = bytes("00010000");
    message.extend(MAGIC_COOKIE.to_be_bytes());
    message.extend([7; 12]);
    assert_eq!(recognise(&message, 20), Some(Datagram::Stun(Form::Rfc5389)));
    assert_eq!(
        recognise(&message[..8], 20),
        Some(Datagram::Stun(Form::Rfc5389)),
        "cut by the capture"
    );
    assert_eq!(recognise(&message[..8], 8), None, "sent like that");
    message[0] = 0x40;
    nothing(&message, "channel data");
}
