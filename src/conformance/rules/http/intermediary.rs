//! Signs of somebody between the device and the ACS: what stands on such a leg is not the word of either.

pub(in crate::conformance::rules) use crate::conformance::gist::is_forwarded;
use crate::session::Message;

/// It goes from a host to itself, as behind a TLS terminator on the machine of the ACS, and in a laboratory.
pub(in crate::conformance::rules) fn stays_on_host(message: &Message) -> bool {
    let provenance = &message.provenance;
    provenance.source.ip() == provenance.destination.ip()
}
