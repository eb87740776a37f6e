//! A server's lines.

use std::ops::Range;

use crate::line::Line;

/// A reply, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    /// The text of its first line, or of its last where the first has none.
    pub(crate) text: String,
    /// Where it stands, from its first line to its last.
    pub(crate) span: Range<u64>,
}

/// The reply being read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replies {
    open: Option<Reply>,
}

/// What a line of a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The last of a reply.
    Whole(Reply),
    /// One of several.
    More,
    /// None of a reply.
    Odd,
}

impl Replies {
    /// Takes a line; a reply of several lines ends with its code and a blank (RFC 959 section 4.2).
    pub(crate) fn take(&mut self, line: &Line) -> Read {
        let head = head(&line.text);
        if let Some(mut open) = self.open.take() {
            let last = matches!(head, Some((code, false, _)) if code == open.code);
            open.span.end = line.span.end;
            if !last {
                self.open = Some(open);
                return Read::More;
            }
            if let Some((_, _, text)) = head.filter(|_| open.text.is_empty()) {
                open.text = text;
            }
            return Read::Whole(open);
        }
        let Some((code, more, text)) = head else {
            return Read::Odd;
        };
        let reply = Reply {
            code,
            text,
            span: line.span.clone(),
        };
        if more {
            self.open = Some(reply);
            return Read::More;
        }
        Read::Whole(reply)
    }

    /// Did a reply of several lines begin that has not ended?
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Forgets a reply that was cut.
    pub(crate) fn forget(&mut self) {
        self.open = None;
    }
}

/// Code, whether more lines follow, and text.
fn head(line: &[u8]) -> Option<(u16, bool, String)> {
    let (digits, rest) = line.split_first_chunk::<3>()?;
    let [a @ b'1'..=b'6', b @ b'0'..=b'9', c @ b'0'..=b'9'] = digits else {
        return None;
    };
    let digit = |byte: &u8| u16::from(byte.wrapping_sub(b'0'));
    let code = digit(a)
        .wrapping_mul(100)
        .wrapping_add(digit(b).wrapping_mul(10))
        .wrapping_add(digit(c));
    let (more, text) = match rest.split_first() {
        None => (false, rest),
        Some((b' ', text)) => (false, text),
        Some((b'-', text)) => (true, text),
        Some(_) => return None,
    };
    Some((code, more, String::from_utf8_lossy(text).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Lines;

    fn read(text: &[u8]) -> Vec<Read> {
        let (mut lines, mut replies) = (Lines::default(), Replies::default());
        let mut rest = text;
        let mut all = Vec::new();
        while !rest.is_empty() {
            let (line, behind) = lines.take(rest, 100);
            all.extend(line.map(|line| replies.take(&line)));
            rest = behind;
        }
        all
    }

    #[test]
    fn one_line_and_several() {
        let all = read(b"220-Welcome\r\n 220 no\r\n230 nor this\r\n220 Ready\r\n226\r\n");
        assert_eq!(all.iter().filter(|read| **read == Read::More).count(), 3);
        let whole: Vec<_> = all
            .iter()
            .filter_map(|read| match read {
                Read::Whole(reply) => Some((reply.code, reply.text.as_str(), reply.span.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(whole, [(220, "Welcome", 0..47), (226, "", 47..52)]);
    }

    #[test]
    fn odd() {
        assert_eq!(read(b"+OK hello\r\n"), [Read::Odd]);
        assert_eq!(read(b"2200 hello\r\n"), [Read::Odd]);
    }
}
