//! What datagrams are called, and what is said of them.

use std::net::SocketAddr;

use stun::{Builder, kind, ucr};

use super::Datagram;
use crate::session::{DatagramKind, Side, StepKind};
use crate::source::{FrameId, Timestamp};

fn datagram(payload: Vec<u8>, from: Side) -> Datagram {
    let at = |text: &str| text.parse::<SocketAddr>().expect("an address");
    let wire_bytes = payload.len();
    Datagram {
        kind: DatagramKind::of(&payload, wire_bytes, [67, 68]).expect("it is one of ours"),
        payload,
        wire_bytes,
        frames: vec![FrameId::new(0, 7)],
        source: at("192.0.2.1:5060"),
        destination: at("203.0.113.20:3478"),
        time: Timestamp::default(),
        from,
        session: None,
        device: None,
        copy_of: None,
        binding: None,
        came_of: None,
        verified: Default::default(),
    }
}

/// Words and detail.
fn said(datagram: &Datagram) -> (String, String, Side) {
    let step = datagram.step();
    let StepKind::Datagram(_, words) = step.kind else {
        panic!("it is a datagram");
    };
    (words, step.detail.unwrap_or_default(), step.from)
}

#[test]
fn bindings() {
    let mapped: SocketAddr = "198.51.100.7:6000".parse().expect("an address");
    let asked = Builder::new(1, [7; 16]).connection_request_binding();
    let probe = Builder::new(1, [7; 16])
        .address(kind::RESPONSE_ADDRESS, mapped)
        .binding_change();
    let answer = Builder::new(0x0101, [7; 16]).address(kind::MAPPED_ADDRESS, mapped);
    let refused = Builder::new(0x0111, [7; 16]).error_code(401, "Unauthorized");
    for (message, from, words, detail, drawn) in [
        (
            asked,
            Side::Other,
            "STUN Binding Request",
            "CONNECTION-REQUEST-BINDING",
            Side::Cpe,
        ),
        (
            probe,
            Side::Cpe,
            "STUN Binding Request",
            "BINDING-CHANGE, answer to 198.51.100.7:6000",
            Side::Cpe,
        ),
        (
            answer,
            Side::Other,
            "STUN Binding Response",
            "mapped 198.51.100.7:6000",
            Side::Other,
        ),
        (
            refused,
            Side::Other,
            "STUN Binding Error 401",
            "Unauthorized",
            Side::Other,
        ),
    ] {
        let told = said(&datagram(message.finish().expect("it is short"), from));
        assert_eq!(told, (words.to_owned(), detail.to_owned(), drawn));
    }
}

#[test]
fn requests_and_their_departures() {
    let draft = ucr::Draft {
        authority: "192.0.2.1:5060",
        timestamp_s: 1_700_000_000,
        id: 7,
        username: "acs",
        cnonce: "c0ffee",
    };
    let mut one = datagram(draft.write(b"secret"), Side::Acs);
    let (words, detail, from) = said(&one);
    assert_eq!(words, "UDP Connection Request");
    assert_eq!(detail, "ts 1700000000, id 7, un acs, cn c0ffee");
    assert_eq!(from, Side::Acs);
    one.copy_of = Some(FrameId::new(0, 6));
    assert_eq!(said(&one).0, "UDP Connection Request (copy)");
    let bent = b"GET http://192.0.2.1:5060/?ts=1&id=2&un=%ff&cn=&sig=00 HTTP/1.1\r\n\r\n";
    let (_, detail, _) = said(&datagram(bent.to_vec(), Side::Acs));
    assert!(
        detail.starts_with("ts 1, id 2, un \\xff, cn \"\", "),
        "{detail}"
    );
    for odd in ["path-not-empty", "host-missing", "parameter-empty"] {
        assert_eq!(detail.matches(odd).count(), 1, "{detail}");
    }
}

#[test]
fn dhcp_both_ways() {
    let message = |operation, options: &[(u8, &[u8])]| {
        let mut fields = dhcp::v4::Fields::new(dhcp::v4::Header {
            operation,
            ..dhcp::v4::Header::default()
        });
        for (code, value) in options {
            fields.push(*code, value);
        }
        fields.write()
    };
    let ours = dhcp::write_sub_options(dhcp::Width::One, &[(1, b"00D09E"), (2, b"A1")]);
    let ours = dhcp::v4::enterprise_blocks(&[(3561, &ours)]);
    let asked = message(1, &[(53, &[1]), (60, b"dslforum.org"), (125, &ours)]);
    let answer = message(2, &[(53, &[5]), (43, b"http://acs.example.net/")]);
    assert_eq!(
        said(&datagram(asked, Side::Other)),
        (
            "DHCP Discover".to_owned(),
            "vendor class dslforum.org, device 00D09E-A1".to_owned(),
            Side::Cpe
        )
    );
    assert_eq!(
        said(&datagram(answer, Side::Other)),
        (
            "DHCP Ack".to_owned(),
            "ACS http://acs.example.net/".to_owned(),
            Side::Other
        )
    );
}
