//! Captures for measuring: frames one after the other, 20 microseconds apart.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::wire::{self, Connection, Endpoint};

/// A capture that is being written.
pub struct Traffic {
    pub bytes: Vec<u8>,
    time_us: u64,
    size: usize,
}

impl Traffic {
    pub fn new() -> Self {
        Self::of_size(SIZE)
    }

    /// One that is full with so many bytes.
    pub fn of_size(size: usize) -> Self {
        Self {
            bytes: wire::pcap_head(),
            time_us: 1_700_000_000_000_000,
            size,
        }
    }

    pub fn frame(&mut self, frame: &[u8]) {
        self.time_us += 20;
        wire::put_record(self.time_us, frame, &mut self.bytes);
    }

    pub fn frames(&mut self, frames: impl IntoIterator<Item = Vec<u8>>) {
        for frame in frames {
            self.frame(&frame);
        }
    }

    /// It has its size.
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= self.size
    }

    /// A connection of this device that sends one message in segments of so many bytes.
    pub fn message(&mut self, number: u32, message: &[u8], segment: usize) {
        let mut connection = connection(number);
        self.frames(connection.open());
        self.frames(connection.send(0, message, segment));
    }
}

/// A connection of a device of its own to the ACS.
pub fn connection(number: u32) -> Connection {
    Connection::new(cpe(number), acs())
}

pub fn acs() -> Endpoint {
    Endpoint::new([203, 0, 113, 10], 7547)
}

pub fn cpe(number: u32) -> Endpoint {
    let [_, b, c, d] = number.to_be_bytes();
    Endpoint::new([10, b, c, d], 40_000)
}

/// The most usual session: an Inform, and nothing to do; some 3 KB each.
pub fn periodic() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut number = 0;
    while !traffic.is_full() {
        traffic.frames(wire::session(
            cpe(number),
            acs(),
            &format!("S{number}"),
            1448,
        ));
        number += 1;
    }
    traffic.bytes
}

/// Sessions with work to do: an Inform, a question, 30 parameters, the end; some 9 KB each.
pub fn provisioning() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let value = |number: usize| {
        format!(
            "<ParameterValueStruct><Name>InternetGatewayDevice.WANDevice.1.WANConnectionDevice.{number}.Enable</Name><Value xsi:type=\"xsd:boolean\">1</Value></ParameterValueStruct>"
        )
    };
    let values: String = (0..30).map(value).collect();
    let envelope = |body: &str| wire::envelope("7", body);
    let mut number = 0;
    while !traffic.is_full() {
        let mut connection = connection(number);
        number += 1;
        traffic.frames(connection.open());
        for (side, message) in [
            (
                0,
                wire::post(&wire::inform(&format!("S{number}"), "2 PERIODIC")),
            ),
            (
                1,
                wire::reply(&wire::envelope(
                    "1",
                    "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
                )),
            ),
            (0, wire::post("")),
            (
                1,
                wire::reply(&envelope(
                    "<cwmp:GetParameterValues><ParameterNames><string>InternetGatewayDevice.</string></ParameterNames></cwmp:GetParameterValues>",
                )),
            ),
            (
                0,
                wire::post(&envelope(&format!(
                    "<cwmp:GetParameterValuesResponse><ParameterList>{values}</ParameterList></cwmp:GetParameterValuesResponse>"
                ))),
            ),
            (1, wire::reply("")),
        ] {
            traffic.frames(connection.send(side, &message, 1448));
        }
        traffic.frames(connection.close());
    }
    traffic.bytes
}

/// An ACS wakes its devices: a challenge, the answer to it, and nothing more on the connection.
pub fn wakes() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut number = 0_u32;
    while !traffic.is_full() {
        let from = Endpoint::new([203, 0, 113, 10], 1_025 + (number % 60_000) as u16);
        let mut connection = Connection::new(from, cpe(number));
        traffic.frames(connection.open());
        let get = |more: &str| format!("GET /cr HTTP/1.1\r\nHost: cpe\r\n{more}\r\n").into_bytes();
        let digest = "Authorization: Digest username=\"acs\", realm=\"cpe\", nonce=\"n1\", uri=\"/cr\", response=\"0\"\r\n";
        let challenge = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"cpe\", nonce=\"n1\"\r\nContent-Length: 0\r\n\r\n";
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        for (side, message) in [
            (0, get("").as_slice()),
            (1, challenge.as_slice()),
            (0, get(digest).as_slice()),
            (1, answer.as_slice()),
        ] {
            traffic.frames(connection.send(side, message, 1448));
        }
        traffic.frames(connection.close());
        number += 1;
    }
    traffic.bytes
}

/// Sessions whose answer comes compressed, as some devices send it: 1,000 parameters with values of their own.
pub fn compressed() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut number = 0_u32;
    while !traffic.is_full() {
        let value = |at: u32| {
            let value = number.wrapping_mul(40_503).wrapping_add(at * at) % 1_000;
            format!(
                "<ParameterValueStruct><Name>InternetGatewayDevice.LANDevice.1.Hosts.Host.{at}.LeaseTimeRemaining</Name><Value xsi:type=\"xsd:int\">{value}</Value></ParameterValueStruct>"
            )
        };
        let values: String = (0..1_000).map(value).collect();
        let body = wire::envelope(
            "7",
            &format!(
                "<cwmp:GetParameterValuesResponse><ParameterList>{values}</ParameterList></cwmp:GetParameterValuesResponse>"
            ),
        );
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body.as_bytes()).expect("text compresses");
        let body = encoder.finish().expect("text compresses");
        let head = format!(
            "POST / HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        traffic.message(number, &[head.into_bytes(), body].concat(), 1448);
        number += 1;
    }
    traffic.bytes
}

/// Bytes of a capture, about.
pub const SIZE: usize = 1_500_000;
