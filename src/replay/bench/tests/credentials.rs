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
    assert!(stage.says("192.0.2.1 is asked who it is"));
    // phone:wrong, and what is right.
    let wrong = stage.say(id, with("cGhvbmU6d3Jvbmc=", "", &inform("1")).as_bytes());
    assert_eq!(status(&wrong), "401");
    assert!(stage.says("192.0.2.1:40000 is asked again: another user or password"));
    let right = stage.say(id, with(RIGHT, "", &inform("1")).as_bytes());
    assert_eq!(status(&right), "200", "{right}");
    let other = stage.connect(A);
    assert_eq!(status(&stage.post(other, &cookie(&right), "")), "204");
    // Whoever is wrong too often is sent away, and may come again: on another connection.
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
    let right = stage.say(first, with(RIGHT, "", &inform("1")).as_bytes());
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
    let mut stage = Stage::new(&[], Some(by_digest()));
    let id = stage.connect(A);
    let answer = stage.post(id, "", &inform("1"));
    assert!(
        answer.contains("algorithm=MD5") && answer.contains("qop=\"auth\""),
        "{answer}"
    );
    let answered = stage.say(id, digest(&answer, "s3cret", 1, &inform("1")).as_bytes());
    assert_eq!(status(&answered), "200");
}

#[test]
fn a_phone_that_shows_another_scheme_unasked_is_asked_every_time() {
    let mut stage = Stage::new(&[], Some(by_digest()));
    let body = inform("1");
    let unasked = with(RIGHT, "", &body);
    for _ in 0..6 {
        let id = stage.connect(A);
        assert_eq!(status(&stage.say(id, unasked.as_bytes())), "401");
        stage.bench.closed(stage.now, id);
        let id = stage.connect(A);
        let asked = stage.post(id, "", &body);
        let answered = stage.say(id, digest(&asked, "s3cret", 1, &body).as_bytes());
        assert_eq!(status(&answered), "200");
        stage.post(id, &cookie(&answered), "");
        stage.bench.closed(stage.now, id);
    }
    // That is no mistake of its own.
    assert!(!stage.says("192.0.2.1:40000 is asked again: another scheme"));
    // Always on one connection, where each session begins with it.
    let id = stage.connect(A);
    for _ in 0..6 {
        let asked = stage.say(id, unasked.as_bytes());
        assert_eq!(status(&asked), "401");
        let answered = stage.say(id, digest(&asked, "s3cret", 1, &body).as_bytes());
        assert_eq!(status(&answered), "200");
        stage.post(id, &cookie(&answered), "");
    }
    // Whoever insists on it is sent away.
    let id = stage.connect(A);
    let statuses = [(); 5].map(|()| status(&stage.say(id, unasked.as_bytes())).to_owned());
    assert_eq!(statuses, ["401", "401", "401", "403", "none"]);
    assert!(stage.says("192.0.2.1:40000 is sent away: another scheme, 3 times"));
}

#[test]
fn phones_behind_one_address_keep_each_other_out_by_nothing() {
    let mut stage = Stage::new(&[], Some(by_digest()));
    // More than 16 are asked before the first answers, on another connection.
    let serials: Vec<String> = (0..40).map(|serial| serial.to_string()).collect();
    let mut asked = Vec::new();
    for serial in &serials {
        let id = stage.connect(A);
        asked.push(stage.post(id, "", &inform(serial)));
        stage.bench.closed(stage.now, id);
    }
    for (serial, asked) in serials.iter().zip(&asked) {
        // One of them has another password, and tries as often as it may.
        let wrong = stage.connect(A);
        let challenge = stage.post(wrong, "", &inform("x"));
        let statuses = [1, 2, 3].map(|nc| {
            let again = digest(&challenge, "other", nc, &inform("x"));
            status(&stage.say(wrong, again.as_bytes())).to_owned()
        });
        assert_eq!(statuses, ["401", "401", "403"]);
        let body = inform(serial);
        let id = stage.connect(A);
        let answered = stage.say(id, digest(asked, "s3cret", 1, &body).as_bytes());
        assert_eq!(status(&answered), "200", "{serial}: {answered}");
        // The same nonce once more, with its next count, and with one that was there before.
        assert_eq!(
            status(&stage.post(id, &cookie(&answered), "")),
            "204",
            "{serial}"
        );
        let next = stage.connect(A);
        let again = digest(asked, "s3cret", 2, &body);
        assert_eq!(status(&stage.say(next, again.as_bytes())), "200");
        let stale = stage.say(next, again.as_bytes());
        assert!(stale.contains("stale=true"), "{stale}");
        stage.bench.closed(stage.now, id);
        stage.bench.closed(stage.now, next);
    }
}

fn by_digest() -> BenchAccount {
    BenchAccount {
        scheme: AuthScheme::Digest,
        ..basic()
    }
}

/// A request that answers the challenge of an answer of ours.
fn digest(asked: &str, password: &str, nc: u32, body: &str) -> String {
    let line = asked
        .lines()
        .find_map(|it| it.strip_prefix("WWW-Authenticate: "))
        .expect("a challenge");
    let challenges = http1::auth::challenges(line.as_bytes());
    let digest = challenges
        .what
        .iter()
        .find_map(http1::auth::Challenge::digest)
        .expect("Digest");
    let with = http1::auth::Answer {
        request: http1::auth::Request {
            method: b"POST",
            target: b"/acs",
            body: Some(body.as_bytes()),
        },
        account: http1::auth::Account {
            user: "phone",
            password,
        },
        encoding: http1::auth::Encoding::Utf8,
        cnonce: "c",
        nc,
    };
    let value = String::from_utf8(digest.answer(&with).expect("computed")).expect("text");
    post("", body).replace("Host: acs", &format!("Host: acs\r\nAuthorization: {value}"))
}

/// phone:s3cret (RFC 7617).
const RIGHT: &str = "cGhvbmU6czNjcmV0";
