//! Sessions about parameters, their attributes and objects, and what a device refuses.

use super::arguments::{self, call, options_response};
use super::faults;
use super::plots::wake;
use super::story::Version;
use super::world::World;
use super::xml::leaf;

/// Requests that a device rightly refuses; nothing of them is done.
pub fn refusals(world: &mut World) {
    wake(world);
    for _ in 0..world.random.between(1, 3) {
        match world.random.below(7) {
            0 => unknown_name(world),
            1 => read_only(world),
            2 => out_of_range(world),
            3 => unknown_set(world),
            4 => deep_parameter(world),
            5 => unknown_object(world),
            _ => unsupported(world),
        }
    }
    world.end();
}

pub fn unknown_name(world: &mut World) {
    let path = world.device.path("X_00D09E_Nothing");
    let request = arguments::get_parameter_values(&[&path]);
    world.refused(&request, 9005, "Invalid parameter name");
}

pub fn read_only(world: &mut World) {
    world.get_names("DeviceInfo.", true);
    let path = world.device.path("DeviceInfo.SerialNumber");
    let text = "Attempt to set a non-writable parameter";
    world.set_refused((path, "string", "other".to_owned()), 9008, text);
}

pub fn out_of_range(world: &mut World) {
    let path = world.device.path("ManagementServer.PeriodicInformInterval");
    let text = "Invalid parameter value";
    world.set_refused((path, "unsignedInt", "0".to_owned()), 9007, text);
}

pub fn unknown_set(world: &mut World) {
    let path = world.device.path("X_00D09E_Nothing");
    world.set_refused(
        (path, "string", "x".to_owned()),
        9005,
        "Invalid parameter name",
    );
}

/// NextLevel is for objects (TR-069 Amendment 2 section A.3.2.3).
pub fn deep_parameter(world: &mut World) {
    if world.device.version < Version::V1_1 {
        return unknown_name(world);
    }
    world.get_names("DeviceInfo.", true);
    let path = world.device.path("DeviceInfo.SerialNumber");
    let request = arguments::get_parameter_names(&path, "1");
    world.refused(&request, 9003, "Invalid arguments");
}

pub fn unknown_object(world: &mut World) {
    let table = world.device.root.table().path;
    world.get_names(table, true);
    let path = world.device.path(&format!("{table}99."));
    let arguments = vec![leaf("ObjectName", path), leaf("ParameterKey", "lost")];
    world.refused(
        &call("DeleteObject", arguments),
        9005,
        "Invalid parameter name",
    );
}

pub fn unsupported(world: &mut World) {
    if world.device.version <= Version::V1_1 {
        return unknown_name(world);
    }
    let request = call("GetOptions", vec![leaf("OptionName", "")]);
    world.refused(&request, 9000, "Method not supported");
}

/// An instance is made, filled, read and, now and then, removed.
pub fn objects(world: &mut World) {
    wake(world);
    let table = world.device.root.table();
    world.get_names(table.path, true);
    let key = world.key();
    let object = world.add(&key);
    world.get_values(&[&object]);
    let set: Vec<(String, &str)> = table
        .set
        .iter()
        .map(|(name, value)| (format!("{object}{name}"), *value))
        .collect();
    let set: Vec<(&str, &str)> = set
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    let key = world.key();
    world.set_values(&set, &key, 0);
    world.get_values(&[&object]);
    world.get_attributes(&[&object]);
    if world.random.chance(600) {
        let key = world.key();
        world.delete(&object, &key);
        world.get_names(table.path, true);
    }
    world.end();
}

pub fn attributes(world: &mut World) {
    wake(world);
    world.get_attributes(&["Time."]);
    world.set_attributes(&[
        ("Time.NTPServer2", Some(1), None),
        ("Time.LocalTimeZone", None, Some(&["Subscriber"])),
    ]);
    world.get_attributes(&["Time.NTPServer2", "Time.LocalTimeZone"]);
    world.end();
}

/// Vouchers, options, and values that need no more than a key.
pub fn options(world: &mut World) {
    wake(world);
    world.ask(
        &arguments::set_vouchers(&["Vm91Y2hlciAx", "Vm91Y2hlciAyMg=="]),
        &call("SetVouchersResponse", Vec::new()),
    );
    let all = options_response(&[("Line2", 1, 0), ("Fax", 3, 1)]);
    world.ask(&call("GetOptions", vec![leaf("OptionName", "")]), &all);
    let one = options_response(&[("Fax", 3, 1)]);
    world.ask(&call("GetOptions", vec![leaf("OptionName", "Fax")]), &one);
    let key = world.key();
    world.set_values(&[], &key, 0);
    world.end();
}

/// The ACS sets the same name twice, and nothing of it is done (TR-069 Amendment 2 section A.3.2.1).
pub fn twice(world: &mut World) {
    let path = world.device.path("Time.NTPServer2");
    let value = |text: &str| (path.clone(), "string", text.to_owned());
    let request = arguments::set_parameter_values(&[value("a"), value("b")], "lost");
    world.ask(&request, &faults::fault(9003, "Invalid arguments"));
}
