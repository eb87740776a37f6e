//! Small pieces of sentences.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use crate::report::{escape, moment};
use crate::session::{Identity, MASKED, Masking};
use crate::source::Timestamp;

/// How wire text goes into sentences: masked, then escaped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice {
    pub masking: Masking,
}

impl Voice {
    /// Text of the wire.
    pub fn say(self, text: &str) -> String {
        escape::text(&self.masking.text(text)).into_owned()
    }

    /// The value of a parameter.
    pub fn value(self, name: &str, value: &str) -> String {
        if self.masking.hides(name) && !value.is_empty() {
            return MASKED.to_owned();
        }
        if value.is_empty() {
            return "(empty)".to_owned();
        }
        self.say(value)
    }
}

/// `2.10 s` between two moments, none before nothing.
pub(super) fn between(from: Timestamp, to: Timestamp) -> String {
    moment::duration(to.milliseconds_since(from).max(0.0))
}

/// `12:00:01.250`.
pub(super) fn clock(time: Timestamp) -> String {
    moment::clock(time, 3)
}

/// The same for a moment after another: on another day with its date.
pub(super) fn clock_after(before: Timestamp, time: Timestamp) -> String {
    if moment::date(before) == moment::date(time) {
        clock(time)
    } else {
        moment::date_and_clock(time, 3)
    }
}

/// `once`, `twice`, `3 times`.
pub(super) fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        number => format!("{number} times"),
    }
}

/// `one, two and three`.
pub(super) fn listed<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// OUI, product class and serial number, as far as they are there; `None` where nothing is.
pub(super) fn identity(identity: &Identity) -> Option<String> {
    let parts = [
        &identity.oui,
        &identity.product_class,
        &identity.serial_number,
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join("-"))
}

/// The part of a parameter's path that people speak of: `UDPConnectionRequestAddress`, `PortMapping.1.ExternalPort`.
pub(super) fn short_name(path: &str) -> Cow<'_, str> {
    for (object, kept) in [
        ("ManagementServer.", false),
        ("GatewayInfo.", true),
        ("PortMapping.", true),
    ] {
        if let Some(at) = path.find(object) {
            let from = if kept { at } else { at + object.len() };
            return Cow::Borrowed(path.get(from..).unwrap_or(path));
        }
    }
    Cow::Borrowed(path)
}

/// Where a URL's host is an address: that, and the port.
pub(super) fn host_of(url: &str) -> Option<(IpAddr, u16)> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    let port = if scheme.eq_ignore_ascii_case("https") {
        443
    } else {
        80
    };
    if let Ok(socket) = authority.parse::<SocketAddr>() {
        return Some((socket.ip(), socket.port()));
    }
    let host = authority.trim_start_matches('[').trim_end_matches(']');
    Some((host.parse().ok()?, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_places() {
        assert_eq!(
            short_name("Device.ManagementServer.NATDetected"),
            "NATDetected"
        );
        assert_eq!(
            short_name("InternetGatewayDevice.WANDevice.1.PortMapping.2.InternalPort"),
            "PortMapping.2.InternalPort"
        );
        assert_eq!(
            short_name("Device.GatewayInfo.SerialNumber"),
            "GatewayInfo.SerialNumber"
        );
        let at = |url| host_of(url).map(|(host, port)| format!("{host} {port}"));
        assert_eq!(
            at("http://u:p@192.0.2.1:7547/a").as_deref(),
            Some("192.0.2.1 7547")
        );
        assert_eq!(
            at("https://[2001:db8::1]/").as_deref(),
            Some("2001:db8::1 443")
        );
        assert_eq!(at("http://phone.example.net/"), None);
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }
}
