//! Grandstream's stories of a phone's life, each with the one thing that its broken variant does otherwise.

use super::super::plots::{self, set, told};
use super::super::trees::{LINE, SIP};
use super::super::world::World;
use crate::clean::arguments::{call, get_parameter_values, set_parameter_values};
use crate::clean::plots::wait_for_retry;
use crate::clean::xml::leaf;

pub fn first_contact(world: &mut World) {
    if !world.is_broken {
        plots::first_contact(world, "86400");
        return;
    }
    let right = world.device.password.clone();
    "admin".clone_into(&mut world.device.password);
    for failures in 0..2 {
        world.inform(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
        world.challenge();
        world.hang_up();
        world.mark("first contact: the ACS refuses the phone's password, twice 401");
        wait_for_retry(world, failures);
    }
    world.device.password = right;
}

pub fn re_provisioning(world: &mut World) {
    world.known();
    world.wake();
    world.get_values(&[LINE]);
    if world.is_broken {
        let path = world.device.path(SIP) + "RegistrarServers";
        let value = (path, "string", "sip.example.net".to_owned());
        world.set_refused(value, 9005, "Invalid parameter name");
    } else {
        set(world, &plots::account("2044"));
        world.get_values(&[LINE]);
    }
    world.end();
    world.mark("a Connection Request, and the session in which the account is set up anew");
}

pub fn features(world: &mut World) {
    world.known();
    world.wake();
    world.get_names("X_000B82_Screen.", false);
    let quiet = format!("{LINE}CallingFeatures.DoNotDisturbEnable");
    if world.is_broken {
        let value = (world.device.path(&quiet), "boolean", "true".to_owned());
        world.set_refused(value, 9007, "Invalid parameter value");
    } else {
        let key = world.key();
        let enable = format!("{LINE}Enable");
        let wallpaper = "http://files.example.net/wallpaper.png";
        world.set_values(
            &[
                (&enable, "Enabled"),
                (&quiet, "0"),
                ("X_000B82_Screen.WallpaperURL", wallpaper),
            ],
            &key,
            0,
        );
    }
    world.end();
    world.mark("the ACS activates the account, and sets a parameter of the vendor");
}

pub fn empty_reads(world: &mut World) {
    world.known();
    world.wake();
    let key = world.key();
    world.set_values(&[(UNLOCK, "4711")], &key, 0);
    let name = "ManagementServer.ConnectionRequestPassword";
    if world.is_broken {
        let password = world.device.knocker.1.clone();
        world.device.set(name, &password);
        let path = world.device.path(name);
        let shown = world.device.parameters.get_mut(&path);
        shown.expect("every phone has it").hidden = false;
    }
    let account = format!("{LINE}SIP.");
    world.get_values(&["ManagementServer.Password", name, &account, UNLOCK]);
    world.end();
    world.mark("the ACS sets a parameter, and reads it and others that read back empty");
}

pub fn reboot(world: &mut World) {
    world.known();
    if !world.is_broken {
        let key = plots::asked_to_reboot(world);
        told(world, &[("1 BOOT", ""), ("M Reboot", &key)], &[]);
        world.mark("the phone is back");
        return;
    }
    world.wake();
    let key = world.key();
    world.plain_call("Reboot", vec![leaf("CommandKey", &key)]);
    let path = world.device.path(LINE) + "DirectoryNumber";
    let more = set_parameter_values(&[(path, "string", "2044".to_owned())], &key);
    let body = world.by_acs(&more, None);
    world.reply("SetParameterValues", body);
    world.hang_up();
    world.mark("the ACS asks for Reboot, and then for more: the phone is gone");
    world.restart();
    told(world, &[("1 BOOT", ""), ("M Reboot", &key)], &[]);
    world.mark("the phone is back, and what came behind Reboot is lost");
}

pub fn reboot_in_call(world: &mut World) {
    world.installed();
    in_call(world, "InCall");
    world.wake();
    let state = format!("{LINE}CallState");
    world.get_values(&[&state, "DeviceInfo.UpTime"]);
    let key = world.key();
    world.plain_call("Reboot", vec![leaf("CommandKey", &key)]);
    world.end();
    world.mark("the line is in a call, and the ACS asks for Reboot");
    world.later(150);
    world.wake();
    world.get_values(&[&state, "DeviceInfo.UpTime"]);
    world.end();
    world.mark("the ACS asks again: the call goes on, and the phone has not restarted");
    world.later(200);
    in_call(world, "Idle");
    world.restart();
    told(world, &[("1 BOOT", ""), ("M Reboot", &key)], &[]);
    world.replace("Inform", &key, "another");
    world.mark("the call is over, and the phone has restarted");
}

/// Its line is registered, and in a call or not.
fn in_call(world: &mut World, state: &str) {
    for (name, value) in [("Enable", "Enabled"), ("Status", "Up")] {
        world.device.set(&format!("{LINE}{name}"), value);
    }
    world.device.set(&format!("{LINE}CallState"), state);
}

pub fn factory_reset(world: &mut World) {
    world.installed();
    world.wake();
    set(world, &plots::account("2001"));
    let key = world.key();
    let interval = ("ManagementServer.PeriodicInformInterval", "7200");
    world.set_values(&[interval], &key, 0);
    world.plain_call("FactoryReset", Vec::new());
    world.end();
    world.mark("the ACS sets up the account and the interval, and asks for FactoryReset");
    reset_but_for_its_acs(world);
    world.restart();
    let events = [("0 BOOTSTRAP", ""), ("1 BOOT", ""), ("M Reboot", "")];
    let count = if world.is_broken { 3 } else { 2 };
    world.begin(&events[..count], &[]);
    world.give_turn();
    world.get_values(&["ManagementServer.", LINE]);
    set(world, &plots::account("2001"));
    world.end();
    world.mark("the phone is back at its ACS: the account is gone, the settings of TR-069 are not");
}

/// The reset leaves the settings of TR-069 and of the network.
fn reset_but_for_its_acs(world: &mut World) {
    let device = &mut world.device;
    let kept: Vec<_> = device.below(&["Device.ManagementServer.", "Device.LAN."]);
    let kept: Vec<_> = kept
        .into_iter()
        .map(|(path, parameter)| (path, parameter.clone()))
        .collect();
    device.reset();
    device.parameters.extend(kept);
}

pub fn factory_reset_in_call(world: &mut World) {
    world.installed();
    in_call(world, "InCall");
    world.wake();
    world.plain_call("FactoryReset", Vec::new());
    if world.is_broken {
        set(world, &plots::account("2001"));
    }
    world.end();
    world.mark("the line is in a call, and the ACS asks for FactoryReset");
    world.later(240);
    world.wake();
    world.get_values(&[LINE]);
    world.end();
    world.mark("the call goes on, and the phone has not been reset");
    world.later(90);
    reset_but_for_its_acs(world);
    world.restart();
    told(world, &[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.mark("the call is over, and the phone comes back as a new one");
}

pub fn add_line(world: &mut World) {
    world.known();
    world.wake();
    let key = world.key();
    let line = world.add(&key);
    let number = format!("{line}DirectoryNumber");
    if world.is_broken {
        let path = world.device.path(&line);
        let read = get_parameter_values(&[&path]);
        world.refused(&read, 9005, "Invalid parameter name");
        world.end();
        world.mark("a line more, which cannot be read");
        return;
    }
    world.set_values(&[(&number, "2002")], &key, 0);
    world.delete(&line, &key);
    let count = world.device.table().count;
    world.get_values(&[count]);
    world.end();
    world.mark("a line more, and away with it");
}

pub fn methods(world: &mut World) {
    world.known();
    world.wake();
    if world.is_broken {
        let queue = call("GetAllQueuedTransfers", Vec::new());
        world.refused(&queue, 9000, "Method not supported");
    } else {
        world.get_methods();
    }
    world.end();
    world.mark("the ACS wants to know what the phone can do");
}

pub fn passive_notification(world: &mut World) {
    world.known();
    plots::watched(world, NAME, 1);
    world.later(1_200);
    let periodic = [("2 PERIODIC", ""), ("4 VALUE CHANGE", "")];
    if !world.is_broken {
        world.device.set(NAME, "Reception");
        told(world, &periodic, &[NAME]);
        world.mark("the next periodic Inform tells of the change");
        return;
    }
    for name in ["Office", "Reception"] {
        world.device.set(NAME, name);
        world.begin(&periodic[..1], &[]);
        world.give_turn();
        world.get_values(&[NAME]);
        world.end();
        world.later(1_200);
    }
    told(world, &periodic[..1], &[]);
    world.mark("the ACS reads another value than before, and no Inform tells of it");
}

pub fn active_notification(world: &mut World) {
    world.known();
    plots::watched(world, NAME, 2);
    world.replace(
        "GetParameterAttributesResponse",
        "<Notification>2<",
        "<Notification>0<",
    );
    world.later(1_200);
    world.device.set(NAME, "Reception");
    if world.is_broken {
        world.later(7_200);
        told(world, &[("2 PERIODIC", "")], &[]);
        world.mark("the change is not told");
    } else {
        told(world, &[("4 VALUE CHANGE", "")], &[NAME]);
        world.mark("the change is told at once");
    }
}

const UNLOCK: &str = "X_000B82_Screen.Unlock";
const NAME: &str = "Services.VoiceService.1.VoiceProfile.1.Name";
