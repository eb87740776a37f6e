//! Sessions of real peers against themselves, and against themselves with one thing changed: that is what differs.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use cwmp::{Document, Element, Hints, Kind, Limits};
use informant::session::compare::{CompareRules, Comparison, Said, messages, sessions};
use informant::session::{DifferenceClass, Message, Part, Role, Side};
use informant::source::Timestamp;
use support::{analyse_file, captures, shared};

/// A message of a session, ready to be changed.
struct Spoken {
    http: http1::Message,
    soap: Option<Document>,
    from: Side,
    at: Timestamp,
}

impl Spoken {
    fn of(message: &Message) -> Self {
        let soap = message.soap.as_ref();
        Self {
            http: message.http.clone(),
            soap: soap.map(|soap| parsed(soap.text().to_vec())),
            from: message.from,
            at: message.provenance.time,
        }
    }

    fn said(&self) -> Said<'_> {
        Said {
            http: Some(&self.http),
            status: None,
            soap: self.soap.as_ref(),
            from: self.from,
            at: Some(self.at),
        }
    }

    /// The same message with another body.
    fn with_body(&self, text: Vec<u8>) -> Self {
        Self {
            http: self.http.clone(),
            soap: Some(parsed(text)),
            ..*self
        }
    }
}

fn parsed(text: Vec<u8>) -> Document {
    cwmp::parse(text, &Hints::default(), &Limits::default())
}

/// The captures of peers, or the project's own where there are none.
fn inputs() -> Vec<PathBuf> {
    let mut inputs: Vec<PathBuf> = Vec::new();
    if let Some(folder) = shared("captures/peers") {
        let files = fs::read_dir(folder).expect("the recordings are readable");
        inputs.extend(files.flatten().map(|entry| entry.path()));
    }
    let stories = fs::read_dir(captures()).expect("captures/ is there");
    let stories = stories
        .flatten()
        .map(|entry| entry.path().join("capture.pcapng"));
    inputs.extend(stories);
    inputs.retain(|path| {
        let end = path.extension().and_then(|end| end.to_str());
        path.is_file() && matches!(end, Some("pcap" | "pcapng"))
    });
    inputs.sort();
    inputs
}

/// Sessions with their messages in order.
fn recorded() -> Vec<(String, Vec<Spoken>)> {
    let mut recorded = Vec::new();
    for path in inputs() {
        let analysis = analyse_file(&path);
        let mut by_session: BTreeMap<u32, Vec<&Message>> = BTreeMap::new();
        for message in &analysis.messages {
            if let (Some(session), Role::Cwmp) = (message.session, message.role) {
                by_session.entry(session).or_default().push(message);
            }
        }
        for (number, mut messages) in by_session {
            messages.sort_by_key(|message| message.provenance.time);
            let name = format!("{}#{number}", path.display());
            recorded.push((name, messages.into_iter().map(Spoken::of).collect()));
        }
    }
    recorded
}

fn told(comparison: &Comparison) -> Vec<(DifferenceClass, Option<u32>, &str)> {
    let differences = comparison.differences.iter();
    differences
        .map(|one| (one.class, one.step, one.place.as_str()))
        .collect()
}

fn without(text: &[u8], range: Range<usize>, new: &[u8]) -> Vec<u8> {
    [&text[..range.start], new, &text[range.end..]].concat()
}

fn content(element: Element<'_>) -> Range<usize> {
    element.content_offset()..element.content_offset() + element.content().len()
}

/// It has a start tag and an end tag, and no elements between them.
fn is_open(element: Element<'_>) -> bool {
    element.is_leaf() && !element.raw().ends_with(b"/>")
}

/// One change of one message, and what has to be told of it: class and place.
struct Change {
    text: Vec<u8>,
    class: DifferenceClass,
    place: String,
    actual: Option<String>,
}

/// Changes of the values of the first parameters, and of their list.
fn of_parameters(soap: &Document) -> Vec<Change> {
    let text = soap.text();
    let mut changes = Vec::new();
    let Some(envelope) = soap.envelope(0) else {
        return changes;
    };
    let named: Vec<_> = envelope
        .parameters()
        .filter(|one| one.value_element().is_some() && one.element().child("Name").is_some())
        .collect();
    for one in named.iter().take(6) {
        let name = one.name().into_owned();
        let value = one.value_element().expect("it has one");
        let is_volatile = name.ends_with(".UpTime") || name.contains(".Stats.");
        let whole = one.element().offset()..one.element().end();
        if !is_volatile && is_open(value) {
            changes.push(Change {
                text: without(text, content(value), b"changed!"),
                class: DifferenceClass::Value,
                place: format!("ParameterList/{name}/Value"),
                actual: Some("changed!".to_owned()),
            });
        }
        if value.xsi_type().is_some() {
            let kind = value.xsi_type().expect("it has one");
            let at = kind.value_offset()..kind.value_offset() + kind.raw_value().len();
            changes.push(Change {
                text: without(text, at, b"xsd:hexBinary"),
                class: DifferenceClass::Value,
                place: format!("ParameterList/{name}/Value/xsi:type"),
                actual: Some("xsd:hexBinary".to_owned()),
            });
        }
        changes.push(Change {
            text: without(text, whole.clone(), b""),
            class: DifferenceClass::Missing,
            place: format!("ParameterList/{name}"),
            actual: None,
        });
        let entry = &text[whole.clone()];
        let at = one.element().child("Name").expect("it has one");
        let at = content(at).start - whole.start..content(at).end - whole.start;
        let more = without(entry, at, b"Device.Not.There");
        changes.push(Change {
            text: without(text, whole.end..whole.end, &more),
            class: DifferenceClass::Extra,
            place: "ParameterList/Device.Not.There".to_owned(),
            actual: Some(one.value().expect("it has one").into_owned()),
        });
    }
    changes
}

/// Changes of scalar arguments, of codes of faults, and of what the message is.
fn of_arguments(soap: &Document) -> Vec<Change> {
    let text = soap.text();
    let mut changes = Vec::new();
    let Some(envelope) = soap.envelope(0) else {
        return changes;
    };
    let Some(message) = envelope.message() else {
        return changes;
    };
    for arg in envelope.args().filter(|arg| is_open(arg.element())) {
        changes.push(Change {
            text: without(text, content(arg.element()), b"changed!"),
            class: DifferenceClass::Value,
            place: arg.name().to_owned(),
            actual: Some("changed!".to_owned()),
        });
        changes.push(Change {
            text: without(text, arg.offset()..arg.element().end(), b""),
            class: DifferenceClass::Missing,
            place: arg.name().to_owned(),
            actual: None,
        });
    }
    for (at, event) in message
        .child("Event")
        .iter()
        .flat_map(Element::children)
        .enumerate()
    {
        if let Some(code) = event.child("EventCode") {
            changes.push(Change {
                text: without(text, content(code), b"X 001565 Changed"),
                class: DifferenceClass::Value,
                place: format!("Event/{}/EventCode", at + 1),
                actual: Some("X 001565 Changed".to_owned()),
            });
        }
    }
    if let Some(code) = message.descendants().find(|one| one.is_named("FaultCode"))
        && envelope.kind() == Kind::Fault
    {
        changes.push(Change {
            text: without(text, content(code), b"9999"),
            class: DifferenceClass::FaultChanged,
            place: "FaultCode".to_owned(),
            actual: Some("9999".to_owned()),
        });
    }
    if envelope.kind() == Kind::Response {
        let fault = br"<Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><Fault>
            <FaultCode>9002</FaultCode><FaultString>Internal error</FaultString></Fault></detail></Fault>";
        changes.push(Change {
            text: without(text, message.offset()..message.end(), fault),
            class: DifferenceClass::FaultChanged,
            place: String::new(),
            actual: Some("Fault 9002".to_owned()),
        });
    }
    changes
}

#[test]
fn a_session_is_the_same_as_itself() {
    let recorded = recorded();
    assert!(recorded.len() >= 4);
    for (name, session) in &recorded {
        let said: Vec<Said<'_>> = session.iter().map(Spoken::said).collect();
        let comparison = sessions(&said, &said, &CompareRules::default());
        assert_eq!(told(&comparison), [], "{name}");
        let strict = CompareRules {
            unordered: Vec::new(),
            time_tolerance: Duration::ZERO,
            pace_tolerance: Some(Duration::ZERO),
            ..CompareRules::default()
        };
        assert_eq!(told(&sessions(&said, &said, &strict)), [], "{name}");
    }
}

#[test]
fn one_change_of_a_body_is_one_difference() {
    let mut changed = BTreeMap::new();
    for (name, session) in &recorded() {
        for (at, spoken) in session.iter().enumerate() {
            let Some(soap) = &spoken.soap else { continue };
            // What a challenge turned away came again.
            let answer = session.get(at + 1).map(|next| next.http.status());
            if matches!(answer, Some(401 | 407)) {
                continue;
            }
            let mut changes = of_parameters(soap);
            changes.extend(of_arguments(soap));
            for change in changes {
                let other = spoken.with_body(change.text);
                let expected: Vec<Said<'_>> = session.iter().map(Spoken::said).collect();
                let mut actual = expected.clone();
                actual[at] = other.said();
                let comparison = sessions(&expected, &actual, &CompareRules::default());
                let step = u32::try_from(at + 1).expect("few messages");
                let wanted = [(change.class, Some(step), change.place.as_str())];
                assert_eq!(told(&comparison), wanted, "{name} message {step}");
                let difference = &comparison.differences[0];
                assert_eq!(difference.actual, change.actual, "{name} message {step}");
                let shown = difference.position.is_some() && difference.excerpt.is_some();
                assert_eq!(
                    shown,
                    change.class != DifferenceClass::Missing,
                    "{name} message {step}"
                );
                if let (Some(position), Some("changed!")) =
                    (difference.position, change.actual.as_deref())
                {
                    assert_eq!(position.part, Part::Body);
                    let offset = usize::try_from(position.offset).expect("it fits");
                    let there = &other.soap.as_ref().expect("it has a body").text()[offset..];
                    assert!(there.starts_with(b"changed!"), "{name} message {step}");
                }
                *changed.entry(change.class.name()).or_insert(0) += 1;
            }
        }
    }
    eprintln!("{changed:?}");
    assert!(changed.values().sum::<usize>() >= 200, "{changed:?}");
    assert_eq!(changed.len(), 4, "{changed:?}");
}

#[test]
fn lists_in_another_order() {
    let mut swapped = 0;
    for (name, session) in &recorded() {
        for spoken in session {
            let Some(soap) = &spoken.soap else { continue };
            let Some(list) = soap
                .envelope(0)
                .and_then(|envelope| envelope.message()?.child("ParameterList"))
            else {
                continue;
            };
            let items: Vec<Element<'_>> = list.children().take(2).collect();
            let [one, two] = items.as_slice() else {
                continue;
            };
            if one.raw() == two.raw() {
                continue;
            }
            let text = soap.text();
            let between = &text[one.end()..two.offset()];
            let both = [two.raw(), between, one.raw()].concat();
            let other = spoken.with_body(without(text, one.offset()..two.end(), &both));
            let (expected, actual) = (spoken.said(), other.said());
            let comparison = messages(&expected, &actual, &CompareRules::default());
            assert_eq!(told(&comparison), [], "{name}");
            let ignored = vec![("order of ParameterList".to_owned(), 1)];
            assert_eq!(comparison.ignored, ignored, "{name}");
            let ordered = CompareRules {
                unordered: Vec::new(),
                ..CompareRules::default()
            };
            let comparison = messages(&expected, &actual, &ordered);
            let wanted = [(DifferenceClass::Order, None, "ParameterList")];
            assert_eq!(told(&comparison), wanted, "{name}");
            swapped += 1;
        }
    }
    assert!(swapped >= 10, "{swapped}");
}

#[test]
fn messages_that_are_missing_come_unasked_or_come_late() {
    let rules = CompareRules {
        pace_tolerance: Some(Duration::from_secs(30)),
        ..CompareRules::default()
    };
    let mut changed = 0;
    for (name, session) in &recorded() {
        let expected: Vec<Said<'_>> = session.iter().map(Spoken::said).collect();
        for at in 0..expected.len() {
            let is_challenge = |said: &Said<'_>| matches!(said.status(), Some(401 | 407));
            let around = at.saturating_sub(1)..(at + 3).min(expected.len());
            if expected[around].iter().any(is_challenge) {
                continue;
            }
            let mut actual = expected.clone();
            let gone = actual.remove(at);
            let kinds = |comparison: &Comparison| -> Vec<(DifferenceClass, Option<String>)> {
                let differences = comparison.differences.iter();
                differences
                    .map(|one| (one.class, one.message.clone()))
                    .collect()
            };
            let plain = CompareRules::default();
            let wanted = [(DifferenceClass::Missing, Some(gone.name()))];
            let comparison = sessions(&expected, &actual, &plain);
            assert_eq!(
                kinds(&comparison),
                wanted,
                "{name} without message {}",
                at + 1
            );
            let wanted = [(DifferenceClass::Extra, Some(gone.name()))];
            let comparison = sessions(&actual, &expected, &plain);
            assert_eq!(kinds(&comparison), wanted, "{name} with message {}", at + 1);
            if at > 0 {
                let mut late = expected.clone();
                for said in &mut late[at..] {
                    let time = said.at.as_mut().expect("it has a time");
                    time.nanoseconds += 31_000_000_000;
                }
                let step = u32::try_from(at + 1).expect("few messages");
                let wanted = [(DifferenceClass::Timing, Some(step), "")];
                let comparison = sessions(&expected, &late, &rules);
                assert_eq!(told(&comparison), wanted, "{name} message {step}");
            }
            changed += 1;
        }
    }
    assert!(changed >= 50, "{changed}");
}

/// The message of these bytes.
fn read(raw: &[u8], kind: http1::Kind) -> Option<http1::Message> {
    let mut stream = http1::Stream::new(kind, http1::Limits::default(), 0);
    let mut rest = raw;
    loop {
        match stream.next(&mut rest)? {
            http1::Event::Message(message) => return Some(message),
            http1::Event::Head => stream.keep_body(http1::Keep::All),
            _ => {}
        }
    }
}

#[test]
fn heads_that_differ() {
    let mut changed = 0;
    for (name, session) in &recorded() {
        for spoken in session {
            let kind = spoken.http.kind();
            let raw = &spoken.http.raw;
            let line = raw.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let Some(same) = read(raw, kind) else {
                continue;
            };
            let change = |from: &str, to: &str| {
                let text = String::from_utf8_lossy(raw);
                let text = text.replacen(from, to, 1);
                read(text.as_bytes(), kind)
            };
            let mut changes = Vec::new();
            if line.starts_with(b"HTTP/1.1 200") {
                changes.push((change("HTTP/1.1 200", "HTTP/1.1 500"), "http status"));
            }
            if line.starts_with(b"POST") && spoken.http.header("SOAPAction").is_some() {
                changes.push((change("SOAPAction:", "SOAPAction: x"), "header SOAPAction"));
            }
            if spoken.http.header("Content-Type").is_some() {
                let head = String::from_utf8_lossy(raw).into_owned();
                for written in ["Content-Type: text/xml", "content-type: text/xml"] {
                    if head.contains(written) {
                        changes.push((
                            change(written, "Content-Type: text/html"),
                            "header Content-Type",
                        ));
                    }
                }
            }
            for (http, place) in changes {
                let Some(http) = http else { continue };
                let expected = Said {
                    http: Some(&same),
                    ..spoken.said()
                };
                let actual = Said {
                    http: Some(&http),
                    ..spoken.said()
                };
                let comparison = messages(&expected, &actual, &CompareRules::default());
                let wanted = [(DifferenceClass::Transport, None, place)];
                assert_eq!(told(&comparison), wanted, "{name}");
                let position = comparison.differences[0].position;
                assert!(position.is_some_and(|at| at.part == Part::Head), "{name}");
                changed += 1;
            }
        }
    }
    assert!(changed >= 20, "{changed}");
}
