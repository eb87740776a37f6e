//! Inputs of the targets, made of captures and of messages: what mutation starts from.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use informant::pipeline::{Options, analyse};
use informant::session::{Message, Output};
use informant::source::Capture;

use super::targets::{FIRST_LINE, LINK_TYPES, Target};

/// Inputs of this target, made of the files of a folder, and of the folders in it.
///
/// Of the files at most so many, spread over the folder.
pub fn of_folder(target: &Target, folder: &Path, files_max: usize) -> Vec<Vec<u8>> {
    let files = files(folder);
    let step = files.len().div_ceil(files_max.max(1)).max(1);
    let mut inputs: Vec<Vec<u8>> = files
        .into_iter()
        .step_by(step)
        .filter_map(|path| fs::read(path).ok())
        .flat_map(|bytes| of_file(target, bytes))
        .filter(|input| input.len() <= target.length_max)
        .collect();
    inputs.sort();
    inputs.dedup();
    inputs
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if fs::metadata(&path).is_ok_and(|data| data.len() <= FILE_BYTES_MAX) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Inputs of this target, made of one file.
fn of_file(target: &Target, bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let name = target.name;
    if let Some(below) = bytes.strip_prefix(FIRST_LINE) {
        return match name {
            "transcript" | "check" => vec![below.to_vec()],
            "pipeline" => vec![bytes],
            _ => Vec::new(),
        };
    }
    if bytes.starts_with(b"<") || bytes.starts_with(b"POST ") || bytes.starts_with(b"HTTP/") {
        return of_message(name, &bytes);
    }
    match name {
        "link" => of_frames(&bytes),
        "dhcp" | "stun" => of_datagrams(name, &bytes),
        "tcp" => vec![of_segments(&bytes)],
        "source_pcap" if is_pcap(&bytes) => vec![bytes],
        "source_pcap" => vec![first_frames(&bytes, SHORT_BYTES)],
        "source_pcapng" if bytes.starts_with(&PCAPNG) => vec![bytes],
        "source_packed" if is_pcap(&bytes) || bytes.starts_with(&PCAPNG) => {
            let short = first_frames(&bytes, SHORT_BYTES);
            (0..4)
                .map(|wrapper| with_front(&[wrapper | 0xA0], &short))
                .collect()
        }
        "source_packed" if bytes.starts_with(&[0x1f, 0x8b]) => vec![with_front(&[0], &bytes)],
        "pipeline" | "check" => vec![first_frames(&bytes, target.length_max)],
        "http1_stream" | "http1_head" | "cwmp" | "outputs" => of_messages(name, &bytes),
        _ => Vec::new(),
    }
}

fn is_pcap(bytes: &[u8]) -> bool {
    let magics: [[u8; 4]; 4] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
    ];
    magics.iter().any(|magic| bytes.starts_with(magic))
}

/// A message that stands alone in a file, with or without its head.
fn of_message(name: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    let body = bytes.iter().position(|byte| *byte == b'<').unwrap_or(0);
    match name {
        "cwmp" => vec![with_front(&[0], &bytes[body..])],
        "outputs" => vec![said(&[&posted(&bytes[body..])])],
        "http1_stream" => vec![with_front(&[0; 6], &posted(&bytes[body..]))],
        _ => Vec::new(),
    }
}

fn posted(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    with_front(head.as_bytes(), body)
}

fn with_front(front: &[u8], bytes: &[u8]) -> Vec<u8> {
    [front, bytes].concat()
}

/// A frame as the readers of captures give it.
struct Frame {
    link_type: u16,
    original_length: u32,
    time_ns: i64,
    bytes: Vec<u8>,
}

fn frames(bytes: &[u8]) -> Vec<Frame> {
    let Ok(mut capture) = Capture::from_reader("input", Cursor::new(bytes.to_vec())) else {
        return Vec::new();
    };
    let mut frames = Vec::new();
    while let Some(frame) = capture.next() {
        let Some((link_type, original_length)) = frame.packet() else {
            continue;
        };
        frames.push(Frame {
            link_type: link_type.0,
            original_length,
            time_ns: frame.time.nanoseconds,
            bytes: frame.bytes.to_vec(),
        });
    }
    frames
}

/// A few frames together, as [`super::targets`] reads them.
fn of_frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    frames(bytes)
        .chunks(FRAMES_TOGETHER)
        .take(CHUNKS_A_FILE)
        .map(|frames| {
            let mut input = vec![0];
            for frame in frames {
                let link_type = LINK_TYPES
                    .iter()
                    .position(|known| known.0 == frame.link_type)
                    .unwrap_or(LINK_TYPES.len() - 1);
                let cut = u64::from(frame.original_length).saturating_sub(frame.bytes.len() as u64);
                input.extend([link_type as u8, cut.min(255) as u8]);
                input.extend((frame.bytes.len() as u16).to_le_bytes());
                input.extend(&frame.bytes);
            }
            input
        })
        .collect()
}

/// UDP payloads that are of the target's protocol; a file that is no capture is one.
fn of_datagrams(name: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    let frames = frames(bytes);
    let mut inputs = Vec::new();
    for frame in &frames {
        let link_type = link::LinkType(frame.link_type);
        let decoded = link::decode(link_type, &frame.bytes, frame.original_length);
        if let link::Decoded::Ip(packet) = decoded
            && let link::Payload::Udp(udp) = packet.payload
        {
            inputs.extend(of_datagram(name, udp.payload));
        }
    }
    if frames.is_empty() {
        inputs.extend(of_datagram(name, bytes));
    }
    inputs.truncate(DATAGRAMS_A_FILE);
    inputs
}

fn of_datagram(name: &str, payload: &[u8]) -> Option<Vec<u8>> {
    let length = payload.len();
    let front = match name {
        "stun" => stun::recognise(payload, length).map(|_| [0; 3]),
        _ if dhcp::v4::recognise(payload) => Some([0; 3]),
        _ => dhcp::v6::recognise(payload, length).then_some([1, 0, 0]),
    };
    front.map(|front| with_front(&front, payload))
}

/// The segments of whatever IPv4 in Ethernet the capture holds, taken as one direction: places and lengths alone.
fn of_segments(bytes: &[u8]) -> Vec<u8> {
    let mut input = vec![0; 5];
    let mut first = None;
    for frame in frames(bytes).iter().take(SEGMENTS_A_FILE) {
        let link::Decoded::Ip(packet) = link::decode(
            link::LinkType(frame.link_type),
            &frame.bytes,
            frame.original_length,
        ) else {
            continue;
        };
        let link::Payload::Tcp(tcp) = packet.payload else {
            continue;
        };
        let first = *first.get_or_insert(tcp.sequence);
        let place = tcp.sequence.wrapping_sub(first) as u16;
        let fin = if tcp.flags & 1 != 0 { 0x20 } else { 0 };
        let long = tcp.payload.len() > 255;
        let kind = 10 | fin | if long { 0x10 } else { 0 };
        let length = if long {
            tcp.payload.len() / 6
        } else {
            tcp.payload.len()
        };
        input.push(kind);
        input.extend(place.to_le_bytes());
        input.extend([length.min(255) as u8, 0]);
        input.push(2);
        input.extend(place.to_le_bytes());
    }
    input
}

/// The first frames, in a pcap of their own.
fn first_frames(bytes: &[u8], length_max: usize) -> Vec<u8> {
    let frames = frames(bytes);
    let link_type = frames.first().map_or(1, |frame| frame.link_type);
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(262_144_u32.to_le_bytes());
    file.extend(u32::from(link_type).to_le_bytes());
    for frame in frames.iter().filter(|frame| frame.link_type == link_type) {
        if file.len() + 16 + frame.bytes.len() > length_max {
            break;
        }
        let time_us = frame.time_ns / 1_000;
        file.extend(((time_us / 1_000_000) as u32).to_le_bytes());
        file.extend(((time_us % 1_000_000) as u32).to_le_bytes());
        file.extend((frame.bytes.len() as u32).to_le_bytes());
        file.extend(frame.original_length.to_le_bytes());
        file.extend(&frame.bytes);
    }
    file
}

/// What was said in a capture: streams, heads, bodies, turns.
fn of_messages(name: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    let messages = messages(bytes);
    let raw = |message: &Message| message.http.raw.clone();
    match name {
        "cwmp" => {
            let soap = messages.iter().filter(|message| message.soap.is_some());
            soap.map(|message| with_front(&[0], message.http.body()))
                .collect()
        }
        "http1_head" => messages.iter().map(raw).collect(),
        "http1_stream" => {
            let mut streams: Vec<((u64, bool), Vec<u8>)> = Vec::new();
            for message in &messages {
                let is_response = message.http.kind() == http1::Kind::Response;
                let key = (message.provenance.connection, is_response);
                match streams.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, stream)) => stream.extend(raw(message)),
                    None => streams.push((
                        key,
                        with_front(&[u8::from(is_response), 0, 7, 0, 0, 0], &raw(message)),
                    )),
                }
            }
            streams.into_iter().map(|(_, stream)| stream).collect()
        }
        _ => {
            let turns: Vec<Vec<u8>> = messages.iter().map(raw).collect();
            turns
                .chunks(TURNS_TOGETHER)
                .map(|turns| said(&turns.iter().map(Vec::as_slice).collect::<Vec<_>>()))
                .collect()
        }
    }
}

/// Turns of a conversation, as the target for outputs reads them.
fn said(turns: &[&[u8]]) -> Vec<u8> {
    let mut input = vec![0];
    for turn in turns {
        input.extend((turn.len() as u16).to_le_bytes());
        input.extend_from_slice(turn);
    }
    input
}

fn messages(bytes: &[u8]) -> Vec<Message> {
    let Ok(mut capture) = Capture::from_reader("input", Cursor::new(bytes.to_vec())) else {
        return Vec::new();
    };
    let options = Options {
        messages: true,
        ..Options::default()
    };
    let mut messages = Vec::new();
    let mut deliver = |output| {
        if let Output::Message(message) = output {
            messages.push(*message);
        }
        std::ops::ControlFlow::Continue(())
    };
    analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    messages
}

const PCAPNG: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
/// Larger files hold more of the same.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Some frames of a capture.
const SHORT_BYTES: usize = 2 << 10;
const FRAMES_TOGETHER: usize = 6;
const DATAGRAMS_A_FILE: usize = 40;
const CHUNKS_A_FILE: usize = 8;
const SEGMENTS_A_FILE: usize = 60;
const TURNS_TOGETHER: usize = 6;
