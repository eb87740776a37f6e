//! The recorded peers: counts as two independent readers took them down, and every message written again to the byte.

use std::collections::BTreeMap;
use std::path::Path;

use http1::{End, Fields, Kind, Message, Recognised, recognise};

use crate::drive::Drive;

const PEERS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/captures/peers"
);

/// Every message of the recordings, with the recording's name.
fn recorded() -> Vec<(String, Vec<Message>)> {
    let Ok(folder) = std::fs::read_dir(PEERS) else {
        println!("skipped: ../shared is absent");
        return Vec::new();
    };
    let files = folder.flatten().map(|entry| entry.path());
    files
        .filter(|path| path.extension().is_some_and(|end| end == "pcap"))
        .map(|path| (name(&path), read(&path)))
        .collect()
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn read(path: &Path) -> Vec<Message> {
    let bytes = std::fs::read(path).unwrap_or_default();
    let mut messages = Vec::new();
    for flow in flows(&bytes) {
        let Recognised::Message(kind) = recognise(&flow.bytes) else {
            continue;
        };
        let drive = Drive::new(kind).feed(&flow.bytes);
        let how = if flow.finished {
            End::Fin
        } else {
            End::Capture
        };
        messages.extend(drive.end(how).messages());
    }
    messages
}

/// One direction of a connection, put in order.
#[derive(Default)]
struct Flow {
    bytes: Vec<u8>,
    next: Option<u32>,
    finished: bool,
}

/// A walk over little-endian Ethernet captures of IPv4 on loopback, where nothing is lost or out of order.
fn flows(file: &[u8]) -> Vec<Flow> {
    let mut open: BTreeMap<Vec<u8>, Flow> = BTreeMap::new();
    let mut done = Vec::new();
    let mut rest = file.get(24..).unwrap_or_default();
    while let Some((header, behind)) = rest.split_at_checked(16) {
        let length = u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize;
        let Some((frame, behind)) = behind.split_at_checked(length) else {
            break;
        };
        rest = behind;
        let Some(ip) = frame
            .get(14..)
            .filter(|ip| ip.len() > 40 && ip[0] >> 4 == 4 && ip[9] == 6)
        else {
            continue;
        };
        let total = u16::from_be_bytes([ip[2], ip[3]]) as usize;
        let ip = if total == 0 {
            ip
        } else {
            ip.get(..total).unwrap_or(ip)
        };
        let Some(tcp) = ip.get(usize::from(ip[0] & 15) * 4..) else {
            continue;
        };
        let key = [&ip[12..20], &tcp[..4]].concat();
        let sequence = u32::from_be_bytes([tcp[4], tcp[5], tcp[6], tcp[7]]);
        let data = tcp.get(usize::from(tcp[12] >> 4) * 4..).unwrap_or_default();
        if tcp[13] & 2 != 0 {
            done.extend(open.remove(&key));
            open.insert(
                key,
                Flow {
                    next: Some(sequence.wrapping_add(1)),
                    ..Flow::default()
                },
            );
            continue;
        }
        let flow = open.entry(key).or_default();
        let next = flow.next.unwrap_or(sequence);
        let seen = next.wrapping_sub(sequence) as usize;
        if let Some(fresh) = data.get(seen..) {
            flow.bytes.extend_from_slice(fresh);
            flow.next = Some(next.wrapping_add(fresh.len() as u32));
        }
        flow.finished |= tcp[13] & 1 != 0;
    }
    done.extend(open.into_values());
    done
}

/// The number behind `key` in what the truth says of `file`.
fn truth(text: &str, file: &str, key: &str) -> Option<usize> {
    let part = text.split_once(&format!("\"{file}\": {{"))?.1;
    let number = part.split_once(&format!("\"{key}\": "))?.1;
    number
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[test]
fn every_recorded_message_is_counted() {
    let text = std::fs::read_to_string(format!("{PEERS}/truth.json")).unwrap_or_default();
    for (file, messages) in recorded() {
        let count = |kind| {
            messages
                .iter()
                .filter(|message| message.kind == kind && message.head_complete())
                .count()
        };
        // Of the recording over TLS the truth counts what is inside.
        if !file.contains("https") {
            assert_eq!(
                Some(count(Kind::Request)),
                truth(&text, &file, "requests"),
                "{file}"
            );
            assert_eq!(
                Some(count(Kind::Response)),
                truth(&text, &file, "responses"),
                "{file}"
            );
            let cut = messages
                .iter()
                .filter(|message| !message.head_complete())
                .count();
            assert_eq!(
                Some(cut),
                truth(&text, &file, "responses_head_cut"),
                "{file}"
            );
            let empty = |message: &&Message| message.method() == b"POST" && message.body_bytes == 0;
            assert_eq!(
                Some(messages.iter().filter(empty).count()),
                truth(&text, &file, "empty_posts"),
                "{file}"
            );
            for status in [200, 204, 400, 401, 503] {
                let same = messages
                    .iter()
                    .filter(|message| message.head_complete() && message.status() == status)
                    .count();
                let told = statuses(&text, &file, status);
                assert_eq!(same, told, "{file} {status}");
            }
        }
    }
}

fn statuses(text: &str, file: &str, status: u16) -> usize {
    let part = text
        .split_once(&format!("\"{file}\": {{"))
        .map(|(_, part)| part)
        .unwrap_or_default();
    let part = part
        .split_once("\"response_statuses\": {")
        .map(|(_, part)| part)
        .unwrap_or_default();
    let part = part
        .split_once('}')
        .map(|(part, _)| part)
        .unwrap_or_default();
    let number = part
        .split_once(&format!("\"{status}\": "))
        .map(|(_, number)| number)
        .unwrap_or_default();
    number
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[test]
fn every_recorded_message_is_written_again_to_the_byte() {
    for (file, messages) in recorded() {
        for message in messages {
            let fields = Fields::from(&message);
            assert_eq!(
                fields.write(),
                message.raw,
                "{file} at {}",
                message.stream_offset
            );
            let again = Drive::new(message.kind)
                .feed(&message.raw)
                .end(End::Fin)
                .messages();
            assert!(
                again.len() <= 1
                    && again
                        .first()
                        .is_none_or(|again| Fields::from(again) == fields),
                "{file}"
            );
        }
    }
}

#[test]
fn recorded_bodies_are_decoded() {
    for (file, messages) in recorded() {
        for message in messages
            .iter()
            .filter(|message| message.body_bytes > 2 && message.body_complete)
        {
            if message
                .content_type()
                .is_some_and(|kind| kind.eq_ignore_ascii_case(b"text/xml"))
            {
                assert!(
                    message.body().trim_ascii_start().starts_with(b"<"),
                    "{file} at {}: {}",
                    message.stream_offset,
                    message.raw.escape_ascii()
                );
            }
        }
        if file.starts_with("mhils") {
            let coded = messages
                .iter()
                .filter(|message| message.header("content-encoding").is_some());
            assert!(coded.clone().count() >= 2);
            assert!(
                coded
                    .clone()
                    .all(|message| message.body().trim_ascii_end().ends_with(b"Envelope>"))
            );
        }
    }
}
