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
/// Bytes of a greeting that are looked at.
const LINE_BYTES_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

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
