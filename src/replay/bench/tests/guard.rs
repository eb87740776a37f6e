//! What the guard refuses, and what it is told.

use super::*;

#[test]
fn what_the_guard_refuses_is_dropped_and_the_session_ends() {
    let mut stage = Stage::new(&["001565-T46-*"], None);
    stage.order("for 001565-T46-1: FactoryReset");
    stage.order("for 001565-T46-1: GetRPCMethods");
    for classes in [vec![], vec![Class::Destroy]] {
        stage.classes = classes;
        stage.order("for 001565-T46-2: SetParameterValues Device.ManagementServer.URL=http://x/");
        for serial in ["1", "2"] {
            let id = stage.connect(A);
            stage.post(id, "", &inform(serial));
            let mut answer = stage.post(id, "", "");
            assert!(!answer.contains("FactoryReset") && !answer.contains("ManagementServer"));
            if answer.contains("GetRPCMethods") {
                answer = stage.post(id, "", "");
            }
            assert_eq!(answer, "HTTP/1.1 204 No Content\r\n\r\n");
            stage.bench.closed(stage.now, id);
            stage.act();
        }
    }
    // A pattern names nobody.
    assert!(
        stage.says("destroy needs the device named"),
        "{:?}",
        stage.told
    );
    assert_eq!(
        stage
            .told
            .iter()
            .filter(|it| it.contains("refused"))
            .count(),
        3
    );
    assert_eq!((stage.ended.len(), stage.bench.waiting()), (4, 0));
}

#[test]
fn a_refusal_on_a_connection_that_closes_says_goodbye_before_it_is_closed() {
    let mut stage = Stage::new(&[], None);
    stage.order("Reboot");
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    let request = post("", "").replace("Host: acs", "Host: acs\r\nConnection: close");
    assert_eq!(
        stage.say(id, request.as_bytes()),
        "HTTP/1.1 204 No Content\r\n\r\n"
    );
    assert_eq!(
        (stage.closed.as_slice(), stage.ended.len()),
        ([id].as_slice(), 1)
    );
    assert!(
        stage.says("q:1: refused: Reboot is disrupt"),
        "{:?}",
        stage.told
    );
}

#[test]
fn a_refusal_is_of_the_session_that_it_was_written_for() {
    let mut stage = Stage::new(&[], None);
    stage.order("for 001565-T46-1: GetRPCMethods");
    stage.order("for 001565-T46-2: Reboot");
    let (one, two) = (stage.connect(A), stage.connect(A));
    let of_one = cookie(&stage.post(one, "", &inform("1")));
    let of_two = cookie(&stage.post(two, "", &inform("2")));
    let shared = stage.connect(A);
    let asked = stage.post(shared, &of_one, "");
    assert!(asked.contains("GetRPCMethods"), "{asked}");
    assert_eq!(status(&stage.post(shared, &of_two, "")), "204");
    assert!(stage.says("refused: Reboot is disrupt"), "{:?}", stage.told);
    // The first goes on as if nothing had been.
    let answer = response(&asked_id(&asked), "GetRPCMethodsResponse", "");
    assert_eq!(status(&stage.post(shared, &of_one, &answer)), "204");
    assert!(stage.says("GetRPCMethods -> GetRPCMethodsResponse"));
}

#[test]
fn a_connection_is_asked_nothing_of_another_device_than_its_inform_named() {
    let mut stage = Stage::new(&["001565-T46-1", "001565-T46-2"], None);
    stage.classes = vec![Class::Destroy];
    stage.order("for 001565-T46-1: FactoryReset");
    let (one, two) = (stage.connect(A), stage.connect(A));
    let of_one = cookie(&stage.post(one, "", &inform("1")));
    stage.post(two, "", &inform("2"));
    assert_eq!(status(&stage.post(two, &of_one, "")), "403");
    // Nor where that device is not served, or has yet to show who it is.
    let mut stage = Stage::new(&[], Some(basic()));
    stage.order("for 001565-T46-1: GetRPCMethods");
    let (one, two) = (stage.connect(A), stage.connect(A));
    let of_one = stage.say(one, with("cGhvbmU6czNjcmV0", "", &inform("1")).as_bytes());
    assert_eq!(status(&stage.post(two, "", &inform("2"))), "401");
    assert_eq!(status(&stage.post(two, &cookie(&of_one), "")), "401");
    assert_eq!(stage.bench.waiting(), 1);
    assert!(stage.post(one, "", "").contains("GetRPCMethods"));
}

#[test]
fn the_guard_is_told_which_device_the_connection_named() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    let request = post("", &inform("1"));
    let mut stream = http1::Stream::new(http1::Kind::Request, http1::Limits::default(), 0);
    let mut input = request.as_bytes();
    while let Some(event) = stream.next(&mut input) {
        match event {
            http1::Event::Head => stream.keep_body(http1::Keep::All),
            http1::Event::Message(message) => {
                stage.bench.message(stage.now, id, Box::new(message));
            }
            _ => {}
        }
    }
    let met = match stage.bench.poll_action() {
        Some(BenchAction::Send { met, .. }) => met,
        _ => None,
    };
    assert_eq!(met.as_deref(), Some("001565-T46-1"));
}

#[test]
fn an_answer_of_ours_that_is_refused_ends_its_session_in_peace() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    stage.bench.refused(stage.now, id, Some(1), "no".to_owned());
    assert_eq!(stage.act(), "HTTP/1.1 204 No Content\r\n\r\n");
    assert!(stage.says("an answer of ours: refused: no"));
    assert_eq!(stage.closed, []);
    // The end of a session that is over is not answered with another.
    stage.bench.refused(stage.now, id, Some(1), "no".to_owned());
    assert_eq!(
        (stage.act().as_str(), stage.closed.as_slice()),
        ("", [id].as_slice())
    );
    assert_eq!(stage.ended, [(1, "001565-T46-1".to_owned(), None)]);
}
