//! Schemes and parameters out of a value, tolerant: whatever the bytes are, the parameters that can be told are told.

use super::anomaly::{Anomalies, AnomalyKind};
use super::parameter::{Parameter, Scheme};
use crate::recognise::is_token_byte;

/// All schemes of a value with challenges.
pub(super) fn schemes<'a>(value: &'a [u8], odd: &mut Anomalies) -> Vec<Scheme<'a>> {
    read(value, true, odd)
}

/// The one scheme of a value with credentials.
pub(super) fn scheme<'a>(value: &'a [u8], odd: &mut Anomalies) -> Scheme<'a> {
    read(value, false, odd)
        .into_iter()
        .next()
        .unwrap_or_default()
}

fn read<'a>(value: &'a [u8], several: bool, odd: &mut Anomalies) -> Vec<Scheme<'a>> {
    note_lines(value, odd);
    let mut lexer = Lexer {
        value,
        at: 0,
        several,
        schemes: Vec::new(),
        value_end: 0,
        odd,
    };
    let mut items = 0;
    while lexer.item() {
        items += 1;
        if items == ITEMS_MAX {
            lexer.odd.add(AnomalyKind::TooMuch, lexer.at);
            break;
        }
    }
    if lexer.schemes.is_empty() {
        lexer.odd.add(AnomalyKind::Empty, 0);
    }
    lexer.schemes
}

fn note_lines(value: &[u8], odd: &mut Anomalies) {
    for at in memchr::memchr_iter(b'\n', value) {
        let bare = at.checked_sub(1).and_then(|before| value.get(before)) != Some(&b'\r');
        odd.add(
            if bare {
                AnomalyKind::BareLineFeed
            } else {
                AnomalyKind::FoldedValue
            },
            at,
        );
    }
}

struct Lexer<'a, 'o> {
    value: &'a [u8],
    at: usize,
    /// May further schemes follow the first?
    several: bool,
    schemes: Vec<Scheme<'a>>,
    /// Behind the last value and its quotes.
    value_end: usize,
    odd: &'o mut Anomalies,
}

impl<'a> Lexer<'a, '_> {
    /// Reads a scheme, a parameter, or what is neither. False: there is no more. Each takes a byte at least.
    fn item(&mut self) -> bool {
        let comma = self.separators();
        let start = self.at;
        let word = self.word();
        let end = self.at;
        match (word.is_empty(), self.peek()) {
            (true, None) => return false,
            (true, Some(b'"')) => {
                let (from, to) = self.quoted();
                self.stray(start, from, to);
            }
            (true, Some(_)) => {
                self.at = self.at.saturating_add(1);
                self.odd.add(AnomalyKind::StrayText, start);
            }
            (false, _) => {
                self.blanks();
                if self.peek() == Some(b'=') {
                    self.parameter(word, start, end, comma);
                } else {
                    self.at = end;
                    self.bare_word(word, start, end, comma);
                }
            }
        }
        true
    }

    /// A word that no equals sign follows.
    fn bare_word(&mut self, word: &'a [u8], start: usize, end: usize, comma: bool) {
        let first = self.schemes.is_empty();
        let begins = if comma {
            is_token(word) && !self.is_more_of_a_list(word)
        } else {
            is_known(word)
        };
        if !(first || self.several && begins) {
            return self.stray(start, start, end);
        }
        if !(first || comma) {
            self.odd.add(AnomalyKind::CommaMissing, start);
        }
        let token68 = self.token68(word);
        self.schemes.push(Scheme {
            name: word,
            range: start..token68.map_or(end, |_| self.at),
            token68,
            parameters: Vec::new(),
        });
    }

    /// `auth-int` in a list of qop that stands without its quotes.
    fn is_more_of_a_list(&self, word: &[u8]) -> bool {
        let last = self.schemes.last().and_then(|open| open.parameters.last());
        let qop = last.is_some_and(|last| last.is("qop") && !last.quoted);
        qop && QOPS.iter().any(|qop| word.eq_ignore_ascii_case(qop))
    }

    /// What a scheme may have in place of parameters: one word, which equals signs may end (RFC 9110 section 11.2).
    fn token68(&mut self, scheme: &[u8]) -> Option<&'a [u8]> {
        if scheme.eq_ignore_ascii_case(b"Digest")
            || self.several && scheme.eq_ignore_ascii_case(b"Basic")
        {
            return None;
        }
        let blanks = self.blanks_ahead();
        let rest = self.value.get(self.at.saturating_add(blanks)..)?;
        let length = rest.iter().take_while(|byte| is_token68(**byte)).count();
        let padding = rest.iter().skip(length).take_while(|byte| **byte == b'=');
        let end = length.saturating_add(padding.count());
        let behind = rest.get(end..)?.iter().find(|byte| !is_blank(**byte));
        let word = rest.get(..end)?;
        if blanks == 0 || length == 0 || behind.is_some_and(|byte| *byte != b',') {
            return None;
        }
        self.at = self.at.saturating_add(blanks).saturating_add(end);
        Some(word)
    }

    fn parameter(&mut self, name: &'a [u8], start: usize, end: usize, comma: bool) {
        let before = self.at;
        self.at = self.at.saturating_add(1);
        self.blanks();
        if before != end || self.at > before.saturating_add(1) {
            self.odd.add(AnomalyKind::BlanksAroundEquals, end);
        }
        let quoted = self.peek() == Some(b'"');
        let (from, to) = if quoted {
            self.quoted()
        } else {
            self.unquoted()
        };
        if from == to && !quoted {
            self.odd.add(AnomalyKind::ValueMissing, from);
        }
        let parameter = Parameter {
            name,
            raw: self.value.get(from..to).unwrap_or_default(),
            range: from..to,
            quoted,
        };
        self.find_owner(start, comma);
        let Some(open) = self.schemes.last_mut() else {
            return;
        };
        if !comma && !open.parameters.is_empty() {
            self.odd.add(AnomalyKind::CommaMissing, start);
        }
        if open.parameters.is_empty() {
            open.parameters.reserve(PARAMETERS_USUAL);
        }
        open.parameters.push(parameter);
        open.range.end = self.at;
        self.value_end = self.at;
    }

    /// Makes the scheme whose parameter begins here the last.
    fn find_owner(&mut self, start: usize, comma: bool) {
        let Some(last) = self.schemes.last() else {
            self.odd.add(AnomalyKind::SchemeMissing, start);
            self.schemes.push(Scheme {
                range: start..start,
                ..Scheme::default()
            });
            return;
        };
        if !(comma && is_alone(last)) {
            return;
        }
        self.odd.add(AnomalyKind::CommaBehindScheme, start);
        if is_known(last.name) {
            return;
        }
        // A word that is no known scheme was part of a value with commas, which stands without its quotes.
        let (from, to) = (last.range.start, last.range.end);
        if let Some(before) = self.schemes.iter().rposition(|open| !is_alone(open)) {
            self.schemes.truncate(before.saturating_add(1));
            self.stray(from, from, to);
        }
    }

    /// Text that belongs to nothing: more of the value before it, if there is one. Behind quotes only where nothing stands
    /// between: the value has quotes in it that are not escaped.
    fn stray(&mut self, start: usize, from: usize, to: usize) {
        self.odd.add(AnomalyKind::StrayText, start.min(from));
        let (value, adjacent) = (self.value, self.value_end == start);
        let Some(open) = self.schemes.last_mut() else {
            return;
        };
        let Some(last) = open.parameters.last_mut() else {
            return;
        };
        if !last.quoted || adjacent {
            last.range.end = to.max(last.range.end);
            last.raw = value.get(last.range.clone()).unwrap_or_default();
            open.range.end = self.at.max(open.range.end);
            self.value_end = self.at;
        }
    }

    /// From the first byte in quotes to behind the last; goes on behind the quotes.
    fn quoted(&mut self) -> (usize, usize) {
        let from = self.at.saturating_add(1);
        let mut at = from;
        loop {
            let rest = self.value.get(at..).unwrap_or_default();
            match memchr::memchr2(b'"', b'\\', rest) {
                Some(found) if rest.get(found) == Some(&b'\\') => {
                    at = at.saturating_add(found).saturating_add(2);
                }
                Some(found) => {
                    let to = at.saturating_add(found);
                    self.at = to.saturating_add(1);
                    return (from, to);
                }
                None => {
                    self.odd
                        .add(AnomalyKind::QuoteUnended, from.saturating_sub(1));
                    self.at = self.value.len();
                    let rest = self.value.get(from..).unwrap_or_default();
                    return (from, from.saturating_add(rest.trim_ascii_end().len()));
                }
            }
        }
    }

    /// Up to a blank, a comma, or a semicolon that ends a word; a quote there is passed over.
    fn unquoted(&mut self) -> (usize, usize) {
        let from = self.at;
        while let Some(byte) = self.peek() {
            let next = self.value.get(self.at.saturating_add(1));
            let ends = byte == b';' && next.is_none_or(|next| is_blank(*next));
            if ends || is_blank(byte) || matches!(byte, b',' | b'"') {
                break;
            }
            self.at = self.at.saturating_add(1);
        }
        let to = self.at;
        if self.peek() == Some(b'"') {
            self.odd.add(AnomalyKind::StrayText, to);
            self.at = to.saturating_add(1);
        }
        (from, to)
    }

    /// Passes over what stands between items. Is there a comma, or nothing yet before it?
    fn separators(&mut self) -> bool {
        let mut comma = self.at == 0;
        while let Some(byte) = self.peek() {
            match byte {
                b',' => comma = true,
                b';' => {
                    comma = true;
                    self.odd.add(AnomalyKind::Semicolon, self.at);
                }
                _ if is_blank(byte) => {}
                _ => break,
            }
            self.at = self.at.saturating_add(1);
        }
        comma
    }

    fn word(&mut self) -> &'a [u8] {
        let rest = self.value.get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| is_blank(*byte) || matches!(byte, b',' | b';' | b'=' | b'"');
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.at = self.at.saturating_add(length);
        rest.get(..length).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.at = self.at.saturating_add(self.blanks_ahead());
    }

    fn blanks_ahead(&self) -> usize {
        let rest = self.value.get(self.at..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| is_blank(**byte));
        blanks.count()
    }

    fn peek(&self) -> Option<u8> {
        self.value.get(self.at).copied()
    }
}

/// Has neither parameters nor what stands for them.
fn is_alone(scheme: &Scheme<'_>) -> bool {
    scheme.parameters.is_empty() && scheme.token68.is_none()
}

fn is_known(name: &[u8]) -> bool {
    KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_token(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(|byte| is_token_byte(*byte))
}

fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
}

/// Schemes and parameters of one value that are read. Real ones have some ten, twenty with several challenges; a head may hold
/// as many of three bytes each as fit into it, and each costs a hundred bytes or more.
const ITEMS_MAX: usize = 512;
/// Parameters of Digest, where it has all that are usual.
const PARAMETERS_USUAL: usize = 10;
/// Schemes that are taken for one where a comma is missing, too (of the IANA registry, those that devices speak).
const KNOWN: [&[u8]; 6] = [
    b"Basic",
    b"Digest",
    b"Bearer",
    b"Negotiate",
    b"NTLM",
    b"HOBA",
];
const QOPS: [&[u8]; 2] = [b"auth", b"auth-int"];
