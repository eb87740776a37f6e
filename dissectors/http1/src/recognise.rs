//! Whether bytes begin an HTTP/1.x message, and where in a line a start line begins.
//!
//! What makes a start line is its `HTTP/x.y`, not a list of methods: SIP, RTSP, SSH and mail speak of themselves there.

use memchr::{memchr, memmem, memrchr};

/// Which of the two messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A request.
    Request,
    /// A response.
    Response,
}

/// The answer of [`recognise`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recognised {
    /// An HTTP/1.x message of this kind begins here.
    Message(Kind),
    /// No HTTP/1.x message begins here, whatever follows.
    No,
    /// Undecided: ask again with more bytes.
    NeedMore,
}

/// Could the first bytes of a stream begin an HTTP/1.x message?
///
/// A response is known by its `HTTP/`, a request when its first line is whole (a line of more than 8 KiB by its method and
/// the first byte of its target). Empty lines before the start line are accepted (RFC 9112 section 2.2). The answer does not
/// depend on how many bytes beyond the deciding one are given.
pub fn recognise(prefix: &[u8]) -> Recognised {
    let blank = prefix
        .iter()
        .take_while(|b| matches!(b, b'\r' | b'\n'))
        .count();
    if blank > LEADING_BYTES_MAX {
        return Recognised::No;
    }
    let line = prefix.get(blank..).unwrap_or_default();
    match response_prefix(line) {
        Some(true) => return Recognised::Message(Kind::Response),
        // Only a status line is found behind a CR alone.
        Some(false) if empty_lines(prefix) < blank => return Recognised::No,
        Some(false) => return recognise_request(line),
        None => {}
    }
    Recognised::NeedMore
}

/// Bytes of the empty lines at the front; a CR without its LF is none.
fn empty_lines(prefix: &[u8]) -> usize {
    let mut rest = prefix;
    while let [b'\n', behind @ ..] | [b'\r', b'\n', behind @ ..] = rest {
        rest = behind;
    }
    prefix.len().saturating_sub(rest.len())
}

fn recognise_request(line: &[u8]) -> Recognised {
    let token = line.iter().take_while(|b| is_token_byte(**b)).count();
    if token > METHOD_BYTES_MAX || line.get(token).is_some_and(|b| token == 0 || !is_blank(*b)) {
        return Recognised::No;
    }
    let window = line.get(..START_LINE_BYTES_MAX).unwrap_or(line);
    match memchr(b'\n', window) {
        Some(end) if is_request_line(window.get(..end).unwrap_or_default()) => {
            Recognised::Message(Kind::Request)
        }
        Some(_) => Recognised::No,
        None if window.trim_ascii_end().iter().any(|b| is_control(*b)) => Recognised::No,
        None if window.len() < START_LINE_BYTES_MAX => Recognised::NeedMore,
        None if is_plausible(window) => Recognised::Message(Kind::Request),
        None => Recognised::No,
    }
}

/// Is this `HTTP/` (in any case)? None: too few bytes to say.
fn response_prefix(line: &[u8]) -> Option<bool> {
    let known = line.len().min(VERSION_NAME.len());
    let same = line
        .get(..known)?
        .eq_ignore_ascii_case(VERSION_NAME.get(..known)?);
    (!same || known == VERSION_NAME.len()).then_some(same)
}

/// Where in `line` a start line of `kind` begins.
///
/// At its front any start line is accepted, however odd its parts. Further on, behind bytes that belong to no message, it
/// must be a plain one. `glued`: bytes of a message may stand before it without a line end between.
pub(crate) fn find_start(line: &[u8], kind: Kind, glued: bool) -> Option<usize> {
    let line = line.trim_ascii_end();
    match kind {
        Kind::Request if is_request_line(line) => {
            let mut words = line.split(|b| is_blank(*b)).filter(|word| !word.is_empty());
            let method = words.next().unwrap_or_default();
            if glued && !is_known_method(method) {
                // `2 HTTP/1.1` is what a length too large left of a request.
                find_request(line).or((words.count() > 1).then_some(0))
            } else {
                Some(0)
            }
        }
        Kind::Request => find_request(line),
        Kind::Response => {
            let blank = line.iter().take_while(|b| **b == b'\r').count();
            let begins = response_prefix(line.get(blank..)?) == Some(true);
            begins.then_some(blank).or_else(|| find_response(line))
        }
    }
}

/// A line cut short that begins as a start line does.
pub(crate) fn is_plausible(line: &[u8]) -> bool {
    if response_prefix(line) == Some(true) {
        return true;
    }
    let mut parts = line.splitn(2, |b| is_blank(*b));
    let method = parts.next().unwrap_or_default();
    is_known_method(method) && parts.next().is_some_and(|rest| begins_target(method, rest))
}

/// A method token, then anything without control characters, then `HTTP/` and a digit as the last word.
fn is_request_line(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let method = line.iter().take_while(|b| is_token_byte(**b)).count();
    if method == 0 || method > METHOD_BYTES_MAX || !line.get(method).is_some_and(|b| is_blank(*b)) {
        return false;
    }
    ends_with_version(line)
        && !line.iter().any(|b| is_control(*b))
        // The preface of HTTP/2 (RFC 9113 section 3.4) only looks like a request.
        && line != b"PRI * HTTP/2.0"
}

fn ends_with_version(line: &[u8]) -> bool {
    let last = line.rsplit(|b| is_blank(*b)).next().unwrap_or_default();
    let (name, number) = last
        .split_at_checked(VERSION_NAME.len())
        .unwrap_or_default();
    name.eq_ignore_ascii_case(VERSION_NAME) && number.first().is_some_and(u8::is_ascii_digit)
}

/// A plain request line behind other bytes of the same line: `ope>POST / HTTP/1.1`.
fn find_request(line: &[u8]) -> Option<usize> {
    if !ends_with_version(line) {
        return None;
    }
    let floor = line
        .iter()
        .rposition(|b| is_control(*b))
        .map_or(0, |at| at.saturating_add(1));
    let text = line.get(floor..)?;
    memchr::memchr_iter(b' ', text).find_map(|blank| {
        let (before, behind) = text.split_at_checked(blank)?;
        let method = KNOWN_METHODS
            .iter()
            .filter(|known| before.ends_with(known))
            .max_by_key(|m| m.len())?;
        let at = before.len().saturating_sub(method.len());
        // `XPOST` and `M-POST` are methods of their own, `>POST` and `ePOST` are not.
        let apart = at == 0
            || before
                .get(at.saturating_sub(1))
                .is_some_and(|b| !b.is_ascii_uppercase() && !matches!(b, b'-' | b'_'));
        (apart && begins_target(method, behind.trim_ascii_start()))
            .then_some(floor.saturating_add(at))
    })
}

/// `HTTP/1.1 200` in the middle of a line.
fn find_response(line: &[u8]) -> Option<usize> {
    memmem::find_iter(line, VERSION_NAME)
        .find(|at| is_plain_status(line.get(*at..).unwrap_or_default()))
}

/// `HTTP/d.d ddd`, then the end or a blank.
fn is_plain_status(line: &[u8]) -> bool {
    let Some([major, b'.', minor, b' ', status @ ..]) = line.get(VERSION_NAME.len()..) else {
        return false;
    };
    let digits = status.iter().take_while(|b| b.is_ascii_digit()).count();
    major.is_ascii_digit()
        && minor.is_ascii_digit()
        && digits == 3
        && status.get(3).is_none_or(|b| is_blank(*b))
}

/// Does a plain status line begin here? None: too few bytes to say.
pub(crate) fn begins_plain_status(bytes: &[u8]) -> Option<bool> {
    let fits = |(byte, wanted): (&u8, &u8)| match wanted {
        b'd' => byte.is_ascii_digit(),
        b'\n' => byte.is_ascii_whitespace(),
        _ => byte == wanted,
    };
    if !bytes.iter().zip(PLAIN_STATUS).all(fits) {
        return Some(false);
    }
    (bytes.len() >= PLAIN_STATUS.len()).then_some(true)
}

/// Is this whole line a plain start line, as it must be to end a message that does not end itself?
pub(crate) fn is_plain_start(line: &[u8], kind: Kind) -> bool {
    let line = line.trim_ascii_end();
    match kind {
        Kind::Request => is_plausible(line) && is_request_line(line),
        Kind::Response => line.starts_with(VERSION_NAME) && is_plain_status(line),
    }
}

/// Does a target of this method begin so? In origin, asterisk or absolute form; for CONNECT as an authority (RFC 9112
/// section 3.2).
fn begins_target(method: &[u8], rest: &[u8]) -> bool {
    match rest {
        [b'/' | b'*', ..] => true,
        [b'[', ..] => method == b"CONNECT",
        [first, ..] if method == b"CONNECT" => first.is_ascii_alphanumeric(),
        _ => rest
            .get(..4)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"http")),
    }
}

fn is_known_method(method: &[u8]) -> bool {
    KNOWN_METHODS.contains(&method)
}

/// A token character (RFC 9110 section 5.6.2).
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || (byte.is_ascii_graphic() && memchr(byte, TOKEN_MARKS).is_some())
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A control character other than the tab.
pub(crate) fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

/// `line` without its LF, or CR LF, and whether the LF stood alone.
pub(crate) fn split_line_end(line: &[u8]) -> (&[u8], bool) {
    match line {
        [rest @ .., b'\r', b'\n'] => (rest, false),
        [rest @ .., b'\n'] => (rest, true),
        _ => (line, false),
    }
}

/// The front of `bytes` up to its last blank, and what stands behind it.
pub(crate) fn split_last_word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = memrchr(b' ', bytes)
        .max(memrchr(b'\t', bytes))
        .map_or(0, |at| at.saturating_add(1));
    bytes.split_at_checked(at).unwrap_or_default()
}

pub(crate) const VERSION_NAME: &[u8] = b"HTTP/";
/// A status line up to the blank behind its status: `d` stands for a digit, the line end for any blank.
const PLAIN_STATUS: &[u8] = b"HTTP/d.d ddd\n";
pub(crate) const PLAIN_STATUS_BYTES: usize = PLAIN_STATUS.len();
const TOKEN_MARKS: &[u8] = b"!#$%&'*+-.^_`|~";
/// Behind this many bytes a first line is judged by its beginning.
pub(crate) const START_LINE_BYTES_MAX: usize = 8 * 1024;
const METHOD_BYTES_MAX: usize = 32;
const LEADING_BYTES_MAX: usize = 64;
/// The methods of RFC 9110, WebDAV and UPnP: only these are found behind bytes of no message.
const KNOWN_METHODS: &[&[u8]] = &[
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"CONNECT",
    b"TRACE",
    b"PATCH",
    b"PROPFIND",
    b"PROPPATCH",
    b"MKCOL",
    b"COPY",
    b"MOVE",
    b"LOCK",
    b"UNLOCK",
    b"SEARCH",
    b"REPORT",
    b"M-SEARCH",
    b"NOTIFY",
    b"SUBSCRIBE",
    b"UNSUBSCRIBE",
    b"M-POST",
];

#[cfg(test)]
mod tests {
    use super::*;
    use Recognised::{Message, NeedMore, No};

    #[test]
    fn more_bytes_do_not_change_the_answer() {
        for text in [
            "POST / HTTP/1.1\u{c}\r\nHost: a\r\n",
            "\rPOST / HTTP/1.1\r\n",
            "\r\n\r\nPOST / HTTP/1.1\r\n",
            "POST /\u{c} HTTP/1.1\r\n",
        ] {
            let mut known = NeedMore;
            for length in 0..=text.len() {
                let answer = recognise(&text.as_bytes()[..length]);
                assert!(known == NeedMore || known == answer, "{text:?} {length}");
                known = answer;
            }
            assert_ne!(known, NeedMore, "{text:?}");
        }
    }

    #[test]
    fn requests_and_responses_of_any_method_and_version() {
        for line in [
            "GET / HTTP/1.1\r\n",
            "POST /acs HTTP/1.0\n",
            "m-search * http/1.1\r\n",
            "X_Y.z a b HTTP/3.7 \r\n",
            "\r\n\r\nPOST / HTTP/1.1\r\n",
            "CONNECT [::1]:443 HTTP/1.1\r\n",
            "GET HTTP/1.1\r\n",
        ] {
            assert_eq!(
                recognise(line.as_bytes()),
                Message(Kind::Request),
                "{line:?}"
            );
        }
        for line in [
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.0 404\n",
            "http/9.9 200",
            "HTTP/",
        ] {
            assert_eq!(
                recognise(line.as_bytes()),
                Message(Kind::Response),
                "{line:?}"
            );
        }
    }

    #[test]
    fn other_protocols_are_not_http() {
        for line in [
            &b"INVITE sip:a@b SIP/2.0\r\n"[..],
            b"SIP/2.0 200 OK\r\n",
            b"OPTIONS * RTSP/1.0\r\n",
            b"RTSP/1.0 200 OK\r\n",
            b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
            b"\x16\x03\x01\x02\x00\x01",
            b"220 mail ESMTP\r\n",
            b"\x00",
            b"<?xml ?>",
            b"PRI * HTTP/2.0\r\n",
            b"GET /\r\n",
            b"* OK IMAP4rev1\r\n",
            b"EHLO [10.0.0.1]\r\n",
            b"GET /\x00 HTTP/1.1\r\n",
            b"BitTorrent protocol HTTP\r\n",
        ] {
            assert_eq!(recognise(line), No, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn prefixes_are_undecided_until_the_line_ends() {
        let line = b"\r\nPOST /acs?a=1 HTTP/1.1\r\nHost: x\r\n\r\n";
        for length in 0..25 {
            assert_eq!(
                recognise(line.get(..length).unwrap_or_default()),
                NeedMore,
                "{length}"
            );
        }
        for length in 26..line.len() {
            assert_eq!(
                recognise(line.get(..length).unwrap_or_default()),
                Message(Kind::Request),
                "{length}"
            );
        }
    }

    #[test]
    fn very_long_lines_are_judged_by_their_beginning() {
        let long = [b"GET /".as_slice(), &[b'a'; 9000]].concat();
        assert_eq!(recognise(&long), Message(Kind::Request));
        assert_eq!(
            recognise(&[b"FOO /".as_slice(), &[b'a'; 9000]].concat()),
            No
        );
    }

    #[test]
    fn start_lines_behind_strays() {
        for (line, at) in [
            ("ope>POST / HTTP/1.1\r\n", Some(4)),
            ("lopePOST /x HTTP/1.1\n", Some(4)),
            ("XPOST / HTTP/1.1\n", Some(0)),
            ("M-POST / HTTP/1.1\r\n", Some(0)),
            ("a GET the HTTP/1.1\r\n", Some(0)),
            ("2 HTTP/1.1\r\n", None),
            ("GET HTTP/1.1\r\n", Some(0)),
            ("<a> Upgrade: TLS/1.0, HTTP/1.1\r\n", None),
            ("\u{0}\u{1}GET / HTTP/1.1\r\n", Some(2)),
            ("PROPPATCH / HTTP/1.1\r\n", Some(0)),
            ("<PROPPATCH / HTTP/1.1\r\n", Some(1)),
        ] {
            assert_eq!(
                find_start(line.as_bytes(), Kind::Request, true),
                at,
                "{line:?}"
            );
        }
        for (line, at) in [
            ("</a>HTTP/1.1 200 OK\r\n", Some(4)),
            ("see HTTP/1.1 for it\r\n", None),
            ("x HTTP/1.1 2000\r\n", None),
            ("HTTP/1.1\r\n", Some(0)),
            ("HTTP/HTTP/1.1 204\r\n", Some(0)),
            ("-HTTP/HTTP/1.1 204\r\n", Some(6)),
        ] {
            assert_eq!(
                find_start(line.as_bytes(), Kind::Response, true),
                at,
                "{line:?}"
            );
        }
    }
}
