//! One message of DHCP, of either version, in the words that the rules need. Judges nothing.

use std::net::IpAddr;
use std::ops::Range;

use dhcp::{BROADBAND_FORUM, BroadbandForum, VendorInformation, v4, v6};

use crate::session::{Datagram, DatagramKind, Evidence};

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The client asks: DISCOVER, REQUEST, INFORM; SOLICIT, REQUEST, RENEW, INFORMATION-REQUEST.
    Asks,
    /// OFFER, ADVERTISE.
    Offers,
    /// ACK, REPLY.
    Grants,
    /// RELEASE.
    Releases,
    /// Whatever else.
    Other,
}

/// A message that the capture holds whole.
pub(super) struct Heard<'m> {
    pub datagram: &'m Datagram,
    pub v6: bool,
    pub kind: Kind,
    /// Its name in its document.
    pub name: &'static str,
    pub transaction: u32,
    /// chaddr, or the DUID.
    pub client: Vec<u8>,
    /// Option 54, the DUID of the server, or where it sends from.
    pub server: Vec<u8>,
    /// Option 60 or 16.
    pub class: Option<Vec<u8>>,
    /// The address that is given, or that the client has.
    pub address: Option<IpAddr>,
    pub lease_s: Option<i64>,
    /// What enterprise 3561 says in option 125 or 17; `None` where it has no block.
    pub forum: Option<BroadbandForum<'m>>,
    /// Blocks of enterprise 3561, and whether sub-options fill each.
    pub blocks: usize,
    pub misfit: bool,
    /// Option 43.
    pub specific: Option<v4::VendorSpecific<'m>>,
    /// Where option 125 or 17 stands, and option 43, 60 or 16.
    pub place: Range<usize>,
    pub specific_place: Range<usize>,
    pub class_place: Range<usize>,
}

impl Heard<'_> {
    pub fn time_ns(&self) -> i64 {
        self.datagram.time.nanoseconds
    }

    /// The client says who it is.
    pub fn has_device(&self) -> bool {
        self.forum
            .as_ref()
            .is_some_and(|forum| !forum.device.is_empty())
    }

    /// The server says who it is.
    pub fn has_gateway(&self) -> bool {
        self.forum
            .as_ref()
            .is_some_and(|forum| !forum.gateway.is_empty())
    }
}

/// Reads a datagram and shows it, if it is DHCP and whole.
pub(super) fn hear(datagram: &Datagram, mut to: impl FnMut(&Heard<'_>)) {
    if datagram.evidence() != Evidence::Complete {
        return;
    }
    match datagram.kind {
        DatagramKind::DhcpV4 => {
            if let Some(message) = datagram.dhcp_v4()
                && let Some(heard) = of_v4(datagram, &message)
            {
                to(&heard);
            }
        }
        DatagramKind::DhcpV6 => {
            if let Some(message) = datagram.dhcp_v6()
                && let Some(heard) = of_v6(datagram, &message)
            {
                to(&heard);
            }
        }
        _ => {}
    }
}

fn of_v4<'m>(datagram: &'m Datagram, message: &'m v4::Message<'m>) -> Option<Heard<'m>> {
    use v4::MessageType as Type;
    let header = message.header();
    let message_type = message.message_type()?;
    let kind = match message_type {
        Type::Discover | Type::Request | Type::Inform => Kind::Asks,
        Type::Offer => Kind::Offers,
        Type::Ack => Kind::Grants,
        Type::Release => Kind::Releases,
        _ => Kind::Other,
    };
    let asks = matches!(kind, Kind::Asks | Kind::Releases);
    if asks != header.is_request() && kind != Kind::Other {
        return None;
    }
    let own = Some(header.client_address).filter(|own| !own.is_unspecified());
    // What goes to a client with an address goes there (RFC 2131 section 4.1).
    let to = datagram.destination;
    let there = match to.ip() {
        IpAddr::V4(there) if !asks && to.port() == CLIENT_PORT && !there.is_broadcast() => {
            Some(there)
        }
        _ => None,
    };
    let address = message.offered_address().or(own).or(there).map(IpAddr::V4);
    let server = message.server_id().map(IpAddr::V4);
    let server = server.unwrap_or_else(|| datagram.source.ip()).to_string();
    let place = |code: u8| {
        let found = message.options().iter().find(|option| option.code == code);
        found.map_or(0..1, |option| option.offset..option.value.end)
    };
    let ours = |block: &VendorInformation<'_>| block.enterprise == BROADBAND_FORUM;
    let blocks: Vec<_> = message.vendor_information().filter(ours).collect();
    Some(Heard {
        datagram,
        v6: false,
        kind,
        name: message_type.name(),
        transaction: header.transaction_id,
        client: header.hardware_address().to_vec(),
        server: server.into_bytes(),
        class: message
            .vendor_class_id()
            .map(|class| class.value().to_vec()),
        address,
        lease_s: message.lease_time_s().map(i64::from),
        forum: message.broadband_forum(),
        blocks: blocks.len(),
        misfit: blocks
            .iter()
            .any(|block| block.partial || block.sub_options().misfit().is_some()),
        specific: message.vendor_specific(),
        place: place(125),
        specific_place: place(43),
        class_place: place(60),
    })
}

fn of_v6<'m>(datagram: &'m Datagram, message: &'m v6::Message<'m>) -> Option<Heard<'m>> {
    use v6::MessageType as Type;
    let message_type = message.message_type()?;
    let kind = match message_type {
        Type::Solicit | Type::Request | Type::Renew | Type::InformationRequest => Kind::Asks,
        Type::Advertise => Kind::Offers,
        Type::Reply => Kind::Grants,
        Type::Release => Kind::Releases,
        _ => Kind::Other,
    };
    let mut leased = message
        .identity_associations()
        .flat_map(|association| association.addresses().collect::<Vec<_>>());
    let server = message.value(2).map(<[u8]>::to_vec);
    let classes: Vec<u8> = message
        .vendor_classes()
        .flat_map(|class| class.data.to_vec())
        .collect();
    let place = |code: u16| {
        let found = message.options().iter().find(|option| option.code == code);
        found.map_or(0..1, |option| option.offset..option.value.end)
    };
    let ours = |block: &VendorInformation<'_>| block.enterprise == BROADBAND_FORUM;
    let blocks: Vec<_> = message.vendor_information().filter(ours).collect();
    Some(Heard {
        datagram,
        v6: true,
        kind,
        name: message_type.name(),
        transaction: message.transaction_id(),
        client: message.value(1)?.to_vec(),
        server: server.unwrap_or_else(|| datagram.source.ip().to_string().into_bytes()),
        class: (!classes.is_empty()).then_some(classes),
        address: leased.next().map(|leased| IpAddr::V6(leased.address)),
        lease_s: None,
        forum: message.broadband_forum(),
        blocks: blocks.len(),
        misfit: blocks
            .iter()
            .any(|block| block.sub_options().misfit().is_some()),
        specific: None,
        place: place(17),
        specific_place: place(17),
        class_place: place(16),
    })
}

/// RFC 2131 section 4.1.
const CLIENT_PORT: u16 = 68;
