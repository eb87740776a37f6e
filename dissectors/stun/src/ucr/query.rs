//! The query: its parameters and their encoding.

use std::borrow::Cow;

use crate::anomaly::{Anomalies, AnomalyKind};
use crate::digest::octet;
use crate::span::Span;

/// The five parameters of TR-111 section 2.2.2.3, in the order in which their values are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// `ts`: seconds since 1970.
    Timestamp,
    /// `id`: an unsigned number, another one in each request.
    Id,
    /// `un`: ConnectionRequestUsername.
    Username,
    /// `cn`: a random text.
    Cnonce,
    /// `sig`: HMAC-SHA1 over the four before it, keyed with ConnectionRequestPassword.
    Signature,
}

impl Name {
    /// All five, the signed ones first and in their order.
    pub const ALL: [Self; 5] = [
        Self::Timestamp,
        Self::Id,
        Self::Username,
        Self::Cnonce,
        Self::Signature,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timestamp => "ts",
            Self::Id => "id",
            Self::Username => "un",
            Self::Cnonce => "cn",
            Self::Signature => "sig",
        }
    }

    /// The parameter of a name in whatever case.
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str().as_bytes().eq_ignore_ascii_case(name))
    }
}

/// A parameter as it stands in the query, still encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parameter {
    /// Which of the five it is.
    pub kind: Option<Name>,
    /// Its name.
    pub name: Span,
    /// Its value; empty if there is no `=`.
    pub value: Span,
}

/// Undoes percent-encoding; `+` becomes a space if `plus` says so (application/x-www-form-urlencoded).
///
/// A percent sign without two hexadecimal digits stays as it is.
pub fn percent_decoded(text: &[u8], plus: bool) -> Cow<'_, [u8]> {
    let encoded = |byte: &u8| *byte == b'%' || (plus && *byte == b'+');
    if !text.iter().any(encoded) {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte == b'%'
            && let Some((&[high, low], behind)) = rest.split_first_chunk()
            && let Some(octet) = octet(high, low)
        {
            decoded.push(octet);
            rest = behind;
        } else if byte == b'+' && plus {
            decoded.push(b' ');
        } else {
            decoded.push(byte);
        }
    }
    Cow::Owned(decoded)
}

/// Reads a query; `cut` says that the capture ends in it.
pub(super) fn read(
    bytes: &[u8],
    query: Span,
    cut: bool,
    anomalies: &mut Anomalies,
) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut at = query.start;
    for (name, value) in pieces(query.of(bytes)) {
        let equals = at.saturating_add(name.len());
        let start = equals.saturating_add(value.is_some().into());
        let end = start.saturating_add(value.unwrap_or_default().len());
        let parameter = Parameter {
            kind: Name::of(name),
            name: Span::new(at, equals),
            value: Span::new(start, end),
        };
        at = end.saturating_add(1);
        if parameters.len() == PARAMETERS_MAX {
            anomalies.add(AnomalyKind::ParametersTooMany, parameter.name.start);
            break;
        }
        if !(cut && end == bytes.len()) {
            check(&parameter, &parameters, bytes, anomalies);
        }
        parameters.push(parameter);
    }
    parameters
}

/// Names and values between the ampersands; no value where there is no `=`.
pub(super) fn pieces(query: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    query.split(|byte| *byte == b'&').map(|piece| {
        let equals = memchr::memchr(b'=', piece);
        match equals.and_then(|at| piece.split_at_checked(at)) {
            Some((name, value)) => (name, value.get(1..)),
            None => (piece, None),
        }
    })
}

fn check(new: &Parameter, before: &[Parameter], bytes: &[u8], anomalies: &mut Anomalies) {
    let name = new.name.of(bytes);
    match new.kind {
        None => anomalies.add(AnomalyKind::ParameterUnknown, new.name.start),
        Some(kind) => {
            if before.iter().any(|one| one.kind == Some(kind)) {
                anomalies.add(AnomalyKind::ParameterRepeated, new.name.start);
            }
            if name != kind.as_str().as_bytes() {
                anomalies.add(AnomalyKind::ParameterCaseOdd, new.name.start);
            }
        }
    }
    let value = new.value.of(bytes);
    if let Some(at) = odd_percent(value) {
        anomalies.add(AnomalyKind::PercentOdd, new.value.start.saturating_add(at));
    }
    if let Some(at) = value.iter().position(|&byte| !may_stand_in_query(byte)) {
        anomalies.add(
            AnomalyKind::QueryByteOdd,
            new.value.start.saturating_add(at),
        );
    }
}

fn odd_percent(value: &[u8]) -> Option<usize> {
    let signs = memchr::memchr_iter(b'%', value);
    let mut odd = signs.filter(|&at| {
        let digits = value.get(at.saturating_add(1)..).unwrap_or_default();
        digits
            .first_chunk()
            .is_none_or(|&[high, low]| octet(high, low).is_none())
    });
    odd.next()
}

/// RFC 3986 section 3.4.
fn may_stand_in_query(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte)
}

/// Parameters kept: there are five.
const PARAMETERS_MAX: usize = 32;
