//! Digest and Basic, both sides.

use super::hand::Hand;
use super::pairs::stage;
use super::stage::{Network, Stage};
use super::*;
use crate::session::DifferenceClass;

fn scenarios(auth: &Auth) -> (Scenario, Scenario) {
    let lines = plain_session();
    let mut scenarios = (scenario(Role::Acs, &lines), scenario(Role::Cpe, &lines));
    scenarios.0.auth = Some(auth.clone());
    scenarios.1.auth = Some(auth.clone());
    scenarios
}

fn schemes() -> Vec<Auth> {
    let mut all = vec![auth(AuthScheme::Basic, None, None)];
    for algorithm in [
        None,
        Some("MD5"),
        Some("MD5-sess"),
        Some("SHA-256"),
        Some("SHA-256-sess"),
    ] {
        for qop in [None, Some("auth"), Some("auth,auth-int")] {
            all.push(auth(AuthScheme::Digest, algorithm, qop));
        }
    }
    all
}

#[test]
fn every_scheme_passes_with_one_challenge() {
    for auth in schemes() {
        let (of_acs, of_cpe) = scenarios(&auth);
        let (acs, cpe, written) = stage(of_acs, of_cpe, Network::default()).play_and_read();
        passed(&acs);
        passed(&cpe);
        let challenges = written
            .iter()
            .filter(|(_, text)| text.starts_with("HTTP/1.1 401"));
        assert_eq!(challenges.count(), 1, "{auth:?}");
        let shown = written
            .iter()
            .filter(|(_, text)| text.contains("\r\nAuthorization: "));
        assert_eq!(shown.count(), 3, "{auth:?}");
    }
}

#[test]
fn a_device_that_shows_nothing_unasked_is_asked_on_each_connection() {
    for auth in schemes() {
        let (of_acs, mut of_cpe) = scenarios(&auth);
        let mut of_acs = of_acs;
        for step in of_cpe.steps.iter_mut().chain(&mut of_acs.steps) {
            if let Act::Send(send) = &mut step.act {
                let line = "\nAuthorization: {{http.authorization}}";
                send.head = send.head.replace(line, "");
                let line = "\nSet-Cookie: sid={{http.set_cookie}}; Path=/";
                send.head = send.head.replace(line, "");
                send.new_connection = true;
            }
        }
        let (acs, cpe, written) = stage(of_acs, of_cpe, Network::default()).play_and_read();
        passed(&acs);
        passed(&cpe);
        let challenges = written
            .iter()
            .filter(|(_, text)| text.starts_with("HTTP/1.1 401"));
        assert_eq!(challenges.count(), 3, "{auth:?}");
    }
}

#[test]
fn the_challenge_is_said_as_recorded() {
    let (mut of_acs, of_cpe) = scenarios(&auth(AuthScheme::Digest, Some("MD5"), Some("auth")));
    let head = "HTTP/1.1 401 Nope\nserver: old\nwww-authenticate: {{http.challenge}}\nContent-Length: {{http.length}}";
    let challenge = of_acs.auth.as_mut().expect("an account");
    challenge.challenge_head = Some(head.to_owned());
    challenge.challenge_body = Some("challenge.html".to_owned());
    of_acs
        .files
        .insert("challenge.html".to_owned(), b"<p>no</p>".to_vec());
    let (acs, _, written) = stage(of_acs, of_cpe, Network::default()).play_and_read();
    passed(&acs);
    let said = &written[1].1;
    assert!(said.starts_with("HTTP/1.1 401 Nope\r\nserver: old\r\nwww-authenticate: Digest realm=\"acs\", qop=\"auth\", algorithm=MD5, nonce=\""), "{said}");
    assert!(
        said.ends_with("Content-Length: 9\r\n\r\n<p>no</p>"),
        "{said}"
    );
}

#[test]
fn wrong_passwords_are_refused_a_few_times_and_then_differ() {
    for auth in schemes() {
        let (of_acs, of_cpe) = scenarios(&auth);
        let mut wrong = setting(Role::Cpe, 2);
        wrong
            .values
            .insert("password".to_owned(), "other".to_owned());
        let acs = player(of_acs, setting(Role::Acs, 1));
        let cpe = player(of_cpe, wrong);
        let (acs, cpe) = Stage::new(acs, cpe, Network::default()).play();
        let ReplayVerdict::PeerFailed(why) = &acs.verdict else {
            panic!("{auth:?} {:?}", acs.verdict);
        };
        let told = "which did not come: the credentials that came are not taken for those of ";
        assert!(why.contains(told), "{auth:?} {why}");
        assert_eq!(cpe.verdict, ReplayVerdict::Differs, "{auth:?}");
        let found = differences(&cpe);
        assert_eq!(found.len(), 1);
        let actual = found[0].actual.as_deref().unwrap_or_default();
        assert!(actual.contains("refused the credentials"), "{actual}");
        assert!(
            !format!("{cpe:?}").contains("other"),
            "the password is told"
        );
    }
}

const CHALLENGE: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nWWW-Authenticate: ";

#[test]
fn a_stale_nonce_is_answered_and_other_challenges_are_not_answered_for_ever() {
    let (_, of_cpe) = scenarios(&auth(AuthScheme::Digest, Some("MD5"), Some("auth")));
    let mut hand = Hand::new(Role::Cpe, player(of_cpe, setting(Role::Cpe, 2)));
    hand.done();
    assert_eq!(hand.done(), Vec::<String>::new());
    hand.connect(1);
    for nonce in ["a", "b", "c"] {
        let stale = if nonce == "a" { "" } else { ", stale=true" };
        let asked = format!(
            "{CHALLENGE}Digest realm=\"acs\", qop=\"auth\", nonce=\"{nonce}\"{stale}\r\n\r\n"
        );
        let said = hand.say(1, &asked);
        let again = said.last().expect("it comes again");
        assert!(again.contains(&format!("nonce=\"{nonce}\"")), "{again}");
        assert!(again.contains("nc=00000001"), "{again}");
    }
    let said = hand.say(
        1,
        &format!("{CHALLENGE}Digest realm=\"acs\", nonce=\"d\"\r\n\r\n"),
    );
    assert_eq!(said, ["close 1", "done"]);
    assert_eq!(hand.player.finish().verdict, ReplayVerdict::Differs);
}

#[test]
fn a_password_that_went_as_digest_does_not_go_in_clear() {
    let (_, of_cpe) = scenarios(&auth(AuthScheme::Digest, Some("MD5"), Some("auth")));
    let mut hand = Hand::new(Role::Cpe, player(of_cpe, setting(Role::Cpe, 2)));
    hand.done();
    hand.connect(1);
    let said = hand.say(1, &format!("{CHALLENGE}Basic realm=\"acs\"\r\n\r\n"));
    assert_eq!(said, ["close 1", "done"]);
    let replayed = hand.player.finish();
    let found = differences(&replayed);
    assert_eq!(found[0].class, DifferenceClass::Transport);
    assert_eq!(
        found[0].actual.as_deref(),
        Some("401: it asks for none of Digest with an algorithm that can be computed")
    );
}

#[test]
fn a_refusal_without_a_challenge_is_one_of_the_credentials() {
    let (_, of_cpe) = scenarios(&auth(AuthScheme::Digest, Some("MD5"), Some("auth")));
    let mut hand = Hand::new(Role::Cpe, player(of_cpe, setting(Role::Cpe, 2)));
    hand.done();
    hand.connect(1);
    let asked = "Digest realm=\"acs\", qop=\"auth\", nonce=\"a\"\r\n\r\n";
    hand.say(1, &format!("{CHALLENGE}{asked}"));
    let refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(hand.say(1, refusal), ["close 1", "done"]);
    let found = differences(&hand.player.finish());
    assert_eq!(
        found[0].actual.as_deref(),
        Some("401: the ACS refused the credentials, and asks for no others")
    );
}

#[test]
fn a_count_that_does_not_rise_is_asked_again() {
    let (of_acs, of_cpe) = scenarios(&auth(AuthScheme::Digest, Some("MD5"), Some("auth")));
    let (_, _, written) = stage(of_acs.clone(), of_cpe, Network::default()).play_and_read();
    let mut hand = Hand::new(Role::Acs, player(of_acs, setting(Role::Acs, 1)));
    // The same random numbers give the same nonce, and so the same words fit.
    assert!(hand.say(1, &written[0].1)[0].starts_with("HTTP/1.1 401"));
    assert!(hand.say(1, &written[2].1)[0].starts_with("HTTP/1.1 200"));
    let again = hand.say(1, &written[2].1);
    assert!(
        again[0].starts_with("HTTP/1.1 401") && again[0].contains("stale=true"),
        "{again:?}"
    );
}

#[test]
fn a_device_may_wait_to_be_asked_before_it_informs() {
    for auth in schemes() {
        let (of_acs, of_cpe) = scenarios(&auth);
        let (_, _, written) = stage(of_acs.clone(), of_cpe, Network::default()).play_and_read();
        let mut hand = Hand::new(Role::Acs, player(of_acs, setting(Role::Acs, 1)));
        // The same random numbers give the same nonce.
        let empty = "POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Length: 0\r\n\r\n";
        let asked = hand.say(1, empty);
        assert!(asked[0].starts_with("HTTP/1.1 401"), "{asked:?}");
        let said = hand.say(1, &written[2].1);
        assert!(said[0].starts_with("HTTP/1.1 200"), "{auth:?}: {said:?}");
        assert_eq!(differences(&hand.player.finish()), []);
    }
}

#[test]
fn a_nonce_may_grow_stale_in_the_midst_of_a_session() {
    let (_, of_cpe) = scenarios(&auth(AuthScheme::Digest, Some("MD5"), Some("auth")));
    let mut hand = Hand::new(Role::Cpe, player(of_cpe, setting(Role::Cpe, 2)));
    hand.done();
    let informed = hand.connect(1);
    let id = informed[0]
        .split_once("mustUnderstand=\"1\">")
        .expect("an ID")
        .1;
    let id = id.split_once('<').expect("its end").0;
    hand.say(
        1,
        &format!("{CHALLENGE}Digest realm=\"acs\", qop=\"auth\", nonce=\"a\"\r\n\r\n"),
    );
    let body = envelope("InformResponse", "<MaxEnvelopes>1</MaxEnvelopes>");
    let body = body.replace("{{cwmp.id}}", id);
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let empty = hand.say(1, &response);
    assert!(
        empty[0].contains("nonce=\"a\"") && empty[0].contains("nc=00000002"),
        "{empty:?}"
    );
    // It closes as it asks again.
    let stale = "Digest realm=\"acs\", qop=\"auth\", nonce=\"b\", stale=true";
    let said = hand.say(
        1,
        &format!("{CHALLENGE}{stale}\r\nConnection: close\r\n\r\n"),
    );
    assert_eq!(said, ["close 1", "connect 2"]);
    let again = hand.connect(2);
    assert!(
        again[0].contains("nonce=\"b\"") && again[0].contains("nc=00000001"),
        "{again:?}"
    );
    assert!(again[0].ends_with("Content-Length: 0\r\n\r\n"));
}
