//! What the options of the innermost message say.

use std::net::Ipv6Addr;

use super::{Duid, Message};
use crate::enterprise::items;
use crate::octets::{ipv6_list, u16_at};
use crate::{
    BROADBAND_FORUM, BroadbandForum, Text, VendorClass, VendorClasses, VendorInformation,
    VendorInformations, Width, name, names,
};

/// Option 13 (RFC 8415 section 21.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status<'a> {
    /// 0 is success.
    pub code: u16,
    /// In words, for people.
    pub text: Text<'a>,
}

impl<'a> Status<'a> {
    pub(super) fn read(value: &'a [u8]) -> Option<Self> {
        Some(Self {
            code: u16_at(value, 0)?,
            text: Text::new(value.get(2..)?),
        })
    }

    /// The code's name in RFC 8415 section 21.13, RFC 5007 and others: `no-addrs-avail`.
    pub fn name(self) -> &'static str {
        match self.code {
            0 => "success",
            1 => "unspec-fail",
            2 => "no-addrs-avail",
            3 => "no-binding",
            4 => "not-on-link",
            5 => "use-multicast",
            6 => "no-prefix-avail",
            7 => "unknown-query-type",
            8 => "malformed-query",
            9 => "not-configured",
            10 => "not-allowed",
            11 => "query-terminated",
            _ => "other",
        }
    }
}

impl<'a> Message<'a> {
    /// Option 1: the client.
    pub fn client_id(&self) -> Option<Duid<'a>> {
        self.value(1).map(Duid::parse)
    }

    /// Option 2: the server.
    pub fn server_id(&self) -> Option<Duid<'a>> {
        self.value(2).map(Duid::parse)
    }

    /// Option 6: the codes that the client asks for, in its order.
    pub fn requested_options(&self) -> Vec<u16> {
        let (codes, _) = self.value(6).unwrap_or_default().as_chunks::<2>();
        codes.iter().copied().map(u16::from_be_bytes).collect()
    }

    /// Option 7: how much the server wants to be chosen.
    pub fn preference(&self) -> Option<u8> {
        self.value(7)?.first().copied()
    }

    /// Option 8: hundredths of a second since the client began.
    pub fn elapsed_time_cs(&self) -> Option<u16> {
        self.value(8).and_then(|value| u16_at(value, 0))
    }

    /// Option 13 of the message itself; identity associations have theirs.
    pub fn status(&self) -> Option<Status<'a>> {
        self.value(13).and_then(Status::read)
    }

    /// Option 15: classes of the user; the value as one where lengths do not fill it.
    pub fn user_classes(&self) -> Vec<&'a [u8]> {
        let value = self.value(15);
        value.map_or_else(Vec::new, |value| {
            items(value, Width::Two).unwrap_or_else(|| vec![value])
        })
    }

    /// Option 16, one for each enterprise; `dslforum.org` in it announces TR-069 (TR-069 Amendment 6 section 3.1).
    pub fn vendor_classes(&self) -> impl Iterator<Item = VendorClass<'a>> {
        self.values_of(16).flat_map(VendorClasses::v6)
    }

    /// Does the client announce TR-069, in letters of any case?
    pub fn announces_tr069(&self) -> bool {
        self.vendor_classes()
            .any(|class| crate::v4::holds_announcement(class.data))
    }

    /// Option 17, one for each enterprise.
    pub fn vendor_information(&self) -> impl Iterator<Item = VendorInformation<'a>> {
        self.values_of(17).flat_map(VendorInformations::v6)
    }

    /// What the Broadband Forum's sub-options of option 17 say: device, gateway, ACS; none where it has no option.
    pub fn broadband_forum(&self) -> Option<BroadbandForum<'a>> {
        let ours: Vec<_> = self
            .vendor_information()
            .filter(|block| block.enterprise == BROADBAND_FORUM)
            .collect();
        if ours.is_empty() {
            return None;
        }
        let sub_options = ours.iter().copied();
        Some(BroadbandForum::read(
            sub_options.flat_map(VendorInformation::sub_options),
        ))
    }

    /// Option 21: SIP servers by name (RFC 3319).
    pub fn sip_server_names(&self) -> Vec<String> {
        self.value(21).and_then(names).unwrap_or_default()
    }

    /// Option 22: SIP servers by address (RFC 3319).
    pub fn sip_server_addresses(&self) -> Vec<Ipv6Addr> {
        self.value(22).and_then(ipv6_list).unwrap_or_default()
    }

    /// Option 23: servers of names (RFC 3646).
    pub fn domain_name_servers(&self) -> Vec<Ipv6Addr> {
        self.value(23).and_then(ipv6_list).unwrap_or_default()
    }

    /// Option 39: flags and the client's name, in part or whole (RFC 4704).
    pub fn client_fqdn(&self) -> Option<(u8, String)> {
        let (flags, encoded) = self.value(39)?.split_first()?;
        let (name, _) = name(encoded)?;
        Some((*flags, name))
    }

    /// Option 59: what to boot (RFC 5970), where telephones find their provisioning.
    pub fn boot_file_url(&self) -> Option<Text<'a>> {
        self.value(59).map(Text::new)
    }

    /// Option 87: a DHCPv4 message inside (RFC 7341), for [`crate::v4::Message::parse`].
    pub fn dhcpv4_message(&self) -> Option<&'a [u8]> {
        self.value(87)
    }
}
