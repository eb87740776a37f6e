//! A Content-Length that counts characters where it has to count bytes.

use cwmp::AnomalyKind;
use http1::Framing;

use crate::conformance::rule::BOTH;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&IN_CHARACTERS];

const IN_CHARACTERS: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: BOTH,
    demands: "Content-Length counts the bytes of the body, not its characters.",
    why: "The length of a string was sent, and a value holds an umlaut or another character of two or more bytes. The receiver \
          stops as many bytes too early as there are such bytes, finds XML without its end and answers 400 or drops the session; \
          with plain ASCII values everything works.",
    mend_cpe: "Encode the body first and send the length of the bytes.",
    mend_acs: "Encode the body first and send the length of the bytes (`Buffer.byteLength`, `getBytes(UTF_8).length`).",
    bad: "Content-Length: 36\n\n<Value>K\u{fc}che</Value></soap:Envelope",
    good: "Content-Length: 37\n\n<Value>K\u{fc}che</Value></soap:Envelope>",
    related: &["HTTP-013"],
    wireshark: "http.content_length && xml",
    ..Rule::heuristic("FIELD-019", "content-length-in-characters", Scope::Message)
};

/// Looks at a body whose end is missing although all of its length is there.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(document) = seen.document().filter(|_| seen.is_whole()) else {
        return;
    };
    let Framing::ContentLength(length) = seen.message.http.framing else {
        return;
    };
    let open = document.anomalies().iter().any(|anomaly| {
        matches!(
            anomaly.kind,
            AnomalyKind::UnclosedRoot | AnomalyKind::UnterminatedMarkup
        )
    });
    if !open || document.is_converted() {
        return;
    }
    let text = document.text();
    let further = text
        .iter()
        .filter(|byte| (0x80..0xc0).contains(*byte))
        .count();
    if further == 0 || missing(text).is_none_or(|missing| missing > further) {
        return;
    }
    let draft = seen.breaks(&IN_CHARACTERS).header("Content-Length");
    findings.add(draft.because(format!(
        "Content-Length is {length}, the XML ends too early, and {further} bytes of it belong to characters of several bytes"
    )));
}

/// At least so many bytes are missing at the end of an envelope that breaks off in the end tag of its root; `None` where it
/// breaks off elsewhere, for another reason then.
fn missing(text: &[u8]) -> Option<usize> {
    let root = text.get(
        memchr::memchr_iter(b'<', text).find(|at| {
            text.get(at + 1)
                .is_some_and(|next| !matches!(next, b'?' | b'!'))
        })? + 1..,
    )?;
    let name: Vec<u8> = root
        .iter()
        .copied()
        .take_while(|byte| !matches!(byte, b' ' | b'>' | b'/' | b'\t' | b'\r' | b'\n'))
        .collect();
    let end_tag = [b"</".as_slice(), &name, b">"].concat();
    let tail = &text[text.len().saturating_sub(end_tag.len())..];
    (0..end_tag.len())
        .rev()
        .find(|have| tail.ends_with(end_tag.get(..*have).unwrap_or_default()))
        .map(|have| end_tag.len() - have)
}
