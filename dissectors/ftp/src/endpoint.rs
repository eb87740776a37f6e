//! Where a data connection goes.

use std::net::{IpAddr, Ipv4Addr};

/// Who waits for the data connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataMode {
    /// The server waits (PASV, EPSV).
    Passive,
    /// The client waits (PORT, EPRT).
    Active,
}

/// Where a data connection goes, as one side told the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DataEndpoint {
    /// Who waits there.
    pub mode: DataMode,
    /// The address; none where EPSV leaves it to the control connection's. Behind address translation it can be another
    /// than the one that is used.
    pub address: Option<IpAddr>,
    /// The port.
    pub port: u16,
}

/// Six numbers with commas, in the argument of PORT or anywhere in the answer to PASV, whose brackets are not promised
/// (RFC 1123 section 4.1.2.6).
pub(crate) fn six_numbers(text: &str) -> Option<(Ipv4Addr, u16)> {
    let bytes = text.as_bytes();
    let mut start = 0usize;
    while let Some(rest) = bytes.get(start..).filter(|rest| !rest.is_empty()) {
        let skipped = rest.iter().position(u8::is_ascii_digit)?;
        start = start.saturating_add(skipped);
        let rest = bytes.get(start..)?;
        let length = rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b',')
            .count();
        let run = rest.get(..length)?;
        if let Some(found) = numbers(run) {
            return Some(found);
        }
        start = start.saturating_add(length.max(1));
    }
    None
}

fn numbers(run: &[u8]) -> Option<(Ipv4Addr, u16)> {
    let text = std::str::from_utf8(run).ok()?;
    let numbers: Vec<u8> = text
        .split(',')
        .take(7)
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let [a, b, c, d, high, low] = <[u8; 6]>::try_from(numbers).ok()?;
    Some((Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([high, low])))
}

/// Protocol, address and port between marks (RFC 2428 sections 2 and 3), in the argument of EPRT or the brackets of an
/// answer to EPSV.
pub(crate) fn between_marks(text: &str) -> Option<(Option<IpAddr>, u16)> {
    let inside = match text.find('(') {
        Some(open) => text.get(open.checked_add(1)?..)?,
        None => text.trim_start(),
    };
    let mark = inside.chars().next().filter(char::is_ascii_punctuation)?;
    let mut parts = inside.split(mark).skip(1);
    let (_protocol, address, port) = (parts.next()?, parts.next()?, parts.next()?);
    // The mark behind the port.
    parts.next()?;
    let address = match address {
        "" => None,
        address => Some(address.parse().ok()?),
    };
    Some((address, port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passive_answers_of_several_servers() {
        let expected = Some((Ipv4Addr::new(192, 0, 2, 1), 56_542));
        for text in [
            "Entering Passive Mode (192,0,2,1,220,222).",
            "Entering Passive Mode. 192,0,2,1,220,222",
            "=192,0,2,1,220,222",
            "2 ways, Entering Passive Mode (192,0,2,1,220,222)",
        ] {
            assert_eq!(six_numbers(text), expected, "{text}");
        }
        for text in ["", "192,0,2,1,220", "1,2,3,4,5,6,7", "256,0,2,1,220,222"] {
            assert_eq!(six_numbers(text), None, "{text}");
        }
    }

    #[test]
    fn extended() {
        assert_eq!(between_marks("Entering (|||6446|)"), Some((None, 6446)));
        let address = "2001:db8::1".parse().ok();
        assert_eq!(between_marks("|2|2001:db8::1|5282|"), Some((address, 5282)));
        for text in ["", "|1|", "|||70000|", "(|||1", "|1|host|21|"] {
            assert_eq!(between_marks(text), None, "{text}");
        }
    }
}
