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

/// The host of a URL with an authority, without user, port and brackets.
#[must_use]
pub fn url_host(url: &str) -> Option<&str> {
    let (_, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    if let Some(literal) = host.strip_prefix('[') {
        return literal.split(']').next();
    }
    host.split(':').next().filter(|host| !host.is_empty())
}

/// The address in a URL, where its host is one.
#[must_use]
pub fn url_address(url: &str) -> Option<IpAddr> {
    url_host(url)?.parse().ok()
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

    #[test]
    fn hosts_of_urls() {
        assert_eq!(
            url_host("http://acs.example.net:7547/cwmp"),
            Some("acs.example.net")
        );
        assert_eq!(
            url_host(" http://user:word@192.0.2.1?x "),
            Some("192.0.2.1")
        );
        assert_eq!(url_host("https://[2001:db8::1]:7547/"), Some("2001:db8::1"));
        assert_eq!(url_host("http:///x"), None);
        assert_eq!(url_host("192.0.2.1:7547"), None);
        assert!(url_address("http://192.0.2.1/").is_some());
        assert_eq!(url_address("http://acs.example.net/"), None);
    }
}
