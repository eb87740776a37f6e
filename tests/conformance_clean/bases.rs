//! The stories that breaches are made in: short, plain, and the same for each version; and a few that are breaches themselves,
//! because no change of a clean story makes them.

use crate::clean::arguments::{self, call, transfer_response};
use crate::clean::faults;
use crate::clean::plots::{self, start_again, wake};
use crate::clean::plots_objects as objects;
use crate::clean::plots_transfers as transfers;
use crate::clean::plots_wakeups as wakeups;
use crate::clean::story::{By, Content, Version};
use crate::clean::world::World;
use crate::clean::xml::leaf;

/// First contact: the ACS looks around, and sets the period.
pub fn start(world: &mut World) {
    world.begin(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.give_turn();
    world.get_methods();
    world.get_names("", true);
    world.get_values(&["DeviceInfo.", "ManagementServer.PeriodicInformInterval"]);
    plots::provision(world, "600");
    world.end();
}

/// Sessions 1 (first contact), 2 and 3 (periodic, with one question).
pub fn plain(world: &mut World) {
    start(world);
    world.routine = |world| world.get_values(&["DeviceInfo.SoftwareVersion"]);
    world.later(1_210);
}

/// The same with two cookies.
pub fn cookies(world: &mut World) {
    world.ways.two_cookies = true;
    plain(world);
}

/// The same with a challenge that has an opaque part.
pub fn opaque(world: &mut World) {
    world.ways.opaque = true;
    plain(world);
}

/// Sessions 1 (first contact), 2 (the ACS asks much), 3 (periodic).
pub fn much(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    world.get_values(&["Time.NTPServer1", "ManagementServer.PeriodicInformTime"]);
    world.get_names("Time.", true);
    world.get_names("ManagementServer.", false);
    world.get_attributes(&["Time."]);
    world.set_attributes(&[("Time.NTPServer2", Some(1), Some(&["Subscriber"]))]);
    world.get_attributes(&["Time.NTPServer2"]);
    let key = world.key();
    world.set_values(&[("Time.NTPServer2", "ntp9.example.net")], &key, 0);
    world.get_values(&["Time.NTPServer2", "ManagementServer.ParameterKey"]);
    world.end();
    world.later(600);
}

/// Session 2 adds an instance, fills it, reads it and removes it; 3 is periodic.
pub fn instances(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    let table = world.device.root.table();
    world.get_names(table.path, true);
    let object = world.add("ka");
    world.get_values(&[&object]);
    let name = format!("{object}{}", table.set[0].0);
    world.set_values(&[(&name, table.set[0].1)], "ks", 0);
    world.get_values(&[&name]);
    world.get_attributes(&[&name]);
    world.delete(&object, "kd");
    world.get_names(table.path, true);
    world.end();
    world.later(600);
}

/// The same, and the instance stays.
pub fn kept_instance(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    let table = world.device.root.table();
    world.get_names(table.path, true);
    let object = world.add("ka");
    world.get_values(&[&object]);
    world.end();
    world.later(600);
}

macro_rules! after_start {
    ($($(#[$note:meta])* $name:ident = $plot:expr;)*) => {
        $($(#[$note])*
        pub fn $name(world: &mut World) {
            start(world);
            world.later(60);
            let plot: fn(&mut World) = $plot;
            plot(world);
        })*
    };
}

after_start! {
    unknown_name = |world| refusal(world, objects::unknown_name);
    read_only = |world| refusal(world, objects::read_only);
    out_of_range = |world| refusal(world, objects::out_of_range);
    deep_parameter = |world| refusal(world, objects::deep_parameter);
    unknown_object = |world| refusal(world, objects::unknown_object);
    unsupported = |world| refusal(world, objects::unsupported);
    twice = |world| refusal(world, objects::twice);
    options = objects::options;
    reboot = |world| { plots::reboot(world); world.later(600); };
    two_reboots = two_reboots_of;
    reset = reset_of;
    busy_acs = |world| failed(world, 1);
    busy_acs_twice = |world| failed(world, 2);
    refusing_acs = refused_of;
    again = plots::again_8005;
    schedule = plots::schedule_inform;
    value_change = plots::value_change;
    diagnostics = plots::diagnostics;
    url = plots::change_url;
    redirect = |world| { world.ways.redirect = Some(302); wake(world); world.get_values(&["DeviceInfo.SoftwareVersion"]); world.end(); world.later(600); };
    moved = plots::moved_connection;
    methods = plots::asks_methods;
    kicked = plots::kicked;
    configuration = transfers::configuration;
    at_once = transfers::configuration_at_once;
    firmware = |world| { transfers::firmware(world); world.later(600); };
    failed_download = transfers::failed_download;
    upload = transfers::upload;
    refused_report = transfers::refused_report;
    queue = transfers::queue;
    request_download = transfers::request_download;
    autonomous = transfers::autonomous;
    window = transfers::scheduled_download;
    cancelled = transfers::cancelled;
    deployment = transfers::deployment;
    own_deployment = transfers::autonomous_deployment;
    knock = |world| { wakeups::connection_request(world); world.later(600); };
    busy_door = wakeups::busy;
    nat = |world| { wakeups::nat(world); world.later(400); };
    address = |world| { plots::new_address(world); world.later(600); };
    tools = tools_of;
}

/// A lease, then the first contact, in which the ACS reads who the gateway is.
pub fn lease(world: &mut World) {
    crate::clean::datagrams::lease(world);
    start(world);
    world.later(60);
    wake(world);
    world.get_values(&["GatewayInfo."]);
    world.end();
}

fn refusal(world: &mut World, what: fn(&mut World)) {
    wake(world);
    what(world);
    world.end();
}

fn two_reboots_of(world: &mut World) {
    wake(world);
    for key in ["r1", "r2"] {
        world.plain_call("Reboot", vec![leaf("CommandKey", key)]);
    }
    world.end();
    start_again(world, 50);
    let events = [("1 BOOT", ""), ("M Reboot", "r1"), ("M Reboot", "r2")];
    world.begin(&events, &[]);
    world.give_turn();
    world.end();
    world.later(600);
}

fn reset_of(world: &mut World) {
    wake(world);
    world.plain_call("FactoryReset", Vec::new());
    world.end();
    world.device.reset();
    start_again(world, 60);
    start(world);
}

/// The ACS is too busy for the periodic Inform.
fn failed(world: &mut World, times: usize) {
    plots::await_period(world);
    for time in 0..times {
        world.inform(&[("2 PERIODIC", "")], &[]);
        world.status("503 Service Unavailable", Vec::new());
        world.hang_up();
        plots::wait_for_retry(world, time);
    }
    world.begin(&[("2 PERIODIC", "")], &[]);
    world.give_turn();
    world.end();
}

fn refused_of(world: &mut World) {
    plots::await_period(world);
    world.inform(&[("2 PERIODIC", "")], &[]);
    let id = world.asked.clone();
    let body = world.by_acs(&faults::fault(8002, "Not now"), Some(&id));
    world.reply("Fault", body);
    world.hang_up();
    plots::wait_for_retry(world, 0);
    world.begin(&[("2 PERIODIC", "")], &[]);
    world.give_turn();
    world.end();
}

/// Session 2: every call of the ACS that is not elsewhere.
fn tools_of(world: &mut World) {
    wake(world);
    world.get_methods();
    let key = world.key();
    world.set_values(&[], &key, 0);
    world.get_names("Time.", true);
    world.get_values(&["ManagementServer.UpgradesManaged"]);
    world.get_values(&["ManagementServer.UpgradesManaged"]);
    world.end();
}

/// Issue 1: session 1 is the first contact with two calls in one body; 2 is periodic.
pub fn issue_1(world: &mut World) {
    crate::clean::issue1::bootstrap(world);
    world.later(1_000);
}

// What follows is a breach by itself.

/// The ACS closes, and the device begins anew with an Inform instead of going on.
pub fn begins_anew(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    let id_request = arguments::get_parameter_values(&["X"]);
    let path = world.device.path("DeviceInfo.SoftwareVersion");
    let request = arguments::get_parameter_values(&[&path]);
    drop(id_request);
    let body = world.by_acs(&request, None);
    world.reply("GetParameterValues", body);
    if let Some(Content::Message(message)) = world.blocks.last_mut().map(|block| &mut block.content)
    {
        message.set("Connection", "close");
    }
    world.say(By::Acs, "fin", Content::Fin);
    world.say(By::Cpe, "fin", Content::Fin);
    world.connection = None;
    plots::wait_for_retry(world, 0);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.end();
}

/// The device hangs up after ten seconds without an answer.
pub fn impatient(world: &mut World) {
    start(world);
    world.later(60);
    plots::await_period(world);
    world.inform(&[("2 PERIODIC", "")], &[]);
    world.wait_ms(10_000);
    world.hang_up();
    plots::wait_for_retry(world, 0);
    world.begin(&[("2 PERIODIC", "")], &[]);
    world.give_turn();
    world.end();
}

/// The device sends its report again in the same session when no answer has come.
pub fn says_again(world: &mut World) {
    start(world);
    world.later(60);
    world.begin(&[("4 VALUE CHANGE", "")], &[]);
    let request = call("GetRPCMethods", Vec::new());
    let body = world.by_device(&request, None);
    world.post("GetRPCMethods", &body);
    world.wait_ms(20_000);
    world.say(By::Acs, "rst", Content::Reset);
    let site = world.site.clone();
    world.connect(&site);
    world.post("GetRPCMethods", &body);
    world.challenge();
    world.post("GetRPCMethods", &body);
    let response = arguments::method_list(&["Inform", "GetRPCMethods"]);
    let id = world.asked.clone();
    let body = world.by_acs(&response, Some(&id));
    world.reply("GetRPCMethodsResponse", body);
    world.give_turn();
    world.end();
}

/// The device gives up at a redirect.
pub fn stops_at_redirect(world: &mut World) {
    start(world);
    world.later(60);
    plots::await_period(world);
    world.enter();
    world.session -= 1;
    world.connection = None;
    world.inform(&[("2 PERIODIC", "")], &[]);
    let location = (
        "Location".to_owned(),
        format!("http://{}/second", world.site.host),
    );
    world.status("302 Found", vec![location]);
    world.hang_up();
    plots::wait_for_retry(world, 0);
    world.begin(&[("2 PERIODIC", "")], &[]);
    world.give_turn();
    world.end();
}

/// The next session goes to where the last one was sent.
pub fn keeps_redirect(world: &mut World) {
    start(world);
    world.later(60);
    world.ways.redirect = Some(302);
    wake(world);
    world.end();
    world.site = crate::clean::world::Site {
        host: "acs2.example.net:8080".to_owned(),
        address: std::net::Ipv4Addr::new(198, 51, 100, 11),
        port: 8_080,
        path: "/second".to_owned(),
    };
    world.later(600);
}

/// After the redirected Inform the device goes back to the first place.
pub fn turns_back(world: &mut World) {
    start(world);
    world.later(60);
    world.ways.redirect = Some(307);
    wakeups::knock(world);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    let (host, path) = (world.site.host.clone(), world.site.path.clone());
    if let Some(connection) = &mut world.connection {
        connection.host = host;
        connection.target = path;
    }
    world.give_turn();
    world.end();
}

/// The device goes on after a status 500.
pub fn goes_on_after_500(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    world.status("500 Internal Server Error", Vec::new());
    world.give_turn();
    world.end();
}

/// The device tries again and again what the ACS refuses.
pub fn loops_on_401(world: &mut World) {
    start(world);
    world.later(60);
    plots::await_period(world);
    world.inform(&[("2 PERIODIC", "")], &[]);
    for _ in 0..2 {
        world.challenge();
        let body = last_body(world, "Inform");
        world.post("Inform", &body);
    }
    world.accept();
    world.give_turn();
    world.end();
}

fn last_body(world: &World, what: &str) -> String {
    let mut blocks = world.blocks.iter().rev().filter(|block| block.what == what);
    blocks
        .find_map(|block| match &block.content {
            Content::Message(message) => Some(message.body.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// The device does not know MD5-sess, though it has credentials.
pub fn gives_up_on_sess(world: &mut World) {
    start(world);
    world.later(60);
    plots::await_period(world);
    world.ways.session_digest = true;
    world.inform(&[("2 PERIODIC", "")], &[]);
    world.blocks.pop();
    world.hang_up();
}

/// A second Inform in a session.
pub fn informs_twice(world: &mut World) {
    start(world);
    world.later(60);
    wakeups::knock(world);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    let body = last_body(world, "Inform");
    world.post("Inform", &body);
    world.accept();
    world.give_turn();
    world.end();
}

/// One session within another.
pub fn two_at_once(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    world.get_values(&["DeviceInfo.SoftwareVersion"]);
    let outer = world.connection.clone();
    let cookies = world.cookies.clone();
    world.wait_ms(1_000);
    world.begin(&[("4 VALUE CHANGE", "")], &[]);
    world.give_turn();
    let inner = std::mem::replace(&mut world.connection, outer);
    let inner_cookies = std::mem::replace(&mut world.cookies, cookies);
    world.session -= 1;
    world.get_values(&["DeviceInfo.HardwareVersion"]);
    world.end();
    world.session += 1;
    world.connection = inner;
    world.cookies = inner_cookies;
    world.end();
}

/// A request of the device where its answer is due.
pub fn asks_when_asked(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    let path = world.device.path("DeviceInfo.SoftwareVersion");
    let body = world.by_acs(&arguments::get_parameter_values(&[&path]), None);
    world.reply("GetParameterValues", body);
    world.asks_methods();
    world.give_turn();
    world.end();
}

/// The report comes only when the device has said that it has no more requests.
pub fn reports_late(world: &mut World) {
    start(world);
    world.later(60);
    let file = transfers::file(world, "3 Vendor Configuration File", "late.cfg");
    wake(world);
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&file), &response);
    world.end();
    world.later(4);
    let times = transfers::fetch(world, &file, "GET", "200 OK");
    world.later(2);
    let events = [
        ("7 TRANSFER COMPLETE", ""),
        ("M Download", file.key.as_str()),
    ];
    world.begin(&events, &[]);
    world.give_turn();
    world.get_values(&["DeviceInfo.SoftwareVersion"]);
    world.status("204 No Content", Vec::new());
    let request = arguments::transfer_complete(&file.key, &(0, "", times.0, times.1));
    world.request(&request, &call("TransferCompleteResponse", Vec::new()));
    world.give_turn();
    world.end();
}

/// The device tells of a value that the ACS itself has set.
pub fn tells_back(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    world.set_attributes(&[("Time.NTPServer2", Some(2), None)]);
    world.set_values(&[("Time.NTPServer2", "ntp5.example.net")], "set", 0);
    world.end();
    world.wait_ms(3_000);
    world.begin(&[("4 VALUE CHANGE", "")], &["Time.NTPServer2"]);
    world.give_turn();
    world.end();
}

/// No retry for hours.
pub fn never_again(world: &mut World) {
    start(world);
    world.periodic = None;
    world.later(60);
    wakeups::knock(world);
    world.inform(&[("6 CONNECTION REQUEST", "")], &[]);
    world.status("503 Service Unavailable", Vec::new());
    world.hang_up();
    world.wait_ms(20_000_000);
    wakeups::knocks(world, "503 Service Unavailable");
}

/// A device that begins with a failure, and then boots.
pub fn boots_after_failure(world: &mut World) {
    start(world);
    world.later(60);
    plots::await_period(world);
    world.inform(&[("2 PERIODIC", "")], &[]);
    world.status("503 Service Unavailable", Vec::new());
    world.hang_up();
    start_again(world, 60);
    world.retries = 1;
    world.begin(&[("1 BOOT", ""), ("2 PERIODIC", "")], &[]);
    world.give_turn();
    world.end();
}

/// The first contact fails, and is made again.
pub fn second_bootstrap(world: &mut World) {
    world.inform(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.status("503 Service Unavailable", Vec::new());
    world.hang_up();
    plots::wait_for_retry(world, 0);
    start(world);
}

/// The ACS calls what came later than the device's version.
pub fn too_young(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    let request = call("GetAllQueuedTransfers", Vec::new());
    world.refused(&request, 9000, "Method not supported");
    world.end();
}

/// The same with a device of 1.1.
pub fn too_young_for_1_1(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    let request = call("CancelTransfer", vec![leaf("CommandKey", "k")]);
    world.refused(&request, 9000, "Method not supported");
    world.end();
}

/// The ACS asks the device for something that only devices ask.
pub fn wrong_way(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    let list = vec![
        leaf("Command", "c"),
        leaf("Referer", "r"),
        leaf("Arg", "a"),
        leaf("Next", "n"),
    ];
    world.refused(&call("Kicked", list), 9000, "Method not supported");
    world.end();
}

/// A connection breaks before an answer, and the device says something else on another.
pub fn goes_on_after_reset(world: &mut World) {
    start(world);
    world.later(60);
    wake(world);
    world.say(By::Acs, "rst", Content::Reset);
    world.wait_ms(500);
    let site = world.site.clone();
    world.connect(&site);
    let request = call("GetRPCMethods", Vec::new());
    let body = world.by_device(&request, None);
    world.post("GetRPCMethods", &body);
    world.challenge();
    world.post("GetRPCMethods", &body);
    let response = arguments::method_list(&["Inform", "GetRPCMethods", "TransferComplete"]);
    let id = world.asked.clone();
    let body = world.by_acs(&response, Some(&id));
    world.reply("GetRPCMethodsResponse", body);
    world.give_turn();
    world.end();
}

/// Two failures of a download, the second on the device's own account.
pub fn fetches_again(world: &mut World) {
    start(world);
    world.later(60);
    let file = transfers::file(world, "2 Web Content", "missing.html");
    wake(world);
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&file), &response);
    world.end();
    world.later(4);
    let times = transfers::fetch(world, &file, "GET", "404 Not Found");
    world.later(2);
    let code = if world.device.version >= Version::V1_1 {
        9016
    } else {
        9010
    };
    let outcome = (code, "No such file", times.0, times.1);
    transfers::report(world, "M Download", &file.key, &outcome, &[]);
    world.later(20);
    transfers::fetch(world, &file, "GET", "404 Not Found");
    world.later(20);
}

/// What was cancelled is fetched and reported all the same.
pub fn reports_cancelled(world: &mut World) {
    start(world);
    world.later(60);
    let mut file = transfers::file(world, "3 Vendor Configuration File", "never.cfg");
    file.delay_s = 200;
    wake(world);
    let response = transfer_response("DownloadResponse", None);
    world.ask(&arguments::download(&file), &response);
    world.plain_call("CancelTransfer", vec![leaf("CommandKey", &file.key)]);
    world.end();
    world.later(203);
    let times = transfers::fetch(world, &file, "GET", "200 OK");
    world.later(3);
    let outcome = (0, "", times.0, times.1);
    transfers::report(world, "M Download", &file.key, &outcome, &[]);
}

/// A change of the device's own is told a day late.
pub fn tells_late(world: &mut World) {
    start(world);
    world.periodic = None;
    world.later(90_000);
    transfers::autonomous_deployment(world);
}

/// A test is done, and no event tells of it.
pub fn hides_result(world: &mut World) {
    diagnostics(world);
    world.later(600);
}
