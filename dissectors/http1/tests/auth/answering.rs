//! Answers of programs nobody here wrote to challenges, and our own answers beside them.

use http1::auth::{
    Account, Algorithm, AnomalyKind, Answer, Deviation, Encoding, Hash, Request, Verdict,
    authorization, challenges,
};

use crate::documents::verdict;

pub struct Vector<'a> {
    pub program: &'a str,
    pub account: Account<'a>,
    pub request: Request<'a>,
    pub challenge: &'a [u8],
    pub credentials: &'a [u8],
}

pub fn vectors() -> Vec<Vector<'static>> {
    let text = include_bytes!("answers.tsv");
    let lines = text.split(|byte| *byte == b'\n');
    let vectors: Vec<_> = lines.filter_map(vector).collect();
    assert!(vectors.len() >= 40, "{}", vectors.len());
    vectors
}

fn vector(line: &'static [u8]) -> Option<Vector<'static>> {
    let columns: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
    let [
        program,
        user,
        password,
        method,
        target,
        body,
        challenge,
        credentials,
    ] = columns.as_slice()
    else {
        return None;
    };
    let text = |bytes: &'static [u8]| std::str::from_utf8(bytes).unwrap_or_default();
    Some(Vector {
        program: text(program),
        account: Account {
            user: text(user),
            password: text(password),
        },
        request: Request {
            method,
            target,
            body: Some(body),
        },
        challenge,
        credentials,
    })
}

/// curl 7.88 does as the documents have it, but takes the body for empty where `auth-int` wants it, and SHA-256 for SHA-512/256.
/// requests quotes qop and algorithm, and hashes a name in UTF-8 that it sends in Latin-1;
/// it sends quotes within a realm unescaped, and keeps the escapes when it computes.
#[test]
fn every_answer_of_another_program_is_valid() {
    let mut valid = 0;
    for vector in vectors() {
        let told = verdict(vector.credentials, &vector.request, &vector.account);
        let latin_1 = std::str::from_utf8(vector.credentials).is_err();
        let allowed: &[Deviation] = match vector.program.split(' ').next() {
            Some("requests") if latin_1 => &[
                Deviation::QopQuoted,
                Deviation::AlgorithmQuoted,
                Deviation::EscapesKept,
                Deviation::UserNamedOtherwise,
            ],
            Some("requests") => &[
                Deviation::QopQuoted,
                Deviation::AlgorithmQuoted,
                Deviation::EscapesKept,
            ],
            _ if takes_body_for_empty(&vector) => &[Deviation::BodyHashedEmpty],
            _ if takes_another_hash(&vector) => &[Deviation::AlgorithmDiffers],
            _ => &[],
        };
        let fits = match &told {
            Verdict::Valid => allowed.is_empty() || !vector.program.starts_with("curl"),
            Verdict::ValidWith(deviations) => deviations.iter().all(|told| allowed.contains(told)),
            _ => false,
        };
        assert!(fits, "{told:?} {}", vector.credentials.escape_ascii());
        valid += 1;

        let other = Account {
            password: "other",
            ..vector.account
        };
        let told = verdict(vector.credentials, &vector.request, &other);
        assert!(!told.is_valid(), "{}", vector.credentials.escape_ascii());
    }
    println!("{valid} answers of other programs verify");
}

fn takes_body_for_empty(vector: &Vector<'_>) -> bool {
    let body = vector.request.body.unwrap_or_default();
    !body.is_empty() && holds(vector.challenge, b"qop=\"auth-int\"")
}

fn takes_another_hash(vector: &Vector<'_>) -> bool {
    holds(vector.challenge, b"SHA-512-256")
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// With the same nonces, our answer has the same response.
#[test]
fn our_answers_are_those_of_curl() {
    let mut algorithms = Vec::new();
    for vector in vectors() {
        if !vector.program.starts_with("curl")
            || takes_body_for_empty(&vector)
            || takes_another_hash(&vector)
        {
            continue;
        }
        let read = authorization(vector.credentials).what;
        let theirs = read.digest().expect("it is Digest");
        let challenges = challenges(vector.challenge);
        assert_eq!(challenges.anomalies, []);
        let challenge = challenges.what.first().and_then(|it| it.digest());
        let challenge = challenge.expect("it is Digest");
        assert_eq!(theirs.mismatches(challenge), []);
        let cnonce = theirs.cnonce.as_ref().map(|it| it.text().into_owned());
        let answer = challenge.answer(&Answer {
            request: vector.request,
            account: vector.account,
            encoding: Encoding::Utf8,
            cnonce: &Encoding::decode(&cnonce.unwrap_or_default()),
            nc: 1,
        });
        let answer = answer.expect("it can be answered");
        let ours = authorization(&answer);
        assert_eq!(ours.anomalies, []);
        let ours = ours.what.digest().cloned().expect("it is Digest");
        let parts = |digest: &http1::auth::DigestAuthorization<'_>| {
            [
                &digest.username,
                &digest.realm,
                &digest.nonce,
                &digest.uri,
                &digest.response,
                &digest.algorithm,
                &digest.qop,
                &digest.nc,
                &digest.cnonce,
                &digest.opaque,
                &digest.userhash,
            ]
            .map(|it| it.as_ref().map(|it| (it.text().into_owned(), it.quoted)))
        };
        assert_eq!(parts(&ours), parts(theirs), "{}", answer.escape_ascii());
        algorithms.push(ours.algorithm().expect("it is known"));
    }
    for algorithm in Algorithm::ALL {
        if algorithm.hash == Hash::Sha512_256 {
            continue;
        }
        assert!(algorithms.contains(&algorithm), "{}", algorithm.name());
    }
}

/// From a report about GenieACS 1.0.7 and a device that offers no qop (its issue 181), the password guessed.
#[test]
fn genieacs_names_a_qop_that_it_does_not_use() {
    let challenge = b"Digest realm=\"TR069 Client\", nonce=\"2pJr8usqYwn8NJppFBybt5GVWAAAYms\", algorithm=\"MD5\", \
        domain=\"/64:68:0c:ff:9f:de\"";
    let credentials = b"Digest username=\"cpe\",realm=\"TR069 Client\",nonce=\"2pJr8usqYwn8NJppFBybt5GVWAAAYms\",\
        uri=\"/64:68:0c:ff:9f:de\",algorithm=MD5,qop=undefined,nc=00000001,cnonce=\"0a4f113b\",\
        response=\"b65a81440212995da5a6fe364f701d20\",opaque=\"\"";
    let request = Request {
        method: b"GET",
        target: b"/64:68:0c:ff:9f:de",
        body: None,
    };
    let account = Account {
        user: "cpe",
        password: "cpe",
    };
    assert_eq!(
        verdict(credentials, &request, &account),
        Verdict::ValidWith(vec![Deviation::QopNotHashed, Deviation::QopUnknown])
    );
    let challenges = challenges(challenge);
    let kinds: Vec<_> = challenges.anomalies.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [AnomalyKind::QuotesSurplus]);
    let challenge = challenges.what.first().and_then(|it| it.digest());
    let read = authorization(credentials).what;
    let told = challenge
        .zip(read.digest())
        .map(|(challenge, digest)| digest.mismatches(challenge));
    assert_eq!(told, Some(vec![http1::auth::Mismatch::QopNotOffered]));
}

/// From a report about Internet Explorer 8 and a server that leaves out the commas (codeigniter-restserver, its issue 67): the
/// browser takes the whole challenge for the realm, and names qop and nonce twice.
#[test]
fn commas_that_a_challenge_lacks_are_passed_over() {
    let challenges = challenges(
        b"Digest realm=\"REST API\" qop=\"auth\" nonce=\"4eba4f8591de5\" opaque=\"aba3d4b49c454e1974970e7b5514b001\" algorithm=\"MD5\"",
    );
    let challenge = challenges.what.first().and_then(|it| it.digest());
    let challenge = challenge.expect("it is Digest");
    let text = |it: &Option<http1::auth::Parameter<'_>>| {
        it.as_ref()
            .map(|it| Encoding::decode(&it.text()).into_owned())
    };
    assert_eq!(text(&challenge.realm).as_deref(), Some("REST API"));
    assert_eq!(text(&challenge.nonce).as_deref(), Some("4eba4f8591de5"));
    assert_eq!(challenge.algorithm(), Some(Algorithm::default()));

    let credentials = b"Digest username=\"admin\",realm=\"REST API\" qop=\"auth\" nonce=\"4eba4f8591de5\" \
        opaque=\"aba3d4b49c454e1974970e7b5514b001\",nonce=\"4eba4f8591de5\",uri=\"/auction/result\",\
        cnonce=\"a9cf78826c1a441a367627549e03cfc1\",nc=00000001,response=\"4495f0bb3634d4b629b89a72009d514a\",qop=\"auth\",\
        opaque=\"aba3d4b49c454e1974970e7b5514b001\"";
    let read = authorization(credentials);
    let kinds: Vec<_> = read.anomalies.iter().map(|it| it.kind).collect();
    assert_eq!(
        kinds,
        [
            AnomalyKind::CommaMissing,
            AnomalyKind::QuotesSurplus,
            AnomalyKind::ParameterRepeated,
        ]
    );
    let request = Request {
        method: b"GET",
        target: b"/auction/result",
        body: None,
    };
    let account = Account {
        user: "admin",
        password: "1234",
    };
    // The response is the one the reporter's server expected.
    assert_eq!(
        verdict(credentials, &request, &account),
        Verdict::ValidWith(vec![Deviation::QopQuoted])
    );
}
