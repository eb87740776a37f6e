//! What proves a password, on published vectors and on scenes with what nobody can tell.

use serde_json::{Value, json};

use crate::credentials::{ACS, CPE, all, answered, capture, informs, says, told, wakes};
use crate::program::{informant, scratch, stdout, written};
use crate::wire::{self, Endpoint};

const STUN: [u8; 4] = [203, 0, 113, 20];
const DEVICE: &str = "00D09E-X3-A1";

/// The example of RFC 7616 section 3.9.1, whose client answers with both algorithms, as a Connection Request. What comes
/// before any Inform is verified too, once the session that follows tells whose it was.
#[test]
fn the_example_of_rfc_7616_verifies() {
    let request = |algorithm: &str, response: &str| {
        format!(
            "GET /dir/index.html HTTP/1.1\r\nHost: 192.0.2.17:30005\r\n\
             Authorization: Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", \
             algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
             cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"{response}\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUo5tdS\"\r\n\r\n"
        )
    };
    let sha256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
    let mut frames = wakes(5000, &request("MD5", "8ca523f5e9506fed4657c9700eebdbec"));
    frames.extend(wakes(5001, &request("SHA-256", sha256)));
    let path = "/dir/index.html";
    frames.extend(informs(40_000, "A1", "6 CONNECTION REQUEST", path));
    frames.extend(wakes(5002, &request("SHA-256", sha256)));
    let folder = scratch();
    let capture = capture(&folder, &frames);
    let account = format!(
        "[device.\"{DEVICE}\".connection_request]\nuser_name = \"Mufasa\"\npassword = \"Circle of Life\"\n"
    );
    let verdicts = |credentials: &str| {
        let records = told(&capture, credentials, "authorization");
        assert_eq!(all(&records, "/device"), vec![json!(DEVICE); 3]);
        all(&records, "/authorization/valid")
    };
    assert_eq!(verdicts(&account), vec![json!(true); 3]);
    assert_eq!(
        verdicts(&account.replace("Circle", "Square")),
        vec![json!(false); 3]
    );
    assert_eq!(
        verdicts(&account.replace(DEVICE, "00D09E-X3-A2")),
        vec![json!(null); 3]
    );
}

#[test]
fn every_form_of_digest_at_the_acs_is_verified_and_auth_int_only_where_the_body_is_whole() {
    let body = wire::inform("A1", "2 PERIODIC");
    let folder = scratch();
    let right = "[default.acs]\nuser_name = \"phone\"\npassword = \"secret\"\n";
    for (challenge, lost, valid) in [
        ("", None, json!(true)),
        (", qop=\"auth\"", None, json!(true)),
        (", qop=\"auth\", algorithm=MD5-sess", None, json!(true)),
        (", qop=\"auth\", algorithm=SHA-256", None, json!(true)),
        (", qop=\"auth-int\"", None, json!(true)),
        (
            ", qop=\"auth-int\", algorithm=SHA-256-sess",
            None,
            json!(true),
        ),
        (", qop=\"auth\"", Some(3), json!(true)),
        (", qop=\"auth-int\"", Some(3), json!(null)),
    ] {
        let challenge = format!("Digest realm=\"acs\", nonce=\"abc\"{challenge}");
        let request = answered(&challenge, &body);
        let lost: Vec<usize> = lost.into_iter().collect();
        let capture = capture(&folder, &says(40_000, &request, &lost));
        let records = told(&capture, right, "authorization");
        let whole = json!(lost.is_empty());
        assert_eq!(all(&records, "/body_complete"), [whole], "{challenge}");
        assert_eq!(
            all(&records, "/authorization/valid"),
            std::slice::from_ref(&valid),
            "{challenge}"
        );
        let wrong = right.replace("secret", "other");
        let records = told(&capture, &wrong, "authorization");
        let wrong = if valid.is_null() {
            json!(null)
        } else {
            json!(false)
        };
        assert_eq!(
            all(&records, "/authorization/valid"),
            [wrong],
            "{challenge}"
        );
    }
}

#[test]
fn what_is_no_basic_and_no_digest_gives_nothing_away() {
    let body = wire::inform("A1", "2 PERIODIC");
    let post = String::from_utf8(wire::post(&body)).expect("it is text");
    let right = "[default.acs]\nuser_name = \"phone\"\npassword = \"secret\"\n";
    let folder = scratch();
    for (value, scheme, user_name, valid) in [
        (
            "Basic cGhvbmU6c2VjcmV0",
            "basic",
            json!("phone"),
            json!(true),
        ),
        (
            "Basic cGhvbmU6b3RoZXI=",
            "basic",
            json!("phone"),
            json!(false),
        ),
        // A token without a colon, and a password that was not encoded.
        ("Basic SEkRET1234567890", "basic", json!(null), json!(false)),
        ("Basic phone:SEkRET", "basic", json!(null), json!(false)),
        // As a transcript without secrets has it.
        ("Basic <masked>", "basic", json!(null), json!(null)),
        ("Bearer SEkRET", "other", json!(null), json!(null)),
        ("SEkRET", "other", json!(null), json!(null)),
        ("", "other", json!(null), json!(null)),
        ("Digest x", "digest", json!(null), json!(null)),
    ] {
        let request = post.replacen("\r\n", &format!("\r\nAuthorization: {value}\r\n"), 1);
        let capture = capture(&folder, &says(40_000, request.as_bytes(), &[]));
        let records = told(&capture, right, "authorization");
        let expected = json!({"scheme": scheme, "user_name": user_name, "valid": valid});
        assert_eq!(all(&records, "/authorization"), [expected], "{value}");
        assert!(!records[0].to_string().contains("SEkRET"), "{}", records[0]);
    }
}

/// STUN from a device that is known by its session, and from one that is not.
fn stun_scene(messages: &[Vec<u8>], from: [u8; 4]) -> Vec<Vec<u8>> {
    let mut frames = informs(40_000, "A1", "2 PERIODIC", "/cr");
    let ends = (Endpoint::new(from, 5060), Endpoint::new(STUN, 3478));
    frames.extend(
        messages
            .iter()
            .map(|message| wire::udp(ends.0, ends.1, message)),
    );
    frames
}

fn vectors() -> Option<Value> {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/spec/test_vectors.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: ../shared is absent");
        return None;
    };
    Some(crate::program::json(&text))
}

fn bytes(hexadecimal: &Value) -> Vec<u8> {
    let digits = hexadecimal.as_str().unwrap_or_default();
    let octets = digits.as_bytes().chunks(2);
    let octets = octets.map(|two| std::str::from_utf8(two).map(|two| u8::from_str_radix(two, 16)));
    octets
        .map(|octet| octet.expect("it is text").expect("it is hexadecimal"))
        .collect()
}

#[test]
fn message_integrity_of_the_vectors_is_verified_by_both_computations() {
    let Some(vectors) = vectors() else {
        return;
    };
    let stun = &vectors["stun_binding_request_hex_tid_000102..0f"];
    let messages = ["rfc3489", "rfc5389_style"].map(|form| {
        let vector = &stun[format!("binding_change_mi_{form}")];
        assert_eq!(vector["key"], "stunpass");
        bytes(&vector["hex"])
    });
    let folder = scratch();
    let known = capture(&folder, &stun_scene(&messages, CPE));
    let verdicts = |capture: &str, credentials: &str| {
        let records = told(capture, credentials, "integrity.present == true");
        assert_eq!(records.len(), 2);
        all(&records, "/integrity")
    };
    let integrity = |valid: Option<bool>, form: Option<&str>| json!({"present": true, "valid": valid, "form": form});
    let right = [
        integrity(Some(true), Some("rfc3489")),
        integrity(Some(true), Some("rfc5389")),
    ];
    let (wrong, unknown) = (
        vec![integrity(Some(false), None); 2],
        vec![integrity(None, None); 2],
    );
    let own =
        format!("[device.\"{DEVICE}\".stun]\nuser_name = \"stunuser\"\npassword = \"stunpass\"\n");
    assert_eq!(
        verdicts(&known, "[default.stun]\npassword = \"stunpass\"\n"),
        right
    );
    assert_eq!(verdicts(&known, &own), right);
    assert_eq!(
        verdicts(&known, "[default.stun]\npassword = \"other\"\n"),
        wrong
    );
    assert_eq!(
        verdicts(&known, "[default.acs]\npassword = \"stunpass\"\n"),
        unknown
    );
    assert_eq!(verdicts(&known, ""), unknown);
    // Of a device that the capture does not tell: its user name does, or else nobody knows that it is the default's.
    let stranger = capture(&folder, &stun_scene(&messages, [192, 0, 2, 99]));
    assert_eq!(verdicts(&stranger, &own), right);
    assert_eq!(
        verdicts(&stranger, &own.replace("stunpass", "other")),
        wrong
    );
    let several =
        "[default.stun]\npassword = \"other\"\n[device.\"0-1\".stun]\npassword = \"stunpass\"\n";
    assert_eq!(verdicts(&stranger, several), unknown);
    assert_eq!(
        verdicts(&stranger, "[default.stun]\npassword = \"other\"\n"),
        wrong
    );
}

/// The password of RFC 5769 proves its vectors; that it is another tells nothing of STUN for calls.
#[test]
fn stun_for_calls_is_never_called_wrong() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures/stun");
    let names = [
        "2.1-sample-request",
        "2.2-ipv4-response",
        "2.3-ipv6-response",
    ];
    let messages: Vec<Vec<u8>> = names
        .iter()
        .filter_map(|name| std::fs::read(folder.join(format!("rfc5769-{name}.bin"))).ok())
        .collect();
    if messages.is_empty() {
        println!("skipped: ../shared is absent");
        return;
    }
    let scratch = scratch();
    let capture = capture(&scratch, &stun_scene(&messages, CPE));
    for (credentials, valid) in [
        (
            "[default.stun]\npassword = \"VOkJxbRl1RmTxUk/WvJxBt\"\n",
            vec![json!(true); 3],
        ),
        (
            "[default.stun]\nuser_name = \"x\"\npassword = \"other\"\n",
            vec![json!(null); 3],
        ),
        // The request alone names the user.
        (
            "[default.stun]\nuser_name = \"evtj:h6vY\"\npassword = \"other\"\n",
            vec![json!(false), json!(null), json!(null)],
        ),
    ] {
        let records = told(&capture, credentials, "integrity.present == true");
        assert_eq!(all(&records, "/integrity/valid"), valid, "{credentials}");
    }
}

#[test]
fn signatures_of_the_vectors_are_verified() {
    let Some(vectors) = vectors() else {
        return;
    };
    let folder = scratch();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut datagrams = vec![("password".to_owned(), text(&vectors["ucr_valid_datagram"]))];
    for vector in vectors["ucr_hmac_sha1"].as_array().into_iter().flatten() {
        let [ts, id, un, cn, key, sig] =
            ["ts", "id", "un", "cn", "key", "sig"].map(|name| text(&vector[name]));
        let un = un
            .replace('%', "%25")
            .replace(' ', "%20")
            .replace('&', "%26")
            .replace('+', "%2B");
        datagrams.push((key, format!("GET http://192.0.2.17:5060?ts={ts}&id={id}&un={un}&cn={cn}&sig={sig} HTTP/1.1\r\nHost: 192.0.2.17:5060\r\n\r\n")));
    }
    assert_eq!(datagrams.len(), 5);
    for (key, datagram) in datagrams {
        let mut frames = informs(40_000, "A1", "2 PERIODIC", "/cr");
        let ends = (Endpoint::new(ACS, 9000), Endpoint::new(CPE, 5060));
        frames.push(wire::udp(ends.0, ends.1, datagram.as_bytes()));
        let capture = capture(&folder, &frames);
        for (password, valid) in [(key.as_str(), true), ("another", false)] {
            let credentials = format!("[default.connection_request]\npassword = {password:?}\n");
            let expression = format!("signature_valid == {valid}");
            let records = told(&capture, &credentials, &expression);
            assert_eq!(records.len(), 1, "{password} {datagram}");
        }
    }
}

#[test]
fn the_datagrams_of_generated_devices_are_told_apart() {
    let computed = |form, key: &[u8]| {
        let builder = stun::Builder::new(1, *b"\x21\x12\xa4\x42abcdefghijkl");
        let message = builder.connection_request_binding().integrity(form, key);
        message.finish().expect("it is short")
    };
    let messages = [
        computed(stun::Form::Rfc3489, b"let me in"),
        computed(stun::Form::Rfc5389, b"let me in"),
        computed(stun::Form::Rfc5389, b"something else"),
    ];
    let folder = scratch();
    let path = capture(&folder, &stun_scene(&messages, CPE));
    let file = "[default.stun]\npassword = \"let me in\"\n";
    for (expression, count) in [
        ("integrity.valid == true", 2),
        ("integrity.valid == false", 1),
        ("integrity.form == rfc3489", 1),
        ("integrity.form == rfc5389", 1),
    ] {
        assert_eq!(told(&path, file, expression).len(), count, "{expression}");
    }
    let file = written(&folder, "c.toml", file.as_bytes());
    let run = |threads: &str| {
        informant(&[
            "messages",
            &path,
            "-q",
            "--credentials",
            &file,
            "--threads",
            threads,
        ])
    };
    let text = stdout(&run("1"));
    assert_eq!(text.matches("integrity ok").count(), 2, "{text}");
    assert_eq!(text.matches("integrity wrong").count(), 1, "{text}");
    assert_eq!(text, stdout(&run("4")));
}
