//! Yealink's stories of parameters: set up, watched, read and tested.

use super::super::plots::{self, set, told};
use super::super::trees::{LINE, LINES};
use super::super::world::World;
use crate::clean::arguments::{call, get_parameter_values};
use crate::clean::plots::{diagnostics, wait_for_retry};
use crate::clean::xml::leaf;

/// The configuration file has set another interval than that of the factory.
pub fn configured(world: &mut World) {
    world.device.set(INTERVAL, "3600");
}

/// The phone in everyday life, as its configuration file has it.
pub fn known(world: &mut World) {
    configured(world);
    world.known();
}

pub fn first_contact(world: &mut World) {
    if world.is_broken {
        for time in 0..2 {
            unproven(world);
            wait_for_retry(world, time);
        }
        unproven(world);
        return;
    }
    plots::first_contact(world, "3600");
}

/// The phone goes away at the challenge.
fn unproven(world: &mut World) {
    world.inform(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.blocks.pop();
    world.hang_up();
    world.mark("Inform, `401 Unauthorized`, and the phone hangs up");
}

pub fn sixty_seconds(world: &mut World) {
    world.begin(&[("0 BOOTSTRAP", ""), ("1 BOOT", "")], &[]);
    world.give_turn();
    world.get_values(&["ManagementServer.PeriodicInformEnable", INTERVAL]);
    world.end();
    world.mark("the phone as it was delivered: the ACS reads 60 s");
    world.set_period();
    if world.is_broken {
        let interval_us = 150_000_000;
        world.periodic = Some((world.now_us + interval_us, interval_us));
        world.later(470);
    } else {
        world.later(200);
    }
    world.mark("`2 PERIODIC`, again and again");
}

pub fn re_provisioning(world: &mut World) {
    known(world);
    world.wake();
    world.get_values(&[LINE]);
    if world.is_broken {
        let path = world
            .device
            .path("ManagementServer.PeriodicInformIntervall");
        let value = (path, "unsignedInt", "3600".to_owned());
        world.set_refused(value, 9005, "Invalid parameter name");
    } else {
        set(world, &plots::account("2044"));
        world.get_values(&[&format!("{LINE}DirectoryNumber"), &format!("{LINE}Enable")]);
    }
    world.end();
    world.mark("a Connection Request, and the session in which the line is set up anew");
}

pub fn add_line(world: &mut World) {
    known(world);
    world.wake();
    let key = world.key();
    let line = world.add(&key);
    let number = format!("{line}DirectoryNumber");
    world.set_values(&[(&number, "2002")], &key, 0);
    world.end();
    world.mark("a line more");
    world.later(600);
    world.wake();
    let key = world.key();
    let before = world.device.clone();
    world.delete(&line, &key);
    if world.is_broken {
        world.device = before;
    }
    world.get_names(LINES.path, true);
    world.end();
    world.mark("and a line less");
}

pub fn read_only(world: &mut World) {
    known(world);
    world.wake();
    world.get_names("DeviceInfo.", true);
    if world.is_broken {
        let path = world.device.path("DeviceInfo.SoftwareVersion");
        let value = (path, "string", world.vendor.newer.to_owned());
        world.set_refused(value, 9008, "Attempt to set a non-writable parameter");
    } else {
        let key = world.key();
        world.set_values(&[("DeviceInfo.ProvisioningCode", "OFFICE.2")], &key, 0);
    }
    world.end();
    world.mark("the ACS asks what may be written, and sets a parameter");
}

pub fn reboot(world: &mut World) {
    known(world);
    let key = plots::asked_to_reboot(world);
    let events = [("1 BOOT", ""), ("M Reboot", key.as_str())];
    let first = usize::from(world.is_broken);
    told(world, &events[first..], &[]);
    world.mark("the phone is back");
}

pub fn schedule_inform(world: &mut World) {
    configured(world);
    world.installed();
    world.wake();
    let key = world.key();
    let arguments = vec![leaf("DelaySeconds", 120), leaf("CommandKey", &key)];
    world.plain_call("ScheduleInform", arguments);
    world.end();
    world.mark("the ACS asks to be called in 120 s");
    let seconds = if world.is_broken { 12 } else { 120 };
    world.later(seconds);
    told(
        world,
        &[("3 SCHEDULED", ""), ("M ScheduleInform", &key)],
        &[],
    );
    world.mark("the phone calls");
    world.later(120);
}

pub fn active_notification(world: &mut World) {
    known(world);
    plots::watched(world, DISTURB, 2);
    looks(world);
    disturbed(world);
    if !world.is_broken {
        told(world, &[("4 VALUE CHANGE", "")], &[DISTURB]);
        world.mark("somebody wants not to be disturbed, and the phone tells so at once");
    }
    looks(world);
    told(world, &[("2 PERIODIC", "")], &[]);
    world.mark("a periodic Inform");
}

/// Somebody at the phone wants not to be disturbed.
fn disturbed(world: &mut World) {
    world.later(600);
    let on = world.device.boolean(true);
    world.device.set(DISTURB, on);
}

/// The ACS reads what the phone is set to.
fn looks(world: &mut World) {
    world.later(60);
    world.wake();
    world.get_values(&[DISTURB]);
    world.end();
    world.mark("the ACS reads the parameter");
}

pub fn passive_notification(world: &mut World) {
    known(world);
    world.wake();
    world.set_attributes(&[(DISTURB, Some(1), None)]);
    world.get_attributes(&[&format!("{LINE}CallingFeatures.")]);
    world.end();
    world.mark("the ACS asks to be told of changes of one of the line's features");
    disturbed(world);
    let changed = [DISTURB, WAITING];
    let count = if world.is_broken { 2 } else { 1 };
    let events = [("2 PERIODIC", ""), ("4 VALUE CHANGE", "")];
    told(world, &events, &changed[..count]);
    world.mark("the next periodic Inform tells of the user's change");
}

pub fn user_change_corrected(world: &mut World) {
    known(world);
    plots::watched(world, DISTURB, 2);
    disturbed(world);
    let off = world.device.boolean(false);
    world.begin(&[("4 VALUE CHANGE", "")], &[DISTURB]);
    world.give_turn();
    let key = world.key();
    world.set_values(&[(DISTURB, off)], &key, 0);
    world.end();
    world.mark("the user's change is told at once, and the ACS sets it back");
    for _ in 0..3 {
        world.later(600);
        world.wake();
        if world.is_broken {
            let key = world.key();
            world.set_values(&[(DISTURB, off)], &key, 0);
        } else {
            world.get_values(&[DISTURB]);
        }
        world.end();
        world.mark("the ACS looks after it again");
    }
}

pub fn monitoring(world: &mut World) {
    known(world);
    let sent = format!("{LINE}Stats.PacketsSent");
    world.device.set(&sent, "41507");
    for (name, value) in [("Enable", "Enabled"), ("Status", "Up")] {
        world.device.set(&format!("{LINE}{name}"), value);
    }
    world.wake();
    let names = ["DeviceInfo.UpTime", &sent, &format!("{LINE}Status")];
    if world.is_broken {
        let mut paths = names.map(|name| world.device.path(name)).to_vec();
        paths.push("Device.DeviceInfo.MemoryStatus.Free".to_owned());
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let request = get_parameter_values(&paths);
        world.refused(&request, 9005, "Invalid parameter name");
    } else {
        world.get_values(&names);
    }
    world.get_attributes(&[&format!("{LINE}Status")]);
    world.end();
    world.mark("the ACS reads counters and what it is told of");
}

pub fn ping(world: &mut World) {
    known(world);
    diagnostics(world);
    world.replace(
        "GetParameterValuesResponse",
        ">Complete</Value>",
        ">Completed</Value>",
    );
    world.mark("the ACS sets up a ping test; `8 DIAGNOSTICS COMPLETE`, and its result");
}

pub fn factory_reset(world: &mut World) {
    known(world);
    world.wake();
    if world.is_broken {
        let request = call("FactoryReset", Vec::new());
        world.refused(&request, 9000, "Method not supported");
        world.end();
        world.mark("a Connection Request, and the session in which the ACS asks for FactoryReset");
        return;
    }
    world.plain_call("FactoryReset", Vec::new());
    world.end();
    world.mark("a Connection Request, and the session in which the ACS asks for FactoryReset");
    world.device.reset();
    world.restart();
    world.periodic = None;
    let document = super::transfers::configuration(world, "3 Vendor Configuration File");
    world.provisioned(&document);
    world
        .mark("TR-069 is off: the phone gets its configuration file from the configuration server");
    world.later(5);
    plots::first_contact(world, "3600");
}

const INTERVAL: &str = "ManagementServer.PeriodicInformInterval";
const DISTURB: &str =
    "Services.VoiceService.1.VoiceProfile.1.Line.1.CallingFeatures.DoNotDisturbEnable";
const WAITING: &str =
    "Services.VoiceService.1.VoiceProfile.1.Line.1.CallingFeatures.CallWaitingEnable";
