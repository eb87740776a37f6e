//! Nothing that is forbidden reaches the peer, however it is hidden.

use informant::replay::guard::{Guard, classify};
use informant::replay::scenario::{Class, Variable};
use informant::session::ReplayVerdict;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::oracles::{any_reader_sees, careless_reader_sees};
use super::{Setting, acs_that_sends, block_on, envelope, inform, listener, play_acs, post};

/// A peer that informs, asks what to do, and keeps every byte that it gets.
async fn record(address: std::net::SocketAddr) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("loopback");
    stream.write_all(&post(&inform())).await.expect("sent");
    let mut got = Vec::new();
    let mut room = vec![0; 4096];
    let mut asked = false;
    loop {
        match stream.read(&mut room).await {
            Ok(0) | Err(_) => return got,
            Ok(count) => got.extend_from_slice(&room[..count]),
        }
        if !asked && String::from_utf8_lossy(&got).contains("</soap:Envelope>") {
            asked = true;
            let empty = b"POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Length: 0\r\n\r\n";
            if stream.write_all(empty).await.is_err() {
                return got;
            }
        }
    }
}

/// What an ACS could want that is not allowed, by its name.
const FORBIDDEN: [&str; 14] = [
    "Reboot",
    "FactoryReset",
    "Download",
    "ScheduleDownload",
    "SetParameterValues",
    "SetParameterAttributes",
    "AddObject",
    "DeleteObject",
    "Upload",
    "ScheduleInform",
    "ChangeDUState",
    "CancelTransfer",
    "X_00156500_Erase",
    "EraseAll",
];

/// Ways to hide an element `{0}` in a message; `{1}` is an innocent answer.
const HIDES: [&str; 23] = [
    "<cwmp:{0}/>",
    "<x:{0} xmlns:x=\"urn:dslforum-org:cwmp-1-2\"></x:{0}>",
    "<undeclared:{0}/>",
    "<{0}/>",
    "<{0} xmlns=\"urn:vendor\"/>",
    "{1}<cwmp:{0}/>",
    "<cwmp:{0}/>{1}",
    "{1}<!-- > --><cwmp:{0}/>",
    "{1}<![CDATA[</soap:Body>]]><cwmp:{0}\n/>",
    "{1}</soap:Body><soap:Body><cwmp:{0}/>",
    "{1}</soap:Body></soap:Envelope><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><cwmp:{0}/>",
    "{1}</soap:Body></soap:Envelope><cwmp:{0}/><soap:Envelope><soap:Body>",
    "{1}</soap:Body><cwmp:{0}/><soap:Body>",
    "<cwmp:InformResponse><cwmp:{0}/></cwmp:InformResponse></soap:Body><soap:Body><cwmp:{0}/>",
    "<cwmp:{0}\t\r\n a='1'>x</cwmp:{0}>",
    "{1}<?xml version=\"1.0\"?><cwmp:{0}/>",
    "{1}<a:b:{0}/>",
    "{1}<cwmp:{0}",
    "<cwmp:{0}/{1}",
    "<soap:Envelope><soap:Body><cwmp:{0}/></soap:Body></soap:Envelope>",
    "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes><cwmp:{0}/></cwmp:InformResponse>",
    "<cwmp:InformResponse><MaxEnvelopes><cwmp:{0}/></MaxEnvelopes></cwmp:InformResponse>",
    "</soap:Body><soap:Header><cwmp:{0}/></soap:Header><soap:Body>{1}",
];

fn hidden(number: usize) -> (String, &'static str) {
    let method = FORBIDDEN[number % FORBIDDEN.len()];
    let hide = HIDES[number / FORBIDDEN.len() % HIDES.len()];
    let name = match number % 5 {
        3 => method.to_ascii_uppercase(),
        4 => method.to_ascii_lowercase(),
        _ => method.to_owned(),
    };
    let innocent = "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>";
    let body = hide.replace("{0}", &name).replace("{1}", innocent);
    let envelope = envelope(&body);
    let text = match number % 7 {
        5 => format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{envelope}"),
        6 => format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{envelope}"),
        _ => envelope,
    };
    (text, method)
}

#[test]
fn a_thousand_recordings_with_forbidden_rpcs_and_no_byte_of_them_arrives() {
    block_on(async {
        for number in 0..1000 {
            let (body, method) = hidden(number);
            let chunks = match number % 3 {
                0 => Vec::new(),
                1 => vec![1],
                _ => vec![7, 3],
            };
            let scenario = acs_that_sends(body.as_bytes(), chunks);
            let (listener, address) = listener().await;
            let ((played, _), got) = tokio::join!(
                play_acs(&scenario, listener, Setting::default()),
                record(address)
            );
            let verdict = &played.replayed.verdict;
            assert!(
                matches!(verdict, ReplayVerdict::Refused(_)),
                "{number} {body}: {verdict:?}"
            );
            assert!(!careless_reader_sees(&got, method), "{number} {body}");
            let answers = got.windows(9).filter(|at| *at == b"HTTP/1.1 ").count();
            assert_eq!(
                answers, 2,
                "{number}: the answer to the Inform, and the end"
            );
            assert!(
                got.ends_with(b"HTTP/1.1 204 No Content\r\n\r\n"),
                "{number}"
            );
        }
    });
}

#[test]
fn a_variable_that_closes_its_element_stays_text() {
    for name in ["Reboot", "FactoryReset", "X_Erase"] {
        let body = envelope("<cwmp:GetRPCMethods></cwmp:GetRPCMethods>").replace(
            "</soap:Header>",
            "<cwmp:HoldRequests>{{v}}</cwmp:HoldRequests></soap:Header>",
        );
        let mut scenario = acs_that_sends(body.as_bytes(), Vec::new());
        let value = format!("</cwmp:HoldRequests></soap:Header><soap:Body><cwmp:{name}/>");
        scenario.vars.insert("v".to_owned(), Variable::Value(value));
        let got = block_on(async {
            let (listener, address) = listener().await;
            let (_, got) = tokio::join!(
                play_acs(&scenario, listener, Setting::default()),
                record(address)
            );
            got
        });
        assert!(!careless_reader_sees(&got, name));
        // The file itself, not the value, is what the guard reads in the same way: unescaped it is refused.
        let unescaped = body.replace(
            "{{v}}",
            &format!("</cwmp:HoldRequests></soap:Header><soap:Body><cwmp:{name}/>"),
        );
        let scenario = acs_that_sends(unescaped.as_bytes(), Vec::new());
        let (played, got) = block_on(async {
            let (listener, address) = listener().await;
            let ((played, _), got) = tokio::join!(
                play_acs(&scenario, listener, Setting::default()),
                record(address)
            );
            (played, got)
        });
        assert!(matches!(played.replayed.verdict, ReplayVerdict::Refused(_)));
        assert!(!careless_reader_sees(&got, name));
    }
}

/// Pieces of which messages are made.
const PIECES: [&str; 34] = [
    "<soap:Envelope>",
    "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\">",
    "</soap:Envelope>",
    "</Envelope>",
    "<soap:Header>",
    "</soap:Header>",
    "<soap:Body>",
    "</soap:Body>",
    "<Body>",
    "</Body>",
    "<cwmp:Reboot/>",
    "<cwmp:Reboot>",
    "</cwmp:Reboot>",
    "<FactoryReset/>",
    "<v:X_Erase/>",
    "<cwmp:SetParameterValues>",
    "<cwmp:InformResponse/>",
    "<cwmp:GetRPCMethods/>",
    "<cwmp:ID>1</cwmp:ID>",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "<?xml version=\"1.0\"?>",
    "<?a",
    "?>",
    "<!DOCTYPE a [<!ENTITY r \"<cwmp:Reboot/>\">]>",
    "&r;",
    "'",
    "\"",
    "<a b='",
    "/>",
    " text ",
];

fn whole() -> &'static str {
    "<soap:Envelope><soap:Header/><soap:Body>"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn what_any_reader_takes_for_a_forbidden_method_is_refused(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..14),
        framed in any::<bool>(),
    ) {
        let inside: String = pieces.concat();
        let body = if framed {
            format!("{}{inside}</soap:Body></soap:Envelope>", whole())
        } else {
            inside
        };
        let forbidden = |name: &str| {
            ["Reboot", "FactoryReset", "SetParameterValues", "X_Erase"].contains(&name)
        };
        let message = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if any_reader_sees(&body, &forbidden) {
            prop_assert!(Guard::default().permit(message.as_bytes()).is_err(), "{}", body);
        }
        if ["Reboot", "FactoryReset", "SetParameterValues"].iter().any(|name| careless_reader_sees(body.as_bytes(), name)) {
            prop_assert!(classify(message.as_bytes()).class > Class::Read, "{}", body);
        }
    }

    #[test]
    fn nothing_makes_the_guard_panic_and_what_it_lets_out_is_whole(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        head in prop::sample::select(&["HTTP/1.1 200 OK\r\n", "POST / HTTP/1.1\r\n", "HTTP/1.1 204 No Content\r\n", ""][..]),
    ) {
        let message = [head.as_bytes(), &bytes].concat();
        if let Ok(permit) = Guard::default().permit(&message) {
            prop_assert_eq!(permit.bytes(), &message[..]);
        }
    }
}
