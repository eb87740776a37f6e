//! Whether the secrets of a body can be found at all. It undoes no coding: what is coded is hidden whole.

/// Whether the names in it can be read: it is not compressed, and its ASCII letters are single bytes.
pub(super) fn is_legible(body: &[u8]) -> bool {
    if begins_markup(body) {
        // A device that sends control characters in its XML is to be looked at.
        !is_wide(body)
    } else {
        is_text(body) && !is_compressed(body)
    }
}

fn begins_markup(body: &[u8]) -> bool {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    matches!(body.trim_ascii_start(), [b'<', next, ..] if next.is_ascii_alphabetic() || b"_?!/".contains(next))
}

/// Letters one by one with NULs between them: UTF-16 or UTF-32, or the one read as the other.
fn is_wide(body: &[u8]) -> bool {
    if memchr::memchr(0, body).is_none() {
        return false;
    }
    let mut letters = 0;
    for part in body.split(|&byte| byte == 0) {
        match part.len() {
            0 => {}
            1 => letters += 1,
            _ => letters = 0,
        }
        if letters == WIDE_LETTERS_MIN {
            return true;
        }
    }
    false
}

/// What is compressed holds control characters, unless it is very short.
fn is_text(body: &[u8]) -> bool {
    !body
        .iter()
        .any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

/// Beginnings that need no control character: those of gzip and xz hold one.
fn is_compressed(body: &[u8]) -> bool {
    match body {
        [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] => rest.starts_with(BZIP2_BLOCK),
        _ if body.starts_with(ZSTD) => true,
        // RFC 1950 section 2.2: the method, and a number that makes both bytes a multiple of 31; `x^` is such a pair.
        [method, flags, ..] => {
            method & 0x0F == 8
                && *method < 0x80
                && u16::from_be_bytes([*method, *flags]) % 31 == 0
                && std::str::from_utf8(body).is_err()
        }
        _ => false,
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What begins a block of bzip2.
const BZIP2_BLOCK: &[u8] = b"1AY&SY";
/// RFC 8878 section 3.1.1.
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
/// So many letters apart are no accident.
const WIDE_LETTERS_MIN: usize = 4;
