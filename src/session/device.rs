//! One device over many sessions: identity, addresses, the ACS it talks to.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use super::{Binding, DhcpFacts, Identity};
use crate::source::Timestamp;

/// `OUI[-ProductClass]-SerialNumber`, percent-encoded as TR-069 3.4.4 does.
pub type DeviceId = Arc<str>;

/// A device, as its Informs describe it.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its id.
    pub device: DeviceId,
    /// DeviceId.Manufacturer, of the latest Inform.
    pub manufacturer: Option<String>,
    /// DeviceId.OUI.
    pub oui: Option<String>,
    /// DeviceId.ProductClass.
    pub product_class: Option<String>,
    /// DeviceId.SerialNumber.
    pub serial_number: Option<String>,
    /// DeviceInfo.SoftwareVersion, of the latest Inform.
    pub software_version: Option<String>,
    /// Addresses it was seen at, in order of appearance.
    pub addresses: Vec<IpAddr>,
    /// ACS URLs it posted to, in order of appearance.
    pub acs_urls: Vec<String>,
    /// ManagementServer.ConnectionRequestURL, of the latest Inform.
    pub connection_request_url: Option<String>,
    /// ManagementServer.UDPConnectionRequestAddress, as last reported.
    pub udp_connection_request_address: Option<String>,
    /// ManagementServer.NATDetected, as last reported.
    pub nat_detected: Option<bool>,
    /// GatewayInfo, as last reported: the gateway that it stands behind (TR-111 part I).
    pub gateway: Option<Identity>,
    /// What DHCP says of it.
    pub dhcp: Option<Box<DhcpFacts>>,
    /// Its bindings, the earliest first.
    pub bindings: Vec<Binding>,
    /// Sessions seen.
    pub sessions: u32,
    /// Time of its first message.
    pub first: Timestamp,
    /// Time of its latest message.
    pub last: Timestamp,
}

/// `OUI[-ProductClass]-SerialNumber`, percent-encoded as TR-069 3.4.4 does.
#[must_use]
pub fn device_id(oui: &str, product_class: &str, serial_number: &str) -> String {
    let mut id = String::with_capacity(oui.len() + product_class.len() + serial_number.len() + 2);
    escape(oui, &mut id);
    if !product_class.is_empty() {
        id.push('-');
        escape(product_class, &mut id);
    }
    id.push('-');
    escape(serial_number, &mut id);
    id
}

/// Everything but letters, digits and `_` is percent-encoded (TR-069 Amendment 3 section 3.4.4).
fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            into.push(char::from(byte));
        } else {
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_ids_are_encoded_as_tr069_3_4_4_does() {
        assert_eq!(device_id("00D09E", "", "123456789"), "00D09E-123456789");
        assert_eq!(
            device_id("012345", "Set-top box", "A/1"),
            "012345-Set%2Dtop%20box-A%2F1"
        );
    }
}
