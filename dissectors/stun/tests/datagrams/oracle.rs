//! tshark as a second opinion: the same payloads are STUN, with the same insides.
//!
//! Wireshark's `stun` knows messages with a cookie, its `classicstun` those without. All frames that either finds are
//! compared, file by file, for the folders that hold STUN; the rest of the captures that can be read in one go is there
//! to show that nothing else is taken for it. Where tshark sees STUN and this crate does not, or the other way, a row in
//! `differences.tsv` has to say why, and each row has to be needed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use stun::{Datagram, Fingerprint, Form, Message, Signature, Value, recognise, ucr};

use crate::{Outcome, bytes, shared};

/// One UDP payload and what tshark says of it.
struct Frame {
    number: String,
    payload: Vec<u8>,
    wire_bytes: usize,
    /// Form, type, transaction id, attribute types, addresses, checksum status.
    stun: Option<[String; 6]>,
}

const FIELDS: [&str; 13] = [
    "frame.number",
    "udp.length",
    "udp.payload",
    "stun.type",
    "stun.id",
    "stun.att.type",
    "stun.att.ipv4",
    "stun.att.crc32.status",
    "classicstun.type",
    "classicstun.id",
    "classicstun.att.type",
    "classicstun.att.ipv4",
    "tcp.stream",
];

fn tshark(file: &Path, filter: &str) -> Option<Vec<Frame>> {
    let mut command = Command::new("tshark");
    command
        .arg("-r")
        .arg(file)
        .args(["-n", "-Y", filter, "-T", "fields"]);
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let Ok(output) = command.stderr(Stdio::null()).output() else {
        println!("skipped: tshark is absent");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.lines().map(frame).collect())
}

fn frame(line: &str) -> Frame {
    let columns: Vec<&str> = line.split('\t').collect();
    let column = |name: &str| {
        let at = FIELDS.iter().position(|field| *field == name);
        at.and_then(|at| columns.get(at))
            .copied()
            .unwrap_or_default()
            .to_owned()
    };
    let (cookie, classic) = (column("stun.type"), column("classicstun.type"));
    let own = |form: &str, prefix: &str| {
        let of = |name: &str| column(&format!("{prefix}.{name}"));
        let known = [
            of("type"),
            of("id"),
            of("att.type"),
            of("att.ipv4"),
            of("att.crc32.status"),
        ];
        let [kind, id, types, addresses, checksum] = known;
        [form.to_owned(), kind, id, types, addresses, checksum]
    };
    let length = column("udp.length").parse::<usize>().unwrap_or(0);
    Frame {
        number: column("frame.number"),
        payload: bytes(&column("udp.payload")),
        wire_bytes: length.saturating_sub(8),
        stun: match (cookie.is_empty(), classic.is_empty()) {
            (false, _) => Some(own("Rfc5389", "stun")),
            (true, false) => Some(own("Rfc3489", "classicstun")),
            (true, true) => None,
        },
    }
}

/// What this crate says, in tshark's words.
fn ours(message: &Message) -> [String; 6] {
    let classic = message.form == Form::Rfc3489;
    let id = message
        .transaction_id()
        .iter()
        .skip(if classic { 0 } else { 4 });
    let addresses = message
        .attributes
        .iter()
        .filter_map(|one| match message.value(one) {
            Value::Address(address) => Some(address.ip()),
            Value::XorAddress(address) if !classic => Some(address.ip()),
            _ => None,
        });
    let addresses: Vec<String> = addresses
        .filter(std::net::IpAddr::is_ipv4)
        .map(|address| address.to_string())
        .collect();
    let types: Vec<String> = message
        .attributes
        .iter()
        .map(|one| format!("{:#06x}", one.kind))
        .collect();
    let checksum = match message.verify_fingerprint() {
        Fingerprint::Match => "1",
        Fingerprint::Mismatch => "0",
        Fingerprint::Absent | Fingerprint::Unverifiable => "",
    };
    [
        format!("{:?}", message.form),
        format!("{:#06x}", message.message_type),
        id.map(|byte| format!("{byte:02x}")).collect(),
        types.join(","),
        addresses.join(","),
        checksum.to_owned(),
    ]
}

/// Compares a file; gives the frames that only one side takes for STUN.
fn compare(file: &Path) -> Option<Vec<String>> {
    let frames = tshark(file, "udp || stun || classicstun")?;
    let mut different = Vec::new();
    for frame in frames {
        let message = stun::parse(&frame.payload, frame.wire_bytes);
        match (&message, &frame.stun) {
            (Some(message), Some(theirs)) => {
                assert_eq!(
                    &ours(message),
                    theirs,
                    "{} frame {}",
                    file.display(),
                    frame.number
                );
            }
            (None, None) => (),
            _ => different.push(frame.number),
        }
    }
    Some(different)
}

fn captures(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|file| {
        let extension = file.extension().unwrap_or_default();
        ["pcap", "pcapng", "cap", "trace"]
            .iter()
            .any(|one| extension == *one)
    });
    files.sort();
    files
}

#[test]
fn the_same_messages_as_tshark() -> Outcome {
    let Some(root) = shared("captures") else {
        return Ok(());
    };
    let mut files = captures(&root.join("stun"));
    files.push(root.join("peers/orange_perlcwmp_stun.pcap"));
    files.push(root.join("peers/stun_coturn_stund.pcap"));
    let found: Vec<Option<Vec<(PathBuf, String)>>> = thread::scope(|scope| {
        let each = |file: &PathBuf| {
            let file = file.clone();
            scope.spawn(move || {
                let frames = compare(&file)?;
                Some(
                    frames
                        .into_iter()
                        .map(|frame| (file.clone(), frame))
                        .collect(),
                )
            })
        };
        let threads: Vec<_> = files.iter().map(each).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_default())
            .collect()
    });
    let Some(found) = found.into_iter().collect::<Option<Vec<_>>>() else {
        return Ok(());
    };
    let seen: BTreeSet<(String, String)> = found
        .into_iter()
        .flatten()
        .map(|(file, frame)| {
            let file = file.strip_prefix(&root).unwrap_or(&file).to_path_buf();
            (file.to_string_lossy().into_owned(), frame)
        })
        .collect();
    let rows = include_str!("differences.tsv")
        .lines()
        .filter(|row| !row.starts_with('#'));
    let explained: BTreeSet<(String, String)> = rows
        .filter_map(|row| {
            let mut columns = row.split('\t');
            let (file, frame, why) = (columns.next()?, columns.next()?, columns.next()?);
            (!why.is_empty()).then(|| (file.to_owned(), frame.to_owned()))
        })
        .collect();
    assert_eq!(seen, explained);
    Ok(())
}

/// DHCP, tunnels, web traffic: no STUN in it says tshark, and this crate finds nothing of its own either.
#[test]
fn nothing_where_tshark_finds_nothing() -> Outcome {
    let Some(root) = shared("captures") else {
        return Ok(());
    };
    let folders = ["dhcp", "linktypes", "tls", "cwmp-pcap"];
    let files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|name| captures(&root.join(name)))
        .collect();
    let merged = std::env::temp_dir().join(format!("informant-stun-{}.pcapng", std::process::id()));
    let mut merge = Command::new("mergecap");
    merge
        .args(["-a", "-F", "pcapng", "-w"])
        .arg(&merged)
        .args(&files);
    if merge.stderr(Stdio::null()).status().is_err() {
        println!("skipped: mergecap, which comes with tshark, is absent");
        return Ok(());
    }
    let frames = tshark(&merged, "udp");
    std::fs::remove_file(&merged)?;
    let Some(frames) = frames else { return Ok(()) };
    assert!(frames.len() > 1000, "{} datagrams", frames.len());
    for frame in frames {
        assert!(frame.stun.is_none(), "frame {}", frame.number);
        assert_eq!(
            recognise(&frame.payload, frame.wire_bytes),
            None,
            "frame {}",
            frame.number
        );
    }
    Ok(())
}

/// The counts that whoever recorded the captures wrote down, and a signature whose password the session shows.
#[test]
fn peers_as_recorded() -> Outcome {
    let Some(root) = shared("captures/peers") else {
        return Ok(());
    };
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(root.join("truth.json"))?)?;
    for name in ["orange_perlcwmp_stun.pcap", "stun_coturn_stund.pcap"] {
        let Some(frames) = tshark(&root.join(name), "udp") else {
            return Ok(());
        };
        let (mut messages, mut requests, mut tr111, mut changes) = (vec![], vec![], vec![], vec![]);
        for frame in &frames {
            let number: u64 = frame.number.parse()?;
            match recognise(&frame.payload, frame.wire_bytes) {
                Some(Datagram::Stun(form)) => {
                    assert_eq!(form, Form::Rfc3489);
                    let message = stun::parse(&frame.payload, frame.wire_bytes);
                    let message = message.ok_or("not parsed")?;
                    messages.push(number);
                    if message.has_connection_request_binding() {
                        tr111.push(number);
                    }
                    if message.has_binding_change() {
                        changes.push(number);
                    }
                    assert_eq!(message.write().as_ref(), Ok(&frame.payload));
                }
                Some(Datagram::ConnectionRequest) => {
                    let request = ucr::parse(&frame.payload, frame.wire_bytes);
                    requests.push((number, request.ok_or("not parsed")?));
                }
                Some(Datagram::LightweightNotification) | None => (),
            }
        }
        let expected = &truth[name];
        let numbers = |key: &str| {
            let list = expected[key].as_array().cloned().unwrap_or_default();
            list.iter()
                .filter_map(serde_json::Value::as_u64)
                .collect::<Vec<u64>>()
        };
        assert_eq!(messages, numbers("stun_frames"), "{name}");
        assert_eq!(tr111, numbers("stun_c001_frames"), "{name}");
        assert_eq!(changes, numbers("stun_c002_frames"), "{name}");
        let at: Vec<u64> = requests.iter().map(|(number, _)| *number).collect();
        assert_eq!(at, numbers("udp_connection_request_frames"), "{name}");
        for (_, request) in &requests {
            assert!(requests.iter().all(|(_, other)| request.is_copy_of(other)));
            assert!(matches!(request.verify(b"crpass"), Signature::Match { .. }));
        }
    }
    Ok(())
}
