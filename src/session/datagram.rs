//! One UDP datagram that concerns a device: STUN, a UDP Connection Request, a lightweight notification, DHCP.

mod step;

use std::net::SocketAddr;
use std::sync::Arc;

use super::{CameOf, Credentials, Evidence, Integrity, Side};
use crate::source::{FrameId, Timestamp};

/// A datagram with its bytes, and what it belongs to.
#[derive(Debug, Clone)]
pub struct Datagram {
    /// What it is.
    pub kind: DatagramKind,
    /// The UDP payload, as far as the capture has it.
    pub payload: Vec<u8>,
    /// Bytes of the payload on the wire.
    pub wire_bytes: usize,
    /// The frames that carried it.
    pub frames: Vec<FrameId>,
    /// Who sent it.
    pub source: SocketAddr,
    /// Where to.
    pub destination: SocketAddr,
    /// When it was captured.
    pub time: Timestamp,
    /// Who spoke.
    pub from: Side,
    /// The session that it set off.
    pub session: Option<u32>,
    /// The device it concerns.
    pub device: Option<Arc<str>>,
    /// The first frame of the same Connection Request, which servers send several times (TR-069 Amendment 3 section
    /// G.2.2.3).
    pub copy_of: Option<FrameId>,
    /// For a Connection Request: where its device's binding stood when it came, by where the device sends from.
    pub binding: Option<SocketAddr>,
    /// For a Connection Request: what came of it.
    pub came_of: Option<Arc<CameOf>>,
    /// What was verified with a known password.
    pub verified: Verified,
}

/// What was verified of a datagram with a known password, once its device was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verified {
    /// The MESSAGE-INTEGRITY of STUN; `None` where there is none.
    pub integrity: Option<Integrity>,
    /// Whether the signature of a UDP Connection Request or lightweight notification fits; `None` where that cannot be
    /// told.
    pub signature_valid: Option<bool>,
    /// Of the signature of a UDP Connection Request that fits: what it covers.
    pub signed_text: Option<stun::SignedText>,
    /// Whether `un` of a UDP Connection Request is the known user name; `None` where none is known.
    pub user_name_valid: Option<bool>,
}

/// What a datagram is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DatagramKind {
    /// STUN of RFC 3489 or RFC 5389.
    Stun,
    /// A UDP Connection Request (TR-111 part II; TR-069 annex G).
    ConnectionRequest,
    /// A lightweight notification (TR-069 annex M).
    LightweightNotification,
    /// DHCPv4 or BOOTP.
    DhcpV4,
    /// DHCPv6.
    DhcpV6,
}

impl DatagramKind {
    /// What a payload is, on these ports; `None` for what concerns nobody here.
    #[must_use]
    #[inline]
    pub fn of(payload: &[u8], wire_bytes: usize, ports: [u16; 2]) -> Option<Self> {
        match stun::recognise(payload, wire_bytes) {
            Some(stun::Datagram::Stun(_)) => return Some(Self::Stun),
            Some(stun::Datagram::ConnectionRequest) => return Some(Self::ConnectionRequest),
            Some(stun::Datagram::LightweightNotification) => {
                return Some(Self::LightweightNotification);
            }
            None => {}
        }
        let dhcp_v6 = ports.iter().any(|port| DHCP_V6_PORTS.contains(port));
        if dhcp::v4::recognise(payload) {
            Some(Self::DhcpV4)
        } else if dhcp_v6 && !payload.is_empty() || dhcp::v6::recognise(payload, wire_bytes) {
            Some(Self::DhcpV6)
        } else {
            None
        }
    }

    /// As the JSON writes it.
    #[must_use]
    pub fn protocol(self) -> &'static str {
        match self {
            Self::Stun => "stun",
            Self::ConnectionRequest => "udp_connection_request",
            Self::LightweightNotification => "lightweight_notification",
            Self::DhcpV4 | Self::DhcpV6 => "dhcp",
        }
    }
}

impl Datagram {
    /// Read as STUN.
    #[must_use]
    pub fn stun(&self) -> Option<stun::Message> {
        let right = self.kind == DatagramKind::Stun;
        right
            .then(|| stun::parse(&self.payload, self.wire_bytes))
            .flatten()
    }

    /// Read as a UDP Connection Request.
    #[must_use]
    pub fn connection_request(&self) -> Option<stun::ucr::Request> {
        let right = self.kind == DatagramKind::ConnectionRequest;
        right
            .then(|| stun::ucr::parse(&self.payload, self.wire_bytes))
            .flatten()
    }

    /// Verifies what it proves, now that its device is known.
    pub(super) fn verify(&mut self, credentials: &Credentials) {
        let device = self.device.as_deref();
        let mut verified = Verified::default();
        if let Some(message) = self.stun() {
            verified.integrity = credentials.integrity(&message, device);
        } else if let Some(request) = self.connection_request() {
            let verdict = credentials.udp_request(&request, device);
            verified.signature_valid = verdict.signature_valid;
            verified.signed_text = verdict.signed_text;
            verified.user_name_valid = verdict.user_name_valid;
        } else if let Some(told) = self.lightweight_notification() {
            verified.signature_valid = credentials.notification(&told);
        }
        self.verified = verified;
    }

    /// Read as a lightweight notification.
    #[must_use]
    pub fn lightweight_notification(&self) -> Option<stun::lwn::Notification> {
        let right = self.kind == DatagramKind::LightweightNotification;
        right
            .then(|| stun::lwn::parse(&self.payload, self.wire_bytes))
            .flatten()
    }

    /// Read as DHCPv4.
    #[must_use]
    pub fn dhcp_v4(&self) -> Option<dhcp::v4::Message<'_>> {
        let limits = dhcp::Limits::default();
        (self.kind == DatagramKind::DhcpV4)
            .then(|| dhcp::v4::Message::parse(&self.payload, self.wire_bytes, &limits))
    }

    /// Read as DHCPv6.
    #[must_use]
    pub fn dhcp_v6(&self) -> Option<dhcp::v6::Message<'_>> {
        let limits = dhcp::Limits::default();
        (self.kind == DatagramKind::DhcpV6)
            .then(|| dhcp::v6::Message::parse(&self.payload, self.wire_bytes, &limits))
    }

    /// Whether the capture holds the whole of it.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        if self.payload.len() < self.wire_bytes {
            Evidence::Truncated
        } else {
            Evidence::Complete
        }
    }
}

/// RFC 8415 section 7.2.
const DHCP_V6_PORTS: [u16; 2] = [546, 547];
