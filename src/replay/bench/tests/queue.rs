//! What a device is asked, and what it asks, in every version.

use super::*;

#[test]
fn every_version_is_answered_in_its_own_namespace() {
    for minor in 0..=4 {
        let namespace = format!("urn:dslforum-org:cwmp-1-{minor}");
        let mut stage = Stage::new(&[], None);
        let id = stage.connect(A);
        let answer = stage.post(id, "", &inform_of(&namespace, "", "1"));
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(
            answer.contains(&format!("xmlns:cwmp=\"{namespace}\"")),
            "{answer}"
        );
        assert!(
            answer.contains("<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes>"),
            "{answer}"
        );
        assert!(
            answer.contains("mustUnderstand=\"1\">of &lt;the&gt; device</cwmp:ID>"),
            "{answer}"
        );
        assert!(answer.contains("Content-Length: ") && !answer.contains("UseCWMPVersion"));
        stage.order("GetParameterValues Device.");
        let answer = stage.post(id, &cookie(&answer), "");
        assert!(
            answer.contains(&format!("xmlns:cwmp=\"{namespace}\"")),
            "{answer}"
        );
        stage.classes = vec![Class::Set];
        stage.order("SetParameterValues Device.X=1");
        let answer = stage.post(id, "", "");
        assert!(
            answer.contains("soap-enc:arrayType=\"cwmp:ParameterValueStruct[1]\""),
            "{answer}"
        );
    }
}

#[test]
fn of_the_offered_versions_the_newest_known_is_named() {
    let mut stage = Stage::new(&[], None);
    let offer = "<cwmp:SupportedCWMPVersions s:mustUnderstand=\"0\">1.0, 1.2,1.3,1.9</cwmp:SupportedCWMPVersions>";
    let id = stage.connect(A);
    let answer = stage.post(id, "", &inform_of("urn:dslforum-org:cwmp-1-2", offer, "1"));
    assert!(
        answer.contains("<cwmp:UseCWMPVersion soap-env:mustUnderstand=\"1\">1.3</"),
        "{answer}"
    );
}

#[test]
fn a_queue_is_asked_line_by_line_and_then_the_session_ends() {
    let mut stage = Stage::new(&[], None);
    stage.order("GetParameterValues Device.DeviceInfo.");
    stage.order("GetRPCMethods");
    stage.order("xml file");
    let id = stage.connect(A);
    let cookie = cookie(&stage.post(id, "", &inform("1")));
    assert!(stage.says("lines that name no device are for 001565-T46-1"));
    let asked = stage.post(id, &cookie, "");
    assert!(
        asked.contains("<string>Device.DeviceInfo.</string>"),
        "{asked}"
    );
    let answer = response(&asked_id(&asked), "GetParameterValuesResponse", "");
    let asked = stage.post(id, &cookie, &answer);
    assert!(asked.contains("<cwmp:GetRPCMethods"), "{asked}");
    let fault = "<s:Fault><faultcode>Server</faultcode></s:Fault>";
    let asked = stage.post(id, &cookie, &envelope(NS, "", &asked_id(&asked), fault));
    assert!(asked.contains("<string>Device.</string>"), "{asked}");
    let end = stage.post(
        id,
        &cookie,
        &response("another", "GetParameterValuesResponse", ""),
    );
    assert_eq!(end, "HTTP/1.1 204 No Content\r\n\r\n");
    assert!(stage.says("GetParameterValues -> GetParameterValuesResponse"));
    assert!(stage.says("GetRPCMethods -> Fault") && stage.says("another cwmp:ID"));
    assert_eq!(stage.ended, []);
    stage.bench.closed(stage.now, id);
    stage.act();
    assert_eq!(stage.ended, [(1, "001565-T46-1".to_owned(), None)]);
}

#[test]
fn what_a_device_asks_is_answered_and_what_no_acs_has_is_a_fault() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    let cookie = cookie(&stage.post(id, "", &inform("1")));
    for (method, content, says) in [
        (
            "TransferComplete",
            "<CommandKey/>",
            "<cwmp:TransferCompleteResponse/>",
        ),
        (
            "AutonomousTransferComplete",
            "",
            "<cwmp:AutonomousTransferCompleteResponse/>",
        ),
        (
            "DUStateChangeComplete",
            "",
            "<cwmp:DUStateChangeCompleteResponse/>",
        ),
        (
            "AutonomousDUStateChangeComplete",
            "",
            "<cwmp:AutonomousDUStateChangeCompleteResponse/>",
        ),
        (
            "RequestDownload",
            "<FileType/>",
            "<cwmp:RequestDownloadResponse/>",
        ),
        ("GetRPCMethods", "", "<string>TransferComplete</string>"),
        (
            "Kicked",
            "<Next>http://a/?b</Next>",
            "<NextURL>http://a/?b</NextURL>",
        ),
        ("X_Vendor", "", "<FaultCode>8000</FaultCode>"),
        ("Reboot", "", "<FaultCode>8000</FaultCode>"),
    ] {
        let answer = stage.post(id, &cookie, &response("7", method, content));
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(
            answer.contains(says) && answer.contains(">7</cwmp:ID>"),
            "{method}: {answer}"
        );
    }
    assert_eq!(status(&stage.post(id, &cookie, "")), "204");
}
