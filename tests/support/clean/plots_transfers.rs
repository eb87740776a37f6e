//! Sessions about files and deployment units, and the files themselves on their way.

use std::net::{Ipv4Addr, SocketAddr};

use super::arguments::{self, File, Operation, Outcome, call, du_results, transfer_response};
use super::faults;
use super::http::field;
use super::moment::utc;
use super::plots::{start_again, wake};
use super::story::{By, Content, Message, Version};
use super::world::World;
use super::xml::{leaf, node};

/// The name of the file server, and where it is.
const SERVER: (&str, Ipv4Addr) = ("files.example.net", Ipv4Addr::new(198, 51, 100, 60));

pub fn file(world: &mut World, kind: &'static str, name: &str) -> File {
    File {
        key: world.key(),
        kind,
        url: format!("http://{}/{name}", SERVER.0),
        account: (String::new(), String::new()),
        bytes: world.random.between(200, 900),
        delay_s: 0,
    }
}

/// A configuration file that is fetched later.
pub fn configuration(world: &mut World) {
    let mut file = file(world, "3 Vendor Configuration File", "phone.cfg");
    file.delay_s = world.random.below(2) * 30;
    wake(world);
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&file), &response);
    world.end();
    world.later(file.delay_s + 2);
    let times = fetch(world, &file, "GET", "200 OK");
    world.later(3);
    report(
        world,
        "M Download",
        &file.key,
        &(0, "", times.0, times.1),
        &[],
    );
}

/// A configuration file that is fetched before the answer.
pub fn configuration_at_once(world: &mut World) {
    let file = file(world, "3 Vendor Configuration File", "small.cfg");
    wake(world);
    let request = arguments::download(&file);
    let body = world.by_acs(&request, None);
    world.reply("Download", body);
    let times = fetch(world, &file, "GET", "200 OK");
    let response = transfer_response("DownloadResponse", Some(times));
    let id = world.asked.clone();
    let body = world.by_device(&response, Some(&id));
    world.post("DownloadResponse", &body);
    world.end();
}

/// New firmware: it is told of when it runs.
pub fn firmware(world: &mut World) {
    let file = file(world, "1 Firmware Upgrade Image", "firmware.bin");
    wake(world);
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&file), &response);
    world.end();
    world.later(4);
    let times = fetch(world, &file, "GET", "200 OK");
    start_again(world, 60);
    let software = format!("{}.1", world.device.software);
    world.device.software.clone_from(&software);
    world.device.set("DeviceInfo.SoftwareVersion", &software);
    let mut events = vec![("1 BOOT", "")];
    if !world.device.root.active().is_empty() {
        events.push(("4 VALUE CHANGE", ""));
    }
    report(
        world,
        "M Download",
        &file.key,
        &(0, "", times.0, times.1),
        &events,
    );
}

/// A file that is not there.
pub fn failed_download(world: &mut World) {
    let file = file(world, "2 Web Content", "missing.html");
    wake(world);
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&file), &response);
    world.end();
    world.later(4);
    let times = fetch(world, &file, "GET", "404 Not Found");
    world.later(2);
    let code = if world.device.version >= Version::V1_1 {
        9016
    } else {
        9010
    };
    let outcome = (code, "No such file", times.0, times.1);
    report(world, "M Download", &file.key, &outcome, &[]);
}

pub fn upload(world: &mut World) {
    let kind = if world.device.version >= Version::V1_2 {
        "3 Vendor Configuration File 1"
    } else {
        "1 Vendor Configuration File"
    };
    let mut file = file(world, kind, "upload.cfg");
    file.account = ("box".to_owned(), "Box-7".to_owned());
    wake(world);
    let response = transfer_response("UploadResponse", None);
    world.ask(&arguments::upload(&file), &response);
    world.end();
    world.later(4);
    let times = fetch(world, &file, "PUT", "201 Created");
    world.later(2);
    report(
        world,
        "M Upload",
        &file.key,
        &(0, "", times.0, times.1),
        &[],
    );
}

/// The ACS fails on the report, and hears it again in the next session.
pub fn refused_report(world: &mut World) {
    let file = file(world, "3 Vendor Configuration File", "again.cfg");
    wake(world);
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&file), &response);
    world.end();
    world.later(2);
    let times = fetch(world, &file, "GET", "200 OK");
    world.later(2);
    let outcome: Outcome<'_> = (0, "", times.0, times.1);
    let events = [
        ("7 TRANSFER COMPLETE", ""),
        ("M Download", file.key.as_str()),
    ];
    world.begin(&events, &[]);
    let complete = arguments::transfer_complete(&file.key, &outcome);
    world.request(&complete, &faults::fault(8002, "Internal error"));
    world.give_turn();
    world.end();
    world.later(30);
    report(world, "M Download", &file.key, &outcome, &[]);
}

/// Two downloads wait, and the ACS asks about them.
pub fn queue(world: &mut World) {
    let mut first = file(world, "3 Vendor Configuration File", "first.cfg");
    first.delay_s = 120;
    wake(world);
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&first), &response);
    let booleans = world.device.booleans;
    if world.device.version >= Version::V1_1 {
        let response = arguments::queue_response(true, &[(&first, 1)], booleans);
        world.ask(&call("GetAllQueuedTransfers", Vec::new()), &response);
    } else {
        let response = arguments::queue_response(false, &[(&first, 1)], booleans);
        world.ask(&call("GetQueuedTransfers", Vec::new()), &response);
    }
    world.end();
    world.later(123);
    let times = fetch(world, &first, "GET", "200 OK");
    world.later(3);
    report(
        world,
        "M Download",
        &first.key,
        &(0, "", times.0, times.1),
        &[],
    );
}

/// The device wants a file, and the ACS has it fetched.
pub fn request_download(world: &mut World) {
    let argument = node(
        "ArgStruct",
        vec![leaf("Name", "Version"), leaf("Value", "1.1")],
    );
    let file_type = "2 Web Content";
    let arguments = vec![
        leaf("FileType", file_type),
        super::xml::array("FileTypeArg", "cwmp:ArgStruct", vec![argument]),
    ];
    world.begin(&[("9 REQUEST DOWNLOAD", "")], &[]);
    let response = call("RequestDownloadResponse", Vec::new());
    world.request(&call("RequestDownload", arguments), &response);
    world.give_turn();
    let file = file(world, file_type, "pages.zip");
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&file), &response);
    world.end();
    world.later(4);
    let times = fetch(world, &file, "GET", "200 OK");
    world.later(2);
    report(
        world,
        "M Download",
        &file.key,
        &(0, "", times.0, times.1),
        &[],
    );
}

/// A transfer that nobody asked for.
pub fn autonomous(world: &mut World) {
    let mut file = file(world, "3 Vendor Configuration File", "backup.cfg");
    if world.device.version >= Version::V1_2 {
        file.kind = "3 Vendor Configuration File";
    }
    let times = fetch(world, &file, "GET", "200 OK");
    world.later(5);
    world.begin(&[("10 AUTONOMOUS TRANSFER COMPLETE", "")], &[]);
    let outcome = (0, "", times.0, times.1);
    let down = world.device.booleans.0;
    let request = arguments::autonomous_transfer_complete(&file, down, &outcome);
    world.request(
        &request,
        &call("AutonomousTransferCompleteResponse", Vec::new()),
    );
    world.give_turn();
    world.end();
}

/// A download in a window of time.
pub fn scheduled_download(world: &mut World) {
    let file = file(world, "3 Vendor Configuration File", "window.cfg");
    wake(world);
    let windows = [(60, 600, "1 At Any Time"), (3_600, 7_200, "2 Immediately")];
    let count = world.random.between(1, 2);
    let request = arguments::schedule_download(&file, &windows[..count]);
    let response = call("ScheduleDownloadResponse", Vec::new());
    world.ask(&request, &response);
    world.end();
    world.later(90);
    let times = fetch(world, &file, "GET", "200 OK");
    world.later(3);
    let outcome = (0, "", times.0, times.1);
    report(world, "M ScheduleDownload", &file.key, &outcome, &[]);
}

/// A download that the ACS thinks better of.
pub fn cancelled(world: &mut World) {
    let mut file = file(world, "3 Vendor Configuration File", "never.cfg");
    file.delay_s = 900;
    wake(world);
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&file), &response);
    world.plain_call("CancelTransfer", vec![leaf("CommandKey", &file.key)]);
    let request = call("CancelTransfer", vec![leaf("CommandKey", "unknown")]);
    world.ask(&request, &call("CancelTransferResponse", Vec::new()));
    world.end();
}

const UNIT: &str = "6f1a2b3c-0d4e-5f60-8172-93a4b5c6d7e8";
const OTHER: &str = "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9";

/// Software modules come and go.
pub fn deployment(world: &mut World) {
    let key = world.key();
    wake(world);
    let url = "http://files.example.net/unit.jar";
    let operations = [
        Operation::Install { url, uuid: UNIT },
        Operation::Uninstall { uuid: OTHER },
    ];
    let request = arguments::change_du_state(&operations, &key);
    let response = call("ChangeDUStateResponse", Vec::new());
    world.ask(&request, &response);
    world.end();
    let start = utc(world.now_us + 1_000_000);
    world.later(20);
    let end = utc(world.now_us - 1_000_000);
    world.begin(
        &[
            ("11 DU STATE CHANGE COMPLETE", ""),
            ("M ChangeDUState", &key),
        ],
        &[],
    );
    let results = [
        (UNIT, "Installed", 0, ""),
        (OTHER, "Failed", 9028, "Unknown deployment unit"),
    ];
    let mut arguments = du_results(&results, (&start, &end), None);
    arguments.push(leaf("CommandKey", &key));
    let response = call("DUStateChangeCompleteResponse", Vec::new());
    world.request(&call("DUStateChangeComplete", arguments), &response);
    world.give_turn();
    world.end();
}

pub fn autonomous_deployment(world: &mut World) {
    let start = utc(world.now_us - 60_000_000);
    let end = utc(world.now_us - 50_000_000);
    world.begin(&[("12 AUTONOMOUS DU STATE CHANGE COMPLETE", "")], &[]);
    let results = [(OTHER, "Installed", 0, "")];
    let arguments = du_results(&results, (&start, &end), Some("Install"));
    let response = call("AutonomousDUStateChangeCompleteResponse", Vec::new());
    world.request(
        &call("AutonomousDUStateChangeComplete", arguments),
        &response,
    );
    world.give_turn();
    world.end();
}

/// The session that tells how a transfer ended.
pub fn report(
    world: &mut World,
    event: &str,
    key: &str,
    outcome: &Outcome<'_>,
    before: &[(&str, &str)],
) {
    let mut events = before.to_vec();
    events.extend([("7 TRANSFER COMPLETE", ""), (event, key)]);
    world.begin(&events, &[]);
    let request = arguments::transfer_complete(key, outcome);
    let response = call("TransferCompleteResponse", Vec::new());
    world.request(&request, &response);
    world.give_turn();
    world.end();
}

/// The file goes over a connection of its own; when it began and ended.
pub fn fetch(world: &mut World, file: &File, method: &str, status: &str) -> (String, String) {
    let data = "x".repeat(file.bytes);
    carry(world, file, [method, status], &data)
}

/// The same with what is in the file.
pub fn carry(
    world: &mut World,
    file: &File,
    [method, status]: [&str; 2],
    data: &str,
) -> (String, String) {
    let began = utc(world.now_us);
    world.port += 11;
    let device = SocketAddr::from((world.device.address, world.port));
    let server = SocketAddr::from((SERVER.1, 80));
    let ends = [device, server];
    let path = file.url.trim_start_matches("http://");
    let path = path.trim_start_matches(SERVER.0).to_owned();
    let sends = method == "PUT";
    let mut fields = vec![field("Host", SERVER.0), field("Connection", "close")];
    let mut body = String::new();
    if sends {
        fields.push(field("Content-Type", "application/octet-stream"));
        fields.push(field("Content-Length", "auto"));
        data.clone_into(&mut body);
        if !file.account.0.is_empty() {
            let credentials = base64(format!("{}:{}", file.account.0, file.account.1).as_bytes());
            fields.push(("Authorization".to_owned(), format!("Basic {credentials}")));
        }
    }
    say(
        world,
        By::Cpe,
        ends,
        method,
        format!("{method} {path} HTTP/1.1"),
        fields,
        body,
    );
    let found = status == "200 OK";
    let fields = vec![
        field("Content-Type", "application/octet-stream"),
        field("Content-Length", "auto"),
        field("Connection", "close"),
    ];
    let body = if found { data } else { "" }.to_owned();
    say(
        world,
        By::Acs,
        ends,
        "file",
        format!("HTTP/1.1 {status}"),
        fields,
        body,
    );
    world.put(By::Acs, [server, device], 0, "fin", Content::Fin);
    world.put(By::Cpe, ends, 0, "fin", Content::Fin);
    world.wait_ms(1_000);
    (began, utc(world.now_us))
}

fn say(
    world: &mut World,
    by: By,
    [device, server]: [SocketAddr; 2],
    what: &str,
    start: String,
    fields: Vec<(String, String)>,
    body: String,
) {
    world.wait_ms(30);
    let ends = if by == By::Cpe {
        [device, server]
    } else {
        [server, device]
    };
    let message = Message {
        start,
        fields,
        body,
        chunked: false,
    };
    world.put(by, ends, 0, what, Content::Message(message));
}

/// RFC 4648 section 4.
pub fn base64(bytes: &[u8]) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..part.len()].copy_from_slice(part);
        let number = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for at in 0..4 {
            let digit = digits[(number >> (18 - 6 * at)) as usize & 63];
            out.push(if at > part.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    out
}
