//! Each way to be odd, once: what is noted, and what is read all the same.

use dhcp::AnomalyKind as Kind;
use dhcp::v4::{self, Header, MessageType, Place};
use dhcp::{Limits, Text, v6};

fn options(bytes: &[u8]) -> Vec<u8> {
    let mut fields = v4::Fields::new(Header::default());
    fields.end = false;
    let mut datagram = fields.write();
    datagram.extend(bytes);
    datagram
}

fn odd(bytes: &[u8]) -> Vec<(Kind, usize)> {
    let message = v4::Message::parse(bytes, bytes.len(), &Limits::default());
    let odd = message.anomalies().iter();
    odd.map(|odd| (odd.kind, odd.offset)).collect()
}

fn odd_v6(bytes: &[u8]) -> Vec<(Kind, usize)> {
    let message = v6::Message::parse(bytes, bytes.len(), &Limits::default());
    let odd = message.anomalies().iter();
    odd.map(|odd| (odd.kind, odd.offset)).collect()
}

#[test]
fn options_that_are_bent() {
    for (bytes, expected) in [
        (&[53, 1, 1, 255][..], vec![]),
        (&[53, 1, 1], vec![(Kind::MissingEnd, 243)]),
        (&[53, 1, 1, 255, 0, 9], vec![(Kind::BytesBehindEnd, 245)]),
        (&[53, 1, 1, 12], vec![(Kind::OptionWithoutLength, 243)]),
        (&[53, 1, 1, 12, 9, b'a'], vec![(Kind::OptionPastEnd, 243)]),
        (&[53, 2, 1, 1, 255], vec![(Kind::OddOptionLength, 240)]),
        (
            &[53, 1, 1, 53, 1, 3, 255],
            vec![(Kind::RepeatedOption, 243)],
        ),
        (&[52, 1, 4, 255], vec![(Kind::OddOverload, 240)]),
        (
            &[52, 1, 3, 255],
            vec![(Kind::MissingEnd, 236), (Kind::MissingEnd, 108)],
        ),
        (
            &[124, 6, 0, 0, 13, 233, 2, b'a', 255],
            vec![(Kind::EnterpriseBlockPastEnd, 242)],
        ),
        (
            &[125, 8, 0, 0, 13, 233, 3, 1, 2, b'a', 255],
            vec![(Kind::OddSubOptions, 247)],
        ),
        (
            &[125, 10, 0, 0, 13, 233, 0, 0, 0, 13, 233, 0, 255],
            vec![(Kind::RepeatedEnterprise, 247)],
        ),
    ] {
        assert_eq!(odd(&options(bytes)), expected, "{bytes:?}");
    }
}

#[test]
fn the_fixed_fields() {
    let mut bytes = options(&[255]);
    bytes[0] = 9;
    bytes[2] = 17;
    bytes[236] = 0;
    let expected = [
        (Kind::OddOperation, 0),
        (Kind::OddHardwareLength, 2),
        (Kind::MissingCookie, 236),
    ];
    assert_eq!(odd(&bytes), expected);
    assert_eq!(odd(&bytes[..200])[0], (Kind::ShortHeader, 200));
}

#[test]
fn bootp_without_a_cookie_is_not_odd() {
    let mut fields = v4::Fields {
        cookie: false,
        end: false,
        ..v4::Fields::default()
    };
    fields.boot_file = b"image".to_vec();
    fields.behind_end = vec![0; 64];
    let bytes = fields.write();
    assert_eq!(odd(&bytes), []);
    let message = v4::Message::parse(&bytes, bytes.len(), &Limits::default());
    assert_eq!(message.message_type(), None);
    assert_eq!(message.boot_file().map(Text::raw), Some(&b"image"[..]));
    assert_eq!(v4::Fields::from(&message), fields);
}

#[test]
fn an_overload_inside_an_overload_means_nothing() {
    let mut fields = v4::Fields::default();
    fields.push(52, &[1]).push_in(Place::File, 52, &[2]);
    fields.server_host_name = b"server".to_vec();
    let bytes = fields.write();
    assert_eq!(odd(&bytes), [(Kind::NestedOverload, 108)]);
    let message = v4::Message::parse(&bytes, bytes.len(), &Limits::default());
    let name = message
        .server_host_name()
        .map(|name| name.text().into_owned());
    assert_eq!(name.as_deref(), Some("server"));
}

#[test]
fn of_an_option_that_must_not_come_again_the_first_counts() {
    let bytes = options(&[53, 1, 1, 53, 1, 3, 255]);
    let message = v4::Message::parse(&bytes, bytes.len(), &Limits::default());
    assert_eq!(message.message_type(), Some(MessageType::Discover));
    assert_eq!(message.value(53), Some(&[1, 3][..]));
}

#[test]
fn what_the_capture_cut_is_not_odd() {
    let bytes = options(&[53, 1, 1, 60, 11, b'd', b's', b'l']);
    let message = v4::Message::parse(&bytes, bytes.len() + 9, &Limits::default());
    assert!(message.is_cut());
    assert_eq!(message.anomalies(), []);
    let class = message
        .vendor_class_id()
        .map(|class| class.text().into_owned());
    assert_eq!(class.as_deref(), Some("dsl"));
    assert!(
        message
            .options()
            .last()
            .is_some_and(|option| option.partial)
    );
}

#[test]
fn dhcpv6_options_that_are_bent() {
    for (bytes, expected) in [
        (&[1, 0, 0][..], vec![(Kind::ShortHeader, 3)]),
        (&[], vec![(Kind::ShortHeader, 0)]),
        (&[1, 0, 0, 1, 0, 8, 0], vec![(Kind::OptionWithoutLength, 4)]),
        (&[1, 0, 0, 1, 0, 8, 0, 2, 0], vec![(Kind::OptionPastEnd, 4)]),
        (
            &[1, 0, 0, 1, 0, 8, 0, 1, 0],
            vec![(Kind::OddOptionLength, 4)],
        ),
        (
            &[1, 0, 0, 1, 0, 14, 0, 0, 0, 14, 0, 0],
            vec![(Kind::RepeatedOption, 8)],
        ),
        (
            &[1, 0, 0, 1, 0, 17, 0, 7, 0, 0, 13, 233, 0, 1, 0],
            vec![(Kind::OddSubOptions, 12)],
        ),
        (
            &[1, 0, 0, 1, 0, 16, 0, 5, 0, 0, 13, 233, 9],
            vec![(Kind::EnterpriseBlockPastEnd, 4)],
        ),
        (&[12, 0, 1], vec![(Kind::ShortHeader, 3)]),
    ] {
        assert_eq!(odd_v6(bytes), expected, "{bytes:?}");
    }
    let mut relay = vec![12, 0];
    relay.resize(34, 0);
    assert_eq!(odd_v6(&relay), [(Kind::MissingRelayMessage, 0)]);
}

#[test]
fn options_inside_an_identity_association() {
    let mut bytes = vec![1, 0, 0, 1, 0, 3, 0, 18];
    bytes.extend([0; 12]);
    // An address needs 24 bytes.
    bytes.extend([0, 5, 0, 2, 0, 0]);
    assert_eq!(odd_v6(&bytes), [(Kind::OddSubOptions, 20)]);
}

#[test]
fn limits_are_told() {
    let limits = Limits {
        options_max: 2,
        ..Limits::default()
    };
    let bytes = options(&[1, 0, 2, 0, 3, 0, 255]);
    let message = v4::Message::parse(&bytes, bytes.len(), &limits);
    let last = message
        .anomalies()
        .first()
        .map(|odd| (odd.kind, odd.offset));
    assert_eq!(last, Some((Kind::OptionLimit, 244)));
    assert_eq!(message.options().len(), 2);
}
