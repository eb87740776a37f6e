//! Bodies in other encodings, and labels that lie.

use cwmp::{Document, Hints, Limits, parse};

const NAME: &str = "Größe 名称 é";

fn message(declaration: &str, text: &str) -> String {
    format!(
        "{declaration}<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><cwmp:Reboot xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"><CommandKey>{text}</CommandKey></cwmp:Reboot></soap:Body></soap:Envelope>"
    )
}

fn read(body: Vec<u8>, charset: Option<&str>) -> Document {
    parse(
        body,
        &Hints {
            charset,
            complete: true,
        },
        &Limits::default(),
    )
}

fn command_key(document: &Document) -> String {
    let envelope = document.envelope(0);
    let key = envelope.and_then(|envelope| envelope.args().named("CommandKey"));
    key.and_then(|key| key.text())
        .map(String::from)
        .unwrap_or_default()
}

fn kinds(document: &Document) -> Vec<&'static str> {
    document
        .anomalies()
        .iter()
        .map(|anomaly| anomaly.kind.name())
        .collect()
}

fn utf_16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[test]
fn utf_8_is_not_copied() {
    let body = message("", NAME).into_bytes();
    let address = body.as_ptr();
    let document = read(body, Some("utf-8"));
    assert_eq!(document.text().as_ptr(), address);
    assert_eq!(
        (document.encoding(), document.is_converted()),
        ("UTF-8", false)
    );
    assert_eq!(command_key(&document), NAME);
    assert!(kinds(&document).is_empty());
}

#[test]
fn a_byte_order_mark_is_noted_and_offsets_count_it() {
    let document = read(message("\u{FEFF}", NAME).into_bytes(), None);
    assert_eq!(kinds(&document), ["byte-order-mark"]);
    assert_eq!(document.roots().next().map(|root| root.offset()), Some(3));
    assert_eq!(command_key(&document), NAME);
}

#[test]
fn utf_16_is_read_with_and_without_a_mark() {
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let marked = read(utf_16(&message("\u{FEFF}", NAME), order), Some("utf-16"));
        assert_eq!(kinds(&marked), ["byte-order-mark"]);
        let plain = read(
            utf_16(
                &message("<?xml version=\"1.0\" encoding=\"UTF-16\"?>", NAME),
                order,
            ),
            None,
        );
        assert!(kinds(&plain).is_empty(), "{:?}", kinds(&plain));
        for document in [marked, plain] {
            assert!(document.is_converted());
            assert!(document.encoding().starts_with("UTF-16"));
            assert_eq!(command_key(&document), NAME);
        }
    }
}

#[test]
fn charset_and_declaration_name_older_encodings() {
    let latin: Vec<u8> = message("", "caf@")
        .bytes()
        .map(|byte| if byte == b'@' { 0xE9 } else { byte })
        .collect();
    let document = read(latin.clone(), Some("ISO-8859-1"));
    assert_eq!(
        (document.encoding(), command_key(&document).as_str()),
        ("windows-1252", "café")
    );
    let mut declared = b"<?xml version='1.0' encoding='iso-8859-1'?>".to_vec();
    declared.extend_from_slice(&latin);
    assert_eq!(command_key(&read(declared.clone(), None)), "café");
    // RFC 7303 section 3.2: the charset parameter goes before the declaration, and here it is wrong.
    let conflicting = read(declared, Some("utf-8"));
    assert_eq!(kinds(&conflicting), ["charset-conflict", "invalid-utf8"]);
    assert_eq!(command_key(&conflicting), "caf\u{FFFD}");
}

#[test]
fn gbk_and_others_of_the_encoding_standard_are_read() {
    for (label, bytes) in [
        ("GBK", b"\xC3\xFB\xB3\xC6".as_slice()),
        ("big5", b"\xA6\x57\xBA\xD9"),
        ("Shift_JIS", b"\x96\xBC\xE4i"),
    ] {
        let mut body = Vec::new();
        for byte in message("", "@").bytes() {
            if byte == b'@' {
                body.extend_from_slice(bytes);
            } else {
                body.push(byte);
            }
        }
        let document = read(body, Some(label));
        let key = command_key(&document);
        assert_eq!(document.encoding().to_lowercase(), label.to_lowercase());
        assert!(
            key.starts_with('名') && !key.contains('\u{FFFD}'),
            "{label}: {key}"
        );
    }
}

#[test]
fn an_ascii_body_is_not_converted_whatever_it_claims() {
    let document = read(message("", "k").into_bytes(), Some("gb2312"));
    assert_eq!(
        (document.encoding(), document.is_converted()),
        ("GBK", false)
    );
}

#[test]
fn labels_that_cannot_be_are_noted_and_ignored() {
    let document = read(message("", NAME).into_bytes(), Some("no-such-thing"));
    assert_eq!(kinds(&document), ["unknown-charset"]);
    assert_eq!(command_key(&document), NAME);
    let document = read(
        message("<?xml version=\"1.0\" encoding=\"utf-16\"?>", NAME).into_bytes(),
        None,
    );
    assert_eq!(kinds(&document), ["charset-conflict"]);
    assert_eq!(command_key(&document), NAME);
    let document = read(message("", NAME).into_bytes(), Some("\"UTF-8\""));
    assert!(kinds(&document).is_empty());
}

#[test]
fn bytes_that_are_no_utf_8_stay_and_are_noted_once() {
    let body: Vec<u8> = message("", "a@b@")
        .bytes()
        .map(|byte| if byte == b'@' { 0xFF } else { byte })
        .collect();
    let at = body.iter().position(|byte| *byte == 0xFF);
    let document = read(body.clone(), None);
    assert_eq!(document.text(), body);
    assert_eq!(
        document.anomalies().first().map(|anomaly| anomaly.offset),
        at
    );
    assert_eq!(kinds(&document), ["invalid-utf8"]);
    assert_eq!(command_key(&document), "a\u{FFFD}b\u{FFFD}");
}

#[test]
fn a_cut_within_a_character_is_only_a_cut() {
    let whole = message("", "é").into_bytes();
    let Some(at) = whole.iter().position(|byte| *byte == 0xC3) else {
        panic!("no é");
    };
    let cut = whole.get(..=at).unwrap_or_default().to_vec();
    let document = parse(
        cut,
        &Hints {
            charset: None,
            complete: false,
        },
        &Limits::default(),
    );
    assert_eq!(kinds(&document), ["unclosed-root", "truncated"]);
}

#[test]
fn what_a_bound_cuts_is_odd_at_the_cut_and_not_behind_it() {
    let text = message("", "Größe");
    let name = text.find('ö').map_or(0, |at| at + 1);
    let mut latin_1 = message("", "Gr").into_bytes();
    latin_1.extend_from_slice(b"\xF6\x81\xFF");
    let mut broken = text.clone().into_bytes();
    broken.push(0xFF);
    let unpaired = utf_16(&text, u16::to_be_bytes)
        .into_iter()
        .chain([0xD8, 0, 0, b'a']);
    for (body, charset) in [
        (broken, None),
        (latin_1, Some("iso-8859-1")),
        (unpaired.collect(), Some("utf-16")),
    ] {
        for body_bytes_max in [0, 2, 100, name] {
            let limits = Limits {
                body_bytes_max,
                ..Limits::default()
            };
            let hints = Hints {
                charset,
                complete: false,
            };
            let document = parse(body.clone(), &hints, &limits);
            assert_eq!(document.text().len(), body_bytes_max);
            let cut: Vec<_> = document
                .anomalies()
                .iter()
                .filter(|anomaly| matches!(anomaly.kind.name(), "body-too-long" | "truncated"))
                .map(|anomaly| anomaly.offset)
                .collect();
            assert_eq!(cut, [body_bytes_max; 2]);
            let at_most = |anomaly: &cwmp::Anomaly| anomaly.offset <= body_bytes_max;
            assert!(document.anomalies().iter().all(at_most), "{charset:?}");
            let undecodable = ["invalid-utf8", "undecodable-bytes"];
            assert!(
                !kinds(&document)
                    .iter()
                    .any(|kind| undecodable.contains(kind))
            );
        }
    }
}
