//! A transcript around one message of which nothing is known: neither what went before it nor what followed.

use std::fmt::Write as _;

use cwmp::{Hints, Kind, Limits};

/// The message as its sender would send it, in the middle of a session; an Inform begins one. `None` where it is nothing that a
/// transcript can hold.
///
/// A file that begins with an HTTP head is sent as it stands.
pub fn transcript(file: &[u8]) -> Option<String> {
    let mut told = String::from(HEAD);
    let content = escaped(file);
    if file.starts_with(b"POST ") {
        let begins = holds(file, b":Inform>");
        let as_it_is = holds(file, b" HTTP/1.1\r\n");
        if !begins {
            told.push_str(MIDDLE);
        }
        let _ = writeln!(
            told,
            "{FROM_CPE}{}\n{content}",
            if as_it_is { " raw" } else { "" }
        );
        return Some(told);
    }
    match sender(file)? {
        Sender::CpeBegins => {
            let _ = write!(told, "{FROM_CPE}\n{POST}SOAPAction: \"\"\n{BODY}{content}");
        }
        Sender::CpeAsks => {
            let _ = write!(
                told,
                "{MIDDLE}{FROM_CPE}\n{POST}SOAPAction: \"\"\n{BODY}{content}"
            );
        }
        Sender::CpeAnswers => {
            let _ = write!(
                told,
                "{MIDDLE}{FROM_CPE}\n{POST}SOAPAction:\n{BODY}{content}"
            );
        }
        Sender::Acs => {
            let _ = write!(told, "{FROM_ACS}\n{BODY}{content}");
        }
    }
    Some(told)
}

enum Sender {
    CpeBegins,
    CpeAsks,
    CpeAnswers,
    Acs,
}

/// Who sends it, by the name of its message, and of a fault by its code.
fn sender(body: &[u8]) -> Option<Sender> {
    let document = cwmp::parse(body.to_vec(), &Hints::default(), &Limits::default());
    let envelope = document.envelope(0)?;
    if envelope.kind() == Kind::Fault {
        let code = envelope.fault().and_then(|fault| fault.code_number());
        let by_acs = code.is_some_and(|code| (8000..9000).contains(&code));
        return Some(if by_acs {
            Sender::Acs
        } else {
            Sender::CpeAnswers
        });
    }
    let name = envelope.message_name().unwrap_or_default();
    let method = name.strip_suffix("Response").unwrap_or(name);
    Some(match (method == name, ASKED_BY_CPE.contains(&method)) {
        (true, true) if name == "Inform" => Sender::CpeBegins,
        (true, true) => Sender::CpeAsks,
        (false, false) => Sender::CpeAnswers,
        _ => Sender::Acs,
    })
}

fn holds(file: &[u8], what: &[u8]) -> bool {
    file.windows(what.len()).any(|window| window == what)
}

/// Bytes as a transcript writes them.
fn escaped(file: &[u8]) -> String {
    let (file, end) = match file.strip_suffix(b"\n") {
        Some(file) => (file, "\\n\n"),
        None => (file, "\n"),
    };
    let mut text = String::new();
    for (number, line) in file.split(|byte| *byte == b'\n').enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let marks = [b"#".as_slice(), b">>", b"<<"];
        let marked = marks.iter().any(|mark| line.starts_with(mark));
        for (at, chunk) in line.utf8_chunks().enumerate() {
            for (index, character) in chunk.valid().char_indices() {
                match character {
                    '\\' => text.push_str("\\\\"),
                    '\r' => text.push_str("\\r"),
                    _ if marked && at == 0 && index == 0 => {
                        let _ = write!(text, "\\x{:02x}", u32::from(character));
                    }
                    _ => text.push(character),
                }
            }
            for byte in chunk.invalid() {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text.push_str(end);
    text
}

const HEAD: &str = "# informant transcript 1\n# started 2010-01-01T00:00:00Z\n\n";
/// Something was said before, and the capture has only its end.
const MIDDLE: &str = ">> 10.0.0.2:40112 > 10.0.0.1:7547 @0.000 gap\n\
                      << 10.0.0.1:7547 > 10.0.0.2:40112 @0.000\nHTTP/1.1 204 No Content\n\n";
const FROM_CPE: &str = ">> 10.0.0.2:40112 > 10.0.0.1:7547 @1.000";
const FROM_ACS: &str = "<< 10.0.0.1:7547 > 10.0.0.2:40112 @1.000\nHTTP/1.1 200 OK";
const POST: &str = "POST /acs HTTP/1.1\nHost: 10.0.0.1:7547\n";
const BODY: &str = "Content-Type: text/xml; charset=utf-8\nContent-Length: auto\n\n";
const ASKED_BY_CPE: &[&str] = &[
    "Inform",
    "TransferComplete",
    "AutonomousTransferComplete",
    "DUStateChangeComplete",
    "AutonomousDUStateChangeComplete",
    "Kicked",
    "RequestDownload",
];
