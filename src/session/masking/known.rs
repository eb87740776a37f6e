//! Secrets that are known by their values, found wherever they stand and however they are spelled: as XML, JSON or a URL has them,
//! or within Base64.

use std::borrow::Cow;
use std::ops::Range;

use super::MASKED;

/// Values that are secret. It holds them in clear, and shows none: `Debug` tells how many there are.
#[derive(Clone, Default)]
pub struct KnownSecrets {
    /// The longest first, so that one within another does not cut it.
    values: Vec<String>,
    /// Names of XML and JSON are no values.
    spares_names: bool,
}

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSecret {
    /// Of the text that was looked at.
    pub range: Range<usize>,
    /// Which of [`KnownSecrets::values`].
    pub value: usize,
    /// How it stands there.
    pub spelling: Spelling,
}

/// How a text holds a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// Letter by letter.
    Plain,
    /// With references of XML.
    Xml,
    /// With escapes of URLs or of JSON.
    Escaped,
    /// Somewhere within this Base64.
    Base64,
}

impl std::fmt::Debug for KnownSecrets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "KnownSecrets({})", self.values.len())
    }
}

impl KnownSecrets {
    /// Of these values, but for those of less than `bytes_min` bytes: they stand anywhere by chance.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = String>, bytes_min: usize) -> Self {
        let mut values: Vec<String> = values
            .into_iter()
            .filter(|value| value.trim().len() >= bytes_min)
            .collect();
        values.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        values.dedup();
        Self {
            values,
            spares_names: false,
        }
    }

    /// Plain words are left where they are the name, or the prefix of one, of an element, a namespace or a member: `cwmp` of
    /// `<cwmp:ID>` and of `cwmp-1-2`.
    #[must_use]
    pub fn sparing_names(self) -> Self {
        Self {
            spares_names: true,
            ..self
        }
    }

    /// What is known, the longest first.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Where they stand, in order, none touching another.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Vec<FoundSecret> {
        if self.values.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let here = self.at(text, at);
            at = here.as_ref().map_or(at + 1, |here| here.range.end);
            found.extend(here);
        }
        self.encoded(text, &mut found);
        found.sort_by_key(|one| one.range.start);
        found
    }

    /// Text that is about to be printed, in whatever form, without them; `mask` takes their places.
    #[must_use]
    pub fn masked<'a>(&self, text: &'a str, mask: &str) -> Cow<'a, str> {
        let found = self.find(text.as_bytes());
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for one in found {
            out.push_str(text.get(done..one.range.start).unwrap_or_default());
            out.push_str(mask);
            done = one.range.end;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// The same, with what a mark in the text becomes. The ends of a text that is `cut` may hold a part of a secret.
    #[must_use]
    pub fn masked_window(
        &self,
        text: &str,
        mark: &Range<usize>,
        cut: [bool; 2],
    ) -> (String, Range<usize>) {
        let mut hidden: Vec<Range<usize>> = self
            .find(text.as_bytes())
            .into_iter()
            .map(|one| one.range)
            .collect();
        let [left, right] = cut;
        if let Some(end) = self.tail(text).filter(|_| left) {
            hidden.insert(0, 0..end);
        }
        if let Some(start) = self.front(text).filter(|_| right) {
            hidden.push(start..text.len());
        }
        let (mut out, mut done) = (String::new(), 0);
        let mut marked = mark.clone();
        for range in hidden.into_iter().filter(|range| !range.is_empty()) {
            if range.start < done {
                continue;
            }
            out.push_str(text.get(done..range.start).unwrap_or_default());
            let shown = out.len();
            out.push_str(MASKED);
            for (own, at) in [(&mut marked.start, mark.start), (&mut marked.end, mark.end)] {
                if at >= range.end {
                    *own = out.len() + (at - range.end);
                } else if at > range.start {
                    *own = shown;
                }
            }
            done = range.end;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        let marked = marked.start.min(out.len())..marked.end.clamp(marked.start, out.len());
        (out, marked)
    }

    /// The end of a part of a secret that a text begins with.
    fn tail(&self, text: &str) -> Option<usize> {
        let ends = self.values.iter().flat_map(|value| {
            let starts = value.char_indices().map(|(at, _)| at).skip(1);
            starts.filter_map(|at| value.get(at..))
        });
        let ends = ends.filter(|end| end.len() >= PART_BYTES_MIN && text.starts_with(end));
        ends.map(str::len).max()
    }

    /// The start of a part of a secret that a text ends with.
    fn front(&self, text: &str) -> Option<usize> {
        let fronts = self.values.iter().flat_map(|value| {
            let ends = value.char_indices().map(|(at, _)| at).skip(1);
            ends.filter_map(|at| value.get(..at))
        });
        let fronts = fronts.filter(|front| front.len() >= PART_BYTES_MIN && text.ends_with(front));
        fronts.map(|front| text.len() - front.len()).min()
    }

    fn at(&self, text: &[u8], at: usize) -> Option<FoundSecret> {
        let rest = text.get(at..)?;
        let first = *rest.first()?;
        let may_be = |value: &&String| {
            let literal = value.as_bytes().first() == Some(&first);
            literal || first >= 0x80 || matches!(first, b'%' | b'&' | b'\\' | b'+')
        };
        let mut values = self
            .values
            .iter()
            .enumerate()
            .filter(|(_, value)| may_be(value));
        values.find_map(|(number, value)| {
            let (length, spelling) = spelled(rest, value)?;
            let range = at..at + length;
            let is_name = || self.spares_names && names(text, &range);
            let stands = !is_word(value) || stands_alone(text, &range) && !is_name();
            stands.then_some(FoundSecret {
                range,
                value: number,
                spelling,
            })
        })
    }

    /// Adds stretches of Base64 that hold one.
    fn encoded(&self, text: &[u8], found: &mut Vec<FoundSecret>) {
        let mut at = 0;
        while at < text.len() {
            let rest = text.get(at..).unwrap_or_default();
            let length = rest
                .iter()
                .take_while(|byte| sextet(**byte).is_some())
                .count();
            let padding = rest
                .iter()
                .skip(length)
                .take(2)
                .take_while(|byte| **byte == b'=')
                .count();
            let range = at..at + length + padding;
            at += length.max(1);
            if length < BASE64_BYTES_MIN || found.iter().any(|one| overlap(&one.range, &range)) {
                continue;
            }
            let decoded = decoded(rest.get(..length).unwrap_or_default());
            let mut values = self.values.iter();
            let held =
                values.position(|value| memchr::memmem::find(&decoded, value.as_bytes()).is_some());
            found.extend(held.map(|value| FoundSecret {
                range,
                value,
                spelling: Spelling::Base64,
            }));
        }
    }
}

/// How long the value is where a text begins with it, and how it is spelled.
fn spelled(text: &[u8], value: &str) -> Option<(usize, Spelling)> {
    let mut at = 0;
    let mut spelling = Spelling::Plain;
    for letter in value.chars() {
        let (length, by) = letter_at(text.get(at..)?, letter)?;
        at += length;
        spelling = match (spelling, by) {
            (Spelling::Plain, by) => by,
            (spelling, Spelling::Plain) => spelling,
            (_, by) => by,
        };
    }
    Some((at, spelling))
}

fn letter_at(text: &[u8], letter: char) -> Option<(usize, Spelling)> {
    let mut room = [0; 4];
    let utf8 = letter.encode_utf8(&mut room).as_bytes();
    // An escape that stands for it goes before the letter itself: `&` is both.
    let escaped = match text.first()? {
        b'&' => reference(text, letter).map(|length| (length, Spelling::Xml)),
        b'%' => percent(text, utf8).map(|length| (length, Spelling::Escaped)),
        b'\\' => backslash(text, letter).map(|length| (length, Spelling::Escaped)),
        b'+' if letter == ' ' => Some((1, Spelling::Escaped)),
        _ => None,
    };
    escaped
        .or_else(|| {
            text.starts_with(utf8)
                .then_some((utf8.len(), Spelling::Plain))
        })
        .or_else(|| {
            let latin = u8::try_from(u32::from(letter))
                .ok()
                .filter(|byte| *byte >= 0x80)?;
            (text.first() == Some(&latin)).then_some((1, Spelling::Plain))
        })
}

/// `&amp;`, `&#38;`, `&#x26;`, and each of them escaped again.
fn reference(text: &[u8], letter: char) -> Option<usize> {
    let mut rest = text.strip_prefix(b"&")?;
    loop {
        let end = memchr::memchr(b';', rest.get(..REFERENCE_BYTES_MAX).unwrap_or(rest))?;
        let (name, behind) = (rest.get(..end)?, rest.get(end + 1..)?);
        if stands_for(name) == Some(letter) {
            let again = name == b"amp" && behind.starts_with(b"amp;");
            if !again {
                return Some(text.len() - behind.len());
            }
        }
        if name != b"amp" {
            return None;
        }
        rest = behind;
    }
}

fn stands_for(name: &[u8]) -> Option<char> {
    let number = |text: &[u8], radix| {
        let text = std::str::from_utf8(text).ok()?;
        char::from_u32(u32::from_str_radix(text, radix).ok()?)
    };
    match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', b'x' | b'X', rest @ ..] => number(rest, 16),
        [b'#', rest @ ..] => number(rest, 10),
        _ => None,
    }
}

/// Each byte as `%41`.
fn percent(text: &[u8], utf8: &[u8]) -> Option<usize> {
    let mut rest = text;
    for byte in utf8 {
        rest = rest.strip_prefix(b"%")?;
        let (digits, behind) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        if u8::from_str_radix(digits, 16).ok()? != *byte {
            return None;
        }
        rest = behind;
    }
    Some(text.len() - rest.len())
}

/// `\"`, `\\`, `\/`, `\u0022`, `\x22`.
fn backslash(text: &[u8], letter: char) -> Option<usize> {
    let rest = text.strip_prefix(b"\\")?;
    let hexadecimal = |from: usize, length: usize| {
        let digits = std::str::from_utf8(rest.get(from..from + length)?).ok()?;
        let code = u32::from_str_radix(digits, 16).ok()?;
        (char::from_u32(code)? == letter).then_some(1 + from + length)
    };
    match rest.first()? {
        b'u' => hexadecimal(1, 4),
        b'x' => hexadecimal(1, 2),
        byte @ (b'"' | b'\\' | b'/') => (char::from(*byte) == letter).then_some(2),
        _ => None,
    }
}

/// Only letters, only digits, or so short that it may be part of another word.
fn is_word(value: &str) -> bool {
    let letters = value.chars().all(char::is_alphabetic);
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    letters || digits || value.len() < SHORT_BYTES
}

/// Neither part of a longer word nor of a path.
fn stands_alone(text: &[u8], range: &Range<usize>) -> bool {
    let of_word =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let before = text.get(..range.start).unwrap_or_default();
    let behind = text.get(range.end..).unwrap_or_default();
    let in_path = behind.first() == Some(&b'.') && of_word(behind.get(1))
        || before.last() == Some(&b'.') && of_word(before.iter().nth_back(1));
    !of_word(before.last()) && !of_word(behind.first()) && !in_path
}

/// Where a name stands, or its prefix.
fn names(text: &[u8], range: &Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let behind = text.get(range.end..).unwrap_or_default();
    let leads = [&b"<"[..], b"</", b"xmlns:"];
    let goes_on = match behind {
        [b':', next, ..] => next.is_ascii_alphanumeric(),
        [b'-', next, ..] => next.is_ascii_digit(),
        [b'"', b':', ..] => true,
        _ => false,
    };
    goes_on || leads.iter().any(|lead| before.ends_with(lead))
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// RFC 4648 sections 4 and 5.
fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    for group in text.chunks(4) {
        let sextets = group.iter().filter_map(|byte| sextet(*byte));
        let bits = sextets.fold(0_u32, |bits, sextet| bits << 6 | u32::from(sextet));
        let missing = 4 - group.len();
        let bytes = (bits << (6 * missing)).to_be_bytes();
        let held = 3_usize.saturating_sub(missing);
        out.extend(bytes.iter().skip(1).take(held));
    }
    out
}

/// Shorter values than this are looked for as whole words.
const SHORT_BYTES: usize = 6;
/// The shortest part of a secret at a cut that is hidden.
const PART_BYTES_MIN: usize = 3;
/// Six bytes of a secret take as much.
const BASE64_BYTES_MIN: usize = 8;
/// `&#x0010FFFF;`
const REFERENCE_BYTES_MAX: usize = 12;

#[cfg(test)]
mod tests {
    use super::{KnownSecrets, MASKED};

    fn known(values: &[&str]) -> KnownSecrets {
        KnownSecrets::new(values.iter().map(|value| (*value).to_owned()), 4)
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let known = known(&["s3cret&\"<\u{fc}/ x"]);
        for text in [
            "s3cret&\"<\u{fc}/ x",
            "s3cret&amp;&quot;&lt;\u{fc}/ x",
            "s3cret&#38;&#x22;&lt;&#252;/ x",
            "s3cret&amp;amp;&amp;quot;&amp;lt;\u{fc}/ x",
            "s3cret&\\\"<\\u00fc\\/ x",
            "s3cret%26%22%3c%C3%BC%2F+x",
            "%73%33cret%26%22%3C%c3%bc/%20x",
        ] {
            let masked = known.masked(text, MASKED).into_owned();
            assert_eq!(masked, MASKED, "{text}");
        }
        let latin = b"a s3cret&\"<\xfc/ x b";
        assert_eq!(known.find(latin)[0].range, 2..latin.len() - 2);
    }

    #[test]
    fn base64_that_holds_a_secret_is_hidden_as_a_whole() {
        let known = known(&["sw0rdfish"]);
        // user:sw0rdfish, as it is, without padding, and in the alphabet of URLs.
        for text in [
            "Basic dXNlcjpzdzByZGZpc2g=",
            "Basic dXNlcjpzdzByZGZpc2g",
            "Basic _-9zdzByZGZpc2g=",
        ] {
            assert_eq!(known.masked(text, "x"), "Basic x", "{text}");
        }
        assert_eq!(
            known.masked("Basic dXNlcjpwYXNz", "x"),
            "Basic dXNlcjpwYXNz"
        );
    }

    #[test]
    fn plain_words_and_numbers_are_found_as_whole_words() {
        let known = known(&["Device", "123456", "pass", "xyz"]);
        for text in [
            "Device.Time",
            "X.Device",
            "Devices",
            "01234567",
            "12345600",
            "passed",
            "xyz",
        ] {
            assert_eq!(known.masked(text, MASKED), text);
        }
        for (text, masked) in [
            ("<Value>Device</Value>", "<Value>*</Value>"),
            ("\"pass\", 123456.", "\"*\", *."),
            ("sip:a:pass@b", "sip:a:*@b"),
        ] {
            assert_eq!(known.masked(text, "*"), masked);
        }
    }

    #[test]
    fn names_are_spared_and_values_are_not() {
        let known = known(&["cwmp"]).sparing_names();
        for text in [
            "cwmp:ID 11 times",
            "cwmp-1-2.xsd",
            "<cwmp:Inform xmlns:cwmp=\"urn:dslforum-org:cwmp-1-2\"></cwmp:Inform>",
            "{\"cwmp\": 1}",
        ] {
            assert_eq!(known.masked(text, "*"), text);
        }
        let masked = known.masked("<Value>cwmp</Value> u:cwmp@h \"cwmp\" cwmp", "*");
        assert_eq!(masked, "<Value>*</Value> u:*@h \"*\" *");
    }

    #[test]
    fn the_longest_goes_first_and_cut_ends_hide_what_is_left() {
        let known = known(&["abc-1", "abc-123456"]);
        assert_eq!(known.masked("abc-123456 abc-1", "*"), "* *");
        let (text, mark) = known.masked_window("23456</a><b>abc-12", &(9..12), [true, true]);
        assert_eq!(text, "<masked></a><b><masked>");
        assert_eq!(&text[mark], "<b>");
        let (text, mark) = known.masked_window("x abc-123456 y", &(4..14), [false, false]);
        assert_eq!((text.as_str(), &text[mark]), ("x <masked> y", "<masked> y"));
    }

    #[test]
    fn nothing_that_holds_them_shows_them() {
        assert_eq!(format!("{:?}", known(&["swordfish"])), "KnownSecrets(1)");
    }
}
