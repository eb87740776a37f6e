//! Where a request goes and where a URL points, so that the two can be compared. Names are not resolved.

use std::net::SocketAddr;

use http1::auth::{UriMatch, uri_match};

use crate::session::{Message, Transport};

/// Scheme, server and target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::conformance::rules) struct Place {
    /// Its scheme is https.
    pub https: bool,
    /// In lower case.
    pub host: String,
    pub port: u16,
    /// Path with query.
    pub target: String,
}

impl Place {
    /// Of an absolute http or https URL.
    pub fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let https = scheme.eq_ignore_ascii_case("https");
        if !https && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let authority = authority.rsplit_once('@').map_or(authority, |(_, at)| at);
        let (host, port) = host_and_port(authority, if https { 443 } else { 80 })?;
        let path = path.split('#').next().unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        Some(Self {
            https,
            host,
            port,
            target: cut(&format!("{slash}{path}"), TARGET_BYTES_MAX),
        })
    }

    /// Where a request goes, by its target and its Host header field; the address where that is missing.
    pub fn of_request(message: &Message) -> Option<Self> {
        Unread::of_request(message).read()
    }

    /// Scheme apart, the same host and port.
    pub fn is_on_server_of(&self, other: &Self) -> bool {
        self.host == other.host && self.port == other.port
    }

    /// The same target, however it is spelt.
    pub fn has_target_of(&self, other: &Self) -> bool {
        let found = uri_match(self.target.as_bytes(), other.target.as_bytes());
        !matches!(found, UriMatch::Other | UriMatch::QueryMissing)
    }

    /// Its host is this address, and its port this one.
    pub fn is_at(&self, address: SocketAddr) -> bool {
        self.port == address.port() && self.host.parse() == Ok(address.ip())
    }
}

/// Where a request goes, as on the wire: most are never asked for it.
#[derive(Debug)]
pub(in crate::conformance::rules) struct Unread {
    https: bool,
    host: Option<Box<[u8]>>,
    destination: SocketAddr,
    target: Box<[u8]>,
}

impl Unread {
    pub fn of_request(message: &Message) -> Self {
        Self {
            https: message.provenance.transport == Transport::Https,
            host: message.http.header("Host").map(|host| host.as_ref().into()),
            destination: message.provenance.destination,
            target: message.http.target().into(),
        }
    }

    /// This request goes there too.
    pub fn is_of(&self, message: &Message) -> bool {
        *self.target == *message.http.target()
            && self.host.as_deref() == message.http.header("Host").as_deref()
            && self.destination == message.provenance.destination
            && self.https == (message.provenance.transport == Transport::Https)
    }

    pub fn read(&self) -> Option<Place> {
        let target = String::from_utf8_lossy(&self.target);
        if let Some(absolute) = Place::of(&target) {
            return Some(absolute);
        }
        let default_port = if self.https { 443 } else { 80 };
        let (host, port) = match &self.host {
            Some(host) => host_and_port(String::from_utf8_lossy(host).trim(), default_port)?,
            None => (self.destination.ip().to_string(), self.destination.port()),
        };
        Some(Place {
            https: self.https,
            host,
            port,
            target: cut(&target, TARGET_BYTES_MAX),
        })
    }
}

fn host_and_port(authority: &str, default_port: u16) -> Option<(String, u16)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, "")) => (host, default_port),
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, default_port),
    };
    let host = host.trim_matches(['[', ']']);
    let host = cut(host, HOST_BYTES_MAX).to_ascii_lowercase();
    (!host.is_empty()).then_some((host, port))
}

/// The beginning of a text, which is enough to tell it from others.
fn cut(text: &str, bytes_max: usize) -> String {
    let most = bytes_max.min(text.len());
    let end = (0..=most).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default().to_owned()
}

/// Bytes looked at of a target: servers take no longer ones.
const TARGET_BYTES_MAX: usize = 8 << 10;
/// Bytes looked at of a host; a name has 253 (RFC 1035 section 2.3.4).
const HOST_BYTES_MAX: usize = 256;
