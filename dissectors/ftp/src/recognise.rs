//! Do first bytes begin a control connection?

use crate::Side;

/// What first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recognised {
    /// It is.
    Yes,
    /// It can be, and mail or chat can be too: a [`crate::Control`] finds out.
    Perhaps,
    /// It is not.
    No,
    /// Too few bytes to say.
    MoreBytes,
}

/// Do the first bytes of one side begin a control connection of FTP?
#[inline]
pub fn recognise(side: Side, bytes: &[u8]) -> Recognised {
    match side {
        Side::Server => server(bytes),
        Side::Client => client(bytes),
    }
}

/// Does a line of FTP begin here, of a connection whose beginning was not seen, and whose?
///
/// Only what mail does not say is taken for one; a [`crate::Control`] finds out whether it is.
#[inline]
pub fn recognise_midway(bytes: &[u8]) -> Option<Side> {
    match bytes {
        [b'1'..=b'3', ..] => {
            let head = bytes.first_chunk::<4>()?;
            MIDWAY_REPLIES.contains(&head).then_some(Side::Server)
        }
        [first, ..] if first.is_ascii_alphabetic() => {
            let word = bytes.get(..5)?.to_ascii_uppercase();
            let is_command = |command: &&[u8; 4]| word.strip_prefix(&command[..]) == Some(b" ");
            let passive = matches!(&word[..], b"PASV\r" | b"EPSV\r");
            (passive || MIDWAY.iter().any(is_command)).then_some(Side::Client)
        }
        _ => None,
    }
}

/// `220 ` or `220-` (or 120 and 421, RFC 959 section 5.4), and a word of FTP or of mail in the line.
fn server(bytes: &[u8]) -> Recognised {
    let Some((head, rest)) = bytes.split_first_chunk::<4>() else {
        return too_few(bytes, &[b"220", b"120", b"421"]);
    };
    match head {
        b"220 " | b"220-" => {}
        b"120 " | b"120-" | b"421 " | b"421-" => return Recognised::Perhaps,
        _ => return Recognised::No,
    }
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.get(..LINE_BYTES_MAX).unwrap_or(line);
    if holds(line, b"SMTP") {
        return Recognised::No;
    }
    if names_ftp(line) {
        return Recognised::Yes;
    }
    Recognised::Perhaps
}

/// Does a greeting say so itself?
pub(crate) fn names_ftp(greeting: &[u8]) -> bool {
    holds(greeting, b"FTP") && !holds(greeting, b"SMTP")
}

/// A first command of FTP's clients.
fn client(bytes: &[u8]) -> Recognised {
    let Some((head, _)) = bytes.split_first_chunk::<5>() else {
        return too_few(bytes, &FIRST.map(|first| &first[..]));
    };
    let head = head.map(|byte| byte.to_ascii_uppercase());
    if FIRST.contains(&&head) {
        return Recognised::Perhaps;
    }
    Recognised::No
}

fn too_few(bytes: &[u8], wholes: &[&[u8]]) -> Recognised {
    if wholes.iter().any(|whole| is_front(bytes, whole)) {
        Recognised::MoreBytes
    } else {
        Recognised::No
    }
}

fn is_front(bytes: &[u8], whole: &[u8]) -> bool {
    let front = whole.get(..bytes.len()).unwrap_or(whole);
    bytes
        .get(..front.len())
        .is_some_and(|bytes| bytes.eq_ignore_ascii_case(front))
}

fn holds(line: &[u8], word: &[u8]) -> bool {
    line.windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word))
}

/// Commands that come first, with the byte behind them.
const FIRST: [&[u8; 5]; 5] = [b"USER ", b"AUTH ", b"FEAT\r", b"OPTS ", b"HOST "];
/// Commands of a connection that goes on.
const MIDWAY: [&[u8; 4]; 10] = [
    b"USER", b"EPSV", b"PORT", b"EPRT", b"RETR", b"STOR", b"APPE", b"SIZE", b"TYPE", b"REST",
];
/// Replies of a connection that goes on, of one line.
const MIDWAY_REPLIES: [&[u8; 4]; 11] = [
    b"125 ", b"150 ", b"200 ", b"213 ", b"226 ", b"227 ", b"229 ", b"230 ", b"257 ", b"331 ",
    b"350 ",
];
/// Bytes of a greeting that are looked at.
const LINE_BYTES_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_midway() {
        for (bytes, expected) in [
            (&b"RETR phone.cfg\r\n"[..], Some(Side::Client)),
            (b"pasv\r\n", Some(Side::Client)),
            (b"227 Entering Passive Mode", Some(Side::Server)),
            (b"226 Transfer complete\r\n", Some(Side::Server)),
            (b"250 2.1.0 Ok\r\n", None),
            (b"MAIL FROM:<a@example.org>\r\n", None),
            (b"GET / HTTP/1.1\r\n", None),
            (b"227", None),
            (b"RETRY\r\n", None),
            (b"", None),
        ] {
            assert_eq!(recognise_midway(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn either_side() {
        for (side, bytes, expected) in [
            (
                Side::Server,
                &b"220 (vsFTPd 3.0.3)\r\n"[..],
                Recognised::Yes,
            ),
            (Side::Server, b"220-Welcome\r\n", Recognised::Perhaps),
            (
                Side::Server,
                b"220 mx.example.org ESMTP\r\n",
                Recognised::No,
            ),
            (Side::Server, b"22", Recognised::MoreBytes),
            (Side::Server, b"42", Recognised::MoreBytes),
            (Side::Server, b"120", Recognised::MoreBytes),
            (Side::Server, b"+OK", Recognised::No),
            (Side::Server, b"HTTP/1.1 200", Recognised::No),
            (Side::Client, b"USER phone\r\n", Recognised::Perhaps),
            (Side::Client, b"user", Recognised::MoreBytes),
            (Side::Client, b"POST / HTTP/1.1", Recognised::No),
            (Side::Client, b"EHLO x\r\n", Recognised::No),
            (Side::Client, b"", Recognised::MoreBytes),
        ] {
            assert_eq!(recognise(side, bytes), expected, "{bytes:?}");
        }
    }
}
