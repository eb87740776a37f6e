//! Whose session it is, how it ends, and what becomes of who is silent or hostile.

use super::*;

#[test]
fn devices_that_are_not_named_get_the_end_and_nothing_else() {
    let mut stage = Stage::new(&["001565-T46-1"], None);
    stage.order("GetRPCMethods");
    let id = stage.connect(A);
    let answer = stage.post(id, "", &inform("2"));
    assert_eq!(status(&answer), "403");
    assert!(
        !answer.contains("Envelope") && !answer.contains("Cookie"),
        "{answer}"
    );
    assert_eq!((stage.closed.len(), stage.ended.len()), (1, 0));
    assert!(stage.says("001565-T46-2 is not served"));
    let id = stage.connect(A);
    assert_eq!(status(&stage.post(id, "", &inform("1"))), "200");
    assert!(stage.post(id, "", "").contains("GetRPCMethods"));
}

#[test]
fn devices_at_the_same_time_keep_their_sessions_and_lines() {
    let mut stage = Stage::new(&[], None);
    stage.order("for 001565-T46-2: GetParameterNames Device.Two.");
    stage.order("GetParameterNames Device.One.");
    let (one, two) = (stage.connect(A), stage.connect(A));
    let of_one = cookie(&stage.post(one, "", &inform("1")));
    let of_two = cookie(&stage.post(two, "", &inform("2")));
    assert_ne!(of_one, of_two);
    // The cookie says whose message it is, not the connection: proxies mix devices.
    let shared = stage.connect(A);
    let asked = stage.post(shared, &of_two, "");
    assert!(asked.contains("Device.Two."), "{asked}");
    let asked = stage.post(shared, &of_one, "");
    assert!(asked.contains("Device.One."), "{asked}");
    // A cookie from elsewhere is nobody's.
    let elsewhere = stage.connect(B);
    assert_eq!(status(&stage.post(elsewhere, &of_one, "")), "403");
    assert!(stage.says("belongs to no session"));
}

#[test]
fn a_second_inform_ends_the_older_session() {
    let mut stage = Stage::new(&[], None);
    let first = stage.connect(A);
    stage.post(first, "", &inform("1"));
    let second = stage.connect(B);
    assert_eq!(status(&stage.post(second, "", &inform("1"))), "200");
    assert_eq!(stage.closed, [first]);
    let ended = (
        1,
        "001565-T46-1".to_owned(),
        Some("the device began another".to_owned()),
    );
    assert_eq!(stage.ended, [ended]);
    // On the same connection as well, which stays.
    assert_eq!(status(&stage.post(second, "", &inform("1"))), "200");
    assert_eq!((stage.closed.len(), stage.ended.len()), (1, 2));
}

#[test]
fn a_device_without_cookies_may_open_a_connection_for_each_message() {
    let mut stage = Stage::new(&[], None);
    stage.order("GetRPCMethods");
    let first = stage.connect(A);
    stage.post(first, "", &inform("1"));
    stage.bench.closed(stage.now, first);
    let second = stage.connect(A);
    let asked = stage.post(second, "", "");
    assert!(asked.contains("GetRPCMethods"), "{asked}");
    // With two such devices at one address, nobody knows whose it is.
    let third = stage.connect(A);
    stage.post(third, "", &inform("2"));
    stage.bench.closed(stage.now, second);
    stage.bench.closed(stage.now, third);
    let fourth = stage.connect(A);
    assert_eq!(status(&stage.post(fourth, "", "")), "403");
}

#[test]
fn one_connection_has_one_session_at_a_time() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    for serial in 0..300 {
        let answer = stage.post(id, "", &inform(&serial.to_string()));
        assert_eq!(status(&answer), "200", "{serial}");
    }
    assert_eq!((stage.bench.sessions.len(), stage.ended.len()), (1, 299));
    let why = stage.ended[0].2.as_deref();
    assert_eq!(why, Some("its connection went on with 001565-T46-1"));
}

#[test]
fn a_device_is_woken_between_its_sessions() {
    let mut stage = Stage::new(&[], None);
    stage.order("connection-request");
    stage.order("GetRPCMethods");
    assert_eq!(stage.woken, []);
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    // What stands behind it is for the next session.
    assert_eq!(status(&stage.post(id, "", "")), "204");
    assert_eq!(stage.woken, []);
    stage.bench.closed(stage.now, id);
    stage.act();
    let url = "http://192.0.2.1:7547/cr".to_owned();
    assert_eq!(stage.woken, [("001565-T46-1".to_owned(), url)]);
    stage.bench.woken(stage.now, "001565-T46-1", Ok(204));
    stage.act();
    assert!(stage.says("001565-T46-1 was woken (204)"));
    let waits = "waits for the lines before it";
    assert!(!stage.says(waits));
    stage.order("connection-request");
    assert!(stage.says(waits) && stage.woken.len() == 1);
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    assert!(stage.post(id, "", "").contains("GetRPCMethods"));
}

#[test]
fn silence_ends_sessions_and_connections() {
    let mut stage = Stage::new(&[], None);
    let (id, idle) = (stage.connect(A), stage.connect(B));
    stage.post(id, "", &inform("1"));
    assert_eq!(stage.bench.wakes_at(), Some(Duration::from_secs(30)));
    stage.pass(30);
    assert_eq!(stage.closed, [id, idle]);
    assert_eq!(stage.ended[0].2.as_deref(), Some("nothing came for 30 s"));
    assert_eq!(stage.bench.wakes_at(), None);
    // Who does not close the connection behind the end of the session is closed.
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    stage.post(id, "", "");
    stage.pass(2);
    assert_eq!((stage.closed.len(), stage.ended.len()), (3, 2));
    assert_eq!(stage.ended[1].2, None);
}

#[test]
fn a_device_that_leaves_is_waited_for_a_moment() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    let cookie = cookie(&stage.post(id, "", &inform("1")));
    stage.bench.closed(stage.now, id);
    stage.pass(4);
    let id = stage.connect(A);
    stage.order("GetRPCMethods");
    assert!(stage.post(id, &cookie, "").contains("GetRPCMethods"));
    stage.bench.closed(stage.now, id);
    stage.pass(5);
    assert!(
        stage.ended[0]
            .2
            .as_deref()
            .is_some_and(|why| why.contains("before the end"))
    );
    assert!(stage.says("did not answer GetRPCMethods"));
}

#[test]
fn hostile_requests_are_answered_and_forgotten() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    assert_eq!(
        status(&stage.say(id, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")),
        "405"
    );
    let id = stage.connect(A);
    assert_eq!(status(&stage.post(id, "session=guess", "")), "403");
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    assert_eq!(status(&stage.post(id, "", "<no soap")), "400");
    assert_eq!(stage.ended.len(), 1);
    // An answer to nothing, an ID that is markup or long, an answer where none belongs.
    let id = stage.connect(A);
    let long = "x".repeat(100_000);
    let hostile = inform("1").replace("of &lt;the&gt; device", &long);
    let answer = stage.post(id, "", &hostile);
    assert!(
        status(&answer) == "200" && answer.len() < 4096,
        "{}",
        answer.len()
    );
    let answer = stage.post(id, "", &response("1", "GetParameterValuesResponse", ""));
    assert_eq!(status(&answer), "204");
    assert!(stage.says("answers nothing that was asked"));
    // A crowd: connections and sessions beyond the bound are turned away.
    for serial in 0..400 {
        let id = stage.connect(B);
        stage.post(id, "", &inform(&serial.to_string()));
    }
    assert!(stage.bench.connections.len() <= CONNECTIONS_MAX && stage.bench.sessions.len() <= 128);
    stage.bench.stop(stage.now);
    stage.act();
    assert!(stage.bench.connections.is_empty() && stage.bench.sessions.is_empty());
}
