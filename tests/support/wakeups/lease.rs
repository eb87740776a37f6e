//! How a phone and its gateway come to know of each other: DHCP with option 125, as TR-111 part I has it (TR-069 Amendment 3
//! annex F).

use std::net::Ipv4Addr;

use dhcp::v4::{Fields, Header, enterprise_blocks};
use dhcp::{BROADBAND_FORUM, Width, write_sub_options};

use super::actors::Device;
use super::telling::Telling;
use crate::packet::End;

/// Options, by code.
pub type Options = Vec<(u8, Vec<u8>)>;

impl Telling {
    /// Discover, Offer, Request and Ack between a phone and the gateway's side of the LAN.
    pub fn lease(
        &mut self,
        phone: &Device,
        gateway: &Device,
        asks: &[(u8, Vec<u8>)],
        grants: &[(u8, Vec<u8>)],
    ) {
        let transaction = u32::from_str_radix(&self.token(8), 16).expect("digits are hexadecimal");
        let host = phone.address;
        let wanted: Options = vec![
            (50, host.octets().to_vec()),
            (54, GATEWAY_ADDRESS.octets().to_vec()),
        ];
        for (step, (kind, more)) in [(1, Vec::new()), (3, wanted)].into_iter().enumerate() {
            let seconds = step as u16;
            let asked = from_phone(phone, transaction, seconds, kind, &[&more, asks]);
            self.datagram_of_dhcp(&asked, any(phone.mac), everybody());
            self.scene
                .wait_us(if step == 0 { 1_080_000 } else { 14_000 });
            // DHCPOFFER is 2, DHCPACK 5 (RFC 2132 section 9.6).
            let granted = from_gateway(phone, transaction, if kind == 1 { 2 } else { 5 }, grants);
            let server = End {
                mac: gateway.mac,
                address: GATEWAY_ADDRESS,
                port: 67,
                ttl: 64,
            };
            let client = End {
                address: host,
                ..any(phone.mac)
            };
            self.datagram_of_dhcp(&granted, server, client);
            self.scene.wait_us(21_000);
        }
        let announced = |options: &[(u8, Vec<u8>)]| {
            options.iter().any(|(code, value)| {
                let ours = BROADBAND_FORUM.to_be_bytes();
                *code == 125 && value.windows(4).any(|four| four == ours)
            })
        };
        self.truth.dhcp_option_125 += 2 * u64::from(announced(asks));
        self.truth.dhcp_option_125 += 2 * u64::from(announced(grants));
        let split = asks.iter().any(|(_, value)| value.len() > 255);
        self.truth.dhcp_split += 2 * u64::from(split);
    }

    fn datagram_of_dhcp(&mut self, fields: &Fields, source: End, destination: End) {
        self.truth.dhcp += 1;
        let mut datagram = fields.write();
        // RFC 1542 section 2.1: BOOTP messages have 300 bytes at least.
        datagram.resize(datagram.len().max(300), 0);
        self.scene.datagram(source, destination, &datagram);
    }
}

/// The Broadband Forum's sub-options that name a device (1 to 3) or its gateway (4 to 6).
pub fn identity(first: u16, device: &Device) -> Vec<u8> {
    let make = device.make;
    let fields = [
        (first, make.oui),
        (first + 1, device.serial_number),
        (first + 2, make.product_class),
    ];
    let fields = fields.map(|(code, text)| (code, text.as_bytes()));
    write_sub_options(Width::One, &fields)
}

/// Option 125 of these enterprises.
pub fn vendor_information(blocks: &[(u32, &[u8])]) -> (u8, Vec<u8>) {
    (125, enterprise_blocks(blocks))
}

/// Option 43: the ACS's URL and a provisioning code (TR-069 Amendment 3 section 3.1).
pub fn discovery(url: &str, code: &str) -> (u8, Vec<u8>) {
    let fields = [(1, url.as_bytes()), (2, code.as_bytes())];
    (43, write_sub_options(Width::One, &fields))
}

fn from_phone(
    phone: &Device,
    transaction_id: u32,
    seconds: u16,
    kind: u8,
    more: &[&[(u8, Vec<u8>)]],
) -> Fields {
    let mut fields = Fields::new(Header {
        transaction_id,
        seconds,
        client_hardware_address: hardware(phone.mac),
        ..Header::default()
    });
    let id = [&[1][..], &phone.mac].concat();
    fields.push(53, &[kind]).push(61, &id);
    fields.push(
        12,
        format!("{}-{}", phone.make.product_class, phone.serial_number).as_bytes(),
    );
    fields.push(57, &1_500_u16.to_be_bytes());
    fields.push(60, b"dslforum.org");
    fields.push(55, &[1, 3, 6, 15, 42, 43, 66, 67, 125]);
    for (code, value) in more.iter().copied().flatten() {
        fields.push(*code, value);
    }
    fields
}

fn from_gateway(phone: &Device, transaction_id: u32, kind: u8, grants: &[(u8, Vec<u8>)]) -> Fields {
    let mut fields = Fields::new(Header {
        operation: 2,
        transaction_id,
        your_address: phone.address,
        next_server_address: GATEWAY_ADDRESS,
        client_hardware_address: hardware(phone.mac),
        ..Header::default()
    });
    let own = GATEWAY_ADDRESS.octets();
    fields.push(53, &[kind]).push(54, &own);
    fields.push(51, &86_400_u32.to_be_bytes());
    fields
        .push(1, &[255, 255, 255, 0])
        .push(3, &own)
        .push(6, &own);
    fields.push(15, b"home.example");
    for (code, value) in grants {
        fields.push(*code, value);
    }
    fields
}

fn hardware(mac: [u8; 6]) -> [u8; 16] {
    let mut hardware = [0; 16];
    hardware[..6].copy_from_slice(&mac);
    hardware
}

/// A client without an address.
fn any(mac: [u8; 6]) -> End {
    End {
        mac,
        address: Ipv4Addr::UNSPECIFIED,
        port: 68,
        ttl: 64,
    }
}

fn everybody() -> End {
    End {
        mac: [0xff; 6],
        address: Ipv4Addr::BROADCAST,
        port: 67,
        ttl: 64,
    }
}

/// The gateway's address in the LAN.
const GATEWAY_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);
