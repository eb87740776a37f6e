//! What agents do wrong, one by one: each is told by its name, and nothing else is.

use std::collections::BTreeSet;

use http1::auth::{
    Account, Algorithm, Computation, Counted, Deviation, Hash, Request, Unverifiable, Verdict,
};

use crate::documents::verdict;

const ACCOUNT: Account<'_> = Account {
    user: "phone",
    password: "gehe\u{ef}m",
};
const REQUEST: Request<'_> = Request {
    method: b"GET",
    target: b"/cr?id=%31",
    body: Some(b"<x/>"),
};

/// What a good agent computes for [`REQUEST`].
fn computation() -> Computation<'static> {
    Computation {
        algorithm: Algorithm::default(),
        user: b"phone",
        realm: b"acs",
        password: "gehe\u{ef}m".as_bytes(),
        nonce: b"abc",
        cnonce: b"def",
        counted: Some(Counted {
            qop: b"auth",
            nc: b"00000001",
        }),
        method: b"GET",
        uri: b"/cr?id=%31",
        body: b"<x/>",
    }
}

/// Credentials as a good agent writes them, with this response.
fn credentials(response: &str) -> String {
    format!(
        "Digest username=\"phone\", realm=\"acs\", nonce=\"abc\", uri=\"/cr?id=%31\", qop=auth, nc=00000001, cnonce=\"def\", \
         response=\"{response}\""
    )
}

/// One way to err: what is computed, what is changed in the text, and what is to be told.
struct Error {
    compute: fn(&mut Computation<'static>),
    from: &'static str,
    to: &'static str,
    told: &'static [Deviation],
}

const fn computed(compute: fn(&mut Computation<'static>), told: &'static [Deviation]) -> Error {
    Error {
        compute,
        from: "",
        to: "",
        told,
    }
}

const fn written(from: &'static str, to: &'static str, told: &'static [Deviation]) -> Error {
    both(|_| {}, from, to, told)
}

const fn both(
    compute: fn(&mut Computation<'static>),
    from: &'static str,
    to: &'static str,
    told: &'static [Deviation],
) -> Error {
    Error {
        compute,
        from,
        to,
        told,
    }
}

fn qop(computation: &mut Computation<'static>, qop: &'static [u8]) {
    if let Some(counted) = &mut computation.counted {
        counted.qop = qop;
    }
}

fn nc(computation: &mut Computation<'static>, nc: &'static [u8]) {
    if let Some(counted) = &mut computation.counted {
        counted.nc = nc;
    }
}

fn algorithm(computation: &mut Computation<'static>, hash: Hash, session: bool) {
    computation.algorithm = Algorithm::of(hash, session);
}

const ERRORS: &[Error] = &[
    both(
        |c| c.user = b"Phone",
        "phone",
        "Phone",
        &[Deviation::UserDiffers],
    ),
    written("phone", "Phone", &[Deviation::UserNamedOtherwise]),
    computed(|c| c.password = b"gehe\xefm", &[Deviation::Latin1]),
    both(
        |c| c.realm = b"a\\\"cs",
        "acs",
        "a\\\"cs",
        &[Deviation::EscapesKept],
    ),
    computed(
        |c| algorithm(c, Hash::Sha256, false),
        &[Deviation::AlgorithmMissing],
    ),
    both(
        |c| algorithm(c, Hash::Sha512_256, true),
        "qop",
        "algorithm=SHA-999, qop",
        &[Deviation::AlgorithmUnknown],
    ),
    both(
        |c| algorithm(c, Hash::Sha256, false),
        "qop",
        "algorithm=MD5, qop",
        &[Deviation::AlgorithmDiffers],
    ),
    both(
        |c| algorithm(c, Hash::Sha512Cut, false),
        "qop",
        "algorithm=SHA-512-256, qop",
        &[Deviation::Sha512Cut],
    ),
    written(
        "qop",
        "algorithm=MD5-sess, qop",
        &[Deviation::SessionIgnored],
    ),
    computed(
        |c| algorithm(c, Hash::Md5, true),
        &[Deviation::SessionUnannounced],
    ),
    computed(|c| c.method = b"get", &[Deviation::MethodDiffers]),
    computed(|c| c.method = b"POST", &[Deviation::MethodDiffers]),
    written(
        "/cr?id=%31",
        "/cr",
        &[Deviation::UriHashedAsTarget, Deviation::UriQueryMissing],
    ),
    both(
        |c| c.uri = b"/cr",
        "/cr?id=%31",
        "/cr",
        &[Deviation::UriQueryMissing],
    ),
    both(
        |c| c.uri = b"/cr?id=1",
        "/cr?id=%31",
        "http://cpe:7547/cr?id=1",
        &[
            Deviation::UriHashedWithoutAuthority,
            Deviation::UriPercentEncoding,
        ],
    ),
    computed(|c| c.uri = b"/cr", &[Deviation::UriHashedWithoutQuery]),
    computed(|c| c.uri = b"/cr?id=1", &[Deviation::UriHashedDecoded]),
    both(
        |c| c.uri = b"http://cpe/cr?id=%31",
        "/cr",
        "http://cpe/cr",
        &[Deviation::UriAbsoluteForm],
    ),
    both(
        |c| c.uri = b"/other",
        "/cr?id=%31",
        "/other",
        &[Deviation::UriDiffers],
    ),
    both(|c| qop(c, b"auth-int"), "qop=auth", "qop=auth-int", &[]),
    both(
        |c| {
            qop(c, b"auth-int");
            c.body = b"";
        },
        "qop=auth",
        "qop=auth-int",
        &[Deviation::BodyHashedEmpty],
    ),
    computed(|c| c.counted = None, &[Deviation::QopNotHashed]),
    written(
        "qop=auth, nc=00000001, ",
        "",
        &[
            Deviation::QopHashedUnannounced,
            Deviation::CountedWithoutQop,
        ],
    ),
    computed(|c| qop(c, b"\"auth\""), &[Deviation::QopHashedQuoted]),
    written(
        "qop=auth",
        "qop=\"auth,auth-int\"",
        &[
            Deviation::QopHashedOtherwise,
            Deviation::QopQuoted,
            Deviation::QopUnknown,
        ],
    ),
    written(
        "00000001",
        "1",
        &[Deviation::NcHashedPadded, Deviation::NcMalformed],
    ),
    computed(|c| nc(c, b"1"), &[Deviation::NcHashedShort]),
    computed(|c| c.cnonce = b"", &[Deviation::CnonceHashedEmpty]),
    written("qop=auth", "qop=\"auth\"", &[Deviation::QopQuoted]),
    written(
        "qop",
        "algorithm=\"MD5\", qop",
        &[Deviation::AlgorithmQuoted],
    ),
    written("00000001", "\"00000001\"", &[Deviation::NcQuoted]),
    both(
        |c| nc(c, b"0000000A"),
        "00000001",
        "0000000A",
        &[Deviation::NcUpper],
    ),
    both(|c| nc(c, b""), "nc=00000001, ", "", &[Deviation::NcMissing]),
    both(
        |c| c.cnonce = b"",
        "cnonce=\"def\", ",
        "",
        &[Deviation::CnonceMissing],
    ),
    both(
        |c| c.cnonce = b"",
        "\"def\"",
        "\"\"",
        &[Deviation::CnonceEmpty],
    ),
    both(
        |c| c.counted = None,
        "qop=auth, ",
        "",
        &[Deviation::CountedWithoutQop],
    ),
    written("\"abc\"", "abc", &[Deviation::QuotesMissing]),
    written(
        "\"phone\"",
        "\"00000000000000000000000000000000\", userhash=true",
        &[Deviation::UserhashDiffers],
    ),
    both(
        |c| {
            c.counted = None;
            c.method = b"get";
        },
        "\"abc\"",
        "abc",
        &[
            Deviation::QopNotHashed,
            Deviation::MethodDiffers,
            Deviation::QuotesMissing,
        ],
    ),
];

#[test]
fn every_known_error_is_told() {
    let mut told = BTreeSet::new();
    for error in ERRORS {
        let mut computation = computation();
        (error.compute)(&mut computation);
        let text = credentials(&computation.response());
        assert!(text.contains(error.from));
        let text = if error.from.is_empty() {
            text
        } else {
            text.replacen(error.from, error.to, 1)
        };
        let wanted = match error.told {
            [] => Verdict::Valid,
            deviations => Verdict::ValidWith(deviations.to_vec()),
        };
        assert_eq!(
            verdict(text.as_bytes(), &REQUEST, &ACCOUNT),
            wanted,
            "{text}"
        );
        told.extend(error.told.iter().map(|deviation| deviation.name()));
    }
    for (text, deviation) in by_hand() {
        assert_eq!(
            verdict(text.as_bytes(), &REQUEST, &ACCOUNT),
            Verdict::ValidWith(vec![deviation]),
            "{text}"
        );
        told.insert(deviation.name());
    }
    let all: BTreeSet<_> = Deviation::ALL
        .iter()
        .map(|deviation| deviation.name())
        .collect();
    assert_eq!(all.len(), Deviation::ALL.len());
    assert_eq!(told, all);
}

/// What [`Computation`] cannot do wrong, computed with Python's hashlib.
fn by_hand() -> Vec<(String, Deviation)> {
    let good = computation().response();
    let session =
        |response: &str| credentials(response).replacen("qop", "algorithm=MD5-sess, qop", 1);
    let auth_int = |response: &str| credentials(response).replacen("qop=auth", "qop=auth-int", 1);
    vec![
        (credentials(&good.to_uppercase()), Deviation::ResponseUpper),
        (
            session("216d1ce444e1932a7175926a3548a593"),
            Deviation::SessionKeyBinary,
        ),
        (
            credentials("2e1949006c6bc562c9d7ba4cd2d39bee"),
            Deviation::InnerHexUpper,
        ),
        (
            auth_int("500796cb4129b9168bdd5023be30d253"),
            Deviation::BodyNotHashed,
        ),
        (
            credentials("1d49208888d50ee103df85b8c0b6e885"),
            Deviation::BodyHashed,
        ),
    ]
}

#[test]
fn what_cannot_be_said_is_not_said() {
    let good = credentials(&computation().response());
    let other = Account {
        user: "someone",
        password: "else",
    };
    let wrong = Account {
        password: "wrong",
        ..ACCOUNT
    };
    let unknown_body = Request {
        body: None,
        ..REQUEST
    };
    for (from, to, request, account, why) in [
        (
            "username=\"phone\", ",
            "",
            REQUEST,
            ACCOUNT,
            Unverifiable::UsernameMissing,
        ),
        (
            "realm=\"acs\", ",
            "",
            REQUEST,
            ACCOUNT,
            Unverifiable::RealmMissing,
        ),
        (
            "nonce=\"abc\", ",
            "",
            REQUEST,
            ACCOUNT,
            Unverifiable::NonceMissing,
        ),
        ("uri=", "url=", REQUEST, ACCOUNT, Unverifiable::UriMissing),
        (
            "response",
            "answer",
            REQUEST,
            ACCOUNT,
            Unverifiable::ResponseMissing,
        ),
        (
            "response=\"",
            "response=\"0",
            REQUEST,
            ACCOUNT,
            Unverifiable::ResponseMalformed,
        ),
        ("", "", REQUEST, other, Unverifiable::OtherUser),
        (
            "=auth",
            "=auth-int",
            unknown_body,
            wrong,
            Unverifiable::BodyUnknown,
        ),
        (
            "qop=auth, nc=00000001",
            "algorithm=MD5-sess, qop=auth, nc=00000002",
            REQUEST,
            ACCOUNT,
            Unverifiable::EarlierSessionKey,
        ),
    ] {
        let text = good.replacen(from, to, 1);
        assert_eq!(
            verdict(text.as_bytes(), &request, &account),
            Verdict::Unverifiable(why),
            "{text}"
        );
    }
    // MD5 of "phone:acs", and of nothing.
    for (user, wanted) in [
        ("37bcc2a1bb6c362ef684d6b11b8339c1", Verdict::Invalid),
        (
            "d41d8cd98f00b204e9800998ecf8427e",
            Verdict::Unverifiable(Unverifiable::OtherUser),
        ),
    ] {
        let hashed = format!("\"{user}\", userhash=true");
        let text = good.replacen("\"phone\"", &hashed, 1);
        assert_eq!(verdict(text.as_bytes(), &REQUEST, &wrong), wanted);
    }
    assert_eq!(verdict(good.as_bytes(), &REQUEST, &wrong), Verdict::Invalid);
    let text = good.replacen("acs", &"a".repeat(4000), 1);
    assert_eq!(
        verdict(text.as_bytes(), &REQUEST, &ACCOUNT),
        Verdict::Unverifiable(Unverifiable::TooLong)
    );
}

/// A name with a backslash, which some agents do not escape.
#[test]
fn a_domain_before_the_user_is_read_both_ways() {
    let account = Account {
        user: "DOM\\phone",
        ..ACCOUNT
    };
    let mut computation = computation();
    computation.user = b"DOM\\phone";
    let text = credentials(&computation.response());
    for (user, wanted) in [
        ("DOM\\\\phone", Verdict::Valid),
        (
            "DOM\\phone",
            Verdict::ValidWith(vec![Deviation::UserNamedOtherwise]),
        ),
    ] {
        let text = text.replacen("phone", user, 1);
        assert_eq!(
            verdict(text.as_bytes(), &REQUEST, &account),
            wanted,
            "{text}"
        );
    }
    let wrong = Account {
        password: "wrong",
        ..account
    };
    let text = text.replacen("phone", "DOM\\phone", 1);
    assert_eq!(verdict(text.as_bytes(), &REQUEST, &wrong), Verdict::Invalid);
}
