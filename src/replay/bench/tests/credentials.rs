//! What a device has to show.

use super::*;

#[test]
fn credentials_are_asked_for_once_a_session() {
    let mut stage = Stage::new(&[], Some(basic()));
    let id = stage.connect(A);
    let answer = stage.post(id, "", &inform("1"));
    assert!(
        answer.starts_with("HTTP/1.1 401 ")
            && answer.contains("WWW-Authenticate: Basic realm=\"informant\"")
    );
    // phone:wrong, and phone:s3cret (RFC 7617).
    let wrong = stage.say(id, with("cGhvbmU6d3Jvbmc=", "", &inform("1")).as_bytes());
    assert_eq!(status(&wrong), "401");
    let right = stage.say(id, with("cGhvbmU6czNjcmV0", "", &inform("1")).as_bytes());
    assert_eq!(status(&right), "200", "{right}");
    let other = stage.connect(A);
    assert_eq!(status(&stage.post(other, &cookie(&right), "")), "204");
    // Whoever is wrong too often is sent away, and may come again.
    let third = stage.connect(B);
    let statuses: Vec<String> = (0..4)
        .map(|_| {
            status(&stage.say(third, with("cGhvbmU6d3Jvbmc=", "", &inform("3")).as_bytes()))
                .to_owned()
        })
        .collect();
    assert_eq!(statuses, ["401", "401", "403", "none"]);
}

#[test]
fn an_address_is_no_credential() {
    let mut stage = Stage::new(&[], Some(basic()));
    stage.order("GetRPCMethods");
    let first = stage.connect(A);
    let right = stage.say(first, with("cGhvbmU6czNjcmV0", "", &inform("1")).as_bytes());
    assert_eq!(status(&right), "200");
    stage.bench.closed(stage.now, first);
    // The lone session of the address, without its cookie.
    for body in ["", &inform("1"), &inform("2")] {
        let other = stage.connect(A);
        assert_eq!(status(&stage.post(other, "", body)), "401", "{body}");
    }
    // With its cookie, but for another device.
    let other = stage.connect(A);
    let answer = stage.post(other, &cookie(&right), &inform("2"));
    assert_eq!(status(&answer), "401");
    let other = stage.connect(A);
    let asked = stage.post(other, &cookie(&right), "");
    assert!(asked.contains("GetRPCMethods"), "{asked}");
    // On the session's own connection, for another device.
    assert_eq!(status(&stage.post(other, "", &inform("2"))), "401");
}

#[test]
fn digest_is_asked_with_md5_and_auth() {
    let account = BenchAccount {
        scheme: AuthScheme::Digest,
        user: "phone".to_owned(),
        password: "s3cret".to_owned(),
    };
    let mut stage = Stage::new(&[], Some(account));
    let id = stage.connect(A);
    let answer = stage.post(id, "", &inform("1"));
    let line = answer
        .lines()
        .find_map(|it| it.strip_prefix("WWW-Authenticate: "))
        .expect("a challenge");
    assert!(
        line.contains("algorithm=MD5") && line.contains("qop=\"auth\""),
        "{line}"
    );
    let challenges = http1::auth::challenges(line.as_bytes());
    let digest = challenges
        .what
        .iter()
        .find_map(http1::auth::Challenge::digest)
        .expect("Digest");
    let body = inform("1");
    let with = http1::auth::Answer {
        request: http1::auth::Request {
            method: b"POST",
            target: b"/acs",
            body: Some(body.as_bytes()),
        },
        account: http1::auth::Account {
            user: "phone",
            password: "s3cret",
        },
        encoding: http1::auth::Encoding::Utf8,
        cnonce: "c",
        nc: 1,
    };
    let value = String::from_utf8(digest.answer(&with).expect("computed")).expect("text");
    let request =
        post("", &body).replace("Host: acs", &format!("Host: acs\r\nAuthorization: {value}"));
    assert_eq!(status(&stage.say(id, request.as_bytes())), "200");
}
