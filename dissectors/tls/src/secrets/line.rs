//! Lines of a key log (the format of NSS, draft-ietf-tls-keylogfile), read with tolerance.

use super::{Secret, padded};

macro_rules! labels {
    ($($(#[$doc:meta])* $label:ident = $name:literal,)*) => {
        /// What a line of a key log holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Label {
            $($(#[$doc])* $label,)*
        }

        impl Label {
            /// As it stands in a key log.
            pub fn name(self) -> &'static str {
                match self { $(Self::$label => $name,)* }
            }

            fn read(word: &[u8]) -> Option<Self> {
                $(if word.eq_ignore_ascii_case($name.as_bytes()) { return Some(Self::$label); })*
                None
            }
        }
    };
}

labels! {
    /// The premaster secret, by the first eight bytes of its enciphered form.
    Rsa = "RSA",
    /// The master secret up to TLS 1.2.
    ClientRandom = "CLIENT_RANDOM",
    /// The premaster secret by client random.
    PremasterClientRandom = "PMS_CLIENT_RANDOM",
    /// The master secret by session id: `RSA Session-ID:... Master-Key:...`
    Session = "RSA Session-ID",
    /// TLS 1.3: data before the server's answer.
    ClientEarly = "CLIENT_EARLY_TRAFFIC_SECRET",
    /// TLS 1.3: the client's handshake.
    ClientHandshake = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    /// TLS 1.3: the server's handshake.
    ServerHandshake = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    /// TLS 1.3: the client's data.
    ClientTraffic = "CLIENT_TRAFFIC_SECRET_0",
    /// TLS 1.3: the server's data.
    ServerTraffic = "SERVER_TRAFFIC_SECRET_0",
}

/// A line that holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which.
    pub label: Label,
    /// Of whom, as [`super::Lookup::secret`] has it.
    pub name: [u8; 32],
    /// The secret.
    pub secret: Secret,
}

/// Why a line holds no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineFault {
    /// It begins with a word that is no label.
    UnknownLabel,
    /// What should be hexadecimal digits is not, or is of a length it cannot have.
    OddDigits,
    /// A part is missing.
    Incomplete,
    /// It is far too long.
    TooLong,
}

impl LineFault {
    /// The fault in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::UnknownLabel => "begins with no label of a key log",
            Self::OddDigits => {
                "has digits that are not hexadecimal, or too many or too few of them"
            }
            Self::Incomplete => "is not whole",
            Self::TooLong => "is too long",
        }
    }
}

/// Reads one line; None where it is empty, a comment, or holds what nobody needs here.
pub fn read_line(line: &[u8]) -> Option<Result<Line, LineFault>> {
    let line = line
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(line)
        .trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return None;
    }
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let word = words.next().unwrap_or_default();
    let parts = (words.next(), words.next());
    let Some(label) = Label::read(word) else {
        let ignored = IGNORED.iter().any(|name| word.eq_ignore_ascii_case(name))
            || word.starts_with(b"CLIENT_TRAFFIC_SECRET_")
            || word.starts_with(b"SERVER_TRAFFIC_SECRET_");
        return (!ignored).then_some(Err(LineFault::UnknownLabel));
    };
    let (Some(name), Some(secret)) = parts else {
        return Some(Err(LineFault::Incomplete));
    };
    Some(read_parts(label, name, secret))
}

fn read_parts(label: Label, name: &[u8], secret: &[u8]) -> Result<Line, LineFault> {
    let session = strip(name, b"Session-ID:").zip(strip(secret, b"Master-Key:"));
    let (label, name, secret) = match session {
        Some((name, secret)) if label == Label::Rsa => (Label::Session, name, secret),
        _ => (label, name, secret),
    };
    let name = digits(name).ok_or(LineFault::OddDigits)?;
    let secret = digits(secret).ok_or(LineFault::OddDigits)?;
    let names = match label {
        Label::Rsa => 8..=8,
        Label::Session => 1..=32,
        _ => 32..=32,
    };
    let secrets = match label {
        Label::Rsa | Label::ClientRandom | Label::Session => 48..=48,
        Label::PremasterClientRandom => 1..=SECRET_BYTES_MAX,
        _ => 32..=48,
    };
    if !names.contains(&name.len()) || !secrets.contains(&secret.len()) {
        return Err(LineFault::OddDigits);
    }
    Ok(Line {
        label,
        name: padded(&name),
        secret: Secret::new(&secret),
    })
}

fn strip<'a>(word: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (front, rest) = word.split_at_checked(prefix.len())?;
    front.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn digits(text: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let pairs = text.chunks(2).map(|pair| match pair {
        [high, low] => Some(value(*high)? << 4 | value(*low)?),
        _ => None,
    });
    pairs.collect()
}

/// Cuts a key log that comes in pieces into lines, in memory of one line.
#[derive(Debug, Default)]
pub struct LineReader {
    partial: Vec<u8>,
    /// The open line is beyond the bound.
    overlong: bool,
    number: u64,
    /// Offset of the next byte, and of the open line.
    offset: u64,
    line_offset: u64,
}

impl LineReader {
    /// Takes the next bytes. `on_line` is given the number of the line (from 1), its offset, and what it holds.
    pub fn take(
        &mut self,
        bytes: &[u8],
        on_line: &mut dyn FnMut(u64, u64, Result<Line, LineFault>),
    ) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = LINE_BYTES_MAX.saturating_sub(self.partial.len());
            self.overlong |= piece.len() > room;
            self.partial.extend(piece.iter().take(room));
            self.offset = self.offset.saturating_add(piece.len() as u64);
            if piece.ends_with(b"\n") {
                self.finish(on_line);
            }
        }
    }

    /// The log has ended, or pauses: the open line is read as it stands. One that is cut is told.
    pub fn finish(&mut self, on_line: &mut dyn FnMut(u64, u64, Result<Line, LineFault>)) {
        if self.offset == self.line_offset {
            return;
        }
        self.number = self.number.saturating_add(1);
        let read = if self.overlong {
            Some(Err(LineFault::TooLong))
        } else {
            read_line(&self.partial)
        };
        if let Some(read) = read {
            on_line(self.number, self.line_offset, read);
        }
        self.partial.clear();
        self.overlong = false;
        self.line_offset = self.offset;
    }
}

/// Labels of secrets that no record is protected with.
const IGNORED: [&[u8]; 5] = [
    b"EXPORTER_SECRET",
    b"EARLY_EXPORTER_SECRET",
    b"EARLY_EXPORTER_MASTER_SECRET",
    b"ECH_SECRET",
    b"ECH_CONFIG",
];
/// No line that holds a secret is longer.
const LINE_BYTES_MAX: usize = 4096;
/// Of a premaster secret: a group of 8192 bits.
const SECRET_BYTES_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Result<Line, LineFault>)> {
        let mut lines = Vec::new();
        let mut reader = LineReader::default();
        for byte in text.as_bytes() {
            reader.take(&[*byte], &mut |number, _, line| lines.push((number, line)));
        }
        reader.finish(&mut |number, _, line| lines.push((number, line)));
        lines
    }

    #[test]
    fn comments_line_ends_and_case_do_not_matter() {
        let random = "Ab".repeat(32);
        let text = format!(
            "# a comment\r\n\r\nCLIENT_RANDOM {random} {}\r\nclient_random\t{}  {}",
            "0f".repeat(48),
            random.to_lowercase(),
            "0F".repeat(48)
        );
        let lines = read(&text);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].0, lines[1].0), (3, 4));
        assert_eq!(lines[0].1, lines[1].1);
        assert!(lines[0].1.is_ok());
    }

    #[test]
    fn damaged_lines_are_told_with_their_number() {
        let random = "ab".repeat(32);
        let text = format!(
            "nonsense\nCLIENT_RANDOM {random}\nCLIENT_RANDOM {random} 0g\nEXPORTER_SECRET {random} 00\n\
             CLIENT_RANDOM {random} {}\n{}\nSERVER_TRAFFIC_SECRET_0 {random} {}",
            "0f".repeat(47),
            "x".repeat(5000),
            "0f".repeat(16),
        );
        let faults: Vec<(u64, LineFault)> = read(&text)
            .into_iter()
            .map(|(number, line)| (number, line.unwrap_err()))
            .collect();
        assert_eq!(
            faults,
            [
                (1, LineFault::UnknownLabel),
                (2, LineFault::Incomplete),
                (3, LineFault::OddDigits),
                (5, LineFault::OddDigits),
                (6, LineFault::TooLong),
                (7, LineFault::OddDigits),
            ]
        );
    }

    #[test]
    fn both_old_forms_are_read() {
        let text = format!(
            "RSA 0102030405060708 {}\nRSA Session-ID:0A0B Master-Key:{}\n",
            "11".repeat(48),
            "22".repeat(48)
        );
        let lines: Vec<Line> = read(&text)
            .into_iter()
            .map(|(_, line)| line.unwrap())
            .collect();
        assert_eq!(lines[0].label, Label::Rsa);
        assert_eq!(lines[0].name, padded(&[1, 2, 3, 4, 5, 6, 7, 8]));
        assert_eq!(lines[1].label, Label::Session);
        assert_eq!(lines[1].secret, Secret::new(&[0x22; 48]));
    }
}
