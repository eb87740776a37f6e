//! The header of the PROXY protocol, versions 1 and 2, which a proxy writes before the client's first byte.
//!
//! The document is HAProxy's "The PROXY protocol, versions 1 & 2". Both versions are taken strictly by its grammar, so that
//! nothing else is passed over; the addresses are not given out.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{Bytes, Read, Stop};

/// A header of each version.
pub(super) const VERSIONS: [fn(&mut Bytes<'_>) -> Read<()>; 2] = [version_1, version_2];

/// One line of text (section 2.1).
fn version_1(bytes: &mut Bytes<'_>) -> Read<()> {
    literal(bytes, b"PROXY ")?;
    let window = bytes.rest.get(..LINE_BYTES_MAX - 6).unwrap_or(bytes.rest);
    let Some(end) = memchr::memchr(b'\n', window) else {
        let undecided = window.len() < LINE_BYTES_MAX - 6 && line_may_go_on(window);
        return Err(if undecided {
            Stop::NeedMore
        } else {
            Stop::Other
        });
    };
    let line = bytes.take(end.saturating_add(1))?;
    match line.strip_suffix(b"\r\n") {
        Some(line) if is_line(line) => Ok(()),
        _ => Err(Stop::Other),
    }
}

/// Is this what stands between the first word and the line's end?
fn is_line(line: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(line) else {
        return false;
    };
    if let Some(ignored) = text.strip_prefix("UNKNOWN") {
        return is_ignored(ignored.as_bytes());
    }
    let mut words = text.split(' ');
    let addresses = match words.next() {
        Some("TCP4") => {
            is_address::<Ipv4Addr>(words.next()) && is_address::<Ipv4Addr>(words.next())
        }
        Some("TCP6") => {
            is_address::<Ipv6Addr>(words.next()) && is_address::<Ipv6Addr>(words.next())
        }
        _ => false,
    };
    addresses && is_port(words.next()) && is_port(words.next()) && words.next().is_none()
}

fn is_address<Address: FromStr>(word: Option<&str>) -> bool {
    word.is_some_and(|word| word.parse::<Address>().is_ok())
}

/// Decimal, without leading zeroes.
fn is_port(word: Option<&str>) -> bool {
    word.is_some_and(|word| {
        let port = word.parse::<u16>().map(|port| port.to_string());
        port.is_ok_and(|port| port == word)
    })
}

/// What follows UNKNOWN is ignored, whatever it is; but with a version of HTTP it would be a start line.
fn is_ignored(rest: &[u8]) -> bool {
    rest.first().is_none_or(|&byte| byte == b' ')
        && rest.iter().all(|&byte| (0x20..0x7f).contains(&byte))
        && memchr::memmem::find(rest, b"HTTP/").is_none()
}

/// Can a line that has not ended yet still become one?
fn line_may_go_on(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (word, rest) = line.split_at(line.len().min(UNKNOWN.len()));
    if UNKNOWN.starts_with(word) {
        return is_ignored(rest);
    }
    let (word, rest) = line.split_at(line.len().min(4));
    let family = b"TCP4".starts_with(word) || b"TCP6".starts_with(word);
    let plain = |&byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b' ' | b'.' | b':');
    family && rest.iter().all(plain)
}

/// A signature, version and command, family, length, and as many bytes (section 2.2).
fn version_2(bytes: &mut Bytes<'_>) -> Read<()> {
    literal(bytes, SIGNATURE)?;
    let command = bytes.next()?;
    if !matches!(command, LOCAL | PROXY) {
        return Err(Stop::Other);
    }
    let addresses_bytes = match bytes.next()? {
        // Of what family the addresses are is not said: none need be there.
        0x00 => 0,
        // IPv4, IPv6 and paths in the file system; streams and datagrams.
        0x11 | 0x12 => 12,
        0x21 | 0x22 => 36,
        0x31 | 0x32 => 216,
        _ => return Err(Stop::Other),
    };
    let length = usize::from(u16::from_be_bytes([bytes.next()?, bytes.next()?]));
    let too_short = command == PROXY && length < addresses_bytes;
    if too_short || length > BEHIND_FIXED_BYTES_MAX {
        return Err(Stop::Other);
    }
    bytes.skip(length)
}

/// All of `wanted`; undecided while what is there agrees with it.
fn literal(bytes: &mut Bytes<'_>, wanted: &[u8]) -> Read<()> {
    wanted.iter().try_for_each(|&byte| bytes.exactly(byte))
}

/// Of a line of version 1 with its end (section 2.1: 107 characters, in the worst case).
const LINE_BYTES_MAX: usize = 107;
const UNKNOWN: &[u8] = b"UNKNOWN";
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Version 2, the proxy speaking for itself.
const LOCAL: u8 = 0x20;
/// Version 2, the proxy speaking for a client.
const PROXY: u8 = 0x21;
/// Of addresses and what a proxy adds: 216 bytes of the longest addresses, and a name, a client's common name, an identity, a
/// cipher of at most 255 bytes each, which is what proxies add. The field would hold 65535, but a header has to fit into the
/// first segment (section 2), and no more than this is to be held back of a connection that is not yet known for ours.
const BEHIND_FIXED_BYTES_MAX: usize = 1024;
/// Of any header.
pub(super) const HEADER_BYTES_MAX: usize = 16 + BEHIND_FIXED_BYTES_MAX;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HANDSHAKE_BYTES_MAX, Handshake, Kind, Recognised, handshake, recognise};

    /// The first four as the document prints them (section 2.1), one with the longest line it allows.
    const LINES: &[&[u8]] = &[
        b"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
        b"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
        b"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        b"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        b"PROXY UNKNOWN\r\n",
        b"PROXY TCP6 2001:db8::7 ::1 56324 7547\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 0 0\r\n",
    ];

    /// A header of version 2 with these bytes behind its length.
    fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap_or(u16::MAX).to_be_bytes();
        [SIGNATURE, &[command, family], &length, rest].concat()
    }

    fn headers() -> Vec<Vec<u8>> {
        let ipv4 = b"\xc0\0\x02\x01\xc0\0\x02\x02\xdc\x04\x01\xbb";
        // CRC-32C, ALPN, what TLS was spoken, padding (section 2.2).
        let added = b"\x03\0\x04\xde\xad\xbe\xef\x01\0\x08http/1.1\x20\0\x0f\x01\0\0\0\0\x21\0\x07TLSv1.3\x04\0\x02\0\0";
        let mut headers: Vec<_> = LINES.iter().map(|line| line.to_vec()).collect();
        headers.extend([
            binary(PROXY, 0x11, ipv4),
            binary(PROXY, 0x11, &[&ipv4[..], added].concat()),
            binary(PROXY, 0x12, ipv4),
            binary(PROXY, 0x21, &[7; 36]),
            binary(PROXY, 0x31, &[b'/'; 216]),
            binary(PROXY, 0x00, b""),
            binary(LOCAL, 0x00, b""),
            binary(LOCAL, 0x11, b""),
            binary(LOCAL, 0x00, added),
            binary(PROXY, 0x21, &[0; BEHIND_FIXED_BYTES_MAX]),
        ]);
        headers
    }

    #[test]
    fn a_header_ends_before_what_follows_and_every_prefix_is_undecided() {
        for header in headers() {
            for behind in [
                &b""[..],
                b"POST /acs HTTP/1.1\r\n\r\n",
                b"\x16\x03\x01",
                b"\0",
            ] {
                let stream = [&header[..], behind].concat();
                assert_eq!(
                    handshake(&stream),
                    Handshake::Whole(header.len()),
                    "{}",
                    stream.escape_ascii()
                );
            }
            for end in 0..header.len() {
                let prefix = header.get(..end).unwrap_or_default();
                assert_eq!(
                    handshake(prefix),
                    Handshake::NeedMore,
                    "{}",
                    prefix.escape_ascii()
                );
            }
            assert!(header.len() <= HANDSHAKE_BYTES_MAX);
        }
    }

    #[test]
    fn what_bends_the_grammar_is_none() {
        let long = [&b"PROXY UNKNOWN "[..], &[b'x'; 92], b"\r\n"].concat();
        assert_eq!(long.len(), 108);
        for bytes in [
            &b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\n"[..],
            b"PROXY TCP4 192.0.2.1 192.0.2.2 56324\r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 \r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 1\r\n",
            b"PROXY TCP4 192.0.2.1  192.0.2.2 56324 443\r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 65536\r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 056324 443\r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 +5632 443\r\n",
            b"PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n",
            b"PROXY TCP4 2001:db8::7 ::1 56324 7547\r\n",
            b"PROXY TCP6 192.0.2.1 192.0.2.2 56324 443\r\n",
            b"PROXY TCP5",
            b"PROXY TCP4/",
            b"PROXY UDP4 192.0.2.1 192.0.2.2 56324 443\r\n",
            b"PROXY UNKNOWNS\r\n",
            b"PROXY UNKNOWN \x1b\r\n",
            b"PROXY UNKNOWN HTTP/1.1\r\n",
            b"PROXY UNKNOWN HTTP/1.1\r\nHost: acs\r\n\r\n",
            b"PROXY / HTTP/1.1\r\n\r\n",
            b"proxy TCP4 192.0.2.1 192.0.2.2 56324 443\r\n",
            b"PROXY\tTCP4",
            b"\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            b"\r\n\r\n\0\r\nQUIT\n\x11\x11\0\x0c",
            b"\r\n\r\n\0\r\nQUIT\n\x22\x11\0\x0c",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x41\0\x0c",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0b",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x04\x01",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff",
            &long,
        ] {
            assert_eq!(handshake(bytes), Handshake::No, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn no_header_is_a_message() {
        for header in headers() {
            assert!(!matches!(recognise(&header), Recognised::Message(_)));
            let message = [&header[..], b"POST /acs HTTP/1.1\r\nHost: acs\r\n\r\n"].concat();
            let behind = message.get(header.len()..).unwrap_or_default();
            assert_eq!(recognise(behind), Recognised::Message(Kind::Request));
        }
    }
}
