//! What a whole capture came to: the counts of `summary`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{ConnectionRequest, ConnectionRequestResult, Device, Session, TlsTotals};
use crate::source::FileFacts;

/// Everything that `summary` prints.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The input files.
    pub files: Vec<FileFacts>,
    /// Packets by what they were.
    pub packets: PacketTotals,
    /// TCP in numbers.
    pub tcp: TcpTotals,
    /// HTTP requests whose head was read whole.
    pub http_requests: u64,
    /// HTTP responses whose head was read whole, interim ones too.
    pub http_responses: u64,
    /// Bytes on HTTP connections that belong to no message: behind a Content-Length that was too small, mostly.
    pub http_stray_bytes: u64,
    /// CWMP in numbers.
    pub cwmp: CwmpTotals,
    /// HTTP Connection Requests, every leg counted.
    pub http_connection_requests: u64,
    /// Connection Requests of both kinds, each once.
    pub requests: RequestTotals,
    /// What is said by UDP, in numbers.
    pub datagrams: DatagramTotals,
    /// TLS in numbers.
    pub tls: TlsTotals,
    /// Files with keys of TLS that were given, each with its option: what reads the input again needs them too.
    pub key_files: Vec<(&'static str, PathBuf)>,
    /// Files that moved for a Download or Upload, or by FTP or TFTP to or from a device.
    pub transfers: u64,
    /// Devices in order of appearance.
    pub devices: Vec<Device>,
    /// Every session in number order, as far as a bound allows.
    pub sessions: Vec<Session>,
    /// Sessions of the whole input, where a filter left some out: then `cwmp`, `devices`, `sessions` and `outcomes` are of those it selected.
    pub sessions_all: Option<u64>,
    /// Sessions that have ended, and whose connection nobody has closed since: it is open at the end of the capture, so many
    /// nanoseconds later.
    pub left_open: BTreeMap<u32, i64>,
    /// Outcomes by name.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Bounds that were reached, by name, and how often.
    pub limits_reached: BTreeMap<&'static str, u64>,
    /// Flows given up because of a defect of ours.
    pub defects: u64,
}

/// Packets by what they were.
#[derive(Debug, Clone, Default)]
pub struct PacketTotals {
    /// IP packets.
    pub ip: u64,
    /// TCP segments.
    pub tcp: u64,
    /// UDP datagrams.
    pub udp: u64,
    /// Fragments of IP packets.
    pub fragments: u64,
    /// Fragments that contradict others of their packet, where that carries no TCP segment or never became whole.
    pub fragment_conflicts: u64,
    /// Frames whose headers contradict themselves.
    pub malformed: u64,
    /// Frames of link types that are not read, by name.
    pub unsupported_link: BTreeMap<String, u64>,
    /// What is passed over because it is neither TCP nor UDP, by the name of the protocol.
    pub unread: BTreeMap<String, u64>,
    /// Frames that carry no IP.
    pub not_ip: u64,
    /// Frames that the snap length cut inside their headers.
    pub cut: u64,
    /// Packets with a wrong IPv4 header checksum, or, where a message was read, a wrong TCP checksum: usually offload, never a reason to drop.
    pub checksum_wrong: u64,
}

/// What is said by UDP, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DatagramTotals {
    /// STUN messages.
    pub stun: u64,
    /// STUN messages with TR-111's attributes, and the answers to them.
    pub stun_tr111: u64,
    /// UDP Connection Requests, every copy counted.
    pub connection_requests: u64,
    /// Lightweight notifications.
    pub lightweight_notifications: u64,
    /// DHCP messages of both versions.
    pub dhcp: u64,
    /// DHCP messages in which the Broadband Forum's enterprise number stands in option 125, or in option 17 of DHCPv6.
    pub dhcp_option_125: u64,
}

/// Connection Requests, each counted once with all its legs or copies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestTotals {
    /// All of them.
    pub all: u64,
    /// Those that brought no session.
    pub unmet: u64,
    /// Of those: nothing says why, and no known password says whether their signature is right.
    pub unverified: u64,
}

impl RequestTotals {
    /// Counts one.
    pub fn note(&mut self, request: &ConnectionRequest) {
        let unmet = match request.result {
            ConnectionRequestResult::Session | ConnectionRequestResult::Undetermined => false,
            ConnectionRequestResult::NoSession
            | ConnectionRequestResult::Refused
            | ConnectionRequestResult::Busy
            | ConnectionRequestResult::Ignored
            | ConnectionRequestResult::NeverArrived => true,
        };
        let unverified = unmet && request.unverified && request.reasons.is_empty();
        self.all += 1;
        self.unmet += u64::from(unmet);
        self.unverified += u64::from(unverified);
    }
}

/// TCP in numbers.
#[derive(Debug, Clone, Default)]
pub struct TcpTotals {
    /// Connections, with and without handshake.
    pub connections: u64,
    /// Connections whose handshake the capture does not hold.
    pub midstream: u64,
    /// Places where bytes are missing.
    pub gaps: u64,
    /// Bytes that are missing, where their number is known.
    pub gap_bytes: u64,
    /// Segments that repeat bytes.
    pub retransmissions: u64,
    /// Segments that came before bytes they follow.
    pub out_of_order: u64,
    /// Segments, and fragments of segments, that repeat bytes differently.
    pub overlap_conflicts: u64,
    /// Payload bytes, each counted once.
    pub payload_bytes: u64,
    /// HTTP connections that the capture shows again under other addresses, as on both sides of a NAT.
    pub copies: u64,
}

impl TcpTotals {
    /// Adds what another part of the connections came to.
    pub fn add(&mut self, other: &Self) {
        self.connections += other.connections;
        self.midstream += other.midstream;
        self.gaps += other.gaps;
        self.gap_bytes += other.gap_bytes;
        self.retransmissions += other.retransmissions;
        self.out_of_order += other.out_of_order;
        self.overlap_conflicts += other.overlap_conflicts;
        self.payload_bytes += other.payload_bytes;
        self.copies += other.copies;
    }
}

/// CWMP in numbers.
#[derive(Debug, Clone, Default)]
pub struct CwmpTotals {
    /// Sessions.
    pub sessions: u64,
    /// Messages by the name of the body's element; a SOAP fault is `Fault`.
    pub messages: BTreeMap<String, u64>,
    /// EventCodes of Informs.
    pub events: BTreeMap<String, u64>,
    /// POSTs without a body.
    pub empty_posts: u64,
    /// SOAP faults by FaultCode.
    pub faults: BTreeMap<String, u64>,
    /// Bodies that look like SOAP and cannot be read.
    pub undecodable: u64,
    /// Name-value pairs in GetParameterValuesResponse, SetParameterValues and Inform lists.
    pub parameter_values: u64,
    /// Bytes of XML decoded.
    pub xml_bytes: u64,
}
