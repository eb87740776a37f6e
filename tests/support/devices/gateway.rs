//! The gateway of a phone's LAN: what DHCP tells of it, and its own session with the ACS (TR-069 Amendment 2 annex F).

use std::net::Ipv4Addr;

use super::capture::Gateway;
use super::world::World;
use crate::clean::datagrams::lease_of;
use crate::clean::model::{Described, GATEWAY, Root, SHARED, Seed, WAN_MAPPING};
use crate::clean::story::Version;
use crate::clean::world::World as Plain;

/// OUI, serial number and product class of the gateway.
pub const IDENTITY: [&str; 3] = ["00D09E", "00D09E5B7A07", "HomeGate"];

/// The phone gets its address, and both say who they are: option 125.
pub fn leased(world: &mut World) {
    lease_through(world, true);
}

/// The same of a gateway that may say nothing of itself.
pub fn lease_through(world: &mut World, tells: bool) {
    world.wires.gateway = Some(WIRED);
    lease_of(world, &IDENTITY, tells);
    world.mark("DHCP in the LAN: option 125 of the phone, then of the gateway");
}

/// The gateway tells the ACS of the phone, and the ACS has it map a port to the phone's.
pub fn maps(world: &mut World) {
    let phone = world.device.clone();
    let mut gateway = Plain::plain(0x6a7e, 0, Version::V1_0, Root::Gateway);
    let device = &mut gateway.device;
    "Example Gateways".clone_into(&mut device.manufacturer);
    for (field, value) in [&mut device.oui, &mut device.serial, &mut device.class]
        .into_iter()
        .zip(IDENTITY)
    {
        value.clone_into(field);
    }
    device.address = WIRED.outside;
    device.described = Some(&HOME_GATE);
    device.reset();
    for (name, value) in [
        ("ManufacturerOUI", &phone.oui),
        ("SerialNumber", &phone.serial),
        ("ProductClass", &phone.class),
    ] {
        device.set(&format!("{ROW}{name}"), value);
    }
    gateway.device.booted_us = world.now_us - 4_000_000_000;
    // Each phone's gateway has ports of its own, so that captures may be read one behind the other.
    let [.., last] = phone.address.octets();
    gateway.port += u16::from(last) * 32;
    world.beside(gateway, |gateway| {
        gateway.begin(&[("4 VALUE CHANGE", "")], &[ENTRIES]);
        gateway.give_turn();
        gateway.get_values(&[ROW]);
        let key = gateway.key();
        let mapping = gateway.add(&key);
        let host = phone.address.to_string();
        let own = |name: &str| format!("{mapping}{name}");
        let values = [
            (own("ExternalPort"), OUTER_PORT),
            (own("InternalPort"), "7547"),
            (own("InternalClient"), host.as_str()),
            (own("PortMappingDescription"), "phone management"),
            (own("PortMappingEnabled"), "true"),
        ];
        let values = values
            .each_ref()
            .map(|(name, value)| (name.as_str(), *value));
        gateway.set_values(&values, &key, 0);
        gateway.end();
    });
}

/// A Connection Request through the mapping, which names the gateway, and the session that it brings, up to the ACS's turn.
pub fn wake_through(world: &mut World) {
    let first = world.blocks.len();
    world.wake();
    let host = format!("{}:{OUTER_PORT}", WIRED.outside);
    let own = world.blocks[first..].iter_mut();
    for block in own.filter(|block| block.what == "knock") {
        let message = block.content.message().expect("a request is a message");
        message.set("Host", &host);
    }
}

const HOME_GATE: Described = Described {
    model: "HomeGate",
    hardware: "2.0",
    seeds: &[SHARED, GATEWAY, ROWS],
    table: &WAN_MAPPING,
    methods: &[],
    forced: Root::Gateway.forced(),
};
const ROWS: &[Seed] = &[
    (
        "DeviceSummary",
        "string",
        'r',
        "InternetGatewayDevice:1.4[](Baseline:1, Time:1, IPPing:1, DeviceAssociation:1)",
    ),
    (ENTRIES, "unsignedInt", 'r', "1"),
    (
        "ManagementServer.ManageableDevice.1.ManufacturerOUI",
        "string",
        'r',
        "",
    ),
    (
        "ManagementServer.ManageableDevice.1.SerialNumber",
        "string",
        'r',
        "",
    ),
    (
        "ManagementServer.ManageableDevice.1.ProductClass",
        "string",
        'r',
        "",
    ),
];
const ENTRIES: &str = "ManagementServer.ManageableDeviceNumberOfEntries";
const ROW: &str = "ManagementServer.ManageableDevice.1.";
const OUTER_PORT: &str = "7548";
const WIRED: Gateway = Gateway {
    mac: [0x00, 0xd0, 0x9e, 0x5b, 0x7a, 0x07],
    inside: Ipv4Addr::new(192, 168, 1, 1),
    outside: Ipv4Addr::new(192, 0, 2, 251),
};
