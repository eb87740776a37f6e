//! Aastra's stories, each with the one thing that its broken variant does otherwise.

use super::super::plots::{self, set, told};
use super::super::trees::LINE;
use super::super::world::World;
use crate::clean::arguments::call;
use crate::clean::world::World as Plain;
use crate::clean::{datagrams, xml::leaf};

pub fn first_contact(world: &mut World) {
    let right = world.device.password.clone();
    if world.is_broken {
        "12345".clone_into(&mut world.device.password);
        world.inform(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
        world.challenge();
        world.hang_up();
        world.mark("first contact: the ACS refuses the phone's proof");
        world.device.password = right;
        return;
    }
    plots::first_contact(world, "3600");
}

pub fn re_provisioning(world: &mut World) {
    world.known();
    world.wake();
    let mut values = plots::account("2044");
    values.push((SCREEN_NAME.to_owned(), "Canteen".to_owned()));
    world.get_values(&[LINE]);
    if world.is_broken {
        let wrong = world.device.path(&format!("{LINE}DirectoryNumbr"));
        let value = (wrong, "string", "2044".to_owned());
        world.set_refused(value, 9005, "Invalid parameter name");
    } else {
        set(world, &values);
    }
    world.end();
    world.mark("a Connection Request, and the session in which the line is set up anew");
    if !world.is_broken {
        world.device.set(&status(), "Up");
        world.later(300);
        world.begin(&[("2 PERIODIC", "")], &[]);
        world.give_turn();
        world.get_values(&[&status()]);
        world.end();
        world.mark("the account is fully configured: the line is registered");
    }
}

/// Whether the line is registered.
fn status() -> String {
    format!("{LINE}Status")
}

pub fn add_line(world: &mut World) {
    world.known();
    world.wake();
    let key = world.key();
    let profile = world.add(&key);
    let own = |name: &str, value: &str| (format!("{profile}{name}"), value.to_owned());
    let values = [
        own("SIP.ProxyServer", "sip.example.net"),
        own("Line.1.DirectoryNumber", "2002"),
        own("Line.1.Enable", "Enabled"),
    ];
    set(world, &values.to_vec());
    world.end();
    world.mark("a voice profile more, and with it a line");
    world.later(600);
    world.wake();
    let before = world.device.clone();
    let key = world.key();
    world.delete(&profile, &key);
    if world.is_broken {
        world.device = before;
        world.device.set("ManagementServer.ParameterKey", &key);
    }
    world.get_names(PROFILES, true);
    world.end();
    world.mark("and a voice profile less: its line goes with it");
}

pub fn restart_after_a_change(world: &mut World) {
    world.known();
    world.wake();
    let key = world.key();
    world.set_values(&[("LAN.DNSServers", "192.0.2.53")], &key, 1);
    world.end();
    world.mark("the ACS sets another DNS server: the phone takes it, to be used behind a restart");
    world.later(300);
    world.wake();
    let key = world.key();
    world.plain_call("Reboot", vec![leaf("CommandKey", &key)]);
    world.end();
    world.mark("the ACS asks for Reboot");
    world.restart();
    let events = [("1 BOOT", ""), ("M Reboot", key.as_str())];
    let count = if world.is_broken { 1 } else { 2 };
    told(world, &events[..count], &[]);
    world.mark("the phone is back");
}

pub fn reboot(world: &mut World) {
    world.known();
    let key = plots::asked_to_reboot(world);
    let events = [("1 BOOT", ""), ("M Reboot", key.as_str())];
    let first = usize::from(world.is_broken);
    told(world, &events[first..], &[]);
    world.mark("the phone is back");
}

pub fn factory_reset(world: &mut World) {
    world.known();
    world.wake();
    if world.is_broken {
        let body = world.by_acs(&call("FactoryReset", Vec::new()), None);
        world.reply("FactoryReset", body);
        world.hang_up();
    } else {
        world.plain_call("FactoryReset", Vec::new());
        world.end();
    }
    world.mark("a Connection Request, and the session in which the ACS asks for FactoryReset");
    world.device.reset();
    world.restart();
    world.later(120);
    plots::first_contact(world, "3600");
}

/// The user changes the name of the line in the phone's Web UI.
fn renamed(world: &mut World) {
    world.later(600);
    world.device.set(SCREEN_NAME, "Porter");
}

/// A periodic session in which the ACS reads the name.
fn read_name(world: &mut World) {
    world.later(300);
    world.begin(&[("2 PERIODIC", "")], &[]);
    world.give_turn();
    world.get_values(&[SCREEN_NAME]);
    world.end();
    world.mark("a periodic Inform, and the ACS reads the parameter");
}

pub fn passive_notification(world: &mut World) {
    world.known();
    plots::watched(world, SCREEN_NAME, 1);
    read_name(world);
    renamed(world);
    if !world.is_broken {
        let events = [("2 PERIODIC", ""), ("4 VALUE CHANGE", "")];
        told(world, &events, &[SCREEN_NAME]);
        world.mark("the next periodic Inform tells of the user's change");
        return;
    }
    read_name(world);
    world.later(600);
    told(world, &[("2 PERIODIC", "")], &[]);
    world.mark("and the periodic Informs do not tell of the user's change");
}

pub fn active_notification(world: &mut World) {
    world.known();
    plots::watched(world, SCREEN_NAME, 2);
    renamed(world);
    told(world, &[("4 VALUE CHANGE", "")], &[SCREEN_NAME]);
    world.mark("the user's change is told at once");
    if world.is_broken {
        world.later(120);
        told(world, &[("4 VALUE CHANGE", "")], &[SCREEN_NAME]);
        world.mark("and told once more, although nothing has changed");
    }
}

pub fn no_notification(world: &mut World) {
    world.known();
    plots::watched(world, SCREEN_NAME, 0);
    renamed(world);
    let told_of: &[(&str, &str)] = match world.is_broken {
        true => &[("4 VALUE CHANGE", "")],
        false => &[("2 PERIODIC", "")],
    };
    let changed = [SCREEN_NAME];
    let count = usize::from(world.is_broken);
    world.begin(told_of, &changed[..count]);
    world.give_turn();
    world.get_values(&changed);
    world.end();
    world.mark("the next session: the ACS reads what the user has changed");
}

pub fn features(world: &mut World) {
    world.known();
    world.wake();
    world.get_names(
        "Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.",
        false,
    );
    let method = "X_Aastra_DTMFMethod</Name>\n<Writable>";
    world.replace(
        "GetParameterNamesResponse",
        &format!("{method}1"),
        &format!("{method}0"),
    );
    if !world.is_broken {
        let key = world.key();
        world.set_values(&[(DTMF_METHOD, "1"), (BASIC_CODECS, "1")], &key, 0);
        world.get_values(&[DTMF_METHOD, BASIC_CODECS]);
    }
    world.end();
    world.mark("the ACS sets two parameters that Aastra's phones alone have");
}

pub fn connection_request(world: &mut World) {
    world.device.door.0 = 12_345;
    if world.is_broken {
        "/".clone_into(&mut world.device.door.1);
    }
    let door = world.device.door_url();
    world
        .device
        .set("ManagementServer.ConnectionRequestURL", &door);
    world.known();
    world.wake();
    world.get_values(&["ManagementServer.ConnectionRequestURL"]);
    world.end();
    world.mark("the Connection Request, with Digest, and the session that it brings");
}

pub fn periodic_inform(world: &mut World) {
    world.installed();
    world.wake();
    let key = world.key();
    let values = [
        ("ManagementServer.PeriodicInformEnable", "1"),
        ("ManagementServer.PeriodicInformInterval", "60"),
    ];
    world.set_values(&values, &key, 0);
    world.end();
    world.mark("the ACS wants an Inform every 60 seconds");
    if let (true, Some((due_us, interval_us))) = (world.is_broken, world.periodic) {
        world.periodic = Some((due_us + interval_us / 2, interval_us * 3 / 2));
    }
    world.later(200);
    world.mark("and they come");
}

/// The phone stands behind a NAT, and the ACS calls over UDP for the first time. It does so under a short name: a request of 188
/// bytes is a packet of MPEG to tshark, for the `G` that it begins with.
fn reached(world: &mut World) {
    "callback".clone_into(&mut world.device.knocker.0);
    plots::bound(world);
    world.later(200);
    called_over_udp(world, &[UDP_ADDRESS]);
    world.mark("a first request over UDP, and the session that it brings");
}

/// Three copies of a request over UDP, and the session that it brings, in which the ACS reads these.
fn called_over_udp(world: &mut World, names: &[&str]) {
    datagrams::request(world, 3);
    world.wait_ms(400);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.get_values(names);
    world.end();
}

pub fn udp_connection_request(world: &mut World) {
    reached(world);
    world.later(150);
    if world.is_broken {
        let right = world.device.knocker.1.clone();
        "of-another-phone".clone_into(&mut world.device.knocker.1);
        datagrams::request(world, 3);
        world.device.knocker.1 = right;
        world.later(90);
    } else {
        called_over_udp(world, &["DeviceInfo.UpTime"]);
    }
    world.mark("another request over UDP, in three copies");
}

pub fn binding_change(world: &mut World) {
    reached(world);
    let (due_us, period_us, act) = world.keepalive.take().expect("the binding is kept");
    world.wait_until(due_us);
    let mapped = world.mapped.expect("there is a binding");
    let moved = std::net::SocketAddr::new(mapped.ip(), mapped.port() + 1_200);
    world.mapped = Some(moved);
    let found: fn(&mut Plain) = match world.is_broken {
        true => datagrams::keep_alive,
        false => datagrams::bind,
    };
    found(world);
    world.wait_ms(700);
    world.device.set(UDP_ADDRESS, &moved.to_string());
    told(world, &[("4 VALUE CHANGE", "")], &[UDP_ADDRESS]);
    world.mark(
        "the NAT gives the phone another port: BINDING-CHANGE, and an Inform with the new address",
    );
    world.keepalive = Some((world.now_us + period_us, period_us, act));
    world.later(100);
    called_over_udp(world, &[UDP_ADDRESS]);
    world.mark("a request over UDP to the new binding");
}

pub fn stun_switched_off(world: &mut World) {
    reached(world);
    let kept = world.keepalive;
    world.keepalive = None;
    world.later(20);
    datagrams::request(world, 3);
    world.wait_ms(400);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    let key = world.key();
    world.set_values(&[("ManagementServer.STUNEnable", "0")], &key, 0);
    world.end();
    world.mark("a request over UDP, the last: the ACS switches `STUNEnable` off");
    world.later(2);
    let local = std::net::SocketAddr::from((world.device.address, crate::clean::device::UDP_PORT));
    world.device.set(UDP_ADDRESS, &local.to_string());
    world.device.set("ManagementServer.NATDetected", "0");
    let changed = [UDP_ADDRESS, "ManagementServer.NATDetected"];
    told(world, &[("4 VALUE CHANGE", "")], &changed);
    world.mark("the phone's own address stands in UDPConnectionRequestAddress again");
    if world.is_broken {
        let (_, period_us, act) = kept.expect("the binding was kept");
        world.keepalive = Some((world.now_us + period_us / 2, period_us, act));
        world.later(200);
        world.mark("and the phone asks the STUN server all the same");
    }
}

const PROFILES: &str = "Services.VoiceService.1.VoiceProfile.";
const SCREEN_NAME: &str = "Services.VoiceService.1.VoiceProfile.1.Line.1.X_Aastra_ScreenName2";
const DTMF_METHOD: &str = "Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.X_Aastra_DTMFMethod";
const BASIC_CODECS: &str =
    "Services.VoiceService.1.X_Aastra_GlobalVoiceProfile.SIP.X_AastraUseBasicCodecs";
const UDP_ADDRESS: &str = "ManagementServer.UDPConnectionRequestAddress";
