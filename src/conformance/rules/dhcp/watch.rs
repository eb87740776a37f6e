//! Reads every message of DHCP once, and holds what was said there against what sessions tell.

use std::collections::HashSet;
use std::net::IpAddr;

use super::clients::Clients;
use super::heard::{Heard, Kind, hear};
use super::{form, reported, table};
use crate::conformance::{Closed, Exchange, Findings, Seen, Topic};
use crate::session::{Datagram, DatagramKind, Side};

/// All of it.
#[derive(Debug, Default)]
pub struct Watch {
    clients: Clients,
    /// Addresses of clients whose ACS URL came with a NUL at its end.
    nul_urls: HashSet<IpAddr, foldhash::fast::RandomState>,
    /// Servers and relays by address that named themselves as gateways.
    gateways: reported::Gateways,
}

impl Topic for Watch {
    fn datagram(&mut self, datagram: &Datagram, findings: &mut Findings) {
        if !matches!(datagram.kind, DatagramKind::DhcpV4 | DatagramKind::DhcpV6) {
            return;
        }
        let Self {
            clients,
            nul_urls,
            gateways,
        } = self;
        hear(datagram, |heard| {
            clients.look(heard, findings);
            form::look(heard, clients.announced(&heard.client), findings);
            gateways.note(heard);
            note_url(nul_urls, heard);
        });
    }

    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if self.nul_urls.is_empty()
            || seen.from() != Side::Cpe
            || !seen.is_cwmp()
            || !seen.is_request()
        {
            return;
        }
        if self.nul_urls.contains(&seen.message.provenance.source.ip()) {
            reported::url_with_nul(seen, findings);
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        table::look(&mut self.clients, exchange, findings);
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        reported::look(&self.clients, &self.gateways, closed, findings);
    }
}

fn note_url(nul_urls: &mut HashSet<IpAddr, foldhash::fast::RandomState>, heard: &Heard<'_>) {
    if heard.kind != Kind::Grants {
        return;
    }
    let url = heard
        .specific
        .and_then(|specific| specific.discovery.acs_url);
    let url = url.or(heard.forum.and_then(|forum| forum.discovery.acs_url));
    let (Some(url), Some(address)) = (url, heard.address) else {
        return;
    };
    if !url.is_url() || !url.is_nul_terminated() {
        nul_urls.remove(&address);
    } else if nul_urls.len() < ADDRESSES_MAX {
        nul_urls.insert(address);
    }
}

/// Addresses remembered.
const ADDRESSES_MAX: usize = 16_384;
