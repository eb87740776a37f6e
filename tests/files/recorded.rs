//! Real clients and servers, recorded for the dissectors' tests: every file named and measured, as those tests and tshark
//! have it. A session of a device at the clients' address stands before them, so that they concern somebody.

use std::path::Path;

use super::scene::{ACS, Scene, all_told};
use super::support::wire::{self, Endpoint};

/// A session, and behind it the records of a pcap file.
fn behind_a_session(recording: &str) -> Scene {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("dissectors")
        .join(recording);
    let bytes = std::fs::read(path).expect("the recording belongs to its dissector");
    let mut scene = Scene::new();
    let client = Endpoint::new([127, 0, 0, 1], 39_000);
    scene.play(&wire::session(client, ACS, "A1", 1448));
    scene.bytes.extend_from_slice(&bytes[24..]);
    scene
}

/// The recording holds the control connections alone: no bytes are made up.
#[test]
fn ftp_of_curl_ftplib_and_lftp_with_pyftpdlib_and_vsftpd() {
    let scene = behind_a_session("ftp/tests/recorded/pyftpdlib_vsftpd.pcap");
    let lines = [
        "download /phone.cfg -/- announced 2345",
        "download /phone.cfg -/- announced 2345",
        "download /phone.cfg -/- announced 2345",
        "download /phone.cfg -/- announced 2345",
        "upload /up/log of phone.txt -/- announced -",
        "download /phone.cfg -/- announced 2345",
        "download /srv/provisioning/phone.cfg -/- announced 2345",
        "download /srv/provisioning/phone.cfg -/- announced 2345",
        "upload /srv/provisioning/up/crash.log -/- announced -",
        "download /srv/provisioning/exact.bin -/- announced 1024",
        "download phone.cfg -/- announced -",
        "upload up/second.log -/- announced -",
        "upload up/second.log -/- announced -",
        "download /phone.cfg -/- announced 2345",
        "download /exact.bin -/- announced 1024",
        "upload /up/exact2.bin -/- announced -",
    ];
    let lines = lines.map(|line| format!("ftp {line}: complete 226 for -"));
    assert_eq!(all_told(&scene.analyse()), lines);
}

#[test]
fn tftp_of_curl_and_tftpy() {
    let scene = behind_a_session("tftp/tests/recorded/in_tftpd_tftpy.pcap");
    let analysis = scene.analyse();
    assert_eq!(
        all_told(&analysis),
        [
            "tftp download phone.cfg 2345/0 announced 2345: complete - for -",
            "tftp download exact.bin 1024/0 announced -: complete - for -",
            "tftp download phone.cfg 2345/0 announced 2345: complete - for -",
            "tftp upload up/backup.cfg 2345/0 announced 2345: complete - for -",
            "tftp download missing.cfg 0/0 announced -: failed 1 for -",
            "tftp download phone.cfg 2345/0 announced 2345: complete - for -",
            "tftp upload up/exact.bin 1024/0 announced 1024: complete - for -",
            "tftp download missing.cfg 0/0 announced -: failed 1 for -",
            "tftp download phone.cfg 2345/0 announced 2345: complete - for -",
            "tftp upload up/again.bin 1024/0 announced -: complete - for -",
        ]
    );
}
