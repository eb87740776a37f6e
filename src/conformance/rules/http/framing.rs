//! How the length of a body is told (RFC 2616 sections 3.6.1 and 4.4, which TR-069 3.4 rests on).

use http1::{AnomalyKind, Cut, End, Framing};

use crate::conformance::rule::{BOTH, CPE, a3, cite};
use crate::conformance::{Closed, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Blame, Evidence, Role, Severity, Side};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&LENGTH, &CHUNKS, &CHUNKED_REQUEST];

/// Content-Length is the length.
const LENGTH: Rule = Rule {
    blame: BOTH,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 2616", "4.4"), a3("3.4")],
    demands: "Content-Length is the number of bytes of the body, and does not stand beside a Transfer-Encoding.",
    why: "A length that is too small cuts the XML: the reader sees an envelope without its end, and what is left over in front of \
          the next message. It comes from counting characters where the text has umlauts, or from counting before escaping.",
    mend_cpe: "Count the bytes of the body as it is sent, after encoding and escaping.",
    mend_acs: "Count the bytes of the body as it is sent, after encoding and escaping.",
    bad: "Content-Length: 1200\n\n... 1206 bytes of XML ...",
    good: "Content-Length: 1206\n\n... 1206 bytes of XML ...",
    wireshark: "http.content_length && http.transfer_encoding",
    ..Rule::heuristic("HTTP-013", "content-length-is-true", Scope::Message)
};

/// Chunks end in a chunk of length zero.
const CHUNKS: Rule = Rule {
    blame: BOTH,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 2616", "3.6.1"), a3("3.4")],
    demands: "A chunked body keeps the form of chunks, and ends with a chunk of length zero.",
    why: "The reader waits for the last chunk: without it the message never ends, and after its time-out, often 30 seconds, the \
          session is given up although all of the XML had arrived.",
    mend_cpe: "End every chunked body with `0` and two line ends.",
    mend_acs: "End every chunked body with `0` and two line ends; look for a handler that writes a length in decimal digits.",
    bad: "Transfer-Encoding: chunked\n\n1f\n...31 bytes...\n(closed)",
    good: "Transfer-Encoding: chunked\n\n1f\n...31 bytes...\n0\n",
    wireshark: "http.transfer_encoding contains \"chunked\"",
    ..Rule::heuristic("HTTP-014", "chunks-are-well-formed", Scope::Message)
};

/// A request in chunks.
const CHUNKED_REQUEST: Rule = Rule {
    blame: CPE,
    cites: &[cite("RFC 7230", "4.1")],
    demands: "Requests of the device are better sent with a Content-Length than in chunks.",
    why: "Chunks are legal in HTTP/1.1, but several servers in front of an ACS do not take them in requests: they answer 411 or \
          501, or hand an empty body on, and the ACS sees an empty request where an Inform was sent.",
    mend_cpe: "Build the envelope first and send it with its Content-Length.",
    bad: "POST /acs HTTP/1.1\nTransfer-Encoding: chunked",
    good: "POST /acs HTTP/1.1\nContent-Length: 1206",
    wireshark: "http.request && http.transfer_encoding contains \"chunked\"",
    ..Rule::heuristic("HTTP-015", "chunked-request", Scope::Message)
};

/// Looks at the framing of a message.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let http = &seen.message.http;
    if seen.message.role == Role::Other || seen.from() == Side::Other {
        return;
    }
    let chunked = matches!(http.framing, Framing::Chunked { .. });
    if chunked && seen.is_request() && seen.is_cwmp() {
        let draft = seen.breaks(&CHUNKED_REQUEST).header("Transfer-Encoding");
        findings.add(draft.because("the request is sent in chunks"));
    }
    // What the sender broke off with RST may have been going on.
    let broken_off = matches!(
        http.cut,
        Some(Cut::Gap { .. } | Cut::Limit(_) | Cut::End(End::Reset | End::Capture))
    );
    if broken_off || seen.message.provenance.evidence != Evidence::Complete {
        return;
    }
    if chunked && http.cut == Some(Cut::End(End::Fin)) {
        let draft = seen.breaks(&CHUNKS).header("Transfer-Encoding");
        findings.add(draft.because("the sender closed the connection before the last chunk"));
        return;
    }
    let odd = http
        .anomalies
        .iter()
        .find_map(|anomaly| meaning(anomaly.kind));
    if let Some((rule, said)) = odd {
        let draft = seen.breaks(rule).header(field(rule));
        findings.add(draft.because(said));
    }
}

fn field(rule: &Rule) -> &'static str {
    if rule.code == LENGTH.code {
        "Content-Length"
    } else {
        "Transfer-Encoding"
    }
}

fn meaning(kind: AnomalyKind) -> Option<(&'static Rule, &'static str)> {
    Some(match kind {
        AnomalyKind::ContentLengthWithTransferEncoding => (
            &LENGTH,
            "the message has both a Content-Length and a Transfer-Encoding",
        ),
        AnomalyKind::ContentLengthDiffers => (&LENGTH, "the message has two different lengths"),
        AnomalyKind::ContentLengthNegative
        | AnomalyKind::ContentLengthOdd
        | AnomalyKind::ContentLengthHuge => (&LENGTH, "the Content-Length is no number of bytes"),
        AnomalyKind::ChunkSizeOdd | AnomalyKind::ChunkSizeHuge => {
            (&CHUNKS, "the size of a chunk cannot be read")
        }
        AnomalyKind::ChunkEndMissing => (&CHUNKS, "a chunk is not as long as its size says"),
        AnomalyKind::ChunkedEndMissing => (&CHUNKS, "no empty line follows the last chunk"),
        AnomalyKind::ChunkedNotApplied => (
            &CHUNKS,
            "chunks are announced, and the body is not in chunks",
        ),
        _ => return None,
    })
}

/// Bytes between two messages that belong to neither.
#[derive(Debug, Default)]
pub(super) struct Stray {
    /// Of each direction, its last message.
    last: [Option<Last>; 2],
    found: Option<(Last, u64, Side)>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    connection: u64,
    exchange: Option<u64>,
    frame: FrameId,
    /// Where it ended in its stream.
    end: u64,
    /// It had a body with a Content-Length.
    counted: bool,
}

impl Topic for Stray {
    fn message(&mut self, seen: &Seen<'_>, _: &mut Findings) {
        if !seen.is_cwmp() || self.found.is_some() {
            return;
        }
        let (http, provenance) = (&seen.message.http, &seen.message.provenance);
        let Some(place) = self.last.get_mut(usize::from(seen.is_request())) else {
            return;
        };
        let whole = seen.is_whole();
        let exchange = seen.message.exchange;
        if let Some(last) = place.take()
            && whole
            && last.connection == provenance.connection
            && last.counted
            && !others_between(last.exchange, exchange)
        {
            let stray = http.stream_offset.saturating_sub(last.end);
            // Old clients send a line end behind a body (RFC 2616 section 4.1).
            if stray > LINE_END_BYTES {
                self.found = Some((last, stray, seen.from()));
            }
        }
        *place = provenance
            .carried
            .last()
            .filter(|_| whole)
            .map(|carried| Last {
                connection: provenance.connection,
                exchange,
                frame: carried.frame,
                end: http.stream_end,
                counted: matches!(http.framing, Framing::ContentLength(length) if length > 0),
            });
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        if let Some((last, stray, side)) = self.found.take()
            && closed.session.gaps == 0
            && !closed.facts.damaged
        {
            let blame = if side == Side::Cpe {
                Blame::Cpe
            } else {
                Blame::Acs
            };
            let said = format!("{stray} bytes follow the body that Content-Length tells of");
            let draft = closed.breaks(&LENGTH).only_in(&[last.frame]);
            findings.add(draft.blame(blame).because(said));
        }
    }
}

/// Something else was asked on the connection meanwhile: a file, which is no message of the session.
fn others_between(last: Option<u64>, now: Option<u64>) -> bool {
    let apart = now.zip(last).map(|(now, last)| now.saturating_sub(last));
    apart.is_some_and(|apart| apart > 1)
}

const LINE_END_BYTES: u64 = 2;
