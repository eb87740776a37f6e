//! Addresses and prefixes: options 3, 4 and 25 with what is inside them.

use std::net::Ipv6Addr;

use super::{Message, Status};
use crate::octets::{ipv6_at, u32_at};
use crate::{SubOptions, Width};

/// What an identity association is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssociationKind {
    /// Addresses (option 3).
    NonTemporary,
    /// Temporary addresses (option 4).
    Temporary,
    /// Prefixes for what is behind the client (option 25).
    PrefixDelegation,
}

/// Addresses or prefixes of one interface (RFC 8415 sections 21.4, 21.5 and 21.21).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentityAssociation<'a> {
    /// What for.
    pub kind: AssociationKind,
    /// Which interface of the client.
    pub iaid: u32,
    /// T1 and T2 in seconds; none in option 4.
    pub times_s: Option<(u32, u32)>,
    /// The options inside.
    pub options: SubOptions<'a>,
}

/// An address of option 5 (RFC 8415 section 21.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeasedAddress<'a> {
    /// The address.
    pub address: Ipv6Addr,
    /// Preferred lifetime in seconds.
    pub preferred_s: u32,
    /// Valid lifetime in seconds.
    pub valid_s: u32,
    /// The options inside.
    pub options: SubOptions<'a>,
}

/// A prefix of option 26 (RFC 8415 section 21.22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeasedPrefix<'a> {
    /// Preferred lifetime in seconds.
    pub preferred_s: u32,
    /// Valid lifetime in seconds.
    pub valid_s: u32,
    /// Bits of the prefix.
    pub length: u8,
    /// The prefix.
    pub prefix: Ipv6Addr,
    /// The options inside.
    pub options: SubOptions<'a>,
}

impl<'a> IdentityAssociation<'a> {
    fn read(kind: AssociationKind, value: &'a [u8]) -> Option<Self> {
        let timed = kind != AssociationKind::Temporary;
        let (head, options) = value.split_at_checked(if timed { 12 } else { 4 })?;
        let times_s = u32_at(head, 4).zip(u32_at(head, 8));
        Some(Self {
            kind,
            iaid: u32_at(head, 0)?,
            times_s,
            options: SubOptions::new(options, Width::Two),
        })
    }

    /// Its addresses.
    pub fn addresses(&self) -> impl Iterator<Item = LeasedAddress<'a>> + use<'a> {
        let options = self.options.filter(|option| option.code == 5);
        options.filter_map(|option| {
            let (head, inside) = option.value.split_at_checked(24)?;
            Some(LeasedAddress {
                address: ipv6_at(head, 0)?,
                preferred_s: u32_at(head, 16)?,
                valid_s: u32_at(head, 20)?,
                options: SubOptions::new(inside, Width::Two),
            })
        })
    }

    /// Its prefixes.
    pub fn prefixes(&self) -> impl Iterator<Item = LeasedPrefix<'a>> + use<'a> {
        let options = self.options.filter(|option| option.code == 26);
        options.filter_map(|option| {
            let (head, inside) = option.value.split_at_checked(25)?;
            Some(LeasedPrefix {
                preferred_s: u32_at(head, 0)?,
                valid_s: u32_at(head, 4)?,
                length: *head.get(8)?,
                prefix: ipv6_at(head, 9)?,
                options: SubOptions::new(inside, Width::Two),
            })
        })
    }

    /// What the server says of it.
    pub fn status(&self) -> Option<Status<'a>> {
        self.options.value(13).and_then(Status::read)
    }
}

impl<'a> Message<'a> {
    /// Options 3, 4 and 25, in their order.
    pub fn identity_associations(&self) -> impl Iterator<Item = IdentityAssociation<'a>> {
        let bytes = self.bytes;
        self.options.iter().filter_map(move |option| {
            let kind = match option.code {
                3 => AssociationKind::NonTemporary,
                4 => AssociationKind::Temporary,
                25 => AssociationKind::PrefixDelegation,
                _ => return None,
            };
            IdentityAssociation::read(kind, bytes.get(option.value.clone())?)
        })
    }
}
