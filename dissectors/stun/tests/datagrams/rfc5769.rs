//! The test vectors of RFC 5769: values, MESSAGE-INTEGRITY, FINGERPRINT, and the way back.

use stun::{
    Builder, Credentials, Fingerprint, Form, Integrity, Key, Message, Padding, Value, kind,
    long_term_key, parse, short_term_key,
};

use crate::{Outcome, shared};

const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";

fn vector(name: &str) -> Option<(Vec<u8>, Message)> {
    let file = shared("captures/stun")?.join(format!("rfc5769-{name}.bin"));
    let wire = std::fs::read(file).ok()?;
    let message = parse(&wire, wire.len())?;
    assert_eq!(message.form, Form::Rfc5389);
    assert_eq!(message.anomalies, []);
    assert_eq!(message.write().as_ref(), Ok(&wire));
    Some((wire, message))
}

fn check(message: &Message, credentials: &Credentials<'_>, key: Key) {
    let Integrity::Match(found) = message.verify_integrity(credentials) else {
        panic!("does not verify");
    };
    assert_eq!((found.computation(), found.key), (Some(Form::Rfc5389), key));
    let wrong = Credentials {
        password: "wrong",
        ..*credentials
    };
    assert_eq!(message.verify_integrity(&wrong), Integrity::Mismatch);
}

fn start(message: &Message) -> Result<Builder, Box<dyn std::error::Error>> {
    let builder = Builder::new(message.message_type, message.transaction_id().try_into()?);
    Ok(builder.padding(Padding::With(b' ')))
}

#[test]
fn sample_request() -> Outcome {
    let Some((wire, message)) = vector("2.1-sample-request") else {
        return Ok(());
    };
    assert_eq!(message.text(kind::SOFTWARE), Some(&b"STUN test client"[..]));
    assert_eq!(message.text(kind::USERNAME), Some(&b"evtj:h6vY"[..]));
    let number = |kind| message.attribute(kind).map(|one| message.value(one));
    assert_eq!(number(kind::PRIORITY), Some(Value::Number(0x6E00_01FF)));
    assert_eq!(
        number(kind::ICE_CONTROLLED),
        Some(Value::Number(0x932F_F9B1_5126_3B36))
    );
    let credentials = Credentials {
        password: PASSWORD,
        ..Credentials::default()
    };
    check(&message, &credentials, Key::Password);
    assert_eq!(message.verify_fingerprint(), Fingerprint::Match);
    let built = start(&message)?
        .attribute(kind::SOFTWARE, b"STUN test client")
        .attribute(kind::PRIORITY, &0x6E00_01FF_u32.to_be_bytes())
        .attribute(
            kind::ICE_CONTROLLED,
            &0x932F_F9B1_5126_3B36_u64.to_be_bytes(),
        )
        .attribute(kind::USERNAME, b"evtj:h6vY")
        .integrity(Form::Rfc5389, &short_term_key(PASSWORD))
        .fingerprint();
    assert_eq!(built.finish(), Ok(wire));
    Ok(())
}

#[test]
fn responses() -> Outcome {
    for (name, address) in [
        ("2.2-ipv4-response", "192.0.2.1:32853"),
        (
            "2.3-ipv6-response",
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
        ),
    ] {
        let Some((wire, message)) = vector(name) else {
            return Ok(());
        };
        let address = address.parse()?;
        assert_eq!(message.text(kind::SOFTWARE), Some(&b"test vector"[..]));
        assert_eq!(message.mapped_address(), Some(address));
        let credentials = Credentials {
            password: PASSWORD,
            ..Credentials::default()
        };
        check(&message, &credentials, Key::Password);
        assert_eq!(message.verify_fingerprint(), Fingerprint::Match);
        let built = start(&message)?
            .attribute(kind::SOFTWARE, b"test vector")
            .xor_address(kind::XOR_MAPPED_ADDRESS, address)
            .integrity(Form::Rfc5389, &short_term_key(PASSWORD))
            .fingerprint();
        assert_eq!(built.finish(), Ok(wire));
    }
    Ok(())
}

#[test]
fn request_with_long_term_authentication() -> Outcome {
    let Some((wire, message)) = vector("2.4-longterm-request") else {
        return Ok(());
    };
    let username = "\u{30DE}\u{30C8}\u{30EA}\u{30C3}\u{30AF}\u{30B9}";
    assert_eq!(message.text(kind::USERNAME), Some(username.as_bytes()));
    assert_eq!(message.text(kind::REALM), Some(&b"example.org"[..]));
    // With the soft hyphen and the ordinal indicator that SASLprep takes out, and as prepared.
    for password in ["The\u{AD}M\u{AA}tr\u{2168}", "TheMatrIX"] {
        let credentials = Credentials {
            password,
            ..Credentials::default()
        };
        check(&message, &credentials, Key::LongTerm);
        let named = Credentials {
            password,
            username: Some(username),
            realm: Some("example.org"),
        };
        check(&message, &named, Key::LongTerm);
    }
    assert_eq!(message.verify_fingerprint(), Fingerprint::Absent);
    let key = long_term_key(username.as_bytes(), b"example.org", "TheMatrIX");
    let built = Builder::new(1, message.transaction_id().try_into()?)
        .padding(Padding::With(0))
        .attribute(kind::USERNAME, username.as_bytes())
        .attribute(kind::NONCE, b"f//499k954d6OL34oL9FSTvy64sA")
        .attribute(kind::REALM, b"example.org")
        .integrity(Form::Rfc5389, &key);
    assert_eq!(built.finish(), Ok(wire));
    Ok(())
}

#[test]
fn a_bit_that_flips_is_noticed() -> Outcome {
    let Some((wire, _)) = vector("2.1-sample-request") else {
        return Ok(());
    };
    let credentials = Credentials {
        password: PASSWORD,
        ..Credentials::default()
    };
    for at in 24..wire.len() - 32 {
        let mut bent = wire.clone();
        if let Some(byte) = bent.get_mut(at) {
            *byte ^= 1;
        }
        let Some(message) = parse(&bent, bent.len()) else {
            continue;
        };
        assert!(
            !matches!(message.verify_integrity(&credentials), Integrity::Match(_)),
            "{at}"
        );
        assert_ne!(message.verify_fingerprint(), Fingerprint::Match, "{at}");
    }
    Ok(())
}
