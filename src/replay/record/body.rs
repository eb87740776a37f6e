//! A recorded body as a template: its bytes, and what stands in the place of some of them.

use std::borrow::Cow;
use std::ops::Range;

use http1::{BodyFields, Fields};

use super::notes::NotPlayable;
use super::order::Turn;
use crate::replay::template;
use crate::session::{MASKED, Masking};

/// What takes the place of a part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// Of the text of the document.
    pub range: Range<usize>,
    pub with: With,
}

/// What stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum With {
    /// A placeholder, by name.
    Placeholder(String),
    /// A word that gives nothing away.
    Masked,
}

/// The bytes of a body, and how places in its text are places in them.
#[derive(Debug)]
pub(super) struct Body<'a> {
    bytes: Cow<'a, [u8]>,
    /// The text, where that is a conversion of the bytes: each of its characters is one of them.
    converted: Option<&'a str>,
}

impl<'a> Body<'a> {
    /// Of a message that has one.
    pub fn of(turn: &Turn<'a>) -> Result<Self, NotPlayable> {
        let http = &turn.message.http;
        let Some(soap) = &turn.message.soap else {
            return Ok(Self {
                bytes: Cow::Borrowed(http.body()),
                converted: None,
            });
        };
        let odd = soap.anomalies().iter().map(|anomaly| anomaly.kind);
        let cut = [
            cwmp::AnomalyKind::BodyTooLong,
            cwmp::AnomalyKind::TooManyElements,
        ];
        if odd.into_iter().any(|kind| cut.contains(&kind)) {
            return Err(turn.unreadable("its body is too long to be read as a whole"));
        }
        if !soap.is_converted() {
            return Ok(Self {
                bytes: Cow::Borrowed(soap.text()),
                converted: None,
            });
        }
        let why = "its body is in a charset of which a character takes several bytes";
        let text = std::str::from_utf8(soap.text()).map_err(|_| turn.unreadable(why))?;
        let bytes = framed(http).ok_or_else(|| {
            turn.unreadable("its body is compressed, and in another charset than UTF-8")
        })?;
        if text.chars().count() != bytes.len() {
            return Err(turn.unreadable(why));
        }
        Ok(Self {
            bytes,
            converted: Some(text),
        })
    }

    /// As recorded.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The template with these in their places; of two that overlap, the first holds.
    pub fn template(&self, edits: &[Edit]) -> Vec<u8> {
        self.edited(
            edits,
            |text, out| out.extend_from_slice(&template::escape(text)),
            |with, out| match with {
                With::Placeholder(name) => {
                    out.extend_from_slice(b"{{");
                    out.extend_from_slice(name.as_bytes());
                    out.extend_from_slice(b"}}");
                }
                With::Masked => out.extend_from_slice(HIDDEN),
            },
        )
    }

    /// Secrets are left where these have taken their places.
    pub fn gives_away(&self, edits: &[Edit]) -> bool {
        let left = self.edited(edits, |text, out| out.extend_from_slice(text), |_, _| {});
        let masked = Masking::default().body(&left);
        // What was masked before it came here gives nothing away.
        masked.as_ref() != left.as_slice()
            && memchr::memmem::find(&left, MASKED.as_bytes()).is_none()
    }

    fn edited(
        &self,
        edits: &[Edit],
        keep: impl Fn(&[u8], &mut Vec<u8>),
        put: impl Fn(&With, &mut Vec<u8>),
    ) -> Vec<u8> {
        let mut sorted: Vec<&Edit> = edits.iter().collect();
        sorted.sort_by_key(|edit| edit.range.start);
        let mut places = Places {
            converted: self.converted,
            text: 0,
            bytes: 0,
        };
        let mut out = Vec::with_capacity(self.bytes.len().saturating_add(256));
        let mut done = 0;
        for edit in sorted {
            if edit.range.start < places.text {
                continue;
            }
            let start = places.at(edit.range.start);
            keep(self.bytes.get(done..start).unwrap_or_default(), &mut out);
            put(&edit.with, &mut out);
            done = places.at(edit.range.end);
        }
        keep(self.bytes.get(done..).unwrap_or_default(), &mut out);
        out
    }
}

/// A way through a text and its bytes, forwards.
struct Places<'t> {
    converted: Option<&'t str>,
    text: usize,
    bytes: usize,
}

impl Places<'_> {
    /// Where in the bytes a place of the text is.
    fn at(&mut self, text: usize) -> usize {
        let Some(converted) = self.converted else {
            self.text = text;
            return text;
        };
        let passed = converted.get(self.text..text).unwrap_or_default();
        self.bytes = self.bytes.saturating_add(passed.chars().count());
        self.text = text;
        self.bytes
    }
}

/// The body as it came, without the framing of chunks; nothing where it is compressed.
fn framed(http: &http1::Message) -> Option<Cow<'_, [u8]>> {
    if http.is_coded() {
        return None;
    }
    match Fields::from(http).body {
        BodyFields::None => Some(Cow::Borrowed(&[])),
        BodyFields::Plain(bytes) => Some(Cow::Owned(bytes)),
        BodyFields::Chunked { chunks, .. } => {
            let data: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.data.as_slice()).collect();
            Some(Cow::Owned(data.concat()))
        }
    }
}

/// What stands in a file in the place of a secret that the other side said.
const HIDDEN: &[u8] = b"masked";
