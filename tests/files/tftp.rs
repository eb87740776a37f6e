//! TFTP: a request to any port, and what follows between the client's port and one of the server's choice.

use super::scene::{CPE, DEVICE, SERVER, Scene, all_told, frames};
use super::support::wire::{self, Endpoint};

const FILE: &str = "snom320.bin";

/// The phone's port and the server's: that of the request, and that of the transfer.
#[derive(Clone, Copy)]
struct Ends {
    phone: Endpoint,
    asked: Endpoint,
    server: Endpoint,
}

fn ends(port: u16) -> Ends {
    Ends {
        phone: Endpoint::new(CPE, port),
        asked: Endpoint::new(SERVER, 69),
        server: Endpoint::new(SERVER, port + 1000),
    }
}

/// RRQ or WRQ, with options.
fn request(opcode: u8, file: &str, options: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0, opcode];
    for text in [file, "octet"].iter().chain(options) {
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
    }
    bytes
}

fn options_agreed(options: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0, 6];
    for text in options {
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
    }
    bytes
}

fn data(block: u16, bytes: usize) -> Vec<u8> {
    let [high, low] = block.to_be_bytes();
    let mut datagram = vec![0, 3, high, low];
    datagram.resize(4 + bytes, 0x55);
    datagram
}

fn acknowledges(block: u16) -> Vec<u8> {
    let [high, low] = block.to_be_bytes();
    vec![0, 4, high, low]
}

fn error(code: u8, text: &str) -> Vec<u8> {
    let mut bytes = vec![0, 5, 0, code];
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(0);
    bytes
}

impl Scene {
    /// A datagram; gives its frame.
    fn says(&mut self, from: Endpoint, to: Endpoint, payload: &[u8]) -> u64 {
        self.play(&[wire::udp(from, to, payload)])[0]
    }

    /// Blocks of this size to the phone, each acknowledged; `but` is not captured. Gives first and last frame of data, and
    /// the last acknowledgement.
    fn fetches(
        &mut self,
        ends: Ends,
        size: usize,
        block_bytes: usize,
        but: Option<u16>,
    ) -> [u64; 3] {
        let (mut first, mut last, mut end) = (0, 0, 0);
        for block in 1..=size / block_bytes + 1 {
            let bytes = block_bytes.min(size - (block - 1) * block_bytes);
            let block = block as u16;
            if but != Some(block) {
                last = self.says(ends.server, ends.phone, &data(block, bytes));
                first = if first == 0 { last } else { first };
            }
            end = self.says(ends.phone, ends.server, &acknowledges(block));
        }
        [first, last, end]
    }
}

#[test]
fn firmware_in_large_blocks() {
    let mut scene = Scene::new();
    scene.asks(
        "Download",
        &format!("tftp://198.51.100.8/{FILE};mode=octet"),
        "fw-9",
    );
    let ends = ends(3000);
    let asks = request(1, FILE, &["blksize", "1428", "tsize", "0"]);
    let asked = scene.says(ends.phone, ends.asked, &asks);
    let agreed = options_agreed(&["blksize", "1428", "tsize", "10000"]);
    scene.says(ends.server, ends.phone, &agreed);
    scene.says(ends.phone, ends.server, &acknowledges(0));
    let [first, last, end] = scene.fetches(ends, 10_000, 1428, None);
    // What comes twice counts once.
    scene.says(ends.server, ends.phone, &data(8, 4));
    let analysis = scene.analyse();
    assert_eq!(
        all_told(&analysis),
        ["tftp download snom320.bin 10000/0 announced 10000: complete - for fw-9"]
    );
    let transfer = &analysis.transfers[0];
    assert_eq!(
        frames(transfer),
        [vec![asked], vec![first, last], vec![end]]
    );
    assert_eq!(transfer.device.as_deref(), Some(DEVICE));
    assert_eq!(transfer.destination.to_string(), "198.51.100.8:69");
    if let Some(rows) = scene.tshark("tftp.opcode == 1", &["frame.number", "tftp.source_file"]) {
        assert_eq!(rows, [[asked.to_string(), FILE.to_owned()]]);
    }
    if let Some(rows) = scene.tshark(
        "tftp.opcode == 3",
        &["frame.number", "udp.length", "tftp.block"],
    ) {
        // tshark shows the block that came twice, too.
        let all: u64 = rows
            .iter()
            .filter_map(|row| row[1].parse::<u64>().ok())
            .sum();
        assert_eq!(all - 12 * rows.len() as u64 - 4, 10_000);
        assert_eq!(rows[0][0], first.to_string());
    }
}

#[test]
fn more_blocks_than_numbers() {
    let mut scene = Scene::new();
    scene.session();
    let ends = ends(3100);
    scene.says(ends.phone, ends.asked, &request(1, FILE, &["blksize", "8"]));
    scene.says(ends.server, ends.phone, &options_agreed(&["blksize", "8"]));
    let size = 8 * 65_540 + 3;
    scene.fetches(ends, size, 8, None);
    assert_eq!(
        all_told(&scene.analyse()),
        [format!(
            "tftp download {FILE} {size}/0 announced -: complete - for -"
        )]
    );
}

#[test]
fn how_transfers_go_wrong() {
    let mut scene = Scene::new();
    scene.asks("Download", "tftp://tftp.example.net/cfg/missing.cfg", "cfg");
    let missing = ends(3200);
    scene.says(
        missing.phone,
        missing.asked,
        &request(1, "/cfg/missing.cfg", &[]),
    );
    scene.says(missing.server, missing.phone, &error(1, "File not found"));
    // A block is not in the capture.
    let gap = ends(3201);
    scene.says(gap.phone, gap.asked, &request(1, "gap.bin", &[]));
    scene.fetches(gap, 2000, 512, Some(2));
    // A log goes up.
    scene.asks("Upload", "tftp://198.51.100.8/log.txt", "log");
    let up = ends(3202);
    scene.says(
        up.phone,
        up.asked,
        &request(2, "log.txt", &["tsize", "100"]),
    );
    scene.says(up.server, up.phone, &options_agreed(&["tsize", "100"]));
    scene.says(up.phone, up.server, &data(1, 100));
    scene.says(up.server, up.phone, &acknowledges(1));
    // Nobody answers; and one ends in the middle.
    let silent = ends(3203);
    scene.says(silent.phone, silent.asked, &request(1, "silent.cfg", &[]));
    let cut = ends(3204);
    scene.says(cut.phone, cut.asked, &request(1, "cut.bin", &[]));
    scene.says(cut.server, cut.phone, &data(1, 512));
    let analysis = scene.analyse();
    assert_eq!(
        all_told(&analysis),
        [
            "tftp download /cfg/missing.cfg 0/0 announced -: failed 1 for cfg",
            "tftp download gap.bin 2000/512 announced -: complete - for -",
            "tftp upload log.txt 100/0 announced 100: complete - for log",
            "tftp download silent.cfg 0/0 announced -: unanswered - for -",
            "tftp download cut.bin 512/0 announced -: cut - for -",
        ]
    );
    assert_eq!(
        analysis.transfers[0].reason.as_deref(),
        Some("File not found")
    );
}

#[test]
fn other_datagrams_are_none() {
    let mut scene = Scene::new();
    scene.session();
    let ends = ends(3300);
    let stun = stun::Builder::new(1, [7; 16])
        .connection_request_binding()
        .finish();
    scene.says(ends.phone, ends.server, &stun.expect("it is short"));
    scene.says(ends.phone, ends.server, &data(1, 100));
    scene.says(ends.phone, ends.server, &error(1, "nobody asked"));
    scene.says(ends.phone, ends.asked, b"\0\x01file\0octets\0");
    // Who asks is no device that is known.
    let stranger = Endpoint::new([192, 0, 2, 99], 3301);
    scene.says(stranger, ends.asked, &request(1, FILE, &[]));
    scene.says(ends.asked, stranger, &error(1, "File not found"));
    let analysis = scene.analyse();
    assert_eq!(all_told(&analysis), Vec::<String>::new());
    assert_eq!(analysis.summary.datagrams.stun, 1);
}
