//! Matchers, faults, placeholders and bounds, on messages made for it; real sessions are compared in `tests/compare.rs`.

use std::fmt::Write as _;

use cwmp::{Document, Hints, Limits};
use proptest::prelude::*;

use super::{CompareRules, Comparison, Matcher, Said, messages};
use crate::session::{DifferenceClass as Class, Side};
use crate::source::Timestamp;

fn envelope(header: &str, body: &str) -> Document {
    let text = format!(
        r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:cwmp="urn:dslforum-org:cwmp-1-0"
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"#
    );
    cwmp::parse(text.into_bytes(), &Hints::default(), &Limits::default())
}

fn values(parameters: &[(&str, &str)]) -> Document {
    let mut list = String::new();
    for (name, value) in parameters {
        let _ = write!(
            list,
            "<ParameterValueStruct><Name>{name}</Name><Value xsi:type=\"xsd:string\">{value}</Value></ParameterValueStruct>"
        );
    }
    let body = format!(
        "<cwmp:GetParameterValuesResponse><ParameterList>{list}</ParameterList></cwmp:GetParameterValuesResponse>"
    );
    envelope("", &body)
}

fn said(soap: &Document) -> Said<'_> {
    Said {
        http: None,
        status: None,
        soap: Some(soap),
        from: Side::Cpe,
        at: None,
    }
}

fn compared(expected: &Document, actual: &Document, rules: &CompareRules) -> Comparison {
    messages(&said(expected), &said(actual), rules)
}

/// Class, place, expected and actual of each difference.
fn told(comparison: &Comparison) -> Vec<(Class, &str, Option<&str>, Option<&str>)> {
    let differences = comparison.differences.iter();
    differences
        .map(|one| {
            (
                one.class,
                one.place.as_str(),
                one.expected.as_deref(),
                one.actual.as_deref(),
            )
        })
        .collect()
}

fn with_matchers(matchers: &[(&str, &str)]) -> CompareRules {
    let read = |(place, matcher): &(&str, &str)| {
        let matcher: Matcher = matcher.parse().expect("a matcher");
        ((*place).to_owned(), matcher)
    };
    CompareRules {
        matchers: matchers.iter().map(read).collect(),
        ..CompareRules::default()
    }
}

#[test]
fn matchers_stand_for_values() {
    let expected = values(&[("Device.A", "1"), ("Device.B", "x"), ("Device.C", "y")]);
    let actual = values(&[("Device.A", "7"), ("Device.B", "z"), ("Device.D", "new")]);
    let rules = with_matchers(&[
        ("ParameterList/Device.A", "range:1..9"),
        (
            "GetParameterValuesResponse.ParameterList/*.B/Value",
            "one_of:z|x",
        ),
        ("ParameterList/Device.C", "absent"),
        ("ParameterList/Device.D", "any"),
    ]);
    assert_eq!(told(&compared(&expected, &actual, &rules)), []);
    let rules = with_matchers(&[
        ("ParameterList/Device.A", "range:1..5"),
        ("ParameterList/Device.B", "absent"),
        ("ParameterList/Device.C", "any"),
        ("ParameterList/Device.D", "glob:old*"),
        ("ParameterList/Device.E", "any"),
    ]);
    let wanted = [
        (
            Class::Value,
            "ParameterList/Device.A/Value",
            Some("range:1..5"),
            Some("7"),
        ),
        (
            Class::Extra,
            "ParameterList/Device.B",
            Some("absent"),
            Some("Value: z"),
        ),
        (
            Class::Value,
            "ParameterList/Device.D",
            Some("glob:old*"),
            Some("new"),
        ),
        (Class::Missing, "ParameterList/Device.C", Some("any"), None),
        (Class::Missing, "ParameterList/Device.E", Some("any"), None),
    ];
    assert_eq!(told(&compared(&expected, &actual, &rules)), wanted);
}

#[test]
fn some_of_a_list_is_enough_where_a_matcher_says_so() {
    let expected = values(&[("Device.A", "1")]);
    let actual = values(&[("Device.B", "2"), ("Device.A", "1")]);
    let rules = with_matchers(&[("ParameterList", "subset")]);
    assert_eq!(told(&compared(&expected, &actual, &rules)), []);
    let missing = [(Class::Missing, "ParameterList/Device.B", Some("2"), None)];
    assert_eq!(told(&compared(&actual, &expected, &rules)), missing);
}

#[test]
fn what_is_ignored_is_counted() {
    let expected = values(&[
        ("Device.A", "1"),
        ("Device.DeviceInfo.UpTime", "10"),
        ("Device.B", "1"),
    ]);
    let actual = values(&[("Device.A", "2"), ("Device.DeviceInfo.UpTime", "20")]);
    let rules = CompareRules {
        ignore: vec![
            "ParameterList/*.A".to_owned(),
            "GetParameterValuesResponse.ParameterList/Device.B".to_owned(),
        ],
        ..CompareRules::default()
    };
    let comparison = compared(&expected, &actual, &rules);
    assert_eq!(told(&comparison), []);
    let ignored = [
        ("GetParameterValuesResponse.ParameterList/Device.B", 1),
        ("ParameterList/*.A", 1),
        ("ParameterList/*.UpTime", 1),
    ];
    let counted: Vec<(&str, u32)> = comparison
        .ignored
        .iter()
        .map(|(what, count)| (what.as_str(), *count))
        .collect();
    assert_eq!(counted, ignored);
    // That a counter is there at all is compared.
    let gone = values(&[("Device.A", "1"), ("Device.B", "1")]);
    let wanted = [(
        Class::Missing,
        "ParameterList/Device.DeviceInfo.UpTime",
        Some("10"),
        None,
    )];
    assert_eq!(
        told(&compared(&expected, &gone, &CompareRules::default())),
        wanted
    );
}

#[test]
fn placeholders_stand_for_any_text() {
    let expected = values(&[
        ("Device.A", "http://{{host}}:{{port}}/x"),
        ("Device.B", "{{b}}"),
        ("Device.C", "{{not a name}}"),
    ]);
    let actual = values(&[
        ("Device.A", "http://h:80/x"),
        ("Device.B", ""),
        ("Device.C", "c"),
    ]);
    let rules = CompareRules {
        placeholders: true,
        ..CompareRules::default()
    };
    let wanted = [(
        Class::Value,
        "ParameterList/Device.C/Value",
        Some("{{not a name}}"),
        Some("c"),
    )];
    assert_eq!(told(&compared(&expected, &actual, &rules)), wanted);
    let other = values(&[
        ("Device.A", "https://h:80/x"),
        ("Device.B", "b"),
        ("Device.C", "{{not a name}}"),
    ]);
    assert_eq!(compared(&expected, &other, &rules).differences.len(), 1);
    // Text between two placeholders is not found twice in the same place.
    let expected = values(&[("Device.A", "{{a}}x{{b}}x")]);
    let actual = values(&[("Device.A", "ax")]);
    assert_eq!(compared(&expected, &actual, &rules).differences.len(), 1);
}

#[test]
fn faults_are_compared_by_their_parts() {
    let fault = |code: &str, parameters: &[(&str, &str)]| {
        let mut entries = String::new();
        for (name, code) in parameters {
            let _ = write!(
                entries,
                "<SetParameterValuesFault><ParameterName>{name}</ParameterName><FaultCode>{code}</FaultCode>\
                 <FaultString>no</FaultString></SetParameterValuesFault>"
            );
        }
        let body = format!(
            "<e:Fault><faultcode>e:Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
             <FaultCode>{code}</FaultCode><FaultString>bad</FaultString>{entries}</cwmp:Fault></detail></e:Fault>"
        );
        envelope("", &body)
    };
    let rules = CompareRules::default();
    let expected = fault("9003", &[("Device.A", "9007"), ("Device.B", "9005")]);
    let same = fault("9003", &[("Device.B", "9005"), ("Device.A", "9007")]);
    assert_eq!(told(&compared(&expected, &same, &rules)), []);
    let actual = fault("9004", &[("Device.A", "9008"), ("Device.C", "9005")]);
    let at = |name: &'static str| name;
    let wanted = [
        (Class::FaultChanged, "FaultCode", Some("9003"), Some("9004")),
        (
            Class::FaultChanged,
            at("SetParameterValuesFault/Device.A/FaultCode"),
            Some("9007"),
            Some("9008"),
        ),
        (
            Class::Extra,
            at("SetParameterValuesFault/Device.C"),
            None,
            Some("9005"),
        ),
        (
            Class::Missing,
            at("SetParameterValuesFault/Device.B"),
            Some("9005"),
            None,
        ),
    ];
    assert_eq!(told(&compared(&expected, &actual, &rules)), wanted);
    let answer = envelope(
        "",
        "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>",
    );
    let wanted = [(
        Class::FaultChanged,
        "",
        Some("SetParameterValuesResponse"),
        Some("Fault 9004"),
    )];
    assert_eq!(told(&compared(&answer, &actual, &rules)), wanted);
}

#[test]
fn headers_and_namespaces() {
    let body = "<cwmp:GetRPCMethods></cwmp:GetRPCMethods>";
    let rules = CompareRules::default();
    let plain = envelope("<cwmp:ID>1</cwmp:ID>", body);
    let other = envelope(
        "<cwmp:ID>2</cwmp:ID><cwmp:HoldRequests>0</cwmp:HoldRequests>",
        body,
    );
    let comparison = compared(&plain, &other, &rules);
    assert_eq!(told(&comparison), []);
    assert_eq!(
        comparison.ignored,
        [("cwmp:ID".to_owned(), 1), ("spelling".to_owned(), 1)]
    );
    let held = envelope("<cwmp:HoldRequests>1</cwmp:HoldRequests>", body);
    let wanted = [
        (Class::Missing, "cwmp:ID", Some("1"), None),
        (Class::Extra, "cwmp:HoldRequests", None, Some("1")),
    ];
    assert_eq!(told(&compared(&plain, &held, &rules)), wanted);
    let text = String::from_utf8_lossy(plain.text()).replace("cwmp-1-0", "cwmp-1-2");
    let newer = cwmp::parse(text.into_bytes(), &Hints::default(), &Limits::default());
    let (old, new) = ("urn:dslforum-org:cwmp-1-0", "urn:dslforum-org:cwmp-1-2");
    let wanted = [(Class::Value, "namespace cwmp", Some(old), Some(new))];
    assert_eq!(told(&compared(&plain, &newer, &rules)), wanted);
}

#[test]
fn keys_and_times_that_are_made_anew() {
    let done = |key: &str, start: &str| {
        let body = format!(
            "<cwmp:TransferComplete><CommandKey>{key}</CommandKey><FaultStruct><FaultCode>0</FaultCode><FaultString/></FaultStruct>\
             <StartTime>{start}</StartTime><CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:TransferComplete>"
        );
        envelope("", &body)
    };
    let (expected, actual) = (
        done("a", "2020-01-01T00:00:00Z"),
        done("b", "2026-05-05T00:00:00Z"),
    );
    let rules = CompareRules {
        fresh_keys: true,
        ..CompareRules::default()
    };
    let comparison = compared(&expected, &actual, &rules);
    assert_eq!(told(&comparison), []);
    let ignored = [
        ("TransferComplete.StartTime".to_owned(), 1),
        ("keys made anew".to_owned(), 1),
    ];
    assert_eq!(comparison.ignored, ignored);
    let wanted = [(Class::Value, "CommandKey", Some("a"), Some("b"))];
    assert_eq!(
        told(&compared(&expected, &actual, &CompareRules::default())),
        wanted
    );
    // Where it is known when both were said, a clock that is off is told.
    let at = |seconds: i64| {
        Some(Timestamp {
            nanoseconds: seconds.saturating_mul(1_000_000_000),
            digits: 0,
        })
    };
    let then = Said {
        at: at(1_577_836_800),
        ..said(&expected)
    };
    let now = Said {
        at: at(1_777_939_200),
        ..said(&actual)
    };
    assert_eq!(told(&messages(&then, &now, &rules)), []);
    let later = Said {
        at: at(1_777_939_300),
        ..now
    };
    let comparison = messages(&then, &later, &rules);
    let places: Vec<&str> = comparison
        .differences
        .iter()
        .map(|one| one.place.as_str())
        .collect();
    assert_eq!(places, ["StartTime"]);
}

#[test]
fn secrets_are_known_as_such() {
    let expected = values(&[("Device.X.Password", "old"), ("Device.Y", "1")]);
    let actual = values(&[("Device.X.Password", "new"), ("Device.Y", "2")]);
    let comparison = compared(&expected, &actual, &CompareRules::default());
    let secret: Vec<bool> = comparison
        .differences
        .iter()
        .map(|one| one.is_secret)
        .collect();
    assert_eq!(secret, [true, false]);
    let excerpts = comparison
        .differences
        .iter()
        .filter_map(|one| one.excerpt.as_ref());
    assert!(excerpts.clone().count() == 2 && excerpts.clone().all(|one| !one.text.contains("new")));
}

#[test]
fn a_long_list_takes_no_long_time() {
    let names: Vec<String> = (0..50_000)
        .map(|number| format!("Device.P.{number}"))
        .collect();
    let of = |value: &'static str, names: &mut dyn Iterator<Item = &String>| {
        let parameters: Vec<(&str, &str)> = names.map(|name| (name.as_str(), value)).collect();
        values(&parameters)
    };
    let expected = of("a", &mut names.iter());
    let actual = of("b", &mut names.iter().rev());
    let comparison = compared(&expected, &actual, &CompareRules::default());
    assert_eq!(comparison.differences.len(), 1_000);
    assert_eq!(comparison.omitted, 49_000);
    let empty = values(&[]);
    assert_eq!(
        compared(&expected, &empty, &CompareRules::default()).omitted,
        49_000
    );
}

#[test]
fn an_array_of_something_else() {
    let of = |kind: &str| {
        let body = format!(
            "<cwmp:GetParameterValues><ParameterNames soap-enc:arrayType=\"{kind}[1]\"><string>Device.</string></ParameterNames>\
             </cwmp:GetParameterValues>"
        );
        envelope("", &body)
    };
    let rules = CompareRules::default();
    let (one, same, other) = (of("xsd:string"), of("xs:string"), of("xsd:int"));
    assert_eq!(told(&compared(&one, &same, &rules)), []);
    let wanted = [(
        Class::Value,
        "ParameterNames/arrayType",
        Some("xsd:string"),
        Some("xsd:int"),
    )];
    assert_eq!(told(&compared(&one, &other, &rules)), wanted);
}

/// Pieces of bodies, in whatever order and however they nest.
const PIECES: [&str; 22] = [
    "<ParameterList>",
    "</ParameterList>",
    "<ParameterValueStruct>",
    "</ParameterValueStruct>",
    "<Name>Device.A</Name>",
    "<Name>Device.B</Name>",
    "<Value xsi:type='xsd:int'>1</Value>",
    "<Value>{{x}}</Value>",
    "<Value/>",
    "<Event>",
    "</Event>",
    "<EventStruct><EventCode>1 BOOT</EventCode></EventStruct>",
    "<e:Fault>",
    "</e:Fault>",
    "<FaultCode>9005</FaultCode>",
    "<SetParameterValuesFault><ParameterName>Device.A</ParameterName></SetParameterValuesFault>",
    "<CurrentTime>2026-01-01T00:00:00Z</CurrentTime>",
    "<string>x</string>",
    " text ",
    "</e:Body></e:Envelope><e:Envelope><e:Body>",
    "<cwmp:Inform>",
    "&bad;\u{fffd}",
];

fn body() -> impl Strategy<Value = Document> {
    let pieces = proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..40);
    pieces.prop_map(|pieces| {
        envelope(
            "<cwmp:ID>1</cwmp:ID>",
            &format!("<cwmp:Inform>{}", pieces.concat()),
        )
    })
}

proptest! {
    #[test]
    fn whatever_it_holds_a_message_is_the_same_as_itself(one in body(), other in body()) {
        let strict = CompareRules { unordered: Vec::new(), ..CompareRules::default() };
        let again = cwmp::parse(one.text().to_vec(), &Hints::default(), &Limits::default());
        let same = compared(&one, &again, &strict);
        prop_assert_eq!(told(&same), []);
        let rules = with_matchers(&[("ParameterList/*", "any"), ("Event", "subset"), ("CurrentTime", "absent")]);
        let there = compared(&one, &other, &rules);
        prop_assert!(there.differences.iter().all(|one| one.position.is_some() == one.excerpt.is_some()));
    }
}
