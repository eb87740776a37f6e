//! Grandstream's stories of files.

use super::super::plots::{self, told};
use super::super::world::World;

pub fn firmware_upgrade(world: &mut World) {
    world.known();
    let newer = world.vendor.newer;
    if !world.is_broken {
        plots::firmware(world, newer);
        world.mark("the new firmware runs: `1 BOOT`, `7 TRANSFER COMPLETE`, `M Download`, and TransferComplete");
        return;
    }
    let image = world.image(newer, 6_000);
    let document = world.document(world.vendor.types.firmware, "gxp2140fw.bin", image);
    let times = plots::downloaded(world, &document);
    world.tells("M Download", &document, times, &[]);
    world.mark("the phone tells of success before it has restarted");
    world.restart();
    world.runs(newer);
    told(world, &[("1 BOOT", "")], &[]);
    world.mark("the new firmware runs");
}

pub fn firmware_missing(world: &mut World) {
    world.known();
    let image = world.image(world.vendor.newer, 400);
    let document = world.document(world.vendor.types.firmware, "gxp2140fw.bin", image);
    let times = plots::missed(world, &document);
    world.later(3);
    let outcome = (9010, "Download failure: 404 Not Found");
    world.tells_of("M Download", &document, outcome, times, &[]);
    world.replace("TransferComplete", ">9010<", ">9011<");
    world.mark("the phone tells that the download has failed");
}

pub fn configuration_restore(world: &mut World) {
    world.installed();
    let kind = world.vendor.types.configuration;
    let document = world.document(kind, "cfg000b82c4d5e6.xml", settings());
    let times = plots::downloaded(world, &document);
    if world.is_broken {
        for _ in 0..4 {
            world.later(3_600);
            told(world, &[("2 PERIODIC", "")], &[]);
        }
        world.mark("four periodic Informs, and no word of the download");
        return;
    }
    world.restart();
    world.tells("M Download", &document, times, &[("1 BOOT", "")]);
    world.mark("the phone has restarted with the settings, and tells that it is done");
}

pub fn configuration_backup(world: &mut World) {
    world.installed();
    let name = "backup/cfg000b82c4d5e6.xml";
    if world.is_broken {
        let document = world.document("1 Vendor Configuration File", name, settings());
        plots::refused_to_upload(
            world,
            &document,
            (9003, "Invalid arguments"),
            "the ACS asks for the upload with the FileType of the standard, and is refused",
        );
        return;
    }
    let document = world.document(world.vendor.types.backup, name, settings());
    plots::uploaded_and_told(world, &document);
}

/// Settings in the vendor's XML form.
fn settings() -> String {
    let mut text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gs_provision version=\"1\">\n".to_owned();
    text.push_str("<mac>000b82c4d5e6</mac>\n<config version=\"1\">\n");
    for (name, value) in SETTINGS {
        text.push_str(&format!("<{name}>{value}</{name}>\n"));
    }
    text + "</config>\n</gs_provision>\n"
}

/// Settings go by numbers; these are the account's name and servers, and what concerns TR-069.
const SETTINGS: [(&str, &str); 5] = [
    ("P271", "1"),
    ("P270", "Office"),
    ("P47", "sip.example.net"),
    ("P35", "2001"),
    ("P4503", "http://acs.example.net:7547/acs"),
];
