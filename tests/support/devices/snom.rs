//! snom: TR-069 on snom VoIP phones, October 14th 2009, firmware 8.2.16 or later.

use super::plots::{self, told};
use super::trees::{FORCED_WITH_GATEWAY, LINES, VOICE};
use super::vendor::{Breach, FileTypes, Plot, Vendor};
use super::world::World;
use crate::clean::model::{DEVICE1, Described, GATEWAY_INFO, Root, SHARED, Seed};
use crate::clean::story::Version;
use crate::clean::xml::Style;

pub const SNOM: Vendor = Vendor {
    key: "snom",
    name: "snom",
    document: "TR-069 on snom VoIP phones, October 14th 2009",
    manufacturer: "snom",
    oui: "000413",
    product_class: "snom320",
    serial_number: "000413A1B2C3",
    mac: [0x00, 0x04, 0x13, 0xa1, 0xb2, 0xc3],
    version: Version::V1_1,
    root: Root::Device1,
    software: "8.2.16",
    newer: "8.2.29",
    older: "8.2.16",
    described: Described {
        model: "snom320",
        hardware: "snom320",
        seeds: &[SHARED, DEVICE1, GATEWAY_INFO, VOICE, OWN],
        table: &LINES,
        methods: METHODS,
        forced: FORCED_WITH_GATEWAY,
    },
    user_agent: "snom320/8.2.16",
    style: Style {
        soap: "soap",
        enc: "enc",
        xsd: "xsd",
        xsi: "xsi",
        cwmp: "cwmp",
        declaration: "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        indentation: None,
        line_end: "\n",
        quote: '"',
        short: true,
        turned: false,
        encoding_style: false,
        encoded_strings: false,
    },
    booleans: ("true", "false"),
    types: FileTypes {
        firmware: "1 Firmware Upgrade Image",
        configuration: "3 Vendor Configuration File",
        backup: "1 Vendor Configuration File",
        log: "2 Vendor Log File",
    },
    restart_s: 45,
    plots: PLOTS,
    promises: &[],
    starts: "",
};

const METHODS: &[&str] = &[
    "GetRPCMethods",
    "GetParameterNames",
    "GetParameterValues",
    "SetParameterValues",
    "AddObject",
    "DeleteObject",
    "Reboot",
    "GetParameterAttributes",
    "SetParameterAttributes",
    "Download",
    "Upload",
    "FactoryReset",
    "X-snom-Customize",
    "X-snom-Minibrowser",
];

const OWN: &[Seed] = &[
    (
        "DeviceSummary",
        "string",
        'r',
        "Device:1.1[](Baseline:1, GatewayInfo:1, LAN:1, Time:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    ),
    (
        "DeviceInfo.Description",
        "string",
        'r',
        "snom320 VoIP phone",
    ),
    (
        "ManagementServer.PeriodicInformInterval",
        "unsignedInt",
        'w',
        "86400",
    ),
    ("X_snom_UploadGUI", "string", 'w', ""),
    ("X_snom_UploadWeb", "string", 'w', ""),
];

const PLOTS: &[Plot] = &[
    Plot {
        name: "first-contact",
        title: "the first contact with an ACS",
        says: "With `tr69_use_acs` on and `tr69_bootstrap` on, the phone calls the ACS of `tr69_acs_url` with `0 BOOTSTRAP`. The ACS is\n\
               one that fetches all that it wants to know at first contact.",
        place: "Table 1: TR-069 ACS settings; Friendly ACS",
        breach: Breach {
            why: "The Inform's ParameterList says that it has one parameter more than it has.",
            found: &[("SOAP-010", "cpe")],
        },
        foretold: &["CWMP-GRM-004", "DM-003"],
        tell: first_contact,
    },
    Plot {
        name: "firmware-upgrade",
        title: "a firmware upgrade",
        says: "Download of the snom Firmware Upgrade Image; the phone loads it, restarts, and tells that it is done.",
        place: "Supported TR-069 RPC methods, Download",
        breach: Breach {
            why: "The phone calls TransferComplete in a session whose Inform has no `7 TRANSFER COMPLETE`.",
            found: &[("EVT-009", "cpe")],
        },
        foretold: &[],
        tell: firmware_upgrade,
    },
    Plot {
        name: "reboot",
        title: "a reboot",
        says: "The ACS reboots the phone remotely.",
        place: "Supported TR-069 RPC methods, Reboot",
        breach: Breach {
            why: "The phone comes back with `1 BOOT` alone: the ACS that has asked is not told by `M Reboot`.",
            found: &[("CWMP-RBT-001", "cpe")],
        },
        foretold: &[],
        tell: reboot,
    },
];

fn first_contact(world: &mut World) {
    plots::first_contact(world, "3600");
    world.replace(
        "Inform",
        "ParameterValueStruct[9]",
        "ParameterValueStruct[10]",
    );
    world.later(60);
}

fn firmware_upgrade(world: &mut World) {
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

fn reboot(world: &mut World) {
    world.known();
    let key = plots::asked_to_reboot(world);
    let events = [("1 BOOT", ""), ("M Reboot", key.as_str())];
    let events = if world.is_broken {
        &events[..1]
    } else {
        &events[..]
    };
    told(world, events, &[]);
    world.mark("the phone is back");
}
