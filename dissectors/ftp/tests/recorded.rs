//! Sessions of real clients (curl, Python's ftplib, lftp) with real servers (pyftpdlib on port 2121, vsftpd on 2122), recorded
//! on one host for this test, and read by tshark too. No person's data is in it; the passwords are made up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use ftp::{Control, DataMode, Event, EventKind, Limits, LoginResult, Recognised, Side, recognise};

struct Segment {
    client_port: u16,
    side: Side,
    payload: Vec<u8>,
}

fn capture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/pyftpdlib_vsftpd.pcap")
}

/// The segments with data: Ethernet, IPv4 and TCP, without loss, in order.
fn segments() -> Vec<Segment> {
    let Ok(bytes) = std::fs::read(capture()) else {
        panic!("the recording belongs to this test");
    };
    let mut segments = Vec::new();
    let mut rest = &bytes[24..];
    while let Some((head, behind)) = rest.split_first_chunk::<16>() {
        let length = u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize;
        let (frame, behind) = behind.split_at(length);
        rest = behind;
        let ip = &frame[14..];
        let total = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
        let tcp = &ip[usize::from(ip[0] & 15) * 4..total];
        let payload = &tcp[usize::from(tcp[12] >> 4) * 4..];
        let source = u16::from_be_bytes([tcp[0], tcp[1]]);
        let destination = u16::from_be_bytes([tcp[2], tcp[3]]);
        let from_server = matches!(source, 2121 | 2122);
        if !payload.is_empty() {
            segments.push(Segment {
                client_port: if from_server { destination } else { source },
                side: if from_server {
                    Side::Server
                } else {
                    Side::Client
                },
                payload: payload.to_vec(),
            });
        }
    }
    assert!(segments.len() > 200);
    segments
}

/// The events of each connection, in the order of their first segments, fed in pieces of so many bytes.
fn events(piece: usize) -> Vec<Vec<Event>> {
    let mut order = Vec::new();
    let mut controls: BTreeMap<u16, (Control, Vec<Event>)> = BTreeMap::new();
    for segment in segments() {
        let port = segment.client_port;
        let (control, events) = controls.entry(port).or_insert_with(|| {
            order.push(port);
            assert_ne!(recognise(segment.side, &segment.payload), Recognised::No);
            (Control::new(Limits::default()), Vec::new())
        });
        for piece in segment.payload.chunks(piece) {
            control.push(segment.side, piece);
        }
        events.extend(std::iter::from_fn(|| control.next_event()));
    }
    let mut all = Vec::new();
    for port in order {
        if let Some((mut control, mut events)) = controls.remove(&port) {
            control.finish();
            events.extend(std::iter::from_fn(|| control.next_event()));
            assert_eq!(control.anomalies(), []);
            assert!(control.is_settled());
            all.push(events);
        }
    }
    all
}

fn line(event: &Event) -> Option<String> {
    match &event.kind {
        EventKind::Login {
            user, result, code, ..
        } => {
            let result = match result {
                LoginResult::Accepted => "accepted",
                LoginResult::Refused => "refused",
            };
            Some(format!("login {user} {result} {code}"))
        }
        EventKind::PathRefused { path, code, .. } => Some(format!("no {path} {code}")),
        EventKind::TransferEnded { transfer, result } => {
            let mode = match transfer.data.map(|data| data.mode) {
                Some(DataMode::Passive) => "passive",
                Some(DataMode::Active) => "active",
                None => "-",
            };
            let number = |number: Option<u64>| number.map_or("-".to_owned(), |n| n.to_string());
            let (kind, path) = (transfer.kind.name(), transfer.path());
            let (size, restart) = (number(transfer.size_bytes), number(transfer.restart_bytes));
            let code = result.code.unwrap_or_default();
            let outcome = result.outcome.name();
            Some(format!(
                "{kind} {path} {mode} {size} {restart} {outcome} {code}"
            ))
        }
        EventKind::Secured => Some("secured".to_owned()),
        EventKind::NotFtp => Some("not ftp".to_owned()),
        _ => None,
    }
}

/// What the clients were told to do, connection after connection: kind, path, who waits, size, restart, outcome, code.
const STORIES: [&[&str]; 17] = [
    &[
        "login phone accepted 230",
        "retrieve /phone.cfg passive 2345 - complete 226",
    ],
    &[
        "login phone accepted 230",
        "retrieve /phone.cfg passive 2345 - complete 226",
    ],
    &[
        "login phone accepted 230",
        "retrieve /phone.cfg active 2345 - complete 226",
    ],
    &[
        "login phone accepted 230",
        "retrieve /phone.cfg active 2345 - complete 226",
    ],
    &[
        "login phone accepted 230",
        "store /up/log of phone.txt passive - - complete 226",
    ],
    &[
        "login phone accepted 230",
        "retrieve /phone.cfg passive 2345 1000 complete 226",
    ],
    &["login phone accepted 230", "no missing.cfg 550"],
    &["login phone refused 530"],
    &[
        "login phone accepted 230",
        "list /up passive - - complete 226",
    ],
    &[
        "login anonymous accepted 230",
        "retrieve /srv/provisioning/phone.cfg passive 2345 - complete 226",
    ],
    &[
        "login anonymous accepted 230",
        "retrieve /srv/provisioning/phone.cfg passive 2345 - complete 226",
    ],
    &[
        "login anonymous accepted 230",
        "store /srv/provisioning/up/crash.log passive - - complete 226",
    ],
    &["login anonymous accepted 230", "no nowhere 550"],
    &[
        "login anonymous accepted 230",
        "retrieve /srv/provisioning/exact.bin active 1024 - complete 226",
    ],
    // It wanted TLS, was refused it, and went.
    &[],
    &[
        "login phone accepted 230",
        "retrieve phone.cfg passive - - complete 226",
        "store up/second.log active - - complete 226",
        "append up/second.log active - - complete 226",
        "list  active - - complete 226",
    ],
    &[
        "login phone accepted 230",
        "retrieve /phone.cfg passive 2345 - complete 226",
        "retrieve /exact.bin passive 1024 - complete 226",
        "store /up/exact2.bin passive - - complete 226",
    ],
];

#[test]
fn stories() {
    let told: Vec<Vec<String>> = events(usize::MAX)
        .iter()
        .map(|events| events.iter().filter_map(line).collect())
        .collect();
    assert_eq!(told, STORIES);
}

#[test]
fn pieces_do_not_matter() {
    let whole = events(usize::MAX);
    for piece in [1, 2, 7] {
        assert_eq!(events(piece), whole);
    }
}

#[test]
fn places_are_those_of_the_lines() {
    let mut streams: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
    let mut order = Vec::new();
    for segment in segments()
        .into_iter()
        .filter(|segment| segment.side == Side::Client)
    {
        if !order.contains(&segment.client_port) {
            order.push(segment.client_port);
        }
        streams
            .entry(segment.client_port)
            .or_default()
            .extend(segment.payload);
    }
    for (events, port) in events(usize::MAX).iter().zip(order) {
        let stream = streams.remove(&port).unwrap_or_default();
        let text = |span: &std::ops::Range<u64>| {
            let bytes = stream.get(span.start as usize..span.end as usize);
            String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
        };
        for event in events {
            match &event.kind {
                EventKind::TransferBegan { transfer, .. } => {
                    let command = text(&transfer.command);
                    assert!(command.trim_end().ends_with(&transfer.file), "{command}");
                }
                EventKind::Login {
                    password: Some(place),
                    ..
                } => {
                    let password = text(place);
                    assert!(["secret", "wrong", "ftp@example.com"].contains(&password.as_str()));
                }
                _ => {}
            }
        }
        let said = format!("{events:?}");
        assert!(!said.contains("secret") && !said.contains("wrong") && !said.contains("ftp@"));
    }
}

/// tshark's commands that move files, and its ports of data connections, are the same.
#[test]
fn as_tshark_reads_it() {
    let run = Command::new("tshark")
        .arg("-r")
        .arg(capture())
        .args([
            "-d",
            "tcp.port==2121,ftp",
            "-d",
            "tcp.port==2122,ftp",
            "-Y",
            "ftp",
        ])
        .args([
            "-T",
            "fields",
            "-e",
            "tcp.stream",
            "-e",
            "ftp.request.command",
            "-e",
            "ftp.request.arg",
        ])
        .args([
            "-e",
            "ftp.passive.port",
            "-e",
            "ftp.epsv.port",
            "-e",
            "ftp.active.port",
            "-e",
            "ftp.eprt.port",
        ])
        .output();
    let Ok(run) = run else {
        println!("skipped: tshark is absent");
        return;
    };
    assert!(run.status.success(), "it knows these fields");
    let mut transfers = Vec::new();
    let mut ports = Vec::new();
    for line in String::from_utf8_lossy(&run.stdout).lines() {
        let mut columns = line.split('\t').skip(1);
        let command = columns.next().unwrap_or_default();
        let argument = columns.next().unwrap_or_default().to_owned();
        if matches!(command, "RETR" | "STOR" | "APPE" | "LIST" | "NLST") {
            transfers.push(argument);
        }
        ports.extend(columns.filter_map(|port| port.parse::<u16>().ok()));
    }
    let told = events(usize::MAX).into_iter().flatten();
    let (mut our_transfers, mut our_ports) = (Vec::new(), Vec::new());
    for event in told {
        match event.kind {
            EventKind::TransferBegan { transfer, .. } => our_transfers.push(transfer.file),
            EventKind::DataEndpoint(endpoint) => our_ports.push(endpoint.port),
            _ => {}
        }
    }
    assert_eq!(our_transfers, transfers);
    assert_eq!(our_ports, ports);
    assert_eq!(ports.len(), 19);
}
