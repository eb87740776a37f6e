//! Yealink's stories of files: firmware, configuration and log.

use super::super::files::Document;
use super::super::plots::{self, told};
use super::super::world::World;
use super::stories::{configured, known};

pub fn firmware_upgrade(world: &mut World) {
    known(world);
    plots::firmware(world, world.vendor.newer);
    world.spoil("TransferComplete", |message| {
        message.replace("Z</StartTime>", "+01:00</StartTime>");
        message.replace("Z</CompleteTime>", "+01:00</CompleteTime>");
    });
    world.mark("the new firmware runs: `1 BOOT`, `7 TRANSFER COMPLETE`, `M Download`, and TransferComplete");
}

pub fn firmware_downgrade(world: &mut World) {
    known(world);
    if !world.is_broken {
        plots::firmware(world, OLDER);
        world.mark("the older firmware runs, and the phone tells so");
        return;
    }
    let content = world.image(OLDER, 6_000);
    let document = world.document(world.vendor.types.firmware, "sip-t28p.rom", content);
    plots::downloaded(world, &document);
    world.restart();
    world.runs(OLDER);
    told(world, &[("1 BOOT", "")], &[]);
    world.mark("the older firmware runs: `1 BOOT` alone");
    world.later(3 * 3_600 + 60);
    world.mark("periodic Informs, and nothing of the file");
}

pub fn firmware_missing(world: &mut World) {
    known(world);
    let version = world.vendor.newer;
    let content = world.image(version, 400);
    let document = world.document(world.vendor.types.firmware, "missing.rom", content);
    let times = plots::missed(world, &document);
    world.later(2);
    let code = if world.is_broken { 9011 } else { 9016 };
    let outcome = (code, "File not found");
    world.tells_of("M Download", &document, outcome, times, &[]);
    world.mark("the phone tells that it has failed, and why");
}

/// A configuration file in this vendor's own form; of managementserver, only what is no secret.
pub fn configuration(world: &mut World, kind: &'static str) -> Document {
    let name = format!("{}.cfg", world.vendor.serial_number.to_ascii_lowercase());
    let text = SETTINGS
        .iter()
        .fold("#!version:1.0.0.1\n".to_owned(), |text, (name, value)| {
            text + name + " = " + value + "\n"
        });
    world.document(kind, &name, text)
}

pub fn configuration_restore(world: &mut World) {
    known(world);
    let document = configuration(world, world.vendor.types.configuration);
    if world.is_broken {
        world.wake();
        world.download_refused(&document, 9003, "Invalid arguments");
        world.end();
        world.mark("the session in which the phone refuses the download");
        return;
    }
    let times = plots::downloaded(world, &document);
    world.later(3);
    world.tells("M Download", &document, times, &[]);
    world.mark("the phone tells that it is done");
}

pub fn configuration_backup(world: &mut World) {
    configured(world);
    world.installed();
    let document = configuration(world, world.vendor.types.backup);
    let times = plots::uploaded(world, &document);
    world.spoil("PUT", |message| {
        message.start = message.start.replace("PUT", "POST");
    });
    world.tells("M Upload", &document, times, &[]);
    world.mark("the phone tells that it is done");
}

pub fn log_upload(world: &mut World) {
    known(world);
    let kind = world.vendor.types.log;
    let mut document = world.document(kind, "logs/sip-t28p.log", LOG.repeat(8));
    if world.is_broken {
        document.file.url = document.file.url.replace("//", "//box:Box-7@");
        plots::refused_to_upload(
            world,
            &document,
            (9003, "Invalid arguments"),
            "the session in which the phone refuses the upload",
        );
        return;
    }
    plots::uploaded_and_told(world, &document);
}

/// Firmware 71 all the same: the document speaks of it.
const OLDER: &str = "2.71.0.90";
const SETTINGS: [(&str, &str); 8] = [
    ("managementserver.enable", "1"),
    ("managementserver.url", "http://acs.example.net:7547/acs"),
    ("managementserver.periodic_inform_enable", "1"),
    ("managementserver.periodic_inform_interval", "3600"),
    ("account.1.enable", "1"),
    ("account.1.label", "Reception"),
    ("account.1.user_name", "phone2001"),
    ("account.1.sip_server_host", "sip.example.net"),
];
const LOG: &str =
    "Jan 12 08:00:01 SIP: Registered at sip.example.net\nJan 12 08:00:02 SIP: Line 1 is idle\n";
