//! Packets for tests: Ethernet, IPv4 and TCP with right lengths, in a classic pcap.

use std::net::Ipv4Addr;

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const RST: u8 = 4;
pub const PSH: u8 = 8;
pub const ACK: u8 = 16;

/// One side of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    pub address: Ipv4Addr,
    pub port: u16,
}

impl Endpoint {
    pub fn new(address: [u8; 4], port: u16) -> Self {
        Self {
            address: address.into(),
            port,
        }
    }
}

/// The head of a pcap file: little-endian, microseconds, Ethernet.
pub fn pcap_head() -> Vec<u8> {
    let mut head = Vec::new();
    head.extend(0xa1b2_c3d4_u32.to_le_bytes());
    head.extend(2_u16.to_le_bytes());
    head.extend(4_u16.to_le_bytes());
    head.extend([0; 8]);
    head.extend(262_144_u32.to_le_bytes());
    head.extend(1_u32.to_le_bytes());
    head
}

/// The head of a pcapng file: a little-endian section, one Ethernet interface, microseconds.
pub fn pcapng_head() -> Vec<u8> {
    let mut head = Vec::new();
    for word in [
        0x0a0d_0d0a_u32,
        28,
        0x1a2b_3c4d,
        1,
        u32::MAX,
        u32::MAX,
        28,
        1,
        20,
        1,
        0,
        20,
    ] {
        head.extend(word.to_le_bytes());
    }
    head
}

/// A record of a pcap file.
pub fn record(time_us: u64, frame: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(16 + frame.len());
    put_record(time_us, frame, &mut record);
    record
}

/// The same, appended.
pub fn put_record(time_us: u64, frame: &[u8], into: &mut Vec<u8>) {
    into.extend(((time_us / 1_000_000) as u32).to_le_bytes());
    into.extend(((time_us % 1_000_000) as u32).to_le_bytes());
    into.extend((frame.len() as u32).to_le_bytes());
    into.extend((frame.len() as u32).to_le_bytes());
    into.extend_from_slice(frame);
}

/// A TCP segment in IPv4 in Ethernet; checksums are left at 0, as offload does.
pub fn tcp(
    from: Endpoint,
    to: Endpoint,
    sequence: u32,
    acknowledgment: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let mut frame = Vec::with_capacity(54 + payload.len());
    frame.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]);
    frame.extend([0x45, 0]);
    frame.extend(((40 + payload.len()) as u16).to_be_bytes());
    frame.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    frame.extend(from.address.octets());
    frame.extend(to.address.octets());
    let sum = checksum(&frame[14..34]);
    frame[24..26].copy_from_slice(&sum.to_be_bytes());
    frame.extend(from.port.to_be_bytes());
    frame.extend(to.port.to_be_bytes());
    frame.extend(sequence.to_be_bytes());
    frame.extend(acknowledgment.to_be_bytes());
    frame.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    frame.extend_from_slice(payload);
    frame
}

/// A UDP datagram in IPv4 in Ethernet.
pub fn udp(from: Endpoint, to: Endpoint, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    let mut frame = Vec::with_capacity(42 + payload.len());
    frame.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]);
    frame.extend([0x45, 0]);
    frame.extend((20 + length).to_be_bytes());
    frame.extend([0, 0, 0x40, 0, 64, 17, 0, 0]);
    frame.extend(from.address.octets());
    frame.extend(to.address.octets());
    let sum = checksum(&frame[14..34]);
    frame[24..26].copy_from_slice(&sum.to_be_bytes());
    frame.extend(from.port.to_be_bytes());
    frame.extend(to.port.to_be_bytes());
    frame.extend(length.to_be_bytes());
    frame.extend([0, 0]);
    frame.extend_from_slice(payload);
    frame
}

fn checksum(header: &[u8]) -> u16 {
    let sum: u32 = header
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]))
        .sum();
    !((sum & 0xffff) + (sum >> 16)) as u16
}

/// A connection that is being written.
#[derive(Debug, Clone)]
pub struct Connection {
    pub client: Endpoint,
    pub server: Endpoint,
    /// Next sequence numbers of client and server.
    pub next: [u32; 2],
}

impl Connection {
    pub fn new(client: Endpoint, server: Endpoint) -> Self {
        Self {
            client,
            server,
            next: [1000, 9000],
        }
    }

    /// The three packets of the handshake.
    pub fn open(&mut self) -> Vec<Vec<u8>> {
        let (client, server) = (self.client, self.server);
        let frames = vec![
            tcp(client, server, self.next[0], 0, SYN, b""),
            tcp(
                server,
                client,
                self.next[1],
                self.next[0].wrapping_add(1),
                SYN | ACK,
                b"",
            ),
            tcp(
                client,
                server,
                self.next[0].wrapping_add(1),
                self.next[1].wrapping_add(1),
                ACK,
                b"",
            ),
        ];
        self.next = self.next.map(|next| next.wrapping_add(1));
        frames
    }

    /// A message from the client (side 0) or the server (side 1), in segments of at most `segment` bytes.
    pub fn send(&mut self, side: usize, bytes: &[u8], segment: usize) -> Vec<Vec<u8>> {
        let ends = [self.client, self.server];
        let mut frames = Vec::new();
        for part in bytes.chunks(segment) {
            frames.push(tcp(
                ends[side],
                ends[1 - side],
                self.next[side],
                self.next[1 - side],
                ACK | PSH,
                part,
            ));
            self.next[side] = self.next[side].wrapping_add(part.len() as u32);
        }
        frames
    }

    /// FIN from both sides.
    pub fn close(&mut self) -> Vec<Vec<u8>> {
        let (client, server, [c, s]) = (self.client, self.server, self.next);
        vec![
            tcp(client, server, c, s, FIN | ACK, b""),
            tcp(server, client, s, c.wrapping_add(1), FIN | ACK, b""),
            tcp(
                client,
                server,
                c.wrapping_add(1),
                s.wrapping_add(1),
                ACK,
                b"",
            ),
        ]
    }
}

/// An envelope with this body.
pub fn envelope(id: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\">\
         <soap:Header><cwmp:ID soap:mustUnderstand=\"1\">{id}</cwmp:ID></soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

/// An Inform of this device with one event.
pub fn inform(serial_number: &str, event: &str) -> String {
    envelope(
        "1",
        &format!(
            "<cwmp:Inform><DeviceId><Manufacturer>ACME</Manufacturer><OUI>00D09E</OUI><ProductClass>X3</ProductClass>\
             <SerialNumber>{serial_number}</SerialNumber></DeviceId><Event soapenc:arrayType=\"cwmp:EventStruct[1]\">\
             <EventStruct><EventCode>{event}</EventCode><CommandKey></CommandKey></EventStruct></Event>\
             <MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-03-14T09:26:53Z</CurrentTime><RetryCount>0</RetryCount>\
             <ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[1]\"><ParameterValueStruct>\
             <Name>Device.DeviceInfo.SoftwareVersion</Name><Value xsi:type=\"xsd:string\">1.0</Value>\
             </ParameterValueStruct></ParameterList></cwmp:Inform>"
        ),
    )
}

/// A POST with this body.
pub fn post(body: &str) -> Vec<u8> {
    let kind = if body.is_empty() {
        ""
    } else {
        "Content-Type: text/xml; charset=\"utf-8\"\r\nSOAPAction: \"\"\r\n"
    };
    format!("POST /acs HTTP/1.1\r\nHost: acs.example.net:7547\r\n{kind}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A 200 with this body, or a 204.
pub fn reply(body: &str) -> Vec<u8> {
    if body.is_empty() {
        return b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n".to_vec();
    }
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A whole session of one device: Inform, empty POST, 204; frames in order.
pub fn session(
    client: Endpoint,
    server: Endpoint,
    serial_number: &str,
    segment: usize,
) -> Vec<Vec<u8>> {
    let mut connection = Connection::new(client, server);
    let mut frames = connection.open();
    let response = envelope(
        "1",
        "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
    );
    frames.extend(connection.send(0, &post(&inform(serial_number, "2 PERIODIC")), segment));
    frames.extend(connection.send(1, &reply(&response), segment));
    frames.extend(connection.send(0, &post(""), segment));
    frames.extend(connection.send(1, &reply(""), segment));
    frames.extend(connection.close());
    frames
}

/// A capture of these frames, one every `step_us` microseconds.
pub fn capture(frames: &[Vec<u8>], step_us: u64) -> Vec<u8> {
    let mut bytes = pcap_head();
    for (index, frame) in frames.iter().enumerate() {
        put_record(
            1_700_000_000_000_000 + index as u64 * step_us,
            frame,
            &mut bytes,
        );
    }
    bytes
}
