//! snom's stories, each with the one thing that its broken variant does otherwise.

use super::super::files::Document;
use super::super::gateway;
use super::super::plots::{self, set, told};
use super::super::trees::{LINE, LINES};
use super::super::world::World;
use crate::clean::arguments::{call, get_parameter_names, names_response};
use crate::clean::plots_wakeups::knock;
use crate::clean::world::Site;
use crate::clean::xml::leaf;

pub fn first_contact(world: &mut World) {
    plots::first_contact(world, "3600");
    world.replace(
        "Inform",
        "ParameterValueStruct[9]",
        "ParameterValueStruct[10]",
    );
}

pub fn new_acs(world: &mut World) {
    world.known();
    world.wake();
    let site = Site {
        host: "new.example.net:7547".to_owned(),
        address: [198, 51, 100, 40].into(),
        ..world.site.clone()
    };
    let url = site.url();
    let key = world.key();
    world.set_values(&[("ManagementServer.URL", url.as_str())], &key, 0);
    world.end();
    world.mark("the ACS sets `Device.ManagementServer.URL`");
    world.site = site;
    world.later(5);
    world.begin(&[("0 BOOTSTRAP", "")], &[]);
    world.replace("Inform", "0 BOOTSTRAP", "1 BOOT");
    world.give_turn();
    world.get_values(&["ManagementServer.URL"]);
    world.end();
    world.mark("the first session at the new ACS");
}

pub fn re_provisioning(world: &mut World) {
    world.known();
    world.wake();
    world.get_values(&[LINE]);
    set(world, &plots::account("2044"));
    world.spoil("SetParameterValuesResponse", |message| {
        message.drop("Cookie");
    });
    world.end();
    world.mark("a Connection Request, and the session in which the line is set up anew");
}

pub fn add_line(world: &mut World) {
    world.known();
    world.wake();
    let key = world.key();
    let line = world.add(&key);
    let number = format!("{line}DirectoryNumber");
    world.replace(
        "AddObjectResponse",
        ">2</InstanceNumber>",
        ">0</InstanceNumber>",
    );
    if world.is_broken {
        // With 0 the ACS has to look for the line.
        world.get_names(LINES.path, true);
    }
    world.set_values(&[(&number, "2002")], &key, 0);
    let lines = world.device.table().count;
    world.get_values(&[lines, &line]);
    world.end();
    world.mark("a line more");
    world.later(600);
    world.wake();
    let key = world.key();
    world.delete(&line, &key);
    world.get_values(&[lines]);
    world.end();
    world.mark("and a line less");
}

pub fn firmware_upgrade(world: &mut World) {
    world.known();
    plots::firmware(world, world.vendor.newer);
    world.replace(
        "Inform",
        "<EventStruct><EventCode>7 TRANSFER COMPLETE</EventCode><CommandKey/></EventStruct>",
        "",
    );
    world.replace("Inform", "EventStruct[3]", "EventStruct[2]");
    world.mark("the new firmware runs: `1 BOOT`, `7 TRANSFER COMPLETE`, `M Download`, and TransferComplete");
}

/// Settings as snom phones write them.
fn settings() -> String {
    let mut text =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<settings>\n<phone-settings>\n".to_owned();
    for (name, value) in SETTINGS {
        text.push_str(&format!("<{name} perm=\"RW\">{value}</{name}>\n"));
    }
    text + "</phone-settings>\n</settings>\n"
}

pub fn configuration_backup(world: &mut World) {
    world.installed();
    let document = world.document(world.vendor.types.backup, "backup/snom320.xml", settings());
    let times = plots::uploaded(world, &document);
    world.tells("M Upload", &document, times, &[]);
    let key = &document.file.key;
    world.replace("TransferComplete", key, "another");
    world.mark("the phone tells that it is done");
}

pub fn configuration_restore(world: &mut World) {
    world.known();
    if world.is_broken {
        let document = world.document("2 Web Content", "pages.tar", settings());
        world.wake();
        world.download_refused(&document, 9010, "Download failure");
        world.end();
        world.mark("the session in which the ACS asks for the download of web content");
        return;
    }
    let kind = world.vendor.types.configuration;
    let document = world.document(kind, "snom320.xml", settings());
    fetched(world, &document);
}

pub fn parameter_mapping(world: &mut World) {
    world.installed();
    let document = world.document(
        "snom Parameter Mapping File",
        "param_map.txt",
        MAP.to_owned(),
    );
    fetched(world, &document);
}

/// A file that needs no restart is fetched, and told of.
fn fetched(world: &mut World, document: &Document) {
    let times = plots::downloaded(world, document);
    world.replace(
        "DownloadResponse",
        "<Status>1</Status>",
        "<Status>0</Status>",
    );
    world.later(3);
    world.tells("M Download", document, times, &[]);
    world.mark("the phone tells that it is done");
}

pub fn log_upload(world: &mut World) {
    world.known();
    let mut document = world.document(world.vendor.types.log, "logs/snom320.log", LOG.repeat(8));
    if world.is_broken {
        document.file.url = "ftp://files.example.net/logs/snom320.log".to_owned();
        document.file.account = ("box".to_owned(), "Box-7".to_owned());
        plots::refused_to_upload(
            world,
            &document,
            (9013, "Unsupported protocol"),
            "the session in which the ACS asks for an upload over FTP",
        );
        return;
    }
    plots::uploaded_and_told(world, &document);
}

pub fn reboot(world: &mut World) {
    world.known();
    let key = plots::asked_to_reboot(world);
    let events = [("1 BOOT", ""), ("M Reboot", key.as_str())];
    let count = if world.is_broken { 1 } else { 2 };
    told(world, &events[..count], &[]);
    world.mark("the phone is back");
}

pub fn factory_reset(world: &mut World) {
    world.known();
    world.wake();
    world.plain_call("FactoryReset", Vec::new());
    world.end();
    world.mark("a Connection Request, and the session in which the ACS asks for FactoryReset");
    world.device.reset();
    world.restart();
    // A new ACS is contacted: `tr69_bootstrap` is on.
    let kind = world.vendor.types.configuration;
    let document = world.document(kind, "snom320.xml", settings().replace(">off<", ">on<"));
    world.provisioned(&document);
    world.mark("the phone is back at standard provisioning, whose settings name the ACS");
    world.later(5);
    plots::first_contact(world, "3600");
    world.replace(
        "Inform",
        "<EventStruct><EventCode>0 BOOTSTRAP</EventCode><CommandKey/></EventStruct>",
        "",
    );
    world.replace("Inform", "EventStruct[2]", "EventStruct[1]");
}

pub fn passive_notification(world: &mut World) {
    // Unless the mapping says otherwise, what may be written is mapped by `=`.
    let mapped = world.device.parameters.values_mut();
    for parameter in mapped.filter(|parameter| parameter.writable) {
        parameter.notification = 1;
    }
    world.known();
    world.wake();
    world.get_attributes(&[NAME_OF_LINE]);
    world.end();
    world.mark("the ACS reads the attributes: passive notification, as the mapping has it");
    world.later(600);
    world.device.set(NAME_OF_LINE, "2099");
    let events = [("2 PERIODIC", ""), ("4 VALUE CHANGE", "")];
    let first = usize::from(world.is_broken);
    told(world, &events[first..], &[NAME_OF_LINE]);
    world.mark("the next periodic Inform tells of the user's change");
}

pub fn active_notification(world: &mut World) {
    world.known();
    plots::watched(world, NAME_OF_LINE, 2);
    world.later(600);
    world.device.set(NAME_OF_LINE, "2099");
    let changed = [NAME_OF_LINE];
    let count = usize::from(!world.is_broken);
    told(world, &[("4 VALUE CHANGE", "")], &changed[..count]);
    world.mark("the user's change is told at once");
}

pub fn user_change_corrected(world: &mut World) {
    world.known();
    plots::watched(world, NAME_OF_LINE, 2);
    world.later(600);
    world.device.set(NAME_OF_LINE, "2099");
    world.begin(&[("4 VALUE CHANGE", "")], &[NAME_OF_LINE]);
    world.give_turn();
    let key = world.key();
    world.set_values(&[(NAME_OF_LINE, "2001")], &key, 0);
    world.replace(
        "SetParameterValuesResponse",
        "<Status>0</Status>",
        "<Status>2</Status>",
    );
    world.end();
    world.mark("the user's change is told at once, and the ACS sets it back");
}

pub fn features(world: &mut World) {
    world.known();
    world.wake();
    world.get_names("X_snom_UploadGUI", false);
    let skin = "http://files.example.net/skin.tar";
    let key = world.key();
    if world.is_broken {
        let path = world.device.path("X_snom_UploadGUI");
        world.set_refused((path, "string", skin.to_owned()), 9008, "Not writable");
    } else {
        world.set_values(
            &[("X_snom_UploadGUI", skin), ("X_snom_UploadWeb", skin)],
            &key,
            0,
        );
    }
    world.end();
    world.mark("the ACS sets the two parameters");
}

pub fn customize(world: &mut World) {
    world.known();
    world.wake();
    let skin = leaf("skinUrl", "http://files.example.net/skin.tar");
    if world.is_broken {
        world.refused(
            &call("X-snom-Customize", vec![skin]),
            9000,
            "Method not supported",
        );
    } else {
        world.plain_call("X-snom-Customize", vec![skin]);
    }
    world.end();
    world.mark("X-snom-Customize with the place of the skin");
}

pub fn minibrowser(world: &mut World) {
    world.known();
    world.wake();
    let page = vec![leaf("Title", "Canteen"), leaf("Text", "Today: lentil soup")];
    let page = crate::clean::xml::node("SnomIPPhoneText", page);
    world.plain_call("X-snom-Minibrowser", vec![page]);
    let asked = format!(">{}</cwmp:ID>", world.asked);
    world.replace("X-snom-MinibrowserResponse", &asked, ">77</cwmp:ID>");
    world.end();
    world.mark("X-snom-Minibrowser with a page of text");
}

pub fn empty_path(world: &mut World) {
    world.known();
    world.wake();
    let root = [("Device.".to_owned(), false)];
    let booleans = world.device.booleans;
    world.ask(
        &get_parameter_names("", "0"),
        &names_response(&root, booleans),
    );
    world.replace(
        "GetParameterNamesResponse",
        "Device.",
        "InternetGatewayDevice.",
    );
    world.get_names("", false);
    world.end();
    world.mark("the empty path gives `Device.` alone, `Device.` gives all");
}

pub fn connection_request(world: &mut World) {
    world.known();
    if world.is_broken {
        knock(world);
        world.mark("the Connection Request, with Digest");
        world.later(120);
    } else {
        world.wake();
        world.get_values(&["DeviceInfo.UpTime"]);
        world.end();
        world.mark("the Connection Request, with Digest, and the session that it brings");
    }
    world.later(600);
    told(world, &[("2 PERIODIC", "")], &[]);
    world.mark("the next periodic Inform");
}

pub fn no_udp_requests(world: &mut World) {
    world.known();
    world.wake();
    if world.is_broken {
        let path = world.device.path("ManagementServer.STUNEnable");
        let on = world.device.boolean(true).to_owned();
        world.set_refused((path, "boolean", on), 9005, "Invalid parameter name");
    } else {
        world.get_names("ManagementServer.", true);
    }
    world.end();
    world.mark("the ACS wants to know whether the phone has STUN");
}

pub fn gateway_association(world: &mut World) {
    gateway::leased(world);
    told(world, &[("1 BOOT", "")], &[]);
    forgets_gateway(world);
    world.mark("the phone's Inform: `Device.GatewayInfo.` names the gateway");
    world.later(3);
    gateway::maps(world);
    world.mark("the gateway's session: its row of ManageableDevice is the phone, and the ACS adds a port mapping");
    world.later(5);
    gateway::wake_through(world);
    forgets_gateway(world);
    world.get_values(&["DeviceInfo.UpTime"]);
    world.end();
    world.mark("a Connection Request through the mapping, and the session that it brings");
}

fn forgets_gateway(world: &mut World) {
    for value in gateway::IDENTITY {
        world.replace("Inform", &format!(">{value}</Value>"), "></Value>");
    }
}

const NAME_OF_LINE: &str = "Services.VoiceService.1.VoiceProfile.1.Line.1.DirectoryNumber";
const SETTINGS: [(&str, &str); 6] = [
    ("tr69_acs_url", "http://acs.example.net:7547/acs"),
    ("tr69_use_acs", "on"),
    ("tr69_bootstrap", "off"),
    ("user_name_1", "phone2001"),
    ("user_host_1", "sip.example.net"),
    ("timezone", "GER+1"),
];
const MAP: &str = "# Mapping of this site\n\
    string:Device.DeviceInfo.Manufacturer!=snom\n\
    unsignedInt:Device.ManagementServer.PeriodicInformInterval=3600\n\
    string:Device.ManagementServer.ConnectionRequestUsername={tr69_cnr_user}\n\
    string:Device.Services.VoiceService.1.VoiceProfile.1.Line.1.DirectoryNumber*={user_name|1}\n\
    string:Device.X_snom_SomeParam=This is my {LCS2_PRODUCT}\n";
const LOG: &str = "[5] 13/1/2026 08:00:01: Registered at sip.example.net\n[6] 13/1/2026 08:00:02: Line 1 is idle\n";
