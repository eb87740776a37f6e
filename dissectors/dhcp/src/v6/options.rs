//! The options where they stand, and where those inside them are bent.

use std::ops::Range;

use super::Message;
use crate::anomaly::Anomalies;
use crate::enterprise::items;
use crate::octets::u16_at;
use crate::{AnomalyKind, SubOptions, Width};

/// An option where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opt {
    /// The code.
    pub code: u16,
    /// Where its code stands, in bytes from the first byte of the payload.
    pub offset: usize,
    /// The length that it gives, in bytes.
    pub length: usize,
    /// Where its value stands, as far as it was there.
    pub value: Range<usize>,
}

impl Opt {
    /// Was there less of it than its length says?
    pub fn is_partial(&self) -> bool {
        self.value.len() < self.length
    }
}

impl<'a> Message<'a> {
    /// The value of the first option with this code in the innermost message.
    pub fn value(&self, code: u16) -> Option<&'a [u8]> {
        self.values_of(code).next()
    }

    /// The values of every option with this code in the innermost message.
    pub fn values_of(&self, code: u16) -> impl Iterator<Item = &'a [u8]> {
        let bytes = self.bytes;
        let options = self
            .options
            .iter()
            .filter(move |option| option.code == code);
        options.filter_map(move |option| bytes.get(option.value.clone()))
    }
}

/// The options of a message that ends there on the wire.
pub(super) fn read(
    bytes: &[u8],
    span: Range<usize>,
    options_left: &mut usize,
    anomalies: &mut Anomalies,
) -> Vec<Opt> {
    let mut listed: Vec<Opt> = Vec::new();
    let kept = span.end.min(bytes.len());
    let mut at = span.start;
    while at < kept {
        if *options_left == 0 {
            anomalies.note(AnomalyKind::OptionLimit, at);
            break;
        }
        let Some((code, length, start)) = head(bytes, at, kept) else {
            if kept == span.end {
                anomalies.note(AnomalyKind::OptionWithoutLength, at);
            }
            break;
        };
        let end = start.saturating_add(length);
        if end > span.end {
            anomalies.note(AnomalyKind::OptionPastEnd, at);
        }
        *options_left = options_left.saturating_sub(1);
        let option = Opt {
            code,
            offset: at,
            length,
            value: start..end.min(kept),
        };
        if !option.is_partial() {
            note_odd(bytes, &option, anomalies);
        }
        listed.push(option);
        at = end;
    }
    note_repeated(&listed, anomalies);
    listed
}

/// Code, length and the place of the value.
fn head(bytes: &[u8], at: usize, kept: usize) -> Option<(u16, usize, usize)> {
    let start = at.checked_add(4).filter(|start| *start <= kept)?;
    let code = u16_at(bytes, at)?;
    let length = u16_at(bytes, at.checked_add(2)?)?;
    Some((code, usize::from(length), start))
}

/// Options that one message may have once (RFC 8415 section 21; those that matter here).
fn note_repeated(listed: &[Opt], anomalies: &mut Anomalies) {
    for code in [1, 2, 6, 7, 8, 9, 13, 14, 19, 39] {
        let same = listed.iter().filter(|option| option.code == code);
        for option in same.skip(1) {
            anomalies.note(AnomalyKind::RepeatedOption, option.offset);
        }
    }
}

/// An option whose length or inside is bent.
fn note_odd(bytes: &[u8], option: &Opt, anomalies: &mut Anomalies) {
    let value = bytes.get(option.value.clone()).unwrap_or_default();
    let fits = match option.code {
        1 | 2 => value.len() >= 2,
        6 => value.len().is_multiple_of(2),
        7 | 19 => value.len() == 1,
        8 => value.len() == 2,
        13 => value.len() >= 2,
        14 => value.is_empty(),
        15 => items(value, Width::Two).is_some(),
        39 => !value.is_empty(),
        _ => true,
    };
    if !fits {
        anomalies.note(AnomalyKind::OddOptionLength, option.offset);
    }
    if let Some(head) = nested_at(option.code) {
        note_nested(value, head, option, anomalies);
    }
    if option.code == 16 {
        let data = value.get(4..);
        if data.is_none_or(|data| items(data, Width::Two).is_none()) {
            anomalies.note(AnomalyKind::EnterpriseBlockPastEnd, option.offset);
        }
    }
}

/// Options or sub-options behind fixed fields of an option.
fn note_nested(value: &[u8], head: usize, option: &Opt, anomalies: &mut Anomalies) {
    let Some(inside) = value.get(head..) else {
        anomalies.note(AnomalyKind::OddOptionLength, option.offset);
        return;
    };
    let nested = SubOptions::new(inside, Width::Two);
    let inside_at = option.value.start.saturating_add(head);
    if let Some(misfit) = nested.misfit() {
        let offset = inside_at.saturating_add(misfit);
        anomalies.note(AnomalyKind::OddSubOptions, offset);
    }
    if option.code == 17 {
        return;
    }
    for sub_option in nested {
        let Some(head) = nested_at(sub_option.code) else {
            continue;
        };
        let deeper = sub_option.value.get(head..);
        let fits =
            deeper.is_some_and(|deeper| SubOptions::new(deeper, Width::Two).misfit().is_none());
        if !fits {
            let offset = inside_at.saturating_add(sub_option.offset);
            anomalies.note(AnomalyKind::OddSubOptions, offset);
        }
    }
}

/// Bytes before the options inside an option (RFC 8415 sections 21.4 to 21.6, 21.17, 21.21 and 21.22).
fn nested_at(code: u16) -> Option<usize> {
    match code {
        3 | 25 => Some(12),
        4 | 17 => Some(4),
        5 => Some(24),
        26 => Some(25),
        _ => None,
    }
}
