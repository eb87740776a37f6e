//! Is a UDP payload a Connection Request? SSDP, SIP, RTSP and web requests by UDP are not.

use super::query::{Name, pieces};

/// Whether a UDP payload of `wire_bytes` on the wire is a UDP Connection Request or a near miss of one.
///
/// A method of HTTP that some server may use for it, a target that is no `*` and no other scheme's, and in the query at
/// least three of the five parameters (two, if the capture ends in the first line). Nothing but the first four bytes is
/// looked at in almost all other traffic.
#[inline]
pub fn recognise(payload: &[u8], wire_bytes: usize) -> bool {
    let Some((method, _)) = payload.split_first_chunk::<4>() else {
        return false;
    };
    let lower = u32::from_be_bytes(*method) | 0x2020_2020;
    let known = [*b"get ", *b"post", *b"put ", *b"head"];
    known.map(u32::from_be_bytes).contains(&lower) && asks(payload, wire_bytes)
}

fn asks(payload: &[u8], wire_bytes: usize) -> bool {
    let end = memchr::memchr(b'\n', payload);
    let line = payload
        .get(..end.unwrap_or(payload.len()))
        .unwrap_or_default();
    let cut = end.is_none() && payload.len() < wire_bytes;
    let Some(blank) = memchr::memchr(b' ', line).filter(|blank| *blank <= METHOD_BYTES_MAX) else {
        return false;
    };
    let mark = memchr::memchr(b'?', line).filter(|mark| *mark > blank);
    let Some((target, query)) = mark.and_then(|mark| line.split_at_checked(mark)) else {
        return false;
    };
    let target = target.get(blank..).unwrap_or_default().trim_ascii_start();
    let scheme = memchr::memmem::find(target, b"://").and_then(|end| target.get(..end));
    if scheme.is_some_and(|scheme| !is_web(scheme)) || target.first() == Some(&b'*') {
        return false;
    }
    let mut found = [false; 5];
    for (name, _) in pieces(query.get(1..).unwrap_or_default()) {
        if let Some(kind) = Name::of(name)
            && let Some(flag) = found.get_mut(kind as usize)
        {
            *flag = true;
        }
    }
    let found = found.iter().filter(|found| **found).count();
    found >= if cut { 2 } else { 3 }
}

fn is_web(scheme: &[u8]) -> bool {
    scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https")
}

/// Bytes of the longest method that is looked for.
const METHOD_BYTES_MAX: usize = 4;
