//! Tests that an ACS asks for: trace route (TR-106), download and upload (TR-143), where Device:1 has them.

use super::files::{Document, Times};
use super::world::World;
use crate::clean::model::Seed;
use crate::clean::moment::fine;

/// The trace route of TR-106.
pub const TRACE_ROUTE1: &[Seed] = &[
    (
        "LAN.TraceRouteDiagnostics.DiagnosticsState",
        "string",
        'w',
        "None",
    ),
    ("LAN.TraceRouteDiagnostics.Host", "string", 'w', ""),
    (
        "LAN.TraceRouteDiagnostics.Timeout",
        "unsignedInt",
        'w',
        "5000",
    ),
    (
        "LAN.TraceRouteDiagnostics.DataBlockSize",
        "unsignedInt",
        'w',
        "38",
    ),
    (
        "LAN.TraceRouteDiagnostics.MaxHopCount",
        "unsignedInt",
        'w',
        "30",
    ),
    ("LAN.TraceRouteDiagnostics.DSCP", "unsignedInt", 'w', "0"),
    (
        "LAN.TraceRouteDiagnostics.ResponseTime",
        "unsignedInt",
        'r',
        "0",
    ),
    (
        "LAN.TraceRouteDiagnostics.NumberOfRouteHops",
        "unsignedInt",
        'r',
        "0",
    ),
];

/// The two tests of TR-143 that go over HTTP.
pub const SPEED1: &[Seed] = &[
    (
        "DownloadDiagnostics.DiagnosticsState",
        "string",
        'w',
        "None",
    ),
    ("DownloadDiagnostics.DownloadURL", "string", 'w', ""),
    ("DownloadDiagnostics.ROMTime", "dateTime", 'r', UNKNOWN),
    ("DownloadDiagnostics.BOMTime", "dateTime", 'r', UNKNOWN),
    ("DownloadDiagnostics.EOMTime", "dateTime", 'r', UNKNOWN),
    (
        "DownloadDiagnostics.TestBytesReceived",
        "unsignedInt",
        'r',
        "0",
    ),
    (
        "DownloadDiagnostics.TotalBytesReceived",
        "unsignedInt",
        'r',
        "0",
    ),
    ("UploadDiagnostics.DiagnosticsState", "string", 'w', "None"),
    ("UploadDiagnostics.UploadURL", "string", 'w', ""),
    ("UploadDiagnostics.TestFileLength", "unsignedInt", 'w', "0"),
    ("UploadDiagnostics.ROMTime", "dateTime", 'r', UNKNOWN),
    ("UploadDiagnostics.BOMTime", "dateTime", 'r', UNKNOWN),
    ("UploadDiagnostics.EOMTime", "dateTime", 'r', UNKNOWN),
    ("UploadDiagnostics.TotalBytesSent", "unsignedInt", 'r', "0"),
];

/// The ACS asks for a test in a session of its own; the state is set last.
pub fn asked(world: &mut World, test: &str, settings: &[(&str, &str)]) {
    world.wake();
    set(world, test, settings);
    world.end();
    world.mark("a Connection Request, and the session in which the ACS asks for the test");
    world.later(2);
}

/// The settings of a test and the request for it, in one call.
pub fn set(world: &mut World, test: &str, settings: &[(&str, &str)]) {
    let all = settings.iter().chain(&[("DiagnosticsState", "Requested")]);
    let named: Vec<(String, &str)> = all
        .map(|(name, value)| (format!("{test}{name}"), *value))
        .collect();
    let named: Vec<(&str, &str)> = named
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    let key = world.key();
    world.set_values(&named, &key, 0);
}

/// The test is over: the device says so, and the ACS reads what came of it.
pub fn over(world: &mut World, test: &str, state: &str, results: &[(&str, String)]) {
    for (name, value) in results {
        world.device.set(&format!("{test}{name}"), value);
    }
    let name = format!("{test}DiagnosticsState");
    world.device.set(&name, state);
    world.later(1);
    world.begin(&[("8 DIAGNOSTICS COMPLETE", "")], &[]);
    world.give_turn();
    world.get_values(&[test]);
    world.end();
    world.mark("`8 DIAGNOSTICS COMPLETE`, and the ACS reads what came of the test");
}

/// The device fetches a file for nothing but the time that it takes; when the request went out, and both ends of the file.
pub fn fetched(world: &mut World, document: &Document) -> [(&'static str, String); 3] {
    let times = timed(world, "GET", |world| world.get(document));
    world.mark("the test: the phone gets a file, and throws it away");
    times
}

/// The same of a file that the device makes up and sends. Nobody has given it an account.
pub fn sent(world: &mut World, document: &Document) -> [(&'static str, String); 3] {
    let times = timed(world, "PUT", |world| world.put_file(document));
    world.mark("the test: the phone puts a file of so many bytes");
    times
}

fn timed(
    world: &mut World,
    method: &str,
    carry: impl FnOnce(&mut World) -> Times,
) -> [(&'static str, String); 3] {
    let first = world.blocks.len();
    carry(world);
    let own = &mut world.blocks[first..];
    // No Download or Upload has asked for it.
    for block in own.iter_mut().filter(|block| block.what == method) {
        block.what = "test".to_owned();
    }
    let said = own.iter().filter(|block| block.what != "fin");
    let said: Vec<u64> = said.map(|block| block.time_us).collect();
    let [asked_us, answered_us] = said[..] else {
        panic!("a file is a request and its answer");
    };
    // What counts is the file: the answer of a GET, the request of a PUT. On the wire the request comes behind its handshake,
    // and the answer has its way to go.
    let [begin_us, end_us] = match method {
        "GET" => [answered_us + 13_200, answered_us + 13_600],
        _ => [asked_us + 12_900, answered_us + 14_700],
    };
    [
        ("ROMTime", fine(asked_us + 12_800)),
        ("BOMTime", fine(begin_us)),
        ("EOMTime", fine(end_us)),
    ]
}

const UNKNOWN: &str = crate::clean::moment::UNKNOWN;
