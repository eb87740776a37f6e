//! The examples of RFC 2069, RFC 2617, RFC 7616, RFC 7617, with their errata.

use http1::auth::{
    Account, Authorization, BasicAuthorization, Challenge, Deviation, DigestAuthorization,
    Encoding, Parameter, Request, Unverifiable, Verdict, authorization, basic_authorization,
    challenges,
};

pub const GET_INDEX: Request<'_> = Request {
    method: b"GET",
    target: b"/dir/index.html",
    body: Some(b""),
};

pub fn verdict(value: &[u8], request: &Request<'_>, account: &Account<'_>) -> Verdict {
    match authorization(value).what {
        Authorization::Digest(digest) => digest.verify(request, account),
        other => panic!("no Digest: {other:?}"),
    }
}

fn account<'a>(user: &'a str, password: &'a str) -> Account<'a> {
    Account { user, password }
}

/// RFC 2069 section 2.4: the response printed there belongs to no password known; erratum 749 has the right one.
#[test]
fn rfc_2069() {
    let with = |response: &str| {
        format!(
            "Digest username=\"Mufasa\",\r\n                   realm=\"testrealm@host.com\",\r\n                   \
             nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",\r\n                   uri=\"/dir/index.html\",\r\n                   \
             response=\"{response}\",\r\n                   opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""
        )
    };
    let mufasa = account("Mufasa", "CircleOfLife");
    let right = with("1949323746fe6a43ef61f9606e7febea");
    assert_eq!(
        verdict(right.as_bytes(), &GET_INDEX, &mufasa),
        Verdict::Valid
    );
    let printed = with("e966c932a9242554e42c8ee200cec7f6");
    assert_eq!(
        verdict(printed.as_bytes(), &GET_INDEX, &mufasa),
        Verdict::Invalid
    );
}

/// RFC 2617 section 3.5.
#[test]
fn rfc_2617() {
    let challenge = b"Digest\r\n                 realm=\"testrealm@host.com\",\r\n                 qop=\"auth,auth-int\",\r\n                 \
        nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",\r\n                 opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    let credentials = b"Digest username=\"Mufasa\",\r\n                 realm=\"testrealm@host.com\",\r\n                 \
        nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",\r\n                 uri=\"/dir/index.html\",\r\n                 qop=auth,\r\n                 \
        nc=00000001,\r\n                 cnonce=\"0a4f113b\",\r\n                 response=\"6629fae49393a05397450978507c4ef1\",\r\n                 \
        opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    assert_eq!(
        verdict(
            credentials,
            &GET_INDEX,
            &account("Mufasa", "Circle Of Life")
        ),
        Verdict::Valid
    );
    assert_eq!(
        verdict(
            credentials,
            &GET_INDEX,
            &account("Mufasa", "Circle of Life")
        ),
        Verdict::Invalid
    );
    assert_eq!(
        verdict(credentials, &GET_INDEX, &account("Simba", "Circle Of Life")),
        Verdict::ValidWith(vec![Deviation::UserDiffers])
    );
    assert_eq!(
        verdict(credentials, &GET_INDEX, &account("Simba", "Hakuna Matata")),
        Verdict::Unverifiable(Unverifiable::OtherUser)
    );
    let (challenges, read) = (challenges(challenge).what, authorization(credentials).what);
    let [Challenge::Digest(challenge)] = challenges.as_slice() else {
        panic!("one challenge of Digest: {challenges:?}")
    };
    assert_eq!(
        challenge.qops().collect::<Vec<_>>(),
        [&b"auth"[..], b"auth-int"]
    );
    assert_eq!(
        read.digest().map(|digest| digest.mismatches(challenge)),
        Some(vec![])
    );
}

/// RFC 7616 section 3.9.1.
#[test]
fn rfc_7616_md5_and_sha_256() {
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ] {
        let credentials = format!(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
             cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"{response}\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        );
        assert_eq!(
            verdict(
                credentials.as_bytes(),
                &GET_INDEX,
                &account("Mufasa", "Circle of Life")
            ),
            Verdict::Valid,
            "{algorithm}"
        );
    }
}

/// RFC 7616 section 3.9.2: the hashes printed there are of half of SHA-512; erratum 4897 has the right ones.
#[test]
fn rfc_7616_sha_512_256_with_the_user_as_a_hash() {
    let with = |user: &str, response: &str| {
        format!(
            "Digest username=\"{user}\", realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, \
             nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, \
             cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", qop=auth, response=\"{response}\", \
             opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true"
        )
    };
    let right = with(
        "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",
        "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
    );
    let printed = with(
        "488869477bf257147b804c45308cd62ac4e25eb717b12b298c79e62dcea254ec",
        "ae66e67d6b427bd3f120414a82e4acff38e8ecd9101d6c861229025f607a79dd",
    );
    let mixed = with(
        "488869477bf257147b804c45308cd62ac4e25eb717b12b298c79e62dcea254ec",
        "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
    );
    let request = Request {
        target: b"/doe.json",
        ..GET_INDEX
    };
    for (credentials, wanted) in [
        (&right, Verdict::Valid),
        (&printed, Verdict::ValidWith(vec![Deviation::Sha512Cut])),
        (&mixed, Verdict::ValidWith(vec![Deviation::UserhashDiffers])),
    ] {
        assert_eq!(
            verdict(
                credentials.as_bytes(),
                &request,
                &account("Jäsøn Doe", "Secret, or not?")
            ),
            wanted
        );
    }
}

/// RFC 7616 section 3.9.2, without a hash of the user.
#[test]
fn rfc_7616_user_in_the_extended_encoding() {
    let value = b"Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm=\"api@example.org\", uri=\"/doe.json\", \
        algorithm=SHA-512-256, nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, \
        cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", qop=auth, \
        response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\", userhash=false";
    let read = authorization(value);
    assert_eq!(read.anomalies, []);
    let user = read.what.digest().and_then(DigestAuthorization::user);
    assert_eq!(user.as_deref(), Some("Jäsøn Doe".as_bytes()));
    let request = Request {
        target: b"/doe.json",
        ..GET_INDEX
    };
    assert_eq!(
        verdict(value, &request, &account("Jäsøn Doe", "Secret, or not?")),
        Verdict::Valid
    );
}

/// RFC 7617 sections 2 and 2.1; the same with Latin-1.
#[test]
fn rfc_7617() {
    let aladdin = account("Aladdin", "open sesame");
    let pound = account("test", "123\u{a3}");
    for (value, account, encoding) in [
        (
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            aladdin,
            Encoding::Utf8,
        ),
        ("Basic dGVzdDoxMjPCow==", pound, Encoding::Utf8),
        ("Basic dGVzdDoxMjOj", pound, Encoding::Latin1),
    ] {
        let read = authorization(value.as_bytes());
        let Authorization::Basic(basic) = &read.what else {
            panic!("no Basic: {:?}", read.what)
        };
        assert_eq!(basic.user, account.user.as_bytes());
        assert_eq!(Encoding::decode(&basic.password), account.password);
        assert_eq!(basic.is_of(&account), Some(encoding), "{value}");
        assert_eq!(read.anomalies, []);
        assert_eq!(
            value.as_bytes().get(basic.range.clone()),
            value.as_bytes().get(6..)
        );
        assert_eq!(
            basic_authorization(&account, encoding).as_deref(),
            Ok(value.as_bytes())
        );
    }
    let wrong = BasicAuthorization {
        range: 0..0,
        user: b"test".to_vec(),
        password: b"124".to_vec(),
    };
    assert_eq!(wrong.is_of(&pound), None);
    let euro = account("test", "\u{20ac}");
    assert!(basic_authorization(&euro, Encoding::Latin1).is_err());
}

/// RFC 7617 section 2, RFC 7235 section 4.1, RFC 7616 section 3.7: challenges in one field.
#[test]
fn challenges_of_the_documents_are_read() {
    let read = challenges(b"Basic realm=\"foo\", charset=\"UTF-8\"");
    let [Challenge::Basic(basic)] = read.what.as_slice() else {
        panic!("one challenge of Basic: {:?}", read.what)
    };
    assert!(basic.wants_utf8());
    let text = basic.realm.as_ref().map(Parameter::text);
    assert_eq!(text.as_deref(), Some(&b"foo"[..]));

    let value =
        b"Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"";
    let read = challenges(value);
    assert_eq!(read.anomalies, []);
    let [Challenge::Other(new), Challenge::Basic(basic)] = read.what.as_slice() else {
        panic!("two challenges: {:?}", read.what)
    };
    assert_eq!(new.name, b"Newauth");
    let title = new
        .parameter("TITLE")
        .map(|title| title.text().into_owned());
    assert_eq!(title.as_deref(), Some(&b"Login to \"apps\""[..]));
    assert_eq!(
        value.get(new.range.clone()),
        Some(&b"Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\""[..])
    );
    assert_eq!(
        value.get(basic.range.clone()),
        Some(&b"Basic realm=\"simple\""[..])
    );

    let read = challenges(
        b"Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
        nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
        opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true",
    );
    assert_eq!(read.anomalies, []);
    let digest = read.what.first().and_then(Challenge::digest);
    let told = digest.map(|it| (it.takes_userhash(), it.wants_utf8(), it.is_stale()));
    assert_eq!(told, Some((true, true, false)));
}
