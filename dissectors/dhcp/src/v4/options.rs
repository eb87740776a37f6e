//! The options where they stand, and the values that their pieces make.

use std::ops::Range;

use super::{FILE, OPTIONS_AT, SNAME};
use crate::anomaly::Anomalies;
use crate::{AnomalyKind, Limits};

/// Which field holds an option (RFC 2131 section 4.1, RFC 2132 section 9.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// `options`
    #[default]
    Options,
    /// `file`, overloaded.
    File,
    /// `sname`, overloaded.
    ServerName,
}

impl Place {
    /// The field's name in RFC 2131.
    pub fn name(self) -> &'static str {
        match self {
            Self::Options => "options",
            Self::File => "file",
            Self::ServerName => "sname",
        }
    }
}

/// An option where it stands: one piece of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opt {
    /// The code.
    pub code: u8,
    /// The field that holds it.
    pub place: Place,
    /// Where its code stands, in bytes from the first byte of the payload.
    pub offset: usize,
    /// Where its value stands, as far as it was there.
    pub value: Range<usize>,
    /// Was there less of it than its length says?
    pub partial: bool,
}

/// The value of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'m> {
    /// The code.
    pub code: u8,
    /// The value, joined.
    pub value: &'m [u8],
    /// Of how many pieces.
    pub pieces: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) listed: Vec<Opt>,
    /// Places in `listed`, by code and then in order.
    by_code: Vec<usize>,
    /// One for each code, ascending.
    groups: Vec<Group>,
    /// The values of codes that have more than one piece.
    joined: Vec<u8>,
    /// What option 52 says.
    overload: u8,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    code: u8,
    /// In `by_code`.
    pieces: Range<usize>,
    /// In `joined`, where there are several pieces.
    joined: Range<usize>,
}

/// What reading the options gives.
pub(super) struct Walked {
    pub(super) options: Options,
    pub(super) behind_end: Option<Range<usize>>,
}

impl Options {
    pub(super) fn read(
        bytes: &[u8],
        wire_bytes: usize,
        limits: &Limits,
        anomalies: &mut Anomalies,
    ) -> Walked {
        let mut walk = Walk {
            bytes,
            listed: Vec::new(),
            options_max: limits.options_max,
            anomalies,
        };
        let behind_end = walk.field(Place::Options, OPTIONS_AT..wire_bytes);
        let overload = walk.overload();
        if overload & 1 != 0 {
            walk.field(Place::File, FILE);
        }
        if overload & 2 != 0 {
            walk.field(Place::ServerName, SNAME);
        }
        let mut options = Self {
            listed: walk.listed,
            overload,
            ..Self::default()
        };
        options.group(bytes);
        options.note_odd(anomalies);
        Walked {
            options,
            behind_end,
        }
    }

    pub(super) fn overloads(&self, place: Place) -> bool {
        match place {
            Place::Options => false,
            Place::File => self.overload & 1 != 0,
            Place::ServerName => self.overload & 2 != 0,
        }
    }

    pub(super) fn values<'m>(&'m self, bytes: &'m [u8]) -> impl Iterator<Item = Value<'m>> {
        self.groups.iter().map(move |group| Value {
            code: group.code,
            value: self.group_value(bytes, group).unwrap_or_default(),
            pieces: group.pieces.len(),
        })
    }

    pub(super) fn value<'m>(&'m self, bytes: &'m [u8], code: u8) -> Option<&'m [u8]> {
        self.group_value(bytes, self.group_of(code)?)
    }

    pub(super) fn first(&self, code: u8) -> Option<&Opt> {
        self.pieces(self.group_of(code)?).next()
    }

    pub(super) fn offset_in_value(&self, code: u8, value_offset: usize) -> Option<usize> {
        let mut left = value_offset;
        let mut end = None;
        for piece in self.pieces(self.group_of(code)?) {
            if left < piece.value.len() {
                return piece.value.start.checked_add(left);
            }
            left = left.checked_sub(piece.value.len())?;
            end = Some(piece.value.end);
        }
        // One past the value is where what is missing would stand.
        end.filter(|_| left == 0)
    }

    fn group_of(&self, code: u8) -> Option<&Group> {
        let place = self.groups.binary_search_by_key(&code, |group| group.code);
        self.groups.get(place.ok()?)
    }

    fn pieces(&self, group: &Group) -> impl Iterator<Item = &Opt> {
        let places = self.by_code.get(group.pieces.clone()).unwrap_or_default();
        places.iter().filter_map(|place| self.listed.get(*place))
    }

    fn group_value<'m>(&'m self, bytes: &'m [u8], group: &Group) -> Option<&'m [u8]> {
        if group.pieces.len() > 1 {
            return self.joined.get(group.joined.clone());
        }
        let piece = self.pieces(group).next()?;
        bytes.get(piece.value.clone())
    }

    /// Sorts the pieces by code and joins those of one code (RFC 3396 section 7).
    fn group(&mut self, bytes: &[u8]) {
        let code_of = |place: usize| self.listed.get(place).map(|option| option.code);
        self.by_code = (0..self.listed.len()).collect();
        self.by_code.sort_by_key(|place| code_of(*place));
        let mut start = 0usize;
        for same in self
            .by_code
            .chunk_by(|left, right| code_of(*left) == code_of(*right))
        {
            let end = start.saturating_add(same.len());
            let joined_from = self.joined.len();
            let pieces = same.iter().filter_map(|place| self.listed.get(*place));
            if same.len() > 1 {
                for piece in pieces {
                    let value = bytes.get(piece.value.clone()).unwrap_or_default();
                    self.joined.extend_from_slice(value);
                }
            }
            if let Some(code) = same.first().and_then(|place| code_of(*place)) {
                self.groups.push(Group {
                    code,
                    pieces: start..end,
                    joined: joined_from..self.joined.len(),
                });
            }
            start = end;
        }
    }

    /// Options of fixed length that have another, or come again.
    fn note_odd(&self, anomalies: &mut Anomalies) {
        for group in &self.groups {
            let Some(length) = fixed_length(group.code) else {
                continue;
            };
            for (index, piece) in self.pieces(group).enumerate() {
                if group.code == 52 && piece.place != Place::Options {
                    anomalies.note(AnomalyKind::NestedOverload, piece.offset);
                } else if index > 0 {
                    anomalies.note(AnomalyKind::RepeatedOption, piece.offset);
                }
                if piece.value.len() != length && !piece.partial {
                    anomalies.note(AnomalyKind::OddOptionLength, piece.offset);
                }
            }
        }
    }
}

/// Bytes of the options that cannot have another length (RFC 2132; those that matter here).
fn fixed_length(code: u8) -> Option<usize> {
    match code {
        46 | 52 | 53 | 116 => Some(1),
        57 => Some(2),
        1 | 2 | 28 | 32 | 50 | 51 | 54 | 58 | 59 => Some(4),
        80 => Some(0),
        _ => None,
    }
}

/// Goes through one field after the other.
struct Walk<'a, 'w> {
    bytes: &'a [u8],
    listed: Vec<Opt>,
    options_max: usize,
    anomalies: &'w mut Anomalies,
}

impl Walk<'_, '_> {
    /// Lists the options of a field that ends there on the wire; gives what stands behind its END, if it has one.
    fn field(&mut self, place: Place, field: Range<usize>) -> Option<Range<usize>> {
        let kept = field.end.min(self.bytes.len());
        let mut at = field.start;
        while let Some(code) = self.bytes.get(at).filter(|_| at < kept) {
            match code {
                0 => at = at.saturating_add(1),
                255 => return Some(self.end(at.saturating_add(1)..kept)),
                code => match self.option(*code, place, at, kept, field.end) {
                    Some(behind) => at = behind,
                    None => return None,
                },
            }
        }
        if kept == field.end {
            self.anomalies.note(AnomalyKind::MissingEnd, field.end);
        }
        None
    }

    /// Lists one option; gives the place behind it, or nothing where the walk has to stop.
    fn option(
        &mut self,
        code: u8,
        place: Place,
        offset: usize,
        kept: usize,
        wire_end: usize,
    ) -> Option<usize> {
        if self.listed.len() >= self.options_max {
            self.anomalies.note(AnomalyKind::OptionLimit, offset);
            return None;
        }
        let length_at = offset.checked_add(1)?;
        let start = offset.checked_add(2)?;
        if length_at >= kept {
            if kept == wire_end {
                self.anomalies
                    .note(AnomalyKind::OptionWithoutLength, offset);
            }
            return None;
        }
        let length = usize::from(*self.bytes.get(length_at)?);
        let end = start.checked_add(length)?;
        if end > wire_end {
            self.anomalies.note(AnomalyKind::OptionPastEnd, offset);
        }
        self.listed.push(Opt {
            code,
            place,
            offset,
            value: start..end.min(kept),
            partial: end > kept,
        });
        (end <= kept).then_some(end)
    }

    fn end(&mut self, behind: Range<usize>) -> Range<usize> {
        let rest = self.bytes.get(behind.clone()).unwrap_or_default();
        if let Some(first) = rest.iter().position(|byte| *byte != 0) {
            let place = behind.start.saturating_add(first);
            self.anomalies.note(AnomalyKind::BytesBehindEnd, place);
        }
        behind
    }

    /// What option 52 of the `options` field says: bit 0 for `file`, bit 1 for `sname` (RFC 2132 section 9.3).
    fn overload(&mut self) -> u8 {
        let Some(option) = self.listed.iter().find(|option| option.code == 52) else {
            return 0;
        };
        match self.bytes.get(option.value.clone()) {
            Some([overload @ 1..=3, ..]) => *overload,
            _ => {
                let offset = option.offset;
                self.anomalies.note(AnomalyKind::OddOverload, offset);
                0
            }
        }
    }
}
