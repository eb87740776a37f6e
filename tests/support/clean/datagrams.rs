//! What goes over UDP: STUN with the two attributes of TR-111, Connection Requests, and DHCP with the identities of
//! device and gateway.

use std::net::{Ipv4Addr, SocketAddr};

use dhcp::v4::{Fields, Header, enterprise_blocks};
use dhcp::{Width, write_sub_options};
use stun::{Builder, Form, kind, ucr};

use super::device::UDP_PORT;
use super::story::{By, Content};
use super::world::World;

/// The STUN server; it is the ACS's, and sends its Connection Requests.
const SERVER: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(198, 51, 100, 20)), 3_478);

fn own(world: &World) -> SocketAddr {
    SocketAddr::from((world.device.address, UDP_PORT))
}

fn new_id(world: &mut World) -> [u8; 16] {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&world.random.next().to_be_bytes());
    id[8..].copy_from_slice(&world.random.next().to_be_bytes());
    id
}

/// A request with the name that the ACS has set, filled with blanks to a multiple of four (TR-069 Amendment 2 section G.2).
fn asking(world: &World, id: [u8; 16]) -> Builder {
    let mut name = world.device.stun.0.clone();
    while !name.len().is_multiple_of(4) {
        name.push(' ');
    }
    Builder::new(0x0001, id)
        .attribute(kind::USERNAME, name.as_bytes())
        .connection_request_binding()
}

fn answering(world: &World, id: [u8; 16]) -> Builder {
    let mapped = world.mapped.expect("the device is behind NAT");
    Builder::new(0x0101, id)
        .address(kind::MAPPED_ADDRESS, mapped)
        .address(kind::SOURCE_ADDRESS, SERVER)
        .address(kind::CHANGED_ADDRESS, SERVER)
}

fn pass(world: &mut World, by: By, what: &str, message: Builder) {
    let bytes = message.finish().expect("it is short");
    send(world, by, what, bytes);
}

fn send(world: &mut World, by: By, what: &str, bytes: Vec<u8>) {
    world.now_us += 11_000;
    let ends = if by == By::Cpe {
        [own(world), SERVER]
    } else {
        [SERVER, own(world)]
    };
    world.put(by, ends, 0, what, Content::Datagram(bytes));
}

/// A request that keeps the binding, and its answer.
pub fn keep_alive(world: &mut World) {
    let id = new_id(world);
    let request = asking(world, id);
    pass(world, By::Cpe, "stun", request);
    let response = answering(world, id);
    pass(world, By::Acs, "stun answer", response);
}

/// A request that nobody answers: it is sent nine times, at the times of RFC 3489 section 9.3.
pub fn unanswered(world: &mut World) {
    let id = new_id(world);
    let request = asking(world, id).finish().expect("it is short");
    for pause_ms in [0, 100, 200, 400, 800, 1_600, 1_600, 1_600, 1_600] {
        world.wait_ms(pause_ms);
        send(world, By::Cpe, "stun", request.clone());
    }
}

/// A request whose TR-111 attribute the server takes for one that it has to know.
pub fn refused(world: &mut World) {
    let id = new_id(world);
    let request = asking(world, id);
    pass(world, By::Cpe, "stun", request);
    let refusal = Builder::new(0x0111, id)
        .error_code(420, "Unknown Attribute")
        .unknown_attributes(&[kind::CONNECTION_REQUEST_BINDING]);
    pass(world, By::Acs, "stun 420", refusal);
}

/// The device finds out its binding, and tells of it with proof.
pub fn bind(world: &mut World) {
    keep_alive(world);
    let password = world.device.stun.1.clone();
    let id = new_id(world);
    let request = asking(world, id).binding_change();
    pass(world, By::Cpe, "stun change", request);
    let refusal = Builder::new(0x0111, id).error_code(401, "Unauthorized");
    pass(world, By::Acs, "stun 401", refusal);
    let id = new_id(world);
    let request = asking(world, id)
        .binding_change()
        .integrity(Form::Rfc3489, password.as_bytes());
    pass(world, By::Cpe, "stun proof", request);
    let response = answering(world, id).integrity(Form::Rfc3489, password.as_bytes());
    pass(world, By::Acs, "stun accepted", response);
}

/// A Connection Request over UDP, in so many copies.
pub fn request(world: &mut World, copies: usize) {
    let mapped = world.mapped.expect("the device is behind NAT").to_string();
    let cnonce = format!("{:016x}", world.random.next());
    let draft = ucr::Draft {
        authority: &mapped,
        timestamp_s: world.now_us / 1_000_000,
        id: world.random.below(1_000_000) as u64 + 1,
        username: &world.device.knocker.0.clone(),
        cnonce: &cnonce,
    };
    let bytes = draft.write(world.device.knocker.1.as_bytes());
    for _ in 0..copies {
        send(world, By::Acs, "udp knock", bytes.clone());
    }
}

/// A lease, with who the device and its gateway are (TR-069 Amendment 2 annex F).
pub fn lease(world: &mut World) {
    lease_of(world, &GATEWAY, true);
}

/// The same of this gateway, which may say nothing of itself.
pub fn lease_of(world: &mut World, gateway: &[&'static str; 3], tells: bool) {
    let [.., last] = world.device.address.octets();
    world.device.address = Ipv4Addr::new(192, 168, 1, last);
    world.device.reset();
    let device = &world.device;
    let identity = identity(1, [&device.oui, &device.serial, &device.class]);
    let theirs = self::identity(4, *gateway);
    let lower = device.address.octets();
    let exchange = [(1_u8, 1_u8), (2, 2), (1, 3), (2, 5)];
    for (operation, kind) in exchange {
        world.now_us += 40_000;
        let asks = operation == 1;
        let mut header = Header {
            operation,
            transaction_id: 0x0b5e_0001,
            ..Header::default()
        };
        if !asks {
            header.your_address = world.device.address;
        }
        header.client_hardware_address[..6].copy_from_slice(&world.device.mac);
        let mut message = Fields::new(header);
        let [a, b, c, _] = lower;
        let server = [a, b, c, 1];
        message.push(53, &[kind]);
        // What these messages have beside it (RFC 2131 tables 3 and 5).
        match kind {
            1 => {}
            3 => {
                message.push(50, &lower);
                message.push(54, &server);
            }
            _ => {
                message.push(1, &[255, 255, 255, 0]);
                message.push(3, &server);
                message.push(51, &86_400_u32.to_be_bytes());
                message.push(54, &server);
            }
        }
        if asks {
            message.push(60, b"dslforum.org");
        }
        let ours = if asks { &identity } else { &theirs };
        if asks || tells {
            message.push(125, &enterprise_blocks(&[(3561, ours)]));
        }
        let ends = [
            SocketAddr::from((Ipv4Addr::UNSPECIFIED, 68)),
            SocketAddr::from((Ipv4Addr::BROADCAST, 67)),
        ];
        let back = [
            SocketAddr::from((Ipv4Addr::from(server), 67)),
            SocketAddr::from((world.device.address, 68)),
        ];
        let (by, ends) = if asks {
            (By::Cpe, ends)
        } else {
            (By::Acs, back)
        };
        let what = ["discover", "offer", "request", "", "ack"][usize::from(kind) - 1];
        world.put(by, ends, 0, what, Content::Datagram(message.write()));
    }
    let names = ["ManufacturerOUI", "SerialNumber", "ProductClass"];
    let known: [&str; 3] = if tells { *gateway } else { [""; 3] };
    for (name, value) in names.iter().zip(known) {
        let name = format!("GatewayInfo.{name}");
        world.device.set(&name, value);
    }
    world.wait_ms(4_000);
}

fn identity(first: u16, values: [&str; 3]) -> Vec<u8> {
    let codes = values.iter().enumerate();
    let codes = codes.filter(|(_, value)| !value.is_empty());
    let codes: Vec<(u16, &[u8])> = codes
        .map(|(at, value)| (first + at as u16, value.as_bytes()))
        .collect();
    write_sub_options(Width::One, &codes)
}

const GATEWAY: [&str; 3] = ["0002B3", "GW000001", "Gateway"];
