//! The list of extensions that ends a hello, and those whose content matters.

use crate::octets::Octets;
use crate::{AnomalyKind, Limits};

/// One extension (RFC 8446 section 4.2).
pub(crate) struct Extension<'a> {
    pub(crate) kind: u16,
    pub(crate) body: Octets<'a>,
}

/// The extensions behind a hello, as far as they are there.
pub(super) fn extensions<'a>(
    octets: &mut Octets<'a>,
    limits: &Limits,
    odd: &mut Vec<AnomalyKind>,
) -> Vec<Extension<'a>> {
    if octets.is_empty() {
        return Vec::new();
    }
    let Some((list, whole)) = octets.counted_or_rest(2) else {
        odd.push(AnomalyKind::HandshakeTruncated);
        return Vec::new();
    };
    if !whole {
        odd.push(AnomalyKind::HandshakeTruncated);
    } else if !octets.is_empty() {
        odd.push(AnomalyKind::HandshakeTrailingBytes);
    }
    read_extensions(list, limits, odd)
}

/// The extensions of a list without the length before it.
pub(crate) fn read_extensions<'a>(
    mut list: Octets<'a>,
    limits: &Limits,
    odd: &mut Vec<AnomalyKind>,
) -> Vec<Extension<'a>> {
    let mut found: Vec<Extension<'a>> = Vec::new();
    while !list.is_empty() && found.len() < limits.list_max {
        let (Some(kind), Some((body, whole))) = (list.u16(), list.counted_or_rest(2)) else {
            odd.push(AnomalyKind::ExtensionOdd);
            break;
        };
        if !whole {
            odd.push(AnomalyKind::ExtensionOdd);
        }
        if found.iter().any(|earlier| earlier.kind == kind) {
            odd.push(AnomalyKind::ExtensionRepeated);
        }
        found.push(Extension { kind, body });
    }
    found
}

/// The protocols of the extension ALPN (RFC 7301 section 3.1).
pub(crate) fn read_alpn(mut body: Octets<'_>, limits: &Limits) -> Option<Vec<Vec<u8>>> {
    let mut list = body.counted(2)?;
    let mut names = Vec::new();
    while !list.is_empty() && names.len() < limits.list_max {
        names.push(list.counted(1)?.rest().to_vec());
    }
    Some(names)
}

pub(crate) const SERVER_NAME: u16 = 0;
pub(crate) const SUPPORTED_GROUPS: u16 = 10;
pub(crate) const SIGNATURE_ALGORITHMS: u16 = 13;
pub(crate) const ALPN: u16 = 16;
pub(crate) const ENCRYPT_THEN_MAC: u16 = 22;
pub(crate) const EXTENDED_MASTER_SECRET: u16 = 23;
pub(crate) const SESSION_TICKET: u16 = 35;
pub(crate) const PRE_SHARED_KEY: u16 = 41;
pub(crate) const EARLY_DATA: u16 = 42;
pub(crate) const SUPPORTED_VERSIONS: u16 = 43;
pub(crate) const KEY_SHARE: u16 = 51;
