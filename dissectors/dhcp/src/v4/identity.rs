//! Who the client is: options 12, 60, 61, 77, 81 and 124, and what a relay agent adds in 82.

use super::Message;
use crate::octets::u32_at;
use crate::v6::Duid;
use crate::{SubOptions, Text, VendorClass, VendorClasses, Width, name};

/// Option 61 (RFC 2132 section 9.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientId<'a> {
    /// A hardware address behind its type, a number of ARP.
    Hardware {
        /// 1 is Ethernet.
        hardware_type: u8,
        /// The address.
        address: &'a [u8],
    },
    /// A DUID as in DHCPv6 (RFC 4361 section 6.1).
    Duid {
        /// Which interface of the client.
        iaid: u32,
        /// The client.
        duid: Duid<'a>,
    },
    /// Type 0: anything, mostly text.
    Opaque(&'a [u8]),
}

/// Option 81 (RFC 4702 section 2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientFqdn {
    /// S, O, E and N, from the lowest bit.
    pub flags: u8,
    /// What servers once answered; both bytes.
    pub response_codes: [u8; 2],
    /// The name, in whichever encoding it came.
    pub name: String,
}

impl Message<'_> {
    /// Option 61, read by its type.
    pub fn client_id(&self) -> Option<ClientId<'_>> {
        let (kind, id) = self.value(61)?.split_first()?;
        Some(match kind {
            0 => ClientId::Opaque(id),
            255 => match (u32_at(id, 0), id.get(4..)) {
                (Some(iaid), Some(duid)) => ClientId::Duid {
                    iaid,
                    duid: Duid::parse(duid),
                },
                _ => ClientId::Opaque(id),
            },
            hardware_type => ClientId::Hardware {
                hardware_type: *hardware_type,
                address: id,
            },
        })
    }

    /// Option 12.
    pub fn host_name(&self) -> Option<Text<'_>> {
        self.value(12).map(Text::new)
    }

    /// Option 81.
    pub fn client_fqdn(&self) -> Option<ClientFqdn> {
        let value = self.value(81)?;
        let (head, written) = value.split_at_checked(3)?;
        let [flags, first, second] = <[u8; 3]>::try_from(head).ok()?;
        let encoded = flags & FQDN_ENCODED != 0;
        let decoded = encoded.then(|| name(written)).flatten();
        let name = match decoded {
            Some((name, _)) => name,
            None => Text::new(written).text().into_owned(),
        };
        Some(ClientFqdn {
            flags,
            response_codes: [first, second],
            name,
        })
    }

    /// Option 60: what kind of client this is; `dslforum.org` in it announces TR-069 (TR-069 Amendment 6 section 3.1).
    pub fn vendor_class_id(&self) -> Option<Text<'_>> {
        self.value(60).map(Text::new)
    }

    /// Option 77, as it came: items with lengths (RFC 3004), or bare text from many senders.
    pub fn user_class(&self) -> Option<&[u8]> {
        self.value(77)
    }

    /// Option 124: classes by enterprise.
    pub fn vendor_classes(&self) -> VendorClasses<'_> {
        VendorClasses::v4(self.value(124).unwrap_or_default())
    }

    /// Does the client announce TR-069, in letters of any case (option 60, or option 124 of the Broadband Forum)?
    pub fn announces_tr069(&self) -> bool {
        self.value(60).is_some_and(holds_announcement)
            || self
                .vendor_classes()
                .any(|class: VendorClass<'_>| holds_announcement(class.data))
    }

    /// Option 82: what a relay agent knows of the client's line, as it came (RFC 3046).
    pub fn relay_agent_information(&self) -> SubOptions<'_> {
        SubOptions::new(self.value(82).unwrap_or_default(), Width::One)
    }
}

/// Does `dslforum.org` stand in there, in letters of any case?
pub(crate) fn holds_announcement(bytes: &[u8]) -> bool {
    bytes
        .windows(ANNOUNCEMENT.len())
        .any(|window| window.eq_ignore_ascii_case(ANNOUNCEMENT))
}

/// TR-069 Amendment 6 section 3.1.
const ANNOUNCEMENT: &[u8] = b"dslforum.org";
/// E: the name stands there as DNS writes it (RFC 4702 section 2.1).
const FQDN_ENCODED: u8 = 4;
