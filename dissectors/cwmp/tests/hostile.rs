//! Bodies made to hurt: bounds are kept, oddities named with their place, and time stays linear.

use cwmp::{Document, Hints, Limits, parse};
use std::time::{Duration, Instant};

fn read(body: &str) -> Document {
    parse(
        body.as_bytes().to_vec(),
        &Hints::default(),
        &Limits::default(),
    )
}

fn kinds(document: &Document) -> Vec<&'static str> {
    document
        .anomalies()
        .iter()
        .map(|anomaly| anomaly.kind.name())
        .collect()
}

/// Each oddity alone, in an envelope that is fine otherwise: `^` marks where it is.
#[test]
fn every_oddity_is_named_at_its_place() {
    let cases = [
        ("control-character", "<a>^\u{1}</a>"),
        ("bare-ampersand", "<a>x ^& y</a>"),
        ("bare-ampersand", "<a b='1^&2'/>"),
        ("unknown-entity", "<a>^&nbsp;</a>"),
        ("invalid-character-reference", "<a>^&#0;</a>"),
        ("invalid-character-reference", "<a>^&#xD800;</a>"),
        ("bare-less-than", "<a>1 ^< 2</a>"),
        ("less-than-in-attribute", "<a b='1^<2'/>"),
        ("attribute-without-value", "<a ^b/>"),
        ("unquoted-attribute", "<a b=^c/>"),
        ("attributes-not-separated", "<a b='1'^c='2'/>"),
        ("duplicate-attribute", "<a b='1' ^b='2'/>"),
        ("invalid-name", "<^1a/>"),
        ("misplaced-declaration", "^<?xml version='1.0'?>"),
        ("unknown-markup", "^<!ELEMENT a>"),
        ("double-hyphen-in-comment", "<!-- a ^-- b -->"),
        ("undeclared-prefix", "<^p:a/>"),
        ("undeclared-prefix", "<a ^p:b='1'/>"),
        (
            "old-schema-namespace",
            "<a xmlns:xsd='^http://www.w3.org/1999/XMLSchema'/>",
        ),
        ("unexpected-end-tag", "<a>^</b></a>"),
        ("mismatched-end-tag", "<x:a xmlns:x='u'>^</y:a>"),
        ("unclosed-element", "<a>^<b></a>"),
        ("doctype", "^<!DOCTYPE a [<!ENTITY b \"]>\"> <!-- ]> -->]>"),
    ];
    for (kind, inner) in cases {
        let body = format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header>{inner}</s:Header><s:Body/></s:Envelope>"
        );
        let at = body.find('^').unwrap_or_default();
        let document = read(&body.replace('^', ""));
        let found: Vec<_> = document
            .anomalies()
            .iter()
            .map(|anomaly| (anomaly.kind.name(), anomaly.offset))
            .collect();
        assert_eq!(found, [(kind, at)], "{inner}");
    }
}

#[test]
fn what_stands_outside_the_root_is_named() {
    let envelope = "<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body/></Envelope>";
    assert_eq!(
        kinds(&read(&format!("0x1f\r\n{envelope}\r\n0"))),
        ["text-before-root", "text-after-root"]
    );
    assert_eq!(
        kinds(&read(&format!("{envelope}{envelope}"))),
        ["second-root"]
    );
    assert_eq!(
        kinds(&read(&format!(
            "<?xml version='1.0'?>\n<!-- -->{envelope}\n<?x?>\n"
        ))),
        [""; 0]
    );
    assert_eq!(kinds(&read("<html></html>")), ["not-an-envelope"]);
    assert_eq!(kinds(&read("nothing")), ["text-before-root", "no-element"]);
    assert_eq!(kinds(&read("")), ["no-element"]);
    assert_eq!(
        kinds(&read("<Envelope><Body/>")),
        ["unclosed-root", "envelope-namespace"]
    );
}

#[test]
fn entities_of_a_doctype_are_not_expanded() {
    let body = "<!DOCTYPE s [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><Envelope><Body><X>&b;&amp;&#x41;</X></Body></Envelope>";
    let document = read(body);
    let message = document.envelope(0).and_then(|envelope| envelope.message());
    assert_eq!(
        message
            .map(|message| message.text().into_owned())
            .as_deref(),
        Some("&b;&A")
    );
    assert!(kinds(&document).contains(&"doctype") && kinds(&document).contains(&"unknown-entity"));
}

#[test]
fn deeper_elements_are_passed_over_and_what_follows_is_read() {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let document = read(&format!(
        "<Envelope><Header>{deep}</Header><Body><Reboot/></Body></Envelope>"
    ));
    assert_eq!(
        kinds(&document)
            .iter()
            .filter(|kind| **kind == "too-deep")
            .count(),
        1
    );
    assert_eq!(document.elements_count(), 126 + 4);
    assert_eq!(
        document
            .envelope(0)
            .and_then(|envelope| envelope.message_name()),
        Some("Reboot")
    );
    assert!(
        document
            .envelope(0)
            .is_some_and(|envelope| envelope.to_rpc().header.is_some())
    );
}

#[test]
fn limits_stop_reading_and_say_so() {
    let body = format!(
        "<Envelope><Header/><Body>{}</Body></Envelope>",
        "<a b='c'/>".repeat(1_000)
    );
    let limits = Limits {
        elements_max: 100,
        ..Limits::default()
    };
    let document = parse(body.clone().into_bytes(), &Hints::default(), &limits);
    assert!(kinds(&document).contains(&"too-many-elements") && document.elements_count() <= 100);
    let limits = Limits {
        body_bytes_max: 60,
        ..Limits::default()
    };
    let document = parse(body.into_bytes(), &Hints::default(), &limits);
    assert!(kinds(&document).contains(&"body-too-long") && document.text().len() == 60);
    let limits = Limits {
        anomalies_max: 10,
        ..Limits::default()
    };
    let document = parse(b"&".repeat(1_000), &Hints::default(), &limits);
    assert_eq!(
        (document.anomalies().len(), document.anomalies_omitted()),
        (10, 992)
    );
}

#[test]
fn positions_count_lines_and_characters() {
    let document = read("<a>\n\u{e9}\u{e9}<b/>\r\n</a>");
    let offset = document
        .elements()
        .nth(1)
        .map_or(0, |element| element.offset());
    let position = document.position(offset);
    assert_eq!((position.offset, position.line, position.column), (8, 2, 3));
    assert_eq!(document.position(usize::MAX).line, 3);
}

/// Makes a body of as many pieces as asked.
type Repeat = fn(usize) -> String;

/// Bodies of one kind, short and sixteen times as long: the time per byte must not grow with the length.
#[test]
fn time_is_linear_in_the_length() {
    let kinds: [(&str, Repeat); 14] = [
        ("open tags", |n| "<a>".repeat(n)),
        ("end tags", |n| {
            format!("<{}>{}", "b".repeat(50_000), "</c>".repeat(n))
        }),
        ("half tags", |n| "<a b='".repeat(n)),
        ("quotes", |n| "<a b=\"<".repeat(n)),
        ("comments", |n| "<!--".repeat(n)),
        ("sections", |n| "<![CDATA[".repeat(n)),
        ("instructions", |n| "<?".repeat(n)),
        ("declarations", |n| "<!DOCTYPE [".repeat(n)),
        ("ampersands", |n| format!("<a>{}", "&".repeat(n))),
        ("attributes", |n| {
            format!(
                "<a{}>",
                (0..n).map(|i| format!(" a{i}=''")).collect::<String>()
            )
        }),
        ("namespaces", |n| {
            format!(
                "<a{}>{}",
                (0..n / 8)
                    .map(|i| format!(" xmlns:a{i}='u{i}'"))
                    .collect::<String>(),
                "<z:b/>".repeat(n)
            )
        }),
        ("siblings", |n| "<a xmlns:b='c' b:d=''/>".repeat(n)),
        ("stray signs", |n| format!("<a>{}</a>", "< ".repeat(n))),
        ("crossed", |n| {
            format!("{}{}", "<a><b>".repeat(60), "</a><b>".repeat(n))
        }),
    ];
    for (kind, body) in kinds {
        let per_byte = |n: usize| {
            let body = format!("<Envelope><Body><X>{}", body(n)).into_bytes();
            let bytes = body.len();
            let fastest = (0..3).map(|_| time(&body)).min().unwrap_or_default();
            (bytes, fastest)
        };
        let (short_bytes, short) = per_byte(4_000);
        let (long_bytes, long) = per_byte(64_000);
        let allowed = short * u32::try_from(8 * long_bytes / short_bytes).unwrap_or(u32::MAX);
        assert!(
            long < allowed.max(Duration::from_millis(50)),
            "{kind}: {short:?} for {short_bytes}, {long:?} for {long_bytes}"
        );
    }
}

fn time(body: &[u8]) -> Duration {
    let body = body.to_vec();
    let start = Instant::now();
    let document = parse(body, &Hints::default(), &Limits::default());
    for envelope in document.envelope_refs() {
        let _ = (
            envelope.to_rpc(),
            envelope.schema_anomalies(),
            envelope.fault(),
        );
    }
    start.elapsed()
}
