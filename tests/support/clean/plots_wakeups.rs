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
    let [.., last] = world.device.address.octets();
    let stun = "198.51.100.20";
    super::plots::wake(world);
    let on = world.device.boolean(true);
    let key = world.key();
    world.set_values(
        &[
            ("ManagementServer.STUNServerAddress", stun),
            ("ManagementServer.STUNServerPort", "3478"),
            ("ManagementServer.STUNMaximumKeepAlivePeriod", "60"),
            ("ManagementServer.STUNMinimumKeepAlivePeriod", "60"),
            ("ManagementServer.STUNEnable", on),
        ],
        &key,
        0,
    );
    let names = [
        (
            "ManagementServer.UDPConnectionRequestAddress",
            Some(2),
            None,
        ),
        ("ManagementServer.NATDetected", Some(2), None),
    ];
    world.set_attributes(&names);
    world.end();
    let mapped = SocketAddr::from((Ipv4Addr::new(192, 0, 2, last), 40_000 + u16::from(last)));
    world.mapped = Some(mapped);
    world.wait_ms(500);
    datagrams::bind(world);
    world.wait_ms(800);
    world.device.set(
        "ManagementServer.UDPConnectionRequestAddress",
        &mapped.to_string(),
    );
    let on = world.device.boolean(true);
    world.device.set("ManagementServer.NATDetected", on);
    world.begin(
        &[("4 VALUE CHANGE", "")],
        &[
            "ManagementServer.UDPConnectionRequestAddress",
            "ManagementServer.NATDetected",
        ],
    );
    world.give_turn();
    world.end();
    let period = 60_000_000;
    world.keepalive = Some((world.now_us + 55_000_000, period, datagrams::keep_alive));
    world.later(200);
    datagrams::request(world, 3);
    world.wait_ms(400);
    world.begin(&[("6 CONNECTION REQUEST", "")], &[]);
    world.give_turn();
    world.ask_stun();
    world.end();
}

impl World {
    fn ask_stun(&mut self) {
        self.get_values(&[
            "ManagementServer.UDPConnectionRequestAddress",
            "ManagementServer.NATDetected",
        ]);
    }
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
