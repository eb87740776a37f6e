//! `%` lines of fixtures that stand for Connection Requests over HTTP.
//!
//! `%ask` is one request of the ACS: `auth=digest|basic|none` (digest once the device has challenged), `user=`, `password=`,
//! `method=`, `version=`, `target=`, `body=`, `header=`, and `at=` with where it comes from.
//! `%door` is the device's answer: `status=` (204 if none), `body=`, `header=`, and with 401 `challenge=` (`{n}` is a nonce).
//! `%hang` closes that connection, by the ACS first; the next one comes from another port.
//! `%wake` is all of it: asked, challenged, asked again, answered with `status=`, closed; its words are those of the second
//! request and of the last answer, `target=` and `at=` of both.

use std::fmt::Write as _;

use http1::auth::{Account, Answer, Encoding, Request, challenges};

use super::{PASSWORD, STEP_MS, Told, Words, add_headers};

/// The names that this file knows.
pub const NAMES: [&str; 4] = ["ask", "door", "hang", "wake"];

/// Tells one.
pub fn tell(told: &mut Told, name: &str, words: &Words) {
    match name {
        "ask" => ask(told, words),
        "door" => door(told, words),
        "hang" => hang(told),
        _ => {
            let of_both =
                |(name, _): &(&String, &String)| ["target", "at"].contains(&name.as_str());
            let first = words.iter().filter(of_both);
            let mut first: Words = first
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            first.insert("auth".into(), "none".into());
            ask(told, &first);
            door(
                told,
                &Words::from([("status".into(), "401 Unauthorized".into())]),
            );
            let second = words
                .iter()
                .filter(|(name, _)| *name != "body" && *name != "header");
            let second: Words = second
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            ask(told, &second);
            door(told, words);
            hang(told);
        }
    }
}

fn ask(told: &mut Told, words: &Words) {
    told.now_ms += STEP_MS;
    if let Some(at) = words.get("at") {
        told.values.insert("asks_at".into(), at.clone());
    }
    let word = |name: &str, usual: &str| words.get(name).map_or(usual, String::as_str).to_owned();
    let method = word("method", "GET");
    let target = word("target", "/f81d4fae");
    let mut head = format!(
        "{method} {target} HTTP/{}\nHost: {DOOR}\n",
        word("version", "1.1")
    );
    let challenge = told.values.get("door_challenge").cloned();
    let usual = if challenge.is_some() {
        "digest"
    } else {
        "none"
    };
    match (word("auth", usual).as_str(), challenge) {
        ("digest", Some(challenge)) => {
            let count: u32 = told
                .values
                .get("door_count")
                .map_or(0, |count| count.parse().unwrap())
                + 1;
            told.values.insert("door_count".into(), count.to_string());
            let (user, password) = (word("user", USER), word("password", PASSWORD));
            let answer = digest(&challenge, &method, &target, count, (&user, &password));
            let _ = writeln!(head, "Authorization: {answer}");
        }
        ("basic", _) => head.push_str("Authorization: Basic YWNzOmZpeHR1cmUtcGFzc3dvcmQ=\n"),
        _ => {}
    }
    add_headers(&mut head, words);
    match words.get("body") {
        Some(body) => block(
            told,
            true,
            &format!("{head}Content-Length: auto\n\n{body}\n"),
        ),
        None => block(told, true, &format!("{head}\n")),
    }
}

fn digest(
    challenge: &str,
    method: &str,
    target: &str,
    count: u32,
    account: (&str, &str),
) -> String {
    let reading = challenges(challenge.as_bytes());
    let digest = reading.what.iter().find_map(|one| one.digest());
    let answer = digest.expect("a Digest challenge").answer(&Answer {
        request: Request {
            method: method.as_bytes(),
            target: target.as_bytes(),
            body: None,
        },
        account: Account {
            user: account.0,
            password: account.1,
        },
        encoding: Encoding::Utf8,
        cnonce: &format!("{:08x}", challenge.bytes().fold(7_u32, mixed)),
        nc: count,
    });
    let answer = answer.expect("the challenge can be answered");
    String::from_utf8_lossy(&answer).into_owned()
}

fn mixed(sum: u32, byte: u8) -> u32 {
    sum.wrapping_mul(31).wrapping_add(u32::from(byte))
}

fn door(told: &mut Told, words: &Words) {
    told.now_ms += STEP_MS;
    let status = words.get("status").map_or("204 No Content", String::as_str);
    let mut head = format!("HTTP/1.1 {status}\n");
    if status.starts_with("401") {
        told.nonces += 1;
        let own = words.get("challenge").map_or(CHALLENGE, String::as_str);
        let challenge = own.replace("{n}", &format!("{:08x}d00r", told.nonces).replace('r', "5"));
        let _ = writeln!(head, "WWW-Authenticate: {challenge}");
        told.values.insert("door_challenge".into(), challenge);
        told.values.insert("door_count".into(), "0".into());
    }
    add_headers(&mut head, words);
    let body = words.get("body").map_or("", String::as_str);
    if body.is_empty() && status.starts_with("204") {
        block(told, false, &format!("{head}\n"));
    } else if body.is_empty() {
        block(told, false, &format!("{head}Content-Length: 0\n\n"));
    } else {
        block(
            told,
            false,
            &format!("{head}Content-Type: text/html\nContent-Length: auto\n\n{body}\n"),
        );
    }
}

fn hang(told: &mut Told) {
    block(told, true, "");
    told.now_ms += 1;
    block(told, false, "");
    told.values.remove("door_challenge");
    let port = port(told) + 1;
    told.values.insert("asks_port".into(), port.to_string());
}

fn port(told: &Told) -> u16 {
    let port = told.values.get("asks_port");
    port.map_or(50_100, |port| port.parse().expect("a port"))
}

/// A message, or FIN where there is no content.
fn block(told: &mut Told, by_acs: bool, content: &str) {
    let host = told
        .values
        .get("asks_at")
        .map_or("10.0.0.1", String::as_str);
    let asks = format!("{host}:{}", port(told));
    let (arrow, speaker, other) = if by_acs {
        (">>", asks.as_str(), DOOR)
    } else {
        ("<<", DOOR, asks.as_str())
    };
    let (seconds, ms) = (told.now_ms / 1000, told.now_ms % 1000);
    let word = if content.is_empty() { " fin" } else { "" };
    let _ = writeln!(
        told.out,
        "{arrow} {speaker} > {other} @{seconds}.{ms:03}{word}"
    );
    told.out.push_str(content);
    if !content.ends_with("\n\n") {
        told.out.push('\n');
    }
}

/// Where the device listens, as the usual Inform tells.
const DOOR: &str = "10.0.0.2:7547";
const USER: &str = "acs";
const CHALLENGE: &str = "Digest realm=\"phone\", nonce=\"{n}\", qop=\"auth\", algorithm=MD5";
