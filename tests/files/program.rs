//! What the program says of files: in text and JSON, in ladders, selected by expressions, and with nothing that is secret.

use std::process::Command;

use serde_json::Value;

use super::scene::{CPE, SERVER, Scene, control};
use super::schema;
use super::support::wire::{self, Connection, Endpoint};

/// A download by FTP, one that is refused in words that nobody should print, and one by TFTP.
fn told() -> Told {
    let mut scene = Scene::new();
    let url = "ftp://phone:swordfish@198.51.100.8/phone.bin?token=opensesame";
    scene.asks("Download", url, "fw-7");
    let mut control = control(50_000);
    scene.play(&control.open());
    let login = [
        "<220 FTP",
        ">USER phone",
        "<331 Password?",
        ">PASS swordfish",
        "<230 In.",
    ];
    scene.talk(&mut control, &login);
    let passive = "<227 Entering Passive Mode (198,51,100,8,195,80).";
    let asks = [
        ">PASV",
        passive,
        ">RETR phone.bin?token=opensesame",
        "<150 Here.",
    ];
    scene.talk(&mut control, &asks);
    let mut data = Connection::new(Endpoint::new(CPE, 50_009), Endpoint::new(SERVER, 50_000));
    scene.data(&mut data, 1, &[7; 4000]);
    scene.talk(
        &mut control,
        &[
            "<226 Done.",
            ">RETR \u{1b}[2Jno.bin",
            "<550 \u{202e}No such file.",
        ],
    );
    scene.play(&control.close());
    let (phone, server) = (Endpoint::new(CPE, 3000), Endpoint::new(SERVER, 69));
    scene.play(&[
        wire::udp(phone, server, b"\0\x01none.cfg\0octet\0"),
        wire::udp(
            Endpoint {
                port: 4000,
                ..server
            },
            phone,
            b"\0\x05\0\x01File not found\0",
        ),
    ]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("files.pcap");
    std::fs::write(&path, &scene.bytes).expect("the folder takes a file");
    Told {
        path: path.to_string_lossy().into_owned(),
        _folder: folder,
    }
}

struct Told {
    path: String,
    _folder: tempfile::TempDir,
}

impl Told {
    /// What the program writes, with nothing in it that is secret or that a terminal obeys.
    fn says(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_informant"));
        let (first, rest) = arguments.split_first().expect("there is a command");
        let run = command
            .arg(first)
            .arg(&self.path)
            .args(rest)
            .env("COLUMNS", "130")
            .output();
        let run = run.expect("the binary runs");
        let text = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
        for hidden in ["swordfish", "opensesame", "\u{1b}", "\u{202e}"] {
            assert!(!text.contains(hidden), "{hidden:?} in {text}");
        }
        text
    }

    fn records(&self, expression: &str) -> Vec<Value> {
        let text = self.says(&["messages", "-T", "ndjson", "-Y", expression]);
        let json = |line| serde_json::from_str(line).expect("a line is a record");
        text.lines().map(json).collect()
    }
}

#[test]
fn records_keep_to_their_schema_and_can_be_selected() {
    let told = told();
    let all = told.records("protocol == transfer");
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/docs/schemas/transfer-message.json"
    );
    let page = std::fs::read_to_string(page).expect("the schema is there");
    let page = serde_json::from_str(&page).expect("the schema is JSON");
    for record in &all {
        assert_eq!(schema::departures(&page, record), [""; 0]);
    }
    let short = |record: &Value| {
        let parts = ["method", "name", "bytes", "result", "code", "reason"];
        let parts = parts.map(|part| record[part].to_string());
        parts.join(" ")
    };
    let lines: Vec<String> = all.iter().map(short).collect();
    assert_eq!(
        lines,
        [
            r#""ftp" "phone.bin?token=<masked>" 4000 "complete" 226 "Done.""#,
            "\"ftp\" \"\\u001b[2Jno.bin\" 0 \"failed\" 550 \"\u{202e}No such file.\"",
            r#""tftp" "none.cfg" 0 "failed" 1 "File not found""#,
        ]
    );
    for (expression, count) in [
        ("method == ftp", 2),
        ("method == tftp && result == failed", 1),
        ("code == 550", 1),
        ("reason ~ /not found/", 1),
        ("bytes >= 4000 && missing_bytes == 0", 1),
        ("announced_bytes", 0),
        (
            "caused_by.command_key == \"fw-7\" && protocol == transfer",
            1,
        ),
    ] {
        let selected = told.records(&format!("protocol == transfer && ({expression})"));
        assert_eq!(selected.len(), count, "{expression}");
    }
}

#[test]
fn lines_and_ladders() {
    let told = told();
    let lines = told.says(&["messages", "-Y", "protocol == transfer"]);
    let words = |needle: &str| lines.lines().any(|line| line.contains(needle));
    assert!(
        words("download phone.bin?token=<masked> by FTP  4,000 bytes"),
        "{lines}"
    );
    assert!(
        words("download none.cfg by TFTP  failed 1 File not found"),
        "{lines}"
    );
    let ladder = told.says(&["flow", "1"]);
    for needle in [
        "download 198.51.100.8:21 by FTP",
        "RETR phone.bin",
        "150 Here.",
        "data 4.0 kB",
        "226 Done.",
    ] {
        assert!(ladder.contains(needle), "{needle} is not in\n{ladder}");
    }
    let all = told.says(&["flow"]);
    for needle in ["RRQ none.cfg", "ERROR 1 File not found"] {
        assert!(all.contains(needle), "{needle} is not in\n{all}");
    }
    assert!(told.says(&["summary"]).contains("3 file transfers"));
}
