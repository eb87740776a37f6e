//! A replay with a difference of every kind, and what a comparison of two captures prints.

use std::time::Duration;

use informant::report::{Outcome, Run, json};
use informant::session::{
    Difference, DifferenceClass, Masking, Part, Position, ReplayStep, ReplayVerdict, Replayed,
    ReplayedTls, Secured, Side, StepResult, TlsFailure,
};
use informant::source::Timestamp;
use serde_json::Value;

use super::support::captures;
use super::{ASLEEP, DEMO, printed, root};

fn difference(class: DifferenceClass, step: Option<u32>) -> Difference {
    Difference {
        class,
        step,
        message: Some("SetParameterValuesResponse".to_owned()),
        place: "Status".to_owned(),
        expected: Some("0".to_owned()),
        actual: Some("1".to_owned()),
        is_secret: false,
        is_wording: false,
        position: step.map(|_| Position {
            part: Part::Body,
            line: 12,
            column: 5,
            offset: 400,
        }),
        excerpt: None,
    }
}

fn step(number: u32, result: StepResult) -> ReplayStep {
    ReplayStep {
        number,
        wanted: "expect SetParameterValuesResponse".to_owned(),
        from: (number > 1).then_some(Side::Cpe),
        class: (number > 2).then_some("set"),
        came: (number > 1).then(|| "Fault 9003".to_owned()),
        result,
        at: (number > 1).then(|| Duration::from_millis(12)),
        differences: vec![difference(DifferenceClass::Value, Some(number))],
    }
}

fn replayed() -> Replayed {
    use DifferenceClass as Class;
    let classes = [
        Class::Order,
        Class::Missing,
        Class::Extra,
        Class::FaultChanged,
        Class::Transport,
        Class::Timing,
    ];
    let results = [
        StepResult::Passed,
        StepResult::Differs,
        StepResult::Tolerated,
        StepResult::Refused,
        StepResult::Failed,
        StepResult::Skipped,
    ];
    Replayed {
        scenario: "provisioning".to_owned(),
        role: "acs",
        device: None,
        peer: None,
        took: Duration::from_millis(1500),
        steps: (1..)
            .zip(results)
            .map(|(number, result)| step(number, result))
            .collect(),
        differences: classes.map(|class| difference(class, None)).to_vec(),
        ignored: vec![("cwmp:ID".to_owned(), 3)],
        verdict: ReplayVerdict::PeerFailed("the connection was refused".to_owned()),
        tls: Some(ReplayedTls {
            secured: Some(Secured {
                version: "TLS 1.2".to_owned(),
                cipher_suite: "TLS_RSA_WITH_AES_128_CBC_SHA".to_owned(),
                verified: false,
            }),
            failures: vec![TlsFailure {
                peer: ([127, 0, 0, 1], 40_312).into(),
                reason: "the phone showed no certificate".to_owned(),
                count: 2,
            }],
        }),
    }
}

/// The records of a replay, each with the name of its schema.
pub fn records() -> Vec<(&'static str, Value)> {
    let (replayed, masking) = (replayed(), Masking::default());
    let run = Run {
        replayed: &replayed,
        number: 2,
        of: 3,
        began: Timestamp::default(),
        last_frame: 12,
    };
    let document = json::line(&json::ReplayRecord::new(&run, masking));
    let mut outcome = Outcome {
        not_played: 2,
        exit_code: 5,
        reasons: vec!["the other side or the network failed".to_owned()],
        ..Outcome::default()
    };
    let none = json::line(&json::OutcomeRecord::new(&outcome));
    outcome.count(&replayed.verdict);
    let some = json::line(&json::OutcomeRecord::new(&outcome));
    let parse = |line: &str| serde_json::from_str::<Value>(line).expect("the output is JSON");
    let mut records = vec![
        ("replay", parse(&document)),
        ("replay-outcome", parse(&none)),
        ("replay-outcome", parse(&some)),
    ];
    for line in json::replay_lines(&run, masking).lines() {
        let record = parse(line);
        let name = match record["record"].as_str() {
            Some("replay_step") => "replay-step",
            Some("replay") => "replay-run",
            _ => "difference",
        };
        records.push((name, record));
    }
    for (list, name) in [("steps", "replay-step"), ("differences", "difference")] {
        let items = records[0].1[list].as_array().cloned().unwrap_or_default();
        records.extend(items.into_iter().map(|item| (name, item)));
    }
    records
}

/// What devices answer: values of which one is a secret, a fault, what no schema describes, and nothing that is an answer.
pub fn answers() -> Vec<(&'static str, Value)> {
    let value = |name: &str| {
        format!(
            "<ParameterValueStruct><Name>{name}</Name><Value>5060</Value></ParameterValueStruct>"
        )
    };
    let values = format!(
        "<c:GetParameterValuesResponse><ParameterList>{}{}</ParameterList></c:GetParameterValuesResponse>",
        value("Device.A"),
        value("Device.X.Password")
    );
    let fault = "<s:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><c:Fault><FaultCode>9003\
                 </FaultCode><FaultString>Invalid arguments</FaultString><SetParameterValuesFault><ParameterName>Device.A\
                 </ParameterName><FaultCode>9007</FaultCode><FaultString>no</FaultString></SetParameterValuesFault></c:Fault>\
                 </detail></s:Fault>";
    let vendors = "<c:X_00D09E_TestResponse><Password>hush</Password></c:X_00D09E_TestResponse>";
    let answer = |body: &str| {
        let soap = cwmp::SOAP;
        let envelope = format!(
            "<s:Envelope xmlns:s=\"{soap}\" xmlns:c=\"urn:dslforum-org:cwmp-1-0\"><s:Body>{body}</s:Body></s:Envelope>"
        );
        let (hints, limits) = (cwmp::Hints::default(), cwmp::Limits::default());
        let document = cwmp::parse(envelope.into_bytes(), &hints, &limits);
        let masking = Masking::default();
        let record = json::AnswerRecord::new(
            "001565-1",
            "q.txt:3",
            "GetParameterValues",
            &document,
            masking,
        );
        serde_json::from_str::<Value>(&json::line(&record)).expect("the output is JSON")
    };
    let answers = [values.as_str(), fault, vendors, ""].map(answer);
    assert_eq!(
        answers[0]["args"][0]["items"][1]["members"][1]["value"],
        "<masked>"
    );
    assert_eq!(answers[1]["fault"]["code"], "9003");
    let xml = answers[2]["xml"].as_str().expect("it is shown");
    assert!(xml.contains("masked") && !xml.contains("hush"), "{xml}");
    answers.map(|answer| ("answer", answer)).to_vec()
}

/// What `diff` prints of a capture beside itself, and beside another.
pub fn compared() -> Vec<(&'static str, Value)> {
    let file = |story: &str| {
        let path = captures().join(story).join("capture.pcapng");
        path.to_str()
            .expect("paths of the project are UTF-8")
            .to_owned()
    };
    let parse = |text: &str| serde_json::from_str::<Value>(text).expect("the output is JSON");
    let mut records = Vec::new();
    for (other, code) in [(DEMO, 0), (ASLEEP, 1)] {
        let (expected, actual) = (file(DEMO), file(other));
        let document = printed(&root(), &["diff", &expected, &actual, "-T", "json"], code);
        records.push(("diff", parse(&document)));
        let (expected, actual) = (format!("{expected}#1"), format!("{actual}#1"));
        let document = printed(&root(), &["diff", &expected, &actual, "-T", "json"], code);
        let document = parse(&document);
        let differences = document["pairs"][0]["differences"].as_array().cloned();
        let differences = differences.unwrap_or_default();
        let lines = printed(&root(), &["diff", &expected, &actual, "-T", "ndjson"], code);
        let lines: Vec<Value> = lines.lines().map(parse).collect();
        assert_eq!(lines, differences, "{expected} {actual}");
        assert_eq!(lines.is_empty(), code == 0, "{expected} {actual}");
        records.extend(lines.into_iter().map(|line| ("difference", line)));
        records.push(("diff", document));
    }
    records
}
