//! How an ACS wakes a device: Connection Requests over HTTP, STUN and Connection Requests over UDP, and DHCP before all.

use std::net::{Ipv4Addr, SocketAddr};

use super::datagrams;
use super::http::{Challenge, field};
use super::story::{By, Content, Message};
use super::world::World;

/// A Connection Request, its challenge, and the answer that lets the session come.
pub fn knock(world: &mut World) {
    knocks(world, "204 No Content");
    let milliseconds = world.random.between(50, 4_000);
    world.wait_ms(milliseconds);
}

/// The same with this answer.
pub fn knocks(world: &mut World, status: &str) {
    let door = SocketAddr::from((world.device.address, world.device.door.0));
    let path = world.device.door.1.clone();
    let mut acs = SocketAddr::from((world.site.address, next_port(world)));
    let random = &mut world.random;
    let mut challenge = Challenge {
        realm: "device".to_owned(),
        nonce: format!("{:016x}", random.next()),
        opaque: None,
        algorithm: Some("MD5"),
        cnonce: format!("{:08x}", random.next() as u32),
        count: 0,
    };
    let closes = random.chance(300);
    let get = |proof: Option<String>| {
        let mut fields = vec![field("Host", &door.to_string())];
        fields.extend(proof.map(|proof| ("Authorization".to_owned(), proof)));
        Message {
            start: format!("GET {path} HTTP/1.1"),
            fields,
            ..Message::default()
        }
    };
    pass(world, By::Acs, [acs, door], "knock", get(None));
    let mut fields = vec![
        ("WWW-Authenticate".to_owned(), challenge.text()),
        field("Content-Length", "0"),
    ];
    if closes {
        fields.push(field("Connection", "close"));
    }
    let refusal = Message {
        start: "HTTP/1.1 401 Unauthorized".to_owned(),
        fields,
        ..Message::default()
    };
    pass(world, By::Cpe, [door, acs], "door 401", refusal);
    if closes {
        world.put(By::Cpe, [door, acs], 0, "fin", Content::Fin);
        world.put(By::Acs, [acs, door], 0, "fin", Content::Fin);
        acs.set_port(next_port(world));
    }
    let knocker = world.device.knocker.clone();
    let proof = challenge.answer_md5(&knocker, "GET", &path);
    pass(world, By::Acs, [acs, door], "knock", get(Some(proof)));
    let answer = Message {
        start: format!("HTTP/1.1 {status}"),
        fields: if status.starts_with("204") {
            Vec::new()
        } else {
            vec![field("Content-Length", "0")]
        },
        ..Message::default()
    };
    pass(world, By::Cpe, [door, acs], "door", answer);
    world.put(By::Cpe, [door, acs], 0, "fin", Content::Fin);
    world.put(By::Acs, [acs, door], 0, "fin", Content::Fin);
}

fn next_port(world: &mut World) -> u16 {
    40_000 + world.random.below(20_000) as u16
}

fn pass(world: &mut World, by: By, ends: [SocketAddr; 2], what: &str, message: Message) {
    world.wait_ms(12);
    world.put(by, ends, 0, what, Content::Message(message));
}

/// The ACS knocks, and the device calls.
pub fn connection_request(world: &mut World) {
    let status = ["204 No Content", "200 OK"][world.random.below(2)];
    knocks(world, status);
    world.wait_ms(300);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.get_values(&["DeviceInfo.UpTime"]);
    world.end();
}

/// A knock that comes too soon after another is refused, and nothing comes of it.
pub fn busy(world: &mut World) {
    connection_request(world);
    world.wait_ms(2_000);
    knocks(world, "503 Service Unavailable");
    world.later(60);
}

/// The device stands behind a gateway, finds out with STUN, and is woken over UDP.
pub fn nat(world: &mut World) {
    super::plots::wake(world);
    switch_stun_on(world);
    world.end();
    world.wait_ms(500);
    map(world, 0);
    world.wait_ms(800);
    tell_binding(world, &[ADDRESS, NAT_DETECTED]);
    keep_alive(world);
    world.later(200);
    datagrams::request(world, 3);
    world.wait_ms(400);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.get_values(&[ADDRESS, NAT_DETECTED]);
    world.end();
}

/// The ACS says which server to ask, and wants to be told of the binding.
pub fn switch_stun_on(world: &mut World) {
    let on = world.device.boolean(true);
    let key = world.key();
    world.set_values(
        &[
            ("ManagementServer.STUNServerAddress", "198.51.100.20"),
            ("ManagementServer.STUNServerPort", "3478"),
            ("ManagementServer.STUNMaximumKeepAlivePeriod", "60"),
            ("ManagementServer.STUNMinimumKeepAlivePeriod", "60"),
            ("ManagementServer.STUNEnable", on),
        ],
        &key,
        0,
    );
    world.set_attributes(&[(ADDRESS, Some(2), None), (NAT_DETECTED, Some(2), None)]);
}

/// The gateway maps the device's port to one of its own, so far from its usual one, and the device finds out.
pub fn map(world: &mut World, off: u16) {
    let [.., last] = world.device.address.octets();
    let port = 40_000 + u16::from(last) + off;
    world.mapped = Some(SocketAddr::from((Ipv4Addr::new(192, 0, 2, last), port)));
    datagrams::bind(world);
}

/// The session in which the device tells of its binding.
pub fn tell_binding(world: &mut World, changed: &[&str]) {
    let mapped = world.mapped.expect("the device is behind NAT");
    world.device.set(ADDRESS, &mapped.to_string());
    let on = world.device.boolean(true);
    world.device.set(NAT_DETECTED, on);
    world.begin(&[("4 VALUE CHANGE", "")], changed);
    world.give_turn();
    world.end();
}

/// From now on the device keeps its binding, once a minute.
pub fn keep_alive(world: &mut World) {
    let period_us = 60_000_000;
    let first_us = world.now_us + 55_000_000;
    world.keepalive = Some((first_us, period_us, datagrams::keep_alive));
}

impl Challenge {
    /// The same as `answer`; the algorithm is named and is MD5 without a session's key.
    pub fn answer_md5(&mut self, account: &(String, String), method: &str, uri: &str) -> String {
        let named = self.algorithm.take();
        let mut answer = self.answer(account, method, uri);
        if let Some(named) = named {
            answer.push_str(&format!(", algorithm={named}"));
        }
        self.algorithm = named;
        answer
    }
}

pub const ADDRESS: &str = "ManagementServer.UDPConnectionRequestAddress";
pub const NAT_DETECTED: &str = "ManagementServer.NATDetected";
