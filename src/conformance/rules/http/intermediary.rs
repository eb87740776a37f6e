//! Signs of somebody between the device and the ACS: what stands on such a leg is not the word of either.

use crate::session::Message;

/// A header field of it was put there by a proxy, a load balancer or a TLS terminator.
pub(in crate::conformance::rules) fn is_forwarded(message: &Message) -> bool {
    message.http.headers().any(|header| {
        NAMES
            .iter()
            .any(|name| header.name.eq_ignore_ascii_case(name))
    })
}

/// It goes from a host to itself, as behind a TLS terminator on the machine of the ACS, and in a laboratory.
pub(in crate::conformance::rules) fn stays_on_host(message: &Message) -> bool {
    let provenance = &message.provenance;
    provenance.source.ip() == provenance.destination.ip()
}

const NAMES: [&[u8]; 8] = [
    b"Via",
    b"Forwarded",
    b"X-Forwarded-For",
    b"X-Forwarded-Proto",
    b"X-Forwarded-Host",
    b"X-Real-IP",
    b"X-Forwarded-Port",
    b"X-Forwarded-Ssl",
];
