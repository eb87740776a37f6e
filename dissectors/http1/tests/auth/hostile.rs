//! Whatever the bytes are: nothing panics, ranges lie within, and time is linear.

use std::time::Instant;

use http1::auth::{
    Account, Authorization, Challenge, Parameter, Request, authorization, challenges,
};
use proptest::prelude::*;

use crate::answering::vectors;

const ACCOUNT: Account<'_> = Account {
    user: "u",
    password: "p",
};

/// Reads a value both ways, and uses all that was read.
fn read(value: &[u8]) {
    let request = Request {
        method: b"GET",
        target: value,
        body: None,
    };
    let read = authorization(value);
    assert!(read.anomalies.iter().all(|it| it.offset <= value.len()));
    match &read.what {
        Authorization::Digest(digest) => {
            digest.verify(&request, &ACCOUNT);
            let all = [
                &digest.username,
                &digest.realm,
                &digest.uri,
                &digest.response,
            ];
            all.into_iter()
                .flatten()
                .for_each(|it| lies_within(it, value));
        }
        Authorization::Basic(basic) => assert!(value.get(basic.range.clone()).is_some()),
        Authorization::Other(scheme) => assert!(value.get(scheme.range.clone()).is_some()),
    }
    let asked = challenges(value);
    assert!(asked.anomalies.iter().all(|it| it.offset <= value.len()));
    let mut end = 0;
    for challenge in &asked.what {
        let range = match challenge {
            Challenge::Digest(it) => it.range.clone(),
            Challenge::Basic(it) => it.range.clone(),
            Challenge::Other(it) => it.range.clone(),
        };
        assert!(range.start >= end && value.get(range.clone()).is_some());
        end = range.end;
        if let (Challenge::Digest(asked), Authorization::Digest(given)) = (challenge, &read.what) {
            given.mismatches(asked);
            [&asked.realm, &asked.nonce]
                .into_iter()
                .flatten()
                .for_each(|it| lies_within(it, value));
        }
    }
}

fn lies_within(parameter: &Parameter<'_>, value: &[u8]) {
    assert_eq!(value.get(parameter.range.clone()), Some(parameter.raw));
    assert!(parameter.text().len() <= parameter.raw.len());
}

proptest! {
    #[test]
    fn any_bytes_are_read(value in proptest::collection::vec(any::<u8>(), 0..200)) {
        read(&value);
    }

    #[test]
    fn anything_made_of_the_grammar_is_read(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "Digest", "Basic", " ", ",", "=", "\"", "\\", ";", "\r\n ", "\n", "realm", "nonce", "qop", "auth", "auth-int",
                "response", "uri", "username", "username*", "UTF-8''%4", "nc", "algorithm", "MD5-sess", "0123456789abcdef",
                "0123456789abcdef0123456789abcdef", "/a?b", "http://a", "x", "\u{e4}", "Inc",
            ]),
            0..40,
        ),
    ) {
        read(parts.concat().as_bytes());
    }

    #[test]
    fn every_vector_is_read_with_a_byte_changed(which in 0..40_usize, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let vectors = vectors();
        let Some(vector) = vectors.get(which) else {
            return Ok(());
        };
        for value in [vector.credentials, vector.challenge] {
            let mut value = value.to_vec();
            let at = at.index(value.len());
            if let Some(place) = value.get_mut(at) {
                *place = byte;
            }
            read(&value);
        }
    }
}

#[test]
fn every_prefix_of_every_vector_is_read() {
    for vector in vectors().iter().step_by(5) {
        for value in [vector.credentials, vector.challenge] {
            for end in 0..value.len() {
                read(value.get(..end).unwrap_or_default());
            }
        }
    }
}

/// Sixteen times the bytes take sixteen times as long, not 256 times.
#[test]
fn time_is_linear() {
    for unit in [
        "a,",
        "a ",
        "a=b,",
        "a=b ",
        "a=\"",
        "\"",
        "\\",
        "=",
        ", ",
        "Digest ",
        "Digest,",
        "Digest a=\"b\\\",",
        "a;",
        "a=,b,",
        "%41",
        "\n",
        "Digest realm=a,b c,",
    ] {
        for scheme in [
            "Digest ",
            "Basic ",
            "Digest username=u,response=0123456789abcdef0123456789abcdef,uri=",
        ] {
            let value = format!("{scheme}{}", unit.repeat(256 * 1024 / unit.len()));
            let begun = Instant::now();
            read(value.as_bytes());
            let taken = begun.elapsed();
            // A quadratic reader would take minutes.
            assert!(taken.as_millis() < 2000, "{unit:?} {taken:?}");
        }
    }
}
