//! The vectors of the rule book: each decodes, verifies, and is written back to the byte.

use serde_json::Value as Json;
use stun::ucr::{self, Draft, Likeness, Name};
use stun::{
    Builder, Credentials, Form, Integrity, IntegrityMatch, LengthField, Message, Signature,
    SignedText, kind, padded_text, parse,
};

use crate::{Outcome, bytes, names, shared};

fn vectors() -> Result<Option<Json>, Box<dyn std::error::Error>> {
    let Some(file) = shared("spec/test_vectors.json") else {
        return Ok(None);
    };
    Ok(Some(serde_json::from_slice(&std::fs::read(file)?)?))
}

/// The transaction id of all the vectors.
const ID: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

fn request() -> Builder {
    Builder::new(0x0001, ID)
}

fn named() -> Builder {
    request()
        .attribute(kind::USERNAME, b"stunuser")
        .connection_request_binding()
}

#[test]
fn stun_vectors() -> Outcome {
    let Some(json) = vectors()? else {
        return Ok(());
    };
    let all = &json["stun_binding_request_hex_tid_000102..0f"];
    let number = all.as_object().map_or(0, serde_json::Map::len);
    let changed = || named().binding_change();
    let binding = kind::CONNECTION_REQUEST_BINDING;
    let cases: Vec<(&str, Builder, &[&str])> = vec![
        (
            "keepalive_no_username",
            request().connection_request_binding(),
            &[],
        ),
        ("keepalive_username", named(), &[]),
        (
            "username_padded_trailing_space",
            request()
                .attribute(kind::USERNAME, &padded_text(b"user7"))
                .connection_request_binding(),
            &[],
        ),
        ("binding_change", changed(), &[]),
        (
            "binding_change_mi_rfc3489",
            changed().integrity(Form::Rfc3489, b"stunpass"),
            &[],
        ),
        (
            "binding_change_mi_rfc5389_style",
            changed().integrity(Form::Rfc5389, b"stunpass"),
            &[],
        ),
        (
            "secondary_probe",
            request().address(kind::RESPONSE_ADDRESS, "203.0.113.9:40000".parse()?),
            &[],
        ),
        (
            "bad_crb_19_bytes",
            request().attribute(binding, b"dslforum.org/TR-111"),
            &[
                "length-unaligned",
                "attribute-unpadded",
                "connection-request-binding-odd",
            ],
        ),
        (
            "bad_crb_nul_pad",
            request().attribute(binding, b"dslforum.org/TR-111\0"),
            &["connection-request-binding-odd"],
        ),
        ("bad_change_without_crb", request().binding_change(), &[]),
    ];
    assert_eq!(cases.len(), number, "every vector has its case");
    for (name, builder, odd) in cases {
        let wire = all[name].as_str().or(all[name]["hex"].as_str());
        let wire = bytes(wire.ok_or("a vector without hex")?);
        let message = parse(&wire, wire.len()).ok_or("a vector that is not recognised")?;
        assert_eq!(message.form, Form::Rfc3489, "{name}");
        assert_eq!(message.type_name(), "Binding Request", "{name}");
        assert_eq!(message.transaction_id(), ID, "{name}");
        assert_eq!(names(&message.anomalies), odd, "{name}");
        assert_eq!(message.write(), Ok(wire.clone()), "{name}, written again");
        assert_eq!(builder.finish(), Ok(wire), "{name}, built anew");
    }
    Ok(())
}

fn vector(json: &Json, name: &str) -> Option<Message> {
    let value = &json["stun_binding_request_hex_tid_000102..0f"][name];
    let wire = bytes(value.as_str().or(value["hex"].as_str())?);
    parse(&wire, wire.len())
}

#[test]
fn stun_vectors_say_what_they_say() -> Outcome {
    let Some(json) = vectors()? else {
        return Ok(());
    };
    let padded = vector(&json, "username_padded_trailing_space").ok_or("missing")?;
    assert_eq!(padded.text(kind::USERNAME), Some(&b"user7   "[..]));
    assert_eq!(padded.username(), Some(&b"user7"[..]));
    let probe = vector(&json, "secondary_probe").ok_or("missing")?;
    assert_eq!(
        probe.address(kind::RESPONSE_ADDRESS),
        Some("203.0.113.9:40000".parse()?)
    );
    assert!(!probe.is_tr111());
    let alone = vector(&json, "bad_change_without_crb").ok_or("missing")?;
    assert!(alone.has(kind::BINDING_CHANGE) && !alone.has(kind::CONNECTION_REQUEST_BINDING));

    let right = Credentials {
        password: "stunpass",
        ..Credentials::default()
    };
    let wrong = Credentials {
        password: "stunPass",
        ..Credentials::default()
    };
    for (name, computation, length, zero_padded) in [
        (
            "binding_change_mi_rfc3489",
            Form::Rfc3489,
            LengthField::AsSent,
            true,
        ),
        (
            "binding_change_mi_rfc5389_style",
            Form::Rfc5389,
            LengthField::ToIntegrity,
            false,
        ),
    ] {
        let message = vector(&json, name).ok_or("missing")?;
        let Integrity::Match(found) = message.verify_integrity(&right) else {
            panic!("{name} does not verify");
        };
        assert_eq!(found.computation(), Some(computation), "{name}");
        assert_eq!(
            (found.length, found.zero_padded),
            (length, zero_padded),
            "{name}"
        );
        assert_eq!(
            message.verify_integrity(&wrong),
            Integrity::Mismatch,
            "{name}"
        );
    }
    assert_eq!(padded.verify_integrity(&right), Integrity::Absent);
    Ok(())
}

#[test]
fn agents_that_leave_the_attribute_out_of_the_length_are_named() -> Outcome {
    let before = named().binding_change().finish().map_err(|_| "too long")?;
    for padded in [false, true] {
        let mut text = before.clone();
        if padded {
            text.resize(64, 0);
        }
        // HMAC-SHA1 with the length of what stands before the attribute, computed by RFC 2104's own words.
        let value = hmac_sha1(b"stunpass", &text);
        let whole = named()
            .binding_change()
            .attribute(kind::MESSAGE_INTEGRITY, &value);
        let whole = whole.finish().map_err(|_| "too long")?;
        let message = parse(&whole, whole.len()).ok_or("not recognised")?;
        let right = Credentials {
            password: "stunpass",
            ..Credentials::default()
        };
        let Integrity::Match(IntegrityMatch {
            length,
            zero_padded,
            ..
        }) = message.verify_integrity(&right)
        else {
            panic!("does not verify");
        };
        assert_eq!(
            (length, zero_padded),
            (LengthField::BeforeIntegrity, padded)
        );
    }
    Ok(())
}

fn hmac_sha1(key: &[u8], text: &[u8]) -> Vec<u8> {
    use sha1::{Digest, Sha1};
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha1::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text);
    let outer = Sha1::new().chain_update(block.map(|byte| byte ^ 0x5C));
    outer.chain_update(inner.finalize()).finalize().to_vec()
}

#[test]
fn signatures_of_connection_requests() -> Outcome {
    let Some(json) = vectors()? else {
        return Ok(());
    };
    let all = json["ucr_hmac_sha1"].as_array().ok_or("no vectors")?;
    assert_eq!(all.len(), 4);
    for vector in all {
        let text = |name: &str| vector[name].as_str().unwrap_or_default();
        let draft = Draft {
            authority: "10.1.1.1:8080",
            timestamp_s: text("ts").parse()?,
            id: text("id").parse()?,
            username: text("un"),
            cnonce: text("cn"),
        };
        assert_eq!(draft.signed_text(), text("text"));
        assert_eq!(draft.signature(text("key").as_bytes()), text("sig"));
        let wire = draft.write(text("key").as_bytes());
        let request = ucr::parse(&wire, wire.len()).ok_or("not recognised")?;
        let matched = Signature::Match {
            digest: stun::Digest::Sha1,
            text: SignedText::Decoded,
        };
        assert_eq!(request.verify(text("key").as_bytes()), matched);
        assert_eq!(request.verify(b"another"), Signature::Mismatch);
        assert_eq!(request.anomalies, []);
    }
    Ok(())
}

#[test]
fn the_valid_datagram_and_the_example_of_the_specification() -> Outcome {
    let Some(json) = vectors()? else {
        return Ok(());
    };
    let wire = json["ucr_valid_datagram"]
        .as_str()
        .ok_or("missing")?
        .as_bytes();
    let request = ucr::parse(wire, wire.len()).ok_or("not recognised")?;
    assert_eq!(request.anomalies, []);
    assert_eq!(request.timestamp_s(), Some(1_120_673_700));
    assert_eq!(request.id(), Some(1234));
    assert_eq!(request.host(), Some(&b"10.1.1.1:8080"[..]));
    assert_eq!(
        request.target.host_and_port(wire),
        Some(("10.1.1.1", Some(8080)))
    );
    assert!(matches!(
        request.verify(b"password"),
        Signature::Match { .. }
    ));
    let draft = Draft {
        authority: "10.1.1.1:8080",
        timestamp_s: 1_120_673_700,
        id: 1234,
        username: "CPE57689",
        cnonce: "XTGRWIPC6D3IPXS3",
    };
    assert_eq!(draft.write(b"password"), wire);

    let example = &json["spec_example"];
    let uri = example["uri"].as_str().ok_or("missing")?;
    assert_eq!(draft.uri("3545F7B5820D76A3DF45A3A509DA8D8C38F13512"), uri);
    let wire = format!("GET {uri} HTTP/1.1\r\nHost: 10.1.1.1:8080\r\n\r\n").into_bytes();
    let specified = ucr::parse(&wire, wire.len()).ok_or("not recognised")?;
    assert_eq!(specified.anomalies, []);
    let signed = example["signed_text"].as_str().ok_or("missing")?.as_bytes();
    assert_eq!(specified.signed_text(SignedText::Decoded), signed);
    assert_eq!(specified.verify(b"password"), Signature::Mismatch);
    assert_eq!(specified.likeness(&request), Likeness::SameTimestampAndId);
    Ok(())
}

/// The two servers that the rule book describes, filled in.
#[test]
fn shapes_of_real_servers() -> Outcome {
    let Some(json) = vectors()? else {
        return Ok(());
    };
    let shapes = json["ucr_real_world_shapes"].as_object().ok_or("missing")?;
    assert_eq!(shapes.len(), 2);
    for (name, shape) in shapes {
        let shape = shape.as_str().ok_or("missing")?;
        let free = name.starts_with("freeacs");
        let signature = if free {
            "ab".repeat(32)
        } else {
            "ab".repeat(20)
        };
        let wire: String = shape.split(" (").next().unwrap_or_default().to_owned();
        let wire = wire
            .split(", 3 identical")
            .next()
            .unwrap_or_default()
            .to_owned();
        let wire = wire
            .replace("\\r\\n", "\r\n")
            .replace("{host}:{port}", "192.0.2.7:30005")
            .replace("{addr}", "192.0.2.7:30005")
            .replace("{sec}", "1795291484")
            .replace("{MILLISECONDS}", "1795291484123")
            .replace("{u32}", "7")
            .replace("id=..", "id=7")
            .replace("un=..", "un=me")
            .replace("cn=..", "cn=0badcafe")
            .replace("{user}", "a b")
            .replace("{16 hex}", "0123456789abcdef")
            .replace("{40 lower hex}", &signature)
            .replace("{64 HEX = HMAC-SHA256}", &signature.to_uppercase());
        let request = ucr::parse(wire.as_bytes(), wire.len()).ok_or("not recognised")?;
        assert_eq!(request.timestamp_s(), Some(1_795_291_484), "{name}");
        let odd: &[&str] = if free {
            &[
                "host-missing",
                "path-not-empty",
                "timestamp-milliseconds",
                "signature-length-odd",
            ]
        } else {
            assert_eq!(request.value(Name::Username).as_deref(), Some(&b"a b"[..]));
            &["query-byte-odd"]
        };
        assert_eq!(names(&request.anomalies), odd, "{name}");
    }
    Ok(())
}
