//! Aastra's stories of files: firmware, configuration and log, over HTTP, TFTP and FTP.

use super::super::files::Document;
use super::super::plots::{self, told};
use super::super::world::World;
use crate::clean::moment::{local, utc};

pub fn firmware_upgrade(world: &mut World) {
    world.known();
    if !world.is_broken {
        let document = image(world, world.vendor.newer);
        plots::installed_from(world, &document, world.vendor.newer);
        world.mark("the new firmware runs: `1 BOOT`, `7 TRANSFER COMPLETE`, `M Download`, and TransferComplete");
        return;
    }
    let document = image(world, world.vendor.newer);
    plots::downloaded(world, &document);
    world.restart();
    world.runs(world.vendor.newer);
    told(world, &[("1 BOOT", "")], &[]);
    world.mark("the new firmware runs: `1 BOOT` alone");
    for _ in 0..3 {
        world.later(3_600);
        told(world, &[("2 PERIODIC", "")], &[]);
    }
    world.mark("and nothing is told of the download later");
}

pub fn firmware_downgrade(world: &mut World) {
    world.known();
    let older = OLDER;
    let document = image(world, older);
    if world.is_broken {
        let times = plots::downloaded(world, &document);
        world.tells("M Download", &document, times, &[]);
        world.mark("the phone tells of success, and its firmware is that of before");
        world.restart();
        world.runs(older);
        told(world, &[("1 BOOT", "")], &[]);
        world.mark("the older firmware runs now");
        return;
    }
    plots::installed_from(world, &document, older);
    world.mark("the older firmware runs: `1 BOOT`, `7 TRANSFER COMPLETE`, `M Download`, and TransferComplete");
}

/// Firmware on the file server.
fn image(world: &mut World, version: &str) -> Document {
    plots::image(world, version, "st")
}

pub fn firmware_scheduled(world: &mut World) {
    world.known();
    world.later(600);
    let newer = world.vendor.newer;
    let mut document = image(world, newer);
    document.file.delay_s = 3_600;
    world.begin(&[("2 PERIODIC", "")], &[]);
    world.give_turn();
    world.download(&document);
    world.end();
    world.mark("the phone's own session, in which the ACS asks for a download in an hour");
    let waits_s = if world.is_broken { 300 } else { 3_602 };
    world.later(waits_s);
    let times = world.get(&document);
    world.mark("the phone gets the file");
    plots::restarted(world, &document, times, newer);
    world.mark("the new firmware runs: `1 BOOT`, `7 TRANSFER COMPLETE`, `M Download`, and TransferComplete");
}

pub fn firmware_identical(world: &mut World) {
    world.known();
    let document = image(world, world.vendor.software);
    let times = plots::downloaded(world, &document);
    world.later(3);
    let fault = (9010, "Download failure: the version is identical");
    world.tells_of("M Download", &document, fault, times, &[]);
    world.mark("the phone finds its own version in the file, goes on running, and tells of it");
    if world.is_broken {
        world.later(300);
        world.get(&document);
        world.mark("the phone gets the file once more, of itself");
    }
}

/// What the phone keeps of what the ACS and the user have set.
fn settings(world: &mut World, scheme: &str) -> Document {
    let content = SETTINGS.to_owned();
    let name = format!("{}_local.cfg", world.vendor.serial_number);
    let mut document = world.document(world.vendor.types.backup, &name, content);
    document.file.account = account();
    document.file.url = format!("{scheme}://files.example.net/{name}");
    document
}

/// What the phone has to say of its last fall.
fn log(world: &mut World, scheme: &str) -> Document {
    let fell = utc(world.device.booted_us).replace(['-', 'T', ':'], "");
    let name = format!("{}_{}_crash.log", world.vendor.serial_number, &fell[..12]);
    let mut document = world.document(world.vendor.types.log, &name, LOG.repeat(12));
    document.file.account = account();
    document.file.url = format!("{scheme}://files.example.net/{name}");
    document
}

/// The ACS sends a user name and a password with the URL.
fn account() -> (String, String) {
    ("box".to_owned(), "Box-7".to_owned())
}

fn name_of(document: &Document) -> &str {
    document.file.url.rsplit('/').next().unwrap_or_default()
}

pub fn configuration_backup(world: &mut World) {
    world.known();
    let document = settings(world, "tftp");
    plots::asked_to_upload(world, &document);
    let (times, fault) = if world.is_broken {
        let times = world.refused_over_tftp(name_of(&document));
        (times, (9010, "Download failure"))
    } else {
        (world.put_over_tftp(&document, name_of(&document)), (0, ""))
    };
    world.mark("the phone writes the file to the TFTP server");
    world.later(2);
    world.tells_of("M Upload", &document, fault, times, &[]);
    world.mark("the phone tells how it ended");
}

pub fn configuration_backup_http(world: &mut World) {
    world.known();
    let document = settings(world, "http");
    let times = plots::uploaded(world, &document);
    if world.is_broken {
        let blocks = world.blocks.iter_mut();
        let mut puts = blocks.filter(|block| block.what == "PUT");
        let message = puts.next().and_then(|block| block.content.message());
        let message = message.expect("the file is put");
        message.start = message.start.replace("PUT", "POST");
    }
    world.tells("M Upload", &document, times, &[]);
    world.mark("the phone tells that it is done");
}

pub fn configuration_backup_ftp(world: &mut World) {
    world.known();
    let mut document = settings(world, "ftp");
    if world.is_broken {
        document.file.url = document.file.url.replace("://", "://box:Box-7@");
        document.file.account = Default::default();
    }
    plots::asked_to_upload(world, &document);
    document.file.account = account();
    let times = world.put_over_ftp(&document, name_of(&document));
    world.mark("the phone stores the file on the FTP server");
    world.later(2);
    world.tells("M Upload", &document, times, &[]);
    world.mark("the phone tells that it is done");
}

pub fn configuration_restore(world: &mut World) {
    world.known();
    let name = format!("{}_local.cfg", world.vendor.serial_number);
    let kind = world.vendor.types.configuration;
    let document = world.document(kind, &name, SETTINGS.to_owned());
    let times = plots::downloaded(world, &document);
    world.later(3);
    world.tells("M Download", &document, times.clone(), &[]);
    world.mark("the phone tells that it is done");
    if world.is_broken {
        world.later(60);
        world.tells("M Download", &document, times, &[]);
        world.mark("and tells so once more");
    }
}

pub fn log_upload(world: &mut World) {
    world.device.ahead_minutes = 120;
    world.known();
    let document = log(world, "tftp");
    plots::asked_to_upload(world, &document);
    let began_us = world.now_us;
    let mut times = world.put_over_tftp(&document, name_of(&document));
    if world.is_broken {
        let here = |time_us| local(time_us, world.device.ahead_minutes);
        times = (here(began_us), here(world.now_us));
    }
    world.mark("the phone writes the file to the TFTP server");
    world.later(2);
    world.tells("M Upload", &document, times, &[]);
    world.mark("the phone tells that it is done");
}

pub fn log_upload_http(world: &mut World) {
    world.known();
    let mut document = log(world, "http");
    if world.is_broken {
        document.file.kind = "Vendor Log File";
        plots::refused_to_upload(
            world,
            &document,
            (9003, "Invalid arguments"),
            "the session in which the ACS asks for the upload of a file of no type",
        );
        return;
    }
    plots::uploaded_and_told(world, &document);
}

pub fn log_upload_ftp(world: &mut World) {
    world.known();
    let mut document = log(world, "ftp");
    if world.is_broken {
        document.file.url = document.file.url.replace("ftp://", "sftp://");
        plots::refused_to_upload(
            world,
            &document,
            (9013, "Unsupported protocol"),
            "the session in which the ACS asks for an upload over SFTP",
        );
        return;
    }
    plots::asked_to_upload(world, &document);
    let times = world.put_over_ftp(&document, name_of(&document));
    world.mark("the phone stores the file on the FTP server");
    world.later(2);
    world.tells("M Upload", &document, times, &[]);
    world.mark("the phone tells that it is done");
}

const OLDER: &str = "3.3.1.2256";
const SETTINGS: &str = "tr69 server: http://acs.example.net:7547/acs\n\
    tr69 periodic inform interval: 60\n\
    sip line1 proxy ip: sip.example.net\n\
    sip line1 user name: 2001\n\
    sip line1 screen name 2: Canteen\n\
    directed call pickup: 1\n";
const LOG: &str = "sip: line 1 registered at sip.example.net\n\
    linemgr: watchdog, last task was lcd\n";
