//! What is written is read again, and verifies.

use http1::auth::{
    Account, Algorithm, Answer, Authorization, Challenge, DigestChallengeFields, Encoding, Request,
    Unwritable, Verdict, authorization, basic_authorization, basic_challenge, challenges,
};
use proptest::prelude::*;

/// Characters that can be written: all but control characters.
const TEXT: &str = "[^\\p{Cc}]{0,12}";

proptest! {
    #[test]
    fn a_digest_is_written_read_and_verified(
        (realm, nonce, opaque) in (TEXT, TEXT, proptest::option::of(TEXT)),
        (user, password, cnonce) in (TEXT, TEXT, TEXT),
        (target, body) in ("/[!-~]{0,12}", proptest::collection::vec(any::<u8>(), 0..9)),
        (algorithm, qop) in (0..7_usize, proptest::sample::select(vec![None, Some("auth"), Some("auth-int"), Some("auth-int, auth")])),
        (userhash, stale, nc) in any::<(bool, bool, u32)>(),
    ) {
        let fields = DigestChallengeFields {
            realm: &realm,
            nonce: &nonce,
            opaque: opaque.as_deref(),
            stale,
            algorithm: Algorithm::ALL.get(algorithm).copied(),
            qop,
            userhash,
            utf8: true,
            domain: None,
        };
        let value = fields.write().expect("it can be written");
        let read = challenges(&value);
        prop_assert_eq!(&read.anomalies, &[]);
        let [Challenge::Digest(challenge)] = read.what.as_slice() else {
            panic!("one challenge of Digest: {:?}", read.what)
        };
        let text = |it: &Option<http1::auth::Parameter<'_>>| it.as_ref().map(|it| it.text().into_owned());
        prop_assert_eq!(text(&challenge.realm), Some(realm.clone().into_bytes()));
        prop_assert_eq!(text(&challenge.nonce), Some(nonce.clone().into_bytes()));
        prop_assert_eq!(text(&challenge.opaque), opaque.clone().map(String::into_bytes));
        prop_assert_eq!(challenge.is_stale(), stale);
        prop_assert_eq!(challenge.algorithm(), Some(fields.algorithm.unwrap_or_default()));

        let account = Account { user: &user, password: &password };
        let request = Request { method: b"GET", target: target.as_bytes(), body: Some(&body) };
        let with = Answer { request, account, encoding: Encoding::Utf8, cnonce: &cnonce, nc };
        let answer = challenge.answer(&with).expect("it can be answered");
        let read = authorization(&answer);
        prop_assert_eq!(&read.anomalies, &[]);
        let Authorization::Digest(digest) = read.what else {
            panic!("no Digest: {}", answer.escape_ascii())
        };
        prop_assert_eq!(digest.mismatches(challenge), vec![]);
        let told = digest.verify(&request, &account);
        // An empty nonce of the client is as it was asked for, and yet told.
        prop_assert!(told == Verdict::Valid || cnonce.is_empty() && told.is_valid(), "{:?} {}", told, answer.escape_ascii());
        if qop.is_some() {
            prop_assert_eq!(digest.nonce_count(), Some(nc));
        }
        let other = Account { password: &format!("{password}x"), ..account };
        prop_assert!(!digest.verify(&request, &other).is_valid());
    }

    #[test]
    fn a_basic_is_written_and_read(user in "[^:\\p{Cc}]{0,12}", password in TEXT, realm in TEXT) {
        let account = Account { user: &user, password: &password };
        for encoding in [Encoding::Utf8, Encoding::Latin1] {
            let Ok(value) = basic_authorization(&account, encoding) else {
                prop_assert_eq!(encoding, Encoding::Latin1);
                continue;
            };
            let read = authorization(&value);
            prop_assert_eq!(&read.anomalies, &[]);
            let told = read.what.basic().and_then(|basic| basic.is_of(&account));
            prop_assert!(told == Some(encoding) || user.is_ascii() && password.is_ascii() && told.is_some());
        }
        let value = basic_challenge(&realm, true).expect("it can be written");
        let read = challenges(&value);
        let basic = read.what.first().and_then(Challenge::basic).expect("it is Basic");
        let text = basic.realm.as_ref().map(|realm| realm.text().into_owned());
        prop_assert_eq!(text, Some(realm.into_bytes()));
        prop_assert!(basic.wants_utf8());
    }
}

#[test]
fn what_cannot_be_written_is_told() {
    let request = Request {
        method: b"GET",
        target: b"/",
        body: None,
    };
    let account = Account {
        user: "phone",
        password: "\u{20ac}",
    };
    let with = |encoding| Answer {
        request,
        account,
        encoding,
        cnonce: "c",
        nc: 1,
    };
    for (value, encoding, why) in [
        (
            "Digest nonce=\"n\"",
            Encoding::Utf8,
            Unwritable::RealmMissing,
        ),
        (
            "Digest realm=\"r\"",
            Encoding::Utf8,
            Unwritable::NonceMissing,
        ),
        (
            "Digest realm=\"r\", nonce=\"n\", algorithm=X",
            Encoding::Utf8,
            Unwritable::AlgorithmUnknown,
        ),
        (
            "Digest realm=\"r\", nonce=\"n\", qop=\"x\"",
            Encoding::Utf8,
            Unwritable::QopUnknown,
        ),
        (
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
            Encoding::Utf8,
            Unwritable::BodyUnknown,
        ),
        (
            "Digest realm=\"r\", nonce=\"n\"",
            Encoding::Latin1,
            Unwritable::NotLatin1,
        ),
        (
            "Digest realm=\"r\r\n s\", nonce=\"n\"",
            Encoding::Utf8,
            Unwritable::ControlCharacter,
        ),
    ] {
        let read = challenges(value.as_bytes());
        let challenge = read.what.first().and_then(Challenge::digest);
        let told = challenge.map(|it| it.answer(&with(encoding)));
        assert_eq!(told, Some(Err(why)), "{value}");
    }
    let fields = DigestChallengeFields {
        realm: "a\r\nSet-Cookie: b",
        ..DigestChallengeFields::default()
    };
    assert_eq!(fields.write(), Err(Unwritable::ControlCharacter));
    for (user, password, why) in [
        ("a:b", "", Unwritable::ColonInUser),
        ("a", "b\n", Unwritable::ControlCharacter),
    ] {
        let account = Account { user, password };
        assert_eq!(basic_authorization(&account, Encoding::Utf8), Err(why));
    }
}
