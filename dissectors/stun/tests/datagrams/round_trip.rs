//! What is written is read back as the same, and the same bytes come out again.

use std::net::SocketAddr;

use proptest::prelude::*;
use stun::ucr::{self, Draft, Name};
use stun::{
    Builder, Credentials, Fingerprint, Form, Integrity, MAGIC_COOKIE, Padding, Signature,
    SignedText, Value, kind, parse,
};

fn id(form: Form) -> impl Strategy<Value = [u8; 16]> {
    any::<[u8; 16]>().prop_map(move |mut id| {
        if form == Form::Rfc5389 {
            id[..4].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
        } else {
            id[0] |= 0x80;
        }
        id
    })
}

/// A few attributes of any kind but the reserved one, the seals, and what may stand behind them only.
fn attributes(aligned: bool) -> impl Strategy<Value = Vec<(u16, Vec<u8>)>> {
    let kinds = prop_oneof![
        prop::sample::select(vec![
            kind::USERNAME,
            kind::SOFTWARE,
            kind::DATA,
            kind::REALM,
            kind::NONCE,
            kind::ERROR_CODE,
            kind::CONNECTION_REQUEST_BINDING,
            kind::BINDING_CHANGE,
            kind::UNKNOWN_ATTRIBUTES,
        ]),
        1_u16..,
    ];
    let kinds = kinds.prop_filter("seals", |one| {
        ![
            kind::MESSAGE_INTEGRITY,
            kind::MESSAGE_INTEGRITY_SHA256,
            kind::FINGERPRINT,
        ]
        .contains(one)
    });
    let value = prop::collection::vec(any::<u8>(), 0..40).prop_map(move |mut value| {
        if aligned {
            value.resize(value.len().next_multiple_of(4), b' ');
        }
        value
    });
    prop::collection::vec((kinds, value), 1..8)
}

/// Form, type, transaction id, attributes, and the byte that pads them.
type Draw = (Form, u16, [u8; 16], Vec<(u16, Vec<u8>)>, u8);

fn message() -> impl Strategy<Value = Draw> {
    prop_oneof![Just(Form::Rfc3489), Just(Form::Rfc5389)].prop_flat_map(|form| {
        let classic = form == Form::Rfc3489;
        let types = if classic {
            prop::sample::select(vec![1_u16, 0x101, 0x111, 2, 0x102, 0x112]).boxed()
        } else {
            (0..0x4000_u16).boxed()
        };
        (
            Just(form),
            types,
            id(form),
            attributes(classic),
            any::<u8>(),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn messages((form, message_type, id, attributes, byte) in message(), password in "[ -~]{0,80}") {
        let padding = if form == Form::Rfc3489 { Padding::None } else { Padding::With(byte) };
        let start = Builder::new(message_type, id).padding(padding);
        let plain = attributes.iter().fold(start, |builder, (kind, value)| builder.attribute(*kind, value));
        let sealed = plain.clone().integrity(form, password.as_bytes());
        let stamped = sealed.clone().fingerprint();
        for (builder, more) in [(plain, 0), (sealed, 1), (stamped, 2)] {
            let Ok(wire) = builder.finish() else { panic!("too long") };
            let Some(message) = parse(&wire, wire.len()) else { panic!("not recognised") };
            prop_assert_eq!(message.form, form);
            prop_assert_eq!(message.message_type, message_type);
            prop_assert_eq!(message.transaction_id(), id);
            prop_assert_eq!(message.attributes.len(), attributes.len() + more);
            for (read, (kind, value)) in message.attributes.iter().zip(&attributes) {
                prop_assert_eq!(read.kind, *kind);
                prop_assert_eq!(message.raw(read), &value[..]);
                prop_assert!(message.padding(read).iter().all(|padding| *padding == byte));
            }
            prop_assert_eq!(message.write(), Ok(wire));
            if more > 0 {
                let credentials = Credentials { password: &password, ..Credentials::default() };
                let Integrity::Match(found) = message.verify_integrity(&credentials) else {
                    panic!("does not verify");
                };
                let both = found.computation() == Some(form) || form == Form::Rfc3489 && more == 2;
                prop_assert!(both, "{found:?}");
            }
            let expected = if more == 2 { Fingerprint::Match } else { Fingerprint::Absent };
            prop_assert_eq!(message.verify_fingerprint(), expected);
        }
    }

    #[test]
    fn addresses(address in any::<SocketAddr>(), id in id(Form::Rfc5389), old in id(Form::Rfc3489)) {
        let address = match address {
            SocketAddr::V6(six) => SocketAddr::new((*six.ip()).into(), six.port()),
            SocketAddr::V4(_) => address,
        };
        for id in [id, old] {
            let built = Builder::new(0x0101, id)
                .address(kind::MAPPED_ADDRESS, address)
                .xor_address(kind::XOR_MAPPED_ADDRESS, address)
                .xor_address(kind::XOR_MAPPED_ADDRESS_DRAFT, address)
                .change_request(true, false)
                .finish();
            let Ok(wire) = built else { panic!("too long") };
            let Some(message) = parse(&wire, wire.len()) else { panic!("not recognised") };
            prop_assert_eq!(&message.anomalies, &[]);
            for kind in [kind::MAPPED_ADDRESS, kind::XOR_MAPPED_ADDRESS, kind::XOR_MAPPED_ADDRESS_DRAFT] {
                prop_assert_eq!(message.address(kind), Some(address));
            }
            let change = message.attribute(kind::CHANGE_REQUEST).map(|one| message.value(one));
            prop_assert_eq!(change, Some(Value::ChangeRequest { address: true, port: false }));
        }
    }

    #[test]
    fn errors(code in 100_u16..700, reason in "[ -~]{0,60}", types in prop::collection::vec(any::<u16>(), 0..6)) {
        for padding in [Padding::None, Padding::With(0)] {
            let mut id = [9; 16];
            if padding != Padding::None {
                id[..4].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
            }
            let built = Builder::new(0x0111, id)
                .padding(padding)
                .error_code(code, &reason)
                .unknown_attributes(&types)
                .finish();
            let Ok(wire) = built else { panic!("too long") };
            let Some(message) = parse(&wire, wire.len()) else { panic!("not recognised") };
            prop_assert_eq!(&message.anomalies, &[]);
            let Some(error) = message.error_code() else { panic!("no error") };
            prop_assert_eq!(error.code(), code);
            prop_assert_eq!(error.reason.trim_ascii_end(), reason.trim_end().as_bytes());
            let read = message.attribute(kind::UNKNOWN_ATTRIBUTES).map(|one| message.value(one));
            let Some(Value::UnknownAttributes(read)) = read else { panic!("no types") };
            prop_assert_eq!(&read[..types.len()], &types[..]);
        }
    }

    #[test]
    fn connection_requests(
        timestamp_s in 0..100_000_000_000_u64, id: u64, username in "\\PC{1,20}", cnonce in "[ -~]{1,20}",
        password in any::<Vec<u8>>(),
    ) {
        let draft = Draft {
            authority: "[2001:db8::7]:30005",
            timestamp_s,
            id,
            username: &username,
            cnonce: &cnonce,
        };
        let wire = draft.write(&password);
        let Some(request) = ucr::parse(&wire, wire.len()) else { panic!("not recognised") };
        prop_assert_eq!(&request.anomalies, &[]);
        prop_assert_eq!(request.timestamp_s(), Some(timestamp_s));
        prop_assert_eq!(request.id(), Some(id));
        let value = |name| request.value(name).map(std::borrow::Cow::into_owned);
        prop_assert_eq!(value(Name::Username), Some(username.as_bytes().to_vec()));
        prop_assert_eq!(value(Name::Cnonce), Some(cnonce.as_bytes().to_vec()));
        prop_assert_eq!(request.target.host_and_port(&wire), Some(("2001:db8::7", Some(30005))));
        let matched = Signature::Match { digest: stun::Digest::Sha1, text: SignedText::Decoded };
        prop_assert_eq!(request.verify(&password), matched);
    }
}

#[test]
fn what_no_length_field_can_tell_is_refused() {
    let long = vec![0; 70_000];
    assert!(
        Builder::new(1, [1; 16])
            .attribute(kind::DATA, &long)
            .finish()
            .is_err()
    );
    let half = vec![0; 40_000];
    let two = Builder::new(1, [1; 16])
        .attribute(kind::DATA, &half)
        .attribute(kind::DATA, &half);
    assert!(
        two.integrity(Form::Rfc5389, b"x")
            .fingerprint()
            .finish()
            .is_err()
    );
}
