//! Challenges and credentials of HTTP: every part in its place, every check ends, and what is written is read back and
//! holds.

use http1::auth::{
    Account, Answer, Authorization, BasicChallenge, Challenge, DigestAuthorization,
    DigestChallenge, DigestChallengeFields, Encoding, Parameter, Request, Scheme, Unverifiable,
    UriMatch, Verdict, authorization, basic_authorization, basic_challenge, challenges, uri_match,
};

/// Texts with a byte 0x1E between: a challenge's value, credentials' value, method, target, user, password, body.
pub fn run(data: &[u8]) {
    let mut texts = data.split(|byte| *byte == 0x1E);
    let mut next = || texts.next().unwrap_or_default();
    let (challenge, credentials) = (next(), next());
    let (method, target) = (next(), next());
    let (user, password) = (
        String::from_utf8_lossy(next()),
        String::from_utf8_lossy(next()),
    );
    let request = Request {
        method,
        target,
        body: texts.next(),
    };
    let account = Account {
        user: &user,
        password: &password,
    };
    let asked = challenges(challenge);
    within(&asked.anomalies, challenge);
    for challenge_read in &asked.what {
        look_at_challenge(challenge_read, challenge);
    }
    let given = authorization(credentials);
    within(&given.anomalies, credentials);
    look_at_authorization(&given.what, credentials, &account);
    let wanted = asked.what.iter().find_map(Challenge::digest);
    if let Some(digest) = given.what.digest() {
        let _ = digest.verify(&request, &account);
        if let Some(wanted) = wanted {
            let _ = digest.mismatches(wanted);
        }
    }
    if let Some(wanted) = wanted {
        answered(wanted, &request, &account);
    }
    challenged(&user, &password, target);
    basic(&account);
    let (uri, target) = (credentials, target);
    assert_eq!(uri_match(uri, target), uri_match(target, uri));
    assert_eq!(uri_match(uri, uri), UriMatch::Same);
}

fn within(anomalies: &[http1::auth::Anomaly], value: &[u8]) {
    assert!(anomalies.iter().all(|odd| odd.offset <= value.len()));
}

/// A range that lies in the value, and a parameter that is what stands there.
fn in_place(parameters: &[&Parameter<'_>], range: &std::ops::Range<usize>, value: &[u8]) {
    assert!(range.start <= range.end && range.end <= value.len());
    for parameter in parameters {
        assert_eq!(value.get(parameter.range.clone()), Some(parameter.raw));
        assert!(range.start <= parameter.range.start && parameter.range.end <= range.end);
        assert!(parameter.text().len() <= parameter.raw.len());
        assert!(parameter.list().all(|word| !word.is_empty()));
    }
}

fn all<'p, 'v>(
    known: &[&'p Option<Parameter<'v>>],
    others: &'p [Parameter<'v>],
) -> Vec<&'p Parameter<'v>> {
    let known = known.iter().filter_map(|parameter| parameter.as_ref());
    known.chain(others).collect()
}

fn look_at_scheme(scheme: &Scheme<'_>, value: &[u8]) {
    in_place(&all(&[], &scheme.parameters), &scheme.range, value);
    assert!(scheme.token68.unwrap_or_default().len() <= scheme.range.len());
}

fn look_at_challenge(challenge: &Challenge<'_>, value: &[u8]) {
    match challenge {
        Challenge::Basic(BasicChallenge {
            range,
            realm,
            charset,
            others,
        }) => in_place(&all(&[realm, charset], others), range, value),
        Challenge::Digest(it) => {
            let known = [
                &it.realm,
                &it.domain,
                &it.nonce,
                &it.opaque,
                &it.stale,
                &it.algorithm,
                &it.qop,
                &it.charset,
                &it.userhash,
            ];
            in_place(&all(&known, &it.others), &it.range, value);
            let _ = (it.algorithm(), it.is_stale(), it.wants_utf8());
            assert!(it.qops().all(|qop| it.offers(qop)));
        }
        Challenge::Other(scheme) => look_at_scheme(scheme, value),
    }
}

fn look_at_authorization(given: &Authorization<'_>, value: &[u8], account: &Account<'_>) {
    match given {
        Authorization::Basic(basic) => {
            in_place(&[], &basic.range, value);
            assert!(basic.user.len() + basic.password.len() <= basic.range.len());
            let _ = basic.is_of(account);
            let _ = (Encoding::decode(&basic.user), format!("{basic:?}"));
        }
        Authorization::Digest(it) => look_at_digest(it, value),
        Authorization::Other(scheme) => look_at_scheme(scheme, value),
    }
}

fn look_at_digest(it: &DigestAuthorization<'_>, value: &[u8]) {
    let known = [
        &it.username,
        &it.username_extended,
        &it.realm,
        &it.nonce,
        &it.uri,
        &it.response,
        &it.algorithm,
        &it.qop,
        &it.nc,
        &it.cnonce,
        &it.opaque,
        &it.userhash,
    ];
    in_place(&all(&known, &it.others), &it.range, value);
    let _ = (
        it.algorithm(),
        it.user(),
        it.is_userhash(),
        it.nonce_count(),
    );
}

/// The answer to a challenge, read back, answers it and is valid.
fn answered(wanted: &DigestChallenge<'_>, request: &Request<'_>, account: &Account<'_>) {
    for encoding in [Encoding::Utf8, Encoding::Latin1] {
        let with = Answer {
            request: *request,
            account: *account,
            encoding,
            cnonce: "0a4f113b",
            nc: 1,
        };
        let Ok(value) = wanted.answer(&with) else {
            return;
        };
        let read = authorization(&value);
        let digest = read.what.digest().expect("what answers Digest is Digest");
        assert_eq!(
            digest.mismatches(wanted),
            [],
            "{:?}",
            String::from_utf8_lossy(&value)
        );
        let verdict = digest.verify(request, account);
        let ascii = account.user.is_ascii() && account.password.is_ascii();
        let right = if encoding == Encoding::Utf8 || ascii {
            verdict == Verdict::Valid
        } else {
            verdict.is_valid() || verdict == Verdict::Unverifiable(Unverifiable::TooLong)
        };
        assert!(right, "{verdict:?}: {:?}", String::from_utf8_lossy(&value));
        if ascii {
            return;
        }
    }
}

/// A challenge that is written is read back.
fn challenged(realm: &str, nonce: &str, opaque: &[u8]) {
    let opaque = String::from_utf8_lossy(opaque);
    let fields = DigestChallengeFields {
        realm,
        nonce,
        opaque: Some(&opaque),
        qop: Some("auth,auth-int"),
        stale: true,
        utf8: true,
        ..DigestChallengeFields::default()
    };
    let Ok(value) = fields.write() else {
        return;
    };
    let read = challenges(&value);
    assert_eq!(read.anomalies, [], "{:?}", String::from_utf8_lossy(&value));
    let [Challenge::Digest(digest)] = &read.what[..] else {
        panic!("one challenge was written: {:?}", read.what);
    };
    for (parameter, text) in [
        (&digest.realm, realm),
        (&digest.nonce, nonce),
        (&digest.opaque, &opaque),
    ] {
        let said = parameter.as_ref().map(Parameter::text);
        assert_eq!(said.as_deref(), Some(text.as_bytes()));
    }
    assert!(digest.is_stale() && digest.wants_utf8() && digest.offers(b"auth-int"));
}

/// The same of Basic, both sides.
fn basic(account: &Account<'_>) {
    if let Ok(value) = basic_challenge(account.user, true) {
        let read = challenges(&value);
        let basic = read.what.first().and_then(Challenge::basic);
        let realm = basic.and_then(|basic| basic.realm.as_ref());
        let said = realm.map(Parameter::text);
        assert_eq!(said.as_deref(), Some(account.user.as_bytes()));
        assert_eq!((read.what.len(), read.anomalies.len()), (1, 0));
    }
    for encoding in [Encoding::Utf8, Encoding::Latin1] {
        if let Ok(value) = basic_authorization(account, encoding) {
            let read = authorization(&value);
            assert_eq!(read.anomalies, []);
            let basic = read
                .what
                .basic()
                .expect("what is written as Basic is Basic");
            assert!(basic.is_of(account).is_some());
        }
    }
}
