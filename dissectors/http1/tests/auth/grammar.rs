//! Bent values, as agents send them: what is read of them, and what is told.

use http1::auth::AnomalyKind as Kind;
use http1::auth::{
    Anomaly, AnomalyKind, Authorization, Challenge, Encoding, Parameter, authorization, challenges,
};

fn text(parameter: Option<&Parameter<'_>>) -> Option<String> {
    parameter.map(|it| Encoding::decode(&it.text()).into_owned())
}

fn kinds(anomalies: &[Anomaly]) -> Vec<AnomalyKind> {
    anomalies.iter().map(|anomaly| anomaly.kind).collect()
}

/// A challenge as `scheme: realm, nonce, qop, opaque`, a dash for what is not there.
fn told(challenge: &Challenge<'_>) -> String {
    let part = |it: &Option<Parameter<'_>>| text(it.as_ref()).unwrap_or_else(|| "-".to_owned());
    match challenge {
        Challenge::Digest(it) => format!(
            "Digest: {}, {}, {}, {}",
            part(&it.realm),
            part(&it.nonce),
            part(&it.qop),
            part(&it.opaque)
        ),
        Challenge::Basic(it) => format!("Basic: {}", part(&it.realm)),
        Challenge::Other(it) => format!("{}:", Encoding::decode(it.name)),
    }
}

/// A value, what is read of it, and what is odd about it.
const BENT_CHALLENGES: &[(&str, &[&str], &[Kind])] = &[
    // As the CPE of a recording has it (Orange's agent, frame 63), folded and without carriage returns.
    (
        "Digest\n   realm=\"liveboxrealm\",\n   qop=\"auth\",\n   nonce=\"Id4ekj\",\n   opaque=\"TZUyPF\"",
        &["Digest: liveboxrealm, Id4ekj, auth, TZUyPF"],
        &[Kind::BareLineFeed],
    ),
    (
        "Digest realm=\"r\",\r\n\tnonce=\"n\"",
        &["Digest: r, n, -, -"],
        &[Kind::FoldedValue],
    ),
    (
        "Digest realm=r, nonce=n=, qop=auth,auth-int, opaque=o",
        &["Digest: r, n=, auth,auth-int, o"],
        &[Kind::StrayText, Kind::QuotesMissing],
    ),
    (
        "Digest realm=TR069 Client, nonce=n, qop=auth",
        &["Digest: TR069 Client, n, auth, -"],
        &[Kind::StrayText, Kind::QuotesMissing],
    ),
    (
        "Digest realm=Acme, Inc, nonce=\"n\"",
        &["Digest: Acme, Inc, n, -, -"],
        &[
            Kind::CommaBehindScheme,
            Kind::StrayText,
            Kind::QuotesMissing,
        ],
    ),
    (
        "Digest realm=\"My \"home\" GW\", nonce=\"n\"",
        &["Digest: My \"home\" GW, n, -, -"],
        &[Kind::StrayText],
    ),
    (
        "Digest realm=\"r\"nonce=\"n\"qop=\"auth\"",
        &["Digest: r, n, auth, -"],
        &[Kind::CommaMissing],
    ),
    (
        "Digest realm=\"r\"; nonce=\"n\";opaque=x;",
        &["Digest: r, n, -, x"],
        &[Kind::Semicolon, Kind::QuotesMissing],
    ),
    (
        "Digest realm = \"r\" , nonce= \"n\"",
        &["Digest: r, n, -, -"],
        &[Kind::BlanksAroundEquals],
    ),
    (
        "Digest, realm=\"r\", nonce=\"n\"",
        &["Digest: r, n, -, -"],
        &[Kind::CommaBehindScheme],
    ),
    (
        "realm=\"r\", nonce=\"n\"",
        &["Digest: r, n, -, -"],
        &[Kind::SchemeMissing],
    ),
    (
        "Digest realm=\"r\", nonce=\"n\", opaque=",
        &["Digest: r, n, -, "],
        &[Kind::ValueMissing, Kind::QuotesMissing],
    ),
    (
        "Digest realm=\"r\", nonce=\"n",
        &["Digest: r, n, -, -"],
        &[Kind::QuoteUnended],
    ),
    (
        "Digest realm=\"r\", nonce=n\", opaque=\"o\"",
        &["Digest: r, n, -, o"],
        &[Kind::StrayText, Kind::QuotesMissing],
    ),
    (
        "Digest realm=\"r\", realm=\"s\", nonce=\"n\"",
        &["Digest: r, n, -, -"],
        &[Kind::ParameterRepeated],
    ),
    (
        "digest REALM=\"r\",,NONCE=\"n\",",
        &["Digest: r, n, -, -"],
        &[],
    ),
    (
        "Digest realm=\"r\", nonce=\"n\" Basic realm=\"b\"",
        &["Digest: r, n, -, -", "Basic: b"],
        &[Kind::CommaMissing],
    ),
    (
        "Basic realm=\"b\", Digest realm=\"r\", nonce=\"n\", Negotiate, NTLM TlRMTVNTUAAC==",
        &["Basic: b", "Digest: r, n, -, -", "Negotiate:", "NTLM:"],
        &[],
    ),
    (
        "Negotiate, Basic realm=\"b\"",
        &["Negotiate:", "Basic: b"],
        &[],
    ),
    ("Digest", &["Digest: -, -, -, -"], &[]),
    (" \t", &[], &[Kind::Empty]),
    ("", &[], &[Kind::Empty]),
    ("=", &[], &[Kind::StrayText, Kind::Empty]),
];

#[test]
fn bent_challenges_are_read() {
    let mut seen = Vec::new();
    for (value, wanted, odd) in BENT_CHALLENGES {
        let read = challenges(value.as_bytes());
        let all: Vec<_> = read.what.iter().map(told).collect();
        assert_eq!(all, *wanted, "{value}");
        assert_eq!(kinds(&read.anomalies), *odd, "{value}");
        seen.extend_from_slice(odd);
    }
    for (value, odd) in BENT_CREDENTIALS {
        assert_eq!(
            kinds(&authorization(value.as_bytes()).anomalies),
            *odd,
            "{value}"
        );
        seen.extend_from_slice(odd);
    }
    let long = format!("Digest {}", "a=b,".repeat(600));
    let read = challenges(long.as_bytes());
    assert_eq!(kinds(&read.anomalies), [AnomalyKind::TooMuch]);
    seen.push(AnomalyKind::TooMuch);
    for kind in AnomalyKind::ALL {
        assert!(seen.contains(kind), "{}", kind.name());
    }
}

/// A value and what is odd about it. The last is as an agent of a household router sends it (freeacs, its issue 350): no quote before the user.
const BENT_CREDENTIALS: &[(&str, &[AnomalyKind])] = &[
    (
        "Basic",
        &[AnomalyKind::ValueMissing, AnomalyKind::ColonMissing],
    ),
    ("Basic dGVzdA==", &[AnomalyKind::ColonMissing]),
    ("Basic dGVzdDox", &[]),
    ("Basic dGVzdDoxMg", &[AnomalyKind::Base64Padding]),
    ("Basic dGVzdDoxMg===", &[AnomalyKind::Base64Padding]),
    ("Basic dGVzdDox MjM0", &[AnomalyKind::Base64Odd]),
    ("Basic dGVzdDoxM", &[AnomalyKind::Base64Odd]),
    ("Basic \"dGVzdDox\"", &[AnomalyKind::QuotesSurplus]),
    (
        "Digest username=\"u\", qop=\"auth\", nc=1",
        &[AnomalyKind::QuotesSurplus],
    ),
    (
        "Digest username=00040E-444E6DC3FC8B\", \nrealm=\"xaps\", \nnonce=\"858b\", \nuri=\"/tr069/\"",
        &[
            AnomalyKind::BareLineFeed,
            AnomalyKind::StrayText,
            AnomalyKind::QuotesMissing,
        ],
    ),
];

#[test]
fn bent_credentials_are_read() {
    let user = |value: &str| match authorization(value.as_bytes()).what {
        Authorization::Basic(basic) => {
            format!(
                "{} {}",
                Encoding::decode(&basic.user),
                Encoding::decode(&basic.password)
            )
        }
        Authorization::Digest(digest) => text(digest.username.as_ref()).unwrap_or_default(),
        Authorization::Other(_) => String::new(),
    };
    let read: Vec<_> = BENT_CREDENTIALS
        .iter()
        .map(|(value, _)| user(value))
        .collect();
    let wanted = [
        " ",
        "test ",
        "test 1",
        "test 12",
        "test 12",
        "test 1",
        "test 1",
        "test 1",
        "u",
        "00040E-444E6DC3FC8B",
    ];
    assert_eq!(read, wanted);
}

#[test]
fn other_schemes_stay_as_they_are() {
    for (value, name, token68) in [
        ("Bearer mF_9.B5f-4.1JqM", "Bearer", Some("mF_9.B5f-4.1JqM")),
        (
            "Turbo customAuthDataHere",
            "Turbo",
            Some("customAuthDataHere"),
        ),
        ("Negotiate YII==", "Negotiate", Some("YII==")),
        ("Basically a=b", "Basically", None),
    ] {
        let read = authorization(value.as_bytes());
        let Authorization::Other(scheme) = &read.what else {
            panic!("another scheme: {:?}", read.what)
        };
        assert!(scheme.is(name), "{value}");
        assert_eq!(scheme.token68, token68.map(str::as_bytes), "{value}");
        assert_eq!(scheme.range, 0..value.len());
        assert_eq!(read.anomalies, []);
    }
}

/// Every range leads to what was read.
#[test]
fn ranges_lead_back() {
    let value = b"Digest realm=\"a \\\"b\\\"\", nonce=\"n\" , qop=auth";
    let read = challenges(value);
    let digest = read.what.first().and_then(Challenge::digest);
    let digest = digest.expect("it is Digest");
    assert_eq!(value.get(digest.range.clone()), Some(&value[..]));
    for (parameter, raw) in [
        (&digest.realm, &b"a \\\"b\\\""[..]),
        (&digest.nonce, b"n"),
        (&digest.qop, b"auth"),
    ] {
        let parameter = parameter.as_ref().expect("it is there");
        assert_eq!(parameter.raw, raw);
        assert_eq!(value.get(parameter.range.clone()), Some(raw));
    }
    assert_eq!(
        read.anomalies,
        [Anomaly {
            kind: AnomalyKind::QuotesMissing,
            offset: value.len() - 4
        }]
    );
}
