//! A datagram from its parts.

use super::{COOKIE, FILE, Header, Message, Place, SNAME};
use crate::Text;

/// The parts of a datagram, as [`Fields::write`] puts them together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// The fixed fields.
    pub header: Header,
    /// `sname`, up to 64 bytes; not written where options stand there.
    pub server_host_name: Vec<u8>,
    /// `file`, up to 128 bytes; not written where options stand there.
    pub boot_file: Vec<u8>,
    /// Is it DHCP, with the magic cookie and options?
    pub cookie: bool,
    /// The options, each where it stands; those of `file` and `sname` need an option 52 that says so.
    pub options: Vec<OptionField>,
    /// Does END close the `options` field?
    pub end: bool,
    /// What stands behind it, or behind the fixed fields where there is no cookie.
    pub behind_end: Vec<u8>,
}

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionField {
    /// The field that holds it.
    pub place: Place,
    /// The code.
    pub code: u8,
    /// The value; what is longer than 255 bytes is split into several options of that code.
    pub value: Vec<u8>,
}

impl Fields {
    /// A datagram with these fixed fields, the cookie and END.
    pub fn new(header: Header) -> Self {
        Self {
            header,
            server_host_name: Vec::new(),
            boot_file: Vec::new(),
            cookie: true,
            options: Vec::new(),
            end: true,
            behind_end: Vec::new(),
        }
    }

    /// Adds an option to the `options` field, as several where it is longer than 255 bytes (RFC 3396 section 5).
    pub fn push(&mut self, code: u8, value: &[u8]) -> &mut Self {
        self.push_in(Place::Options, code, value)
    }

    /// Adds an option to a field, as several where it is longer than 255 bytes.
    pub fn push_in(&mut self, place: Place, code: u8, value: &[u8]) -> &mut Self {
        for piece in pieces(value) {
            self.options.push(OptionField {
                place,
                code,
                value: piece.to_vec(),
            });
        }
        self
    }

    /// The datagram.
    ///
    /// Reading it gives these parts again, if options stand in the order `options`, `file`, `sname`, none is longer than
    /// 255 bytes or has code 0 or 255, and those of `file` and `sname` are announced by option 52 and fit.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(DATAGRAM_BYTES);
        self.header.write(&mut out);
        self.write_text(
            &mut out,
            Place::ServerName,
            &self.server_host_name,
            SNAME.len(),
        );
        self.write_text(&mut out, Place::File, &self.boot_file, FILE.len());
        if self.cookie {
            out.extend(COOKIE);
            self.write_options(&mut out, Place::Options);
            if self.end {
                out.push(END);
            }
        }
        out.extend(&self.behind_end);
        out
    }

    fn write_text(&self, out: &mut Vec<u8>, place: Place, text: &[u8], width: usize) {
        let start = out.len();
        if self.options.iter().any(|option| option.place == place) {
            self.write_options(out, place);
            if out.len().saturating_sub(start) < width {
                out.push(END);
            }
        } else {
            out.extend_from_slice(text);
        }
        out.resize(start.saturating_add(width), 0);
    }

    fn write_options(&self, out: &mut Vec<u8>, place: Place) {
        for option in self.options.iter().filter(|option| option.place == place) {
            for piece in pieces(&option.value) {
                let length = u8::try_from(piece.len()).unwrap_or(u8::MAX);
                out.extend([option.code, length]);
                out.extend_from_slice(piece);
            }
        }
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self::new(Header::default())
    }
}

impl From<&Message<'_>> for Fields {
    /// The parts of a datagram that was read. Pads between options are not among them.
    fn from(message: &Message<'_>) -> Self {
        let bytes = message.bytes();
        let options = message.options().iter().map(|option| OptionField {
            place: option.place,
            code: option.code,
            value: bytes.get(option.value.clone()).unwrap_or_default().to_vec(),
        });
        let raw = |text: Option<Text<'_>>| text.map(|t| t.raw().to_vec()).unwrap_or_default();
        Self {
            header: *message.header(),
            server_host_name: raw(message.server_host_name()),
            boot_file: raw(message.boot_file()),
            cookie: message.has_cookie(),
            options: options.collect(),
            end: message.behind_end.is_some() && message.has_cookie(),
            behind_end: message.behind_end().to_vec(),
        }
    }
}

/// Pieces that an option can hold; one for an empty value.
fn pieces(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let empty = value.is_empty().then_some(value);
    empty.into_iter().chain(value.chunks(VALUE_BYTES_MAX))
}

/// The value of an option 124 or 125: enterprises, each with its data (RFC 3925 sections 3 and 4).
///
/// Data beyond the 255 bytes that its length can say is cut.
pub fn enterprise_blocks(blocks: &[(u32, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (enterprise, data) in blocks {
        let data = data.get(..VALUE_BYTES_MAX).unwrap_or(data);
        out.extend(enterprise.to_be_bytes());
        out.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(data);
    }
    out
}

/// An option's length is one byte.
const VALUE_BYTES_MAX: usize = 255;
/// RFC 2132 section 3.2.
const END: u8 = 255;
/// What BOOTP sends at least; a start for the buffer only.
const DATAGRAM_BYTES: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn a_long_value_is_split_and_joined() {
        let long: Vec<u8> = (0..600u32).map(|n| (n % 251) as u8).collect();
        let mut fields = Fields::default();
        fields.push(43, &long);
        let bytes = fields.write();
        let message = Message::parse(&bytes, bytes.len(), &Limits::default());
        assert_eq!(message.value(43), Some(&long[..]));
        assert_eq!(message.options().len(), 3);
        assert_eq!(message.anomalies(), []);
        assert_eq!(Fields::from(&message), fields);
    }
}
