//! Where a request goes and where a URL points, so that the two can be compared. Names are not resolved.

use std::net::SocketAddr;

use http1::auth::{UriMatch, uri_match};

use crate::session::Message;

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
            target: format!("{slash}{path}"),
        })
    }

    /// Where a request goes, by its target and its Host header field; the address where that is missing.
    pub fn of_request(message: &Message) -> Option<Self> {
        let target = String::from_utf8_lossy(message.http.target()).into_owned();
        if let Some(absolute) = Self::of(&target) {
            return Some(absolute);
        }
        let https = message.provenance.transport == crate::session::Transport::Https;
        let destination = message.provenance.destination;
        let (host, port) = match message.http.header("Host") {
            Some(host) => {
                let host = String::from_utf8_lossy(&host).into_owned();
                host_and_port(host.trim(), if https { 443 } else { 80 })?
            }
            None => (destination.ip().to_string(), destination.port()),
        };
        Some(Self {
            https,
            host,
            port,
            target,
        })
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

fn host_and_port(authority: &str, default_port: u16) -> Option<(String, u16)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, "")) => (host, default_port),
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, default_port),
    };
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    (!host.is_empty()).then_some((host, port))
}
