//! Stories that are alike for several vendors: told over what the vendor's description says. Each leaves the place of its
//! breach to the caller, or names the one that it has.

use std::net::Ipv4Addr;

use super::files::{Document, Times};
use super::trees::{LINE, SIP};
use super::world::World;
use crate::clean::plots_wakeups::{
    ADDRESS, NAT_DETECTED, keep_alive, map, switch_stun_on, tell_binding,
};
use crate::clean::xml::leaf;

/// Values of SetParameterValues; the names stand without the root.
type Values = Vec<(String, String)>;

/// The account of the phone's first line.
pub fn account(number: &str) -> Values {
    let own = |under: &str, name: &str, value: &str| (format!("{under}{name}"), value.to_owned());
    vec![
        own(SIP, "ProxyServer", "sip.example.net"),
        own(SIP, "RegistrarServer", "sip.example.net"),
        own(LINE, "DirectoryNumber", number),
        own(LINE, "SIP.AuthUserName", &format!("phone{number}")),
        own(LINE, "Enable", "Enabled"),
    ]
}

/// Sets them in one call; a line that is switched on registers.
pub fn set(world: &mut World, values: &Values) {
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let key = world.key();
    world.set_values(&values, &key, 0);
    let path = |name: &str| format!("{LINE}{name}");
    let enables = values.contains(&(&path("Enable"), "Enabled"));
    if enables && world.device.value(&path("Status")) == "Disabled" {
        world.device.set(&path("Status"), "Registering");
    }
}

/// The first session of a device, in which an ACS reads the whole tree, as Friendly does, and sets it up.
pub fn first_contact(world: &mut World, interval: &str) {
    world.begin(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.give_turn();
    world.get_methods();
    world.get_names("", false);
    world.get_values(&[""]);
    world.mark("first contact: `0 BOOTSTRAP`, and the ACS reads the whole tree");
    let on = world.device.boolean(true).to_owned();
    let mut values = account("2001");
    values.push(("ManagementServer.PeriodicInformEnable".to_owned(), on));
    values.push((
        "ManagementServer.PeriodicInformInterval".to_owned(),
        interval.to_owned(),
    ));
    set(world, &values);
    world.end();
    world.mark("the ACS sets up the line and the periodic Inform");
}

/// A file is asked for by Download, and will be fetched in a moment.
fn asked_to_download(world: &mut World, document: &Document) {
    world.wake();
    world.download(document);
    world.end();
    world.mark("a Connection Request, and the session in which the ACS asks for the download");
    world.later(4);
}

/// A file is asked for by Download, and fetched.
pub fn downloaded(world: &mut World, document: &Document) -> Times {
    asked_to_download(world, document);
    let times = world.get(document);
    world.mark("the phone gets the file");
    times
}

/// The same, and the file server does not have it.
pub fn missed(world: &mut World, document: &Document) -> Times {
    asked_to_download(world, document);
    let times = world.miss(document);
    world.mark("the file server does not have the file");
    times
}

/// New firmware, older or younger: the phone tells of it when it runs.
pub fn firmware(world: &mut World, to: &'static str) {
    let document = image(world, to, "bin");
    installed_from(world, &document, to);
}

/// Firmware on the file server.
pub fn image(world: &mut World, version: &str, ending: &str) -> Document {
    let content = world.image(version, 6_000);
    let product = world.vendor.product_class.to_ascii_lowercase();
    let name = format!("{product}-{version}.{ending}");
    world.document(world.vendor.types.firmware, &name, content)
}

/// The phone is told to get this firmware, gets it, and runs it.
pub fn installed_from(world: &mut World, document: &Document, to: &str) {
    let times = downloaded(world, document);
    restarted(world, document, times, to);
}

/// The phone starts again with the firmware that it has got, and tells of it.
pub fn restarted(world: &mut World, document: &Document, times: Times, to: &str) {
    world.restart();
    world.runs(to);
    let mut more = vec![("1 BOOT", "")];
    if !world.device.root.active().is_empty() {
        more.push(("4 VALUE CHANGE", ""));
    }
    world.tells("M Download", document, times, &more);
}

/// A file of the phone is asked for, and will be sent in a moment.
pub fn asked_to_upload(world: &mut World, document: &Document) {
    world.wake();
    world.upload(document);
    world.end();
    world.mark("a Connection Request, and the session in which the ACS asks for the upload");
    world.later(4);
}

/// A file of the phone is put on the file server.
pub fn uploaded(world: &mut World, document: &Document) -> Times {
    asked_to_upload(world, document);
    let times = world.put_file(document);
    world.mark("the phone puts the file");
    world.later(2);
    times
}

/// The same, and the phone tells of it.
pub fn uploaded_and_told(world: &mut World, document: &Document) {
    let times = uploaded(world, document);
    world.tells("M Upload", document, times, &[]);
    world.mark("the phone tells that it is done");
}

/// The phone does not do what is asked of it with a file; what the session is about.
pub fn refused_to_upload(
    world: &mut World,
    document: &Document,
    (code, words): (u32, &str),
    what: &str,
) {
    world.wake();
    world.upload_refused(document, code, words);
    world.end();
    world.mark(what);
}

/// The ACS asks for a restart; the key of its call.
pub fn asked_to_reboot(world: &mut World) -> String {
    world.wake();
    let key = world.key();
    world.plain_call("Reboot", vec![leaf("CommandKey", &key)]);
    world.end();
    world.mark("a Connection Request, and the session in which the ACS asks for Reboot");
    world.restart();
    key
}

/// The ACS wants to be told of a parameter: 1 with the next session, 2 at once.
pub fn watched(world: &mut World, name: &str, notification: u8) {
    world.wake();
    world.set_attributes(&[(name, Some(notification), None)]);
    world.get_attributes(&[name]);
    world.end();
    world.mark("the ACS asks to be told of changes of the parameter");
}

/// The phone starts behind a NAT, is told of the STUN server, finds its binding and tells of it.
pub fn bound(world: &mut World) {
    let [.., last] = world.device.address.octets();
    world.device.address = Ipv4Addr::new(192, 168, 1, last);
    world.device.reset();
    world.begin(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.give_turn();
    switch_stun_on(world);
    world.end();
    world.mark("the phone is new to the ACS, which switches on STUN");
    world.wait_ms(500);
    map(world, 0);
    world.wait_ms(800);
    tell_binding(world, &[ADDRESS, NAT_DETECTED]);
    keep_alive(world);
    world.mark("the phone finds its binding by STUN, with BINDING-CHANGE, and tells the ACS of it");
}

/// A session with nothing but its events, and what has changed.
pub fn told(world: &mut World, events: &[(&str, &str)], changed: &[&str]) {
    world.begin(events, changed);
    world.give_turn();
    world.end();
}
