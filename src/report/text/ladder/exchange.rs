//! Datagrams that belong together, and their ladder where they belong to no session.

use std::net::SocketAddr;

use super::Ladder;
use crate::session::{Datagram, DatagramKind, Side, Step};

/// Datagrams between a device and a server.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Where the device speaks from.
    pub client: SocketAddr,
    /// Whom it speaks to.
    pub server: SocketAddr,
    /// In time order.
    pub steps: Vec<Step>,
}

impl Exchange {
    /// The first of the datagrams says who speaks to whom.
    #[must_use]
    pub fn of<'d>(datagrams: impl IntoIterator<Item = &'d Datagram>) -> Option<Self> {
        let mut exchange: Option<Self> = None;
        for datagram in datagrams {
            let step = datagram.step();
            let (client, server) = match step.from {
                Side::Cpe => (datagram.source, datagram.destination),
                Side::Acs | Side::Other => (datagram.destination, datagram.source),
            };
            let begun = exchange.get_or_insert_with(|| Self {
                client,
                server,
                steps: Vec::new(),
            });
            begun.steps.push(step);
        }
        exchange
    }

    /// Between which ends.
    pub(super) fn caption(&self) -> String {
        format!("STUN {} with {}", self.client, self.server)
    }
}

impl Ladder {
    /// Datagrams of DHCP, or a lightweight notification; `client` is who sent the first, as it calls itself.
    pub fn datagrams(
        &self,
        kind: DatagramKind,
        client: Option<&str>,
        exchange: &Exchange,
        out: &mut String,
    ) {
        let (title, peer) = match kind {
            DatagramKind::DhcpV4 => ("DHCP", "dhcp server"),
            DatagramKind::DhcpV6 => ("DHCPv6", "dhcp server"),
            DatagramKind::Stun => ("STUN", "stun server"),
            DatagramKind::ConnectionRequest => ("UDP Connection Request", "acs"),
            DatagramKind::LightweightNotification => ("lightweight notification", "acs"),
        };
        // An answer comes from the server itself, a question mostly goes to all.
        let answered = exchange.steps.iter().any(|step| step.from != Side::Cpe);
        let server = match kind {
            DatagramKind::DhcpV4 | DatagramKind::DhcpV6 if answered => {
                exchange.server.ip().to_string()
            }
            DatagramKind::DhcpV4 | DatagramKind::DhcpV6 => String::new(),
            _ => exchange.server.to_string(),
        };
        let cpe = match kind {
            DatagramKind::DhcpV4 | DatagramKind::DhcpV6 => "cpe".to_owned(),
            _ => format!("cpe {}", exchange.client),
        };
        let peer = format!("{peer} {server}");
        let heads = (cpe, peer.trim_end().to_owned());
        self.alone(title, client, Vec::new(), heads, &exchange.steps, out);
    }
}
