//! The end of a message: puts its body together, undoes its codings, and makes ready for the next.

use std::borrow::Cow;

use super::{Keep, Open, RequestMethod, State, Stream, Transfer};
use crate::anomaly::AnomalyKind;
use crate::chunked::{Chunked, Place};
use crate::head::Span;
use crate::inflate::decode;
use crate::message::Body;
use crate::{Cut, End, Framing, Kind, LimitKind, Message};

impl Stream {
    /// The stream ends in a body.
    pub(super) fn end_body(&mut self, how: End) -> Message {
        let cut = match self.open.transfer {
            Transfer::UntilClose if how == End::Fin => None,
            Transfer::Chunked(Chunked {
                place: Place::Trailer,
                ..
            }) => {
                let at = self.offset.saturating_sub(self.open.stream_offset);
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                self.open.anomalies.add(AnomalyKind::ChunkedEndMissing, at);
                self.keep_line();
                self.open.trailer_end = Some(self.raw.len());
                None
            }
            _ => Some(Cut::End(how)),
        };
        self.keep_line();
        self.finish(cut)
    }

    /// Gives the open message, which ends with the last byte taken.
    pub(super) fn finish(&mut self, cut: Option<Cut>) -> Message {
        self.finish_before(0, cut)
    }

    /// Gives the open message, which ends this many bytes before the last byte taken.
    pub(super) fn finish_before(&mut self, bytes: usize, cut: Option<Cut>) -> Message {
        let mut open = std::mem::replace(&mut self.open, Open::new(self.kind, &self.limits));
        open.cut = open.cut.or(cut);
        let raw = std::mem::take(&mut self.raw);
        self.line.clear();
        let framing = open.framing();
        let (body, decoded) = self.body(&raw, &mut open);
        let trailer = open
            .trailer
            .filter(|_| open.keep != Keep::Nothing && !open.stopped);
        let trailer = trailer.map(|start| Span::new(start, open.trailer_end.unwrap_or(raw.len())));
        let message = Message {
            kind: self.kind,
            stream_offset: open.stream_offset,
            stream_end: self.offset.saturating_sub(bytes as u64),
            framing,
            body_kept: open.keep != Keep::Nothing || matches!(open.transfer, Transfer::None),
            body_bytes: open.body_bytes,
            body_complete: open.head.complete && open.cut.is_none() && decoded,
            cut: open.cut,
            anomalies: open.anomalies.list,
            anomalies_dropped: open.anomalies.dropped,
            body,
            decoded: !open.encodings.is_identity(),
            chunks: open.chunks,
            trailer,
            head: open.head,
            raw,
        };
        self.used = true;
        let opened = message.head.complete && opens_tunnel(&message, open.method);
        self.state = if opened {
            State::TunnelFound
        } else {
            State::Seek
        };
        message
    }

    /// The body of `raw` decoded, and whether all of it could be.
    fn body(&self, raw: &[u8], open: &mut Open) -> (Body, bool) {
        let sent = match kept(raw, open) {
            Cow::Borrowed(_) => {
                let start = open
                    .chunks
                    .first()
                    .map_or(open.head.bytes, |chunk| chunk.data.start);
                let end = match open.transfer {
                    Transfer::Chunked(_) => {
                        open.chunks.first().map_or(start, |chunk| chunk.data.end)
                    }
                    _ => Span::new(0, raw.len()).end,
                };
                Body::Raw(Span { start, end })
            }
            Cow::Owned(bytes) => Body::Own(bytes),
        };
        let bytes = match &sent {
            Body::Raw(span) => span.of(raw),
            Body::Own(bytes) => bytes,
        };
        if open.encodings.is_identity() || bytes.is_empty() {
            return (sent, true);
        }
        let decoded = decode(
            bytes,
            open.encodings,
            &self.limits,
            self.limits.message_bytes_max,
        );
        for (kind, at) in decoded.anomalies {
            open.anomalies
                .add(kind, (open.head.bytes as usize).saturating_add(at));
        }
        if decoded.limited {
            open.cut.get_or_insert(Cut::Limit(LimitKind::InflateRatio));
        }
        (decoded.bytes.map_or(sent, Body::Own), decoded.whole)
    }

    /// The body kept so far, without framing.
    pub(super) fn body_kept(&self) -> Cow<'_, [u8]> {
        kept(&self.raw, &self.open)
    }
}

impl Open {
    fn framing(&self) -> Framing {
        match self.transfer {
            Transfer::None | Transfer::Counted(_) => {
                self.length.map_or(Framing::None, Framing::ContentLength)
            }
            Transfer::UntilClose => Framing::UntilClose,
            Transfer::Chunked(chunked) => Framing::Chunked {
                chunks: chunked.chunks,
                trailers: chunked.trailers,
            },
        }
    }
}

/// The body within `raw`, without framing.
fn kept<'a>(raw: &'a [u8], open: &Open) -> Cow<'a, [u8]> {
    let chunked = matches!(open.transfer, Transfer::Chunked(_));
    match open.chunks.as_slice() {
        [] if chunked => Cow::Borrowed(&[]),
        [] => Cow::Borrowed(raw.get(open.head.bytes as usize..).unwrap_or_default()),
        [only] => Cow::Borrowed(only.data.of(raw)),
        [.., last] => {
            let all = last
                .before
                .saturating_add(last.data.end.saturating_sub(last.data.start));
            let mut bytes = Vec::with_capacity(all as usize);
            open.chunks
                .iter()
                .for_each(|chunk| bytes.extend_from_slice(chunk.data.of(raw)));
            Cow::Owned(bytes)
        }
    }
}

/// RFC 9110 sections 9.3.6 and 15.2.2.
fn opens_tunnel(message: &Message, method: RequestMethod) -> bool {
    let status = message.status();
    let granted = method == RequestMethod::Connect && (200..300).contains(&status);
    message.kind == Kind::Response && (status == 101 || granted)
}
