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
    let output = informant(&["list", "-T", "ndjson", "-Y", expression, &phone()]);
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
fn a_name_of_other_records_is_remarked_on() {
    let output = informant(&["list", "-Y", "status == 200", &phone()]);
    assert_eq!(code(&output), 0);
    assert!(
        stderr(&output).contains("`status` is no name of these records"),
        "{}",
        stderr(&output)
    );
}
