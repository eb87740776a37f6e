//! How long a message's body is and how it is coded, as its head says (RFC 9112 section 6.3).

use crate::anomaly::{Anomalies, AnomalyKind};
use crate::head::HeadView;
use crate::inflate::Encodings;
use crate::{Kind, RequestMethod};

/// What the head announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) length: Length,
    pub(crate) encodings: Encodings,
    /// What holds where chunked was announced and is not there.
    pub(crate) unchunked: Length,
}

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    None,
    Counted(u64),
    Chunked,
    UntilClose,
}

/// Decides the body of the message with this head; `method` is that of the request a response answers.
pub(crate) fn plan(head: HeadView<'_>, method: RequestMethod, anomalies: &mut Anomalies) -> Plan {
    let fields = BodyHeaders::read(head, anomalies);
    let otherwise = match head.kind() {
        Kind::Request => Length::None,
        Kind::Response => Length::UntilClose,
    };
    let unchunked = fields.content_length.map_or(otherwise, Length::Counted);
    let length = if is_bodyless(head, method) {
        Length::None
    } else if let Some(transfer) = fields.transfer {
        check_transfer(head, &fields, transfer, anomalies);
        match transfer {
            Transfer { chunked: true, .. } => Length::Chunked,
            // Only the end of the connection can end it (RFC 9112 section 6.3, rule 4).
            Transfer {
                identity_only: false,
                ..
            } if head.kind() == Kind::Response => Length::UntilClose,
            _ => unchunked,
        }
    } else {
        unchunked
    };
    Plan {
        length,
        encodings: fields.encodings,
        unchunked,
    }
}

/// RFC 9112 section 6.3, rules 1 and 2.
fn is_bodyless(head: HeadView<'_>, method: RequestMethod) -> bool {
    if head.kind() == Kind::Request {
        return false;
    }
    let status = head.status();
    method == RequestMethod::Head
        || matches!(status, 100..=199 | 204 | 304)
        || (method == RequestMethod::Connect && (200..300).contains(&status))
}

fn check_transfer(
    head: HeadView<'_>,
    fields: &BodyHeaders,
    transfer: Transfer,
    anomalies: &mut Anomalies,
) {
    if fields.content_length.is_some() && !transfer.identity_only {
        anomalies.add(
            AnomalyKind::ContentLengthWithTransferEncoding,
            fields.content_length_at,
        );
    }
    if transfer.odd || !transfer.chunked {
        anomalies.add(AnomalyKind::TransferEncodingOdd, transfer.at);
    }
    if head
        .version_number()
        .is_some_and(|version| version < (1, 1))
    {
        anomalies.add(AnomalyKind::TransferEncodingTooEarly, transfer.at);
    }
}

/// The header fields that decide a body.
#[derive(Default)]
struct BodyHeaders {
    content_length: Option<u64>,
    content_length_at: usize,
    transfer: Option<Transfer>,
    encodings: Encodings,
}

#[derive(Clone, Copy)]
struct Transfer {
    chunked: bool,
    /// Not a list that ends in its only chunked.
    odd: bool,
    identity_only: bool,
    at: usize,
}

impl BodyHeaders {
    fn read(head: HeadView<'_>, anomalies: &mut Anomalies) -> Self {
        let mut fields = Self::default();
        let mut transfer_codings = Encodings::default();
        for header in head.headers() {
            let at = usize::try_from(header.offset).unwrap_or(usize::MAX);
            match header.name.len() {
                14 if header.name.eq_ignore_ascii_case(b"Content-Length") => {
                    fields.content_length(&header.value, at, anomalies);
                }
                16 if header.name.eq_ignore_ascii_case(b"Content-Encoding") => {
                    for coding in items(&header.value) {
                        fields.encodings.push(coding);
                    }
                }
                17 if header.name.eq_ignore_ascii_case(b"Transfer-Encoding") => {
                    fields.transfer_encoding(&header.value, at, &mut transfer_codings);
                }
                _ => {}
            }
        }
        // Transfer codings are applied last.
        fields.encodings.append(transfer_codings);
        fields
    }

    fn content_length(&mut self, value: &[u8], at: usize, anomalies: &mut Anomalies) {
        let mut any = false;
        for item in items(value) {
            any = true;
            let Some(length) = read_length(item, at, anomalies) else {
                continue;
            };
            match self.content_length {
                None => (self.content_length, self.content_length_at) = (Some(length), at),
                Some(first) if first == length => {
                    anomalies.add_once(AnomalyKind::ContentLengthRepeated, at);
                }
                Some(_) => anomalies.add_once(AnomalyKind::ContentLengthDiffers, at),
            }
        }
        if !any {
            anomalies.add(AnomalyKind::ContentLengthOdd, at);
        }
    }

    fn transfer_encoding(&mut self, value: &[u8], at: usize, codings: &mut Encodings) {
        let fresh = Transfer {
            chunked: false,
            odd: false,
            identity_only: true,
            at,
        };
        let transfer = self.transfer.get_or_insert(fresh);
        for item in items(value) {
            let coding = item
                .split(|b| *b == b';')
                .next()
                .unwrap_or_default()
                .trim_ascii();
            // Anything behind chunked, another chunked too, is out of place.
            transfer.odd |= transfer.chunked;
            if coding.eq_ignore_ascii_case(b"chunked") {
                (transfer.chunked, transfer.identity_only) = (true, false);
            } else if !coding.eq_ignore_ascii_case(b"identity") {
                transfer.identity_only = false;
                codings.push(coding);
            } else {
                transfer.odd = true;
            }
        }
    }
}

/// The members of a comma-separated list (RFC 9110 section 5.6.1), empty ones left out.
fn items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|b| *b == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|item| !item.is_empty())
}

/// A length: what leading digits say. None: there are none.
fn read_length(item: &[u8], at: usize, anomalies: &mut Anomalies) -> Option<u64> {
    if item.starts_with(b"-") {
        anomalies.add(AnomalyKind::ContentLengthNegative, at);
        return None;
    }
    let text = item.strip_prefix(b"+").unwrap_or(item);
    let digits = text.iter().take_while(|b| b.is_ascii_digit());
    let (mut length, mut count, mut huge) = (0_u64, 0_usize, false);
    for digit in digits {
        count = count.saturating_add(1);
        let next = length
            .checked_mul(10)
            .and_then(|n| n.checked_add(u64::from(digit.wrapping_sub(b'0'))));
        huge |= next.is_none();
        length = if huge {
            u64::MAX
        } else {
            next.unwrap_or(u64::MAX)
        };
    }
    if huge {
        anomalies.add(AnomalyKind::ContentLengthHuge, at);
    }
    if count != item.len() {
        anomalies.add(AnomalyKind::ContentLengthOdd, at);
    }
    (count > 0).then_some(length)
}
