//! One value of a name, and the question that goes from value to value until one answers yes.

use std::borrow::Cow;
use std::fmt::Write as _;

use stun::ucr::percent_decoded;

use crate::filter::RecordKind;
use crate::filter::names::Used;
use crate::filter::operand::{Number, time_text};
use crate::source::{FrameId, Timestamp};

/// What can be asked for the values of names.
pub(in crate::filter) trait Record {
    /// Its kind.
    const KIND: RecordKind;

    /// Whether any value of the name answers yes; the name is one that this kind has.
    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool;
}

/// A value.
#[derive(Debug, Clone, Copy)]
pub(in crate::filter) enum Value<'a> {
    Text(&'a str),
    Whole(i128),
    Real(f64),
    Boolean(bool),
    Time(Timestamp),
    /// Something that is there and has names of its own for what it holds.
    Group,
}

impl<'a> Value<'a> {
    /// As the outputs write it.
    pub fn text(&self) -> Cow<'a, str> {
        match *self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Whole(whole) => Cow::Owned(whole.to_string()),
            Self::Real(real) => Cow::Owned(real.to_string()),
            Self::Boolean(true) => Cow::Borrowed("true"),
            Self::Boolean(false) => Cow::Borrowed("false"),
            Self::Time(time) => Cow::Owned(time_text(time)),
            Self::Group => Cow::Borrowed(""),
        }
    }

    /// As a number, where it is one or the text of one.
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Text(text) => Number::parse(text.trim()),
            Self::Whole(whole) => Some(Number::Whole(*whole)),
            Self::Real(real) => Some(Number::Real(*real)),
            Self::Boolean(_) | Self::Time(_) | Self::Group => None,
        }
    }
}

/// The question.
pub(in crate::filter) struct Ask<'t>(pub &'t mut dyn FnMut(Value<'_>) -> bool);

impl Ask<'_> {
    pub fn text(&mut self, text: &str) -> bool {
        (self.0)(Value::Text(text))
    }

    pub fn maybe(&mut self, text: Option<&str>) -> bool {
        text.is_some_and(|text| self.text(text))
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> bool {
        self.text(&lossy(bytes))
    }

    pub fn whole(&mut self, whole: impl Into<i128>) -> bool {
        (self.0)(Value::Whole(whole.into()))
    }

    pub fn count(&mut self, count: usize) -> bool {
        self.whole(count as u64)
    }

    pub fn real(&mut self, real: f64) -> bool {
        (self.0)(Value::Real(real))
    }

    pub fn boolean(&mut self, boolean: bool) -> bool {
        (self.0)(Value::Boolean(boolean))
    }

    pub fn time(&mut self, time: Timestamp) -> bool {
        (self.0)(Value::Time(time))
    }

    /// There is such a group, or is not.
    pub fn group(&mut self, is_there: bool) -> bool {
        is_there && (self.0)(Value::Group)
    }

    pub fn frames(&mut self, frames: impl IntoIterator<Item = FrameId>) -> bool {
        frames.into_iter().any(|frame| self.whole(frame.number()))
    }

    pub fn frame_files(&mut self, frames: impl IntoIterator<Item = FrameId>) -> bool {
        frames
            .into_iter()
            .any(|frame| self.whole(u32::from(frame.file()) + 1))
    }

    /// The parts of a device's id, which percent-encoding keeps apart (TR-069 section 3.4.4).
    pub fn part_of_device(&mut self, device: Option<&str>, part: PartOfDevice) -> bool {
        let Some((oui, rest)) = device.and_then(|device| device.split_once('-')) else {
            return false;
        };
        let (product_class, serial_number) = match rest.split_once('-') {
            Some((product_class, serial_number)) => (Some(product_class), serial_number),
            None => (None, rest),
        };
        let part = match part {
            PartOfDevice::Oui => Some(oui),
            PartOfDevice::ProductClass => product_class,
            PartOfDevice::SerialNumber => Some(serial_number),
        };
        part.is_some_and(|part| self.bytes(&percent_decoded(part.as_bytes(), false)))
    }
}

/// A part of a device's id.
#[derive(Debug, Clone, Copy)]
pub(in crate::filter) enum PartOfDevice {
    Oui,
    ProductClass,
    SerialNumber,
}

/// Bytes as JSON has them: what is no UTF-8 as `\xNN`.
pub(in crate::filter) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    Cow::Owned(out)
}
