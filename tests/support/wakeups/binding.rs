//! How a phone keeps its way through the NAT open: STUN as TR-111 part II has it (TR-069 Amendment 3 annex G), in the form
//! of RFC 3489; and how time passes with such packets in it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use stun::{Builder, Form, kind, padded_text};

use super::actors::{Account, Device};
use super::telling::{ACS, HOPS, Telling, View};
use crate::packet::End;

/// A Binding Request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// From the port where Connection Requests arrive, every 30 s.
    KeepAlive,
    /// The mapping is new (section G.2.1.2).
    Change,
    /// The same again with MESSAGE-INTEGRITY, after 401.
    ChangeWithIntegrity,
    /// From another port, to be answered at the first: does the binding still stand?
    Probe,
}

impl Telling {
    /// The phone learns its mapping and tells the server of it, which wants to know who says so.
    pub fn discover(&mut self, phone: &Device) {
        let first = self.next();
        self.bind(phone, Asking::KeepAlive);
        self.mark(
            first,
            "the phone learns its mapped address: MAPPED-ADDRESS is not its own",
        );
        self.tell_change(phone);
        self.due_us = self.scene.now_us() + PERIOD_US;
    }

    /// The phone says that its mapping is new.
    pub fn tell_change(&mut self, phone: &Device) {
        let first = self.next();
        self.scene.wait_us(3_000);
        self.bind(phone, Asking::Change);
        self.scene.wait_us(2_000);
        self.bind(phone, Asking::ChangeWithIntegrity);
        self.mark(
            first,
            "BINDING-CHANGE, refused with 401 and sent again with MESSAGE-INTEGRITY",
        );
    }

    /// A request from the secondary port; its answer comes to the first.
    pub fn probe(&mut self, phone: &Device) {
        let first = self.next();
        self.bind(phone, Asking::Probe);
        self.mark(
            first,
            "a probe from the secondary port (RESPONSE-ADDRESS); the answer at the first port shows that the binding stands",
        );
    }

    /// Lets time pass with what a phone sends meanwhile: keep-alives with a binding, else the time of day.
    pub fn pass_s(&mut self, phone: &Device, seconds: u64) {
        let end_us = self.scene.now_us() + seconds * 1_000_000;
        if self.due_us == u64::MAX {
            self.due_us = self.scene.now_us() + 4_000_000;
        }
        while self.due_us < end_us {
            self.scene.until_us(self.due_us);
            self.due_us += PERIOD_US;
            if phone.binding.is_some() {
                self.bind(phone, Asking::KeepAlive);
            } else {
                self.ask_the_time(phone);
            }
        }
        self.scene.until_us(end_us);
    }

    /// Lets time pass up to an everyday packet, which shows that the capture ran for so long.
    pub fn pass_and_show_s(&mut self, phone: &Device, seconds: u64) {
        self.pass_s(phone, seconds);
        self.ask_the_time(phone);
    }

    /// Where the phone takes UDP Connection Requests, as the capture shows it.
    pub fn udp_port(&self, phone: &Device) -> End {
        self.udp_end(phone, 0)
    }

    fn udp_end(&self, phone: &Device, further: u16) -> End {
        match (self.view, phone.binding) {
            (View::BesideAcs, Some(binding)) => self.cpe(phone, binding.port() + further * 6),
            _ => self.cpe(phone, UDP_PORT + further),
        }
    }

    pub fn stun_server(&self) -> End {
        self.server(STUN, STUN_PORT)
    }

    fn bind(&mut self, phone: &Device, asking: Asking) {
        let id = self.transaction_id();
        let probes = asking == Asking::Probe;
        let (client, server) = (self.udp_end(phone, u16::from(probes)), self.stun_server());
        self.truth.stun += 2;
        self.truth.stun_tr111 += u64::from(!probes);
        self.scene
            .datagram(client, server, &request(phone, asking, id));
        self.scene.wait_us(9_000);
        let first = self.udp_port(phone);
        let seen = mapped(phone, u16::from(probes));
        let response = response(asking, id, seen, &phone.stun);
        self.scene.datagram(server, first, &response);
    }

    fn transaction_id(&mut self) -> [u8; 16] {
        let digits = self.token(32);
        let number = u128::from_str_radix(&digits, 16).expect("digits are hexadecimal");
        number.to_be_bytes()
    }

    /// NTP (RFC 5905), of the phone or at the ACS.
    fn ask_the_time(&mut self, phone: &Device) {
        let near = match self.view {
            View::BesidePhone => self.cpe(phone, 123),
            View::BesideAcs => self.server(ACS, 123),
        };
        let far = End {
            mac: super::telling::ROUTER_MAC,
            address: NTP,
            port: 123,
            ttl: 64 - HOPS,
        };
        let asked = self.scene.now_us();
        self.scene.datagram(near, far, &ntp(0x23, [0, 0, asked]));
        self.scene.wait_us(7_000);
        let told = self.scene.now_us() - 3_000;
        self.scene
            .datagram(far, near, &ntp(0x24, [asked, told, told + 30]));
    }
}

fn request(phone: &Device, asking: Asking, id: [u8; 16]) -> Vec<u8> {
    let builder = Builder::new(0x0001, id);
    if asking == Asking::Probe {
        // TR-069 Amendment 3 section G.2.1.1: no CONNECTION-REQUEST-BINDING from another port.
        let probe = builder.address(kind::RESPONSE_ADDRESS, mapped(phone, 0));
        return probe.finish().expect("it is short");
    }
    let name = padded_text(phone.stun.user_name.as_bytes());
    let mut builder = builder
        .attribute(kind::USERNAME, &name)
        .connection_request_binding();
    if asking != Asking::KeepAlive {
        builder = builder.binding_change();
    }
    if asking == Asking::ChangeWithIntegrity {
        builder = builder.integrity(Form::Rfc3489, phone.stun.password.as_bytes());
    }
    builder.finish().expect("it is short")
}

fn response(asking: Asking, id: [u8; 16], seen: SocketAddr, account: &Account) -> Vec<u8> {
    if asking == Asking::Change {
        let refusal = Builder::new(0x0111, id).error_code(401, "Unauthorized");
        return refusal.finish().expect("it is short");
    }
    let server = SocketAddr::new(IpAddr::V4(STUN), STUN_PORT);
    let other = SocketAddr::new(IpAddr::V4(STUN_CHANGED), STUN_PORT + 1);
    let mut builder = Builder::new(0x0101, id)
        .address(kind::MAPPED_ADDRESS, seen)
        .address(kind::SOURCE_ADDRESS, server)
        .address(kind::CHANGED_ADDRESS, other);
    if asking == Asking::Probe {
        builder = builder.address(kind::REFLECTED_FROM, seen);
    }
    if asking == Asking::ChangeWithIntegrity {
        builder = builder.integrity(Form::Rfc3489, account.password.as_bytes());
    }
    builder.finish().expect("it is short")
}

/// Where the NAT shows the phone's first port, or its second.
fn mapped(phone: &Device, further: u16) -> SocketAddr {
    let binding = phone.binding.expect("a phone with STUN has a binding");
    SocketAddr::new(IpAddr::V4(*binding.ip()), binding.port() + further * 6)
}

fn ntp(mode: u8, times_us: [u64; 3]) -> Vec<u8> {
    let from_server = mode == 0x24;
    let mut packet = vec![mode, if from_server { 2 } else { 0 }, 6, 0xe9];
    packet.extend(if from_server {
        [0, 0, 0x01, 0x1c]
    } else {
        [0; 4]
    });
    packet.extend(if from_server {
        [0, 0, 0x02, 0x8a]
    } else {
        [0; 4]
    });
    packet.extend(if from_server {
        [192, 0, 2, 250]
    } else {
        [0; 4]
    });
    let set_us = if from_server {
        times_us[1] - 411_000_000
    } else {
        0
    };
    for time_us in [set_us, times_us[0], times_us[1], times_us[2]] {
        let seconds = time_us / 1_000_000;
        // RFC 5905 section 6: seconds since 1900; nothing is known where it is zero.
        let since_1900 = if time_us == 0 {
            0
        } else {
            seconds + 2_208_988_800
        };
        let fraction = (time_us % 1_000_000) * (1 << 32) / 1_000_000;
        packet.extend((since_1900 as u32).to_be_bytes());
        packet.extend((fraction as u32).to_be_bytes());
    }
    packet
}

/// The keep-alive period that the ACS set.
const PERIOD_US: u64 = 30_000_000;
/// Where phones take UDP Connection Requests, behind the NAT.
const UDP_PORT: u16 = 50_060;
pub const STUN: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 20);
const STUN_CHANGED: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 21);
const STUN_PORT: u16 = 3478;
const NTP: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 123);
