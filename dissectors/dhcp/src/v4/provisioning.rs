//! Servers that provision telephones, in the options that telephones read.

use std::net::Ipv4Addr;

use super::{Message, VendorForm};
use crate::octets::ipv4_list;
use crate::{Text, names};

/// A server that an option names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisioning<'m> {
    /// The option; 0 for `sname`, `file` and `siaddr` of the fixed fields.
    pub code: u8,
    /// What stands there.
    pub server: ServerName<'m>,
}

/// What a telephone makes of such an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerName<'m> {
    /// A URL with its scheme.
    Url(Text<'m>),
    /// Other text: a host, an address in digits, a path.
    Text(Text<'m>),
    /// Addresses, four bytes each.
    Addresses(Vec<Ipv4Addr>),
    /// Names as DNS writes them.
    Names(Vec<String>),
    /// Something else.
    Opaque(&'m [u8]),
}

impl<'m> ServerName<'m> {
    /// An option meant for text; addresses where it holds no text and they fill it.
    fn read_text(value: &'m [u8]) -> Self {
        let text = Text::new(value);
        if text.is_url() {
            return Self::Url(text);
        }
        if text.is_printable() {
            return Self::Text(text);
        }
        ipv4_list(value).map_or(Self::Opaque(value), Self::Addresses)
    }

    /// An option meant for addresses; text where it holds more printable characters than one address has bytes, since
    /// servers write `10.0.0.1` there.
    fn read_addresses(value: &'m [u8]) -> Self {
        match ipv4_list(value) {
            Some(addresses) if value.len() == 4 => Self::Addresses(addresses),
            _ => Self::read_text(value),
        }
    }

    /// Option 120: an encoding, then names or addresses (RFC 3361 section 3).
    fn read_sip(value: &'m [u8]) -> Self {
        let read = match value.split_first() {
            Some((0, rest)) => names(rest).map(Self::Names),
            Some((1, rest)) => ipv4_list(rest).map(Self::Addresses),
            _ => None,
        };
        read.unwrap_or_else(|| Self::read_text(value))
    }
}

impl Message<'_> {
    /// Option 66: the server of files; in RFC 2132 a host, with telephones mostly a URL.
    pub fn tftp_server_name(&self) -> Option<ServerName<'_>> {
        self.value(66).map(ServerName::read_text)
    }

    /// Option 67: the boot file.
    pub fn boot_file_name(&self) -> Option<Text<'_>> {
        self.value(67).map(Text::new)
    }

    /// Option 120: SIP servers.
    pub fn sip_servers(&self) -> Option<ServerName<'_>> {
        self.value(120).map(ServerName::read_sip)
    }

    /// Option 150: TFTP servers (RFC 5859), or text.
    pub fn tftp_server_addresses(&self) -> Option<ServerName<'_>> {
        self.value(150).map(ServerName::read_addresses)
    }

    /// Options 159 and 160, of private use: a URL of provisioning with several telephones.
    pub fn private_provisioning(&self, code: u8) -> Option<ServerName<'_>> {
        let private = matches!(code, 159 | 160);
        let value = self.value(code).filter(|_| private);
        value.map(ServerName::read_text)
    }

    /// Every server of provisioning that the message names: options 43, 66, 67, 120, 150, 159, 160, then the fixed fields.
    pub fn provisioning(&self) -> Vec<Provisioning<'_>> {
        let url = self.vendor_specific().and_then(|vendor| {
            let printed = matches!(vendor.form, VendorForm::Url | VendorForm::Bars);
            let url = vendor.discovery.acs_url?;
            (printed || url.is_url()).then_some(ServerName::Url(url))
        });
        let options = [
            (43, url),
            (66, self.tftp_server_name()),
            (67, self.value(67).map(ServerName::read_text)),
            (120, self.sip_servers()),
            (150, self.tftp_server_addresses()),
            (159, self.private_provisioning(159)),
            (160, self.private_provisioning(160)),
            (0, self.server_host_name().map(ServerName::Text)),
            (0, self.boot_file().map(ServerName::Text)),
            (0, self.next_server()),
        ];
        let named = options.into_iter();
        named
            .filter_map(|(code, server)| server.map(|server| Provisioning { code, server }))
            .collect()
    }

    fn next_server(&self) -> Option<ServerName<'static>> {
        let address = self.header().next_server_address;
        (!address.is_unspecified()).then(|| ServerName::Addresses(vec![address]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_or_addresses() {
        let two = [10, 0, 0, 1, 10, 0, 0, 2];
        let server = ServerName::read_addresses(&two);
        assert!(matches!(server, ServerName::Addresses(all) if all.len() == 2));
        let digits = b"10.0.0.1";
        assert!(matches!(
            ServerName::read_addresses(digits),
            ServerName::Text(_)
        ));
        assert!(matches!(
            ServerName::read_addresses(b"...."),
            ServerName::Addresses(_)
        ));
        assert!(matches!(
            ServerName::read_text(b"pbx1"),
            ServerName::Text(_)
        ));
        assert!(matches!(
            ServerName::read_text(b"tftp://h/"),
            ServerName::Url(_)
        ));
        assert!(matches!(
            ServerName::read_text(&two),
            ServerName::Addresses(_)
        ));
        assert!(matches!(
            ServerName::read_text(b"\x01\x02\x03"),
            ServerName::Opaque(_)
        ));
    }

    #[test]
    fn sip_servers_of_either_encoding() {
        let names = ServerName::read_sip(b"\x00\x03sip\x07example\x00");
        assert_eq!(names, ServerName::Names(vec!["sip.example".to_owned()]));
        let addresses = ServerName::read_sip(&[1, 192, 0, 2, 1]);
        assert!(matches!(addresses, ServerName::Addresses(_)));
    }
}
