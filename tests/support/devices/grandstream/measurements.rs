//! Grandstream's stories of tests: ping and route, and those of TR-143.

use super::super::diagnostics;
use super::super::plots::told;
use super::super::world::World;

pub fn ip_ping(world: &mut World) {
    world.known();
    let settings = [("Host", "192.0.2.77"), ("NumberOfRepetitions", "3")];
    diagnostics::asked(world, PING, &settings);
    let results = [("SuccessCount", 3), ("AverageResponseTime", 12)];
    let results = results.map(|(name, value)| (name, value.to_string()));
    diagnostics::over(world, PING, "Complete", &results);
    world.replace("Inform", "8 DIAGNOSTICS COMPLETE", "2 PERIODIC");
    world.later(900);
    told(world, &[("2 PERIODIC", "")], &[]);
    world.mark("the next periodic Inform");
}

pub fn trace_route(world: &mut World) {
    world.known();
    let settings = [("Host", "192.0.2.77"), ("MaxHopCount", "8")];
    world.wake();
    if world.is_broken {
        let path = world.device.path(TRACE) + "DiagnosticsState";
        let value = (path, "string", "None".to_owned());
        world.set_refused(value, 9007, "Invalid parameter value");
    }
    diagnostics::set(world, TRACE, &settings);
    world.end();
    world.mark("a Connection Request, and the session in which the ACS asks for the route");
    world.later(9);
    let hops = ["203.0.113.1", "198.51.100.254", "192.0.2.77"];
    for (number, hop) in (1..).zip(hops) {
        let seed = ("HopHost", "string", 'r', hop);
        let row = format!("{TRACE}RouteHops.{number}.");
        world.device.plant(&row, seed);
    }
    let results = [("NumberOfRouteHops", 3), ("ResponseTime", 21)];
    let results = results.map(|(name, value)| (name, value.to_string()));
    diagnostics::over(world, TRACE, "Complete", &results);
}

pub fn download_diagnostics(world: &mut World) {
    world.known();
    let content = world.image("test", 8_000);
    let document = world.document("", "speed/8k.bin", content);
    let url = document.file.url.clone();
    diagnostics::asked(world, DOWNLOAD, &[("DownloadURL", &url)]);
    let times = diagnostics::fetched(world, &document);
    let mut results = times.to_vec();
    let bytes = document.content.len();
    results.push(("TestBytesReceived", (bytes + 120).to_string()));
    results.push(("TotalBytesReceived", (bytes + 560).to_string()));
    diagnostics::over(world, DOWNLOAD, "Completed", &results);
    world.replace("GetParameterValuesResponse", ">Completed<", ">Complete<");
}

pub fn upload_diagnostics(world: &mut World) {
    world.known();
    let content = "0123456789abcdef".repeat(512);
    let document = world.document("", "speed/put", content);
    let url = document.file.url.clone();
    if world.is_broken {
        let path = world.device.path(UPLOAD) + "UploadURL";
        world.wake();
        world.set_refused((path, "string", url), 9008, "Not writable");
        world.end();
        world.mark("the session in which the ACS asks for the test");
        return;
    }
    let bytes = document.content.len();
    let length = bytes.to_string();
    let settings = [("UploadURL", url.as_str()), ("TestFileLength", &length)];
    diagnostics::asked(world, UPLOAD, &settings);
    let mut results = diagnostics::sent(world, &document).to_vec();
    results.push(("TotalBytesSent", (bytes + 640).to_string()));
    diagnostics::over(world, UPLOAD, "Completed", &results);
}

const PING: &str = "LAN.IPPingDiagnostics.";
const TRACE: &str = "LAN.TraceRouteDiagnostics.";
const DOWNLOAD: &str = "DownloadDiagnostics.";
const UPLOAD: &str = "UploadDiagnostics.";
