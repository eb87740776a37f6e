//! Addresses and times of a lease, and other options of one number.

use std::net::Ipv4Addr;

use super::Message;
use crate::Text;
use crate::octets::{ipv4_at, ipv4_list, u16_at, u32_at};

impl Message<'_> {
    /// Option 50: the address that the client would like.
    pub fn requested_address(&self) -> Option<Ipv4Addr> {
        self.address(50)
    }

    /// `yiaddr`, where a server gave one.
    pub fn offered_address(&self) -> Option<Ipv4Addr> {
        let address = self.header().your_address;
        (!address.is_unspecified()).then_some(address)
    }

    /// Option 54: the server.
    pub fn server_id(&self) -> Option<Ipv4Addr> {
        self.address(54)
    }

    /// Option 51, in seconds; `u32::MAX` has no end.
    pub fn lease_time_s(&self) -> Option<u32> {
        self.number(51)
    }

    /// Option 58, T1, in seconds.
    pub fn renewal_time_s(&self) -> Option<u32> {
        self.number(58)
    }

    /// Option 59, T2, in seconds.
    pub fn rebinding_time_s(&self) -> Option<u32> {
        self.number(59)
    }

    /// Option 57: bytes that the client takes in one datagram.
    pub fn message_size_max_bytes(&self) -> Option<u16> {
        self.first_value(57).and_then(|value| u16_at(value, 0))
    }

    /// Option 1.
    pub fn subnet_mask(&self) -> Option<Ipv4Addr> {
        self.address(1)
    }

    /// Option 3.
    pub fn routers(&self) -> Vec<Ipv4Addr> {
        self.addresses(3)
    }

    /// Option 6.
    pub fn domain_name_servers(&self) -> Vec<Ipv4Addr> {
        self.addresses(6)
    }

    /// Option 55: the codes that the client asks for, in its order.
    pub fn requested_options(&self) -> &[u8] {
        self.value(55).unwrap_or_default()
    }

    /// Option 56: why a server refused, or a client declined.
    pub fn message_text(&self) -> Option<Text<'_>> {
        self.value(56).map(Text::new)
    }

    fn address(&self, code: u8) -> Option<Ipv4Addr> {
        self.first_value(code).and_then(|value| ipv4_at(value, 0))
    }

    fn addresses(&self, code: u8) -> Vec<Ipv4Addr> {
        self.value(code).and_then(ipv4_list).unwrap_or_default()
    }

    fn number(&self, code: u8) -> Option<u32> {
        self.first_value(code).and_then(|value| u32_at(value, 0))
    }
}
