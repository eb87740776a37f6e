//! The access point's stories, each with the one thing that its broken variant does otherwise.

use super::super::plots::{self, told};
use super::super::world::World;
use crate::clean::arguments::{self, names_response};
use crate::clean::plots_wakeups::{knock, knocks};

pub fn first_contact(world: &mut World) {
    world.begin(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    let code = "<ParameterValueStruct><Name>Device.DeviceInfo.ProvisioningCode</Name>\
                <Value xsi:type=\"xsd:string\"/></ParameterValueStruct>";
    world.replace("Inform", code, "");
    world.replace(
        "Inform",
        "ParameterValueStruct[7]",
        "ParameterValueStruct[6]",
    );
    world.give_turn();
    world.get_methods();
    world.get_values(&["DeviceInfo.", "WiFi."]);
    world.mark("first install: `0 BOOTSTRAP`, and the ACS looks around");
    let key = world.key();
    let values = [
        ("ManagementServer.PeriodicInformEnable", "true"),
        ("ManagementServer.PeriodicInformInterval", "3600"),
        ("WiFi.SSID.1.SSID", "Library"),
        ("WiFi.Radio.1.Channel", "11"),
    ];
    world.set_values(&values, &key, 0);
    world.end();
    world.mark("the ACS sets up the network and the periodic Inform");
}

pub fn startup(world: &mut World) {
    world.installed();
    world.later(3_600);
    world.restart();
    let events = [("0 BOOTSTRAP", ""), ("1 BOOT", "")];
    let first = usize::from(!world.is_broken);
    world.begin(&events[first..], &[]);
    world.give_turn();
    world.get_values(&["DeviceInfo.UpTime"]);
    world.end();
    world.mark("the first session behind the startup");
}

pub fn periodic_inform(world: &mut World) {
    world.installed();
    world.wake();
    let key = world.key();
    let values = [
        ("ManagementServer.PeriodicInformEnable", "true"),
        ("ManagementServer.PeriodicInformInterval", "900"),
    ];
    world.set_values(&values, &key, 0);
    world.end();
    world.mark("the ACS wants an Inform every 15 minutes");
    world.later(1_000);
    world.replace("Inform", "2 PERIODIC", "2 PERIODIC INFORM");
    world.later(900);
    world.mark("and they come");
}

pub fn connection_request(world: &mut World) {
    world.known();
    if world.is_broken {
        knocks(world, "202 Accepted");
    } else {
        knock(world);
    }
    world.wait_ms(300);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.get_values(&["DeviceInfo.UpTime"]);
    world.end();
    world.mark("the Connection Request, with Digest, and the session that it brings");
}

pub fn active_notification(world: &mut World) {
    world.known();
    if world.is_broken {
        world.wake();
        let path = world.device.path(CHANNEL);
        let request = arguments::set_parameter_attributes(&[(path.as_str(), Some(2), None)]);
        world.refused(&request, 9009, "Notification request rejected");
        world.end();
        world.mark("the ACS asks to be told of changes of the parameter, in vain");
        return;
    }
    plots::watched(world, CHANNEL, 2);
    world.later(600);
    world.device.set(CHANNEL, "1");
    told(world, &[("4 VALUE CHANGE", "")], &[CHANNEL]);
    world.mark("the access point takes another channel, and tells of it at once");
}

pub fn passive_notification(world: &mut World) {
    world.known();
    plots::watched(world, CHANNEL, 1);
    world.replace(
        "GetParameterAttributesResponse",
        "<Notification>1</Notification>",
        "<Notification>0</Notification>",
    );
    world.later(600);
    if !world.is_broken {
        world.device.set(CHANNEL, "1");
        let events = [("2 PERIODIC", ""), ("4 VALUE CHANGE", "")];
        told(world, &events, &[CHANNEL]);
        world.mark(
            "the access point takes another channel, and tells of it with the next periodic Inform",
        );
    }
}

pub fn access_rights(world: &mut World) {
    world.known();
    world.wake();
    world.get_attributes(&[NETWORK]);
    world.set_attributes(&[(NETWORK, None, Some(&[]))]);
    world.get_attributes(&[NETWORK]);
    world.set_attributes(&[(NETWORK, None, Some(&["Subscriber"]))]);
    world.replace("SetParameterAttributes", ">Subscriber<", ">Admin<");
    world.end();
    world.mark(
        "the ACS takes the right to rename the network from the subscriber, and gives it back",
    );
}

pub fn firmware_upgrade(world: &mut World) {
    world.known();
    if world.is_broken {
        done_at_once(world);
        return;
    }
    plots::firmware(world, world.vendor.newer);
    world.mark("the new firmware runs: `1 BOOT`, `4 VALUE CHANGE`, `7 TRANSFER COMPLETE`, `M Download`, and TransferComplete");
}

/// The image is fetched within the session, and the answer is that all is done.
fn done_at_once(world: &mut World) {
    let newer = world.vendor.newer;
    let document = plots::image(world, newer, "bin");
    world.wake();
    let body = world.by_acs(&arguments::download(&document.file), None);
    world.reply("Download", body);
    let times = world.get(&document);
    let response = arguments::transfer_response("DownloadResponse", Some(times));
    let id = world.asked.clone();
    let body = world.by_device(&response, Some(&id));
    world.post("DownloadResponse", &body);
    world.end();
    world.mark("the ACS asks for the download, and is told that it is done (Status 0)");
    world.restart();
    world.runs(newer);
    told(world, &[("1 BOOT", ""), ("4 VALUE CHANGE", "")], &[]);
    world.mark("but the new firmware runs behind a restart");
}

pub fn ip_ping(world: &mut World) {
    world.known();
    world.wake();
    let key = world.key();
    let own = |name: &str| format!("{PING}{name}");
    let [state, host, count] = ["DiagnosticsState", "Host", "NumberOfRepetitions"].map(own);
    let values = [
        (host.as_str(), "192.0.2.77"),
        (&count, "3"),
        (&state, "Requested"),
    ];
    world.set_values(&values, &key, 0);
    world.end();
    world.mark("the ACS asks for a ping of the tablet");
    world.later(5);
    for (name, value) in [
        ("DiagnosticsState", "Complete"),
        ("SuccessCount", "3"),
        ("AverageResponseTime", "12"),
    ] {
        world.device.set(&own(name), value);
    }
    let event = match world.is_broken {
        true => "2 PERIODIC",
        false => "8 DIAGNOSTICS COMPLETE",
    };
    world.begin(&[(event, "")], &[]);
    world.give_turn();
    world.get_values(&[PING]);
    world.end();
    if world.is_broken {
        world.later(600);
        told(world, &[("2 PERIODIC", "")], &[]);
    }
    world.mark("the test is complete, and the ACS reads what came of it");
}

pub fn features(world: &mut World) {
    world.known();
    world.wake();
    world.get_names("WiFi.Radio.2.", true);
    let key = world.key();
    world.set_values(&[(SECOND_BAND, "true")], &key, 0);
    if world.is_broken {
        world.device.set(SECOND_BAND, "false");
    } else {
        world.device.set("WiFi.Radio.2.Status", "Up");
    }
    world.get_values(&["WiFi.Radio.2."]);
    world.end();
    world.mark("the ACS switches the second band on");
}

pub fn add_ssid(world: &mut World) {
    world.known();
    world.wake();
    world.get_names("WiFi.SSID.", true);
    let key = world.key();
    let network = world.add(&key);
    if world.is_broken {
        let numbered = "<InstanceNumber>";
        let (own, other) = (format!("{numbered}2<"), format!("{numbered}1<"));
        world.replace("AddObjectResponse", &own, &other);
        world.end();
        world.mark("a network more");
        return;
    }
    let (name, on) = (format!("{network}SSID"), format!("{network}Enable"));
    let key = world.key();
    world.set_values(&[(&name, "Guests"), (&on, "true")], &key, 0);
    world.end();
    world.mark("a network more");
    world.later(3_600);
    world.wake();
    let key = world.key();
    world.delete(&network, &key);
    world.get_names("WiFi.SSID.", true);
    world.end();
    world.mark("and a network less");
}

pub fn names(world: &mut World) {
    world.known();
    world.wake();
    world.get_names("WiFi.", true);
    let path = world.device.path("WiFi.Radio.");
    let listed = world.device.names(&path, !world.is_broken);
    let booleans = world.device.booleans;
    let listed = if world.is_broken {
        &listed[1..]
    } else {
        &listed[..]
    };
    world.ask(
        &arguments::get_parameter_names(&path, "1"),
        &names_response(listed, booleans),
    );
    world.get_names("WiFi.Radio.2.", false);
    world.end();
    world.mark("the names of the tables, of the rows of one, and of all that is in a row");
}

pub fn active_devices(world: &mut World) {
    world.known();
    world.wake();
    if world.is_broken {
        world.device.set("Hosts.HostNumberOfEntries", "3");
    }
    world.get_values(&["Hosts.", "WiFi.AccessPoint.1.AssociatedDevice."]);
    world.end();
    world.mark("the ACS reads who is there");
}

pub fn session_end(world: &mut World) {
    world.known();
    world.wake();
    world.get_values(&["DeviceInfo.UpTime", "DeviceInfo.SoftwareVersion"]);
    world.get_values(&["WiFi.SSID."]);
    world.end();
    world.spoil("204", |message| {
        message.start = "HTTP/1.1 200 OK".to_owned();
        message.set("Content-Length", "0");
    });
    world.mark("the session ends when neither side has more to say: an empty POST, and 204");
}

pub fn monitoring(world: &mut World) {
    world.known();
    for (name, value) in [("ErrorsSent", "17"), ("ErrorsReceived", "204")] {
        world.device.set(&format!("{COUNTERS}{name}"), value);
    }
    world.wake();
    world.get_values(&[
        "DeviceInfo.UpTime",
        "DeviceInfo.MemoryStatus.",
        "DeviceInfo.ProcessStatus.CPUUsage",
        COUNTERS,
        "WiFi.AccessPoint.1.AssociatedDevice.1.SignalStrength",
    ]);
    let counter = |kind: &str| format!("ErrorsSent</Name><Value xsi:type=\"xsd:{kind}\">");
    world.replace(
        "GetParameterValuesResponse",
        &counter("unsignedInt"),
        &counter("string"),
    );
    world.end();
    world.mark(
        "the ACS reads memory, processor, counters of the radio, and how well a device is heard",
    );
}

pub fn log_upload(world: &mut World) {
    world.known();
    let kind = world.vendor.types.log;
    let mut document = world.document(kind, "logs/ap-5342.log", LOG.repeat(16));
    document.file.account = ("box".to_owned(), "Box-7".to_owned());
    if !world.is_broken {
        let times = plots::uploaded(world, &document);
        world.tells("M Upload", &document, times, &[]);
        world.mark("the access point tells that it is done");
        return;
    }
    plots::asked_to_upload(world, &document);
    let times = world.put_in_vain(&document);
    world.mark("the access point puts the file, and the server does not take it");
    world.later(2);
    world.tells_of("M Upload", &document, (403, "Forbidden"), times, &[]);
    world.mark("the access point tells that it has failed, with 403");
}

const LOG: &str = "hostapd: wlan0: STA 00:00:5e:00:53:77 IEEE 802.11: associated\n\
    kernel: wlan1: radar detected on channel 52\n";
const COUNTERS: &str = "WiFi.Radio.1.Stats.";
const CHANNEL: &str = "WiFi.Radio.1.Channel";
const NETWORK: &str = "WiFi.SSID.1.SSID";
const SECOND_BAND: &str = "WiFi.Radio.2.Enable";
const PING: &str = "IP.Diagnostics.IPPing.";
