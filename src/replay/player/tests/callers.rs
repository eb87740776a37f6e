//! Whose request it is: the session's device on the same connection, on another one, and everybody else.

use std::net::SocketAddr;

use super::alone::{OURS, informing, post, status};
use super::hand::Hand;
use super::*;
use crate::replay::action::{ConnectionId, Heard};

/// The ACS of the plain session, which sets a cookie or none.
fn acs_player(cookie: bool, auth: Option<Auth>) -> Hand {
    let mut scenario = scenario(Role::Acs, &plain_session());
    scenario.auth = auth;
    for step in &mut scenario.steps {
        if let Act::Send(send) = &mut step.act
            && !cookie
        {
            let line = "\nSet-Cookie: sid={{http.set_cookie}}; Path=/";
            send.head = send.head.replace(line, "");
        }
    }
    Hand::new(Role::Acs, player(scenario, setting(Role::Acs, 1)))
}

fn elsewhere() -> SocketAddr {
    ([192, 0, 2, 66], 1234).into()
}

/// The cookie that an answer sets.
fn cookie_of(said: &[String]) -> String {
    let (_, rest) = said[0].split_once("Set-Cookie: ").expect("a cookie");
    rest.split_once(';').expect("its end").0.to_owned()
}

fn with_cookie(request: &str, cookie: &str) -> String {
    request.replacen("\r\n", &format!("\r\nCookie: {cookie}\r\n"), 1)
}

const SENT_AWAY: [&str; 2] = ["HTTP/1.1 403 Forbidden", "close 2"];

fn goes_on(said: &[String]) -> bool {
    said[0].starts_with("HTTP/1.1 200 OK") && said[0].contains("GetParameterValues")
}

#[test]
fn another_connection_without_the_cookie_is_a_strangers() {
    for from in [stage::PHONE, elsewhere()] {
        let mut hand = acs_player(true, None);
        let set = hand.say(1, &informing(OURS, "2 PERIODIC"));
        let cookie = cookie_of(&set);
        for brought in ["", "sid=0", "other=1"] {
            hand.connect_from(2, from);
            let said = hand.say(2, &with_cookie(&post(""), brought));
            assert_eq!(status(&said), SENT_AWAY, "{brought}");
            assert!(!said[0].contains("Set-Cookie") && !said[0].contains("Envelope"));
        }
        hand.connect_from(3, from);
        assert!(goes_on(&hand.say(3, &with_cookie(&post(""), &cookie))));
        let replayed = hand.player.finish();
        assert_eq!(differences(&replayed), []);
        let stranger = format!("stranger at {}: POST empty", from.ip());
        assert_eq!(strangers(&replayed), [(&*stranger, 3)]);
    }
}

#[test]
fn a_path_beside_that_of_the_cookie_lets_nobody_in() {
    let mut hand = acs_player(true, None);
    let mut scenario = scenario(Role::Acs, &plain_session());
    for step in &mut scenario.steps {
        if let Act::Send(send) = &mut step.act {
            send.head = send.head.replace("Path=/", "Path=/acs");
        }
    }
    hand.player = player(scenario, setting(Role::Acs, 1));
    hand.player.start(Duration::ZERO);
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    let beside = post("").replace("/acs", "/other");
    assert_eq!(status(&hand.say(2, &beside)), SENT_AWAY);
}

#[test]
fn without_a_cookie_the_address_tells() {
    let mut hand = acs_player(false, None);
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    hand.connect_from(2, elsewhere());
    assert_eq!(status(&hand.say(2, &post(""))), SENT_AWAY);
    assert!(goes_on(&hand.say(3, &post(""))));
    assert_eq!(differences(&hand.player.finish()), []);
}

#[test]
fn a_phone_that_loses_its_cookies_is_served_on_its_connection() {
    let mut hand = acs_player(true, None);
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    assert!(goes_on(&hand.say(1, &post(""))));
    let found = differences(&hand.player.finish());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].place, "header Cookie");
}

#[test]
fn whoever_speaks_before_the_inform_is_sent_away() {
    let mut hand = acs_player(true, None);
    let envelope = envelope("TransferComplete", "<CommandKey>k</CommandKey>");
    for request in [post(""), post(&envelope), post("junk"), post("<a/>")] {
        assert_eq!(status(&hand.say(2, &request)), SENT_AWAY, "{request}");
    }
    let said = hand.say(2, "GET / HTTP/1.1\r\nHost: acs\r\n\r\n");
    assert_eq!(
        status(&said),
        ["HTTP/1.1 405 Method Not Allowed", "close 2"]
    );
    let said = hand.say(1, &informing(OURS, "2 PERIODIC"));
    assert!(said[0].contains("InformResponse"));
    let replayed = hand.player.finish();
    assert_eq!(differences(&replayed), []);
    assert_eq!(
        strangers(&replayed),
        [
            ("stranger at 192.0.2.9: GET empty", 1),
            ("stranger at 192.0.2.9: POST TransferComplete", 1),
            ("stranger at 192.0.2.9: POST empty", 1),
            ("stranger at 192.0.2.9: POST undecodable", 2),
        ]
    );
}

/// Ways to break an Inform so that it does not say whose it is to whoever reads XML.
const BREAKS: [(&str, &str); 4] = [
    ("<soap:Envelope", "soap:Envelope"),
    ("<soap:Body>", ""),
    ("<OUI>001565</OUI>", "<OUI></OUI>"),
    ("<SerialNumber>0015651234AB</SerialNumber>", ""),
];

fn broken(way: (&str, &str), serial: &str) -> String {
    let whole = informing(serial, "2 PERIODIC");
    let (_, body) = whole.split_once("\r\n\r\n").expect("a head");
    let broken = body.replacen(way.0, way.1, 1);
    assert!(broken != body || serial != OURS, "{way:?}");
    post(&broken)
}

/// The ACS of the plain session, with this device or none named.
fn acs_of(device: Option<String>) -> Hand {
    let mut scenario = scenario(Role::Acs, &plain_session());
    scenario.identity.device = device;
    Hand::new(Role::Acs, player(scenario, setting(Role::Acs, 1)))
}

#[test]
fn a_broken_inform_differs_where_nobody_is_named() {
    for way in BREAKS {
        let mut hand = acs_of(None);
        hand.say(1, &broken(way, OURS));
        let replayed = hand.player.finish();
        assert_eq!(replayed.verdict, ReplayVerdict::Differs, "{way:?}");
        assert_eq!(strangers(&replayed), [], "{way:?}");
    }
}

#[test]
fn a_broken_inform_is_of_the_device_that_can_be_read_in_it() {
    for (at, way) in BREAKS.into_iter().enumerate() {
        let mut hand = acs_of(Some(device().id()));
        let said = hand.say(1, &broken(way, "STRANGER"));
        assert_eq!(status(&said), ["HTTP/1.1 403 Forbidden", "close 1"]);
        hand.say(2, &broken(way, OURS));
        let replayed = hand.player.finish();
        let found = differences(&replayed);
        let actual = found.first().and_then(|it| it.actual.as_deref());
        let wanted = [
            Some("an Inform that cannot be read"),
            Some("an Inform that cannot be read"),
            Some("-T46%20S-0015651234AB"),
            // Without its serial number it may be another one of its kind.
            None,
        ];
        assert_eq!(actual, wanted[at], "{way:?}");
        let differs = replayed.verdict == ReplayVerdict::Differs;
        assert_eq!(differs, actual.is_some(), "{way:?}");
    }
}

#[test]
fn a_broken_inform_from_elsewhere_does_not_disturb_the_session() {
    let mut hand = acs_player(true, None);
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    hand.connect_from(2, elsewhere());
    assert_eq!(status(&hand.say(2, &broken(BREAKS[0], OURS))), SENT_AWAY);
    assert!(goes_on(&hand.say(1, &post(""))));
}

#[test]
fn an_inform_from_elsewhere_does_not_take_the_session() {
    for cookie in [true, false] {
        let mut hand = acs_player(cookie, None);
        hand.say(1, &informing(OURS, "2 PERIODIC"));
        hand.connect_from(2, elsewhere());
        let said = hand.say(2, &informing(OURS, "2 PERIODIC"));
        let busy = ["HTTP/1.1 503 Service Unavailable", "close 2"];
        assert_eq!(status(&said), busy);
        assert!(goes_on(&hand.say(1, &post(""))));
    }
}

#[test]
fn a_stranger_does_not_use_up_the_challenges() {
    let digest = auth(AuthScheme::Digest, Some("MD5"), Some("auth"));
    let mut hand = acs_player(true, Some(digest));
    for _ in 0..100 {
        hand.connect_from(2, elsewhere());
        let said = hand.say(2, &informing("STRANGER", "2 PERIODIC"));
        assert_eq!(status(&said), SENT_AWAY);
    }
    let mut challenges = std::collections::BTreeSet::new();
    for id in 3..50 {
        // Some devices wait to be asked before they say anything.
        hand.connect_from(id, elsewhere());
        let said = hand.say(id, &post(""));
        assert_eq!(status(&said), ["HTTP/1.1 401 Unauthorized"]);
        challenges.insert(said[0].clone());
        hand.hear(Heard::Closed(ConnectionId(id), String::new()));
    }
    assert_eq!(challenges.len(), 1);
    let asked = hand.say(1, &informing(OURS, "2 PERIODIC"));
    assert_eq!(status(&asked), ["HTTP/1.1 401 Unauthorized"]);
    assert!(!hand.player.is_done());
}

#[test]
fn nothing_is_heard_behind_the_end_of_a_connection() {
    let mut hand = acs_player(true, None);
    let closing = informing(OURS, "2 PERIODIC").replacen("\r\n", "\r\nConnection: close\r\n", 1);
    let said = hand.say(1, &(closing + &post("")));
    assert_eq!(status(&said), ["HTTP/1.1 200 OK", "close 1"]);
}

#[test]
fn the_end_of_a_strangers_connection_says_nothing_of_the_device() {
    let mut hand = acs_player(true, None);
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    hand.connect_from(2, elsewhere());
    hand.hear(Heard::Closed(ConnectionId(2), "by RST".to_owned()));
    hand.wait(seconds(30));
    let why = "waited 30 s for empty, which did not come".to_owned();
    let verdict = hand.player.finish().verdict;
    assert_eq!(verdict, ReplayVerdict::PeerFailed(why));
}

#[test]
fn many_strangers_are_counted_and_not_listed() {
    let mut hand = acs_player(true, None);
    for number in 0..100 {
        hand.say(
            2,
            &informing(&format!("{number}{}", "x".repeat(5000)), "1 BOOT"),
        );
    }
    let replayed = hand.player.finish();
    let told = strangers(&replayed);
    assert_eq!(told.len(), 17);
    assert!(told.contains(&("strangers beyond these", 84)), "{told:?}");
    assert!(told.iter().all(|(what, _)| what.len() < 200));
}

#[test]
fn cookies_that_come_back_with_their_attributes_are_proof() {
    for (before, behind) in [
        ("", "; Path=/; Version=1"),
        ("$Version=\"1\"; ", "; $Path=\"/\""),
        ("sid=old; ", ""),
    ] {
        let mut hand = acs_player(true, None);
        let set = hand.say(1, &informing(OURS, "2 PERIODIC"));
        let cookie = format!("{before}{}{behind}", cookie_of(&set));
        hand.connect_from(2, elsewhere());
        assert!(
            goes_on(&hand.say(2, &with_cookie(&post(""), &cookie))),
            "{cookie}"
        );
        assert_eq!(differences(&hand.player.finish()), []);
    }
}

#[test]
fn a_phone_of_http_1_0_comes_on_a_connection_for_each_request() {
    let mut hand = acs_player(true, None);
    let of_old = |request: &str| request.replacen("HTTP/1.1", "HTTP/1.0", 1);
    let set = hand.say(1, &of_old(&informing(OURS, "2 PERIODIC")));
    assert_eq!(status(&set), ["HTTP/1.1 200 OK", "close 1"]);
    let empty = with_cookie(&of_old(&post("")), &cookie_of(&set));
    let said = hand.say(2, &empty);
    assert!(goes_on(&said) && said[1] == "close 2", "{said:?}");
}

#[test]
fn an_empty_post_may_be_chunked() {
    let mut hand = acs_player(false, None);
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    let chunked = "POST /acs HTTP/1.1\r\nHost: acs\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert!(goes_on(&hand.say(1, chunked)));
    assert_eq!(differences(&hand.player.finish()), []);
}

#[test]
fn a_cookie_that_does_not_fit_the_path_proves_nothing_and_is_not_wanted() {
    let mut scenario = scenario(Role::Acs, &plain_session());
    for step in &mut scenario.steps {
        if let Act::Send(send) = &mut step.act {
            send.head = send.head.replace("Path=/", "Path=/elsewhere");
        }
    }
    let mut hand = Hand::new(Role::Acs, player(scenario, setting(Role::Acs, 1)));
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    hand.connect_from(2, elsewhere());
    assert_eq!(status(&hand.say(2, &post(""))), SENT_AWAY);
    assert!(goes_on(&hand.say(3, &post(""))));
}

#[test]
fn an_inform_in_the_midst_of_its_session_differs() {
    let mut hand = acs_player(true, None);
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    hand.say(1, &informing(OURS, "1 BOOT"));
    let replayed = hand.player.finish();
    assert_eq!(replayed.verdict, ReplayVerdict::Differs);
    let found = differences(&replayed);
    assert!(
        found
            .iter()
            .any(|it| it.actual.as_deref() == Some("Inform")),
        "{found:#?}"
    );
}
