//! Transfers of real clients (curl, tftpy) with real servers (in.tftpd on port 6969, tftpy on 6970), recorded on one host for
//! this test, and read by tshark too. No person's data is in them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use tftp::{Datagram, Limits, Packet, Seen, Tracker, Transfer};

fn capture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/in_tftpd_tftpy.pcap")
}

struct Recorded {
    from: SocketAddr,
    to: SocketAddr,
    payload: Vec<u8>,
}

/// The datagrams: Ethernet, IPv4 and UDP.
fn datagrams() -> Vec<Recorded> {
    let Ok(bytes) = std::fs::read(capture()) else {
        panic!("the recording belongs to this test");
    };
    let mut datagrams = Vec::new();
    let mut rest = &bytes[24..];
    while let Some((head, behind)) = rest.split_first_chunk::<16>() {
        let length = u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize;
        let (frame, behind) = behind.split_at(length);
        rest = behind;
        let ip = &frame[14..];
        let address =
            |at: usize| IpAddr::from(Ipv4Addr::new(ip[at], ip[at + 1], ip[at + 2], ip[at + 3]));
        let udp = &ip[usize::from(ip[0] & 15) * 4..];
        let end = usize::from(u16::from_be_bytes([udp[4], udp[5]]));
        let port = |at: usize| u16::from_be_bytes([udp[at], udp[at + 1]]);
        datagrams.push(Recorded {
            from: SocketAddr::new(address(12), port(0)),
            to: SocketAddr::new(address(16), port(2)),
            payload: udp[8..end].to_vec(),
        });
    }
    assert_eq!(datagrams.len(), 85);
    datagrams
}

fn story(transfer: &Transfer) -> String {
    let announced = transfer
        .announced_bytes
        .map_or("-".to_owned(), |n| n.to_string());
    let size = transfer
        .size_bytes
        .map_or("-".to_owned(), |n| n.to_string());
    let error = transfer.error.as_ref();
    format!(
        "{} {} announced {announced} size {size} blocks {} of {}: {}{}",
        transfer.direction.name(),
        transfer.file,
        transfer.blocks,
        transfer.block_bytes,
        transfer.outcome().name(),
        error.map_or(String::new(), |error| format!(
            " {} {}",
            error.code, error.text
        )),
    )
}

/// What the clients were told to do.
const STORIES: [&str; 10] = [
    "read phone.cfg announced 2345 size 2345 blocks 5 of 512: complete",
    "read exact.bin announced - size 1024 blocks 3 of 512: complete",
    "read phone.cfg announced 2345 size 2345 blocks 2 of 1400: complete",
    "write up/backup.cfg announced 2345 size 2345 blocks 5 of 512: complete",
    "read missing.cfg announced - size - blocks 0 of 512: error 1 File not found",
    "read phone.cfg announced 2345 size 2345 blocks 5 of 512: complete",
    "write up/exact.bin announced 1024 size 1024 blocks 3 of 512: complete",
    "read missing.cfg announced - size - blocks 0 of 512: error 1 File not found",
    "read phone.cfg announced 2345 size 2345 blocks 5 of 512: complete",
    "write up/again.bin announced - size 1024 blocks 3 of 512: complete",
];

#[test]
fn stories() {
    let mut tracker = Tracker::new(Limits::default());
    let mut told = Vec::new();
    for (number, recorded) in (1u64..).zip(&datagrams()) {
        let seen = tracker.push(&Datagram {
            from: recorded.from,
            to: recorded.to,
            payload: &recorded.payload,
            wire_bytes: recorded.payload.len(),
            now_ns: number,
        });
        match seen {
            Some(Seen::Ended(transfer)) => {
                assert_eq!((transfer.retransmissions, transfer.missing_blocks), (0, 0));
                assert_eq!(transfer.last_ns, number);
                told.push(story(&transfer));
            }
            Some(_) => {}
            None => panic!("datagram {number} is of a transfer"),
        }
    }
    assert_eq!(tracker.finish(), []);
    assert_eq!(told, STORIES);
}

/// tshark's opcodes, files, blocks, errors and options, datagram after datagram.
#[test]
fn as_tshark_reads_it() {
    let fields = [
        "tftp.opcode",
        "tftp.source_file",
        "tftp.destination_file",
        "tftp.block",
        "tftp.error.code",
        "tftp.option.value",
    ];
    let run = Command::new("tshark")
        .arg("-r")
        .arg(capture())
        .args([
            "-d",
            "udp.port==6969,tftp",
            "-d",
            "udp.port==6970,tftp",
            "-T",
            "fields",
        ])
        .args(fields.iter().flat_map(|field| ["-e", field]))
        .output();
    let Ok(run) = run else {
        println!("skipped: tshark is absent");
        return;
    };
    assert!(run.status.success(), "it knows these fields");
    let output = String::from_utf8_lossy(&run.stdout).into_owned();
    let datagrams = datagrams();
    assert_eq!(output.lines().count(), datagrams.len());
    for (line, recorded) in output.lines().zip(&datagrams) {
        let mut columns: Vec<&str> = line.split('\t').collect();
        // tshark repeats the file with each datagram of its transfer.
        if let [opcode, read, write, ..] = columns.as_mut_slice()
            && !matches!(*opcode, "1" | "2")
        {
            (*read, *write) = ("", "");
        }
        assert_eq!(own_line(&recorded.payload), columns.join("\t"));
    }
}

/// The same columns.
fn own_line(payload: &[u8]) -> String {
    let opcode = payload.get(1).copied().unwrap_or_default();
    let values = |options: tftp::Options<'_>| -> String {
        let values: Vec<_> = options
            .map(|option| String::from_utf8_lossy(option.value))
            .collect();
        values.join(",")
    };
    let columns = match Packet::parse(payload, payload.len()) {
        Some(Packet::Request(request)) => {
            let file = request.file_text();
            let (read, write) = match request.direction {
                tftp::Direction::Read => (file, String::new()),
                tftp::Direction::Write => (String::new(), file),
            };
            [
                read,
                write,
                String::new(),
                String::new(),
                values(request.options),
            ]
        }
        Some(Packet::Data { block, .. } | Packet::Acknowledgement { block }) => {
            ["", "", &block.to_string(), "", ""].map(str::to_owned)
        }
        Some(Packet::Error { code, .. }) => ["", "", "", &code.to_string(), ""].map(str::to_owned),
        Some(Packet::OptionAcknowledgement(options)) => {
            ["", "", "", "", &values(options)].map(str::to_owned)
        }
        None => panic!("each is TFTP"),
    };
    format!("{opcode}\t{}", columns.join("\t"))
}
