//! `-Y` on the commands that take it: the records it selects, and what is said of a bad expression.

use crate::program::{code, informant, json, stderr, stdout};

/// The generated phone's three sessions: a faulted bootstrap, a reboot, a value change.
fn phone() -> String {
    format!(
        "{}/captures/bootstrap-with-provisioning/capture.pcapng",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// Numbers of the sessions that `list` shows.
fn listed(expression: &str) -> Vec<u64> {
    listed_in(&phone(), expression)
}

fn listed_in(capture: &str, expression: &str) -> Vec<u64> {
    let output = informant(&["list", "-T", "ndjson", "-Y", expression, capture]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    stdout(&output)
        .lines()
        .filter_map(|line| json(line)["session"].as_u64())
        .collect()
}

#[test]
fn list_shows_the_sessions_that_are_selected() {
    assert_eq!(listed("outcome == faulted"), [1]);
    assert_eq!(listed("outcome == complete"), [2, 3]);
    assert_eq!(listed("rpc == GetParameterValues"), [1, 2]);
    assert_eq!(listed("events contains \"VALUE CHANGE\""), [3]);
    assert_eq!(
        listed("device.product_class == GXP2170 && !(fault_code == 9003)"),
        [2, 3]
    );
    assert_eq!(listed("session > 5"), [0_u64; 0]);
}

#[test]
fn what_only_messages_hold_selects_sessions_too() {
    assert_eq!(
        listed("rpc == SetParameterValues && parameter ~ /SIP\\.RegistrationPeriod$/"),
        [1]
    );
    assert_eq!(listed("parameter == \"no such parameter\""), [0_u64; 0]);
}

#[test]
fn messages_shows_the_records_that_are_selected() {
    let output = informant(&[
        "messages",
        "-T",
        "ndjson",
        "-Y",
        "fault.code == 9003",
        &phone(),
    ]);
    let records: Vec<_> = stdout(&output).lines().map(json).collect();
    assert_eq!(
        records.len(),
        1,
        "the envelope, not the HTTP message around it"
    );
    assert_eq!(records[0]["protocol"], "cwmp");
    assert_eq!(records[0]["fault"]["code"], "9003");
    let output = informant(&["messages", "-T", "ndjson", "-Y", "status == 401", &phone()]);
    let statuses: Vec<_> = stdout(&output)
        .lines()
        .map(|line| json(line)["status"].as_u64())
        .collect();
    assert!(
        !statuses.is_empty() && statuses.iter().all(|status| *status == Some(401)),
        "{statuses:?}"
    );
    let all = stdout(&informant(&["messages", &phone()])).lines().count();
    let some = stdout(&informant(&[
        "messages",
        "-Y",
        "message == Inform",
        &phone(),
    ]))
    .lines()
    .count();
    assert!(some > 1 && some < all, "{some} of {all}");
}

#[test]
fn a_bad_expression_is_shown_with_a_caret() {
    let output = informant(&["list", "-Y", "outcom == faulted", &phone()]);
    assert_eq!(code(&output), 2);
    let complaint = stderr(&output);
    assert!(
        complaint.contains("^^^^^^") && complaint.contains("did you mean `outcome`?"),
        "{complaint}"
    );
    assert!(stdout(&output).is_empty());
}

#[test]
fn a_name_that_no_record_has_is_remarked_on() {
    for (command, expression, remark) in [
        (
            "list",
            "status == 200",
            "`status` is no name of these records",
        ),
        (
            "summary",
            "status == 200",
            "`status` is no name of these records",
        ),
        (
            "flow",
            "body_bytes > 0",
            "`body_bytes` is no name of these records",
        ),
        (
            "messages",
            "outcome",
            "`outcome` is no name of these records",
        ),
        (
            "list",
            "server_name == acs.example.net",
            "`server_name` is no name of these records",
        ),
    ] {
        let arguments = [command, "-Y", expression, &phone()];
        let output = informant(&arguments);
        assert_eq!(code(&output), 0);
        assert!(stderr(&output).contains(remark), "{}", stderr(&output));
        let quiet = informant(&[&arguments[..], &["-q"]].concat());
        assert_eq!(stderr(&quiet), "");
        assert_eq!(stdout(&quiet), stdout(&output));
    }
    let show = informant(&["show", &phone(), "1", "-Y", "direction == download"]);
    assert!(stderr(&show).contains("`direction` is no name of these records"));
}

/// An empty answer is an answer: valid in its form, told on standard error, and no failure.
#[test]
fn nothing_selected_is_said_and_is_no_failure() {
    let none = "session == 99";
    for (form, expected, remark) in [
        ("list", "", "-Y selects none of 3 sessions"),
        ("list -T json", "[]\n", "-Y selects none of 3 sessions"),
        ("list -T ndjson", "", "-Y selects none of 3 sessions"),
        (
            "messages",
            "",
            "-Y selects none of 32 messages and transfers",
        ),
        (
            "messages -T json",
            "[]\n",
            "-Y selects none of 32 messages and transfers",
        ),
        (
            "messages -T ndjson",
            "",
            "-Y selects none of 32 messages and transfers",
        ),
        ("flow", "", "-Y selects none of 3 sessions"),
        (
            "flow * 1",
            "",
            "-Y selects none of 18 messages of session 1",
        ),
        (
            "show * 1",
            "",
            "-Y selects none of 18 messages of session 1",
        ),
        (
            "show * 2 --raw",
            "",
            "-Y selects none of 8 messages of session 2",
        ),
    ] {
        let form = if form.contains('*') {
            form.to_owned()
        } else {
            format!("{form} *")
        };
        let phone = phone();
        let words = form
            .split(' ')
            .map(|word| if word == "*" { phone.as_str() } else { word });
        let arguments: Vec<&str> = words.chain(["-Y", none]).collect();
        let output = informant(&arguments);
        assert_eq!(code(&output), 0, "{form}");
        assert_eq!(stdout(&output), expected, "{form}");
        assert!(
            stderr(&output).contains(remark),
            "{form}: {}",
            stderr(&output)
        );
        assert_eq!(
            stderr(&informant(&[&arguments[..], &["-q"]].concat())),
            "",
            "{form}"
        );
    }
    let screen = informant(&["summary", "-Y", none, &phone()]);
    assert_eq!(code(&screen), 0);
    assert!(
        stdout(&screen).ends_with("\n\nverdict  -Y selects none of 3 sessions\n"),
        "{}",
        stdout(&screen)
    );
    let remark = "informant: -Y selects none of 3 sessions; files, packets, TCP and HTTP are counted as a whole\n";
    assert_eq!(stderr(&screen), remark);
    let summary = informant(&["summary", "-T", "json", "-Y", none, &phone()]);
    assert_eq!(stderr(&summary), remark);
    let summary = json(&stdout(&summary));
    assert_eq!(summary["cwmp"]["sessions"], 0);
    assert_eq!(summary["cwmp"]["messages"], serde_json::json!({}));
    assert_eq!(summary["devices"], serde_json::json!([]));
    assert_eq!(
        summary["http"]["requests"], 16,
        "traffic is counted as a whole"
    );
    let show = json(&stdout(&informant(&[
        "show",
        &phone(),
        "1",
        "-T",
        "json",
        "-Y",
        none,
    ])));
    assert_eq!(show["messages"], serde_json::json!([]));
    assert_eq!(show["session"]["session"], 1);
}

/// Where the capture holds nothing at all, that is what is said, not that a filter took it away.
#[test]
fn an_empty_capture_is_not_blamed_on_the_filter() {
    let folder = crate::program::scratch();
    let empty =
        crate::program::written(&folder, "empty.pcap", &crate::scene::sessions_capture(&[]));
    for command in ["list", "flow"] {
        let output = informant(&[command, &empty, "-Y", "session"]);
        assert_eq!(stderr(&output), "informant: no CWMP session in here\n");
    }
    let summary = informant(&["summary", &empty, "-Y", "session"]);
    assert!(stdout(&summary).contains("no CWMP session in here"));
}

#[test]
fn the_first_screen_of_some_sessions() {
    let phone = phone();
    let output = informant(&[&phone, "-Y", "outcome == complete"]);
    let screen = stdout(&output);
    assert!(
        screen.contains("\n2 of 3 sessions\n") && screen.contains("verdict  2 complete\n"),
        "{screen}"
    );
    // HTTP is counted as a whole, and stands with what else is so.
    let (above, below) = screen
        .split_once("\n  above: the whole input · below: what -Y selects\n")
        .expect("what is counted as a whole stands apart");
    assert!(above.contains("16 HTTP requests · 16 responses · 3 sessions"));
    assert!(!below.contains("HTTP") && below.contains("  8 CWMP messages · 2 empty POSTs\n"));
    assert!(
        !screen.contains("9003") && screen.contains("96 frames"),
        "{screen}"
    );
    assert!(
        screen.contains("informant flow ") && !screen.contains("pcapng 1 "),
        "{screen}"
    );
    assert_eq!(stderr(&output), "", "the screen tells it");
    let all = informant(&["summary", "-q", &phone, "-Y", "session"]);
    assert_eq!(stdout(&all), stdout(&informant(&["summary", &phone])));
}

/// Both ladders of a story with a Connection Request: what belongs to a session goes with it.
#[test]
fn what_belongs_to_a_session_is_drawn_with_it() {
    let story = |name: &str| {
        format!(
            "{}/captures/{name}/capture.pcapng",
            env!("CARGO_MANIFEST_DIR")
        )
    };
    let request = story("connection-request");
    let all = stdout(&informant(&["flow", &request]));
    assert!(all.contains("Connection Request"), "{all}");
    let woken = stdout(&informant(&[
        "flow",
        &request,
        "-Y",
        "triggered_by.kind == http_connection_request",
    ]));
    assert!(
        woken.contains("Connection Request") && woken.matches("session ").count() >= 1,
        "{woken}"
    );
    let others = stdout(&informant(&[
        "flow",
        &request,
        "-Y",
        "!(triggered_by.kind == http_connection_request) && session",
    ]));
    assert!(!others.contains("GET "), "{others}");
    let download = story("firmware-download");
    let asking = stdout(&informant(&["flow", &download, "-Y", "rpc == Download"]));
    assert!(asking.contains("GET "), "{asking}");
    let number = listed_in(&download, "rpc == Download")[0].to_string();
    let file = stdout(&informant(&[
        "flow",
        &download,
        &number,
        "-Y",
        "direction == download",
    ]));
    assert!(file.contains("GET ") && !file.contains("Inform "), "{file}");
    let rpc = stdout(&informant(&[
        "flow",
        &download,
        &number,
        "-Y",
        "rpc == Download",
    ]));
    assert!(
        !rpc.contains("GET ") && rpc.contains("DownloadResponse"),
        "{rpc}"
    );
}

/// One message by its number, and only if it is selected.
#[test]
fn a_number_and_a_filter_both_hold() {
    let phone = phone();
    let fault = ["show", &phone, "1", "-Y", "kind == fault", "--message"];
    let with = |number| stdout(&informant(&[&fault[..], &[number]].concat()));
    assert!(with("11").contains("[11]"), "{}", with("11"));
    assert_eq!(with("10"), "");
}

/// A ladder that leaves messages out still says where bytes are missing.
#[test]
fn an_arrow_that_a_gap_touches_stays() {
    let values = format!(
        "<cwmp:GetParameterValuesResponse><ParameterList><ParameterValueStruct><Name>A.B</Name><Value>{}</Value>\
         </ParameterValueStruct></ParameterList></cwmp:GetParameterValuesResponse>",
        "x".repeat(5000)
    );
    let ask = "<cwmp:GetParameterValues><ParameterNames><string>A.</string></ParameterNames></cwmp:GetParameterValues>";
    let session = crate::scene::Hostile {
        calls: vec![(false, ask.to_owned()), (true, values)],
        ..crate::scene::plain_session()
    };
    let whole = crate::scene::session_capture(&session);
    // The second of the long message's full segments is lost.
    let mut lossy = whole.get(..24).unwrap_or_default().to_vec();
    let (mut at, mut full) = (24, 0);
    while let Some(length) = whole
        .get(at + 8..at + 12)
        .and_then(|length| length.try_into().ok())
    {
        let end = at + 16 + u32::from_le_bytes(length) as usize;
        full += usize::from(end - at > 1400);
        if full != 2 || end - at <= 1400 {
            lossy.extend_from_slice(whole.get(at..end).unwrap_or_default());
        }
        at = end;
    }
    assert!(lossy.len() < whole.len());
    let folder = crate::program::scratch();
    let lossy = crate::program::written(&folder, "lossy.pcap", &lossy);
    let all = stdout(&informant(&["flow", &lossy, "1"]));
    assert!(
        all.contains("! gap") && all.contains("GetParameterValues "),
        "{all}"
    );
    let some = stdout(&informant(&[
        "flow",
        &lossy,
        "1",
        "-Y",
        "message == Inform",
    ]));
    assert!(some.contains("Inform ") && some.contains("! gap"), "{some}");
    assert!(
        !some.contains("InformResponse") && !some.contains("GetParameterValues "),
        "{some}"
    );
}
