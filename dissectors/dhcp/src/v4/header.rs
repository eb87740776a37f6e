//! The fixed fields.

use std::net::Ipv4Addr;

use super::{COOKIE_AT, FILE, Message, Place, SNAME};
use crate::Text;
use crate::octets::{array, ipv4_at, u16_at, u32_at};

/// The fixed fields (RFC 2131 section 2); zero where the datagram ends before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// `op`: 1 from a client, 2 from a server.
    pub operation: u8,
    /// `htype`, a number of ARP: 1 is Ethernet.
    pub hardware_type: u8,
    /// `hlen`, in bytes.
    pub hardware_length: u8,
    /// `hops` over relay agents.
    pub hops: u8,
    /// `xid`
    pub transaction_id: u32,
    /// `secs` since the client began.
    pub seconds: u16,
    /// `flags`; the highest bit asks for a broadcast answer.
    pub flags: u16,
    /// `ciaddr`, the address that the client has.
    pub client_address: Ipv4Addr,
    /// `yiaddr`, the address that the client gets.
    pub your_address: Ipv4Addr,
    /// `siaddr`, the next server of a boot, mostly for TFTP.
    pub next_server_address: Ipv4Addr,
    /// `giaddr`, the relay agent.
    pub relay_address: Ipv4Addr,
    /// `chaddr`, all of it.
    pub client_hardware_address: [u8; 16],
}

impl Header {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let byte = |offset: usize| bytes.get(offset).copied().unwrap_or_default();
        let address = |offset| ipv4_at(bytes, offset).unwrap_or(Ipv4Addr::UNSPECIFIED);
        Self {
            operation: byte(0),
            hardware_type: byte(1),
            hardware_length: byte(2),
            hops: byte(3),
            transaction_id: u32_at(bytes, 4).unwrap_or_default(),
            seconds: u16_at(bytes, 8).unwrap_or_default(),
            flags: u16_at(bytes, 10).unwrap_or_default(),
            client_address: address(12),
            your_address: address(16),
            next_server_address: address(20),
            relay_address: address(24),
            client_hardware_address: array(bytes, 28).unwrap_or_default(),
        }
    }

    /// From a client?
    pub fn is_request(&self) -> bool {
        self.operation == 1
    }

    /// `chaddr` as far as `hlen` says.
    pub fn hardware_address(&self) -> &[u8] {
        let length = usize::from(self.hardware_length);
        let address = &self.client_hardware_address;
        address.get(..length).unwrap_or(address)
    }

    /// Does the client ask for a broadcast answer (RFC 2131 section 4.1)?
    pub fn wants_broadcast(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend([
            self.operation,
            self.hardware_type,
            self.hardware_length,
            self.hops,
        ]);
        out.extend(self.transaction_id.to_be_bytes());
        out.extend(self.seconds.to_be_bytes());
        out.extend(self.flags.to_be_bytes());
        for address in [
            self.client_address,
            self.your_address,
            self.next_server_address,
            self.relay_address,
        ] {
            out.extend(address.octets());
        }
        out.extend(self.client_hardware_address);
    }
}

impl Default for Header {
    /// A request of an Ethernet host that says nothing else.
    fn default() -> Self {
        Self {
            operation: 1,
            hardware_type: 1,
            hardware_length: 6,
            hops: 0,
            transaction_id: 0,
            seconds: 0,
            flags: 0,
            client_address: Ipv4Addr::UNSPECIFIED,
            your_address: Ipv4Addr::UNSPECIFIED,
            next_server_address: Ipv4Addr::UNSPECIFIED,
            relay_address: Ipv4Addr::UNSPECIFIED,
            client_hardware_address: [0; 16],
        }
    }
}

impl<'a> Message<'a> {
    /// `sname`, the server's name; none where options stand there, or nothing.
    pub fn server_host_name(&self) -> Option<Text<'a>> {
        self.boot_text(Place::ServerName)
    }

    /// `file`, the boot file; none where options stand there, or nothing.
    pub fn boot_file(&self) -> Option<Text<'a>> {
        self.boot_text(Place::File)
    }

    fn boot_text(&self, place: Place) -> Option<Text<'a>> {
        if self.options.overloads(place) {
            return None;
        }
        let range = match place {
            Place::File => FILE,
            Place::ServerName => SNAME,
            Place::Options => return None,
        };
        let end = range.end.min(self.bytes.len()).min(COOKIE_AT);
        let field = self.bytes.get(range.start..end)?;
        let text = field.split(|byte| *byte == 0).next()?;
        (!text.is_empty()).then(|| Text::new(text))
    }
}
