//! Requests, which open a transfer, and the options in them and in their acknowledgement.

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// RRQ: to the client.
    Read,
    /// WRQ: to the server.
    Write,
}

impl Direction {
    /// The direction for output: `read`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// How contents are written on the wire (RFC 1350 section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Text, its lines ended by CR LF.
    Netascii,
    /// Bytes as they are.
    Octet,
    /// To a person; obsolete.
    Mail,
}

/// RRQ or WRQ (RFC 1350 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Which way.
    pub direction: Direction,
    /// The file, without its NUL.
    pub file: &'a [u8],
    /// How its contents are written.
    pub mode: Mode,
    /// What the client would like.
    pub options: Options<'a>,
}

impl<'a> Request<'a> {
    /// Reads a request, strictly: a name of printable bytes, NUL, one of three modes in letters of any case, NUL, and pairs
    /// of texts that each end in NUL. Nothing else is one, on any port.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Option<Self> {
        let (direction, rest) = match payload {
            [0, 1, rest @ ..] => (Direction::Read, rest),
            [0, 2, rest @ ..] => (Direction::Write, rest),
            _ => return None,
        };
        // The shortest has one letter, `mail` and two NULs.
        if !matches!(rest, [0x21..=0xff, _, _, _, _, _, _, ..]) {
            return None;
        }
        Self::parse_rest(direction, rest)
    }

    /// The file's name; bytes that are not UTF-8 become U+FFFD.
    pub fn file_text(&self) -> String {
        String::from_utf8_lossy(self.file).into_owned()
    }

    fn parse_rest(direction: Direction, rest: &'a [u8]) -> Option<Self> {
        let (file, rest) = text(rest)?;
        let printable = |byte: &u8| *byte >= 0x20 && *byte != 0x7f;
        if file.is_empty()
            || !file.iter().all(printable)
            || std::str::from_utf8(file).is_err() && !is_latin(file)
        {
            return None;
        }
        let (mode, rest) = text(rest)?;
        let mode = match mode {
            mode if mode.eq_ignore_ascii_case(b"octet") => Mode::Octet,
            mode if mode.eq_ignore_ascii_case(b"netascii") => Mode::Netascii,
            mode if mode.eq_ignore_ascii_case(b"mail") => Mode::Mail,
            _ => return None,
        };
        Some(Self {
            direction,
            file,
            mode,
            options: Options { bytes: rest },
        })
    }
}

/// Text of ISO 8859-1, without its control characters.
fn is_latin(file: &[u8]) -> bool {
    !file.iter().any(|byte| (0x80..0xa0).contains(byte))
}

/// Text up to its NUL, and what is behind.
pub(crate) fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let (text, rest) = bytes.split_at_checked(end)?;
    Some((text, rest.get(1..)?))
}

/// Options of a request or of its acknowledgement, in their order (RFC 2347); ends where no pair stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options<'a> {
    pub(crate) bytes: &'a [u8],
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestOption<'a> {
    /// Its name, in letters of any case.
    pub name: &'a [u8],
    /// Its value, in digits for all that are known here.
    pub value: &'a [u8],
}

impl Options<'_> {
    /// `tsize`: the file's size in bytes, or 0 to ask for it (RFC 2349).
    pub fn transfer_size_bytes(self) -> Option<u64> {
        self.number(b"tsize")
    }

    /// `blksize`: bytes of a block (RFC 2348).
    pub fn block_bytes(self) -> Option<u16> {
        let bytes = u16::try_from(self.number(b"blksize")?).ok()?;
        (8..=65_464).contains(&bytes).then_some(bytes)
    }

    /// `timeout`: seconds until a datagram is sent again (RFC 2349).
    pub fn timeout_s(self) -> Option<u8> {
        u8::try_from(self.number(b"timeout")?).ok()
    }

    /// `windowsize`: blocks to one acknowledgement (RFC 7440).
    pub fn window_blocks(self) -> Option<u16> {
        u16::try_from(self.number(b"windowsize")?).ok()
    }

    fn number(self, name: &[u8]) -> Option<u64> {
        let mut options = self;
        let option = options.find(|option| option.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(option.value).ok()?.trim().parse().ok()
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = RequestOption<'a>;

    fn next(&mut self) -> Option<RequestOption<'a>> {
        let (name, rest) = text(self.bytes)?;
        let (value, rest) = text(rest)?;
        if name.is_empty() {
            return None;
        }
        self.bytes = rest;
        Some(RequestOption { name, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests() {
        let bytes = b"\x00\x01snom320.xml\x00OCTET\x00tsize\x000\x00BLKSIZE\x001400\x00";
        let Some(request) = Request::parse(bytes) else {
            panic!("it is one");
        };
        assert_eq!(
            (request.direction, request.mode),
            (Direction::Read, Mode::Octet)
        );
        assert_eq!(request.file, b"snom320.xml");
        assert_eq!(request.options.transfer_size_bytes(), Some(0));
        assert_eq!(request.options.block_bytes(), Some(1400));
        assert_eq!(request.options.count(), 2);
        assert!(Request::parse(b"\x00\x02a\x00mail\x00").is_some());
        assert!(Request::parse("\0\x02gr\u{fc}n.cfg\0octet\0".as_bytes()).is_some());
        assert!(Request::parse(b"\x00\x01gr\xfcn.cfg\x00octet\x00").is_some());
    }

    #[test]
    fn what_is_no_request() {
        for bytes in [
            &b""[..],
            b"\x00\x01",
            b"\x00\x01\x00octet\x00",
            b"\x00\x03abc\x00octet\x00",
            b"\x00\x01abc\x00octets\x00",
            b"\x00\x01abc\x00octet",
            b"\x00\x01ab\x07c\x00octet\x00",
            b"\x00\x01abc octet\x00\x00\x00\x00",
            // A binding request of STUN.
            b"\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl",
        ] {
            assert_eq!(Request::parse(bytes), None, "{bytes:?}");
        }
    }
}
