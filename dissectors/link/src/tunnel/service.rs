//! The network service header.

use crate::frame::ethernet;
use crate::ip;
use crate::rest::Rest;
use crate::tunnel::mpls;
use crate::{Decoded, Protocol};

/// RFC 8300 section 2.2: length in words in six bits, next protocol fourth.
pub(crate) fn header(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[_, words, _, next], _)) = rest.take::<4>() else {
        return rest.too_short("network service header is not whole");
    };
    let length = usize::from(words & 0x3f) * 4;
    if length < 8 {
        return Decoded::Malformed("network service header length is below 8");
    }
    let Some(inner) = rest.skip(length) else {
        return rest.too_short("network service header is not whole");
    };
    match next {
        1 => ip::version_4(inner),
        2 => ip::version_6(inner),
        3 => ethernet::frame(inner),
        5 => mpls::labels(inner),
        _ => inner.not_ip(Protocol::Named("nsh_other_protocol")),
    }
}
