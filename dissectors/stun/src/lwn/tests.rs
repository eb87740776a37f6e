use super::*;
use crate::digest::{Digest, hexadecimal};

fn read(text: &str) -> Notification {
    match parse(text.as_bytes(), text.len()) {
        Some(notification) => notification,
        None => panic!("not recognised: {text}"),
    }
}

fn odd(notification: &Notification) -> Vec<&'static str> {
    let all = notification.anomalies.iter();
    all.map(|anomaly| anomaly.kind.name()).collect()
}

/// As the schema has it, in an envelope.
const GOOD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope \
    xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
    xmlns:lwn=\"urn:broadband-forum-org:cwmp:lwnotif-1-0\"><soapenv:Body><lwn:Notification>\
    <lwn:TS>1795291484</lwn:TS><lwn:UN>00D09E-1234</lwn:UN><lwn:CN>0badcafe</lwn:CN><lwn:OUI>00D09E</lwn:OUI>\
    <lwn:ProductClass>A&amp;B</lwn:ProductClass><lwn:SerialNumber>1234</lwn:SerialNumber>\
    <lwn:Param><lwn:Name>Device.X</lwn:Name><lwn:Value xsi:type=\"xsd:string\">on &#x41;</lwn:Value></lwn:Param>\
    <lwn:Param><lwn:Name>Device.Y</lwn:Name><lwn:Value xsi:type=\"xsd:boolean\">1</lwn:Value></lwn:Param>\
    </lwn:Notification></soapenv:Body></soapenv:Envelope>";

#[test]
fn a_notification_by_the_schema() {
    let notification = read(GOOD);
    assert_eq!(odd(&notification), [""; 0]);
    assert!(notification.envelope && notification.headers.is_empty());
    assert_eq!(notification.timestamp_s(), Some(1_795_291_484));
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
    assert_eq!(text(&notification.username).as_deref(), Some("00D09E-1234"));
    assert_eq!(text(&notification.cnonce).as_deref(), Some("0badcafe"));
    assert_eq!(text(&notification.oui).as_deref(), Some("00D09E"));
    assert_eq!(text(&notification.product_class).as_deref(), Some("A&B"));
    assert_eq!(text(&notification.serial_number).as_deref(), Some("1234"));
    let [first, second] = &notification.parameters[..] else {
        panic!("two parameters");
    };
    assert_eq!(
        (&first.name.value[..], &first.value.value[..]),
        ("Device.X", "on A")
    );
    assert_eq!(first.type_name.as_deref(), Some("xsd:string"));
    assert_eq!(
        (&second.name.value[..], &second.value.value[..]),
        ("Device.Y", "1")
    );
    assert_eq!(notification.verify(b"x"), Signature::Absent);
}

/// What an open-source agent sends: a head that HTTP would not know, the signature over the body.
fn agent(password: &[u8]) -> String {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Notification \
        xmlns=\"urn:broadband-forum-org:cwmp:lwnotif-1-0\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n \
        <TS>1795291484</TS>\n <UN>u</UN>\n <CN>c</CN>\n <OUI>00d09e</OUI>\n <ProductClass></ProductClass>\n \
        <SerialNumber>1</SerialNumber>\n <Param>\n  <Name>Device.X</Name>\n  <Value>1</Value>\n </Param>\n\
        </Notification>\n";
    let signature = hexadecimal(&Digest::Sha1.hmac(password, &[body.as_bytes()]));
    let length = body.len();
    format!(
        "POST /HTTPS/1.1 \n HOST: acs.example \n Content-Type: test/xml; charset=utf-8 \n \
         Content-Lenght: {length}\n Signature: {signature}\n\n{body}"
    )
}

#[test]
fn a_notification_of_a_real_agent() {
    let text = agent(b"acspass");
    let notification = read(&text);
    let expected = [
        "version-odd",
        "bare-line-feed",
        "header-indented",
        "oui-odd",
        "value-type-missing",
    ];
    assert_eq!(odd(&notification), expected);
    assert_eq!(notification.header("Host"), Some(&b"acs.example"[..]));
    assert_eq!(notification.parameters.len(), 1);
    let matched = Signature::Match {
        digest: Digest::Sha1,
        text: SignedText::Decoded,
    };
    assert_eq!(notification.verify(b"acspass"), matched);
    assert_eq!(notification.verify(b"other"), Signature::Mismatch);
    let cut = parse(&text.as_bytes()[..300], text.len());
    assert!(cut.is_some_and(|cut| cut.verify(b"acspass") == Signature::Truncated));
}

#[test]
fn bent_notifications() {
    let with = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        odd(&read(&GOOD.replace(from, to)))
    };
    assert_eq!(with("<lwn:CN>0badcafe</lwn:CN>", ""), ["element-missing"]);
    assert_eq!(with("lwn:CN>", "CN>"), ["element-unqualified"]);
    assert_eq!(
        with(
            "<lwn:CN>0badcafe</lwn:CN>",
            "<lwn:CN>a</lwn:CN><lwn:CN>b</lwn:CN>"
        ),
        ["element-repeated"]
    );
    assert_eq!(
        with("<lwn:CN>", "<lwn:Sig>x</lwn:Sig><lwn:CN>"),
        ["element-unknown"]
    );
    assert_eq!(with("1795291484", "now"), ["timestamp-odd"]);
    assert_eq!(with("<lwn:OUI>00D09E", "<lwn:OUI>D09E"), ["oui-odd"]);
    assert_eq!(with("00D09E-1234", &"x".repeat(257)), ["element-too-long"]);
    assert_eq!(
        with(" xsi:type=\"xsd:boolean\"", ""),
        ["value-type-missing"]
    );
    assert_eq!(with("A&amp;B", "A&b;"), ["entity-unknown"]);
    assert_eq!(with("</soapenv:Envelope>", ""), ["xml-broken"]);
    let swapped = "<lwn:UN>u</lwn:UN><lwn:TS>1795291484</lwn:TS>";
    let both = "<lwn:TS>1795291484</lwn:TS><lwn:UN>00D09E-1234</lwn:UN>";
    assert_eq!(with(both, swapped), ["element-order"]);
    let typed = GOOD.replace("?>\n", "?>\n<!DOCTYPE a [<!ENTITY b \"c\">]>");
    assert!(odd(&read(&typed)).contains(&"document-type"));
    assert!(read(&typed).parameters.is_empty());
}

#[test]
fn a_cut_notification_tells_what_is_there() {
    for cut in 0..GOOD.len() {
        if let Some(notification) = parse(&GOOD.as_bytes()[..cut], GOOD.len()) {
            assert_eq!(odd(&notification), [""; 0], "{cut}");
        }
    }
    let at = GOOD.find("<lwn:ProductClass>").unwrap_or_default();
    let cut = parse(&GOOD.as_bytes()[..at], GOOD.len());
    assert!(cut.is_some_and(|cut| cut.oui.is_some() && cut.product_class.is_none()));
}
