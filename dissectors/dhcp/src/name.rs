//! Domain names as DNS writes them, without compression (RFC 1035 section 3.1; RFC 8415 section 10).

/// The name at the front of the bytes, and what is behind it.
///
/// A name that the end cuts is one too: a client may send a partial name (RFC 4702 section 2.3.1). Bytes of a label that
/// are not printable, and dots and backslashes, are written `\DDD` in decimal (RFC 1035 section 5.1). None where a label
/// does not fit, or is a compression pointer.
pub fn name(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut written = String::new();
    let mut rest = bytes;
    let mut wire = 0usize;
    while let Some((length, behind)) = rest.split_first() {
        let length = usize::from(*length);
        if length == 0 {
            return Some((written, behind));
        }
        wire = wire.saturating_add(length).saturating_add(1);
        if length > LABEL_BYTES_MAX || wire > NAME_BYTES_MAX {
            return None;
        }
        let (label, behind) = behind.split_at_checked(length)?;
        if !written.is_empty() {
            written.push('.');
        }
        push_label(&mut written, label);
        rest = behind;
    }
    Some((written, rest))
}

fn push_label(written: &mut String, label: &[u8]) {
    for byte in label {
        match byte {
            b'.' | b'\\' => {
                written.push('\\');
                written.push(char::from(*byte));
            }
            0x21..=0x7e => written.push(char::from(*byte)),
            _ => {
                let digits = format!("\\{byte:03}");
                written.push_str(&digits);
            }
        }
    }
}

/// Names one behind the other that fill the bytes; none where they do not.
pub fn names(bytes: &[u8]) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (one, behind) = name(rest)?;
        found.push(one);
        rest = behind;
    }
    Some(found)
}

/// RFC 1035 section 2.3.4.
const LABEL_BYTES_MAX: usize = 63;
/// RFC 1035 section 2.3.4.
const NAME_BYTES_MAX: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_partial() {
        let (one, rest) = name(b"\x03sip\x07example\x00rest").unwrap_or_default();
        assert_eq!((one.as_str(), rest), ("sip.example", &b"rest"[..]));
        let (partial, _) = name(b"\x05phone").unwrap_or_default();
        assert_eq!(partial, "phone");
        let several = names(b"\x01a\x00\x01b\x01c\x00");
        assert_eq!(several, Some(vec!["a".to_owned(), "b.c".to_owned()]));
    }

    #[test]
    fn what_is_no_name() {
        assert_eq!(name(b"\xc0\x0c"), None);
        assert_eq!(name(b"\x05abc"), None);
        assert_eq!(name(&[1; 600]), None);
    }

    #[test]
    fn odd_bytes_are_escaped() {
        let (escaped, _) = name(b"\x04a.\x00\xff\x00").unwrap_or_default();
        assert_eq!(escaped, "a\\.\\000\\255");
    }
}
