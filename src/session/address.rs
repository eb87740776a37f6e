//! Addresses as TR-069 and its networks use them.

use std::net::{IpAddr, SocketAddr};

/// An address that hosts of one network have (RFC 1918, RFC 4193, RFC 4291), or one host has for itself: no NAT gives it to
/// several.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private() || address.is_link_local() || address.is_loopback()
        }
        IpAddr::V6(address) => {
            address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback()
        }
    }
}

/// `host[:port]` of UDPConnectionRequestAddress; without a port 80 is meant (TR-069 Amendment 3 section G.2.1.1).
#[must_use]
pub fn udp_address(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, 80)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_a_port() {
        let with = |text: &str| udp_address(text).map(|address| address.to_string());
        assert_eq!(with("192.0.2.1:34567").as_deref(), Some("192.0.2.1:34567"));
        assert_eq!(with(" 192.0.2.1 ").as_deref(), Some("192.0.2.1:80"));
        assert_eq!(with("[2001:db8::1]:7").as_deref(), Some("[2001:db8::1]:7"));
        assert_eq!(with("phone.example.net:80"), None);
        assert_eq!(with(""), None);
    }
}
