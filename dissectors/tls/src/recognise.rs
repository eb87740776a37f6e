//! Whether first bytes begin TLS: cheap, and right for what is not.

/// The answer of [`recognise`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recognised {
    /// A hello of a client or a server begins here.
    Hello,
    /// A record that stands later in a connection.
    Later,
    /// These bytes begin no TLS.
    No,
    /// Undecided: ask again with more bytes.
    NeedMore,
}

/// Do the first bytes of a stream begin TLS, or SSLv2 or SSLv3?
///
/// No more than [`RECOGNISE_BYTES_MAX`] bytes are ever undecided.
pub fn recognise(prefix: &[u8]) -> Recognised {
    match prefix.first() {
        None => Recognised::NeedMore,
        Some(0x80..) => ssl2(prefix),
        Some(20..=24) => record(prefix),
        Some(_) => Recognised::No,
    }
}

fn record(prefix: &[u8]) -> Recognised {
    let fits =
        |place: usize, allowed: fn(u8) -> bool| prefix.get(place).copied().is_none_or(allowed);
    if !fits(1, |major| major == 3) || !fits(2, |minor| minor <= 4) || !fits(3, |high| high <= 0x48)
    {
        return Recognised::No;
    }
    match prefix {
        [_, _, _, 0, 0, ..] => Recognised::No,
        [22, _, _, _, _, 1 | 2, length_high, ..] if *length_high <= 1 => Recognised::Hello,
        [22, _, _, _, _, 1 | 2] => Recognised::NeedMore,
        [_, _, _, _, _, ..] if prefix.len() > 5 || !prefix.starts_with(&[22]) => Recognised::Later,
        _ => Recognised::NeedMore,
    }
}

/// Does a segment from the middle of a connection begin with a record? Its head has to fit and its end to be there, with
/// another head or the end of the segment behind it; what only looks like a head is not enough.
pub fn recognise_midway(segment: &[u8]) -> bool {
    let mut rest = segment;
    let mut is_behind_record = false;
    loop {
        let [20..=24, 3, 0..=3, high, low, behind @ ..] = rest else {
            return is_behind_record && rest.is_empty();
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if !(1..=RECORD_BYTES_MAX).contains(&length) {
            return false;
        }
        if is_behind_record {
            return true;
        }
        let Some((_, next)) = behind.split_at_checked(length) else {
            return false;
        };
        (rest, is_behind_record) = (next, true);
    }
}

/// A hello in the form of SSLv2: length, type 1, version, three lengths (RFC 5246 appendix E.2).
fn ssl2(prefix: &[u8]) -> Recognised {
    let [_, length, kind, major, minor, suites_high, suites_low, ..] = prefix else {
        let possible = prefix.get(2).is_none_or(|kind| *kind == 1)
            && prefix.get(3).is_none_or(|major| matches!(major, 0 | 3));
        return if possible {
            Recognised::NeedMore
        } else {
            Recognised::No
        };
    };
    let suites = u16::from_be_bytes([*suites_high, *suites_low]);
    let version = (*major == 3 && *minor <= 4) || (*major == 0 && *minor == 2);
    if *kind == 1 && version && suites > 0 && suites % 3 == 0 && *length >= 9 {
        Recognised::Hello
    } else {
        Recognised::No
    }
}

/// 2^14 bytes of content, and 2048 that protection may add (RFC 5246 section 6.2.3).
const RECORD_BYTES_MAX: usize = (1 << 14) + 2048;
/// Undecided no longer than this.
pub const RECOGNISE_BYTES_MAX: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hellos_are_known_by_their_first_bytes() {
        assert_eq!(recognise(&[22, 3, 1, 2, 0, 1, 0, 1]), Recognised::Hello);
        assert_eq!(recognise(&[0x80, 46, 1, 3, 1, 0, 21]), Recognised::Hello);
        assert_eq!(recognise(&[23, 3, 3, 0, 40, 9]), Recognised::Later);
        assert_eq!(recognise(&[22, 3, 1]), Recognised::NeedMore);
        assert_eq!(recognise(&[]), Recognised::NeedMore);
    }

    #[test]
    fn what_is_not_tls_is_not_taken_for_it() {
        for other in [
            b"GET / HTTP/1.1\r\n".as_slice(),
            b"SSH-2.0-x",
            b"220 ready",
            &[0; 9],
            &[22, 4, 1, 0, 9, 1],
        ] {
            assert_eq!(recognise(other), Recognised::No, "{other:?}");
        }
    }

    #[test]
    fn a_record_in_the_middle_is_known_by_its_end() {
        let record = [[23, 3, 3, 0, 30].as_slice(), &[7; 30]].concat();
        assert!(recognise_midway(&record));
        assert!(recognise_midway(
            &[&record[..], &[21, 3, 3, 0, 26, 9]].concat()
        ));
        assert!(recognise_midway(&[&record[..], &record].concat()));
        for other in [
            &record[..34],
            &record[1..],
            &[&record[..], b"GET / HTTP/1.1"].concat(),
            b"",
            &[23, 3, 3, 0, 0],
        ] {
            assert!(!recognise_midway(other), "{other:?}");
        }
    }

    #[test]
    fn it_is_decided_early() {
        for first in 0..=u8::MAX {
            for second in [0, 1, 3, 46, 255] {
                let bytes = [first, second, 1, 3, 1, 0, 21];
                assert_ne!(recognise(&bytes), Recognised::NeedMore, "{bytes:?}");
            }
        }
    }
}
