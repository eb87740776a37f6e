//! The hello of a client in the form of SSLv2, which old phones send to offer SSLv3 or TLS (RFC 5246 appendix E.2).

use super::ClientHello;
use crate::octets::Octets;
use crate::{Limits, Suite, Version};

/// Reads the message behind the two bytes of its length; None if it is none.
pub(crate) fn read_ssl2_hello(body: &[u8], limits: &Limits) -> Option<ClientHello> {
    let mut octets = Octets::new(body);
    if octets.u8()? != 1 {
        return None;
    }
    let version = Version(octets.u16()?);
    let [suites, session_id, challenge] = [octets.u16()?, octets.u16()?, octets.u16()?];
    let mut list = Octets::new(octets.take(suites.into())?);
    let session_id = octets.take(session_id.into())?.to_vec();
    let challenge = octets.take(challenge.into())?;
    let mut hello = ClientHello {
        legacy_version: Some(version),
        session_id,
        compressions: vec![0],
        is_ssl2_form: true,
        ..ClientHello::default()
    };
    // The challenge stands at the end of the random.
    for (to, from) in hello.random.iter_mut().rev().zip(challenge.iter().rev()) {
        *to = *from;
    }
    while let (Some(code), true) = (list.number(3), hello.suites.len() < limits.list_max) {
        // Codes of SSLv2 alone do not begin with zero.
        hello.suites.extend(u16::try_from(code).ok().map(Suite));
    }
    Some(hello)
}
