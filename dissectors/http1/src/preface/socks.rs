//! The handshake with a SOCKS proxy.
//!
//! SOCKS 4 and 4A, and SOCKS 5 (RFC 1928) without or with a password (RFC 1929), CONNECT only: behind it the connection is the
//! one to the server. What is refused, or asks for anything else, is no such handshake. This is no SOCKS dissector: it tells
//! how long the handshake is, and nothing of what it says.

use super::{Bytes, Read, Stop};

/// One side's part of a handshake, each sort of each side.
pub(super) const SIDES: [fn(&mut Bytes<'_>) -> Read<()>; 4] =
    [client_5, server_5, client_4, server_4];

/// Methods offered, the password where there is one, the request (RFC 1928 sections 3 and 4, RFC 1929 section 2).
fn client_5(bytes: &mut Bytes<'_>) -> Read<()> {
    bytes.exactly(VERSION_5)?;
    let methods = bytes.counted()?;
    if methods.is_empty() {
        return Err(Stop::Other);
    }
    if methods.contains(&PASSWORD) && bytes.peek()? == PASSWORD_VERSION {
        bytes.exactly(PASSWORD_VERSION)?;
        bytes.counted()?;
        bytes.counted()?;
    }
    bytes.exactly(VERSION_5)?;
    bytes.exactly(CONNECT)?;
    address_5(bytes)
}

/// The method chosen, the answer to the password, the reply (RFC 1928 section 6).
fn server_5(bytes: &mut Bytes<'_>) -> Read<()> {
    bytes.exactly(VERSION_5)?;
    match bytes.next()? {
        0 => {}
        PASSWORD => {
            bytes.exactly(PASSWORD_VERSION)?;
            bytes.exactly(GRANTED_5)?;
        }
        _ => return Err(Stop::Other),
    }
    bytes.exactly(VERSION_5)?;
    bytes.exactly(GRANTED_5)?;
    address_5(bytes)
}

/// RFC 1928 section 5, with the reserved byte before and the port behind it.
fn address_5(bytes: &mut Bytes<'_>) -> Read<()> {
    bytes.exactly(0)?;
    match bytes.next()? {
        1 => bytes.skip(4)?,
        3 => drop(bytes.counted()?),
        4 => bytes.skip(16)?,
        _ => return Err(Stop::Other),
    }
    bytes.skip(2)
}

/// Port, address and user; an address of 0.0.0.x says that a name follows (SOCKS 4A).
fn client_4(bytes: &mut Bytes<'_>) -> Read<()> {
    bytes.exactly(VERSION_4)?;
    bytes.exactly(CONNECT)?;
    bytes.skip(2)?;
    let named = matches!(bytes.take(4)?, [0, 0, 0, last] if *last != 0);
    bytes.text(TEXT_BYTES_MAX)?;
    if named {
        bytes.text(TEXT_BYTES_MAX)
    } else {
        Ok(())
    }
}

fn server_4(bytes: &mut Bytes<'_>) -> Read<()> {
    bytes.exactly(0)?;
    bytes.exactly(GRANTED_4)?;
    bytes.skip(6)
}

/// No handshake is longer: the methods, a user and a password, a name, 255 bytes each at most, and what is around them.
pub(super) const SOCKS_BYTES_MAX: usize = 4 * 256 + 8;
const VERSION_4: u8 = 4;
const VERSION_5: u8 = 5;
/// The command.
const CONNECT: u8 = 1;
/// The method, and the version of its messages.
const PASSWORD: u8 = 2;
const PASSWORD_VERSION: u8 = 1;
const GRANTED_4: u8 = 0x5a;
const GRANTED_5: u8 = 0;
/// Of a user or a name of SOCKS 4, its NUL included.
const TEXT_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Handshake, Kind, Recognised, handshake, recognise};

    /// One side's handshake of every sort; the first two as Arkime's test capture `socks-http-pass.pcap` has them.
    const HANDSHAKES: &[&[u8]] = &[
        b"\x05\x03\x00\x01\x02\x01\x08testuser\x08testuser\x05\x01\x00\x01\x5d\xb8\xd8\x77\x00\x50",
        b"\x05\x02\x01\x00\x05\x00\x00\x01\x0a\xb4\x9c\xf9\x81\xbe",
        b"\x05\x01\x00\x05\x01\x00\x03\x0bexample.org\x00\x50",
        b"\x05\x02\x00\x02\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x1d\x7b",
        b"\x05\x00\x05\x00\x00\x03\x07acs.net\x1d\x7b",
        b"\x04\x01\x00\x50\x0a\0\0\x01user\0",
        b"\x04\x01\x00\x50\0\0\0\x01user\0acs.net\0",
        b"\0\x5a\x1f\x90\x0a\0\0\x01",
    ];

    #[test]
    fn a_handshake_ends_before_what_follows() {
        for bytes in HANDSHAKES {
            for behind in [&b""[..], b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", b"\0"] {
                let stream = [bytes, behind].concat();
                assert_eq!(
                    handshake(&stream),
                    Handshake::Whole(bytes.len()),
                    "{}",
                    stream.escape_ascii()
                );
            }
        }
    }

    #[test]
    fn every_prefix_is_undecided() {
        for bytes in HANDSHAKES {
            for end in 0..bytes.len() {
                let prefix = bytes.get(..end).unwrap_or_default();
                assert_eq!(
                    handshake(prefix),
                    Handshake::NeedMore,
                    "{}",
                    prefix.escape_ascii()
                );
            }
        }
    }

    #[test]
    fn what_is_refused_or_something_else_is_none() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"HTTP/1.1 200 OK\r\n",
            b"\x16\x03\x01\x02\x00\x01",
            b"\x05\x00\x01",
            b"\x05\x02\x01\xff\x00",
            b"\x05\x00\x05\x01",
            b"\x05\x00\x05\x00\x00\x02",
            b"\x05\x01\x00\x05\x02\x00\x01",
            b"\x05\x01\x01\x01",
            b"\x04\x02\x00\x50",
            b"\0\x5b",
            b"\0\0",
        ] {
            assert_eq!(handshake(bytes), Handshake::No, "{}", bytes.escape_ascii());
        }
        assert_eq!(
            handshake(&[&b"\x04\x01\0\x50\x0a\0\0\x01"[..], &[b'u'; 256]].concat()),
            Handshake::No
        );
    }

    #[test]
    fn no_more_than_the_bound_is_undecided() {
        let longest = [
            &[5, 255][..],
            &[PASSWORD; 255],
            &[1, 255],
            &[b'u'; 255],
            &[255],
            &[b'p'; 255],
            &[5, 1, 0, 3, 255],
            &[b'n'; 255],
            &[0, 80],
        ]
        .concat();
        assert_eq!(handshake(&longest), Handshake::Whole(longest.len()));
        assert!(longest.len() <= SOCKS_BYTES_MAX);
    }

    #[test]
    fn nothing_is_both_a_handshake_and_a_message() {
        for first in 0..=u8::MAX {
            let line = [&[first][..], b"ET / HTTP/1.1\r\n"].concat();
            let message = matches!(recognise(&line), Recognised::Message(Kind::Request));
            assert!(!message || handshake(&line) == Handshake::No, "{first}");
        }
    }
}
